// How much each letter contributes to an output, by five methods, and whether the contributions add up to the
// difference they are meant to explain. In double, in slices; interventions on states play no part.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rnn/bptt.h"

namespace ribostep::experiment {

// Mutagenesis: every letter becomes every other one. Occlusion: it is hidden behind the mean of all letters.
// GradientInput: the gradient at x times x - x0. IntegratedGradients: the mean gradient on the way from x0
// to x (Sundararajan et al. 2017). LeftToRight: x0 becomes x letter by letter from the left.
enum class AttributionMethod : std::uint8_t {
  Mutagenesis,
  Occlusion,
  GradientInput,
  IntegratedGradients,
  LeftToRight
};
// x0: the mean of all letters everywhere; the letters in other orders, or in orders that keep the neighbours
// (bio/shuffle.h). Of a series: each channel's mean; its positions in other orders.
enum class AttributionBaseline : std::uint8_t { Mean, Shuffled, Dinucleotide };
// f: the logit of an output less the mean of the others (of two classes ln p/(1-p)); or its probability. Of
// a predicted vector: the value itself.
enum class AttributionTarget : std::uint8_t { Score, Probability };
inline constexpr int kAttributionMethods = 5, kAttributionBaselines = 3, kAttributionTargets = 2;
const char* name(AttributionMethod);  // "mutagenesis", "occlusion", "gradient", "integrated", "left_to_right"
const char* name(AttributionBaseline);  // "mean", "shuffled", "dinucleotide"
const char* name(AttributionTarget);    // "score", "probability"
const char* label(AttributionMethod);   // what people read
const char* label(AttributionBaseline);
const char* label(AttributionTarget);
const char* question(AttributionMethod);  // what it asks, a sentence
std::optional<AttributionMethod> attribution_method(std::string_view name);
std::optional<AttributionBaseline> attribution_baseline(std::string_view name);
std::optional<AttributionTarget> attribution_target(std::string_view name);

struct AttributionRequest {
  AttributionMethod method = AttributionMethod::Mutagenesis;
  AttributionBaseline baseline = AttributionBaseline::Mean;
  AttributionTarget target = AttributionTarget::Score;
  int output = 0;
  int row = -1;       // step of the first level whose output is explained; -1 for a label per sequence
  int window = 1;     // Occlusion: letters hidden at a time
  int shuffles = 10;  // baselines that are averaged over, where they are shuffled
  std::uint64_t seed = 1;
  bool operator==(const AttributionRequest&) const = default;
};
inline constexpr int kFirstPathSteps = 64, kMostPathSteps = 4096;
inline constexpr int kMostOccluded = 1000, kMostShuffles = 100;

struct Attribution {
  AttributionRequest request;
  int symbols = 0;       // D
  int reach = 0;         // letters [0, reach) can influence the output, the others are 0
  int done = 0;          // letters known so far (mutagenesis, occlusion; left-to-right of the first baseline)
  double f = 0, f0 = 0;  // of the sequence, and of the baseline (the mean over several)
  double sum = 0;        // of `letters`
  double residual = 0;   // sum - (f - f0)
  int steps = 0;         // on the path, of integrated gradients
  int baselines = 1;
  bool adds_up = false;  // the method means to: integrated gradients, left-to-right
  bool trusted = true;   // and does, to 1 % of f - f0, or to a millionth of all that was added and subtracted
  std::vector<double> letters;  // [L] contribution; mutagenesis: f(x) less the mean over its substitutions
  std::vector<double> effects;  // mutagenesis: [L][D] f(mutant) - f(x), 0 for the letter itself; NaN: not yet
  std::string note;             // how a step of several letters was split among them
  double tolerance() const;     // of the residual
};
// "sum 3.2104, f(x) - f(x0) = 3.2101, residual 0.01 % (256 steps)"
std::string completeness_words(const Attribution& attribution);
// Pearson's r of the contributions; 0 where one of them does not vary.
double correlation(std::span<const double> a, std::span<const double> b);

// Why this cannot be asked of a network and an example, and what to do; empty when it can.
std::string attribution_obstacle(const rnn::ModelSpec& spec, const rnn::TokenTable& table,
                                 const rnn::Example& example, const AttributionRequest& request);

// Steps of the first level that the output of `row` can depend on: [0, n) of `steps`. All, where something is
// read backwards, round a circle, or for a label per sequence.
int steps_that_matter(const rnn::ModelSpec& spec, int steps, int row);

// f of logits [K], and its derivatives by them (optional, [K]).
double explained(const rnn::ModelSpec& spec, const AttributionRequest& request,
                 std::span<const double> logits, std::span<double> d_logits = {});

class AttributionBuilder {
 public:
  // Copies what it needs; without an attribution_obstacle().
  AttributionBuilder(const rnn::Network& net, std::span<const float> parameters, const rnn::TokenTable& table,
                     const rnn::Example& example, const AttributionRequest& request);
  ~AttributionBuilder();
  AttributionBuilder(AttributionBuilder&&) noexcept;
  bool run();  // a slice of about 2,000 steps of the network; true: finished
  double progress() const;
  std::string words() const;         // what it is at
  const Attribution& found() const;  // so far; sum, residual and trust once it is finished
 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ribostep::experiment
