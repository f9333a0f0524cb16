// A batch through all levels and back, and what is asked of it; see bptt_state.h.
#include "rnn/bptt.h"

#include <algorithm>
#include <cassert>

#include "rnn/bptt_state.h"

namespace ribostep::rnn {
namespace {

// evaluate() works in parts of about this many positions, so that predicting 3,000 sequences needs no more
// memory than training on a few.
constexpr std::size_t kEvaluatePositions = 8192;
constexpr std::size_t kEvaluateRows = 64;

// Ends of the parts of a batch that are read together.
template <class F>
void each_part(const Network& net, std::span<const Example> batch, F f) {
  const std::size_t most_rows = net.spec.circular == Circular::FixedPoint ? 1 : kEvaluateRows;
  // A dilation of d adds d states to every row, however short it is.
  int dilation = 1;
  for (const Layer& layer : net.layers) dilation = std::max(dilation, layer.wiring.dilation);
  const auto length = [&](std::size_t i) {
    return static_cast<std::size_t>(steps(net.spec, batch[i]) + dilation - 1);
  };
  for (std::size_t begin = 0; begin < batch.size();) {
    std::size_t end = begin, positions = 0;
    do {
      positions += length(end);
      ++end;
    } while (end < batch.size() && end - begin < most_rows && positions + length(end) <= kEvaluatePositions);
    f(batch.subspan(begin, end - begin));
    begin = end;
  }
}

}  // namespace

template <class T>
Bptt<T>::Bptt(const Network& net, TokenTable table)
    : state_(std::make_unique<State>(net, std::move(table))) {}
template <class T>
Bptt<T>::~Bptt() = default;
template <class T>
Bptt<T>::Bptt(Bptt&&) noexcept = default;

template <class T>
void Bptt<T>::set_class_weights(std::span<const float> weights) {
  assert(weights.empty() || static_cast<int>(weights.size()) >= state_->readout.classes());
  state_->class_weights.assign(weights.begin(), weights.end());
}

template <class T>
BatchResult Bptt<T>::evaluate(std::span<const T> parameters, std::span<const Example> batch,
                              std::vector<T>* probabilities) {
  State& s = *state_;
  s.pack(parameters, false);
  BatchResult result;
  each_part(s.net, batch, [&](std::span<const Example> part) {
    s.forward(part, nullptr);
    s.add_result(result);
    if (probabilities && s.spec().task != Task::NextVector) s.append_probabilities(*probabilities);
  });
  return result;
}

template <class T>
BatchResult Bptt<T>::accumulate(std::span<const T> parameters, std::span<const Example> shard, T scale,
                                std::span<T> gradients, const Noise* noise) {
  State& s = *state_;
  assert(gradients.size() == s.net.parameter_count);
  s.pack(parameters, true);
  BatchResult result;
  // Circles that are read until they settle take a number of passes of their own, one after the other.
  const std::size_t rows =
      s.spec().circular == Circular::FixedPoint ? 1 : std::max<std::size_t>(1, shard.size());
  for (std::size_t begin = 0; begin < shard.size(); begin += rows) {
    Noise own;
    if (noise) {
      own = *noise;
      own.first_row += static_cast<int>(begin);
    }
    s.forward(shard.subspan(begin, std::min(rows, shard.size() - begin)), noise ? &own : nullptr);
    s.add_result(result);
    s.backward(scale, gradients);
  }
  return result;
}

template <class T>
typename Bptt<T>::Looked Bptt<T>::look(std::span<const T> parameters, const Example& example, int only_row) {
  State& s = *state_;
  Looked looked;
  s.pack(parameters, true);
  s.keep_all = true;
  s.forward({&example, 1}, nullptr);
  s.keep_target(only_row);
  s.add_result(looked.result);

  std::vector<std::vector<T>> watched(s.net.layers.size());
  for (std::size_t i = 0; i < watched.size(); ++i) {
    LayerRun<T>& run = s.last().layer(static_cast<int>(i));
    watched[i].assign(area(s.batch.at(s.net, run.layer().level).positions, run.units()), T(0));
    run.watch_gradients(watched[i].data());
  }
  std::vector<T> unused(s.net.parameter_count);
  s.backward(T(1), unused);
  s.keep_all = false;

  // A doubled sequence shows the copy that is scored.
  for (std::size_t i = 0; i < watched.size(); ++i) {
    LayerRun<T>& run = s.last().layer(static_cast<int>(i));
    run.watch_gradients(nullptr);
    const int steps = s.batch.at(s.net, run.layer().level).steps, shown = s.doubled() ? steps / 2 : steps;
    const int shift = s.doubled() && !run.layer().wiring.reverse ? shown : 0;
    std::vector<T> rows;
    for (int t = 0; t < shown; ++t) {
      const T* row = watched[i].data() + area(t + shift, run.units());
      rows.insert(rows.end(), row, row + run.layer().hidden);
    }
    looked.state_gradients.push_back(std::move(rows));
  }
  const int inputs = s.net.layers[0].inputs, letters = s.batch.letters.steps;
  const int shown = s.doubled() ? letters / 2 : letters;
  looked.input_gradients.assign(area(shown, inputs), T(0));
  std::vector<T> x(static_cast<std::size_t>(inputs));
  for (int d = 0; d < s.directions(); ++d) {
    const LayerRun<T>& run = s.last().layer(0, d);
    for (int t = 0; t < letters; ++t) {  // both copies of a letter are the same letter
      run.input_gradient(parameters, t, x.data());
      for (int k = 0; k < inputs; ++k)
        looked.input_gradients[area(t % shown, inputs) +
                               static_cast<std::size_t>(
                                   run.layer().wiring.complement && s.spec().embedding == 0 ? inputs - 1 - k
                                                                                            : k)] +=
            x[static_cast<std::size_t>(k)];
    }
  }
  return looked;
}

template <class T>
std::vector<T> Bptt<T>::logits_of(std::span<const T> parameters, std::span<const Example> batch, int row) {
  State& s = *state_;
  s.pack(parameters, false);
  std::vector<T> out;
  const int classes = s.readout.classes();
  each_part(s.net, batch, [&](std::span<const Example> part) {
    s.forward(part, nullptr);
    const std::size_t begin = out.size();
    out.resize(begin + area(static_cast<int>(part.size()), classes));
    for (int r = 0; r < s.batch.letters.rows; ++r)
      std::copy_n(s.logits.data() + area(s.scored_row(r, row), s.readout.width()), classes,
                  out.data() + begin + area(s.batch.letters.source[static_cast<std::size_t>(r)], classes));
  });
  return out;
}

template <class T>
typename Bptt<T>::Scored Bptt<T>::score_gradients(std::span<const T> parameters, const Example& like,
                                                  std::span<const T> inputs, int row,
                                                  const Upstream& upstream) {
  State& s = *state_;
  const int channels = s.spec().channels, length = steps(s.spec(), like), classes = s.readout.classes();
  const int rows = static_cast<int>(inputs.size() / std::max<std::size_t>(1, area(length, channels)));
  assert(s.spec().input == Input::Values && inputs.size() == area(rows * length, channels));
  s.pack(parameters, true);
  Scored found;
  found.input_gradients.assign(inputs.size(), T(0));
  std::vector<T> unused(s.net.parameter_count), x(static_cast<std::size_t>(channels));
  s.keep_all = true;
  const int together = s.spec().circular == Circular::FixedPoint ? 1 : rows;
  for (int begin = 0; begin < rows; begin += std::max(1, together)) {
    const std::vector<Example> batch(static_cast<std::size_t>(together), like);
    s.forward(batch, nullptr,
              inputs.subspan(area(begin * length, channels), area(together * length, channels)));
    std::fill_n(s.probabilities.data(), area(s.scored_rows(), s.readout.width()), T(0));
    for (int r = 0; r < together; ++r) {  // of equal length: in the order given
      const T* z = s.logits.data() + area(s.scored_row(r, row), s.readout.width());
      found.logits.insert(found.logits.end(), z, z + classes);
      upstream({z, static_cast<std::size_t>(classes)},
               {s.probabilities.data() + area(s.scored_row(r, row), s.readout.width()),
                static_cast<std::size_t>(classes)});
    }
    s.backward_from_logits(unused);
    // Every pass, and both copies of a doubled sequence, read the same input.
    for (int p = 0; p < s.pass_count; ++p)
      for (int d = 0; d < s.directions(); ++d)
        for (int t = 0; t < s.batch.letters.steps; ++t)
          for (int r = 0; r < together; ++r) {
            s.passes[static_cast<std::size_t>(p)]->layer(0, d).input_gradient(
                parameters, s.batch.letters.first_at(t) + r, x.data());
            T* to = found.input_gradients.data() + area((begin + r) * length + t % length, channels);
            for (int k = 0; k < channels; ++k) to[k] += x[static_cast<std::size_t>(k)];
          }
  }
  s.keep_all = false;
  return found;
}

template class Bptt<float>;
template class Bptt<double>;

}  // namespace ribostep::rnn
