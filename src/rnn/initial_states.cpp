#include "rnn/initial_states.h"

#include <algorithm>

#include "rnn/gemm.h"
#include "rnn/math.h"

namespace ribostep::rnn {
namespace {

template <class T>
T derivative_of_tanh(T y) {
  return T(1) - y * y;
}
template <class T>
T derivative_of_sigmoid(T y) {
  return y * (T(1) - y);
}

}  // namespace

template <class T>
InitialStates<T>::InitialStates(const Network& net)
    : net_(net), units_(padded<T>(net.spec.hidden)), h_(net.layers.size()), c_(net.layers.size()) {
  begin_ = net.parameter_count;
  const auto cover = [&](int tensor) {
    if (tensor < 0) return;
    const Tensor& t = net.tensors[static_cast<std::size_t>(tensor)];
    begin_ = std::min(begin_, t.offset);
    end_ = std::max(end_, t.offset + t.size());
  };
  cover(net.encoder_weight);
  cover(net.encoder_bias);
  for (const Layer& layer : net.layers)
    for (const int tensor : {layer.h_0, layer.c_0, layer.h_0_bias, layer.c_0_bias}) cover(tensor);
  if (zero()) begin_ = end_ = 0;
  parameters_.resize(end_ - begin_);
  gradients_.resize(end_ - begin_);
}

template <class T>
void InitialStates<T>::pack(std::span<const T> parameters) {
  std::copy_n(parameters.data() + begin_, parameters_.size(), parameters_.data());
}

template <class T>
const T* InitialStates<T>::h(int layer) const {
  return zero() ? nullptr : h_[static_cast<std::size_t>(layer)].data();
}
template <class T>
const T* InitialStates<T>::c(int layer) const {
  return zero() || net_.layers[static_cast<std::size_t>(layer)].c_0 < 0
             ? nullptr
             : c_[static_cast<std::size_t>(layer)].data();
}

template <class T>
void InitialStates<T>::forward(std::span<const Example> examples, std::span<const int> source) {
  if (zero()) return;
  rows_ = static_cast<int>(source.size());
  std::fill(gradients_.begin(), gradients_.end(), T(0));
  read_rows(examples, source);
  if (net_.spec.initial == InitialState::Encoder) encode();
  for (std::size_t l = 0; l < net_.layers.size(); ++l) {
    const Layer& layer = net_.layers[l];
    state(layer.h_0, layer.h_0_bias, true, true, h_[l]);
    if (layer.c_0 >= 0) state(layer.c_0, layer.c_0_bias, false, sigmoid_candidate(layer.cell), c_[l]);
  }
}

// What the states of a row depend on.
template <class T>
void InitialStates<T>::read_rows(std::span<const Example> examples, std::span<const int> source) {
  const ModelSpec& spec = net_.spec;
  const auto example = [&](int r) -> const Example& {
    return examples[static_cast<std::size_t>(source[static_cast<std::size_t>(r)])];
  };
  if (spec.initial == InitialState::ByClass) {
    int* classes = grown(classes_, static_cast<std::size_t>(rows_));
    for (int r = 0; r < rows_; ++r) {
      const int cls = example(r).covariate_class;
      classes[r] = cls >= 0 && cls < spec.covariate_classes ? cls : -1;
    }
  }
  if (spec.initial != InitialState::Encoder) return;
  const int count = static_cast<int>(spec.covariates.size());
  T* z = grown(covariates_, area(rows_, count));
  for (int r = 0; r < rows_; ++r)
    for (std::size_t k = 0; k < spec.covariates.size(); ++k) {
      const auto& given = example(r).covariates;
      const double c = k < given.size() ? given[k] : spec.covariate_center[k];
      const double x = (c - spec.covariate_center[k]) / spec.covariate_scale[k];
      *z++ = x == x ? static_cast<T>(x) : T(0);  // unknown: the center
    }
}

// e = tanh(W z + b)
template <class T>
void InitialStates<T>::encode() {
  const int units = net_.spec.encoder_units, count = static_cast<int>(net_.spec.covariates.size());
  const T *w = at(parameters_, net_.encoder_weight), *b = at(parameters_, net_.encoder_bias);
  T* e = grown(encoded_, area(rows_, units));
  std::fill_n(grown(d_encoded_, area(rows_, units)), area(rows_, units), T(0));
  for (int r = 0; r < rows_; ++r)
    for (int j = 0; j < units; ++j) {
      T sum = b[j];
      for (int k = 0; k < count; ++k)
        sum += w[area(j, count) + static_cast<std::size_t>(k)] *
               covariates_[area(r, count) + static_cast<std::size_t>(k)];
      *e++ = tanh_of(sum);
    }
}

// h_0 or c_0 of a layer. `squashed` (Encoder): h_0 = tanh(W_h e + b_h); c_0 = s(W_c e + b_c) for a cell whose
// memory is meant to stay in [0, 1], otherwise W_c e + b_c.
template <class T>
void InitialStates<T>::state(int weight, int bias, bool is_h, bool squashed, Buffer<T>& out) {
  const ModelSpec& spec = net_.spec;
  const int hidden = spec.hidden;
  const T* w = at(parameters_, weight);
  std::fill_n(grown(out, area(rows_, units_)), area(rows_, units_), T(0));
  for (int r = 0; r < rows_; ++r) {
    T* to = out.data() + area(r, units_);
    if (spec.initial == InitialState::Encoder) {
      const T *b = at(parameters_, bias), *e = encoded_.data() + area(r, spec.encoder_units);
      for (int j = 0; j < hidden; ++j) {
        T sum = b[j];
        for (int k = 0; k < spec.encoder_units; ++k)
          sum += w[area(j, spec.encoder_units) + static_cast<std::size_t>(k)] * e[k];
        to[j] = !squashed ? sum : is_h ? tanh_of(sum) : sigmoid_of(sum);
      }
      continue;
    }
    const int cls = spec.initial == InitialState::ByClass ? classes_[static_cast<std::size_t>(r)] : 0;
    if (cls >= 0) {
      std::copy_n(w + area(cls, hidden), hidden, to);
      continue;
    }
    for (int j = 0; j < hidden; ++j) {  // unknown: the mean of all classes
      T sum = 0;
      for (int k = 0; k < spec.covariate_classes; ++k)
        sum += w[area(k, hidden) + static_cast<std::size_t>(j)];
      to[j] = sum / static_cast<T>(spec.covariate_classes);
    }
  }
}

template <class T>
void InitialStates<T>::backward(int layer, const T* dh0, const T* dc0) {
  if (zero()) return;
  const auto l = static_cast<std::size_t>(layer);
  const Layer& of = net_.layers[l];
  state_backward(of.h_0, of.h_0_bias, true, true, h_[l], dh0);
  if (of.c_0 >= 0 && dc0) state_backward(of.c_0, of.c_0_bias, false, sigmoid_candidate(of.cell), c_[l], dc0);
}

template <class T>
void InitialStates<T>::state_backward(int weight, int bias, bool is_h, bool squashed, const Buffer<T>& value,
                                      const T* gradient) {
  const ModelSpec& spec = net_.spec;
  const int hidden = spec.hidden;
  T* dw = at(gradients_, weight);
  for (int r = 0; r < rows_; ++r) {
    const T *d = gradient + area(r, units_), *y = value.data() + area(r, units_);
    if (spec.initial == InitialState::Encoder) {
      const int units = spec.encoder_units;
      const T *w = at(parameters_, weight), *e = encoded_.data() + area(r, units);
      T *db = at(gradients_, bias), *de = d_encoded_.data() + area(r, units);
      for (int j = 0; j < hidden; ++j) {
        const T da =
            !squashed ? d[j] : d[j] * (is_h ? derivative_of_tanh(y[j]) : derivative_of_sigmoid(y[j]));
        db[j] += da;
        for (int k = 0; k < units; ++k) {
          const std::size_t jk = area(j, units) + static_cast<std::size_t>(k);
          dw[jk] += da * e[k];
          de[k] += da * w[jk];
        }
      }
      continue;
    }
    const int cls = spec.initial == InitialState::ByClass ? classes_[static_cast<std::size_t>(r)] : 0;
    for (int j = 0; j < hidden; ++j) {
      if (cls >= 0) {
        dw[area(cls, hidden) + static_cast<std::size_t>(j)] += d[j];
        continue;
      }
      const T share = d[j] / static_cast<T>(spec.covariate_classes);
      for (int k = 0; k < spec.covariate_classes; ++k)
        dw[area(k, hidden) + static_cast<std::size_t>(j)] += share;
    }
  }
}

template <class T>
void InitialStates<T>::add_gradients(std::span<T> gradients) {
  if (zero()) return;
  if (net_.spec.initial == InitialState::Encoder) {
    const int units = net_.spec.encoder_units, count = static_cast<int>(net_.spec.covariates.size());
    T *dw = at(gradients_, net_.encoder_weight), *db = at(gradients_, net_.encoder_bias);
    for (int r = 0; r < rows_; ++r)
      for (int j = 0; j < units; ++j) {
        const std::size_t rj = area(r, units) + static_cast<std::size_t>(j);
        const T da = d_encoded_[rj] * derivative_of_tanh(encoded_[rj]);
        db[j] += da;
        for (int k = 0; k < count; ++k)
          dw[area(j, count) + static_cast<std::size_t>(k)] +=
              da * covariates_[area(r, count) + static_cast<std::size_t>(k)];
      }
  }
  for (std::size_t i = begin_; i < end_; ++i) gradients[i] += gradients_[i - begin_];
}

template class InitialStates<float>;
template class InitialStates<double>;

}  // namespace ribostep::rnn
