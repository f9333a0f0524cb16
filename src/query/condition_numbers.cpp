// The part of the parser that is about numbers: units, outputs, values, and sums of them.
#include <string>

#include "query/condition_parser.h"

namespace ribostep::query {
namespace {

constexpr const char* kBeginning = "write a condition: h[3] > 0.9, p(name) jumps 0.2, seq ~ TATAAT, ...";
constexpr std::size_t kListedNames = 80;  // letters of unit names that fit into a message

}  // namespace

int Parser::sum() {
  return chain({{'+', Op::Add}, {'-', Op::Subtract}}, [this] { return product(); });
}
int Parser::product() {
  return chain({{'*', Op::Multiply}, {'/', Op::Divide}}, [this] { return factor(); });
}

template <class Next>
int Parser::chain(std::initializer_list<std::pair<char, Op>> signs, Next next) {
  blanks();
  const std::size_t begin = at_;
  int left = next();
  for (;;) {
    const std::size_t end = at_;
    blanks();
    const auto sign = std::find_if(signs.begin(), signs.end(), [&](const auto& s) { return peek(s.first); });
    const std::size_t after = at_ + 1;
    at_ = end;
    if (sign == signs.end()) return left;
    calculable(left, begin);
    at_ = after;
    blanks();
    const std::size_t second = at_;
    const int right = next();
    calculable(right, second);
    left = add(sign->second, left, right);
  }
}

void Parser::calculable(int index, std::size_t begin) {
  number_wanted(index, begin);
  if (node(index).op == Op::Argmax) fail(begin, at_, "argmax is a name, not a number: write argmax = name");
}

int Parser::factor() {
  blanks();
  const std::size_t begin = at_;
  if (peek('-')) {
    const Deeper deeper(*this);
    ++at_;
    const int inner = factor();
    calculable(inner, begin);
    return add(Op::Negate, inner);
  }
  if (peek('(')) {
    const Deeper deeper(*this);
    ++at_;
    const int inner = any_of();
    if (!take(")")) missing("the closing bracket )");
    return inner;
  }
  if (peek('|')) return barred();
  if (!at_digit() && !peek('.')) return quantity();
  const float value = literal();
  if (!at_end() && is_word(text_[at_]))
    fail(begin, word_end(at_), "a number ends and a word begins here: put a blank or an operator between");
  return add(Op::Constant, -1, -1, value);
}

int Parser::barred() {
  const Deeper deeper(*this);
  ++at_;
  hope(Hope::Operand);
  blanks();
  const std::size_t begin = at_;
  // All units of a layer: their size.
  const std::string_view word = next_word();
  const auto vector = word.empty() || named_unit_here() >= 0 ? std::nullopt : vector_word(word, *v_.network);
  if (vector) {
    at_ += word.size();
    last_vector_ = vector->vector;
    if (!peek('[')) {
      if (!vector->reason.empty()) fail(begin, at_, vector->reason);
      hope(Hope::AfterVector);
      if (!take("|")) missing("the second bar |, or a unit in brackets,");
      out_.needs_trace = true;
      Node n;
      n.op = Op::Norm;
      n.layer = vector->vector.layer;
      n.source = vector->vector.source;
      n.unit = vector->vector.change ? 1 : 0;
      return add(n);
    }
    at_ = begin;
  }
  const int inner = sum();
  calculable(inner, begin);
  if (!take("|")) missing("the second bar |");
  return add(Op::Absolute, inner);
}

// The unit whose name stands here, the longest of them; -1: none.
int Parser::named_unit_here() {
  blanks();
  int best = -1;
  for (int k = 0; k < static_cast<int>(v_.units.size()); ++k) {
    const std::string& name = v_.units[static_cast<std::size_t>(k)].name;
    if (name.empty() || !same_word(text_.substr(at_, name.size()), name)) continue;
    const std::size_t end = at_ + name.size();
    if (end < text_.size() && is_word(text_[end])) continue;
    if (best < 0 || name.size() > v_.units[static_cast<std::size_t>(best)].name.size()) best = k;
  }
  return best;
}

bool Parser::there(const UnitName& unit) const {
  return unit.layer >= 0 && unit.layer < static_cast<int>(v_.network->layers.size()) && unit.unit >= 0 &&
         unit.unit < v_.network->layers[static_cast<std::size_t>(unit.layer)].hidden;
}

int Parser::unit_node(Vector vector, int unit) {
  out_.needs_trace = true;
  Node n;
  n.op = Op::Unit;
  n.layer = vector.layer;
  n.source = vector.source;
  n.unit = unit;
  const int at = add(n);
  return vector.change ? add(Op::Change, at) : at;
}

int Parser::quantity() {
  hope(Hope::Operand);
  blanks();
  const std::size_t begin = at_;
  if (at_end())
    fail(at_, at_,
         without_blanks(text_).empty() ? kBeginning : "something is missing at the end, such as h[3] or 0.5");
  if (const int named = named_unit_here(); named >= 0) {
    const UnitName& unit = v_.units[static_cast<std::size_t>(named)];
    at_ += unit.name.size();
    if (!there(unit))
      fail(begin, at_, "this name belongs to a unit that this model does not have: name another one");
    const int from = static_cast<int>(begin), to = static_cast<int>(at_);
    out_.mentions.push_back(
        {from, to, from, to, unit.layer, unit.unit, unit_text(*v_.network, unit.layer, kState, unit.unit)});
    Vector h;
    h.layer = unit.layer;
    return unit_node(h, unit.unit);
  }
  const std::string_view word = next_word();
  at_ += word.size();
  Node n;
  if (same_word(word, "pos") || same_word(word, "position")) {
    n.op = Op::Position;
    return add(n);
  }
  if (same_word(word, "frame")) {
    if (!v_.letters() || !v_.alphabet->is_nucleic())
      fail(begin, at_, "only DNA and RNA have reading frames: use pos, the position");
    n.op = Op::Frame;
    return add(n);
  }
  if (same_word(word, "argmax") || same_word(word, "entropy")) {
    n.op = same_word(word, "argmax") ? Op::Argmax : Op::Entropy;
    outputs_wanted(begin, n.op == Op::Argmax ? "argmax" : "entropy");
    return add(n);
  }
  if (word == "p" || word == "dp") return output(word == "dp");
  if (word == "x" || word == "dx") return channel(begin, word == "dx");
  if (const auto vector = word.empty() ? std::nullopt : vector_word(word, *v_.network))
    return of_vector(*vector, begin);
  if (word.empty()) fail(begin, begin + 1, "a quantity is missing here, such as h[3] or 0.5");
  if (same_word(word, "and") || same_word(word, "or"))
    fail(begin, at_, "there is nothing before this word: put a condition on each side of it");
  fail(begin, at_,
       "\"" + std::string(word.substr(0, kMaxUnitName)) +
           "\" is not known: write h[3] for a unit, p(name) for an output, seq ~ ACGT for letters, or give a "
           "unit this name");
}

int Parser::output(bool change) {
  if (!take("(")) missing("the name of an output in brackets, as in p(name),");
  out_.needs_trace = true;
  Node n;
  n.op = Op::Probability;
  n.unit = name_here(v_.outputs, "an output", Hope::Output);
  if (!take(")")) missing("the closing bracket )");
  const int at = add(n);
  return change ? add(Op::Change, at) : at;
}

int Parser::channel(std::size_t begin, bool change) {
  if (v_.channels.empty())
    fail(begin, at_, "letters have no values: x[name] is for a series; use letter = or seq ~");
  if (!take("[")) missing("a channel in brackets, as in x[name],");
  Node n;
  n.op = Op::Channel;
  n.unit = name_here(v_.channels, "a channel", Hope::Channel);
  if (!take("]")) missing("the closing bracket ]");
  const int at = add(n);
  return change ? add(Op::Change, at) : at;
}

int Parser::of_vector(const VectorWord& vector, std::size_t begin) {
  last_vector_ = vector.vector;
  if (!vector.reason.empty()) fail(begin, at_, vector.reason);
  const std::string word(text_.substr(begin, at_ - begin));
  hope(Hope::AfterVector);
  if (!take("["))
    fail(begin, at_,
         word + " alone is all units: write " + word + "[0] for one, |" + word + "| for their size");
  hope(Hope::Unit);
  blanks();
  const int hidden = v_.network->layers[static_cast<std::size_t>(vector.vector.layer)].hidden;
  const std::size_t first = at_, end = std::min(text_.find(']', at_), text_.size());
  const std::string_view inside = without_blanks(text_.substr(at_, end - at_));
  const std::string range = "a number from 0 to " + std::to_string(hidden - 1);
  at_ += inside.size();
  if (inside.empty()) missing("the unit, " + range + " or a name,");
  if (std::all_of(inside.begin(), inside.end(), is_digit)) {
    const int unit = inside.size() > 4 ? rnn::kMaxHidden : std::stoi(std::string(inside));
    if (unit >= hidden)
      fail(first, at_,
           "there is no unit " + std::string(inside.substr(0, 8)) + ": units go from 0 to " +
               std::to_string(hidden - 1));
    if (!take("]")) missing("the closing bracket ]");
    return unit_node(vector.vector, unit);
  }
  const bool layer_said = std::any_of(word.begin(), word.end(), is_digit);
  std::string names;
  for (const UnitName& unit : v_.units) {
    names += (names.empty() ? "" : ", ") + unit.name;
    if (!same_word(unit.name, inside)) continue;
    if (!there(unit))
      fail(first, at_, "this name belongs to a unit that this model does not have: name another one");
    Vector at = vector.vector;
    if (layer_said && unit.layer != at.layer)
      fail(first, at_,
           "the unit of this name is " + unit_text(*v_.network, unit.layer, kState, unit.unit) +
               ", in another layer: leave out the layer");
    at.layer = unit.layer;
    const int name_end = static_cast<int>(at_);
    if (!take("]")) missing("the closing bracket ]");
    out_.mentions.push_back(
        {static_cast<int>(first), name_end, static_cast<int>(begin), static_cast<int>(at_), unit.layer,
         unit.unit, (at.change ? "d" : "") + unit_text(*v_.network, unit.layer, at.source, unit.unit)});
    return unit_node(at, unit.unit);
  }
  const bool many = names.empty() || names.size() > kListedNames;
  fail(first, at_, "no unit has this name: write " + range + (many ? std::string() : " or " + names));
}

}  // namespace ribostep::query
