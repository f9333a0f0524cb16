#include "experiment/cross_validation.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "experiment/baselines.h"
#include "experiment/metrics.h"

namespace ribostep::experiment {

namespace {

// What a baseline said about every record, fold by fold.
struct Pooled {
  std::vector<int> predicted;        // -1: not asked
  std::vector<float> probabilities;  // [records][K]
};

}  // namespace

struct CrossValidator::State {
  const Prepared& prepared;
  rnn::ModelSpec spec;
  rnn::TrainConfig config;
  std::uint64_t seed;
  CrossValidationResult result;
  int fold = 0;
  std::vector<int> train, test;  // records of the current fold
  std::optional<rnn::Trainer> trainer;
  std::vector<Pooled> pooled;  // as result.baselines

  std::size_t records() const { return static_cast<std::size_t>(prepared.data->size()); }
  std::size_t classes() const { return static_cast<std::size_t>(spec.classes); }
  Pooled unasked() const {
    return {std::vector<int>(records(), -1), std::vector<float>(records() * classes(), 0.0f)};
  }

  // A record in which there is nothing to read is neither trained on nor predicted.
  void drop_unreadable() {
    for (int i = 0; i < prepared.data->size(); ++i)
      if (rnn::steps(spec, example(prepared, spec, i)) == 0)
        result.fold_of_record[static_cast<std::size_t>(i)] = -1;
  }
  // Folds that nobody is in (equal sequences share one) are closed up.
  void number_folds() {
    std::map<int, int> number;
    for (const int f : result.fold_of_record)
      if (f >= 0) number.emplace(f, 0);
    int next = 0;
    for (auto& [old, now] : number) now = next++;
    for (int& f : result.fold_of_record)
      if (f >= 0) f = number[f];
    result.folds = next;
  }

  void start_fold() {
    train.clear();
    test.clear();
    for (int i = 0; i < prepared.data->size(); ++i) {
      const int f = result.fold_of_record[static_cast<std::size_t>(i)];
      if (f >= 0) (f == fold ? test : train).push_back(i);
    }
    rnn::TrainingData material;
    material.table = prepared.table;
    for (const int i : train) material.train.push_back(example(prepared, spec, i));
    trainer.emplace(rnn::make_network(spec), std::move(material), config, seed);
  }

  void score_fold() {
    const rnn::Network net = rnn::make_network(spec);
    rnn::Bptt<float> forward(net, prepared.table);
    std::vector<rnn::Example> examples;
    for (const int i : test) examples.push_back(example(prepared, spec, i));
    std::vector<float> probabilities;
    forward.evaluate(trainer->parameters(), examples, &probabilities);
    for (std::size_t j = 0; j < test.size(); ++j) {
      const auto row = probabilities.begin() + static_cast<std::ptrdiff_t>(j * classes());
      const auto best = std::max_element(row, row + static_cast<std::ptrdiff_t>(classes()));
      const auto record = static_cast<std::size_t>(test[j]);
      result.predicted[record] = static_cast<int>(best - row);
      std::copy_n(row, classes(),
                  result.probabilities.begin() + static_cast<std::ptrdiff_t>(record * classes()));
    }
    for (const BaselineResult& baseline : run_baselines(*prepared.data, prepared.labels, train, test))
      pool(baseline);
  }

  void pool(const BaselineResult& baseline) {
    std::size_t at = 0;
    while (at < result.baselines.size() && result.baselines[at].name != baseline.name) ++at;
    if (at == result.baselines.size()) {
      result.baselines.push_back({baseline.name, true, {}, 0, 0, {}, {}});
      pooled.push_back(unasked());
    }
    BaselineScore& score = result.baselines[at];
    if (!baseline.applicable) {
      score.applicable = false;
      score.why_not = baseline.why_not;
      return;
    }
    for (std::size_t j = 0; j < test.size(); ++j) {
      const auto record = static_cast<std::size_t>(test[j]);
      pooled[at].predicted[record] = baseline.predicted[j];
      std::copy_n(baseline.probabilities.begin() + static_cast<std::ptrdiff_t>(j * classes()), classes(),
                  pooled[at].probabilities.begin() + static_cast<std::ptrdiff_t>(record * classes()));
    }
  }

  void finish() {
    const std::vector<int>& truth = prepared.labels.of_record;
    const int positive = positive_class(prepared.labels.classes);
    const auto count = [&](const std::vector<int>& predicted, int& n, int& correct) {
      for (std::size_t i = 0; i < predicted.size(); ++i) {
        if (predicted[i] < 0) continue;
        ++n;
        correct += predicted[i] == truth[i];
      }
      return wilson(correct, n);
    };
    result.confusion = confusion(truth, result.predicted, spec.classes);
    result.interval = count(result.predicted, result.n, result.correct);
    result.metrics = measure(truth, result.predicted, result.probabilities, spec.classes, positive);
    for (std::size_t b = 0; b < pooled.size(); ++b) {
      BaselineScore& score = result.baselines[b];
      if (!score.applicable) continue;
      score.interval = count(pooled[b].predicted, score.n, score.correct);
      score.metrics = measure(truth, pooled[b].predicted, pooled[b].probabilities, spec.classes, positive);
    }
  }
};

CrossValidator::CrossValidator(const Prepared& prepared, rnn::ModelSpec spec, rnn::TrainConfig config,
                               std::uint64_t seed, int folds, std::uint64_t fold_seed)
    : state_(new State{prepared, spec, config, seed, {}, 0, {}, {}, {}, {}}) {
  state_->config.validation_fraction = 0;
  state_->config.patience = 0;
  CrossValidationResult& result = state_->result;
  result.folds = folds;
  result.fold_seed = fold_seed;
  result.fold_of_record = bio::stratified_folds(*prepared.data, prepared.labels, folds, fold_seed);
  state_->drop_unreadable();
  state_->number_folds();
  Pooled none = state_->unasked();
  result.predicted = std::move(none.predicted);
  result.probabilities = std::move(none.probabilities);
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

int CrossValidator::fold() const { return std::min(state_->fold + 1, state_->result.folds); }
int CrossValidator::folds() const { return state_->result.folds; }
const CrossValidationResult& CrossValidator::result() const { return state_->result; }

}  // namespace ribostep::experiment
