// Long sequences: states alone are kept and the gates computed again, with the same numbers. And what is
// random in a training step is drawn from its own coordinates alone.
#include <doctest/doctest.h>

#include <cmath>

#include "rnn/stack.h"
#include "rnn_samples.h"

using namespace rnn_samples;

namespace {

// Gradients of sum(states of the top level * a fixed pattern), with so many steps kept at a time.
std::vector<double> stack_gradients(const ModelSpec& s, const Samples& samples, int segment) {
  const Network net = make_network(s);
  const auto p = weights<double>(net, 31);
  const Tokens kinds(s, table());
  StackBatch batch;
  batch.letters.build(s, kinds, samples.examples);
  if (s.window > 0) batch.windows.build_windows(batch.letters, s.window);
  Stack<double> stack(net, table());
  stack.pack(p, true);
  stack.set_segment(segment);
  stack.begin(batch, {}, nullptr, nullptr);
  stack.run_all();
  std::vector<double> above(area(batch.at(net, s.layers - 1).positions, stack.features()));
  for (std::size_t i = 0; i < above.size(); ++i) above[i] = static_cast<double>(i % 13) - 6;
  stack.backward({above.data(), stack.features()}, nullptr, nullptr);
  std::vector<double> gradients(net.parameter_count);
  stack.add_gradients(gradients);
  return gradients;
}

}  // namespace

TEST_CASE("rnn long: gates computed again give the gradients of gates kept") {
  const Samples samples({23, 23, 17, 5, 1}, 32);
  for (const CellKind cell :
       {CellKind::ElmanTanh, CellKind::Lstm, CellKind::LstmBoundedCoupled, CellKind::Gru})
    for (const Directions directions : {Directions::Forward, Directions::Both})
      for (const int form : {0, 1, 2, 3}) {
        ModelSpec s = spec(cell, 5, 2, directions, kReadouts[0]);
        if (form == 1) s.dilations = {1, 3};
        if (form == 2) s.window = 4;
        if (form == 3) s.truncate = 6;
        s.layer_norm = form == 1;
        s.peepholes = form == 2 && is_lstm(cell);
        const std::vector<double> all = stack_gradients(s, samples, 0);
        double largest = 0;
        for (const double g : all) largest = std::max(largest, std::fabs(g));
        for (const int segment : {1, 5, 23, 100}) {
          const std::vector<double> again = stack_gradients(s, samples, segment);
          double worst = 0;
          for (std::size_t i = 0; i < all.size(); ++i) worst = std::max(worst, std::fabs(all[i] - again[i]));
          CAPTURE(name(cell));
          CAPTURE(form);
          CAPTURE(segment);
          // Layers that read forward add in the same order. In reverse (and for layer normalisation's and the
          // peepholes' own weights) parts are added in another: some roundings of 70 terms.
          if (directions == Directions::Forward && form != 1 && form != 2) CHECK(worst == 0);
          CHECK(worst <= 1e-13 * largest);
        }
      }
}

TEST_CASE("rnn long: 50,000 letters in full stay inside the budget that was announced") {
  ModelSpec s = spec(CellKind::Lstm, 32, 1, Directions::Forward, kReadouts[0]);
  const Network net = make_network(s);
  const std::vector<int> one{50000}, four(4, 50000);
  CHECK(training_memory(net, one).segment == 0);
  CHECK(training_memory(net, one).bytes < (64u << 20u));
  const TrainingMemory memory = training_memory(net, four);
  CHECK(memory.all_at_once > kMemoryBudget);
  CHECK(memory.segment == 224);  // sqrt(50,000), rounded up
  CHECK(memory.bytes < (120u << 20u));
  CHECK(training_memory(net, std::vector<int>(1000, 500'000)).bytes > 4 * std::uint64_t{UINT32_MAX});
  // Wide layers are mostly weights, and the decision to recompute is not about those.
  const Network wide = make_network(spec(CellKind::Lstm, 512, 2, Directions::Both, kReadouts[0]));
  const TrainingMemory few = training_memory(wide, std::vector<int>(4, 30));
  CHECK(few.bytes > 10 * sizeof(float) * wide.parameter_count);
  CHECK(few.segment == 0);
  s.circular = Circular::FixedPoint;  // example by example, every pass kept
  s.max_passes = 8;
  const Network round = make_network(s);
  CHECK(training_memory(round, std::vector<int>(4, 500)).bytes ==
        training_memory(round, std::vector<int>(1, 500)).bytes);
  s.circular = Circular::Linear;
  s.dilations = {4096};  // 4095 states h and c more for each, and as many gradients
  CHECK(training_memory(make_network(s), std::vector<int>(4, 500)).bytes -
            training_memory(net, std::vector<int>(4, 500)).bytes ==
        std::uint64_t{4 * 4095 * 32 * 4 * 4});
  s.dilations.clear();
  s.window = 10;
  s.layers = 2;
  CHECK(training_memory(make_network(s), one).all_at_once < 2 * training_memory(net, one).all_at_once);

  // The gradient at the first letter of a sequence that is judged at its last one, 50,000 steps later: an
  // LSTM that never forgets carries it through.
  const Samples samples({50000}, 33, 4);
  std::vector<float> p = weights<float>(net, 34), gradients(net.parameter_count);
  const auto b_x = view(net, std::span<float>(p), net.layers[0].b_x);
  for (int j = 0; j < 32; ++j) b_x(32 + j) = 30;  // f = 1
  Bptt<float> bptt(net, table());
  const BatchResult result = bptt.accumulate(p, samples.examples, 1.0f, gradients);
  CHECK(std::isfinite(result.loss));
  double norm = 0;
  for (const float g : gradients) norm += static_cast<double>(g) * static_cast<double>(g);
  CHECK(norm > 0);
  CHECK(std::isfinite(norm));
}

TEST_CASE("rnn dropout: masks are those of the seed, the update and the row") {
  ModelSpec s = spec(CellKind::Gru, 6, 3, Directions::Both, kReadouts[1]);
  s.dropout = 0.4;
  const Network net = make_network(s);
  const Samples samples({9, 4, 12, 7}, 35);
  const auto p = weights<double>(net, 36);
  Bptt<double> bptt(net, table());
  const auto gradients = [&](std::span<const Example> shard, const Noise* noise) {
    std::vector<double> g(net.parameter_count);
    bptt.accumulate(p, shard, 1.0, g, noise);
    return g;
  };
  const std::span<const Example> all(samples.examples);
  const Noise noise{7, 3, 0}, other_update{7, 4, 0}, other_seed{8, 3, 0}, second_half{7, 3, 2};
  const std::vector<double> whole = gradients(all, &noise);
  CHECK(whole == gradients(all, &noise));
  CHECK(whole != gradients(all, &other_update));
  CHECK(whole != gradients(all, &other_seed));
  CHECK(whole != gradients(all, nullptr));
  // Whoever computes a shard: rows keep their masks.
  std::vector<double> parts = gradients(all.subspan(0, 2), &noise);
  const std::vector<double> rest = gradients(all.subspan(2), &second_half);
  double worst = 0, largest = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    worst = std::max(worst, std::fabs(parts[i] + rest[i] - whole[i]));
    largest = std::max(largest, std::fabs(whole[i]));
  }
  CHECK(worst <= 1e-14 * static_cast<double>(whole.size()) * largest);  // the order of a sum of four rows
}

TEST_CASE("rnn dropout: gradients are those of finite differences with the masks held") {
  for (const CellKind cell : {CellKind::ElmanTanh, CellKind::LstmCoupled, CellKind::Gru})
    for (const int form : {0, 1, 2}) {
      ModelSpec s = spec(cell, 4, 2, form == 0 ? Directions::Both : Directions::Forward, kReadouts[1]);
      s.dropout = 0.5;
      if (form == 1) s.window = 3;
      if (form == 2) s.circular = Circular::TwoPass;
      const Network net = make_network(s);
      const Samples samples({8, 5, 3}, 37);
      std::vector<double> p = weights<double>(net, 38), g(net.parameter_count), unused(net.parameter_count);
      Bptt<double> bptt(net, table());
      const Noise noise{5, 11, 0};
      bptt.accumulate(p, samples.examples, 1.0, g, &noise);
      double worst = 0, largest = 0;
      for (std::size_t i = 0; i < p.size(); ++i) {
        const double kept = p[i], step = 1e-4;
        const auto slope = [&](double h) {
          p[i] = kept + h;
          const double up = bptt.accumulate(p, samples.examples, 1.0, unused, &noise).loss;
          p[i] = kept - h;
          const double down = bptt.accumulate(p, samples.examples, 1.0, unused, &noise).loss;
          p[i] = kept;
          return (up - down) / (2 * h);
        };
        worst = std::max(worst, std::fabs((4 * slope(step) - slope(2 * step)) / 3 - g[i]));
        largest = std::max(largest, std::fabs(g[i]));
      }
      CAPTURE(name(cell));
      CAPTURE(form);
      CHECK(worst < 1e-8 * largest);  // five-point formula: step^4 and roundings of 1e-16 / step
    }
}
