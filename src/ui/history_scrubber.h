// The scale of updates under the curves: checkpoints as ticks, the update on show as a handle to drag, and in
// words where one is.
#pragma once
#include "ui/panel_state.h"

namespace ribostep::ui {

float scrubber_height(const Panel& p, float width);  // 0: nothing has been trained
void draw_scrubber(Panel& p, float width);
// A line at the visited update in a plot from `top` to `bottom`; `x` is where it is in pixels.
void draw_visited_line(const Panel& p, float x, float top, float bottom);
// Colour, and with it the number of a line style, of the curve of kept run `run`.
ImU32 run_colour(const Panel& p, int run);

}  // namespace ribostep::ui
