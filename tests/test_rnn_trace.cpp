// Traces: the bits of training, in any slices, and sums that explain each step.
#include <doctest/doctest.h>

#include <cmath>

#include "rnn/math.h"
#include "rnn/trace.h"
#include "rnn_cover.h"
#include "rnn_samples.h"

using namespace rnn_samples;

TEST_CASE("rnn trace: the prediction is the one evaluation makes, bit for bit") {
  const Samples samples({1, 2, 13, 40}, 11);
  for (const ModelSpec& s : all_specs(6)) {
    const Network net = make_network(s);
    const auto p = weights<float>(net, 12);
    Bptt<float> bptt(net, table());
    for (const Example& example : samples.examples) {
      const Trace t = trace(net, p, table(), example);
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
      const Trace whole = trace(net, p, table(), samples.examples[0]);
      for (std::size_t t = 1; t <= samples.tokens[0].size(); ++t) {
        Example part = samples.examples[0];
        part.tokens = part.tokens.first(t);
        const Trace prefix = trace(net, p, table(), part);
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
    const Trace t = trace(net, weights<float>(net, 16), table(), samples.examples[0]);
    for (int at = 0; at < 9; ++at)
      for (int k = 0; k < 3; ++k) CHECK(t.p(at, k) == t.final_probabilities[static_cast<std::size_t>(k)]);
  }
}

TEST_CASE("rnn trace: slices do not show, and progress only grows") {
  const Samples samples({57}, 17);
  for (const ModelSpec& s : all_specs(4)) {
    const Network net = make_network(s);
    const auto p = weights<float>(net, 18);
    const Trace whole = trace(net, p, table(), samples.examples[0]);
    TraceBuilder builder(net, p, table(), samples.examples[0]);
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

namespace {

float squashed(CellKind cell, int gate, float a) {
  if (gates(cell)[static_cast<std::size_t>(gate)].squashed_to_01) return sigmoid_of(a);
  return cell == CellKind::ElmanRelu ? std::fmax(0.0f, a) : tanh_of(a);
}

// h_t and c_t from the gates of a step, in the order of the kernels.
void check_states(const Layer& layer, const LayerTrace& lt, const StepTerms& s, const std::string& what) {
  const auto gate = [&](char symbol, int j) { return lt.gate(s.t, gate_index(layer.cell, symbol), j); };
  for (int j = 0; j < layer.hidden; ++j) {
    const auto unit = static_cast<std::size_t>(j);
    float h = lt.gate(s.t, 0, j);
    if (is_lstm(layer.cell)) {
      const float f = gate('f', j), i = coupled(layer.cell) ? 1 - f : gate('i', j);
      const float c = f * s.c_previous[unit] + i * gate('g', j);
      CHECK_MESSAGE(lt.c(s.t, j) == c, what);
      h = gate('o', j) * tanh_of(c);
    } else if (layer.cell == CellKind::Gru) {
      h = gate('n', j) + gate('z', j) * (s.h_previous[unit] - gate('n', j));
    }
    CHECK_MESSAGE(lt.h(s.t, j) == h, what);
  }
}

// The named terms of a step add up to what the gates were made from.
void check_sums(const Layer& layer, const LayerTrace& lt, const StepTerms& s, const std::string& what) {
  const int hidden = layer.hidden;
  const bool normal = layer.norm_gain >= 0, peep = layer.peepholes >= 0;
  CHECK(s.normalised.empty() == !normal);
  CHECK(s.peephole_term.empty() == !peep);
  for (int g = 0; g < lt.gate_count; ++g)
    for (int j = 0; j < hidden; ++j) {
      const auto row = static_cast<std::size_t>(g * hidden + j);
      const bool apart = layer.cell == CellKind::Gru && g == 2;
      const float r = apart ? lt.gate(s.t, 0, j) : 1.0f;
      const float sum =
          s.input_term[row] + s.bias_input[row] + r * (s.recurrent_term[row] + s.bias_recurrent[row]);
      // Another order of the same sums of numbers around 1.
      CHECK_MESSAGE(std::fabs(sum - s.pre_activation[row]) < 1e-5, what);
      float total = s.pre_activation[row];
      if (normal) total = s.normalised[row];
      if (normal && apart) total += r * s.normalised[static_cast<std::size_t>(lt.gate_count * hidden + j)];
      if (peep) total += s.peephole_term[row];
      CHECK_MESSAGE(std::fabs(total - s.activated[row]) < 1e-5, what);
      if (!apart) continue;
      const float q = normal ? s.normalised[static_cast<std::size_t>(lt.gate_count * hidden + j)]
                             : s.recurrent_term[row] + s.bias_recurrent[row];
      CHECK_MESSAGE(std::fabs(lt.recurrent_n[static_cast<std::size_t>(s.t * lt.stride + j)] - q) < 1e-5,
                    what);
    }
}

}  // namespace

TEST_CASE("rnn trace: the terms of every step of every architecture give its gates and states bit for bit") {
  int steps_seen = 0;
  for (const rnn_cover::Choices& choices : rnn_cover::cover().rows) {
    const ModelSpec s = rnn_cover::spec_of(choices);
    const std::string what = rnn_cover::describe(choices);
    const FullSamples samples(rnn_cover::lengths(s), 19);
    const Network net = make_network(s);
    const auto wide = dense_weights(net, 20);
    const std::vector<float> p(wide.begin(), wide.end());
    for (const Example& example : samples.examples) {
      const Trace tr = trace(net, p, strand_table(), example);
      for (std::size_t l = 0; l < tr.layers.size(); ++l) {
        const LayerTrace& lt = tr.layers[l];
        const Layer& layer = net.layers[l];
        for (int t = 0; t < lt.steps; ++t, ++steps_seen) {
          const StepTerms terms = step_terms(net, p, strand_table(), example, tr, static_cast<int>(l), t);
          CHECK(terms.predecessor == layer.wiring.predecessor(lt.steps, t));
          // The number the gate was made from, to the bit.
          for (int g = 0; g < lt.gate_count; ++g)
            for (int j = 0; j < s.hidden; ++j)
              CHECK_MESSAGE(
                  lt.gate(t, g, j) ==
                      squashed(s.cell, g, terms.activated[static_cast<std::size_t>(g * s.hidden + j)]),
                  what << " layer " << l << " step " << t << " gate " << g);
          check_states(layer, lt, terms, what);
          check_sums(layer, lt, terms, what);
        }
      }
    }
  }
  CHECK(steps_seen > 2000);
}

TEST_CASE("rnn trace: a step names what fed it") {
  ModelSpec s = spec(CellKind::Lstm, 3, 2, Directions::Both, kReadouts[0]);
  s.window = 4;
  s.window_carry = false;
  s.dilations = {2, 1};
  set_initial(s, InitialState::Learned);
  const FullSamples samples({10}, 3);
  const Example& example = samples.examples[0];
  const Network net = make_network(s);
  const auto wide = dense_weights(net, 4);
  const std::vector<float> p(wide.begin(), wide.end());
  const Trace tr = trace(net, p, strand_table(), example);
  REQUIRE(tr.layers[2].steps == 3);
  const auto fed = [&](int layer, int t) {
    return step_terms(net, p, strand_table(), example, tr, layer, t);
  };
  // Windows of 4 that start anew, read two apart: the first two of each have nothing before them.
  const std::vector<int> forward = {-1, -1, 0, 1, -1, -1, 4, 5, -1, -1},
                         reverse = {2, 3, -1, -1, 6, 7, -1, -1, -1, -1};
  const LayerTrace& first = tr.layers[0];
  for (int t = 0; t < 10; ++t) {
    const auto i = static_cast<std::size_t>(t);
    CHECK(fed(0, t).predecessor == forward[i]);
    CHECK(fed(1, t).predecessor == reverse[i]);
    CHECK_FALSE(fed(0, t).wraps);
    if (forward[i] < 0)
      for (std::size_t j = 0; j < 3; ++j) {
        CHECK(fed(0, t).h_previous[j] == first.initial_h[j]);
        CHECK(fed(0, t).c_previous[j] == first.initial_c[j]);
        CHECK(first.initial_h[j] != 0);
      }
  }

  ModelSpec circle = spec(CellKind::Gru, 3, 1, Directions::Forward, kReadouts[0]);
  circle.circular = Circular::TwoPass;
  const Network round = make_network(circle);
  const auto weights_round = dense_weights(round, 5);
  const std::vector<float> q(weights_round.begin(), weights_round.end());
  const Trace second = trace(round, q, strand_table(), example);
  circle.circular = Circular::Linear;
  const Trace pass = trace(make_network(circle), q, strand_table(), example);
  const StepTerms start = step_terms(round, q, strand_table(), example, second, 0, 0);
  CHECK(start.predecessor == -1);
  CHECK(start.wraps);
  for (int j = 0; j < 3; ++j) CHECK(start.h_previous[static_cast<std::size_t>(j)] == pass.layers[0].h(9, j));
  CHECK_FALSE(step_terms(round, q, strand_table(), example, second, 0, 1).wraps);
}

TEST_CASE("rnn trace: what making it takes counts passes, copies and dilations") {
  ModelSpec s = spec(CellKind::Lstm, 32, 2, Directions::Both, kReadouts[0]);
  const auto told = [&] { return tracing_bytes(make_network(s), 1000); };
  const std::uint64_t kept = trace_bytes(make_network(s), 1000), linear = told();
  CHECK(linear > 2 * kept);  // the gates again, h, c and tanh c
  CHECK(linear < 3 * kept);
  for (const Circular circular : {Circular::TwoPass, Circular::FixedPoint, Circular::Doubled}) {
    s.circular = circular;
    CHECK(told() - kept > 19 * (linear - kept) / 10);  // two stacks, or one of twice the length
  }
  s.circular = Circular::Linear;
  s.dilations = {1, 4096};
  // 4095 more states h and c in each direction, where they are computed and in the trace.
  CHECK(told() - linear == std::uint64_t{2 * 2 * 2 * 4095 * 32 * 4});
  // More than a page's std::size_t can say is more, not less.
  CHECK(trace_bytes(make_network(s), 500'000'000) > 4 * std::uint64_t{UINT32_MAX});
}

TEST_CASE("rnn trace: its size is told before it is made") {
  const auto check = [](const ModelSpec& s, const TokenTable& letters, const Example& example,
                        const std::string& what) {
    const Network net = make_network(s);
    const Trace t = trace(net, weights<float>(net, 1), letters, example);
    std::size_t floats = t.probabilities.size() + t.logits.size(), step = 0;
    for (const LayerTrace& layer : t.layers) {
      const std::size_t n = layer.gates.size() + layer.states.size() + layer.cells.size() +
                            layer.recurrent_n.size() + layer.unscored.size();
      floats += n;
      step += n / static_cast<std::size_t>(layer.steps);
    }
    // At most a step of each layer too much, and the outputs of letters that share a row.
    const std::uint64_t told = trace_bytes(net, t.length) / sizeof(float);
    const auto outputs = static_cast<std::size_t>(2 * s.outputs());
    CHECK_MESSAGE(told >= floats, what);
    CHECK_MESSAGE(told <= floats + step + outputs * static_cast<std::size_t>(t.length - t.rows), what);
  };
  const Samples samples({100}, 21);
  for (const ModelSpec& s : all_specs(6)) check(s, table(), samples.examples[0], describe(s));
  const FullSamples full({60}, 22);
  for (const rnn_cover::Choices& choices : rnn_cover::cover().rows)
    check(rnn_cover::spec_of(choices), strand_table(), full.examples[0], rnn_cover::describe(choices));
}
