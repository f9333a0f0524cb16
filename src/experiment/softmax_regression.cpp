// Fitting by L-BFGS (Liu & Nocedal 1989, Math Prog 45:503): no Hessian to store, and every sum is a plain
// loop, so that the result is the same on every platform.
#include "experiment/softmax_regression.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <deque>

#include "rnn/math.h"

namespace ribostep::experiment {
namespace {

constexpr int kIterations = 200;
constexpr int kHistory = 10;
constexpr int kHalvings = 30;
constexpr double kFlat = 1e-4;        // largest component of the gradient at which fitting stops
constexpr double kSufficient = 1e-4;  // Armijo: share of the promised decrease that a step must bring

double dot(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

void add_scaled(std::vector<double>& a, double scale, const std::vector<double>& b) {
  for (std::size_t i = 0; i < a.size(); ++i) a[i] += scale * b[i];
}

// The last steps s and the changes of the gradient y along them: a picture of the curvature.
class Curvature {
 public:
  void learn(std::vector<double> s, std::vector<double> y) {
    const double sy = dot(s, y);
    if (!(sy > 0.0)) return;  // the loss is convex; only rounding gets here
    pairs_.push_back({std::move(s), std::move(y), 1.0 / sy});
    if (pairs_.size() > kHistory) pairs_.pop_front();
  }

  // -H g by the two-loop recursion.
  std::vector<double> direction(const std::vector<double>& gradient) const {
    std::vector<double> q(gradient);
    std::vector<double> alpha(pairs_.size());
    for (std::size_t i = pairs_.size(); i-- > 0;) {
      alpha[i] = pairs_[i].rho * dot(pairs_[i].s, q);
      add_scaled(q, -alpha[i], pairs_[i].y);
    }
    double scale = 1.0;
    if (!pairs_.empty()) scale = 1.0 / (pairs_.back().rho * dot(pairs_.back().y, pairs_.back().y));
    for (double& value : q) value *= scale;
    for (std::size_t i = 0; i < pairs_.size(); ++i)
      add_scaled(q, alpha[i] - pairs_[i].rho * dot(pairs_[i].y, q), pairs_[i].s);
    for (double& value : q) value = -value;
    return q;
  }
  bool empty() const { return pairs_.empty(); }

 private:
  struct Pair {
    std::vector<double> s, y;
    double rho;
  };
  std::deque<Pair> pairs_;
};

}  // namespace

void SoftmaxRegression::logits(const SparseRow& row, std::span<const double> weights,
                               std::vector<double>& out) const {
  out.assign(classes_, 0.0);
  const std::size_t stride = features_ + 1;
  for (std::size_t k = fixed_; k < classes_; ++k) {
    const double* w = weights.data() + (k - fixed_) * stride;
    double sum = w[features_];
    for (const auto& [index, value] : row) sum += w[static_cast<std::size_t>(index)] * value;
    out[k] = sum;
  }
}

struct RegressionFit {
  const SoftmaxRegression& model;
  std::span<const SparseRow> rows;
  std::span<const int> labels;

  // Loss at `weights`; its gradient goes to `gradient`.
  double loss(const std::vector<double>& weights, std::vector<double>& gradient) const {
    const std::size_t stride = model.features_ + 1;
    std::vector<double> z;
    double total = 0.0;
    gradient.assign(weights.size(), 0.0);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      model.logits(rows[i], weights, z);
      const double top = *std::max_element(z.begin(), z.end());
      const double own = z[static_cast<std::size_t>(labels[i])];
      double sum = 0.0;
      for (double& value : z) sum += (value = rnn::exp_of(value - top));
      total += top - own + rnn::log_of(sum);
      for (std::size_t k = model.fixed_; k < model.classes_; ++k) {
        const double target = static_cast<std::size_t>(labels[i]) == k ? 1.0 : 0.0;
        const double error = z[k] / sum - target;
        double* g = gradient.data() + (k - model.fixed_) * stride;
        for (const auto& [index, value] : rows[i]) g[static_cast<std::size_t>(index)] += error * value;
        g[model.features_] += error;
      }
    }
    for (std::size_t j = 0; j < weights.size(); ++j) {
      if (j % stride == model.features_) continue;  // the intercept is not shrunk
      total += 0.5 * weights[j] * weights[j];
      gradient[j] += weights[j];
    }
    return total;
  }
};

SoftmaxRegression::SoftmaxRegression(std::span<const SparseRow> rows, std::span<const int> labels,
                                     int features, int classes)
    : features_(static_cast<std::size_t>(features)),
      classes_(static_cast<std::size_t>(classes)),
      fixed_(classes == 2 ? 1 : 0),
      weights_((classes_ - fixed_) * (features_ + 1), 0.0) {
  const RegressionFit fit{*this, rows, labels};
  std::vector<double> gradient, next_gradient;
  double loss = fit.loss(weights_, gradient);
  Curvature curvature;
  for (int iteration = 0; iteration < kIterations; ++iteration) {
    double steepest = 0.0;
    for (const double g : gradient) steepest = std::max(steepest, std::abs(g));
    if (steepest < kFlat) break;
    std::vector<double> step = curvature.direction(gradient);
    const double slope = dot(step, gradient);
    double scale = curvature.empty() ? 1.0 / std::sqrt(dot(gradient, gradient)) : 1.0;
    std::vector<double> next;
    double next_loss = loss;
    bool improved = false;
    for (int halving = 0; halving < kHalvings && !improved; ++halving, scale *= 0.5) {
      next = weights_;
      add_scaled(next, scale, step);
      next_loss = fit.loss(next, next_gradient);
      improved = next_loss <= loss + kSufficient * scale * slope;
    }
    if (!improved) break;  // as good as rounding allows
    std::vector<double> moved(next), change(next_gradient);
    add_scaled(moved, -1.0, weights_);
    add_scaled(change, -1.0, gradient);
    curvature.learn(std::move(moved), std::move(change));
    weights_ = std::move(next);
    gradient.swap(next_gradient);
    loss = next_loss;
  }
}

int SoftmaxRegression::predict(const SparseRow& row) const {
  std::vector<double> z;
  logits(row, weights_, z);
  return static_cast<int>(std::max_element(z.begin(), z.end()) - z.begin());
}

std::vector<double> SoftmaxRegression::probabilities(const SparseRow& row) const {
  std::vector<double> z;
  logits(row, weights_, z);
  const double top = *std::max_element(z.begin(), z.end());
  double sum = 0.0;
  for (double& value : z) sum += (value = rnn::exp_of(value - top));
  for (double& value : z) value /= sum;
  return z;
}

}  // namespace ribostep::experiment
