#include "rnn/recurrent_pass.h"

#include <algorithm>
#include <cassert>

#include "rnn/layer.h"

namespace ribostep::rnn {

template <class T>
struct RecurrentPass<T>::State {
  explicit State(const Network& network) : net(network) {
    TokenTable none;  // no masks: level 0 reads rows of numbers
    none.symbols = net.layers[0].inputs;
    for (int i = 0; i < static_cast<int>(net.layers.size()); ++i) runs.emplace_back(net, none, i);
    units = runs[0].units();
  }

  int directions() const { return net.spec.direction_count(); }
  int hidden() const { return net.spec.hidden; }
  int features() const { return units * directions(); }  // states of a level in whole vectors per direction
  LayerRun<T>& run(int layer) { return runs[static_cast<std::size_t>(layer)]; }

  // [rows of the caller][H] of one layer -> [rows of the batch][units], or back.
  std::vector<T> to_batch(std::span<const T> values, int layer) const {
    if (values.empty()) return {};
    std::vector<T> out(area(batch.rows, units));
    for (int r = 0; r < batch.rows; ++r)
      std::copy_n(
          values.data() + area(layer * batch.rows + batch.source[static_cast<std::size_t>(r)], hidden()),
          hidden(), out.data() + area(r, units));
    return out;
  }
  void from_batch(const T* row, int r, int layer, std::vector<T>& values) const {
    std::copy_n(
        row, hidden(),
        values.data() + area(layer * batch.rows + batch.source[static_cast<std::size_t>(r)], hidden()));
  }
  // f(row of the batch's positions, row of an [L][B] array) for every position of every row.
  template <class F>
  void each_position(F f) const {
    for (int t = 0; t < batch.steps; ++t)
      for (int r = 0; r < batch.active_at(t); ++r)
        f(batch.first_at(t) + r, t * batch.rows + batch.source[static_cast<std::size_t>(r)]);
  }

  Rows<const T> below(int level) const {
    const int stride = level == 0 ? runs[0].inputs() : features();
    return {levels[static_cast<std::size_t>(level)].data(), stride};
  }

  Network net;
  std::vector<LayerRun<T>> runs;
  int units = 0;
  int given_steps = 0;
  BatchLayout batch;
  // levels[l]: rows read by level l; levels[0] is the input, levels[layers] the output.
  std::vector<std::vector<T>> levels;
};

template <class T>
RecurrentPass<T>::RecurrentPass(const Network& net) : state_(std::make_unique<State>(net)) {}
template <class T>
RecurrentPass<T>::~RecurrentPass() = default;

template <class T>
PassOutput<T> RecurrentPass<T>::forward(std::span<const T> parameters, const PassInput<T>& input) {
  State& s = *state_;
  assert(parameters.size() == s.net.parameter_count && input.inputs == s.net.layers[0].inputs);
  std::vector<int> lengths = input.lengths;
  if (lengths.empty()) lengths.assign(static_cast<std::size_t>(input.rows), input.steps);
  s.batch.build(std::span<const int>(lengths));
  s.given_steps = input.steps;
  const int layers = s.net.spec.layers, stride = s.runs[0].inputs();
  s.levels.assign(static_cast<std::size_t>(layers) + 1, {});
  s.levels[0].assign(area(s.batch.positions, stride), T(0));
  s.each_position([&](int row, int given) {
    std::copy_n(input.x.data() + area(given, input.inputs), input.inputs,
                s.levels[0].data() + area(row, stride));
  });

  PassOutput<T> out;
  const std::size_t state_size = area(static_cast<int>(s.runs.size()) * input.rows, s.hidden());
  const bool cells = has_cell_state(s.net.spec.cell);
  out.h_n.assign(state_size, T(0));
  if (cells) out.c_n.assign(state_size, T(0));
  for (int level = 0; level < layers; ++level) {
    std::vector<T>& states = s.levels[static_cast<std::size_t>(level) + 1];
    states.assign(area(s.batch.positions, s.features()), T(0));
    for (int d = 0; d < s.directions(); ++d) {
      const int layer = s.net.level_begin(level) + d;
      LayerRun<T>& run = s.run(layer);
      const std::vector<T> h0 = s.to_batch(input.h0, layer), c0 = s.to_batch(input.c0, layer);
      run.pack(parameters, true);
      run.begin(s.batch, h0.empty() ? nullptr : h0.data(), c0.empty() ? nullptr : c0.data());
      run.forward(s.batch, s.below(level), 0, s.batch.steps);
      for (int t = 0; t < s.batch.steps; ++t)
        for (int r = 0; r < s.batch.active_at(t); ++r)
          std::copy_n(run.states(s.batch, t) + area(r, s.units), s.units,
                      states.data() + area(s.batch.first_at(t) + r, s.features()) + d * s.units);
      for (int r = 0; r < s.batch.rows; ++r) {
        const int end = d == 0 ? s.batch.length[static_cast<std::size_t>(r)] - 1 : 0;
        s.from_batch(run.states(s.batch, end) + area(r, s.units), r, layer, out.h_n);
        if (cells) s.from_batch(run.cells(s.batch, end) + area(r, s.units), r, layer, out.c_n);
      }
    }
  }
  const int width = s.hidden() * s.directions();
  out.output.assign(area(input.steps * input.rows, width), T(0));
  s.each_position([&](int row, int given) {
    for (int d = 0; d < s.directions(); ++d)
      std::copy_n(s.levels.back().data() + area(row, s.features()) + d * s.units, s.hidden(),
                  out.output.data() + area(given, width) + d * s.hidden());
  });
  return out;
}

template <class T>
PassGradients<T> RecurrentPass<T>::backward(std::span<const T> dy, std::span<const T> dh_n,
                                            std::span<const T> dc_n) {
  State& s = *state_;
  const int layers = s.net.spec.layers, width = s.hidden() * s.directions();
  const bool cells = has_cell_state(s.net.spec.cell);
  const int state_rows = static_cast<int>(s.runs.size()) * s.batch.rows;
  PassGradients<T> out;
  out.parameters.assign(s.net.parameter_count, T(0));
  out.h0.assign(area(state_rows, s.hidden()), T(0));
  if (cells) out.c0.assign(area(state_rows, s.hidden()), T(0));

  std::vector<T> above(area(s.batch.positions, s.features()), T(0));
  if (!dy.empty())
    s.each_position([&](int row, int given) {
      for (int d = 0; d < s.directions(); ++d)
        std::copy_n(dy.data() + area(given, width) + d * s.hidden(), s.hidden(),
                    above.data() + area(row, s.features()) + d * s.units);
    });
  for (int level = layers - 1; level >= 0; --level) {
    const int stride = s.below(level).stride;
    std::vector<T> to_below(area(s.batch.positions, stride), T(0));
    for (int d = 0; d < s.directions(); ++d) {
      const int layer = s.net.level_begin(level) + d;
      LayerRun<T>& run = s.run(layer);
      const std::vector<T> dh = s.to_batch(dh_n, layer), dc = s.to_batch(dc_n, layer);
      run.backward(s.batch, s.below(level), dh.empty() ? nullptr : dh.data(),
                   {above.data() + d * s.units, s.features()}, {to_below.data(), stride}, d == 0,
                   dc.empty() ? nullptr : dc.data());
      run.add_gradients(out.parameters);
      for (int r = 0; r < s.batch.rows; ++r) {
        s.from_batch(run.initial_gradient() + area(r, s.units), r, layer, out.h0);
        if (cells) s.from_batch(run.initial_cell_gradient() + area(r, s.units), r, layer, out.c0);
      }
    }
    above = std::move(to_below);
  }
  const int inputs = s.net.layers[0].inputs, stride = s.runs[0].inputs();
  out.x.assign(area(s.given_steps * s.batch.rows, inputs), T(0));
  s.each_position([&](int row, int given) {
    std::copy_n(above.data() + area(row, stride), inputs, out.x.data() + area(given, inputs));
  });
  return out;
}

template class RecurrentPass<float>;
template class RecurrentPass<double>;

}  // namespace ribostep::rnn
