// A small line plot drawn by hand: axes with round ticks, lines solid, dashed or dotted, a read-out under the
// mouse.
#pragma once
#include <imgui.h>

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "ui/panel_state.h"

namespace ribostep::ui {

// The smallest and largest value of each of `columns` equal slices of [0, count): what a line of many points
// looks like in few pixels. `value(i)` may be NaN (left out). Slices without a value have low > high.
struct Envelope {
  float low, high;
};
std::vector<Envelope> envelope(std::size_t count, int columns,
                               const std::function<float(std::size_t)>& value);

enum class LineStyle : std::uint8_t { Solid, Dashed, Dotted };

// Data range shown and the pixels it is shown in.
struct PlotFrame {
  ImVec2 low, high;  // pixel corners: left top, right bottom
  double x_min = 0, x_max = 1, y_min = 0, y_max = 1;
  bool log_y = false;

  float x(double value) const;
  float y(double value) const;  // clamped to the frame
  double value_at(float pixel_x) const;
};

struct PlotLabels {
  const char* title;
  const char* x;
  bool percent_y = false;
};
// Reserves `size` at the cursor, draws panel, grid, ticks and labels; ranges must be set in `frame` already.
void begin_plot(const Panel& p, PlotFrame& frame, const PlotLabels& labels, ImVec2 size);
// True while the mouse is over the data area.
bool plot_hovered(const PlotFrame& frame);
void plot_line(const PlotFrame& frame, std::span<const ImVec2> points, ImU32 colour, LineStyle style,
               float width);
// Points (x, y) in data units; decimated to a low and a high per pixel when there are many.
void plot_series(const PlotFrame& frame, std::size_t count, const std::function<double(std::size_t)>& x,
                 const std::function<float(std::size_t)>& y, ImU32 colour, LineStyle style, float width);
// One legend entry, then the cursor stays on the same line.
void legend(const Panel& p, const char* words, ImU32 colour, LineStyle style, float width);

}  // namespace ribostep::ui
