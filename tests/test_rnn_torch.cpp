// Against PyTorch itself: numbers in golden/rnn_torch.txt, made by golden/rnn_torch.py.
#include <doctest/doctest.h>

#include <cmath>
#include <fstream>
#include <map>

#include "rnn/trainer.h"
#include "rnn_samples.h"

using namespace rnn_samples;

namespace {

std::map<std::string, std::vector<double>> golden() {
  std::ifstream file(RIBOSTEP_SOURCE_DIR "/tests/golden/rnn_torch.txt");
  std::map<std::string, std::vector<double>> numbers;
  std::string name;
  std::size_t count = 0;
  while (file >> name >> count) {
    std::vector<double>& values = numbers[name];
    for (double x; values.size() < count && file >> x;) values.push_back(x);
  }
  return numbers;
}

double worst_difference(const std::vector<double>& a, const std::vector<double>& b) {
  double worst = 0;
  for (std::size_t i = 0; i < b.size(); ++i) worst = std::fmax(worst, std::fabs(a[i] - b[i]));
  return worst;
}

}  // namespace

TEST_CASE("rnn torch: losses and gradients of two bidirectional layers") {
  const auto want = golden();
  const std::vector<std::vector<std::uint8_t>> sequences{{0, 1, 2, 3, 1}, {3, 3}, {2, 0, 1, 0}};
  const std::vector<Example> batch{{sequences[0], 2, {}}, {sequences[1], 0, {}}, {sequences[2], 1, {}}};
  for (const CellKind cell : kCells)
    for (const Pool p : {Pool::Last, Pool::Mean, Pool::Max}) {
      const ModelSpec s = spec(cell, 3, 2, Directions::Both, {"", Task::SequenceLabel, p});
      const Network net = make_network(s);
      std::vector<double> flat(net.parameter_count), gradient(net.parameter_count);
      for (std::uint32_t i = 0; i < flat.size(); ++i) flat[i] = i * 2654435761u / 4294967296.0 - 0.5;
      const double loss =
          Bptt<double>(net, {4, {1, 2, 4, 8}}).accumulate(flat, batch, 1.0 / 3, gradient).loss / 3;
      const std::string key = std::string(name(cell)) + "/" + name(p);
      REQUIRE(want.count(key + "/gradient") == 1);
      REQUIRE(want.at(key + "/gradient").size() == gradient.size());
      // Both sides round differently a few hundred times around numbers below 1.
      CHECK_MESSAGE(std::fabs(loss - want.at(key + "/loss")[0]) < 1e-13, key);
      CHECK_MESSAGE(worst_difference(gradient, want.at(key + "/gradient")) < 1e-13, key);
    }
}

TEST_CASE("rnn torch: twenty steps of every optimiser, with clipping") {
  const auto want = golden();
  for (const OptimiserKind kind : {OptimiserKind::Sgd, OptimiserKind::Nesterov, OptimiserKind::RmsProp,
                                   OptimiserKind::Adam, OptimiserKind::AdamW}) {
    TrainConfig config;
    config.optimiser = kind;
    config.learning_rate = 0.05;
    config.alpha = 0.95;
    config.weight_decay = kind == OptimiserKind::AdamW ? 0.1 : 0.01;
    std::vector<double> p{0.5, -0.25, 1, 0, -2}, g(5);
    Optimiser<double> optimiser(5);
    for (int step = 0; step < 20; ++step) {
      for (int i = 0; i < 5; ++i) {
        const auto at = static_cast<std::size_t>(i);
        g[at] = ((7 * i + 13 * step) % 11 - 5) / 4.0 + 0.5 * p[at];
      }
      double sum = 0;
      for (const double x : g) sum += x * x;
      CHECK(clip_global_norm<double>(g, 2.0) == doctest::Approx(std::sqrt(sum)).epsilon(1e-15));
      optimiser.step(config, p, g);
    }
    CHECK(optimiser.steps() == 20);
    const auto& expected = want.at(std::string("optimiser/") + name(kind));
    CHECK_MESSAGE(worst_difference(p, expected) < 1e-13, name(kind));
    // The same in float, in vectors and with a partial one at the end.
    std::vector<float> p_float{0.5f, -0.25f, 1, 0, -2}, g_float(5);
    Optimiser<float> single(5);
    for (int step = 0; step < 20; ++step) {
      for (int i = 0; i < 5; ++i) {
        const auto at = static_cast<std::size_t>(i);
        g_float[at] = static_cast<float>((7 * i + 13 * step) % 11 - 5) / 4 + 0.5f * p_float[at];
      }
      clip_global_norm<float>(g_float, 2.0);
      single.step(config, p_float, g_float);
    }
    for (std::size_t i = 0; i < 5; ++i) CHECK(p_float[i] == doctest::Approx(expected[i]).epsilon(1e-4));
  }
}

TEST_CASE("rnn torch: learning rates of the schedules") {
  const auto want = golden();
  TrainConfig config;
  config.learning_rate = 0.05;
  config.step_epochs = 4;
  config.step_factor = 0.3;
  const auto check = [&](const char* name, int warmup, Schedule schedule) {
    config.warmup = warmup;
    config.schedule = schedule;
    const std::vector<double>& rates = want.at(std::string("schedule/") + name);
    REQUIRE(rates.size() == 120);
    // PyTorch makes each rate from the one before: a rounding for each of 120 updates of a number below 0.05.
    for (std::size_t u = 0; u < rates.size(); ++u)
      CHECK_MESSAGE(
          std::fabs(scheduled_rate(config, static_cast<std::int64_t>(u), 7, 120) - rates[u]) < 1e-15,
          std::string(name) << " at update " << u);
  };
  check("step", 0, Schedule::Step);
  check("cosine", 0, Schedule::Cosine);
  check("warmup_cosine", 10, Schedule::Cosine);
}

TEST_CASE("rnn torch: a gradient within the limit, or no limit, is left alone") {
  std::vector<float> g{3, 4};
  CHECK(clip_global_norm<float>(g, 0) == 5);
  CHECK(clip_global_norm<float>(g, 6) == 5);
  CHECK(g == std::vector<float>{3, 4});
  CHECK(clip_global_norm<float>(g, 1) == 5);
  CHECK(g[0] == doctest::Approx(0.6).epsilon(1e-6));
}
