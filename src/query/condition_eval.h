// Computes a condition over a run, many positions at once. Position 0 is the initial state, position p what
// is known after reading letter p.
#pragma once
#include <span>
#include <string_view>
#include <vector>

#include "query/condition.h"
#include "rnn/trace.h"

namespace ribostep::query {

// What was read and what came of it. Parts a condition does not ask for may be missing.
struct Subject {
  const rnn::Trace* trace = nullptr;  // null: whatever needs one is NaN
  int directions = 1;                 // of the network: its layers come forward, backward, forward, ...
  const bio::Alphabet* alphabet = nullptr;
  std::string_view letters;
  std::span<const std::uint8_t> labels;  // class of each position; rnn::kNoClass: none
  std::span<const float> values;         // [length][channels] of a series
  int channels = 0;
  int length = 0;
};

// Values at positions begin .. end-1, 0 <= begin <= end <= length + 1; truths as 1 and 0. At position 0 the
// states are the initial ones (NaN in a layer that reads backward), and outputs, letters and what looks at
// the position before are NaN, or false. About a nanosecond per node and position.
std::vector<float> evaluate(const Condition& condition, const Subject& subject, int begin, int end);

// Whether a state, a cell or an output at a position (1..length) is NaN or infinite.
bool not_finite(const rnn::Trace& trace, int position);

}  // namespace ribostep::query
