// TrainingRun: replays a recipe update by update, then trains on; what the page sees are snapshots.
#include <algorithm>
#include <cstring>
#include <utility>

#include "io/encoding.h"
#include "session/worker_jobs.h"

namespace ribostep::session {
namespace {

constexpr double kSnapshotEveryMs = 250;

rnn::TrainingData material_of(const io::Project& project, const experiment::Prepared& prepared) {
  return experiment::training_material(prepared, project.model, project.train, project.seed).training;
}

}  // namespace

TrainingRun::TrainingRun(int id, io::Project project, PreparedPtr prepared, std::vector<float> start,
                         Emit emit)
    : id_(id),
      prepared_(std::move(prepared)),
      changes_(std::move(project.changes)),
      target_(project.updates),
      replayed_(project.updates == 0),
      epochs_(project.train.max_epochs),
      trainer_(rnn::make_network(project.model), material_of(project, *prepared_), project.train,
               project.seed, start),
      emit_(std::move(emit)) {
  apply_due_changes();
}

void TrainingRun::apply_due_changes() {
  while (next_change_ < changes_.size() && changes_[next_change_].update <= trainer_.updates())
    trainer_.change(changes_[next_change_++]);
}

void TrainingRun::set_training(bool on) {
  training_ = on;
  if (!on) extra_ = 0;
}

void TrainingRun::once() { ++extra_; }

void TrainingRun::change(const std::string& key, double value) {
  const rnn::SettingChange change{trainer_.updates(), key, value};
  trainer_.change(change);
  Message reply;
  reply.head = {{"type", "changed"}, {"run", id_}, {"update", change.update}, {"key", key}, {"value", value}};
  emit_(std::move(reply));
}

bool TrainingRun::busy() const {
  return (replaying() || training_ || extra_ > 0) && trainer_.finish() == rnn::Finish::Running;
}

void TrainingRun::run(double until_ms, Clock now) {
  bool worked = false;
  do {
    if (!busy()) break;
    const double before = now();
    const bool asked_once = replayed_ && !training_;
    trainer_.update();
    apply_due_changes();
    if (asked_once) --extra_;
    worked = true;
    busy_ms_ += now() - before;
    ++busy_updates_;
    // A recipe that asks for more updates than the trainer will make (it stopped early) ends where the
    // trainer ended.
    if (trainer_.finish() != rnn::Finish::Running) target_ = std::min(target_, trainer_.updates());
    if (!replayed_ && trainer_.updates() >= target_) {
      replayed_ = true;
      // Asked to go on before anybody could know that the recipe had come to its end.
      if (trainer_.finish() == rnn::Finish::Epochs && (training_ || extra_ > 0))
        change("max_epochs", trainer_.config().max_epochs + epochs_);
      snapshot(now(), true);
      worked = false;
    }
    // More epochs given later must not set it off again by themselves.
    if (trainer_.finish() != rnn::Finish::Running) set_training(false);
  } while (now() < until_ms);
  const double time = now();
  if (worked && (!busy() || time - last_snapshot_ms_ >= kSnapshotEveryMs)) snapshot(time);
}

void TrainingRun::snapshot(double now_ms, bool replayed) {
  last_snapshot_ms_ = now_ms;
  const auto& curve = trainer_.curve();
  const auto& evaluations = trainer_.evaluations();
  Message message;
  nlohmann::json points = nlohmann::json::array();
  for (std::size_t i = sent_evaluations_; i < evaluations.size(); ++i) {
    const rnn::EvaluationPoint& e = evaluations[i];
    points.push_back({e.update, e.epoch, e.train_loss, e.validation_loss, e.train_correct, e.train_items,
                      e.validation_correct, e.validation_items, e.unsettled});
  }
  const double per_update = busy_updates_ > 0 ? busy_ms_ / static_cast<double>(busy_updates_) : -1;
  const bool replay = replaying();
  const std::int64_t goal = replay ? target_ : trainer_.updates_planned();
  message.head = {{"type", "snapshot"},
                  {"run", id_},
                  {"updates", trainer_.updates()},
                  {"planned", trainer_.updates_planned()},
                  {"per_epoch", trainer_.updates_per_epoch()},
                  {"finish", static_cast<int>(trainer_.finish())},
                  {"trouble", trainer_.trouble()},
                  {"replaying", replay},
                  {"replayed", replayed},
                  {"target", target_},
                  {"busy", busy()},
                  {"ms_per_update", per_update},
                  {"seconds_left",
                   per_update < 0 ? -1 : per_update * static_cast<double>(goal - trainer_.updates()) / 1000},
                  {"curve_from", sent_curve_},
                  {"evaluations_from", sent_evaluations_},
                  {"evaluations", std::move(points)}};
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
