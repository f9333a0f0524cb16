#include "experiment/prepare.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace ribostep::experiment {
namespace {

// Fewer records than this cannot be split record by record without luck deciding the result.
constexpr int kFewRecords = 5;

void add_windows(std::vector<rnn::Example>& out, const rnn::Example& whole, int window, std::size_t begin,
                 std::size_t end) {
  const std::size_t width = window > 0 ? static_cast<std::size_t>(window) : end - begin;
  for (std::size_t from = begin; from < end; from += width) {
    const std::size_t size = std::min(width, end - from);
    if (size < 2) break;  // nothing to predict in a single letter
    rnn::Example part = whole;
    part.tokens = whole.tokens.subspan(from, size);
    if (!whole.position_labels.empty()) part.position_labels = whole.position_labels.subspan(from, size);
    out.push_back(part);
  }
}

}  // namespace

std::span<const std::uint8_t> Prepared::position_labels_of(int record) const {
  if (position_labels.empty()) return {};
  const auto tokens = data->tokens(record);
  const auto offset = static_cast<std::size_t>(tokens.data() - data->tokens(0).data());
  return std::span<const std::uint8_t>(position_labels).subspan(offset, tokens.size());
}

std::vector<std::string> Prepared::output_names(rnn::Task task) const {
  switch (task) {
    case rnn::Task::SequenceLabel:
      return labels.classes;
    case rnn::Task::PositionLabel:
      return positions.names;
    case rnn::Task::NextSymbol:
      break;
  }
  std::vector<std::string> names;
  for (const char letter : data->alphabet().symbols) names.emplace_back(1, letter);
  return names;
}

int Prepared::classes(rnn::Task task) const { return static_cast<int>(output_names(task).size()); }

std::string Prepared::obstacle(rnn::Task task) const {
  if (!data || data->empty()) return "there are no sequences yet: paste some, or choose an example";
  if (task == rnn::Task::SequenceLabel && labels.classes.empty())
    return "no sequence has a label: choose another label rule, or the task \"next letter\"";
  if (task == rnn::Task::SequenceLabel && labels.classes.size() == 1)
    return "all labelled sequences are \"" + labels.classes[0] +
           "\": make negatives by shuffling, or paste another class";
  if (task == rnn::Task::PositionLabel && positions.names.size() < 2)
    return "no label per position: load a table with an annotation column, or choose another task";
  if (task != rnn::Task::NextSymbol && classes(task) > rnn::kMaxClasses)
    return "there are " + std::to_string(classes(task)) + " classes, and a network here tells at most " +
           std::to_string(rnn::kMaxClasses) + " apart: choose another label rule, or another task";
  if (task == rnn::Task::NextSymbol) {
    for (int i = 0; i < data->size(); ++i)
      if (data->length(i) >= 2) return {};
    return "every sequence is shorter than two letters: there is no next letter to predict";
  }
  return {};
}

rnn::TokenTable token_table(const bio::Alphabet& alphabet) {
  rnn::TokenTable table;
  table.symbols = alphabet.size();
  for (const bio::Code& code : alphabet.codes) table.masks.push_back(code.symbols);
  return table;
}

Prepared prepare(bio::DatasetPtr data, bio::LabelRule rule) {
  Prepared result;
  result.data = std::move(data);
  const bio::Dataset& set = *result.data;
  result.labels = bio::derive_labels(set, rule);
  result.positions = bio::position_classes(set);
  result.table = token_table(set.alphabet());
  if (!result.positions.names.empty()) {
    result.position_labels.reserve(set.total_length());
    for (int i = 0; i < set.size(); ++i) {
      const std::string_view annotation = set.annotation(i);
      for (std::size_t t = 0; t < set.tokens(i).size(); ++t)
        result.position_labels.push_back(
            annotation.empty() ? rnn::kNoClass
                               : result.positions.of_character[static_cast<unsigned char>(annotation[t])]);
    }
  }
  return result;
}

rnn::Task suggested_task(const Prepared& prepared) {
  for (const rnn::Task task : {rnn::Task::SequenceLabel, rnn::Task::PositionLabel})
    if (prepared.obstacle(task).empty()) return task;
  return rnn::Task::NextSymbol;
}

rnn::ModelSpec fitted(rnn::ModelSpec spec, const Prepared& prepared) {
  if (!prepared.obstacle(spec.task).empty()) spec.task = suggested_task(prepared);
  spec.symbols = prepared.data->alphabet().size();
  // A readout needs two classes to exist at all; with fewer, training is refused with the obstacle's
  // sentence.
  spec.classes = std::max(2, prepared.classes(spec.task));
  if (spec.task == rnn::Task::NextSymbol) spec.directions = rnn::Directions::Forward;
  return spec;
}

rnn::Example example(const Prepared& prepared, int record) {
  rnn::Example result;
  result.tokens = prepared.data->tokens(record);
  result.label = prepared.labels.of_record[static_cast<std::size_t>(record)];
  result.position_labels = prepared.position_labels_of(record);
  return result;
}

Material training_material(const Prepared& prepared, const rnn::ModelSpec& spec,
                           const rnn::TrainConfig& config, std::uint64_t seed) {
  Material material;
  material.training.table = prepared.table;
  const bool whole_label = spec.task == rnn::Task::SequenceLabel;
  const int window = whole_label ? 0 : config.window;
  const int records = prepared.data->size();
  material.by_window = !whole_label && records < kFewRecords;
  if (material.by_window) {
    for (int i = 0; i < records; ++i) {
      const rnn::Example whole = example(prepared, i);
      const std::size_t length = whole.tokens.size();
      const std::size_t width = window > 0 ? static_cast<std::size_t>(window) : length;
      const std::size_t windows = (length + width - 1) / std::max<std::size_t>(width, 1);
      const auto held_out =
          static_cast<std::size_t>(std::floor(static_cast<double>(windows) * config.validation_fraction));
      const std::size_t cut = std::min(length, (windows - held_out) * width);
      add_windows(material.training.train, whole, window, 0, cut);
      add_windows(material.training.validation, whole, window, cut, length);
      material.split.train.push_back(i);
    }
    return material;
  }
  material.split = bio::split_train_validation(*prepared.data, prepared.labels, whole_label,
                                               config.validation_fraction, seed);
  const auto fill = [&](const std::vector<int>& from, std::vector<rnn::Example>& to) {
    for (const int i : from) {
      const rnn::Example whole = example(prepared, i);
      if (whole.tokens.empty()) continue;
      if (whole_label)
        to.push_back(whole);
      else
        add_windows(to, whole, window, 0, whole.tokens.size());
    }
  };
  fill(material.split.train, material.training.train);
  fill(material.split.validation, material.training.validation);
  return material;
}

}  // namespace ribostep::experiment
