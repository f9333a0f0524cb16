// What becomes of a model when it meets data: see fitted() in prepare.h.
#include <algorithm>
#include <cmath>
#include <utility>

#include "experiment/prepare.h"

namespace ribostep::experiment {
namespace {

constexpr double kLargest = 1e30, kSmallest = 1e-30;  // as rnn::problem() has them

struct Moments {
  double mean = 0, deviation = 0;
};

// Of the records that say, in their order.
Moments moments(const std::vector<double>& numbers) {
  Moments result;
  double count = 0;
  for (const double x : numbers)
    if (!std::isnan(x)) result.mean += x, ++count;
  if (count == 0) return result;
  result.mean /= count;
  for (const double x : numbers)
    if (!std::isnan(x)) result.deviation += (x - result.mean) * (x - result.mean);
  result.deviation = std::sqrt(result.deviation / count);
  return result;
}

void forget_covariates(rnn::ModelSpec& spec) {
  spec.covariates.clear();
  spec.covariate_center.clear();
  spec.covariate_scale.clear();
  spec.covariate_classes = 0;
}

bool has_levels(const Prepared& prepared, const std::string& name) {
  const int at = prepared.covariate(name);
  return at >= 0 && !prepared.covariates[static_cast<std::size_t>(at)].levels.empty();
}

bool has_numbers(const Prepared& prepared, const std::string& name) {
  const int at = prepared.covariate(name);
  if (at < 0 || !prepared.covariates[static_cast<std::size_t>(at)].numeric) return false;
  const Moments m = moments(prepared.covariate_columns[static_cast<std::size_t>(at)].number);
  return std::fabs(m.mean) <= kLargest && m.deviation <= kLargest;  // false for overflows too
}

void fit_classes(rnn::ModelSpec& spec, const Prepared& prepared) {
  std::vector<std::string> names = std::move(spec.covariates);
  forget_covariates(spec);
  if (names.empty())  // none was chosen yet: the first that will do
    for (const bio::Covariate& c : prepared.covariates)
      if (names.empty() && !c.levels.empty()) names.push_back(c.name);
  if (names.size() != 1 || !has_levels(prepared, names[0])) {
    spec.initial = rnn::InitialState::Zero;
    return;
  }
  const auto at = static_cast<std::size_t>(prepared.covariate(names[0]));
  spec.covariate_classes = static_cast<int>(prepared.covariates[at].levels.size());
  spec.covariates = std::move(names);
}

void fit_encoder(rnn::ModelSpec& spec, const Prepared& prepared) {
  if (spec.covariates.empty())
    for (const bio::Covariate& c : prepared.covariates)
      if (spec.covariates.empty() && has_numbers(prepared, c.name)) spec.covariates.push_back(c.name);
  const bool keep = spec.covariate_center.size() == spec.covariates.size() &&
                    spec.covariate_scale.size() == spec.covariates.size();
  const rnn::ModelSpec before = spec;
  forget_covariates(spec);
  for (std::size_t k = 0; k < before.covariates.size(); ++k) {
    const std::string& name = before.covariates[k];
    const bool known =
        std::find(spec.covariates.begin(), spec.covariates.end(), name) != spec.covariates.end();
    if (known || spec.covariates.size() == static_cast<std::size_t>(rnn::kMaxCovariates) ||
        !has_numbers(prepared, name))
      continue;
    spec.covariates.push_back(name);
    if (keep) {
      spec.covariate_center.push_back(before.covariate_center[k]);
      spec.covariate_scale.push_back(before.covariate_scale[k]);
      continue;
    }
    const auto at = static_cast<std::size_t>(prepared.covariate(name));
    const Moments m = moments(prepared.covariate_columns[at].number);
    spec.covariate_center.push_back(m.mean);
    spec.covariate_scale.push_back(m.deviation >= kSmallest ? m.deviation : 1);
  }
  if (spec.covariates.empty()) spec.initial = rnn::InitialState::Zero;
}

void fit_initial(rnn::ModelSpec& spec, const Prepared& prepared) {
  if (spec.initial == rnn::InitialState::ByClass) return fit_classes(spec, prepared);
  if (spec.initial == rnn::InitialState::Encoder) return fit_encoder(spec, prepared);
  forget_covariates(spec);
}

void fit_input(rnn::ModelSpec& spec, const Prepared& prepared) {
  const bio::Alphabet& alphabet = prepared.data->alphabet();
  if (alphabet.is_series()) {
    spec.input = rnn::Input::Values;
    spec.symbols = rnn::ModelSpec{}.symbols;  // plays no part
    spec.channels = prepared.data->channels();
    spec.embedding = 0;
  } else {
    if (spec.input == rnn::Input::Values || (spec.input == rnn::Input::Codons && !alphabet.is_nucleic()))
      spec.input = rnn::Input::Letters;
    spec.symbols = alphabet.size();
    spec.channels = 0;
    if (spec.input == rnn::Input::Kmers)
      while (spec.kmer > 1 && spec.token_kinds() > rnn::kMaxSymbols) --spec.kmer;
  }
  const bool strands =
      spec.directions == rnn::Directions::Strands || spec.directions == rnn::Directions::StrandsTied;
  if (strands && !alphabet.is_nucleic()) spec.directions = rnn::Directions::Both;
}

}  // namespace

rnn::Task suggested_task(const Prepared& prepared) {
  for (const rnn::Task task : {rnn::Task::SequenceLabel, rnn::Task::PositionLabel})
    if (prepared.obstacle(task).empty()) return task;
  return prepared.data->alphabet().is_series() ? rnn::Task::NextVector : rnn::Task::NextSymbol;
}

rnn::ModelSpec fitted(rnn::ModelSpec spec, const Prepared& prepared) {
  if (!prepared.obstacle(spec.task).empty()) spec.task = suggested_task(prepared);
  fit_input(spec, prepared);
  fit_initial(spec, prepared);
  // A readout needs two classes to exist at all; with fewer, training is refused with the obstacle's
  // sentence.
  spec.classes = std::clamp(prepared.classes(spec.task), 2, rnn::kMaxClasses);
  if (spec.task == rnn::Task::NextSymbol || spec.task == rnn::Task::NextVector) {
    spec.directions = rnn::Directions::Forward;
    spec.circular = rnn::Circular::Linear;
    spec.window = 0;
  }
  return spec;
}

}  // namespace ribostep::experiment
