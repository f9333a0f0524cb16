// A code for reading: names of units, contradictions in words, a line of equation per unit.
#include <algorithm>
#include <bit>
#include <cstdio>

#include "motif/compile.h"
#include "motif/separability.h"

namespace ribostep::motif {
namespace {

template <class V>
auto& at(V& values, int i) {
  return values[static_cast<std::size_t>(i)];
}

std::string letters_of(const Dfa& dfa, std::uint32_t set) {
  std::string text;
  for (int a = 0; a < dfa.letters(); ++a)
    if (set >> a & 1u) text += at(dfa.symbols, a);
  return text;
}

// " + 2 x", " - x", nothing where the factor is 0; a bare number without a name.
void add_term(std::string& text, double factor, const std::string& name) {
  if (factor == 0) return;
  const double size = factor < 0 ? -factor : factor;
  char number[32] = "";
  if (size != 1 || name.empty()) std::snprintf(number, sizeof number, "%g", size);
  text += factor < 0 ? (text.empty() ? "-" : " - ") : (text.empty() ? "" : " + ");
  text += number + std::string(*number && !name.empty() ? " " : "") + name;
}

std::string equation(const Dfa& dfa, const std::vector<std::string>& units, const Affine& f,
                     const std::vector<double>& g) {
  std::string text;
  for (std::size_t v = 0; v < units.size(); ++v) add_term(text, f.w[v], units[v]);
  // Letters with the same weight are put together.
  std::vector<double> values = g;
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  for (; !values.empty(); values.pop_back()) {
    const double value = values.back();
    std::uint32_t set = 0;
    for (int a = 0; a < dfa.letters(); ++a)
      if (at(g, a) == value) set |= 1u << a;
    add_term(text, value, "x[" + letters_of(dfa, set) + "]");
  }
  add_term(text, f.b, "");
  return text.empty() ? "0" : text;
}

}  // namespace

std::string unit_name(const Dfa& dfa, const Code& code, int unit) {
  const CodeUnit& of = at(code.units, unit);
  const auto letters = [](const Dfa& machine, const CodeUnit& one) {
    std::uint32_t set = 0;
    for (const std::uint32_t row : letter_sets(machine, one.on)) set |= row;
    return set;
  };
  const std::uint32_t own = letters(dfa, of);
  int same_state = 0, same_letters = 0, before = 0;
  for (int u = 0; u < static_cast<int>(code.units.size()); ++u) {
    if (at(code.units, u).state != of.state) continue;
    ++same_state;
    if (u == unit) before = same_letters;
    same_letters += letters(dfa, at(code.units, u)) == own;
  }
  std::string text = state_name(of.state);
  if (same_state > 1) text += " (" + letters_of(dfa, own) + ")";
  if (same_letters > 1) text += "/" + std::to_string(before + 1);
  return text;
}

std::string demand_words(const Separability& found, const Dfa& dfa) {
  std::string text;
  for (const Demand& d : found.demands) {
    const char high = at(dfa.symbols, d.higher), low = at(dfa.symbols, d.lower);
    text += (text.empty() ? "" : " and ") + std::string("b_") + high + " > b_" + low + " (from " +
            state_name(d.state) + ", " + high + " leads here and " + low + " does not)";
  }
  return text;
}

std::string to_text(const Dfa& dfa, const Code& code) {
  const std::vector<Word> access = access_words(dfa);
  std::string text;
  if (code.units.empty()) return std::to_string(code.needed) + " units would be needed\n";
  if (code.construction == Construction::Lstm)
    text +=
        "i = o = sigmoid(3 k), f = sigmoid(-3 k), h = o tanh(i g); below h stands for h / tanh(1), h for g\n";
  if (code.default_state >= 0)
    text += state_label(dfa, access, code.default_state) + ": when no unit that is read is on\n";
  std::vector<std::string> names;
  for (int u = 0; u < static_cast<int>(code.units.size()); ++u)
    names.push_back("h[" + unit_name(dfa, code, u) + "]");
  for (int u = 0; u < static_cast<int>(code.units.size()); ++u) {
    const CodeUnit& unit = at(code.units, u);
    text +=
        at(names, u) + " = tanh(k (" + equation(dfa, names, affine(code, unit.found.f), unit.found.g) + "))";
    if (!unit.wrong.empty()) {
      text += "   wrong after";
      for (std::size_t i = 0; i < unit.wrong.size() && i < 6; ++i)
        text +=
            (i ? ", " : " ") + state_name(unit.wrong[i].first) + " " + at(dfa.symbols, unit.wrong[i].second);
      if (unit.wrong.size() > 6) text += ", ...";
      text += ": " + demand_words(unit.found, dfa);
    }
    text += "\n";
  }
  std::vector<double> accepts;
  for (const std::uint8_t yes : dfa.accepting) accepts.push_back(yes ? 1 : -1);
  return text + "match = " + equation(dfa, names, affine(code, accepts), {}) + " > 0\n";
}

}  // namespace ribostep::motif
