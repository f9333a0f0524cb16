// One step of every cell, alone: against the formulas, its way back against finite differences, what its
// blocks are called, and what keeps a bounded memory bounded.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <set>

#include "rnn/cells.h"
#include "rnn/gemm.h"
#include "rnn_samples.h"

using namespace rnn_samples;

namespace {

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

// One step of a few rows, 3 of whose units are real and the rest padding.
template <class T>
struct Step {
  static constexpr int kRows = 2, kHidden = 3, kUnits = padded<T>(kHidden);
  CellKind kind;
  std::vector<T> a, gates, h_prev, c_prev, h, c, tanh_c, peepholes;

  Step(CellKind cell, bool with_peepholes, std::uint64_t seed, double size = 2) : kind(cell) {
    Random random(seed, 30);
    const auto rows = [&](int blocks, double limit) {
      std::vector<T> v(area(kRows * blocks, kUnits));
      for (std::size_t i = 0; i < v.size(); ++i)
        if (static_cast<int>(i) % kUnits < kHidden) v[i] = static_cast<T>(random.symmetric(limit));
      return v;
    };
    a = rows(block_map(kind).blocks, size);
    h_prev = rows(1, 1);
    c_prev = rows(1, size);
    if (with_peepholes) peepholes = rows(2, 1);  // four rows: more than the three there can be
  }
  T* memory(std::vector<T>& v) { return is_lstm(kind) ? grown(v, area(kRows, kUnits)) : nullptr; }
  void forward() {
    gates = a;
    cell_forward<T>(kind, {.rows = kRows,
                           .units = kUnits,
                           .a = gates.data(),
                           .h_prev = h_prev.data(),
                           .c_prev = is_lstm(kind) ? c_prev.data() : nullptr,
                           .h = grown(h, area(kRows, kUnits)),
                           .c = memory(c),
                           .tanh_c = memory(tanh_c),
                           .peepholes = peepholes.empty() ? nullptr : peepholes.data(),
                           .hidden = kHidden});
  }
  T at(const std::vector<T>& v, int row, int unit, int block = 0, int blocks = 1) const {
    return v[area(row * blocks + block, kUnits) + static_cast<std::size_t>(unit)];
  }
};

}  // namespace

TEST_CASE("rnn cells: blocks are the gates, each once, in PyTorch's order on both sides") {
  for (const CellKind kind : kAllCells) {
    const BlockMap& map = block_map(kind);
    CHECK(map.gates == static_cast<int>(gates(kind).size()));
    std::set<int> blocks, input, recurrent;
    for (int g = 0; g < map.gates; ++g) {
      blocks.insert(map.gate_block[static_cast<std::size_t>(g)]);
      input.insert(map.input_gate[static_cast<std::size_t>(g)]);
      recurrent.insert(map.recurrent_gate[static_cast<std::size_t>(g)]);
    }
    const auto all = static_cast<std::size_t>(map.gates);
    CHECK(blocks.size() == all);
    CHECK(input.size() == all);
    CHECK(recurrent.size() == all);
    CHECK(map.blocks == map.gates + (kind == CellKind::Gru ? 1 : 0));
    CHECK(std::max(map.input_begin, map.recurrent_begin) + map.gates == map.blocks);
  }
  CHECK(gate_index(CellKind::LstmCoupled, 'i') == -1);
  CHECK(gate_index(CellKind::LstmCoupled, 'f') == 0);
  CHECK(gate_index(CellKind::LstmBoundedCoupled, 'o') == 2);
  CHECK(gate_index(CellKind::LstmBounded, 'f') == 1);
}

TEST_CASE("rnn cells: the kinds of LSTM step as their formulas say, with and without peepholes") {
  for (const CellKind kind : kAllCells)
    for (const bool peepholes : {false, true}) {
      if (!is_lstm(kind)) continue;
      Step<double> s(kind, peepholes, 40);
      s.forward();
      const int blocks = block_map(kind).blocks;
      for (int r = 0; r < s.kRows; ++r)
        for (int j = 0; j < s.kHidden; ++j) {
          const auto z = [&](char gate, int peephole, double c) {
            return s.at(s.a, r, j, gate_index(kind, gate), blocks) +
                   (peepholes ? s.at(s.peepholes, peephole, j) * c : 0.0);
          };
          const double before = s.at(s.c_prev, r, j);
          const double f = sigmoid(z('f', coupled(kind) ? 0 : 1, before));
          const double i = coupled(kind) ? 1 - f : sigmoid(z('i', 0, before));
          const double g = sigmoid_candidate(kind) ? sigmoid(z('g', 0, 0)) : std::tanh(z('g', 0, 0));
          const double c = f * before + i * g;
          const double o = sigmoid(z('o', coupled(kind) ? 1 : 2, c));
          const auto gate = [&](char symbol) {
            return s.at(s.gates, r, j, gate_index(kind, symbol), blocks);
          };
          // A few roundings of numbers around 1.
          CHECK(std::fabs(gate('f') - f) < 1e-15);
          if (!coupled(kind)) CHECK(std::fabs(gate('i') - i) < 1e-15);
          CHECK(std::fabs(gate('g') - g) < 1e-15);
          CHECK(std::fabs(gate('o') - o) < 1e-15);
          CHECK(std::fabs(s.at(s.c, r, j) - c) < 2e-15);
          CHECK(std::fabs(s.at(s.h, r, j) - o * std::tanh(c)) < 2e-15);
        }
    }
}

TEST_CASE("rnn cells: padding stays 0, in float and double") {
  const auto check = [](auto step) {
    step.forward();
    for (int r = 0; r < step.kRows; ++r)
      for (int j = step.kHidden; j < step.kUnits; ++j) {
        CHECK(step.at(step.h, r, j) == 0);
        if (is_lstm(step.kind)) CHECK(step.at(step.c, r, j) == 0);
        if (is_lstm(step.kind)) CHECK(step.at(step.tanh_c, r, j) == 0);
      }
  };
  for (const CellKind kind : kAllCells) {
    check(Step<float>(kind, false, 41));
    check(Step<double>(kind, is_lstm(kind), 42));
  }
}

TEST_CASE("rnn cells: the way back is the derivative, of everything a step reads") {
  for (const CellKind kind : kAllCells)
    for (const bool peepholes : {false, true}) {
      if (peepholes && !is_lstm(kind)) continue;
      Step<double> s(kind, peepholes, 43);
      // L = sum of h and c, each with a weight of its own; dy and dh add up.
      Random random(44, 30);
      std::vector<double> w_h(area(s.kRows, s.kUnits)), w_c(w_h.size());
      for (double& w : w_h) w = random.symmetric(1);
      for (double& w : w_c) w = is_lstm(kind) ? random.symmetric(1) : 0.0;
      const auto loss = [&] {
        s.forward();
        double sum = 0;
        for (int r = 0; r < s.kRows; ++r)
          for (int j = 0; j < s.kHidden; ++j) {
            const std::size_t at = area(r, s.kUnits) + static_cast<std::size_t>(j);
            sum += w_h[at] * s.h[at] + (is_lstm(kind) ? w_c[at] * s.c[at] : 0.0);
          }
        return sum;
      };
      loss();
      std::vector<double> da = s.gates, dh(w_h.size()), dy(w_h.size()), dc = w_c;
      for (std::size_t i = 0; i < dh.size(); ++i) dh[i] = 0.25 * w_h[i], dy[i] = 0.75 * w_h[i];
      cell_backward<double>(kind, {.rows = s.kRows,
                                   .units = s.kUnits,
                                   .a = da.data(),
                                   .h_prev = s.h_prev.data(),
                                   .h = s.h.data(),
                                   .c_prev = is_lstm(kind) ? s.c_prev.data() : nullptr,
                                   .tanh_c = is_lstm(kind) ? s.tanh_c.data() : nullptr,
                                   .dy = dy.data(),
                                   .dy_stride = s.kUnits,
                                   .dh = dh.data(),
                                   .dc = is_lstm(kind) ? dc.data() : nullptr,
                                   .peepholes = peepholes ? s.peepholes.data() : nullptr});
      const std::vector<double> c = s.c, c_prev = s.c_prev;
      // An error of 1e-11 from rounding (1e-16 of about 1 over a step of 1e-5) and less from the formula.
      const auto slope = [&](double& x) {
        const double value = x;
        x = value + 1e-5;
        const double up = loss();
        x = value - 1e-5;
        const double down = loss();
        x = value;
        return (up - down) / 2e-5;
      };
      const int blocks = block_map(kind).blocks;
      const auto each = [&](auto f) {
        for (int r = 0; r < s.kRows; ++r)
          for (int j = 0; j < s.kHidden; ++j) f(r, static_cast<std::size_t>(j));
      };
      each([&](int r, std::size_t j) {
        for (int b = 0; b < blocks; ++b) {
          const std::size_t at = area(r * blocks + b, s.kUnits) + j;
          CHECK_MESSAGE(std::fabs(slope(s.a[at]) - da[at]) < 1e-9, name(kind) << " block " << b);
        }
        const std::size_t at = area(r, s.kUnits) + j;
        CHECK_MESSAGE(std::fabs(slope(s.h_prev[at]) - dh[at]) < 1e-9, name(kind));
        if (is_lstm(kind)) CHECK_MESSAGE(std::fabs(slope(s.c_prev[at]) - dc[at]) < 1e-9, name(kind));
      });
      // Peepholes: dp_i = da_i c', dp_f = da_f c', dp_o = da_o c, over the rows.
      const std::string order = coupled(kind) ? "fo" : "ifo";
      for (std::size_t p = 0; p < order.size() && peepholes; ++p)
        for (std::size_t j = 0; j < static_cast<std::size_t>(s.kHidden); ++j) {
          double sum = 0;
          for (int r = 0; r < s.kRows; ++r)
            sum += da[area(r * blocks + gate_index(kind, order[p]), s.kUnits) + j] *
                   (order[p] == 'o' ? c : c_prev)[area(r, s.kUnits) + j];
          CHECK(std::fabs(slope(s.peepholes[area(static_cast<int>(p), s.kUnits) + j]) - sum) < 1e-9);
        }
    }
}

TEST_CASE(
    "rnn cells: with coupled gates and a sigmoid candidate the memory never leaves [0, 1], to the last bit") {
  // Pre-activations from tiny to saturating; a memory that starts at its ends or anywhere between.
  const auto outside = [](auto zero, CellKind kind) {
    using T = decltype(zero);
    int count = 0;
    for (std::uint64_t seed = 0; seed < 2000; ++seed) {
      const double size = seed % 4 == 0 ? 0.01 : seed % 4 == 1 ? 1 : seed % 4 == 2 ? 10 : 60;
      Step<T> s(kind, seed % 3 == 0, seed, size);
      for (std::size_t i = 0; i < s.c_prev.size(); ++i)
        s.c_prev[i] = seed % 5 == 0   ? T(1)
                      : seed % 5 == 1 ? T(0)
                                      : static_cast<T>(std::fabs(std::sin(double(i + seed))));
      for (int t = 0; t < 5; ++t) {
        s.forward();
        for (const T c : s.c) count += !(c >= 0 && c <= 1);
        s.c_prev = s.c;
      }
    }
    return count;
  };
  CHECK(outside(0.0f, CellKind::LstmBoundedCoupled) == 0);
  CHECK(outside(0.0, CellKind::LstmBoundedCoupled) == 0);
  // Neither half is enough.
  CHECK(outside(0.0f, CellKind::LstmBounded) > 100);
  CHECK(outside(0.0f, CellKind::LstmCoupled) > 100);
}

TEST_CASE("rnn cells: what is not a number is seen, not hidden") {
  for (const CellKind kind : kAllCells) {
    Step<float> s(kind, false, 45);
    for (float& x : s.a) x = std::numeric_limits<float>::quiet_NaN();
    s.forward();
    CHECK(std::isnan(s.h[0]));
  }
}
