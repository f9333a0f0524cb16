#include "rnn/bounded_memory.h"

namespace ribostep::rnn {
namespace {

// To the last bit: see cell_lstm.h.
bool inside(float c) { return c >= 0 && c <= 1; }

// What is known so far, made wider by one more c.
void look(BoundedMemory& seen, float c, int position, int layer, int unit, bool& first) {
  const auto value = static_cast<double>(c);
  const bool outside = !inside(c);  // NaN too
  const bool better =
      outside ? !seen.violated || position < seen.position : !seen.violated && (first || value > seen.value);
  if (first || value < seen.low) seen.low = value;
  if (first || value > seen.high) seen.high = value;
  first = false;
  if (!better) return;
  seen.violated = seen.violated || outside;
  seen.position = position, seen.layer = layer, seen.unit = unit, seen.value = value;
}

}  // namespace

BoundedMemory bounded_memory(const Network& net, const Trace* trace) {
  BoundedMemory seen;
  seen.applies = sigmoid_candidate(net.spec.cell);
  if (!seen.applies) return seen;
  bool starts_inside = net.spec.initial == InitialState::Zero;
  if (trace) {
    starts_inside = seen.seen = true;
    bool first = true;
    for (std::size_t l = 0; l < trace->layers.size(); ++l) {
      const LayerTrace& layer = trace->layers[l];
      const int index = static_cast<int>(l);
      for (int unit = 0; unit < layer.hidden; ++unit) {
        const float c = layer.initial_c.empty() ? 0.0f : layer.initial_c[static_cast<std::size_t>(unit)];
        starts_inside = starts_inside && inside(c);
        look(seen, c, 0, index, unit, first);
      }
      for (int t = 0; t < layer.steps; ++t)
        for (int unit = 0; unit < layer.hidden; ++unit)
          look(seen, layer.c(t, unit), t * layer.letters_per_step + 1, index, unit, first);
    }
  }
  seen.proven = coupled(net.spec.cell) && starts_inside;
  return seen;
}

}  // namespace ribostep::rnn
