// What one step of a layer reads, number by number; the sums over it are step_terms' and origin's.
#pragma once
#include <span>
#include <vector>

#include "rnn/trace.h"

namespace ribostep::rnn {

// x_t of one step, and how its product with W_x is added up.
struct StepInput {
  std::vector<float> x;
  float share = 1;          // divides the sum: an ambiguous token is the mean of the kinds it may be
  bool one_by_one = false;  // each product is added to the pre-activation by itself
  int first = 0;            // column the sum begins with, going round: states lie forward before reverse
};
StepInput step_input(const Network& net, std::span<const float> parameters, const TokenTable& table,
                     const Example& example, const Trace& trace, const Layer& layer, int t);

}  // namespace ribostep::rnn
