// The parser of motifs. Two ways of writing, one tree: what is like a regular expression, and PROSITE's.
// Stops at the first mistake and says where, what and what to do. The tree's text lies in pattern_text.cpp.
#include "motif/pattern.h"

#include <algorithm>
#include <string>

#include "bio/utf8.h"

namespace ribostep::motif {
namespace {

// A character makes two nodes at most (a letter and its repetition), a bracket three.
static_assert(3 * kMaxPattern < static_cast<std::size_t>(kMaxNodes));

using Kind = Node::Kind;
constexpr int kEnd = -1;     // no character
constexpr int kFailed = -1;  // no node: the mistake has been said

class Parser {
 public:
  Parser(Pattern& pattern, Diagnostics& diagnostics)
      : pattern_(pattern),
        diagnostics_(diagnostics),
        text_(pattern.text),
        alphabet_(bio::alphabet(pattern.alphabet)) {}

  bool run() {
    if (alphabet_.is_series())
      return fail(0, "numbers have no letters a motif could match; choose sequences");
    if (pattern_.mismatches < 0 || pattern_.mismatches > kMaxMismatches)
      return fail(0, "from 0 to " + std::to_string(kMaxMismatches) + " letters may mismatch");
    if (text_.size() > kMaxPattern)
      return fail(kMaxPattern, "the pattern has " + std::to_string(text_.size()) + " characters and only " +
                                   std::to_string(kMaxPattern) +
                                   " are read; repeat with {m,n}, or leave something out");
    if (next() == kEnd) return fail(0, "there is no pattern yet; type a motif such as ACG or TATAWAW");
    dash_ = first_of_prosite();
    pattern_.prosite = dash_ != std::string_view::npos;
    const int root = pattern_.prosite ? prosite() : alternatives(0);
    if (root == kFailed) return false;
    if (next() != kEnd)
      return fail(at_, "')' without '(' before it; remove it, or write '(' where the group begins");
    pattern_.root = root;
    return true;
  }

 private:
  struct Counts {
    int low = 1, high = 1;
  };

  // ---- characters. next(): the one that is to be read, white space left out
  int next() {
    while (at_ < text_.size() && (text_[at_] == ' ' || (text_[at_] >= '\t' && text_[at_] <= '\r'))) ++at_;
    return at_ < text_.size() ? static_cast<unsigned char>(text_[at_]) : kEnd;
  }
  bool take(char c) {
    if (next() != c) return false;
    ++at_;
    return true;
  }
  bool fail(std::size_t at, std::string message) {
    diagnostics_.push_back({Severity::Error, 0, static_cast<int>(at) + 1, std::move(message)});
    return false;
  }
  int no_node(std::size_t at, std::string message) {
    fail(at, std::move(message));
    return kFailed;
  }
  // The character at a place as a message shows it.
  std::string shown(std::size_t at) const {
    const std::size_t length = bio::utf8_length(text_.substr(at));
    const auto byte = static_cast<unsigned char>(text_[at]);
    if (length > 1 || (length == 1 && byte >= 0x20 && byte != 0x7F))
      return "'" + std::string(text_.substr(at, length)) + "'";
    constexpr const char* kHex = "0123456789ABCDEF";
    return std::string("byte 0x") + kHex[byte >> 4u] + kHex[byte & 15u];
  }
  // Where the text shows that it is a PROSITE pattern: '-', '<' or '>' outside of [..] and {..}.
  std::size_t first_of_prosite() const {
    char close = 0;
    for (std::size_t i = 0; i < text_.size(); ++i) {
      const char c = text_[i];
      if (close != 0)
        close = c == close ? '\0' : close;
      else if (c == '[' || c == '{')
        close = c == '[' ? ']' : '}';
      else if (c == '-' || c == '<' || c == '>')
        return i;
    }
    return std::string_view::npos;
  }

  // ---- nodes; `begin` and the place reached are where it stands
  int add(Kind kind, std::size_t begin, std::vector<int> children = {}) {
    Node node;
    node.kind = kind;
    node.children = std::move(children);
    node.column = static_cast<int>(begin) + 1;
    node.width = static_cast<int>(at_ - begin);
    pattern_.nodes.push_back(std::move(node));
    return static_cast<int>(pattern_.nodes.size()) - 1;
  }
  int add_letters(std::uint32_t letters, std::size_t begin) {
    const int node = add(Kind::Letters, begin);
    pattern_.nodes.back().letters = letters;
    return node;
  }
  int add_repeat(int child, Counts counts, std::size_t begin) {
    const int node = add(Kind::Repeat, begin, {child});
    pattern_.nodes.back().low = counts.low;
    pattern_.nodes.back().high = counts.high;
    return node;
  }
  int joined(Kind kind, std::vector<int> children, std::size_t begin) {
    return children.size() == 1 ? children[0] : add(kind, begin, std::move(children));
  }
  std::uint32_t all() const { return (1u << alphabet_.size()) - 1; }

  // ---- letters
  // What the letter here stands for; 0: it is none, and that has been said. A backslash takes what follows as
  // a letter, for alphabets of brackets.
  std::uint32_t letter() {
    if (take('\\') && next() == kEnd) {
      fail(at_ - 1, "'\\' has no letter behind it; write one, or remove it");
      return 0;
    }
    const int token = alphabet_.token(text_[at_]);
    if (token >= 0) {
      ++at_;
      return alphabet_.codes[static_cast<std::size_t>(token)].symbols;
    }
    std::string message = shown(at_) + " is not a letter of " + std::string(alphabet_.name) + "; expected " +
                          alphabet_.expected();
    const char c = text_[at_];
    if (c >= '0' && c <= '9')
      message = shown(at_) + " alone says nothing; to repeat a letter three times write " +
                (pattern_.prosite ? "x(3)" : "{3} behind it");
    else if (alphabet_.is_nucleic() && bio::alphabet(bio::AlphabetKind::Protein).token(c) >= 0)
      message += "; for amino acids choose the protein alphabet";
    else if (alphabet_.kind == bio::AlphabetKind::Brackets)
      message += ", written \\( and \\)";
    else if (c == ',')
      message += "; a comma stands only between two numbers";
    fail(at_, std::move(message));
    return 0;
  }

  // [..] and [^..]; PROSITE's {..} is "any but", and its [..] may hold an end.
  int set(char close) {
    const std::size_t begin = at_++;
    const bool negated = close == '}' || (!pattern_.prosite && take('^'));
    std::uint32_t letters = 0;
    std::vector<int> ends;
    for (int c; (c = next()) != close;) {
      if (c == kEnd)
        return no_node(
            begin, shown(begin) + " is never closed; add '" + std::string(1, close) + "' behind the letters");
      if (c == '-') return no_node(at_, "letters have no ranges; write out every one, as in [ACG]");
      if (pattern_.prosite && close == ']' && (c == '<' || c == '>')) {
        ++at_;
        ends.push_back(add(c == '<' ? Kind::Start : Kind::End, at_ - 1));
        continue;
      }
      const std::uint32_t found = letter();
      if (found == 0) return kFailed;
      letters |= found;
    }
    const bool empty = letters == 0 && ends.empty();
    ++at_;
    const std::string written(text_.substr(begin, at_ - begin));
    if (empty) return no_node(begin, "nothing stands in " + written + "; put in the letters it is about");
    if (negated) letters = all() & ~letters;
    if (letters == 0 && ends.empty())
      return no_node(begin,
                     "nothing is left of " + written + ", because every letter is excluded; exclude fewer");
    if (letters != 0) ends.insert(ends.begin(), add_letters(letters, begin));
    return joined(Kind::Either, std::move(ends), begin);
  }

  // ---- counts
  bool number(int& value) {
    next();
    const std::size_t begin = at_;
    value = 0;
    while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9')
      value = std::min(value * 10 + (text_[at_++] - '0'), kMaxRepeat + 1);
    if (at_ == begin)
      return fail(at_, "a number is missing here; write {2}, {2,4} or, without an upper limit, {2,}");
    if (value > kMaxRepeat)
      return fail(
          begin, "up to " + std::to_string(kMaxRepeat) + " repetitions are possible; write a smaller number");
    return true;
  }
  // "m}", "m,n}" or "m,}" behind its opening bracket; likewise with ')'.
  bool counts(char close, Counts& found) {
    const std::size_t begin = at_++;
    if (!number(found.low)) return false;
    found.high = found.low;
    if (take(',')) {
      if (next() == close)
        found.high = -1;
      else if (!number(found.high))
        return false;
    }
    if (next() == kEnd)
      return fail(begin, shown(begin) + " is never closed; add '" + std::string(1, close) + "'");
    if (!take(close))
      return fail(at_, shown(at_) + " cannot stand among the numbers of a repetition; write {2} or {2,4}");
    if (found.high >= 0 && found.low > found.high)
      return fail(begin, "at least " + std::to_string(found.low) + " and at most " +
                             std::to_string(found.high) + " is impossible; write the smaller number first");
    return true;
  }
  static bool repeats(int c) { return c == '*' || c == '+' || c == '?' || c == '{'; }

  // ---- like a regular expression
  int alternatives(int depth) {
    next();
    const std::size_t begin = at_;
    std::vector<int> choices;
    do {
      const int choice = sequence(depth);
      if (choice == kFailed) return kFailed;
      choices.push_back(choice);
    } while (take('|'));
    return joined(Kind::Either, std::move(choices), begin);
  }
  int sequence(int depth) {
    std::vector<int> parts;
    std::size_t begin = at_;
    for (int c; (c = next()) != kEnd && c != '|' && c != ')';) {
      if (parts.empty()) begin = at_;
      const int part = repeated(depth);
      if (part == kFailed) return kFailed;
      parts.push_back(part);
    }
    if (!parts.empty()) return joined(Kind::Concat, std::move(parts), begin);
    if (next() == ')' && depth == 0) return no_node(at_, "')' without '(' before it; remove it");
    return no_node(std::min(at_, text_.size() - 1),
                   "nothing stands on one side of '|'; write what may stand there, or () for nothing at all");
  }
  int repeated(int depth) {
    const std::size_t begin = at_;
    const int c = next();
    const int inner = atom(c, depth);
    if (inner == kFailed) return kFailed;
    const std::size_t end = at_;
    const int mark = next();
    if (!repeats(mark)) {
      at_ = end;
      return inner;
    }
    if (c == '^' || c == '$')
      return no_node(at_, shown(at_) + " has nothing to repeat, because " + shown(begin) +
                              " reads no letter; remove it");
    Counts found;
    if (mark == '{') {
      if (!counts('}', found)) return kFailed;
    } else {
      ++at_;
      found = {mark == '+' ? 1 : 0, mark == '?' ? 1 : -1};
    }
    const std::size_t behind = at_;
    if (repeats(next()))
      return no_node(
          at_, shown(at_) + " repeats what is repeated already; put brackets around what stands before it");
    at_ = behind;
    return add_repeat(inner, found, begin);
  }
  int atom(int c, int depth) {
    const std::size_t begin = at_;
    switch (c) {
      case '(': {
        if (depth >= kMaxDepth)
          return no_node(at_,
                         "brackets lie more than " + std::to_string(kMaxDepth) + " deep; write it flatter");
        ++at_;
        if (take(')')) return add(Kind::Empty, begin);
        const int inner = next() == kEnd ? 0 : alternatives(depth + 1);
        if (inner != kFailed && !take(')'))
          return no_node(begin, "'(' is never closed; add ')' where the group ends");
        return inner;
      }
      case '[':
        return set(']');
      case '.':
        ++at_;
        return add_letters(all(), begin);
      case '^':
      case '$':
        ++at_;
        return add(c == '^' ? Kind::Start : Kind::End, begin);
      case '{':
        return no_node(
            at_, "'{' has nothing before it to repeat; for \"any but P\" write [^P], or {P} between dashes");
      case '*':
      case '+':
      case '?':
        return no_node(at_, shown(at_) + " has nothing before it to repeat; write a letter or a group there");
      case '}':
        return no_node(at_, "'}' without '{' before it; remove it");
      case ']':
        return no_node(at_, "']' without '[' before it; remove it");
      default: {
        const std::uint32_t letters = letter();
        return letters == 0 ? kFailed : add_letters(letters, begin);
      }
    }
  }

  // ---- PROSITE: elements with dashes between, '<' and '>' for the ends, a full stop at the end
  int prosite() {
    next();
    const std::size_t begin = at_;
    std::vector<int> parts;
    if (take('<')) {
      parts.push_back(add(Kind::Start, begin));
      take('-');
    }
    bool dash = true;  // an element may follow
    for (int c; (c = next()) != kEnd;) {
      if (c == '>') {
        ++at_;
        parts.push_back(add(Kind::End, at_ - 1));
        if (next() != kEnd && next() != '.')
          return no_node(at_, "'>' is the end of the sequence, so nothing can follow it; move it to the end");
        dash = false;
      } else if (c == '.') {
        const std::size_t stop = at_++;
        if (next() != kEnd) return no_node(stop, "'.' ends a PROSITE pattern; for any letter write x");
        at_ = stop + 1;
        break;
      } else if (!dash) {
        if (c != '-')
          return no_node(
              at_, "a dash is missing before " + shown(at_) + "; a PROSITE pattern has one between elements");
        ++at_;
        dash = true;
      } else {
        const int part = element(c);
        if (part == kFailed) return kFailed;
        parts.push_back(part);
        dash = false;
      }
    }
    if (dash && (parts.size() != 1 || pattern_.nodes[0].kind != Kind::Start))
      return no_node(dash_at_end(),
                     "an element is missing behind the last dash; write one, or remove the dash");
    return joined(Kind::Concat, std::move(parts), begin);
  }
  std::size_t dash_at_end() const { return std::min(text_.find_last_of("-"), text_.size() - 1); }
  int element(int c) {
    const std::size_t begin = at_;
    int inner = kFailed;
    if (c == '[' || c == '{') {
      inner = set(c == '[' ? ']' : '}');
    } else if ((c == 'x' || c == 'X') && alphabet_.token('x') < 0) {
      ++at_;
      inner = add_letters(all(), begin);
    } else if (c == '-') {
      return no_node(at_, "an element is missing before this dash; write one, or remove the dash");
    } else if (c == '<') {
      return no_node(at_, "'<' is the start of the sequence; move it to the front");
    } else if (std::string_view("()|*+?^$]}").find(static_cast<char>(c)) != std::string_view::npos) {
      return no_node(at_, shown(at_) + " has no place here: " + shown(dash_) + " at column " +
                              std::to_string(dash_ + 1) +
                              " makes this a PROSITE pattern, such as N-{P}-[ST]-x(2,4)");
    } else if (const std::uint32_t letters = letter(); letters != 0) {
      inner = add_letters(letters, begin);
    }
    if (inner == kFailed) return kFailed;
    Counts found;
    if (next() == '(') {
      if (!counts(')', found)) return kFailed;
    } else if (next() == '*') {
      ++at_;
      found = {0, -1};
    } else {
      return inner;
    }
    return add_repeat(inner, found, begin);
  }

  Pattern& pattern_;
  Diagnostics& diagnostics_;
  std::string_view text_;
  const bio::Alphabet& alphabet_;
  std::size_t at_ = 0, dash_ = 0;
};

}  // namespace

ParsedPattern parse_pattern(std::string_view text, bio::AlphabetKind alphabet, Mode mode, int mismatches) {
  ParsedPattern parsed;
  Pattern& pattern = parsed.pattern.emplace();
  pattern.alphabet = alphabet;
  pattern.text = text;
  pattern.mode = mode;
  pattern.mismatches = mismatches;
  if (!Parser(pattern, parsed.diagnostics).run()) parsed.pattern.reset();
  return parsed;
}

}  // namespace ribostep::motif
