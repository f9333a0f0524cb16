// `ribostep cv`: the cross-validation of the page, for one or several ways to cut the folds.
#include <cstdio>

#include "cli/commands.h"

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
  nlohmann::ordered_json line;
  line["folds"] = cv.folds;
  line["fold_seed"] = cv.seed;
  line["n"] = cv.score.n;
  line["correct"] = cv.score.correct;
  line["interval"] = {cv.score.interval.low, cv.score.interval.high};
  line["classes"] = names;
  line["confusion"] = cv.confusion.counts;
  for (const experiment::BaselineScore& b : cv.baselines) {
    if (b.applicable) line["baselines"][b.name] = {{"n", b.n}, {"correct", b.correct}};
  }
  return line;
}

Exit run(Arguments& arguments) {
  const int folds = arguments.whole("--folds", 10, 2, 1000);
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
      std::printf("%d folds, fold seed %llu\n%s\n", cv.folds, static_cast<unsigned long long>(cv.seed),
                  describe(cv.score).c_str());
      print_confusion(cv.confusion, session.output_names());
      for (const experiment::BaselineScore& baseline : cv.baselines)
        std::printf("baseline, %s\t%s\n", baseline.name.c_str(), describe(baseline).c_str());
      std::printf("\n");
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
                                 {{"--folds", "K", "(10)"},
                                  {"--fold-seeds", "A,B,...", "one cross-validation for each (1)"},
                                  {"--json", nullptr, "one JSON line per fold seed"}}},
                                &run};

}  // namespace ribostep::cli
