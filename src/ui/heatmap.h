// A matrix over positions as one picture: level of detail, colours, and a texture that is made again only
// when the values, the zoom level or the theme change, or when panning leaves its margins.
#pragma once
#include <cstdint>
#include <functional>
#include <vector>

#include "ui/lod.h"
#include "ui/track.h"

namespace ribostep::ui {

// Bytes [rows][columns] through a colour map.
std::vector<std::uint32_t> paint_values(const std::vector<std::uint8_t>& bytes, int rows, int columns,
                                        const ColourMap& map);
// Each column as a stack of shares from the bottom up, `height` pixels high; what is missing to 255 stays
// clear.
std::vector<std::uint32_t> paint_stack(const std::vector<std::uint8_t>& bytes, int rows, int columns,
                                       const std::vector<std::uint32_t>& colours, int height);

// Which cells of which level a picture holds.
struct CellWindow {
  int level = -1, begin = 0, count = 0;
  bool operator==(const CellWindow&) const = default;
};
// The window that shows an axis, with half a screen of margin on both sides, at most `widest` cells.
CellWindow window_for(const Axis& axis, int widest = 2048);
// True while `held` still shows everything `axis` wants at the right level.
bool covers(const CellWindow& held, const Axis& axis);

// A symmetric range that holds +-size, in steps of 1, 1.5, 2, 3, 5, 7 times a power of ten, so that a colour
// scale does not flicker while a network learns.
ValueRange symmetric_range(float size);

class Heatmap {
 public:
  explicit Heatmap(int texture) : texture_(texture) {}

  // `serial` names the values: a new one starts the level of detail anew; the old picture stays until it is
  // done.
  void update(const TrackContext& context, const LodSource& source, std::uint64_t serial, ValueRange range,
              Reduce reduce);
  // Without a source (the trace is being computed) the last picture stays.
  void draw_values(const TrackContext& context, const LodSource* source, const Area& area,
                   const ColourMap& map);
  void draw_stack(const TrackContext& context, const LodSource* source, const Area& area,
                  const std::vector<std::uint32_t>& colours);
  bool ready() const { return started_ && pyramid_.ready(); }
  const LodPyramid& pyramid() const { return pyramid_; }
  void forget(TextureStore& textures);

 private:
  using Painter = std::function<std::vector<std::uint32_t>(const std::vector<std::uint8_t>&, int&)>;
  void draw(const TrackContext& context, const LodSource* source, const Area& area, int pixel_rows,
            const Painter& paint);

  int texture_;
  LodPyramid pyramid_;
  std::uint64_t serial_ = 0;
  bool started_ = false, building_ = false;
  // What the texture shows.
  ImTextureID image_ = {};
  bool has_image_ = false, stale_ = true, dark_ = false;
  int pixel_rows_ = 0, rows_ = 0, length_ = 0;
  CellWindow window_;
};

}  // namespace ribostep::ui
