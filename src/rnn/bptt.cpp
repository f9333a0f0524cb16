// A batch through all levels and back. Order is everything here: rows are independent of each other on the
// way forward, every sum on the way back has its order fixed below or in layer.cpp.
#include "rnn/bptt.h"

#include <algorithm>
#include <cassert>

#include "rnn/batch.h"
#include "rnn/layer.h"
#include "rnn/math.h"
#include "rnn/readout.h"

namespace ribostep::rnn {
namespace {

// evaluate() works in parts of about this many positions, so that predicting 3,000 sequences needs no more
// memory than training on a few.
constexpr std::size_t kEvaluatePositions = 8192;
constexpr std::size_t kEvaluateRows = 64;

constexpr int kMinShardRows = 4;  // fewer rows than a kernel's strip would waste it

}  // namespace

int target(const ModelSpec& spec, const Example& example, int t) {
  const auto at = static_cast<std::size_t>(t);
  int cls = -1;
  switch (spec.task) {
    case Task::SequenceLabel:
      cls = example.label;
      break;
    case Task::PositionLabel:
      if (at < example.position_labels.size()) cls = example.position_labels[at];
      break;
    case Task::NextSymbol:
      if (at + 1 < example.tokens.size()) cls = example.tokens[at + 1];
      break;
  }
  return cls >= 0 && cls < spec.outputs() ? cls : -1;  // kNoClass and ambiguity codes lie above
}

std::int64_t count_targets(const ModelSpec& spec, std::span<const Example> batch) {
  std::int64_t count = 0;
  for (const Example& example : batch) {
    const int positions = spec.task == Task::SequenceLabel ? 1 : static_cast<int>(example.tokens.size());
    for (int t = 0; t < positions; ++t) count += target(spec, example, t) >= 0;
  }
  return count;
}

std::vector<Shard> shards(int batch_size) {
  const int count = std::clamp(batch_size / kMinShardRows, 1, kMaxShards);
  std::vector<Shard> parts;
  for (int i = 0; i < count; ++i) parts.push_back({batch_size * i / count, batch_size * (i + 1) / count});
  return parts;
}

template <class T>
struct Bptt<T>::State {
  State(const Network& network, TokenTable token_table)
      : net(network), table(std::move(token_table)), readout(net), level_states(net.layers.size()) {
    for (int i = 0; i < static_cast<int>(net.layers.size()); ++i) runs.emplace_back(net, table, i);
  }

  int directions() const { return net.spec.direction_count(); }
  int top() const { return net.spec.layers - 1; }
  int features() const { return readout.features(); }
  int scored_rows() const { return net.spec.task == Task::SequenceLabel ? batch.rows : batch.positions; }
  LayerRun<T>& run(int level, int direction) {
    return runs[static_cast<std::size_t>(net.level_begin(level) + direction)];
  }

  void pack(std::span<const T> parameters, bool backward) {
    assert(parameters.size() == net.parameter_count);
    for (LayerRun<T>& layer : runs) layer.pack(parameters, backward);
    readout.pack(parameters, backward);
  }

  // All states of a level, one row per position, its directions side by side.
  Rows<const T> states(int level) {
    if (level < 0 || batch.steps == 0) return {};
    if (directions() == 1) return {run(level, 0).states(batch, 0), features()};
    return {level_states[static_cast<std::size_t>(level)].data(), features()};
  }
  void gather_states(int level) {
    T* out = grown(level_states[static_cast<std::size_t>(level)], area(batch.positions, features()));
    for (int t = 0; t < batch.steps; ++t)
      for (int d = 0; d < directions(); ++d) {
        const LayerRun<T>& layer = run(level, d);
        const T* from = layer.states(batch, t);
        for (int r = 0; r < batch.active_at(t); ++r)
          std::copy_n(from + area(r, layer.units()), layer.units(),
                      out + area(batch.first_at(t) + r, features()) + d * layer.units());
      }
  }
  bool needs_positions() const { return net.spec.task != Task::SequenceLabel || net.spec.pool != Pool::Last; }

  // Fills `probabilities` and, per scored row, target and loss.
  void forward(std::span<const Example> examples) {
    batch.build(examples);
    for (int level = 0; level <= top(); ++level) {
      for (int d = 0; d < directions(); ++d) {
        run(level, d).begin(batch);
        run(level, d).forward(batch, states(level - 1), 0, batch.steps);
      }
      if (directions() > 1 && (level < top() || needs_positions())) gather_states(level);
    }
    const int rows = scored_rows(), width = readout.width();
    grown(logits, area(rows, width));
    grown(probabilities, area(rows, width));
    if (net.spec.task == Task::SequenceLabel) {
      pool();
      readout.forward(pooled.data(), features(), rows, logits.data());
    } else if (rows > 0) {
      readout.forward(states(top()).data, features(), rows, logits.data());
    }
    score(examples);
  }

  void pool() {
    T* out = grown(pooled, area(batch.rows, features()));
    const bool last = net.spec.pool == Pool::Last;
    if (!last) {
      pooling.begin(net.spec.pool, batch.rows, features());
      const Rows<const T> x = states(top());
      for (int t = 0; t < batch.steps; ++t)
        pooling.read(t, x.row(batch.first_at(t)), x.stride, batch.active_at(t));
    }
    for (int r = 0; r < batch.rows; ++r, out += features()) {
      const int length = batch.length[static_cast<std::size_t>(r)];
      if (!last) {
        pooling.result(r, length, out);
        continue;
      }
      for (int d = 0; d < directions(); ++d) {
        const int units = run(top(), d).units();
        if (length > 0)
          std::copy_n(run(top(), d).final_state(batch, r), units, out + d * units);
        else
          std::fill_n(out + d * units, units, T(0));
      }
    }
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
      hits[at] = cls >= 0 && argmax(z, classes) == cls;
    };
    const auto example = [&](int r) -> const Example& {
      return examples[static_cast<std::size_t>(batch.source[static_cast<std::size_t>(r)])];
    };
    if (net.spec.task == Task::SequenceLabel) {
      for (int r = 0; r < batch.rows; ++r) one(r, target(net.spec, example(r), 0));
      return;
    }
    for (int t = 0; t < batch.steps; ++t)
      for (int r = 0; r < batch.active_at(t); ++r)
        one(batch.first_at(t) + r, target(net.spec, example(r), t));
  }

  // Summed example by example in the caller's order, each over t ascending: how examples were grouped
  // does not show.
  void add_result(BatchResult& result) {
    row_of.resize(static_cast<std::size_t>(batch.rows));
    for (int r = 0; r < batch.rows; ++r)
      row_of[static_cast<std::size_t>(batch.source[static_cast<std::size_t>(r)])] = r;
    const auto add = [&](int row, double& loss) {
      const auto at = static_cast<std::size_t>(row);
      if (targets[at] < 0) return;
      loss += static_cast<double>(losses[at]);
      ++result.items;
      result.correct += hits[at];
    };
    for (const int r : row_of) {
      double loss = 0;
      if (net.spec.task == Task::SequenceLabel)
        add(r, loss);
      else
        for (int t = 0; t < batch.length[static_cast<std::size_t>(r)]; ++t) add(batch.first_at(t) + r, loss);
      result.loss += loss;
    }
  }

  // dL/dz = (p - [k = target]) * scale, in place of the probabilities.
  void logit_gradients(T scale) {
    const int width = readout.width();
    for (int row = 0; row < scored_rows(); ++row) {
      T* p = probabilities.data() + area(row, width);
      const int cls = targets[static_cast<std::size_t>(row)];
      if (cls >= 0) p[cls] -= T(1);
      for (int k = 0; k < width; k += kLanes<T>)
        store(p + k, cls < 0 ? Vec<T>{} : flush<T>(load(p + k) * splat(scale)));
    }
  }

  void backward(T scale, std::span<T> gradients) {
    logit_gradients(scale);
    const T* dz = probabilities.data();
    const int rows = scored_rows(), width = readout.width();
    T* from_above = nullptr;
    readout.begin_gradients();
    if (net.spec.task == Task::SequenceLabel) {
      for (int r = 0; r < rows; ++r)
        readout.add_row(pooled.data() + area(r, features()), dz + area(r, width));
      readout.backward(dz, rows, grown(d_pooled, area(rows, features())), features());
      if (needs_positions()) {
        from_above = grown(d_states, area(batch.positions, features()));
        pooling.backward(batch, d_pooled.data(), from_above);
      }
    } else {
      const Rows<const T> x = states(top());
      for (int t = batch.steps - 1; t >= 0; --t)
        for (int r = batch.first_at(t); r < batch.first_at(t + 1); ++r)
          readout.add_row(x.row(r), dz + area(r, width));
      from_above = grown(d_states, area(batch.positions, features()));
      readout.backward(dz, rows, from_above, features());
    }
    readout.add_gradients(gradients);

    if (top() > 0) {  // the two take turns
      grown(d_states, area(batch.positions, features()));
      grown(d_below, area(batch.positions, features()));
    }
    for (int level = top(); level >= 0; --level) {
      T* to_below = level > 0 ? d_below.data() : nullptr;
      for (int d = 0; d < directions(); ++d) {
        LayerRun<T>& layer = run(level, d);
        const T* final_gradient = nullptr;
        if (level == top() && !needs_positions()) final_gradient = split_final(d, layer.units());
        layer.backward(batch, states(level - 1), final_gradient,
                       {from_above ? from_above + d * layer.units() : nullptr, features()},
                       {to_below, features()}, d == 0);
        layer.add_gradients(gradients);
      }
      if (level == 0) break;
      std::swap(d_states, d_below);
      from_above = d_states.data();
    }
  }
  const T* split_final(int direction, int units) {
    T* out = grown(d_final, area(batch.rows, units));
    for (int r = 0; r < batch.rows; ++r)
      std::copy_n(d_pooled.data() + area(r, features()) + direction * units, units, out + area(r, units));
    return out;
  }

  Network net;
  TokenTable table;
  BatchLayout batch;
  std::vector<LayerRun<T>> runs;  // as Network::layers
  Readout<T> readout;
  Pooling<T> pooling;
  std::vector<std::vector<T>> level_states;  // [level] where there are two directions
  std::vector<T> pooled, d_pooled, d_final;  // [rows][features]
  std::vector<T> logits, probabilities;      // [scored rows][K in whole vectors]
  std::vector<T> d_states, d_below;          // [positions][features]
  std::vector<int> targets;                  // [scored rows]
  std::vector<T> losses;
  std::vector<char> hits;
  std::vector<int> row_of;
};

template <class T>
Bptt<T>::Bptt(const Network& net, TokenTable table)
    : state_(std::make_unique<State>(net, std::move(table))) {}
template <class T>
Bptt<T>::~Bptt() = default;
template <class T>
Bptt<T>::Bptt(Bptt&&) noexcept = default;

template <class T>
BatchResult Bptt<T>::evaluate(std::span<const T> parameters, std::span<const Example> batch,
                              std::vector<T>* probabilities) {
  State& s = *state_;
  s.pack(parameters, false);
  BatchResult result;
  for (std::size_t begin = 0; begin < batch.size();) {
    std::size_t end = begin, positions = 0;
    do {
      positions += batch[end].tokens.size();
      ++end;
    } while (end < batch.size() && end - begin < kEvaluateRows &&
             positions + batch[end].tokens.size() <= kEvaluatePositions);
    s.forward(batch.subspan(begin, end - begin));
    s.add_result(result);
    if (probabilities && s.net.spec.task == Task::SequenceLabel)
      for (const int r : s.row_of) {
        const T* p = s.probabilities.data() + area(r, s.readout.width());
        probabilities->insert(probabilities->end(), p, p + s.readout.classes());
      }
    begin = end;
  }
  return result;
}

template <class T>
BatchResult Bptt<T>::accumulate(std::span<const T> parameters, std::span<const Example> shard, T scale,
                                std::span<T> gradients) {
  State& s = *state_;
  assert(gradients.size() == s.net.parameter_count);
  s.pack(parameters, true);
  s.forward(shard);
  BatchResult result;
  s.add_result(result);
  s.backward(scale, gradients);
  return result;
}

template class Bptt<float>;
template class Bptt<double>;

}  // namespace ribostep::rnn
