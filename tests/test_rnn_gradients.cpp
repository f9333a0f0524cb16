// Gradients: against finite differences for everything that can be chosen, in any grouping the same.
#include <doctest/doctest.h>

#include <cmath>

#include "rnn_samples.h"

using namespace rnn_samples;

TEST_CASE("rnn gradients: every weight of every model agrees with finite differences") {
  // Ambiguity codes and length 1 included. Weights are drawn with this seed so that no ReLU and no maximum
  // changes its side within the step: a kink would show as an error of order 1.
  const Samples samples({3, 7, 7, 1, 5}, 5);
  double worst = 0;
  for (const ModelSpec& s : all_specs(5)) {
    const Network net = make_network(s);
    const GradientCheck check = check_gradients(net, table(), weights<double>(net, 3), samples.examples);
    // The difference of two losses of order 10 is good to 1e-15 * 10; over a step of 1e-4 and relative to the
    // smallest denominator, 1e-6 of the largest gradient, that is of order 1e-5.
    CHECK_MESSAGE(check.worst < 1e-4, describe(s)
                                          << ": " << check.worst << " at weight " << check.worst_parameter);
    CHECK(check.checked == static_cast<int>(net.parameter_count));
    worst = std::fmax(worst, check.worst);
  }
  CHECK(worst > 0);  // a check that compares nothing would report 0
}

TEST_CASE("rnn gradients: the check notices a slope that is not there") {
  // With all weights 0 every ReLU sits on its kink: the difference quotient sees half of a slope, BPTT none.
  const Samples samples({6, 4}, 6);
  const Network net = make_network(spec(CellKind::ElmanRelu, 4, 1, Directions::Forward, kReadouts[0]));
  std::vector<double> p(net.parameter_count);
  const auto readout = view(net, std::span<double>(p), net.readout_weight);
  for (int k = 0; k < 3; ++k) readout(k, 0) = k;
  const GradientCheck check = check_gradients(net, table(), p, samples.examples);
  CHECK(check.worst > 0.5);
  CHECK(check.worst_parameter < static_cast<int>(net.tensors[4].offset));
}

TEST_CASE("rnn gradients: the gradient scales and adds to what is there") {
  const Samples samples({6, 4, 9}, 7);
  const Network net = make_network(spec(CellKind::Lstm, 6, 2, Directions::Both, kReadouts[2]));
  const auto p = weights<double>(net, 3);
  std::vector<double> once(net.parameter_count), twice(net.parameter_count), half(net.parameter_count);
  Bptt<double> bptt(net, table());
  bptt.accumulate(p, samples.examples, 1.0, once);
  bptt.accumulate(p, samples.examples, 1.0, twice);
  bptt.accumulate(p, samples.examples, 1.0, twice);
  bptt.accumulate(p, samples.examples, 0.5, half);
  for (std::size_t i = 0; i < once.size(); ++i) {
    CHECK(twice[i] == once[i] + once[i]);
    // Halving is exact but for terms that fall below what is flushed to zero.
    CHECK(half[i] == doctest::Approx(once[i] / 2).epsilon(1e-12));
  }
}

TEST_CASE("rnn gradients: of a batch they are the sum over its sequences") {
  const Samples samples({6, 4, 9, 9, 1, 13}, 8);
  for (const ModelSpec& s : all_specs(3)) {
    const Network net = make_network(s);
    const auto p = weights<double>(net, 9);
    std::vector<double> together(net.parameter_count), alone(net.parameter_count);
    Bptt<double> bptt(net, table());
    bptt.accumulate(p, samples.examples, 1.0, together);
    for (const Example& example : samples.examples) bptt.accumulate(p, {&example, 1}, 1.0, alone);
    double worst = 0, largest = 0;
    for (std::size_t i = 0; i < alone.size(); ++i) {
      worst = std::fmax(worst, std::fabs(together[i] - alone[i]));
      largest = std::fmax(largest, std::fabs(alone[i]));
    }
    CHECK_MESSAGE(worst <= 1e-12 * largest, describe(s));  // order of summation only
  }
}

TEST_CASE("rnn gradients: who computes a shard, and when, does not show") {
  std::vector<int> lengths;
  for (int i = 0; i < 18; ++i) lengths.push_back(3 + i % 7);
  const Samples samples(lengths, 9);
  const auto parts = shards(18);
  REQUIRE(parts.size() == 4);
  for (const ModelSpec& s : all_specs(6)) {
    const Network net = make_network(s);
    const auto p = weights<float>(net, 10);
    const std::span<const Example> all(samples.examples);
    const auto part = [&](const Shard& shard) {
      return all.subspan(static_cast<std::size_t>(shard.begin),
                         static_cast<std::size_t>(shard.end - shard.begin));
    };
    // One worker, straight into the total, as the trainer does it.
    std::vector<float> total(net.parameter_count);
    Bptt<float> single(net, table());
    for (const Shard& shard : parts) single.accumulate(p, part(shard), 0.25f, total);
    // Two workers, the last shard first, each shard into its own buffer.
    Bptt<float> first(net, table()), second(net, table());
    std::vector<std::vector<float>> own(4, std::vector<float>(net.parameter_count));
    for (const std::size_t i : {3u, 1u, 0u, 2u})
      (i % 2 ? first : second).accumulate(p, part(parts[i]), 0.25f, own[i]);
    std::vector<float> sum(net.parameter_count);
    for (const auto& buffer : own)
      for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += buffer[i];
    CHECK_MESSAGE(sum == total, describe(s));
  }
}

TEST_CASE("rnn gradients: shards cover a batch in order, four rows or more each where possible") {
  for (int n = 1; n <= 70; ++n) {
    const auto parts = shards(n);
    CHECK(parts.size() <= static_cast<std::size_t>(kMaxShards));
    int next = 0;
    for (const Shard& shard : parts) {
      CHECK(shard.begin == next);
      CHECK(shard.end > shard.begin);
      if (n >= 4) CHECK(shard.end - shard.begin >= 4);
      next = shard.end;
    }
    CHECK(next == n);
  }
}

TEST_CASE("rnn gradients: vanishing gradients become zero, not subnormal") {
  // A long ReLU network with small weights and the loss at its end: dL/dh shrinks by about 0.1 a step.
  std::vector<std::uint8_t> tokens(200, 1);
  ModelSpec s = spec(CellKind::ElmanRelu, 4, 1, Directions::Forward, kReadouts[0]);
  const Network net = make_network(s);
  std::vector<float> p(net.parameter_count, 0.1f), gradients(net.parameter_count);
  const Example example{tokens, 1, {}};
  Bptt<float>(net, table()).accumulate(p, {&example, 1}, 1e-19f, gradients);
  int zero = 0, tiny = 0;
  for (const float g : gradients) {
    zero += g == 0;
    tiny += g != 0 && std::fabs(g) < 1e-37f;
  }
  CHECK(tiny == 0);
  CHECK(zero < static_cast<int>(gradients.size()));
}
