// The recurrent layers alone on real-valued input, as torch.nn.RNN, LSTM and GRU see them: outputs, final
// states and vector-Jacobian products. The same layers as training runs; people use it to check us against
// their framework.
#pragma once
#include <memory>
#include <span>
#include <vector>

#include "rnn/network.h"

namespace ribostep::rnn {

// Dense arrays, row-major. L steps, B rows, F inputs, H units, D directions.
template <class T>
struct PassInput {
  int steps = 0, rows = 0, inputs = 0;
  std::vector<T> x;          // [L][B][F]
  std::vector<int> lengths;  // [B], each 1..L; empty: all L
  std::vector<T> h0, c0;     // [layers*D][B][H], forward before reverse; empty: zeros
};
template <class T>
struct PassOutput {
  std::vector<T> output;    // [L][B][D*H], zeros beyond a row's length
  std::vector<T> h_n, c_n;  // [layers*D][B][H]; c_n for LSTM only
};
template <class T>
struct PassGradients {
  std::vector<T> parameters;  // flat, as Network::tensors
  std::vector<T> x, h0, c0;   // shaped as in PassInput
};

template <class T>
class RecurrentPass {
 public:
  // A network without readout: make_recurrent_network().
  explicit RecurrentPass(const Network& net);
  ~RecurrentPass();
  PassOutput<T> forward(std::span<const T> parameters, const PassInput<T>& input);
  // Of sum(dy * output) + sum(dh_n * h_n) + sum(dc_n * c_n) over the last forward(). Empty spans: zeros.
  PassGradients<T> backward(std::span<const T> dy, std::span<const T> dh_n = {},
                            std::span<const T> dc_n = {});

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ribostep::rnn
