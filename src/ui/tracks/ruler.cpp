#include "ui/tracks/ruler.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "ui/tracks/marks.h"

namespace ribostep::ui {
namespace {

float width_of(ImFont* font, const std::string& text) {
  return font->CalcTextSizeA(font->FontSize, 1e9f, 0, text.c_str()).x;
}

}  // namespace

float cursor_x(const Axis& axis, const Area& start, int position) {
  return position <= 0 ? (start.min.x + start.max.x) / 2 : axis.x_of(position - 0.5);
}

void draw_ruler(const TrackContext& context, const Area& area, const Area& start) {
  const Axis& axis = context.axis;
  const Theme& theme = context.theme;
  ImFont* font = context.fonts.small;
  const float size = font->FontSize;
  const float bottom = area.max.y;
  const int position = context.session.position();
  const bool cursor_visible = position == 0 || axis.shows(position - 1);
  const std::string here = std::to_string(position);
  const float here_x = cursor_x(axis, start, position);
  const float here_half = width_of(font, here) / 2 + 5;

  context.draw.AddLine(ImVec2(start.min.x, bottom - 0.5f), ImVec2(area.max.x, bottom - 0.5f), theme.border);
  const float gap = width_of(font, std::to_string(std::max(axis.length, 10))) + 26;
  for (const AxisTick& tick : axis_ticks(axis, gap)) {
    const float x = std::round(axis.x_of(tick.position - 0.5)) + 0.5f;
    if (x < area.min.x || x > area.max.x) continue;
    context.draw.AddLine(ImVec2(x, bottom - (tick.major ? 6.0f : 3.0f)), ImVec2(x, bottom - 1),
                         theme.text_dim);
    if (!tick.major) continue;
    const std::string text = std::to_string(tick.position);
    const float half = width_of(font, text) / 2;
    // The cursor's own number wins over a tick's.
    if (cursor_visible && std::fabs(x - here_x) < half + here_half + 2) continue;
    const float left = std::clamp(x - half, area.min.x, area.max.x - 2 * half);
    context.draw.AddText(font, size, ImVec2(left, area.min.y + 2), theme.text_dim, text.c_str());
  }
  if (!(cursor_visible && position == 0)) {
    const std::string zero = "0";
    const float x = (start.min.x + start.max.x) / 2;
    if (!cursor_visible || here_x - here_half > x + 6) {
      context.draw.AddText(font, size, ImVec2(x - width_of(font, zero) / 2, area.min.y + 2), theme.text_dim,
                           "0");
    }
  }
  if (!cursor_visible) return;
  const float left = std::clamp(here_x - here_half, start.min.x - 6, area.max.x - 2 * here_half + 4);
  context.draw.AddRectFilled(ImVec2(left, area.min.y + 1),
                             ImVec2(left + 2 * here_half, area.min.y + size + 4), theme.cursor, 4);
  context.draw.AddTriangleFilled(ImVec2(here_x - 4, area.min.y + size + 3.5f),
                                 ImVec2(here_x + 4, area.min.y + size + 3.5f), ImVec2(here_x, bottom - 1),
                                 theme.cursor);
  context.draw.AddText(font, size, ImVec2(left + 5, area.min.y + 2), ink_on(theme.cursor), here.c_str());
}

void draw_overview(const TrackContext& context, const Area& area) {
  const Axis& axis = context.axis;
  const Theme& theme = context.theme;
  const double letters = std::max(axis.length, 1);
  const auto x_of = [&](double letter) {
    return area.min.x + area.width() * static_cast<float>(std::clamp(letter / letters, 0.0, 1.0));
  };
  context.draw.AddRectFilled(ImVec2(area.min.x, area.min.y + 3), ImVec2(area.max.x, area.max.y - 3),
                             theme.grid, 2);
  draw_overview_marks(context, area);
  if (!axis.fitted()) {
    const float x0 = x_of(axis.first), x1 = std::max(x_of(axis.first + axis.span), x0 + 6);
    context.draw.AddRectFilled(ImVec2(x0, area.min.y + 1), ImVec2(x1, area.max.y - 1), theme.selection, 3);
    context.draw.AddRect(ImVec2(x0, area.min.y + 1), ImVec2(x1, area.max.y - 1), theme.accent, 3);
  }
  const int position = context.session.position();
  if (position > 0) {
    const float x = std::round(x_of(position - 0.5));
    context.draw.AddRectFilled(ImVec2(x - 1, area.min.y), ImVec2(x + 1, area.max.y), theme.cursor);
  }
}

double overview_letter(const Axis& axis, const Area& area, float x) {
  return static_cast<double>(std::clamp((x - area.min.x) / area.width(), 0.0f, 1.0f)) *
         std::max(axis.length, 1);
}

}  // namespace ribostep::ui
