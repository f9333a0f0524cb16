#include "experiment/cross_validation.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>

#include "experiment/baselines.h"

namespace ribostep::experiment {

struct CrossValidator::State {
  const Prepared& prepared;
  rnn::ModelSpec spec;
  rnn::TrainConfig config;
  std::uint64_t seed;
  CrossValidationResult result;
  int fold = 0;
  std::vector<int> train, test;  // records of the current fold
  std::optional<rnn::Trainer> trainer;

  void start_fold() {
    train.clear();
    test.clear();
    for (int i = 0; i < prepared.data->size(); ++i) {
      const int f = result.fold_of_record[static_cast<std::size_t>(i)];
      if (f >= 0) (f == fold ? test : train).push_back(i);
    }
    rnn::TrainingData material;
    material.table = prepared.table;
    for (const int i : train) material.train.push_back(example(prepared, i));
    trainer.emplace(rnn::make_network(spec), std::move(material), config, seed);
  }

  void score_fold() {
    const rnn::Network net = rnn::make_network(spec);
    rnn::Bptt<float> forward(net, prepared.table);
    std::vector<rnn::Example> examples;
    for (const int i : test) examples.push_back(example(prepared, i));
    std::vector<float> probabilities;
    forward.evaluate(trainer->parameters(), examples, &probabilities);
    const auto k = static_cast<std::size_t>(spec.classes);
    for (std::size_t j = 0; j < test.size(); ++j) {
      const auto row = probabilities.begin() + static_cast<std::ptrdiff_t>(j * k);
      const auto best = std::max_element(row, row + static_cast<std::ptrdiff_t>(k));
      result.predicted[static_cast<std::size_t>(test[j])] = static_cast<int>(best - row);
    }
    for (const BaselineResult& baseline : run_baselines(*prepared.data, prepared.labels, train, test)) {
      auto at = std::find_if(result.baselines.begin(), result.baselines.end(),
                             [&](const BaselineScore& b) { return b.name == baseline.name; });
      if (at == result.baselines.end()) {
        result.baselines.push_back({baseline.name, true, {}, 0, 0, {}});
        at = result.baselines.end() - 1;
      }
      if (!baseline.applicable) {
        at->applicable = false;
        at->why_not = baseline.why_not;
        continue;
      }
      for (std::size_t j = 0; j < test.size(); ++j) {
        ++at->n;
        at->correct += baseline.predicted[j] == prepared.labels.of_record[static_cast<std::size_t>(test[j])];
      }
    }
  }

  void finish() {
    result.confusion = confusion(prepared.labels.of_record, result.predicted, spec.classes);
    for (std::size_t i = 0; i < result.predicted.size(); ++i) {
      if (result.predicted[i] < 0) continue;
      ++result.n;
      result.correct += result.predicted[i] == prepared.labels.of_record[i];
    }
    result.interval = wilson(result.correct, result.n);
    for (BaselineScore& baseline : result.baselines) baseline.interval = wilson(baseline.correct, baseline.n);
  }
};

CrossValidator::CrossValidator(const Prepared& prepared, rnn::ModelSpec spec, rnn::TrainConfig config,
                               std::uint64_t seed, int folds, std::uint64_t fold_seed)
    : state_(new State{prepared, spec, config, seed, {}, 0, {}, {}, {}}) {
  state_->config.validation_fraction = 0;
  state_->config.patience = 0;
  CrossValidationResult& result = state_->result;
  result.folds = folds;
  result.fold_seed = fold_seed;
  result.fold_of_record = bio::stratified_folds(*prepared.data, prepared.labels, folds, fold_seed);
  result.predicted.assign(static_cast<std::size_t>(prepared.data->size()), -1);
  state_->start_fold();
}

CrossValidator::~CrossValidator() = default;

bool CrossValidator::run() {
  State& s = *state_;
  if (s.fold >= s.result.folds) return true;
  if (s.trainer->finish() == rnn::Finish::Running) {
    s.trainer->update();
    return false;
  }
  s.score_fold();
  if (++s.fold < s.result.folds) {
    s.start_fold();
    return false;
  }
  s.finish();
  return true;
}

double CrossValidator::progress() const {
  const State& s = *state_;
  if (s.fold >= s.result.folds) return 1;
  const double within = static_cast<double>(s.trainer->updates()) /
                        static_cast<double>(std::max<std::int64_t>(1, s.trainer->updates_planned()));
  return (s.fold + within) / s.result.folds;
}

const CrossValidationResult& CrossValidator::result() const { return state_->result; }

}  // namespace ribostep::experiment
