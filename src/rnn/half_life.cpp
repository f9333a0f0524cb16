#include "rnn/half_life.h"

#include <algorithm>
#include <cmath>

namespace ribostep::rnn {

int keeping_gate(CellKind cell) {
  return is_lstm(cell) ? gate_index(cell, 'f') : cell == CellKind::Gru ? gate_index(cell, 'z') : -1;
}

DirectPath direct_path(const Layer& layer, const LayerTrace& trace, int unit, int step, int most) {
  DirectPath path;
  path.kept.push_back(1);
  const int gate = keeping_gate(layer.cell);
  if (gate < 0) return path;
  double product = 1, sum = 0;
  int at = step;
  for (int d = 1; d <= most && at >= 0; ++d) {
    const double f = static_cast<double>(trace.gate(at, gate, unit));
    sum += f;
    product *= f;
    path.kept.push_back(product);
    if (path.half < 0 && product < 0.5) path.half = d;
    at = layer.wiring.predecessor(trace.steps, at);
  }
  path.to_start = at < 0;
  path.mean_gate = path.steps() > 0 ? sum / path.steps() : 0;
  return path;
}

int half_by_bound(std::span<const double> step_sigma, int step, bool reverse) {
  const double half = std::log10(0.5);
  double bound = 0;
  const int n = static_cast<int>(step_sigma.size());
  for (int d = 1, at = step; at >= 0 && at < n; ++d, at += reverse ? 1 : -1) {
    bound += step_sigma[static_cast<std::size_t>(at)];
    if (bound < half) return d;
  }
  return -1;
}

double gate_for_half_life(double steps) { return std::exp2(-1 / steps); }
double bias_of_gate(double gate) { return std::log(gate) - std::log1p(-gate); }
double bias_for_half_life(double steps) {
  // log(f / (1 - f)) with 1 - f = -expm1(log f).
  const double log_f = -std::log(2.0) / steps;
  return log_f - std::log(-std::expm1(log_f));
}
double log10_kept(double gate, double steps) { return steps * std::log10(gate); }
double half_life_of_gate(double gate) { return -std::log(2.0) / std::log(gate); }

}  // namespace ribostep::rnn
