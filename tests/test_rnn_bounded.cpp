// Whether c_t stays in [0, 1]: proven, seen to hold, or where it broke.
#include <doctest/doctest.h>

#include <cmath>

#include "base/random.h"
#include "rnn/bounded_memory.h"
#include "rnn_samples.h"

using namespace ribostep;
using namespace ribostep::rnn;

namespace {

ModelSpec spec_of(CellKind cell) {
  ModelSpec spec;
  spec.cell = cell;
  spec.hidden = 5;
  return spec;
}

// A trace written by hand: one layer, `c` by step and unit.
Trace trace_of(const std::vector<std::vector<float>>& c, std::vector<float> c_0, int letters_per_step = 1) {
  LayerTrace layer;
  layer.hidden = layer.stride = static_cast<int>(c_0.size());
  layer.steps = static_cast<int>(c.size());
  layer.letters_per_step = letters_per_step;
  layer.initial_c = std::move(c_0);
  for (const std::vector<float>& row : c) layer.cells.insert(layer.cells.end(), row.begin(), row.end());
  Trace trace;
  trace.layers.push_back(std::move(layer));
  return trace;
}

}  // namespace

TEST_CASE("bounded memory: the question is asked of sigmoid candidates only") {
  for (int i = 0; i < kCount<CellKind>; ++i) {
    const auto cell = static_cast<CellKind>(i);
    const BoundedMemory memory = bounded_memory(make_network(spec_of(cell)), nullptr);
    CHECK(memory.applies == (cell == CellKind::LstmBounded || cell == CellKind::LstmBoundedCoupled));
    CHECK(memory.proven == (cell == CellKind::LstmBoundedCoupled));
    CHECK_FALSE(memory.seen);
    CHECK_FALSE(memory.violated);
  }
  ModelSpec learned = spec_of(CellKind::LstmBoundedCoupled);
  learned.initial = InitialState::Learned;
  CHECK_FALSE(bounded_memory(make_network(learned), nullptr).proven);  // c_0 is not known yet
}

TEST_CASE("bounded memory: the largest, or the first violation, with its place") {
  const Network coupled_net = make_network(spec_of(CellKind::LstmBoundedCoupled));
  const Network free_net = make_network(spec_of(CellKind::LstmBounded));
  const Trace calm = trace_of({{0.2f, 0.3f}, {0.5f, 0.93f}, {0.1f, 0.9f}}, {0, 0});
  const BoundedMemory held = bounded_memory(free_net, &calm);
  CHECK(held.seen);
  CHECK_FALSE(held.proven);
  CHECK_FALSE(held.violated);
  CHECK(held.low == 0);
  CHECK(held.high == static_cast<double>(0.93f));
  CHECK(held.position == 2);
  CHECK(held.unit == 1);
  CHECK(bounded_memory(coupled_net, &calm).proven);

  const Trace broken = trace_of({{0.2f, 0.3f}, {0.5f, 1.23f}, {2.0f, 0.9f}}, {0, 0}, 3);
  const BoundedMemory violated = bounded_memory(free_net, &broken);
  CHECK(violated.violated);
  CHECK(violated.position == 4);  // the second codon begins at the fourth letter
  CHECK(violated.unit == 1);
  CHECK(violated.value == static_cast<double>(1.23f));
  CHECK(violated.high == 2);

  const Trace outside = trace_of({{0.5f, 0.5f}}, {0, -0.1f});
  const BoundedMemory start = bounded_memory(coupled_net, &outside);
  CHECK_FALSE(start.proven);
  CHECK(start.violated);
  CHECK(start.position == 0);
  CHECK(start.unit == 1);

  const Trace lost = trace_of({{0.5f, std::nanf("")}}, {0, 0});
  CHECK(bounded_memory(free_net, &lost).violated);
}

TEST_CASE("bounded memory: a real trace with large weights stays inside exactly when it is proven") {
  Random random(7);
  std::vector<std::uint8_t> letters;
  for (int t = 0; t < 300; ++t) letters.push_back(static_cast<std::uint8_t>(random.below(4)));
  for (const CellKind cell : {CellKind::LstmBounded, CellKind::LstmBoundedCoupled}) {
    const Network net = make_network(spec_of(cell));
    std::vector<float> weights(net.parameter_count);
    initialise<float>(net, 3, weights);
    for (float& w : weights) w *= 20;
    Example example;
    example.tokens = letters;
    const Trace run = trace(net, weights, rnn_samples::table(), example);
    const BoundedMemory memory = bounded_memory(net, &run);
    CHECK(memory.proven == coupled(cell));
    CHECK(memory.violated != coupled(cell));
    if (coupled(cell)) {
      CHECK(memory.low >= 0);
      CHECK(memory.high <= 1);
      CHECK(memory.high > 0.9);  // the bound is nearly reached: the test could fail
    }
  }
}
