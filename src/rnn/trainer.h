// Minibatch training as a value that advances one update at a time. Everything that decides the bits is in
// the constructor's arguments and in the settings changed on the way: a recipe replays exactly.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "rnn/network.h"
#include "rnn/shard_gradients.h"
#include "rnn/spec.h"

namespace ribostep::rnn {

// One optimiser over flat buffers. Formulas and defaults are torch.optim's.
template <class T>
class Optimiser {
 public:
  Optimiser(std::size_t parameter_count);
  void step(const TrainConfig& config, std::span<T> parameters, std::span<const T> gradients);
  std::int64_t steps() const { return steps_; }

 private:
  std::int64_t steps_ = 0;
  std::vector<T> first_, second_;
  double beta1_power_ = 1, beta2_power_ = 1;
};

// Scales the gradient in place to at most `limit` (L2 over all entries); returns the norm before.
template <class T>
double clip_global_norm(std::span<T> gradients, double limit);

struct UpdatePoint {        // one per update
  float loss = 0;           // mean over the minibatch
  float gradient_norm = 0;  // before clipping
  float learning_rate = 0;  // of this update, as the schedule has it
};
struct EvaluationPoint {  // at update 0 and at the end of each epoch, with the weights of that moment
  std::int64_t update = 0;
  int epoch = 0;
  // Mean per scored item, weighed by class where training is; NextVector: mean square error.
  double train_loss = 0, validation_loss = 0;
  std::int64_t train_correct = 0, train_items = 0, validation_correct = 0, validation_items = 0;
  std::int64_t unsettled = 0;  // round a circle: sequences that had not settled at the limit of passes
};

enum class Finish : std::uint8_t { Running, Epochs, EarlyStop, NotFinite };

// What can be computed side by side at one time: the shards of a minibatch, or the blocks of an evaluation.
struct Round {
  std::int64_t serial = 0;         // no other round of this trainer has it
  std::int64_t update = 0;         // its number in what is random
  float scale = 0;                 // of the gradients
  std::vector<Part> parts;         // added in this order
  std::span<const int> minibatch;  // rows, as numbers of training examples; empty for an evaluation
};

class Trainer {
 public:
  // Starts at initialise(net, seed), or at `start` if given. With config.class_weights and none in `data`,
  // the weights are balanced_class_weights of the training examples.
  Trainer(Network net, TrainingData data, TrainConfig config, std::uint64_t seed,
          std::span<const float> start = {});
  ~Trainer();
  Trainer(Trainer&&) noexcept;

  // One update (and the evaluation at an epoch's end). Does nothing once finished.
  void update();

  // The same in parts, for those who share the work. An update is one round, or two with an evaluation before
  // or after it; updates() counts it when the last of them is closed.
  const Round* round();  // opens the next one if none is open; null once finished
  bool missing(int part) const;
  void compute(int part);  // here
  // Computed elsewhere, by ShardGradients; `gradient` is empty for a block of an evaluation. What is not
  // missing any more is ignored.
  void take(int part, const BatchResult& result, std::vector<float> gradient);
  bool complete() const;   // no part of the open round is missing
  void close();            // the round that is complete
  bool in_update() const;  // between the first round of an update and the end of its last
  const std::vector<Part>& evaluation() const;

  // From the next update on, or from this one while its gradients are computed; not during an evaluation.
  void change(const SettingChange& change);
  bool may_change() const;
  Finish finish() const;
  // NotFinite: which update and what was seen, for people.
  std::string trouble() const;

  std::int64_t updates() const;
  std::int64_t updates_per_epoch() const;
  std::int64_t updates_planned() const;  // max_epochs * updates_per_epoch
  const TrainConfig& config() const;
  std::span<const float> parameters() const;  // with early stopping: the best ones once finished
  const std::vector<UpdatePoint>& curve() const;
  const std::vector<EvaluationPoint>& evaluations() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ribostep::rnn
