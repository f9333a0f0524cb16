// Ranks and counts; nothing here decides the bits of training.
#include "experiment/metrics.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <string_view>

#include "rnn/math.h"

namespace ribostep::experiment {
namespace {

std::size_t index(int i) { return static_cast<std::size_t>(i); }

struct Margins {
  std::vector<double> truth, predicted;
  double all = 0, right = 0;

  explicit Margins(const Confusion& c) : truth(index(c.classes)), predicted(index(c.classes)) {
    for (int i = 0; i < c.classes; ++i)
      for (int j = 0; j < c.classes; ++j) {
        const double count = c.at(i, j);
        truth[index(i)] += count;
        predicted[index(j)] += count;
        all += count;
        if (i == j) right += count;
      }
  }
};

int occurring(const std::vector<double>& counts) {
  return static_cast<int>(std::count_if(counts.begin(), counts.end(), [](double n) { return n > 0; }));
}

struct Scored {
  float score;
  bool positive;
};

// Rows that are scored, highest first, as "class k or not". Empty when a probability is not a number.
std::vector<Scored> ranked(std::span<const int> truth, std::span<const float> probabilities, int classes,
                           int k) {
  std::vector<Scored> rows;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    if (truth[i] < 0 || truth[i] >= classes) continue;
    const float p = probabilities[i * index(classes) + index(k)];
    if (std::isnan(p)) return {};
    rows.push_back({p, truth[i] == k});
  }
  std::sort(rows.begin(), rows.end(), [](const Scored& a, const Scored& b) { return a.score > b.score; });
  return rows;
}

// Calls f(members, others) for each run of equal scores, highest first.
template <class F>
void each_tie(const std::vector<Scored>& rows, F f) {
  for (std::size_t at = 0; at < rows.size();) {
    double members = 0, others = 0;
    const float score = rows[at].score;
    for (; at < rows.size() && rows[at].score == score; ++at) (rows[at].positive ? members : others) += 1;
    f(members, others);
  }
}

std::optional<double> binary_auroc(const std::vector<Scored>& rows) {
  double members = 0, others = 0, pairs = 0;  // pairs: (member, other) with the member above
  each_tie(rows, [&](double m, double o) {
    pairs += o * (members + m / 2);
    members += m;
    others += o;
  });
  if (members == 0 || others == 0) return std::nullopt;
  return pairs / (members * others);
}

std::optional<double> binary_auprc(const std::vector<Scored>& rows) {
  double all = 0, members = 0, seen = 0, area = 0;
  for (const Scored& row : rows) all += row.positive ? 1 : 0;
  if (all == 0 || all == static_cast<double>(rows.size())) return std::nullopt;
  each_tie(rows, [&](double m, double o) {
    members += m;
    seen += m + o;
    area += m / all * (members / seen);
  });
  return area;
}

bool fits(std::span<const int> truth, std::span<const float> probabilities, int classes) {
  return classes > 0 && !truth.empty() && probabilities.size() == truth.size() * index(classes);
}

template <class Binary>
std::optional<double> one_against_rest(std::span<const int> truth, std::span<const float> probabilities,
                                       int classes, Binary binary) {
  double sum = 0;
  int defined = 0;
  for (int k = 0; k < classes; ++k)
    if (const auto value = binary(ranked(truth, probabilities, classes, k))) {
      sum += *value;
      ++defined;
    }
  if (defined == 0) return std::nullopt;
  return sum / defined;
}

bool says_not(std::string_view name) {
  std::string lower;
  for (const char c : name) lower += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  constexpr std::string_view kStarts[] = {"non",        "not",        "neg",     "shuffle",
                                          "background", "intergenic", "control", "random"};
  constexpr std::string_view kWords[] = {"-", "0", "n", "no", "none", "false", "other", "rest"};
  return std::any_of(std::begin(kStarts), std::end(kStarts),
                     [&](std::string_view start) { return lower.rfind(start, 0) == 0; }) ||
         std::find(std::begin(kWords), std::end(kWords), lower) != std::end(kWords);
}

}  // namespace

std::optional<double> balanced_accuracy(const Confusion& confusion) {
  const Margins m(confusion);
  const int present = occurring(m.truth);
  if (present < 2) return std::nullopt;
  double sum = 0;
  for (int k = 0; k < confusion.classes; ++k)
    if (m.truth[index(k)] > 0) sum += confusion.at(k, k) / m.truth[index(k)];
  return sum / present;
}

std::optional<double> matthews(const Confusion& confusion) {
  const Margins m(confusion);
  if (occurring(m.truth) < 2 || occurring(m.predicted) < 2) return std::nullopt;
  double covariance = m.right * m.all, truth = m.all * m.all, predicted = truth;
  for (std::size_t k = 0; k < m.truth.size(); ++k) {
    covariance -= m.truth[k] * m.predicted[k];
    truth -= m.truth[k] * m.truth[k];
    predicted -= m.predicted[k] * m.predicted[k];
  }
  return std::clamp(covariance / (std::sqrt(truth) * std::sqrt(predicted)), -1.0, 1.0);  // rounding
}

std::optional<double> auroc(std::span<const int> truth, std::span<const float> probabilities, int classes) {
  if (!fits(truth, probabilities, classes) || classes < 2) return std::nullopt;
  if (classes == 2) return binary_auroc(ranked(truth, probabilities, classes, 1));
  return one_against_rest(truth, probabilities, classes, binary_auroc);
}

std::optional<double> auprc(std::span<const int> truth, std::span<const float> probabilities, int classes,
                            int positive) {
  if (!fits(truth, probabilities, classes) || classes < 2) return std::nullopt;
  if (classes == 2) return binary_auprc(ranked(truth, probabilities, classes, positive));
  return one_against_rest(truth, probabilities, classes, binary_auprc);
}

int positive_class(std::span<const std::string> names) {
  return names.size() == 2 && says_not(names[1]) && !says_not(names[0]) ? 0 : 1;
}

Metrics measure(const std::vector<int>& truth, const std::vector<int>& predicted,
                std::span<const float> probabilities, int classes, int positive) {
  Metrics metrics;
  const Confusion table = confusion(truth, predicted, classes);
  metrics.balanced_accuracy = balanced_accuracy(table);
  metrics.matthews = matthews(table);
  if (!fits(truth, probabilities, classes)) return metrics;
  metrics.auroc = auroc(truth, probabilities, classes);
  metrics.auprc = auprc(truth, probabilities, classes, positive);
  double loss = 0;
  int scored = 0;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    if (truth[i] < 0 || truth[i] >= classes) continue;
    // A probability that a float rounds to 0 would make the mean infinite.
    constexpr float kLeast = 1e-37f;
    const float p = std::max(probabilities[i * index(classes) + index(truth[i])], kLeast);
    loss -= rnn::log_of(static_cast<double>(p));
    ++scored;
  }
  if (scored > 0) metrics.loss = loss / scored;
  return metrics;
}

double perplexity(double loss) { return rnn::exp_of(loss); }
double bits_per_symbol(double loss) { return loss * 1.44269504088896340736; }

}  // namespace ribostep::experiment
