// Half-lives: the product of the gates step by step, along any wiring, and the figures that go with it.
#include <doctest/doctest.h>

#include <cmath>

#include "rnn/half_life.h"
#include "rnn_samples.h"

using namespace rnn_samples;

namespace {

struct Read {
  Network net;
  Trace tr;
  explicit Read(const ModelSpec& s, int length = 30) : net(make_network(s)) {
    const Samples samples({length}, 41);
    tr = trace(net, weights<float>(net, 42), table(), samples.examples[0]);
  }
};

}  // namespace

TEST_CASE("rnn half life: the product of the gates that keep, back to the start") {
  for (const CellKind cell : {CellKind::Lstm, CellKind::Gru, CellKind::LstmCoupled, CellKind::LstmBounded}) {
    const Read r(spec(cell, 3, 1, Directions::Forward, kReadouts[0]));
    const char symbol = cell == CellKind::Gru ? 'z' : 'f';
    CHECK(keeping_gate(cell) == gate_index(cell, symbol));
    const LayerTrace& lt = r.tr.layers[0];
    const DirectPath path = direct_path(r.net.layers[0], lt, 1, 20, 100);
    CHECK(path.steps() == 21);
    CHECK(path.to_start);
    double product = 1, sum = 0;
    int half = -1;
    for (int d = 1; d <= 21; ++d) {
      const double f = static_cast<double>(lt.gate(21 - d, keeping_gate(cell), 1));
      product *= f;
      sum += f;
      if (half < 0 && product < 0.5) half = d;
      CHECK(path.kept[static_cast<std::size_t>(d)] == product);
    }
    CHECK(path.half == half);
    CHECK(half > 0);  // gates of a new network lie around a half
    CHECK(std::abs(path.mean_gate - sum / 21) < 1e-12);
    const DirectPath part = direct_path(r.net.layers[0], lt, 1, 20, 5);
    CHECK(part.steps() == 5);
    CHECK_FALSE(part.to_start);
  }
  const Read elman(spec(CellKind::ElmanTanh, 3, 1, Directions::Forward, kReadouts[0]));
  CHECK(keeping_gate(CellKind::ElmanTanh) == -1);
  CHECK(direct_path(elman.net.layers[0], elman.tr.layers[0], 0, 5, 100).steps() == 0);
}

TEST_CASE("rnn half life: a backward layer goes to the right, a dilated one in jumps, a window ends it") {
  const Read both(spec(CellKind::Lstm, 3, 1, Directions::Both, kReadouts[0]));
  CHECK(direct_path(both.net.layers[0], both.tr.layers[0], 0, 9, 100).steps() == 10);
  CHECK(direct_path(both.net.layers[1], both.tr.layers[1], 0, 9, 100).steps() == 21);
  ModelSpec s = spec(CellKind::Lstm, 3, 1, Directions::Forward, kReadouts[0]);
  s.dilations = {4};
  const Read dilated(s);
  const DirectPath path = direct_path(dilated.net.layers[0], dilated.tr.layers[0], 0, 9, 100);
  CHECK(path.steps() == 3);  // 9, 5, 1
  CHECK(path.kept[2] == static_cast<double>(dilated.tr.layers[0].gate(9, 1, 0)) *
                            static_cast<double>(dilated.tr.layers[0].gate(5, 1, 0)));
  s.dilations = {};
  s.layers = 2;
  s.window = 8;
  s.window_carry = false;
  const Read windows(s);
  CHECK(direct_path(windows.net.layers[0], windows.tr.layers[0], 0, 9, 100).steps() == 2);  // 9, 8
}

TEST_CASE("rnn half life: the gate and the bias that a long memory needs") {
  CHECK(std::abs(std::pow(gate_for_half_life(50'000), 50'000) - 0.5) < 1e-9);
  // f / (1 - f) with 1 - f = ln 2 / 50,000 - ...: ln 72134.25.
  CHECK(std::abs(bias_for_half_life(50'000) - 11.18628) < 1e-5);
  CHECK(std::abs(bias_of_gate(gate_for_half_life(50'000)) - bias_for_half_life(50'000)) < 1e-9);
  CHECK(std::abs(bias_for_half_life(1)) < 1e-15);  // a half at once: no bias
  CHECK(std::abs(std::pow(10, log10_kept(0.999, 50'000)) - 1.879e-22) < 1e-24);
  CHECK(std::abs(half_life_of_gate(0.5) - 1) < 1e-12);
  CHECK(std::abs(half_life_of_gate(gate_for_half_life(41)) - 41) < 1e-9);
  CHECK(std::isinf(half_life_of_gate(1)));
}

TEST_CASE("rnn half life: a bound by the Jacobians") {
  const double up = 0.1, down = -0.2;  // log10
  const std::vector<double> sigma = {down, up, down, down, up};
  CHECK(half_by_bound(sigma, 3) == 2);   // -0.4 < log10 0.5
  CHECK(half_by_bound(sigma, 4) == 5);   // 0.1 - 0.2 - 0.2 = -0.3 is just not under; then +0.1, -0.2
  CHECK(half_by_bound(sigma, 1) == -1);  // 0.1 - 0.2
  CHECK(half_by_bound(sigma, 2, true) == 2);
  CHECK(half_by_bound({}, 0) == -1);
}
