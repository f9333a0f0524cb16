// An update computed in parts, here or elsewhere and in any order, has the bits of one computed in one go.
#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>

#include "rnn/trainer.h"
#include "rnn_samples.h"

using namespace rnn_samples;

namespace {

struct Case {
  const char* name;
  ModelSpec spec;
  TrainConfig config;
};

std::vector<Case> cases() {
  TrainConfig config;
  config.batch_size = 18;  // shards of 4, 5, 4 and 5
  config.max_epochs = 3;
  config.patience = 2;
  std::vector<Case> all;
  const auto add = [&](const char* name, CellKind cell, ReadoutKind readout) -> Case& {
    all.push_back({name, spec(cell, 5, 1, Directions::Forward, readout), config});
    return all.back();
  };
  add("lstm", CellKind::Lstm, kReadouts[0]);
  add("two levels both ways", CellKind::Gru, kReadouts[1]).spec.directions = Directions::Both;
  all.back().spec.layers = 2;
  Case& dropped = add("dropout", CellKind::Gru, kReadouts[2]);
  dropped.spec.layers = 2;
  dropped.spec.dropout = 0.4;
  Case& weighed = add("class weights", CellKind::ElmanTanh, kReadouts[3]);
  weighed.config.class_weights = true;
  add("next symbol", CellKind::LstmCoupled, kReadouts[4]);
  for (const Circular circular : {Circular::Doubled, Circular::TwoPass, Circular::FixedPoint}) {
    Case& circle = add(name(circular), CellKind::Gru, kReadouts[1]);
    circle.spec.circular = circular;
    circle.spec.max_passes = 5;
    circle.config.random_rotation = true;
  }
  Case& learned = add("learned initial state", CellKind::Lstm, kReadouts[0]);
  set_initial(learned.spec, InitialState::ByClass);
  return all;
}

struct Ground {
  FullSamples samples{
      std::vector<int>{9, 14, 7,  12, 11, 8, 13, 10, 9, 15, 6, 12, 10, 7, 11, 9,  8, 12, 9,  14, 7, 12, 11,
                       8, 13, 10, 9,  15, 6, 12, 10, 7, 11, 9, 8,  12, 9, 11, 12, 8, 7,  13, 9,  8, 10, 12},
      77};
  TrainingData data() const {
    const auto middle = samples.examples.begin() + 38;
    return {strand_table(), {samples.examples.begin(), middle}, {middle, samples.examples.end()}};
  }
};

// Everything that training leaves behind, as bits.
struct Left {
  std::vector<float> parameters;
  std::vector<float> curve;
  std::vector<double> losses;
  explicit Left(const Trainer& trainer)
      : parameters(trainer.parameters().begin(), trainer.parameters().end()) {
    for (const UpdatePoint& p : trainer.curve()) curve.insert(curve.end(), {p.loss, p.gradient_norm});
    for (const EvaluationPoint& e : trainer.evaluations())
      losses.insert(losses.end(), {e.train_loss, e.validation_loss, static_cast<double>(e.train_correct),
                                   static_cast<double>(e.unsettled)});
  }
  bool operator==(const Left&) const = default;
};

}  // namespace

TEST_CASE("rnn shards: who computes a part, and when it arrives, leaves no trace in the bits") {
  const Ground ground;
  for (const Case& one : cases()) {
    CAPTURE(one.name);
    const Network net = make_network(one.spec);
    REQUIRE(problem(one.spec) == "");
    Trainer whole(net, ground.data(), one.config, 5);
    while (whole.finish() == Finish::Running) whole.update();
    const Left expected(whole);
    CHECK(expected.losses.size() >= 8);

    for (const int elsewhere : {1, 2, 3}) {  // parts of each round that a helper computes, from the back
      Trainer trainer(net, ground.data(), one.config, 5);
      ShardGradients helper(net, ground.data(), one.config, 5);
      Random random(9, static_cast<std::uint64_t>(elsewhere));
      int shared = 0, evaluated = 0;
      while (const Round* round = trainer.round()) {
        std::vector<int> parts(round->parts.size());
        std::iota(parts.begin(), parts.end(), 0);
        const int count = static_cast<int>(parts.size());
        shuffle(parts, random);
        for (const int i : parts) {
          if (i < count - elsewhere) {
            trainer.compute(i);
            continue;
          }
          const Part& part = round->parts[static_cast<std::size_t>(i)];
          if (part.kind != PartKind::Gradient) {
            trainer.take(i, helper.loss(trainer.parameters(), part), {});
            ++evaluated;
            continue;
          }
          std::vector<float> gradient(net.parameter_count, 3.0f);  // what is in it does not matter
          const auto rows = round->minibatch.subspan(static_cast<std::size_t>(part.begin),
                                                     static_cast<std::size_t>(part.end - part.begin));
          const BatchResult result =
              helper.gradient(trainer.parameters(), helper.rows(round->update, rows, part.begin),
                              round->update, part.begin, round->scale, gradient);
          trainer.take(i, result, gradient);
          trainer.compute(i);  // once more, too late
          trainer.take(i, {}, std::vector<float>(net.parameter_count, 1.0f));
          ++shared;
        }
        REQUIRE(trainer.complete());
        trainer.close();
      }
      CHECK(shared > 0);
      CHECK(evaluated > 0);
      CHECK(Left(trainer) == expected);
    }
  }
}

TEST_CASE("rnn shards: the parts of a minibatch are those that rnn::shards cuts, with its examples") {
  const Ground ground;
  const Case one = cases()[0];
  Trainer trainer(make_network(one.spec), ground.data(), one.config, 5);
  const Round* round = trainer.round();
  REQUIRE(round != nullptr);
  CHECK(round->minibatch.empty());  // it looks before the first update
  CHECK(trainer.in_update());
  CHECK_FALSE(trainer.may_change());
  while (round->minibatch.empty()) {
    for (std::size_t i = 0; i < round->parts.size(); ++i) trainer.compute(static_cast<int>(i));
    trainer.close();
    round = trainer.round();
  }
  CHECK(trainer.may_change());
  CHECK(trainer.evaluations().size() == 1);
  const auto wanted = shards(18);
  REQUIRE(round->parts.size() == wanted.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    CHECK(round->parts[i].begin == wanted[i].begin);
    CHECK(round->parts[i].end == wanted[i].end);
  }
  CHECK(round->minibatch.size() == 18);
  CHECK(trainer.updates() == 0);
  // A gradient of another shape, as of another run, is not taken.
  trainer.take(1, {}, std::vector<float>(3));
  CHECK(trainer.missing(1));
  trainer.take(77, {}, {});
  CHECK_FALSE(trainer.complete());
}

TEST_CASE("rnn shards: an update counts when its evaluation is done") {
  const Ground ground;
  Case one = cases()[0];
  one.config.batch_size = 38;  // an epoch each
  Trainer trainer(make_network(one.spec), ground.data(), one.config, 5);
  const auto close = [&] {
    const Round* round = trainer.round();
    for (std::size_t i = 0; i < round->parts.size(); ++i) trainer.compute(static_cast<int>(i));
    trainer.close();
  };
  close();
  close();
  CHECK(trainer.in_update());
  CHECK(trainer.updates() == 0);
  CHECK_FALSE(trainer.may_change());
  close();
  CHECK_FALSE(trainer.in_update());
  CHECK(trainer.updates() == 1);
  CHECK(trainer.evaluations().size() == 2);
}

TEST_CASE("rnn shards: an evaluation is cut into blocks that cover both sets in order") {
  Samples samples(std::vector<int>(700, 30), 41);
  const ModelSpec s = spec(CellKind::Gru, 4, 1, Directions::Forward, kReadouts[1]);
  const auto middle = samples.examples.begin() + 600;
  const ShardGradients work(make_network(s),
                            {table(), {samples.examples.begin(), middle}, {middle, samples.examples.end()}},
                            {}, 1);
  int train = 0, validation = 0;
  for (const Part& part : work.evaluation()) {
    int& at = part.kind == PartKind::TrainLoss ? train : validation;
    CHECK(part.begin == at);
    CHECK(part.end > part.begin);
    CHECK(part.end - part.begin <= 64);
    at = part.end;
  }
  CHECK(train == 512);
  CHECK(validation == 100);
}
