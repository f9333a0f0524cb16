// Multinomial logistic regression with an L2 penalty, for the baselines.
#pragma once
#include <span>
#include <utility>
#include <vector>

namespace ribostep::experiment {

// Features of one record: (index, value), each index at most once.
using SparseRow = std::vector<std::pair<int, double>>;

class SoftmaxRegression {
 public:
  // Minimises sum of cross-entropies + |W|^2 / 2, intercepts free: scikit-learn's LogisticRegression with C
  // = 1. rows and labels (0 .. classes-1) have equal length; indices lie below `features`.
  SoftmaxRegression(std::span<const SparseRow> rows, std::span<const int> labels, int features, int classes);
  int predict(const SparseRow& row) const;                        // lowest class among equals
  std::vector<double> probabilities(const SparseRow& row) const;  // one per class
  // [sets][features + 1], the intercept last; one set for two classes, otherwise one per class.
  const std::vector<double>& weights() const { return weights_; }

 private:
  friend struct RegressionFit;
  void logits(const SparseRow& row, std::span<const double> weights, std::vector<double>& out) const;

  std::size_t features_, classes_;
  std::size_t fixed_;  // classes whose logit is 0: two classes need one set of weights, not two
  std::vector<double> weights_;
};

}  // namespace ribostep::experiment
