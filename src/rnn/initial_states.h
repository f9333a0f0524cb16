// h_0 and c_0 of every layer for the rows of a batch, and their gradients back to the weights they come from.
// Where the covariates of a row are from, and what a layer does with its state, is no business of this file.
#pragma once
#include <span>
#include <vector>

#include "rnn/bptt.h"
#include "rnn/buffer.h"
#include "rnn/network.h"

namespace ribostep::rnn {

template <class T>
class InitialStates {
 public:
  explicit InitialStates(const Network& net);
  // Recurrent layers alone have no weights for them either.
  bool zero() const { return net_.layers.front().h_0 < 0; }
  void pack(std::span<const T> parameters);

  // Row r of the batch is examples[source[r]].
  void forward(std::span<const Example> examples, std::span<const int> source);
  // [rows][units] of a layer, units in whole vectors (padding 0); null when zero, or for c without a memory.
  const T* h(int layer) const;
  const T* c(int layer) const;

  // From dL/dh_0 and dL/dc_0 of a layer, [rows][units] (dc0 null without a memory): called once for each
  // layer, in any order; sums run over the rows in order.
  void backward(int layer, const T* dh0, const T* dc0);
  // After every layer: adds to the buffer of all gradients.
  void add_gradients(std::span<T> gradients);

 private:
  // A tensor of the initial states inside parameters_ or gradients_.
  T* at(Buffer<T>& buffer, int tensor) const {
    return buffer.data() + (net_.tensors[static_cast<std::size_t>(tensor)].offset - begin_);
  }
  void read_rows(std::span<const Example> examples, std::span<const int> source);
  void encode();
  void state(int weight, int bias, bool is_h, bool squashed, Buffer<T>& out);
  void state_backward(int weight, int bias, bool is_h, bool squashed, const Buffer<T>& value,
                      const T* gradient);

  Network net_;
  int units_ = 0, rows_ = 0;
  std::size_t begin_ = 0, end_ = 0;             // the tensors of the initial states in the flat buffer
  Buffer<T> parameters_, gradients_;            // [begin_, end_) of the flat buffers
  std::vector<int> classes_;                    // [rows], ByClass; -1: unknown
  Buffer<T> covariates_, encoded_, d_encoded_;  // Encoder: [rows][covariates], [rows][E]
  std::vector<Buffer<T>> h_, c_;                // [layers][rows][units]
};

}  // namespace ribostep::rnn
