// How a batch of sequences lies in memory: rows sorted by falling length and time-major, so that the rows
// still being read at position t are the first `active[t]` and nothing is stored, or computed, for padding.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "rnn/bptt.h"
#include "rnn/network.h"
#include "rnn/tokens.h"

namespace ribostep::rnn {

struct BatchLayout {
  int rows = 0;                       // B
  int steps = 0;                      // longest length
  int positions = 0;                  // sum of lengths
  std::vector<int> source;            // [rows] index in the caller's batch
  std::vector<int> length;            // [rows], falling; equal lengths in the caller's order
  std::vector<int> active;            // [steps + 1] rows longer than t
  std::vector<int> first;             // [steps + 1] where step t begins in arrays of `positions` rows
  std::vector<std::uint16_t> tokens;  // [positions]

  void build(std::span<const int> lengths);  // without tokens
  // Every example `copies` times in a row.
  void build(const ModelSpec& spec, const Tokens& kinds, std::span<const Example> batch, int copies = 1);
  // One step for every `width` of `letters`, with rows in the same order.
  void build_windows(const BatchLayout& letters, int width);

  // Arrays of states hold steps + d slots of rows for a dilation of d, so that every step finds what feeds it
  // in one block: forward step t reads slot t and writes slot t+d, reverse it reads slot t+d and writes slot
  // t. The d slots at the end that a row starts from hold the initial state.
  int state_rows(int dilation) const { return positions + (steps > 0 ? dilation * active[0] : 0); }
  int slot(int s, int dilation) const {
    return s < dilation ? s * active[0]
                        : dilation * active[0] + first[static_cast<std::size_t>(s - dilation)];
  }
  int slot_before(const Wiring& w, int t) const { return slot(w.reverse ? t + w.dilation : t, w.dilation); }
  int slot_after(const Wiring& w, int t) const { return slot(w.reverse ? t : t + w.dilation, w.dilation); }
  // The s-th step read.
  int position(const Wiring& w, int s) const { return w.reverse ? steps - 1 - s : s; }
  int active_at(int t) const { return t < steps ? active[static_cast<std::size_t>(t)] : 0; }
  int first_at(int t) const { return first[static_cast<std::size_t>(t)]; }
  int length_of(int row) const { return length[static_cast<std::size_t>(row)]; }

 private:
  void count();               // active, first and positions from length
  std::vector<int> lengths_;  // kept for its memory
};

}  // namespace ribostep::rnn
