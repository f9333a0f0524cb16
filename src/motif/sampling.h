// Strings drawn from a machine: every accepted (or rejected) string of a length is equally likely.
#pragma once
#include <vector>

#include "base/random.h"
#include "motif/automaton.h"

namespace ribostep::motif {

class StringSampler {
 public:
  StringSampler(const Dfa& dfa, int longest);  // copies
  bool possible(bool accepted, int length) const { return weight(accepted, length, dfa_.start) > 0; }
  // Of a length that is possible.
  Word draw(bool accepted, int length, Random& random) const;
  Word any(int length, Random& random) const;
  // An accepted string with one or two letters changed; the same length.
  Word near_miss(int length, Random& random) const;
  const Dfa& dfa() const { return dfa_; }

 private:
  // Share of the strings of `left` letters that lead from `state` to acceptance (or away from it), up to a
  // factor for each `left`, so that it neither overflows nor vanishes.
  double weight(bool accepted, int left, int state) const {
    return share_[accepted ? 1 : 0]
                 [static_cast<std::size_t>(left) * dfa_.accepting.size() + static_cast<std::size_t>(state)];
  }
  Dfa dfa_;
  std::vector<double> share_[2];
};

}  // namespace ribostep::motif
