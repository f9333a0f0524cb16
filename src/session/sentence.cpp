// One plain sentence for one step: which unit moved most, which term pushed it that way and how much of the
// push it was, and what the gates kept. Every number in it is read off the trace and the terms of this step.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>

#include "session/state.h"
#include "session/step_words.h"

namespace ribostep::session {
namespace {

std::string fixed2(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", value);
  return text;
}
std::string percent(double share) {
  char text[32];
  std::snprintf(text, sizeof text, "%.0f %%", 100 * share);
  return text;
}

struct Push {
  std::string name;
  double value;
  int unit = -1;  // of the state before
};

// What a person calls a unit, behind its number.
std::string called(const std::map<int, std::string>& names, int unit) {
  const auto name = names.find(unit);
  return name == names.end() ? std::string() : " \"" + name->second + "\"";
}

// The terms of one pre-activation: the input, the bias, and each unit of the previous state by itself. Under
// layer normalisation each as it is left after the division, and the shift by the mean beside them.
std::vector<Push> pushes(const rnn::Network& net, const rnn::StepTerms& terms, std::span<const float> w_h,
                         const rnn::LayerTrace& trace, int gate, int unit) {
  const rnn::Layer& layer = net.layers[static_cast<std::size_t>(terms.layer)];
  const auto hidden = static_cast<std::size_t>(layer.hidden);
  const std::size_t r = static_cast<std::size_t>(gate) * hidden + static_cast<std::size_t>(unit);
  const bool apart = layer.cell == rnn::CellKind::Gru && gate == 2, normalised = !terms.normalised.empty();
  // The share of the recurrent terms that the reset gate of a GRU lets through to its candidate.
  const double kept = apart ? static_cast<double>(trace.gate(terms.t, 0, unit)) : 1;
  const std::size_t second =
      static_cast<std::size_t>(trace.gate_count) * hidden + static_cast<std::size_t>(unit);
  const double scale = normalised ? static_cast<double>(terms.norm_scale[r]) : 1,
               recurrent_scale =
                   kept * (apart && normalised ? static_cast<double>(terms.norm_scale[second]) : scale);
  const double bias = scale * static_cast<double>(terms.bias_input[r]) +
                      recurrent_scale * static_cast<double>(terms.bias_recurrent[r]);
  std::vector<Push> list = {{std::string("W_x x (") + input_words(net, layer.level) + ")",
                             scale * static_cast<double>(terms.input_term[r])},
                            {"b", bias}};
  double all = list[0].value + bias;
  for (std::size_t j = 0; j < hidden; ++j) {
    list.push_back({"W_h h_" + std::to_string(j),
                    recurrent_scale * static_cast<double>(w_h[r * hidden + j]) *
                        static_cast<double>(terms.h_previous[j]),
                    static_cast<int>(j)});
    all += list.back().value;
  }
  if (normalised) list.push_back({"the normalisation", static_cast<double>(terms.activated[r]) - all});
  return list;
}

// "mostly W_h h_1 (72 %)": the largest of the terms that push the way the unit went, with its share of their
// sum.
std::string main_push(const std::vector<Push>& list, bool up, const std::map<int, std::string>& names) {
  double sum = 0;
  const Push* largest = nullptr;
  for (const Push& p : list) {
    const double towards = up ? p.value : -p.value;
    if (towards <= 0) continue;
    sum += towards;
    if (!largest || towards > std::abs(largest->value)) largest = &p;
  }
  if (!largest) return "against all its terms";
  const double share = std::abs(largest->value) / sum;
  return share < 0.5 ? "by several terms"
                     : "mostly " + largest->name + called(names, largest->unit) + " (" + percent(share) + ")";
}

}  // namespace

std::string describe_step(const rnn::Network& net, const rnn::StepTerms& terms,
                          std::span<const float> parameters, const rnn::Trace& trace, const std::string& read,
                          const std::map<int, std::string>& names) {
  const rnn::LayerTrace& states = trace.layers[static_cast<std::size_t>(terms.layer)];
  const rnn::Layer& layer = net.layers[static_cast<std::size_t>(terms.layer)];
  int unit = 0;
  double change = 0;
  for (int j = 0; j < layer.hidden; ++j) {
    const double d = static_cast<double>(states.h(terms.t, j)) -
                     static_cast<double>(terms.h_previous[static_cast<std::size_t>(j)]);
    if (std::abs(d) > std::abs(change)) {
      change = d;
      unit = j;
    }
  }
  std::string text = "read " + read + ": ";
  if (change == 0) return text + "no unit moved";
  const bool up = change > 0;
  text += "unit " + std::to_string(unit) + called(names, unit) + (up ? " rose " : " fell ") +
          fixed2(std::abs(change)) + ", ";

  const rnn::Tensor& w_h = net.tensors[static_cast<std::size_t>(layer.w_h)];
  const std::span<const float> matrix = parameters.subspan(w_h.offset, w_h.size());
  const auto index = [&](char symbol) { return rnn::gate_index(layer.cell, symbol); };
  const auto gate = [&](char symbol) {
    return static_cast<double>(states.gate(terms.t, index(symbol), unit));
  };
  const auto came = [&](char symbol, bool upwards) {
    return main_push(pushes(net, terms, matrix, states, index(symbol), unit), upwards, names);
  };
  if (!rnn::is_lstm(layer.cell) && layer.cell != rnn::CellKind::Gru) return text + came('h', up);
  if (layer.cell == rnn::CellKind::Gru)
    return text + "the candidate n came " + came('n', gate('n') > 0) + "; the update gate kept " +
           percent(gate('z')) + " of the old state";
  // h = o tanh(c): say whether the memory or its opening moved it.
  const double before = static_cast<double>(terms.c_previous[static_cast<std::size_t>(unit)]),
               after = static_cast<double>(states.c(terms.t, unit));
  text += (after > before ? "its memory c rose " : "its memory c fell ") + fixed2(std::abs(after - before));
  const double middle = rnn::sigmoid_candidate(layer.cell) ? 0.5 : 0;
  text += "; the candidate g came " + came('g', gate('g') > middle) + "; the forget gate kept " +
          percent(gate('f'));
  if (rnn::coupled(layer.cell)) return text + ", the other " + percent(1 - gate('f')) + " let g in";
  return text + ", the input gate let in " + percent(gate('i'));
}

rnn::Example Session::example() const { return state_->example_now(); }

std::string Session::initial_state() const {
  const State& s = *state_;
  const rnn::ModelSpec& spec = s.network.spec;
  const std::string_view covariate =
      spec.initial == rnn::InitialState::ByClass
          ? bio::covariate_text(data(), s.project.cursor.sequence, spec.covariates[0])
          : std::string_view();
  return initial_words(spec, example(), covariate);
}

std::string Session::step_sentence() const {
  const State& s = *state_;
  const bool series = s.network.spec.input == rnn::Input::Values;
  if (!has_data()) return "no sequence yet: paste one, open a file or choose an example";
  if (length() == 0) return series ? "this series has no positions" : "this sequence has no letters";
  if (position() == 0)
    return std::string("before the first ") + (series ? "position" : "letter") + ": the state is h_0, " +
           initial_state();
  if (trace_too_large())
    return "this sequence is too long for " + std::to_string(s.project.model.hidden) +
           " units to be kept step by step: choose fewer units, or paste a part of it";
  if (!s.trace) return "computing the trace";
  const int layer = s.network.level_begin(s.project.model.layers - 1);
  if (s.trace->layers[static_cast<std::size_t>(layer)].steps == 0)
    return "this sequence is shorter than one codon: nothing is read";
  const rnn::StepTerms step = terms(layer);
  const bio::Alphabet& alphabet = data().alphabet();
  std::map<int, std::string> names;
  for (const io::UnitName& name : s.project.debugging.unit_names)
    if (name.layer == layer) names[name.unit] = name.name;
  std::string text =
      describe_step(s.network, step, *s.trace_weights, *s.trace,
                    read_words(s.network, layer, example(), s.letters, &alphabet, length(), step.t), names);
  const std::string fed = fed_words(s.network, *s.trace, step, initial_state());
  if (step.wraps || (!fed.empty() && s.network.spec.initial != rnn::InitialState::Zero)) text += "; " + fed;
  return text;
}

}  // namespace ribostep::session
