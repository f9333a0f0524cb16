// Gradients at every step against finite differences, and Jacobians of the state against what Eigen and one
// step taken twice say.
#include <doctest/doctest.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "rnn/recurrent_pass.h"
#include "rnn/sensitivity.h"
#include "rnn/trace.h"
#include "rnn_samples.h"

using namespace rnn_samples;

namespace {

constexpr double kNothing = -std::numeric_limits<double>::infinity();

// (8 (f(e) - f(-e)) - (f(2e) - f(-2e))) / 12e: the error is e^4 / 30 of the fifth derivative.
double difference(const std::function<double(double)>& f, double e) {
  return (8 * (f(e) - f(-e)) - (f(2 * e) - f(-2 * e))) / (12 * e);
}

std::vector<float> as_floats(const std::vector<double>& values) { return {values.begin(), values.end()}; }
std::vector<double> as_doubles(const std::vector<float>& values) { return {values.begin(), values.end()}; }

Sensitivity look(const Network& net, const std::vector<float>& weights, const Example& example,
                 SensitivityLoss loss = SensitivityLoss::Whole, int at_step = 0) {
  SensitivityBuilder builder(net, weights, table(), example, loss, at_step);
  while (!builder.run(7)) {
  }
  CHECK(builder.progress() == 1);
  return builder.take();
}

// One step of all layers from a whole state (every layer's h, then every layer's c), by the recurrent layers
// that PyTorch was held against.
class OneStep {
 public:
  OneStep(const Network& net, const std::vector<float>& weights)
      : net_(make_recurrent_network(net.spec, net.spec.symbols)), pass_(net_) {
    parameters_.resize(net_.parameter_count);
    for (const Tensor& to : net_.tensors)
      for (const Tensor& from : net.tensors)
        if (from.name == to.name)
          std::copy_n(weights.begin() + static_cast<std::ptrdiff_t>(from.offset), to.size(),
                      parameters_.begin() + static_cast<std::ptrdiff_t>(to.offset));
  }
  int size() const { return half() * (memory() ? 2 : 1); }
  Eigen::VectorXd step(const Eigen::VectorXd& state, int token) {
    PassInput<double> in;
    in.steps = in.rows = 1;
    in.inputs = net_.layers[0].inputs;
    in.x.assign(static_cast<std::size_t>(in.inputs), 0.0);
    in.x[static_cast<std::size_t>(token)] = 1;
    in.h0.assign(state.data(), state.data() + half());
    if (memory()) in.c0.assign(state.data() + half(), state.data() + size());
    const PassOutput<double> out = pass_.forward(parameters_, in);
    Eigen::VectorXd next(size());
    std::copy(out.h_n.begin(), out.h_n.end(), next.data());
    std::copy(out.c_n.begin(), out.c_n.end(), next.data() + half());
    return next;
  }
  Eigen::MatrixXd jacobian(const Eigen::VectorXd& state, int token) {
    constexpr double kStep = 1e-3;  // error about 1e-13 from the formula, 1e-13 from rounding
    Eigen::MatrixXd j(size(), size());
    for (int column = 0; column < size(); ++column) {
      const auto at = [&](double by) {
        Eigen::VectorXd moved = state;
        moved[column] += by;
        return step(moved, token);
      };
      j.col(column) = (8 * (at(kStep) - at(-kStep)) - (at(2 * kStep) - at(-2 * kStep))) / (12 * kStep);
    }
    return j;
  }

 private:
  bool memory() const { return has_cell_state(net_.spec.cell); }
  int half() const { return net_.spec.hidden * net_.spec.layers; }
  Network net_;
  RecurrentPass<double> pass_;
  std::vector<double> parameters_;
};

double largest(const Eigen::MatrixXd& m) { return Eigen::JacobiSVD<Eigen::MatrixXd>(m).singularValues()[0]; }

// A ladder of plain letters, so that each step's token is known.
std::vector<std::uint8_t> letters(int count, std::uint64_t seed) {
  Random random(seed, 21);
  std::vector<std::uint8_t> out;
  for (int i = 0; i < count; ++i) out.push_back(static_cast<std::uint8_t>(random.below(4)));
  return out;
}

// Step by step against a state that is stepped by hand; the product against the product of all.
void check_jacobians(ModelSpec s, int steps, std::uint64_t seed, double limit) {
  const Network net = make_network(s);
  const std::vector<float> weights = as_floats(dense_weights(net, seed, limit));
  const std::vector<std::uint8_t> tokens = letters(steps, seed);
  const Sensitivity found = look(net, weights, {tokens, 0, {}});
  REQUIRE_MESSAGE(static_cast<int>(found.step_sigma.size()) == steps, found.jacobian_note);
  OneStep by_hand(net, weights);
  Eigen::VectorXd state = Eigen::VectorXd::Zero(by_hand.size());
  Eigen::MatrixXd product = Eigen::MatrixXd::Identity(by_hand.size(), by_hand.size());
  for (int t = 0; t < steps; ++t) {
    const auto at = static_cast<std::size_t>(t);
    const Eigen::MatrixXd j = by_hand.jacobian(state, tokens[at]);
    product = j * product;
    state = by_hand.step(state, tokens[at]);
    // The iteration stops at a relative change of 1e-10; where the two largest values are within some
    // percent of each other it is then off by a few hundred times that.
    CHECK(found.step_sigma[at] == doctest::Approx(std::log10(largest(j))).epsilon(1e-6));
    CHECK(found.product_sigma[at] == doctest::Approx(std::log10(largest(product))).epsilon(1e-6));
  }
}

}  // namespace

TEST_CASE("dL/dx at every step equals finite differences over the values of a series") {
  constexpr int kSteps = 6, kChannels = 2;
  Random random(3, 22);
  std::vector<float> values;  // multiples of 1/1024: they and their neighbours are exact in float
  for (int i = 0; i < kSteps * kChannels; ++i)
    values.push_back(static_cast<float>(std::floor(random.symmetric(1) * 1024) / 1024));
  const std::vector<std::uint8_t> tokens(kSteps, 0), labels = {0, 2, kNoClass, 1, 1, 2};
  for (const CellKind cell : kAllCells) {
    if (cell == CellKind::ElmanRelu) continue;  // kinks
    for (const ReadoutKind& readout : {kReadouts[0], kReadouts[1], kReadouts[3]})
      for (const Circular circular : {Circular::Linear, Circular::Doubled})
        for (const Directions directions : {Directions::Forward, Directions::Both}) {
          ModelSpec s = spec(cell, 3, 2, directions, readout);
          s.input = Input::Values;
          s.channels = kChannels;
          s.circular = circular;
          if (!problem(s).empty()) continue;
          const Network net = make_network(s);
          const std::vector<double> weights = dense_weights(net, 5);
          Bptt<double> bptt(net, {});
          const bool rows = s.task == Task::PositionLabel;
          for (const int only_row : {-1, 3}) {
            if (only_row >= 0 && !rows) continue;
            std::vector<std::uint8_t> asked = labels;
            for (int t = 0; only_row >= 0 && t < kSteps; ++t)
              if (t != only_row) asked[static_cast<std::size_t>(t)] = kNoClass;
            std::vector<float> moved = values;
            Example example{tokens, 1, asked, moved};
            const auto looked = bptt.look(weights, {tokens, 1, labels, values}, only_row);
            REQUIRE(looked.input_gradients.size() == values.size());
            for (std::size_t i = 0; i < values.size(); ++i) {
              const double expected = difference(
                  [&](double by) {
                    moved[i] = values[i] + static_cast<float>(by);
                    return bptt.evaluate(weights, {&example, 1}).loss;
                  },
                  1.0 / 256);
              moved[i] = values[i];
              // e^4 / 30 = 8e-12 of a fifth derivative that 2 layers of gates make large.
              CHECK_MESSAGE(std::fabs(looked.input_gradients[i] - expected) < 1e-8,
                            describe(s) << " " << i << ": " << looked.input_gradients[i] << " " << expected);
            }
          }
        }
  }
}

// Here a value is input and target; only the input's share is dL/dx.
TEST_CASE("dL/dx of a predicted vector leaves out that the vector is also what is predicted") {
  constexpr int kSteps = 6, kChannels = 2;
  Random random(4, 22);
  std::vector<float> values;
  for (int i = 0; i < kSteps * kChannels; ++i)
    values.push_back(static_cast<float>(std::floor(random.symmetric(1) * 1024) / 1024));
  const std::vector<std::uint8_t> tokens(kSteps, 0);
  ModelSpec s = spec(CellKind::Lstm, 3, 1, Directions::Forward, kNextVector);
  s.input = Input::Values;
  s.channels = kChannels;
  const Network net = make_network(s);
  const std::vector<float> floats = as_floats(dense_weights(net, 5));
  const std::vector<double> weights = as_doubles(floats);
  Bptt<double> bptt(net, {});
  std::vector<float> moved = values;
  Example example{tokens, -1, {}, moved};
  const Trace traced = trace(net, floats, {}, example);
  const auto looked = bptt.look(weights, example, -1);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double whole = difference(
        [&](double by) {
          moved[i] = values[i] + static_cast<float>(by);
          return bptt.evaluate(weights, {&example, 1}).loss;
        },
        1.0 / 256);
    moved[i] = values[i];
    // Loss (z - x)^2 / C of the step before.
    const double as_target =
        i < kChannels
            ? 0
            : -2 * (static_cast<double>(traced.logits[i - kChannels]) - static_cast<double>(values[i])) /
                  kChannels;
    CHECK(std::fabs(looked.input_gradients[i] + as_target - whole) < 1e-5);  // the trace's z are floats
  }
}

// The levels one by one, so that a state can be moved between the step that made it and those that read it.
TEST_CASE(
    "dL/dh at every step of every layer equals finite differences of a network built from single layers") {
  constexpr int kSteps = 5, kHidden = 3, kLayers = 2;
  const std::vector<std::uint8_t> tokens = letters(kSteps, 8), labels = {1, kNoClass, 0, 2, 2};
  for (const CellKind cell :
       {CellKind::ElmanTanh, CellKind::Lstm, CellKind::Gru, CellKind::LstmBoundedCoupled})
    for (const bool whole : {true, false}) {
      const ModelSpec s = spec(cell, kHidden, kLayers, Directions::Forward, kReadouts[whole ? 0 : 3]);
      const Network net = make_network(s);
      const std::vector<double> weights = dense_weights(net, 9);
      ModelSpec single = s;
      single.layers = 1;
      std::vector<Network> levels;
      std::vector<std::vector<double>> parts;
      for (int l = 0; l < kLayers; ++l) {
        levels.push_back(make_recurrent_network(single, l == 0 ? s.symbols : kHidden));
        const Network& level = levels.back();
        const Layer &from = net.layers[static_cast<std::size_t>(l)], &to = level.layers[0];
        std::vector<double> part(level.parameter_count);
        for (const auto& [a, b] :
             {std::pair{from.w_x, to.w_x}, {from.w_h, to.w_h}, {from.b_x, to.b_x}, {from.b_h, to.b_h}}) {
          const Tensor &source = net.tensors[static_cast<std::size_t>(a)],
                       &target_at = level.tensors[static_cast<std::size_t>(b)];
          REQUIRE(source.size() == target_at.size());
          std::copy_n(weights.begin() + static_cast<std::ptrdiff_t>(source.offset), source.size(),
                      part.begin() + static_cast<std::ptrdiff_t>(target_at.offset));
        }
        parts.push_back(std::move(part));
      }
      const auto w = view(net, std::span(weights), net.readout_weight),
                 b = view(net, std::span(weights), net.readout_bias);
      const auto cross_entropy = [&](const double* h, int label) {
        std::vector<double> z;
        double sum = 0;
        for (int k = 0; k < w.rows; ++k) {
          z.push_back(b(k));
          for (int j = 0; j < kHidden; ++j) z.back() += w(k, j) * h[j];
          sum += std::exp(z.back());
        }
        return std::log(sum) - z[static_cast<std::size_t>(label)];
      };
      // The loss with unit j of layer l moved right after step t.
      const auto loss = [&](int l, int t, int j, double by) {
        std::vector<double> x(static_cast<std::size_t>(kSteps * s.symbols), 0.0);
        for (int i = 0; i < kSteps; ++i)
          x[static_cast<std::size_t>(i * s.symbols + tokens[static_cast<std::size_t>(i)])] = 1;
        for (int level = 0; level < kLayers; ++level) {
          const auto at = static_cast<std::size_t>(level);
          const int inputs = levels[at].layers[0].inputs;
          RecurrentPass<double> pass(levels[at]);
          std::vector<double> states, h, c;
          for (int i = 0; i < kSteps; ++i) {
            PassInput<double> in{1,  1, inputs, {x.begin() + i * inputs, x.begin() + (i + 1) * inputs},
                                 {}, h, c};
            const PassOutput<double> out = pass.forward(parts[at], in);
            h = out.h_n;
            c = out.c_n;
            if (level == l && i == t) h[static_cast<std::size_t>(j)] += by;
            states.insert(states.end(), h.begin(), h.end());
          }
          x = states;
        }
        if (whole) return cross_entropy(x.data() + (kSteps - 1) * kHidden, 1);
        double sum = 0;
        for (int i = 0; i < kSteps; ++i)
          if (labels[static_cast<std::size_t>(i)] != kNoClass)
            sum += cross_entropy(x.data() + i * kHidden, labels[static_cast<std::size_t>(i)]);
        return sum;
      };
      Bptt<double> bptt(net, table());
      const auto looked = bptt.look(weights, {tokens, 1, labels}, -1);
      CHECK(looked.result.loss == doctest::Approx(loss(0, 0, 0, 0)).epsilon(1e-12));
      REQUIRE(looked.state_gradients.size() == kLayers);
      for (int l = 0; l < kLayers; ++l)
        for (int t = 0; t < kSteps; ++t)
          for (int j = 0; j < kHidden; ++j) {
            const double found =
                looked
                    .state_gradients[static_cast<std::size_t>(l)][static_cast<std::size_t>(t * kHidden + j)];
            const double expected = difference([&](double by) { return loss(l, t, j, by); }, 1e-3);
            // 1e-13 from the formula, 1e-12 from rounding over 1e-3.
            CHECK_MESSAGE(std::fabs(found - expected) < 1e-10,
                          describe(s) << " layer " << l << " step " << t << ": " << found << " " << expected);
          }
    }
}

TEST_CASE("the norms are those of look(), as log10, of the loss that was asked for") {
  const std::vector<std::uint8_t> tokens = letters(7, 4), labels = {0, 1, 2, 0, 1, kNoClass, kNoClass};
  const ModelSpec s = spec(CellKind::Gru, 4, 2, Directions::Both, kReadouts[3]);
  const Network net = make_network(s);
  const std::vector<float> weights = as_floats(dense_weights(net, 6));
  const Example example{tokens, 0, labels};
  Bptt<double> bptt(net, table());
  for (const SensitivityLoss loss :
       {SensitivityLoss::Whole, SensitivityLoss::LastOutput, SensitivityLoss::AtCursor}) {
    const int row = loss == SensitivityLoss::Whole ? -1 : loss == SensitivityLoss::LastOutput ? 4 : 2;
    const auto looked = bptt.look(as_doubles(weights), example, row);
    const Sensitivity found = look(net, weights, example, loss, 2);
    CHECK(found.steps == 7);
    REQUIRE(found.state_gradient.size() == 4);
    for (std::size_t l = 0; l < 4; ++l)
      for (std::size_t t = 0; t < 7; ++t) {
        const Eigen::Map<const Eigen::VectorXd> g(looked.state_gradients[l].data() + 4 * t, 4);
        if (g.norm() == 0)
          CHECK(found.state_gradient[l][t] == kNothing);
        else
          CHECK(found.state_gradient[l][t] == doctest::Approx(std::log10(g.norm())).epsilon(1e-10));
      }
    for (std::size_t t = 0; t < 7; ++t) {
      const Eigen::Map<const Eigen::VectorXd> g(looked.input_gradients.data() + 4 * t, 4);
      CHECK(found.input_gradient[t] == doctest::Approx(std::log10(g.norm())).epsilon(1e-10));
    }
    CHECK(found.step_sigma.empty());
    CHECK(found.jacobian_note.find("two directions") != std::string::npos);
  }
}

TEST_CASE("an example without a label is scored against the network's own prediction") {
  const std::vector<std::uint8_t> tokens = letters(5, 4);
  const ModelSpec s = spec(CellKind::ElmanTanh, 3, 1, Directions::Forward, kReadouts[0]);
  const Network net = make_network(s);
  const std::vector<float> weights = as_floats(dense_weights(net, 6));
  const Trace traced = trace(net, weights, table(), {tokens, -1, {}});
  const auto best = std::max_element(traced.final_probabilities.begin(), traced.final_probabilities.end()) -
                    traced.final_probabilities.begin();
  const Sensitivity own = look(net, weights, {tokens, -1, {}}),
                    given = look(net, weights, {tokens, static_cast<int>(best), {}});
  CHECK(own.state_gradient == given.state_gradient);
  CHECK(own.input_gradient[0] > -10);
}

TEST_CASE("the step's largest singular value of an Elman network is that of diag(1 - h^2) W_h") {
  const ModelSpec s = spec(CellKind::ElmanTanh, 6, 1, Directions::Forward, kReadouts[0]);
  const Network net = make_network(s);
  const std::vector<float> floats = as_floats(dense_weights(net, 12, 0.9));
  const std::vector<double> weights = as_doubles(floats);
  const std::vector<std::uint8_t> tokens = letters(20, 13);
  const Sensitivity found = look(net, floats, {tokens, 0, {}});
  REQUIRE(found.step_sigma.size() == 20);
  const Layer& layer = net.layers[0];
  const auto w_x = view(net, std::span(weights), layer.w_x), w_h = view(net, std::span(weights), layer.w_h);
  const auto b_x = view(net, std::span(weights), layer.b_x), b_h = view(net, std::span(weights), layer.b_h);
  Eigen::MatrixXd recurrent(6, 6), product = Eigen::MatrixXd::Identity(6, 6);
  for (int i = 0; i < 6; ++i)
    for (int j = 0; j < 6; ++j) recurrent(i, j) = w_h(i, j);
  Eigen::VectorXd h = Eigen::VectorXd::Zero(6);
  for (std::size_t t = 0; t < 20; ++t) {
    Eigen::VectorXd z = recurrent * h;
    for (int i = 0; i < 6; ++i) z[i] += w_x(i, tokens[t]) + b_x(i) + b_h(i);
    h = z.array().tanh();
    const Eigen::MatrixXd j = (1 - h.array().square()).matrix().asDiagonal() * recurrent;
    product = j * product;
    CHECK(found.step_sigma[t] == doctest::Approx(std::log10(largest(j))).epsilon(1e-6));
    CHECK(found.product_sigma[t] == doctest::Approx(std::log10(largest(product))).epsilon(1e-6));
  }
  CHECK(found.jacobian_note == "state of 6 numbers");
}

TEST_CASE(
    "Jacobians of the whole state equal finite differences for every cell, two layers, and its options") {
  for (const CellKind cell : kAllCells) {
    if (cell == CellKind::ElmanRelu) continue;  // kinks
    check_jacobians(spec(cell, 3, 2, Directions::Forward, kReadouts[0]), 20, 31, 0.7);
  }
  ModelSpec s = spec(CellKind::Lstm, 4, 2, Directions::Forward, kReadouts[1]);
  s.peepholes = true;
  check_jacobians(s, 20, 32, 0.7);
  s.layer_norm = true;
  check_jacobians(s, 20, 33, 0.7);
  s = spec(CellKind::Gru, 4, 2, Directions::Forward, kReadouts[0]);
  s.layer_norm = true;
  check_jacobians(s, 20, 34, 0.7);
  s = spec(CellKind::LstmCoupled, 3, 1, Directions::Forward, kReadouts[0]);
  s.peepholes = true;
  check_jacobians(s, 20, 35, 1.2);
}

TEST_CASE("the product over 3,000 contracting steps is a figure where plain multiplication has none") {
  constexpr int kSteps = 3000, kHidden = 3;
  const ModelSpec s = spec(CellKind::ElmanTanh, kHidden, 1, Directions::Forward, kReadouts[0]);
  const Network net = make_network(s);
  std::vector<float> weights = as_floats(dense_weights(net, 14));
  const Layer& layer = net.layers[0];
  const auto w_h = view(net, std::span(weights), layer.w_h);
  for (int i = 0; i < kHidden; ++i)
    for (int j = 0; j < kHidden; ++j) w_h(i, j) = i == j ? 0.125f : 0.0f;
  const std::vector<std::uint8_t> tokens = letters(kSteps, 15);
  const Sensitivity found = look(net, weights, {tokens, 0, {}});
  REQUIRE(found.product_sigma.size() == kSteps);
  // W_h is diagonal, so are the Jacobians: the product's logarithms are sums, unit by unit.
  std::vector<double> h(kHidden, 0.0), sums(kHidden, 0.0);
  double plain = 1;
  const auto w_x = view(net, std::span(weights), layer.w_x), b_x = view(net, std::span(weights), layer.b_x),
             b_h = view(net, std::span(weights), layer.b_h);
  for (std::size_t t = 0; t < kSteps; ++t) {
    for (int i = 0; i < kHidden; ++i) {
      const auto at = static_cast<std::size_t>(i);
      h[at] = std::tanh(0.125 * h[at] + static_cast<double>(w_x(i, tokens[t])) + static_cast<double>(b_x(i)) +
                        static_cast<double>(b_h(i)));
      sums[at] += std::log10(0.125 * (1 - h[at] * h[at]));
    }
    plain *= 0.125 * (1 - h[0] * h[0]);
    const double expected = *std::max_element(sums.begin(), sums.end());
    CHECK(found.product_sigma[t] == doctest::Approx(expected).epsilon(1e-6));
  }
  CHECK(plain == 0);
  CHECK(std::isfinite(found.product_sigma.back()));
  CHECK(found.product_sigma.back() < -2700);  // 0.125^3000 is 10^-2709
}

TEST_CASE("the direct path through an LSTM is the sum of log10 f along what each layer reads") {
  for (const Directions directions : {Directions::Forward, Directions::Both})
    for (const CellKind cell : {CellKind::Lstm, CellKind::LstmCoupled}) {
      const ModelSpec s = spec(cell, 3, 2, directions, kReadouts[1]);
      const Network net = make_network(s);
      const std::vector<float> weights = as_floats(dense_weights(net, 16));
      const std::vector<std::uint8_t> tokens = letters(30, 17);
      const Sensitivity found = look(net, weights, {tokens, 0, {}});
      const Trace traced = trace(net, weights, table(), {tokens, 0, {}});
      const int f = gate_index(cell, 'f');
      REQUIRE(found.direct_path.size() == net.layers.size());
      for (std::size_t l = 0; l < net.layers.size(); ++l) {
        REQUIRE(found.direct_path[l].size() == 90);
        for (int unit = 0; unit < 3; ++unit) {
          double sum = 0;
          for (int i = 0; i < 30; ++i) {
            const int t = net.layers[l].wiring.reverse ? 29 - i : i;
            sum += std::log10(static_cast<double>(traced.layers[l].gate(t, f, unit)));
            // The sum is made in double and kept in float.
            CHECK(static_cast<double>(found.direct_path[l][static_cast<std::size_t>(3 * t + unit)]) ==
                  doctest::Approx(sum).epsilon(1e-6));
          }
        }
      }
    }
  const Network gru = make_network(spec(CellKind::Gru, 3, 1, Directions::Forward, kReadouts[0]));
  const Sensitivity none = look(gru, weights<float>(gru, 1), {letters(4, 1), 0, {}});
  REQUIRE(none.direct_path.size() == 1);
  CHECK(none.direct_path[0].empty());
}

TEST_CASE("what does not matter at all is minus infinity, not a small number") {
  // The loss of step 2 hears nothing of what is read after it.
  const std::vector<std::uint8_t> tokens = letters(6, 18), labels(6, 1);
  ModelSpec s = spec(CellKind::Lstm, 3, 2, Directions::Forward, kReadouts[3]);
  Network net = make_network(s);
  const Sensitivity at_two =
      look(net, as_floats(dense_weights(net, 19)), {tokens, 0, labels}, SensitivityLoss::AtCursor, 2);
  for (std::size_t t = 0; t < 6; ++t)
    for (std::size_t l = 0; l < 2; ++l) {
      CHECK((at_two.state_gradient[l][t] == kNothing) == (t > 2));
      CHECK((at_two.input_gradient[t] == kNothing) == (t > 2));
    }
  // ReLU units that are all off pass nothing on.
  s = spec(CellKind::ElmanRelu, 3, 1, Directions::Forward, kReadouts[0]);
  net = make_network(s);
  std::vector<float> off = as_floats(dense_weights(net, 20));
  const auto bias = view(net, std::span(off), net.layers[0].b_h);
  for (int i = 0; i < 3; ++i) bias(i) = -10;
  const Sensitivity dead = look(net, off, {tokens, 1, {}});
  for (std::size_t t = 0; t < 6; ++t) {
    CHECK(dead.step_sigma[t] == kNothing);
    CHECK(dead.product_sigma[t] == kNothing);
    CHECK(dead.input_gradient[t] == kNothing);
  }
}

TEST_CASE("where the state does not go from step to step there are words instead of Jacobians") {
  const std::vector<std::uint8_t> tokens = letters(12, 18);
  const auto note = [&](const ModelSpec& s) {
    const Network net = make_network(s);
    const Sensitivity found = look(net, weights<float>(net, 2), {tokens, 0, {}});
    CHECK(found.step_sigma.empty());
    CHECK(found.product_sigma.empty());
    CHECK(found.state_gradient.size() == net.layers.size());
    return found.jacobian_note;
  };
  ModelSpec s = spec(CellKind::Gru, 3, 2, Directions::Forward, kReadouts[0]);
  s.dilations = {1, 2};
  CHECK(note(s).find("dilations") != std::string::npos);
  s.dilations.clear();
  s.window = 4;
  CHECK(note(s).find("windows") != std::string::npos);
  s.window = 0;
  s.cell = CellKind::Lstm;
  s.hidden = 200;  // 2 layers of h and c: 800 numbers
  CHECK(note(s).find("800") != std::string::npos);
}

TEST_CASE("choices of the loss have names that can be read back") {
  for (int i = 0; i < kCount<SensitivityLoss>; ++i) {
    const auto loss = static_cast<SensitivityLoss>(i);
    CHECK(sensitivity_loss(name(loss)) == loss);
    CHECK(std::string(label(loss)).size() > 3);
  }
  CHECK_FALSE(sensitivity_loss("half").has_value());
}
