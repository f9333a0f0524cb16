// One layer over one batch: packs its weights for the kernels, reads steps in the order of its wiring, and
// carries gradients back. Cells and wirings meet here, and only here, as two independent choices.
#pragma once
#include <span>
#include <utility>
#include <vector>

#include "rnn/batch.h"
#include "rnn/cells.h"
#include "rnn/gemm.h"
#include "rnn/layer_norm.h"
#include "rnn/network.h"
#include "rnn/tokens.h"

namespace ribostep::rnn {

// Rows of numbers, one per step of a batch.
template <class T>
struct Rows {
  T* data = nullptr;
  int stride = 0;
  T* row(int r) const { return data + area(r, stride); }
};

template <class T>
class LayerRun {
 public:
  LayerRun(const Network& net, const TokenTable& table, int layer);

  int units() const { return units_; }  // H in whole vectors
  // Columns of an input row in whole vectors; 0 where tokens are read.
  int inputs() const { return inputs_; }
  const Layer& layer() const { return layer_; }
  const BlockMap& map() const { return map_; }

  // Weights into the kernels' order; `backward` also packs what only the way back needs.
  void pack(std::span<const T> parameters, bool backward);

  // Keeps the gates of so many steps at a time and computes them again on the way back; 0: keeps all. Changes
  // no bits.
  void set_segment(int steps) { segment_ = steps; }

  // Room for the batch, initial states in place: zero, or `h0` and `c0` [rows][units] in the batch's row
  // order.
  void begin(const BatchLayout& batch, const T* h0 = nullptr, const T* c0 = nullptr);
  // Round a circle: the first steps read are fed by the last ones of the pass before, not by the initial
  // state.
  void wrap_from(const BatchLayout& batch, const LayerRun& pass_before);
  // The largest difference between what this pass and the pass before hand on over the origin, in row r.
  T change_at_origin(const BatchLayout& batch, const LayerRun& pass_before, int r) const;
  // The steps [from, to) in reading order. `below`: one row per step of the batch (level 0 reads the batch's
  // tokens and ignores it, unless the network takes real values).
  void forward(const BatchLayout& batch, Rows<const T> below, int from, int to);

  // After a whole forward pass. `final_gradient` [rows][units]: dL/dh at each row's last step read, or null;
  // `above`: dL/dh at each step, or no data. Sums the gradients of all weights. With `to_below` adds
  // dL/d(below) there, or overwrites it when `overwrite`. `final_cell_gradient`: the same for dL/dc.
  // `next_pass`: the pass that was fed by this one, after its own backward().
  void backward(const BatchLayout& batch, Rows<const T> below, const T* final_gradient, Rows<const T> above,
                Rows<T> to_below, bool overwrite, const T* final_cell_gradient = nullptr,
                const LayerRun* next_pass = nullptr);
  // dL/dh_0 and dL/dc_0 of each row, after backward() of a pass that was not fed by another: [rows][units].
  const T* initial_gradient() const { return d_start_h_.data(); }
  const T* initial_cell_gradient() const { return d_start_c_.data(); }
  // Adds what backward() summed to the buffer of all gradients.
  void add_gradients(std::span<T> gradients) const;
  // For looking: after the steps [first, last], counted as they are read, of row 0 a state is what was put
  // there by hand; -1 is the initial state. Applied in this order.
  struct Override {
    int first = 0, last = 0;
    int unit = 0;
    bool cell = false;  // h follows: h = o tanh(c)
    T value = 0;
  };
  void set_overrides(std::vector<Override> overrides) { overrides_ = std::move(overrides); }
  // Those of the initial state, after begin() of the first pass.
  void override_initial(const BatchLayout& batch);

  // Keeps dL/dh of every step during backward(), for looking: [positions][units], null to stop.
  void watch_gradients(T* state_gradients) { watched_ = state_gradients; }
  // dL/d(one-hot or dense x_t) of level 0 after backward() with everything kept: `columns` numbers.
  void input_gradient(std::span<const T> parameters, int row, T* out) const;

  // States after reading step t: active_at(t) rows.
  const T* states(const BatchLayout& batch, int t) const {
    return h_.data() + area(batch.slot_after(layer_.wiring, t), units_);
  }
  const T* cells(const BatchLayout& batch, int t) const {
    return c_.data() + area(batch.slot_after(layer_.wiring, t), units_);
  }
  // The states that feed step t, unless it restarts.
  const T* states_before(const BatchLayout& batch, int t) const {
    return h_.data() + area(batch.slot_before(layer_.wiring, t), units_);
  }
  const T* cells_before(const BatchLayout& batch, int t) const {
    return c_.data() + area(batch.slot_before(layer_.wiring, t), units_);
  }
  const T* initial_state() const { return start_h_.data(); }  // [rows][units]
  const T* initial_cell() const { return start_c_.data(); }
  // Rows of blocks at step t, gates after the nonlinearity. Everything must be kept.
  const T* blocks(const BatchLayout& batch, int t) const {
    return a_.data() + area(batch.first_at(t), row_width());
  }
  int row_width() const { return map_.blocks * units_; }
  // The state with which row r of the batch ends: after its last step, or its first when read in reverse.
  const T* final_state(const BatchLayout& batch, int r) const {
    return states(batch, layer_.wiring.reverse ? 0 : batch.length_of(r) - 1) + area(r, units_);
  }

 private:
  bool memory() const { return has_cell_state(layer_.cell); }
  int gate_row(int gate, int unit) const { return gate * layer_.hidden + unit; }
  // Row of W (G*H) behind column n of a product over `gates`, or -1 for padding.
  std::vector<int> columns(const std::array<int, 4>& gates) const;
  void pack_base(std::span<const T> parameters);
  void pack_options(std::span<const T> parameters);
  int token(const BatchLayout& batch, int row) const {
    if (dense_) return 0;
    const int given = batch.tokens[static_cast<std::size_t>(row)];
    return layer_.wiring.complement ? tokens_.complement(given) : given;
  }
  void input_terms(const BatchLayout& batch, Rows<const T> below, int first_row, int last_row);
  void read(const BatchLayout& batch, Rows<const T> below, int from, int to);
  void unread(const BatchLayout& batch, Rows<const T> below, Rows<const T> above, int from, int to);
  void sum_peepholes(const T* da, const T* c_prev, const T* c, int rows);
  void sum_weight_gradients(const BatchLayout& batch, Rows<const T> below, int t);
  void first_gradients(const BatchLayout& batch, const T* final_h, const T* final_c, const LayerRun* next);
  void last_gradients(const BatchLayout& batch);
  void detach(const BatchLayout& batch, int t, T* dh, T* dc);
  // Step of the pass before that feeds slot k of the initial ones of row r, and the step that reads it (-1:
  // none).
  std::pair<int, int> around(const BatchLayout& batch, int r, int k) const;
  // What step t is fed by.
  const T* before_h(const BatchLayout& batch, int t) const {
    return layer_.wiring.restarts(t) ? start_h_.data() : states_before(batch, t);
  }
  const T* before_c(const BatchLayout& batch, int t) const {
    if (!memory()) return nullptr;
    return layer_.wiring.restarts(t) ? start_c_.data() : cells_before(batch, t);
  }
  void override_step(const BatchLayout& batch, int s);
  T* gates_of(int row) { return a_.data() + area(row - kept_from_, row_width()); }
  T* ring(Buffer<T>& buffer, const BatchLayout& batch, int t) {
    return buffer.data() + area((t % layer_.wiring.dilation) * batch.rows, units_);
  }

  Layer layer_;
  Tokens tokens_;
  std::size_t w_x_at_, w_h_at_, b_x_at_, b_h_at_;  // offsets in the flat buffer
  std::size_t peepholes_at_ = 0, embedding_at_ = 0;
  int embedding_ = 0;  // columns of the embedding; 0: one-hot
  BlockMap map_;
  bool dense_ = false;          // reads rows of numbers: the states below, or real values on level 0
  int units_ = 0, inputs_ = 0;  // inputs_: columns of those rows in whole vectors (states: per direction)
  std::vector<int> input_columns_, recurrent_columns_, below_features_;

  // What a row of blocks starts from: biases plus, on level 0, W_x x of each token. One row on higher levels.
  Buffer<T> base_;                 // [tokens or 1][blocks*units]
  Panels<T> w_x_, w_h_;            // [inputs][G*units], [units][G*units]
  Panels<T> w_x_back_, w_h_back_;  // [G*units][inputs], [G*units][units]
  Buffer<T> peepholes_;            // [P][units]
  LayerNorm<T> norm_;
  Buffer<T> embedded_, w_x_plain_;  // [tokens][embedding], [G*H][embedding]: kept for the gradient

  int segment_ = 0, kept_from_ = 0;  // first row of steps whose gates are kept now
  Buffer<T> a_, h_, c_, tanh_c_;     // by step, see BatchLayout
  Buffer<T> normalised_,
      inverse_;                  // layer normalisation: xhat like a_, 1/deviation [steps' rows][blocks]
  Buffer<T> start_h_, start_c_;  // [rows][units], the initial state
  // On the way back [dilation][rows][units]: dL/dh and dL/dc on their way to the step that fed step t.
  Buffer<T> dh_, dc_;
  Buffer<T> d_start_h_, d_start_c_;  // [rows][units]
  // As base_; [inputs][G*units]; [units][G*units]; as the weights.
  Buffer<T> d_base_, d_w_x_, d_w_h_, d_peepholes_;
  std::vector<int> seen_;  // tokens the batch has: rows of d_base_ that are in use, ascending
  std::vector<char> is_seen_;
  T* watched_ = nullptr;
  std::vector<Override> overrides_;
  OuterSum<T> outer_h_, outer_x_;
  std::vector<const T*> starts_;  // what the rows of a step start from
};

}  // namespace ribostep::rnn
