#include "rnn/readout.h"

#include <algorithm>

#include "rnn/math.h"

namespace ribostep::rnn {

template <class T>
void Pooling<T>::begin(Pool pool, int rows, int features) {
  pool_ = pool;
  features_ = features;
  std::fill_n(grown(value_, area(rows, features)), area(rows, features), T(0));
  std::fill_n(grown(where_, area(rows, features)), area(rows, features), T(0));
}

template <class T>
void Pooling<T>::read(int t, const T* x, int stride, int rows) {
  for (int r = 0; r < rows; ++r) {
    const T* from = x + area(r, stride);
    T *value = value_.data() + area(r, features_), *where = where_.data() + area(r, features_);
    for (int j = 0; j < features_; j += kLanes<T>) {
      const Vec<T> now = load(from + j), before = load(value + j);
      if (pool_ == Pool::Mean) {
        store(value + j, before + now);
      } else if (t == 0) {
        store(value + j, now);
      } else {
        const auto larger = now > before;  // of equal ones the first stays
        store(value + j, select<T>(larger, now, before));
        store(where + j, select<T>(larger, splat(static_cast<T>(t)), load(where + j)));
      }
    }
  }
}

template <class T>
void Pooling<T>::result(int row, int length, T* out) const {
  const T* value = value_.data() + area(row, features_);
  const Vec<T> divisor = splat(static_cast<T>(pool_ == Pool::Mean && length > 0 ? length : 1));
  for (int j = 0; j < features_; j += kLanes<T>) store(out + j, load(value + j) / divisor);
}

template <class T>
void Pooling<T>::backward(const BatchLayout& batch, const T* d_pooled, T* d_states) const {
  if (pool_ == Pool::Max) {
    std::fill_n(d_states, area(batch.positions, features_), T(0));
    for (int r = 0; r < batch.rows; ++r)
      for (int j = 0; j < features_ && batch.length[static_cast<std::size_t>(r)] > 0; ++j) {
        const std::size_t at = area(r, features_) + static_cast<std::size_t>(j);
        const int t = static_cast<int>(where_[at]);
        d_states[area(batch.first_at(t) + r, features_) + static_cast<std::size_t>(j)] = d_pooled[at];
      }
    return;
  }
  for (int t = 0; t < batch.steps; ++t)
    for (int r = 0; r < batch.active_at(t); ++r) {
      const Vec<T> length = splat(static_cast<T>(batch.length[static_cast<std::size_t>(r)]));
      T* out = d_states + area(batch.first_at(t) + r, features_);
      for (int j = 0; j < features_; j += kLanes<T>)
        store(out + j, load(d_pooled + area(r, features_) + j) / length);
    }
}

template <class T>
SoftmaxSum<T> softmax(const T* logits, int classes, T* p) {
  T max = logits[0];
  for (int k = 1; k < classes; ++k) max = logits[k] > max ? logits[k] : max;
  for (int k = 0; k < classes; k += kLanes<T>) store(p + k, exp_vec<T>(load(logits + k) - splat(max)));
  T sum = 0;
  for (int k = 0; k < classes; ++k) sum += p[k];
  for (int k = 0; k < classes; k += kLanes<T>) store(p + k, load(p + k) / splat(sum));
  for (int k = classes; k < padded<T>(classes); ++k) p[k] = 0;
  return {max, sum};
}

template <class T>
int argmax(const T* logits, int classes) {
  int best = 0;
  for (int k = 1; k < classes; ++k)
    if (logits[k] > logits[best]) best = k;
  return best;
}

template <class T>
Readout<T>::Readout(const Network& net)
    : weight_at_(net.tensors[static_cast<std::size_t>(net.readout_weight)].offset),
      bias_at_(net.tensors[static_cast<std::size_t>(net.readout_bias)].offset),
      classes_(net.spec.outputs()),
      source_features_(net.features) {
  for (int d = 0; d < net.spec.direction_count(); ++d)
    for (int j = 0; j < padded<T>(net.spec.hidden); ++j)
      columns_.push_back(j < net.spec.hidden ? d * net.spec.hidden + j : -1);
}

template <class T>
void Readout<T>::pack(std::span<const T> parameters, bool backward) {
  const T* w = parameters.data() + weight_at_;
  const auto entry = [&](int k, int feature) {
    const int column = columns_[static_cast<std::size_t>(feature)];
    return k < classes_ && column >= 0 ? w[area(k, source_features_) + static_cast<std::size_t>(column)]
                                       : T(0);
  };
  w_.pack(features(), width(), [&](int f, int k) { return entry(k, f); });
  if (backward) w_back_.pack(width(), features(), [&](int k, int f) { return entry(k, f); });
  T* bias = grown(bias_, static_cast<std::size_t>(width()));
  std::fill_n(bias, width(), T(0));
  std::copy_n(parameters.data() + bias_at_, classes_, bias);
}

template <class T>
void Readout<T>::forward(const T* x, int stride, int rows, T* logits) const {
  for (int r = 0; r < rows; ++r) std::copy_n(bias_.data(), width(), logits + area(r, width()));
  multiply<T, Start::Product>(x, stride, rows, w_, logits, width());
}

template <class T>
void Readout<T>::backward(const T* dz, int rows, T* dx, int stride) const {
  multiply<T, Start::Zero>(dz, width(), rows, w_back_, dx, stride);
}

template <class T>
void Readout<T>::begin_gradients() {
  std::fill_n(grown(d_w_, area(features(), width())), area(features(), width()), T(0));
  std::fill_n(grown(d_bias_, static_cast<std::size_t>(width())), width(), T(0));
  outer_.begin(d_w_.data(), features(), width());
}

template <class T>
void Readout<T>::add_row(const T* x, const T* dz) {
  outer_.add(x, dz);
  for (int k = 0; k < classes_; ++k) d_bias_[static_cast<std::size_t>(k)] += dz[k];
}

template <class T>
void Readout<T>::add_gradients(std::span<T> gradients) {
  outer_.end();
  for (int k = 0; k < classes_; ++k) {
    T* row = gradients.data() + weight_at_ + area(k, source_features_);
    for (int f = 0; f < features(); ++f)
      if (columns_[static_cast<std::size_t>(f)] >= 0)
        row[columns_[static_cast<std::size_t>(f)]] += d_w_[area(f, width()) + static_cast<std::size_t>(k)];
    gradients[bias_at_ + static_cast<std::size_t>(k)] += d_bias_[static_cast<std::size_t>(k)];
  }
}

template class Pooling<float>;
template class Pooling<double>;
template SoftmaxSum<float> softmax<float>(const float*, int, float*);
template SoftmaxSum<double> softmax<double>(const double*, int, double*);
template int argmax<float>(const float*, int);
template int argmax<double>(const double*, int);
template class Readout<float>;
template class Readout<double>;

}  // namespace ribostep::rnn
