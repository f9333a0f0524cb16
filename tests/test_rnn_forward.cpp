// Outputs: against the plain reference, independent of how sequences are batched, and causal where they must
// be.
#include <doctest/doctest.h>

#include "rnn/trace.h"
#include "rnn_reference.h"
#include "rnn_samples.h"

using namespace rnn_samples;

TEST_CASE("rnn forward: every cell, depth, direction and readout agrees with the plain equations") {
  // Lengths 1 and equal ones included; hidden 5 is no whole vector, 8 is.
  const Samples samples({7, 3, 12, 1, 7, 5}, 1);
  for (const int hidden : {1, 5, 8})
    for (const ModelSpec& s : all_specs(hidden)) {
      const Network net = make_network(s);
      const auto p = weights<double>(net, 3);
      const auto single = weights<float>(net, 3);
      std::vector<double> got;
      const BatchResult result = Bptt<double>(net, table()).evaluate(p, samples.examples, &got);
      const BatchResult in_float = Bptt<float>(net, table()).evaluate(single, samples.examples);
      double loss = 0, worst = 0;
      std::size_t next = 0;
      for (const Example& example : samples.examples) {
        const auto want = rnn_reference::forward(net, table(), p, example);
        loss += want.loss;
        if (s.task != Task::SequenceLabel) continue;
        for (const double q : want.probabilities[0]) worst = std::fmax(worst, std::fabs(q - got[next++]));
      }
      // A few dozen roundings of numbers around 1.
      CHECK_MESSAGE(worst < 1e-13, describe(s));
      CHECK_MESSAGE(std::fabs(result.loss - loss) < 1e-12 * static_cast<double>(result.items + 1),
                    describe(s));
      CHECK_MESSAGE(std::fabs(in_float.loss - loss) < 1e-5 * static_cast<double>(result.items + 1),
                    describe(s));
      CHECK(result.items == count_targets(s, samples.examples));
      CHECK(in_float.items == result.items);
    }
}

TEST_CASE("rnn forward: a batch of n gives the bits of n batches of one") {
  const Samples samples({9, 2, 30, 1, 9, 17, 4, 4, 4, 26}, 2);
  for (const ModelSpec& s : all_specs(6)) {
    const Network net = make_network(s);
    const auto p = weights<float>(net, 4);
    Bptt<float> bptt(net, table());
    std::vector<float> together, alone;
    const BatchResult all = bptt.evaluate(p, samples.examples, &together);
    BatchResult sum;
    for (const Example& example : samples.examples) {
      const BatchResult one = bptt.evaluate(p, {&example, 1}, &alone);
      sum.loss += one.loss;
      sum.items += one.items;
      sum.correct += one.correct;
    }
    CHECK_MESSAGE(together == alone, describe(s));
    const std::size_t rows = s.task == Task::SequenceLabel ? 10 : 106;  // sequences, or letters of them all
    CHECK(together.size() == rows * static_cast<std::size_t>(s.outputs()));
    CHECK(all.loss == sum.loss);
    CHECK(all.items == sum.items);
    CHECK(all.correct == sum.correct);
  }
}

TEST_CASE("rnn forward: more examples than one part of an evaluation keep their order") {
  std::vector<int> lengths;
  for (int i = 0; i < 150; ++i) lengths.push_back(1 + (i * 37) % 300);
  const Samples samples(lengths, 3);
  const Network net = make_network(spec(CellKind::Gru, 4, 1, Directions::Both, kReadouts[2]));
  const auto p = weights<float>(net, 5);
  Bptt<float> bptt(net, table());
  std::vector<float> together, alone;
  bptt.evaluate(p, samples.examples, &together);
  for (const Example& example : samples.examples) bptt.evaluate(p, {&example, 1}, &alone);
  CHECK(together == alone);
}

TEST_CASE("rnn forward: a prediction of the next symbol has not seen it") {
  for (const CellKind cell : kCells) {
    const Network net = make_network(spec(cell, 7, 2, Directions::Forward, kReadouts[4]));
    const auto p = weights<float>(net, 6);
    std::vector<std::uint8_t> tokens{0, 1, 2, 3, 0, 1, 2, 3};
    const Trace before = trace(net, p, table(), {tokens});
    tokens[5] = 2;
    const Trace after = trace(net, p, table(), {tokens});
    for (int t = 0; t < 8; ++t) {
      bool same = true;
      for (int k = 0; k < 4; ++k) same = same && before.p(t, k) == after.p(t, k);
      CHECK(same == (t < 5));
    }
  }
}

TEST_CASE("rnn forward: an ambiguity code is the mean of its symbols") {
  // One step of a ReLU cell that copies its input: h = x.
  ModelSpec s = spec(CellKind::ElmanRelu, 4, 1, Directions::Forward, kReadouts[0]);
  s.classes = 4;
  const Network net = make_network(s);
  std::vector<float> p(net.parameter_count, 0.0f);
  const auto w_x = view(net, std::span<float>(p), net.layers[0].w_x);
  for (int k = 0; k < 4; ++k) w_x(k, k) = 1;
  const std::vector<std::uint8_t> r{4}, n{5};
  const Trace purine = trace(net, p, table(), {r}), any = trace(net, p, table(), {n});
  for (int k = 0; k < 4; ++k) {
    CHECK(purine.layers[0].h(0, k) == (k % 2 == 0 ? 0.5f : 0.0f));
    CHECK(any.layers[0].h(0, k) == 0.25f);
  }
}

TEST_CASE("rnn forward: an empty sequence is scored by the bias alone") {
  const Samples samples({0, 3}, 4);
  for (const ReadoutKind& readout : kReadouts) {
    const Network net = make_network(spec(CellKind::Lstm, 3, 2, Directions::Forward, readout));
    const auto p = weights<float>(net, 7);
    std::vector<float> q;
    std::vector<float> gradients(net.parameter_count);
    Bptt<float> bptt(net, table());
    const BatchResult r = bptt.evaluate(p, samples.examples, &q);
    CHECK(std::isfinite(r.loss));
    CHECK(std::isfinite(bptt.accumulate(p, samples.examples, 1.0f, gradients).loss));
    if (readout.task == Task::SequenceLabel) {
      const Trace t = trace(net, p, table(), {samples.tokens[0]});
      CHECK(t.final_probabilities == std::vector<float>(q.begin(), q.begin() + 3));
    }
  }
}
