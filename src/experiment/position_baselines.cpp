#include "experiment/position_baselines.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "experiment/metrics.h"
#include "rnn/math.h"

namespace ribostep::experiment {
namespace {

using rnn::Example;
using rnn::ModelSpec;

constexpr int kMaxOrder = 3;
constexpr int kMaxCounts = 10'000;  // of the table of the longest context: 4^4, 20^3, 64^2

std::size_t index(int i) { return static_cast<std::size_t>(i); }

// f(example, step, target) for every scored step.
template <class F>
void each_target(const ModelSpec& spec, std::span<const Example> examples, F f) {
  for (const Example& one : examples) {
    const int count = rnn::steps(spec, one);
    for (int t = 0; t < count; ++t)
      if (const int k = rnn::target(spec, one, t); k >= 0) f(one, t, k);
  }
}

int largest(std::span<const std::int64_t> counts) {
  return static_cast<int>(std::max_element(counts.begin(), counts.end()) - counts.begin());
}

// Log of the probability of class k, counts plus one (Laplace's rule: what was never seen is not impossible).
double log_share(std::span<const std::int64_t> counts, int k) {
  double all = static_cast<double>(counts.size());
  for (const std::int64_t n : counts) all += static_cast<double>(n);
  return rnn::log_of((static_cast<double>(counts[index(k)]) + 1) / all);
}

BaselineScore from_confusion(std::string name, const Confusion& table) {
  BaselineScore score{std::move(name), true, {}, 0, 0, {}, {}};
  for (int i = 0; i < table.classes; ++i)
    for (int j = 0; j < table.classes; ++j) {
      score.n += table.at(i, j);
      score.correct += i == j ? table.at(i, j) : 0;
    }
  score.interval = wilson(score.correct, score.n);
  score.metrics.balanced_accuracy = balanced_accuracy(table);
  score.metrics.matthews = matthews(table);
  return score;
}

// The class each letter has most often; `letters` 1: whatever stands there.
BaselineScore by_letter(std::string name, const ModelSpec& spec, int letters, std::span<const Example> train,
                        std::span<const Example> test) {
  const std::size_t classes = index(spec.outputs());
  std::vector<std::int64_t> counts(index(letters) * classes), all(classes);
  const int per_step = spec.letters_per_step();
  const auto row = [&](const Example& one, int t) {
    return letters > 1 ? index(one.tokens[index(t * per_step + per_step / 2)]) : std::size_t{0};
  };
  each_target(spec, train, [&](const Example& one, int t, int k) {
    ++counts[row(one, t) * classes + index(k)];
    ++all[index(k)];
  });
  Confusion table{static_cast<int>(classes), std::vector<int>(classes * classes)};
  double loss = 0;
  each_target(spec, test, [&](const Example& one, int t, int k) {
    const auto seen = std::span(counts).subspan(row(one, t) * classes, classes);
    const bool unknown = std::all_of(seen.begin(), seen.end(), [](std::int64_t n) { return n == 0; });
    const auto known = unknown ? std::span<const std::int64_t>(all) : seen;
    ++table.counts[index(k) * classes + index(largest(known))];
    loss -= log_share(known, k);
  });
  BaselineScore score = from_confusion(std::move(name), table);
  if (score.n > 0) score.metrics.loss = loss / score.n;
  return score;
}

// Counts of the next symbol behind every context of up to `order` symbols. A context that is cut short by the
// start or by an ambiguity code is as long as what is known.
class MarkovChain {
 public:
  MarkovChain(const ModelSpec& spec, int order) : spec_(spec), symbols_(spec.outputs()) {
    std::size_t rows = 1;
    for (int o = 0; o <= order; ++o, rows *= index(symbols_)) counts_.emplace_back(rows * index(symbols_));
  }
  void learn(std::span<const Example> train) {
    each_context(train, [&](std::span<const std::size_t> contexts, int next) {
      for (std::size_t o = 0; o < contexts.size(); ++o)
        ++counts_[o][contexts[o] * index(symbols_) + index(next)];
    });
  }
  BaselineScore score(std::string name, std::span<const Example> test) const {
    BaselineScore result{std::move(name), true, {}, 0, 0, {}, {}};
    double loss = 0;
    each_context(test, [&](std::span<const std::size_t> contexts, int next) {
      const auto seen =
          std::span(counts_[contexts.size() - 1]).subspan(contexts.back() * index(symbols_), index(symbols_));
      loss -= log_share(seen, next);
      ++result.n;
      result.correct += largest(seen) == next;
    });
    result.interval = wilson(result.correct, result.n);
    if (result.n > 0) result.metrics.loss = loss / result.n;
    return result;
  }

 private:
  // f(row of the table of order 0, 1, ... as far as known, next symbol)
  template <class F>
  void each_context(std::span<const Example> examples, F f) const {
    std::vector<std::size_t> contexts;
    for (const Example& one : examples) {
      const int count = rnn::steps(spec_, one);
      for (int t = 0; t < count; ++t) {
        const int next = rnn::target(spec_, one, t);
        if (next < 0) continue;
        contexts.assign(1, 0);
        std::size_t row = 0, place = 1;
        for (std::size_t back = 1; back < counts_.size() && t >= static_cast<int>(back); ++back) {
          const int symbol = rnn::target(spec_, one, t - static_cast<int>(back));
          if (symbol < 0) break;
          row += index(symbol) * place;
          place *= index(symbols_);
          contexts.push_back(row);
        }
        f(std::span<const std::size_t>(contexts), next);
      }
    }
  }

  const ModelSpec& spec_;
  int symbols_;
  std::vector<std::vector<std::int64_t>> counts_;  // by order: [contexts][symbols]
};

int markov_order(int symbols) {
  int order = 0;
  for (int counts = symbols * symbols; order < kMaxOrder && counts <= kMaxCounts; counts *= symbols) ++order;
  return order;
}

// Vector t of a series, as the channels lie in Example::values.
std::span<const float> vector_at(const ModelSpec& spec, const Example& one, int t) {
  return one.values.subspan(index(t) * index(spec.channels), index(spec.channels));
}

BaselineScore vector_score(
    std::string name, const ModelSpec& spec, std::span<const Example> test,
    const std::function<double(const Example&, int t, std::size_t channel)>& prediction) {
  BaselineScore score{std::move(name), true, {}, 0, 0, {}, {}};
  double sum = 0;
  each_target(spec, test, [&](const Example& one, int t, int) {
    const auto next = vector_at(spec, one, t + 1);
    double square = 0;
    for (std::size_t c = 0; c < next.size(); ++c) {
      const double error = static_cast<double>(next[c]) - prediction(one, t, c);
      square += error * error;
    }
    sum += square / static_cast<double>(next.size());
    ++score.n;
  });
  if (score.n > 0) score.metrics.loss = sum / score.n;
  return score;
}

std::vector<BaselineScore> vector_baselines(const ModelSpec& spec, std::span<const Example> train,
                                            std::span<const Example> test) {
  std::vector<double> mean(index(spec.channels));
  double n = 0;
  each_target(spec, train, [&](const Example& one, int t, int) {
    const auto next = vector_at(spec, one, t + 1);
    for (std::size_t c = 0; c < next.size(); ++c) mean[c] += static_cast<double>(next[c]);
    n += 1;
  });
  for (double& m : mean) m /= n > 0 ? n : 1;
  return {vector_score("mean of each value", spec, test,
                       [&](const Example&, int, std::size_t c) { return mean[c]; }),
          vector_score("repeats the last value", spec, test, [&](const Example& one, int t, std::size_t c) {
            return static_cast<double>(vector_at(spec, one, t)[c]);
          })};
}

}  // namespace

std::vector<BaselineScore> position_baselines(const ModelSpec& spec, std::span<const Example> train,
                                              std::span<const Example> test) {
  if (spec.task == rnn::Task::SequenceLabel) return {};
  if (spec.task == rnn::Task::NextVector) return vector_baselines(spec, train, test);
  if (spec.task == rnn::Task::NextSymbol) {
    const int order = markov_order(spec.outputs());
    MarkovChain frequencies(spec, 0), chain(spec, order);
    frequencies.learn(train);
    chain.learn(train);
    const std::string unit = spec.input == rnn::Input::Codons ? "codon" : "letter";
    return {frequencies.score(unit + " frequencies", test),
            chain.score("Markov chain of order " + std::to_string(order), test)};
  }
  std::vector<BaselineScore> scores{by_letter("majority class", spec, 1, train, test)};
  if (spec.input != rnn::Input::Values) scores.push_back(by_letter("letter alone", spec, 256, train, test));
  return scores;
}

}  // namespace ribostep::experiment
