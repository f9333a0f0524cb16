// Features of the baselines. An ambiguity code counts as the mean of its symbols, as for the network.
#include "experiment/baselines.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

#include "experiment/softmax_regression.h"

namespace ribostep::experiment {
namespace {

constexpr std::size_t kMaxTraining = 5000;
constexpr int kMaxPositions = 300;  // up to here every position has weights of its own
constexpr int kEnd = 30;            // otherwise as many at the start and as many at the end
constexpr int kMinEnd = 5;

struct Task {
  const bio::Dataset& data;
  std::vector<int> train, train_labels;
  std::span<const int> test;
  int classes;
};

std::size_t index(int i) { return static_cast<std::size_t>(i); }

// Calls f(symbol, share) for the symbols a token stands for.
template <class F>
void for_symbols(const bio::Alphabet& alphabet, int token, F f) {
  if (alphabet.is_symbol(token)) return f(token, 1.0);
  const std::uint32_t bits = alphabet.codes[index(token)].symbols;
  int count = 0;
  for (int k = 0; k < alphabet.size(); ++k) count += static_cast<int>((bits >> k) & 1u);
  for (int k = 0; k < alphabet.size(); ++k)
    if (((bits >> k) & 1u) != 0) f(k, 1.0 / count);
}

// Share of every symbol.
std::vector<double> composition(const bio::Dataset& data, int record) {
  const bio::Alphabet& alphabet = data.alphabet();
  std::vector<double> counts(index(alphabet.size()), 0.0);
  for (const std::uint8_t token : data.tokens(record))
    for_symbols(alphabet, token, [&](int symbol, double share) { counts[index(symbol)] += share; });
  for (double& count : counts) count /= std::max(data.length(record), 1);
  return counts;
}

// Share of every word of `length` plain symbols; words with an ambiguity code are passed over.
std::vector<double> words(const bio::Dataset& data, int record, int length) {
  const bio::Alphabet& alphabet = data.alphabet();
  std::size_t size = 1;
  for (int k = 0; k < length; ++k) size *= index(alphabet.size());
  std::vector<double> counts(size, 0.0);
  const auto tokens = data.tokens(record);
  std::size_t word = 0, run = 0;
  double total = 0.0;
  for (const std::uint8_t token : tokens) {
    run = alphabet.is_symbol(token) ? run + 1 : 0;
    word = run == 0 ? 0 : (word * index(alphabet.size()) + token) % size;
    if (run < index(length)) continue;
    counts[word] += 1.0;
    total += 1.0;
  }
  for (double& count : counts) count /= std::max(total, 1.0);
  return counts;
}

SparseRow positions(const bio::Dataset& data, int record, int start, int end) {
  const bio::Alphabet& alphabet = data.alphabet();
  const auto tokens = data.tokens(record);
  SparseRow row;
  const auto add = [&](int slot, std::size_t position) {
    for_symbols(alphabet, tokens[position],
                [&](int symbol, double share) { row.emplace_back(slot * alphabet.size() + symbol, share); });
  };
  for (int i = 0; i < start; ++i) add(i, index(i));
  for (int i = 0; i < end; ++i) add(start + i, tokens.size() - index(end) + index(i));
  return row;
}

BaselineResult not_applicable(std::string name, std::string why) {
  return {std::move(name), false, std::move(why), {}};
}

BaselineResult majority(const Task& task) {
  std::vector<int> counts(index(task.classes), 0);
  for (const int label : task.train_labels) ++counts[index(label)];
  const auto best = static_cast<int>(std::max_element(counts.begin(), counts.end()) - counts.begin());
  BaselineResult result{"majority class", true, {}, std::vector<int>(task.test.size(), best)};
  for (std::size_t i = 0; i < task.test.size(); ++i)
    for (const int count : counts)
      result.probabilities.push_back(
          static_cast<float>(count / static_cast<double>(task.train_labels.size())));
  return result;
}

template <class Features>
BaselineResult regression(std::string name, const Task& task, int feature_count, Features features) {
  std::vector<SparseRow> rows;
  rows.reserve(task.train.size());
  for (const int record : task.train) rows.push_back(features(record));
  const SoftmaxRegression model(rows, task.train_labels, feature_count, task.classes);
  BaselineResult result{std::move(name), true, {}, {}};
  for (const int record : task.test) {
    const SparseRow row = features(record);
    result.predicted.push_back(model.predict(row));
    for (const double p : model.probabilities(row)) result.probabilities.push_back(static_cast<float>(p));
  }
  return result;
}

// Regression on shares, each brought to mean 0 and deviation 1 over the training records: a penalty that is
// the same for all weights needs features of one size.
template <class Shares>
BaselineResult on_shares(std::string name, const Task& task, int feature_count, Shares shares) {
  std::vector<double> mean(index(feature_count), 0.0), square(mean), scale(mean);
  for (const int record : task.train) {
    const std::vector<double> x = shares(record);
    for (std::size_t k = 0; k < x.size(); ++k) {
      mean[k] += x[k];
      square[k] += x[k] * x[k];
    }
  }
  const auto n = static_cast<double>(task.train.size());
  for (std::size_t k = 0; k < mean.size(); ++k) {
    mean[k] /= n;
    const double variance = square[k] / n - mean[k] * mean[k];
    scale[k] = variance > 1e-12 ? 1.0 / std::sqrt(variance) : 0.0;  // a constant feature says nothing
  }
  return regression(std::move(name), task, feature_count, [&](int record) {
    const std::vector<double> x = shares(record);
    SparseRow row;
    for (std::size_t k = 0; k < x.size(); ++k)
      if (scale[k] > 0.0) row.emplace_back(static_cast<int>(k), (x[k] - mean[k]) * scale[k]);
    return row;
  });
}

// Of a series: mean and standard deviation of each value over its positions.
std::vector<double> mean_and_deviation(const bio::Dataset& data, int record) {
  const std::size_t channels = index(data.channels());
  std::vector<double> result(2 * channels, 0.0);
  const auto values = data.values(record);
  const double n = std::max(1, data.length(record));
  for (std::size_t i = 0; i < values.size(); ++i) result[i % channels] += static_cast<double>(values[i]) / n;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double from_mean = static_cast<double>(values[i]) - result[i % channels];
    result[channels + i % channels] += from_mean * from_mean / n;
  }
  for (std::size_t c = channels; c < result.size(); ++c) result[c] = std::sqrt(result[c]);
  return result;
}

BaselineResult positional(const Task& task) {
  const char* const name = "positional logistic regression";
  int shortest = std::numeric_limits<int>::max(), longest = 0;
  for (const std::span<const int> records : {std::span<const int>(task.train), task.test})
    for (const int record : records) {
      shortest = std::min(shortest, task.data.length(record));
      longest = std::max(longest, task.data.length(record));
    }
  const bool aligned = shortest == longest && longest <= kMaxPositions;
  const int start = aligned ? longest : std::min(kEnd, shortest), end = aligned ? 0 : start;
  if (start < (aligned ? 1 : kMinEnd))
    return not_applicable(name, "sequences differ in length and some are very short");
  return regression(name, task, (start + end) * task.data.alphabet().size(),
                    [&](int record) { return positions(task.data, record, start, end); });
}

}  // namespace

std::vector<BaselineResult> run_baselines(const bio::Dataset& data, const bio::Labels& labels,
                                          std::span<const int> train, std::span<const int> test) {
  Task task{data, {}, {}, test, static_cast<int>(labels.classes.size())};
  std::vector<int> labelled;
  for (const int record : train)
    if (index(record) < labels.of_record.size() && labels.of_record[index(record)] >= 0)
      labelled.push_back(record);
  const std::size_t used = std::min(labelled.size(), kMaxTraining);
  for (std::size_t i = 0; i < used; ++i) task.train.push_back(labelled[i * labelled.size() / used]);
  for (const int record : task.train) task.train_labels.push_back(labels.of_record[index(record)]);

  const bool series = data.alphabet().is_series();
  const int symbols = data.alphabet().size();
  const int word = data.alphabet().is_nucleic() ? 3 : 2;  // 8000 words of three residues are too many to fit
  const std::string word_name = std::to_string(word) + "-mers";
  if (task.train.empty() || task.classes < 1) {
    std::vector<BaselineResult> none;
    for (const std::string& name :
         series ? std::vector<std::string>{"majority class", "mean and deviation of each value"}
                : std::vector<std::string>{"majority class", "composition", word_name,
                                           "positional logistic regression"})
      none.push_back(not_applicable(name, "no labelled sequence to learn from"));
    return none;
  }
  if (series)
    return {majority(task), on_shares("mean and deviation of each value", task, 2 * data.channels(),
                                      [&](int record) { return mean_and_deviation(data, record); })};
  const int word_count = word == 3 ? symbols * symbols * symbols : symbols * symbols;
  return {majority(task),
          on_shares("composition", task, symbols, [&](int record) { return composition(data, record); }),
          on_shares(word_name, task, word_count, [&](int record) { return words(data, record, word); }),
          positional(task)};
}

}  // namespace ribostep::experiment
