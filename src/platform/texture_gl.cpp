// Pictures of the screen as GL textures.
#include "platform/texture_gl.h"

#include <GLES3/gl3.h>

#include <cstddef>

namespace ribostep::platform {
namespace {

// Our names start far above any name GL hands out (the font atlas is one of GL's).
constexpr std::uintptr_t kFirstName = 0x40000000u;

ImTextureID name_of(int id) {
  return reinterpret_cast<ImTextureID>(kFirstName + static_cast<std::uintptr_t>(id));
}

}  // namespace

ImTextureID GlTextures::update(int id, int w, int h, const std::uint32_t* rgba, bool nearest) {
  IM_ASSERT(id >= 0 && w > 0 && h > 0 && rgba != nullptr);
  Picture& picture = pictures_[id];
  picture.w = w;
  picture.h = h;
  picture.nearest = nearest;
  picture.pixels.assign(rgba, rgba + static_cast<std::size_t>(w) * static_cast<std::size_t>(h));
  picture.dirty = true;
  return name_of(id);
}

void GlTextures::forget(int id) {
  auto found = pictures_.find(id);
  if (found == pictures_.end()) return;
  if (found->second.gl_name != 0) glDeleteTextures(1, &found->second.gl_name);
  pictures_.erase(found);
}

void GlTextures::upload(Picture& picture) {
  const bool made = picture.gl_name == 0;
  if (made) glGenTextures(1, &picture.gl_name);
  glBindTexture(GL_TEXTURE_2D, picture.gl_name);
  if (made || picture.nearest != picture.gl_nearest) {
    const GLint filter = picture.nearest ? GL_NEAREST : GL_LINEAR;
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, filter);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, filter);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_S, GL_CLAMP_TO_EDGE);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_T, GL_CLAMP_TO_EDGE);
    picture.gl_nearest = picture.nearest;
  }
  glPixelStorei(GL_UNPACK_ALIGNMENT, 4);
  glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA, picture.w, picture.h, 0, GL_RGBA, GL_UNSIGNED_BYTE,
               picture.pixels.data());
  picture.dirty = false;
}

void GlTextures::resolve(ImDrawData& draw_data) {
  for (auto& [id, picture] : pictures_) {
    if (picture.dirty) upload(picture);
  }
  for (ImDrawList* list : draw_data.CmdLists) {
    for (ImDrawCmd& command : list->CmdBuffer) {
      const auto name = reinterpret_cast<std::uintptr_t>(command.TextureId);
      if (name < kFirstName) continue;
      auto found = pictures_.find(static_cast<int>(name - kFirstName));
      const unsigned gl_name = found == pictures_.end() ? 0 : found->second.gl_name;
      command.TextureId = reinterpret_cast<ImTextureID>(static_cast<std::uintptr_t>(gl_name));
    }
  }
}

void GlTextures::context_lost() {
  for (auto& [id, picture] : pictures_) {
    if (picture.gl_name != 0) glDeleteTextures(1, &picture.gl_name);
    picture.gl_name = 0;
    picture.dirty = true;
  }
}

}  // namespace ribostep::platform
