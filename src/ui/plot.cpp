// Line plots; see plot.h.
#include "ui/plot.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "ui/format.h"
#include "ui/widgets.h"

namespace ribostep::ui {
namespace {

constexpr float kDash = 7, kDashGap = 4, kDot = 1.5f, kDotGap = 4;

// Walks along the points and draws only the "on" parts of the pattern, so that dashes keep their length in
// bends.
void broken_line(ImDrawList& list, std::span<const ImVec2> points, ImU32 colour, float on, float off,
                 float width) {
  float phase = 0;
  for (std::size_t i = 1; i < points.size(); ++i) {
    const ImVec2 a = points[i - 1], b = points[i];
    const float length = std::hypot(b.x - a.x, b.y - a.y);
    if (!(length > 0)) continue;
    float at = 0;
    while (at < length) {
      const bool drawing = phase < on;
      const float step = std::min((drawing ? on : on + off) - phase, length - at);
      if (drawing) {
        const float s = at / length, e = (at + step) / length;
        list.AddLine(ImVec2(a.x + (b.x - a.x) * s, a.y + (b.y - a.y) * s),
                     ImVec2(a.x + (b.x - a.x) * e, a.y + (b.y - a.y) * e), colour, width);
      }
      at += std::max(step, 0.01f);
      phase += std::max(step, 0.01f);
      if (phase >= on + off) phase -= on + off;
    }
  }
}

}  // namespace

std::vector<Envelope> envelope(std::size_t count, int columns,
                               const std::function<float(std::size_t)>& value) {
  constexpr float kNone = std::numeric_limits<float>::infinity();
  std::vector<Envelope> slices(static_cast<std::size_t>(std::max(columns, 0)), Envelope{kNone, -kNone});
  if (slices.empty()) return slices;
  for (std::size_t i = 0; i < count; ++i) {
    const float v = value(i);
    if (!std::isfinite(v)) continue;
    Envelope& slice = slices[i * slices.size() / count];
    slice.low = std::min(slice.low, v);
    slice.high = std::max(slice.high, v);
  }
  return slices;
}

float PlotFrame::x(double value) const {
  const double share = x_max > x_min ? (value - x_min) / (x_max - x_min) : 0;
  return low.x + static_cast<float>(std::clamp(share, 0.0, 1.0)) * (high.x - low.x);
}

float PlotFrame::y(double value) const {
  double share = 0;
  if (log_y) {
    share = value > 0 ? std::log(value / y_min) / std::log(y_max / y_min) : 0;
  } else {
    share = y_max > y_min ? (value - y_min) / (y_max - y_min) : 0;
  }
  return high.y - static_cast<float>(std::clamp(share, 0.0, 1.0)) * (high.y - low.y);
}

double PlotFrame::value_at(float pixel_x) const {
  const float width = high.x - low.x;
  return width > 0 ? x_min + (x_max - x_min) * static_cast<double>((pixel_x - low.x) / width) : x_min;
}

void begin_plot(const Panel& p, PlotFrame& frame, const PlotLabels& labels, ImVec2 size) {
  const FontScope font(p.fonts.small);
  const float line = ImGui::GetTextLineHeight();
  const ImVec2 at = ImGui::GetCursorScreenPos();
  ImGui::Dummy(size);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  frame.high = ImVec2(at.x + size.x - 10, at.y + size.y - line - 8);
  frame.low = ImVec2(at.x, at.y + line + 8);
  const int wanted_y = std::max(2, static_cast<int>((frame.high.y - frame.low.y) / 26));
  std::vector<Tick> y_ticks = frame.log_y ? log_ticks(frame.y_min, frame.y_max, wanted_y)
                                          : linear_ticks(frame.y_min, frame.y_max, wanted_y);
  if (labels.percent_y) {
    for (Tick& tick : y_ticks) tick.label = percent(tick.value, 0);
  }
  float label_width = 0;
  for (const Tick& tick : y_ticks)
    label_width = std::max(label_width, ImGui::CalcTextSize(tick.label.c_str()).x);
  frame.low.x = at.x + label_width + 8;
  list.AddText(at, p.theme.text_dim, labels.title);
  for (const Tick& tick : y_ticks) {
    const float y = std::floor(frame.y(tick.value)) + 0.5f;
    list.AddLine(ImVec2(frame.low.x, y), ImVec2(frame.high.x, y), p.theme.grid);
    const float w = ImGui::CalcTextSize(tick.label.c_str()).x;
    list.AddText(ImVec2(frame.low.x - 6 - w, y - line * 0.5f), p.theme.text_dim, tick.label.c_str());
  }
  const float base = std::floor(frame.high.y) + 0.5f;
  list.AddLine(ImVec2(frame.low.x, base), ImVec2(frame.high.x, base), p.theme.border);
  const float x_word = ImGui::CalcTextSize(labels.x).x;
  const int wanted_x = std::max(2, static_cast<int>((frame.high.x - frame.low.x) / 90));
  for (const Tick& tick : linear_ticks(frame.x_min, frame.x_max, wanted_x)) {
    const float x = frame.x(tick.value);
    const float w = ImGui::CalcTextSize(tick.label.c_str()).x;
    if (x + w * 0.5f > frame.high.x - x_word - 8) continue;  // room for the axis' name
    list.AddLine(ImVec2(x, base), ImVec2(x, base + 3), p.theme.border);
    list.AddText(ImVec2(x - w * 0.5f, base + 4), p.theme.text_dim, tick.label.c_str());
  }
  list.AddText(ImVec2(frame.high.x - x_word, base + 4), p.theme.text_dim, labels.x);
}

bool plot_hovered(const PlotFrame& frame) {
  return ImGui::IsWindowHovered() && ImGui::IsMouseHoveringRect(frame.low, frame.high);
}

void plot_line(const PlotFrame& frame, std::span<const ImVec2> points, ImU32 colour, LineStyle style,
               float width) {
  if (points.size() < 2) return;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  list.PushClipRect(ImVec2(frame.low.x, frame.low.y - 2), ImVec2(frame.high.x + 1, frame.high.y + 2), true);
  switch (style) {
    case LineStyle::Solid:
      list.AddPolyline(points.data(), static_cast<int>(points.size()), colour, ImDrawFlags_None, width);
      break;
    case LineStyle::Dashed:
      broken_line(list, points, colour, kDash, kDashGap, width);
      break;
    case LineStyle::Dotted:
      broken_line(list, points, colour, kDot, kDotGap, width);
      break;
  }
  list.PopClipRect();
}

void plot_series(const PlotFrame& frame, std::size_t count, const std::function<double(std::size_t)>& x,
                 const std::function<float(std::size_t)>& y, ImU32 colour, LineStyle style, float width) {
  if (count == 0) return;
  const int columns = std::max(1, static_cast<int>(frame.high.x - frame.low.x));
  std::vector<ImVec2> points;
  if (count <= static_cast<std::size_t>(columns)) {
    points.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
      const float v = y(i);
      if (std::isfinite(v)) points.emplace_back(frame.x(x(i)), frame.y(static_cast<double>(v)));
    }
  } else {
    const std::vector<Envelope> slices = envelope(count, columns, y);
    points.reserve(slices.size() * 2);
    for (std::size_t c = 0; c < slices.size(); ++c) {
      if (slices[c].low > slices[c].high) continue;
      const float at = frame.x(x(c * count / slices.size()));
      points.emplace_back(at, frame.y(static_cast<double>(slices[c].high)));
      points.emplace_back(at + 0.5f, frame.y(static_cast<double>(slices[c].low)));
    }
  }
  plot_line(frame, points, colour, style, width);
}

void legend(const Panel& p, const char* words, ImU32 colour, LineStyle style, float width) {
  const FontScope font(p.fonts.small);
  const float line = ImGui::GetFrameHeight();
  constexpr float kSample = 22;
  const ImVec2 size = ImGui::CalcTextSize(words);
  if (kSample + 6 + size.x > ImGui::GetContentRegionAvail().x) ImGui::NewLine();
  const ImVec2 at = ImGui::GetCursorScreenPos();
  ImGui::Dummy(ImVec2(kSample + 6 + size.x, line));
  const ImVec2 sample[] = {ImVec2(at.x, at.y + line * 0.5f), ImVec2(at.x + kSample, at.y + line * 0.5f)};
  PlotFrame everywhere;
  everywhere.low = ImVec2(at.x, at.y);
  everywhere.high = ImVec2(at.x + kSample, at.y + line);
  plot_line(everywhere, sample, colour, style, width);
  ImGui::GetWindowDrawList()->AddText(ImVec2(at.x + kSample + 6, at.y + (line - size.y) * 0.5f),
                                      p.theme.text_dim, words);
  ImGui::SameLine(0, 16);
}

}  // namespace ribostep::ui
