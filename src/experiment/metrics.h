// Figures for predictions whose truth is known. Each says when it is not defined; see docs of the functions.
// Rows of probabilities are [n][classes]; a truth of -1 leaves its row out.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "experiment/score.h"

namespace ribostep::experiment {

// All of these need at least two classes among the true ones; otherwise they have no value.

// Mean over the classes that occur of the share of each that is right (scikit-learn's
// balanced_accuracy_score).
std::optional<double> balanced_accuracy(const Confusion& confusion);
// Matthews' correlation for any number of classes: R_K of Gorodkin 2004, Comput Biol Chem 28:367. Not defined
// either when every prediction is of one class (0/0, which scikit-learn calls 0).
std::optional<double> matthews(const Confusion& confusion);
// Area under the ROC curve: how often a member of the class has a higher probability than another, ties
// counting half (Mann-Whitney). More than two classes: the mean of one against the rest over the classes that
// occur.
std::optional<double> auroc(std::span<const int> truth, std::span<const float> probabilities, int classes);
// Average precision: sum of (recall gained) * precision from the highest probability down, equal ones at once
// (scikit-learn's average_precision_score). Two classes: of class `positive`; more: the mean over those that
// occur.
std::optional<double> auprc(std::span<const int> truth, std::span<const float> probabilities, int classes,
                            int positive = 1);
// Which of two classes is the one looked for: the second, unless only its name says "not" ("noncoding").
int positive_class(std::span<const std::string> names);

// Everything above and the mean loss -log p(true class); `probabilities` may be empty: then only what needs
// none.
Metrics measure(const std::vector<int>& truth, const std::vector<int>& predicted,
                std::span<const float> probabilities, int classes, int positive = 1);

// From a mean loss per symbol in natural logarithms.
double perplexity(double loss);
double bits_per_symbol(double loss);

}  // namespace ribostep::experiment
