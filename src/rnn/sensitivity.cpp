// The Jacobian of a step is found row by row with the cells' own backward pass: one step, as many copies of
// it as the state has numbers, each asking for the gradient of one of them. So it holds for every kind of
// cell.
#include "rnn/sensitivity.h"

#include <Eigen/Core>
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "rnn/stack.h"
#include "rnn/trace.h"

namespace ribostep::rnn {
namespace {

constexpr int kLargestState = 512;            // numbers in a state whose Jacobians are computed
constexpr double kLargestWork = 4e10;         // multiply-adds for all steps: about half a minute
constexpr double kLargestGradientWork = 6e9;  // the same for the gradients: double, everything kept
constexpr int kPowerIterations = 300;
constexpr double kPowerTolerance = 1e-10;  // relative change at which an iteration has converged

constexpr std::array<const char*, 3> kNames{"whole", "last_output", "at_cursor"};
constexpr std::array<const char*, 3> kLabels{"whole loss", "last output", "output at the cursor"};

double log10_of(double x) { return x > 0 ? std::log10(x) : -std::numeric_limits<double>::infinity(); }

double norm_of(const double* x, int n) {
  // Scaled, so that squares of tiny numbers do not vanish.
  double largest = 0, sum = 0;
  for (int i = 0; i < n; ++i) largest = std::max(largest, std::fabs(x[i]));
  if (largest == 0) return 0;
  for (int i = 0; i < n; ++i) sum += (x[i] / largest) * (x[i] / largest);
  return largest * std::sqrt(sum);
}

// Largest singular value by power iteration on M^T M, from a start that is no eigenvector of anything usual.
double largest_singular_value(const Eigen::MatrixXd& m) {
  Eigen::VectorXd v(m.cols());
  for (Eigen::Index i = 0; i < v.size(); ++i) v[i] = 1 + 0.05 * static_cast<double>((i * 7 + 3) % 17 - 8);
  v.normalize();
  double sigma = 0;
  for (int i = 0; i < kPowerIterations; ++i) {
    const Eigen::VectorXd u = m * v;
    const double now = u.norm();
    if (now == 0) return 0;
    v.noalias() = m.transpose() * (u / now);
    const double length = v.norm();
    if (length == 0) return 0;
    v /= length;
    const bool settled = std::fabs(now - sigma) <= kPowerTolerance * now;
    sigma = now;
    if (settled && i > 2) break;
  }
  return sigma;
}

}  // namespace

const char* name(SensitivityLoss loss) { return kNames[static_cast<std::size_t>(loss)]; }
const char* label(SensitivityLoss loss) { return kLabels[static_cast<std::size_t>(loss)]; }
std::optional<SensitivityLoss> sensitivity_loss(std::string_view text) {
  for (std::size_t i = 0; i < kNames.size(); ++i)
    if (text == kNames[i]) return static_cast<SensitivityLoss>(i);
  return std::nullopt;
}

struct SensitivityBuilder::State {
  State(const Network& network, std::span<const float> weights, const TokenTable& token_table,
        const Example& given, SensitivityLoss which, int step)
      : net(network),
        table(token_table),
        parameters(weights.begin(), weights.end()),
        tokens(given.tokens.begin(), given.tokens.end()),
        labels(given.position_labels.begin(), given.position_labels.end()),
        values(given.values.begin(), given.values.end()),
        covariates(given.covariates.begin(), given.covariates.end()),
        example(given),
        loss(which),
        at_step(step),
        kinds(net.spec, table),
        initial(net),
        stack(net, table),
        one_step(net, table) {
    example.tokens = tokens;
    example.position_labels = labels;
    example.values = values;
    example.covariates = covariates;
    for (const Layer& layer : net.layers) state_size += layer.hidden * (has_cell_state(layer.cell) ? 2 : 1);
    result.steps = steps(net.spec, example);
    result.letters_per_step = net.letters_per_step(0);
  }

  void gradients() {
    const double work = 6 * static_cast<double>(net.parameter_count) * result.steps;
    if (work > kLargestGradientWork || result.steps == 0) return;
    int row = -1;
    if (loss == SensitivityLoss::LastOutput) row = last_scored();
    if (loss == SensitivityLoss::AtCursor) row = std::clamp(at_step, 0, result.steps - 1);
    Bptt<double> bptt(net, table);
    const auto looked = bptt.look(parameters, example, row);
    for (std::size_t i = 0; i < net.layers.size(); ++i) {
      const int hidden = net.layers[i].hidden;
      std::vector<double> norms;
      for (std::size_t at = 0; at < looked.state_gradients[i].size(); at += static_cast<std::size_t>(hidden))
        norms.push_back(log10_of(norm_of(looked.state_gradients[i].data() + at, hidden)));
      result.state_gradient.push_back(std::move(norms));
    }
    const int inputs = net.layers[0].inputs;
    for (int t = 0; t < result.steps; ++t)
      result.input_gradient.push_back(
          log10_of(norm_of(looked.input_gradients.data() + area(t, inputs), inputs)));
  }
  int last_scored() const {
    int row = -1;
    for (int t = 0; t < result.steps; ++t)
      if (target(net.spec, example, t) >= 0) row = t;
    return row;
  }

  // prod f for each unit along what the layer reads; the trace of training has the gates.
  void direct_paths() {
    const std::vector<float> weights(parameters.begin(), parameters.end());
    const Trace traced = trace(net, weights, table, example);
    for (std::size_t i = 0; i < net.layers.size(); ++i) {
      const Layer& layer = net.layers[i];
      const LayerTrace& t = traced.layers[i];
      std::vector<float> path;
      const int forget = gate_index(layer.cell, 'f');
      if (has_cell_state(layer.cell)) {
        path.assign(area(t.steps, layer.hidden), 0.0f);
        std::vector<double> sums(area(t.steps, layer.hidden));
        for (int s = 0; s < t.steps; ++s) {
          const int step = layer.wiring.reverse ? t.steps - 1 - s : s;
          const int from = layer.wiring.predecessor(t.steps, step);
          for (int j = 0; j < layer.hidden; ++j) {
            const std::size_t at = area(step, layer.hidden) + static_cast<std::size_t>(j);
            const double before = from < 0 ? 0 : sums[area(from, layer.hidden) + static_cast<std::size_t>(j)];
            sums[at] = before + log10_of(static_cast<double>(t.gate(step, forget, j)));
            path[at] = static_cast<float>(sums[at]);
          }
        }
      }
      result.direct_path.push_back(std::move(path));
    }
  }

  // Why the state of one step does not go to the next as a whole; empty when it does.
  std::string obstacle() const {
    const ModelSpec& spec = net.spec;
    if (spec.directions != Directions::Forward)
      return "two directions have no common state that goes from step to step";
    if (spec.window > 0) return "levels above windows step at another pace";
    for (int level = 0; level < spec.layers; ++level)
      if (spec.dilation(level) > 1) return "with dilations a step is fed by an earlier one than the last";
    if (state_size > kLargestState)
      return "a state of " + std::to_string(state_size) + " numbers is too large (limit " +
             std::to_string(kLargestState) + ")";
    const double size = state_size;
    if ((6 * static_cast<double>(net.parameter_count) * size + size * size * size) * result.steps >
        kLargestWork)
      return "this sequence is too long for a state of " + std::to_string(state_size) + " numbers";
    return {};
  }

  // The states from which every step sets out, in double: the last pass round a circle.
  void forward() {
    batch.letters.build(net.spec, kinds, {&example, 1});
    initial.pack(parameters);
    initial.forward({&example, 1}, batch.letters.source);
    stack.pack(parameters, false);
    one_step.pack(parameters, true);
    const int stride = stack.layer(0).inputs(), channels = net.spec.channels;
    if (net.spec.input == Input::Values) {
      value_rows.assign(area(result.steps, stride), 0.0);
      for (int t = 0; t < result.steps; ++t)
        for (int k = 0; k < channels; ++k)
          value_rows[area(t, stride) + static_cast<std::size_t>(k)] =
              static_cast<double>(values[area(t, channels) + static_cast<std::size_t>(k)]);
    }
    const InitialStates<double>* start = initial.zero() ? nullptr : &initial;
    const Rows<const double> given{value_rows.empty() ? nullptr : value_rows.data(), stride};
    const int passes = net.spec.circular == Circular::Linear       ? 1
                       : net.spec.circular == Circular::FixedPoint ? net.spec.max_passes
                                                                   : 2;
    stack.begin(batch, given, start, nullptr);
    stack.run_all();
    if (passes > 1) {
      Stack<double> other(net, table);
      other.pack(parameters, false);
      for (int p = 1; p < passes; ++p) {
        std::swap(stack, other);
        stack.begin(batch, given, start, &other);
        stack.run_all();
        if (net.spec.circular == Circular::FixedPoint && stack.change_at_origin(other, 0) <= 1e-12) break;
      }
    }
    const std::vector<int> ones(static_cast<std::size_t>(state_size), 1);
    copies.letters.build(std::span<const int>(ones));
    product = Eigen::MatrixXd::Identity(state_size, state_size);
    jacobian.resize(state_size, state_size);
  }

  // J[row][column] = d(state after t)[row] / d(state before t)[column]; a layer's h, then its c, layer by
  // layer.
  void step_jacobian(int t) {
    const int rows = state_size;
    if (!batch.letters.tokens.empty())
      copies.letters.tokens.assign(static_cast<std::size_t>(rows),
                                   batch.letters.tokens[static_cast<std::size_t>(batch.letters.first_at(t))]);
    const auto repeat = [&](const double* row, int width) {
      std::vector<double> all(area(rows, width));
      for (int r = 0; r < rows; ++r) std::copy_n(row, width, all.data() + area(r, width));
      return all;
    };
    const int layers = static_cast<int>(net.layers.size());
    std::vector<std::vector<double>> h(static_cast<std::size_t>(layers)), c(h), below(h);
    if (!value_rows.empty()) {
      const int stride = one_step.layer(0).inputs();
      below[0] = repeat(value_rows.data() + area(t, stride), stride);
    }
    for (int i = 0; i < layers; ++i) {
      LayerRun<double>& run = one_step.layer(i);
      const bool memory = has_cell_state(run.layer().cell);
      const auto at = static_cast<std::size_t>(i);
      h[at] = repeat(stack.layer(i).states_before(batch.letters, t), run.units());
      if (memory) c[at] = repeat(stack.layer(i).cells_before(batch.letters, t), run.units());
      run.begin(copies.letters, h[at].data(), memory ? c[at].data() : nullptr);
      const Rows<const double> read{below[at].empty() ? nullptr : below[at].data(),
                                    i == 0 ? run.inputs() : run.units()};
      run.forward(copies.letters, read, 0, 1);
      if (i + 1 < layers) below[at + 1] = repeat(run.states(copies.letters, 0), run.units());
    }
    std::vector<double> above;
    int begin = state_size;
    for (int i = layers - 1; i >= 0; --i) {
      LayerRun<double>& run = one_step.layer(i);
      const int units = run.units(), hidden = run.layer().hidden;
      const bool memory = has_cell_state(run.layer().cell);
      begin -= hidden * (memory ? 2 : 1);
      std::vector<double> d_h(area(rows, units)), d_c(d_h), to_below(i > 0 ? area(rows, units) : 0);
      for (int j = 0; j < hidden; ++j) {
        d_h[area(begin + j, units) + static_cast<std::size_t>(j)] = 1;
        if (memory) d_c[area(begin + hidden + j, units) + static_cast<std::size_t>(j)] = 1;
      }
      const auto at = static_cast<std::size_t>(i);
      const Rows<const double> read{below[at].empty() ? nullptr : below[at].data(),
                                    i == 0 ? run.inputs() : units};
      run.backward(copies.letters, read, d_h.data(), {above.empty() ? nullptr : above.data(), units},
                   {to_below.empty() ? nullptr : to_below.data(), units}, true,
                   memory ? d_c.data() : nullptr);
      for (int r = 0; r < rows; ++r)
        for (int j = 0; j < hidden; ++j) {
          jacobian(r, begin + j) = run.initial_gradient()[area(r, units) + static_cast<std::size_t>(j)];
          if (memory)
            jacobian(r, begin + hidden + j) =
                run.initial_cell_gradient()[area(r, units) + static_cast<std::size_t>(j)];
        }
      above = std::move(to_below);
    }
  }

  // The product is scaled to length 1 after every step and its logarithm kept apart: it cannot underflow.
  void add_jacobian(int t) {
    step_jacobian(t);
    result.step_sigma.push_back(log10_of(largest_singular_value(jacobian)));
    product = jacobian * product;
    const double size = product.norm();
    if (size > 0) {
      product /= size;
      log_scale += std::log10(size);
    } else {
      log_scale = -std::numeric_limits<double>::infinity();
    }
    result.product_sigma.push_back(size > 0 ? log_scale + log10_of(largest_singular_value(product))
                                            : log_scale);
  }

  Network net;
  TokenTable table;
  std::vector<double> parameters;
  std::vector<std::uint8_t> tokens, labels;
  std::vector<float> values;
  std::vector<double> covariates;
  Example example;  // of the copies above
  SensitivityLoss loss;
  int at_step;
  Tokens kinds;
  InitialStates<double> initial;
  Stack<double> stack, one_step;
  StackBatch batch, copies;
  std::vector<double> value_rows;
  int state_size = 0;
  Eigen::MatrixXd jacobian, product;
  double log_scale = 0;
  bool begun = false, with_jacobians = false;
  int next = 0;
  Sensitivity result;
};

SensitivityBuilder::SensitivityBuilder(const Network& net, std::span<const float> parameters,
                                       const TokenTable& table, const Example& example, SensitivityLoss loss,
                                       int at_step)
    : state_(std::make_unique<State>(net, parameters, table, example, loss, at_step)) {}
SensitivityBuilder::~SensitivityBuilder() = default;

bool SensitivityBuilder::run(int max_jacobians) {
  State& s = *state_;
  if (!s.begun) {
    s.begun = true;
    s.gradients();
    if (s.result.steps > 0 && !s.result.state_gradient.empty()) s.direct_paths();
    s.result.jacobian_note = s.obstacle();
    s.with_jacobians = s.result.jacobian_note.empty() && s.result.steps > 0;
    if (s.with_jacobians) {
      s.result.jacobian_note = "state of " + std::to_string(s.state_size) + " numbers";
      s.forward();
    }
    return !s.with_jacobians;
  }
  for (int i = 0; i < max_jacobians && s.with_jacobians && s.next < s.result.steps; ++i)
    s.add_jacobian(s.next++);
  return !s.with_jacobians || s.next == s.result.steps;
}

double SensitivityBuilder::progress() const {
  const State& s = *state_;
  return s.with_jacobians ? static_cast<double>(s.next) / std::max(1, s.result.steps) : s.begun ? 1 : 0;
}

Sensitivity SensitivityBuilder::take() { return std::move(state_->result); }

}  // namespace ribostep::rnn
