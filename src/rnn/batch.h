// How a batch of sequences lies in memory: rows sorted by falling length and time-major, so that the rows
// still being read at position t are the first `active[t]` and nothing is stored, or computed, for padding.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "rnn/bptt.h"
#include "rnn/network.h"

namespace ribostep::rnn {

struct BatchLayout {
  int rows = 0;                      // B
  int steps = 0;                     // longest length
  int positions = 0;                 // sum of lengths
  std::vector<int> source;           // [rows] index in the caller's batch
  std::vector<int> length;           // [rows], falling; equal lengths in the caller's order
  std::vector<int> active;           // [steps + 1] rows longer than t
  std::vector<int> first;            // [steps + 1] where position t begins in arrays of `positions` rows
  std::vector<std::uint8_t> tokens;  // [positions]

  void build(std::span<const Example> batch);
  void build(std::span<const int> lengths);  // without tokens

  // Arrays of states hold steps + 1 slots of rows, so that every position finds what feeds it in one block:
  // forward position t reads slot t and writes slot t+1, reverse it reads slot t+1 and writes slot t. Slots
  // at the end that a row starts from hold the initial state.
  int state_rows() const { return positions + (steps > 0 ? active[0] : 0); }
  int slot(int s) const { return s == 0 ? 0 : active[0] + first[static_cast<std::size_t>(s - 1)]; }
  int slot_before(Wiring wiring, int t) const { return slot(wiring == Wiring::Forward ? t : t + 1); }
  int slot_after(Wiring wiring, int t) const { return slot(wiring == Wiring::Forward ? t + 1 : t); }
  // The s-th position read.
  int position(Wiring wiring, int s) const { return wiring == Wiring::Forward ? s : steps - 1 - s; }
  int active_at(int t) const { return active[static_cast<std::size_t>(t)]; }
  int first_at(int t) const { return first[static_cast<std::size_t>(t)]; }

 private:
  std::vector<int> lengths_;  // kept for its memory
};

}  // namespace ribostep::rnn
