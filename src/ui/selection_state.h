// Positions picked on screen: one range on the ruler or the letters, or a set caught with the lasso.
#pragma once
#include <algorithm>
#include <vector>

namespace ribostep::ui {

struct Selection {
  int first = 0, last = 0;  // 1-based, both within; 0, 0: no range
  std::vector<int> picked;  // ascending positions; empty: none
  int anchor = 0;           // the end of the range that stays when it is extended; 0: none
  bool has_range() const { return first > 0; }
  void clear_range() { first = last = anchor = 0; }
  // From `from` to `to`, whichever comes first, within a sequence of so many positions.
  void select(int from, int to, int length) {
    if (length <= 0) return clear_range();
    anchor = std::clamp(from, 1, length);
    to = std::clamp(to, 1, length);
    first = std::min(anchor, to);
    last = std::max(anchor, to);
  }
};

}  // namespace ribostep::ui
