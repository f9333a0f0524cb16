// From letters to what the first layer reads at each step: letters, k-mers or codons as tokens. A token is
// one of D kinds, or an ambiguous one, which is read as the mean of the kinds it may be: an ambiguity code is
// the mean of its symbols; a k-mer or codon with an ambiguity code in it, or cut off by the start of the
// sequence, is the mean of all.
#pragma once
#include <cstdint>
#include <span>

#include "rnn/network.h"

namespace ribostep::rnn {

class Tokens {
 public:
  Tokens(const ModelSpec& spec, TokenTable table);

  int kinds() const { return kinds_; }  // D
  int count() const { return count_; }  // kinds and ambiguous ones
  bool none() const { return table_.masks.empty(); }
  // Of one step. `letters` are codes of the table.
  int at(std::span<const std::uint8_t> letters, int step) const;
  int complement(int token) const;  // Letters only
  int members(int token) const;     // how many kinds it may be
  template <class F>
  void each_member(int token, F f) const {  // f(kind), ascending
    if (k_ > 1) {
      if (token < kinds_) return f(token);
      for (int kind = 0; kind < kinds_; ++kind) f(kind);
      return;
    }
    const std::uint32_t mask = table_.masks[static_cast<std::size_t>(token)];
    for (int kind = 0; kind < kinds_; ++kind)
      if (mask >> kind & 1u) f(kind);
  }

 private:
  TokenTable table_;
  bool circular_ = false;
  int k_ = 1, step_ = 1, kinds_ = 0, count_ = 0;
};

}  // namespace ribostep::rnn
