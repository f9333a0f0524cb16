#include "ui/tracks/lines.h"

#include <algorithm>
#include <cmath>

namespace ribostep::ui {
namespace {

// Draws what has been collected up to a gap; a single point is a dot.
void finish(const TrackContext& context, std::vector<ImVec2>& points, ImU32 colour, float width) {
  if (points.size() == 1) context.draw.AddCircleFilled(points[0], width, colour, 8);
  if (points.size() > 1)
    context.draw.AddPolyline(points.data(), static_cast<int>(points.size()), colour, 0, width);
  points.clear();
}

}  // namespace

void Span::add(double v) {
  if (!std::isfinite(v)) return;
  const bool first = empty();
  low = first ? v : std::min(low, v);
  high = first ? v : std::max(high, v);
}

Span span_of(const StepLine& line) {
  Span span;
  for (int i = 0; i < line.count; ++i) span.add(line.value(i));
  return span;
}

void draw_step_line(const TrackContext& context, const Area& area, const StepLine& line, double low,
                    double high, ImU32 colour, float width) {
  const Axis& axis = context.axis;
  if (line.count <= 0 || !(high > low)) return;
  const auto step_at = [&](double letter) {
    const double step = std::floor((letter - line.first) / line.per_step);
    return static_cast<int>(std::clamp(step, 0.0, static_cast<double>(line.count - 1)));
  };
  const auto y_of = [&](double v) {
    const double share = std::clamp((v - low) / (high - low), 0.0, 1.0);
    return area.max.y - 1.5f - static_cast<float>(share) * (area.height() - 3);
  };
  // One step to each side, so that the line runs out of the picture.
  const int begin = std::max(0, step_at(axis.first) - 1),
            end = std::min(line.count, step_at(axis.first + axis.span) + 2);
  const double pixels = static_cast<double>(axis.pixels_per_letter()) * line.per_step;
  std::vector<ImVec2> points;
  context.draw.PushClipRect(area.min, area.max, true);
  if (pixels >= 1) {
    for (int i = begin; i < end; ++i) {
      const double v = line.value(i);
      if (std::isfinite(v))
        points.push_back(ImVec2(axis.x_of(line.first + (i + 0.5) * line.per_step), y_of(v)));
      else
        finish(context, points, colour, width);
    }
  } else {
    for (int i = begin; i < end;) {
      const float x = std::floor(axis.x_of(line.first + (i + 0.5) * line.per_step));
      Span column;
      bool whole = true;
      do {
        const double v = line.value(i);
        column.add(v);
        whole = whole && std::isfinite(v);
        ++i;
      } while (i < end && axis.x_of(line.first + (i + 0.5) * line.per_step) < x + 1);
      if (!column.empty()) {
        points.push_back(ImVec2(x + 0.5f, y_of(column.high)));
        if (column.low < column.high) points.push_back(ImVec2(x + 0.5f, y_of(column.low)));
      }
      if (!whole && column.empty()) finish(context, points, colour, width);
    }
  }
  finish(context, points, colour, width);
  context.draw.PopClipRect();
}

}  // namespace ribostep::ui
