#include "rnn/layer_norm.h"

#include <algorithm>
#include <cmath>

#include "rnn/gemm.h"

namespace ribostep::rnn {
namespace {

constexpr double kEpsilon = 1e-5;  // torch.nn.LayerNorm's

}  // namespace

template <class T>
LayerNorm<T>::LayerNorm(int blocks, int hidden, int units, std::size_t gain_at, std::size_t bias_at)
    : blocks_(blocks), hidden_(hidden), units_(units), gain_at_(gain_at), bias_at_(bias_at) {}

template <class T>
void LayerNorm<T>::pack(std::span<const T> parameters) {
  const auto spread = [&](Buffer<T>& to, std::size_t from) {
    to.assign(area(blocks_, units_), T(0));
    for (int block = 0; block < blocks_; ++block)
      std::copy_n(parameters.data() + from + area(block, hidden_), hidden_, to.data() + area(block, units_));
  };
  spread(gain_, gain_at_);
  spread(bias_, bias_at_);
}

template <class T>
void LayerNorm<T>::reserve(int rows) {
  grown(xhat_, area(rows, blocks_ * units_));
  grown(inverse_, area(rows, blocks_));
}

template <class T>
void LayerNorm<T>::forward(T* a, int row, int rows) {
  const auto n = static_cast<T>(hidden_);
  for (int r = 0; r < rows; ++r)
    for (int block = 0; block < blocks_; ++block) {
      T* x = a + area(r, blocks_ * units_) + block * units_;
      T* xhat = xhat_.data() + area(row + r, blocks_ * units_) + block * units_;
      const T *gain = gain_.data() + block * units_, *bias = bias_.data() + block * units_;
      T mean = 0, variance = 0;
      for (int j = 0; j < hidden_; ++j) mean += x[j];
      mean /= n;
      for (int j = 0; j < hidden_; ++j) variance += (x[j] - mean) * (x[j] - mean);
      const T inverse = T(1) / std::sqrt(variance / n + static_cast<T>(kEpsilon));
      inverse_[area(row + r, blocks_) + static_cast<std::size_t>(block)] = inverse;
      for (int j = 0; j < hidden_; ++j) {
        xhat[j] = (x[j] - mean) * inverse;
        x[j] = gain[j] * xhat[j] + bias[j];
      }
    }
}

template <class T>
void LayerNorm<T>::begin_gradients() {
  d_gain_.assign(area(blocks_, units_), T(0));
  d_bias_.assign(area(blocks_, units_), T(0));
}

// dx = (g - mean(g) - xhat mean(g xhat)) / deviation,   g = gain * da
template <class T>
void LayerNorm<T>::backward(T* da, int row, int rows) {
  const auto n = static_cast<T>(hidden_);
  for (int r = 0; r < rows; ++r)
    for (int block = 0; block < blocks_; ++block) {
      T* d = da + area(r, blocks_ * units_) + block * units_;
      const T* xhat = xhat_.data() + area(row + r, blocks_ * units_) + block * units_;
      const T* gain = gain_.data() + block * units_;
      T *d_gain = d_gain_.data() + block * units_, *d_bias = d_bias_.data() + block * units_;
      T mean = 0, along = 0;
      for (int j = 0; j < hidden_; ++j) {
        d_gain[j] += d[j] * xhat[j];
        d_bias[j] += d[j];
        d[j] *= gain[j];
        mean += d[j];
        along += d[j] * xhat[j];
      }
      mean /= n;
      along /= n;
      const T inverse = inverse_[area(row + r, blocks_) + static_cast<std::size_t>(block)];
      for (int j = 0; j < hidden_; ++j) d[j] = (d[j] - mean - xhat[j] * along) * inverse;
    }
}

template <class T>
void LayerNorm<T>::add_gradients(std::span<T> gradients) const {
  for (int block = 0; block < blocks_; ++block)
    for (int j = 0; j < hidden_; ++j) {
      const std::size_t to = area(block, hidden_) + static_cast<std::size_t>(j),
                        from = area(block, units_) + static_cast<std::size_t>(j);
      gradients[gain_at_ + to] += d_gain_[from];
      gradients[bias_at_ + to] += d_bias_[from];
    }
}

template class LayerNorm<float>;
template class LayerNorm<double>;

}  // namespace ribostep::rnn
