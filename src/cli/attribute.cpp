// `ribostep attribute`: how much each letter contributes to an output, with what does not add up. No limit of
// length here.
#include <cmath>
#include <cstdio>

#include "cli/commands.h"
#include "experiment/attribution.h"
#include "experiment/metrics.h"
#include "io/tables.h"

namespace ribostep::cli {
namespace {

using experiment::Attribution;
using experiment::AttributionBuilder;
using experiment::AttributionRequest;

template <class E>
void choose(Arguments& arguments, const char* option, std::optional<E> (*named)(std::string_view), E& value,
            const char* words) {
  if (!arguments.has(option)) return;
  if (const std::optional<E> found = named(arguments.text(option)))
    value = *found;
  else
    arguments.complain(std::string(option) + " must be " + words + ", not \"" + arguments.text(option) +
                       "\"");
}

AttributionRequest request_from(Arguments& arguments) {
  AttributionRequest request;
  choose(arguments, "--method", &experiment::attribution_method, request.method,
         "mutagenesis, occlusion, gradient, integrated or left_to_right");
  choose(arguments, "--baseline", &experiment::attribution_baseline, request.baseline,
         "mean, shuffled or dinucleotide");
  choose(arguments, "--of", &experiment::attribution_target, request.target, "score or probability");
  request.window = arguments.whole("--window", 1, 1, experiment::kMostOccluded);
  request.shuffles = arguments.whole("--shuffles", request.shuffles, 1, experiment::kMostShuffles);
  request.seed = arguments.unsigned_whole("--seed", request.seed);
  return request;
}

// By name, or as a number from 1; -1: there is none such. Left out: as in the page.
int output_index(const session::Session& session, const Arguments& arguments) {
  const std::vector<std::string>& names = session.output_names();
  const int count = session.network().spec.outputs();
  if (!arguments.has("--output")) return names.size() == 2 ? experiment::positive_class(names) : 0;
  const std::string text = arguments.text("--output");
  for (std::size_t k = 0; k < names.size(); ++k)
    if (names[k] == text) return static_cast<int>(k);
  for (int k = 0; k < count; ++k)
    if (std::to_string(k + 1) == text) return k;
  std::string all;
  for (const std::string& name : names) all += (all.empty() ? "" : ", ") + name;
  complain("there is no output \"" + text + "\": choose one of " + all);
  return -1;
}

Attribution computed(const session::Session& session, std::span<const float> weights,
                     const AttributionRequest& request, bool quiet) {
  AttributionBuilder builder(session.network(), weights, session.token_table(), session.example(), request);
  int shown = -1;
  while (!builder.run()) {
    const int percent = static_cast<int>(100 * builder.progress());
    if (quiet || percent == shown) continue;
    shown = percent;
    std::fprintf(stderr, "\r%s: %d %%   ", builder.words().c_str(), percent);
  }
  if (shown >= 0) std::fprintf(stderr, "\n");
  return builder.found();
}

void print_table(const session::Session& session, const Attribution& found) {
  const std::string_view letters = session.letters(), symbols = session.data().alphabet().symbols;
  std::printf("position\tletter\tcontribution");
  for (std::size_t k = 0; k < symbols.size() && !found.effects.empty(); ++k)
    std::printf("\tto %c", symbols[k]);
  std::printf("\n");
  for (std::size_t i = 0; i < found.letters.size(); ++i) {
    std::printf("%zu\t%c\t%s", i + 1, found.symbols > 0 && i < letters.size() ? letters[i] : '.',
                io::number(found.letters[i]).c_str());
    for (std::size_t k = 0; k < symbols.size() && !found.effects.empty(); ++k)
      std::printf("\t%s", io::number(found.effects[i * symbols.size() + k]).c_str());
    std::printf("\n");
  }
}

Exit run_attribute(Arguments& arguments) {
  AttributionRequest request = request_from(arguments);
  const int position = arguments.whole("--position", 0, 1, 1'000'000'000);
  if (!arguments.problem().empty()) return kUsage;
  Workbench bench(arguments);
  if (const Exit status = open_word(bench, arguments); status != kOk) return status;
  session::Session& session = bench.session();
  if (arguments.has("--sequence")) {
    const int record = sequence_index(session, arguments.text("--sequence"));
    if (record < 0) return kFailed;
    session.select_sequence(record);
  }
  if (!bench.finish()) return kFailed;
  request.output = output_index(session, arguments);
  if (request.output < 0) return kFailed;
  const rnn::ModelSpec& spec = session.network().spec;
  if (position > session.length()) {
    complain("the sequence has positions 1 to " + std::to_string(session.length()) +
             ": choose --position there");
    return kFailed;
  }
  if (spec.task != rnn::Task::SequenceLabel) {
    const int at = position > 0 ? position : session.position() > 0 ? session.position() : session.length();
    request.row = std::min((at - 1) / spec.letters_per_step(), rnn::steps(spec, session.example()) - 1);
  }
  if (const std::string why =
          experiment::attribution_obstacle(spec, session.token_table(), session.example(), request);
      !why.empty()) {
    complain("cannot attribute: " + why);
    return kFailed;
  }
  const bool quiet = arguments.has("--quiet");
  const io::WeightsPtr weights = session.project().weights;
  std::vector<float> start(session.network().parameter_count);
  rnn::initialise<float>(session.network(), session.project().seed, start);
  const bool untrained = arguments.has("--untrained") || !weights;
  const Attribution found = computed(session, untrained ? start : *weights, request, quiet);
  std::printf("# %s of the %s of %s, baseline: %s\n", experiment::name(request.method),
              experiment::name(request.target),
              session.output_names()[static_cast<std::size_t>(request.output)].c_str(),
              experiment::name(request.baseline));
  std::printf("# %s%s\n", experiment::completeness_words(found).c_str(),
              found.trusted ? "" : ": UNTRUSTWORTHY, the parts do not add up");
  std::printf("# f(x) = %s, f(x0) = %s, sum = %s, residual = %s\n", io::number(found.f).c_str(),
              io::number(found.f0).c_str(), io::number(found.sum).c_str(),
              io::number(found.residual).c_str());
  if (!found.note.empty()) std::printf("# %s\n", found.note.c_str());
  if (arguments.has("--control")) {
    const Attribution twin = computed(session, start, request, quiet);
    std::printf("# untrained twin: sum = %s, correlation of its contributions with these = %s\n",
                io::number(twin.sum).c_str(),
                io::number(experiment::correlation(found.letters, twin.letters)).c_str());
  }
  print_table(session, found);
  return kOk;
}

}  // namespace

const Command kAttribute = {
    "attribute",
    "LINK|FILE",
    "how much each letter contributes to an output, and whether the parts add up",
    1,
    {{{"--sequence", "N|NAME", "which one, counted from 1 (where the project's cursor is)"},
      {"--method", "WHICH", "mutagenesis, occlusion, gradient, integrated, left_to_right (mutagenesis)"},
      {"--baseline", "WHICH", "mean, shuffled, dinucleotide (mean)"},
      {"--output", "NAME|N", "of which output, by name or from 1 (the positive one of two, else the first)"},
      {"--of", "WHICH", "its score, the logit less the mean of the others, or probability (score)"},
      {"--position", "P", "tasks per position: whose output (the project's cursor, else the last)"},
      {"--window", "N", "occlusion: letters hidden at a time (1)"},
      {"--shuffles", "N", "shuffled baselines to average over (10)"},
      {"--seed", "N", "of the shuffles (1)"},
      {"--untrained", nullptr, "of the same network before its first update"},
      {"--control", nullptr, "tells beside it what the untrained network's attribution comes to"}}},
    &run_attribute,
    "Lines that begin with # tell f(x) - f(x0), the sum of the contributions and the residual between them. "
    "Integrated\ngradients refine their path from 64 to 4096 steps until the residual is under 1 %, else "
    "they "
    "are marked untrustworthy;\nleft_to_right adds up exactly; the other methods do not promise to. "
    "Mutagenesis: a column for each substitution, f of\nthe mutant less f; the contribution is f less their "
    "mean.\n"};

}  // namespace ribostep::cli
