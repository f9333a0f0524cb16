// One layer over one batch: packs its weights for the kernels, reads positions in the order of its wiring,
// and carries gradients back. Cells and wirings meet here, and only here, as two independent choices.
#pragma once
#include <span>
#include <vector>

#include "rnn/batch.h"
#include "rnn/cell.h"
#include "rnn/gemm.h"
#include "rnn/network.h"

namespace ribostep::rnn {

// Rows of numbers, one per position of a batch.
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
  int direction() const { return layer_.wiring == Wiring::Forward ? 0 : 1; }
  const BlockMap& map() const { return map_; }

  // Weights into the kernels' order; `backward` also packs what only the way back needs.
  void pack(std::span<const T> parameters, bool backward);

  // Room for the batch, initial states in place: zero, or `h0` and `c0` [rows][units] in the batch's row
  // order.
  void begin(const BatchLayout& batch, const T* h0 = nullptr, const T* c0 = nullptr);
  // The steps [from, to) in reading order. `below`: states of the level below, one row per position of the
  // batch (level 0 reads the batch's tokens and ignores it, unless the network takes real-valued input).
  void forward(const BatchLayout& batch, Rows<const T> below, int from, int to);

  // After a whole forward pass. `final_gradient` [rows][units]: dL/dh at each row's last step read, or null;
  // `above`: dL/dh at each position, or no data. Sums the gradients of all weights. With `to_below` adds
  // dL/d(below) there, or overwrites it when `overwrite`.
  // `final_cell_gradient`: the same for dL/dc.
  void backward(const BatchLayout& batch, Rows<const T> below, const T* final_gradient, Rows<const T> above,
                Rows<T> to_below, bool overwrite, const T* final_cell_gradient = nullptr);
  // dL/dh_0 and dL/dc_0 of each row, after backward(): [rows][units].
  const T* initial_gradient() const { return dh_.data(); }
  const T* initial_cell_gradient() const { return dc_.data(); }
  // Adds what backward() summed to the buffer of all gradients.
  void add_gradients(std::span<T> gradients) const;

  // States after reading position t: active_at(t) rows.
  const T* states(const BatchLayout& batch, int t) const {
    return h_.data() + area(batch.slot_after(layer_.wiring, t), units_);
  }
  const T* cells(const BatchLayout& batch, int t) const {
    return c_.data() + area(batch.slot_after(layer_.wiring, t), units_);
  }
  // Rows of blocks at position t, gates after the nonlinearity.
  const T* blocks(const BatchLayout& batch, int t) const {
    return a_.data() + area(batch.first_at(t), row_width());
  }
  int row_width() const { return map_.blocks * units_; }
  // The state with which row r of the batch ends: after its last position, or its first when read in reverse.
  const T* final_state(const BatchLayout& batch, int r) const {
    const int t = layer_.wiring == Wiring::Forward ? batch.length[static_cast<std::size_t>(r)] - 1 : 0;
    return states(batch, t) + area(r, units_);
  }

 private:
  int gate_row(int gate, int unit) const { return gate * layer_.hidden + unit; }
  // Row of W (G*H) behind column n of a product over `gates`, or -1 for padding.
  std::vector<int> columns(const std::array<int, 4>& gates) const;
  void pack_base(std::span<const T> parameters);
  void input_terms(const BatchLayout& batch, Rows<const T> below, int first_row, int last_row);
  void sum_weight_gradients(const BatchLayout& batch, Rows<const T> below);

  Layer layer_;
  TokenTable table_;
  std::size_t w_x_at_, w_h_at_, b_x_at_, b_h_at_;  // offsets in the flat buffer
  BlockMap map_;
  bool dense_ = false;          // reads rows of numbers: the states below, or real-valued input on level 0
  int units_ = 0, inputs_ = 0;  // inputs_: columns of those rows in whole vectors (states: per direction)
  std::vector<int> input_columns_, recurrent_columns_, below_features_;

  // What a row of blocks starts from: biases plus, on level 0, W_x x of each token. One row on higher levels.
  std::vector<T> base_;                    // [tokens or 1][blocks*units]
  Panels<T> w_x_, w_h_;                    // [inputs][G*units], [units][G*units]
  Panels<T> w_x_back_, w_h_back_;          // [G*units][inputs], [G*units][units]
  std::vector<T> a_, h_, c_, tanh_c_;      // by position, see BatchLayout
  std::vector<T> dh_, dc_;                 // [rows][units]; after backward(): dL/dh_0 and dL/dc_0 of each row
  std::vector<T> d_base_, d_w_x_, d_w_h_;  // as base_; [inputs][G*units]; [units][G*units]
  OuterSum<T> outer_;
};

}  // namespace ribostep::rnn
