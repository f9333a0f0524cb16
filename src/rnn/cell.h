// What a cell is to the rest of the engine: a row of blocks that starts as pre-activations and becomes gates
// on the way forward, gradients of the pre-activations on the way back. Which position a row came from, and
// the matrix products, are no business of a cell.
#pragma once
#include <array>
#include <cstddef>

#include "rnn/simd.h"
#include "rnn/spec.h"

namespace ribostep::rnn {

// The n active rows of one position. All arrays are row-major, `units` = H in whole vectors (padding stays
// 0).
template <class T>
struct CellForward {
  int rows, units;
  T* a;                          // [rows][blocks*units]: pre-activations in, gates out
  const T* h_prev;               // [rows][units]
  const T* c_prev;               // [rows][units], LSTM only
  T* h;                          // [rows][units]
  T* c;                          // [rows][units], LSTM only
  T* tanh_c;                     // [rows][units], LSTM only: kept for the way back
  const T* peepholes = nullptr;  // [P][units], see Layer::peepholes; null: none
  int hidden = 0;                // H: units behind it are padding, which a sigmoid would fill; 0: leave it
};
template <class T>
struct CellBackward {
  int rows, units;
  T* a;             // [rows][blocks*units]: gates in, dL/d(pre-activation) out
  const T* h_prev;  // [rows][units]
  const T* h;       // [rows][units]
  const T* c_prev;  // [rows][units], LSTM only
  const T* tanh_c;  // [rows][units], LSTM only
  const T* dy;      // [rows][dy_stride]: dL/dh from above this position; null: none
  int dy_stride;
  // dL/dh and dL/dc from the next position in, for the previous one out: dh only with what reaches it past
  // the matrix W_h (the caller adds W_h^T dz), dc complete.
  T* dh;                         // [rows][units]
  T* dc;                         // [rows][units], LSTM only
  const T* peepholes = nullptr;  // as on the way forward
};

// How a row of blocks lies in memory. The blocks fed by the input are next to each other, and so are those
// fed by the recurrent product: each side is one matrix product. Which gate (in PyTorch's order) a block
// belongs to is written here and nowhere else.
struct BlockMap {
  int gates;            // G
  int blocks;           // in a row
  int input_begin;      // blocks [input_begin, input_begin + gates) receive W_x x + b_x
  int recurrent_begin;  // blocks [recurrent_begin, recurrent_begin + gates) receive W_h h + b_h
  std::array<int, 4> input_gate, recurrent_gate;  // gate of the i-th of those blocks
  std::array<int, 4> gate_block;                  // where gate g is found after the forward step
};

// The rows' vectors one after the other: f(row, unit).
template <class T, class F>
RIBOSTEP_INLINE void each_vector(int rows, int units, F f) {
  for (int r = 0; r < rows; ++r)
    for (int j = 0; j < units; j += kLanes<T>) f(static_cast<std::size_t>(r), static_cast<std::size_t>(j));
}

// dL/dh of a vector: from the next position and from above.
template <class T>
RIBOSTEP_INLINE Vec<T> state_gradient(const CellBackward<T>& s, std::size_t row, std::size_t unit) {
  const Vec<T> d = load(s.dh + row * static_cast<std::size_t>(s.units) + unit);
  return s.dy ? d + load(s.dy + row * static_cast<std::size_t>(s.dy_stride) + unit) : d;
}

}  // namespace ribostep::rnn
