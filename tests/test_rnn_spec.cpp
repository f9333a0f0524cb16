// Names, bounds, the layout of a model in one buffer, and starting values.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <set>

#include "rnn_samples.h"

using namespace rnn_samples;

TEST_CASE("rnn spec: every name leads back to its value") {
  for (const CellKind v : kCells) CHECK(cell_kind(name(v)) == v);
  for (const Directions v : {Directions::Forward, Directions::Both}) CHECK(directions(name(v)) == v);
  for (const Task v : {Task::SequenceLabel, Task::PositionLabel, Task::NextSymbol}) CHECK(task(name(v)) == v);
  for (const Pool v : {Pool::Last, Pool::Mean, Pool::Max}) CHECK(pool(name(v)) == v);
  for (const OptimiserKind v :
       {OptimiserKind::Sgd, OptimiserKind::RmsProp, OptimiserKind::Adam, OptimiserKind::AdamW})
    CHECK(optimiser_kind(name(v)) == v);
  CHECK_FALSE(cell_kind("LSTM2").has_value());
  CHECK_FALSE(pool("").has_value());
}

TEST_CASE("rnn spec: what cannot be built is refused with its reason") {
  CHECK(problem(ModelSpec{}).empty());
  const auto refused = [](auto change) {
    ModelSpec s;
    change(s);
    return problem(s);
  };
  CHECK(refused([](ModelSpec& s) { s.hidden = 0; }).find("1 to 512") != std::string::npos);
  CHECK_FALSE(refused([](ModelSpec& s) { s.hidden = 513; }).empty());
  CHECK_FALSE(refused([](ModelSpec& s) { s.layers = 9; }).empty());
  CHECK_FALSE(refused([](ModelSpec& s) { s.classes = 65; }).empty());
  CHECK_FALSE(refused([](ModelSpec& s) { s.symbols = 1; }).empty());
  CHECK_FALSE(refused([](ModelSpec& s) { s.cell = static_cast<CellKind>(77); }).empty());
  const std::string leak = refused([](ModelSpec& s) {
    s.task = Task::NextSymbol;
    s.directions = Directions::Both;
  });
  CHECK(leak.find("already seen") != std::string::npos);
}

TEST_CASE("rnn spec: training settings that would only produce NaN are refused") {
  CHECK(problem(TrainConfig{}).empty());
  TrainConfig c;
  c.learning_rate = std::numeric_limits<double>::quiet_NaN();
  CHECK_FALSE(problem(c).empty());
  c = {};
  c.beta2 = 1;
  CHECK_FALSE(problem(c).empty());
  c = {};
  c.batch_size = 0;
  CHECK_FALSE(problem(c).empty());
}

TEST_CASE("rnn spec: only settings that may change while training runs can be applied") {
  TrainConfig c;
  CHECK(apply(c, {0, "learning_rate", 0.5}));
  CHECK(c.learning_rate == 0.5);
  CHECK(apply(c, {0, "weight_decay", 0.25}));
  CHECK(c.weight_decay == 0.25);
  const TrainConfig before = c;
  CHECK_FALSE(apply(c, {0, "batch_size", 3}));
  CHECK(c == before);
}

TEST_CASE("rnn network: PyTorch's names, shapes and order") {
  const Network net = make_network(spec(CellKind::Gru, 5, 2, Directions::Both, kReadouts[0]));
  std::vector<std::string> names;
  std::size_t next = 0;
  for (const Tensor& t : net.tensors) {
    names.push_back(t.name);
    CHECK(t.offset == next);
    next += t.size();
  }
  CHECK(next == net.parameter_count);
  CHECK(names == std::vector<std::string>{"weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0",
                                          "weight_ih_l0_reverse", "weight_hh_l0_reverse",
                                          "bias_ih_l0_reverse", "bias_hh_l0_reverse", "weight_ih_l1",
                                          "weight_hh_l1", "bias_ih_l1", "bias_hh_l1", "weight_ih_l1_reverse",
                                          "weight_hh_l1_reverse", "bias_ih_l1_reverse", "bias_hh_l1_reverse",
                                          "readout.weight", "readout.bias"});
  CHECK(net.tensors[0].rows == 15);
  CHECK(net.tensors[0].cols == 4);
  CHECK(net.tensors[8].cols == 10);  // level 1 reads both directions of level 0
  CHECK(net.tensors[16].rows == 3);
  CHECK(net.tensors[16].cols == 10);
}

TEST_CASE("rnn network: starting values fill their range, alike in both precisions") {
  const Network net = make_network(spec(CellKind::Lstm, 16, 1, Directions::Both, kReadouts[0]));
  const auto single = weights<float>(net, 7);
  const auto exact = weights<double>(net, 7);
  double largest = 0;
  for (std::size_t i = 0; i < single.size(); ++i) {
    CHECK(single[i] == static_cast<float>(exact[i]));
    if (i < net.tensors[8].offset) largest = std::fmax(largest, std::fabs(exact[i]));
  }
  CHECK(largest <= 0.25);  // 1/sqrt(16)
  CHECK(largest > 0.24);   // of 2,700 uniform values
  for (std::size_t i = net.tensors[8].offset; i < exact.size(); ++i)
    CHECK(std::fabs(exact[i]) <= 1 / std::sqrt(32.0));
  CHECK(weights_hash(single) != weights_hash(weights<float>(net, 8)));
  CHECK(weights_hash(single) == weights_hash(weights<float>(net, 7)));
}

TEST_CASE("rnn network: the hash sees every bit but not the kind of NaN") {
  std::vector<float> a{1, 2, std::numeric_limits<float>::quiet_NaN()};
  std::vector<float> b = a;
  b[2] = -b[2];
  CHECK(weights_hash(a) == weights_hash(b));
  b[1] = std::nextafter(b[1], 3.0f);
  CHECK(weights_hash(a) != weights_hash(b));
  CHECK(weights_hash(std::vector<float>{0.0f}) != weights_hash(std::vector<float>{-0.0f}));
}

TEST_CASE("rnn spec: what no page can train or draw is refused with the remedy") {
  ModelSpec s;
  s.hidden = 512;
  s.layers = 2;
  s.directions = Directions::Both;
  CHECK(problem(s).empty());
  CHECK(make_network(s).parameter_count < 16'000'000);
  s.layers = 8;
  CHECK(problem(s).find("16 million weights") != std::string::npos);
  s.layers = 1;
  s.init = Initialisation::Orthogonal;
  CHECK(problem(s).find("Orthogonal first weights") != std::string::npos);
  s.hidden = 128;
  CHECK(problem(s).empty());
}
