// The top of the tracks: positions with round numbers, and above them the whole sequence as a bar with the
// visible part marked.
#pragma once
#include "ui/track.h"

namespace ribostep::ui {

inline constexpr float kRulerHeight = 24, kOverviewHeight = 10;

void draw_ruler(const TrackContext& context, const Area& area, const Area& start);
void draw_overview(const TrackContext& context, const Area& area);
// Letter under a pixel of the overview, fractional.
double overview_letter(const Axis& axis, const Area& area, float x);
// Middle of a position's column in pixels; position 0 is the middle of `start`.
float cursor_x(const Axis& axis, const Area& start, int position);

}  // namespace ribostep::ui
