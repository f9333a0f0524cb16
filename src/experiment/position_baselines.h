// What needs no memory, for tasks that answer at every position: the most frequent class, the letter alone, a
// Markov chain, the mean vector, the last one again.
#pragma once
#include <span>
#include <vector>

#include "experiment/score.h"
#include "rnn/bptt.h"

namespace ribostep::experiment {

// Fitted on `train`, scored on the same items of `test` as the network is. Label per position: "majority
// class", "letter alone". Next symbol: "letter frequencies" and "Markov chain of order k" (k letters back;
// counts plus one), with the mean loss. Next vector: "mean of each value" and "repeats the last value", with
// the mean square error. Empty for a label per sequence (see baselines.h).
std::vector<BaselineScore> position_baselines(const rnn::ModelSpec& spec, std::span<const rnn::Example> train,
                                              std::span<const rnn::Example> test);

}  // namespace ribostep::experiment
