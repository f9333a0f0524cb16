// Loss and gradients of a batch: forward pass, softmax cross-entropy, full back-propagation through time.
// Shapes: B rows sorted by falling length (the implementation sorts), time-major, one accumulator per output
// and k ascending in every sum; weight gradients run over t descending, then batch row.
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "rnn/network.h"

namespace ribostep::rnn {

inline constexpr std::uint8_t kNoClass = 255;  // position without a label: no loss there
inline constexpr int kMaxShards = 4;  // a batch is always cut the same way, whoever computes the parts

// One training example. Targets: `label` for SequenceLabel; `position_labels` for PositionLabel (as long as
// tokens); NextSymbol reads its own tokens (an ambiguity code is no target).
struct Example {
  std::span<const std::uint8_t> tokens;
  int label = -1;
  std::span<const std::uint8_t> position_labels;
};

// Class that position t of the example is scored against (SequenceLabel: t is ignored), or -1.
int target(const ModelSpec& spec, const Example& example, int t);
// Scored items of a batch, known before any loss is: sequences with a label, or positions with a target.
std::int64_t count_targets(const ModelSpec& spec, std::span<const Example> batch);

struct BatchResult {
  double loss = 0;           // summed over scored items (sequences or positions), natural log
  std::int64_t items = 0;    // scored items
  std::int64_t correct = 0;  // argmax == target
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

  // Forward only. probabilities (optional): one row of K per example (SequenceLabel) appended.
  BatchResult evaluate(std::span<const T> parameters, std::span<const Example> batch,
                       std::vector<T>* probabilities = nullptr);

  // Adds the gradient of (sum of losses) * scale of this shard to `gradients` (same shape as parameters).
  BatchResult accumulate(std::span<const T> parameters, std::span<const Example> shard, T scale,
                         std::span<T> gradients);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Largest relative difference between BPTT and central finite differences over every parameter, in double.
struct GradientCheck {
  double worst = 0;  // |a - n| / max(1e-6 * scale, |a| + |n|)
  int worst_parameter = -1;
  int checked = 0;
};
GradientCheck check_gradients(const Network& net, const TokenTable& table, std::span<const double> parameters,
                              std::span<const Example> batch, double step = 1e-4);

}  // namespace ribostep::rnn
