#include "rnn/intervention.h"

#include <cmath>

namespace ribostep::rnn {

std::string intervention_obstacle(const ModelSpec& spec) {
  if (spec.circular == Circular::Linear) return {};
  return "round a circle the state of a position is made anew in every pass: read the sequence as a line in "
         "MODEL to change states by hand";
}

bool fits(const Network& net, const Intervention& change, int length) {
  if (change.layer < 0 || change.layer >= static_cast<int>(net.layers.size())) return false;
  const Layer& layer = net.layers[static_cast<std::size_t>(change.layer)];
  return change.unit >= 0 && change.unit < layer.hidden && (!change.cell || has_cell_state(layer.cell)) &&
         change.first >= 0 && change.first <= change.last && change.first <= length &&
         std::isfinite(change.value);
}

}  // namespace ribostep::rnn
