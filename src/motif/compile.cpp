// Codes of states in +-1 units, and their weights. Which sets of steps a unit can do is separability.cpp's.
#include "motif/compile.h"

#include <algorithm>

#include "motif/separability.h"
#include "rnn/math.h"

namespace ribostep::motif {
namespace {

template <class V>
auto& at(V& values, int i) {
  return values[static_cast<std::size_t>(i)];
}

struct Words {
  const char *name, *label;
};
constexpr Words kWords[kConstructions] = {{"textbook", "one tanh unit per state"},
                                          {"exact", "tanh units, exact"},
                                          {"lstm", "LSTM, gates saturated"}};

std::vector<Step> wrong_steps(const Dfa& dfa, const CodeUnit& unit) {
  std::vector<Step> wrong;
  for (int s = 0; s < dfa.states(); ++s)
    for (int a = 0; a < dfa.letters(); ++a)
      if ((at(unit.found.f, s) + at(unit.found.g, a) > 0) != (at(unit.on, s * dfa.letters() + a) != 0))
        wrong.emplace_back(s, a);
  return wrong;
}

void textbook_units(const Dfa& dfa, Code& code, const std::vector<std::vector<Step>>& into) {
  int most = 0;
  for (int s = 0; s < dfa.states(); ++s) {
    const LetterSets rows = letter_sets(dfa, at(into, s));
    CodeUnit unit{s, steps_of(rows, dfa.letters()), at(code.states, s), {}};
    if (!unit.found.possible) {
      const std::vector<Demand> demands = unit.found.demands;
      unit.found = nearest(rows, dfa.letters());
      unit.found.demands = demands;
      unit.wrong = wrong_steps(dfa, unit);
    }
    // What one layer cannot do nobody may read; of several, the worst.
    if (static_cast<int>(unit.wrong.size()) > most) {
      most = static_cast<int>(unit.wrong.size());
      code.default_state = s;
    }
    code.units.push_back(std::move(unit));
  }
}

}  // namespace

const char* name(Construction c) { return kWords[static_cast<int>(c)].name; }
const char* label(Construction c) { return kWords[static_cast<int>(c)].label; }
std::optional<Construction> construction(std::string_view name) {
  for (int i = 0; i < kConstructions; ++i)
    if (name == kWords[i].name) return static_cast<Construction>(i);
  return std::nullopt;
}

int Code::state_of(std::span<const float> h) const {
  int state = default_state;
  float highest = 0;
  for (std::size_t u = 0; u < units.size() && u < h.size(); ++u)
    if (units[u].state != default_state && h[u] > highest) highest = h[u], state = units[u].state;
  return state;
}

Code encode(const Dfa& dfa, Construction construction) {
  Code code;
  code.construction = construction;
  const bool textbook = construction == Construction::Textbook, fits = dfa.states() <= kMaxCompiledUnits + 1;
  const std::vector<std::vector<Step>> into = steps_into(dfa);
  const int letters = dfa.letters();
  std::vector<int> wanted;  // units per state
  for (int s = 0; s < dfa.states(); ++s) {
    const LetterSets rows = letter_sets(dfa, at(into, s));
    code.states.push_back(separable(rows, letters, fits));  // else states x states numbers for nobody
    wanted.push_back(textbook || code.states.back().possible
                         ? 1
                         : static_cast<int>(separable_groups(rows, letters).size()));
    code.needed += wanted.back();
  }
  const auto most = std::max_element(wanted.begin(), wanted.end());
  // Of equals the start state, then the first.
  const int left_out = at(wanted, dfa.start) == *most ? dfa.start : static_cast<int>(most - wanted.begin());
  if (!textbook && dfa.states() > 1) {
    code.needed -= *most;
    code.default_state = left_out;
  }
  if (code.needed > kMaxCompiledUnits || !fits) return code;
  if (textbook) {
    textbook_units(dfa, code, into);
    return code;
  }
  for (int s = 0; s < dfa.states(); ++s) {
    if (s == code.default_state) continue;
    const LetterSets rows = letter_sets(dfa, at(into, s));
    if (at(wanted, s) == 1) {
      code.units.push_back({s, steps_of(rows, letters), at(code.states, s), {}});
      continue;
    }
    for (const LetterSets& group : separable_groups(rows, letters))
      code.units.push_back({s, steps_of(group, letters), separable(group, letters, true), {}});
  }
  return code;
}

// With x(d) of the default state (without one: exactly one unit is on, and any reference will do; the median
// makes the smallest weights): w_u = (x(s_u) - x(d)) / 2 for every unit of state s, b = x(d) + sum of w, as
// the one unit that is on adds 2 w to what they are all off.
Affine affine(const Code& code, std::span<const double> of_state) {
  Affine out;
  if (code.default_state >= 0) {
    out.b = at(of_state, code.default_state);
  } else {
    std::vector<double> sorted(of_state.begin(), of_state.end());
    std::sort(sorted.begin(), sorted.end());
    out.b = sorted[sorted.size() / 2];
  }
  const double reference = out.b;
  for (const CodeUnit& unit : code.units) {
    out.w.push_back((at(of_state, unit.state) - reference) / 2);
    out.b += out.w.back();
  }
  return out;
}

Compiled compile(const Dfa& dfa, const Code& code, double gain) {
  Compiled out;
  const int units = static_cast<int>(code.units.size());
  if (units == 0) {
    out.problem = "this machine needs " + std::to_string(code.needed) + " units, at most " +
                  std::to_string(kMaxCompiledUnits) +
                  " fit: make the pattern shorter, or allow fewer mismatches";
    return out;
  }
  const bool lstm = code.construction == Construction::Lstm;
  rnn::ModelSpec& spec = out.spec;
  spec.cell = lstm ? rnn::CellKind::Lstm : rnn::CellKind::ElmanTanh;
  spec.hidden = units;
  spec.task = rnn::Task::PositionLabel;
  spec.symbols = dfa.letters();
  spec.initial = rnn::InitialState::Learned;
  out.problem = rnn::problem(spec);
  if (!out.problem.empty()) return out;
  const rnn::Network net = rnn::make_network(spec);
  const rnn::Layer& layer = net.layers.front();
  out.parameters.assign(net.parameter_count, 0.0f);
  const std::span<float> p(out.parameters);
  const auto w_x = rnn::view(net, p, layer.w_x), w_h = rnn::view(net, p, layer.w_h),
             b_x = rnn::view(net, p, layer.b_x), h_0 = rnn::view(net, p, layer.h_0),
             readout = rnn::view(net, p, net.readout_weight), readout_b = rnn::view(net, p, net.readout_bias);
  const double on = lstm ? rnn::tanh_of(1.0) : 1.0;  // h of a unit that is on
  const int first = lstm ? rnn::gate_index(spec.cell, 'g') * units : 0;
  for (int u = 0; u < units; ++u) {
    const Separability& found = at(code.units, u).found;
    const Affine f = affine(code, found.f);
    for (int v = 0; v < units; ++v) w_h(first + u, v) = static_cast<float>(gain * at(f.w, v) / on);
    for (int a = 0; a < dfa.letters(); ++a) w_x(first + u, a) = static_cast<float>(gain * at(found.g, a));
    b_x(first + u) = static_cast<float>(gain * f.b);
  }
  if (lstm)
    for (const char gate : {'i', 'f', 'o'})
      for (int u = 0; u < units; ++u)
        b_x(rnn::gate_index(spec.cell, gate) * units + u) =
            static_cast<float>(gate == 'f' ? -3 * gain : 3 * gain);
  // One unit of the start state is on.
  bool lit = dfa.start == code.default_state && code.construction != Construction::Textbook;
  for (int u = 0; u < units; ++u) {
    const bool here = !lit && at(code.units, u).state == dfa.start;
    lit = lit || here;
    h_0(0, u) = static_cast<float>(here ? on : -on);
    if (lstm) rnn::view(net, p, layer.c_0)(0, u) = here ? 1.0f : -1.0f;
  }
  std::vector<double> accepts;
  for (const std::uint8_t yes : dfa.accepting) accepts.push_back(yes ? 1 : -1);
  const Affine alpha = affine(code, accepts);
  for (int k = 0; k < 2; ++k) {
    const double sign = k == 1 ? gain : -gain;
    for (int u = 0; u < units; ++u) readout(k, u) = static_cast<float>(sign * at(alpha.w, u) / on);
    readout_b(k) = static_cast<float>(sign * alpha.b);
  }
  return out;
}

}  // namespace ribostep::motif
