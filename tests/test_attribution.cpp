// Attribution: gradients with respect to what is read, for every kind of network; each method against the
// plainest way to compute it; and that what is said to add up does.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "experiment/attribution.h"
#include "rnn/gemm.h"
#include "rnn/soft_input.h"
#include "rnn/trace.h"
#include "rnn_cover.h"

using namespace rnn_cover;
using namespace ribostep::experiment;
using Method = AttributionMethod;
using Baseline = AttributionBaseline;

namespace {

Attribution attribute(const Network& net, std::span<const float> w, const TokenTable& table,
                      const Example& example, const AttributionRequest& request) {
  REQUIRE(attribution_obstacle(net.spec, table, example, request) == "");
  AttributionBuilder builder(net, w, table, example, request);
  int slices = 0;
  while (!builder.run()) REQUIRE(++slices < 1'000'000);
  CHECK(builder.progress() == 1);
  return builder.found();
}

// f by the trace, which is in float.
double traced(const Network& net, std::span<const float> w, const TokenTable& table, const Example& example,
              const AttributionRequest& request) {
  const Trace t = trace(net, w, table, example);
  const auto k = static_cast<std::size_t>(t.outputs);
  const auto row = static_cast<std::size_t>(request.row < 0 ? t.rows - 1 : request.row);
  std::vector<double> z;
  for (std::size_t j = 0; j < k; ++j) z.push_back(static_cast<double>(t.logits[row * k + j]));
  return explained(net.spec, request, z);
}

struct Model {
  Network net;
  std::vector<float> w;
  explicit Model(const ModelSpec& spec, double size = 0.7) : net(make_network(spec)) {
    for (const double x : dense_weights(net, 3, size)) w.push_back(static_cast<float>(x));
  }
};
ModelSpec plain(CellKind cell = CellKind::Lstm, Task task = Task::SequenceLabel) {
  ModelSpec s;
  s.cell = cell;
  s.hidden = 4;
  s.classes = 3;
  s.task = task;
  return s;
}
const std::vector<std::uint8_t> kLetters{0, 1, 2, 3, 3, 2, 4, 1, 0, 0, 2, 1};  // one of them ambiguous
Example letters() {
  Example e;
  e.tokens = kLetters;
  return e;
}

}  // namespace

TEST_CASE("the soft network says what the network says, and its gradients are those of finite differences") {
  int checked = 0;
  for (const Choices& row : cover().rows) {
    const ModelSpec s = spec_of(row);
    CAPTURE(describe(row));
    const Network net = make_network(s);
    const std::vector<double> dense = dense_weights(net, 5);
    const std::vector<float> w(dense.begin(), dense.end());
    const FullSamples samples({s.input == Input::Codons ? 21 : 7}, 7);
    const TokenTable table = s.input == Input::Values ? TokenTable{} : strand_table();
    const Example& example = samples.examples[0];
    const int count = steps(s, example), at = s.task == Task::SequenceLabel ? 0 : count / 2;
    const SoftNetwork soft = soft_network(net, table, w);
    std::vector<double> x = soft_input(s, table, example);
    const int width = soft.net.spec.channels, k = s.outputs();
    REQUIRE(x.size() == area(count, width));

    const std::vector<double> wide(w.begin(), w.end());
    const std::vector<double> by_letters =
        Bptt<double>(net, table).logits_of(wide, std::span<const Example>(&example, 1), at);
    const std::vector<float> dummy(x.size());
    Example like = example;
    like.tokens = {};
    like.values = dummy;
    Bptt<double> bptt(soft.net, TokenTable{});
    // Any function of the logits will do.
    const auto upstream = [](std::span<const double> z, std::span<double> d) {
      for (std::size_t j = 0; j < z.size(); ++j) d[j] = 1 + static_cast<double>(j) + z[j];
    };
    const auto value = [&](std::span<const double> z) {
      double sum = 0;
      for (std::size_t j = 0; j < z.size(); ++j) sum += (1 + static_cast<double>(j)) * z[j] + z[j] * z[j] / 2;
      return sum;
    };
    const auto same = bptt.score_gradients(soft.parameters, like, x, at, upstream);
    for (int j = 0; j < k; ++j) {
      const auto i = static_cast<std::size_t>(j);
      CHECK(same.logits[i] == doctest::Approx(by_letters[i]).epsilon(1e-9));
    }
    // Between the letters, where no two states are equal and a maximum has no kink.
    Random random(1, 77);
    for (double& v : x) v += 0.3 * random.uniform();
    const auto found = bptt.score_gradients(soft.parameters, like, x, at, upstream);
    double largest = 0;
    for (const double g : found.input_gradients) largest = std::max(largest, std::fabs(g));
    // Along a few directions: single inputs, and all at once. Several go through the network together.
    const double h = 1e-5;
    std::vector<std::vector<double>> directions;
    for (int i = 0; i < 6; ++i) {
      std::vector<double> d(x.size());
      if (i < 5)
        d[random.below(static_cast<std::uint32_t>(d.size()))] = 1;
      else
        for (double& v : d) v = random.symmetric(1);
      directions.push_back(std::move(d));
    }
    std::vector<double> moved;
    for (const std::vector<double>& d : directions)
      for (const double sign : {1.0, -1.0})
        for (std::size_t i = 0; i < x.size(); ++i) moved.push_back(x[i] + sign * h * d[i]);
    const auto around = bptt.score_gradients(soft.parameters, like, moved, at, upstream);
    for (std::size_t n = 0; n < directions.size(); ++n) {
      const auto size = static_cast<std::size_t>(k);
      const auto f = [&](std::size_t i) {
        return value(std::span<const double>(around.logits).subspan(i * size, size));
      };
      const double numeric = (f(2 * n) - f(2 * n + 1)) / (2 * h);
      const double exact =
          std::inner_product(directions[n].begin(), directions[n].end(), found.input_gradients.begin(), 0.0);
      // h^2 of a third derivative, and rounding of f over h.
      CHECK(std::fabs(numeric - exact) <= 1e-6 * std::max({1.0, largest, std::fabs(exact)}));
      ++checked;
    }
  }
  CHECK(checked > 500);
}

TEST_CASE("mutagenesis is each substitution traced by itself") {
  for (const Task task : {Task::SequenceLabel, Task::PositionLabel, Task::NextSymbol})
    for (const Directions directions : {Directions::Forward, Directions::Both, Directions::StrandsTied}) {
      ModelSpec s = plain(CellKind::Gru, task);
      s.directions = directions;
      if (!problem(s).empty()) continue;
      const Model m(s);
      CAPTURE(rnn_samples::describe(s));
      AttributionRequest request;
      request.output = 1;
      request.row = task == Task::SequenceLabel ? -1 : 6;
      const Attribution a = attribute(m.net, m.w, strand_table(), letters(), request);
      REQUIRE(a.effects.size() == kLetters.size() * 4);
      const double f = traced(m.net, m.w, strand_table(), letters(), request);
      CHECK(a.f == doctest::Approx(f).epsilon(1e-5));  // the trace is in float
      for (std::size_t i = 0; i < kLetters.size(); ++i) {
        double sum = 0;
        int others = 0;
        for (std::uint8_t b = 0; b < 4; ++b) {
          std::vector<std::uint8_t> mutant = kLetters;
          mutant[i] = b;
          Example e = letters();
          e.tokens = mutant;
          const double effect = traced(m.net, m.w, strand_table(), e, request) - f;
          CHECK(a.effects[i * 4 + b] == doctest::Approx(effect).epsilon(1e-5).scale(1));
          if (b != kLetters[i]) sum += effect, ++others;
          if (b == kLetters[i]) CHECK(a.effects[i * 4 + b] == 0);
        }
        CHECK(a.letters[i] == doctest::Approx(-sum / others).epsilon(1e-5).scale(1));
      }
      // What is read later is nothing to an earlier output.
      CHECK(a.reach == (request.row >= 0 && directions == Directions::Forward ? 7 : 12));
      CHECK(a.residual == doctest::Approx(a.sum - (a.f - a.f0)));
      CHECK_FALSE(a.adds_up);
    }
}

TEST_CASE("occlusion hides a window behind the mean of all letters") {
  const Model m(plain());
  AttributionRequest request;
  request.method = Method::Occlusion;
  request.window = 3;
  const Attribution a = attribute(m.net, m.w, strand_table(), letters(), request);
  const double f = traced(m.net, m.w, strand_table(), letters(), request);
  for (int i = 0; i < 12; ++i) {
    std::vector<std::uint8_t> hidden = kLetters;
    int count = 0;
    for (int j = std::max(0, i - 1); j <= std::min(11, i + 1); ++j, ++count)
      hidden[static_cast<std::size_t>(j)] = 6;  // N
    Example e = letters();
    e.tokens = hidden;
    const double effect = f - traced(m.net, m.w, strand_table(), e, request);
    CHECK(a.letters[static_cast<std::size_t>(i)] == doctest::Approx(effect / count).epsilon(1e-5).scale(1));
  }
}

TEST_CASE("from left to right adds up to the last bits, with every baseline and for every input") {
  for (const Input input : {Input::Letters, Input::Kmers, Input::Codons, Input::Values})
    for (const Baseline baseline : {Baseline::Mean, Baseline::Shuffled, Baseline::Dinucleotide}) {
      ModelSpec s = plain(CellKind::ElmanTanh);
      s.input = input;
      s.kmer = 2;
      s.channels = input == Input::Values ? 2 : 0;
      if (input == Input::Values && baseline == Baseline::Dinucleotide) continue;
      const Model m(s, 2);
      const FullSamples samples({17}, 3);
      const TokenTable table = input == Input::Values ? TokenTable{} : strand_table();
      AttributionRequest request;
      request.method = Method::LeftToRight;
      request.baseline = baseline;
      const Attribution a = attribute(m.net, m.w, table, samples.examples[0], request);
      CHECK(a.baselines == (baseline == Baseline::Mean ? 1 : 10));
      CHECK(std::fabs(a.sum - (a.f - a.f0)) < 1e-13 * 17 * (1 + std::fabs(a.f) + std::fabs(a.f0)));
      CHECK(a.trusted);
      CHECK(a.adds_up);
      CHECK(a.letters.size() == 17);
      double all = 0;
      for (const double x : a.letters) all += std::fabs(x);
      CHECK(all > 0);
      CHECK(a.f == doctest::Approx(traced(m.net, m.w, table, samples.examples[0], request)).epsilon(1e-5));
    }
}

TEST_CASE("gradient x input is the slope by finite differences") {
  ModelSpec s = plain(CellKind::Lstm, Task::PositionLabel);
  s.directions = Directions::Both;
  const Model m(s);
  AttributionRequest request;
  request.method = Method::GradientInput;
  request.target = AttributionTarget::Probability;
  request.row = 4;
  request.output = 2;
  const Attribution a = attribute(m.net, m.w, strand_table(), letters(), request);
  const SoftNetwork soft = soft_network(m.net, strand_table(), m.w);
  const std::vector<double> x = soft_input(s, strand_table(), letters());
  const std::vector<float> dummy(x.size());
  Example like;
  like.values = dummy;
  Bptt<double> bptt(soft.net, TokenTable{});
  const auto f = [&](const std::vector<double>& at) {
    return explained(s, request,
                     bptt.score_gradients(soft.parameters, like, at, 4, [](auto, auto) {}).logits);
  };
  CHECK(a.f == doctest::Approx(f(x)).epsilon(1e-12));
  for (std::size_t i = 0; i < kLetters.size(); ++i) {
    std::vector<double> more = x, less = x;
    for (std::size_t k = 0; k < 4; ++k) {
      more[i * 4 + k] += 1e-5 * (x[i * 4 + k] - 0.25);
      less[i * 4 + k] -= 1e-5 * (x[i * 4 + k] - 0.25);
    }
    CHECK(a.letters[i] == doctest::Approx((f(more) - f(less)) / 2e-5).epsilon(1e-6).scale(0.01));
  }
}

TEST_CASE("a smooth network of small weights: integrated gradients add up to a millionth") {
  for (const CellKind cell : {CellKind::ElmanTanh, CellKind::Lstm, CellKind::Gru})
    for (const Baseline baseline : {Baseline::Mean, Baseline::Shuffled})
      for (const AttributionTarget target : {AttributionTarget::Score, AttributionTarget::Probability}) {
        ModelSpec s = plain(cell);
        s.pool = Pool::Mean;
        const Model m(s, 0.3);
        AttributionRequest request;
        request.method = Method::IntegratedGradients;
        request.baseline = baseline;
        request.target = target;
        const Attribution a = attribute(m.net, m.w, strand_table(), letters(), request);
        CAPTURE(completeness_words(a));
        CHECK(a.steps == kFirstPathSteps);
        CHECK(std::fabs(a.residual) < 1e-6 * std::fabs(a.f - a.f0));
        CHECK(a.trusted);
        // And the residual is the true one.
        const double sum = std::accumulate(a.letters.begin(), a.letters.end(), 0.0);
        CHECK(a.residual == doctest::Approx(sum - (a.f - a.f0)).epsilon(1e-12));
        CHECK(a.f == doctest::Approx(traced(m.net, m.w, strand_table(), letters(), request)).epsilon(1e-4));
      }
}

TEST_CASE("a rough network: steps are refined, and what does not add up is not trusted") {
  // Weights so large that the units switch: along the path the output jumps.
  int refined = 0, distrusted = 0;
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    ModelSpec s = plain(CellKind::ElmanTanh);
    const Network net = make_network(s);
    const std::vector<double> dense = dense_weights(net, seed, 60);
    const std::vector<float> w(dense.begin(), dense.end());
    AttributionRequest request;
    request.method = Method::IntegratedGradients;
    const Attribution a = attribute(net, w, strand_table(), letters(), request);
    CHECK(a.trusted == (std::fabs(a.residual) <= a.tolerance()));
    CHECK((a.trusted || a.steps == kMostPathSteps));
    CHECK(a.residual == doctest::Approx(a.sum - (a.f - a.f0)));
    refined += a.steps > kFirstPathSteps;
    distrusted += !a.trusted;
  }
  CHECK(refined > 0);
  CHECK(distrusted > 0);
}

TEST_CASE("steps of several letters share what they contribute, and it still adds up") {
  for (const Input input : {Input::Kmers, Input::Codons}) {
    ModelSpec s = plain(CellKind::Gru);
    s.input = input;
    s.kmer = 2;
    s.embedding = 3;
    s.pool = Pool::Mean;
    const Model m(s, 0.4);
    AttributionRequest request;
    request.method = Method::IntegratedGradients;
    const Attribution a = attribute(m.net, m.w, strand_table(), letters(), request);
    CHECK(std::fabs(a.residual) < 1e-6 * std::fabs(a.f - a.f0));
    CHECK(a.note.find("split evenly") != std::string::npos);
  }
}

TEST_CASE("what cannot be asked is refused with what to do") {
  ModelSpec s = plain();
  AttributionRequest request;
  const TokenTable table = strand_table();
  CHECK(attribution_obstacle(s, table, letters(), request).empty());
  request.output = 3;
  CHECK(attribution_obstacle(s, table, letters(), request).find("choose") != std::string::npos);
  request.output = 0;
  CHECK(attribution_obstacle(s, table, Example{}, request).find("too short") != std::string::npos);
  s.task = Task::PositionLabel;
  CHECK(attribution_obstacle(s, table, letters(), request).find("step to") != std::string::npos);
  s = plain();
  s.input = Input::Values;
  s.channels = 2;
  const FullSamples samples({5}, 1);
  CHECK(attribution_obstacle(s, {}, samples.examples[0], request).find("no letters") != std::string::npos);
  request.method = Method::GradientInput;
  CHECK(attribution_obstacle(s, {}, samples.examples[0], request).empty());
  request.baseline = Baseline::Dinucleotide;
  CHECK(attribution_obstacle(s, {}, samples.examples[0], request).find("dinucleotides") != std::string::npos);
  request.baseline = Baseline::Mean;
  s = plain();
  TokenTable bare = table;
  bare.masks.pop_back();
  CHECK(attribution_obstacle(s, bare, letters(), request).find("shuffled") != std::string::npos);
}

TEST_CASE("words and numbers") {
  Attribution a;
  a.f = 3.5;
  a.f0 = 0.2899;
  a.sum = 3.2105;
  a.residual = a.sum - (a.f - a.f0);
  a.steps = 256;
  CHECK(completeness_words(a) == "sum 3.2105, f(x) - f(x0) = 3.2101, residual 0.01 % (256 steps)");
  CHECK(correlation(std::vector<double>{1, 2, 3}, std::vector<double>{2, 4, 6}) == doctest::Approx(1));
  CHECK(correlation(std::vector<double>{1, 2, 3}, std::vector<double>{3, 2, 1}) == doctest::Approx(-1));
  CHECK(correlation(std::vector<double>{1, 1}, std::vector<double>{3, 2}) == 0);
  for (int i = 0; i < kAttributionMethods; ++i)
    CHECK(attribution_method(name(static_cast<Method>(i))) == static_cast<Method>(i));
  for (int i = 0; i < kAttributionBaselines; ++i)
    CHECK(attribution_baseline(name(static_cast<Baseline>(i))) == static_cast<Baseline>(i));
  for (int i = 0; i < kAttributionTargets; ++i)
    CHECK(attribution_target(name(static_cast<AttributionTarget>(i))) == static_cast<AttributionTarget>(i));
  CHECK_FALSE(attribution_method("magic"));
  // Two classes: the score is the log-odds.
  ModelSpec s = plain();
  s.classes = 2;
  AttributionRequest request;
  request.output = 1;
  const std::vector<double> z{0.3, 1.7};
  CHECK(explained(s, request, z) == doctest::Approx(1.4));
}
