// How good is a prediction, with its uncertainty: counts, a 95 % interval, a confusion matrix, and what the
// simplest methods reach on the same records. The figures of Metrics are computed in metrics.h.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace ribostep::experiment {

struct Interval {
  double low = 0, high = 1;
};
// Wilson 1927, score interval for a proportion, 95 %.
Interval wilson(int correct, int n);

struct Confusion {  // rows: true class, columns: predicted
  int classes = 0;
  std::vector<int> counts;  // [classes][classes]
  int at(int truth, int predicted) const {
    return counts[static_cast<std::size_t>(truth * classes + predicted)];
  }
};
Confusion confusion(const std::vector<int>& truth, const std::vector<int>& predicted,
                    int classes);  // -1 in either: skipped

// Figures beside the share that is right. One that is not defined (a single class, nothing scored) has no
// value and is never 0.
struct Metrics {
  std::optional<double> balanced_accuracy, matthews;  // of the class that was predicted
  std::optional<double> auroc, auprc;                 // of the probabilities
  // Mean cross-entropy (natural logarithm) over the scored items; next vector: mean square error.
  std::optional<double> loss;
};

struct BaselineScore {
  std::string name;  // "majority class", "composition", "3-mers", "positional logistic regression"
  bool applicable = true;
  std::string why_not;  // "sequences differ in length"
  int n = 0, correct = 0;
  Interval interval;
  Metrics metrics{};
};

}  // namespace ribostep::experiment
