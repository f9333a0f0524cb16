// What a Bptt is inside: one batch through all levels and back. Private to bptt.cpp. Order is everything
// here: rows are independent of each other on the way forward, every sum on the way back has its order fixed
// below or in layer.cpp.
#pragma once
#include <algorithm>
#include <cassert>
#include <cstring>
#include <memory>

#include "base/random.h"
#include "rnn/batch.h"
#include "rnn/bptt.h"
#include "rnn/initial_states.h"
#include "rnn/math.h"
#include "rnn/readout.h"
#include "rnn/stack.h"

namespace ribostep::rnn {

inline constexpr std::uint64_t kDropoutStream = std::uint64_t{3} << 60u;  // of Random; see mask()

// A circle has settled when no number handed on over the origin changes by more than this: a few roundings of
// numbers of size 1.
template <class T>
inline constexpr T kSettled = static_cast<T>(sizeof(T) == sizeof(float) ? 1e-6 : 1e-12);

// memcmp, which Emscripten's library does byte by byte.
template <class T>
bool same_bits(std::span<const T> a, std::span<const T> b) {
  Bits<T> different{};
  std::size_t i = 0;
  for (; i + kLanes<T> <= a.size(); i += kLanes<T>)
    different |= as_bits<T>(load(&a[i])) ^ as_bits<T>(load(&b[i]));
  for (int lane = 0; lane < kLanes<T>; ++lane)
    if (different[lane] != 0) return false;
  return std::memcmp(a.data() + i, b.data() + i, (a.size() - i) * sizeof(T)) == 0;
}

template <class T>
struct Bptt<T>::State {
  State(const Network& network, TokenTable token_table)
      : net(network), table(std::move(token_table)), kinds(net.spec, table), initial(net), readout(net) {
    passes.push_back(std::make_unique<Stack<T>>(net, table));
    if (net.spec.circular == Circular::TwoPass) passes.push_back(std::make_unique<Stack<T>>(net, table));
  }

  const ModelSpec& spec() const { return net.spec; }
  bool per_position() const { return spec().task != Task::SequenceLabel; }
  bool doubled() const { return spec().circular == Circular::Doubled; }
  int directions() const { return spec().direction_count(); }
  int top() const { return spec().layers - 1; }
  int features() const { return readout.features(); }
  int scored_rows() const { return per_position() ? scored().positions : batch.letters.rows; }
  // The layout whose rows are read out or pooled.
  const BatchLayout& scored() const {
    return doubled() ? once : per_position() ? batch.letters : top_layout();
  }
  const BatchLayout& top_layout() const { return batch.at(net, top()); }
  bool direct() const { return &scored() == &top_layout(); }
  bool needs_positions() const { return per_position() || spec().pool != Pool::Last; }
  Stack<T>& last() { return *passes[static_cast<std::size_t>(pass_count - 1)]; }

  void pack(std::span<const T> given, bool backward) {
    assert(given.size() == net.parameter_count);
    // All shards of an update see the same weights.
    if (packed > 0 && packed_backward >= backward && same_bits<T>(parameters, given)) return;
    parameters.assign(given.begin(), given.end());
    packed_backward = backward;
    packed = 0;
    need_pass(static_cast<int>(spec().circular == Circular::TwoPass ? 2 : 1));
    readout.pack(given, backward);
    initial.pack(given);
  }
  // Round a circle as many passes as it takes, each with its own stack.
  void need_pass(int count) {
    while (static_cast<int>(passes.size()) < count) passes.push_back(std::make_unique<Stack<T>>(net, table));
    for (; packed < count; ++packed)
      passes[static_cast<std::size_t>(packed)]->pack(parameters, packed_backward);
  }

  // The row of the top level, in direction d, that step t of row r is read out from.
  int top_row(int t, int r, int d) const {
    const BatchLayout& layout = top_layout();
    int step = t;
    if (doubled()) {
      if (d == 0) step += once.length_of(r);  // forward states of the second copy, backward ones of the first
    } else if (top() > 0 && spec().window > 0) {
      step /= spec().window;
    }
    return layout.first_at(step) + r;
  }
  // Of a batch row: the scored row of step `step` of it, or of the whole sequence.
  int scored_row(int r, int step) const { return per_position() ? scored().first_at(step) + r : r; }
  template <class F>
  void each_scored(F f) const {
    for (int t = 0; t < scored().steps; ++t)
      for (int r = 0; r < scored().active_at(t); ++r) f(t, r, scored().first_at(t) + r);
  }

  // Fills `probabilities` and, per scored row, target and loss.
  void forward(std::span<const Example> examples, const Noise* noise, std::span<const T> inputs = {}) {
    const int copies = doubled() ? 2 : 1;
    batch.letters.build(spec(), kinds, examples, copies);
    if (doubled()) once.build(spec(), kinds, examples);
    if (spec().window > 0) batch.windows.build_windows(batch.letters, spec().window);
    gather_values(examples, copies);
    if (!inputs.empty()) put_values(inputs, copies);
    initial.forward(examples, batch.letters.source);
    const std::vector<int>& given = doubled() ? once.length : batch.letters.length;
    lengths.assign(given.begin(), given.end());
    go_round(keep_all ? 0 : training_memory(net, lengths).segment, noise);

    const int rows = scored_rows(), width = readout.width();
    grown(logits, area(rows, width));
    grown(probabilities, area(rows, width));
    if (needs_positions()) gather_scored();
    if (!per_position()) {
      pool();
      readout.forward(pooled.data(), features(), rows, logits.data());
    } else if (rows > 0) {
      readout.forward(scored_states.data, features(), rows, logits.data());
    }
    score(examples);
  }

  void go_round(int segment, const Noise* noise) {
    const bool settle = spec().circular == Circular::FixedPoint;
    const int limit = settle ? spec().max_passes : spec().circular == Circular::TwoPass ? 2 : 1;
    settled = !settle;
    for (pass_count = 1;; ++pass_count) {
      need_pass(pass_count);
      Stack<T>& now = last();
      const Stack<T>* before =
          pass_count > 1 ? passes[static_cast<std::size_t>(pass_count - 2)].get() : nullptr;
      now.set_segment(segment);
      now.set_mask(mask(noise));
      now.begin(batch, values(), initial.zero() ? nullptr : &initial, before);
      now.run_all();
      if (settle && before) {
        assert(batch.letters.rows == 1);  // how long a circle takes is its own affair
        settled = now.change_at_origin(*before, 0) <= kSettled<T>;
      }
      if (pass_count == limit || (settle && settled)) return;
    }
  }

  // Which states are dropped depends on the seed, the update, the row and the level alone.
  typename Stack<T>::Mask mask(const Noise* noise) const {
    if (!noise || spec().dropout <= 0) return {};
    return [this, noise = *noise](int level, int row, int length, T* factors) {
      const int source = batch.letters.source[static_cast<std::size_t>(row)] + noise.first_row;
      Random random(noise.seed, kDropoutStream +
                                    ((static_cast<std::uint64_t>(noise.update) << 20u) +
                                     static_cast<std::uint64_t>(source)) *
                                        kMaxLayers +
                                    static_cast<std::uint64_t>(level));
      const T kept = static_cast<T>(1 / (1 - spec().dropout));
      const int units = features() / directions();
      for (int i = 0; i < length * directions(); ++i, factors += units)
        for (int j = 0; j < units; ++j)
          factors[j] = j < spec().hidden && random.uniform() >= spec().dropout ? kept : T(0);
    };
  }

  void gather_values(std::span<const Example> examples, int copies) {
    if (spec().input != Input::Values) return;
    const int stride = passes[0]->layer(0).inputs(), channels = spec().channels;
    std::fill_n(grown(value_rows, area(batch.letters.positions, stride)),
                area(batch.letters.positions, stride), T(0));
    for (int t = 0; t < batch.letters.steps; ++t)
      for (int r = 0; r < batch.letters.active_at(t); ++r) {
        const Example& example =
            examples[static_cast<std::size_t>(batch.letters.source[static_cast<std::size_t>(r)])];
        const int from = t % (batch.letters.length_of(r) / copies);
        for (int k = 0; k < channels; ++k)
          value_rows[area(batch.letters.first_at(t) + r, stride) + static_cast<std::size_t>(k)] =
              static_cast<T>(example.values[area(from, channels) + static_cast<std::size_t>(k)]);
      }
  }
  // The same from inputs of this precision, [rows][steps][channels], every row of the same length.
  void put_values(std::span<const T> inputs, int copies) {
    const int stride = passes[0]->layer(0).inputs(), channels = spec().channels;
    for (int t = 0; t < batch.letters.steps; ++t)
      for (int r = 0; r < batch.letters.active_at(t); ++r) {
        const int length = batch.letters.length_of(r) / copies;
        std::copy_n(inputs.data() + area(r * length + t % length, channels), channels,
                    value_rows.data() + area(batch.letters.first_at(t) + r, stride));
      }
  }
  Rows<const T> values() const {
    if (spec().input != Input::Values) return {};
    return {value_rows.data(), passes[0]->layer(0).inputs()};
  }

  // The rows that are read out or pooled: the top level's own, or put together where they lie elsewhere.
  void gather_scored() {
    const Rows<const T> from = last().states(top());
    if (direct()) {
      scored_states = from;
      return;
    }
    T* out = grown(gathered, area(scored().positions, features()));
    const int units = features() / directions();
    each_scored([&](int t, int r, int row) {
      for (int d = 0; d < directions(); ++d)
        std::copy_n(from.row(top_row(t, r, d)) + d * units, units, out + area(row, features()) + d * units);
    });
    scored_states = {out, features()};
  }
  // The way back: `from` at the scored rows, summed over t ascending where several read the same state.
  Rows<const T> scatter_scored(const T* from) {
    if (direct()) return {from, features()};
    const std::size_t size = area(top_layout().positions, features());
    T* out = grown(scattered, size);
    std::fill_n(out, size, T(0));
    const int units = features() / directions();
    each_scored([&](int t, int r, int row) {
      for (int d = 0; d < directions(); ++d)
        for (int j = d * units; j < (d + 1) * units; ++j)
          out[area(top_row(t, r, d), features()) + static_cast<std::size_t>(j)] +=
              from[area(row, features()) + static_cast<std::size_t>(j)];
    });
    return {out, features()};
  }

  void pool() {
    const BatchLayout& layout = scored();
    T* out = grown(pooled, area(layout.rows, features()));
    const bool last_state = spec().pool == Pool::Last;
    if (!last_state) {
      pooling.begin(spec().pool, layout.rows, features());
      for (int t = 0; t < layout.steps; ++t)
        pooling.read(t, scored_states.row(layout.first_at(t)), scored_states.stride, layout.active_at(t));
    }
    for (int r = 0; r < layout.rows; ++r, out += features()) {
      const int length = layout.length_of(r);
      if (!last_state) {
        pooling.result(r, length, out);
        continue;
      }
      for (int d = 0; d < directions(); ++d) {
        const LayerRun<T>& run = last().layer(top(), d);
        if (length > 0)
          std::copy_n(run.final_state(top_layout(), r), run.units(), out + d * run.units());
        else
          std::fill_n(out + d * run.units(), run.units(), T(0));
      }
    }
  }

  T class_weight(int cls) const {
    return class_weights.empty() ? T(1) : static_cast<T>(class_weights[static_cast<std::size_t>(cls)]);
  }
  const Example& example_of(std::span<const Example> examples, int r) const {
    return examples[static_cast<std::size_t>(batch.letters.source[static_cast<std::size_t>(r)])];
  }

  void score(std::span<const Example> examples) {
    const int width = readout.width(), classes = readout.classes();
    const auto rows = static_cast<std::size_t>(scored_rows());
    targets.resize(rows);
    losses.resize(rows);
    hits.resize(rows);
    const auto one = [&](int row, int cls) {
      const T* z = logits.data() + area(row, width);
      const SoftmaxSum<T> s = softmax(z, classes, probabilities.data() + area(row, width));
      const auto at = static_cast<std::size_t>(row);
      targets[at] = cls;
      losses[at] = cls < 0 ? T(0) : log_of(s.sum) - (z[cls] - s.max);
      if (cls >= 0 && !class_weights.empty()) losses[at] *= class_weight(cls);
      hits[at] = cls >= 0 && argmax(z, classes) == cls;
    };
    if (!per_position()) {
      for (int r = 0; r < batch.letters.rows; ++r) one(r, target(spec(), example_of(examples, r), 0));
    } else if (spec().task == Task::NextVector) {
      each_scored([&](int t, int r, int row) { compare_vector(example_of(examples, r), t, row); });
    } else {
      each_scored([&](int t, int r, int row) { one(row, target(spec(), example_of(examples, r), t)); });
    }
  }

  // Loss (1/C) sum (z - x_{t+1})^2; keeps z - x_{t+1} where the probabilities are.
  void compare_vector(const Example& example, int t, int row) {
    const int width = readout.width(), channels = readout.classes();
    const auto at = static_cast<std::size_t>(row);
    const T* z = logits.data() + area(row, width);
    T* difference = probabilities.data() + area(row, width);
    std::fill_n(difference, width, T(0));
    targets[at] = target(spec(), example, t);
    hits[at] = 0;
    T sum = 0;
    for (int k = 0; k < channels && targets[at] >= 0; ++k) {
      difference[k] =
          z[k] - static_cast<T>(example.values[area(t + 1, channels) + static_cast<std::size_t>(k)]);
      sum += difference[k] * difference[k];
    }
    losses[at] = sum / static_cast<T>(channels);
  }

  // Summed example by example in the caller's order, each over t ascending: how examples were grouped
  // does not show.
  void add_result(BatchResult& result) {
    row_of.resize(static_cast<std::size_t>(batch.letters.rows));
    for (int r = 0; r < batch.letters.rows; ++r)
      row_of[static_cast<std::size_t>(batch.letters.source[static_cast<std::size_t>(r)])] = r;
    const auto add = [&](int row, double& loss) {
      const auto at = static_cast<std::size_t>(row);
      if (targets[at] < 0) return;
      loss += static_cast<double>(losses[at]);
      ++result.items;
      result.weight += class_weights.empty()
                           ? 1.0
                           : static_cast<double>(class_weights[static_cast<std::size_t>(targets[at])]);
      result.correct += hits[at];
    };
    for (const int r : row_of) {
      double loss = 0;
      if (!per_position())
        add(r, loss);
      else
        for (int t = 0; t < scored().length_of(r); ++t) add(scored().first_at(t) + r, loss);
      result.loss += loss;
    }
    result.passes = std::max(result.passes, pass_count);
    result.unsettled += !settled;
  }

  // In the caller's order, after add_result.
  void append_probabilities(std::vector<T>& out) const {
    const auto append = [&](int row) {
      const T* p = probabilities.data() + area(row, readout.width());
      out.insert(out.end(), p, p + readout.classes());
    };
    for (const int r : row_of) {
      if (!per_position())
        append(r);
      else
        for (int t = 0; t < scored().length_of(r); ++t) append(scored().first_at(t) + r);
    }
  }

  // dL/dz = (p - [k = target]) * scale, in place of the probabilities; of a vector 2 (z - x) / C * scale.
  void logit_gradients(T scale) {
    const int width = readout.width();
    for (int row = 0; row < scored_rows(); ++row) {
      T* p = probabilities.data() + area(row, width);
      const int cls = targets[static_cast<std::size_t>(row)];
      T factor = scale;
      if (spec().task == Task::NextVector)
        factor = scale * (T(2) / static_cast<T>(readout.classes()));
      else if (cls >= 0)
        p[cls] -= T(1);
      if (cls >= 0 && !class_weights.empty()) factor *= class_weight(cls);
      for (int k = 0; k < width; k += kLanes<T>)
        store(p + k, cls < 0 ? Vec<T>{} : flush<T>(load(p + k) * splat(factor)));
    }
  }

  void backward(T scale, std::span<T> gradients) {
    logit_gradients(scale);
    backward_from_logits(gradients);
  }
  // From dL/dz, where the probabilities were.
  void backward_from_logits(std::span<T> gradients) {
    const T* dz = probabilities.data();
    const int rows = scored_rows(), width = readout.width();
    Rows<const T> above;
    readout.begin_gradients();
    if (!per_position()) {
      for (int r = 0; r < rows; ++r)
        readout.add_row(pooled.data() + area(r, features()), dz + area(r, width));
      readout.backward(dz, rows, grown(d_pooled, area(rows, features())), features());
      if (needs_positions()) {
        pooling.backward(scored(), d_pooled.data(), grown(d_scored, area(scored().positions, features())));
        above = scatter_scored(d_scored.data());
      }
    } else {
      for (int t = scored().steps - 1; t >= 0; --t)
        for (int r = scored().first_at(t); r < scored().first_at(t + 1); ++r)
          readout.add_row(scored_states.row(r), dz + area(r, width));
      readout.backward(dz, rows, grown(d_scored, area(scored().positions, features())), features());
      above = scatter_scored(d_scored.data());
    }
    readout.add_gradients(gradients);

    // The last pass first; the ones before it hear only what comes back over the origin.
    const Stack<T>* next = nullptr;
    for (int p = pass_count - 1; p >= 0; --p) {
      Stack<T>& pass = *passes[static_cast<std::size_t>(p)];
      const bool finals = p == pass_count - 1 && !needs_positions();
      pass.backward(
          p == pass_count - 1 ? above : Rows<const T>{},
          [&](int d) { return finals ? split_final(d, pass.layer(top(), d).units()) : nullptr; }, next);
      pass.add_gradients(gradients);
      next = &pass;
    }
    if (initial.zero()) return;
    for (int i = 0; i < static_cast<int>(net.layers.size()); ++i)
      initial.backward(i, passes[0]->layer(i).initial_gradient(),
                       has_cell_state(net.layers[static_cast<std::size_t>(i)].cell)
                           ? passes[0]->layer(i).initial_cell_gradient()
                           : nullptr);
    initial.add_gradients(gradients);
  }
  // Leaves targets only where they are asked for; without any, the prediction is its own target.
  void keep_target(int only_row) {
    const int rows = scored_rows();
    bool any = false;
    for (int row = 0; row < rows; ++row) {
      int& cls = targets[static_cast<std::size_t>(row)];
      if (only_row >= 0 && per_position() && row != only_row) cls = -1;
      any = any || cls >= 0;
    }
    const int row = !per_position() ? 0 : only_row < 0 ? rows - 1 : only_row;
    if (any || rows == 0 || spec().task == Task::NextVector) return;
    targets[static_cast<std::size_t>(row)] =
        argmax(logits.data() + area(row, readout.width()), readout.classes());
  }

  const T* split_final(int direction, int units) {
    T* out = grown(d_final, area(batch.letters.rows, units));
    for (int r = 0; r < batch.letters.rows; ++r)
      std::copy_n(d_pooled.data() + area(r, features()) + direction * units, units, out + area(r, units));
    return out;
  }

  Network net;
  TokenTable table;
  Tokens kinds;
  StackBatch batch;
  BatchLayout once;  // Doubled: what is scored
  std::vector<std::unique_ptr<Stack<T>>> passes;
  int pass_count = 1, packed = 0;
  bool packed_backward = false, settled = true, keep_all = false;
  Buffer<T> parameters;
  InitialStates<T> initial;
  Readout<T> readout;
  Pooling<T> pooling;
  std::vector<float> class_weights;
  std::vector<int> lengths;
  Rows<const T> scored_states;
  Buffer<T> value_rows, gathered, scattered;  // [steps][inputs or features]
  Buffer<T> pooled, d_pooled, d_final;        // [rows][features], [rows][features], [rows][units]
  Buffer<T> logits, probabilities;            // [scored rows][width]; then dL/dz
  Buffer<T> d_scored;                         // [scored steps][features]
  std::vector<int> targets;                   // [scored rows]
  Buffer<T> losses;
  std::vector<char> hits;
  std::vector<int> row_of;
};

}  // namespace ribostep::rnn
