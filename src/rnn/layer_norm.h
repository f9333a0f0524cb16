// Layer normalisation (Ba, Kiros & Hinton 2016) of the rows of blocks of a layer: each block of H
// pre-activations on its own, xhat = (a - mean) / sqrt(variance + 1e-5), then gain xhat + bias. Sums run over
// the units in order.
#pragma once
#include <cstddef>
#include <span>
#include <vector>

#include "rnn/buffer.h"
#include "rnn/simd.h"

namespace ribostep::rnn {

template <class T>
class LayerNorm {
 public:
  LayerNorm() = default;
  // blocks x H weights each for gain and bias, at these places of the flat buffer; rows hold blocks*units.
  LayerNorm(int blocks, int hidden, int units, std::size_t gain_at, std::size_t bias_at);
  bool on() const { return blocks_ > 0; }
  void pack(std::span<const T> parameters);

  void reserve(int rows);  // rows kept for the way back
  // Rows [row, row + rows) of what is kept, at `a`, in place.
  void forward(T* a, int row, int rows);

  void begin_gradients();
  // dL/da behind the normalisation in, before it out; sums the gradients of gain and bias in the order of
  // calls.
  void backward(T* da, int row, int rows);
  void add_gradients(std::span<T> gradients) const;

 private:
  int blocks_ = 0, hidden_ = 0, units_ = 0;
  std::size_t gain_at_ = 0, bias_at_ = 0;
  Buffer<T> gain_, bias_, d_gain_, d_bias_;  // [blocks*units]
  Buffer<T> xhat_, inverse_;                 // [rows][blocks*units], 1/deviation [rows][blocks]
};

}  // namespace ribostep::rnn
