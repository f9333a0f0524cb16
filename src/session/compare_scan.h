// Two traces side by side: the numbers of one at a position beside those of the other at the position that
// belongs to it, and where they differ most. Knows nothing of pins or screens.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "rnn/trace.h"

namespace ribostep::session {

enum class Quantity : std::uint8_t { State, Cell, Gate, Output };
inline constexpr std::size_t kQuantities = 4;

// The [stride] numbers of a layer at a position as in io::Cursor; at 0 what the first step is fed by. Null
// where there are none: gates at 0, or the start of a layer that reads from the other end.
const float* numbers_at(const rnn::Layer& layer, const rnn::LayerTrace& trace, Quantity what, int gate,
                        int position, int length);
// The [outputs] probabilities (a vector for NextVector); null at position 0.
const float* outputs_at(const rnn::Trace& trace, int position);

// Whether states stand for the same thing: as many layers of the same cells, sizes and reading directions.
bool comparable_states(const rnn::Network& a, const rnn::Network& b);
bool comparable_outputs(const rnn::Network& a, const rnn::Network& b);

struct Difference {
  Quantity quantity = Quantity::State;
  int layer = -1, gate = -1, unit = 0;  // unit: of outputs the class
  int position = 0, reference = 0;      // as in io::Cursor
  float now = 0, then = 0;
  float size() const { return now > then ? now - then : then - now; }
};

struct Differences {
  std::array<float, kQuantities> largest{};  // of a single number, by Quantity
  // Of each position 1..L: Euclidean norm over all h, and half the sum of |p - p'| (NextVector: the norm).
  // NaN where the other has no counterpart or it cannot be compared.
  std::vector<float> states, outputs;
  float largest_states = 0, largest_outputs = 0;
  std::vector<Difference> by_unit;  // of each number of the network where it differs most; largest first
};

class DifferenceScan {
 public:
  // Nothing is copied: both traces and `reference_of` ([length + 1], -1: none) must stay while it runs.
  DifferenceScan(const rnn::Network& network, const rnn::Trace& now, const rnn::Trace& then,
                 std::span<const int> reference_of, bool states, bool outputs);
  bool run(std::int64_t numbers);  // compares about so many; true: finished
  std::int64_t size() const;       // numbers in all, roughly
  Differences take();              // once finished

 private:
  void compare(int position);
  const rnn::Network& network_;
  const rnn::Trace& now_;
  const rnn::Trace& then_;
  std::span<const int> reference_of_;
  bool states_, outputs_;
  std::int64_t per_position_ = 1;
  int position_ = 1;
  Differences found_;
  struct Row {
    Quantity quantity;
    int layer, gate, count;
    std::size_t first;  // in `largest_`
  };
  std::vector<Row> rows_;
  std::vector<Difference> largest_;
};

}  // namespace ribostep::session
