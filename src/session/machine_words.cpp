// Machines in words: verbs by name, what was found in a sentence, and the text mirror.
#include <algorithm>
#include <cstdio>

#include "experiment/automata.h"
#include "session/machine_parts.h"
#include "session/mirror_section.h"
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

void dfa_table(Section& section, const motif::Dfa& dfa, const std::vector<motif::Word>& access) {
  section.row().cell("State");
  for (const char letter : dfa.symbols) section.cell(std::string(1, letter));
  section.cell("Accepts");
  for (int q = 0; q < dfa.states() && q < 64; ++q) {
    section.row().cell(motif::state_label(dfa, access, q));
    for (int a = 0; a < dfa.letters(); ++a) section.cell(motif::state_name(dfa.step(q, a)));
    section.cell(dfa.accepts(q) ? "yes" : "no");
  }
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
      {"machine_cancel",
       [](Session& s, const Json&) {
         s.machine().cancel_check();
         s.machine().cancel_extract();
       }},
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
  if (checked_->with_network && !parts_->check_about.weights) text = "Of the untrained twin: ";
  if (!checked_->with_network)
    text = "The network was not checked: " + checked_->without + ". ";
  else
    text += checked_->proof.words + " ";
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
  else if (a.agrees() && (s.pattern || checked_->with_network))
    text += "All agree on every string of up to " + std::to_string(a.all_up_to) + " letters and " +
            thousands(a.letters) + " letters in all, with " + thousands(a.matches) + " matches.";
  return text;
}

std::string Machine::extract_words() const {
  if (!extracted_) return {};
  const motif::Extraction& e = *extracted_;
  if (!e.machine) return "no machine: " + e.problem;
  std::string text = parts_->extract_about.weights ? "" : "of the untrained twin, ";
  text += "a machine of " + plural(e.machine->states(), "state") + " that says the same as the network on " +
          std::to_string(e.fidelity.same) + " of " + std::to_string(e.fidelity.strings) +
          " held-out strings (" + percent(e.fidelity.share()) + ")";
  if (!e.clusters)
    text += std::string("; ") + (e.settled ? "no counterexample among " : "stopped after ") +
            thousands(e.questions) + " questions";
  const auto& names = session_.output_names();
  const int cls = asked_class();
  if (cls >= 0 && cls < static_cast<int>(names.size()))
    text += "; accepted means class " + names[static_cast<std::size_t>(cls)];
  if (told_empty()) text += "; the empty string, which cannot be trained on, was told";
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

void Machine::mirror_lines(Section& section) const {
  const MachineStages& s = stages();
  if (!s.problem.empty()) section.line({"Not possible: ", s.problem, "."});
  if (s.ok()) section.line({machine_title(setup()), ": ", summary(), "."});
  const int position = state_.project.cursor.position;
  const std::string here = lock_words(position);
  if (!here.empty()) section.line({"At position ", position, ": ", here, "."});
  if (const LockStep* lock = lock_step()) {
    if (lock->disagreements.empty())
      section.line("Network and machine agree all along this sequence.");
    else
      section.line({plural(static_cast<int>(lock->disagreements.size()), "disagreement"),
                    " along this sequence, the first at position ",
                    static_cast<int>(lock->disagreements.front()), "."});
  }
  if (compiled()) {
    std::string text = text_of({"Compiled, ", motif::label(*setup().compiled), ", gain ",
                                std::to_string(setup().gain).substr(0, 5),
                                pristine() ? "." : "; the weights have been changed since."});
    if (broke_at_ >= 0) text += text_of({" First seen to disagree at update ", broke_at_, "."});
    section.line(text);
  }
  if (check_busy()) section.line({"Being checked, ", static_cast<int>(check_progress_ * 100), " %."});
  if (checked_) section.line({check_stale() ? "Check (of other weights): " : "Check: ", check_words()});
  if (!check_failure_.empty()) section.line({"Check not possible: ", check_failure_, "."});
  if (extract_busy()) section.line({"Being extracted: ", extract_stage_, "."});
  if (extracted_)
    section.line({extract_stale() ? "Extracted (of other weights): " : "Extracted: ", extract_words(), "."});
  if (!extract_failure_.empty()) section.line({"Extraction not possible: ", extract_failure_, "."});
}

void Machine::mirror_controls(Section& section) const {
  section.text_input("machine", "pattern", "Pattern").value(setup().pattern);
  for (const Diagnostic& d : stages().diagnostics)
    if (d.severity == Severity::Error) {
      section.error(d.text());
      break;
    }
  section.list_input("machine", "alphabet", "Alphabet of the pattern")
      .value(bio::alphabet(setup().alphabet).name.data());
  for (const auto kind : {bio::AlphabetKind::Dna, bio::AlphabetKind::Rna, bio::AlphabetKind::Protein}) {
    const char* name = bio::alphabet(kind).name.data();
    section.option(name, name);
  }
  section.list_input("machine", "mode", "What is accepted").value(motif::name(setup().mode));
  for (int k = 0; k < 3; ++k)
    section.option(motif::name(static_cast<motif::Mode>(k)), motif::label(static_cast<motif::Mode>(k)));
  section.number_input("machine", "mismatches", "Mismatches").value(std::to_string(setup().mismatches));
  section.list_input("machine", "language", "Language").value(setup().language);
  section.option("", "none: a pattern");
  for (const motif::Language& l : motif::languages()) section.option(l.id, l.title);

  for (int k = 0; k < motif::kConstructions; ++k) {
    const auto how = static_cast<motif::Construction>(k);
    section.button("compile", text_of({"Compile: ", motif::label(how)}))
        .disabled(!compile_obstacle(how).empty())
        .arg("construction", motif::name(how));
  }
  const bool machine = compile_obstacle(motif::Construction::Exact).empty();
  section.button("machine_check", "Check all stages and the network")
      .disabled(check_busy() || !check_obstacle().empty());
  section.button("next_disagreement", "Next disagreement").disabled(lock_step() == nullptr);
  section.button("machine_data", "Make training data").disabled(!machine);
  for (const auto cell : {rnn::CellKind::ElmanTanh, rnn::CellKind::Gru, rnn::CellKind::Lstm})
    section.button("machine_recipe", text_of({"Settings for learning it: ", rnn::label(cell)}))
        .disabled(!session_.has_data())
        .arg("cell", rnn::name(cell));
  section.button("extract", "Extract a machine by questions (L*)")
      .disabled(extract_busy() || !extract_obstacle(false).empty())
      .arg("method", "lstar");
  section.button("extract", "Extract a machine from clusters of states")
      .disabled(extract_busy() || !extract_obstacle(true).empty())
      .arg("method", "clusters");
  section.button("learn_counterexample", "Add the counterexample and train on")
      .disabled(!counterexample_obstacle().empty());
  section.button("machine_cancel", "Cancel").disabled(!check_busy() && !extract_busy());
}

void Machine::mirror(nlohmann::json& sections) const {
  Section section("State machine", "machine");
  mirror_lines(section);
  mirror_controls(section);
  // The smallest machine, and what got out of the network.
  const MachineStages& s = stages();
  if (s.ok()) dfa_table(section, *s.minimal, s.access);
  section.add_to(sections);
  if (const motif::Code* labelled = compiled() ? code() : nullptr; labelled != nullptr && state_.trace) {
    const rnn::LayerTrace& layer = state_.trace->layers[0];
    const int position = state_.project.cursor.position;
    Section units("Units and the states they stand for", "machine_units");
    units.header({"Unit", "Stands for", "h"});
    const int count = std::min({static_cast<int>(labelled->units.size()), layer.hidden, 64});
    for (int u = 0; u < count; ++u) {
      const auto i = static_cast<std::size_t>(u);
      const float h = position == 0 ? layer.initial_h[i] : layer.h(std::min(position, layer.steps) - 1, u);
      char text[32];
      std::snprintf(text, sizeof text, "%+.4f", static_cast<double>(h));
      units.row().cell(u).cell(motif::state_label(*s.minimal, s.access, labelled->units[i].state)).cell(text);
    }
    units.add_to(sections);
  }
  if (extracted_ && extracted_->machine) {
    Section found("The extracted machine", "extracted_machine");
    dfa_table(found, *extracted_->machine, extracted_access_);
    found.add_to(sections);
  }
}

}  // namespace ribostep::session
