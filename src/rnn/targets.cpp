// What is scored in a batch, how it is cut into shards, and what a training step takes of memory: all known
// before anything is computed.
#include <algorithm>
#include <cmath>

#include "rnn/bptt.h"
#include "rnn/cells.h"

namespace ribostep::rnn {
namespace {

constexpr int kMinShardRows = 4;  // fewer rows than a kernel's strip would waste it

}  // namespace

int steps(const ModelSpec& spec, const Example& example) {
  if (spec.input == Input::Values)
    return static_cast<int>(example.values.size()) / std::max(1, spec.channels);
  return static_cast<int>(example.tokens.size()) / spec.letters_per_step();
}

int target(const ModelSpec& spec, const Example& example, int t) {
  const auto at = static_cast<std::size_t>(t);
  int cls = -1;
  switch (spec.task) {
    case Task::SequenceLabel:
      cls = example.label;
      break;
    case Task::PositionLabel: {
      const std::size_t letter = spec.input == Input::Codons ? 3 * at + 1 : at;
      if (letter < example.position_labels.size()) cls = example.position_labels[letter];
      break;
    }
    case Task::NextSymbol:
      if (spec.input == Input::Codons) {
        if (3 * at + 5 >= example.tokens.size()) break;
        cls = 0;
        for (std::size_t i = 3 * at + 3; i < 3 * at + 6; ++i) {
          if (example.tokens[i] >= spec.symbols) return -1;
          cls = cls * spec.symbols + example.tokens[i];
        }
      } else if (at + 1 < example.tokens.size()) {
        cls = example.tokens[at + 1];
      }
      break;
    case Task::NextVector:
      return t + 1 < steps(spec, example) ? 0 : -1;
  }
  return cls >= 0 && cls < spec.outputs() ? cls : -1;  // kNoClass and ambiguity codes lie above
}

std::int64_t count_targets(const ModelSpec& spec, std::span<const Example> batch) {
  std::int64_t count = 0;
  for (const Example& example : batch) {
    const int positions = spec.task == Task::SequenceLabel ? 1 : steps(spec, example);
    for (int t = 0; t < positions; ++t) count += target(spec, example, t) >= 0;
  }
  return count;
}

double target_weight(const ModelSpec& spec, std::span<const Example> batch, std::span<const float> weights) {
  if (weights.empty()) return static_cast<double>(count_targets(spec, batch));
  double sum = 0;
  for (const Example& example : batch) {
    const int positions = spec.task == Task::SequenceLabel ? 1 : steps(spec, example);
    for (int t = 0; t < positions; ++t)
      if (const int cls = target(spec, example, t); cls >= 0)
        sum += static_cast<double>(weights[static_cast<std::size_t>(cls)]);
  }
  return sum;
}

TrainingMemory training_memory(const Network& net, std::span<const int> steps_of_shard) {
  std::int64_t positions = 0;
  int longest = 0;
  for (const int n : steps_of_shard) {
    positions += n;
    longest = std::max(longest, n);
  }
  auto examples = static_cast<std::int64_t>(steps_of_shard.size());
  if (net.spec.circular == Circular::FixedPoint && examples > 0) {  // one after the other
    examples = 1;
    positions = longest;
  }
  const int copies = net.spec.circular == Circular::Linear       ? 1
                     : net.spec.circular == Circular::FixedPoint ? net.spec.max_passes
                                                                 : 2;
  std::int64_t gates = 0, states = 0, slots = 0;
  for (const Layer& layer : net.layers) {
    const std::int64_t rows =
        layer.level > 0 && net.spec.window > 0 ? positions / net.spec.window + 1 : positions;
    const std::int64_t units = padded<float>(layer.hidden), blocks = block_map(layer.cell).blocks;
    gates +=
        rows * (blocks * units * (net.spec.layer_norm ? 2 : 1) + (has_cell_state(layer.cell) ? units : 0));
    states += rows * units * (has_cell_state(layer.cell) ? 2 : 1);
    // What a dilation starts from, and the gradients on their way to it: however short the examples are.
    slots += examples * (layer.wiring.dilation - 1) * units * (has_cell_state(layer.cell) ? 4 : 2);
  }
  // States side by side, their gradients (two buffers in turn), logits and probabilities.
  const std::int64_t features = std::int64_t{padded<float>(net.spec.hidden)} * net.spec.direction_count();
  const std::int64_t shared = positions * ((net.spec.direction_count() > 1 ? net.spec.layers : 0) * features +
                                           2 * features + 2 * padded<float>(net.spec.outputs()));
  const auto bytes = [&](std::int64_t numbers) {
    return static_cast<std::uint64_t>(numbers) * sizeof(float);
  };
  // The weights: the trainer's, those before, the best, their gradients, those of one shard and two moments;
  // in each stack packed for both ways, with gradients of its own. They are there whatever is kept of the
  // steps.
  const std::int64_t stacks = net.spec.circular == Circular::Doubled ? 1 : copies;
  const std::uint64_t weights = bytes(static_cast<std::int64_t>(net.parameter_count) * (8 + 3 * stacks));
  TrainingMemory memory;
  memory.all_at_once = bytes(copies * (gates + states + slots) + shared);
  memory.bytes = memory.all_at_once;
  const bool keep_all = memory.all_at_once <= kMemoryBudget || longest < 16;
  memory.all_at_once += weights;
  memory.bytes += weights;
  if (keep_all) return memory;
  memory.segment = static_cast<int>(std::ceil(std::sqrt(static_cast<double>(longest))));
  memory.bytes = bytes(copies * (gates * memory.segment / longest + states + slots) + shared) + weights;
  return memory;
}

std::vector<Shard> shards(int batch_size) {
  const int count = std::clamp(batch_size / kMinShardRows, 1, kMaxShards);
  std::vector<Shard> parts;
  for (int i = 0; i < count; ++i) parts.push_back({batch_size * i / count, batch_size * (i + 1) / count});
  return parts;
}

}  // namespace ribostep::rnn
