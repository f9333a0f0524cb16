// Reads a condition. Units are counted from 0 as on screen, positions from 1.
//
//   condition  truth | number, which can only be watched
//   truth      and or not ( ), or & | !
//   number     0.5, + - * /, ( ), |number|, and
//     h[3] c[0] f[2] ...   a unit of the last layer by number or name; h1[3]: of layer 1; h1r[3]: of the
//     layer
//                          that reads backward (or the opposite strand). A unit's name alone is its h
//     |h| |f1|             size of all units together, sqrt(sum of squares)
//     dh[3] |dh| dp(x)     change from the position before
//     p(promoter)          an output; argmax, entropy (bits): of all outputs
//     x[channel]           a value of a series
//     pos, frame           of the cursor; frame 0, 1, 2: of the codon whose last letter is read here
//   tests      < <= > >= = !=, also 0.1 < f[2] < 0.9
//     number jumps 0.2     |change from the position before| >= 0.2; rises 0.2, falls 0.2: one way only
//     number rises above 0.9, falls below 0.1: crosses it here; number changes
//     argmax = promoter, argmax changes
//     seq ~ TATAWAW        IUPAC; the motif's last letter is read here. "seq ~1 TATAAT" or "within 1": with
//     at
//                          most one mismatch; "either strand": it or its reverse complement
//     codon = ATG, stop, start; letter = R; label = H
//     nan                  a state or an output is no finite number
// Where a step of the network reads several letters (codons, windows), states and outputs are those of the
// last step whose letters are all read: a change is at a step's last letter, and before the first step's the
// state is the initial one. A letter of the sequence counts as a match when every symbol it may be is
// allowed. With a number that is not there (NaN) every test is false, != too; `not` of it is true.
#include "query/condition.h"

#include <string>
#include <utility>

#include "bio/covariates.h"
#include "query/condition_parser.h"

namespace ribostep::query {

// ---- the text

std::size_t Reader::word_end(std::size_t from) const {
  std::size_t end = from;
  while (end < text_.size() && is_word(text_[end])) ++end;
  return std::max(end, std::min(from + 1, text_.size()));
}
std::string_view Reader::next_word() {
  blanks();
  if (at_end() || !is_word(text_[at_])) return {};
  return text_.substr(at_, word_end(at_) - at_);
}
bool Reader::take_word(std::string_view word) {
  if (!same_word(next_word(), word)) return false;
  at_ += word.size();
  return true;
}
bool Reader::take_comparison(Op& op) {
  // The last three of the first row are U+2264, U+2265 and U+2260.
  static constexpr std::pair<const char*, Op> kSigns[] = {{"<=", Op::LessEqual},
                                                          {">=", Op::GreaterEqual},
                                                          {"!=", Op::NotEqual},
                                                          {"==", Op::Equal},
                                                          {"\xE2\x89\xA4", Op::LessEqual},
                                                          {"\xE2\x89\xA5", Op::GreaterEqual},
                                                          {"\xE2\x89\xA0", Op::NotEqual},
                                                          {"<", Op::Less},
                                                          {">", Op::Greater},
                                                          {"=", Op::Equal}};
  for (const auto& [sign, meaning] : kSigns)
    if (take(sign)) {
      op = meaning;
      return true;
    }
  return false;
}
float Reader::literal() {
  const std::size_t begin = at_;
  const auto digits = [&] {
    while (at_digit()) ++at_;
  };
  digits();
  if (peek('.')) ++at_;
  digits();
  if (peek('e') || peek('E')) {
    std::size_t exponent = at_ + 1;
    if (exponent < text_.size() && (text_[exponent] == '-' || text_[exponent] == '+')) ++exponent;
    if (exponent < text_.size() && is_digit(text_[exponent])) {
      at_ = exponent;
      digits();
    }
  }
  double value = 0;
  if (!bio::parse_number(text_.substr(begin, at_ - begin), value) || value > 3e38)
    fail(begin, at_, "this is not a number that can be compared");
  return static_cast<float>(value);
}
void Reader::fail(std::size_t begin, std::size_t end, std::string reason) const {
  // At the end of the text there is nothing to underline but its last letter.
  begin = std::min(begin, text_.empty() ? 0 : text_.size() - 1);
  end = std::clamp(end, begin, text_.size());
  while (end > begin + 1 && is_space(text_[end - 1])) --end;
  throw Problem{static_cast<int>(begin), static_cast<int>(end), std::move(reason)};
}
void Reader::missing(const std::string& what) {
  blanks();
  if (at_end()) fail(at_, at_, what + " is missing at the end");
  fail(at_, word_end(at_), what + " is missing here");
}

// ---- nodes

Parser::Deeper::Deeper(Parser& p) : parser(p) {
  if (++parser.depth_ > kMaxDepth)
    parser.fail(
        parser.at_, parser.at_ + 1,
        "brackets lie more than " + std::to_string(kMaxDepth) + " deep: split this into two conditions");
}
int Parser::add(Node n) {
  out_.nodes.push_back(n);
  return static_cast<int>(out_.nodes.size()) - 1;
}
int Parser::add(Op op, int a, int b, float number) {
  Node n;
  n.op = op;
  n.a = a;
  n.b = b;
  n.number = number;
  return add(n);
}
void Parser::number_wanted(int index, std::size_t begin) {
  if (truth(node(index).op))
    fail(begin, at_, "this is true or false, not a number: join conditions with and, or");
}
void Parser::truth_wanted(int index, std::size_t begin) {
  if (truth(node(index).op)) return;
  const std::string_view part = without_blanks(text_.substr(begin, at_ - begin));
  fail(
      begin, at_,
      "this is a number: compare it, as in \"" + (part.size() > 24 ? "..." : std::string(part)) + " > 0.5\"");
}

Condition Parser::all() {
  const int whole = any_of();
  blanks();
  if (!at_end()) {
    if (peek(')') || peek(']')) fail(at_, at_ + 1, "this bracket closes nothing: remove it");
    fail(at_, word_end(at_), "a word is missing before this: and, or, or a comparison");
  }
  if (node(whole).op == Op::Argmax) fail(0, at_, "argmax is a name: write argmax = name or argmax changes");
  out_.truth = truth(node(whole).op);
  // The whole is the last node.
  if (whole != static_cast<int>(out_.nodes.size()) - 1) out_.nodes.push_back(Node(node(whole)));
  return std::move(out_);
}

// ---- truths

int Parser::any_of() {
  return joined(Op::Or, "or", '|', [this] { return all_of(); });
}
int Parser::all_of() {
  return joined(Op::And, "and", '&', [this] { return denied(); });
}

template <class Next>
int Parser::joined(Op op, const char* word, char sign, Next next) {
  blanks();
  const std::size_t begin = at_;
  int left = next();
  for (;;) {
    const std::size_t end = at_;
    if (truth(node(left).op)) hope(Hope::AfterTruth);
    blanks();
    if (peek(sign)) {
      ++at_;
      if (peek(sign)) ++at_;
    } else if (!take_word(word)) {
      at_ = end;
      return left;
    }
    const std::size_t after = std::exchange(at_, end);
    truth_wanted(left, begin);
    at_ = after;
    blanks();
    const std::size_t second = at_;
    const int right = next();
    truth_wanted(right, second);
    left = add(op, left, right);
  }
}

int Parser::denied() {
  blanks();
  const bool sign = peek('!');
  if (sign) ++at_;
  if (!sign && !take_word("not")) return compared();
  const Deeper deeper(*this);
  blanks();
  const std::size_t begin = at_;
  const int inner = denied();
  truth_wanted(inner, begin);
  return add(Op::Not, inner);
}

int Parser::compared() {
  blanks();
  const std::size_t begin = at_;
  if (const int special = about_letters(); special >= 0) return special;
  int left = sum();
  if (truth(node(left).op)) return left;
  if (node(left).op == Op::Argmax) return about_argmax(left);
  hope(Hope::AfterQuantity);
  if (const int test = over_positions(left); test >= 0) return test;
  int result = -1;
  Op op = Op::Equal;
  while (take_comparison(op)) {
    hope(Hope::Number);
    blanks();
    const std::size_t second = at_;
    const int right = sum();
    number_wanted(right, second);
    if (node(right).op == Op::Argmax) fail(second, at_, "write argmax first: argmax = name");
    const int test = add(op, left, right);
    result = result < 0 ? test : add(Op::And, result, test);
    left = right;
  }
  if (result < 0) return left;
  // "1 jumps 2" is about the quantity alone.
  if (const std::string_view word = next_word();
      same_word(word, "jumps") || same_word(word, "rises") || same_word(word, "falls"))
    fail(begin, at_ + word.size(),
         "compare or look for jumps, not both at once: join two conditions with and");
  return result;
}

// Tests that look at the position before.
int Parser::over_positions(int of) {
  if (take_word("jumps")) return add(Op::Jumps, of, -1, plain_number("how far it jumps, as in jumps 0.2,"));
  if (take_word("changes")) return add(Op::Changes, of);
  const bool up = take_word("rises");
  if (!up && !take_word("falls")) return -1;
  const bool crosses = take_word(up ? "above" : "below");
  if (!crosses && take_word(up ? "below" : "above"))
    fail(at_ - 5, at_, up ? "what rises comes above a number" : "what falls comes below a number");
  const float number = plain_number(crosses ? "the number it crosses" : "how far, as in rises 0.2,");
  const Op op = up ? (crosses ? Op::RisesAbove : Op::RisesBy) : (crosses ? Op::FallsBelow : Op::FallsBy);
  return add(op, of, -1, number);
}

float Parser::plain_number(const char* what) {
  hope(Hope::Number);
  const bool negative = take("-");
  blanks();
  if (!at_digit() && !peek('.')) missing(what);
  const float value = literal();
  return negative ? -value : value;
}

Parsed parse(std::string_view text, const Vocabulary& vocabulary) {
  Parsed out;
  if (!vocabulary.network || vocabulary.network->layers.empty()) {
    out.problem.reason = "there is no network yet: load sequences";
    return out;
  }
  if (text.size() > kMaxText) {
    out.problem = {static_cast<int>(kMaxText), static_cast<int>(text.size()),
                   "a condition has at most " + std::to_string(kMaxText) + " letters: split it into two"};
    return out;
  }
  try {
    out.condition = Parser(text, vocabulary).all();
  } catch (Problem& problem) {
    out.problem = std::move(problem);
  }
  return out;
}

unsigned hopes_after(std::string_view text, const Vocabulary& vocabulary, Vector& vector) {
  if (!vocabulary.network || vocabulary.network->layers.empty() || text.size() > kMaxText) return 0;
  Parser parser(text, vocabulary);
  try {
    parser.all();
  } catch (const Problem&) {
    // A beginning need not be whole.
  }
  vector = parser.last_vector();
  return parser.hopes();
}

}  // namespace ribostep::query
