// What could come next while a condition is typed. The parser reads what stands before the word at the caret
// and tells what it would go on with.
#include <algorithm>

#include "query/condition_words.h"

namespace ribostep::query {
namespace {

class Candidates {
 public:
  Candidates(Completion& out, std::string_view typed) : out_(out), typed_(typed) {}
  void add(std::string text, std::string note = {}) {
    if (out_.candidates.size() >= kMaxCandidates || text.size() < typed_.size() ||
        !same_word(std::string_view(text).substr(0, typed_.size()), typed_))
      return;
    for (const Candidate& other : out_.candidates)
      if (other.text == text) return;
    out_.candidates.push_back({std::move(text), std::move(note)});
  }
  void names(std::span<const std::string> names, const char* note) {
    for (const std::string& name : names) add(name, note);
  }

 private:
  Completion& out_;
  std::string_view typed_;
};

// Where the word at the caret begins: after an open [ or p(, else after the last sign or blank.
std::size_t word_begin(std::string_view text) {
  const std::size_t open = text.find_last_of('[');
  if (open != std::string_view::npos && text.find(']', open) == std::string_view::npos) return open + 1;
  const std::size_t bracket = text.find_last_of('(');
  if (bracket != std::string_view::npos && bracket > 0 && text[bracket - 1] == 'p' &&
      (bracket == 1 || !is_word(text[bracket - 2]) || text[bracket - 2] == 'd') &&
      text.find(')', bracket) == std::string_view::npos)
    return bracket + 1;
  std::size_t begin = text.size();
  while (begin > 0 && is_word(text[begin - 1])) --begin;
  return begin;
}

void operands(Candidates& out, const Vocabulary& v) {
  const rnn::Network& net = *v.network;
  for (const UnitName& unit : v.units) out.add(unit.name, unit_text(net, unit.layer, kState, unit.unit));
  const int top = default_layer(net);
  for (const int source : sources(net, top))
    out.add(source_symbol(net, top, source) + "[", source_name(net, top, source) + " of a unit");
  out.add("p(", net.spec.task == rnn::Task::NextVector ? "what is predicted for a channel"
                                                       : "probability of an output");
  if (net.spec.task != rnn::Task::NextVector) {
    out.add("argmax", "the most probable output");
    out.add("entropy", "of the outputs, in bits");
  }
  if (v.letters()) {
    out.add("seq ~ ", "a motif ends here");
    if (v.alphabet->is_nucleic()) {
      out.add("codon = ", "a codon ends here");
      out.add("frame", "of the codon that ends here: 0, 1, 2");
    }
    out.add("letter = ", "the letter just read");
  }
  if (!v.labels.empty()) out.add("label = ", "the position's label in the data");
  if (!v.channels.empty()) out.add("x[", "a value of the series");
  out.add("|dh|", "how far the state moved");
  out.add("dh[", "change of a unit");
  out.add("pos", "the position");
  out.add("nan", "a number is no longer finite");
  out.add("not ");
  const int directions = net.spec.direction_count();
  for (int layer = 0; layer < static_cast<int>(net.layers.size()); ++layer) {
    if (layer == top) continue;
    for (const int source : {kState, kCell}) {
      if (source == kCell && !rnn::has_cell_state(net.layers[static_cast<std::size_t>(layer)].cell)) continue;
      const std::string text = unit_text(net, layer, source, 0);
      out.add(text.substr(0, text.find('[') + 1), source_name(net, layer, source) + ", layer " +
                                                      std::to_string(layer / directions + 1) +
                                                      (layer % directions ? ", backward" : ""));
    }
  }
}

}  // namespace

Completion complete(std::string_view text, std::size_t caret, const Vocabulary& v) {
  Completion out;
  caret = std::min(caret, text.size());
  text = text.substr(0, caret);
  std::size_t begin = word_begin(text);
  while (begin < caret && is_space(text[begin])) ++begin;
  out.begin = static_cast<int>(begin);
  out.end = static_cast<int>(caret);
  Vector vector;
  const unsigned hopes = hopes_after(text.substr(0, begin), v, vector);
  const auto hoped = [&](Hope what) { return (hopes & static_cast<unsigned>(what)) != 0; };
  Candidates list(out, text.substr(begin));
  if (hoped(Hope::Unit)) {
    const rnn::Network& net = *v.network;
    for (const UnitName& unit : v.units)
      list.add(unit.name + "]", unit_text(net, unit.layer, kState, unit.unit));
    const int hidden = net.layers[static_cast<std::size_t>(vector.layer)].hidden;
    for (int unit = 0; unit < hidden; ++unit) list.add(std::to_string(unit) + "]");
    return out;
  }
  if (hoped(Hope::Output)) {
    const bool bracket = begin > 0 && text.substr(0, begin).find_last_of("(=") != std::string_view::npos &&
                         text[text.substr(0, begin).find_last_of("(=")] == '(';
    for (const std::string& name : v.outputs) list.add(bracket ? name + ")" : name, "output");
    return out;
  }
  if (hoped(Hope::Label)) list.names(v.labels, "label");
  if (hoped(Hope::Channel))
    for (const std::string& name : v.channels) list.add(name + "]", "channel");
  if (hoped(Hope::Codon)) {
    list.add("stop", "TAA, TAG, TGA");
    list.add("start", "ATG");
  }
  if (hoped(Hope::Letter) && v.alphabet)
    for (const char letter : v.alphabet->symbols) list.add(std::string(1, letter));
  if (hoped(Hope::Strand)) {
    list.add("within 1", "mismatches allowed");
    if (v.alphabet && v.alphabet->is_nucleic()) list.add("either strand", "or its reverse complement");
  }
  if (hoped(Hope::AfterTruth)) {
    list.add("and ");
    list.add("or ");
  }
  if (hoped(Hope::AfterArgmax)) {
    list.add("= ");
    list.add("changes", "from the position before");
  }
  if (hoped(Hope::AfterVector)) list.add("[", "one unit, by number or name");
  if (hoped(Hope::AfterQuantity)) {
    for (const char* sign : {"> ", "< ", ">= ", "<= "}) list.add(sign);
    list.add("jumps ", "moves by at least this");
    list.add("rises above ", "crosses it upward here");
    list.add("falls below ", "crosses it downward here");
  }
  if (hoped(Hope::Operand)) operands(list, v);
  return out;
}

}  // namespace ribostep::query
