// Pictures of the screen on the GPU. Pixels are kept here too, so a lost WebGL context costs nothing but an
// upload.
#pragma once
#include <imgui.h>

#include <map>
#include <vector>

#include "ui/texture.h"

namespace ribostep::platform {

class GlTextures final : public ui::TextureStore {
 public:
  // The returned name stays valid until forget(), whatever happens to the GL context.
  ImTextureID update(int id, int w, int h, const std::uint32_t* rgba, bool nearest) override;
  void forget(int id) override;

  // Before drawing: uploads what changed and replaces our names in the draw commands by GL's.
  void resolve(ImDrawData& draw_data);
  // The context is gone: forgets GL's names; the next resolve() uploads everything again.
  void context_lost();

 private:
  struct Picture {
    int w = 0, h = 0;
    std::vector<std::uint32_t> pixels;
    bool nearest = true;
    bool dirty = true;
    unsigned gl_name = 0;
    bool gl_nearest = true;  // what GL was told
  };
  void upload(Picture& picture);

  std::map<int, Picture> pictures_;
};

}  // namespace ribostep::platform
