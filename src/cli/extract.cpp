// `ribostep extract`: a machine out of a trained network, and whether it is the one it should have learned.
#include "motif/extract.h"

#include <algorithm>
#include <cstdio>

#include "cli/commands.h"
#include "experiment/metrics.h"
#include "io/tables.h"

namespace ribostep::cli {
namespace {

using motif::Extraction;

// By name, or as a number from 1. Left out: "accepted" or "1" where there is one, else as in other tables.
int class_index(const session::Session& session, const Arguments& arguments) {
  const std::vector<std::string>& names = session.output_names();
  const auto at = [&](const std::string& name) {
    const auto found = std::find(names.begin(), names.end(), name);
    return found == names.end() ? -1 : static_cast<int>(found - names.begin());
  };
  if (!arguments.has("--accept")) {
    for (const char* usual : {"accepted", "1"})
      if (at(usual) >= 0) return at(usual);
    return names.size() == 2 ? experiment::positive_class(names) : 0;
  }
  const std::string text = arguments.text("--accept");
  if (at(text) >= 0) return at(text);
  std::string all;
  for (const std::string& name : names) all += (all.empty() ? "" : ", ") + name;
  complain("there is no class \"" + text + "\": choose one of " + all);
  return -1;
}

// Records of plain symbols alone: an ambiguity code is no letter of a machine.
std::vector<motif::Word> strings_of(const bio::Dataset& data) {
  std::vector<motif::Word> strings;
  for (int i = 0; i < data.size(); ++i) {
    const auto tokens = data.tokens(i);
    const auto plain = [&](std::uint8_t token) { return data.alphabet().is_symbol(token); };
    if (std::all_of(tokens.begin(), tokens.end(), plain)) strings.emplace_back(tokens.begin(), tokens.end());
  }
  return strings;
}

Extraction extracted(const session::Session& session, int accept, const motif::ExtractionOptions& options,
                     bool quiet) {
  const std::vector<motif::Word> strings = strings_of(session.data());
  motif::Extractor extractor(session.network(), *session.project().weights, session.token_table(),
                             std::string(session.data().alphabet().symbols), accept, strings, options);
  int shown = -1;
  while (!extractor.run(2000)) {
    const int percent = static_cast<int>(100 * extractor.progress());
    if (quiet || percent == shown) continue;
    shown = percent;
    std::fprintf(stderr, "\r%3d %%  %-70s", percent, extractor.stage().c_str());
  }
  if (shown >= 0) std::fprintf(stderr, "\n");
  return extractor.take();
}

void print_facts(const Extraction& found) {
  const std::string& symbols = found.machine->symbols;
  std::printf("states\t%d\nfidelity\t%d of %d held-out strings\nquestions\t%lld\n", found.machine->states(),
              found.fidelity.same, found.fidelity.strings, static_cast<long long>(found.questions));
  if (found.clusters) {
    std::printf("clusters\tstates\tambiguity\tfidelity\n");
    for (std::size_t i = 0; i < found.rows.size(); ++i)
      std::printf("%d\t%d\t%s\t%s%s\n", found.rows[i].clusters, found.rows[i].states,
                  io::number(found.rows[i].ambiguity).c_str(),
                  io::number(found.rows[i].fidelity.share()).c_str(),
                  static_cast<int>(i) == found.chosen ? "\tchosen" : "");
    return;
  }
  std::printf("hypotheses\t%d\nsettled\t%s\n", found.rounds, found.settled ? "yes" : "no");
  if (found.counterexample)
    std::printf("counterexample\t%s\n", motif::word_text(*found.counterexample, symbols).c_str());
}

// Whether it is the true machine; with the first string on which it is not.
bool compare(const Extraction& found, const KnownMachine& known) {
  const auto differs = motif::difference(known.machine, *found.machine);
  if (!differs) {
    std::printf("the machine of %s\tyes\n", known.title.c_str());
    return true;
  }
  const bool accepts = known.machine.accepts(known.machine.run(*differs));
  std::printf("the machine of %s\tno\ndiffers\t%s, which %s %s\n", known.title.c_str(),
              motif::word_text(*differs, known.machine.symbols).c_str(), known.title.c_str(),
              accepts ? "accepts" : "rejects");
  return false;
}

Exit run_extract(Arguments& arguments) {
  motif::ExtractionOptions options;
  const std::string method = arguments.text("--method", "lstar");
  if (method != "lstar" && method != "clusters")
    arguments.complain("--method must be lstar or clusters, not \"" + method + "\"");
  options.clusters = method == "clusters";
  options.max_states = arguments.whole("--max-states", options.max_states, 2, 400);
  options.seed = arguments.unsigned_whole("--seed", options.seed);
  const std::string empty = arguments.text("--empty");
  if (arguments.has("--empty") && empty != "accepted" && empty != "rejected")
    arguments.complain("--empty must be accepted or rejected, not \"" + empty + "\"");
  if (arguments.has("--language") && arguments.has("--pattern"))
    arguments.complain("choose one of --language and --pattern");
  if (!arguments.problem().empty()) return kUsage;
  Workbench bench(arguments);
  if (const Exit status = open_word(bench, arguments); status != kOk) return status;
  if (!bench.finish()) return kFailed;
  const session::Session& session = bench.session();
  if (const std::string why = motif::obstacle_of_extraction(session.network().spec, options.clusters);
      !why.empty()) {
    complain("cannot extract a machine: " + why);
    return kFailed;
  }
  if (!session.project().weights) {
    complain("this network has no weights yet: train it first");
    return kFailed;
  }
  KnownMachine known;
  const bool compares = arguments.has("--language") || arguments.has("--pattern");
  if (compares) {
    const Exit status =
        known_machine(arguments, arguments.text("--language"), session.data().alphabet_kind, known);
    if (status != kOk) return status;
    if (known.machine.symbols != session.data().alphabet().symbols) {
      complain(known.title + " has the letters " + known.machine.symbols + " and the network reads " +
               std::string(session.data().alphabet().symbols) + ": choose another language");
      return kFailed;
    }
    options.empty_string = known.machine.accepts(known.machine.start) ? 1 : 0;
  }
  if (arguments.has("--empty")) options.empty_string = empty == "accepted" ? 1 : 0;
  const int accept = class_index(session, arguments);
  if (accept < 0) return kFailed;
  const Extraction found = extracted(session, accept, options, arguments.has("--quiet"));
  const bio::Alphabet& alphabet = session.data().alphabet();
  if (arguments.has("--dot")) {
    std::fputs(motif::to_dot(*found.machine, alphabet).c_str(), stdout);
    return kOk;
  }
  std::printf("accepts\tclass %s\n", session.output_names()[static_cast<std::size_t>(accept)].c_str());
  if (options.empty_string >= 0)
    std::printf("empty string\t%s, as told\n", options.empty_string != 0 ? "accepted" : "rejected");
  print_facts(found);
  const bool same = !compares || compare(found, known);
  std::printf("\n# machine\n%s", motif::to_text(*found.machine, alphabet).c_str());
  return same ? kOk : kFailed;
}

}  // namespace

const Command kExtract = {
    "extract",
    "LINK|FILE",
    "a state machine out of a trained network, and whether it is the one it was taught",
    1,
    {{{"--method", "WHICH", "lstar (by questions) or clusters (of its states) (lstar)"},
      {"--max-states", "N", "L* gives up above; clusters: the most that are tried (40)"},
      {"--accept", "CLASS", "the class that counts as accepted (\"accepted\" or \"1\" where there is one)"},
      {"--empty", "WHICH", "what the empty string is, accepted or rejected, instead of asking the network"},
      {"--language", "ID", "the true machine, to compare with: see `ribostep language --list`"},
      {"--seed", "N", "of the random strings (1)"},
      {"--dot", nullptr, "the machine alone as DOT, for Graphviz"}},
     pattern_options()},
    &run_extract,
    "No data set can hold the empty string, so a trained network was never shown it: with --language or "
    "--pattern it is\ntaken from there. Exit status 1 where machine and language differ.\n"};

}  // namespace ribostep::cli
