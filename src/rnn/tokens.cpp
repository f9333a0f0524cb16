#include "rnn/tokens.h"

#include <bit>
#include <utility>

namespace ribostep::rnn {

Tokens::Tokens(const ModelSpec& spec, TokenTable table)
    : table_(std::move(table)), circular_(spec.circular != Circular::Linear), kinds_(table_.symbols) {
  if (spec.input == Input::Kmers) k_ = spec.kmer;
  if (spec.input == Input::Codons) k_ = step_ = 3;
  for (int i = 1; i < k_; ++i) kinds_ *= table_.symbols;
  count_ = k_ > 1 ? kinds_ + 1 : static_cast<int>(table_.masks.size());
}

int Tokens::at(std::span<const std::uint8_t> letters, int step) const {
  if (k_ == 1) return letters[static_cast<std::size_t>(step)];
  // Codons lie side by side; a k-mer ends at its step's letter.
  const int begin = step_ > 1 ? step * step_ : step - k_ + 1, length = static_cast<int>(letters.size());
  if (begin < 0 && (!circular_ || length < k_)) return kinds_;
  int token = 0;
  for (int i = begin; i < begin + k_; ++i) {
    const int letter = letters[static_cast<std::size_t>(i < 0 ? i + length : i)];
    if (letter >= table_.symbols) return kinds_;
    token = token * table_.symbols + letter;
  }
  return token;
}

int Tokens::complement(int token) const { return table_.complement[static_cast<std::size_t>(token)]; }

int Tokens::members(int token) const {
  if (k_ > 1) return token < kinds_ ? 1 : kinds_;
  return std::popcount(table_.masks[static_cast<std::size_t>(token)]);
}

}  // namespace ribostep::rnn
