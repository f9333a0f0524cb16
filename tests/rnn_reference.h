// The equations once more, as slowly and plainly as possible and with the C library's functions: PyTorch's
// definitions of RNN, LSTM and GRU over tensors looked up by name. Shares nothing with src/rnn but the
// layout.
#pragma once
#include <algorithm>
#include <bit>
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "rnn/bptt.h"

namespace rnn_reference {

using namespace ribostep::rnn;
using Vector = std::vector<double>;
using Matrix = std::vector<Vector>;

struct Weights {
  std::map<std::string, Matrix> by_name;
  Weights(const Network& net, const std::vector<double>& flat) {
    std::size_t next = 0;
    for (const Tensor& t : net.tensors) {
      Matrix m(static_cast<std::size_t>(t.rows), Vector(static_cast<std::size_t>(t.cols)));
      for (Vector& row : m)
        for (double& x : row) x = flat[next++];
      by_name[t.name] = m;
    }
  }
  const Matrix& operator[](const std::string& name) const { return by_name.at(name); }
};

inline Vector affine(const Matrix& w, const Vector& x, const Matrix& b) {
  Vector y;
  for (std::size_t r = 0; r < w.size(); ++r) {
    double sum = b[r][0];
    for (std::size_t k = 0; k < x.size(); ++k) sum += w[r][k] * x[k];
    y.push_back(sum);
  }
  return y;
}

inline double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

// Reads xs in the order given and returns the states in that order.
inline Matrix run_cell(CellKind kind, const Weights& w, const std::string& suffix, const Matrix& xs,
                       std::size_t hidden) {
  Vector h(hidden), c(hidden);
  Matrix states;
  for (const Vector& x : xs) {
    const Vector a = affine(w["weight_ih" + suffix], x, w["bias_ih" + suffix]),
                 b = affine(w["weight_hh" + suffix], h, w["bias_hh" + suffix]);
    for (std::size_t j = 0; j < hidden; ++j) {
      const auto gate = [&](std::size_t g) { return a[g * hidden + j] + b[g * hidden + j]; };
      switch (kind) {
        case CellKind::ElmanTanh:
          h[j] = std::tanh(gate(0));
          break;
        case CellKind::ElmanRelu:
          h[j] = std::max(0.0, gate(0));
          break;
        case CellKind::Lstm:
          c[j] = sigmoid(gate(1)) * c[j] + sigmoid(gate(0)) * std::tanh(gate(2));
          h[j] = sigmoid(gate(3)) * std::tanh(c[j]);
          break;
        case CellKind::Gru: {
          const double z = sigmoid(gate(1));
          const double n = std::tanh(a[2 * hidden + j] + sigmoid(gate(0)) * b[2 * hidden + j]);
          h[j] = (1 - z) * n + z * h[j];
        }
      }
    }
    states.push_back(h);
  }
  return states;
}

struct Output {
  Matrix probabilities;  // one row per sequence, or per position
  double loss = 0;       // summed over scored items
};

inline Output forward(const Network& net, const TokenTable& table, const std::vector<double>& flat,
                      const Example& example) {
  const Weights w(net, flat);
  const ModelSpec& spec = net.spec;
  const auto hidden = static_cast<std::size_t>(spec.hidden);
  Matrix xs;
  for (const std::uint8_t token : example.tokens) {
    Vector x(static_cast<std::size_t>(table.symbols));
    const std::uint32_t mask = table.masks[token];
    for (std::size_t k = 0; k < x.size(); ++k)
      if (mask >> k & 1u) x[k] = 1.0 / std::popcount(mask);
    xs.push_back(x);
  }
  Vector last;
  for (int level = 0; level < spec.layers; ++level) {
    const std::string suffix = "_l" + std::to_string(level);
    Matrix out = run_cell(spec.cell, w, suffix, xs, hidden);
    last = out.back();
    if (spec.directions == Directions::Both) {
      std::reverse(xs.begin(), xs.end());
      Matrix back = run_cell(spec.cell, w, suffix + "_reverse", xs, hidden);
      last.insert(last.end(), back.back().begin(), back.back().end());
      std::reverse(back.begin(), back.end());
      for (std::size_t t = 0; t < out.size(); ++t)
        out[t].insert(out[t].end(), back[t].begin(), back[t].end());
    }
    xs = out;
  }
  Matrix features = xs;
  if (spec.task == Task::SequenceLabel) {
    Vector pooled = last;
    if (spec.pool != Pool::Last)
      for (std::size_t j = 0; j < pooled.size(); ++j) {
        double sum = 0, max = xs[0][j];
        for (const Vector& x : xs) sum += x[j], max = std::max(max, x[j]);
        pooled[j] = spec.pool == Pool::Mean ? sum / static_cast<double>(xs.size()) : max;
      }
    features = {pooled};
  }
  Output output;
  for (std::size_t t = 0; t < features.size(); ++t) {
    Vector p = affine(w["readout.weight"], features[t], w["readout.bias"]);
    double total = 0;
    for (double& z : p) total += z = std::exp(z);
    for (double& z : p) z /= total;
    const int cls = target(spec, example, static_cast<int>(t));
    if (cls >= 0) output.loss -= std::log(p[static_cast<std::size_t>(cls)]);
    output.probabilities.push_back(p);
  }
  return output;
}

}  // namespace rnn_reference
