// One sequence through the cells that training runs, a batch of one, with everything kept. Nothing is
// computed differently for looking: a trace shows the bits that were trained.
#include "rnn/trace.h"

#include <algorithm>
#include <cassert>

#include "rnn/cells.h"
#include "rnn/readout.h"
#include "rnn/stack.h"

namespace ribostep::rnn {
namespace {

constexpr int kGruRecurrentBlock = 3;  // q of cell_gru.h
constexpr float kSettled = 1e-6f;      // as in training: see bptt.cpp

bool keeps_unscored(const Network& net, const Layer& layer) {
  return net.spec.circular == Circular::Doubled && net.spec.direction_count() > 1 &&
         layer.level + 1 < net.spec.layers;
}

}  // namespace

Fed fed_by(const Layer& layer, const LayerTrace& trace, int t) {
  Fed fed;
  fed.step = layer.wiring.predecessor(trace.steps, t);
  const bool memory = has_cell_state(layer.cell);
  const auto at = [&](const std::vector<float>& values, int row) {
    return values.data() + area(row, trace.stride);
  };
  if (fed.step >= 0) {
    fed.h = at(trace.states, fed.step);
    if (memory) fed.c = at(trace.cells, fed.step);
    return fed;
  }
  if (layer.wiring.restarts(t)) {
    fed.h = trace.initial_h.data();
    if (memory) fed.c = trace.initial_c.data();
    return fed;
  }
  // Slots of start_h lie in the order of the steps, read forward or in reverse.
  const int slot = layer.wiring.reverse ? t + layer.wiring.dilation - trace.steps : t;
  fed.wraps = trace.wrapped;
  fed.h = at(trace.start_h, slot);
  if (memory) fed.c = at(trace.start_c, slot);
  return fed;
}

std::uint64_t trace_bytes(const Network& net, int length) {
  const auto letters = static_cast<std::uint64_t>(length);
  std::uint64_t numbers =
      2 * static_cast<std::uint64_t>(net.spec.outputs()) * letters;  // probabilities and logits
  for (const Layer& layer : net.layers) {
    const std::uint64_t kept = gates(layer.cell).size() + 1 + (has_cell_state(layer.cell) ? 1u : 0u) +
                               (layer.cell == CellKind::Gru ? 1u : 0u) +
                               (keeps_unscored(net, layer) ? 1u : 0u);
    numbers += kept * static_cast<std::uint64_t>(padded<float>(layer.hidden)) *
               (letters / static_cast<std::uint64_t>(net.letters_per_step(layer.level)) + 1);
  }
  return numbers * sizeof(float);
}

// A Stack keeps everything, too: round a circle two of them, or one that is twice as long. A dilation of d
// adds d states, however short the sequence is.
std::uint64_t tracing_bytes(const Network& net, int length) {
  const ModelSpec& spec = net.spec;
  const std::uint64_t copies = spec.circular == Circular::Doubled ? 2 : 1;
  const std::uint64_t stacks =
      spec.circular == Circular::TwoPass || spec.circular == Circular::FixedPoint ? 2 : 1;
  std::uint64_t numbers = 0;
  for (const Layer& layer : net.layers) {
    const auto units = static_cast<std::uint64_t>(padded<float>(layer.hidden)),
               blocks = static_cast<std::uint64_t>(block_map(layer.cell).blocks),
               slots = static_cast<std::uint64_t>(layer.wiring.dilation),
               steps = static_cast<std::uint64_t>(length / net.letters_per_step(layer.level) + 1);
    const std::uint64_t memory = has_cell_state(layer.cell) ? 1 : 0;
    // Gates, twice where they are normalised; h; c and tanh(c); h side by side for the level above. The trace
    // keeps what feeds the first steps.
    const std::uint64_t step = blocks * (spec.layer_norm ? 2 : 1) + 1 + 2 * memory + 1;
    numbers += units * (stacks * copies * steps * step + (stacks + 1) * slots * (1 + memory));
  }
  return trace_bytes(net, length) + numbers * sizeof(float);
}

struct TraceBuilder::State {
  State(const Network& network, std::span<const float> weights, const TokenTable& token_table,
        const Example& given, std::span<const Intervention> interventions)
      : net(network),
        parameters(weights.begin(), weights.end()),
        tokens(given.tokens.begin(), given.tokens.end()),
        values(given.values.begin(), given.values.end()),
        covariates(given.covariates.begin(), given.covariates.end()),
        kinds(net.spec, token_table),
        initial(net),
        readout(net) {
    assert(parameters.size() == net.parameter_count);
    example.tokens = tokens;
    example.values = values;
    example.covariates = covariates;
    example.covariate_class = given.covariate_class;
    const int copies = doubled() ? 2 : 1;
    batch.letters.build(net.spec, kinds, {&example, 1}, copies);
    if (net.spec.window > 0) batch.windows.build_windows(batch.letters, net.spec.window);
    readout.pack(parameters, false);
    initial.pack(parameters);
    initial.forward({&example, 1}, batch.letters.source);
    now = std::make_unique<Stack<float>>(net, token_table);
    now->pack(parameters, false);
    if (net.spec.circular == Circular::TwoPass || net.spec.circular == Circular::FixedPoint) {
      other = std::make_unique<Stack<float>>(net, token_table);
      other->pack(parameters, false);
    }
    limit = net.spec.circular == Circular::FixedPoint ? net.spec.max_passes
            : net.spec.circular == Circular::TwoPass  ? 2
                                                      : 1;
    gather_values(copies);
    steps = batch.letters.steps / copies;
    trace.length =
        static_cast<int>(net.spec.input == Input::Values ? static_cast<std::size_t>(steps) : tokens.size());
    trace.outputs = net.spec.outputs();
    trace.layers.resize(net.layers.size());
    trace.rows = whole() ? top_steps() : steps;
    trace.letters_per_row = whole() ? net.letters_per_step(top()) : net.letters_per_step(0);
    trace.probabilities.resize(area(trace.rows, trace.outputs));
    trace.logits.resize(area(trace.rows, trace.outputs));
    if (running_pool()) pooling.begin(net.spec.pool, 1, readout.features());
    set_overrides(interventions);
    begin_pass();
    if (steps == 0) finish();
  }

  // From positions to steps of each layer, in the order it reads them. Of several on one state the last one
  // counts, and what is put into h counts more than what follows from c.
  void set_overrides(std::span<const Intervention> interventions) {
    if (net.spec.circular != Circular::Linear) return;
    for (int l = 0; l < static_cast<int>(net.layers.size()); ++l) {
      const Layer& layer = net.layers[static_cast<std::size_t>(l)];
      const int all = batch.at(net, layer.level).steps, per_step = net.letters_per_step(layer.level);
      std::vector<LayerRun<float>::Override> overrides;
      const auto read = [&](int t) { return layer.wiring.reverse ? all - 1 - t : t; };
      for (const Intervention& change : interventions) {
        if (change.layer != l || !fits(net, change, trace.length)) continue;
        const auto add = [&](int first, int last) {
          overrides.push_back({first, last, change.unit, change.cell, change.value});
        };
        if (change.first == 0) add(-1, -1);
        if (all == 0 || change.last == 0) continue;
        const auto step_of = [&](int position) { return std::min((position - 1) / per_step, all - 1); };
        const int one = read(step_of(std::max(1, change.first))),
                  end = read(step_of(std::min(change.last, trace.length)));
        add(std::min(one, end), std::max(one, end));
      }
      std::stable_sort(overrides.begin(), overrides.end(),
                       [](const auto& a, const auto& b) { return a.cell > b.cell; });
      now->layer(l).set_overrides(std::move(overrides));
    }
  }

  bool doubled() const { return net.spec.circular == Circular::Doubled; }
  bool whole() const { return net.spec.task == Task::SequenceLabel; }
  int top() const { return net.spec.layers - 1; }
  int top_steps() const { return doubled() ? steps : batch.at(net, top()).steps; }
  bool one_direction() const { return net.spec.direction_count() == 1; }
  bool running_pool() const { return whole() && net.spec.pool != Pool::Last; }

  void gather_values(int copies) {
    if (net.spec.input != Input::Values) return;
    const int stride = now->layer(0).inputs(), channels = net.spec.channels,
              length = batch.letters.steps / copies;
    value_rows.assign(area(batch.letters.steps, stride), 0.0f);
    for (int t = 0; t < batch.letters.steps; ++t)
      std::copy_n(values.data() + area(t % length, channels), channels, value_rows.data() + area(t, stride));
  }

  void begin_pass() {
    const Rows<const float> given{value_rows.empty() ? nullptr : value_rows.data(), now->layer(0).inputs()};
    now->begin(batch, given, initial.zero() ? nullptr : &initial, trace.passes > 1 ? other.get() : nullptr);
    for (int l = 0; l < static_cast<int>(net.layers.size()); ++l)
      now->layer(l).override_initial(batch.at(net, net.layers[static_cast<std::size_t>(l)].level));
  }

  // A slice of the pass, or the decision whether there is another.
  int run_pass(int max_steps) {
    const Stack<float>::Slice slice = now->run(max_steps);
    if (now->done()) {
      const bool settle = net.spec.circular == Circular::FixedPoint;
      bool last = trace.passes >= limit;
      if (settle && trace.passes > 1) {
        trace.settled = now->change_at_origin(*other, 0) <= kSettled;
        last = last || trace.settled;
      }
      if (!last) {
        std::swap(now, other);
        ++trace.passes;
        begin_pass();
      } else {
        passed = true;
      }
    }
    return slice.to - slice.from;
  }

  // Layer by layer into the trace, some steps at a time.
  int copy(int max_steps) {
    LayerTrace& out = trace.layers[static_cast<std::size_t>(copied)];
    const LayerRun<float>& run = now->layer(copied);
    const Layer& layer = run.layer();
    const BatchLayout& layout = batch.at(net, layer.level);
    const bool memory = has_cell_state(layer.cell);
    const int all = doubled() ? layout.steps / 2 : layout.steps;
    // Of a doubled sequence the copy that is scored: the second, in reverse the first.
    const int shift = doubled() && !layer.wiring.reverse ? all : 0;
    if (step == 0) {
      out.hidden = layer.hidden;
      out.gate_count = run.map().gates;
      out.stride = run.units();
      out.steps = all;
      out.letters_per_step = net.letters_per_step(layer.level);
      out.wrapped = doubled() || trace.passes > 1;
      out.gates.resize(area(all, out.gate_count * out.stride));
      out.states.resize(area(all, out.stride));
      if (memory) out.cells.resize(area(all, out.stride));
      if (layer.cell == CellKind::Gru) out.recurrent_n.resize(area(all, out.stride));
      if (keeps_unscored(net, layer)) out.unscored.resize(area(all, out.stride));
      copy_start(layer, run, layout, shift, out);
    }
    const int from = step, to = std::min(all, from + max_steps);
    for (int t = from; t < to; ++t) {
      const float* blocks = run.blocks(layout, t + shift);
      for (int g = 0; g < out.gate_count; ++g)
        std::copy_n(blocks + run.map().gate_block[static_cast<std::size_t>(g)] * out.stride, out.stride,
                    out.gates.data() + area(t * out.gate_count + g, out.stride));
      std::copy_n(run.states(layout, t + shift), out.stride, out.states.data() + area(t, out.stride));
      if (!out.unscored.empty())
        std::copy_n(run.states(layout, t + all - shift), out.stride,
                    out.unscored.data() + area(t, out.stride));
      if (memory)
        std::copy_n(run.cells(layout, t + shift), out.stride, out.cells.data() + area(t, out.stride));
      if (layer.cell == CellKind::Gru)
        std::copy_n(blocks + kGruRecurrentBlock * out.stride, out.stride,
                    out.recurrent_n.data() + area(t, out.stride));
    }
    step = to;
    if (step == all) {
      step = 0;
      ++copied;
    }
    return to - from;
  }

  void copy_start(const Layer& layer, const LayerRun<float>& run, const BatchLayout& layout, int shift,
                  LayerTrace& out) const {
    const bool memory = has_cell_state(layer.cell);
    const int dilation = layer.wiring.dilation;
    out.initial_h.assign(run.initial_state(), run.initial_state() + out.stride);
    if (memory) out.initial_c.assign(run.initial_cell(), run.initial_cell() + out.stride);
    out.start_h.resize(area(dilation, out.stride));
    if (memory) out.start_c.resize(area(dilation, out.stride));
    for (int k = 0; k < dilation; ++k) {
      const int reader = layer.wiring.reverse ? out.steps + k - dilation : k;
      if (reader < 0 || reader >= out.steps) continue;
      std::copy_n(run.states_before(layout, reader + shift), out.stride,
                  out.start_h.data() + area(k, out.stride));
      if (memory)
        std::copy_n(run.cells_before(layout, reader + shift), out.stride,
                    out.start_c.data() + area(k, out.stride));
    }
  }

  // The states of the top level that row t of the outputs is read from, its directions side by side.
  const float* top_states(int t) {
    const int first = net.level_begin(top());
    const int step_read = !whole() && top() > 0 && net.spec.window > 0 ? t / net.spec.window : t;
    side_by_side.resize(static_cast<std::size_t>(readout.features()));
    for (int d = 0; d < net.spec.direction_count(); ++d) {
      const LayerTrace& layer = trace.layers[static_cast<std::size_t>(first + d)];
      std::copy_n(layer.states.data() + area(step_read, layer.stride), layer.stride,
                  side_by_side.data() + d * layer.stride);
    }
    return side_by_side.data();
  }

  int run_readout(int max_steps) {
    const int from = step, to = std::min(trace.rows, from + max_steps), features = readout.features();
    for (int t = from; t < to; ++t) {
      const float* x = top_states(t);
      if (running_pool()) pooling.read(t, x, features, 1);
      if (whole() && !one_direction()) continue;  // one prediction, at the end
      if (!running_pool()) {
        predict(x, t);
        continue;
      }
      pooled.resize(static_cast<std::size_t>(features));
      pooling.result(0, t + 1, pooled.data());
      predict(pooled.data(), t);
    }
    step = to;
    if (step == trace.rows) finish();
    return to - from;
  }

  void predict(const float* features, int t) {
    scores.resize(2 * static_cast<std::size_t>(readout.width()));
    float *z = scores.data(), *p = scores.data() + readout.width();
    readout.forward(features, readout.features(), 1, z);
    softmax(z, readout.classes(), p);
    if (net.spec.task == Task::NextVector) p = z;
    std::copy_n(z, trace.outputs, trace.logits.data() + area(t, trace.outputs));
    std::copy_n(p, trace.outputs, trace.probabilities.data() + area(t, trace.outputs));
  }

  void finish() {
    done = true;
    if (!whole()) return;
    const auto outputs = static_cast<std::ptrdiff_t>(trace.outputs);
    if (trace.rows == 0) {
      trace.logits.resize(static_cast<std::size_t>(outputs));
      trace.probabilities.resize(static_cast<std::size_t>(outputs));
    }
    if (trace.rows == 0 || !one_direction()) {
      pooled.assign(static_cast<std::size_t>(readout.features()), 0.0f);
      if (running_pool()) {
        pooling.result(0, trace.rows, pooled.data());
      } else if (trace.rows > 0) {
        // Each direction's final state: forward at the end, reverse at the start.
        const int units = readout.features() / 2;
        std::copy_n(top_states(trace.rows - 1), units, pooled.data());
        std::copy_n(top_states(0) + units, units, pooled.data() + units);
      }
      predict(pooled.data(), 0);
      for (int t = 1; t < trace.rows; ++t) {
        std::copy_n(trace.logits.begin(), outputs, trace.logits.begin() + t * outputs);
        std::copy_n(trace.probabilities.begin(), outputs, trace.probabilities.begin() + t * outputs);
      }
    }
    trace.final_probabilities.assign(trace.probabilities.end() - outputs, trace.probabilities.end());
    if (trace.rows == 0) {
      trace.logits.clear();
      trace.probabilities.clear();
    }
  }

  // One of three: the passes, the copies, the readout. Returns the steps done.
  int advance(int max_steps) {
    if (!passed) return run_pass(max_steps);
    if (copied < static_cast<int>(net.layers.size())) return std::max(1, copy(max_steps));
    return run_readout(max_steps);
  }
  double progress() const {
    if (done) return 1;
    const double layers = static_cast<double>(net.layers.size()), length = std::max(1, steps);
    if (!passed) return 0.6 * (trace.passes - 1 + now->progress()) / limit;
    if (copied < static_cast<int>(net.layers.size())) return 0.6 + 0.2 * (copied + step / length) / layers;
    return 0.8 + 0.2 * step / length;
  }

  Network net;
  std::vector<float> parameters;
  std::vector<std::uint8_t> tokens;
  std::vector<float> values;
  std::vector<double> covariates;
  Example example;  // of the copies above
  Tokens kinds;
  StackBatch batch;
  InitialStates<float> initial;
  Readout<float> readout;
  Pooling<float> pooling;
  std::unique_ptr<Stack<float>> now, other;  // the pass being read, and the one before
  std::vector<float> value_rows;
  int limit = 1, steps = 0;
  bool passed = false, done = false;
  int copied = 0, step = 0;  // layer being copied; step of it, then of the readout
  std::vector<float> side_by_side, pooled, scores;
  Trace trace;
};

TraceBuilder::TraceBuilder(const Network& net, std::span<const float> parameters, const TokenTable& table,
                           const Example& example, std::span<const Intervention> interventions)
    : state_(std::make_unique<State>(net, parameters, table, example, interventions)) {}
TraceBuilder::~TraceBuilder() = default;
TraceBuilder::TraceBuilder(TraceBuilder&&) noexcept = default;
TraceBuilder& TraceBuilder::operator=(TraceBuilder&&) noexcept = default;

bool TraceBuilder::run(int max_steps) {
  State& s = *state_;
  int left = std::max(1, max_steps);
  while (left > 0 && !s.done) left -= std::max(1, s.advance(left));
  return s.done;
}

double TraceBuilder::progress() const { return state_->progress(); }

Trace TraceBuilder::take() {
  assert(state_->done);
  return std::move(state_->trace);
}

Trace trace(const Network& net, std::span<const float> parameters, const TokenTable& table,
            const Example& example, std::span<const Intervention> interventions) {
  TraceBuilder builder(net, parameters, table, example, interventions);
  while (!builder.run(1 << 20)) {
  }
  return builder.take();
}

}  // namespace ribostep::rnn
