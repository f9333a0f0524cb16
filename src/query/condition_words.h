// Words of the language of conditions, shared by reading and completing. Private to src/query.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "query/condition.h"

namespace ribostep::query {

inline bool is_word_start(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_'; }
inline bool is_digit(char c) { return c >= '0' && c <= '9'; }
inline bool is_word(char c) {
  return is_word_start(c) || is_digit(c) || static_cast<unsigned char>(c) >= 128;
}
inline bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
std::string lower(std::string_view text);
bool same_word(std::string_view a, std::string_view b);  // ASCII, any case
std::string_view without_blanks(std::string_view text);

// Words with a meaning of their own, which no unit may be called.
bool reserved(std::string_view word);

// "h", "dc2", "f1r": a vector of a layer, or its change.
struct Vector {
  int layer = 0, source = kState;
  bool change = false;
};
// Nothing: not such a word at all. A reason: it is one, but this network has none of it.
struct VectorWord {
  Vector vector;
  std::string reason;
};
std::optional<VectorWord> vector_word(std::string_view word, const rnn::Network& network);

int levels(const rnn::Network& network);
// What is meant where no layer is said: the last one, in the direction of reading.
int default_layer(const rnn::Network& network);
// "state", "cell state", "forget gate".
std::string source_name(const rnn::Network& network, int layer, int source);
// Those a layer has: h, c, and its gates.
std::vector<int> sources(const rnn::Network& network, int layer);
std::string source_symbol(const rnn::Network& network, int layer, int source);

// Index of a name: exactly, else in any case if only one fits; -1: none.
int find_name(std::span<const std::string> names, std::string_view name);
// "promoter, other, ... (12 in all)", for messages.
std::string listed(std::span<const std::string> names);

// Symbols that a letter of the alphabet (or IUPAC code) allows; 0: no such letter.
std::uint32_t letter_mask(const bio::Alphabet& alphabet, char letter);

// What may come next, as the parser meets the end of a text; bits of one number.
enum class Hope : unsigned {
  Operand = 1,
  AfterQuantity = 2,
  AfterTruth = 4,
  Unit = 8,
  Output = 16,
  Label = 32,
  Codon = 64,
  Letter = 128,
  Strand = 256,
  AfterArgmax = 512,
  AfterVector = 1024,
  Channel = 2048,
  Equals = 4096,
  Number = 8192
};
// What could follow `text`, a beginning; `vector` is the last one that was met.
unsigned hopes_after(std::string_view text, const Vocabulary& vocabulary, Vector& vector);

}  // namespace ribostep::query
