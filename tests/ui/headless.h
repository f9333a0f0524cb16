// The screen without a window or a GPU: an ImGui context of its own, pictures that are only counted, and a
// mouse.
#pragma once
#include <imgui.h>

#include <functional>
#include <map>

#include "session_fixture.h"
#include "ui/fonts.h"
#include "ui/texture.h"
#include "ui/theme.h"
#include "ui/tracks.h"

namespace ribostep::tests {

struct CountingTextures final : ui::TextureStore {
  struct Picture {
    int w = 0, h = 0;
    std::vector<std::uint32_t> pixels;
  };
  std::map<int, Picture> pictures;
  int updates = 0;
  ImTextureID update(int id, int w, int h, const std::uint32_t* rgba, bool) override {
    ++updates;
    pictures[id] = {
        w, h,
        std::vector<std::uint32_t>(rgba, rgba + static_cast<std::size_t>(w) * static_cast<std::size_t>(h))};
    return reinterpret_cast<ImTextureID>(static_cast<std::uintptr_t>(id) + 1000);
  }
  void forget(int id) override { pictures.erase(id); }
};

class Headless {
 public:
  explicit Headless(ImVec2 size) {
    ImGui::SetCurrentContext(context_);
    ImGuiIO& io = ImGui::GetIO();
    io.IniFilename = nullptr;
    io.DisplaySize = size;
    io.DeltaTime = 1.0f / 60;
    ImFont* font = io.Fonts->AddFontDefault();
    fonts = {font, font, font, font, font, font};
    io.Fonts->Build();
    io.Fonts->SetTexID(reinterpret_cast<ImTextureID>(std::uintptr_t{1}));
    ui::apply(ui::theme(false));
  }
  ~Headless() { ImGui::DestroyContext(context_); }
  Headless(const Headless&) = delete;
  Headless& operator=(const Headless&) = delete;

  // One frame of a window that fills the screen.
  void frame(const std::function<void()>& draw) {
    ImGui::SetCurrentContext(context_);
    ImGui::NewFrame();
    ImGui::SetNextWindowPos(ImVec2(0, 0));
    ImGui::SetNextWindowSize(ImGui::GetIO().DisplaySize);
    ImGui::Begin("##test", nullptr, ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoScrollWithMouse);
    draw();
    ImGui::End();
    ImGui::Render();
  }
  int vertices() const { return ImGui::GetDrawData()->TotalVtxCount; }

  ui::FontSet fonts;
  CountingTextures textures;

 private:
  ImGuiContext* context_ = ImGui::CreateContext();
};

}  // namespace ribostep::tests
