#include "rnn/layer.h"

#include <algorithm>
#include <bit>
#include <cassert>

#include "rnn/cell_elman.h"
#include "rnn/cell_gru.h"
#include "rnn/cell_lstm.h"

namespace ribostep::rnn {
namespace {

// The one place where a kind of cell becomes code.
const BlockMap& block_map(CellKind kind) {
  switch (kind) {
    case CellKind::Lstm:
      return LstmCell<float>::kMap;
    case CellKind::Gru:
      return GruCell<float>::kMap;
    default:
      return ElmanCell<float>::kMap;
  }
}
template <class T>
void cell_forward(CellKind kind, const CellForward<T>& step) {
  switch (kind) {
    case CellKind::ElmanTanh:
      return ElmanCell<T>::template forward<false>(step);
    case CellKind::ElmanRelu:
      return ElmanCell<T>::template forward<true>(step);
    case CellKind::Lstm:
      return LstmCell<T>::forward(step);
    case CellKind::Gru:
      return GruCell<T>::forward(step);
  }
}
template <class T>
void cell_backward(CellKind kind, const CellBackward<T>& step) {
  switch (kind) {
    case CellKind::ElmanTanh:
      return ElmanCell<T>::template backward<false>(step);
    case CellKind::ElmanRelu:
      return ElmanCell<T>::template backward<true>(step);
    case CellKind::Lstm:
      return LstmCell<T>::backward(step);
    case CellKind::Gru:
      return GruCell<T>::backward(step);
  }
}

// Columns of W_x behind the states of the level below, which lie in whole vectors per direction; -1: padding.
std::vector<int> features_below(const Network& net, int padded_units) {
  std::vector<int> map;
  for (int d = 0; d < net.spec.direction_count(); ++d)
    for (int j = 0; j < padded_units; ++j) map.push_back(j < net.spec.hidden ? d * net.spec.hidden + j : -1);
  return map;
}

// Positions whose input terms are computed in one product: enough rows for the kernel, few enough to stay
// cached.
constexpr int kRowsAhead = 64;

}  // namespace

template <class T>
LayerRun<T>::LayerRun(const Network& net, const TokenTable& table, int layer)
    : layer_(net.layers[static_cast<std::size_t>(layer)]),
      table_(table),
      w_x_at_(net.tensors[static_cast<std::size_t>(layer_.w_x)].offset),
      w_h_at_(net.tensors[static_cast<std::size_t>(layer_.w_h)].offset),
      b_x_at_(net.tensors[static_cast<std::size_t>(layer_.b_x)].offset),
      b_h_at_(net.tensors[static_cast<std::size_t>(layer_.b_h)].offset),
      map_(block_map(layer_.cell)),
      dense_(layer_.level > 0 || table_.masks.empty()),
      units_(padded<T>(layer_.hidden)) {
  assert(dense_ || table_.symbols == layer_.inputs);
  input_columns_ = columns(map_.input_gate);
  recurrent_columns_ = columns(map_.recurrent_gate);
  if (layer_.level > 0) {
    below_features_ = features_below(net, units_);
  } else if (dense_) {
    for (int k = 0; k < padded<T>(layer_.inputs); ++k) below_features_.push_back(k < layer_.inputs ? k : -1);
  }
  inputs_ = static_cast<int>(below_features_.size());
}

template <class T>
std::vector<int> LayerRun<T>::columns(const std::array<int, 4>& gates) const {
  std::vector<int> rows;
  for (int g = 0; g < map_.gates; ++g)
    for (int j = 0; j < units_; ++j)
      rows.push_back(j < layer_.hidden ? gate_row(gates[static_cast<std::size_t>(g)], j) : -1);
  return rows;
}

template <class T>
void LayerRun<T>::pack(std::span<const T> parameters, bool backward) {
  // W[row][col] as stored, 0 where either is padding.
  const auto entry = [](const T* w, int cols, int row, int col) {
    return row < 0 || col < 0 ? T(0) : w[area(row, cols) + static_cast<std::size_t>(col)];
  };
  const auto at = [](const std::vector<int>& map, int i) { return map[static_cast<std::size_t>(i)]; };
  const T* w_h = parameters.data() + w_h_at_;
  const int width = static_cast<int>(recurrent_columns_.size()), hidden = layer_.hidden,
            inputs = layer_.inputs;
  w_h_.pack(units_, width, [&](int k, int n) {
    return k < hidden ? entry(w_h, hidden, at(recurrent_columns_, n), k) : T(0);
  });
  if (backward)
    w_h_back_.pack(width, units_, [&](int k, int n) {
      return n < hidden ? entry(w_h, hidden, at(recurrent_columns_, k), n) : T(0);
    });
  if (dense_) {
    const T* w_x = parameters.data() + w_x_at_;
    w_x_.pack(inputs_, width, [&](int k, int n) {
      return entry(w_x, inputs, at(input_columns_, n), at(below_features_, k));
    });
    if (backward)
      w_x_back_.pack(width, inputs_, [&](int k, int n) {
        return entry(w_x, inputs, at(input_columns_, k), at(below_features_, n));
      });
  }
  pack_base(parameters);
}

template <class T>
void LayerRun<T>::pack_base(std::span<const T> parameters) {
  const T *b_x = parameters.data() + b_x_at_, *b_h = parameters.data() + b_h_at_,
          *w_x = parameters.data() + w_x_at_;
  const int tokens = !dense_ ? static_cast<int>(table_.masks.size()) : 1;
  const int width = map_.gates * units_;
  T* base = grown(base_, area(tokens, row_width()));
  for (int token = 0; token < tokens; ++token, base += row_width()) {
    std::fill(base, base + row_width(), T(0));
    for (int n = 0; n < width; ++n) {
      const int x_row = input_columns_[static_cast<std::size_t>(n)],
                h_row = recurrent_columns_[static_cast<std::size_t>(n)];
      if (x_row >= 0) base[map_.input_begin * units_ + n] += b_x[x_row];
      if (h_row >= 0) base[map_.recurrent_begin * units_ + n] += b_h[h_row];
    }
    if (dense_) continue;
    // An ambiguity code is the mean of its symbols.
    const std::uint32_t mask = table_.masks[static_cast<std::size_t>(token)];
    const int count = std::popcount(mask);
    if (count == 0) continue;
    for (int n = 0; n < width; ++n) {
      const int row = input_columns_[static_cast<std::size_t>(n)];
      if (row < 0) continue;
      T sum = 0;
      for (int symbol = 0; symbol < table_.symbols; ++symbol)
        if (mask >> symbol & 1u) sum += w_x[area(row, layer_.inputs) + static_cast<std::size_t>(symbol)];
      base[map_.input_begin * units_ + n] += sum / static_cast<T>(count);
    }
  }
}

template <class T>
void LayerRun<T>::begin(const BatchLayout& batch, const T* h0, const T* c0) {
  grown(a_, area(batch.positions, row_width()));
  grown(h_, area(batch.state_rows(), units_));
  if (has_cell_state(layer_.cell)) {
    grown(c_, area(batch.state_rows(), units_));
    grown(tanh_c_, area(batch.positions, units_));
  }
  const auto start = [&](std::vector<T>& states, const T* from, int slot, int first, int last) {
    for (int r = first; r < last; ++r) {
      T* to = states.data() + area(slot + r, units_);
      if (from)
        std::copy_n(from + area(r, units_), units_, to);
      else
        std::fill_n(to, units_, T(0));
    }
  };
  const auto start_both = [&](int slot, int first, int last) {
    start(h_, h0, slot, first, last);
    if (has_cell_state(layer_.cell)) start(c_, c0, slot, first, last);
  };
  if (batch.steps == 0) return;
  if (layer_.wiring == Wiring::Forward) return start_both(0, 0, batch.active_at(0));
  // Reading in reverse each row starts from its own last position.
  for (int t = 0; t < batch.steps; ++t)
    start_both(batch.slot(t + 1), batch.active_at(t + 1), batch.active_at(t));
}

template <class T>
void LayerRun<T>::input_terms(const BatchLayout& batch, Rows<const T> below, int first_row, int last_row) {
  const auto bytes = static_cast<std::size_t>(row_width()) * sizeof(T);
  for (int r = first_row; r < last_row; ++r) {
    const int token = !dense_ ? batch.tokens[static_cast<std::size_t>(r)] : 0;
    assert(dense_ || token < static_cast<int>(table_.masks.size()));
    std::memcpy(a_.data() + area(r, row_width()), base_.data() + area(token, row_width()), bytes);
  }
  if (dense_)
    multiply<T, true>(below.row(first_row), below.stride, last_row - first_row, w_x_,
                      a_.data() + area(first_row, row_width()) + map_.input_begin * units_, row_width());
}

// The order of a pre-activation's terms: (b_x + b_h) + W_x x first, then W_h h with k ascending on top.
template <class T>
void LayerRun<T>::forward(const BatchLayout& batch, Rows<const T> below, int from, int to) {
  int ready = from;  // steps whose input terms are there
  for (int s = from; s < to; ++s) {
    const int t = batch.position(layer_.wiring, s), rows = batch.active_at(t), first = batch.first_at(t);
    if (s == ready) {
      ready = std::min(to, s + std::max(1, kRowsAhead / std::max(1, rows)));
      const int other = batch.position(layer_.wiring, ready - 1), low = std::min(t, other),
                high = std::max(t, other);
      input_terms(batch, below, batch.first_at(low), batch.first_at(high + 1));
    }
    const std::size_t before = area(batch.slot_before(layer_.wiring, t), units_),
                      after = area(batch.slot_after(layer_.wiring, t), units_);
    T* a = a_.data() + area(first, row_width());
    multiply<T, true>(h_.data() + before, units_, rows, w_h_, a + map_.recurrent_begin * units_, row_width());
    const bool cells = has_cell_state(layer_.cell);
    cell_forward<T>(layer_.cell, {.rows = rows,
                                  .units = units_,
                                  .a = a,
                                  .h_prev = h_.data() + before,
                                  .c_prev = cells ? c_.data() + before : nullptr,
                                  .h = h_.data() + after,
                                  .c = cells ? c_.data() + after : nullptr,
                                  .tanh_c = cells ? tanh_c_.data() + area(first, units_) : nullptr});
  }
}

template <class T>
void LayerRun<T>::backward(const BatchLayout& batch, Rows<const T> below, const T* final_gradient,
                           Rows<const T> above, Rows<T> to_below, bool overwrite,
                           const T* final_cell_gradient) {
  const std::size_t state = area(batch.rows, units_);
  const bool cells = has_cell_state(layer_.cell);
  T* dh = grown(dh_, state);
  if (final_gradient)
    std::copy(final_gradient, final_gradient + state, dh);
  else
    std::fill(dh, dh + state, T(0));
  if (cells) {
    T* dc = grown(dc_, state);
    if (final_cell_gradient)
      std::copy_n(final_cell_gradient, state, dc);
    else
      std::fill_n(dc, state, T(0));
  }

  for (int s = batch.steps - 1; s >= 0; --s) {
    const int t = batch.position(layer_.wiring, s), rows = batch.active_at(t), first = batch.first_at(t);
    const std::size_t before = area(batch.slot_before(layer_.wiring, t), units_),
                      after = area(batch.slot_after(layer_.wiring, t), units_);
    T* a = a_.data() + area(first, row_width());
    cell_backward<T>(layer_.cell, {.rows = rows,
                                   .units = units_,
                                   .a = a,
                                   .h_prev = h_.data() + before,
                                   .h = h_.data() + after,
                                   .c_prev = cells ? c_.data() + before : nullptr,
                                   .tanh_c = cells ? tanh_c_.data() + area(first, units_) : nullptr,
                                   .dy = above.data ? above.row(first) : nullptr,
                                   .dy_stride = above.stride,
                                   .dh = dh,
                                   .dc = cells ? dc_.data() : nullptr});
    multiply<T, true>(a + map_.recurrent_begin * units_, row_width(), rows, w_h_back_, dh, units_);
  }
  if (to_below.data && dense_) {
    const T* dz = a_.data() + map_.input_begin * units_;
    if (overwrite)
      multiply<T, false>(dz, row_width(), batch.positions, w_x_back_, to_below.data, to_below.stride);
    else
      multiply<T, true>(dz, row_width(), batch.positions, w_x_back_, to_below.data, to_below.stride);
  }
  sum_weight_gradients(batch, below);
}

// Over t descending, then batch row, whichever way the layer reads.
template <class T>
void LayerRun<T>::sum_weight_gradients(const BatchLayout& batch, Rows<const T> below) {
  const int width = map_.gates * units_, input = map_.input_begin * units_,
            recurrent = map_.recurrent_begin * units_;
  const auto each_row = [&](auto f) {
    for (int t = batch.steps - 1; t >= 0; --t) {
      const T* h_prev = h_.data() + area(batch.slot_before(layer_.wiring, t), units_);
      for (int r = 0; r < batch.active_at(t); ++r)
        f(batch.first_at(t) + r, a_.data() + area(batch.first_at(t) + r, row_width()),
          h_prev + area(r, units_));
    }
  };

  std::fill_n(grown(d_w_h_, area(units_, width)), area(units_, width), T(0));
  outer_.begin(d_w_h_.data(), units_, width);
  each_row([&](int, const T* dz, const T* h_prev) { outer_.add(h_prev, dz + recurrent); });
  outer_.end();

  if (dense_) {
    std::fill_n(grown(d_w_x_, area(inputs_, width)), area(inputs_, width), T(0));
    outer_.begin(d_w_x_.data(), inputs_, width);
    each_row([&](int row, const T* dz, const T*) { outer_.add(below.row(row), dz + input); });
    outer_.end();
  }

  const int tokens = !dense_ ? static_cast<int>(table_.masks.size()) : 1;
  std::fill_n(grown(d_base_, area(tokens, row_width())), area(tokens, row_width()), T(0));
  each_row([&](int row, const T* dz, const T*) {
    const int token = !dense_ ? batch.tokens[static_cast<std::size_t>(row)] : 0;
    T* sum = d_base_.data() + area(token, row_width());
    for (int n = 0; n < row_width(); n += kLanes<T>) store(sum + n, load(sum + n) + load(dz + n));
  });
}

template <class T>
void LayerRun<T>::add_gradients(std::span<T> gradients) const {
  T *w_x = gradients.data() + w_x_at_, *w_h = gradients.data() + w_h_at_, *b_x = gradients.data() + b_x_at_,
    *b_h = gradients.data() + b_h_at_;
  const int width = map_.gates * units_, tokens = !dense_ ? static_cast<int>(table_.masks.size()) : 1;
  const auto base = [&](int token, int begin, int n) {
    return d_base_[area(token, row_width()) + static_cast<std::size_t>(begin * units_ + n)];
  };
  const auto all_tokens = [&](int begin, int n) {
    T sum = 0;
    for (int token = 0; token < tokens; ++token) sum += base(token, begin, n);
    return sum;
  };
  for (int n = 0; n < width; ++n) {
    const int x_row = input_columns_[static_cast<std::size_t>(n)],
              h_row = recurrent_columns_[static_cast<std::size_t>(n)];
    if (h_row >= 0) {
      b_h[h_row] += all_tokens(map_.recurrent_begin, n);
      for (int k = 0; k < layer_.hidden; ++k)
        w_h[area(h_row, layer_.hidden) + static_cast<std::size_t>(k)] +=
            d_w_h_[area(k, width) + static_cast<std::size_t>(n)];
    }
    if (x_row < 0) continue;
    b_x[x_row] += all_tokens(map_.input_begin, n);
    T* row = w_x + area(x_row, layer_.inputs);
    if (dense_) {
      for (int k = 0; k < inputs_; ++k)
        if (below_features_[static_cast<std::size_t>(k)] >= 0)
          row[below_features_[static_cast<std::size_t>(k)]] +=
              d_w_x_[area(k, width) + static_cast<std::size_t>(n)];
      continue;
    }
    // The gradient of an ambiguity code goes back evenly to its symbols.
    for (int symbol = 0; symbol < table_.symbols; ++symbol) {
      T sum = 0;
      for (int token = 0; token < tokens; ++token) {
        const std::uint32_t mask = table_.masks[static_cast<std::size_t>(token)];
        if (mask >> symbol & 1u)
          sum += base(token, map_.input_begin, n) / static_cast<T>(std::popcount(mask));
      }
      row[symbol] += sum;
    }
  }
}

template class LayerRun<float>;
template class LayerRun<double>;

}  // namespace ribostep::rnn
