// `ribostep train`: the run of the page's Train button, to its end, and the project as a file.
#include <cstdio>

#include "cli/scores.h"

namespace ribostep::cli {
namespace {

// Weights of records come from the same verbs and messages as on the page.
bool run_training(Workbench& bench, Arguments& arguments) {
  session::Session& session = bench.session();
  if (arguments.has("--updates")) {
    const int updates = arguments.whole("--updates", 0, 0, 1'000'000);
    for (int i = 0; i < updates; ++i) session.train_once();
  } else {
    session.train();
  }
  return bench.finish();
}

void print_curve(const session::Training& training) {
  if (training.evaluations.empty()) return;
  const rnn::EvaluationPoint& first = training.evaluations.front();
  const rnn::EvaluationPoint& last = training.evaluations.back();
  std::printf("train loss\t%.6g -> %.6g\n", first.train_loss, last.train_loss);
  if (last.validation_items > 0)
    std::printf("validation loss\t%.6g -> %.6g\n", first.validation_loss, last.validation_loss);
}

Exit run(Arguments& arguments) {
  arguments.whole("--updates", 0, 0, 1'000'000);
  Workbench bench(arguments);
  if (const Exit status = set_up(bench, arguments); status != kOk) return status;
  session::Session& session = bench.session();
  if (arguments.has("--title")) session.set_title(arguments.text("--title"));
  if (!run_training(bench, arguments)) return kFailed;
  if (session.training().finish == rnn::Finish::NotFinite) return kFailed;
  if (session.project().model.task == rnn::Task::SequenceLabel &&
      (!session.predictions().available || session.predictions().stale)) {
    session.predict();
    if (!bench.finish()) return kFailed;
  }
  const io::Project& project = session.project();
  std::printf("data\t%s\n", session.load_summary().c_str());
  std::printf("model\t%s\n", describe(project.model).c_str());
  std::printf("weights\t%zu\n", session.network().parameter_count);
  std::printf("updates\t%lld\n", static_cast<long long>(project.updates));
  print_curve(session.training());
  print_scores(session);
  std::printf("hash\t%s\n", project.weights ? rnn::weights_hash(*project.weights).c_str() : "");
  std::fflush(stdout);
  if (!arguments.has("-o")) return kOk;
  session.export_project();
  bench.finish();
  const auto file = bench.take_post("download");
  return file && write_file(arguments.text("-o"), {file->body.begin(), file->body.end()}) ? kOk : kFailed;
}

}  // namespace

const Command kTrain = {"train",
                        "FILE|-|--example ID",
                        "train a network and write it as a project file",
                        1,
                        {data_options(),
                         model_options(),
                         train_options(),
                         {{"--updates", "N", "stop after so many updates"},
                          {"--title", "TEXT", "of the project"},
                          {"-o", "FILE", "where to write the project (.ribostep.json)"}}},
                        &run};

}  // namespace ribostep::cli
