#include "rnn/stack.h"

#include <algorithm>
#include <cassert>

namespace ribostep::rnn {

template <class T>
Stack<T>::Stack(const Network& net, const TokenTable& table) : net_(net) {
  for (int i = 0; i < static_cast<int>(net.layers.size()); ++i) runs_.emplace_back(net, table, i);
  features_ = runs_[0].units() * net.spec.direction_count();
  const auto levels = static_cast<std::size_t>(net.spec.layers);
  gathered_.resize(levels);
  read_.resize(levels);
  masks_.resize(levels);
}

template <class T>
void Stack<T>::pack(std::span<const T> parameters, bool backward) {
  assert(parameters.size() == net_.parameter_count);
  for (LayerRun<T>& run : runs_) run.pack(parameters, backward);
}

template <class T>
void Stack<T>::set_segment(int steps) {
  for (LayerRun<T>& run : runs_) run.set_segment(steps);
}

template <class T>
void Stack<T>::begin(const StackBatch& batch, Rows<const T> values, const InitialStates<T>* start,
                     const Stack* before) {
  batch_ = &batch;
  values_ = values;
  layer_ = step_ = 0;
  for (int i = 0; i < static_cast<int>(runs_.size()); ++i) {
    const BatchLayout& layout = this->batch(net_.layers[static_cast<std::size_t>(i)].level);
    layer(i).begin(layout, start ? start->h(i) : nullptr, start ? start->c(i) : nullptr);
    if (before) layer(i).wrap_from(layout, before->layer(i));
  }
}

template <class T>
typename Stack<T>::Slice Stack<T>::run(int max_steps) {
  const int level = net_.layers[static_cast<std::size_t>(layer_)].level;
  const BatchLayout& layout = batch(level);
  const Slice slice{layer_, step_, std::min(layout.steps, step_ + std::max(1, max_steps))};
  layer(layer_).forward(layout, below(level), slice.from, slice.to);
  step_ = slice.to;
  if (step_ < layout.steps) return slice;
  step_ = 0;
  ++layer_;
  if (done() || net_.layers[static_cast<std::size_t>(layer_)].level > level) finish_level(level);
  return slice;
}

template <class T>
void Stack<T>::run_all() {
  while (!done()) run(1 << 30);
}

template <class T>
double Stack<T>::progress() const {
  if (done()) return 1;
  const int steps = batch(net_.layers[static_cast<std::size_t>(layer_)].level).steps;
  return (layer_ + static_cast<double>(step_) / std::max(1, steps)) / static_cast<double>(runs_.size());
}

template <class T>
Rows<const T> Stack<T>::states(int level) {
  const BatchLayout& layout = batch(level);
  if (layout.steps == 0) return {};
  const int directions = net_.spec.direction_count();
  if (directions == 1) return {layer(level, 0).states(layout, 0), features_};
  Buffer<T>& out = gathered_[static_cast<std::size_t>(level)];
  return {out.data(), features_};
}

// What others read of a level is put together once: its directions side by side, summaries of windows,
// dropout.
template <class T>
void Stack<T>::finish_level(int level) {
  const BatchLayout& layout = batch(level);
  const int directions = net_.spec.direction_count();
  const bool top = level + 1 == net_.spec.layers;
  if (directions > 1) {
    T* out = grown(gathered_[static_cast<std::size_t>(level)], area(layout.positions, features_));
    for (int t = 0; t < layout.steps; ++t)
      for (int d = 0; d < directions; ++d) {
        const LayerRun<T>& run = layer(level, d);
        const T* from = run.states(layout, t);
        for (int r = 0; r < layout.active_at(t); ++r)
          std::copy_n(from + area(r, run.units()), run.units(),
                      out + area(layout.first_at(t) + r, features_) + d * run.units());
      }
  }
  if (top) return;
  const bool windows = level == 0 && net_.spec.window > 0;
  if (!windows && !mask_) return;
  const BatchLayout& reader = batch(level + 1);
  const std::size_t size = area(reader.positions, features_);
  T* read = grown(read_[static_cast<std::size_t>(level)], size);
  if (layout.steps == 0) return;
  if (windows)
    summarise(states(level), read);
  else
    std::copy_n(states(level).data, size, read);
  if (!mask_) return;
  T* factors = grown(masks_[static_cast<std::size_t>(level)], size);
  for (int r = 0; r < reader.rows; ++r) {
    const int length = reader.length_of(r);
    T* row = grown(one_row_, area(length, features_));
    mask_(level, r, length, row);
    for (int t = 0; t < length; ++t)
      std::copy_n(row + area(t, features_), features_, factors + area(reader.first_at(t) + r, features_));
  }
  for (std::size_t i = 0; i < size; i += kLanes<T>) store(read + i, load(read + i) * load(factors + i));
}

template <class T>
Rows<const T> Stack<T>::below(int level) {
  if (level == 0) return values_;
  const auto under = static_cast<std::size_t>(level - 1);
  if (mask_ || (level == 1 && net_.spec.window > 0)) return {read_[under].data(), features_};
  return states(level - 1);
}

// The last state of a window is the one after its last step read: in reverse that is its first.
template <class T>
void Stack<T>::summarise(Rows<const T> from, T* out) const {
  const BatchLayout &letters = batch_->letters, &windows = batch_->windows;
  const int width = net_.spec.window, units = runs_[0].units();
  for (int i = 0; i < windows.steps; ++i)
    for (int r = 0; r < windows.active_at(i); ++r) {
      const int begin = i * width, end = std::min(begin + width, letters.length_of(r));
      T* row = out + area(windows.first_at(i) + r, features_);
      if (net_.spec.window_summary == Summary::Last) {
        std::copy_n(from.row(letters.first_at(end - 1) + r), units, row);
        for (int j = units; j < features_; ++j) row[j] = from.row(letters.first_at(begin) + r)[j];
        continue;
      }
      std::fill_n(row, features_, T(0));
      for (int t = begin; t < end; ++t)
        for (int j = 0; j < features_; ++j) row[j] += from.row(letters.first_at(t) + r)[j];
      for (int j = 0; j < features_; ++j) row[j] /= static_cast<T>(end - begin);
    }
}

template <class T>
void Stack<T>::spread(const T* d_summary, T* d_states) const {
  const BatchLayout &letters = batch_->letters, &windows = batch_->windows;
  const int width = net_.spec.window, units = runs_[0].units();
  std::fill_n(d_states, area(letters.positions, features_), T(0));
  for (int i = 0; i < windows.steps; ++i)
    for (int r = 0; r < windows.active_at(i); ++r) {
      const int begin = i * width, end = std::min(begin + width, letters.length_of(r));
      const T* row = d_summary + area(windows.first_at(i) + r, features_);
      const auto at = [&](int t) { return d_states + area(letters.first_at(t) + r, features_); };
      if (net_.spec.window_summary == Summary::Last) {
        std::copy_n(row, units, at(end - 1));
        for (int j = units; j < features_; ++j) at(begin)[j] = row[j];
        continue;
      }
      for (int t = begin; t < end; ++t)
        for (int j = 0; j < features_; ++j) at(t)[j] = row[j] / static_cast<T>(end - begin);
    }
}

template <class T>
T Stack<T>::change_at_origin(const Stack& before, int row) const {
  T largest = 0;
  for (int i = 0; i < static_cast<int>(runs_.size()); ++i) {
    const T change = layer(i).change_at_origin(batch(net_.layers[static_cast<std::size_t>(i)].level),
                                               before.layer(i), row);
    if (!(change <= largest)) largest = change;
  }
  return largest;
}

template <class T>
void Stack<T>::backward(Rows<const T> above, const std::function<const T*(int direction)>& final_gradient,
                        const Stack* next, Rows<T> to_values) {
  const int top = net_.spec.layers - 1, directions = net_.spec.direction_count();
  for (int level = top; level >= 0; --level) {
    Rows<T> to_below = to_values;
    if (level > 0) to_below = {grown(d_below_, area(batch(level).positions, features_)), features_};
    for (int d = 0; d < directions; ++d) {
      const int index = net_.level_begin(level) + d;
      LayerRun<T>& run = layer(index);
      run.backward(batch(level), below(level), level == top && final_gradient ? final_gradient(d) : nullptr,
                   {above.data ? above.data + d * run.units() : nullptr, above.stride}, to_below, d == 0,
                   nullptr, next ? &next->layer(index) : nullptr);
    }
    if (level == 0) break;
    if (mask_) {
      const Buffer<T>& factors = masks_[static_cast<std::size_t>(level - 1)];
      const std::size_t size = area(batch(level).positions, features_);
      for (std::size_t i = 0; i < size; i += kLanes<T>)
        store(d_below_.data() + i, load(d_below_.data() + i) * load(factors.data() + i));
    }
    if (level == 1 && net_.spec.window > 0)
      spread(d_below_.data(), grown(d_states_, area(batch(0).positions, features_)));
    else
      std::swap(d_states_, d_below_);
    above = {d_states_.data(), features_};
  }
}

template <class T>
void Stack<T>::add_gradients(std::span<T> gradients) const {
  // From the top down, forward before reverse.
  for (int level = net_.spec.layers - 1; level >= 0; --level)
    for (int d = 0; d < net_.spec.direction_count(); ++d)
      layer(net_.level_begin(level) + d).add_gradients(gradients);
}

template class Stack<float>;
template class Stack<double>;

}  // namespace ribostep::rnn
