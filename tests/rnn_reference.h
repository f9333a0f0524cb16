// The equations once more, as slowly and plainly as possible and with the C library's functions, over tensors
// looked up by name: every cell, wiring, initial state, input and readout a ModelSpec can ask for, one
// sequence at a time. Shares nothing with src/rnn but the spec, the layout of the weights and PyTorch's names
// for them.
#pragma once
#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "rnn/bptt.h"

namespace rnn_reference {

using namespace ribostep::rnn;
using Vector = std::vector<double>;
using Matrix = std::vector<Vector>;

inline std::size_t at(int i) { return static_cast<std::size_t>(i); }

struct Weights {
  std::map<std::string, Matrix> by_name;
  Weights(const Network& net, const std::vector<double>& flat) {
    std::size_t next = 0;
    for (const Tensor& t : net.tensors) {
      Matrix m(at(t.rows), Vector(at(t.cols)));
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

struct State {
  Vector h, c;
};
// Of one pass over the sequence: [layer][step].
using Pass = std::vector<std::vector<State>>;

struct Output {
  Pass states;           // of the last pass (doubled: of both copies)
  Matrix probabilities;  // one row per sequence or per step; NextVector: the predicted vectors
  double loss = 0;       // summed over scored items
  int passes = 1;
  bool settled = true;
  // How far the nearest kink is: the smallest |a| of a ReLU, and the smallest lead of a maximum.
  double distance_to_kink = std::numeric_limits<double>::infinity();
};

struct Options {
  const Pass* frozen = nullptr;  // truncated BPTT: what comes over a cut is taken from here
  Vector class_weights;
  double settled = 1e-12;  // FixedPoint
};

class Model {
 public:
  Model(const Network& net, const TokenTable& table, const std::vector<double>& flat, const Example& example,
        Options options)
      : spec_(net.spec), table_(table), w_(net, flat), example_(example), options_(std::move(options)) {}

  Output run() {
    Pass pass = run_pass(nullptr);
    if (spec_.circular == Circular::TwoPass) {
      pass = run_pass(&pass);
      out_.passes = 2;
    }
    if (spec_.circular == Circular::FixedPoint) {
      out_.settled = false;
      while (!out_.settled && out_.passes < spec_.max_passes) {
        Pass next = run_pass(&pass);
        ++out_.passes;
        out_.settled = change_at_origin(pass, next) <= options_.settled;
        pass = std::move(next);
      }
    }
    out_.states = std::move(pass);
    score();
    return out_;
  }

 private:
  bool tied() const { return spec_.directions == Directions::StrandsTied; }
  bool strands() const { return tied() || spec_.directions == Directions::Strands; }
  std::string suffix(int level, int direction) const {
    return "_l" + std::to_string(level) + (direction > 0 && !tied() ? "_reverse" : "");
  }
  int layer(int level, int direction) const { return level * spec_.direction_count() + direction; }
  int letters() const {
    return static_cast<int>(spec_.input == Input::Values ? example_.values.size() / at(spec_.channels)
                                                         : example_.tokens.size());
  }
  // Steps of level 0, and of any level of one pass.
  int steps() const { return letters() / (spec_.input == Input::Codons ? 3 : 1); }
  int steps(int level) const {
    const int n = steps() * (spec_.circular == Circular::Doubled ? 2 : 1);
    return level > 0 && spec_.window > 0 ? (n + spec_.window - 1) / spec_.window : n;
  }

  // The token of one step as its kind, or -1 where it may be any.
  int kind(int begin, int end) const {
    const int n = letters();
    if (begin < 0 && (spec_.circular == Circular::Linear || n < end - begin)) return -1;
    int number = 0;
    for (int i = begin; i < end; ++i) {
      const std::uint8_t letter = example_.tokens[at((i + n) % n)];
      if (letter >= table_.symbols) return -1;
      number = number * table_.symbols + letter;
    }
    return number;
  }
  Vector input(int t, bool complement) const {
    if (spec_.input == Input::Values) {
      const auto row = example_.values.subspan(at(t * spec_.channels), at(spec_.channels));
      return Vector(row.begin(), row.end());
    }
    std::vector<int> members;
    if (spec_.input == Input::Letters) {
      const std::uint8_t code = example_.tokens[at(t)];
      const std::uint32_t mask = table_.masks[complement ? table_.complement[code] : code];
      for (int k = 0; k < table_.symbols; ++k)
        if (mask >> k & 1u) members.push_back(k);
    } else {
      const int only =
          spec_.input == Input::Codons ? kind(3 * t, 3 * t + 3) : kind(t - spec_.kmer + 1, t + 1);
      int kinds = 1;
      for (int i = 0; i < (spec_.input == Input::Codons ? 3 : spec_.kmer); ++i) kinds *= table_.symbols;
      for (int k = 0; k < kinds; ++k)
        if (only < 0 || only == k) members.push_back(k);
    }
    Vector x(at(spec_.inputs()));
    for (const int k : members)
      for (std::size_t j = 0; j < x.size(); ++j) {
        const double value = spec_.embedding > 0 ? w_["embedding.weight"][at(k)][j] : j == at(k);
        x[j] += value / static_cast<double>(members.size());
      }
    return x;
  }

  State initial(int level, int direction) const {
    State s{Vector(at(spec_.hidden)), Vector(at(spec_.hidden))};
    if (spec_.initial == InitialState::Zero) return s;
    const std::string h_0 = "h_0" + suffix(level, direction), c_0 = "c_0" + suffix(level, direction);
    if (spec_.initial == InitialState::Encoder) {
      Vector z;
      for (std::size_t k = 0; k < spec_.covariates.size(); ++k) {
        const double c = example_.covariates[k];
        z.push_back(std::isnan(c) ? 0 : (c - spec_.covariate_center[k]) / spec_.covariate_scale[k]);
      }
      Vector e = affine(w_["encoder.weight"], z, w_["encoder.bias"]);
      for (double& x : e) x = std::tanh(x);
      s.h = affine(w_["encoder." + h_0 + ".weight"], e, w_["encoder." + h_0 + ".bias"]);
      for (double& x : s.h) x = std::tanh(x);
      if (!is_lstm(spec_.cell)) return s;
      s.c = affine(w_["encoder." + c_0 + ".weight"], e, w_["encoder." + c_0 + ".bias"]);
      if (spec_.cell == CellKind::LstmBounded || spec_.cell == CellKind::LstmBoundedCoupled)
        for (double& x : s.c) x = sigmoid(x);
      return s;
    }
    const auto row = [&](const Matrix& m, Vector& to) {
      if (spec_.initial == InitialState::Learned || example_.covariate_class >= 0) {
        to = m[spec_.initial == InitialState::Learned ? 0 : at(example_.covariate_class)];
        return;
      }
      for (const Vector& one : m)
        for (std::size_t j = 0; j < to.size(); ++j) to[j] += one[j] / static_cast<double>(m.size());
    };
    row(w_[h_0], s.h);
    if (is_lstm(spec_.cell)) row(w_[c_0], s.c);
    return s;
  }

  // (a - mean) / sqrt(var + 1e-5) over the units, times gain, plus bias.
  Vector normalised(const Vector& a, const std::string& suffix, std::size_t block) const {
    double mean = 0, variance = 0;
    for (const double x : a) mean += x / static_cast<double>(a.size());
    for (const double x : a) variance += (x - mean) * (x - mean) / static_cast<double>(a.size());
    Vector y;
    for (std::size_t j = 0; j < a.size(); ++j)
      y.push_back(w_["norm_gain" + suffix][block * a.size() + j][0] * (a[j] - mean) /
                      std::sqrt(variance + 1e-5) +
                  w_["norm_bias" + suffix][block * a.size() + j][0]);
    return y;
  }

  State cell(const std::string& suffix, const Vector& x, const State& before) {
    const Vector a = affine(w_["weight_ih" + suffix], x, w_["bias_ih" + suffix]),
                 b = affine(w_["weight_hh" + suffix], before.h, w_["bias_hh" + suffix]);
    const std::size_t hidden = before.h.size();
    const auto part = [&](const Vector& from, std::size_t gate) {
      return Vector(from.begin() + static_cast<std::ptrdiff_t>(gate * hidden),
                    from.begin() + static_cast<std::ptrdiff_t>((gate + 1) * hidden));
    };
    const auto both = [&](std::size_t gate) {
      Vector sum = part(a, gate);
      for (std::size_t j = 0; j < hidden; ++j) sum[j] += b[gate * hidden + j];
      return sum;
    };
    std::vector<Vector> z;  // what is normalised apart, in the order of its gains
    if (spec_.cell == CellKind::Gru)
      z = {part(a, 2), both(0), both(1), part(b, 2)};
    else
      for (std::size_t gate = 0; gate < a.size() / hidden; ++gate) z.push_back(both(gate));
    if (spec_.layer_norm)
      for (std::size_t block = 0; block < z.size(); ++block) z[block] = normalised(z[block], suffix, block);
    State s = before;
    for (std::size_t j = 0; j < hidden; ++j) {
      const double c = before.c[j];
      const auto peephole = [&](std::size_t row) {
        return spec_.peepholes ? w_["weight_peephole" + suffix][row * hidden + j][0] : 0.0;
      };
      switch (spec_.cell) {
        case CellKind::ElmanTanh:
          s.h[j] = std::tanh(z[0][j]);
          break;
        case CellKind::ElmanRelu:
          s.h[j] = std::max(0.0, z[0][j]);
          near_kink(z[0][j]);
          break;
        case CellKind::Gru: {
          const double r = sigmoid(z[1][j]), u = sigmoid(z[2][j]), n = std::tanh(z[0][j] + r * z[3][j]);
          s.h[j] = (1 - u) * n + u * before.h[j];
          break;
        }
        case CellKind::Lstm:
        case CellKind::LstmBounded: {
          const double i = sigmoid(z[0][j] + peephole(0) * c), f = sigmoid(z[1][j] + peephole(1) * c);
          const double g = spec_.cell == CellKind::Lstm ? std::tanh(z[2][j]) : sigmoid(z[2][j]);
          s.c[j] = f * c + i * g;
          s.h[j] = sigmoid(z[3][j] + peephole(2) * s.c[j]) * std::tanh(s.c[j]);
          break;
        }
        case CellKind::LstmCoupled:
        case CellKind::LstmBoundedCoupled: {
          const double f = sigmoid(z[0][j] + peephole(0) * c);
          const double g = spec_.cell == CellKind::LstmCoupled ? std::tanh(z[1][j]) : sigmoid(z[1][j]);
          s.c[j] = f * c + (1 - f) * g;
          s.h[j] = sigmoid(z[2][j] + peephole(1) * s.c[j]) * std::tanh(s.c[j]);
        }
      }
    }
    return s;
  }
  void near_kink(double distance) {
    out_.distance_to_kink = std::min(out_.distance_to_kink, std::fabs(distance));
  }

  // What a layer reads at each of its steps.
  Matrix inputs(const Pass& pass, int level, int direction) const {
    Matrix xs;
    if (level == 0) {
      for (int t = 0; t < steps(0); ++t) xs.push_back(input(t % steps(), strands() && direction > 0));
      return xs;
    }
    const int width = level == 1 && spec_.window > 0 ? spec_.window : 1, under = steps(level - 1);
    for (int t = 0; t < steps(level); ++t) {
      Vector x;
      for (int half = 0; half < spec_.direction_count(); ++half) {
        // With the same weights the other strand must find its own direction where the first finds its own.
        const int d = tied() && direction > 0 ? 1 - half : half;
        const std::vector<State>& from = pass[at(layer(level - 1, d))];
        const int begin = t * width, end = std::min(begin + width, under);
        for (std::size_t j = 0; j < at(spec_.hidden); ++j) {
          double mean = 0;
          for (int i = begin; i < end; ++i) mean += from[at(i)].h[j] / (end - begin);
          x.push_back(spec_.window_summary == Summary::Mean ? mean : from[at(d > 0 ? begin : end - 1)].h[j]);
        }
      }
      xs.push_back(x);
    }
    return xs;
  }

  Pass run_pass(const Pass* before) {
    Pass pass;
    for (int level = 0; level < spec_.layers; ++level)
      for (int d = 0; d < spec_.direction_count(); ++d) {
        const Matrix xs = inputs(pass, level, d);
        const int n = steps(level), jump = (d > 0 ? 1 : -1) * spec_.dilation(level), l = layer(level, d);
        const bool restarts = level == 0 && spec_.window > 0 && !spec_.window_carry;
        std::vector<State> states(at(n));
        for (int s = 0; s < n; ++s) {
          const int t = d > 0 ? n - 1 - s : s, from = t + jump;
          const bool inside = from >= 0 && from < n;
          const auto crosses = [&](int width) { return inside && from / width != t / width; };
          State fed = initial(level, d);
          if (restarts && (!inside || crosses(spec_.window))) {
            // as it is
          } else if (!inside) {
            if (before) fed = (*before)[at(l)][at(((from % n) + n) % n)];
          } else if (options_.frozen && spec_.truncate > 0 && crosses(spec_.truncate)) {
            fed = (*options_.frozen)[at(l)][at(from)];
          } else {
            fed = states[at(from)];
          }
          states[at(t)] = cell(suffix(level, d), xs[at(t)], fed);
        }
        pass.push_back(std::move(states));
      }
    return pass;
  }

  double change_at_origin(const Pass& one, const Pass& two) const {
    double change = 0;
    for (int level = 0; level < spec_.layers; ++level)
      for (int d = 0; d < spec_.direction_count(); ++d) {
        if (level == 0 && spec_.window > 0 && !spec_.window_carry) continue;  // hands nothing on
        const int n = steps(level);
        for (int k = 0; k < std::min(n, spec_.dilation(level)); ++k) {
          const auto l = at(layer(level, d)), t = at(d > 0 ? k : n - 1 - k);
          for (std::size_t j = 0; j < at(spec_.hidden); ++j) {
            change = std::max(change, std::fabs(one[l][t].h[j] - two[l][t].h[j]));
            change = std::max(change, std::fabs(one[l][t].c[j] - two[l][t].c[j]));
          }
        }
      }
    return change;
  }

  // The states of the top level at its step t, as they are scored.
  Vector top(int t) const {
    Vector x;
    const int copy = spec_.circular == Circular::Doubled ? steps() : 0;
    for (int d = 0; d < spec_.direction_count(); ++d) {
      const Vector& h = out_.states[at(layer(spec_.layers - 1, d))][at(d > 0 ? t : t + copy)].h;
      x.insert(x.end(), h.begin(), h.end());
    }
    return x;
  }
  Matrix features() {
    const int level = spec_.layers - 1, copies = spec_.circular == Circular::Doubled ? 2 : 1;
    const int n = steps(level) / copies;
    Matrix all;
    for (int t = 0; t < n; ++t) all.push_back(top(t));
    if (spec_.task != Task::SequenceLabel) {
      Matrix rows;
      for (int t = 0; t < steps(); ++t)
        rows.push_back(all[at(level > 0 && spec_.window > 0 ? t / spec_.window : t)]);
      return rows;
    }
    Vector pooled(at(spec_.hidden * spec_.direction_count()));
    for (std::size_t j = 0; j < pooled.size() && n > 0; ++j) {
      double sum = 0, max = all[0][j];
      for (const Vector& x : all) sum += x[j], max = std::max(max, x[j]);
      const auto end = j < at(spec_.hidden) ? all.size() - 1 : 0;  // the other direction ends at the start
      pooled[j] = spec_.pool == Pool::Last ? all[end][j] : spec_.pool == Pool::Mean ? sum / n : max;
      if (spec_.pool == Pool::Max)
        for (const Vector& x : all)
          if (x[j] != max) near_kink(max - x[j]);
    }
    return {pooled};
  }

  // The class row t is scored against, or -1.
  int wanted(int t) const {
    int cls = -1;
    const int step = spec_.input == Input::Codons ? 3 : 1;
    if (spec_.task == Task::SequenceLabel) cls = example_.label;
    if (spec_.task == Task::PositionLabel) cls = example_.position_labels[at(step * t + step / 2)];
    if (spec_.task == Task::NextSymbol && t + 1 < steps()) cls = kind(step * (t + 1), step * (t + 2));
    return cls < spec_.outputs() ? cls : -1;
  }
  void score() {
    const Matrix rows = features();
    for (int t = 0; t < static_cast<int>(rows.size()); ++t) {
      Vector p = affine(w_["readout.weight"], rows[at(t)], w_["readout.bias"]);
      if (spec_.task == Task::NextVector) {
        for (std::size_t k = 0; k < p.size() && t + 1 < steps(); ++k) {
          const double miss = p[k] - example_.values[at(t + 1) * p.size() + k];
          out_.loss += miss * miss / static_cast<double>(p.size());
        }
        out_.probabilities.push_back(p);
        continue;
      }
      double total = 0;
      for (double& z : p) total += z = std::exp(z);
      for (double& z : p) z /= total;
      const int cls = wanted(t);
      if (cls >= 0)
        out_.loss -=
            std::log(p[at(cls)]) * (options_.class_weights.empty() ? 1 : options_.class_weights[at(cls)]);
      out_.probabilities.push_back(p);
    }
  }

  ModelSpec spec_;
  TokenTable table_;
  Weights w_;
  Example example_;
  Options options_;
  Output out_;
};

inline Output forward(const Network& net, const TokenTable& table, const std::vector<double>& flat,
                      const Example& example, Options options = {}) {
  return Model(net, table, flat, example, std::move(options)).run();
}

}  // namespace rnn_reference
