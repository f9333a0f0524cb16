// The weights before training. Every tensor is drawn in buffer order from one stream, so that a seed means
// the same everywhere; what is set rather than drawn is written over it, so that no choice shifts the other
// weights. Only + - * / sqrt and functions of our own: the same bits on every platform.
#include <cassert>
#include <cmath>

#include "base/random.h"
#include "rnn/cells.h"
#include "rnn/gemm.h"
#include "rnn/math.h"
#include "rnn/network.h"

namespace ribostep::rnn {
namespace {

// Streams of Random: the trainer's shuffling has its own.
constexpr std::uint64_t kInitialStream = 0;
constexpr std::uint64_t kOrthogonalStream = 0x4f525448, kChronoStream = 0x4348524f;

// Half the width of the uniform distribution each tensor is drawn from; negative: not drawn, all 0.
std::vector<double> limits(const Network& net) {
  const ModelSpec& spec = net.spec;
  const auto root = [](int fan) { return 1.0 / std::sqrt(static_cast<double>(fan)); };
  std::vector<double> limit(net.tensors.size(), root(spec.hidden));  // as torch.nn.RNN, LSTM and GRU
  const auto set = [&](int tensor, double value) {
    if (tensor >= 0) limit[static_cast<std::size_t>(tensor)] = value;
  };
  for (const Layer& layer : net.layers) {
    for (const int tensor : {layer.w_x, layer.w_h, layer.b_x, layer.b_h, layer.peepholes})
      if (spec.init == Initialisation::Uniform) set(tensor, spec.init_range);
    if (spec.init == Initialisation::Identity) set(layer.w_x, root(layer.inputs));
    set(layer.norm_gain, -1);
    set(layer.norm_bias, -1);
    const bool encoder = layer.h_0_bias >= 0;
    for (const int tensor : {layer.h_0, layer.c_0, layer.h_0_bias, layer.c_0_bias})
      set(tensor, encoder ? root(spec.encoder_units) : -1.0);
  }
  if (net.encoder_weight >= 0)
    for (const int tensor : {net.encoder_weight, net.encoder_bias})
      set(tensor, root(static_cast<int>(spec.covariates.size())));
  set(net.embedding, std::sqrt(3.0));  // variance 1, as torch.nn.Embedding
  set(net.readout_weight, root(net.features));
  set(net.readout_bias, root(net.features));
  return limit;
}

// Two numbers from the normal distribution: Marsaglia & Bray's polar method (1964), which needs no sine.
struct Normals {
  Random random;
  double spare = 0;
  bool has_spare = false;
  double next() {
    has_spare = !has_spare;
    if (!has_spare) return spare;
    for (;;) {
      const double u = random.symmetric(1), v = random.symmetric(1), s = u * u + v * v;
      if (s >= 1 || s <= 0) continue;
      const double factor = std::sqrt(-2 * log_of<double>(s) / s);
      spare = v * factor;
      return u * factor;
    }
  }
};

double dot(const double* a, const double* b, int n) {
  double sum = 0;
  for (int i = 0; i < n; ++i) sum += a[i] * b[i];
  return sum;
}

// A random orthogonal matrix (n x n): rows from the normal distribution, each freed of those before it by
// Gram-Schmidt. Where little of a row remains, its rounding errors are freed of them too.
std::vector<double> orthogonal(int n, Normals& normals) {
  std::vector<double> m(area(n, n));
  for (int r = 0; r < n; ++r) {
    double* row = m.data() + area(r, n);
    double size = 0, before = 0;
    do {
      if (size <= 1e-6 * before) {  // the start, or nothing but rounding errors remained: draw
        for (int i = 0; i < n; ++i) row[i] = normals.next();
        size = std::sqrt(dot(row, row, n));
      }
      before = size;
      for (int q = 0; q < r; ++q) {
        const double* other = m.data() + area(q, n);
        const double along = dot(row, other, n);
        for (int i = 0; i < n; ++i) row[i] -= along * other[i];
      }
      size = std::sqrt(dot(row, row, n));
    } while (!(size > 0.5 * before));
    for (int i = 0; i < n; ++i) row[i] /= size;
  }
  return m;
}

template <class T>
struct Setter {
  const Network& net;
  std::span<T> parameters;
  Normals normals;
  Random chrono;

  T* at(int tensor) { return parameters.data() + net.tensors[static_cast<std::size_t>(tensor)].offset; }
  void fill(int tensor, double value) {
    if (tensor < 0) return;
    for (T& x : parameters.subspan(net.tensors[static_cast<std::size_t>(tensor)].offset,
                                   net.tensors[static_cast<std::size_t>(tensor)].size()))
      x = static_cast<T>(value);
  }

  // Identity, after Le, Jaitly & Hinton (2015): h' is passed on as it is, biases are 0. Their input weights
  // are normal with a deviation of 0.001; here they are uniform in +-1/sqrt(inputs), so that few examples do.
  void recurrent_weights(const Layer& layer) {
    const int hidden = layer.hidden;
    for (std::size_t g = 0; g < gates(layer.cell).size(); ++g) {
      T* w = at(layer.w_h) + g * area(hidden, hidden);
      if (net.spec.init == Initialisation::Orthogonal) {
        const std::vector<double> m = orthogonal(hidden, normals);
        for (std::size_t i = 0; i < m.size(); ++i) w[i] = static_cast<T>(m[i]);
      } else {
        for (int r = 0; r < hidden; ++r)
          for (int c = 0; c < hidden; ++c) w[area(r, hidden) + static_cast<std::size_t>(c)] = T(r == c);
      }
    }
  }

  // The bias of gate g of a unit is `value`. A normalised pre-activation loses what all its units have in
  // common, so there it is the bias that follows.
  void set_bias(const Layer& layer, int g, int unit, double value) {
    const auto j = static_cast<std::size_t>(unit);
    if (layer.norm_bias >= 0) {
      const int block = block_map(layer.cell).gate_block[static_cast<std::size_t>(g)];
      at(layer.norm_bias)[area(block, layer.hidden) + j] = static_cast<T>(value);
    } else {
      at(layer.b_x)[area(g, layer.hidden) + j] = static_cast<T>(value);
      at(layer.b_h)[area(g, layer.hidden) + j] = T(0);
    }
  }
  void forget_bias(const Layer& layer) {
    const ModelSpec& spec = net.spec;
    const int keeps = gate_index(layer.cell, layer.cell == CellKind::Gru ? 'z' : 'f'),
              input = gate_index(layer.cell, 'i');
    for (int j = 0; j < layer.hidden; ++j) {
      double value = spec.forget_bias_value;
      if (spec.forget_bias == ForgetBias::Chrono) {
        value = log_of<double>(1 + chrono.uniform() * (spec.chrono_span - 2));
        if (input >= 0) set_bias(layer, input, j, -value);
      }
      set_bias(layer, keeps, j, value);
    }
  }
};

}  // namespace

template <class T>
void initialise(const Network& net, std::uint64_t seed, std::span<T> parameters) {
  assert(parameters.size() == net.parameter_count);
  const ModelSpec& spec = net.spec;
  Random random(seed, kInitialStream);
  const std::vector<double> limit = limits(net);
  for (std::size_t i = 0; i < net.tensors.size(); ++i)
    for (T& value : parameters.subspan(net.tensors[i].offset, net.tensors[i].size()))
      value = limit[i] >= 0 ? static_cast<T>(random.symmetric(limit[i]))  // in double, then rounded once
                            : T(0);

  Setter<T> set{net, parameters, {Random(seed, kOrthogonalStream)}, Random(seed, kChronoStream)};
  for (const Layer& layer : net.layers) {
    if (layer.wiring.reverse && spec.directions == Directions::StrandsTied) continue;  // the same weights
    set.fill(layer.norm_gain, 1);
    if (spec.init == Initialisation::Orthogonal || spec.init == Initialisation::Identity)
      set.recurrent_weights(layer);
    if (spec.init == Initialisation::Identity)
      for (const int bias : {layer.b_x, layer.b_h}) set.fill(bias, 0);
    if (spec.forget_bias != ForgetBias::Default) set.forget_bias(layer);
  }
}
template void initialise<float>(const Network&, std::uint64_t, std::span<float>);
template void initialise<double>(const Network&, std::uint64_t, std::span<double>);

}  // namespace ribostep::rnn
