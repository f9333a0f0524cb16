// Following a nondeterministic automaton by sets of its states, each kept once and known by a number. For
// dfa.cpp.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "motif/automaton.h"

namespace ribostep::motif {

class Subsets {
 public:
  // `all`: sets hold every state. Otherwise those that lead on by empty moves alone are left out: they say
  // nothing that what they lead to does not say.
  explicit Subsets(const Nfa& nfa, bool all = false);

  int start();  // the number of the start set; first of all, and once
  int step(int set, unsigned letter);
  bool accepts(int set);
  int size() const { return count_; }          // sets met so far
  std::int64_t work() const { return work_; }  // edges looked at, and what else takes time, in edges

 private:
  using Words = std::vector<std::uint64_t>;  // a bit for each state, and one more
  void clear();
  void enter(int state);
  void close(bool at_start, bool at_end);
  void load(int set);
  int keep(bool first);  // the number of the set in members_; a new one is put behind the others
  std::size_t slot_of(const std::uint64_t* row) const;

  const Nfa& nfa_;
  std::vector<int> first_;  // [states + 1]: where a state's edges begin
  Words kept_;              // states that a set holds
  bool starts_ = false;     // there is '^': the start set is told from others
  std::size_t words_;
  int count_ = 0;
  Words rows_;              // [count_][words_]
  std::vector<int> slots_;  // open addressing; a power of two, at most half full
  std::vector<int> members_, from_;
  Words mark_;  // of members_
  std::int64_t work_ = 0;
};

std::string counted(std::int64_t number);  // "65,536"

}  // namespace ribostep::motif
