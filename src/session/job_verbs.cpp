// Verbs whose work is done by the worker and answered later: predictions, cross-validation, scans; and giving
// up on one.
#include <algorithm>
#include <utility>

#include "io/encoding.h"
#include "io/json_put.h"
#include "session/state.h"
#include "session/worker_jobs.h"

namespace ribostep::session {
namespace {

using io::put;

// Predicting everything unasked is fine below this many multiply-adds (a few seconds in the worker).
constexpr double kUnaskedWork = 4e9;

}  // namespace

void Session::State::request_predictions() {
  if (!prepared || !project.weights || prepared->data->empty()) return;
  const double work =
      static_cast<double>(network.parameter_count) * static_cast<double>(prepared->data->total_length());
  if (work > kUnaskedWork) return;
  give_data_to_worker();
  predict_id = next_id++;
  predict_weights = project.weights;
  to_worker({{"type", "predict"}, {"id", predict_id}, {"project", project_head()}},
            io::float_bytes(*project.weights));
}

void Session::predict() {
  State& s = *state_;
  if (!s.prepared || !s.project.weights)
    return s.say(Severity::Error, "there is nothing to predict yet: load sequences first");
  for (int i = 0; i < data().size(); ++i)
    if (s.trace_too_large(data().length(i)))
      return s.say(Severity::Error,
                   std::string(data().name(i)) +
                       " is too long for this network to be read in one piece: scan it in windows, or "
                       "choose fewer units");
  s.cancel_foreground();
  s.give_data_to_worker();
  s.predict_id = s.job_id = s.next_id++;
  s.predict_weights = s.project.weights;
  s.job = {JobKind::Predicting, 0, -1, "predicting " + plural(data().size(), "sequence")};
  s.to_worker({{"type", "predict"}, {"id", s.predict_id}, {"project", s.project_head()}},
              io::float_bytes(*s.project.weights));
  s.changed();
}

void Session::cross_validate(int folds, std::uint64_t seed) {
  State& s = *state_;
  if (s.project.model.task != rnn::Task::SequenceLabel)
    return s.say(Severity::Error, "cross-validation needs one label per sequence: choose that task in MODEL");
  const std::string obstacle = s.derived().obstacle(s.project.model.task);
  if (!obstacle.empty()) return s.say(Severity::Error, "cannot cross-validate: " + obstacle);
  int smallest = labels().count(0), labelled = 0;
  for (std::size_t k = 0; k < labels().classes.size(); ++k) {
    smallest = std::min(smallest, labels().count(static_cast<int>(k)));
    labelled += labels().count(static_cast<int>(k));
  }
  if (smallest < 2)
    return s.say(
        Severity::Error,
        "cross-validation needs two sequences of every class: without its only one, a class cannot be "
        "learned");
  const bool leave_one_out = folds == kLeaveOneOut || folds == labelled;
  const int most = std::min(smallest, kMaxFolds);
  if (leave_one_out)
    folds = labelled;
  else if (folds < 2 || folds > most)
    return s.say(
        Severity::Error,
        "choose between 2 and " + std::to_string(most) + " folds, or leave one out" +
            (smallest < kMaxFolds ? ": the smallest class has " + plural(smallest, "sequence") : ""));
  s.cancel_foreground();
  s.give_data_to_worker();
  s.job_id = s.next_id++;
  s.job_started_s = s.now_s;
  s.job = {JobKind::CrossValidating, 0, -1, cross_validation_words(folds, leave_one_out)};
  // The folds train with the settings of this moment from the first update on.
  io::Project settled = s.project;
  settled.train = s.effective_train();
  settled.changes.clear();
  settled.updates = 0;
  nlohmann::json ask;
  put(ask, "type", "cross_validate");
  put(ask, "id", s.job_id);
  put(ask, "project", s.head_of(std::move(settled)));
  put(ask, "folds", folds);
  put(ask, "leave_one_out", leave_one_out);
  put(ask, "seed", seed);
  s.to_worker(std::move(ask));
  s.changed();
}

void Session::scan(int window, int stride, bool both_strands) {
  State& s = *state_;
  if (!s.prepared || !s.project.weights)
    return s.say(Severity::Error, "there is nothing to scan yet: load sequences first");
  if (s.project.model.task != rnn::Task::SequenceLabel)
    return s.say(Severity::Error,
                 "scanning needs a model that labels whole sequences: choose that task in MODEL");
  if (window < 1 || stride < 1) return s.say(Severity::Error, "window and step must be at least 1 letter");
  s.cancel_foreground();
  s.give_data_to_worker();
  s.job_id = s.next_id++;
  s.job = {JobKind::Scanning, 0, -1, "scanning " + std::string(data().name(s.project.cursor.sequence))};
  nlohmann::json ask;
  put(ask, "type", "scan");
  put(ask, "id", s.job_id);
  put(ask, "project", s.project_head());
  put(ask, "record", s.project.cursor.sequence);
  put(ask, "window", window);
  put(ask, "stride", stride);
  put(ask, "both_strands", both_strands);
  s.to_worker(std::move(ask), io::float_bytes(*s.project.weights));
  s.changed();
}

void Session::State::cancel_foreground() {
  if (job_id == 0) return;
  to_worker(io::typed("cancel"));
  job = {};
  job_id = predict_id = look.id = 0;  // the worker forgets all its jobs
  changed();
}

void Session::State::cancel_jobs_on_project() {
  if (job.kind != JobKind::Reading) cancel_foreground();
}

void Session::State::replay_failed() {
  fresh_weights();
  want_trace(false);
}

void Session::cancel_job() {
  State& s = *state_;
  if (s.job.kind == JobKind::None) return;
  if (s.job.kind == JobKind::Replaying)
    s.drop_run();
  else
    s.cancel_foreground();
  if (s.prepared && !s.project.weights && s.run_id == 0) {
    s.replay_failed();
    return s.say(Severity::Warning, "the replay was cancelled: the network is untrained");
  }
  if (!s.predictions.available) s.request_predictions();
  s.say(Severity::Note, "cancelled");
}

}  // namespace ribostep::session
