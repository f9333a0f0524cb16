#include "cli/scores.h"

#include <cstdio>

#include "experiment/figures.h"
#include "experiment/metrics.h"

namespace ribostep::cli {
namespace {

using experiment::Figure;

nlohmann::ordered_json as_json(rnn::Task task, int n, int correct, const experiment::Interval& interval,
                               const experiment::Metrics& metrics) {
  nlohmann::ordered_json out;
  out["n"] = n;
  if (task != rnn::Task::NextVector) {
    out["correct"] = correct;
    out["interval"] = {interval.low, interval.high};
  }
  for (const Figure figure : experiment::figures(task)) {
    const auto value = experiment::value(figure, n, correct, metrics);
    out[experiment::name(figure)] = value ? nlohmann::ordered_json(*value) : nlohmann::ordered_json();
  }
  return out;
}

// "123 of 200 positions right"; a vector is not right or wrong.
std::string count(rnn::Task task, int n, int correct) {
  if (task == rnn::Task::NextVector) return std::to_string(n) + " positions";
  return std::to_string(correct) + " of " + std::to_string(n) + " positions right";
}

}  // namespace

std::string figure_columns(rnn::Task task, int n, int correct, const experiment::Metrics& metrics) {
  std::string text;
  for (const Figure figure : experiment::figures(task))
    if (figure != Figure::Accuracy)
      text += std::string("\t") + experiment::label(figure) + " " +
              experiment::written(experiment::value(figure, n, correct, metrics));
  return text;
}

nlohmann::ordered_json figures_json(rnn::Task task, const session::Score& score) {
  return as_json(task, score.n, score.correct, score.interval, score.metrics);
}
nlohmann::ordered_json figures_json(rnn::Task task, const experiment::BaselineScore& score) {
  return as_json(task, score.n, score.correct, score.interval, score.metrics);
}

nlohmann::ordered_json scores_json(const session::Session& session) {
  const rnn::Task task = session.project().model.task;
  const session::Predictions& predictions = session.predictions();
  nlohmann::ordered_json out;
  out["task"] = rnn::name(task);
  const std::vector<std::string>& names = session.output_names();
  if (task != rnn::Task::NextVector) out["classes"] = names;
  if (task == rnn::Task::SequenceLabel && names.size() == 2)
    out["positive_class"] = names[static_cast<std::size_t>(experiment::positive_class(names))];
  const auto group = [&](const char* name, const session::Score& score) {
    out[name] = figures_json(task, score);
    if (score.confusion.classes > 0) out[name]["confusion"] = score.confusion.counts;
  };
  group("train", predictions.train);
  group("validation", predictions.validation);
  out["baselines"] = nlohmann::ordered_json::object();
  for (const experiment::BaselineScore& b : predictions.baselines)
    if (b.applicable) out["baselines"][b.name] = figures_json(task, b);
  return out;
}

void print_scores(const session::Session& session) {
  const session::Predictions& predictions = session.predictions();
  const rnn::Task task = session.project().model.task;
  const bool whole = task == rnn::Task::SequenceLabel;
  if (!predictions.available || predictions.stale) {  // long sequences: as far as training looked
    const auto& points = session.training().evaluations;
    if (points.empty() || whole) return;
    const rnn::EvaluationPoint& last = points.back();
    std::printf(
        "train\t%s\n",
        count(task, static_cast<int>(last.train_items), static_cast<int>(last.train_correct)).c_str());
    if (last.validation_items > 0)
      std::printf("validation\t%s\n", count(task, static_cast<int>(last.validation_items),
                                            static_cast<int>(last.validation_correct))
                                          .c_str());
    return;
  }
  const auto line = [&](const std::string& name, const std::string& words, int n, int correct,
                        const experiment::Metrics& metrics) {
    std::printf("%s\t%s%s\n", name.c_str(), words.c_str(), figure_columns(task, n, correct, metrics).c_str());
  };
  const auto ours = [&](const char* name, const session::Score& score) {
    line(name, whole ? describe(score) : count(task, score.n, score.correct), score.n, score.correct,
         score.metrics);
  };
  ours("train", predictions.train);
  if (predictions.validation.n == 0) return;
  ours("validation", predictions.validation);
  for (const experiment::BaselineScore& b : predictions.baselines) {
    const std::string name = "baseline, " + b.name;
    if (b.applicable)
      line(name, whole ? describe(b) : count(task, b.n, b.correct), b.n, b.correct, b.metrics);
    else
      std::printf("%s\t%s\n", name.c_str(), describe(b).c_str());
  }
}

}  // namespace ribostep::cli
