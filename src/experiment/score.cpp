// Counting right and wrong, and how far a proportion can be trusted.
#include "experiment/score.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace ribostep::experiment {

Interval wilson(int correct, int n) {
  if (n <= 0) return {0.0, 1.0};
  constexpr double z = 1.959963984540054;  // 97.5 % point of the normal distribution
  const double count = n, p = correct / count;
  const double denominator = 1.0 + z * z / count;
  const double centre = (p + z * z / (2.0 * count)) / denominator;
  const double half = z * std::sqrt(p * (1.0 - p) / count + z * z / (4.0 * count * count)) / denominator;
  return {std::max(0.0, centre - half), std::min(1.0, centre + half)};
}

Confusion confusion(const std::vector<int>& truth, const std::vector<int>& predicted, int classes) {
  Confusion result;
  result.classes = classes;
  result.counts.assign(static_cast<std::size_t>(classes) * static_cast<std::size_t>(classes), 0);
  for (std::size_t i = 0; i < std::min(truth.size(), predicted.size()); ++i) {
    if (truth[i] < 0 || predicted[i] < 0 || truth[i] >= classes || predicted[i] >= classes) continue;
    ++result.counts[static_cast<std::size_t>(truth[i] * classes + predicted[i])];
  }
  return result;
}

}  // namespace ribostep::experiment
