// From bytes to pixels, and the rules for when a picture must be painted again.
#include "ui/heatmap.h"

#include <algorithm>
#include <cmath>

namespace ribostep::ui {
namespace {

std::size_t at(int row, int column, int columns) {
  return static_cast<std::size_t>(row) * static_cast<std::size_t>(columns) + static_cast<std::size_t>(column);
}

int cells_of(const Axis& axis, int level) {
  const int size = 1 << level;
  return (axis.length + size - 1) / size;
}

struct Cells {
  int begin, end;
};
Cells visible_cells(const Axis& axis, int level) {
  const double size = std::ldexp(1.0, level);
  const int total = cells_of(axis, level);
  return {std::clamp(static_cast<int>(std::floor(axis.first / size)), 0, total),
          std::clamp(static_cast<int>(std::ceil((axis.first + axis.span) / size)), 0, total)};
}

int level_of(const Axis& axis) { return LodPyramid::level_for(axis.span / static_cast<double>(axis.width)); }

}  // namespace

std::vector<std::uint32_t> paint_values(const std::vector<std::uint8_t>& bytes, int rows, int columns,
                                        const ColourMap& map) {
  std::vector<std::uint32_t> pixels(at(rows, 0, columns));
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = map[bytes[i]];
  return pixels;
}

std::vector<std::uint32_t> paint_stack(const std::vector<std::uint8_t>& bytes, int rows, int columns,
                                       const std::vector<std::uint32_t>& colours, int height) {
  std::vector<std::uint32_t> pixels(at(height, 0, columns), 0u);
  for (int x = 0; x < columns; ++x) {
    int sum = 0, filled = 0;
    for (int r = 0; r < rows; ++r) {
      sum += bytes[at(r, x, columns)];
      // Rounding bytes may lose or gain one or two of 255; a full stack is drawn full.
      const bool full = r == rows - 1 && sum >= 255 - rows;
      const int top = full ? height : std::min((sum * height + 127) / 255, height);
      for (; filled < top; ++filled)
        pixels[at(height - 1 - filled, x, columns)] = colours[static_cast<std::size_t>(r)];
    }
  }
  return pixels;
}

CellWindow window_for(const Axis& axis, int widest) {
  CellWindow window;
  window.level = level_of(axis);
  const Cells visible = visible_cells(axis, window.level);
  const int margin =
      std::max(0, std::min((visible.end - visible.begin) / 2, (widest - (visible.end - visible.begin)) / 2));
  window.begin = std::max(0, visible.begin - margin);
  const int end = std::min(cells_of(axis, window.level), visible.end + margin);
  window.count = std::clamp(end - window.begin, 0, widest);
  return window;
}

bool covers(const CellWindow& held, const Axis& axis) {
  if (held.level != level_of(axis)) return false;
  const Cells visible = visible_cells(axis, held.level);
  return held.begin <= visible.begin && held.begin + held.count >= visible.end;
}

ValueRange symmetric_range(float size) {
  if (!(size > 0) || !std::isfinite(size)) return {-1, 1};
  const auto decade = static_cast<float>(std::pow(10.0, std::floor(std::log10(static_cast<double>(size)))));
  for (const float step : {1.0f, 1.5f, 2.0f, 3.0f, 5.0f, 7.0f}) {
    // A hair of tolerance: 0.3 is not to become 0.5 because its decade rounds.
    if (size <= step * decade * 1.0001f) return {-step * decade, step * decade};
  }
  return {-10 * decade, 10 * decade};
}

void Heatmap::update(const TrackContext& context, const LodSource& source, std::uint64_t serial,
                     ValueRange range, Reduce reduce) {
  const bool same = started_ && serial == serial_ && reduce == pyramid_.reduce() &&
                    range.low == pyramid_.range().low && range.high == pyramid_.range().high;
  if (!same) {
    // A picture of another shape would be stretched over the new one.
    if (rows_ != source.rows() || length_ != source.length()) has_image_ = false;
    rows_ = source.rows();
    length_ = source.length();
    pyramid_.start(rows_, length_, range, reduce);
    serial_ = serial;
    started_ = building_ = true;
    stale_ = !has_image_ || level_of(context.axis) < LodPyramid::kFirstLevel;
  }
  // Close up, levels 0 and 1 come straight from the values: the pyramid can wait for a zoom out.
  if (building_ && level_of(context.axis) >= LodPyramid::kFirstLevel) {
    if (pyramid_.build(source, context.budget)) {
      building_ = false;
      stale_ = true;
    } else {
      context.ui.wants_frame = true;
    }
  }
}

void Heatmap::draw(const TrackContext& context, const LodSource* source, const Area& area, int pixel_rows,
                   const Painter& paint) {
  const Axis& axis = context.axis;
  if (axis.length <= 0 || area.height() < 1) return;
  const bool wanted = stale_ || !has_image_ || dark_ != context.theme.dark || pixel_rows != pixel_rows_ ||
                      !covers(window_, axis);
  if (wanted && source && started_ && rows_ > 0 && window_for(axis).count > 0) {
    window_ = window_for(axis);
    std::vector<std::uint8_t> bytes(at(rows_, 0, window_.count));
    pyramid_.fill(*source, window_.level, window_.begin, window_.count, bytes.data());
    int height = pixel_rows;
    const std::vector<std::uint32_t> pixels = paint(bytes, height);
    image_ = context.textures.update(texture_, window_.count, height, pixels.data(), true);
    has_image_ = true;
    stale_ = false;
    dark_ = context.theme.dark;
    pixel_rows_ = pixel_rows;
  }
  // Without new values the old picture stands in, but not for a sequence of another length.
  if (!has_image_ || window_.count == 0 || length_ != axis.length) return;
  const double size = std::ldexp(1.0, window_.level);
  const float x0 = axis.x_of(window_.begin * size);
  const float x1 = axis.x_of((window_.begin + window_.count) * size);
  const float right = std::min(area.max.x, axis.x_of(axis.length));
  context.draw.PushClipRect(area.min, ImVec2(right, area.max.y), true);
  context.draw.AddImage(image_, ImVec2(x0, area.min.y), ImVec2(x1, area.max.y));
  context.draw.PopClipRect();
}

void Heatmap::draw_values(const TrackContext& context, const LodSource* source, const Area& area,
                          const ColourMap& map) {
  const int groups = std::max(1, std::min(rows_, static_cast<int>(area.height())));
  draw(context, source, area, groups, [&](const std::vector<std::uint8_t>& bytes, int& height) {
    height = groups;
    if (groups == rows_) return paint_values(bytes, rows_, window_.count, map);
    return paint_values(reduce_rows(bytes, rows_, window_.count, groups, pyramid_.reduce()), groups,
                        window_.count, map);
  });
}

void Heatmap::draw_stack(const TrackContext& context, const LodSource* source, const Area& area,
                         const std::vector<std::uint32_t>& colours) {
  const int height =
      std::clamp(static_cast<int>(area.height() * ImGui::GetIO().DisplayFramebufferScale.y), 1, 256);
  draw(context, source, area, height, [&](const std::vector<std::uint8_t>& bytes, int& rows) {
    return paint_stack(bytes, rows_, window_.count, colours, rows);
  });
}

void Heatmap::forget(TextureStore& textures) {
  textures.forget(texture_);
  has_image_ = false;
}

}  // namespace ribostep::ui
