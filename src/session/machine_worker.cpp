// Questions to the worker: does the network do what the machine does, and which machine is it?
#include <algorithm>
#include <utility>

#include "experiment/metrics.h"
#include "experiment/prepare.h"
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
  const int known = accepting_class(names);
  return known >= 0 || names.size() != 2 ? known : experiment::positive_class(names);
}

Machine::About Machine::about_now() const {
  About about;
  if (!state_.twin) about.weights = state_.weights_to_show();
  about.setup = setup();
  about.model = state_.project.model;
  if (session_.has_data()) about.symbols = session_.data().alphabet().symbols;
  about.seed = state_.project.seed;
  return about;
}
bool Machine::current(const About& about) const {
  if (state_.twin || !about.weights)
    return state_.twin && !about.weights && about.seed == state_.project.seed;
  return about.weights == state_.weights_to_show();
}
int Machine::asked_class() const { return parts_->extract_about.cls; }
bool Machine::told_empty() const { return parts_->extract_about.told_empty; }

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
  if (!session_.has_data()) return "load sequences, or make data from the machine first";
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
  parts_->check_asked = about_now();
  ask(kCheck, {{"letters", std::clamp<std::int64_t>(letters, 0, 20'000'000)}, {"seed", state_.project.seed}},
      check_id_);
}

bool Machine::check_stale() const { return checked_ && !current(parts_->check_about); }

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
  const int advised = accept_class();
  const int cls = wanted_class >= 0 && wanted_class < classes ? wanted_class : std::max(advised, 0);
  extract_progress_ = 0;
  extract_failure_.clear();
  extract_stage_.clear();
  About& about = parts_->extract_asked = about_now();
  about.cls = cls;
  motif::ExtractionOptions told = options;
  // No training string is empty, so what an untrained initial state says of it would only be chance.
  const MachineStages& s = stages();
  about.told_empty = told.empty_string < 0 && s.ok() && s.minimal->symbols == about.symbols &&
                     accepting_class(session_.output_names()) >= 0 && classes == 2 &&
                     state_.project.model.initial == rnn::InitialState::Zero;
  if (about.told_empty) told.empty_string = s.minimal->accepts(s.minimal->start) == (cls == advised) ? 1 : 0;
  nlohmann::json question = to_json(told);
  question["class"] = cls;
  ask(kExtract, std::move(question), extract_id_);
}

bool Machine::extract_stale() const { return extracted_ && !current(parts_->extract_about); }

void Machine::take_back(bool check) {
  const char* what = check ? kCheck : kExtract;
  if (std::exchange(check ? check_id_ : extract_id_, 0) != 0)
    state_.to_worker(io::typed("stop_look", "what", what));
  state_.changed();
}
void Machine::cancel_check() { take_back(true); }
void Machine::cancel_extract() { take_back(false); }

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
    parts_->check_about = parts_->check_asked;
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
  parts_->extract_about = parts_->extract_asked;
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
  const About& about = parts_->extract_about;
  const std::vector<std::string>& names = session_.output_names();
  if (accepting_class(names) >= 0 && about.cls != accepting_class(names)) return;  // of the other class
  comparison_.possible = true;
  motif::Dfa found = *extracted_->machine;
  io::MachineSetup told_by = about.setup;
  told_by.gain = setup().gain;
  told_by.compiled = setup().compiled;
  if (about.told_empty && !(told_by == setup())) {
    // What another machine told about the empty string was not found: a start of its own says here what this
    // machine says.
    const int start = found.states();
    for (int a = 0; a < found.letters(); ++a) found.next.push_back(found.step(found.start, a));
    found.accepting.push_back(s.minimal->accepts(s.minimal->start));
    found.start = start;
  }
  const auto word = motif::difference(*s.minimal, found);
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
  if (!session_.has_data() || about.symbols != session_.data().alphabet().symbols) return false;
  io::MachineSetup of = about.setup;
  of.gain = setup().gain;  // weights tell
  of.compiled = setup().compiled;
  return !machine_too || of == setup();
}

void Machine::project_changed() {
  Parts& p = *parts_;
  p.builder.reset();
  broke_at_ = -1;
  if (checked_ && !fits(p.check_about, true)) checked_.reset();
  if (check_id_ != 0 && !fits(p.check_asked, true)) take_back(true);
  if (extract_id_ != 0 && !fits(p.extract_asked, false)) take_back(false);
  if (extracted_ && !fits(p.extract_about, false)) extracted_.reset();
  compare_machines();
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
  if (extracted_->machine && extracted_->machine->symbols != stages().minimal->symbols)
    return "the extracted machine is of other letters";
  using Names = std::vector<std::string>;
  const rnn::Task task = state_.project.model.task;
  const Names& names = session_.output_names();
  const bool labelled = (task == rnn::Task::SequenceLabel && names == Names{"accepted", "rejected"}) ||
                        (task == rnn::Task::PositionLabel && names == Names{"0", "1"});
  if (!labelled) return "the data are not labelled by a machine: make data from it first";
  return {};
}

void Machine::learn_counterexample(bool train) {
  if (const std::string why = counterexample_obstacle(); !why.empty())
    return state_.say(Severity::Error, "cannot add the counterexample: " + why);
  const motif::Dfa& dfa = *stages().minimal;
  const motif::Word word =
      comparison_.possible && !comparison_.same ? comparison_.shortest : *extracted_->counterexample;
  const std::vector<motif::Word> copies(kCopies, word);
  auto set = std::make_shared<const bio::Dataset>(motif::with_strings(dfa, session_.data(), copies));
  const bio::LabelRule rule = state_.project.label_rule;
  if (!(experiment::fitted(state_.project.model, *state_.prepared_for(set, rule)) == state_.project.model))
    return state_.say(Severity::Error,
                      "the counterexample does not fit the labels of these data: make data from the machine");
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
  adopt_data(std::move(next), std::move(set), name, rule);
  state_.say(Severity::Note,
             "added " + word_in(word, dfa.symbols) + " as " +
                 (dfa.accepts(dfa.run(word)) ? "accepted" : "rejected") + ", " + std::to_string(kCopies) +
                 " times; training goes on from these weights, with another split: what is held out "
                 "now may have been trained on before");
  if (train) session_.train();
}

}  // namespace ribostep::session
