// Positions picked on screen: one range on the ruler or the letters, or a set caught with the lasso.
#pragma once
#include <vector>

namespace ribostep::ui {

struct Selection {
  int first = 0, last = 0;  // 1-based, both within; 0, 0: no range
  std::vector<int> picked;  // ascending positions; empty: none
  bool has_range() const { return first > 0; }
};

}  // namespace ribostep::ui
