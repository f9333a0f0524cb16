// Checkpoints as they come from the worker, and looking back at them. Runs that are kept are
// history_runs.cpp's.
#include "session/history.h"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <utility>

#include "io/encoding.h"
#include "session/state.h"

namespace ribostep::session {
namespace {

constexpr std::size_t kPasts = 8;  // runs whose checkpoints are held, if there is room
constexpr std::int64_t kEver = std::numeric_limits<std::int64_t>::max();

std::string megabytes(std::size_t bytes) {
  const double mb = static_cast<double>(bytes) / (1u << 20u);
  return short_number(mb, mb < 0.1 ? 1 : mb < 10 ? 2 : 3) + " MB";
}

bool alike(const io::WeightsPtr& a, const io::WeightsPtr& b) { return a == b || (a && b && *a == *b); }

}  // namespace

// ---- checkpoints

bool History::is_here(const Past& past) const {
  const io::Project& p = state_.project;
  return past.seed == p.seed && past.data == p.data.content_hash && past.label_rule == p.label_rule &&
         past.train == p.train && past.model == p.model && alike(past.start, p.start_weights);
}

const History::Past* History::past() const {
  for (auto at = pasts_.rbegin(); at != pasts_.rend(); ++at)
    if (is_here(*at)) return &*at;
  return nullptr;
}

// A change takes effect after the update it names: that one's weights are still common to both.
std::int64_t History::valid_until(const Past& past) const {
  const auto& a = past.changes;
  const auto& b = state_.project.changes;
  for (std::size_t i = 0; i < std::max(a.size(), b.size()); ++i) {
    if (i < a.size() && i < b.size() && a[i] == b[i]) continue;
    return std::min(i < a.size() ? a[i].update : kEver, i < b.size() ? b[i].update : kEver);
  }
  return kEver;
}

History::Past& History::past_to_fill(std::int64_t every) {
  const auto at = std::find_if(pasts_.begin(), pasts_.end(), [&](const Past& p) { return is_here(p); });
  if (at == pasts_.end()) {
    const io::Project& p = state_.project;
    pasts_.push_back({p.data.content_hash, p.label_rule, p.model, p.train, p.seed, p.start_weights, p.changes,
                      Checkpoints()});
    if (pasts_.size() > kPasts) pasts_.pop_front();
  } else if (at + 1 != pasts_.end()) {
    std::rotate(at, at + 1, pasts_.end());
  }
  Past& here = pasts_.back();
  here.start = state_.project.start_weights;  // alike: compared by its address from now on
  if (here.checkpoints.size() == 0) here.checkpoints.start(every);
  return here;
}

std::size_t History::bytes() const {
  std::size_t sum = 0;
  for (const Past& past : pasts_) sum += past.checkpoints.bytes();
  return sum;
}

bool History::keeps_checkpoints() const {
  return keeping_ && Checkpoints().possible(state_.network.parameter_count);
}

std::int64_t History::checkpoint_distance() const {
  const Past* here = past();
  return here && here->checkpoints.size() > 0 ? here->checkpoints.every() : 0;
}

bool History::hear(const Message& message) {
  if (message.type() != "checkpoint") return false;
  if (message.head.value("run", 0) != state_.run_id || !state_.prepared || !keeps_checkpoints()) return true;
  const auto updates = message.head.value("updates", std::vector<std::int64_t>());
  const std::size_t count = state_.network.parameter_count, size = count * sizeof(float);
  const std::int64_t every = message.head.value("every", std::int64_t{1});
  if (updates.empty() || message.body.size() != updates.size() * size) return true;
  Past& here = past_to_fill(every);
  const std::int64_t until = valid_until(here);
  if (updates.back() > until) {  // another way from there on
    here.checkpoints.drop_after(until);
    here.changes = state_.project.changes;
    map_rows_.clear();
  }
  for (std::size_t i = 0; i < updates.size(); ++i) {
    if (here.checkpoints.has(updates[i])) continue;
    auto weights = io::floats_from(std::span(message.body).subspan(i * size, size));
    if (weights)
      here.checkpoints.add(updates[i], std::make_shared<const std::vector<float>>(std::move(*weights)));
  }
  while (pasts_.size() > 1 && bytes() > kCheckpointBudget) pasts_.pop_front();
  if (here.checkpoints.every() != every)
    state_.to_worker({{"type", "checkpoints"}, {"run", state_.run_id}, {"every", here.checkpoints.every()}});
  return true;
}

bool History::has_work() const {
  if (map_next_ >= 0) return true;
  return std::any_of(pasts_.begin(), pasts_.end(), [](const Past& p) { return p.checkpoints.has_work(); });
}

void History::work_slice() {
  for (Past& past : pasts_)
    if (past.checkpoints.has_work()) return past.checkpoints.work_slice();
  map_slice();
}

// ---- looking back

std::int64_t History::present() const {
  return state_.project.weights ? state_.project.updates : state_.training.updates;
}
bool History::visiting() const { return state_.visited_weights != nullptr; }
std::int64_t History::update_shown() const { return visiting() ? state_.visited_update : present(); }

std::vector<std::int64_t> History::kept() const {
  const Past* here = state_.prepared ? past() : nullptr;
  if (!here) return {};
  std::vector<std::int64_t> all = here->checkpoints.updates();
  const std::int64_t until = std::min(present() - 1, valid_until(*here));
  all.erase(std::upper_bound(all.begin(), all.end(), until), all.end());
  return all;
}

std::string History::visit_obstacle() const {
  if (!state_.prepared) return "there is no network yet: load sequences";
  if (present() == 0) return "nothing has been trained yet: press Train";
  if (!keeps_checkpoints())
    return "the weights of this network take " + megabytes(state_.network.parameter_count * sizeof(float)) +
           ", too much to keep them at many updates: choose fewer units or layers";
  if (!kept().empty()) return {};
  if (state_.training.state == TrainingState::Running || state_.run_id != 0)
    return "no earlier update is kept yet: they come while it trains";
  return "the earlier updates of this run are not here: bring them back, which trains it once more in the "
         "background";
}

void History::look(io::WeightsPtr weights, std::int64_t update) {
  if (state_.visited_weights == weights && !state_.twin) return;
  state_.visited_weights = std::move(weights);
  state_.visited_update = state_.visited_weights ? update : -1;
  state_.twin = false;
  state_.next_trace_s = -1;
  state_.want_trace(false);
  // A short one follows the mouse at once; a long one that is being made is finished first, or none ever
  // would be while somebody drags.
  if (!session_.has_long_work()) {
    state_.builder.reset();
    state_.make_trace_soon();
  }
}

void History::visit(std::int64_t update) {
  if (const std::string why = visit_obstacle(); !why.empty())
    return state_.say(Severity::Error, "cannot show an earlier update: " + why);
  const std::vector<std::int64_t> all = kept();
  auto at = std::lower_bound(all.begin(), all.end(), update);
  const std::int64_t above = at == all.end() ? present() : *at;
  const std::int64_t found = at != all.begin() && update - *(at - 1) <= above - update ? *(at - 1) : above;
  if (found >= present()) return leave();
  const Past* here = past();
  look(here->checkpoints.at(found), found);
}

void History::leave() {
  if (visiting()) look(nullptr, -1);
}

void History::earlier() {
  const std::vector<std::int64_t> all = kept();
  const auto at = std::lower_bound(all.begin(), all.end(), update_shown());
  if (at != all.begin()) return visit(*(at - 1));
  if (all.empty()) visit(0);  // says why not
}

void History::later() {
  if (!visiting()) return;
  const std::vector<std::int64_t> all = kept();
  const auto at = std::upper_bound(all.begin(), all.end(), update_shown());
  at == all.end() ? leave() : visit(*at);
}

void History::go_on_from_here() {
  if (!visiting())
    return state_.say(Severity::Error,
                      "the last update is on show already: choose an earlier one on the scale first");
  const io::WeightsPtr weights = state_.visited_weights;
  const std::int64_t update = state_.visited_update;
  const rnn::TrainConfig before = state_.effective_train();
  state_.remember("going on from update " + std::to_string(update));
  replay_words_.clear();
  keep_by_itself();
  state_.cancel_jobs_on_project();
  state_.drop_run();
  io::Project& p = state_.project;
  p.updates = update;
  p.changes.erase(std::remove_if(p.changes.begin(), p.changes.end(),
                                 [&](const rnn::SettingChange& c) { return c.update > update; }),
                  p.changes.end());
  p.weights = state_.live_weights = weights;
  p.weights_hash.clear();
  p.numerics = rnn::kNumericsVersion;  // they were computed here
  if (!(state_.effective_train() == before)) state_.cross_validation = {};
  Training& t = state_.training;
  t.updates = update;
  t.curve.resize(std::min(t.curve.size(), static_cast<std::size_t>(update)));
  t.evaluations.erase(std::remove_if(t.evaluations.begin(), t.evaluations.end(),
                                     [&](const rnn::EvaluationPoint& e) { return e.update > update; }),
                      t.evaluations.end());
  t.planned = state_.effective_train().max_epochs * t.per_epoch;
  t.state = update > 0 ? TrainingState::Paused : TrainingState::Idle;
  t.finish = rnn::Finish::Running;
  t.trouble.clear();
  t.seconds_left = -1;
  state_.visited_weights = nullptr;
  state_.visited_update = -1;
  state_.predictions.stale = state_.predictions.available;
  state_.request_predictions();
  if (state_.trace_weights != weights) state_.want_trace(false);
  state_.say(Severity::Note, "update " + std::to_string(update) +
                                 " is the last one now: Train goes on from it, Undo brings the rest back");
  state_.touch();
}

void History::bring_back() {
  if (kept().empty() && state_.run_id != 0 && !state_.verifying) state_.drop_run();
  if (!state_.prepared || present() == 0 || !keeps_checkpoints())
    return state_.say(Severity::Error, visit_obstacle());
  if (!state_.project.weights || state_.run_id != 0)
    return state_.say(Severity::Note, "the run is here: its checkpoints come while it trains");
  if (const std::string why = state_.update_too_large(); !why.empty())
    return state_.say(Severity::Error, "the run cannot be trained again: " + why);
  state_.start_run(false, false);
  if (state_.job_id == 0)
    state_.job = {JobKind::Replaying, 0, -1, "replaying " + plural(state_.project.updates, "update")};
  state_.changed();
}

std::string History::visit_words() const {
  const Training& t = state_.training;
  const bool running = t.state == TrainingState::Running;
  if (!visiting())
    return present() == 0 ? std::string() : "showing update " + std::to_string(present()) + ", the last";
  return "showing update " + std::to_string(state_.visited_update) + " of " + std::to_string(present()) +
         (running ? "; training goes on" : "");
}

std::string History::memory_words() const {
  const Past* here = past();
  const std::size_t count = here ? here->checkpoints.size() : 0;
  std::string text = plural(static_cast<std::int64_t>(count), "checkpoint");
  if (count > 1) {
    const std::int64_t every = here->checkpoints.every();
    text += every == 1 ? ", every update" : ", every " + std::to_string(every) + " updates";
  }
  return text + ", " + megabytes(bytes()) + " of " + megabytes(kCheckpointBudget);
}

bool History::update(double) {
  if (visiting() && (!past() || state_.visited_update > present())) leave();
  refresh_map();
  if (state_.project.updates != replay_updates_) replay_words_.clear();  // it ended early: cancelled
  if (!replay_words_.empty() && state_.project.weights && state_.job.kind != JobKind::Replaying) {
    const auto& evaluations = state_.training.evaluations;
    std::string text = std::exchange(replay_words_, {});
    if (!evaluations.empty() && replay_loss_ >= 0) {
      const rnn::EvaluationPoint& last = evaluations.back();
      text += ": " + std::string(last.validation_items > 0 ? "validation" : "training") + " loss " +
              short_number(last.validation_items > 0 ? last.validation_loss : last.train_loss) + " after " +
              plural(state_.project.updates, "update") + ", " + short_number(replay_loss_) + " before";
    }
    state_.say(Severity::Note, std::move(text));
  }
  return false;
}

void History::project_changed() {
  replay_words_.clear();
  map_of_.reset();
  map_builder_.reset();
  map_next_ = -1;
}

}  // namespace ribostep::session
