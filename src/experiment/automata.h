// There and back: a network learns a language whose machine is known, a machine is got out of the network,
// and the two are compared exactly. The recipe is one for all cells and languages.
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "bio/dataset.h"
#include "motif/extract.h"
#include "motif/languages.h"
#include "rnn/spec.h"

namespace ribostep::experiment {

// The class of every prefix is learned: that shows the network each state on each string, and strings of 40
// letters teach it to stay there.
inline constexpr int kRecipeRecords = 1000, kRecipeLongest = 40;
motif::SampleOptions recipe_data(std::uint64_t seed);
// On top of what a model and its training are by default.
rnn::ModelSpec recipe_model(rnn::CellKind cell);
rnn::TrainConfig recipe_training();
// Training may end before its last epoch once training and validation set were right for five epochs and the
// loss is below this: to be right is not enough, for a state that is just on its side of the border leaves it
// on longer strings.
inline constexpr double kRecipeLoss = 0.0003;
inline constexpr int kRecipeRight = 5;

struct LearnedMachine {
  rnn::ModelSpec model;
  std::vector<float> parameters;
  int epochs = 0;
  std::int64_t train_correct = 0, train_items = 0, validation_correct = 0, validation_items = 0;
  motif::Extraction questions, clusters;  // by L*, by clusters
  // The shortest string on which each differs from the true machine; none: the same language.
  std::optional<motif::Word> questions_differ, clusters_differ;
};
// From data to comparison. `seed` is of the strings, the weights and the order of training. The empty string,
// which no data set can hold, is told to the extraction.
LearnedMachine learn_and_extract(const motif::Dfa& machine, bio::AlphabetKind alphabet, rnn::CellKind cell,
                                 std::uint64_t seed);

}  // namespace ribostep::experiment
