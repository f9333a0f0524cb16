// The text of a condition as it is read, letter by letter and word by word, and the parser over it. Its parts
// lie in condition.cpp (truths), condition_numbers.cpp and condition_letters.cpp. Private to src/query.
#pragma once
#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "query/condition.h"
#include "query/condition_words.h"

namespace ribostep::query {

inline bool truth(Op op) { return op >= Op::Less; }

// Every failure is a thrown Problem; parse() catches it.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}
  unsigned hopes() const { return hopes_; }

 protected:
  void blanks() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  }
  bool at_end() const { return at_ >= text_.size(); }
  bool peek(char c) const { return at_ < text_.size() && text_[at_] == c; }
  bool at_digit() const { return at_ < text_.size() && is_digit(text_[at_]); }
  bool take(std::string_view symbol) {
    blanks();
    if (text_.substr(at_, symbol.size()) != symbol) return false;
    at_ += symbol.size();
    return true;
  }
  std::size_t word_end(std::size_t from) const;
  std::string_view next_word();
  bool take_word(std::string_view word);
  bool take_comparison(Op& op);
  float literal();
  // What could stand here, if this is the end of the text.
  void hope(Hope what) {
    blanks();
    if (at_end()) hopes_ |= static_cast<unsigned>(what);
  }
  [[noreturn]] void fail(std::size_t begin, std::size_t end, std::string reason) const;
  [[noreturn]] void missing(const std::string& what);

  std::string_view text_;
  std::size_t at_ = 0;

 private:
  unsigned hopes_ = 0;
};

class Parser : public Reader {
 public:
  Parser(std::string_view text, const Vocabulary& vocabulary) : Reader(text), v_(vocabulary) {}
  Condition all();
  Vector last_vector() const { return last_vector_; }

 private:
  struct Deeper {
    explicit Deeper(Parser& p);
    ~Deeper() { --parser.depth_; }
    Deeper(const Deeper&) = delete;
    Deeper& operator=(const Deeper&) = delete;
    Parser& parser;
  };

  // All return the index of a node.
  Node& node(int index) { return out_.nodes[static_cast<std::size_t>(index)]; }
  int add(Node n);
  int add(Op op, int a, int b = -1, float number = 0);
  int add_motif(Motif motif, int mismatches = 0);
  void number_wanted(int index, std::size_t begin);
  void truth_wanted(int index, std::size_t begin);
  void calculable(int index, std::size_t begin);

  int any_of();
  int all_of();
  template <class Next>
  int joined(Op op, const char* word, char sign, Next next);
  int denied();
  int compared();
  int over_positions(int of);
  float plain_number(const char* what);
  int name_here(std::span<const std::string> names, const char* what, Hope hoped);

  int about_argmax(int argmax);
  int about_letters();
  int about_label(std::size_t begin);
  int about_motif();
  std::vector<std::uint32_t> pattern(std::string_view word, std::size_t begin) const;
  std::vector<std::uint32_t> opposite(std::string_view word) const;
  int one_letter();
  int one_codon();
  int mismatches(std::size_t length);

  int sum();
  int product();
  template <class Next>
  int chain(std::initializer_list<std::pair<char, Op>> signs, Next next);
  int factor();
  int barred();
  int quantity();
  int named_unit_here();
  int unit_node(Vector vector, int unit);
  int output(bool change);
  int channel(std::size_t begin, bool change);
  int of_vector(const VectorWord& vector, std::size_t begin);
  bool there(const UnitName& unit) const;  // this model has it
  void outputs_wanted(std::size_t begin, const char* what);

  const Vocabulary& v_;
  int depth_ = 0;
  Vector last_vector_;
  Condition out_;
};

}  // namespace ribostep::query
