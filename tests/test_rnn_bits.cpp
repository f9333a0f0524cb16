// Bit-for-bit training: the hash of the weights after 50 updates of every kind of model is the one in
// golden/bits.txt, in every build (gcc, clang, sanitizers, WebAssembly). A change of these bits breaks share
// links that carry a recipe: it needs a new rnn::kNumericsVersion and a reason. To write the file anew:
//   ribostep_tests -tc="write golden/bits.txt" --no-skip
#include <doctest/doctest.h>

#include <fstream>

#include "rnn/trainer.h"
#include "rnn_samples.h"

using namespace rnn_samples;

namespace {

const char* const kFile = RIBOSTEP_SOURCE_DIR "/tests/golden/bits.txt";

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

}  // namespace

TEST_CASE("rnn bits: fifty updates of every model give the committed bits") {
  std::ifstream file(kFile);
  std::vector<std::string> want;
  for (std::string line; std::getline(file, line);) want.push_back(line);
  const std::vector<std::string> got = lines();
  REQUIRE(want.size() == got.size());
  for (std::size_t i = 0; i < got.size(); ++i) CHECK(got[i] == want[i]);
}

TEST_CASE("write golden/bits.txt" * doctest::skip()) {
  std::ofstream file(kFile);
  for (const std::string& line : lines()) file << line << "\n";
  CHECK(file.good());
}
