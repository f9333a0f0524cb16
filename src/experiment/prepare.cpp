#include "experiment/prepare.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace ribostep::experiment {
namespace {

// Fewer records than this cannot be split record by record without luck deciding the result.
constexpr int kFewRecords = 5;

std::size_t letters_per_step(const rnn::ModelSpec& spec) {
  return static_cast<std::size_t>(spec.letters_per_step());
}

void add_windows(std::vector<rnn::Example>& out, const rnn::Example& whole, const rnn::ModelSpec& spec,
                 int window, std::size_t begin, std::size_t end) {
  const std::size_t channels = whole.tokens.empty() ? 0 : whole.values.size() / whole.tokens.size();
  const std::size_t shortest = 2 * letters_per_step(spec);  // nothing to predict in a single step
  const std::size_t width = window > 0 ? static_cast<std::size_t>(window) : end - begin;
  for (std::size_t from = begin; from < end; from += width) {
    const std::size_t size = std::min(width, end - from);
    if (size < shortest) break;
    rnn::Example part = whole;
    part.tokens = whole.tokens.subspan(from, size);
    if (!whole.position_labels.empty()) part.position_labels = whole.position_labels.subspan(from, size);
    if (!whole.values.empty()) part.values = whole.values.subspan(from * channels, size * channels);
    out.push_back(part);
  }
}

// The window as it is used: of whole codons, and two steps at least. A circle stays whole: the ends of a
// piece of it are no neighbours.
int window_of(const rnn::ModelSpec& spec, const rnn::TrainConfig& config) {
  const int step = spec.letters_per_step();
  if (spec.circular != rnn::Circular::Linear) return 0;
  return config.window > 0 ? std::max(config.window / step, 2) * step : 0;
}

bool splits_by_window(const Prepared& prepared, const rnn::ModelSpec& spec) {
  return spec.task != rnn::Task::SequenceLabel && prepared.data->size() < kFewRecords;
}

int longest(const bio::Dataset& data) {
  int length = 0;
  for (int i = 0; i < data.size(); ++i) length = std::max(length, data.length(i));
  return length;
}

}  // namespace

std::span<const double> CovariateRows::row(const std::vector<bio::Covariate>& covariates,
                                           const std::vector<bio::CovariateColumn>& columns,
                                           const std::vector<std::string>& names, int records, int record) {
  auto at = matrices_.find(names);
  if (at == matrices_.end()) {
    at = matrices_.emplace(names, std::vector<double>()).first;
    std::vector<const std::vector<double>*> chosen;
    for (const std::string& name : names) {
      chosen.push_back(nullptr);
      for (std::size_t k = 0; k < covariates.size(); ++k)
        if (covariates[k].name == name && covariates[k].numeric) chosen.back() = &columns[k].number;
    }
    at->second.reserve(static_cast<std::size_t>(records) * names.size());
    for (std::size_t i = 0; i < static_cast<std::size_t>(records); ++i)
      for (const std::vector<double>* column : chosen)
        at->second.push_back(column != nullptr ? (*column)[i] : std::numeric_limits<double>::quiet_NaN());
  }
  return std::span<const double>(at->second)
      .subspan(static_cast<std::size_t>(record) * names.size(), names.size());
}

int Prepared::covariate(const std::string& name) const {
  for (std::size_t k = 0; k < covariates.size(); ++k)
    if (covariates[k].name == name) return static_cast<int>(k);
  return -1;
}

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
    case rnn::Task::NextVector:
      return data->channel_names();
    case rnn::Task::NextSymbol:
      break;
  }
  std::vector<std::string> names;
  if (data->alphabet().is_series()) return names;
  for (const char letter : data->alphabet().symbols) names.emplace_back(1, letter);
  return names;
}

std::vector<std::string> Prepared::output_names(const rnn::ModelSpec& spec) const {
  const std::vector<std::string> letters = output_names(spec.task);
  if (spec.task != rnn::Task::NextSymbol || spec.input != rnn::Input::Codons) return letters;
  std::vector<std::string> codons;  // as the tokens are numbered: the last letter runs fastest
  for (const std::string& a : letters)
    for (const std::string& b : letters)
      for (const std::string& c : letters) codons.push_back(a + b + c);
  return codons;
}

int Prepared::classes(rnn::Task task) const { return static_cast<int>(output_names(task).size()); }

std::string Prepared::obstacle(rnn::Task task) const {
  if (!data || data->empty()) return "there are no sequences yet: paste some, or choose an example";
  const bool series = data->alphabet().is_series();
  const std::string one = series ? "series" : "sequence";
  const std::string next = series ? "the task \"next vector\"" : "the task \"next letter\"";
  if (task == rnn::Task::SequenceLabel && labels.classes.empty())
    return "no " + one + " has a label: choose another label rule, or " + next;
  if (task == rnn::Task::SequenceLabel && labels.classes.size() == 1)
    return "all labelled " + (series ? one : "sequences") + " are \"" + labels.classes[0] +
           "\": make negatives by shuffling, or paste another class";
  if (task == rnn::Task::PositionLabel && positions.names.size() < 2)
    return "no label per position: load a table with an annotation column, or choose another task";
  if (task == rnn::Task::NextSymbol && series)
    return "a series has numbers and no letters to predict: choose " + next;
  if (task == rnn::Task::NextVector && !series)
    return "sequences of letters have no values to predict: choose " + next + ", or load a table of numbers";
  const bool label = task == rnn::Task::SequenceLabel || task == rnn::Task::PositionLabel;
  if (label && classes(task) > rnn::kMaxClasses)
    return "there are " + std::to_string(classes(task)) + " classes, and a network here tells at most " +
           std::to_string(rnn::kMaxClasses) + " apart: choose another label rule, or another task";
  if (!label && longest(*data) < 2)
    return series ? "every series is shorter than two positions: there is no next vector to predict"
                  : "every sequence is shorter than two letters: there is no next letter to predict";
  return {};
}

std::string Prepared::obstacle(const rnn::ModelSpec& spec) const {
  if (std::string why = obstacle(spec.task); !why.empty()) return why;
  if (spec.input != rnn::Input::Codons) return {};
  const bool next = spec.task == rnn::Task::NextSymbol;
  if (longest(*data) >= (next ? 6 : 3)) return {};
  return std::string("every sequence is shorter than ") +
         (next ? "two codons: there is no next codon to predict" : "one codon: there is nothing to read") +
         ". Choose letters as input";
}

rnn::TokenTable token_table(const bio::Alphabet& alphabet) {
  rnn::TokenTable table;
  if (alphabet.is_series()) return table;
  table.symbols = alphabet.size();
  for (const bio::Code& code : alphabet.codes) table.masks.push_back(code.symbols);
  if (alphabet.is_nucleic())
    for (int token = 0; token < alphabet.code_count(); ++token)
      table.complement.push_back(static_cast<std::uint8_t>(alphabet.complement(token)));
  return table;
}

Prepared prepare(bio::DatasetPtr data, bio::LabelRule rule) {
  Prepared result;
  result.data = std::move(data);
  const bio::Dataset& set = *result.data;
  result.labels = bio::derive_labels(set, rule);
  result.positions = bio::position_classes(set);
  result.table = token_table(set.alphabet());
  result.covariates = bio::find_covariates(set);
  result.covariate_columns = bio::read_covariates(set, result.covariates);
  result.covariate_rows = std::make_shared<CovariateRows>();
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

rnn::Example example(const Prepared& prepared, const rnn::ModelSpec& spec, int record) {
  const auto at = static_cast<std::size_t>(record);
  rnn::Example result;
  result.tokens = prepared.data->tokens(record);
  result.label = prepared.labels.of_record[at];
  result.position_labels = prepared.position_labels_of(record);
  result.values = prepared.data->values(record);
  if (spec.initial == rnn::InitialState::ByClass && spec.covariates.size() == 1) {
    const int covariate = prepared.covariate(spec.covariates[0]);
    if (covariate >= 0)
      result.covariate_class = prepared.covariate_columns[static_cast<std::size_t>(covariate)].level[at];
    if (result.covariate_class >= spec.covariate_classes) result.covariate_class = -1;
  }
  if (spec.initial == rnn::InitialState::Encoder && prepared.covariate_rows)
    result.covariates = prepared.covariate_rows->row(prepared.covariates, prepared.covariate_columns,
                                                     spec.covariates, prepared.data->size(), record);
  return result;
}

bio::Split split_of(const Prepared& prepared, const rnn::ModelSpec& spec, const rnn::TrainConfig& config,
                    std::uint64_t seed) {
  const bool whole_label = spec.task == rnn::Task::SequenceLabel;
  if (!splits_by_window(prepared, spec))
    return bio::split_train_validation(*prepared.data, prepared.labels, whole_label,
                                       config.validation_fraction, seed);
  bio::Split split;
  for (int i = 0; i < prepared.data->size(); ++i) split.train.push_back(i);
  return split;
}

Material training_material(const Prepared& prepared, const rnn::ModelSpec& spec,
                           const rnn::TrainConfig& config, std::uint64_t seed) {
  Material material;
  material.training.table = prepared.table;
  material.split = split_of(prepared, spec, config, seed);
  const bool whole_label = spec.task == rnn::Task::SequenceLabel;
  const int window = whole_label ? 0 : window_of(spec, config);
  material.by_window = splits_by_window(prepared, spec);
  if (material.by_window) {
    for (const int i : material.split.train) {
      const rnn::Example whole = example(prepared, spec, i);
      const std::size_t length = whole.tokens.size();
      const std::size_t width = window > 0 ? static_cast<std::size_t>(window) : length;
      const std::size_t windows = (length + width - 1) / std::max<std::size_t>(width, 1);
      const auto held_out =
          static_cast<std::size_t>(std::floor(static_cast<double>(windows) * config.validation_fraction));
      const std::size_t cut = std::min(length, (windows - held_out) * width);
      add_windows(material.training.train, whole, spec, window, 0, cut);
      add_windows(material.training.validation, whole, spec, window, cut, length);
    }
    return material;
  }
  const auto fill = [&](const std::vector<int>& from, std::vector<rnn::Example>& to) {
    for (const int i : from) {
      const rnn::Example whole = example(prepared, spec, i);
      if (whole.tokens.size() < letters_per_step(spec)) continue;
      if (whole_label)
        to.push_back(whole);
      else
        add_windows(to, whole, spec, window, 0, whole.tokens.size());
    }
  };
  fill(material.split.train, material.training.train);
  fill(material.split.validation, material.training.validation);
  return material;
}

}  // namespace ribostep::experiment
