// Numbers put into a pass by hand: what if unit 3 had been 0 from here on? Interventions are for looking;
// training never sees them.
#pragma once
#include <span>
#include <string>

#include "rnn/network.h"

namespace ribostep::rnn {

// After the step that reads position p, for first <= p <= last (1-based as io::Cursor; 0 is the initial
// state), a unit's h, or its c, is `value`. Where c is set, h follows as the cell makes it: h = o tanh(c).
struct Intervention {
  int layer = 0, unit = 0;
  bool cell = false;
  int first = 0, last = 0;
  float value = 0;
  bool operator==(const Intervention&) const = default;
};
// Why a network's pass cannot be changed by hand, and what to do; empty when it can. Only round a circle,
// where the state of a position is made in every pass anew.
std::string intervention_obstacle(const ModelSpec& spec);
// Whether layer, unit, kind and range exist in this network over so many positions, with a finite value.
bool fits(const Network& net, const Intervention& intervention, int length);

}  // namespace ribostep::rnn
