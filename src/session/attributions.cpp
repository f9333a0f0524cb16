// What to ask the worker for, and which answers still hold. By name and in words: attribution_verbs.cpp.
#include "session/attributions.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "experiment/metrics.h"
#include "io/encoding.h"
#include "io/json_put.h"
#include "session/state.h"
#include "session/worker_jobs.h"

namespace ribostep::session {
namespace {

using io::put;

using experiment::Attribution;
using experiment::AttributionMethod;

constexpr double kTwinUnasked = 2e6;     // steps of the network up to which the twin is read unasked
constexpr double kSettleSeconds = 0.15;  // a cursor that is being dragged asks when it rests
constexpr int kMostPrefixLetters = 50'000;

bool per_position(const rnn::ModelSpec& spec) { return spec.task != rnn::Task::SequenceLabel; }

}  // namespace

// ---- what a figure is of

const Attributions::Weights& Attributions::weights_now() const {
  if (weights_of_ == state_.serial && weights_) return weights_;
  weights_ = state_.trace && !state_.trace_wanted ? state_.trace_weights : state_.weights_to_show();
  weights_of_ = state_.serial;
  return weights_;
}

Attributions::About Attributions::about_now() const {
  return {state_.project.data.content_hash, state_.letters, state_.project.cursor.sequence,
          state_.project.model, weights_now()};
}

bool Attributions::of_current(const About& about) const {
  return about.record == state_.project.cursor.sequence && about.set == state_.project.data.content_hash &&
         about.model == state_.project.model;
}

// Asked in every frame: numbers are compared once for two sets of weights.
bool Attributions::same_weights(const About& about) const {
  const Weights& now = weights_now();
  if (about.weights == now) return true;
  if (!about.weights || !now) return false;
  if (compared_[0] != about.weights || compared_[1] != now) {
    compared_[0] = about.weights;
    compared_[1] = now;
    compared_same_ = *about.weights == *now;
  }
  return compared_same_;
}

int Attributions::row_now() const {
  const rnn::ModelSpec& spec = state_.project.model;
  if (!per_position(spec)) return -1;
  const int steps = session_.length() / spec.letters_per_step();
  return session_.position() == 0 ? -1
                                  : std::min((session_.position() - 1) / spec.letters_per_step(), steps - 1);
}

// ---- what would be asked

experiment::AttributionRequest Attributions::choice() const {
  experiment::AttributionRequest choice = choice_;
  choice.row = row_now();
  const std::vector<std::string>& names = session_.output_names();
  if (choice.output < 0) choice.output = names.size() == 2 ? experiment::positive_class(names) : 0;
  choice.output = std::clamp(choice.output, 0, std::max(0, state_.project.model.outputs() - 1));
  return choice;
}

void Attributions::choose(const experiment::AttributionRequest& choice) {
  choice_ = choice;
  state_.changed();
}

bool Attributions::with_twin() const {
  if (state_.twin) return false;  // it is the one on show
  return with_twin_.value_or(twin_work() <= kTwinUnasked);
}
double Attributions::twin_work() const {
  const experiment::AttributionRequest asked = choice();
  const double letters = session_.length();
  const double baselines =
      asked.baseline == experiment::AttributionBaseline::Mean ? 1 : std::max(1, asked.shuffles);
  double runs = 1;
  switch (asked.method) {
    case AttributionMethod::Mutagenesis:
      runs = letters * std::max(1, session_.data().alphabet().size() - 1);
      break;
    case AttributionMethod::Occlusion:
      runs = letters;
      break;
    case AttributionMethod::GradientInput:
      runs = 2 * baselines;
      break;
    case AttributionMethod::IntegratedGradients:
      runs = 2 * experiment::kFirstPathSteps * baselines;
      break;
    case AttributionMethod::LeftToRight:
      runs = letters * baselines;
      break;
  }
  return runs * letters;
}
std::string Attributions::twin_missing() const {
  if (!result() || control() || busy()) return {};
  return "the untrained twin was not computed: " +
         (no_twin_.empty() ? std::string("the work ended before its turn") : no_twin_);
}
void Attributions::set_with_twin(bool on) {
  with_twin_ = on;
  state_.changed();
}

std::string Attributions::obstacle() const {
  if (!session_.has_data() || session_.length() == 0)
    return "there is no sequence to explain yet: load sequences";
  if (!state_.project.weights) return "the recipe is still being replayed: wait, or cancel it";
  const experiment::AttributionRequest asked = choice();
  if (std::string why = experiment::attribution_obstacle(state_.project.model, session_.token_table(),
                                                         session_.example(), asked);
      !why.empty())
    return why;
  const rnn::ModelSpec& spec = state_.project.model;
  const int letters = experiment::steps_that_matter(spec, rnn::steps(spec, session_.example()), asked.row) *
                      spec.letters_per_step();
  if (letters > kMostAttributed)
    return plural(letters, "position") + " are too many: every one of them is a run of its own, and " +
           std::to_string(kMostAttributed) + " are the limit here. Paste the part of interest as a sequence" +
           (per_position(spec) ? ", explain an earlier output" : "") +
           ", or use the command line (ribostep attribute)";
  if (!state_.edits_of(state_.project.cursor.sequence).states.empty())
    return "states are set by hand, and attribution reads the sequence without them: release them first";
  return {};
}

// ---- asking

void Attributions::ask() {
  if (const std::string why = obstacle(); !why.empty())
    return state_.say(Severity::Error, "cannot attribute: " + why);
  state_.give_data_to_worker();
  drop_result();
  id_ = state_.next_id++;
  progress_ = 0;
  words_ = experiment::label(choice_.method);
  asked_ = about_now();
  nlohmann::json head = request_json(choice());
  head["type"] = "look";
  head["what"] = "attribution";
  head["id"] = id_;
  head["project"] = state_.project_head();
  head["record"] = state_.project.cursor.sequence;
  head["twin"] = with_twin();
  no_twin_ = with_twin()              ? ""
             : state_.twin            ? "it is the network on show"
             : with_twin_.has_value() ? "it is switched off"
                                      : "it would take as long again; switch it on to compare with it";
  state_.to_worker(std::move(head), io::float_bytes(*asked_.weights));
  state_.changed();
}

void Attributions::cancel() {
  if (id_ == 0) return;
  state_.to_worker(io::typed("stop_look", "what", "attribution"));
  id_ = 0;
  state_.say(Severity::Note,
             found_ ? "attribution cancelled: what is shown is incomplete" : "attribution cancelled");
  if (found_ && complete_) state_.say(Severity::Note, "the untrained twin was left out");
  state_.changed();
}

void Attributions::drop_result() {
  if (found_) ++tracks_;
  found_.reset();
  control_.reset();
  complete_ = false;
  ++serial_;
}

const Attribution* Attributions::result() const {
  if (!found_ || !of_current(found_about_) || found_->letters.size() != state_.letters.size()) return nullptr;
  return found_.get();
}

const AttributionControl* Attributions::control() const {
  return result() && control_ ? &*control_ : nullptr;
}

bool Attributions::stale() const {
  return result() && (found_about_.letters != state_.letters || !same_weights(found_about_));
}

bool Attributions::hear(const Message& message) {
  const std::string job = text_in(message.head, "job"), type = message.type();
  const int id = whole_in(message.head, "id", 0);
  if (job == "prefixes") {
    if (prefixes_id_ == 0 || id != prefixes_id_) return true;
    if (type == "progress") {
      prefixes_progress_ = real_in(message.head, "value", 0);
    } else if (type == "failed") {
      prefixes_id_ = 0;
      prefixes_failed_ = true;
      state_.say(Severity::Error, "prefixes: " + text_in(message.head, "text"));
    } else {
      Prefixes found;
      const auto lengths = message.head.find("lengths");
      if (lengths != message.head.end()) found.lengths = ints_from(*lengths);
      found.outputs = whole_in(message.head, "outputs", 0);
      found.probabilities = io::floats_from(message.body).value_or(std::vector<float>());
      if (found.probabilities.size() ==
          found.lengths.size() * static_cast<std::size_t>(std::max(0, found.outputs)))
        prefixes_ = std::move(found);
      prefixes_about_ = prefixes_asked_;
      prefixes_row_ = prefixes_asked_row_;
      ++prefixes_serial_;
      if (type == "done") prefixes_id_ = 0;
    }
    state_.changed();
    return true;
  }
  if (job != "attribution") return false;
  if (id_ == 0 || id != id_) return true;  // nobody waits for this one
  if (type == "progress") {
    progress_ = real_in(message.head, "value", 0);
    if (std::string words = text_in(message.head, "text"); !words.empty()) words_ = std::move(words);
  } else if (type == "failed") {
    id_ = 0;
    state_.say(Severity::Error, "cannot attribute: " + text_in(message.head, "text"));
  } else {
    std::optional<AttributionControl> control;
    std::unique_ptr<Attribution> found = unpack_attribution(message, control);
    if (found) {
      if (!found_) ++tracks_;
      found_ = std::move(found);
      control_ = control;
      found_about_ = asked_;
      complete_ = truth_in(message.head, "complete", false);
      ++serial_;
    }
    if (type == "done") {
      id_ = 0;
      if (found_ && complete_ && of_current(found_about_))
        state_.say(found_->trusted ? Severity::Note : Severity::Warning,
                   std::string(experiment::label(found_->request.method)) + " of " + about() + ": " +
                       experiment::completeness_words(*found_) +
                       (found_->trusted ? "" : ": untrustworthy, the parts do not add up") +
                       (control_ ? std::string() : "; " + twin_missing()));
    }
  }
  state_.changed();
  return true;
}

void Attributions::worker_lost() {
  if (id_ != 0) state_.say(Severity::Error, "the worker stopped before the attribution was done: ask again");
  id_ = 0;
  prefixes_failed_ = prefixes_id_ != 0;
  prefixes_id_ = 0;
}

void Attributions::project_changed() {
  // Another model or other data: an answer under way would be about what was there before.
  if (id_ != 0 && !of_current(asked_)) {
    state_.to_worker(io::typed("stop_look", "what", "attribution"));
    id_ = 0;
  }
  if (found_ &&
      (found_about_.set != state_.project.data.content_hash || !(found_about_.model == state_.project.model)))
    drop_result();
  prefixes_failed_ = false;
}

// ---- prefixes

void Attributions::want_prefixes(bool on) {
  if (prefixes_wanted_ == on) return;
  prefixes_wanted_ = on;
  prefixes_failed_ = false;
  if (!on && prefixes_id_ != 0) {
    state_.to_worker(io::typed("stop_look", "what", "prefixes"));
    prefixes_id_ = 0;
  }
  ++tracks_;
  state_.changed();
}

std::string Attributions::prefixes_obstacle() const {
  if (!session_.has_data() || session_.length() == 0) return "there is no sequence yet: load sequences";
  const rnn::ModelSpec& spec = state_.project.model;
  if (spec.task == rnn::Task::NextSymbol || spec.task == rnn::Task::NextVector)
    return "each output of this network already is what it says after what it has read so far: see its track";
  if (per_position(spec) && spec.directions == rnn::Directions::Forward &&
      spec.circular == rnn::Circular::Linear && spec.window == 0)
    return "read in one direction, a position's output does not change with what comes behind it";
  if (per_position(spec) && row_now() < 0) return "step to the position whose output is to be followed";
  if (session_.length() / spec.letters_per_step() == 0) return "the sequence is too short to be read";
  if (!prefixes_from_trace() && session_.length() > kMostPrefixLetters)
    return "this sequence is too long to be read again for each prefix: choose one of at most " +
           std::to_string(kMostPrefixLetters) + " letters";
  if (!state_.edits_of(state_.project.cursor.sequence).states.empty() && !prefixes_from_trace())
    return "states are set by hand, and prefixes are read without them: release them first";
  return {};
}

bool Attributions::prefixes_from_trace() const {
  const rnn::ModelSpec& spec = state_.project.model;
  return spec.task == rnn::Task::SequenceLabel && spec.directions == rnn::Directions::Forward &&
         spec.circular == rnn::Circular::Linear;
}

int Attributions::prefix_count() const {
  if (!prefixes_wanted_ || !prefixes_obstacle().empty()) return 0;
  if (prefixes_from_trace()) return state_.trace ? state_.trace->rows : 0;
  if (!of_current(prefixes_about_) || prefixes_about_.letters != state_.letters || prefixes_row_ != row_now())
    return 0;
  return static_cast<int>(prefixes_.lengths.size());
}
int Attributions::prefix_length(int i) const {
  if (prefixes_from_trace()) return std::min((i + 1) * state_.trace->letters_per_row, session_.length());
  return prefixes_.lengths[static_cast<std::size_t>(i)];
}
float Attributions::prefix_probability(int i, int output) const {
  if (prefixes_from_trace()) return state_.trace->p(i, output);
  return prefixes_.probabilities[static_cast<std::size_t>(i * prefixes_.outputs + output)];
}
std::uint64_t Attributions::prefixes_serial() const {
  return prefixes_from_trace() ? state_.trace_serial : prefixes_serial_;
}

// Asks for what is wanted and not here; true: come back soon.
bool Attributions::keep_prefixes(double now_seconds) {
  if (!prefixes_wanted_ || prefixes_from_trace() || prefixes_failed_ || !state_.project.weights ||
      state_.trace_wanted || !prefixes_obstacle().empty())
    return false;
  const int row = row_now();
  const auto holds = [&](const About& about, int of_row) {
    return of_row == row && of_current(about) && about.letters == state_.letters && same_weights(about);
  };
  if (prefixes_id_ != 0 ? holds(prefixes_asked_, prefixes_asked_row_) : holds(prefixes_about_, prefixes_row_))
    return false;
  // While weights move by themselves what is here is good enough.
  const bool moving = state_.training.state == TrainingState::Running;
  if (moving && (prefixes_id_ != 0 || prefix_count() > 0)) return false;
  if (std::fabs(now_seconds - prefixes_asked_s_) < kSettleSeconds) return true;
  state_.give_data_to_worker();
  prefixes_id_ = state_.next_id++;
  prefixes_asked_ = about_now();
  prefixes_asked_row_ = row;
  prefixes_asked_s_ = now_seconds;
  prefixes_progress_ = 0;
  nlohmann::json ask;
  put(ask, "type", "look");
  put(ask, "what", "prefixes");
  put(ask, "id", prefixes_id_);
  put(ask, "project", state_.project_head());
  put(ask, "record", state_.project.cursor.sequence);
  put(ask, "row", row);
  state_.to_worker(std::move(ask), io::float_bytes(*prefixes_asked_.weights));
  state_.changed();
  return true;
}

bool Attributions::update(double now_seconds) {
  // Another sequence was chosen while this one was being explained.
  if (id_ != 0 && !of_current(asked_)) {
    state_.to_worker(io::typed("stop_look", "what", "attribution"));
    id_ = 0;
    state_.changed();
  }
  return keep_prefixes(now_seconds);
}

}  // namespace ribostep::session
