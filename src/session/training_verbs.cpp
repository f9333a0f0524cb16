// Verbs about the model and its training. What the worker answers is in worker_answers.cpp.
#include <algorithm>
#include <functional>
#include <utility>

#include "io/encoding.h"
#include "io/json_put.h"
#include "session/state.h"
#include "session/worker_team.h"

namespace ribostep::session {

namespace {

using io::put;

// What is left of a page's 2 GB beside the program, the data and a trace.
constexpr std::uint64_t kLargestUpdate = 1200u << 20u;

}  // namespace

std::string plural(std::int64_t n, const char* word) {
  return std::to_string(n) + " " + word + (n == 1 ? "" : "s");
}

io::Project untrained(io::Project project) {
  project.weights = nullptr;
  project.start_weights = nullptr;
  project.updates = 0;
  project.changes.clear();
  project.weights_hash.clear();
  return project;
}

nlohmann::json Session::State::project_head() const { return head_of(project); }

nlohmann::json Session::State::head_of(io::Project bare) const {
  bare.weights = nullptr;
  bare.start_weights = nullptr;
  bare.data.example.clear();  // the worker knows sets by their content alone
  // Of the debugging it need know only what the current sequence is read as, and the machine.
  io::RecordEdits edits_here = edits_of(bare.cursor.sequence);
  auto known = std::move(bare.debugging.machine);
  bare.debugging = {};
  bare.debugging.machine = std::move(known);
  if (!edits_here.empty()) bare.debugging.edits.push_back(std::move(edits_here));
  return io::to_json(bare, {io::WeightsAs::Recipe, false});
}

void Session::State::give_data_to_worker() {
  if (worker_set == project.data.content_hash) return;
  worker_set = project.data.content_hash;
  to_worker(io::typed("dataset", "hash", worker_set), project.data.set->pack());
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
  if (project.updates == 0) project.numerics = rnn::kNumericsVersion;
  verifying = project.weights && project.updates > 0;
  Bytes start;
  if (project.start_weights) start = io::float_bytes(*project.start_weights);
  nlohmann::json ask;
  put(ask, "type", "run");
  put(ask, "run", run_id);
  put(ask, "project", project_head());
  put(ask, "train", train);
  put(ask, "once", once);
  put(ask, "workers", workers);
  put(ask, "checkpoints", history->keeps_checkpoints());
  put(ask, "checkpoint_every", history->checkpoint_distance());
  put(ask, "memory", memory_of_update().bytes);
  to_worker(std::move(ask), std::move(start));
  // Unasked replays behind the scenes show no bar.
  if (project.updates > 0 && job_id == 0 && (train || once || !verifying))
    job = {JobKind::Replaying, 0, -1, "replaying " + plural(project.updates, "update")};
  changed();
}

void Session::State::drop_run() {
  if (run_id != 0) to_worker(io::typed("drop"));
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

rnn::TrainingMemory Session::training_memory() const { return state_->memory_of_update(); }

std::string Session::State::update_too_large() {
  if (memory_of_update().bytes <= kLargestUpdate) return {};
  return "one update would take more memory than a page has: choose a smaller batch, shorter pieces, or "
         "fewer "
         "units";
}

rnn::TrainingMemory Session::State::memory_of_update() {
  State& s = *this;
  if (!s.prepared || s.prepared->data->empty()) return {};
  if (s.update_memory) return *s.update_memory;
  const rnn::ModelSpec& model = s.project.model;
  const rnn::TrainConfig& train = s.project.train;
  int rows = 1;
  for (const rnn::Shard& shard : rnn::shards(train.batch_size))
    rows = std::max(rows, shard.end - shard.begin);
  const bool whole = model.task == rnn::Task::SequenceLabel || model.circular != rnn::Circular::Linear;
  const int width = whole ? 0 : train.window / model.letters_per_step();
  std::vector<int> longest;
  for (const int record : s.split.train) {
    int left = rnn::steps(model, experiment::example(*s.prepared, model, record));
    for (int part = 0; part < rows && left > 0; ++part) {
      const int steps = width > 0 ? std::min(width, left) : left;
      longest.push_back(steps);
      left -= steps;
    }
  }
  if (longest.empty()) return {};
  const std::size_t count = std::min(longest.size(), static_cast<std::size_t>(rows));
  std::partial_sort(longest.begin(), longest.begin() + static_cast<std::ptrdiff_t>(count), longest.end(),
                    std::greater<>());
  longest.resize(count);
  s.update_memory = rnn::training_memory(s.network, longest);
  return *s.update_memory;
}

rnn::BoundedMemory Session::bounded_memory() const {
  State& s = *state_;
  if (!s.trace || !s.bounded || s.bounded_serial != s.trace_serial) {
    s.bounded = rnn::bounded_memory(s.network, s.trace.get());
    s.bounded_serial = s.trace ? s.trace_serial : 0;
  }
  return *s.bounded;
}

void Session::set_model(rnn::ModelSpec spec) {
  State& s = *state_;
  const rnn::ModelSpec& now = s.project.model;
  if (spec.covariates != now.covariates) {  // others have other means
    spec.covariate_center.clear();
    spec.covariate_scale.clear();
  }
  // Another task gets a wiring that suits it; a wiring that does not suit the task is refused with the
  // reason.
  const bool predicts = spec.task == rnn::Task::NextSymbol || spec.task == rnn::Task::NextVector;
  if (predicts && spec.task == now.task && !rnn::leak(spec).empty())
    return s.say(Severity::Error, rnn::leak(spec));
  if (s.prepared) spec = experiment::fitted(spec, *s.prepared);
  if (spec == now) return;
  const std::string trouble = rnn::problem(spec);
  if (!trouble.empty()) return s.say(Severity::Error, trouble);
  s.remember("model", s.project.updates == 0);
  s.history->keep_by_itself();
  io::Project next = untrained(s.project);
  next.model = spec;
  if (s.prepared && spec.task != s.project.model.task)
    next.train.window = State::advised_window(*s.prepared->data, spec.task);
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
  s.history->keep_by_itself();
  const bool new_split = config.validation_fraction != now.validation_fraction || config.window != now.window;
  io::Project next = untrained(s.project);
  next.train = config;
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
  const std::string obstacle = s.derived().obstacle(s.project.model);
  if (!obstacle.empty()) {
    s.say(Severity::Error, "cannot train: " + obstacle);
    return false;
  }
  if (const std::string why = s.update_too_large(); !why.empty()) {
    s.say(Severity::Error, "cannot train: " + why);
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
    s.to_worker(io::typed("continue", "run", s.run_id));
  else
    s.start_run(true, false);
  s.predictions.stale = s.predictions.available;
  s.changed();
}

void Session::pause() {
  State& s = *state_;
  if (s.training.state != TrainingState::Running) return;
  s.training.state = TrainingState::Paused;
  s.to_worker(io::typed("pause", "run", s.run_id));
  s.changed();
}

void Session::stop() {
  State& s = *state_;
  if (s.training.state == TrainingState::Running) pause();
  if (s.training.state != TrainingState::Paused) return;
  s.training.state = TrainingState::Finished;
  s.say(Severity::Note, "stopped after " + plural(s.training.updates, "update"));
}

void Session::set_workers(int count) {
  State& s = *state_;
  s.workers = std::clamp(count, 0, kMaxWorkers);
  if (s.run_id != 0) s.to_worker(io::typed("workers", "count", s.workers));
  s.changed();
}
int Session::workers() const { return state_->workers; }

void Session::train_once() {
  State& s = *state_;
  if (s.training.state == TrainingState::Running || !ready_to_train()) return;
  s.remember("one update", true);
  s.training.state = TrainingState::Paused;
  s.twin = false;
  if (s.run_id != 0)
    s.to_worker(io::typed("once", "run", s.run_id));
  else
    s.start_run(false, true);
  s.predictions.stale = s.predictions.available;
  s.changed();
}

void Session::reset() {
  State& s = *state_;
  if (!s.prepared) return;
  s.remember("reset");
  s.history->keep_by_itself();
  s.drop_run();
  s.project.train = s.effective_train();
  s.fresh_weights();
  s.predictions.stale = s.predictions.available;
  s.request_predictions();
  s.twin = false;
  s.visited_weights = nullptr;
  s.visited_update = -1;
  s.want_trace(false);
  s.say(Severity::Note, "back at the start of seed " + std::to_string(s.project.seed));
}

void Session::set_seed(std::uint64_t seed) {
  State& s = *state_;
  if (seed == s.project.seed) return;
  s.remember("new start");
  s.history->keep_by_itself();
  io::Project next = untrained(s.project);
  next.train = s.effective_train();
  next.seed = seed;
  if (!s.prepared) {
    s.project = std::move(next);
    return;
  }
  s.adopt(std::move(next));
  s.say(Severity::Note, "a new start from seed " + std::to_string(seed));
}

void Session::new_start() { set_seed(state_->project.seed + 1); }

}  // namespace ribostep::session
