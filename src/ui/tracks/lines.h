// Lines along the axis: one value per step, a gap where there is none.
#pragma once
#include <functional>

#include "ui/track.h"

namespace ribostep::ui {

struct StepLine {
  int count = 0;                     // steps
  double first = 0, per_step = 1;    // step i stands on letters [first + i*per_step, first + (i+1)*per_step)
  std::function<double(int)> value;  // not finite: a gap
};
// The values of `low` and `high` lie on the lower and upper edge of the area. Far away each pixel column
// shows everything between the smallest and the largest of its values.
void draw_step_line(const TrackContext& context, const Area& area, const StepLine& line, double low,
                    double high, ImU32 colour, float width);

// Smallest and largest finite value; low > high when there is none.
struct Span {
  double low = 1, high = 0;
  bool empty() const { return low > high; }
  void add(double v);
};
Span span_of(const StepLine& line);

}  // namespace ribostep::ui
