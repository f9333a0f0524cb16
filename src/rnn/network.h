// A network as layers over one flat parameter buffer. A layer's cell knows arithmetic, its wiring knows which
// step feeds this one; two directions are two layers side by side reading the same input.
// Conventions (gate order, b_x and b_h apart, GRU's reset inside the recurrent term) are PyTorch's.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "rnn/spec.h"

namespace ribostep::rnn {

// Who feeds step t of a layer: t - dilation, in reverse t + dilation; the initial state where there is none.
// What closes a circle is not here: see Stack.
struct Wiring {
  bool reverse = false;
  int dilation = 1;
  int restart = 0;  // > 0: the first step read of every window of so many steps is fed by the initial state
  int cut = 0;      // > 0: no gradient passes from one window of so many steps to another
  bool complement = false;  // reads the complement of each letter

  bool operator==(const Wiring&) const = default;
  // The step that feeds t, or -1 (the initial state), in a sequence of `steps`.
  int predecessor(int steps, int t) const {
    const int from = reverse ? t + dilation : t - dilation;
    if (from < 0 || from >= steps) return -1;
    return restarts(t) ? -1 : from;
  }
  bool restarts(int t) const { return restart > 0 && crosses(t, restart); }
  bool is_cut(int t) const { return cut > 0 && crosses(t, cut); }

 private:
  // Whether the edge that ends at t comes from another window of `width`. Edges from before the sequence do
  // not count: they come from the initial state, whose gradient stays.
  bool crosses(int t, int width) const {
    const int from = reverse ? t + dilation : t - dilation;
    return from >= 0 && from / width != t / width;
  }
};

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
  int level;   // 0 reads tokens or values; level l reads the states of all layers of level l-1, side by side
  int inputs;  // columns of W_x
  int hidden;  // H
  // Tied strands: the second strand reads the level below with its directions exchanged.
  bool exchanged = false;
  // Indices into Network::tensors; -1: none. w_x (G*H x inputs), w_h (G*H x H), b_x, b_h (G*H).
  int w_x = -1, w_h = -1, b_x = -1, b_h = -1;
  int peepholes = -1;                  // (P*H), P = 3: i f o; coupled gates P = 2: f o
  int norm_gain = -1, norm_bias = -1;  // (blocks*H), blocks as cells.h lays them out
  // Initial state. Learned (1 x H), ByClass (classes x H); Encoder: weight (H x E) and bias (H).
  int h_0 = -1, c_0 = -1, h_0_bias = -1, c_0_bias = -1;
};

struct Network {
  ModelSpec spec;
  std::vector<Layer> layers;                   // level by level, forward before reverse
  std::vector<Tensor> tensors;                 // in buffer order
  int embedding = -1;                          // (token kinds x embedding)
  int encoder_weight = -1, encoder_bias = -1;  // (E x covariates), (E)
  int readout_weight = 0, readout_bias = 0;    // (K x features), (K)
  int features = 0;                            // states of the last level, side by side
  std::size_t parameter_count = 0;

  int level_begin(int level) const { return level * spec.direction_count(); }
  // Steps of level 0 that one step of this level stands for.
  int steps_per_window(int level) const { return level > 0 && spec.window > 0 ? spec.window : 1; }
  // Letters (or positions of a series) that one step of this level stands for.
  int letters_per_step(int level) const { return spec.letters_per_step() * steps_per_window(level); }
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
// task, pool, input and initial play no part.
Network make_recurrent_network(const ModelSpec& spec, int inputs);

// The weights at the start, drawn in buffer order from the seed; see initialise.cpp and ModelSpec::init.
template <class T>
void initialise(const Network& net, std::uint64_t seed, std::span<T> parameters);

// 16 hex digits over the bits of the weights. Any NaN hashes alike (its bits differ between platforms).
std::string weights_hash(std::span<const float> parameters);

// The codes letters are given in: which symbols each may be (bit mask over D); codes 0..D-1 are the symbols
// themselves. No masks: the network reads real values.
struct TokenTable {
  int symbols = 4;
  std::vector<std::uint32_t> masks;
  std::vector<std::uint8_t> complement{};  // of each code; empty: there is no other strand
};

}  // namespace ribostep::rnn
