// Verbs about the model and its training, and what the worker answers.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "io/encoding.h"
#include "session/state.h"
#include "session/worker_jobs.h"

namespace ribostep::session {
namespace {

// Predicting everything unasked is fine below this many multiply-adds (a few seconds in the worker).
constexpr double kUnaskedWork = 4e9;

constexpr int kHiddenSnapshots = 20;  // four come in a second

std::string plural(std::int64_t n, const char* word) {
  return std::to_string(n) + " " + word + (n == 1 ? "" : "s");
}

Score score_of(const std::vector<const PredictionRow*>& rows, const bio::Labels& labels) {
  Score score;
  for (const PredictionRow* row : rows) {
    const int label = labels.of_record[static_cast<std::size_t>(row->record)];
    if (label < 0) continue;
    ++score.n;
    score.correct += row->predicted == label;
    score.loss += static_cast<double>(row->loss);
  }
  if (score.n > 0) score.loss /= score.n;
  score.interval = experiment::wilson(score.correct, score.n);
  return score;
}

}  // namespace

nlohmann::json Session::State::project_head() const { return head_of(project); }

nlohmann::json Session::State::head_of(io::Project bare) const {
  bare.weights = nullptr;
  bare.start_weights = nullptr;
  bare.data.example.clear();  // the worker knows sets by their content alone
  return io::to_json(bare, {io::WeightsAs::Recipe, false});
}

void Session::State::give_data_to_worker() {
  if (worker_set == project.data.content_hash) return;
  worker_set = project.data.content_hash;
  to_worker({{"type", "dataset"}, {"hash", worker_set}}, project.data.set->pack());
}

// A setting changed after the last snapshot has an update of its own that a new run has not reached yet: it
// counts from here on, and the list stays in order.
void Session::State::settle_changes() {
  for (rnn::SettingChange& change : project.changes) change.update = std::min(change.update, project.updates);
}

// Weights that are here already stay on screen while their recipe is replayed, and are what it must come to.
void Session::State::start_run(bool train, bool once) {
  give_data_to_worker();
  settle_changes();
  run_id = next_id++;
  verifying = project.weights && project.updates > 0;
  Bytes start;
  if (project.start_weights) start = io::float_bytes(*project.start_weights);
  to_worker({{"type", "run"}, {"run", run_id}, {"project", project_head()}, {"train", train}, {"once", once}},
            std::move(start));
  // Unasked replays behind the scenes show no bar.
  if (project.updates > 0 && job_id == 0 && (train || once || !verifying))
    job = {JobKind::Replaying, 0, -1, "replaying " + plural(project.updates, "update")};
  changed();
}

void Session::State::drop_run() {
  if (run_id != 0) to_worker({{"type", "drop"}});
  run_id = 0;
  verifying = false;
  if (job.kind == JobKind::Replaying) job = {};
  if (training.state == TrainingState::Running) training.state = TrainingState::Paused;
}

rnn::TrainConfig Session::State::effective_train() const {
  rnn::TrainConfig config = project.train;
  for (const rnn::SettingChange& change : project.changes) rnn::apply(config, change);
  return config;
}

rnn::TrainConfig Session::train_settings() const { return state_->effective_train(); }

void Session::set_model(rnn::ModelSpec spec) {
  State& s = *state_;
  if (s.prepared) spec = experiment::fitted(spec, *s.prepared);
  if (spec == s.project.model) return;
  const std::string trouble = rnn::problem(spec);
  if (!trouble.empty()) return s.say(Severity::Error, trouble);
  s.remember("model", s.project.updates == 0);
  io::Project next = s.project;
  next.model = spec;
  if (s.prepared && spec.task != s.project.model.task)
    next.train.window = State::advised_window(*s.prepared->data, spec.task);
  next.weights = nullptr;
  next.start_weights = nullptr;
  next.updates = 0;
  next.changes.clear();
  next.weights_hash.clear();
  if (s.prepared) return s.adopt(std::move(next));
  s.project = std::move(next);
  s.network = rnn::make_network(spec);
  s.changed();
}

void Session::set_train(const rnn::TrainConfig& config) {
  State& s = *state_;
  const std::string trouble = rnn::problem(config);
  if (!trouble.empty()) return s.say(Severity::Error, trouble);
  const rnn::TrainConfig now = s.effective_train();
  if (config == now) return;
  s.cross_validation = {};  // its figure was another setting's
  if (s.prepared && !s.project.weights)
    return s.say(Severity::Warning, "the recipe is still being replayed: wait, or cancel it");
  if (s.project.updates == 0 && s.training.state != TrainingState::Running) {
    s.remember("training settings", true);
    s.drop_run();
    s.project.train = config;
    s.project.changes.clear();
    if (s.prepared) {
      s.derive();
      s.request_predictions();
    }
    return;
  }
  // What may change on the way goes into the recipe ...
  const std::pair<const char*, double> live[] = {{"learning_rate", config.learning_rate},
                                                 {"clip_norm", config.clip_norm},
                                                 {"weight_decay", config.weight_decay},
                                                 {"momentum", config.momentum},
                                                 {"max_epochs", config.max_epochs}};
  rnn::TrainConfig reached = now;
  std::vector<rnn::SettingChange> wanted;
  for (const auto& [key, value] : live) {
    const rnn::SettingChange change{s.project.updates, key, value};
    rnn::TrainConfig after = reached;
    if (!rnn::apply(after, change) || after == reached) continue;
    reached = after;
    wanted.push_back(change);
  }
  if (reached == config) {
    s.remember("training settings", true);
    for (const rnn::SettingChange& change : wanted) {
      if (s.run_id != 0 && s.job.kind != JobKind::Replaying) {
        s.to_worker({{"type", "change"}, {"run", s.run_id}, {"key", change.key}, {"value", change.value}});
      } else {
        s.drop_run();
        s.settle_changes();
        s.project.changes.push_back(change);
      }
    }
    if (s.training.state == TrainingState::Finished && s.training.finish == rnn::Finish::Epochs &&
        config.max_epochs > now.max_epochs)
      s.training.state = TrainingState::Paused;
    s.changed();
    return;
  }
  // ... anything else starts a new leg from the current weights; another split starts from the beginning,
  // because records held out so far would otherwise have been trained on.
  s.remember("training settings");
  const bool new_split = config.validation_fraction != now.validation_fraction || config.window != now.window;
  io::Project next = s.project;
  next.train = config;
  next.changes.clear();
  next.updates = 0;
  next.weights_hash.clear();
  next.start_weights = new_split ? nullptr : s.project.weights;
  next.weights = next.start_weights;
  s.adopt(std::move(next));
  s.say(Severity::Note, new_split ? "another split: training starts from the beginning"
                                  : "a new leg: training goes on from these weights with a fresh optimiser");
}

// True when an update may be made: there is something to learn, and a run that came to its end has been given
// as many epochs again. Otherwise says why not.
bool Session::ready_to_train() {
  State& s = *state_;
  const std::string obstacle = s.derived().obstacle(s.project.model.task);
  if (!obstacle.empty()) {
    s.say(Severity::Error, "cannot train: " + obstacle);
    return false;
  }
  if (!s.project.weights) {
    s.say(Severity::Warning, "the recipe is still being replayed: wait, or cancel it");
    return false;
  }
  if (s.training.finish == rnn::Finish::NotFinite) {
    s.say(Severity::Error, s.training.trouble + ": choose a smaller learning rate, then Reset");
    return false;
  }
  if (s.training.finish == rnn::Finish::EarlyStop) {
    s.say(Severity::Warning, "training stopped early; Reset to train again, or set the patience to 0");
    return false;
  }
  if (s.training.finish == rnn::Finish::Epochs) {
    rnn::TrainConfig more = s.effective_train();
    more.max_epochs += s.project.train.max_epochs;
    set_train(more);
    s.training.finish = rnn::Finish::Running;
  }
  return true;
}

void Session::train() {
  State& s = *state_;
  if (s.training.state == TrainingState::Running || !ready_to_train()) return;
  s.remember("training");
  s.twin = false;
  s.training.state = TrainingState::Running;
  if (s.run_id != 0)
    s.to_worker({{"type", "continue"}, {"run", s.run_id}});
  else
    s.start_run(true, false);
  s.predictions.stale = s.predictions.available;
  s.changed();
}

void Session::pause() {
  State& s = *state_;
  if (s.training.state != TrainingState::Running) return;
  s.training.state = TrainingState::Paused;
  s.to_worker({{"type", "pause"}, {"run", s.run_id}});
  s.changed();
}

void Session::stop() {
  State& s = *state_;
  if (s.training.state == TrainingState::Running) pause();
  if (s.training.state != TrainingState::Paused) return;
  s.training.state = TrainingState::Finished;
  s.say(Severity::Note, "stopped after " + plural(s.training.updates, "update"));
}

void Session::train_once() {
  State& s = *state_;
  if (s.training.state == TrainingState::Running || !ready_to_train()) return;
  s.remember("one update", true);
  s.training.state = TrainingState::Paused;
  s.twin = false;
  if (s.run_id != 0)
    s.to_worker({{"type", "once"}, {"run", s.run_id}});
  else
    s.start_run(false, true);
  s.predictions.stale = s.predictions.available;
  s.changed();
}

void Session::reset() {
  State& s = *state_;
  if (!s.prepared) return;
  s.remember("reset");
  s.drop_run();
  s.project.train = s.effective_train();
  s.fresh_weights();
  s.predictions.stale = s.predictions.available;
  s.request_predictions();
  s.twin = false;
  s.want_trace(false);
  s.say(Severity::Note, "back at the start of seed " + std::to_string(s.project.seed));
}

void Session::set_seed(std::uint64_t seed) {
  State& s = *state_;
  if (seed == s.project.seed) return;
  s.remember("new start");
  io::Project next = s.project;
  next.train = s.effective_train();
  next.seed = seed;
  next.weights = nullptr;
  next.start_weights = nullptr;
  next.updates = 0;
  next.changes.clear();
  next.weights_hash.clear();
  if (!s.prepared) {
    s.project = std::move(next);
    return;
  }
  s.adopt(std::move(next));
  s.say(Severity::Note, "a new start from seed " + std::to_string(seed));
}

void Session::new_start() { set_seed(state_->project.seed + 1); }

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
  int smallest = labels().count(0);
  for (std::size_t k = 1; k < labels().classes.size(); ++k)
    smallest = std::min(smallest, labels().count(static_cast<int>(k)));
  if (folds < 2 || folds > smallest)
    return s.say(Severity::Error, "choose between 2 and " + std::to_string(smallest) +
                                      " folds: the smallest class has " + plural(smallest, "sequence"));
  s.cancel_foreground();
  s.give_data_to_worker();
  s.job_id = s.next_id++;
  s.job_started_s = s.now_s;
  s.job = {JobKind::CrossValidating, 0, -1, std::to_string(folds) + "-fold cross-validation"};
  // The folds train with the settings of this moment from the first update on.
  io::Project settled = s.project;
  settled.train = s.effective_train();
  settled.changes.clear();
  settled.updates = 0;
  s.to_worker({{"type", "cross_validate"},
               {"id", s.job_id},
               {"project", s.head_of(std::move(settled))},
               {"folds", folds},
               {"seed", seed}});
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
  s.to_worker({{"type", "scan"},
               {"id", s.job_id},
               {"project", s.project_head()},
               {"record", s.project.cursor.sequence},
               {"window", window},
               {"stride", stride},
               {"both_strands", both_strands}},
              io::float_bytes(*s.project.weights));
  s.changed();
}

void Session::State::cancel_foreground() {
  if (job_id == 0) return;
  to_worker({{"type", "cancel"}});
  job = {};
  job_id = predict_id = 0;  // the worker forgets all its jobs
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

void Session::State::on_snapshot(const Message& message) {
  const nlohmann::json& head = message.head;
  if (head.value("run", 0) != run_id || !prepared) return;
  const std::size_t weight_bytes = network.parameter_count * sizeof(float);
  if (message.body.size() < weight_bytes) return;
  const std::span<const std::uint8_t> body(message.body);
  auto weights = io::floats_from(body.first(weight_bytes));
  auto curve = io::floats_from(body.subspan(weight_bytes));
  if (!weights || !curve) return;

  const bool replaying = head.value("replaying", false), replayed = head.value("replayed", false);
  const bool behind = verifying && (replaying || replayed);  // the weights on screen are already further
  if (replaying && job_id == 0 && (!behind || job.kind == JobKind::Replaying)) {
    const double done = head.value("updates", 0.0), target = head.value("target", 1.0);
    job = {JobKind::Replaying, target > 0 ? done / target : 1, head.value("seconds_left", -1.0),
           "replaying " + plural(project.updates, "update")};
  }
  if (!behind) training.updates = head.value("updates", std::int64_t{0});
  training.planned = head.value("planned", std::int64_t{0});
  training.per_epoch = std::max<std::int64_t>(1, head.value("per_epoch", std::int64_t{1}));
  training.seconds_left = head.value("seconds_left", -1.0);
  training.finish = static_cast<rnn::Finish>(head.value("finish", 0));
  training.trouble = head.value("trouble", std::string());
  if (const double ms = head.value("ms_per_update", -1.0); ms > 0) ms_per_update = ms;
  training.curve.resize(
      std::min<std::size_t>(training.curve.size(), head.value("curve_from", std::size_t{0})));
  for (std::size_t i = 0; i + 1 < curve->size(); i += 2)
    training.curve.push_back({(*curve)[i], (*curve)[i + 1]});
  training.evaluations.resize(
      std::min<std::size_t>(training.evaluations.size(), head.value("evaluations_from", std::size_t{0})));
  for (const auto& e : head.value("evaluations", nlohmann::json::array())) {
    // A loss that is not a number has no JSON form and arrives as null.
    const auto loss = [](const nlohmann::json& v) { return v.is_number() ? v.get<double>() : std::nan(""); };
    training.evaluations.push_back({e[0].get<std::int64_t>(), e[1].get<int>(), loss(e[2]), loss(e[3]),
                                    e[4].get<std::int64_t>(), e[5].get<std::int64_t>(),
                                    e[6].get<std::int64_t>(), e[7].get<std::int64_t>()});
  }
  if (behind) {
    if (replayed) on_verified(*weights);
    return changed();
  }
  live_weights = std::make_shared<const std::vector<float>>(std::move(*weights));
  if (!twin) want_trace(false);

  if (replaying) return changed();
  if (project.updates != training.updates) {  // trained on since it was shared and predicted
    leave_link();
    predictions.stale = predictions.available;
  }
  project.weights = live_weights;
  project.updates = training.updates;
  if (replayed) on_replayed();
  if (training.finish != rnn::Finish::Running && training.state == TrainingState::Running) {
    training.state = TrainingState::Finished;
    if (training.finish == rnn::Finish::NotFinite)
      say(Severity::Error,
          training.trouble + ": choose a smaller learning rate or a tighter clip, then Reset");
    else
      say(Severity::Note, std::string(training.finish == rnn::Finish::EarlyStop
                                          ? "stopped early, the best weights are back, after "
                                          : "trained, ") +
                              plural(training.updates, "update"));
  } else if (training.finish != rnn::Finish::Running) {
    training.state = TrainingState::Finished;
  }
  if (!head.value("busy", false)) request_predictions();
  touch();
}

// Weights that came with their recipe: the replay behind the scenes brought the curves back and shows whether
// the weights are what the recipe makes.
void Session::State::on_verified(const std::vector<float>& found) {
  verifying = false;
  if (job.kind == JobKind::Replaying) job = {};
  if (rnn::weights_hash(found) == rnn::weights_hash(*project.weights)) {
    if (training.finish != rnn::Finish::Running) training.state = TrainingState::Finished;
    return;
  }
  drop_run();
  training.curve.clear();
  training.evaluations.clear();
  training.finish = rnn::Finish::Running;
  project.start_weights = project.weights;
  project.updates = 0;
  project.changes.clear();
  training.updates = 0;
  say(Severity::Warning,
      "these weights do not follow from their recipe (another version or an edit made them): training goes "
      "on from "
      "them as a new leg");
}

void Session::State::on_replayed() {
  if (job.kind == JobKind::Replaying) job = {};
  const std::string found = rnn::weights_hash(*project.weights);
  const std::string expected = std::exchange(project.weights_hash, found);
  if (expected.empty() || expected == found) {
    say(Severity::Note, "replayed " + plural(project.updates, "update") +
                            (expected.empty() ? "" : ": the weights are the sender's, bit for bit"));
  } else {
    const bool older = project.numerics != rnn::kNumericsVersion;
    say(Severity::Warning, "retrained, but the weights differ from the sender's" +
                               std::string(older ? ", whose version computed differently"
                                                 : ": the link was made elsewhere or edited"));
  }
  project.numerics = rnn::kNumericsVersion;
}

void Session::State::on_predictions(const Message& message) {
  const auto values = io::floats_from(message.body);
  const auto k = static_cast<std::size_t>(std::max(0, message.head.value("classes", 0)));
  if (!values || !prepared || values->size() != static_cast<std::size_t>(prepared->data->size()) * (5 + k))
    return;
  predictions = {};
  predictions.available = true;
  predictions.stale = training.state == TrainingState::Running || predict_weights != project.weights;
  std::vector<char> held_out(static_cast<std::size_t>(prepared->data->size()), 0);
  for (const int i : split.validation) held_out[static_cast<std::size_t>(i)] = 1;
  for (int i = 0; i < prepared->data->size(); ++i) {
    const float* row = values->data() + static_cast<std::size_t>(i) * (5 + k);
    PredictionRow out;
    out.record = i;
    out.predicted = static_cast<int>(row[0]);
    out.probability = row[1];
    out.loss = row[2];
    out.validation = held_out[static_cast<std::size_t>(i)] != 0;
    out.probabilities.assign(row + 5, row + 5 + k);
    predictions.rows.push_back(std::move(out));
  }
  if (k > 0) {
    std::vector<const PredictionRow*> train, validation;
    for (const PredictionRow& row : predictions.rows) (row.validation ? validation : train).push_back(&row);
    predictions.train = score_of(train, prepared->labels);
    predictions.validation = score_of(validation, prepared->labels);
  }
  for (const auto& b : message.head.value("baselines", nlohmann::json::array()))
    predictions.baselines.push_back(score_from(b));
}

void Session::State::on_done(const Message& message) {
  const nlohmann::json& head = message.head;
  const std::string name = head.value("job", std::string());
  const int id = head.value("id", 0);
  const bool foreground = id == job_id && id != 0;
  if (foreground) {
    job = {};
    job_id = 0;
  }
  if (name == "predict") {
    if (id == predict_id) on_predictions(message);
  } else if (!foreground) {
    return;  // cancelled meanwhile
  } else if (name == "read") {
    Diagnostics found;
    for (const auto& d : head.value("diagnostics", nlohmann::json::array()))
      found.push_back({static_cast<Severity>(d[0].get<int>()), d[1].get<int>(), d[2].get<int>(),
                       d[3].get<std::string>()});
    std::optional<bio::Dataset> set = bio::Dataset::unpack(message.body);
    if (set && !set->empty()) source_text = std::exchange(reading_text, nullptr);
    finish_read(set ? std::move(*set) : bio::Dataset(), head.value("name", std::string()),
                head.value("format", std::string()), std::move(found));
  } else if (name == "cross_validate") {
    CrossValidation& cv = cross_validation;
    cv = {};
    cv.available = true;
    cv.folds = head.value("folds", 0);
    cv.seed = head.value("seed", std::uint64_t{0});
    cv.predicted = ints_from(head.value("predicted", nlohmann::json::array()));
    cv.score.n = head.value("n", 0);
    cv.score.correct = head.value("correct", 0);
    cv.score.interval = experiment::wilson(cv.score.correct, cv.score.n);
    cv.confusion = experiment::confusion(prepared->labels.of_record, cv.predicted, project.model.classes);
    for (const auto& b : head.value("baselines", nlohmann::json::array()))
      cv.baselines.push_back(score_from(b));
    say(Severity::Note, std::to_string(cv.folds) +
                            "-fold cross-validation: " + std::to_string(cv.score.correct) + " of " +
                            std::to_string(cv.score.n) + " right");
  } else if (name == "scan") {
    scan_tsv.assign(message.body.begin(), message.body.end());
    say(Severity::Note, "scanned " + plural(head.value("windows", 0), "window"));
  }
  changed();
}

void Session::State::on_failed(const Message& message) {
  const int id = message.head.value("id", 0);
  const std::string name = message.head.value("job", std::string());
  if (name == "run") {
    if (id != run_id) return;
    run_id = 0;
    verifying = false;
    training.state = TrainingState::Paused;
    if (job.kind == JobKind::Replaying) job = {};
    if (!project.weights) replay_failed();
  } else if (id == job_id) {
    job = {};
    job_id = 0;
  } else if (id == predict_id) {
    return changed();  // nobody asked: the table simply has no predictions
  }
  say(Severity::Error, message.head.value("text", std::string("the worker could not do that")));
}

void Session::receive_from_worker(const Message& message) {
  State& s = *state_;
  const std::string type = message.type();
  if (type == "snapshot") {
    s.on_snapshot(message);
    // No frame comes to see that the autosave is due.
    if (s.hidden && (++s.hidden_snapshots >= kHiddenSnapshots || !message.head.value("busy", false)))
      s.save_now();
  } else if (type == "progress") {
    if (message.head.value("id", 0) != s.job_id || s.job.kind == JobKind::None) return;
    s.job.progress = message.head.value("value", 0.0);
    if (s.job.progress > 0.02 && s.job_started_s >= 0)
      s.job.seconds_left = (s.now_s - s.job_started_s) * (1 - s.job.progress) / s.job.progress;
    s.changed();
  } else if (type == "changed") {
    if (message.head.value("run", 0) != s.run_id) return;
    s.project.changes.push_back({message.head.value("update", std::int64_t{0}),
                                 message.head.value("key", std::string()), message.head.value("value", 0.0)});
    s.touch();
  } else if (type == "done") {
    s.on_done(message);
  } else if (type == "failed") {
    s.on_failed(message);
  }
}

}  // namespace ribostep::session
