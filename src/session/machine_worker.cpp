// Questions to the worker: does the network do what the machine does, and which machine is it?
#include <algorithm>
#include <utility>

#include "experiment/score.h"
#include "io/encoding.h"
#include "io/json_put.h"
#include "session/machine_parts.h"
#include "session/state.h"

namespace ribostep::session {
namespace {

using io::put;

constexpr const char* kCheck = "machine_check";
constexpr const char* kExtract = "machine_extract";
constexpr int kCopies = 8;  // of a counterexample, so that some are trained on and not only held out

}  // namespace

int Machine::accept_class() const {
  const auto& names = session_.output_names();
  if (names.empty()) return -1;
  const int known = accepting_class(names);
  return known >= 0 ? known : static_cast<int>(names.size()) - 1;
}

// ---- asking

void Machine::ask(const char* what, nlohmann::json question, int& id) {
  state_.give_data_to_worker();
  id = state_.next_id++;
  nlohmann::json look;
  put(look, "type", "look");
  put(look, "what", what);
  put(look, "id", id);
  put(look, "project", state_.project_head());
  put(look, "question", std::move(question));
  state_.to_worker(std::move(look), io::float_bytes(*state_.weights_to_show()));
  state_.changed();
}

std::string Machine::check_obstacle() const {
  if (setup().empty()) return "type a pattern first, or choose one of the examples";
  const MachineStages& s = stages();
  if (!s.ok()) return s.problem.empty() ? "the pattern has a mistake" : s.problem;
  if (!state_.live_weights) return "the recipe is still being replayed: wait, or cancel it";
  // Without a network of the machine's letters the stages are checked alone.
  return {};
}

void Machine::check(std::int64_t letters) {
  if (const std::string why = check_obstacle(); !why.empty())
    return state_.say(Severity::Error, "cannot check: " + why);
  check_progress_ = 0;
  check_failure_.clear();
  parts_->check_about = {state_.weights_to_show(), setup(), state_.project.model};
  ask(kCheck, {{"letters", std::clamp<std::int64_t>(letters, 0, 20'000'000)}, {"seed", state_.project.seed}},
      check_id_);
}

bool Machine::check_stale() const {
  return checked_ && parts_->check_about.weights != state_.live_weights &&
         parts_->check_about.weights != state_.weights_to_show();
}

std::string Machine::extract_obstacle(bool clusters) const {
  if (!session_.has_data())
    return "there is no network to ask yet: load sequences, or make data from a machine";
  if (!state_.live_weights) return "the recipe is still being replayed: wait, or cancel it";
  return motif::obstacle_of_extraction(state_.project.model, clusters);
}

void Machine::extract(const motif::ExtractionOptions& options, int wanted_class) {
  if (const std::string why = extract_obstacle(options.clusters); !why.empty())
    return state_.say(Severity::Error, "cannot extract a machine: " + why);
  const int classes = static_cast<int>(session_.output_names().size());
  const int cls = wanted_class >= 0 && wanted_class < classes ? wanted_class : accept_class();
  extract_progress_ = 0;
  extract_failure_.clear();
  extract_stage_.clear();
  parts_->extract_about = {state_.weights_to_show(), setup(), state_.project.model};
  motif::ExtractionOptions told = options;
  // No training string is empty, so what an untrained initial state says of it would only be chance.
  const MachineStages& s = stages();
  parts_->told_empty = told.empty_string < 0 && s.ok() &&
                       s.minimal->symbols == session_.data().alphabet().symbols &&
                       state_.project.model.initial == rnn::InitialState::Zero;
  if (parts_->told_empty) told.empty_string = s.minimal->accepts(s.minimal->start) ? 1 : 0;
  nlohmann::json question = to_json(told);
  question["class"] = cls;
  ask(kExtract, std::move(question), extract_id_);
}

bool Machine::extract_stale() const {
  return extracted_ && parts_->extract_about.weights != state_.live_weights &&
         parts_->extract_about.weights != state_.weights_to_show();
}

void Machine::cancel() {
  for (const auto& [what, id] : {std::pair<const char*, int*>{kCheck, &check_id_}, {kExtract, &extract_id_}})
    if (std::exchange(*id, 0) != 0) state_.to_worker(io::typed("stop_look", "what", what));
  state_.changed();
}

// ---- hearing

bool Machine::hear(const Message& message) {
  const std::string job = text_in(message.head, "job");
  const bool is_check = job == kCheck;
  if (!is_check && job != kExtract) return false;
  int& id = is_check ? check_id_ : extract_id_;
  if (id == 0 || whole_in(message.head, "id", 0) != id) return true;  // nobody waits for it
  state_.changed();
  if (message.type() == "progress") {
    (is_check ? check_progress_ : extract_progress_) = real_in(message.head, "value", 0);
    if (!is_check) extract_stage_ = text_in(message.head, "text");
    return true;
  }
  id = 0;
  std::string& failure = is_check ? check_failure_ : extract_failure_;
  if (message.type() != "done") {
    failure = text_in(message.head, "text");
    state_.say(Severity::Error, (is_check ? "cannot check: " : "cannot extract a machine: ") + failure);
    return true;
  }
  take_result(message, is_check);
  return true;
}

void Machine::take_result(const Message& message, bool is_check) {
  const auto answer = message.head.find("answer");
  if (is_check) {
    checked_ = answer != message.head.end() ? check_from(*answer) : nullptr;
    if (!checked_) {
      check_failure_ = "the worker's answer could not be read: check again";
      return;
    }
    // In the status bar a line; all of it stands in the panel.
    const bool proved = checked_->with_network && checked_->proof.verdict == motif::Proof::Verdict::Proved;
    const bool refuted = checked_->with_network && checked_->proof.verdict == motif::Proof::Verdict::Refuted;
    if (!checked_->agreement.agrees() && !refuted)
      state_.say(Severity::Warning, check_words());
    else if (refuted)
      state_.say(Severity::Warning, checked_->proof.words);
    else
      state_.say(Severity::Note, proved ? "proved for strings of every length: network and machine agree"
                                        : "all stages agree; the panel Proof tells what was checked");
    return;
  }
  extracted_ = answer != message.head.end() ? extraction_from(*answer) : nullptr;
  extracted_access_.clear();
  if (!extracted_) {
    extract_failure_ = "the worker's answer could not be read: ask again";
    return;
  }
  if (!extracted_->problem.empty()) extract_failure_ = extracted_->problem;
  if (extracted_->machine) extracted_access_ = motif::access_words(*extracted_->machine);
  compare_machines();
  const std::string words = extract_words();
  if (!extracted_->machine) return state_.say(Severity::Warning, words);
  std::string text = "got a machine of " + plural(extracted_->machine->states(), "state");
  if (comparison_.possible)
    text += comparison_.same ? ", exactly that of " + machine_title(setup())
                             : ", not that of " + machine_title(setup()) + ": they differ on " +
                                   word_in(comparison_.shortest, extracted_->machine->symbols);
  state_.say(Severity::Note, text);
}

void Machine::compare_machines() {
  comparison_ = {};
  if (!extracted_ || !extracted_->machine || setup().empty()) return;
  const MachineStages& s = stages();
  if (!s.ok() || s.minimal->symbols != extracted_->machine->symbols) return;
  comparison_.possible = true;
  const auto word = motif::difference(*s.minimal, *extracted_->machine);
  comparison_.same = !word;
  if (!word) return;
  comparison_.shortest = *word;
  comparison_.machine_accepts = s.minimal->accepts(s.minimal->run(*word));
}

void Machine::worker_lost() {
  for (auto& [id, failure] :
       {std::pair<int*, std::string*>{&check_id_, &check_failure_}, {&extract_id_, &extract_failure_}}) {
    if (*id == 0) continue;
    *id = 0;
    *failure = "the background worker stopped: ask again";
  }
}

bool Machine::fits(const About& about, bool machine_too) const {
  if (!(about.model == state_.project.model)) return false;
  io::MachineSetup of = about.setup;
  of.gain = setup().gain;  // weights tell
  of.compiled = setup().compiled;
  return !machine_too || of == setup();
}

void Machine::project_changed() {
  Parts& p = *parts_;
  p.builder.reset();
  if (!fits(p.check_about, true)) {
    checked_.reset();
    if (std::exchange(check_id_, 0) != 0) state_.to_worker(io::typed("stop_look", "what", kCheck));
  }
  if (!fits(p.extract_about, false)) {
    extracted_.reset();
    comparison_ = {};
    if (std::exchange(extract_id_, 0) != 0) state_.to_worker(io::typed("stop_look", "what", kExtract));
  } else {
    compare_machines();
  }
  check_failure_.clear();
  extract_failure_.clear();
}

// ---- the counterexample becomes training data

std::string Machine::counterexample_obstacle() const {
  if (setup().empty() || !stages().ok())
    return "there is no true machine to label it: type a pattern or choose a language";
  if (!extracted_) return "extract a machine first";
  const bool known = (comparison_.possible && !comparison_.same) || extracted_->counterexample;
  if (!known) return "there is no counterexample: the machines are the same";
  const motif::Word& word =
      comparison_.possible && !comparison_.same ? comparison_.shortest : *extracted_->counterexample;
  if (word.empty()) return "the counterexample is the empty string, which cannot be trained on";
  if (!session_.has_data() || session_.data().alphabet().symbols != stages().minimal->symbols)
    return "the data are of other letters than the machine";
  const rnn::Task task = state_.project.model.task;
  if (accepting_class(session_.output_names()) < 0 ||
      (task != rnn::Task::SequenceLabel && task != rnn::Task::PositionLabel))
    return "the data are not labelled by a machine: make data from it first";
  return {};
}

void Machine::learn_counterexample(bool train) {
  if (const std::string why = counterexample_obstacle(); !why.empty())
    return state_.say(Severity::Error, "cannot add the counterexample: " + why);
  const motif::Dfa& dfa = *stages().minimal;
  const motif::Word word =
      comparison_.possible && !comparison_.same ? comparison_.shortest : *extracted_->counterexample;
  const std::vector<motif::Word> copies(kCopies, word);
  bio::Dataset set = motif::with_strings(dfa, session_.data(), copies);
  io::Project next = state_.project;
  next.train = state_.effective_train();
  next.updates = 0;
  next.changes.clear();
  next.weights_hash.clear();
  next.weights = next.start_weights = state_.project.weights;
  const std::string old = state_.project.data.name;
  const std::string name = old.find(" + counterexamples") == old.npos ? old + " + counterexamples" : old;
  state_.remember("add a counterexample");
  state_.history->keep_by_itself();
  adopt_data(std::move(next), std::move(set), name);
  state_.say(Severity::Note,
             "added " + word_in(word, dfa.symbols) + " as " +
                 (dfa.accepts(dfa.run(word)) ? "accepted" : "rejected") + ", " + std::to_string(kCopies) +
                 " times; training goes on from these weights, with another split: what is held out "
                 "now may have been trained on before");
  if (train) session_.train();
}

}  // namespace ribostep::session
