// Asking the worker what a unit reads and what a layer remembers, and which answers still hold. The space of
// states is in units_space.cpp.
#include "session/units.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

#include "io/encoding.h"
#include "io/json_put.h"
#include "session/mirror_section.h"
#include "session/state.h"
#include "session/step_words.h"

namespace ribostep::session {
namespace {

using io::put;

std::string two_places(double value) {
  if (!std::isfinite(value)) return "\u2013";
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", value);
  return value < 0 ? "\u2212" + std::string(text + 1) : text;
}

std::string share_words(double share) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f %%", share * 100);
  return text;
}

std::string number_words(float value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4f", static_cast<double>(value));
  return text;
}

}  // namespace

std::string value_symbol(const rnn::Network& net, const experiment::UnitPick& pick) {
  if (pick.value == experiment::UnitValue::Cell) return "c";
  if (pick.value == experiment::UnitValue::State) return "h";
  const auto gates = rnn::gates(net.layers[static_cast<std::size_t>(pick.layer)].cell);
  return gates[static_cast<std::size_t>(pick.gate)].symbol;
}

std::optional<experiment::UnitPick> unit_pick(const rnn::Network& net, int layer, int unit,
                                              const std::string& symbol) {
  experiment::UnitPick pick{layer, unit, experiment::UnitValue::State, 0};
  if (symbol == "c") {
    pick.value = experiment::UnitValue::Cell;
  } else if (!symbol.empty() && symbol != "h") {
    if (symbol.size() != 1 || layer < 0 || layer >= static_cast<int>(net.layers.size())) return std::nullopt;
    pick.value = experiment::UnitValue::Gate;
    pick.gate = rnn::gate_index(net.layers[static_cast<std::size_t>(layer)].cell, symbol[0]);
  }
  if (!experiment::exists(net, pick)) return std::nullopt;
  return pick;
}

std::string strength_words(const experiment::Relation& relation, double value) {
  if (!std::isfinite(value)) return "\u2013";
  return (relation.measure == experiment::Measure::Groups ? "\u03b7\u00b2 " : "r ") + two_places(value);
}

// ---- asking

Units::Weights Units::weights_now() const {
  return state_.visited_weights ? state_.visited_weights : state_.live_weights;
}

Units::About Units::about_now() const {
  return {state_.project.data.content_hash, state_.project.label_rule, state_.project.model, weights_now(),
          state_.project.seed};
}
bool Units::fits(const About& about) const {
  return about.set == state_.project.data.content_hash && about.rule == state_.project.label_rule &&
         about.model == state_.project.model;
}
bool Units::current(const About& about) const {
  return fits(about) && about.weights == weights_now() && about.seed == state_.project.seed;
}

std::string Units::obstacle() const {
  if (!state_.prepared || session_.data().empty())
    return "there is nothing to read yet: load sequences, or choose an example";
  if (!weights_now()) return "the recipe is still being replayed: wait, or cancel it";
  return {};
}

std::string Units::probe_obstacle() const {
  if (std::string why = obstacle(); !why.empty()) return why;
  return experiment::obstacle_of_probe(*state_.prepared);
}

template <class Found>
void Units::ask(Asked<Found>& which, const char* what, nlohmann::json question) {
  state_.give_data_to_worker();
  which.id = state_.next_id++;
  which.progress = 0;
  which.failure.clear();
  which.asked = about_now();
  nlohmann::json look;
  put(look, "type", "look");
  put(look, "what", what);
  put(look, "id", which.id);
  put(look, "project", state_.project_head());
  put(look, "question", std::move(question));
  state_.to_worker(std::move(look), io::float_bytes(*which.asked.weights));
  state_.changed();
}

template <class Found>
void Units::take_back(Asked<Found>& which, const char* what) {
  if (which.id == 0) return;
  state_.to_worker(io::typed("stop_look", "what", what));
  which.id = 0;
  which.progress = 0;
  state_.changed();
}

void Units::read(experiment::UnitQuestion question) {
  if (const std::string why = obstacle(); !why.empty())
    return state_.say(Severity::Error, "cannot read a unit: " + why);
  if (!experiment::exists(state_.network, question.of))
    return state_.say(Severity::Error, "there is no such unit in this network: choose another layer or unit");
  for (const std::string& word : question.words)
    if (!experiment::read_motif(session_.data().alphabet(), word))
      return state_.say(Severity::Error, "\"" + word + "\" is no word of " +
                                             session_.data().alphabet().expected() + ", at most " +
                                             std::to_string(experiment::kLongestMotif) + " letters");
  for (const io::Condition& condition : state_.project.debugging.conditions)
    for (std::string& word : experiment::motifs_of_condition(condition.text))
      if (std::find(question.words.begin(), question.words.end(), word) == question.words.end())
        question.words.push_back(std::move(word));
  question.seed = state_.project.seed;
  ask(reading_, "unit", to_json(question));
}

void Units::probe(experiment::ProbeQuestion question) {
  if (const std::string why = probe_obstacle(); !why.empty())
    return state_.say(Severity::Error, "cannot probe the memory: " + why);
  if (question.layer < 0 || question.layer >= static_cast<int>(state_.network.layers.size()))
    return state_.say(Severity::Error, "there is no such layer in this network: choose another");
  question.seed = state_.project.seed;
  ask(probe_, "probe", to_json(question));
}

void Units::cancel() {
  take_back(reading_, "unit");
  take_back(probe_, "probe");
}

// ---- hearing

template <class Found>
bool Units::hear_of(Asked<Found>& which, const char* what, const Message& message,
                    std::unique_ptr<Found> (*parse)(const nlohmann::json&)) {
  if (text_in(message.head, "job") != what) return false;
  if (which.id == 0 || whole_in(message.head, "id", 0) != which.id) return true;  // nobody waits for it
  const std::string type = message.type();
  state_.changed();
  if (type == "progress") {
    which.progress = real_in(message.head, "value", 0);
    return true;
  }
  which.id = 0;
  if (type != "done") {
    which.failure = text_in(message.head, "text");
    state_.say(Severity::Error, "cannot tell: " + which.failure);
    return true;
  }
  const auto answer = message.head.find("answer");
  std::unique_ptr<Found> found = answer != message.head.end() ? parse(*answer) : nullptr;
  if (!found) {
    which.failure = "the worker's answer could not be read: ask again";
    return true;
  }
  if (!fits(which.asked)) return true;
  which.found = std::move(found);
  which.about = which.asked;
  return true;
}

bool Units::hear(const Message& message) {
  return hear_of(reading_, "unit", message, unit_reading_from) ||
         hear_of(probe_, "probe", message, probe_result_from);
}

void Units::worker_lost() {
  const auto lost = [](auto& which) {
    if (which.id == 0) return;
    which.id = 0;
    which.failure = "the background worker stopped: ask again";
  };
  lost(reading_);
  lost(probe_);
}

void Units::project_changed() {
  const auto settle = [&](auto& which, const char* what) {
    if (which.found && !fits(which.about)) which.found.reset();
    if (which.id != 0 && !fits(which.asked)) take_back(which, what);
    which.failure.clear();
  };
  settle(reading_, "unit");
  settle(probe_, "probe");
  drop_space();
}

// ---- by name, and in words

std::span<const VerbEntry> Units::verbs() const {
  using Json = nlohmann::json;
  static constexpr VerbEntry kVerbs[] = {
      {"read_unit",
       [](Session& s, const Json& a) {
         const int layer = whole_in(a, "layer", s.units().space_layer());
         const auto pick = unit_pick(s.network(), layer, whole_in(a, "unit", 0), text_in(a, "what"));
         experiment::UnitQuestion question = unit_question_from(a);
         question.of = pick.value_or(experiment::UnitPick{-1, -1});
         if (const std::string word = text_in(a, "motif"); !word.empty()) question.words.push_back(word);
         s.units().read(std::move(question));
       }},
      {"probe_memory",
       [](Session& s, const Json& a) {
         experiment::ProbeQuestion question = probe_question_from(a);
         question.layer = whole_in(a, "layer", s.units().space_layer());
         s.units().probe(question);
       }},
      {"cancel_unit", [](Session& s, const Json&) { s.units().cancel(); }},
      {"state_space",
       [](Session& s, const Json& a) {
         Units& units = s.units();
         if (a.contains("layer") || a.contains("cell"))
           units.choose_space(whole_in(a, "layer", units.space_layer()),
                              truth_in(a, "cell", units.space_cell()));
         units.want_space(truth_in(a, "on", true));
       }},
      {"hold_axes",
       [](Session& s, const Json& a) { s.units().hold_axes(truth_in(a, "on", !s.units().axes_held())); }},
  };
  return kVerbs;
}

void Units::mirror(nlohmann::json& sections) const {
  if (!state_.prepared || session_.data().empty()) return;
  mirror_reading(sections);
  mirror_probe(sections);
  mirror_space(sections);
}

void Units::mirror_reading(nlohmann::json& sections) const {
  Section section("What does a unit read?", "unit");
  const std::string why = obstacle();
  const experiment::UnitReading* found = reading();
  experiment::UnitPick pick{space_layer(), 0};
  if (found != nullptr) pick = found->question.of;
  const std::string symbol = value_symbol(state_.network, pick);
  if (!why.empty()) section.line({"Not possible: ", why, "."});
  if (reading_busy()) section.line({"Being read, ", static_cast<int>(reading_.progress * 100), " %."});
  if (!reading_.failure.empty()) section.line({"Not possible: ", reading_.failure, "."});
  if (found != nullptr) {
    section.line({symbol, "[", pick.unit, "] of ", layer_name(state_.network, pick.layer, true), ", over ",
                  found->read.words(), reading_stale() ? "; the weights have moved on since." : "."});
    section.line(found->conclusion);
    section.header({"Goes along with", "Trained", "Shuffled sequences", "Untrained network", "Chance"});
    for (const experiment::Relation& r : found->relations) {
      section.row().cell(text_of({r.what, r.per_sequence ? " (mean of a sequence)" : ""}));
      for (const double value : {r.trained, r.shuffled, r.untrained, r.chance})
        section.cell(strength_words(r, value));
    }
  }
  section.number_input("read_unit", "unit", "Unit to read").value(std::to_string(pick.unit));
  section.button("read_unit", text_of({"Read unit ", pick.unit}))
      .disabled(!why.empty())
      .arg("layer", pick.layer)
      .arg("unit", pick.unit)
      .arg("what", symbol);
  section.button("cancel_unit", "Cancel").disabled(!reading_busy() && !probe_busy());
  section.add_to(sections);
  if (found == nullptr || found->windows.empty()) return;
  Section places("Where it is most active", "unit_windows");
  places.header({"Sequence", "Position", "Value", "Letters"});
  for (const experiment::TopWindow& w : found->windows)
    places.row()
        .cell(std::string(session_.data().name(w.record)))
        .cell(w.position)
        .cell(number_words(w.value))
        .cell(w.letters);
  places.add_to(sections);
}

void Units::mirror_probe(nlohmann::json& sections) const {
  Section section("What is still in the state?", "probe");
  const std::string why = probe_obstacle();
  if (!why.empty()) section.line({"Not possible: ", why, "."});
  if (probe_busy()) section.line({"Being probed, ", static_cast<int>(probe_.progress * 100), " %."});
  if (!probe_.failure.empty()) section.line({"Not possible: ", probe_.failure, "."});
  if (const experiment::ProbeResult* found = probed()) {
    section.line({layer_name(state_.network, found->question.layer, true), ", over ", found->read.words(),
                  found->by_sequence ? "; tested on other sequences than it was fitted on"
                                     : "; fitted on the first half, tested on the second",
                  probe_stale() ? "; the weights have moved on since." : "."});
    section.line(found->conclusion);
    section.header({found->forward ? "Letters back" : "Letters ahead", "Trained", "Untrained network",
                    "Most frequent letter", "The letter just read alone", "Tested"});
    for (std::size_t k = 0; k < found->trained.size(); ++k) {
      section.row().cell(static_cast<int>(k));
      for (const auto* shares : {&found->trained, &found->untrained, &found->frequent, &found->last_alone})
        section.cell(share_words((*shares)[k]));
      section.cell(std::to_string(found->tested[k]));
    }
  }
  section.button("probe_memory", "Probe the memory").disabled(!why.empty()).arg("layer", space_layer());
  section.add_to(sections);
}

}  // namespace ribostep::session
