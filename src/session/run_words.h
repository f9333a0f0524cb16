// Runs beside each other in words: the settings in which they differ, read from the tables of the document's
// fields, so that a new setting is told of by itself.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "io/project.h"

namespace ribostep::session {

// What makes a run, by reference.
struct RunRecipe {
  const rnn::ModelSpec* model = nullptr;
  const rnn::TrainConfig* train = nullptr;
  std::uint64_t seed = 1;
  std::span<const rnn::SettingChange> changes;
  bool from_start = true;
};
RunRecipe recipe_of(const io::KeptRun& run);
RunRecipe recipe_of(const io::Project& project);

// One setting and what each run has for it, in their order.
struct SettingDifference {
  std::string label;
  std::vector<std::string> values;
};
// Only settings in which not all are alike.
std::vector<SettingDifference> setting_differences(std::span<const RunRecipe> runs);
// "learning rate 0.01 / 0.003, hidden units 16 / 8"; "the same settings".
std::string difference_words(std::span<const RunRecipe> runs);
// What `run` has where it differs from `from`: "learning rate 0.003, hidden units 8"; "the same settings".
std::string difference_from(const RunRecipe& run, const RunRecipe& from);
// "learning rate" for "learning_rate".
std::string setting_name(const std::string& key);

// A number as people write it: at most `digits` of them.
std::string short_number(double value, int digits = 4);

// `count` of `points` at even distances, with the first and the last.
std::vector<io::RunPoint> thinned(std::span<const io::RunPoint> points, std::size_t count);

}  // namespace ribostep::session
