// What needs no memory: the largest class, the composition, words of three letters, and one weight per letter
// and position. A network has learned something only when it beats these on the same records.
#pragma once
#include <span>
#include <string>
#include <vector>

#include "bio/dataset.h"

namespace ribostep::experiment {

struct BaselineResult {
  std::string name;  // "majority class", "composition", "3-mers" (proteins: "2-mers"), "positional logistic
                     // regression"; series: "majority class", "mean and deviation of each value"
  bool applicable = true;
  std::string why_not;         // when not applicable
  std::vector<int> predicted;  // class of every record of `test`, in its order; empty when not applicable
  std::vector<float> probabilities{};  // [test][classes]
};

// Fitted on `train` (records without a label are skipped; of more than 5000, 5000 evenly spaced ones are
// used), asked about `test`. Always the same results in the same order; the same bits on every platform.
std::vector<BaselineResult> run_baselines(const bio::Dataset& data, const bio::Labels& labels,
                                          std::span<const int> train, std::span<const int> test);

}  // namespace ribostep::experiment
