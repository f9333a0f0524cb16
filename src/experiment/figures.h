// The figures that are shown for a task: which, in which order, their names and what they mean, and how they
// are written. The page's tables, its text mirror and the command line all show these.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "experiment/score.h"
#include "rnn/spec.h"

namespace ribostep::experiment {

enum class Figure : std::uint8_t {
  Accuracy,
  BalancedAccuracy,
  Matthews,
  Auroc,
  Auprc,
  Loss,
  Perplexity,
  Bits,
  MeanSquare
};
std::span<const Figure> figures(rnn::Task task);

const char* name(Figure figure);   // in JSON: "accuracy", "balanced_accuracy", "mcc", ...
const char* label(Figure figure);  // head of a column: "balanced", "MCC", ...
std::string meaning(Figure figure);
// Nothing where it is not defined.
std::optional<double> value(Figure figure, int n, int correct, const Metrics& metrics);
inline constexpr const char* kUndefined = "\u2013";
std::string written(std::optional<double> value);  // three decimals; kUndefined

}  // namespace ribostep::experiment
