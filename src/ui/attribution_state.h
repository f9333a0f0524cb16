// What the attribution panel remembers between frames.
#pragma once
#include <cstdint>
#include <vector>

namespace ribostep::ui {

struct AttributionState {
  std::uint64_t ranked_serial = 0;  // of the numbers that were ranked
  std::vector<int> ranked;          // positions (1-based) of the largest contributions
};

}  // namespace ribostep::ui
