// One sequence through the cells that training runs, a batch of one, with everything kept. Nothing is
// computed differently for looking: a trace shows the bits that were trained.
#include "rnn/trace.h"

#include <algorithm>
#include <cassert>
#include <optional>

#include "rnn/batch.h"
#include "rnn/layer.h"
#include "rnn/readout.h"

namespace ribostep::rnn {

int predecessor(const Layer& layer, int length, int t) {
  if (layer.wiring == Wiring::Forward) return t - 1;  // -1: the initial state
  return t + 1 < length ? t + 1 : -1;
}

std::size_t trace_bytes(const Network& net, int length) {
  std::size_t per_position = 2 * static_cast<std::size_t>(net.spec.outputs());  // probabilities and logits
  for (const Layer& layer : net.layers) {
    const std::size_t kept = gates(layer.cell).size() + 1 + (has_cell_state(layer.cell) ? 1 : 0) +
                             (layer.cell == CellKind::Gru ? 1 : 0);
    per_position += kept * static_cast<std::size_t>(padded<float>(layer.hidden));
  }
  return per_position * sizeof(float) * static_cast<std::size_t>(length);
}

struct TraceBuilder::State {
  State(const Network& network, std::span<const float> weights, const TokenTable& token_table,
        std::span<const std::uint8_t> sequence)
      : net(network),
        table(token_table),
        parameters(weights.begin(), weights.end()),
        tokens(sequence.begin(), sequence.end()),
        readout(net) {
    assert(parameters.size() == net.parameter_count);
    const Example example{tokens, -1, {}};
    batch.build({&example, 1});
    readout.pack(parameters, false);
    trace.length = batch.steps;
    trace.outputs = net.spec.outputs();
    trace.layers.resize(net.layers.size());
    trace.probabilities.resize(area(batch.steps, trace.outputs));
    trace.logits.resize(area(batch.steps, trace.outputs));
    if (running_pool()) pooling.begin(net.spec.pool, 1, readout.features());
    if (batch.steps == 0) finish();
  }

  int layer_count() const { return static_cast<int>(net.layers.size()); }
  bool one_direction() const { return net.spec.direction_count() == 1; }
  bool running_pool() const { return net.spec.task == Task::SequenceLabel && net.spec.pool != Pool::Last; }

  // States of a level, directions side by side; made once per level.
  Rows<const float> states(int level) {
    if (level < 0) return {};
    const int first = net.level_begin(level), stride = readout.features();
    const LayerTrace& forward = trace.layers[static_cast<std::size_t>(first)];
    if (one_direction()) return {forward.states.data(), stride};
    if (gathered_level != level) {
      gathered.resize(area(batch.steps, stride));
      const LayerTrace& reverse = trace.layers[static_cast<std::size_t>(first + 1)];
      for (int t = 0; t < batch.steps; ++t) {
        float* row = gathered.data() + area(t, stride);
        std::copy_n(forward.states.data() + area(t, forward.stride), forward.stride, row);
        std::copy_n(reverse.states.data() + area(t, reverse.stride), reverse.stride, row + forward.stride);
      }
      gathered_level = level;
    }
    return {gathered.data(), stride};
  }

  // Runs at least one step; returns how many.
  int run_layer(int max_steps) {
    const Layer& layer = net.layers[static_cast<std::size_t>(current)];
    LayerTrace& out = trace.layers[static_cast<std::size_t>(current)];
    if (!run) {
      run.emplace(net, table, current);
      run->pack(parameters, false);
      run->begin(batch);
      out.hidden = layer.hidden;
      out.gate_count = run->map().gates;
      out.stride = run->units();
      out.gates.resize(area(batch.steps, out.gate_count * out.stride));
      out.states.resize(area(batch.steps, out.stride));
      if (has_cell_state(layer.cell)) out.cells.resize(area(batch.steps, out.stride));
      if (layer.cell == CellKind::Gru) out.recurrent_n.resize(area(batch.steps, out.stride));
    }
    const int from = step, to = std::min(batch.steps, from + max_steps);
    run->forward(batch, states(layer.level - 1), from, to);
    for (int s = from; s < to; ++s) copy_position(layer, batch.position(layer.wiring, s), out);
    step = to;
    if (step == batch.steps) {
      run.reset();
      step = 0;
      ++current;
    }
    return to - from;
  }

  void copy_position(const Layer& layer, int t, LayerTrace& out) const {
    const float* blocks = run->blocks(batch, t);
    for (int g = 0; g < out.gate_count; ++g)
      std::copy_n(blocks + run->map().gate_block[static_cast<std::size_t>(g)] * out.stride, out.stride,
                  out.gates.data() + area(t * out.gate_count + g, out.stride));
    std::copy_n(run->states(batch, t), out.stride, out.states.data() + area(t, out.stride));
    if (has_cell_state(layer.cell))
      std::copy_n(run->cells(batch, t), out.stride, out.cells.data() + area(t, out.stride));
    if (layer.cell == CellKind::Gru)
      std::copy_n(blocks + kGruRecurrentBlock * out.stride, out.stride,
                  out.recurrent_n.data() + area(t, out.stride));
  }

  int run_readout(int max_steps) {
    const Rows<const float> x = states(net.spec.layers - 1);
    const int from = step, to = std::min(batch.steps, from + max_steps);
    for (int t = from; t < to; ++t) {
      if (running_pool()) pooling.read(t, x.row(t), x.stride, 1);
      if (net.spec.task == Task::SequenceLabel && !one_direction()) continue;  // one prediction, at the end
      if (!running_pool()) {
        predict(x.row(t), t);
        continue;
      }
      pooled.resize(static_cast<std::size_t>(readout.features()));
      pooling.result(0, t + 1, pooled.data());
      predict(pooled.data(), t);
    }
    step = to;
    if (step == batch.steps) finish();
    return to - from;
  }

  void predict(const float* features, int t) {
    scores.resize(2 * static_cast<std::size_t>(readout.width()));
    float *z = scores.data(), *p = scores.data() + readout.width();
    readout.forward(features, readout.features(), 1, z);
    softmax(z, readout.classes(), p);
    std::copy_n(z, trace.outputs, trace.logits.data() + area(t, trace.outputs));
    std::copy_n(p, trace.outputs, trace.probabilities.data() + area(t, trace.outputs));
  }

  void finish() {
    done = true;
    if (net.spec.task != Task::SequenceLabel) return;
    const auto outputs = static_cast<std::ptrdiff_t>(trace.outputs);
    if (batch.steps == 0) {
      trace.logits.resize(static_cast<std::size_t>(outputs));
      trace.probabilities.resize(static_cast<std::size_t>(outputs));
    }
    if (batch.steps == 0 || !one_direction()) {
      pooled.assign(static_cast<std::size_t>(readout.features()), 0.0f);
      if (running_pool()) {
        pooling.result(0, batch.steps, pooled.data());
      } else if (batch.steps > 0) {
        // Each direction's final state: forward at the end, reverse at the start.
        const Rows<const float> x = states(net.spec.layers - 1);
        const int units = readout.features() / 2;
        std::copy_n(x.row(batch.steps - 1), units, pooled.data());
        std::copy_n(x.row(0) + units, units, pooled.data() + units);
      }
      predict(pooled.data(), 0);
      for (int t = 1; t < batch.steps; ++t) {
        std::copy_n(trace.logits.begin(), outputs, trace.logits.begin() + t * outputs);
        std::copy_n(trace.probabilities.begin(), outputs, trace.probabilities.begin() + t * outputs);
      }
    }
    trace.final_probabilities.assign(trace.probabilities.end() - outputs, trace.probabilities.end());
    if (batch.steps == 0) {
      trace.logits.clear();
      trace.probabilities.clear();
    }
  }

  static constexpr int kGruRecurrentBlock = 3;  // q of cell_gru.h

  Network net;
  TokenTable table;
  std::vector<float> parameters;
  std::vector<std::uint8_t> tokens;
  BatchLayout batch;
  Readout<float> readout;
  Pooling<float> pooling;
  std::optional<LayerRun<float>> run;  // of the layer being read
  int current = 0, step = 0;           // layer; when all are read, the readout
  bool done = false;
  int gathered_level = -1;
  std::vector<float> gathered, pooled, scores;
  Trace trace;
};

TraceBuilder::TraceBuilder(const Network& net, std::span<const float> parameters, const TokenTable& table,
                           std::span<const std::uint8_t> tokens)
    : state_(std::make_unique<State>(net, parameters, table, tokens)) {}
TraceBuilder::~TraceBuilder() = default;
TraceBuilder::TraceBuilder(TraceBuilder&&) noexcept = default;
TraceBuilder& TraceBuilder::operator=(TraceBuilder&&) noexcept = default;

bool TraceBuilder::run(int max_steps) {
  State& s = *state_;
  int left = std::max(1, max_steps);
  while (left > 0 && !s.done) left -= s.current < s.layer_count() ? s.run_layer(left) : s.run_readout(left);
  return s.done;
}

double TraceBuilder::progress() const {
  const State& s = *state_;
  if (s.done) return 1;
  const double parts = s.layer_count() + 1, length = s.batch.steps;
  return (s.current + s.step / length) / parts;
}

Trace TraceBuilder::take() {
  assert(state_->done);
  return std::move(state_->trace);
}

Trace trace(const Network& net, std::span<const float> parameters, const TokenTable& table,
            std::span<const std::uint8_t> tokens) {
  TraceBuilder builder(net, parameters, table, tokens);
  while (!builder.run(1 << 20)) {
  }
  return builder.take();
}

}  // namespace ribostep::rnn
