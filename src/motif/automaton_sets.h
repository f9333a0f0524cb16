// Sets of states of a nondeterministic automaton, each kept once and known by a number. For nfa.cpp and
// dfa.cpp.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace ribostep::motif {

// A set as bits, `words` words of 64 each.
class SetTable {
 public:
  explicit SetTable(int bits)
      : words_(static_cast<std::size_t>(bits + 63) / 64), slots_(1024, -1), scratch(words_) {}

  int size() const { return count_; }
  bool has(int set, int bit) const {
    return (rows_[static_cast<std::size_t>(set) * words_ + static_cast<std::size_t>(bit) / 64] >>
                (static_cast<unsigned>(bit) % 64) &
            1u) != 0;
  }
  const std::uint64_t* row(int set) const { return rows_.data() + static_cast<std::size_t>(set) * words_; }
  std::size_t words() const { return words_; }
  // The number of the set that `scratch` holds; a new one is put behind the others.
  int keep();

 private:
  std::size_t words_;
  int count_ = 0;
  std::vector<std::uint64_t> rows_;
  std::vector<int> slots_;  // open addressing; a power of two, at most half full

 public:
  std::vector<std::uint64_t> scratch;
};

std::string counted(std::int64_t number);  // "65,536"

}  // namespace ribostep::motif
