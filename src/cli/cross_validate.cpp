// `ribostep cv`: the cross-validation of the page, for one or several ways to cut the folds.
#include <cstdio>

#include "cli/scores.h"
#include "experiment/metrics.h"

namespace ribostep::cli {
namespace {

void print_confusion(const experiment::Confusion& confusion, const std::vector<std::string>& names) {
  std::printf("true \\ predicted");
  for (const std::string& name : names) std::printf("\t%s", name.c_str());
  std::printf("\n");
  for (int truth = 0; truth < confusion.classes; ++truth) {
    std::printf("%s", names[static_cast<std::size_t>(truth)].c_str());
    for (int predicted = 0; predicted < confusion.classes; ++predicted)
      std::printf("\t%d", confusion.at(truth, predicted));
    std::printf("\n");
  }
}

nlohmann::ordered_json as_json(const session::CrossValidation& cv, const std::vector<std::string>& names) {
  constexpr rnn::Task kTask = rnn::Task::SequenceLabel;
  nlohmann::ordered_json line;
  line["folds"] = cv.folds;
  line["leave_one_out"] = cv.leave_one_out;
  line["fold_seed"] = cv.seed;
  line.update(figures_json(kTask, cv.score));
  line["classes"] = names;
  if (names.size() == 2)
    line["positive_class"] = names[static_cast<std::size_t>(experiment::positive_class(names))];
  line["confusion"] = cv.confusion.counts;
  for (const experiment::BaselineScore& b : cv.baselines)
    if (b.applicable) line["baselines"][b.name] = figures_json(kTask, b);
  return line;
}

void print(const session::CrossValidation& cv, const std::vector<std::string>& names) {
  const auto figures = [](const auto& score) {
    return figure_columns(rnn::Task::SequenceLabel, score.n, score.correct, score.metrics);
  };
  std::printf("%d folds%s, fold seed %llu\n%s%s\n", cv.folds, cv.leave_one_out ? " (leave one out)" : "",
              static_cast<unsigned long long>(cv.seed), describe(cv.score).c_str(),
              figures(cv.score).c_str());
  print_confusion(cv.confusion, names);
  for (const experiment::BaselineScore& baseline : cv.baselines)
    std::printf("baseline, %s\t%s%s\n", baseline.name.c_str(), describe(baseline).c_str(),
                baseline.applicable ? figures(baseline).c_str() : "");
  std::printf("\n");
}

// --folds K, or "loo" for one at a time.
int folds_from(Arguments& arguments) {
  if (arguments.text("--folds") == "loo") return session::kLeaveOneOut;
  return arguments.whole("--folds", 10, 2, 1000);
}

Exit run(Arguments& arguments) {
  const int folds = folds_from(arguments);
  const std::vector<std::uint64_t> seeds = arguments.list("--fold-seeds", {1});
  Workbench bench(arguments);
  if (const Exit status = set_up(bench, arguments); status != kOk) return status;
  session::Session& session = bench.session();
  double sum = 0;
  for (const std::uint64_t seed : seeds) {
    session.cross_validate(folds, seed);
    if (!bench.finish() || !session.cross_validation().available) return kFailed;
    const session::CrossValidation& cv = session.cross_validation();
    sum += cv.score.n > 0 ? static_cast<double>(cv.score.correct) / cv.score.n : 0;
    if (arguments.has("--json")) {
      std::printf("%s\n", as_json(cv, session.output_names()).dump().c_str());
    } else {
      print(cv, session.output_names());
    }
    std::fflush(stdout);
  }
  if (!arguments.has("--json"))
    std::printf("mean accuracy over %zu fold seed%s\t%.4f\n", seeds.size(), seeds.size() == 1 ? "" : "s",
                sum / static_cast<double>(seeds.size()));
  return kOk;
}

}  // namespace

const Command kCrossValidate = {"cv",
                                "FILE|-|--example ID",
                                "stratified cross-validation beside the simple baselines",
                                1,
                                {data_options(),
                                 model_options(),
                                 train_options(),
                                 {{"--folds", "K|loo", "2 to 20, or leave one out (10)"},
                                  {"--fold-seeds", "A,B,...", "one cross-validation for each (1)"},
                                  {"--json", nullptr, "one JSON line per fold seed"}}},
                                &run};

}  // namespace ribostep::cli
