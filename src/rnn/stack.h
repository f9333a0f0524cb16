// All levels of a network over one batch, once through: who reads whose states. Round a circle several stacks
// follow each other, each fed by the one before. Cells and wirings of a single layer are LayerRun's; what is
// scored is the caller's.
#pragma once
#include <functional>
#include <span>
#include <vector>

#include "rnn/batch.h"
#include "rnn/initial_states.h"
#include "rnn/layer.h"

namespace ribostep::rnn {

// A batch as the levels see it.
struct StackBatch {
  BatchLayout letters;  // what level 0 reads
  BatchLayout windows;  // what the levels above windows read; empty without windows
  const BatchLayout& at(const Network& net, int level) const {
    return level > 0 && net.spec.window > 0 ? windows : letters;
  }
};

template <class T>
class Stack {
 public:
  Stack(const Network& net, const TokenTable& table);

  void pack(std::span<const T> parameters, bool backward);
  void set_segment(int steps);

  // Sets out over a batch (which must stay). `values`: rows of real values for level 0, or none. `start`
  // null: the initial states are zero. `before`: the pass that this one goes on from, or null.
  void begin(const StackBatch& batch, Rows<const T> values, const InitialStates<T>* start,
             const Stack* before);
  // Dropout between levels: `keep(level, row)` fills the factors (0 or 1/(1-p)) of all steps of one row of
  // the batch, [steps][units of all directions]; null: none.
  using Mask = std::function<void(int level, int row, int steps, T* factors)>;
  void set_mask(Mask mask) { mask_ = std::move(mask); }

  // Goes on for about so many steps of a layer. What was done is where it is.
  struct Slice {
    int layer = -1, from = 0, to = 0;  // steps in reading order
  };
  bool done() const { return layer_ == static_cast<int>(runs_.size()); }
  Slice run(int max_steps);
  double progress() const;  // 0..1
  void run_all();

  int features() const { return features_; }  // states of a level in whole vectors per direction
  const BatchLayout& batch(int level) const { return batch_->at(net_, level); }
  LayerRun<T>& layer(int index) { return runs_[static_cast<std::size_t>(index)]; }
  const LayerRun<T>& layer(int index) const { return runs_[static_cast<std::size_t>(index)]; }
  LayerRun<T>& layer(int level, int direction) { return layer(net_.level_begin(level) + direction); }
  // All states of a finished level, one row per step, its directions side by side.
  Rows<const T> states(int level);
  // The largest change of what row r hands on over the origin, against the pass before.
  T change_at_origin(const Stack& before, int row) const;

  // After the whole forward pass. `above`: dL/d(states of the top level), or no data. `final_gradient(d)`:
  // dL/dh of direction d at the last step read, [rows][units], or null. `next`: the pass fed by this one,
  // after its own backward(). Afterwards the weight gradients are in the layers, and dL/d(initial states)
  // too.
  void backward(Rows<const T> above, const std::function<const T*(int direction)>& final_gradient,
                const Stack* next, Rows<T> to_values = {});
  void add_gradients(std::span<T> gradients) const;

 private:
  Rows<const T> below(int level);  // what the layers of a level read
  void summarise(Rows<const T> from, T* out) const;
  void spread(const T* d_summary, T* d_states) const;
  void finish_level(int level);

  Network net_;
  std::vector<LayerRun<T>> runs_;  // as Network::layers
  int features_ = 0;
  const StackBatch* batch_ = nullptr;
  Rows<const T> values_;
  int layer_ = 0, step_ = 0;  // where run() is
  Mask mask_;
  std::vector<Buffer<T>> gathered_, read_, masks_;  // by level
  Buffer<T> d_states_, d_below_, one_row_;
};

}  // namespace ribostep::rnn
