#include "experiment/figures.h"

#include <array>
#include <cmath>
#include <cstdio>

#include "experiment/metrics.h"

namespace ribostep::experiment {
namespace {

struct Described {
  Figure figure;
  const char* name;
  const char* label;
  const char* meaning;
};
constexpr std::array<Described, 9> kFigures{
    {{Figure::Accuracy, "accuracy", "right",
      "Share of the predictions that are right, with its 95 % interval"},
     {Figure::BalancedAccuracy, "balanced_accuracy", "balanced",
      "Balanced accuracy: the mean over the classes of the share of each that is right. Guessing gives 1 / "
      "number of classes, however unequal the classes are"},
     {Figure::Matthews, "mcc", "MCC",
      "Matthews' correlation between true and predicted class: 1 is perfect, 0 no better than chance. Not "
      "defined when all answers are of one class"},
     {Figure::Auroc, "auroc", "AUROC",
      "Area under the ROC curve: how often a member of the class gets a higher probability than another "
      "sequence; 0.5 is chance. More than two classes: mean of each against the rest"},
     {Figure::Auprc, "auprc", "AUPRC",
      "Area under the precision-recall curve (average precision); chance gives the share of the class. More "
      "than two classes: mean over the classes"},
     {Figure::Loss, "loss", "loss", "Mean cross-entropy, natural logarithm"},
     {Figure::Perplexity, "perplexity", "perplexity",
      "e to the mean loss: as uncertain as among so many equally likely symbols"},
     {Figure::Bits, "bits_per_symbol", "bits",
      "Mean loss in bits per symbol; 2 bits tell four letters apart"},
     {Figure::MeanSquare, "mse", "MSE", "Mean square error over the values of the next vector"}}};

constexpr Figure kPerSequence[] = {
    Figure::Accuracy, Figure::BalancedAccuracy, Figure::Matthews, Figure::Auroc, Figure::Auprc, Figure::Loss};
constexpr Figure kPerPosition[] = {Figure::Accuracy, Figure::BalancedAccuracy, Figure::Matthews,
                                   Figure::Loss};
constexpr Figure kNextSymbol[] = {Figure::Accuracy, Figure::Perplexity, Figure::Bits};
constexpr Figure kNextVector[] = {Figure::MeanSquare};

const Described& row(Figure figure) { return kFigures[static_cast<std::size_t>(figure)]; }

}  // namespace

std::span<const Figure> figures(rnn::Task task) {
  switch (task) {
    case rnn::Task::SequenceLabel:
      return kPerSequence;
    case rnn::Task::PositionLabel:
      return kPerPosition;
    case rnn::Task::NextSymbol:
      return kNextSymbol;
    case rnn::Task::NextVector:
      break;
  }
  return kNextVector;
}

const char* name(Figure figure) { return row(figure).name; }
const char* label(Figure figure) { return row(figure).label; }
std::string meaning(Figure figure) { return row(figure).meaning; }

std::optional<double> value(Figure figure, int n, int correct, const Metrics& metrics) {
  switch (figure) {
    case Figure::Accuracy:
      return n > 0 ? std::optional(static_cast<double>(correct) / n) : std::nullopt;
    case Figure::BalancedAccuracy:
      return metrics.balanced_accuracy;
    case Figure::Matthews:
      return metrics.matthews;
    case Figure::Auroc:
      return metrics.auroc;
    case Figure::Auprc:
      return metrics.auprc;
    case Figure::Loss:
    case Figure::MeanSquare:
      return metrics.loss;
    case Figure::Perplexity:
      return metrics.loss ? std::optional(perplexity(*metrics.loss)) : std::nullopt;
    case Figure::Bits:
      return metrics.loss ? std::optional(bits_per_symbol(*metrics.loss)) : std::nullopt;
  }
  return std::nullopt;
}

std::string written(std::optional<double> value) {
  if (!value || !std::isfinite(*value)) return kUndefined;
  char text[40];
  std::snprintf(text, sizeof text, std::fabs(*value) < 1000 ? "%.3f" : "%.4g", *value);
  return text;
}

}  // namespace ribostep::experiment
