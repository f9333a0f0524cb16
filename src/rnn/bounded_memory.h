// Whether the memory c_t stays in [0, 1]. With a sigmoid candidate and coupled gates it is a weighted mean of
// c_{t-1} and a number in (0, 1): c_t = f c_{t-1} + (1 - f) g; then it can never leave, if c_0 is inside.
#pragma once
#include "rnn/network.h"
#include "rnn/trace.h"

namespace ribostep::rnn {

struct BoundedMemory {
  bool applies = false;   // the cell has a sigmoid candidate: the question makes sense
  bool proven = false;    // coupled gates, and every c_0 in [0, 1]
  bool seen = false;      // there is a trace to look at
  bool violated = false;  // seen outside; then the rest says where first
  // Smallest and largest c seen in any layer, c_0 included; both 0 while there is no trace.
  double low = 0, high = 0;
  // Position as a cursor counts them: 0 is c_0, 1 the first letter. Where the violation is, first by position
  // and then by layer; without one, where `high` is.
  int position = 0, layer = 0, unit = 0;
  double value = 0;  // c there
};
// `trace` may be null (not made yet): then c_0 is known only where it is zero.
BoundedMemory bounded_memory(const Network& net, const Trace* trace);

}  // namespace ribostep::rnn
