// What a linear read-out recovers: of a shift register exactly as many letters as it holds, of anything else
// no more than it knows.
#include <doctest/doctest.h>

#include "experiment/memory_probe.h"
#include "unit_networks.h"

using namespace ribostep;
using experiment::ProbeQuestion;
using experiment::ProbeResult;

namespace {

ProbeResult probe(const experiment::Prepared& prepared, const rnn::ModelSpec& spec,
                  std::vector<float> trained, ProbeQuestion question, int slice = 1 << 20) {
  experiment::MemoryProbe run(prepared, spec, std::move(trained), tests::start_of(spec), question);
  double before = 0;
  while (!run.run(slice)) {
    CHECK(run.progress() >= before);
    before = run.progress();
  }
  CHECK(run.progress() == 1);
  return run.take();
}

}  // namespace

TEST_CASE("a register of four letters gives back exactly four") {
  const experiment::Prepared data = tests::planted("TATAAT", 30, 80);
  const rnn::ModelSpec spec = tests::relu_spec(16);
  ProbeQuestion question;
  question.lags = 8;
  const ProbeResult found = probe(data, spec, tests::shift_register(4), question);
  REQUIRE(found.trained.size() == 9);
  CHECK(found.by_sequence);
  CHECK(found.fitted == 20 * 72);
  for (std::size_t k = 0; k < 9; ++k) {
    CHECK(found.tested[k] == 10 * 72);
    if (k < 4)
      CHECK(found.trained[k] == 1);
    else
      CHECK(found.trained[k] < 0.45);  // of random letters with one word planted: about 0.3
    CHECK(found.frequent[k] < 0.45);
    CHECK(found.frequent[k] > 0.2);
  }
  CHECK(found.last_alone[0] == 1);
  CHECK(found.last_alone[3] < 0.45);
  CHECK(found.reach_trained == 3);
  CHECK(found.reach_untrained < 8);
  CHECK(found.conclusion.find("letters up to 3 back can be recovered") != std::string::npos);
  const ProbeResult sliced = probe(data, spec, tests::shift_register(4), question, 16);
  CHECK(sliced.trained == found.trained);
  CHECK(sliced.untrained == found.untrained);
}

TEST_CASE("weights of the start are their own control") {
  const experiment::Prepared data = tests::planted("TATAAT", 12, 60);
  const rnn::ModelSpec spec = tests::relu_spec(8);
  const ProbeResult found = probe(data, spec, tests::start_of(spec), {});
  CHECK(found.trained == found.untrained);
  CHECK(found.conclusion.find("not trained yet") != std::string::npos);
}

TEST_CASE("one long sequence is tested on its second half, a short one on nothing") {
  const ProbeResult found =
      probe(tests::planted("TATAAT", 1, 900), tests::relu_spec(12), tests::shift_register(3), {.lags = 6});
  CHECK_FALSE(found.by_sequence);
  CHECK(found.fitted == 444);
  CHECK(found.tested[0] == 444);
  CHECK(found.trained[2] == 1);
  CHECK(found.reach_trained == 2);
  const ProbeResult none =
      probe(tests::planted("T", 1, 2), tests::relu_spec(12), tests::shift_register(3), {.lags = 6});
  CHECK(none.question.lags == 0);
  CHECK(none.trained.size() == 1);
}

TEST_CASE("a layer that reads backwards remembers what lies ahead") {
  const experiment::Prepared data = tests::planted("TATAAT", 30, 60);
  rnn::ModelSpec spec = tests::relu_spec(2);
  spec.directions = rnn::Directions::Both;
  spec.task = rnn::Task::PositionLabel;
  // Unit 0 is 1 at an A, unit 1 where it is followed by one: the letter ahead is known in part.
  const ProbeResult found =
      probe(data, spec, tests::word_detector("AA", 1, rnn::Directions::Both), {.layer = 1, .lags = 4});
  CHECK_FALSE(found.forward);
  CHECK(found.trained[0] > found.frequent[0] + 0.1);
  CHECK(found.trained[1] > found.frequent[1] + 0.02);
  CHECK(found.reach_trained == 1);  // two letters ahead nothing is left
  CHECK(found.conclusion.find("the letter 1 ahead") != std::string::npos);
}

TEST_CASE("a series has no letters to recover") {
  auto series = std::make_shared<bio::Dataset>(bio::Dataset::of_series({"a"}));
  series->add_series("s", "", "", std::vector<float>{1, 2, 3});
  CHECK(experiment::obstacle_of_probe(experiment::prepare(series, bio::LabelRule::None)).find("letters") !=
        std::string::npos);
  CHECK(experiment::obstacle_of_probe(tests::planted("T", 2, 9)).empty());
}
