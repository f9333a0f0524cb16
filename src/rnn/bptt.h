// Loss and gradients of a batch: forward pass, softmax cross-entropy, full back-propagation through time.
// Shapes: B rows sorted by falling length (the implementation sorts), time-major, one accumulator per output
// and k ascending in every sum; weight gradients run over t descending, then batch row.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "rnn/network.h"

namespace ribostep::rnn {

inline constexpr std::uint8_t kNoClass = 255;  // position without a label: no loss there
inline constexpr int kMaxShards = 4;  // a batch is always cut the same way, whoever computes the parts

// One training example. Targets: `label` for SequenceLabel; `position_labels` for PositionLabel (as long as
// tokens); NextSymbol reads its own tokens (an ambiguity code is no target), NextVector its own values.
struct Example {
  std::span<const std::uint8_t> tokens;  // letters, as codes of the TokenTable
  int label = -1;
  std::span<const std::uint8_t> position_labels{};
  std::span<const float> values{};       // Input::Values: [positions][channels]; tokens play no part
  int covariate_class = -1;              // InitialState::ByClass; -1: unknown, the mean of all classes
  std::span<const double> covariates{};  // InitialState::Encoder, as given; NaN: unknown, the center
};
// Steps the first layer makes over an example.
int steps(const ModelSpec& spec, const Example& example);

// Class that step t of the example is scored against (SequenceLabel: t is ignored), or -1. A codon takes the
// label of its middle letter. NextVector: 0 where there is a next vector.
int target(const ModelSpec& spec, const Example& example, int t);
// Scored items of a batch, known before any loss is: sequences with a label, or positions with a target.
std::int64_t count_targets(const ModelSpec& spec, std::span<const Example> batch);

struct BatchResult {
  // Summed over scored items (sequences or positions): cross-entropy, natural log; NextVector: mean square
  // over the channels. Weighed by class where there are class weights.
  double loss = 0;
  std::int64_t items = 0;      // scored items
  double weight = 0;           // sum of their weights; without class weights the same as items
  std::int64_t correct = 0;    // argmax == target (NextVector: none)
  int passes = 1;              // FixedPoint: the most that an example took
  std::int64_t unsettled = 0;  // FixedPoint: examples that had not settled at the limit
};

// What is random in a training step, drawn from these numbers alone.
struct Noise {
  std::uint64_t seed = 0;
  std::int64_t update = 0;
  int first_row = 0;  // of the shard, in the whole minibatch
};

// Rows [begin, end) of each shard of a batch of n examples: at most kMaxShards, at least 4 rows each if
// possible.
struct Shard {
  int begin, end;
};
std::vector<Shard> shards(int batch_size);

template <class T>
class Bptt {
 public:
  explicit Bptt(const Network& net, TokenTable table);
  ~Bptt();
  Bptt(Bptt&&) noexcept;

  // Forward only. probabilities (optional): rows of K appended, one per example (SequenceLabel) or per step;
  // none for NextVector.
  BatchResult evaluate(std::span<const T> parameters, std::span<const Example> batch,
                       std::vector<T>* probabilities = nullptr);

  // Adds the gradient of (sum of losses) * scale of this shard to `gradients` (same shape as parameters).
  // `noise`: for dropout; null switches it off.
  BatchResult accumulate(std::span<const T> parameters, std::span<const Example> shard, T scale,
                         std::span<T> gradients, const Noise* noise = nullptr);

  // dL/dh at every step of every layer and dL/dx at every step of the first, for the loss of the whole
  // example or of one scored row of it (`only_row` >= 0: a step for tasks per position). An example without a
  // target is scored against its own prediction. Round a circle: of the last pass.
  struct Looked {
    BatchResult result;
    std::vector<std::vector<T>> state_gradients;  // [layer][steps][H]
    std::vector<T> input_gradients;               // [steps][inputs()]
  };
  Looked look(std::span<const T> parameters, const Example& example, int only_row);

  // For looking: the logits of one scored row of each example (`row`: a step, for tasks per position; every
  // example must have it). [examples][K]
  std::vector<T> logits_of(std::span<const T> parameters, std::span<const Example> batch, int row);
  // For looking, networks of Input::Values alone: logits of that row for inputs [n][steps][channels] of this
  // precision, each in place of the values of `like`, and the gradient of a function of the logits with
  // respect to the inputs, through all passes round a circle. `upstream` gets logits [K] and fills in the
  // function's derivatives by them.
  using Upstream = std::function<void(std::span<const T> logits, std::span<T> d_logits)>;
  struct Scored {
    std::vector<T> logits;           // [n][K]
    std::vector<T> input_gradients;  // [n][steps][channels]
  };
  Scored score_gradients(std::span<const T> parameters, const Example& like, std::span<const T> inputs,
                         int row, const Upstream& upstream);

  // Weight of each class in the loss; empty: all 1.
  void set_class_weights(std::span<const float> weights);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Sum of the class weights of the scored items, known before any loss is; without weights their number.
double target_weight(const ModelSpec& spec, std::span<const Example> batch, std::span<const float> weights);

// What one training step keeps in memory beside the weights: everything, or (above kMemoryBudget) the states
// alone, the gates being computed again for about sqrt(T) steps at a time on the way back. The same decision
// on every machine.
inline constexpr std::size_t kMemoryBudget = 128u << 20u;
struct TrainingMemory {
  std::uint64_t bytes = 0;        // what will be taken; 64 bits, for a page's std::size_t ends at 4 GB
  std::uint64_t all_at_once = 0;  // what keeping everything would take
  int segment = 0;                // steps whose gates are kept at a time; 0: all
};
// Steps of each example as given; how often they are read round a circle is the network's.
TrainingMemory training_memory(const Network& net, std::span<const int> steps_of_shard);

// Largest relative difference between BPTT and central finite differences over every parameter, in double.
struct GradientCheck {
  double worst = 0;  // |a - n| / max(1e-6 * scale, |a| + |n|)
  int worst_parameter = -1;
  int checked = 0;
};
GradientCheck check_gradients(const Network& net, const TokenTable& table, std::span<const double> parameters,
                              std::span<const Example> batch, double step = 1e-4);

}  // namespace ribostep::rnn
