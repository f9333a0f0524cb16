// What attribution is called, what it asks, and what cannot be asked.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "experiment/attribution.h"

namespace ribostep::experiment {
namespace {

constexpr std::array<const char*, kAttributionMethods> kMethods{"mutagenesis", "occlusion", "gradient",
                                                                "integrated", "left_to_right"};
constexpr std::array<const char*, kAttributionMethods> kMethodLabels{
    "In-silico mutagenesis", "Occlusion", "Gradient x input", "Integrated gradients", "Left-to-right"};
constexpr std::array<const char*, kAttributionMethods> kQuestions{
    "What if this letter were another one? Each substitution is predicted anew.",
    "What if this letter could not be read? It is hidden behind the mean of all letters.",
    "Which way would the output move if the letter changed a little? A straight line through the sequence.",
    "The same slope, averaged on the way from the baseline to the sequence, so that the parts add up.",
    "What does each letter change when the baseline becomes the sequence from left to right? Adds up "
    "exactly; "
    "another order gives other shares."};
constexpr std::array<const char*, kAttributionBaselines> kBaselines{"mean", "shuffled", "dinucleotide"};
constexpr std::array<const char*, kAttributionBaselines> kBaselineLabels{"mean letter", "shuffled",
                                                                         "dinucleotide-shuffled"};
constexpr std::array<const char*, kAttributionTargets> kTargets{"score", "probability"};
constexpr std::array<const char*, kAttributionTargets> kTargetLabels{"score (log-odds)", "probability"};

template <class E, std::size_t N>
std::optional<E> named(const std::array<const char*, N>& names, std::string_view text) {
  for (std::size_t i = 0; i < N; ++i)
    if (text == names[i]) return static_cast<E>(i);
  return std::nullopt;
}

bool gradients(AttributionMethod method) {
  return method == AttributionMethod::GradientInput || method == AttributionMethod::IntegratedGradients;
}

}  // namespace

const char* name(AttributionMethod m) { return kMethods[static_cast<std::size_t>(m)]; }
const char* name(AttributionBaseline b) { return kBaselines[static_cast<std::size_t>(b)]; }
const char* name(AttributionTarget t) { return kTargets[static_cast<std::size_t>(t)]; }
const char* label(AttributionMethod m) { return kMethodLabels[static_cast<std::size_t>(m)]; }
const char* label(AttributionBaseline b) { return kBaselineLabels[static_cast<std::size_t>(b)]; }
const char* label(AttributionTarget t) { return kTargetLabels[static_cast<std::size_t>(t)]; }
const char* question(AttributionMethod m) { return kQuestions[static_cast<std::size_t>(m)]; }
std::optional<AttributionMethod> attribution_method(std::string_view text) {
  return named<AttributionMethod>(kMethods, text);
}
std::optional<AttributionBaseline> attribution_baseline(std::string_view text) {
  return named<AttributionBaseline>(kBaselines, text);
}
std::optional<AttributionTarget> attribution_target(std::string_view text) {
  return named<AttributionTarget>(kTargets, text);
}

double Attribution::tolerance() const {
  double all = 0;
  for (const double x : letters) all += std::fabs(x);
  return std::max({0.01 * std::fabs(f - f0), 1e-6 * all, 1e-12});
}

std::string completeness_words(const Attribution& a) {
  std::array<char, 200> text{};
  std::snprintf(text.data(), text.size(), "sum %.4f, f(x) - f(x0) = %.4f, residual ", a.sum, a.f - a.f0);
  std::string words = text.data();
  const double difference = std::fabs(a.f - a.f0), share = 100 * std::fabs(a.residual) / difference;
  // Shares of next to nothing say nothing.
  if (difference > 1e-9 && share < 9999.5)
    std::snprintf(text.data(), text.size(), share != 0 && share < 0.01 ? "%.1e %%" : "%.2f %%", share);
  else
    std::snprintf(text.data(), text.size(), "%.1e", a.residual);
  words += text.data();
  if (a.steps > 0) words += " (" + std::to_string(a.steps) + " steps)";
  if (a.baselines > 1) words += ", mean over " + std::to_string(a.baselines) + " baselines";
  return words;
}

double correlation(std::span<const double> a, std::span<const double> b) {
  const std::size_t n = std::min(a.size(), b.size());
  double mean_a = 0, mean_b = 0, aa = 0, bb = 0, ab = 0;
  for (std::size_t i = 0; i < n; ++i) mean_a += a[i], mean_b += b[i];
  mean_a /= static_cast<double>(std::max<std::size_t>(1, n));
  mean_b /= static_cast<double>(std::max<std::size_t>(1, n));
  for (std::size_t i = 0; i < n; ++i) {
    aa += (a[i] - mean_a) * (a[i] - mean_a);
    bb += (b[i] - mean_b) * (b[i] - mean_b);
    ab += (a[i] - mean_a) * (b[i] - mean_b);
  }
  return aa > 0 && bb > 0 ? ab / std::sqrt(aa * bb) : 0;
}

std::string attribution_obstacle(const rnn::ModelSpec& spec, const rnn::TokenTable& table,
                                 const rnn::Example& example, const AttributionRequest& request) {
  const bool series = spec.input == rnn::Input::Values;
  const int steps = rnn::steps(spec, example);
  if (steps == 0) return "the sequence is too short to be read: choose another one";
  if (request.output < 0 || request.output >= spec.outputs())
    return "there is no such output: choose one from 1 to " + std::to_string(spec.outputs());
  if (spec.task != rnn::Task::SequenceLabel && (request.row < 0 || request.row >= steps))
    return "this network says something at every position: step to the one whose output is to be explained";
  if (spec.task == rnn::Task::NextVector && request.target == AttributionTarget::Probability)
    return "a predicted value has no probability: choose its score, which is the value itself";
  if (request.method == AttributionMethod::Mutagenesis && series)
    return "a series of values has no letters to substitute: choose occlusion, left-to-right or a gradient";
  if (request.baseline == AttributionBaseline::Dinucleotide && series)
    return "a series of values has no dinucleotides: choose the baseline \"mean\" or \"shuffled\"";
  if (series) return {};
  const std::uint32_t any = table.symbols >= 32 ? ~0u : (1u << table.symbols) - 1;
  const bool mean =
      request.baseline == AttributionBaseline::Mean || request.method == AttributionMethod::Occlusion;
  if (mean && std::find(table.masks.begin(), table.masks.end(), any) == table.masks.end())
    return "this alphabet has no code for any letter: choose a shuffled baseline, or mutagenesis";
  if (gradients(request.method) && spec.token_kinds() > rnn::kMaxSymbols)
    return "too many kinds of tokens for gradients: choose mutagenesis, occlusion or left-to-right";
  return {};
}

double explained(const rnn::ModelSpec& spec, const AttributionRequest& request,
                 std::span<const double> logits, std::span<double> d_logits) {
  const auto k = static_cast<std::size_t>(request.output);
  const std::size_t n = logits.size();
  if (spec.task == rnn::Task::NextVector || n == 1) {
    std::fill(d_logits.begin(), d_logits.end(), 0.0);
    if (!d_logits.empty()) d_logits[k] = 1;
    return logits[k];
  }
  if (request.target == AttributionTarget::Score) {
    const double others = static_cast<double>(n - 1);
    double sum = 0;
    for (std::size_t j = 0; j < n; ++j) {
      if (j != k) sum += logits[j];
      if (!d_logits.empty()) d_logits[j] = j == k ? 1 : -1 / others;
    }
    return logits[k] - sum / others;
  }
  const double largest = *std::max_element(logits.begin(), logits.end());
  double sum = 0;
  for (const double z : logits) sum += std::exp(z - largest);
  const double p = std::exp(logits[k] - largest) / sum;
  for (std::size_t j = 0; j < d_logits.size(); ++j)
    d_logits[j] = p * ((j == k ? 1 : 0) - std::exp(logits[j] - largest) / sum);
  return p;
}

}  // namespace ribostep::experiment
