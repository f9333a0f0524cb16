#include "session/compare_scan.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace ribostep::session {

const float* numbers_at(const rnn::Layer& layer, const rnn::LayerTrace& trace, Quantity what, int gate,
                        int position, int length) {
  if (position < 0 || position > length || trace.steps <= 0) return nullptr;
  const auto stride = static_cast<std::size_t>(trace.stride);
  if (position == 0) {
    if (what == Quantity::Gate || layer.wiring.reverse) return nullptr;
    const rnn::Fed fed = rnn::fed_by(layer, trace, 0);
    return what == Quantity::Cell ? fed.c : fed.h;
  }
  const auto step = static_cast<std::size_t>(trace.step_of(position - 1));
  switch (what) {
    case Quantity::State:
      return trace.states.data() + step * stride;
    case Quantity::Cell:
      return trace.cells.empty() ? nullptr : trace.cells.data() + step * stride;
    case Quantity::Gate:
      return gate < 0 || gate >= trace.gate_count
                 ? nullptr
                 : trace.gates.data() +
                       (step * static_cast<std::size_t>(trace.gate_count) + static_cast<std::size_t>(gate)) *
                           stride;
    case Quantity::Output:
      break;
  }
  return nullptr;
}

const float* outputs_at(const rnn::Trace& trace, int position) {
  if (position < 1 || position > trace.length || trace.rows <= 0) return nullptr;
  return trace.probabilities.data() +
         static_cast<std::size_t>(trace.row_of(position - 1)) * static_cast<std::size_t>(trace.outputs);
}

bool comparable_states(const rnn::Network& a, const rnn::Network& b) {
  if (a.layers.size() != b.layers.size()) return false;
  for (std::size_t l = 0; l < a.layers.size(); ++l) {
    const rnn::Layer &x = a.layers[l], &y = b.layers[l];
    if (x.cell != y.cell || x.hidden != y.hidden || x.level != y.level ||
        x.wiring.reverse != y.wiring.reverse || x.wiring.complement != y.wiring.complement)
      return false;
  }
  return true;
}

bool comparable_outputs(const rnn::Network& a, const rnn::Network& b) {
  return a.spec.task == b.spec.task && a.spec.outputs() == b.spec.outputs();
}

DifferenceScan::DifferenceScan(const rnn::Network& network, const rnn::Trace& now, const rnn::Trace& then,
                               std::span<const int> reference_of, bool states, bool outputs)
    : network_(network),
      now_(now),
      then_(then),
      reference_of_(reference_of),
      states_(states),
      outputs_(outputs && now.outputs == then.outputs) {
  const float none = std::numeric_limits<float>::quiet_NaN();
  found_.states.assign(static_cast<std::size_t>(now.length), none);
  found_.outputs.assign(static_cast<std::size_t>(now.length), none);
  std::size_t count = 0;
  const auto add = [&](Quantity quantity, int layer, int gate, int units) {
    rows_.push_back({quantity, layer, gate, units, count});
    count += static_cast<std::size_t>(units);
    for (int unit = 0; unit < units; ++unit) {
      Difference d;
      d.quantity = quantity, d.layer = layer, d.gate = gate, d.unit = unit;
      largest_.push_back(d);
    }
  };
  for (int l = 0; states_ && l < static_cast<int>(network.layers.size()); ++l) {
    const rnn::Layer& layer = network.layers[static_cast<std::size_t>(l)];
    const int gates = static_cast<int>(rnn::gates(layer.cell).size());
    add(Quantity::State, l, -1, layer.hidden);
    if (rnn::has_cell_state(layer.cell)) add(Quantity::Cell, l, -1, layer.hidden);
    // An Elman cell's one gate is h itself.
    for (int gate = 0; gates > 1 && gate < gates; ++gate) add(Quantity::Gate, l, gate, layer.hidden);
  }
  if (outputs_) add(Quantity::Output, -1, -1, now.outputs);
  per_position_ = std::max<std::int64_t>(1, static_cast<std::int64_t>(count));
}

std::int64_t DifferenceScan::size() const { return per_position_ * now_.length; }

void DifferenceScan::compare(int position) {
  const int reference = reference_of_[static_cast<std::size_t>(position)];
  if (reference < 0) return;
  double squares = 0, outputs = 0;
  bool any_states = false, any_outputs = false;
  for (const Row& row : rows_) {
    const bool output = row.quantity == Quantity::Output;
    const auto l = static_cast<std::size_t>(std::max(row.layer, 0));
    const float* now = output ? outputs_at(now_, position)
                              : numbers_at(network_.layers[l], now_.layers[l], row.quantity, row.gate,
                                           position, now_.length);
    const float* then = output ? outputs_at(then_, reference)
                               : numbers_at(network_.layers[l], then_.layers[l], row.quantity, row.gate,
                                            reference, then_.length);
    if (!now || !then) continue;
    const bool vector = output && network_.spec.task == rnn::Task::NextVector;
    for (int unit = 0; unit < row.count; ++unit) {
      Difference& most = largest_[row.first + static_cast<std::size_t>(unit)];
      const float by = std::fabs(now[unit] - then[unit]);
      if (by > most.size()) {  // never for NaN
        most.position = position, most.reference = reference;
        most.now = now[unit], most.then = then[unit];
      }
      const auto size = static_cast<double>(by);
      if (row.quantity == Quantity::State) squares += size * size;
      if (output) outputs += vector ? size * size : size / 2;
    }
    any_states = any_states || row.quantity == Quantity::State;
    any_outputs = any_outputs || output;
    if (vector) outputs = std::sqrt(outputs);
  }
  const auto i = static_cast<std::size_t>(position - 1);
  if (any_states) {
    found_.states[i] = static_cast<float>(std::sqrt(squares));
    found_.largest_states = std::max(found_.largest_states, found_.states[i]);
  }
  if (any_outputs) {
    found_.outputs[i] = static_cast<float>(outputs);
    found_.largest_outputs = std::max(found_.largest_outputs, found_.outputs[i]);
  }
}

bool DifferenceScan::run(std::int64_t numbers) {
  for (; position_ <= now_.length && numbers > 0; numbers -= per_position_) compare(position_++);
  return position_ > now_.length;
}

Differences DifferenceScan::take() {
  for (const Difference& d : largest_) {
    float& most = found_.largest[static_cast<std::size_t>(d.quantity)];
    most = std::max(most, d.size());
    if (d.size() > 0) found_.by_unit.push_back(d);
  }
  std::stable_sort(found_.by_unit.begin(), found_.by_unit.end(),
                   [](const Difference& a, const Difference& b) { return a.size() > b.size(); });
  return std::move(found_);
}

}  // namespace ribostep::session
