#include "session/mirror_results.h"

#include "experiment/figures.h"
#include "io/json_put.h"
#include "session/worker_jobs.h"

namespace ribostep::session {
namespace {

using experiment::Figure;
using io::put;

// Every figure of the task; null where it is not defined.
template <class Scored>
void put_figures(nlohmann::json& out, rnn::Task task, const Scored& score) {
  for (const Figure figure : experiment::figures(task)) {
    const auto value = experiment::value(figure, score.n, score.correct, score.metrics);
    out[experiment::name(figure)] = value ? nlohmann::json(*value) : nlohmann::json();
  }
}

nlohmann::json baselines_json(const std::vector<experiment::BaselineScore>& baselines, rnn::Task task) {
  nlohmann::json list = nlohmann::json::array();
  for (const experiment::BaselineScore& b : baselines) {
    if (!b.applicable) continue;
    nlohmann::json one;
    put(one, "name", b.name);
    put(one, "n", b.n);
    put(one, "correct", b.correct);
    put_figures(one, task, b);
    io::append(list, std::move(one));
  }
  return list;
}

template <class Scored>
std::string words(const std::string& name, rnn::Task task, const Scored& score) {
  std::string text = name;
  const char* separator = " ";
  for (const Figure figure : experiment::figures(task)) {
    const auto value = experiment::value(figure, score.n, score.correct, score.metrics);
    // A dash would be read out as nothing at all.
    text += std::string(separator) + experiment::label(figure) + " " +
            (value ? experiment::written(value) : "not defined");
    separator = ", ";
  }
  return text;
}

void add_baselines(std::string& text, rnn::Task task, const std::vector<experiment::BaselineScore>& all) {
  for (const experiment::BaselineScore& b : all)
    if (b.applicable) text += "; " + words(b.name, task, b);
}

}  // namespace

nlohmann::json cross_validation_json(const CrossValidation& cv) {
  constexpr rnn::Task kTask = rnn::Task::SequenceLabel;
  nlohmann::json out;
  put(out, "folds", cv.folds);
  put(out, "leave_one_out", cv.leave_one_out);
  put(out, "seed", cv.seed);
  put(out, "n", cv.score.n);
  put(out, "correct", cv.score.correct);
  put(out, "low", cv.score.interval.low);
  put(out, "high", cv.score.interval.high);
  put(out, "confusion", cv.confusion.counts);
  put(out, "baselines", baselines_json(cv.baselines, kTask));
  put_figures(out, kTask, cv.score);
  return out;
}

nlohmann::json predictions_json(const Predictions& predictions, rnn::Task task) {
  const Score& held_out = predictions.validation;
  nlohmann::json out;
  put(out, "stale", predictions.stale);
  put(out, "train_n", predictions.train.n);
  put(out, "train_correct", predictions.train.correct);
  put(out, "n", held_out.n);
  put(out, "correct", held_out.correct);
  put(out, "confusion", held_out.confusion.counts);
  put(out, "baselines", baselines_json(predictions.baselines, task));
  put_figures(out, task, held_out);
  return out;
}

std::string results_words(const Session& session) {
  std::string text;
  const CrossValidation& cv = session.cross_validation();
  if (cv.available) {
    text = cross_validation_words(cv.folds, cv.leave_one_out) + ": " +
           words("this network", rnn::Task::SequenceLabel, cv.score);
    add_baselines(text, rnn::Task::SequenceLabel, cv.baselines);
  }
  const Predictions& predictions = session.predictions();
  if (!predictions.available || predictions.validation.n == 0) return text;
  const rnn::Task task = session.project().model.task;
  if (!text.empty()) text += ". ";
  text += std::string("Validation") + (predictions.stale ? ", older than the weights: " : ": ") +
          words("this network", task, predictions.validation);
  add_baselines(text, task, predictions.baselines);
  return text;
}

}  // namespace ribostep::session
