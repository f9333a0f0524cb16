// The machine of a project and its stages, its way into weights, and data that it labels.
#include "session/machine.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

#include "base/random.h"
#include "experiment/automata.h"
#include "experiment/prepare.h"
#include "session/machine_parts.h"
#include "session/state.h"

namespace ribostep::session {
namespace {

const io::MachineSetup kNoSetup;
constexpr std::int64_t kMostSampledLetters = 1'000'000;

// Whether it says the same of every string that has a letter.
bool accepts_all_or_nothing(const motif::Dfa& dfa) {
  std::vector<char> met(dfa.accepting.size(), 0);
  std::vector<int> queue{dfa.start};
  bool says[2] = {false, false};
  for (std::size_t i = 0; i < queue.size(); ++i)
    for (int a = 0; a < dfa.letters(); ++a) {
      const int to = dfa.step(queue[i], a);
      says[dfa.accepts(to)] = true;
      if (std::exchange(met[static_cast<std::size_t>(to)], 1) == 0) queue.push_back(to);
    }
  return !(says[0] && says[1]);
}

// The shortest string with a letter that is accepted, or rejected; empty: there is none.
motif::Word shortest(const motif::Dfa& dfa, const std::vector<motif::Word>& access, bool accepted) {
  motif::Word best;
  for (int q = 0; q < dfa.states(); ++q)
    for (int a = 0; a < dfa.letters(); ++a) {
      if (dfa.accepts(dfa.step(q, a)) != accepted) continue;
      const motif::Word& to = access[static_cast<std::size_t>(q)];
      if (!best.empty() && to.size() + 1 >= best.size()) continue;
      best = to;
      best.push_back(static_cast<std::uint8_t>(a));
    }
  return best;
}

}  // namespace

bio::AlphabetKind alphabet_of(const io::MachineSetup& setup) {
  const motif::Language* language = motif::language(setup.language);
  return language != nullptr ? language->alphabet : setup.alphabet;
}

std::string machine_title(const io::MachineSetup& setup) {
  const motif::Language* language = motif::language(setup.language);
  return language != nullptr ? language->title : setup.pattern;
}

int accepting_class(const std::vector<std::string>& names) {
  for (const char* word : {"1", "accepted", "match", "yes"})
    for (std::size_t k = 0; k < names.size(); ++k)
      if (names[k] == word) return static_cast<int>(k);
  return -1;
}

std::string word_in(const motif::Word& word, std::string_view symbols) {
  return word.empty() ? "the empty string" : motif::word_text(word, symbols);
}

MachineStages make_stages(const io::MachineSetup& setup) {
  MachineStages out;
  out.setup = setup;
  if (setup.empty()) return out;
  if (!setup.language.empty()) {
    const motif::Language* language = motif::language(setup.language);
    if (language == nullptr) {
      out.problem = "this version does not know the language \"" + setup.language + "\": choose another";
      return out;
    }
    out.minimal = language->machine();
    out.dfa = out.minimal;
  } else {
    motif::ParsedPattern parsed =
        motif::parse_pattern(setup.pattern, setup.alphabet, setup.mode, setup.mismatches);
    out.diagnostics = std::move(parsed.diagnostics);
    out.pattern = std::move(parsed.pattern);
    if (!out.pattern) return out;
    motif::Stage<motif::Nfa> nfa = motif::make_nfa(*out.pattern);
    out.nfa = std::move(nfa.made);
    out.problem = std::move(nfa.problem);
    if (!out.nfa) return out;
    motif::Stage<motif::Dfa> dfa = motif::make_dfa(*out.nfa, motif::kPageWork);  // somebody is typing
    out.dfa = std::move(dfa.made);
    out.problem = std::move(dfa.problem);
    if (!out.dfa) return out;
    out.minimal = motif::minimal(*out.dfa);
  }
  out.access = motif::access_words(*out.minimal);
  if (out.minimal->states() <= kCodedAtOnce)
    for (int k = 0; k < motif::kConstructions; ++k)
      out.code[k] = motif::encode(*out.minimal, static_cast<motif::Construction>(k));
  return out;
}

Machine::Machine(Session& session, Session::State& state)
    : session_(session), state_(state), parts_(std::make_unique<Parts>()) {}
Machine::~Machine() = default;

// ---- the pattern or language

const io::MachineSetup& Machine::setup() const {
  const auto& setup = state_.project.debugging.machine;
  return setup ? *setup : kNoSetup;
}

void Machine::set(const io::MachineSetup& wanted) {
  io::MachineSetup next = wanted;
  next.mismatches = std::clamp(next.mismatches, 0, motif::kMaxMismatches);
  if (next.pattern.size() > motif::kMaxPattern)
    return state_.say(Severity::Error, "a pattern has at most " + std::to_string(motif::kMaxPattern) +
                                           " characters: shorten it, for example with {m,n}");
  if (next.alphabet == bio::AlphabetKind::Series)
    return state_.say(Severity::Error, "a pattern is of letters: choose DNA, RNA or protein");
  // What the network was compiled from stays with the network only as long as the machine is that one.
  io::MachineSetup as_compiled = next;
  as_compiled.compiled = setup().compiled;
  as_compiled.gain = setup().gain;
  next.compiled = as_compiled == setup() ? setup().compiled : std::nullopt;
  Parts& p = *parts_;
  if (setup().compiled && !next.compiled) {
    p.compiled_setup = setup();
    p.compiled_start = state_.project.start_weights;
  } else if (!next.compiled && p.compiled_start && p.compiled_start == state_.project.start_weights) {
    // Typed back to what the network was compiled from.
    as_compiled.compiled = p.compiled_setup.compiled;
    as_compiled.gain = p.compiled_setup.gain;
    if (as_compiled == p.compiled_setup) next = as_compiled;
  }
  if (next == setup()) return;
  state_.remember("pattern", true);
  state_.project.debugging.machine.reset();
  if (!next.empty()) state_.project.debugging.machine = std::move(next);
  project_changed();
  state_.touch();
}

const MachineStages& Machine::stages() const {
  Parts& p = *parts_;
  const io::MachineSetup& now = setup();
  const bool same = p.stages && p.setup.language == now.language && p.setup.pattern == now.pattern &&
                    p.setup.alphabet == now.alphabet && p.setup.mode == now.mode &&
                    p.setup.mismatches == now.mismatches;
  if (!same) {
    p.stages = std::make_unique<MachineStages>(make_stages(now));
    p.setup = now;
    ++p.stages_serial;
  }
  p.stages->setup = now;
  return *p.stages;
}

std::uint64_t Machine::stages_serial() const {
  stages();
  return parts_->stages_serial;
}

std::string Machine::summary() const {
  const MachineStages& s = stages();
  const auto states = [](const auto& machine) {
    return std::to_string(machine.states()) + (machine.states() == 1 ? " state" : " states");
  };
  if (!s.minimal) return {};
  std::string text;
  if (s.pattern) text = plural(static_cast<int>(s.pattern->nodes.size()), "node") + " in the syntax tree, ";
  if (s.nfa) text += std::to_string(s.nfa->states) + " states in the NFA, ";
  if (s.pattern && s.dfa) text += std::to_string(s.dfa->states()) + " in the DFA, ";
  return text + states(*s.minimal) + " in the smallest DFA";
}

// ---- into weights

std::string Machine::compile_obstacle(motif::Construction how) const {
  const MachineStages& s = stages();
  if (setup().empty()) return "type a pattern first, or choose one of the examples";
  for (const Diagnostic& d : s.diagnostics)
    if (d.severity == Severity::Error) return d.text();
  if (!s.problem.empty()) return s.problem;
  if (accepts_all_or_nothing(*s.minimal))
    return std::string("this machine ") +
           (s.minimal->accepts(s.minimal->step(s.minimal->start, 0)) ? "accepts every string"
                                                                     : "accepts no string") +
           " that has a letter" + ": there is nothing to tell apart; change the pattern";
  if (s.minimal->states() > motif::kMaxCompiledUnits)
    return "this machine has " + std::to_string(s.minimal->states()) + " states, and a network at most " +
           std::to_string(motif::kMaxCompiledUnits) + " units: shorten the pattern";
  (void)how;  // which units a construction takes is known when it is made
  return {};
}

void Machine::adopt_data(io::Project next, bio::DatasetPtr set, const std::string& name,
                         bio::LabelRule rule) {
  next.data = {};
  next.data.content_hash = set->content_hash();
  next.data.set = std::move(set);
  next.data.name = name;
  next.label_rule = rule;
  state_.source_text = nullptr;
  state_.adopt(std::move(next));
}

namespace {

// What stays of a project when other data and another network come.
io::Project fresh_from(const io::Project& project) {
  io::Project next;
  next.title = project.title;
  next.notes = project.notes;
  next.train = project.train;
  next.train.window = 0;
  next.train.random_rotation = false;
  next.model = project.model;
  next.seed = project.seed;
  next.view.hidden_tracks = project.view.hidden_tracks;
  next.view.tracks = project.view.tracks;
  next.debugging.machine = project.debugging.machine;
  next.debugging.runs = project.debugging.runs;
  return next;
}

}  // namespace

void Machine::compile(motif::Construction how) {
  if (const std::string why = compile_obstacle(how); !why.empty())
    return state_.say(Severity::Error, "cannot compile: " + why);
  const MachineStages& s = stages();
  const motif::Dfa& dfa = *s.minimal;
  const auto& ready = s.code[static_cast<int>(how)];
  const motif::Code code = ready ? *ready : motif::encode(dfa, how);
  motif::Compiled compiled = motif::compile(dfa, code, setup().gain);
  if (!compiled.problem.empty()) return state_.say(Severity::Error, "cannot compile: " + compiled.problem);

  io::Project next = fresh_from(state_.project);
  next.model = std::move(compiled.spec);
  next.debugging.machine->compiled = how;
  for (std::size_t u = 0; u < code.units.size() && u < io::kMaxUnitNames; ++u)
    next.debugging.unit_names.push_back(
        {0, static_cast<int>(u), motif::state_label(dfa, s.access, code.units[u].state)});
  next.weights = next.start_weights =
      std::make_shared<const std::vector<float>>(std::move(compiled.parameters));

  const bio::AlphabetKind kind = alphabet_of(setup());
  const bool mine = session_.has_data() && session_.data().alphabet().symbols == dfa.symbols;
  int added = 0;
  const std::string by = machine_title(setup());
  std::string name, data_words;
  bio::Dataset set;
  if (mine) {
    const bio::Dataset& old = session_.data();
    set = motif::labelled_by(dfa, old, kLabelledLetters, added);
    const std::string& before = state_.project.data.name;
    name = before.substr(0, before.find(", labelled by ")) + ", labelled by " + by;
    data_words = "your sequences are labelled by the machine now";
    if (old.total_length() > kLabelledLetters)
      data_words = "the first " + std::to_string(kLabelledLetters) + " letters of your sequences (" +
                   std::to_string(set.size() - added) + " of " + std::to_string(old.size()) +
                   " records) are labelled by the machine now";
    if (added > 0) data_words += ", and " + plural(added, "sequence") + " added so that both answers occur";
  } else {
    motif::SampleOptions options;
    options.max_length = 40;
    set = motif::sample(dfa, kind, options);
    name = "strings labelled by " + by;
    data_words = "there were no sequences over its letters, so strings were made";
  }
  auto data = std::make_shared<const bio::Dataset>(std::move(set));
  const auto fits_data = [&] {
    return !data->empty() &&
           experiment::fitted(next.model, *state_.prepared_for(data, bio::LabelRule::Column)) == next.model;
  };
  if (!fits_data()) {  // a motif longer than the sequences, for one
    const motif::Word both[] = {shortest(dfa, s.access, true), shortest(dfa, s.access, false)};
    data = std::make_shared<const bio::Dataset>(motif::with_strings(dfa, *data, both));
    if (mine) data_words += ", and 2 sequences added so that both answers occur";
  }
  if (!fits_data())
    return state_.say(Severity::Error,
                      "cannot compile: these sequences cannot be labelled by the machine; make "
                      "data from it first");
  const bool had_data = session_.has_data();
  // The same sequences in the same order keep their place on screen.
  if (mine && state_.project.cursor.sequence < data->size() &&
      data->length(state_.project.cursor.sequence) == session_.data().length(state_.project.cursor.sequence))
    next.cursor = state_.project.cursor;
  state_.remember("compile " + by);
  state_.history->keep_by_itself();
  adopt_data(std::move(next), std::move(data), name, bio::LabelRule::Column);
  state_.say(Severity::Note, "compiled into " + plural(static_cast<int>(code.units.size()), "unit") + "; " +
                                 data_words + (had_data ? " (undo brings the old ones back)" : ""));
}

bool Machine::compiled() const {
  if (!setup().compiled || !state_.project.start_weights || code() == nullptr) return false;
  return parts_->compiled_spec && *parts_->compiled_spec == state_.project.model;
}

const motif::Code* Machine::code() const {
  const auto how = setup().compiled;
  if (!how || !compile_obstacle(*how).empty()) return nullptr;
  const MachineStages& s = stages();
  Parts& p = *parts_;
  if (!p.code || p.code_of != p.stages_serial || p.code_how != how) {
    const auto& ready = s.code[static_cast<int>(*how)];
    p.code = std::make_unique<motif::Code>(ready ? *ready : motif::encode(*s.minimal, *how));
    p.code_of = p.stages_serial;
    p.code_how = how;
    p.compiled_spec.reset();
    motif::Compiled made = motif::compile(*s.minimal, *p.code, setup().gain);
    if (made.problem.empty()) p.compiled_spec = std::move(made.spec);
  }
  return p.code.get();
}

bool Machine::pristine() const {
  const Weights& now = state_.live_weights;
  if (!now || !compiled()) return false;
  Parts& p = *parts_;
  if (p.pristine_of != now || p.pristine_gain != setup().gain) {
    p.pristine_of = now;
    p.pristine_gain = setup().gain;
    p.pristine = motif::compile(*stages().minimal, *code(), setup().gain).parameters == *now;
  }
  return p.pristine;
}

// As a weight edited by hand: no recipe makes these, and training would go on from them as a new leg.
void Machine::set_compiled_weights(const char* label, bool continues, std::vector<float> weights) {
  if (!continues) state_.coalesce.clear();
  state_.remember(label, true);
  if (!continues) state_.history->keep_by_itself();
  state_.take_by_hand(std::make_shared<const std::vector<float>>(std::move(weights)));
}

void Machine::set_gain(double gain, bool continues) {
  if (!compiled())
    return state_.say(Severity::Error, "the gain is of a compiled network: compile the machine first");
  gain = std::clamp(gain, motif::kMinGain, motif::kMaxGain);
  motif::Compiled made = motif::compile(*stages().minimal, *code(), gain);
  if (!made.problem.empty() || made.parameters.size() != state_.network.parameter_count)
    return state_.say(Severity::Error,
                      "the network is no longer the compiled one: compile the machine again");
  if (gain == setup().gain && pristine()) return;
  set_compiled_weights("gain", continues, std::move(made.parameters));
  state_.project.debugging.machine->gain = gain;
  state_.touch();
}

void Machine::perturb(double deviation, std::uint64_t seed) {
  if (!compiled() || !state_.project.weights)
    return state_.say(Severity::Error, "there is no compiled network to perturb: compile the machine first");
  if (!(deviation > 0) || deviation > 100)
    return state_.say(Severity::Error, "the deviation of the noise must be above 0 and at most 100");
  std::vector<float> weights = *state_.project.weights;
  Random random(seed, 77);
  // Irwin-Hall: the sum of twelve uniform numbers less six is nearly normal, and the same on every machine.
  for (float& w : weights) {
    double sum = -6;
    for (int k = 0; k < 12; ++k) sum += random.uniform();
    w += static_cast<float>(deviation * sum);
  }
  set_compiled_weights("perturb the weights", false, std::move(weights));
  state_.say(Severity::Note, "every weight was changed by noise (seed " + std::to_string(seed) +
                                 "): check the network, or step to where it errs");
}

// ---- data to learn from

void Machine::make_data(const motif::SampleOptions& asked) {
  if (const std::string why = compile_obstacle(motif::Construction::Exact); !why.empty())
    return state_.say(Severity::Error, "cannot make data: " + why);
  motif::SampleOptions options = asked;
  options.records = std::clamp(options.records, 4, 20'000);
  options.min_length = std::clamp(options.min_length, 1, 2'000);
  options.max_length = std::clamp(options.max_length, options.min_length, 2'000);
  if (static_cast<std::int64_t>(options.records) * options.max_length > kMostSampledLetters)
    return state_.say(Severity::Error,
                      "that would be more than 1,000,000 letters: make fewer or shorter strings");
  auto set =
      std::make_shared<const bio::Dataset>(motif::sample(*stages().minimal, alphabet_of(setup()), options));
  if (set->size() < 4)
    return state_.say(Severity::Error, "the machine has no strings of these lengths: allow longer ones");
  const std::string title = machine_title(setup());
  io::Project next = fresh_from(state_.project);
  next.debugging.machine->compiled.reset();
  next.model = experiment::recipe_model(state_.project.model.cell);
  next.model.hidden = state_.project.model.hidden;
  state_.remember("strings of " + title);
  const int records = set->size();
  adopt_data(std::move(next), std::move(set), "strings of " + title, bio::LabelRule::Column);
  state_.say(Severity::Note, plural(records, "string") +
                                 " with the machine's answer as label: take a recipe, "
                                 "press Train, then extract a machine");
}

void Machine::use_recipe(rnn::CellKind cell) {
  if (!session_.has_data())
    return state_.say(Severity::Error, "there is nothing to train on yet: make data from the machine first");
  io::Project next = untrained(state_.project);
  const int symbols = next.model.symbols, classes = next.model.classes;
  next.model = experiment::recipe_model(cell);
  next.model.symbols = symbols;  // of the data
  next.model.classes = classes;
  next.train = experiment::recipe_training();
  if (const std::string why = rnn::problem(next.model); !why.empty())
    return state_.say(Severity::Error, "cannot use these settings: " + why);
  state_.remember("settings for learning a language");
  state_.history->keep_by_itself();
  const rnn::Task asked = next.model.task;
  if (next.debugging.machine) next.debugging.machine->compiled.reset();
  state_.adopt(std::move(next));
  state_.say(Severity::Note, std::string(rnn::label(cell)) + " with the settings of the recipe" +
                                 (state_.project.model.task == asked
                                      ? ""
                                      : ", but with a label per sequence, as these data have no other") +
                                 ": press Train");
}

}  // namespace ribostep::session
