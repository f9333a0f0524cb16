// The machine along the current sequence, beside what the network's states and outputs say.
#include <algorithm>
#include <cstdio>

#include "session/machine_parts.h"
#include "session/state.h"

namespace ribostep::session {
namespace {

constexpr int kPositionsPerSlice = 1500;

int best_class(const rnn::Trace& trace, int row) {
  int best = 0;
  for (int k = 1; k < trace.outputs; ++k)
    if (trace.p(row, k) > trace.p(row, best)) best = k;
  return best;
}

// What the network says of the string so far can be read at every position.
bool says_at_each_position(const rnn::ModelSpec& spec) {
  return spec.direction_count() == 1 && spec.circular == rnn::Circular::Linear &&
         (spec.task == rnn::Task::SequenceLabel || spec.task == rnn::Task::PositionLabel);
}

}  // namespace

std::string Machine::lock_obstacle() const {
  if (setup().empty()) return "there is no machine to step with: type a pattern";
  const MachineStages& s = stages();
  if (!s.ok()) return "the pattern cannot be made into a machine yet";
  if (session_.data().alphabet().symbols != s.minimal->symbols)
    return "the machine reads other letters than these sequences: change its alphabet, or make data from it";
  const rnn::ModelSpec& spec = state_.project.model;
  if (spec.letters_per_step() != 1 || spec.window > 0) return "the network does not take a step per letter";
  return {};
}

std::string Machine::lock_note() const {
  if (compiled()) return {};
  const rnn::ModelSpec& spec = state_.project.model;
  if (spec.task != rnn::Task::SequenceLabel && spec.task != rnn::Task::PositionLabel)
    return "the network predicts what comes next, it accepts nothing: choose labels under Model";
  if (!says_at_each_position(spec))
    return "what a network that reads both ways, or round a circle, says of a beginning cannot be read";
  if (accept_class() < 0)
    return "none of the network's classes means \"accepted\": make data from the machine, or compile it";
  return {};
}

const LockStep* Machine::lock_step() const {
  const Parts& p = *parts_;
  const bool current = p.lock && state_.trace && p.lock->trace == state_.trace_serial &&
                       p.lock_stages == stages_serial() && lock_obstacle().empty();
  return current ? p.lock.get() : nullptr;
}

bool Machine::has_work() const {
  const Parts& p = *parts_;
  if (setup().empty() || !state_.trace || state_.trace->layers.empty()) return false;
  if (!lock_obstacle().empty()) return false;
  return !p.lock || p.lock->trace != state_.trace_serial || p.lock_stages != stages_serial();
}

void Machine::work_slice() {
  Parts& p = *parts_;
  const rnn::Trace& trace = *state_.trace;
  const motif::Dfa& dfa = *stages().minimal;
  const motif::Code* labelled = compiled() ? code() : nullptr;
  if (!p.builder || p.builder->made.trace != state_.trace_serial || p.builder->stages != p.stages_serial) {
    p.builder = std::make_unique<LockBuilder>();
    p.builder->stages = p.stages_serial;
    LockStep& made = p.builder->made;
    made.trace = state_.trace_serial;
    const rnn::Example example = state_.example_now();
    if (p.run_stages != p.stages_serial || p.run_letters != state_.letters || p.run.state.empty()) {
      p.run = motif::run_codes(dfa, example.tokens, session_.token_table().masks);
      p.run_letters = state_.letters;
      p.run_stages = p.stages_serial;
    }
    made.machine = p.run;
    made.unclear = static_cast<int>(made.machine.ambiguous.size());
    const std::size_t positions = made.machine.state.size();
    if (labelled != nullptr) made.told.assign(positions, -1);
    made.accepted.assign(positions, 2);
    return;
  }
  LockStep& made = p.builder->made;
  const rnn::LayerTrace& layer = trace.layers[0];
  const int positions = static_cast<int>(made.machine.state.size());
  const int accepting = accept_class();
  const bool judged = says_at_each_position(state_.project.model) && accepting >= 0;
  const int end = std::min(positions, p.builder->at + kPositionsPerSlice);
  for (int t = p.builder->at; t < end; ++t) {
    const auto i = static_cast<std::size_t>(t);
    const bool certain = made.machine.state[i] >= 0;
    bool differ = false, compared = false;
    if (labelled != nullptr) {
      const float* h =
          t == 0 ? layer.initial_h.data()
                 : &layer.states[static_cast<std::size_t>(t - 1) * static_cast<std::size_t>(layer.stride)];
      const int told = labelled->state_of({h, static_cast<std::size_t>(layer.hidden)});
      made.told[i] = static_cast<std::int16_t>(told);
      differ = certain && told != made.machine.state[i];
      compared = certain;
    }
    if (judged && t > 0) {
      made.accepted[i] = best_class(trace, trace.row_of(t - 1)) == accepting;
      differ = differ || (made.machine.accepted[i] != 2 && made.accepted[i] != made.machine.accepted[i]);
    }
    if (judged && t > 0 && made.machine.accepted[i] != 2) compared = true;
    made.compared += compared;
    if (differ) made.disagreements.push_back(static_cast<std::uint32_t>(t));
  }
  p.builder->at = end;
  if (end < positions) return;
  if (judged && labelled != nullptr && state_.trace_weights) {  // the empty string, read off h_0
    motif::Reader reader(state_.network, *state_.trace_weights);
    reader.start();
    made.accepted[0] = reader.accepts();
    const bool differ = made.accepted[0] != made.machine.accepted[0];
    if (differ && (made.disagreements.empty() || made.disagreements[0] != 0))
      made.disagreements.insert(made.disagreements.begin(), 0);
  }
  // The first look at a network that somebody trains: from here on it no longer does what it was compiled to
  // do.
  if (labelled == nullptr || pristine())
    broke_at_ = -1;
  else if (broke_at_ < 0 && !made.disagreements.empty() && state_.trace_weights == state_.live_weights &&
           !state_.edited)
    broke_at_ = state_.training.updates;
  p.lock = std::make_unique<LockStep>(std::move(made));
  p.lock_stages = p.builder->stages;
  p.builder.reset();
  state_.changed();
}

bool Machine::update(double /*now_seconds*/) {
  const bool present = !setup().empty() && lock_step() != nullptr;
  // Tracks stay while the next sequence or the next weights are being followed.
  const bool coming = parts_->lock_present && has_work();
  if (present != parts_->lock_present && !coming) {
    parts_->lock_present = present;
    ++parts_->tracks;
    state_.changed();
  }
  return false;
}

std::uint64_t Machine::tracks_revision() const { return parts_->tracks; }

// "unit 3, h = +0.999": the one that is highest; "all units off" where that tells the state.
std::string Machine::told_by(int position) const {
  const motif::Code* labelled = compiled() ? code() : nullptr;
  if (labelled == nullptr || !state_.trace) return {};
  const rnn::LayerTrace& layer = state_.trace->layers[0];
  int best = 0;
  const auto h = [&](int unit) {
    return position == 0 ? layer.initial_h[static_cast<std::size_t>(unit)] : layer.h(position - 1, unit);
  };
  for (int unit = 1; unit < layer.hidden; ++unit)
    if (h(unit) > h(best)) best = unit;
  if (!(h(best) > 0)) return "all units off";
  char text[48];
  std::snprintf(text, sizeof text, "unit %d, h = %+.3f", best, static_cast<double>(h(best)));
  return text;
}

std::string Machine::lock_words(int position) const {
  const LockStep* lock = lock_step();
  if (lock == nullptr || position < 0 || position >= static_cast<int>(lock->machine.state.size())) return {};
  const auto i = static_cast<std::size_t>(position);
  const MachineStages& s = stages();
  const int state = lock->machine.state[i];
  static constexpr const char* kSays[] = {"rejects", "accepts", "may accept"};
  std::string text = "machine in ";
  text +=
      state < 0 ? "one of several states (ambiguity code)" : motif::state_label(*s.minimal, s.access, state);
  text += std::string(", ") + kSays[lock->machine.accepted[i]];
  if (!lock->told.empty() || lock->accepted[i] != 2) text += "; network";
  if (!lock->told.empty()) {
    const int told = lock->told[i];
    text += told < 0 ? " in no state" : " in " + motif::state_label(*s.minimal, s.access, told);
    if (const std::string unit = told_by(position); !unit.empty()) text += " (" + unit + ")";
    if (lock->accepted[i] != 2) text += ",";
  }
  if (lock->accepted[i] != 2) text += std::string(" ") + kSays[lock->accepted[i]];
  const bool differ = std::binary_search(lock->disagreements.begin(), lock->disagreements.end(),
                                         static_cast<std::uint32_t>(position));
  return text + (differ ? ": they disagree" : "");
}

void Machine::jump_to_disagreement() {
  if (const std::string why = lock_obstacle(); !why.empty())
    return state_.say(Severity::Error, "there is nothing to compare: " + why);
  const LockStep* lock = lock_step();
  if (lock == nullptr) return state_.say(Severity::Note, "the machine is still being followed: try again");
  const auto& places = lock->disagreements;
  if (const std::string why = lock_note(); lock->compared == 0)
    return state_.say(Severity::Note,
                      "nothing was compared: " + (why.empty() ? "every letter is ambiguous" : why));
  if (places.empty())
    return state_.say(Severity::Note,
                      "network and machine agree at every position of this sequence" +
                          std::string(lock->unclear > 0 ? " where its letters leave no choice" : ""));
  auto next = std::upper_bound(places.begin(), places.end(),
                               static_cast<std::uint32_t>(state_.project.cursor.position));
  if (next == places.end()) next = places.begin();
  session_.go_to(static_cast<int>(*next));
  state_.say(Severity::Note, "disagreement " + std::to_string(next - places.begin() + 1) + " of " +
                                 std::to_string(places.size()) + ": " + lock_words(static_cast<int>(*next)));
}

}  // namespace ribostep::session
