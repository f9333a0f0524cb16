// Small pictures made on the CPU (heat maps, minimap) that the screen draws as one quad. The platform keeps
// them on the GPU and makes them again after a lost WebGL context; tests use a store that only counts.
#pragma once
#include <imgui.h>

#include <cstdint>

namespace ribostep::ui {

class TextureStore {
 public:
  virtual ~TextureStore() = default;
  // Picture `id` becomes these w x h pixels (IM_COL32 order, rows top down). `nearest`: no smoothing.
  virtual ImTextureID update(int id, int w, int h, const std::uint32_t* rgba, bool nearest) = 0;
  virtual void forget(int id) = 0;
};

}  // namespace ribostep::ui
