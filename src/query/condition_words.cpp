// Names and symbols of the language; see condition_words.h.
#include "query/condition_words.h"

#include <algorithm>
#include <array>

#include "bio/covariates.h"

namespace ribostep::query {
namespace {

constexpr std::size_t kListed = 8;

constexpr std::array kReserved = {"and",    "or",    "not",    "seq",     "codon",  "letter",  "label",
                                  "frame",  "pos",   "p",      "dp",      "argmax", "entropy", "nan",
                                  "jumps",  "rises", "falls",  "changes", "above",  "below",   "within",
                                  "either", "both",  "strand", "strands", "x",      "dx",      "position"};
constexpr std::string_view kSymbols = "hcifogzrn";

char lowered(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

}  // namespace

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), lowered);
  return out;
}
bool same_word(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lowered(x) == lowered(y); });
}
std::string_view without_blanks(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

bool reserved(std::string_view word) {
  return std::any_of(kReserved.begin(), kReserved.end(), [&](const char* r) { return same_word(word, r); });
}

int levels(const rnn::Network& network) {
  return static_cast<int>(network.layers.size()) / network.spec.direction_count();
}
int default_layer(const rnn::Network& network) { return network.level_begin(levels(network) - 1); }

std::vector<int> sources(const rnn::Network& network, int layer) {
  const rnn::CellKind cell = network.layers[static_cast<std::size_t>(layer)].cell;
  std::vector<int> out = {kState};
  if (rnn::has_cell_state(cell)) out.push_back(kCell);
  const auto gates = rnn::gates(cell);
  if (gates.size() == 1) return out;  // Elman: h itself
  if (rnn::coupled(cell)) out.push_back(kCoupledInput);
  for (int g = 0; g < static_cast<int>(gates.size()); ++g) out.push_back(g);
  return out;
}

std::string source_symbol(const rnn::Network& network, int layer, int source) {
  if (source == kState) return "h";
  if (source == kCell) return "c";
  if (source == kCoupledInput) return "i";
  return rnn::gates(network.layers[static_cast<std::size_t>(layer)].cell)[static_cast<std::size_t>(source)]
      .symbol;
}
std::string source_name(const rnn::Network& network, int layer, int source) {
  if (source == kState) return "state";
  if (source == kCell) return "cell state";
  if (source == kCoupledInput) return "input gate, 1 - f";
  return rnn::gates(network.layers[static_cast<std::size_t>(layer)].cell)[static_cast<std::size_t>(source)]
      .name;
}

std::optional<VectorWord> vector_word(std::string_view word, const rnn::Network& network) {
  VectorWord out;
  if (word.size() > 1 && word[0] == 'd') {
    out.vector.change = true;
    word.remove_prefix(1);
  }
  if (word.empty() || kSymbols.find(word[0]) == std::string_view::npos) return std::nullopt;
  const char symbol = word[0];
  word.remove_prefix(1);
  const bool back = !word.empty() && word.back() == 'r';
  if (back) word.remove_suffix(1);
  if (word.size() > 2 || !std::all_of(word.begin(), word.end(), is_digit)) return std::nullopt;
  int level = levels(network);
  if (!word.empty()) {
    level = 0;
    for (const char c : word) level = level * 10 + (c - '0');
  }
  if (level < 1 || level > levels(network)) {
    out.reason = "there is no layer " + std::to_string(level) + ": this network has " +
                 (levels(network) == 1 ? "one, which needs no number"
                                       : "layers 1 to " + std::to_string(levels(network)));
    return out;
  }
  if (back && network.spec.direction_count() == 1) {
    out.reason = "this network reads in one direction: leave out the r";
    return out;
  }
  out.vector.layer = network.level_begin(level - 1) + (back ? 1 : 0);
  const rnn::CellKind cell = network.layers[static_cast<std::size_t>(out.vector.layer)].cell;
  const std::vector<int> known = sources(network, out.vector.layer);
  for (const int source : known) {
    if (source_symbol(network, out.vector.layer, source)[0] != symbol) continue;
    out.vector.source = source;
    return out;
  }
  std::string have;
  for (const int source : known)
    have += (have.empty() ? "" : " ") + source_symbol(network, out.vector.layer, source);
  out.reason = std::string(symbol == 'c' ? "a cell state c" : std::string("a gate ") + symbol) +
               " is not in this cell (" + rnn::label(cell) + "): it has " + have;
  return out;
}

std::string unit_text(const rnn::Network& network, int layer, int source, int unit) {
  std::string text = source_symbol(network, layer, source);
  const int directions = network.spec.direction_count(), level = layer / directions;
  if (level != levels(network) - 1) text += std::to_string(level + 1);
  if (layer % directions != 0) text += 'r';
  return text + "[" + std::to_string(unit) + "]";
}

int find_name(std::span<const std::string> names, std::string_view name) {
  const int size = static_cast<int>(names.size());
  for (int k = 0; k < size; ++k)
    if (names[static_cast<std::size_t>(k)] == name) return k;
  int found = -1;
  for (int k = 0; k < size; ++k) {
    if (!same_word(names[static_cast<std::size_t>(k)], name)) continue;
    if (found >= 0) return -1;
    found = k;
  }
  return found;
}

std::string listed(std::span<const std::string> names) {
  std::string out;
  for (std::size_t k = 0; k < std::min(names.size(), kListed); ++k) out += (k ? ", " : "") + names[k];
  if (names.size() > kListed) out += ", ... (" + std::to_string(names.size()) + " in all)";
  return out;
}

std::uint32_t letter_mask(const bio::Alphabet& alphabet, char letter) {
  const int token = alphabet.token(letter);
  return token < 0 ? 0 : alphabet.codes[static_cast<std::size_t>(token)].symbols;
}

std::string name_problem(std::string_view name) {
  if (name.empty()) return {};
  if (name.size() > kMaxUnitName)
    return "a name has at most " + std::to_string(kMaxUnitName) + " letters: shorten it";
  if (name != without_blanks(name)) return "a name begins and ends with a letter: remove the blanks";
  for (const char c : name) {
    if (static_cast<unsigned char>(c) < 32 || c == 127) return "a name is one line of plain text";
    if (std::string_view("[](){}|&!<>=~\"+*/").find(c) != std::string_view::npos)
      return std::string("a name has no ") + c + ", which conditions use: leave it out";
  }
  if (!is_word_start(name.front()) && static_cast<unsigned char>(name.front()) < 128)
    return "a name begins with a letter";
  if (reserved(name)) return "\"" + std::string(name) + "\" is a word of conditions: choose another name";
  // As in h, c2, dfr: symbols of some network, if not of this one.
  std::string_view word = name;
  if (word.size() > 1 && word[0] == 'd') word.remove_prefix(1);
  if (kSymbols.find(word[0]) != std::string_view::npos) {
    word.remove_prefix(1);
    if (!word.empty() && word.back() == 'r') word.remove_suffix(1);
    if (std::all_of(word.begin(), word.end(), is_digit))
      return "\"" + std::string(name) + "\" is a symbol of conditions: choose another name";
  }
  return {};
}

}  // namespace ribostep::query
