// Training as a whole: it learns, repeats itself, stops when it should, and never hands out broken weights.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "rnn/trainer.h"
#include "rnn_samples.h"

using namespace rnn_samples;

namespace {

TrainingData data(const Samples& samples, std::size_t train) {
  const auto middle = samples.examples.begin() + static_cast<std::ptrdiff_t>(train);
  return {table(), {samples.examples.begin(), middle}, {middle, samples.examples.end()}};
}
std::vector<float> copy(std::span<const float> p) { return {p.begin(), p.end()}; }

const ModelSpec kSmall = spec(CellKind::Gru, 6, 1, Directions::Forward, kReadouts[1]);

}  // namespace

TEST_CASE("rnn trainer: learns a planted motif with every cell") {
  Samples samples(std::vector<int>(120, 25), 31, 4);
  plant_motif(samples, 32);
  for (const CellKind cell : kCells) {
    ModelSpec s = spec(cell, 12, 1, Directions::Both, kReadouts[2]);
    s.classes = 2;
    TrainConfig config;
    config.max_epochs = 33;
    Trainer trainer(make_network(s), data(samples, 96), config, 1);
    CHECK(trainer.updates_planned() == 198);
    while (trainer.finish() == Finish::Running) trainer.update();
    CHECK(trainer.finish() == Finish::Epochs);
    CHECK(trainer.updates() == 198);
    const EvaluationPoint &first = trainer.evaluations().front(), &last = trainer.evaluations().back();
    CHECK(first.update == 0);
    CHECK(last.epoch == 33);
    CHECK(trainer.evaluations().size() == 34);
    CHECK(first.train_loss == doctest::Approx(std::log(2)).epsilon(0.2));  // knows nothing yet
    CHECK_MESSAGE(last.train_loss < first.train_loss / 2, name(cell));
    CHECK(last.train_items == 96);
    CHECK(last.validation_items == 24);
    CHECK(trainer.trouble().empty());
  }
}

TEST_CASE("rnn trainer: one seed, one course; a recipe of changes replays exactly") {
  Samples samples(std::vector<int>(50, 12), 33);
  TrainConfig config;
  config.max_epochs = 5;
  const auto run = [&](std::uint64_t seed, bool changes) {
    Trainer trainer(make_network(kSmall), data(samples, 40), config, seed);
    while (trainer.finish() == Finish::Running) {
      if (changes && trainer.updates() == 7) trainer.change({7, "learning_rate", 0.1});
      trainer.update();
    }
    return std::pair(copy(trainer.parameters()), trainer.curve()[7].loss);
  };
  const auto plain = run(1, false), again = run(1, false), other = run(2, false), changed = run(1, true),
             replayed = run(1, true);
  CHECK(plain.first == again.first);
  CHECK(plain.first != other.first);
  CHECK(changed.first == replayed.first);
  CHECK(changed.first != plain.first);
  CHECK(changed.second == plain.second);  // the loss of update 7 was that of the weights before it
}

TEST_CASE("rnn trainer: a new trainer can start from given weights") {
  Samples samples(std::vector<int>(20, 12), 34);
  const Network net = make_network(kSmall);
  const auto start = weights<float>(net, 99);
  const Trainer trainer(net, data(samples, 20), {}, 1, start);
  CHECK(copy(trainer.parameters()) == start);
}

TEST_CASE("rnn trainer: an epoch sees every example once, in a new order each time") {
  Samples samples(std::vector<int>(21, 9), 35);
  TrainConfig config;
  config.learning_rate = 0;  // the weights stay, so losses can be added up
  config.batch_size = 8;
  config.max_epochs = 2;
  Trainer trainer(make_network(kSmall), data(samples, 21), config, 3);
  CHECK(trainer.updates_per_epoch() == 3);  // 8 + 8 + 5
  while (trainer.finish() == Finish::Running) trainer.update();
  const auto& curve = trainer.curve();
  REQUIRE(curve.size() == 6);
  for (const std::size_t epoch : {0u, 3u}) {
    const double mean =
        (8.0 * curve[epoch].loss + 8.0 * curve[epoch + 1].loss + 5.0 * curve[epoch + 2].loss) / 21;
    CHECK(mean == doctest::Approx(trainer.evaluations()[0].train_loss).epsilon(1e-6));  // float's rounding
  }
  CHECK(curve[0].loss != curve[3].loss);
}

TEST_CASE("rnn trainer: an update is the mean gradient over scored items, clipped, and one step") {
  const Samples samples({4, 9, 1, 6, 12, 3, 8, 8}, 36);
  for (const ReadoutKind& readout : kReadouts) {
    const ModelSpec s = spec(CellKind::Lstm, 5, 1, Directions::Forward, readout);
    const Network net = make_network(s);
    TrainConfig config;
    config.optimiser = OptimiserKind::Sgd;
    config.learning_rate = 1;
    config.momentum = 0;
    config.clip_norm = 0.05;
    config.batch_size = 8;
    Trainer trainer(net, data(samples, 8), config, 4);
    const auto before = copy(trainer.parameters());
    trainer.update();
    std::vector<float> gradient(net.parameter_count);
    const std::int64_t items = count_targets(s, samples.examples);
    CHECK(items == (readout.task == Task::SequenceLabel ? 8 : items));
    Bptt<float>(net, table())
        .accumulate(before, samples.examples, 1.0f / static_cast<float>(items), gradient);
    const double norm = clip_global_norm<float>(gradient, config.clip_norm);
    CHECK(trainer.curve()[0].gradient_norm == doctest::Approx(norm).epsilon(1e-5));
    for (std::size_t i = 0; i < gradient.size(); ++i)  // shuffled rows are added in another order
      CHECK(trainer.parameters()[i] == doctest::Approx(before[i] - gradient[i]).epsilon(1e-5));
  }
}

TEST_CASE("rnn trainer: early stopping ends on the best weights") {
  // Labels that mean nothing: the training loss falls, the validation loss turns up.
  Samples samples(std::vector<int>(60, 15), 37);
  TrainConfig config;
  config.patience = 3;
  config.max_epochs = 200;
  config.learning_rate = 0.03;
  Trainer trainer(make_network(kSmall), data(samples, 40), config, 5);
  while (trainer.finish() == Finish::Running) trainer.update();
  CHECK(trainer.finish() == Finish::EarlyStop);
  const auto& points = trainer.evaluations();
  const auto best = std::min_element(points.begin(), points.end(), [](const auto& a, const auto& b) {
    return a.validation_loss < b.validation_loss;
  });
  CHECK(points.back().epoch - best->epoch == 3);
  CHECK(points.back().epoch < 200);
  const BatchResult again = Bptt<float>(make_network(kSmall), table())
                                .evaluate(trainer.parameters(), std::span(samples.examples).subspan(40));
  CHECK(again.loss / 20 == best->validation_loss);
  const std::int64_t updates = trainer.updates();
  trainer.update();  // does nothing any more
  CHECK(trainer.updates() == updates);
}

TEST_CASE("rnn trainer: patience without a validation set does not stop anything") {
  Samples samples(std::vector<int>(12, 9), 38);
  TrainConfig config;
  config.patience = 1;
  config.max_epochs = 6;
  Trainer trainer(make_network(kSmall), data(samples, 12), config, 6);
  while (trainer.finish() == Finish::Running) trainer.update();
  CHECK(trainer.finish() == Finish::Epochs);
  CHECK(trainer.evaluations().back().validation_items == 0);
}

TEST_CASE("rnn trainer: a loss that is no number stops training before it reaches the weights") {
  Samples samples(std::vector<int>(20, 9), 39);
  const Network net = make_network(kSmall);
  std::vector<float> start = weights<float>(net, 1);
  for (float& w : std::span(start).subspan(net.tensors[4].offset)) w = w < 0 ? -3e38f : 3e38f;
  Trainer trainer(net, data(samples, 20), {}, 1, start);
  trainer.update();
  CHECK(trainer.finish() == Finish::NotFinite);
  CHECK(trainer.updates() == 0);
  CHECK(trainer.trouble().find("update 0") != std::string::npos);
  CHECK(copy(trainer.parameters()) == start);
}

TEST_CASE("rnn trainer: a step too large stops training with the last finite weights") {
  Samples samples(std::vector<int>(40, 9), 40);
  TrainConfig config;
  config.optimiser = OptimiserKind::Sgd;
  config.clip_norm = 0;
  config.learning_rate = 1000;
  config.weight_decay = 1;  // every step multiplies the weights by -999
  config.max_epochs = 2000;
  Trainer trainer(make_network(spec(CellKind::ElmanRelu, 8, 2, Directions::Forward, kReadouts[1])),
                  data(samples, 40), config, 7);
  while (trainer.finish() == Finish::Running) trainer.update();
  CHECK(trainer.finish() == Finish::NotFinite);
  for (const float p : trainer.parameters()) CHECK(std::isfinite(p));
  CHECK(trainer.trouble().find("update " + std::to_string(trainer.updates())) != std::string::npos);
  CHECK(static_cast<std::int64_t>(trainer.curve().size()) == trainer.updates());
}

TEST_CASE("rnn trainer: nothing to train on is said, not asserted") {
  Trainer trainer(make_network(kSmall), {table(), {}, {}}, {}, 1);
  trainer.update();
  CHECK(trainer.finish() != Finish::Running);
  CHECK_FALSE(trainer.trouble().empty());
  CHECK(trainer.updates_planned() == 0);
}

TEST_CASE("rnn trainer: long training sets are watched through at most 512 examples") {
  Samples samples(std::vector<int>(700, 3), 41);
  TrainConfig config;
  config.batch_size = 700;
  config.max_epochs = 1;
  Trainer trainer(make_network(kSmall), data(samples, 700), config, 8);
  trainer.update();
  CHECK(trainer.evaluations().back().train_items == 512);
}

TEST_CASE("rnn trainer: a schedule without anything in it is the learning rate itself") {
  TrainConfig config;
  config.learning_rate = 0.1;  // not a number that binary fractions reach
  for (const std::int64_t update : {0, 1, 7, 1000}) CHECK(scheduled_rate(config, update, 7, 100) == 0.1);
  config.schedule = Schedule::Step;
  config.step_factor = 1;
  CHECK(scheduled_rate(config, 99, 7, 100) == 0.1);
}

TEST_CASE("rnn trainer: the cosine of a schedule is one") {
  TrainConfig config;
  config.learning_rate = 1;
  config.schedule = Schedule::Cosine;
  constexpr int kPlanned = 10007;
  for (int u = 0; u < kPlanned; ++u) {
    const double x = static_cast<double>(u) / kPlanned;
    const double want = 0.5 * (1 + std::cos(3.14159265358979323846 * x));
    // Twice the rounding of each of the two cosines and of the sum, for numbers up to 1.
    REQUIRE(std::fabs(scheduled_rate(config, u, 10, kPlanned) - want) < 1e-15);
  }
  CHECK(scheduled_rate(config, 0, 10, kPlanned) == 1);
  CHECK(scheduled_rate(config, kPlanned, 10, kPlanned) == 0);
  for (int u = 1; u < kPlanned; ++u)
    REQUIRE(scheduled_rate(config, u, 10, kPlanned) < scheduled_rate(config, u - 1, 10, kPlanned));
}

TEST_CASE("rnn trainer: warm-up rises to the rate, steps count epochs from the first update") {
  TrainConfig config;
  config.learning_rate = 0.8;
  config.schedule = Schedule::Step;
  config.step_epochs = 2;
  config.step_factor = 0.25;
  config.warmup = 4;
  const double want[] = {0.2, 0.4, 0.6, 0.8, 0.8, 0.8, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0.05};
  for (int u = 0; u < 13; ++u)
    CHECK(scheduled_rate(config, u, 3, 30) == doctest::Approx(want[u]).epsilon(1e-15));
}

TEST_CASE("rnn trainer: each update is made at its scheduled rate, and says which") {
  const Samples samples(std::vector<int>(12, 8), 42);
  TrainConfig config;
  config.optimiser = OptimiserKind::Sgd;
  config.momentum = 0;
  config.clip_norm = 0;
  config.batch_size = 4;
  config.max_epochs = 3;
  config.learning_rate = 0.5;
  config.warmup = 2;
  config.schedule = Schedule::Cosine;
  Trainer trainer(make_network(kSmall), data(samples, 12), config, 9);
  std::vector<float> before;
  while (trainer.finish() == Finish::Running) {
    if (trainer.updates() == 5) trainer.change({5, "learning_rate", 0.25});  // the height of the wave
    before = copy(trainer.parameters());
    trainer.update();
    const UpdatePoint& point = trainer.curve().back();
    const std::int64_t u = trainer.updates() - 1;
    CHECK(point.learning_rate == static_cast<float>(scheduled_rate(trainer.config(), u, 3, 9)));
    // Plain SGD: the length of the step is the rate times the gradient's.
    double moved = 0;
    for (std::size_t i = 0; i < before.size(); ++i) {
      const double d = static_cast<double>(trainer.parameters()[i]) - static_cast<double>(before[i]);
      moved += d * d;
    }
    CHECK(std::sqrt(moved) ==
          doctest::Approx(static_cast<double>(point.learning_rate) * static_cast<double>(point.gradient_norm))
              .epsilon(1e-4));  // weights are floats near 1, steps about 1e-2
  }
  CHECK(trainer.updates() == 9);
  CHECK(trainer.curve()[0].learning_rate == 0.25f);
  CHECK(trainer.curve()[1].learning_rate == 0.5f);
  CHECK(trainer.curve()[8].learning_rate < 0.02f);
}

TEST_CASE("rnn trainer: class weights are those of the training examples, rare classes weigh more") {
  Samples samples(std::vector<int>(12, 6), 43);
  for (std::size_t i = 0; i < 12; ++i) samples.examples[i].label = i < 9 ? 0 : 2;
  const std::vector<float> weights = balanced_class_weights(kSmall, samples.examples);
  CHECK(weights == std::vector<float>{static_cast<float>(12 / (2 * 9.0)), 1, 2});
  // Positions: counted one by one, those without a label not at all.
  const ModelSpec positions = spec(CellKind::Gru, 4, 1, Directions::Forward, kReadouts[3]);
  const std::vector<std::uint8_t> tokens{0, 1, 2, 3}, labels{1, kNoClass, 1, 0};
  const std::vector<Example> one{{tokens, -1, labels}};
  CHECK(balanced_class_weights(positions, one) == std::vector<float>{1.5f, 0.75f, 1});
  CHECK(balanced_class_weights(spec(CellKind::Gru, 4, 1, Directions::Forward, kReadouts[4]), one).empty());
}

TEST_CASE("rnn trainer: with class weights the loss is the weighed mean, in training and in evaluation") {
  Samples samples(std::vector<int>(8, 6), 44);
  for (std::size_t i = 0; i < 8; ++i) samples.examples[i].label = i < 6 ? 0 : 1;
  TrainConfig config;
  config.batch_size = 8;
  config.max_epochs = 1;
  config.class_weights = true;
  const Network net = make_network(kSmall);
  Trainer trainer(net, data(samples, 8), config, 10);
  Bptt<float> forward(net, table());
  const auto start = copy(trainer.parameters());
  double sum = 0, weight = 0;
  for (const Example& one : samples.examples) {
    const double w = one.label == 0 ? 8 / 12.0 : 2;
    sum += w * forward.evaluate(start, std::span(&one, 1)).loss;
    weight += w;
  }
  trainer.update();
  CHECK(trainer.evaluations()[0].train_loss == doctest::Approx(sum / weight).epsilon(1e-6));
  CHECK(static_cast<double>(trainer.curve()[0].loss) == doctest::Approx(sum / weight).epsilon(1e-6));
  // One at a time: an example's own weight cancels.
  TrainConfig alone = config;
  alone.batch_size = 1;
  alone.learning_rate = 0;
  Trainer singles(net, data(samples, 8), alone, 10);
  double of_singles = 0, of_all = 0;
  for (const Example& one : samples.examples) {
    singles.update();
    of_singles += static_cast<double>(singles.curve().back().loss);
    of_all += forward.evaluate(start, std::span(&one, 1)).loss;
  }
  CHECK(of_singles == doctest::Approx(of_all).epsilon(1e-6));
  config.class_weights = false;
  Trainer plain(net, data(samples, 8), config, 10);
  plain.update();
  CHECK(plain.curve()[0].loss != trainer.curve()[0].loss);
  CHECK(copy(plain.parameters()) != copy(trainer.parameters()));
}

TEST_CASE("rnn trainer: circular examples are rotated anew for each update, the same way each time") {
  Samples samples(std::vector<int>(20, 11), 45);
  ModelSpec circle = kSmall;
  circle.circular = Circular::TwoPass;
  TrainConfig config;
  config.max_epochs = 3;
  const auto run = [&](const ModelSpec& s, bool rotation) {
    config.random_rotation = rotation;
    Trainer trainer(make_network(s), data(samples, 20), config, 11);
    while (trainer.finish() == Finish::Running) trainer.update();
    return copy(trainer.parameters());
  };
  CHECK(run(circle, true) == run(circle, true));
  CHECK(run(circle, true) != run(circle, false));
  CHECK(run(kSmall, true) == run(kSmall, false));  // a linear sequence has a beginning
}

TEST_CASE("rnn trainer: a rotated example keeps its letters, labels and values side by side") {
  // A weight of its own for each letter, no memory: a loss per position that only sees what stands there.
  ModelSpec s = spec(CellKind::ElmanTanh, 4, 1, Directions::Forward, kReadouts[3]);
  s.circular = Circular::TwoPass;
  s.classes = 3;
  const Network net = make_network(s);
  auto start = weights<float>(net, 12);
  for (const Tensor& tensor : net.tensors)
    if (tensor.name == "weight_hh_l0")
      std::fill_n(start.begin() + static_cast<std::ptrdiff_t>(tensor.offset), tensor.size(), 0.0f);
  Samples samples({9, 14, 3, 8}, 46, 4);
  TrainConfig config;
  config.learning_rate = 0;
  config.max_epochs = 6;
  config.random_rotation = true;
  Trainer trainer(net, data(samples, 4), config, 13, start);
  while (trainer.finish() == Finish::Running) trainer.update();
  for (const UpdatePoint& point : trainer.curve())  // the same losses in another order: float's rounding
    CHECK(static_cast<double>(point.loss) ==
          doctest::Approx(trainer.evaluations()[0].train_loss).epsilon(1e-6));
  // Codons: whole ones, so their labels stay with them; the letter behind the last one is never read.
  s.input = Input::Codons;
  const Network codons = make_network(s);
  auto codon_start = weights<float>(codons, 14);
  for (const Tensor& tensor : codons.tensors)
    if (tensor.name == "weight_hh_l0")
      std::fill_n(codon_start.begin() + static_cast<std::ptrdiff_t>(tensor.offset), tensor.size(), 0.0f);
  Samples genes({13, 12, 9}, 47, 4);
  Trainer reader(codons, data(genes, 3), config, 15, codon_start);
  while (reader.finish() == Finish::Running) reader.update();
  for (const UpdatePoint& point : reader.curve())
    CHECK(static_cast<double>(point.loss) ==
          doctest::Approx(reader.evaluations()[0].train_loss).epsilon(1e-6));
}

TEST_CASE("rnn trainer: dropout is drawn from the seed and the update, and not at all in evaluations") {
  const Samples samples(std::vector<int>(20, 9), 48);
  ModelSpec two = kSmall;
  two.layers = 2;
  TrainConfig config;
  config.max_epochs = 2;
  const auto run = [&](double dropout, std::uint64_t seed) {
    two.dropout = dropout;
    const Network net = make_network(two);
    Trainer trainer(net, data(samples, 20), config, seed, weights<float>(net, 50));
    while (trainer.finish() == Finish::Running) trainer.update();
    return std::pair(copy(trainer.parameters()), trainer.evaluations()[0].train_loss);
  };
  const auto dropped = run(0.5, 1), again = run(0.5, 1), whole = run(0, 1);
  CHECK(dropped.first == again.first);
  CHECK(dropped.first != whole.first);
  CHECK(dropped.second == whole.second);
  // Two updates of the same examples see different states.
  config.learning_rate = 0;
  config.batch_size = 20;
  two.dropout = 0.5;
  Trainer still(make_network(two), data(samples, 20), config, 1);
  still.update();
  still.update();
  const double first = static_cast<double>(still.curve()[0].loss);
  CHECK(std::fabs(static_cast<double>(still.curve()[1].loss) - first) > 1e-5 * first);  // beyond rounding
}
