// `ribostep language`: strings of a language whose machine is known, as a data set to train on.
#include <cstdio>

#include "cli/commands.h"
#include "experiment/automata.h"
#include "experiment/prepare.h"
#include "io/tables.h"
#include "motif/pattern.h"

namespace ribostep::cli {
namespace {

std::optional<motif::Dfa> machine_of(const motif::Pattern& pattern) {
  const motif::Stage<motif::Nfa> nfa = motif::make_nfa(pattern);
  const motif::Stage<motif::Dfa> dfa = nfa.made ? motif::make_dfa(*nfa.made) : motif::Stage<motif::Dfa>{};
  if (dfa.made) return motif::minimal(*dfa.made);
  complain(nfa.made ? dfa.problem : nfa.problem);
  return std::nullopt;
}

void list_languages() {
  for (const motif::Language& language : motif::languages())
    std::printf("%s\t%s\t%d states\t%s: %s\n", language.id, bio::name(language.alphabet),
                language.machine().states(), language.title, language.words);
}

Exit run_language(Arguments& arguments) {
  if (arguments.has("--list")) {
    list_languages();
    return kOk;
  }
  motif::SampleOptions options = experiment::recipe_data(arguments.unsigned_whole("--seed", 1));
  options.records = arguments.whole("--records", options.records, 1, 1'000'000);
  options.min_length = arguments.whole("--min", 1, 1, 2000);
  options.max_length = arguments.whole("--max", std::max(options.min_length, options.max_length), 1, 2000);
  if (options.max_length < options.min_length) arguments.complain("--max must not be less than --min");
  const bool named = !arguments.words().empty();
  if (named == arguments.has("--pattern")) arguments.complain("give the id of a language, or --pattern P");
  KnownMachine known;
  const Exit status =
      known_machine(arguments, named ? arguments.words()[0] : "", bio::AlphabetKind::Dna, known);
  if (status != kOk) return status;
  const bio::Dataset data = motif::sample(known.machine, known.alphabet, options);
  const bio::Labels labels = bio::derive_labels(data, bio::LabelRule::Column);
  if (labels.classes.size() < 2 && !arguments.has("--quiet"))
    complain("all of these strings are " + std::string(data.column_label(0)) +
             ": there is nothing to tell apart, choose other lengths");
  const std::string text =
      arguments.has("--fasta") ? io::to_fasta(data, labels) : io::data_text(data, labels);
  return write_file(arguments.text("-o"), text) ? kOk : kFailed;
}

}  // namespace

std::vector<Option> pattern_options() {
  return {{"--pattern", "P", "a motif as `ribostep motif` reads it, instead of a language"},
          {"--alphabet", "KIND", "of the pattern: dna, rna, protein, bits, brackets or reber"},
          {"--mode", "WHICH", "of the pattern: contains, ends or whole (contains)"},
          {"--mismatches", "N", "of the pattern: letters that may be others, up to 2 (0)"}};
}

Exit known_machine(Arguments& arguments, const std::string& id, bio::AlphabetKind otherwise,
                   KnownMachine& out) {
  const auto alphabet = bio::alphabet_kind(arguments.text("--alphabet", bio::name(otherwise)));
  if (!alphabet || *alphabet == bio::AlphabetKind::Series)
    arguments.complain("--alphabet must be dna, rna, protein, bits, brackets or reber, not \"" +
                       arguments.text("--alphabet") + "\"");
  const auto mode = motif::match_mode(arguments.text("--mode", "contains"));
  if (!mode)
    arguments.complain("--mode must be contains, ends or whole, not \"" + arguments.text("--mode") + "\"");
  const int mismatches = arguments.whole("--mismatches", 0, 0, motif::kMaxMismatches);
  const motif::Language* language = id.empty() ? nullptr : motif::language(id);
  if (!id.empty() && language == nullptr) {
    std::string all;
    for (const motif::Language& known : motif::languages())
      all += (all.empty() ? "" : ", ") + std::string(known.id);
    arguments.complain("there is no language \"" + id + "\": choose one of " + all);
  }
  for (const char* option : {"--alphabet", "--mode", "--mismatches"})
    if (arguments.has(option) && !arguments.has("--pattern"))
      arguments.complain(std::string(option) + " is of a pattern: give --pattern too, or leave it out");
  if (!arguments.problem().empty()) return kUsage;
  if (language != nullptr) {
    out = {language->machine(), language->alphabet, language->title};
    return kOk;
  }
  const std::string text = arguments.text("--pattern");
  const motif::ParsedPattern parsed = motif::parse_pattern(text, *alphabet, *mode, mismatches);
  for (const Diagnostic& said : parsed.diagnostics) complain(said.text());
  if (!parsed.pattern) return kFailed;
  const std::optional<motif::Dfa> machine = machine_of(*parsed.pattern);
  if (!machine) return kFailed;
  out = {*machine, *alphabet, text};
  return kOk;
}

const Command kLanguage = {
    "language",
    "[ID]",
    "strings of a language or a motif with its machine's answers, as a data set to train on",
    1,
    {{{"--list", nullptr, "the languages: id, alphabet, states, words"},
      {"--records", "N", "strings, half of them accepted (1000)"},
      {"--min", "N", "letters of the shortest (1)"},
      {"--max", "N", "letters of the longest (40)"},
      {"--seed", "N", "of the strings (1)"},
      {"--fasta", nullptr,
       "FASTA with the label of the whole string, instead of a table with the answer at every prefix too"},
      {"-o", "FILE", "where to write (standard output)"}},
     pattern_options()},
    &run_language,
    "The recipe for learning a language from these:\n"
    "  ribostep language tomita4 -o t4.tsv\n"
    "  ribostep train t4.tsv --task position --cell gru --hidden 16 --lr 0.02 --batch 32 --epochs "
    "60 -o t4\n"
    "  ribostep extract t4 --language tomita4\n"};

}  // namespace ribostep::cli
