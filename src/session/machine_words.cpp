// Machines in words: verbs by name, what was found in a sentence, and the text mirror.
#include <algorithm>
#include <cstdio>

#include "experiment/automata.h"
#include "session/machine_parts.h"
#include "session/state.h"

namespace ribostep::session {
namespace {

std::string thousands(std::int64_t n) {
  const std::string digits = std::to_string(n);
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) text += ',';
    text += digits[i];
  }
  return text;
}

std::string percent(double share) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f %%", share * 100);
  return text;
}

io::MachineSetup setup_from(const nlohmann::json& json, io::MachineSetup setup) {
  if (json.contains("language")) {
    setup.language = text_in(json, "language");
    if (!setup.language.empty()) setup.pattern.clear();
  }
  if (json.contains("pattern")) {
    setup.pattern = text_in(json, "pattern");
    if (!setup.pattern.empty()) setup.language.clear();
  }
  if (const auto kind = bio::alphabet_kind(text_in(json, "alphabet"))) setup.alphabet = *kind;
  if (const auto mode = motif::match_mode(text_in(json, "mode"))) setup.mode = *mode;
  setup.mismatches = whole_in(json, "mismatches", setup.mismatches);
  return setup;
}

rnn::CellKind cell_in(const nlohmann::json& json) {
  return rnn::cell_kind(text_in(json, "cell")).value_or(rnn::CellKind::Gru);
}

nlohmann::json list_input(const char* arg, const char* label, const char* value, nlohmann::json options) {
  return {{"verb", "machine"}, {"arg", arg},     {"label", label},
          {"value", value},    {"kind", "list"}, {"options", std::move(options)}};
}

}  // namespace

std::span<const VerbEntry> Machine::verbs() const {
  using Json = nlohmann::json;
  static constexpr VerbEntry kVerbs[] = {
      {"machine", [](Session& s, const Json& a) { s.machine().set(setup_from(a, s.machine().setup())); }},
      {"machine_preset",
       [](Session& s, const Json& a) {
         const std::string id = text_in(a, "id");
         for (const motif::Preset& p : motif::presets())
           if (id == p.id)
             s.machine().set({{}, p.pattern, p.alphabet, p.mode, p.mismatches, {}, motif::kDefaultGain});
       }},
      {"compile",
       [](Session& s, const Json& a) {
         s.machine().compile(
             motif::construction(text_in(a, "construction")).value_or(motif::Construction::Exact));
       }},
      {"machine_gain",
       [](Session& s, const Json& a) {
         s.machine().set_gain(real_in(a, "gain", s.machine().setup().gain), truth_in(a, "continues", false));
       }},
      {"perturb",
       [](Session& s, const Json& a) {
         s.machine().perturb(real_in(a, "deviation", 0.1),
                             static_cast<std::uint64_t>(std::max(0, whole_in(a, "seed", 1))));
       }},
      {"machine_data",
       [](Session& s, const Json& a) {
         motif::SampleOptions o = experiment::recipe_data(1);
         o.records = whole_in(a, "records", o.records);
         o.min_length = whole_in(a, "min_length", o.min_length);
         o.max_length = whole_in(a, "max_length", o.max_length);
         o.seed = static_cast<std::uint64_t>(std::max(0, whole_in(a, "seed", 1)));
         s.machine().make_data(o);
       }},
      {"machine_recipe", [](Session& s, const Json& a) { s.machine().use_recipe(cell_in(a)); }},
      {"machine_check",
       [](Session& s, const Json& a) { s.machine().check(whole_in(a, "letters", 1'000'000)); }},
      {"extract",
       [](Session& s, const Json& a) {
         s.machine().extract(extraction_options_from(a), whole_in(a, "class", -1));
       }},
      {"machine_cancel", [](Session& s, const Json&) { s.machine().cancel(); }},
      {"learn_counterexample",
       [](Session& s, const Json& a) { s.machine().learn_counterexample(truth_in(a, "train", true)); }},
      {"next_disagreement", [](Session& s, const Json&) { s.machine().jump_to_disagreement(); }},
  };
  return kVerbs;
}

std::string Machine::check_words() const {
  if (!checked_) return {};
  const MachineStages& s = stages();
  if (!s.minimal) return {};
  const motif::AgreementReport& a = checked_->agreement;
  std::string text;
  if (!checked_->with_network)
    text = "The network was not checked: " + checked_->without + ". ";
  else
    text = checked_->proof.words + " ";
  const std::string& symbols = s.minimal->symbols;
  if (s.pattern) {
    if (a.nfa_dfa)
      text += "NFA and DFA differ on " + word_in(*a.nfa_dfa, symbols) + ". ";
    else if (a.dfa_minimal)
      text += "DFA and smallest DFA differ on " + word_in(*a.dfa_minimal, symbols) + ". ";
    else
      text += "NFA, DFA and smallest DFA accept the same strings (exact). ";
  }
  if (a.counterexample)
    text += "The " + a.who + " differs from the smallest DFA on " + word_in(*a.counterexample, symbols) + ".";
  else
    text += "All agree on every string of up to " + std::to_string(a.all_up_to) + " letters and " +
            thousands(a.letters) + " letters in all, with " + thousands(a.matches) + " matches.";
  return text;
}

std::string Machine::extract_words() const {
  if (!extracted_) return {};
  const motif::Extraction& e = *extracted_;
  if (!e.machine) return "no machine: " + e.problem;
  std::string text = "a machine of " + plural(e.machine->states(), "state") +
                     " that says the same as the network on " + std::to_string(e.fidelity.same) + " of " +
                     std::to_string(e.fidelity.strings) + " held-out strings (" +
                     percent(e.fidelity.share()) + ")";
  if (!e.clusters)
    text += std::string("; ") + (e.settled ? "no counterexample among " : "stopped after ") +
            thousands(e.questions) + " questions";
  if (parts_->told_empty) text += "; the empty string, which cannot be trained on, was told";
  if (e.counterexample)
    text += "; network and this machine differ on " + word_in(*e.counterexample, e.machine->symbols);
  if (comparison_.possible) {
    const std::string title = machine_title(setup());
    if (comparison_.same)
      text += "; it is the machine of " + title + " exactly";
    else
      text += "; it is not that of " + title + ": they differ on " +
              word_in(comparison_.shortest, e.machine->symbols) + ", which " + title +
              (comparison_.machine_accepts ? " accepts" : " rejects");
  }
  return text;
}

// ---- text mirror

void Machine::mirror(nlohmann::json& sections) const {
  nlohmann::json section = {{"title", "State machine"}, {"id", "machine"}};
  nlohmann::json lines = nlohmann::json::array();
  const MachineStages& s = stages();
  std::string error;
  for (const Diagnostic& d : s.diagnostics)
    if (d.severity == Severity::Error && error.empty()) error = d.text();
  if (!s.problem.empty()) lines.push_back("Not possible: " + s.problem + ".");
  if (s.ok()) lines.push_back(machine_title(setup()) + ": " + summary() + ".");
  const int position = state_.project.cursor.position;
  const std::string here = lock_words(position);
  if (!here.empty()) lines.push_back("At position " + std::to_string(position) + ": " + here + ".");
  if (const LockStep* lock = lock_step())
    lines.push_back(lock->disagreements.empty()
                        ? std::string("Network and machine agree all along this sequence.")
                        : plural(static_cast<int>(lock->disagreements.size()), "disagreement") +
                              " along this sequence, the first at position " +
                              std::to_string(lock->disagreements.front()) + ".");
  if (compiled())
    lines.push_back(
        std::string("Compiled, ") + motif::label(*setup().compiled) + ", gain " +
        std::to_string(setup().gain).substr(0, 5) +
        (pristine() ? "." : "; the weights have been changed since.") +
        (broke_at_ < 0 ? "" : " First seen to disagree at update " + std::to_string(broke_at_) + "."));
  if (check_busy())
    lines.push_back("Being checked, " + std::to_string(static_cast<int>(check_progress_ * 100)) + " %.");
  if (checked_)
    lines.push_back("Check" + std::string(check_stale() ? " (of other weights)" : "") + ": " + check_words());
  if (!check_failure_.empty()) lines.push_back("Check not possible: " + check_failure_ + ".");
  if (extract_busy()) lines.push_back("Being extracted: " + extract_stage_ + ".");
  if (extracted_)
    lines.push_back("Extracted" + std::string(extract_stale() ? " (of other weights)" : "") + ": " +
                    extract_words() + ".");
  if (!extract_failure_.empty()) lines.push_back("Extraction not possible: " + extract_failure_ + ".");
  section["lines"] = std::move(lines);

  nlohmann::json languages = {{{"value", ""}, {"label", "none: a pattern"}}};
  for (const motif::Language& l : motif::languages())
    languages.push_back({{"value", l.id}, {"label", l.title}});
  nlohmann::json modes = nlohmann::json::array();
  for (int k = 0; k < 3; ++k)
    modes.push_back({{"value", motif::name(static_cast<motif::Mode>(k))},
                     {"label", motif::label(static_cast<motif::Mode>(k))}});
  nlohmann::json kinds = nlohmann::json::array();
  for (const auto kind : {bio::AlphabetKind::Dna, bio::AlphabetKind::Rna, bio::AlphabetKind::Protein})
    kinds.push_back({{"value", bio::alphabet(kind).name}, {"label", bio::alphabet(kind).name}});
  nlohmann::json pattern = {{"verb", "machine"},
                            {"arg", "pattern"},
                            {"label", "Pattern"},
                            {"value", setup().pattern},
                            {"kind", "text"}};
  if (!error.empty()) pattern["error"] = error;
  section["inputs"] = {
      std::move(pattern),
      list_input("alphabet", "Alphabet of the pattern", bio::alphabet(setup().alphabet).name.data(), kinds),
      list_input("mode", "What is accepted", motif::name(setup().mode), std::move(modes)),
      {{"verb", "machine"},
       {"arg", "mismatches"},
       {"label", "Mismatches"},
       {"value", std::to_string(setup().mismatches)},
       {"kind", "number"}},
      list_input("language", "Language", setup().language.c_str(), std::move(languages))};
  nlohmann::json buttons = nlohmann::json::array();
  for (int k = 0; k < motif::kConstructions; ++k) {
    const auto how = static_cast<motif::Construction>(k);
    buttons.push_back({{"verb", "compile"},
                       {"label", std::string("Compile: ") + motif::label(how)},
                       {"disabled", !compile_obstacle(how).empty()},
                       {"args", {{"construction", motif::name(how)}}}});
  }
  const bool machine = compile_obstacle(motif::Construction::Exact).empty();
  buttons.push_back({{"verb", "machine_check"},
                     {"label", "Check all stages and the network"},
                     {"disabled", check_busy() || !check_obstacle().empty()}});
  buttons.push_back(
      {{"verb", "next_disagreement"}, {"label", "Next disagreement"}, {"disabled", lock_step() == nullptr}});
  buttons.push_back({{"verb", "machine_data"}, {"label", "Make training data"}, {"disabled", !machine}});
  for (const auto cell : {rnn::CellKind::ElmanTanh, rnn::CellKind::Gru, rnn::CellKind::Lstm})
    buttons.push_back({{"verb", "machine_recipe"},
                       {"label", std::string("Settings for learning it: ") + rnn::label(cell)},
                       {"disabled", !session_.has_data()},
                       {"args", {{"cell", rnn::name(cell)}}}});
  buttons.push_back({{"verb", "extract"},
                     {"label", "Extract a machine by questions (L*)"},
                     {"disabled", extract_busy() || !extract_obstacle(false).empty()},
                     {"args", {{"method", "lstar"}}}});
  buttons.push_back({{"verb", "extract"},
                     {"label", "Extract a machine from clusters of states"},
                     {"disabled", extract_busy() || !extract_obstacle(true).empty()},
                     {"args", {{"method", "clusters"}}}});
  buttons.push_back({{"verb", "learn_counterexample"},
                     {"label", "Add the counterexample and train on"},
                     {"disabled", !counterexample_obstacle().empty()}});
  buttons.push_back(
      {{"verb", "machine_cancel"}, {"label", "Cancel"}, {"disabled", !check_busy() && !extract_busy()}});
  section["buttons"] = std::move(buttons);

  // The smallest machine, and what got out of the network.
  const auto table_of = [](const motif::Dfa& dfa, const std::vector<motif::Word>& access) {
    nlohmann::json header = {"State"};
    for (const char letter : dfa.symbols) header.push_back(std::string(1, letter));
    header.push_back("Accepts");
    nlohmann::json table = nlohmann::json::array({header});
    for (int q = 0; q < dfa.states() && q < 64; ++q) {
      nlohmann::json row = {motif::state_label(dfa, access, q)};
      for (int a = 0; a < dfa.letters(); ++a) row.push_back(motif::state_name(dfa.step(q, a)));
      row.push_back(dfa.accepts(q) ? "yes" : "no");
      table.push_back(std::move(row));
    }
    return table;
  };
  if (s.ok()) section["table"] = table_of(*s.minimal, s.access);
  sections.push_back(std::move(section));
  if (const motif::Code* labelled = compiled() ? code() : nullptr; labelled != nullptr && state_.trace) {
    const rnn::LayerTrace& layer = state_.trace->layers[0];
    nlohmann::json table = {{"Unit", "Stands for", "h"}};
    const int units = std::min({static_cast<int>(labelled->units.size()), layer.hidden, 64});
    for (int u = 0; u < units; ++u) {
      const float h = position == 0 ? layer.initial_h[static_cast<std::size_t>(u)]
                                    : layer.h(std::min(position, layer.steps) - 1, u);
      char text[32];
      std::snprintf(text, sizeof text, "%+.4f", static_cast<double>(h));
      table.push_back(
          {std::to_string(u),
           motif::state_label(*s.minimal, s.access, labelled->units[static_cast<std::size_t>(u)].state),
           text});
    }
    sections.push_back({{"title", "Units and the states they stand for"},
                        {"id", "machine_units"},
                        {"lines", nlohmann::json::array()},
                        {"table", std::move(table)}});
  }
  if (extracted_ && extracted_->machine)
    sections.push_back({{"title", "The extracted machine"},
                        {"id", "extracted_machine"},
                        {"lines", nlohmann::json::array()},
                        {"table", table_of(*extracted_->machine, extracted_access_)}});
}

}  // namespace ribostep::session
