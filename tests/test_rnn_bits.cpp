// Bit-for-bit training: the hash of the weights after 50 updates of every kind of model is the one in
// golden/bits.txt and golden/bits_architectures.txt, in every build (gcc, clang, sanitizers, WebAssembly). A
// change of these bits breaks share links that carry a recipe: it needs a new rnn::kNumericsVersion and a
// reason. To write the file anew:
//   ribostep_tests -tc="write golden/bits.txt" --no-skip
#include <doctest/doctest.h>

#include <fstream>

#include "rnn/trainer.h"
#include "rnn_cover.h"
#include "rnn_samples.h"

using namespace rnn_samples;

namespace {

const char* const kFile = RIBOSTEP_SOURCE_DIR "/tests/golden/bits.txt";
const char* const kArchitectures = RIBOSTEP_SOURCE_DIR "/tests/golden/bits_architectures.txt";

std::vector<std::string> lines() {
  // Uneven lengths, ambiguity codes, a last smaller batch, several shards.
  std::vector<int> lengths;
  for (int i = 0; i < 45; ++i) lengths.push_back(5 + (i * 7) % 23);
  const Samples samples(lengths, 51);
  std::vector<std::string> out{"numerics version " + std::to_string(kNumericsVersion)};
  int model = 0;
  for (const ModelSpec& s : all_specs(6)) {
    TrainConfig config;
    config.optimiser = static_cast<OptimiserKind>(model++ % 4);
    config.weight_decay = 0.01;
    config.batch_size = 17;
    config.max_epochs = 1000;
    if (config.optimiser == OptimiserKind::Sgd) config.learning_rate = 0.1;
    TrainingData data{table(), samples.examples, {}};
    Trainer trainer(make_network(s), std::move(data), config, 52);
    for (int i = 0; i < 50; ++i) trainer.update();
    for (const float p : trainer.parameters()) REQUIRE(p - p == 0);  // bits of NaN differ between platforms
    out.push_back(describe(s) + " " + name(config.optimiser) + " " + weights_hash(trainer.parameters()));
  }
  return out;
}

// The same for every wiring, initial state and input: a table in which every two choices meet (rnn_cover.h),
// with the options of training that change bits taking turns.
std::vector<std::string> architecture_lines() {
  std::vector<int> lengths;
  for (int i = 0; i < 22; ++i) lengths.push_back(6 + (i * 7) % 19);
  const FullSamples samples(lengths, 53);
  std::vector<std::string> out{"numerics version " + std::to_string(kNumericsVersion)};
  int model = 0;
  for (const rnn_cover::Choices& row : rnn_cover::make_cover().rows) {
    ModelSpec s = rnn_cover::spec_of(row);
    s.init = static_cast<Initialisation>(model % kCount<Initialisation>);
    if (s.cell == CellKind::Gru || is_lstm(s.cell)) s.forget_bias = static_cast<ForgetBias>(model / 2 % 3);
    if (s.layers > 1 && model % 3 == 0) s.dropout = 0.25;
    if (s.directions == Directions::Forward && s.circular == Circular::Linear && model % 2 == 0)
      s.truncate = 4;
    REQUIRE(problem(s).empty());
    TrainConfig config;
    config.optimiser = static_cast<OptimiserKind>(model % kCount<OptimiserKind>);
    config.schedule = static_cast<Schedule>(model % kCount<Schedule>);
    config.step_epochs = 2;
    config.warmup = model % 4;
    config.random_rotation = s.circular != Circular::Linear;
    config.batch_size = 9;
    config.max_epochs = 1000;
    if (config.optimiser == OptimiserKind::Sgd) config.learning_rate = 0.05;
    ++model;
    TrainingData data;
    data.table = strand_table();
    data.train = samples.examples;
    if (s.task == Task::SequenceLabel || s.task == Task::PositionLabel)
      data.class_weights = {0.5f, 1.25f, 2.0f};
    Trainer trainer(make_network(s), std::move(data), config, 54);
    for (int i = 0; i < 8; ++i) trainer.update();
    for (const float p : trainer.parameters()) REQUIRE(p - p == 0);
    out.push_back(describe(s) + " " + name(s.input) + " " + name(s.circular) + " " + name(s.initial) + " " +
                  name(config.optimiser) + " " + weights_hash(trainer.parameters()));
  }
  return out;
}

void compare(const char* path, const std::vector<std::string>& got) {
  std::ifstream file(path);
  std::vector<std::string> want;
  for (std::string line; std::getline(file, line);) want.push_back(line);
  REQUIRE(want.size() == got.size());
  for (std::size_t i = 0; i < got.size(); ++i) CHECK(got[i] == want[i]);
}

}  // namespace

TEST_CASE("rnn bits: eight updates of every architecture give the committed bits") {
  compare(kArchitectures, architecture_lines());
}

TEST_CASE("rnn bits: fifty updates of every model give the committed bits") { compare(kFile, lines()); }

TEST_CASE("write golden/bits.txt" * doctest::skip()) {
  std::ofstream file(kFile);
  for (const std::string& line : lines()) file << line << "\n";
  CHECK(file.good());
  std::ofstream architectures(kArchitectures);
  for (const std::string& line : architecture_lines()) architectures << line << "\n";
  CHECK(architectures.good());
}
