// Verbs about gradients, Jacobians and rotations: what to ask the worker for, and which answers still hold.
#include "session/looking.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

#include "io/encoding.h"
#include "io/json_put.h"
#include "session/state.h"

namespace ribostep::session {
namespace {

using io::put;

constexpr double kSettleSeconds = 0.1;  // a cursor that is being dragged asks when it rests
constexpr double kRenewSeconds = 2;     // while training runs
// Looking keeps every step in double, and a trace besides: several times this.
constexpr std::size_t kLargestTrace = 150u << 20u;
// Above this many multiply-adds (some 0.2 s) looking would hold up the training.
constexpr double kSmallWork = 5e7;

std::string small_number(double x) {
  char text[32];
  std::snprintf(text, sizeof text, x != 0 && x < 0.001 ? "%.1e" : "%.4f", x);
  return text;
}

// Weights that change by themselves: the trace on show is replaced several times a second.
bool weights_move(const Training& training, const Job& job) {
  return training.state == TrainingState::Running || job.kind == JobKind::Replaying;
}

// "39 rotations: a probability changes by up to 0.0312 (origin moved by 5); before training 0.0120"
std::string words_of(const Equivariance& e) {
  if (!e.available) return {};
  const auto where = [](const Turning& turning) {
    std::string text = " (origin moved by " + std::to_string(turning.shift);
    if (turning.position > 0) text += ", at position " + std::to_string(turning.position);
    return text + ")";
  };
  std::string text = plural(e.rotations, "rotation");
  text += e.all ? "" : ", evenly spread";
  if (e.step > 1) text += " by whole codons";
  text += e.now.largest_change > 0
              ? ": a probability changes by up to " + small_number(e.now.largest_change) + where(e.now)
              : ": no probability changes";
  text += "; before training " + small_number(e.untrained.largest_change);
  if (e.now.unsettled > 0)
    text += "; not settled from " + std::to_string(e.now.unsettled) + " of " +
            std::to_string(e.rotations + 1) + " origins";
  return text;
}

}  // namespace

// ---- gradients and Jacobians
// -----------------------------------------------------------------------------------------------

Looking::Request Session::State::look_request() const {
  Looking::Request request{trace_serial, look.loss, -1};
  if (look.loss == rnn::SensitivityLoss::AtCursor && trace && trace->rows > 0 &&
      project.model.task != rnn::Task::SequenceLabel)
    request.step = trace->row_of(std::max(0, project.cursor.position - 1));
  return request;
}

Looking::About Session::State::look_about() const {
  return {project.data.content_hash, project.cursor.sequence, project.model, twin,
          edits_of(project.cursor.sequence).letters};
}

double Session::State::look_work(bool jacobians) const {
  double size = 0;
  for (const rnn::Layer& layer : network.layers)
    size += layer.hidden * (rnn::has_cell_state(layer.cell) ? 2 : 1);
  const auto parameters = static_cast<double>(network.parameter_count);
  const double per_step = 6 * parameters + (jacobians ? 6 * parameters * size + size * size * size : 0);
  return per_step * static_cast<double>(letters.size()) / network.letters_per_step(0);
}

void Session::State::stop_looking() {
  if (look.id != 0) to_worker(io::typed("stop_sensitivity"));
  look.id = 0;
}

// Once more may help, if it was something else that stopped it.
void Session::State::lost_looking() {
  if (look.id != 0) look.failed = ++look.lost > 1;
  look.id = 0;
}

bool Session::State::keep_looking() {
  if (!edits_of(project.cursor.sequence).states.empty()) {
    stop_looking();  // see sensitivity_obstacle()
    return false;
  }
  if (!look.wanted || !prepared || !trace || !trace_weights || trace->rows == 0 ||
      rnn::trace_bytes(network, trace->length) > kLargestTrace) {
    stop_looking();
    return false;
  }
  if (builder || trace_wanted) return false;  // the trace is about to change; update() comes back for it
  const Looking::Request request = look_request();
  if (look.answer && look.answered == request) return false;
  if ((look.id != 0 || look.failed) && look.asked == request) return false;
  // Only the loss is another: the Jacobians under way are wanted all the same.
  if (look.id != 0 && look.with_jacobians && look.asked.trace == request.trace) return false;
  const bool known = look.answer && !look.answer->step_sigma.empty() && look.answered.trace == request.trace;
  if (weights_move(training, job)) {
    if (look_work(!known) > kSmallWork) stop_looking();
    const bool another = !look.answer || !(look.answered_about == look_about()) ||
                         look.answered.loss != request.loss || look.answered.step != request.step;
    if (look_work(!known) > kSmallWork || look.id != 0) return false;
    if (!another && std::fabs(now_s - look.answered_s) < kRenewSeconds) return false;
  } else if (std::fabs(now_s - look.asked_s) < kSettleSeconds) {
    return true;
  }
  give_data_to_worker();
  look.id = next_id++;
  if (!(look.asked == request)) look.lost = 0;
  look.with_jacobians = !known;
  look.asked = request;
  look.asked_about = look_about();
  look.asked_s = now_s;
  look.failed = false;
  look.progress = 0;
  nlohmann::json ask;
  put(ask, "type", "sensitivity");
  put(ask, "id", look.id);
  put(ask, "project", project_head());
  put(ask, "record", project.cursor.sequence);
  put(ask, "loss", rnn::name(request.loss));
  put(ask, "step", std::max(0, request.step));
  put(ask, "jacobians", !known);
  to_worker(std::move(ask), io::float_bytes(*trace_weights));
  changed();
  return true;
}

bool Session::State::heard_of_looking(const Message& message) {
  const std::string type = message.type();
  if (message.head.value("job", std::string()) != "sensitivity") return false;
  if (look.id == 0 || message.head.value("id", 0) != look.id) return true;  // nobody waits for this one
  if (type == "progress") {
    look.progress = message.head.value("value", 0.0);
    changed();
    return true;
  }
  look.id = 0;
  std::unique_ptr<rnn::Sensitivity> found = type == "done" ? unpack_sensitivity(message) : nullptr;
  look.failed = !found;
  const bool moving = weights_move(training, job);
  if (found && (look.asked.trace == trace_serial || (moving && look.asked_about == look_about()))) {
    if (found->step_sigma.empty() && look.answer && look.answered.trace == look.asked.trace) {
      found->step_sigma =
          std::move(look.answer->step_sigma);  // of the same weights: only the loss is another
      found->product_sigma = std::move(look.answer->product_sigma);
    }
    look.answer = std::move(found);
    look.answered = look.asked;
    look.answered_about = look.asked_about;
    look.answered_s = now_s;
  }
  changed();
  return true;
}

void Session::want_sensitivity(bool on) {
  State& s = *state_;
  if (s.look.wanted == on) return;
  s.look.wanted = on;
  s.look.failed = false;
  if (!on) s.stop_looking();
  s.changed();
}

const rnn::Sensitivity* Session::sensitivity() const {
  const State& s = *state_;
  const Looking& look = s.look;
  if (!look.wanted || !look.answer || !s.trace || !s.edits_of(s.project.cursor.sequence).states.empty())
    return nullptr;
  const Looking::Request now = s.look_request();
  if (look.answered == now) return look.answer.get();
  const bool alike = look.answered.loss == now.loss && look.answered.step == now.step;
  const bool kept = alike && weights_move(s.training, s.job) && look.answered_about == s.look_about();
  return kept ? look.answer.get() : nullptr;
}

double Session::sensitivity_progress() const {
  if (sensitivity() != nullptr) return 1;
  return state_->look.id != 0 ? state_->look.progress : 0;
}

std::string Session::sensitivity_obstacle() const {
  const State& s = *state_;
  if (!s.edits_of(s.project.cursor.sequence).states.empty())
    return "gradients are of the run without states set by hand: release them";
  const bool large = s.trace && rnn::trace_bytes(s.network, s.trace->length) > kLargestTrace;
  if (!large && !s.look.failed && !trace_too_large()) return {};
  return "gradients of this sequence take too much memory: choose fewer units, or a shorter sequence";
}

bool Session::sensitivity_stale() const {
  return sensitivity() != nullptr && state_->look.answered.trace != state_->trace_serial;
}

rnn::SensitivityLoss Session::sensitivity_loss() const { return state_->look.loss; }

void Session::set_sensitivity_loss(rnn::SensitivityLoss loss) {
  State& s = *state_;
  if (s.look.loss == loss) return;
  s.look.loss = loss;
  s.changed();
}

// ---- circles
// -----------------------------------------------------------------------------------------------

std::string Session::equivariance_obstacle() const {
  const State& s = *state_;
  if (!s.prepared || length() == 0) return "there is nothing to rotate yet: load sequences first";
  if (!s.project.weights) return "the recipe is still being replayed: wait, or cancel it";
  const rnn::ModelSpec& spec = s.project.model;
  if (s.edited) return "the sequence is compared as it was given: restore its letters first";
  if (spec.task == rnn::Task::NextVector)
    return "a predicted vector is no probability: choose another task in MODEL";
  if (spec.task == rnn::Task::NextSymbol)
    return "a next letter is predicted from those before it, and the first letter has none, wherever a "
           "circle "
           "is cut open: choose another task in MODEL";
  const int step = spec.letters_per_step();
  if (length() % step != 0)
    return plural(length(), "letter") +
           " are no whole number of codons, so that the second time round would be read in another frame: "
           "choose letters as input in MODEL";
  if (length() < 2 * step) return "a circle of one step looks the same from everywhere";
  if (s.trace_too_large())
    return "this sequence is too long for this network to be read in one piece: choose fewer units";
  return {};
}

void Session::measure_equivariance() {
  State& s = *state_;
  const std::string obstacle = equivariance_obstacle();
  if (!obstacle.empty()) return s.say(Severity::Error, "cannot rotate: " + obstacle);
  s.cancel_foreground();
  s.give_data_to_worker();
  s.job_id = s.next_id++;
  s.job_started_s = s.now_s;
  s.job = {};
  s.job.kind = JobKind::Measuring;
  s.job.text = "rotating " + std::string(data().name(s.project.cursor.sequence));
  s.look.measuring_about = s.look_about();
  s.look.measuring_about.twin = false;
  s.look.measuring_weights = s.project.weights;
  s.look.measuring_seed = s.project.seed;
  nlohmann::json ask;
  put(ask, "type", "equivariance");
  put(ask, "id", s.job_id);
  put(ask, "project", s.project_head());
  put(ask, "record", s.project.cursor.sequence);
  s.to_worker(std::move(ask), io::float_bytes(*s.project.weights));
  s.changed();
}

void Session::State::on_equivariance(const Message& message) {
  const nlohmann::json& head = message.head;
  Equivariance& e = look.equivariance;
  e = {};
  e.available = true;
  e.rotations = head.value("rotations", 0);
  e.all = head.value("all", false);
  e.step = head.value("step", 1);
  e.per_position = head.value("per_position", false);
  e.now = turning_from(head.value("now", nlohmann::json::object()));
  e.untrained = turning_from(head.value("untrained", nlohmann::json::object()));
  look.measured_about = look.measuring_about;
  look.measured_weights = std::move(look.measuring_weights);
  look.measured_seed = look.measuring_seed;
  say(Severity::Note, words_of(e));
}

Equivariance Session::equivariance() const {
  const State& s = *state_;
  Equivariance out = s.look.equivariance;
  Looking::About about = s.look_about();
  about.twin = false;
  if (!out.available || !(s.look.measured_about == about) || s.look.measured_seed != s.project.seed)
    return {};
  const io::WeightsPtr& then = s.look.measured_weights;
  out.stale = then != s.project.weights && (!s.project.weights || *then != *s.project.weights);
  return out;
}

std::string Session::equivariance_words() const { return words_of(equivariance()); }

std::string Session::circle_report() const {
  const State& s = *state_;
  if (!s.trace) return {};
  switch (s.project.model.circular) {
    case rnn::Circular::Linear:
      return {};
    case rnn::Circular::TwoPass:
      return "read in two passes; the second is shown";
    case rnn::Circular::Doubled:
      return "read twice in a row; what is scored is shown";
    case rnn::Circular::FixedPoint:
      break;
  }
  return (s.trace->settled ? "settled after " : "has not settled after ") + std::to_string(s.trace->passes) +
         (s.trace->passes == 1 ? " pass" : " passes");
}

std::string Session::unsettled_words() const {
  const State& s = *state_;
  if (s.project.model.circular != rnn::Circular::FixedPoint) return {};
  const std::int64_t trained = s.training.evaluations.empty() ? 0 : s.training.evaluations.back().unsettled;
  const int predicted = s.predictions.available ? s.predictions.unsettled : 0;
  std::string text;
  if (trained > 0) text = plural(trained, "sequence") + " in training";
  if (predicted > 0) text += (text.empty() ? "" : ", ") + plural(predicted, "sequence") + " predicted";
  if (text.empty()) return {};
  return text + ": not settled at the limit of " + std::to_string(s.project.model.max_passes) +
         (s.project.model.max_passes == 1 ? " pass" : " passes");
}

// Whatever there is to say, in one line.
std::string Session::circle_words() const {
  const std::string stale = equivariance().stale ? " (older than the weights)" : "";
  std::string text;
  for (const std::string& part : {circle_report(), unsettled_words(), equivariance_words() + stale})
    if (!part.empty()) text += (text.empty() ? "" : "; ") + part;
  return text;
}

}  // namespace ribostep::session
