// A network as layers over one flat parameter buffer. A layer's cell knows arithmetic, its wiring knows which
// position feeds this one; two directions are two layers side by side reading the same input.
// Conventions (gate order, b_x and b_h apart, GRU's reset inside the recurrent term) are PyTorch's.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "rnn/spec.h"

namespace ribostep::rnn {

// Who feeds position t: t-1 or t+1. Positions without a predecessor are fed by the initial state.
enum class Wiring : std::uint8_t { Forward, Reverse };

// A named matrix (row-major, rows x cols) inside the flat buffer; a vector has cols == 1.
struct Tensor {
  std::string
      name;  // PyTorch's: weight_ih_l0, weight_hh_l0_reverse, bias_ih_l0, ..., readout.weight, readout.bias
  int rows = 0, cols = 0;
  std::size_t offset = 0;
  std::size_t size() const { return static_cast<std::size_t>(rows) * static_cast<std::size_t>(cols); }
};

struct Layer {
  CellKind cell;
  Wiring wiring;
  int level;   // 0 reads tokens; level l reads the states of all layers of level l-1, side by side
  int inputs;  // D for level 0
  int hidden;  // H
  // Indices into Network::tensors. w_x (G*H x inputs), w_h (G*H x H), b_x, b_h (G*H).
  int w_x, w_h, b_x, b_h;
};

struct Network {
  ModelSpec spec;
  std::vector<Layer> layers;                 // level by level, forward before reverse
  std::vector<Tensor> tensors;               // in buffer order
  int readout_weight = 0, readout_bias = 0;  // (K x features), (K)
  int features = 0;                          // states of the last level, side by side
  std::size_t parameter_count = 0;

  int level_begin(int level) const { return level * spec.direction_count(); }
};

// `spec` must be one without a problem().
Network make_network(const ModelSpec& spec);

template <class T>
struct TensorView {
  T* data;
  int rows, cols;
  T& operator()(int r, int c = 0) const {
    return data[static_cast<std::size_t>(r) * static_cast<std::size_t>(cols) + static_cast<std::size_t>(c)];
  }
};
template <class T>
TensorView<T> view(const Network& net, std::span<T> buffer, int tensor) {
  const Tensor& t = net.tensors[static_cast<std::size_t>(tensor)];
  return {buffer.data() + t.offset, t.rows, t.cols};
}

// The recurrent layers alone, over real-valued input of `inputs` columns: no readout. spec.symbols, classes,
// task and pool play no part.
Network make_recurrent_network(const ModelSpec& spec, int inputs);

// PyTorch's default: every entry uniform in +-1/sqrt(H) (readout: +-1/sqrt(features)), drawn in buffer order.
template <class T>
void initialise(const Network& net, std::uint64_t seed, std::span<T> parameters);

// 16 hex digits over the bits of the weights. Any NaN hashes alike (its bits differ between platforms).
std::string weights_hash(std::span<const float> parameters);

// Which symbols each token may be (bit mask over D); tokens 0..D-1 are the symbols themselves. An ambiguity
// code is read as the mean of its symbols.
struct TokenTable {
  int symbols = 4;
  std::vector<std::uint32_t> masks;
};

}  // namespace ribostep::rnn
