// Every architecture that can be chosen, against the plain equations and against finite differences: a table
// in which every two choices meet (rnn_cover.h), truncated back-propagation, and dropout.
#include <doctest/doctest.h>

#include <cmath>

#include "rnn/trace.h"
#include "rnn_cover.h"
#include "rnn_reference.h"

using namespace rnn_samples;
namespace ref = rnn_reference;

namespace {

// Finite differences move a weight by up to kStep * 2; weights are drawn again until the nearest kink of a
// ReLU or a maximum is this far, hundreds of times more than a state can move.
constexpr double kStep = 2e-5, kKink = 1e-3;

double distance_to_kink(const Network& net, const std::vector<double>& p, std::span<const Example> examples) {
  double distance = 1;
  for (const Example& example : examples)
    distance = std::min(distance, ref::forward(net, strand_table(), p, example).distance_to_kink);
  return distance;
}
std::vector<double> weights_off_kinks(const Network& net, std::span<const Example> examples) {
  for (std::uint64_t seed = 1; seed < 400; ++seed) {
    const std::vector<double> p = dense_weights(net, seed);
    if (distance_to_kink(net, p, examples) > kKink) return p;
  }
  FAIL("no weights at a distance from every kink");
  return {};
}

// The weights to be checked: some of each tensor, all of a small one.
std::vector<std::size_t> some_weights(const Network& net, std::uint32_t of_each) {
  Random random(3, 22);
  std::vector<std::size_t> some;
  for (const Tensor& tensor : net.tensors)
    for (std::size_t i = 0; i < tensor.size(); ++i)
      if (tensor.size() <= of_each || random.below(static_cast<std::uint32_t>(tensor.size())) < of_each)
        some.push_back(tensor.offset + i);
  return some;
}

// Largest |difference quotient - gradient| over some weights, by the formula of check_gradients().
template <class Loss>
double worst_slope(const Network& net, std::vector<double> p, const std::vector<double>& gradient,
                   std::uint32_t of_each, Loss loss) {
  double worst = 0;
  for (const std::size_t i : some_weights(net, of_each)) {
    const double value = p[i];
    const auto slope = [&](double h) {
      p[i] = value + h;
      const double up = loss(p);
      p[i] = value - h;
      return (up - loss(p)) / (2 * h);
    };
    const double numeric = (4 * slope(kStep) - slope(2 * kStep)) / 3;
    p[i] = value;
    worst = std::isnan(numeric - gradient[i]) ? 1e9 : std::max(worst, std::fabs(numeric - gradient[i]));
  }
  return worst;
}
// In some of the models labels do not all count alike.
std::vector<float> class_weights(const ModelSpec& s) {
  if (s.task != Task::SequenceLabel && s.task != Task::PositionLabel) return {};
  return s.layers == 2 ? std::vector<float>{0.5f, 2.0f, 1.25f} : std::vector<float>{};
}
ref::Options options(const ModelSpec& s) {
  const std::vector<float> weights = class_weights(s);
  return {nullptr, {weights.begin(), weights.end()}};
}
double largest(const std::vector<double>& values) {
  double most = 0;
  for (const double x : values) most = std::max(most, std::fabs(x));
  return most;
}
// Losses of about 50 are known to 1e-14, so a quotient over 2e-5 is known to about 1e-9; layer normalisation
// bends some losses enough for the formula's own error to reach ten times that.
double slope_tolerance(const std::vector<double>& gradient) {
  return 2e-8 * std::max(1.0, largest(gradient));
}

}  // namespace

TEST_CASE("rnn architectures: every two choices that can be made together meet in the table") {
  const rnn_cover::Cover& cover = rnn_cover::cover();
  for (const rnn_cover::Choices& part : rnn_cover::parts()) {
    bool covered = false;
    for (const rnn_cover::Choices& row : cover.rows) covered = covered || rnn_cover::covers(row, part);
    if (covered) continue;
    bool known = false;
    for (const rnn_cover::Choices& other : cover.impossible) known = known || other == part;
    CHECK(known);
  }
  for (const rnn_cover::Choices& row : cover.rows) CHECK(problem(rnn_cover::spec_of(row)).empty());
  // Pairs refused: peepholes with and without layer normalisation x Elman twice and GRU 6; both kinds of
  // strands x whatever are not letters 10; the next symbol or vector x what leaks (three directions, three
  // circles, five windows) 22; the next symbol of real values 1; the next vector of letters 6; doubled x
  // windows 5; another circle x windows that start anew 6.
  int pairs = 0;
  for (const rnn_cover::Choices& part : cover.impossible)
    pairs += std::count(part.begin(), part.end(), -1) == static_cast<int>(part.size()) - 2;
  CHECK(pairs == 56);
  CHECK(cover.rows.size() < 250);  // each is trained and looked at below
}

TEST_CASE("rnn architectures: losses, probabilities and traces are those of the plain equations") {
  for (const rnn_cover::Choices& row : rnn_cover::cover().rows) {
    const ModelSpec s = rnn_cover::spec_of(row);
    const FullSamples samples(rnn_cover::lengths(s), 31);
    const Network net = make_network(s);
    // As floats, so that the trace has the same weights.
    std::vector<double> p = dense_weights(net, 7);
    std::vector<float> in_float;
    for (double& x : p) x = in_float.emplace_back(static_cast<float>(x));
    std::vector<double> got;
    Bptt<double> bptt(net, strand_table());
    bptt.set_class_weights(class_weights(s));
    const BatchResult result = bptt.evaluate(p, samples.examples, &got);
    double loss = 0, worst = 0, worst_trace = 0;
    int passes = 1, unsettled = 0;
    std::size_t next = 0;
    for (const Example& example : samples.examples) {
      const ref::Output want = ref::forward(net, strand_table(), p, example, options(s));
      loss += want.loss;
      for (const ref::Vector& one : want.probabilities)
        for (const double q : one)
          if (s.task != Task::NextVector) worst = std::max(worst, std::fabs(q - got.at(next++)));

      const Trace t = trace(net, in_float, strand_table(), example);
      const auto differ = [&](double a, double b) {
        worst_trace = std::isnan(a - b) ? 1e9 : std::max(worst_trace, std::fabs(a - b));
      };
      REQUIRE(t.layers.size() == want.states.size());
      for (std::size_t l = 0; l < t.layers.size() && steps(s, example) > 0; ++l) {
        const int copies = s.circular == Circular::Doubled ? 2 : 1, all = t.layers[l].steps * copies;
        // Of two copies the one that is scored is shown: the second, in reverse the first.
        const int shift = net.layers[l].wiring.reverse ? 0 : all - t.layers[l].steps;
        REQUIRE_MESSAGE(all == static_cast<int>(want.states[l].size()), rnn_cover::describe(row));
        for (int step = 0; step < t.layers[l].steps; ++step)
          for (int j = 0; j < s.hidden; ++j) {
            const ref::State& state = want.states[l][ref::at(step + shift)];
            differ(t.layers[l].h(step, j), state.h[ref::at(j)]);
            if (is_lstm(s.cell)) differ(t.layers[l].c(step, j), state.c[ref::at(j)]);
          }
      }
      for (std::size_t r = 0; r < want.probabilities.size(); ++r)
        for (std::size_t k = 0; k < want.probabilities[r].size(); ++k)
          differ(s.task == Task::SequenceLabel ? t.final_probabilities[k]
                                               : t.p(static_cast<int>(r), static_cast<int>(k)),
                 want.probabilities[r][k]);
      // In float a circle settles earlier.
      if (s.circular == Circular::TwoPass && steps(s, example) > 0) CHECK(t.passes == 2);
      passes = std::max(passes, want.passes);
      unsettled += !want.settled;
    }
    // Some hundred roundings of numbers around 1, enlarged up to a hundredfold by layer normalisation where
    // the three units are nearly alike.
    CHECK_MESSAGE(worst < 1e-11, rnn_cover::describe(row));
    CHECK_MESSAGE(std::fabs(result.loss - loss) < 1e-11 * static_cast<double>(result.items + 1),
                  rnn_cover::describe(row) << ": " << result.loss - loss);
    // In float the same.
    CHECK_MESSAGE(worst_trace < (s.layer_norm ? 1e-3 : 1e-5), rnn_cover::describe(row)
                                                                  << ": " << worst_trace);
    CHECK(result.items == count_targets(s, samples.examples));
    CHECK(result.passes == passes);
    CHECK(result.unsettled == unsettled);
  }
}

TEST_CASE("rnn architectures: gradients are finite differences") {
  double smallest = 1e9;
  for (const rnn_cover::Choices& row : rnn_cover::cover().rows) {
    const ModelSpec s = rnn_cover::spec_of(row);
    const FullSamples samples(rnn_cover::lengths(s), 32);
    const Network net = make_network(s);
    const std::vector<double> p = weights_off_kinks(net, samples.examples);
    Bptt<double> bptt(net, strand_table());
    bptt.set_class_weights(class_weights(s));
    std::vector<double> gradient(net.parameter_count);
    bptt.accumulate(p, samples.examples, 1.0, gradient);
    const double worst = worst_slope(net, p, gradient, 4, [&](const std::vector<double>& moved) {
      return bptt.evaluate(moved, samples.examples).loss;
    });
    CHECK_MESSAGE(worst < slope_tolerance(gradient), rnn_cover::describe(row) << ": " << worst);
    smallest = std::min(smallest, largest(gradient));
  }
  CHECK(smallest > 1e-3);  // there was something to compare
}

namespace {

// One example of every way a cut can lie, each with a cell of its own.
std::vector<ModelSpec> truncated_specs() {
  const auto make = [](CellKind cell, int layers, Directions directions, int readout, int cut) {
    ModelSpec s = spec(cell, 3, layers, directions, kReadouts[readout]);
    s.truncate = cut;
    return s;
  };
  std::vector<ModelSpec> all{make(CellKind::Lstm, 1, Directions::Forward, 0, 3),
                             make(CellKind::Gru, 2, Directions::Both, 3, 2),
                             make(CellKind::LstmCoupled, 2, Directions::Forward, 4, 3),
                             make(CellKind::ElmanRelu, 2, Directions::Both, 1, 2),
                             make(CellKind::LstmBounded, 2, Directions::Forward, 3, 2),
                             make(CellKind::LstmBoundedCoupled, 1, Directions::Strands, 2, 4),
                             make(CellKind::ElmanTanh, 1, Directions::StrandsTied, 0, 1)};
  all[2].dilations = {1, 2};  // cut 3: not every step over it comes from the window before
  all[2].peepholes = true;
  set_initial(all[2], InitialState::Learned);
  all[3].window = 3;
  all[3].window_summary = Summary::Mean;
  all[4].window = 4;  // starts anew and is cut inside a window
  all[4].window_carry = false;
  all[4].layer_norm = true;
  set_initial(all[4], InitialState::ByClass);
  all[5].dilations = {3};
  set_initial(all[5], InitialState::Encoder);
  return all;
}

}  // namespace

TEST_CASE("rnn architectures: truncated gradients are finite differences with the incoming states frozen") {
  for (const ModelSpec& s : truncated_specs()) {
    REQUIRE(problem(s).empty());
    const FullSamples samples({7, 1, 4}, 33);
    const Network net = make_network(s);
    ModelSpec uncut_spec = s;
    uncut_spec.truncate = 0;
    const Network uncut = make_network(uncut_spec);
    const std::vector<double> p = weights_off_kinks(net, samples.examples);
    std::vector<double> gradient(p.size()), whole(p.size());
    Bptt<double> cut_bptt(net, strand_table()), uncut_bptt(uncut, strand_table());
    const double loss = cut_bptt.accumulate(p, samples.examples, 1.0, gradient).loss;
    // Nothing but the gradient knows of the cut.
    CHECK(uncut_bptt.accumulate(p, samples.examples, 1.0, whole).loss == loss);
    double difference = 0;
    for (std::size_t i = 0; i < p.size(); ++i)
      difference = std::max(difference, std::fabs(gradient[i] - whole[i]));
    CHECK_MESSAGE(difference > 1e-4, describe(s));

    std::vector<ref::Pass> frozen;
    for (const Example& example : samples.examples)
      frozen.push_back(ref::forward(net, strand_table(), p, example).states);
    const double worst = worst_slope(net, p, gradient, 3, [&](const std::vector<double>& moved) {
      double sum = 0;
      for (std::size_t i = 0; i < frozen.size(); ++i)
        sum += ref::forward(net, strand_table(), moved, samples.examples[i], {&frozen[i], {}}).loss;
      return sum;
    });
    CHECK_MESSAGE(worst < slope_tolerance(gradient), describe(s) << ": " << worst);
  }
}

TEST_CASE("rnn architectures: with dropout gradients are those of the thinned network") {
  for (const int which : {0, 1, 2, 3}) {
    ModelSpec s = spec(kAllCells[which + 2], 3, which == 0 ? 3 : 2,
                       which == 1 ? Directions::StrandsTied : Directions::Both, kReadouts[which]);
    s.dropout = 0.4;
    if (which == 2) s.circular = Circular::TwoPass;
    if (which == 3) s.window = 2, s.window_summary = Summary::Mean;
    REQUIRE(problem(s).empty());
    const FullSamples samples({6, 0, 1, 5}, 34);
    const Network net = make_network(s);
    const std::vector<double> p = weights_off_kinks(net, samples.examples);
    Bptt<double> bptt(net, strand_table());
    std::vector<double> gradient(p.size()), unused(p.size());
    const Noise noise{.seed = 5, .update = 7, .first_row = 2};
    const double loss = bptt.accumulate(p, samples.examples, 1.0, gradient, &noise).loss;
    const double worst = worst_slope(net, p, gradient, 4, [&](const std::vector<double>& moved) {
      return bptt.accumulate(moved, samples.examples, 1.0, unused, &noise).loss;
    });
    CHECK_MESSAGE(worst < slope_tolerance(gradient), describe(s) << ": " << worst);
    // Another update drops other states; looking drops none.
    const Noise later{.seed = 5, .update = 8, .first_row = 2};
    CHECK(bptt.accumulate(p, samples.examples, 1.0, unused, &later).loss != loss);
    const double plain = bptt.accumulate(p, samples.examples, 1.0, unused).loss;
    CHECK(plain != loss);
    CHECK(bptt.evaluate(p, samples.examples).loss == plain);
    // What is dropped in a row does not depend on who else is in its shard.
    double alone = 0;
    for (int i = 0; i < static_cast<int>(samples.examples.size()); ++i) {
      const Noise own{.seed = 5, .update = 7, .first_row = 2 + i};
      alone += bptt.accumulate(p, {&samples.examples[ref::at(i)], 1}, 1.0, unused, &own).loss;
    }
    CHECK(alone == loss);
  }
}

TEST_CASE("rnn architectures: dropout lets through the share it says, enlarged to the same mean") {
  // Every unit of the first layer is 1, the second copies unit 0, and the readout shows it: h is 0 or
  // 1/(1-p).
  ModelSpec s = spec(CellKind::ElmanRelu, 2, 2, Directions::Forward, kReadouts[0]);
  s.dropout = 0.3;
  s.classes = 2;
  const Network net = make_network(s);
  std::vector<double> p(net.parameter_count), unused(net.parameter_count);
  const auto b_x = view(net, std::span<double>(p), net.layers[0].b_x);
  b_x(0) = b_x(1) = 1;
  view(net, std::span<double>(p), net.layers[1].w_x)(0, 0) = 1;
  view(net, std::span<double>(p), net.readout_weight)(0, 0) = 1;
  const FullSamples samples({1}, 35);
  Example example = samples.examples[0];
  example.label = 0;
  Bptt<double> bptt(net, strand_table());
  const double kept = std::log(1 + std::exp(-1 / 0.7)), dropped = std::log(2.0);
  int count = 0;
  for (int update = 0; update < 1000; ++update) {
    const Noise noise{.seed = 9, .update = update, .first_row = 0};
    const double loss = bptt.accumulate(p, {&example, 1}, 1.0, unused, &noise).loss;
    const bool is_dropped = std::fabs(loss - dropped) < 1e-12;
    CHECK((is_dropped || std::fabs(loss - kept) < 1e-12));
    count += is_dropped;
  }
  CHECK(count == doctest::Approx(300).epsilon(0.15));  // three standard deviations of 14.5
}
