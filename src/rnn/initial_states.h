// h_0 and c_0 of every layer for the rows of a batch, and their gradients back to the weights they come from.
#pragma once
#include <span>
#include <vector>

#include "rnn/bptt.h"
#include "rnn/network.h"

namespace ribostep::rnn {

template <class T>
class InitialStates {
 public:
  explicit InitialStates(const Network& net);
  bool zero() const { return net_.spec.initial == InitialState::Zero; }
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
  Network net_;
  int units_ = 0, rows_ = 0;
  std::vector<T> parameters_, gradients_;            // flat, as Network::tensors
  std::vector<int> classes_;                         // [rows], ByClass
  std::vector<T> covariates_, encoded_, d_encoded_;  // Encoder: [rows][covariates], [rows][E]
  std::vector<std::vector<T>> h_, c_;                // [layers][rows][units]
};

}  // namespace ribostep::rnn
