// Traces: the bits of training, in any slices, and sums that explain each step.
#include <doctest/doctest.h>

#include <cmath>

#include "rnn/math.h"
#include "rnn/trace.h"
#include "rnn_samples.h"

using namespace rnn_samples;

TEST_CASE("rnn trace: the prediction is the one evaluation makes, bit for bit") {
  const Samples samples({1, 2, 13, 40}, 11);
  for (const ModelSpec& s : all_specs(6)) {
    const Network net = make_network(s);
    const auto p = weights<float>(net, 12);
    Bptt<float> bptt(net, table());
    for (const Example& example : samples.examples) {
      const Trace t = trace(net, p, table(), example.tokens);
      REQUIRE(t.length == static_cast<int>(example.tokens.size()));
      std::vector<float> want;
      double loss = 0;
      const BatchResult result = bptt.evaluate(p, {&example, 1}, &want);
      if (s.task == Task::SequenceLabel) {
        CHECK_MESSAGE(t.final_probabilities == want, describe(s));
        for (int k = 0; k < t.outputs; ++k) CHECK(t.p(t.length - 1, k) == want[static_cast<std::size_t>(k)]);
        continue;
      }
      // Position by position the loss of the trace is the loss of training.
      for (int at = 0; at < t.length; ++at) {
        const int cls = target(s, example, at);
        if (cls < 0) continue;
        const float* z = &t.logits[static_cast<std::size_t>(at * t.outputs)];
        float max = z[0], sum = 0;
        for (int k = 1; k < t.outputs; ++k) max = std::fmax(max, z[k]);
        for (int k = 0; k < t.outputs; ++k) sum += exp_of(z[k] - max);
        loss += static_cast<double>(log_of(sum) - (z[cls] - max));
      }
      CHECK_MESSAGE(loss == result.loss, describe(s));
    }
  }
}

TEST_CASE("rnn trace: row t of one direction is the prediction as if the sequence ended there") {
  const Samples samples({17}, 13);
  for (const ReadoutKind readout : {kReadouts[0], kReadouts[1], kReadouts[2]})
    for (const CellKind cell : kCells) {
      const Network net = make_network(spec(cell, 5, 2, Directions::Forward, readout));
      const auto p = weights<float>(net, 14);
      const Trace whole = trace(net, p, table(), samples.tokens[0]);
      for (std::size_t t = 1; t <= samples.tokens[0].size(); ++t) {
        const Trace prefix = trace(net, p, table(), std::span(samples.tokens[0]).first(t));
        for (int k = 0; k < 3; ++k)
          CHECK(whole.p(static_cast<int>(t) - 1, k) ==
                prefix.final_probabilities[static_cast<std::size_t>(k)]);
      }
    }
}

TEST_CASE("rnn trace: every row of two directions is the finished sequence's prediction") {
  const Samples samples({9}, 15);
  for (const ReadoutKind readout : {kReadouts[0], kReadouts[1], kReadouts[2]}) {
    const Network net = make_network(spec(CellKind::Gru, 5, 1, Directions::Both, readout));
    const Trace t = trace(net, weights<float>(net, 16), table(), samples.tokens[0]);
    for (int at = 0; at < 9; ++at)
      for (int k = 0; k < 3; ++k) CHECK(t.p(at, k) == t.final_probabilities[static_cast<std::size_t>(k)]);
  }
}

TEST_CASE("rnn trace: slices do not show, and progress only grows") {
  const Samples samples({57}, 17);
  for (const ModelSpec& s : all_specs(4)) {
    const Network net = make_network(s);
    const auto p = weights<float>(net, 18);
    const Trace whole = trace(net, p, table(), samples.tokens[0]);
    TraceBuilder builder(net, p, table(), samples.tokens[0]);
    double progress = builder.progress();
    int calls = 0;
    for (bool done = false; !done; ++calls) {
      done = builder.run(5);
      CHECK(builder.progress() >= progress);
      progress = builder.progress();
    }
    CHECK(progress == 1);
    CHECK(calls >= 57 * (static_cast<int>(net.layers.size()) + 1) / 5);
    const Trace sliced = builder.take();
    CHECK(sliced.probabilities == whole.probabilities);
    CHECK(sliced.final_probabilities == whole.final_probabilities);
    for (std::size_t i = 0; i < whole.layers.size(); ++i) {
      CHECK(sliced.layers[i].gates == whole.layers[i].gates);
      CHECK(sliced.layers[i].states == whole.layers[i].states);
      CHECK(sliced.layers[i].cells == whole.layers[i].cells);
      CHECK(sliced.layers[i].recurrent_n == whole.layers[i].recurrent_n);
    }
  }
}

TEST_CASE("rnn trace: the terms of a step add up to its gates and states") {
  const Samples samples({11}, 19);
  const auto& tokens = samples.tokens[0];
  for (const CellKind cell : kCells) {
    const Network net = make_network(spec(cell, 5, 2, Directions::Both, kReadouts[1]));
    const auto p = weights<float>(net, 20);
    const Trace tr = trace(net, p, table(), tokens);
    for (int layer = 0; layer < 4; ++layer)
      for (int t = 0; t < 11; ++t) {
        const StepTerms s = step_terms(net, p, table(), tokens, tr, layer, t);
        const LayerTrace& lt = tr.layers[static_cast<std::size_t>(layer)];
        CHECK(s.predecessor == (layer % 2 == 0 ? t - 1 : t + 1 < 11 ? t + 1 : -1));
        for (int g = 0; g < lt.gate_count; ++g)
          for (int j = 0; j < 5; ++j) {
            const auto row = static_cast<std::size_t>(g * 5 + j);
            const float a = s.pre_activation[row];
            // The pre-activation is the very number the gate was made from.
            const float gate = gates(cell)[static_cast<std::size_t>(g)].squashed_to_01 ? sigmoid_of(a)
                               : cell == CellKind::ElmanRelu                           ? std::fmax(0.0f, a)
                                                                                       : tanh_of(a);
            CHECK(lt.gate(t, g, j) == gate);
            const bool apart = cell == CellKind::Gru && g == 2;
            const float r = apart ? lt.gate(t, 0, j) : 1.0f;
            const float sum =
                s.input_term[row] + s.bias_input[row] + r * (s.recurrent_term[row] + s.bias_recurrent[row]);
            CHECK(sum == doctest::Approx(a).epsilon(1e-5));  // another order of the same sums
            if (apart)
              CHECK(lt.recurrent_n[static_cast<std::size_t>(t * lt.stride + j)] ==
                    doctest::Approx(s.recurrent_term[row] + s.bias_recurrent[row]).epsilon(1e-5));
          }
        for (int j = 0; j < 5; ++j) {
          const auto unit = static_cast<std::size_t>(j);
          float h = lt.gate(t, 0, j);
          if (cell == CellKind::Lstm) {
            const float c = lt.gate(t, 1, j) * s.c_previous[unit] + lt.gate(t, 0, j) * lt.gate(t, 2, j);
            CHECK(lt.c(t, j) == c);
            h = lt.gate(t, 3, j) * tanh_of(c);
          } else if (cell == CellKind::Gru) {
            h = lt.gate(t, 2, j) + lt.gate(t, 1, j) * (s.h_previous[unit] - lt.gate(t, 2, j));
          }
          CHECK(lt.h(t, j) == h);
        }
      }
  }
}

TEST_CASE("rnn trace: its size is told before it is made") {
  const Samples samples({100}, 21);
  for (const ModelSpec& s : all_specs(6)) {
    const Network net = make_network(s);
    const Trace t = trace(net, weights<float>(net, 1), table(), samples.tokens[0]);
    std::size_t floats = t.probabilities.size() + t.logits.size();
    for (const LayerTrace& layer : t.layers)
      floats += layer.gates.size() + layer.states.size() + layer.cells.size() + layer.recurrent_n.size();
    CHECK_MESSAGE(trace_bytes(net, 100) == floats * sizeof(float), describe(s));
  }
}
