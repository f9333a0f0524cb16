// Sets of states: closed under empty moves, kept as rows of bits in a hash table.
#include "motif/automaton_sets.h"

#include <algorithm>
#include <bit>

namespace ribostep::motif {
namespace {

std::size_t at(int index) { return static_cast<std::size_t>(index); }
std::uint64_t bit(int state) { return std::uint64_t{1} << (state % 64); }

}  // namespace

Subsets::Subsets(const Nfa& nfa, bool all)
    : nfa_(nfa), first_(at(nfa.states) + 1), words_(at(nfa.states) / 64 + 1), slots_(1024, -1) {
  kept_.resize(words_);
  for (const Nfa::Edge& edge : nfa.edges) {
    ++first_[at(edge.from) + 1];
    if (all || edge.letters != 0 || edge.guard == Nfa::Guard::AtEnd)
      kept_[at(edge.from) / 64] |= bit(edge.from);
    starts_ = starts_ || edge.guard == Nfa::Guard::AtStart;
  }
  kept_[at(nfa.accept) / 64] |= bit(nfa.accept);
  for (std::size_t k = 1; k < first_.size(); ++k) first_[k] += first_[k - 1];
}

void Subsets::clear() {
  members_.clear();
  mark_.assign(words_, 0);
}

void Subsets::enter(int state) {
  ++work_;
  std::uint64_t& word = mark_[at(state) / 64];
  if ((word & bit(state)) != 0) return;
  word |= bit(state);
  members_.push_back(state);
}

void Subsets::close(bool at_start, bool at_end) {
  for (std::size_t k = 0; k < members_.size(); ++k)
    for (int e = first_[at(members_[k])]; e < first_[at(members_[k]) + 1]; ++e) {
      const Nfa::Edge& edge = nfa_.edges[at(e)];
      ++work_;
      if (edge.letters == 0 &&
          (edge.guard == Nfa::Guard::None || (edge.guard == Nfa::Guard::AtStart ? at_start : at_end)))
        enter(edge.to);
    }
}

void Subsets::load(int set) {
  clear();
  for (std::size_t w = 0; w < words_; ++w)
    for (std::uint64_t bits = rows_[at(set) * words_ + w]; bits != 0; bits &= bits - 1) {
      const int state = static_cast<int>(64 * w) + std::countr_zero(bits);
      if (state < nfa_.states) enter(state);
    }
}

std::size_t Subsets::slot_of(const std::uint64_t* row) const {
  std::uint64_t hash = 0;
  for (std::size_t w = 0; w < words_; ++w) {
    hash = (hash ^ row[w]) * 0x9E3779B97F4A7C15u;
    hash ^= hash >> 29u;
  }
  std::size_t slot = static_cast<std::size_t>(hash) & (slots_.size() - 1);
  while (slots_[slot] >= 0 && !std::equal(row, row + words_, rows_.data() + at(slots_[slot]) * words_))
    slot = (slot + 1) & (slots_.size() - 1);
  return slot;
}

int Subsets::keep(bool first) {
  work_ += 30 + 3 * static_cast<std::int64_t>(words_);  // as many edges take as long
  for (std::size_t w = 0; w < words_; ++w) mark_[w] &= kept_[w];
  if (first && starts_) mark_[at(nfa_.states) / 64] |= bit(nfa_.states);
  if (2 * at(count_) >= slots_.size()) {
    slots_.assign(2 * slots_.size(), -1);
    for (int set = 0; set < count_; ++set) slots_[slot_of(rows_.data() + at(set) * words_)] = set;
  }
  int& found = slots_[slot_of(mark_.data())];
  if (found < 0) {
    found = count_++;
    rows_.insert(rows_.end(), mark_.begin(), mark_.end());
  }
  return found;
}

// Where '^' may still come true, the start set is told from the others by one more bit.
int Subsets::start() {
  clear();
  enter(nfa_.start);
  close(true, false);
  return keep(true);
}

int Subsets::step(int set, unsigned letter) {
  load(set);
  from_.swap(members_);
  clear();
  for (const int state : from_)
    for (int e = first_[at(state)]; e < first_[at(state) + 1]; ++e)
      if ((nfa_.edges[at(e)].letters >> letter & 1u) != 0) enter(nfa_.edges[at(e)].to);
  close(false, false);
  return keep(false);
}

bool Subsets::accepts(int set) {
  load(set);
  close(starts_ && set == 0, true);
  return (mark_[at(nfa_.accept) / 64] & bit(nfa_.accept)) != 0;
}

}  // namespace ribostep::motif
