// Verbs about the cursor: which sequence, which position, running by itself, the untrained twin.
#include <algorithm>
#include <cmath>
#include <utility>

#include "session/state.h"

namespace ribostep::session {
namespace {

constexpr double kMirrorSeconds = 0.15;  // between two mirrors
constexpr double kLookSeconds = 0.05;    // until a look that waits for the cursor to rest is tried again
constexpr double kSliceMs = 0.5;         // of a trace, between two looks at the clock

}  // namespace

int Session::length() const { return static_cast<int>(state_->letters.size()); }
int Session::position() const { return state_->project.cursor.position; }

void Session::select_sequence(int record) {
  State& s = *state_;
  if (record < 0 || record >= data().size() || record == s.project.cursor.sequence) return;
  s.running = false;
  s.project.cursor = {record, 0};
  s.project.view.first = 0;
  s.project.view.span = 0;
  s.read_edits();
  s.want_trace(true);
  s.touch();
}

void Session::go_to(int position) {
  State& s = *state_;
  const int to = std::clamp(position, 0, length());
  if (to == s.project.cursor.position) return;
  s.project.cursor.position = to;
  s.touch();
}

void Session::step(int by) {
  state_->running = false;
  go_to(position() + by);
  state_->changed();
}

void Session::set_running(bool running) {
  State& s = *state_;
  if (running && length() == 0) return;
  s.running = running;
  s.run_fraction = 0;
  if (running && position() >= length()) go_to(0);
  s.changed();
}
bool Session::running() const { return state_->running; }

void Session::set_run_speed(double positions_per_second) {
  state_->speed = std::clamp(positions_per_second, 0.5, 2000.0);
  state_->changed();
}
double Session::run_speed() const { return state_->speed; }

void Session::show_untrained_twin(bool on) {
  State& s = *state_;
  if (on == s.twin || !s.prepared) return;
  s.twin = on;
  s.next_trace_s = -1;
  s.want_trace(false);
  s.say(Severity::Note, on ? "this is the untrained twin: the same network before its first update"
                           : "this is the trained network again");
}

rnn::StepTerms Session::terms(int layer) const {
  const State& s = *state_;
  const int t = s.trace->layers[static_cast<std::size_t>(layer)].step_of(position() - 1);
  return rnn::step_terms(s.network, *s.trace_weights, s.prepared->table, example(), *s.trace, layer, t);
}

bool Session::update(double now_seconds, double budget_ms) {
  State& s = *state_;
  const double passed = s.last_update_s < 0 ? 0 : std::clamp(now_seconds - s.last_update_s, 0.0, 0.25);
  s.last_update_s = s.now_s = now_seconds;
  if (s.running && !s.conditions->holds_run()) {
    s.run_fraction += passed * s.speed;
    const int steps = static_cast<int>(std::floor(s.run_fraction));
    s.run_fraction -= steps;
    const int stop = s.conditions->first_stop(position(), std::min(length(), position() + steps));
    if (steps > 0) go_to(stop >= 0 ? stop : position() + steps);
    if (stop >= 0 || position() >= length()) set_running(false);
  }
  const bool traced = budget_ms > 0 ? s.make_trace(s.trace_steps(budget_ms)) : !has_work();
  if (Facet* facet = budget_ms > 0 && traced ? s.facet_with_work() : nullptr) facet->work_slice();
  bool looking = s.keep_looking();
  for (Facet* facet : s.facets) looking = facet->update(now_seconds) || looking;
  s.autosave();
  s.looking_due = looking;
  if (s.serial != s.mirrored_serial && now_seconds - s.mirrored_s > kMirrorSeconds) {
    s.mirrored_serial = s.serial;
    s.mirrored_s = now_seconds;
    nlohmann::json head = mirror();
    head["type"] = "mirror";
    s.post({std::move(head), {}});
  }
  return s.running || !traced || s.facet_with_work() || looking || s.save_due_s >= 0 ||
         s.serial != s.mirrored_serial;
}

// In a slice that fits the budget on a slow core (some 100 million multiply-adds a second).
int Session::State::trace_steps(double budget_ms) const {
  const double per_step = std::max(1.0, static_cast<double>(network.parameter_count / network.layers.size()));
  return std::max(16, static_cast<int>(budget_ms * 1e5 / per_step));
}

bool Session::has_work() const {
  const State& s = *state_;
  if (!s.prepared || s.letters.empty()) return false;
  return s.builder || (s.trace_wanted && !s.trace_rests()) || s.facet_with_work() != nullptr;
}

Facet* Session::State::facet_with_work() const {
  for (Facet* facet : facets)
    if (facet->has_work()) return facet;
  return nullptr;
}

bool Session::work(double budget_ms, double (*clock_ms)()) {
  State& s = *state_;
  const double begin = clock_ms();
  double now = begin;
  bool more = has_work();
  while (more && now - begin < budget_ms) {
    const bool main = s.builder || (s.trace_wanted && !s.trace_rests());
    if (main)
      s.make_trace(s.trace_steps(kSliceMs));
    else if (Facet* facet = s.facet_with_work())
      facet->work_slice();
    const double then = std::exchange(now, clock_ms());
    if (main) s.trace_cost_ms += now - then;
    more = has_work();
  }
  return more;
}

double Session::due_seconds() const {
  const State& s = *state_;
  double due = -1;
  const auto at = [&](double moment) { due = due < 0 ? moment : std::min(due, moment); };
  if (s.serial != s.mirrored_serial) at(s.mirrored_s + kMirrorSeconds);
  if (s.save_due_s >= 0 && !s.saving && s.prepared) at(s.save_due_s);
  if (s.looking_due) at(s.now_s + kLookSeconds);
  if (s.trace_wanted && s.trace_rests()) at(s.next_trace_s);
  return due < 0 ? due : std::max(due, 0.0);
}

}  // namespace ribostep::session
