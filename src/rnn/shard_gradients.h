// The parts of training that can be computed side by side: the gradient of each shard of a minibatch, the
// losses of each block of an evaluation. A part depends on the weights, on the data and on the numbers it is
// asked with, never on who computes it or on what came before. In which order parts are added is Trainer's.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "rnn/bptt.h"
#include "rnn/network.h"
#include "rnn/spec.h"

namespace ribostep::rnn {

// What a trainer needs of a data set. Spans must outlive the trainer.
struct TrainingData {
  TokenTable table;
  std::vector<Example> train, validation;  // already windowed
  std::vector<float> class_weights{};      // in the loss, one per class; empty: all 1
};
// n / (K n_class) over the scored items of `examples`, K counting the classes that occur; 1 for a class that
// does not. Empty for the next symbol or vector, whose loss is a property of the sequence.
std::vector<float> balanced_class_weights(const ModelSpec& spec, std::span<const Example> examples);

enum class PartKind : std::uint8_t { Gradient, TrainLoss, ValidationLoss };
struct Part {
  PartKind kind = PartKind::Gradient;
  int begin = 0, end = 0;  // rows of the minibatch, or examples of the set that is looked at
};

// An example that begins elsewhere on its circle; owns its letters, labels and values.
class RotatedExample {
 public:
  // The turn is drawn from seed, update and row alone.
  Example rotate(const ModelSpec& spec, const Example& from, std::uint64_t seed, std::int64_t update,
                 int row);

 private:
  std::vector<std::uint8_t> tokens_, labels_;
  std::vector<float> values_;
};

class ShardGradients {
 public:
  // With config.class_weights and none in `data`, the weights are balanced_class_weights of the training
  // examples.
  ShardGradients(const Network& net, TrainingData data, const TrainConfig& config, std::uint64_t seed);

  const TrainingData& data() const { return data_; }
  // The blocks of an evaluation: up to 512 training examples evenly spread, then the validation set. The same
  // cut on every machine; their sums are added in this order.
  const std::vector<Part>& evaluation() const { return evaluation_; }

  // Rows first_row and on of the minibatch of `update`, given by their numbers in data().train: rotated where
  // that is asked for. Valid until the next call.
  std::span<const Example> rows(std::int64_t update, std::span<const int> examples, int first_row);
  // Sum of the class weights of the scored items of a whole minibatch.
  double weight(std::span<const Example> minibatch) const {
    return target_weight(net_.spec, minibatch, data_.class_weights);
  }
  // `gradient` becomes that of (sum of the losses of `rows`) * scale; what was in it does not matter.
  BatchResult gradient(std::span<const float> parameters, std::span<const Example> rows, std::int64_t update,
                       int first_row, float scale, std::span<float> gradient);
  // Of a block of an evaluation.
  BatchResult loss(std::span<const float> parameters, const Part& block);

 private:
  void cut(PartKind kind, std::span<const Example> set);

  Network net_;
  TrainingData data_;
  std::uint64_t seed_;
  bool rotates_;
  Bptt<float> bptt_;
  std::vector<Example> watched_, rows_;
  std::vector<RotatedExample> rotated_;  // what rows_ point to
  std::vector<Part> evaluation_;
};

}  // namespace ribostep::rnn
