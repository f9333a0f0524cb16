#include "rnn/shard_gradients.h"

#include <algorithm>

#include "base/hash.h"
#include "base/random.h"

namespace ribostep::rnn {
namespace {

constexpr std::size_t kTrainEvaluationLimit = 512;  // examples of the training set looked at each epoch
// A block of an evaluation has about so much at most: small enough that a message gets in between two.
constexpr int kBlockExamples = 64, kBlockPositions = 8192;

}  // namespace

std::vector<float> balanced_class_weights(const ModelSpec& spec, std::span<const Example> examples) {
  if (spec.task != Task::SequenceLabel && spec.task != Task::PositionLabel) return {};
  std::vector<std::int64_t> counts(static_cast<std::size_t>(spec.outputs()));
  std::int64_t all = 0;
  for (const Example& one : examples) {
    const int scored = spec.task == Task::SequenceLabel ? 1 : steps(spec, one);
    for (int t = 0; t < scored; ++t) {
      const int k = target(spec, one, t);
      if (k < 0) continue;
      ++counts[static_cast<std::size_t>(k)];
      ++all;
    }
  }
  const auto present = static_cast<double>(counts.size()) -
                       static_cast<double>(std::count(counts.begin(), counts.end(), std::int64_t{0}));
  std::vector<float> weights;
  for (const std::int64_t count : counts)
    weights.push_back(
        count > 0 ? static_cast<float>(static_cast<double>(all) / (present * static_cast<double>(count)))
                  : 1.0f);
  return weights;
}

// Letters, labels and values move together. Whole steps only, so that codons stay codons; letters behind the
// last whole codon stay where they are.
Example RotatedExample::rotate(const ModelSpec& spec, const Example& from, std::uint64_t seed,
                               std::int64_t update, int row) {
  const int count = steps(spec, from);
  if (count < 2) return from;
  constexpr char kUse[] = "rotation";  // a stream of its own for each example of each update
  const std::int64_t place[] = {update, row};
  Random random(seed, Hash().bytes(kUse, sizeof kUse).bytes(place, sizeof place).value());
  const auto letters = static_cast<std::size_t>(spec.letters_per_step());
  const std::size_t length = static_cast<std::size_t>(count) * letters,
                    shift = random.below(static_cast<std::uint32_t>(count)) * letters;
  const auto turn = [&](auto& own, auto given, std::size_t numbers) {
    own.assign(given.begin(), given.end());
    if (own.size() < length * numbers) return;
    std::rotate(own.begin(), own.begin() + static_cast<std::ptrdiff_t>(shift * numbers),
                own.begin() + static_cast<std::ptrdiff_t>(length * numbers));
  };
  turn(tokens_, from.tokens, 1);
  turn(labels_, from.position_labels, 1);
  turn(values_, from.values, static_cast<std::size_t>(spec.channels));
  Example out = from;
  out.tokens = tokens_;
  out.position_labels = labels_;
  out.values = values_;
  return out;
}

ShardGradients::ShardGradients(const Network& net, TrainingData data, const TrainConfig& config,
                               std::uint64_t seed)
    : net_(net),
      data_(std::move(data)),
      seed_(seed),
      rotates_(config.random_rotation && net.spec.circular != Circular::Linear),
      bptt_(net, data_.table) {
  if (config.class_weights && data_.class_weights.empty())
    data_.class_weights = balanced_class_weights(net_.spec, data_.train);
  bptt_.set_class_weights(data_.class_weights);
  // Evenly spread: files often have one class after the other.
  const std::size_t shown = std::min(data_.train.size(), kTrainEvaluationLimit);
  for (std::size_t i = 0; i < shown; ++i) watched_.push_back(data_.train[i * data_.train.size() / shown]);
  cut(PartKind::TrainLoss, watched_);
  cut(PartKind::ValidationLoss, data_.validation);
}

// As many blocks as the limits ask for, and all of nearly as many examples: a short one at the end would
// leave somebody without work.
void ShardGradients::cut(PartKind kind, std::span<const Example> set) {
  const auto size = static_cast<std::int64_t>(set.size());
  std::int64_t blocks = 0, examples = kBlockExamples, positions = 0;
  for (const Example& example : set) {
    const int more = steps(net_.spec, example);
    if (examples == kBlockExamples || positions + more > kBlockPositions) {
      ++blocks;
      examples = positions = 0;
    }
    ++examples;
    positions += more;
  }
  for (std::int64_t i = 0; i < blocks; ++i)
    evaluation_.push_back(
        {kind, static_cast<int>(size * i / blocks), static_cast<int>(size * (i + 1) / blocks)});
}

std::span<const Example> ShardGradients::rows(std::int64_t update, std::span<const int> examples,
                                              int first_row) {
  rows_.clear();
  for (const int i : examples) rows_.push_back(data_.train[static_cast<std::size_t>(i)]);
  if (!rotates_) return rows_;
  rotated_.resize(std::max(rotated_.size(), rows_.size()));
  for (std::size_t i = 0; i < rows_.size(); ++i)
    rows_[i] = rotated_[i].rotate(net_.spec, rows_[i], seed_, update, first_row + static_cast<int>(i));
  return rows_;
}

BatchResult ShardGradients::gradient(std::span<const float> parameters, std::span<const Example> rows,
                                     std::int64_t update, int first_row, float scale,
                                     std::span<float> gradient) {
  std::fill(gradient.begin(), gradient.end(), 0.0f);
  const Noise noise{seed_, update, first_row};
  return bptt_.accumulate(parameters, rows, scale, gradient, net_.spec.dropout > 0 ? &noise : nullptr);
}

BatchResult ShardGradients::loss(std::span<const float> parameters, const Part& block) {
  const std::span<const Example> set = block.kind == PartKind::TrainLoss ? watched_ : data_.validation;
  return bptt_.evaluate(parameters, set.subspan(static_cast<std::size_t>(block.begin),
                                                static_cast<std::size_t>(block.end - block.begin)));
}

}  // namespace ribostep::rnn
