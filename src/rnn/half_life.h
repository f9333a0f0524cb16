// How long a unit remembers: the direct path of its memory, c_t = f_t c_{t-1} + ... or h_t = z_t h_{t-1} +
// ..., keeps the product of the gates. What goes round by W_h is not in it.
#pragma once
#include <span>
#include <vector>

#include "rnn/trace.h"

namespace ribostep::rnn {

// The gate that keeps: f of LSTMs, z of a GRU; -1: Elman cells have none.
int keeping_gate(CellKind cell);

// Of one unit, going back from a step. Entry d of `kept` is the share of the memory d steps before that is
// still there: 1, f_t, f_t f_{t-1}, ... A step back is `dilation` steps of the layer.
struct DirectPath {
  std::vector<double> kept;
  int half = -1;          // the smallest d that keeps less than a half; -1: none of these
  double mean_gate = 0;   // arithmetic mean of the gates passed
  bool to_start = false;  // it ends at the initial state, or where the state starts anew
  int steps() const { return static_cast<int>(kept.size()) - 1; }
};
// At most `most` steps back. Of a layer with a keeping gate and a step of it.
DirectPath direct_path(const Layer& layer, const LayerTrace& trace, int unit, int step, int most);

// For the Jacobians of Sensitivity: the smallest number of steps back from `step` over which even a bound of
// the Jacobian product (the product of their largest singular values) is under a half; -1: none up to the
// first step. `step_sigma` in log10, step 0 first.
int half_by_bound(std::span<const double> step_sigma, int step, bool reverse = false);

// A gate that is always the same: what it has to be so that a half is left after so many steps, and the bias
// that makes it, with nothing else in the sum.
double gate_for_half_life(double steps);
double bias_of_gate(double gate);
double bias_for_half_life(double steps);  // without the rounding of a gate near 1
double log10_kept(double gate, double steps);
double half_life_of_gate(double gate);  // in steps; infinite for 1

}  // namespace ribostep::rnn
