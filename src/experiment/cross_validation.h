// Stratified k-fold (or leave-one-out) cross-validation of a network beside the simplest baselines, in
// slices. Nothing is tuned or stopped on a test fold: each fold trains for the configured number of epochs on
// the other folds, without a validation set and without early stopping, and is scored once.
#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "experiment/prepare.h"
#include "experiment/score.h"

namespace ribostep::experiment {

struct CrossValidationResult {
  int folds = 0;
  std::uint64_t fold_seed = 0;
  std::vector<int> fold_of_record;   // -1: unlabelled
  std::vector<int> predicted;        // per record, -1: unlabelled
  std::vector<float> probabilities;  // [records][K]; 0 where unlabelled
  int n = 0, correct = 0;
  Confusion confusion;
  Interval interval;                     // Wilson, 95 %
  Metrics metrics;                       // over all test folds together
  std::vector<BaselineScore> baselines;  // same folds
};

class CrossValidator {
 public:
  // `prepared` must outlive this. Task::SequenceLabel only. The weights of every fold start at `seed`. Equal
  // sequences share a fold, so there are at most as many folds as different sequences; with `folds` as large
  // as that, one is left out at a time.
  CrossValidator(const Prepared& prepared, rnn::ModelSpec spec, rnn::TrainConfig config, std::uint64_t seed,
                 int folds, std::uint64_t fold_seed);
  ~CrossValidator();
  bool run();               // one update of the current fold, or its scoring; true: finished
  double progress() const;  // 0..1
  int fold() const;         // the current one, from 1
  int folds() const;
  const CrossValidationResult& result() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ribostep::experiment
