// Verbs about the cursor: which sequence, which position, running by itself, the untrained twin.
#include <algorithm>
#include <cmath>

#include "session/state.h"

namespace ribostep::session {

int Session::length() const { return static_cast<int>(state_->letters.size()); }
int Session::position() const { return state_->project.cursor.position; }

void Session::select_sequence(int record) {
  State& s = *state_;
  if (record < 0 || record >= data().size() || record == s.project.cursor.sequence) return;
  s.running = false;
  s.project.cursor = {record, 0};
  s.project.view.first = 0;
  s.project.view.span = 0;
  s.letters = data().letters(record);
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
  if (s.running) {
    s.run_fraction += passed * s.speed;
    const int steps = static_cast<int>(std::floor(s.run_fraction));
    s.run_fraction -= steps;
    if (steps > 0) go_to(position() + steps);
    if (position() >= length()) set_running(false);
  }
  // One slice of the trace, sized so that it fits the budget on a slow core (some 100 million multiply-adds a
  // second).
  const double per_step =
      std::max(1.0, static_cast<double>(s.network.parameter_count / s.network.layers.size()));
  const int steps = std::max(16, static_cast<int>(budget_ms * 1e5 / per_step));
  const bool traced = s.make_trace(steps);
  const bool looking = s.keep_looking();
  s.autosave();
  if (s.serial != s.mirrored_serial && now_seconds - s.mirrored_s > 0.15) {
    s.mirrored_serial = s.serial;
    s.mirrored_s = now_seconds;
    nlohmann::json head = mirror();
    head["type"] = "mirror";
    s.post({std::move(head), {}});
  }
  return s.running || !traced || looking || s.save_due_s >= 0 || s.serial != s.mirrored_serial;
}

}  // namespace ribostep::session
