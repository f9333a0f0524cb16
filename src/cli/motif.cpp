// `ribostep motif`: a pattern as a syntax tree, as automata and as weights, run over sequences, and the check
// that all of these are the same language.
#include <cstdio>

#include "bio/reader.h"
#include "cli/commands.h"
#include "io/tables.h"
#include "motif/agreement.h"

namespace ribostep::cli {
namespace {

using namespace motif;

const char* const kStages[] = {"tree", "nfa", "dfa", "minimal"};
const char* const kHeadings[] = {"syntax tree", "nondeterministic automaton", "deterministic automaton",
                                 "smallest deterministic automaton"};
constexpr int kMinimal = 3;

struct Machine {
  Pattern pattern;
  Nfa nfa;
  Dfa dfa, minimal;
  const bio::Alphabet& alphabet() const { return bio::alphabet(pattern.alphabet); }
};

// The pattern with a caret below the column.
void complain_about(const std::string& text, const Diagnostic& said) {
  complain(said.text());
  std::string line;
  for (const char c : text) line += c == '\n' || c == '\t' || c == '\r' ? ' ' : c;
  std::fprintf(stderr, "  %s\n  %*s\n", line.c_str(), said.column, "^");
}

const Preset* preset(const std::string& id) {
  for (const Preset& preset : presets())
    if (id == preset.id) return &preset;
  return nullptr;
}

// The pattern as the words and options say; kUsage and kFailed as everywhere.
Exit read_pattern(Arguments& arguments, ParsedPattern& parsed) {
  std::string text = arguments.words().empty() ? "" : arguments.words()[0];
  auto alphabet = bio::alphabet_kind(arguments.text("--alphabet", "dna"));
  auto mode = match_mode(arguments.text("--mode", "contains"));
  int mismatches = arguments.whole("--mismatches", 0, 0, kMaxMismatches);
  if (!alphabet || *alphabet == bio::AlphabetKind::Series)
    arguments.complain("--alphabet must be dna, rna, protein, bits, brackets or reber, not \"" +
                       arguments.text("--alphabet") + "\"");
  if (!mode)
    arguments.complain("--mode must be contains, ends or whole, not \"" + arguments.text("--mode") + "\"");
  if (arguments.has("--preset")) {
    const Preset* chosen = preset(arguments.text("--preset"));
    if (chosen == nullptr) {
      arguments.complain("there is no preset \"" + arguments.text("--preset") + "\": --list names them all");
    } else if (!arguments.words().empty() || arguments.has("--alphabet")) {
      arguments.complain("a preset has its own pattern and alphabet: leave \"" +
                         (arguments.words().empty() ? "--alphabet" : arguments.words()[0]) + "\" out");
    } else {
      text = chosen->pattern;
      alphabet = chosen->alphabet;
      if (!arguments.has("--mode")) mode = chosen->mode;
      if (!arguments.has("--mismatches")) mismatches = chosen->mismatches;
    }
  } else if (arguments.words().empty()) {
    arguments.complain("give a pattern, or --preset ID");
  }
  if (!arguments.problem().empty()) return kUsage;
  parsed = parse_pattern(text, *alphabet, *mode, mismatches);
  for (const Diagnostic& said : parsed.diagnostics) complain_about(text, said);
  return parsed.pattern ? kOk : kFailed;
}

// All stages up to `last`.
bool make_stages(Machine& machine, int last) {
  Stage<Nfa> nfa = make_nfa(machine.pattern);
  if (!nfa.made) return complain(nfa.problem), false;
  machine.nfa = std::move(*nfa.made);
  if (last < 2) return true;
  Stage<Dfa> dfa = make_dfa(machine.nfa);
  if (!dfa.made) return complain(dfa.problem), false;
  machine.dfa = std::move(*dfa.made);
  if (last == kMinimal) machine.minimal = minimal(machine.dfa);
  return true;
}

std::string stage_text(const Machine& machine, int stage, bool dot) {
  switch (stage) {
    case 0:
      return dot ? to_dot(machine.pattern) : to_text(machine.pattern);
    case 1:
      return dot ? to_dot(machine.nfa, machine.alphabet()) : to_text(machine.nfa, machine.alphabet());
    default: {
      const Dfa& dfa = stage == kMinimal ? machine.minimal : machine.dfa;
      return dot ? to_dot(dfa, machine.alphabet()) : to_text(dfa, machine.alphabet());
    }
  }
}

// ---- along sequences
const char* const kAnswers[] = {"no", "yes", "maybe"};

Exit match(const Machine& machine, const std::string& path) {
  const auto bytes = read_file(path);
  if (!bytes) {
    complain("cannot read " + path);
    return kFailed;
  }
  bio::ReadOptions options;
  options.alphabet = machine.pattern.alphabet;
  const bio::ReadResult read = bio::read(std::span<const std::uint8_t>(*bytes), options);
  bool good = !read.data.empty();
  for (const Diagnostic& said : read.diagnostics) {
    complain(said.text());
    good = good && said.severity != Severity::Error;
  }
  std::vector<std::uint32_t> masks;
  for (const bio::Code& code : machine.alphabet().codes) masks.push_back(code.symbols);
  const bool hits = machine.pattern.mode == Mode::EndsHere;
  std::printf(hits ? "sequence\tend\tfound\n" : "sequence\taccepted\tfirst\n");
  for (int i = 0; i < read.data.size(); ++i) {
    const Run run = run_codes(machine.minimal, read.data.tokens(i), masks);
    const std::string name(read.data.name(i));
    if (!hits) {
      const std::uint8_t answer = run.accepted.back();
      std::size_t first = 0;
      while (first < run.accepted.size() && (answer == 0 || run.accepted[first] != answer)) ++first;
      std::printf("%s\t%s\t%s\n", name.c_str(), kAnswers[answer],
                  answer == 0 ? "NA" : std::to_string(first).c_str());
      continue;
    }
    for (std::size_t t = 0; t < run.accepted.size(); ++t)
      if (run.accepted[t] != 0) std::printf("%s\t%zu\t%s\n", name.c_str(), t, kAnswers[run.accepted[t]]);
  }
  return good ? kOk : kFailed;
}

// ---- weights and the check of them
struct Network {
  Code code;
  Compiled compiled;
};
bool compile_to(const Machine& machine, Arguments& arguments, Network& network) {
  network.code = encode(machine.minimal, *construction(arguments.text("--construction", "exact")));
  network.compiled = compile(machine.minimal, network.code, arguments.real("--gain", kDefaultGain));
  if (!network.compiled.problem.empty()) complain(network.compiled.problem);
  return network.compiled.problem.empty();
}

void print_weights(const Machine& machine, const Network& network) {
  const Dfa& dfa = machine.minimal;
  const std::vector<Word> access = access_words(dfa);
  std::printf("# units: %s\n%s\n# states: could one unit in one layer stand for each?\n",
              label(network.code.construction), to_text(dfa, network.code).c_str());
  for (int s = 0; s < dfa.states(); ++s) {
    const Separability& found = network.code.states[static_cast<std::size_t>(s)];
    std::printf("%s: %s\n", state_label(dfa, access, s).c_str(),
                found.possible ? ("yes, margin " + io::number(found.margin)).c_str()
                               : ("no, because " + demand_words(found, dfa)).c_str());
  }
  std::printf("\n# weights, a row a line\n");
  const rnn::Network net = rnn::make_network(network.compiled.spec);
  for (const rnn::Tensor& tensor : net.tensors)
    for (int r = 0; r < tensor.rows; ++r) {
      std::printf("%s\t%d", tensor.name.c_str(), r + 1);
      for (int c = 0; c < tensor.cols; ++c)
        std::printf(
            "\t%s",
            io::number(
                network.compiled.parameters[tensor.offset + static_cast<std::size_t>(r * tensor.cols + c)])
                .c_str());
      std::printf("\n");
    }
}

Exit check(const Machine& machine, const Network& network, AgreementOptions options, bool quiet) {
  const rnn::Network net = rnn::make_network(network.compiled.spec);
  const std::vector<float>& parameters = network.compiled.parameters;
  const Proof proof = prove(machine.minimal, net, parameters);
  std::printf("proof\t%s\n", proof.words.c_str());
  Agreement agreement(&machine.pattern, &machine.nfa, &machine.dfa, machine.minimal, &net, parameters,
                      options);
  int shown = -1;
  while (!agreement.run(200)) {
    const int percent = static_cast<int>(100 * agreement.progress());
    if (quiet || percent == shown) continue;
    shown = percent;
    std::fprintf(stderr, "\rchecking: %d %%   ", percent);
  }
  if (shown >= 0) std::fprintf(stderr, "\n");
  const AgreementReport& report = agreement.report();
  const auto machines = [&](const char* which, const std::optional<Word>& differ) {
    std::printf(
        "%s\t%s\n", which,
        differ ? ("differ on " + word_text(*differ, machine.minimal.symbols)).c_str() : "the same language");
  };
  machines("NFA and DFA", report.nfa_dfa);
  machines("DFA and the smallest", report.dfa_minimal);
  std::printf("strings\t%lld, every one up to %d letters\nletters\t%lld\nmatches\t%lld\n",
              static_cast<long long>(report.strings), report.all_up_to,
              static_cast<long long>(report.letters), static_cast<long long>(report.matches));
  if (report.counterexample)
    std::printf("differs\tthe %s on %s\n", report.who.c_str(),
                word_text(*report.counterexample, machine.minimal.symbols).c_str());
  const bool good = report.agrees() && proof.verdict != Proof::Verdict::Refuted;
  std::printf("agreement\t%s\n", good ? "yes" : "no");
  return good ? kOk : kFailed;
}

void list_presets() {
  for (const Preset& p : presets())
    std::printf("%s\t%s\t%s\t%s\t%d\t%s: %s\n", p.id, p.pattern, bio::name(p.alphabet), name(p.mode),
                p.mismatches, p.title, p.words);
}

Exit run_motif(Arguments& arguments) {
  if (arguments.has("--list")) {
    list_presets();
    return kOk;
  }
  int actions = 0;
  for (const char* action : {"--match", "--weights", "--check"}) actions += arguments.has(action) ? 1 : 0;
  if (actions + (arguments.has("--stage") || arguments.has("--dot") ? 1 : 0) > 1)
    arguments.complain("choose one of --stage or --dot, --match, --weights and --check");
  int stage = kMinimal;
  if (arguments.has("--stage")) {
    stage = 0;
    while (stage <= kMinimal && arguments.text("--stage") != kStages[stage]) ++stage;
    if (stage > kMinimal)
      arguments.complain("--stage must be tree, nfa, dfa or minimal, not \"" + arguments.text("--stage") +
                         "\"");
  }
  if (const std::string how = arguments.text("--construction", "exact"); !construction(how))
    arguments.complain("--construction must be textbook, exact or lstm, not \"" + how + "\"");
  if (const double gain = arguments.real("--gain", kDefaultGain); gain < kMinGain || gain > kMaxGain)
    arguments.complain("--gain must be from " + io::number(kMinGain) + " to " + io::number(kMaxGain));
  AgreementOptions options;
  options.letters = arguments.whole("--letters", static_cast<int>(options.letters), 0, 1'000'000'000);
  options.seed = arguments.unsigned_whole("--seed", options.seed);
  ParsedPattern parsed;
  if (const Exit status = read_pattern(arguments, parsed); status != kOk) return status;

  Machine machine{std::move(*parsed.pattern), {}, {}, {}};
  const bool one = arguments.has("--stage") || arguments.has("--dot");
  if (one || actions == 0) {
    for (int s = 0; s <= kMinimal; ++s) {
      if (one && s != stage) continue;
      if (s > 0 && !make_stages(machine, s)) return kFailed;
      if (!one) std::printf("%s# %s\n", s > 0 ? "\n" : "", kHeadings[s]);
      std::fputs(stage_text(machine, s, arguments.has("--dot")).c_str(), stdout);
    }
    return kOk;
  }
  if (!make_stages(machine, kMinimal)) return kFailed;
  if (arguments.has("--match")) return match(machine, arguments.text("--match"));
  Network network;
  if (!compile_to(machine, arguments, network)) return kFailed;
  if (arguments.has("--check")) return check(machine, network, options, arguments.has("--quiet"));
  print_weights(machine, network);
  return kOk;
}

}  // namespace

const Command kMotif = {
    "motif",
    "PATTERN",
    "a motif as syntax tree, automata and weights; where it matches; whether all of these agree",
    1,
    {{{"--alphabet", "KIND", "dna, rna, protein, bits, brackets or reber (dna)"},
      {"--mode", "WHICH", "contains, ends (every occurrence, at its last letter) or whole (contains)"},
      {"--mismatches", "N", "letters that may be others than the motif's, up to 2 (0)"},
      {"--preset", "ID", "a ready-made motif instead of PATTERN"},
      {"--list", nullptr, "the ready-made motifs: id, pattern, alphabet, mode, mismatches, words"},
      {"--stage", "WHICH", "tree, nfa, dfa or minimal alone (all of them)"},
      {"--dot", nullptr, "the stage as DOT, for Graphviz (minimal)"},
      {"--match", "FILE|-", "where it matches in sequences of any format that is read"},
      {"--weights", nullptr, "equations and weights of the network that does the same"},
      {"--construction", "WHICH", "textbook, exact or lstm (exact)"},
      {"--gain", "G", "factor of all weights, 0.25 to 12 (4)"},
      {"--check", nullptr,
       "proves the network right and compares all stages; exit status 1 if they disagree"},
      {"--letters", "N", "--check: letters of seeded strings, besides every short string (1000000)"},
      {"--seed", "N", "--check: of these strings (1)"}}},
    &run_motif,
    "Patterns: letters and IUPAC codes, [AC] [^AC] . ( ) | * + ? {2} {2,4} {2,} ^ $; with dashes between its "
    "elements\nPROSITE's way of writing: N-{P}-[ST]-x(2,4)-<, >. --match prints, for --mode ends, sequence "
    "and "
    "position of every\nlast letter of an occurrence, from 1; else whether each sequence is accepted, and "
    "the "
    "first position where what\nhas been read so far is. `maybe`: it depends on what an ambiguity code "
    "stands for.\n"};

}  // namespace ribostep::cli
