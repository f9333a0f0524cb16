// The weights before training, as far as a person chose how they are drawn, and the states before the first
// step.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "rnn/cells.h"
#include "rnn/gemm.h"
#include "rnn/initial_states.h"
#include "rnn_samples.h"

using namespace rnn_samples;

namespace {

ModelSpec plain(CellKind cell = CellKind::Lstm, int hidden = 6) {
  return spec(cell, hidden, 2, Directions::Both, kReadouts[0]);
}
template <class T>
std::vector<T> tensor(const Network& net, const std::vector<T>& p, const std::string& name) {
  for (const Tensor& t : net.tensors)
    if (t.name == name)
      return {p.begin() + static_cast<std::ptrdiff_t>(t.offset),
              p.begin() + static_cast<std::ptrdiff_t>(t.offset + t.size())};
  FAIL("no tensor " << name);
  return {};
}
double largest(const std::vector<double>& v) {
  double most = 0;
  for (const double x : v) most = std::fmax(most, std::fabs(x));
  return most;
}
// Gate g of a tensor whose rows are gates.
std::vector<double> part(const std::vector<double>& v, int gate, int gates) {
  const auto size = static_cast<std::ptrdiff_t>(v.size()) / gates;
  return {v.begin() + gate * size, v.begin() + (gate + 1) * size};
}

}  // namespace

TEST_CASE("rnn initial: a choice changes what it is about, and shifts nothing else") {
  const Network net = make_network(plain());
  const auto base = weights<double>(net, 5);
  const auto same = [&](ModelSpec s, const std::vector<std::string>& changed) {
    const Network other = make_network(s);
    const auto p = weights<double>(other, 5);
    for (const Tensor& t : net.tensors) {
      bool expected = false;
      for (const std::string& start : changed) expected = expected || t.name.rfind(start, 0) == 0;
      CHECK_MESSAGE((tensor(net, base, t.name) != tensor(other, p, t.name)) == expected, t.name);
    }
  };
  ModelSpec s = plain();
  same(s, {});
  s.init = Initialisation::Orthogonal;
  same(s, {"weight_hh"});
  s.init = Initialisation::Uniform;
  same(s, {"weight_", "bias_"});
  s.init_range = 0;
  same(s, {"weight_", "bias_"});
  s.init = Initialisation::Identity;
  same(s, {"weight_", "bias_"});
  s = plain();
  s.forget_bias = ForgetBias::Constant;
  same(s, {"bias_"});
  s.forget_bias = ForgetBias::Chrono;
  same(s, {"bias_"});
  s.layer_norm = true;  // then it is in the bias that follows
  same(s, {});
}

TEST_CASE("rnn initial: orthogonal matrices are, in each gate another one") {
  for (const int hidden : {1, 2, 7, 64}) {
    ModelSpec s = plain(CellKind::LstmCoupled, hidden);
    s.init = Initialisation::Orthogonal;
    const Network net = make_network(s);
    const auto p = weights<double>(net, 6);
    std::vector<std::vector<double>> all;
    for (const char* layer : {"weight_hh_l0", "weight_hh_l0_reverse", "weight_hh_l1", "weight_hh_l1_reverse"})
      for (int g = 0; g < 3; ++g) all.push_back(part(tensor(net, p, layer), g, 3));
    double worst = 0;
    for (const auto& m : all)
      for (int a = 0; a < hidden; ++a)
        for (int b = 0; b < hidden; ++b) {
          double dot = 0;
          for (int k = 0; k < hidden; ++k)
            dot += m[area(a, hidden) + static_cast<std::size_t>(k)] *
                   m[area(b, hidden) + static_cast<std::size_t>(k)];
          worst = std::fmax(worst, std::fabs(dot - (a == b)));
        }
    CHECK(worst < 1e-14 * (hidden + 10));  // roundings of sums of H products
    for (std::size_t i = 1; i < all.size() && hidden > 1; ++i) CHECK(all[i] != all[0]);
    // In float the same numbers, rounded.
    const auto in_float = weights<float>(net, 6);
    for (std::size_t i = 0; i < p.size(); ++i) CHECK(in_float[i] == static_cast<float>(p[i]));
  }
}

TEST_CASE("rnn initial: orthogonal matrices have no preferred direction") {
  // Each entry of a random rotation of n dimensions has mean 0 and variance 1/n.
  ModelSpec s = plain(CellKind::ElmanTanh, 4);
  s.init = Initialisation::Orthogonal;
  const Network net = make_network(s);
  double sum = 0, squares = 0, first = 0;
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    const auto m = tensor(net, weights<double>(net, seed), "weight_hh_l0");
    for (const double x : m) sum += x, squares += x * x;
    first += m[0] * m[0];
  }
  CHECK(squares == doctest::Approx(500 * 4));
  CHECK(std::fabs(sum / 8000) < 0.02);                       // 3.5 standard errors of 0.5 / sqrt(8000)
  CHECK(first / 500 == doctest::Approx(0.25).epsilon(0.2));  // 4 standard errors of 0.25 * 1 / sqrt(500)
}

TEST_CASE("rnn initial: the identity passes a state on as it is") {
  for (const CellKind cell : kAllCells) {
    ModelSpec s = plain(cell);
    s.init = Initialisation::Identity;
    const Network net = make_network(s);
    const auto p = weights<double>(net, 7);
    const int count = static_cast<int>(gates(cell).size());
    for (int g = 0; g < count; ++g) {
      const auto m = part(tensor(net, p, "weight_hh_l1_reverse"), g, count);
      for (std::size_t i = 0; i < m.size(); ++i) CHECK(m[i] == (i % 7 == 0 ? 1.0 : 0.0));
    }
    CHECK(largest(tensor(net, p, "bias_ih_l0")) == 0);
    CHECK(largest(tensor(net, p, "bias_hh_l1")) == 0);
    // Level 0 has 4 inputs, level 1 has 12.
    CHECK(largest(tensor(net, p, "weight_ih_l0")) <= 0.5);
    CHECK(largest(tensor(net, p, "weight_ih_l0")) > 0.35);
    CHECK(largest(tensor(net, p, "weight_ih_l1")) <= 1 / std::sqrt(12.0));
    CHECK(largest(tensor(net, p, "weight_ih_l1")) > 0.7 / std::sqrt(12.0));
  }
}

TEST_CASE("rnn initial: every tensor has the range it should have") {
  ModelSpec s = plain(CellKind::LstmBounded, 8);
  s.peepholes = s.layer_norm = true;
  s.embedding = 40;
  s.init = Initialisation::Uniform;
  s.init_range = 0.02;
  set_initial(s, InitialState::Encoder);
  const auto range = [&](const std::string& name) {
    const Network net = make_network(s);
    return largest(tensor(net, weights<double>(net, 8), name));
  };
  const auto about = [&](const std::string& name, double limit) {
    CHECK_MESSAGE(range(name) <= limit, name);
    CHECK_MESSAGE(range(name) > 0.5 * limit, name);
  };
  for (const char* name :
       {"weight_ih_l0", "weight_hh_l1", "bias_ih_l1_reverse", "bias_hh_l0", "weight_peephole_l0"})
    about(name, 0.02);
  about("readout.weight", 0.25);
  about("readout.bias", 0.25);
  about("embedding.weight", std::sqrt(3.0));
  about("encoder.weight", 1 / std::sqrt(2.0));
  about("encoder.h_0_l0.weight", 1 / std::sqrt(3.0));
  about("encoder.c_0_l1_reverse.bias", 1 / std::sqrt(3.0));
  const Network net = make_network(s);
  for (const double gain : tensor(net, weights<double>(net, 8), "norm_gain_l1")) CHECK(gain == 1);
  CHECK(range("norm_bias_l0") == 0);
  s.init = Initialisation::Default;
  about("weight_peephole_l1", 1 / std::sqrt(8.0));
  for (const InitialState initial : {InitialState::Learned, InitialState::ByClass}) {
    set_initial(s, initial);
    CHECK(range("h_0_l0") == 0);
    CHECK(range("c_0_l1_reverse") == 0);
  }
}

TEST_CASE("rnn initial: the forget bias goes to the gate that keeps") {
  for (const CellKind cell : kAllCells)
    for (const bool norm : {false, true}) {
      ModelSpec s = plain(cell);
      s.forget_bias = ForgetBias::Constant;
      s.forget_bias_value = 1.5;
      s.layer_norm = norm;
      if (!problem(s).empty()) continue;  // Elman has none
      const Network net = make_network(s);
      const auto p = weights<double>(net, 9);
      const int keeps = gate_index(cell, cell == CellKind::Gru ? 'z' : 'f'),
                count = static_cast<int>(gates(cell).size());
      const auto value = [&](const char* name, int g, int of) { return part(tensor(net, p, name), g, of); };
      const std::vector<double> all(6, 1.5), none(6, 0.0);
      if (norm) {
        const BlockMap& map = block_map(cell);
        for (int b = 0; b < map.blocks; ++b)
          CHECK(value("norm_bias_l1", b, map.blocks) ==
                (b == map.gate_block[static_cast<std::size_t>(keeps)] ? all : none));
        continue;
      }
      for (int g = 0; g < count; ++g) {
        CHECK((value("bias_ih_l1", g, count) == all) == (g == keeps));
        CHECK((value("bias_hh_l0_reverse", g, count) == none) == (g == keeps));
      }
    }
}

TEST_CASE("rnn initial: chrono biases are logarithms of a uniform span, with i against f") {
  ModelSpec s = plain(CellKind::Lstm, 400);
  s.forget_bias = ForgetBias::Chrono;
  s.chrono_span = 1000;
  const Network net = make_network(s);
  const auto p = weights<double>(net, 10);
  const auto b = tensor(net, p, "bias_ih_l0"), other = tensor(net, p, "bias_ih_l1_reverse");
  const auto f = part(b, 1, 4), i = part(b, 0, 4);
  double sum = 0, low = 1e9, high = 0;
  for (std::size_t j = 0; j < f.size(); ++j) {
    CHECK(i[j] == -f[j]);
    const double span = std::exp(f[j]);
    sum += span, low = std::fmin(low, span), high = std::fmax(high, span);
  }
  CHECK(low >= 1 - 1e-12);
  CHECK(high <= 999 + 1e-9);
  CHECK(high > 950);
  CHECK(low < 50);
  CHECK(sum / 400 == doctest::Approx(500).epsilon(0.1));  // 3.5 standard errors of 288 / 20
  CHECK(f != part(other, 1, 4));
  for (const double x : part(tensor(net, p, "bias_hh_l0"), 0, 4)) CHECK(x == 0);
  // Coupled gates have no i of their own; a GRU keeps with z and has none either.
  s.cell = CellKind::LstmCoupled;
  const Network coupled_net = make_network(s);
  const auto q = weights<double>(coupled_net, 10);
  CHECK(part(tensor(coupled_net, q, "bias_ih_l0"), 0, 3) == f);
}

TEST_CASE("rnn initial: a seed gives the same bits on every platform") {
  // The hash of every choice at once; a change of these breaks links that carry a recipe.
  const auto hash = [](CellKind cell, Initialisation init, ForgetBias bias, Directions directions) {
    ModelSpec s = spec(cell, 13, 2, directions, kReadouts[1]);
    s.init = init;
    s.forget_bias = bias;
    s.embedding = 3;
    s.layer_norm = cell == CellKind::Gru;
    s.peepholes = is_lstm(cell);
    set_initial(s, InitialState::Encoder);
    REQUIRE(problem(s).empty());
    return weights_hash(weights<float>(make_network(s), 11));
  };
  CHECK(hash(CellKind::Lstm, Initialisation::Orthogonal, ForgetBias::Chrono, Directions::Both) ==
        "d64d829da73bfb7d");
  CHECK(hash(CellKind::Gru, Initialisation::Identity, ForgetBias::Chrono, Directions::Forward) ==
        "e21e9c96fb769a74");
  CHECK(hash(CellKind::LstmCoupled, Initialisation::Uniform, ForgetBias::Constant, Directions::StrandsTied) ==
        "1aaf41bed492f619");
  CHECK(hash(CellKind::LstmBounded, Initialisation::Default, ForgetBias::Default, Directions::Strands) ==
        "3623f0c1c75c97d0");
}

TEST_CASE("rnn initial: tied strands have the first one's weights and no others") {
  ModelSpec tied = plain(CellKind::Lstm), own = tied;
  tied.directions = Directions::StrandsTied;
  own.directions = Directions::Strands;
  tied.init = own.init = Initialisation::Orthogonal;
  const Network a = make_network(tied), b = make_network(own);
  const auto p = weights<double>(a, 12), q = weights<double>(b, 12);
  CHECK(tensor(a, p, "weight_hh_l0") == tensor(b, q, "weight_hh_l0"));
  CHECK(p.size() < q.size());
  CHECK(a.layers[1].w_h == a.layers[0].w_h);
}

TEST_CASE("rnn initial: states of the rows of a batch, whatever their order") {
  const FullSamples samples({4, 4, 4, 4, 4}, 13);  // row 2 has no class, rows 1 and 4 no second covariate
  const std::vector<int> order{3, 2, 0, 4, 1};
  for (const CellKind cell : {CellKind::Gru, CellKind::Lstm, CellKind::LstmBoundedCoupled})
    for (const InitialState initial : {InitialState::Learned, InitialState::ByClass, InitialState::Encoder}) {
      ModelSpec s = plain(cell, 3);
      set_initial(s, initial);
      const Network net = make_network(s);
      const auto p = dense_weights(net, 14);
      InitialStates<double> states(net);
      CHECK(!states.zero());
      states.pack(p);
      states.forward(samples.examples, order);
      CHECK((states.c(0) != nullptr) == is_lstm(cell));
      const int units = padded<double>(3);
      for (int row = 0; row < 5; ++row) {
        // The same example alone.
        const std::vector<int> only{order[static_cast<std::size_t>(row)]};
        InitialStates<double> one(net);
        one.pack(p);
        one.forward(samples.examples, only);
        for (int l = 0; l < 4; ++l)
          for (int j = 0; j < units; ++j) {
            CHECK(states.h(l)[row * units + j] == one.h(l)[j]);
            if (j >= 3) CHECK(one.h(l)[j] == 0);
            if (!is_lstm(cell)) continue;
            CHECK(states.c(l)[row * units + j] == one.c(l)[j]);
            if (j >= 3) CHECK(one.c(l)[j] == 0);
            // What an encoder says of a bounded memory is within its bounds.
            if (j < 3 && initial == InitialState::Encoder && sigmoid_candidate(cell))
              CHECK((one.c(l)[j] > 0 && one.c(l)[j] < 1));
          }
      }
      if (initial == InitialState::ByClass) {
        const auto h_0 = tensor(net, p, "h_0_l1");
        for (std::size_t j = 0; j < 3; ++j) {
          double mean = 0;
          for (std::size_t k = 0; k < 3; ++k) mean += h_0[3 * k + j] / 3;
          CHECK(std::fabs(states.h(2)[static_cast<std::size_t>(units) + j] - mean) < 1e-15);
        }
      }
    }
}

TEST_CASE("rnn initial: an unknown covariate is read as the center, an unknown class as the mean") {
  ModelSpec s = plain(CellKind::Lstm, 3);
  set_initial(s, InitialState::Encoder);
  const Network net = make_network(s);
  const auto p = dense_weights(net, 15);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const auto h_0 = [&](std::vector<double> covariates) {
    Example example;
    example.covariates = covariates;
    const std::vector<int> source{0};
    InitialStates<double> states(net);
    states.pack(p);
    states.forward({&example, 1}, source);
    return std::vector<double>(states.h(0), states.h(0) + 3);
  };
  CHECK(h_0({nan, 1}) == h_0({0.5, 1}));
  CHECK(h_0({2, nan}) == h_0({2, -0.25}));
  CHECK(h_0({2}) == h_0({2, -0.25}));
  CHECK(h_0({}) == h_0({nan, nan}));
  CHECK(h_0({2, 1}) != h_0({2, 1.5}));
}

TEST_CASE("rnn initial: without weights for it every state starts at zero") {
  CHECK(InitialStates<float>(make_network(plain())).zero());
  ModelSpec s = plain();
  set_initial(s, InitialState::Learned);
  CHECK(InitialStates<float>(make_recurrent_network(s, 4)).zero());
}
