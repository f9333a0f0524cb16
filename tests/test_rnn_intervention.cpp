// States put into a pass by hand: no bit moves where nothing is changed, and what follows is what a pass that
// began in that state would have been.
#include <doctest/doctest.h>

#include <cmath>

#include "rnn/math.h"
#include "rnn/trace.h"
#include "rnn_samples.h"

using namespace rnn_samples;

namespace {

constexpr ReadoutKind kPosition = kReadouts[3];

bool same_layer(const LayerTrace& a, const LayerTrace& b) {
  return a.gates == b.gates && a.states == b.states && a.cells == b.cells && a.recurrent_n == b.recurrent_n &&
         a.initial_h == b.initial_h && a.initial_c == b.initial_c && a.start_h == b.start_h &&
         a.start_c == b.start_c;
}

bool same(const Trace& a, const Trace& b) {
  if (a.logits != b.logits || a.probabilities != b.probabilities ||
      a.final_probabilities != b.final_probabilities || a.layers.size() != b.layers.size())
    return false;
  for (std::size_t l = 0; l < a.layers.size(); ++l)
    if (!same_layer(a.layers[l], b.layers[l])) return false;
  return true;
}

float state_at(const LayerTrace& layer, int position, int unit, bool cell) {
  const auto u = static_cast<std::size_t>(unit);
  if (position == 0) return cell ? layer.initial_c[u] : layer.initial_h[u];
  const int step = layer.step_of(position - 1);
  return cell ? layer.c(step, unit) : layer.h(step, unit);
}

// Wirings beside the plain ones.
std::vector<ModelSpec> wirings(CellKind cell) {
  std::vector<ModelSpec> all;
  const auto add = [&](auto change) {
    ModelSpec s = spec(cell, 5, 2, Directions::Forward, kPosition);
    change(s);
    if (problem(s).empty()) all.push_back(s);
  };
  add([](ModelSpec&) {});
  add([](ModelSpec& s) { s.directions = Directions::Both; });
  add([](ModelSpec& s) { s.dilations = {1, 3}; });
  add([](ModelSpec& s) { s.task = Task::SequenceLabel, s.window = 4; });
  add([](ModelSpec& s) { s.task = Task::SequenceLabel, s.window = 4, s.window_carry = false; });
  add([](ModelSpec& s) { s.task = Task::SequenceLabel, s.input = Input::Codons; });
  add([](ModelSpec& s) { s.layer_norm = true; });
  add([](ModelSpec& s) { s.peepholes = true; });
  add([](ModelSpec& s) { set_initial(s, InitialState::Learned); });
  return all;
}

}  // namespace

TEST_CASE("rnn intervention: the value a unit has anyway changes no bit") {
  const Samples samples({14}, 41);
  Random random(5, 32);
  for (const CellKind cell : kAllCells)
    for (const ModelSpec& s : wirings(cell)) {
      const Network net = make_network(s);
      const auto p = weights<float>(net, 42);
      const Trace plain = trace(net, p, table(), samples.examples[0]);
      for (int round = 0; round < 12; ++round) {
        Intervention change;
        change.layer = static_cast<int>(random.below(static_cast<std::uint32_t>(net.layers.size())));
        change.unit = static_cast<int>(random.below(5));
        change.cell = has_cell_state(cell) && random.below(2) == 0;
        change.first = change.last = static_cast<int>(random.below(15));
        change.value = state_at(plain.layers[static_cast<std::size_t>(change.layer)], change.first,
                                change.unit, change.cell);
        const Trace held = trace(net, p, table(), samples.examples[0], {&change, 1});
        CHECK_MESSAGE(same(plain, held), describe(s), " layer ", change.layer, " cell ", change.cell,
                      " position ", change.first);
      }
    }
}

TEST_CASE("rnn intervention: a state is what was put there, what came before stays, what follows does not") {
  const Samples samples({14}, 43);
  for (const CellKind cell : kAllCells)
    for (const ModelSpec& s : wirings(cell)) {
      const Network net = make_network(s);
      const auto p = weights<float>(net, 44);
      const Trace plain = trace(net, p, table(), samples.examples[0]);
      for (int l = 0; l < static_cast<int>(net.layers.size()); ++l)
        for (const bool memory : {false, true}) {
          if (memory && !has_cell_state(cell)) continue;
          const Intervention change{l, 2, memory, 6, 6, 0.8125f};
          const Trace held = trace(net, p, table(), samples.examples[0], {&change, 1});
          const auto u = static_cast<std::size_t>(l);
          const LayerTrace &now = held.layers[u], &was = plain.layers[u];
          const int step = now.step_of(5);
          CHECK(state_at(now, 6, 2, memory) == 0.8125f);
          if (memory) {
            // h follows: h = o tanh(c).
            const int o = static_cast<int>(gates(cell).size()) - 1;
            REQUIRE(std::string(gates(cell)[static_cast<std::size_t>(o)].symbol) == "o");
            CHECK(now.h(step, 2) == now.gate(step, o, 2) * tanh_of(0.8125f));
          }
          const bool reverse = net.layers[u].wiring.reverse;
          bool later_differs = false;
          for (int t = 0; t < now.steps; ++t)
            for (int unit = 0; unit < 5; ++unit) {
              const bool earlier = reverse ? t > step : t < step;
              if (earlier || (t == step && unit != 2)) CHECK(now.h(t, unit) == was.h(t, unit));
              if (!earlier && t != step && now.h(t, unit) != was.h(t, unit)) later_differs = true;
            }
          const bool first_only = s.window > 0 && !s.window_carry && l == 0;
          if (!first_only || step % 4 != 3) CHECK_MESSAGE(later_differs, describe(s), " layer ", l);
          // Levels below hear nothing of it.
          for (int below = 0; below < l; ++below)
            if (net.layers[static_cast<std::size_t>(below)].level < net.layers[u].level)
              CHECK(same_layer(held.layers[static_cast<std::size_t>(below)],
                               plain.layers[static_cast<std::size_t>(below)]));
        }
    }
}

TEST_CASE("rnn intervention: what follows is the pass of the rest, begun in that state") {
  const Samples samples({15}, 45);
  Random random(6, 33);
  constexpr int kAt = 6;
  for (const CellKind cell : kAllCells)
    for (const int layers : {1, 2}) {
      const Network net = make_network(spec(cell, 4, layers, Directions::Forward, kPosition));
      const auto p = weights<float>(net, 46);
      std::vector<Intervention> put, start;
      for (int l = 0; l < layers; ++l)
        for (int unit = 0; unit < 4; ++unit)
          for (const bool memory : {true, false}) {
            if (memory && !has_cell_state(cell)) continue;
            const auto value = static_cast<float>(random.symmetric(1));
            put.push_back({l, unit, memory, kAt, kAt, value});
            start.push_back({l, unit, memory, 0, 0, value});
          }
      const Trace whole = trace(net, p, table(), samples.examples[0], put);
      Example rest = samples.examples[0];
      rest.tokens = rest.tokens.subspan(kAt);
      rest.position_labels = {};
      const Trace after = trace(net, p, table(), rest, start);
      for (int t = 0; t < after.length; ++t) {
        for (int k = 0; k < whole.outputs; ++k) CHECK(whole.p(kAt + t, k) == after.p(t, k));
        for (std::size_t l = 0; l < after.layers.size(); ++l)
          for (int unit = 0; unit < 4; ++unit) {
            CHECK(whole.layers[l].h(kAt + t, unit) == after.layers[l].h(t, unit));
            if (has_cell_state(cell)) CHECK(whole.layers[l].c(kAt + t, unit) == after.layers[l].c(t, unit));
          }
      }
    }
}

TEST_CASE("rnn intervention: a layer that reads backward goes on to the left") {
  const Samples samples({15}, 47);
  constexpr int kAt = 8;
  for (const CellKind cell : kAllCells) {
    const Network net = make_network(spec(cell, 4, 1, Directions::Both, kPosition));
    const auto p = weights<float>(net, 48);
    std::vector<Intervention> put, start;
    for (int unit = 0; unit < 4; ++unit)
      for (const bool memory : {true, false}) {
        if (memory && !has_cell_state(cell)) continue;
        const float value = 0.25f * static_cast<float>(unit) - 0.3f;
        put.push_back({1, unit, memory, kAt, kAt, value});
        start.push_back({1, unit, memory, 0, 0, value});
      }
    const Trace whole = trace(net, p, table(), samples.examples[0], put);
    Example left = samples.examples[0];
    left.tokens = left.tokens.first(kAt - 1);
    left.position_labels = {};
    const Trace before = trace(net, p, table(), left, start);
    for (int t = 0; t < before.length; ++t)
      for (int unit = 0; unit < 4; ++unit) CHECK(whole.layers[1].h(t, unit) == before.layers[1].h(t, unit));
  }
}

TEST_CASE(
    "rnn intervention: held over a range, at the ends, by codons and windows, and the last word counts") {
  const Samples samples({14}, 49);
  const auto run = [&](const ModelSpec& s, const std::vector<Intervention>& changes) {
    const Network net = make_network(s);
    return trace(net, weights<float>(net, 50), table(), samples.examples[0], changes);
  };
  ModelSpec plain = spec(CellKind::Lstm, 5, 1, Directions::Forward, kPosition);
  const Trace range = run(plain, {{0, 3, false, 4, 9, -0.5f}});
  for (int t = 0; t < 14; ++t) CHECK((range.layers[0].h(t, 3) == -0.5f) == (t >= 3 && t <= 8));
  // To beyond the end is to the end.
  const Trace all = run(plain, {{0, 3, true, 0, 1000, 2}});
  CHECK(all.layers[0].initial_c[3] == 2);
  for (int t = 0; t < 14; ++t) CHECK(all.layers[0].c(t, 3) == 2);
  // Of two for one state the later one; h beats what follows from c, in either order.
  CHECK(run(plain, {{0, 1, false, 5, 5, 0.1f}, {0, 1, false, 5, 5, 0.2f}}).layers[0].h(4, 1) == 0.2f);
  for (const bool turned : {false, true}) {
    std::vector<Intervention> both = {{0, 1, false, 5, 5, 0.1f}, {0, 1, true, 5, 5, 3}};
    if (turned) std::swap(both[0], both[1]);
    const Trace t = run(plain, both);
    CHECK(t.layers[0].h(4, 1) == 0.1f);
    CHECK(t.layers[0].c(4, 1) == 3);
  }
  // 14 letters are four codons; the two behind them belong to the last.
  ModelSpec codons = plain;
  codons.task = Task::SequenceLabel;
  codons.input = Input::Codons;
  REQUIRE(problem(codons).empty());
  CHECK(run(codons, {{0, 0, false, 5, 5, 0.75f}}).layers[0].h(1, 0) == 0.75f);
  CHECK(run(codons, {{0, 0, false, 14, 14, 0.75f}}).layers[0].h(3, 0) == 0.75f);
  // Windows of four letters: the upper level has one step for each.
  ModelSpec windows = plain;
  windows.task = Task::SequenceLabel;
  windows.layers = 2;
  windows.window = 4;
  REQUIRE(problem(windows).empty());
  const Trace w = run(windows, {{1, 0, false, 6, 6, 0.75f}});
  for (int t = 0; t < w.layers[1].steps; ++t) CHECK((w.layers[1].h(t, 0) == 0.75f) == (t == 1));
}

TEST_CASE("rnn intervention: in slices it is the same") {
  const Samples samples({31}, 51);
  for (const CellKind cell : kAllCells) {
    const Network net = make_network(spec(cell, 5, 2, Directions::Both, kPosition));
    const auto p = weights<float>(net, 52);
    const std::vector<Intervention> changes = {
        {0, 1, false, 3, 20, 0.5f}, {1, 2, false, 0, 0, -1}, {3, 4, false, 30, 31, 0.25f}};
    const Trace whole = trace(net, p, table(), samples.examples[0], changes);
    TraceBuilder builder(net, p, table(), samples.examples[0], changes);
    while (!builder.run(1)) {
    }
    CHECK(same(whole, builder.take()));
  }
}

TEST_CASE("rnn intervention: the terms of each step still add up to its gates") {
  const Samples samples({12}, 53);
  const auto sigmoid = [](float x) { return 1 / (1 + std::exp(-static_cast<double>(x))); };
  for (const CellKind cell : kAllCells)
    for (const ModelSpec& s : wirings(cell)) {
      const Network net = make_network(s);
      const auto p = weights<float>(net, 54);
      std::vector<Intervention> changes;
      for (int l = 0; l < static_cast<int>(net.layers.size()); ++l) {
        changes.push_back({l, 1, false, 4, 7, 0.9f});
        if (has_cell_state(cell)) changes.push_back({l, 2, true, 0, 5, -1.5f});
      }
      const Trace t = trace(net, p, table(), samples.examples[0], changes);
      for (int l = 0; l < static_cast<int>(net.layers.size()); ++l) {
        const LayerTrace& layer = t.layers[static_cast<std::size_t>(l)];
        for (int step = 0; step < layer.steps; ++step) {
          const StepTerms terms = step_terms(net, p, table(), samples.examples[0], t, l, step);
          for (int g = 0; g < layer.gate_count; ++g)
            for (int unit = 0; unit < layer.hidden; ++unit) {
              const auto i = static_cast<std::size_t>(g * layer.hidden + unit);
              const Gate& gate = gates(cell)[static_cast<std::size_t>(g)];
              const double x = static_cast<double>(terms.activated[i]);
              const double want = gate.squashed_to_01           ? sigmoid(terms.activated[i])
                                  : cell == CellKind::ElmanRelu ? std::fmax(0.0, x)
                                                                : std::tanh(x);
              const bool bounded = cell == CellKind::LstmBounded || cell == CellKind::LstmBoundedCoupled;
              // The sum is made in another order here, the functions are polynomials: some 1e-6 each.
              CHECK_MESSAGE(
                  static_cast<double>(layer.gate(step, g, unit)) ==
                      doctest::Approx(bounded && !gate.squashed_to_01 ? sigmoid(terms.activated[i]) : want)
                          .epsilon(2e-5),
                  describe(s), " peepholes ", s.peepholes, " gate ", gate.symbol, " step ", step);
            }
        }
      }
    }
}

TEST_CASE("rnn intervention: what does not exist is refused, and round a circle none is possible") {
  const Network net = make_network(spec(CellKind::Gru, 4, 1, Directions::Forward, kPosition));
  const auto one = [&](Intervention change) { return fits(net, change, 10); };
  CHECK(one({0, 3, false, 0, 10, 1}));
  CHECK(one({0, 3, false, 10, 99, 1}));
  CHECK_FALSE(one({1, 0, false, 1, 1, 1}));
  CHECK_FALSE(one({-1, 0, false, 1, 1, 1}));
  CHECK_FALSE(one({0, 4, false, 1, 1, 1}));
  CHECK_FALSE(one({0, -1, false, 1, 1, 1}));
  CHECK_FALSE(one({0, 0, true, 1, 1, 1}));  // a GRU has no c
  CHECK_FALSE(one({0, 0, false, 5, 4, 1}));
  CHECK_FALSE(one({0, 0, false, -1, 4, 1}));
  CHECK_FALSE(one({0, 0, false, 11, 12, 1}));
  CHECK_FALSE(one({0, 0, false, 1, 1, std::nanf("")}));
  CHECK_FALSE(one({0, 0, false, 1, 1, INFINITY}));
  CHECK(intervention_obstacle(net.spec).empty());
  ModelSpec circle = net.spec;
  circle.circular = Circular::TwoPass;
  CHECK(intervention_obstacle(circle).find("as a line") != std::string::npos);
  // What does not fit is left out of a pass rather than written somewhere.
  const Samples samples({10}, 55);
  const auto p = weights<float>(net, 56);
  const std::vector<Intervention> wild = {
      {0, 400, false, 1, 1, 1}, {7, 0, false, 1, 1, 1}, {0, 0, true, 1, 1, 1}, {0, 0, false, 11, 90, 1}};
  CHECK(same(trace(net, p, table(), samples.examples[0]), trace(net, p, table(), samples.examples[0], wild)));
}
