#include "rnn/layer.h"

#include <algorithm>
#include <cassert>

#include "rnn/math.h"

namespace ribostep::rnn {
namespace {

// Columns of W_x behind the states of the level below, which lie in whole vectors per direction; -1: padding.
std::vector<int> features_below(const Network& net, const Layer& layer, int padded_units) {
  std::vector<int> map;
  const int directions = net.spec.direction_count();
  for (int d = 0; d < directions; ++d)
    for (int j = 0; j < padded_units; ++j)
      map.push_back(j < net.spec.hidden ? (layer.exchanged ? directions - 1 - d : d) * net.spec.hidden + j
                                        : -1);
  return map;
}

// Steps whose input terms are computed in one product: enough rows for the kernel, few enough to stay
// cached.
constexpr int kRowsAhead = 64;

}  // namespace

template <class T>
LayerRun<T>::LayerRun(const Network& net, const TokenTable& table, int layer)
    : layer_(net.layers[static_cast<std::size_t>(layer)]),
      tokens_(net.spec, table),
      w_x_at_(net.tensors[static_cast<std::size_t>(layer_.w_x)].offset),
      w_h_at_(net.tensors[static_cast<std::size_t>(layer_.w_h)].offset),
      b_x_at_(net.tensors[static_cast<std::size_t>(layer_.b_x)].offset),
      b_h_at_(net.tensors[static_cast<std::size_t>(layer_.b_h)].offset),
      map_(block_map(layer_.cell)),
      dense_(layer_.level > 0 || tokens_.none() || net.spec.input == Input::Values),
      units_(padded<T>(layer_.hidden)) {
  const auto offset = [&](int tensor) {
    return tensor < 0 ? std::size_t{0} : net.tensors[static_cast<std::size_t>(tensor)].offset;
  };
  peepholes_at_ = offset(layer_.peepholes);
  if (layer_.norm_gain >= 0)
    norm_ =
        LayerNorm<T>(map_.blocks, layer_.hidden, units_, offset(layer_.norm_gain), offset(layer_.norm_bias));
  if (net.embedding >= 0 && layer_.level == 0) {
    embedding_ = net.spec.embedding;
    embedding_at_ = offset(net.embedding);
  }
  assert(dense_ || embedding_ > 0 || tokens_.kinds() == layer_.inputs);
  input_columns_ = columns(map_.input_gate);
  recurrent_columns_ = columns(map_.recurrent_gate);
  if (layer_.level > 0) {
    below_features_ = features_below(net, layer_, units_);
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
  pack_options(parameters);
}

template <class T>
void LayerRun<T>::pack_base(std::span<const T> parameters) {
  const T *b_x = parameters.data() + b_x_at_, *b_h = parameters.data() + b_h_at_,
          *w_x = parameters.data() + w_x_at_;
  const int tokens = dense_ ? 1 : tokens_.count();
  const int width = map_.gates * units_;
  if (embedding_ > 0) {
    const T* table = parameters.data() + embedding_at_;
    std::fill_n(grown(embedded_, area(tokens, embedding_)), area(tokens, embedding_), T(0));
    for (int token = 0; token < tokens; ++token) {
      const int members = tokens_.members(token);
      T* x = embedded_.data() + area(token, embedding_);
      tokens_.each_member(token, [&](int kind) {
        for (int m = 0; m < embedding_; ++m)
          x[m] += table[area(kind, embedding_) + static_cast<std::size_t>(m)];
      });
      for (int m = 0; m < embedding_ && members > 1; ++m) x[m] /= static_cast<T>(members);
    }
    const std::size_t size = area(map_.gates * layer_.hidden, embedding_);
    std::copy_n(w_x, size, grown(w_x_plain_, size));
  }
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
    // An ambiguous token is the mean of its kinds.
    const int count = embedding_ > 0 ? 1 : tokens_.members(token);
    if (count == 0) continue;
    for (int n = 0; n < width; ++n) {
      const int row = input_columns_[static_cast<std::size_t>(n)];
      if (row < 0) continue;
      T sum = 0;
      if (embedding_ > 0) {
        const T* x = embedded_.data() + area(token, embedding_);
        for (int m = 0; m < embedding_; ++m)
          sum += w_x[area(row, embedding_) + static_cast<std::size_t>(m)] * x[m];
      } else {
        tokens_.each_member(
            token, [&](int kind) { sum += w_x[area(row, layer_.inputs) + static_cast<std::size_t>(kind)]; });
      }
      base[map_.input_begin * units_ + n] += sum / static_cast<T>(count);
    }
  }
}

template <class T>
void LayerRun<T>::pack_options(std::span<const T> parameters) {
  if (norm_.on()) norm_.pack(parameters);
  if (layer_.peepholes < 0) return;
  const int parts = coupled(layer_.cell) ? 2 : 3;
  peepholes_.assign(area(parts, units_), T(0));
  for (int part = 0; part < parts; ++part)
    std::copy_n(parameters.data() + peepholes_at_ + area(part, layer_.hidden), layer_.hidden,
                peepholes_.data() + area(part, units_));
}

template <class T>
void LayerRun<T>::begin(const BatchLayout& batch, const T* h0, const T* c0) {
  const int dilation = layer_.wiring.dilation;
  grown(h_, area(batch.state_rows(dilation), units_));
  if (memory()) grown(c_, area(batch.state_rows(dilation), units_));
  kept_from_ = 0;
  const std::size_t rows = area(batch.rows, units_);
  const auto start = [&](Buffer<T>& states, Buffer<T>& initial, const T* from) {
    T* given = grown(initial, rows);
    if (from)
      std::copy_n(from, rows, given);
    else
      std::fill_n(given, rows, T(0));
    for (int r = 0; r < batch.rows; ++r)
      for (int k = 0; k < dilation; ++k) {
        // Reading in reverse each row starts from its own last step.
        const int length = batch.length_of(r), s = layer_.wiring.reverse ? length + k : k;
        if (length > 0)
          std::copy_n(given + area(r, units_), units_,
                      states.data() + area(batch.slot(s, dilation) + r, units_));
      }
  };
  start(h_, start_h_, h0);
  if (memory()) start(c_, start_c_, c0);
}

template <class T>
void LayerRun<T>::override_initial(const BatchLayout& batch) {
  const int dilation = layer_.wiring.dilation;
  for (const Override& change : overrides_) {
    if (change.first >= 0) continue;
    const auto unit = static_cast<std::size_t>(change.unit);
    (change.cell ? start_c_ : start_h_).data()[unit] = change.value;
    for (int k = 0; k < dilation && batch.length_of(0) > 0; ++k) {
      const int s = layer_.wiring.reverse ? batch.length_of(0) + k : k;
      (change.cell ? c_ : h_).data()[area(batch.slot(s, dilation), units_) + unit] = change.value;
    }
  }
}

template <class T>
void LayerRun<T>::override_step(const BatchLayout& batch, int s) {
  const int t = batch.position(layer_.wiring, s);
  const std::size_t after = area(batch.slot_after(layer_.wiring, t), units_);
  for (const Override& change : overrides_) {
    if (s < change.first || s > change.last) continue;
    const auto unit = static_cast<std::size_t>(change.unit);
    if (!change.cell) {
      h_.data()[after + unit] = change.value;
      continue;
    }
    c_.data()[after + unit] = change.value;
    const int block = map_.gate_block[static_cast<std::size_t>(gate_index(layer_.cell, 'o'))];
    const T o = gates_of(batch.first_at(t))[static_cast<std::size_t>(block * units_) + unit];
    const T squashed = tanh_vec<T>(splat(change.value))[0];
    tanh_c_.data()[area(batch.first_at(t) - kept_from_, units_) + unit] = squashed;
    h_.data()[after + unit] = o * squashed;
  }
}

template <class T>
std::pair<int, int> LayerRun<T>::around(const BatchLayout& batch, int r, int k) const {
  const int length = batch.length_of(r), dilation = layer_.wiring.dilation;
  const int reader = layer_.wiring.reverse ? length + k - dilation : k;
  const int fed = layer_.wiring.reverse ? k % length : ((k - dilation) % length + length) % length;
  return {fed, reader >= 0 && reader < length ? reader : -1};
}

template <class T>
void LayerRun<T>::wrap_from(const BatchLayout& batch, const LayerRun& before) {
  const int dilation = layer_.wiring.dilation;
  for (int r = 0; r < batch.rows; ++r)
    for (int k = 0; k < dilation && batch.length_of(r) > 0; ++k) {
      const auto [fed, reader] = around(batch, r, k);
      const int s = layer_.wiring.reverse ? batch.length_of(r) + k : k;
      const std::size_t to = area(batch.slot(s, dilation) + r, units_);
      std::copy_n(before.states(batch, fed) + area(r, units_), units_, h_.data() + to);
      if (memory()) std::copy_n(before.cells(batch, fed) + area(r, units_), units_, c_.data() + to);
    }
}

template <class T>
T LayerRun<T>::change_at_origin(const BatchLayout& batch, const LayerRun& before, int r) const {
  T largest = 0;
  const auto compare = [&](const T* a, const T* b) {
    for (int j = 0; j < layer_.hidden; ++j) {
      const T change = a[j] > b[j] ? a[j] - b[j] : b[j] - a[j];
      if (!(change <= largest)) largest = change;  // NaN never settles
    }
  };
  for (int k = 0; k < layer_.wiring.dilation && batch.length_of(r) > 0; ++k) {
    const int fed = around(batch, r, k).first;
    compare(states(batch, fed) + area(r, units_), before.states(batch, fed) + area(r, units_));
    if (memory()) compare(cells(batch, fed) + area(r, units_), before.cells(batch, fed) + area(r, units_));
  }
  return largest;
}

// What the rows' blocks start from: the biases with W_x x. Tokens have that ready; then blocks that the
// recurrent product adds to are left to it (starts_).
template <class T>
void LayerRun<T>::input_terms(const BatchLayout& batch, Rows<const T> below, int first_row, int last_row) {
  const int from = map_.recurrent_begin * units_, copied = dense_ ? row_width() : from;
  for (int r = first_row; r < last_row; ++r) {
    assert(dense_ || token(batch, r) < tokens_.count());
    const T* base = base_.data() + area(token(batch, r), row_width());
    T* a = gates_of(r);
    for (int n = 0; n < copied; n += kLanes<T>) store(a + n, load(base + n));
    if (!dense_) starts_[static_cast<std::size_t>(r - first_row)] = base + from;
  }
  if (dense_)
    multiply<T, Start::Product>(below.row(first_row), below.stride, last_row - first_row, w_x_,
                                gates_of(first_row) + map_.input_begin * units_, row_width());
}

template <class T>
void LayerRun<T>::forward(const BatchLayout& batch, Rows<const T> below, int from, int to) {
  const int width = segment_ > 0 ? segment_ : batch.steps;
  while (from < to) {
    const int end = std::min(to, segment_ > 0 ? (from / width + 1) * width : batch.steps);
    read(batch, below, from, end);
    from = end;
  }
}

// The order of a pre-activation's terms: (b_x + b_h) + W_x x first, then W_h h with k ascending on top.
template <class T>
void LayerRun<T>::read(const BatchLayout& batch, Rows<const T> below, int from, int to) {
  const int width = segment_ > 0 ? segment_ : batch.steps, part = width > 0 ? from / width : 0;
  const int one = batch.position(layer_.wiring, part * width),
            other = batch.position(layer_.wiring, std::min(batch.steps, (part + 1) * width) - 1);
  kept_from_ = batch.first_at(std::min(one, other));
  const int rows_kept = batch.first_at(std::max(one, other) + 1) - kept_from_;
  grown(a_, area(rows_kept, row_width()));
  if (memory()) grown(tanh_c_, area(rows_kept, units_));
  if (norm_.on()) norm_.reserve(rows_kept);

  starts_.resize(static_cast<std::size_t>(batch.rows));
  int ready = from;  // steps whose input terms are there
  for (int s = from; s < to; ++s) {
    const int t = batch.position(layer_.wiring, s), rows = batch.active_at(t), first = batch.first_at(t);
    if (s == ready) {
      ready = dense_ ? std::min(to, s + std::max(1, kRowsAhead / std::max(1, rows))) : s + 1;
      const int last = batch.position(layer_.wiring, ready - 1), low = std::min(t, last),
                high = std::max(t, last);
      input_terms(batch, below, batch.first_at(low), batch.first_at(high + 1));
    }
    const std::size_t after = area(batch.slot_after(layer_.wiring, t), units_);
    T *a = gates_of(first), *sums = a + map_.recurrent_begin * units_;
    const T* h_prev = before_h(batch, t);
    if (dense_)
      multiply<T, Start::Product>(h_prev, units_, rows, w_h_, sums, row_width());
    else
      multiply<T, Start::Rows>(h_prev, units_, rows, w_h_, sums, row_width(), starts_.data());
    if (norm_.on()) norm_.forward(a, first - kept_from_, rows);
    cell_forward<T>(layer_.cell,
                    {.rows = rows,
                     .units = units_,
                     .a = a,
                     .h_prev = h_prev,
                     .c_prev = before_c(batch, t),
                     .h = h_.data() + after,
                     .c = memory() ? c_.data() + after : nullptr,
                     .tanh_c = memory() ? tanh_c_.data() + area(first - kept_from_, units_) : nullptr,
                     .peepholes = layer_.peepholes >= 0 ? peepholes_.data() : nullptr,
                     .hidden = layer_.hidden});
    if (!overrides_.empty()) override_step(batch, s);
  }
}

// dp_i = da_i c', dp_f = da_f c', dp_o = da_o c
template <class T>
void LayerRun<T>::sum_peepholes(const T* da, const T* c_prev, const T* c, int rows) {
  const int parts = coupled(layer_.cell) ? 2 : 3;
  for (int part = 0; part < parts; ++part) {
    const char symbol = part == parts - 1 ? 'o' : parts == 3 && part == 0 ? 'i' : 'f';
    const int block = map_.gate_block[static_cast<std::size_t>(gate_index(layer_.cell, symbol))];
    const T* seen = symbol == 'o' ? c : c_prev;
    T* sum = d_peepholes_.data() + area(part, units_);
    for (int r = 0; r < rows; ++r)
      for (int j = 0; j < layer_.hidden; ++j)
        sum[j] += da[area(r, row_width()) + static_cast<std::size_t>(block * units_ + j)] *
                  seen[area(r, units_) + static_cast<std::size_t>(j)];
  }
}

// What reaches the last steps read from outside: the final gradients, or what the next pass round the circle
// sends back to the steps that fed its first ones.
template <class T>
void LayerRun<T>::first_gradients(const BatchLayout& batch, const T* final_h, const T* final_c,
                                  const LayerRun* next) {
  const int dilation = layer_.wiring.dilation;
  const std::size_t size = area(dilation * batch.rows, units_);
  const auto fill = [&](Buffer<T>& buffer, const T* given, const Buffer<T>* from_next) {
    std::fill_n(grown(buffer, size), size, T(0));
    const auto add = [&](T* to, const T* values) {
      for (int j = 0; j < units_; j += kLanes<T>) store(to + j, load(to + j) + load(values + j));
    };
    for (int r = 0; r < batch.rows; ++r) {
      const int length = batch.length_of(r);
      if (length == 0) continue;
      if (given)
        add(ring(buffer, batch, layer_.wiring.reverse ? 0 : length - 1) + area(r, units_),
            given + area(r, units_));
      for (int k = 0; k < dilation && from_next; ++k) {
        const auto [fed, reader] = around(batch, r, k);
        if (reader >= 0)
          add(ring(buffer, batch, fed) + area(r, units_),
              from_next->data() + area((reader % dilation) * batch.rows + r, units_));
      }
    }
  };
  fill(dh_, final_h, next ? &next->dh_ : nullptr);
  if (memory()) fill(dc_, final_c, next ? &next->dc_ : nullptr);
  const std::size_t rows = area(batch.rows, units_);
  std::fill_n(grown(d_start_h_, rows), rows, T(0));
  if (memory()) std::fill_n(grown(d_start_c_, rows), rows, T(0));
}

// All that is still on its way after the first step read belongs to the initial state.
template <class T>
void LayerRun<T>::last_gradients(const BatchLayout& batch) {
  const auto add = [&](Buffer<T>& sum, const Buffer<T>& rings) {
    const std::size_t rows = area(batch.rows, units_);
    for (int k = 0; k < layer_.wiring.dilation; ++k)
      for (std::size_t i = 0; i < rows; ++i) sum[i] += rings[static_cast<std::size_t>(k) * rows + i];
  };
  add(d_start_h_, dh_);
  if (memory()) add(d_start_c_, dc_);
}

// After step t: what would go on to the step that fed it stops at a cut, or goes to the initial state where
// the step had started anew.
template <class T>
void LayerRun<T>::detach(const BatchLayout& batch, int t, T* dh, T* dc) {
  const bool restart = layer_.wiring.restarts(t);
  if (!restart && !layer_.wiring.is_cut(t)) return;
  // In reverse only the rows that go on behind t have been fed by a step.
  const int rows = layer_.wiring.reverse ? batch.active_at(t + layer_.wiring.dilation) : batch.active_at(t);
  const auto take = [&](T* from, Buffer<T>& initial) {
    for (std::size_t i = 0; i < area(rows, units_); ++i) {
      if (restart) initial[i] += from[i];
      from[i] = T(0);
    }
  };
  take(dh, d_start_h_);
  if (memory()) take(dc, d_start_c_);
}

template <class T>
void LayerRun<T>::backward(const BatchLayout& batch, Rows<const T> below, const T* final_gradient,
                           Rows<const T> above, Rows<T> to_below, bool overwrite,
                           const T* final_cell_gradient, const LayerRun* next_pass) {
  first_gradients(batch, final_gradient, final_cell_gradient, next_pass);
  const auto clear = [](Buffer<T>& buffer, std::size_t size) {
    std::fill_n(grown(buffer, size), size, T(0));
  };
  const int width = map_.gates * units_;
  clear(d_w_h_, area(units_, width));
  if (dense_) clear(d_w_x_, area(inputs_, width));
  grown(d_base_, area(dense_ ? 1 : tokens_.count(), row_width()));
  is_seen_.assign(static_cast<std::size_t>(dense_ ? 1 : tokens_.count()), 0);
  seen_.clear();
  if (layer_.peepholes >= 0) clear(d_peepholes_, area(3, units_));
  if (norm_.on()) norm_.begin_gradients();
  outer_h_.begin(d_w_h_.data(), units_, width);
  if (dense_) outer_x_.begin(d_w_x_.data(), inputs_, width);

  const int part = segment_ > 0 ? segment_ : std::max(1, batch.steps);
  for (int from = batch.steps > 0 ? (batch.steps - 1) / part * part : -1; from >= 0; from -= part) {
    const int to = std::min(batch.steps, from + part);
    if (segment_ > 0) read(batch, below, from, to);
    unread(batch, below, above, from, to);
    const int one = batch.position(layer_.wiring, from), other = batch.position(layer_.wiring, to - 1);
    const int low = std::min(one, other), high = std::max(one, other);
    if (to_below.data && dense_) {
      const int row = batch.first_at(low), rows = batch.first_at(high + 1) - row;
      const T* dz = gates_of(row) + map_.input_begin * units_;
      if (overwrite)
        multiply<T, Start::Zero>(dz, row_width(), rows, w_x_back_, to_below.row(row), to_below.stride);
      else
        multiply<T, Start::Product>(dz, row_width(), rows, w_x_back_, to_below.row(row), to_below.stride);
    }
  }
  outer_h_.end();
  if (dense_) outer_x_.end();
  std::sort(seen_.begin(), seen_.end());
  last_gradients(batch);
}

template <class T>
void LayerRun<T>::unread(const BatchLayout& batch, Rows<const T> below, Rows<const T> above, int from,
                         int to) {
  for (int s = to - 1; s >= from; --s) {
    const int t = batch.position(layer_.wiring, s), rows = batch.active_at(t), first = batch.first_at(t);
    const std::size_t after = area(batch.slot_after(layer_.wiring, t), units_);
    T* a = gates_of(first);
    T *dh = ring(dh_, batch, t), *dc = memory() ? ring(dc_, batch, t) : nullptr;
    const CellBackward<T> step{
        .rows = rows,
        .units = units_,
        .a = a,
        .h_prev = before_h(batch, t),
        .h = h_.data() + after,
        .c_prev = before_c(batch, t),
        .tanh_c = memory() ? tanh_c_.data() + area(first - kept_from_, units_) : nullptr,
        .dy = above.data ? above.row(first) : nullptr,
        .dy_stride = above.stride,
        .dh = dh,
        .dc = dc,
        .peepholes = layer_.peepholes >= 0 ? peepholes_.data() : nullptr};
    if (watched_)
      each_vector<T>(rows, units_, [&](std::size_t r, std::size_t j) {
        store(watched_ + area(first, units_) + r * static_cast<std::size_t>(units_) + j,
              state_gradient(step, r, j));
      });
    cell_backward<T>(layer_.cell, step);
    if (layer_.peepholes >= 0) sum_peepholes(a, step.c_prev, c_.data() + after, rows);
    if (norm_.on()) norm_.backward(a, first - kept_from_, rows);
    sum_weight_gradients(batch, below, t);
    multiply<T, Start::Product>(a + map_.recurrent_begin * units_, row_width(), rows, w_h_back_, dh, units_);
    detach(batch, t, dh, dc);
  }
}

// In the order of the way back, the step read last first, then batch row.
template <class T>
void LayerRun<T>::sum_weight_gradients(const BatchLayout& batch, Rows<const T> below, int t) {
  const int input = map_.input_begin * units_, recurrent = map_.recurrent_begin * units_;
  const T* h_prev = before_h(batch, t);
  for (int r = 0; r < batch.active_at(t); ++r) {
    const int row = batch.first_at(t) + r;
    const T* dz = gates_of(row);
    if (dense_) outer_x_.add(below.row(row), dz + input);
    const int read = token(batch, row);
    T* sum = d_base_.data() + area(read, row_width());
    if (!is_seen_[static_cast<std::size_t>(read)]) {
      is_seen_[static_cast<std::size_t>(read)] = 1;
      seen_.push_back(read);
      std::fill_n(sum, row_width(), T(0));
    }
    for (int n = 0; n < recurrent; n += kLanes<T>) store(sum + n, load(sum + n) + load(dz + n));
    outer_h_.template add<true>(h_prev + area(r, units_), dz + recurrent, sum + recurrent);
  }
}

template <class T>
void LayerRun<T>::add_gradients(std::span<T> gradients) const {
  T *w_x = gradients.data() + w_x_at_, *w_h = gradients.data() + w_h_at_, *b_x = gradients.data() + b_x_at_,
    *b_h = gradients.data() + b_h_at_;
  const int width = map_.gates * units_;
  const auto base = [&](int token, int begin, int n) {
    return d_base_[area(token, row_width()) + static_cast<std::size_t>(begin * units_ + n)];
  };
  const auto all_tokens = [&](int begin, int n) {
    T sum = 0;
    for (const int token : seen_) sum += base(token, begin, n);
    return sum;
  };
  for (int part = 0; layer_.peepholes >= 0 && part < (coupled(layer_.cell) ? 2 : 3); ++part)
    for (int j = 0; j < layer_.hidden; ++j)
      gradients[peepholes_at_ + area(part, layer_.hidden) + static_cast<std::size_t>(j)] +=
          d_peepholes_[area(part, units_) + static_cast<std::size_t>(j)];
  if (norm_.on()) norm_.add_gradients(gradients);
  Buffer<T> d_embedded(area(embedding_ > 0 ? tokens_.count() : 0, embedding_)), sums;
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
    if (embedding_ > 0) {
      for (const int token : seen_)
        for (int m = 0; m < embedding_; ++m) {
          const std::size_t at = area(token, embedding_) + static_cast<std::size_t>(m);
          row[m] += base(token, map_.input_begin, n) * embedded_[at];
          d_embedded[at] += base(token, map_.input_begin, n) *
                            w_x_plain_[area(x_row, embedding_) + static_cast<std::size_t>(m)];
        }
      continue;
    }
    // The gradient of an ambiguous token goes back evenly to its kinds. Every weight adds up its tokens in
    // order.
    sums.assign(static_cast<std::size_t>(layer_.inputs), T(0));
    for (const int token : seen_) {
      const int members = tokens_.members(token);
      const T part = base(token, map_.input_begin, n) / static_cast<T>(members);
      tokens_.each_member(token, [&](int kind) { sums[static_cast<std::size_t>(kind)] += part; });
    }
    for (int kind = 0; kind < layer_.inputs; ++kind) row[kind] += sums[static_cast<std::size_t>(kind)];
  }
  for (std::size_t i = 0; i < seen_.size() && embedding_ > 0; ++i) {
    const int token = seen_[i], members = tokens_.members(token);
    tokens_.each_member(token, [&](int kind) {
      for (int m = 0; m < embedding_; ++m)
        gradients[embedding_at_ + area(kind, embedding_) + static_cast<std::size_t>(m)] +=
            d_embedded[area(token, embedding_) + static_cast<std::size_t>(m)] / static_cast<T>(members);
    });
  }
}

template <class T>
void LayerRun<T>::input_gradient(std::span<const T> parameters, int row, T* out) const {
  const T *dz = a_.data() + area(row, row_width()) + map_.input_begin * units_,
          *w_x = parameters.data() + w_x_at_;
  std::fill_n(out, layer_.inputs, T(0));
  for (int n = 0; n < map_.gates * units_; ++n) {
    const int x_row = input_columns_[static_cast<std::size_t>(n)];
    for (int k = 0; k < layer_.inputs && x_row >= 0; ++k)
      out[k] += dz[n] * w_x[area(x_row, layer_.inputs) + static_cast<std::size_t>(k)];
  }
}

template class LayerRun<float>;
template class LayerRun<double>;

}  // namespace ribostep::rnn
