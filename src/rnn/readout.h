// From states to a loss: pooling over positions, one affine map to K classes, softmax and cross-entropy, each
// with its way back. What is scored, and against which target, is decided by the caller.
#pragma once
#include <span>
#include <vector>

#include "rnn/gemm.h"
#include "rnn/layer.h"
#include "rnn/network.h"

namespace ribostep::rnn {

// Positions to one vector per row, in the order t = 0, 1, ...; may be read while it is still running.
template <class T>
class Pooling {
 public:
  // Pool::Last is not summed up here: see LayerRun::final_state.
  void begin(Pool pool, int rows, int features);
  void read(int t, const T* x, int stride, int rows);  // states after position t of the first `rows` rows
  // The pooled vector of a row of which `length` positions have been read; length 0 gives zeros.
  void result(int row, int length, T* out) const;
  // dL/d(states) at every position of the batch from dL/d(pooled) [rows][features].
  void backward(const BatchLayout& batch, const T* d_pooled, T* d_states) const;

 private:
  Pool pool_ = Pool::Mean;
  int features_ = 0;
  Buffer<T> value_;  // [rows][features] sum, or maximum
  Buffer<T> where_;  // [rows][features] first position of the maximum (exact: below 2^24)
};

// Softmax of one row of logits: e^(z_k - max) / sum. Padding of `p` is set to 0.
template <class T>
struct SoftmaxSum {
  T max, sum;  // -log p_k = log(sum) - (z_k - max)
};
template <class T>
SoftmaxSum<T> softmax(const T* logits, int classes, T* p);

// First class with the largest logit.
template <class T>
int argmax(const T* logits, int classes);

template <class T>
class Readout {
 public:
  explicit Readout(const Network& net);
  int features() const { return static_cast<int>(columns_.size()); }  // states in whole vectors per direction
  int classes() const { return classes_; }                            // K
  int width() const { return padded<T>(classes_); }                   // K in whole vectors

  void pack(std::span<const T> parameters, bool backward);
  // z = W x + b: the bias first, features ascending on top. x [rows][features], logits [rows][width].
  void forward(const T* x, int stride, int rows, T* logits) const;
  // dL/dx = W^T dz.
  void backward(const T* dz, int rows, T* dx, int stride) const;

  // Weight gradients, one row after the other in the order given.
  void begin_gradients();
  void add_row(const T* x, const T* dz);
  void add_gradients(std::span<T> gradients);

 private:
  std::size_t weight_at_, bias_at_;
  int classes_, source_features_;
  std::vector<int> columns_;  // column of W behind each feature; -1: padding
  Panels<T> w_, w_back_;      // [features][width], [width][features]
  Buffer<T> bias_;            // [width]
  Buffer<T> d_w_, d_bias_;
  OuterSum<T> outer_;
};

}  // namespace ribostep::rnn
