// TrainingRun: replays a recipe update by update, then trains on; what the page sees are snapshots. Rounds
// are shared with the team, which decides what is computed here and what elsewhere.
#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "io/encoding.h"
#include "io/json_put.h"
#include "session/checkpoints.h"
#include "session/worker_helper.h"
#include "session/worker_jobs.h"
#include "session/worker_team.h"

namespace ribostep::session {
namespace {

using io::put;
using io::put_size;

constexpr double kSnapshotEveryMs = 250;
constexpr double kLongestAwayMs = 1000;              // while waiting a run is asked five times a second
constexpr int kWarmUpUpdates = 3;                    // the browser compiles them a second time while they run
constexpr std::size_t kCheckpointBytes = 1u << 18u;  // told at once at the latest; else with a snapshot

rnn::TrainingData material_of(const io::Project& project, const experiment::Prepared& prepared) {
  return experiment::training_material(prepared, project.model, project.train, project.seed).training;
}

}  // namespace

TrainingRun::TrainingRun(int id, io::Project project, PreparedPtr prepared, std::vector<float> start,
                         Team& team, Emit emit)
    : id_(id),
      prepared_(std::move(prepared)),
      changes_(std::move(project.changes)),
      target_(project.updates),
      replayed_(project.updates == 0),
      epochs_(project.train.max_epochs),
      trainer_(rnn::make_network(project.model), material_of(project, *prepared_), project.train,
               project.seed, start),
      team_(team),
      emit_(std::move(emit)),
      shards_(static_cast<int>(rnn::shards(project.train.batch_size).size())) {
  apply_due_changes();
}

void TrainingRun::apply_due_changes() {
  while (next_change_ < changes_.size() && changes_[next_change_].update <= trainer_.updates())
    trainer_.change(changes_[next_change_++]);
}

// A message for each would cost more than the copy that is made of the weights.
void TrainingRun::keep_checkpoints(std::int64_t every) {
  const bio::Dataset& set = *prepared_->data;
  const auto mean = static_cast<std::int64_t>(set.total_length()) / std::max(1, set.size());
  every_ = every > 0 ? every
                     : checkpoint_distance(trainer_.updates_planned(), trainer_.updates_per_epoch(),
                                           mean * trainer_.config().batch_size);
  keep_checkpoint();
}

void TrainingRun::keep_checkpoint() {
  if (every_ == 0 || trainer_.updates() % every_ != 0 || trainer_.updates() == last_checkpoint_) return;
  last_checkpoint_ = trainer_.updates();
  const std::span<const float> weights = trainer_.parameters();
  const std::size_t size = weights.size_bytes();
  if (checkpoints_.capacity() == 0) checkpoints_.reserve(std::max(size, kCheckpointBytes));
  if constexpr (std::endian::native == std::endian::little) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(weights.data());
    checkpoints_.insert(checkpoints_.end(), bytes, bytes + size);
  } else {
    const Bytes bytes = io::float_bytes(weights);
    checkpoints_.insert(checkpoints_.end(), bytes.begin(), bytes.end());
  }
  checkpoint_updates_.push_back(last_checkpoint_);
  if (checkpoints_.size() + size > kCheckpointBytes) send_checkpoints();
}

void TrainingRun::send_checkpoints() {
  if (checkpoint_updates_.empty()) return;
  Message message;
  message.head = {{"type", "checkpoint"},
                  {"run", id_},
                  {"every", every_},
                  {"updates", std::exchange(checkpoint_updates_, {})}};
  message.body = std::exchange(checkpoints_, {});
  emit_(std::move(message));
}

void TrainingRun::set_training(bool on) {
  training_ = on;
  if (!on) extra_ = 0;
  if (!busy()) away_since_ms_ = -1;
}

void TrainingRun::once() { ++extra_; }

void TrainingRun::pause() {
  set_training(false);
  if (trainer_.in_update())
    pausing_ = true;
  else
    snapshot(0);
}

// An evaluation is part of the update before it: what is changed meanwhile counts from the next.
void TrainingRun::change(const std::string& key, double value) {
  if (trainer_.may_change())
    apply(key, value);
  else
    wished_.emplace_back(key, value);
}

void TrainingRun::apply(const std::string& key, double value) {
  const rnn::SettingChange change{trainer_.updates(), key, value};
  trainer_.change(change);
  Message reply;
  reply.head = {{"type", "changed"}, {"run", id_}, {"update", change.update}, {"key", key}, {"value", value}};
  emit_(std::move(reply));
}

bool TrainingRun::busy() const {
  return (replaying() || training_ || extra_ > 0 || trainer_.in_update()) &&
         trainer_.finish() == rnn::Finish::Running;
}
bool TrainingRun::waiting() const { return waiting_; }

void TrainingRun::take(const Message& part) {
  if (part.head.value("run", 0) != id_ || part.head.value("round", std::int64_t{0}) != round_) return;
  std::optional<PartAnswer> answer = unpack_part(part);
  if (answer) trainer_.take(part.head.value("part", -1), answer->result, std::move(answer->gradient));
  waiting_ = false;
}

void TrainingRun::recruit(double now_ms) {
  team_.recruit(shards_, alone_updates_ > kWarmUpUpdates ? alone_ms_ : -1, 1000 * seconds_left());
  if (busy_workers_ == team_.workers()) return;
  busy_workers_ = team_.workers();
  busy_ms_ = 0;
  busy_updates_ = 0;
  last_snapshot_ms_ = std::min(last_snapshot_ms_, now_ms - kSnapshotEveryMs);
}

bool TrainingRun::work(Clock now) {
  const double begin = now();
  const int part = team_.next(trainer_);
  if (part < 0) return false;
  const rnn::PartKind kind = trainer_.round()->parts[static_cast<std::size_t>(part)].kind;
  trainer_.compute(part);
  const double took = now() - begin;
  team_.computed(kind, took);
  if (kind == rnn::PartKind::Gradient) own_ms_ += took;
  return true;
}

void TrainingRun::close_round(Clock now) {
  const bool gradients = trainer_.may_change();
  if (gradients && !shared_) {
    ++alone_updates_;
    alone_ms_ = alone_updates_ <= kWarmUpUpdates ? own_ms_ : alone_ms_ + (own_ms_ - alone_ms_) / 4;
  }
  trainer_.close();
  if (!trainer_.in_update()) after_update(now);
}

void TrainingRun::after_update(Clock now) {
  for (const auto& [key, value] : std::exchange(wished_, {})) apply(key, value);
  apply_due_changes();
  keep_checkpoint();
  if (asked_once_ && extra_ > 0) --extra_;
  count(now());
  ++busy_updates_;
  // A recipe that asks for more updates than the trainer will make (it stopped early) ends where the trainer
  // ended.
  if (trainer_.finish() != rnn::Finish::Running) target_ = std::min(target_, trainer_.updates());
  const bool replayed = !replayed_ && trainer_.updates() >= target_;
  if (replayed) {
    replayed_ = true;
    // Asked to go on before anybody could know that the recipe had come to its end.
    if (trainer_.finish() == rnn::Finish::Epochs && (training_ || extra_ > 0))
      change("max_epochs", trainer_.config().max_epochs + epochs_);
  }
  // More epochs given later must not set it off again by themselves.
  if (trainer_.finish() != rnn::Finish::Running) set_training(false);
  const double time = now();
  if (replayed)
    snapshot(time, true);
  else if (pausing_ || !busy() || time - last_snapshot_ms_ >= kSnapshotEveryMs)
    snapshot(time);
  pausing_ = false;
  recruit(time);
}

void TrainingRun::run(double until_ms, Clock now) {
  // What passed while helpers computed counts as well: it is the clock on the wall that people see.
  // But a machine that slept, or a job that was done first, is no update.
  const double start = now();
  counted_to_ms_ = away_since_ms_ >= 0 ? std::max(away_since_ms_, start - kLongestAwayMs) : start;
  away_since_ms_ = -1;
  waiting_ = false;
  if (round_ == 0) recruit(now());
  while (busy()) {
    if (!trainer_.in_update()) asked_once_ = replayed_ && !training_;
    const rnn::Round& round = *trainer_.round();
    const bool fresh = round.serial != round_;
    if (fresh) {
      round_ = round.serial;
      own_ms_ = 0;
      shared_ = team_.share(round, trainer_.parameters());
    }
    // What helpers are asked for must be on its way before the work begins here.
    const bool ask = fresh && shared_;
    if (!ask && !trainer_.complete()) waiting_ = !work(now);
    const bool closed = !ask && trainer_.complete();
    if (closed) close_round(now);
    const double time = now();
    count(time);
    if (shared_ && busy()) away_since_ms_ = time;
    // Answers and requests pass between two slices.
    if (waiting_ || time >= until_ms || (shared_ && !closed)) return;
  }
}

void TrainingRun::count(double now_ms) {
  busy_ms_ += now_ms - counted_to_ms_;
  counted_to_ms_ = now_ms;
}

double TrainingRun::seconds_left() const {
  if (busy_updates_ == 0) return -1;
  const std::int64_t goal = replaying() ? target_ : trainer_.updates_planned();
  return busy_ms_ / static_cast<double>(busy_updates_) * static_cast<double>(goal - trainer_.updates()) /
         1000;
}

void TrainingRun::snapshot(double now_ms, bool replayed) {
  last_snapshot_ms_ = now_ms;
  send_checkpoints();
  const auto& curve = trainer_.curve();
  const auto& evaluations = trainer_.evaluations();
  Message message;
  nlohmann::json points = nlohmann::json::array();
  for (std::size_t i = sent_evaluations_; i < evaluations.size(); ++i) {
    const rnn::EvaluationPoint& e = evaluations[i];
    nlohmann::json point = nlohmann::json::array();
    io::append(point, e.update);
    io::append(point, e.epoch);
    io::append(point, e.train_loss);
    io::append(point, e.validation_loss);
    io::append(point, e.train_correct);
    io::append(point, e.train_items);
    io::append(point, e.validation_correct);
    io::append(point, e.validation_items);
    io::append(point, e.unsettled);
    io::append(points, std::move(point));
  }
  const double per_update = busy_updates_ > 0 ? busy_ms_ / static_cast<double>(busy_updates_) : -1;
  nlohmann::json& head = message.head;
  put(head, "type", "snapshot");
  put(head, "run", id_);
  put(head, "updates", trainer_.updates());
  put(head, "planned", trainer_.updates_planned());
  put(head, "per_epoch", trainer_.updates_per_epoch());
  put(head, "finish", static_cast<int>(trainer_.finish()));
  put(head, "trouble", trainer_.trouble());
  put(head, "replaying", replaying());
  put(head, "replayed", replayed);
  put(head, "target", target_);
  put(head, "busy", busy());
  put(head, "ms_per_update", per_update);
  put(head, "workers", busy() ? team_.workers() : 1);
  put(head, "seconds_left", seconds_left());
  put_size(head, "curve_from", sent_curve_);
  put_size(head, "evaluations_from", sent_evaluations_);
  put(head, "evaluations", std::move(points));
  message.body = io::float_bytes(trainer_.parameters());
  std::vector<float> flat;
  for (std::size_t i = sent_curve_; i < curve.size(); ++i) {
    flat.push_back(curve[i].loss);
    flat.push_back(curve[i].gradient_norm);
    flat.push_back(curve[i].learning_rate);
  }
  const Bytes curve_bytes = io::float_bytes(flat);
  message.body.insert(message.body.end(), curve_bytes.begin(), curve_bytes.end());
  sent_curve_ = curve.size();
  sent_evaluations_ = evaluations.size();
  emit_(std::move(message));
}

}  // namespace ribostep::session
