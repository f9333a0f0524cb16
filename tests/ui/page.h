// The whole screen over a real session with its worker, driven as the platform drives it: by mouse and key
// events, without a GPU.
#pragma once
#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "headless.h"
#include "items.h"
#include "ui/app.h"
#include "ui/layout.h"
#include "ui/panel_state.h"
#include "ui/ui_state.h"

namespace ribostep::tests {

// The application as the platform drives it.
struct Page {
  CountingTextures textures;
  ImGuiContext* context = ImGui::CreateContext();
  ui::App app{textures};
  session::LocalWorker worker;
  double now = 0;
  float width, height;

  explicit Page(float w = 1280, float h = 800)
      : worker(app.session(),
               [](const std::string& url) -> std::optional<session::Bytes> {
                 std::ifstream file(std::string(RIBOSTEP_SOURCE_DIR) + "/" + url, std::ios::binary);
                 if (!file) return std::nullopt;
                 return session::Bytes(std::istreambuf_iterator<char>(file), {});
               }),
        width(w),
        height(h) {
    ImGui::SetCurrentContext(context);
    watch_items();
    ImGuiIO& io = ImGui::GetIO();
    io.IniFilename = nullptr;
    ImFont* font = io.Fonts->AddFontDefault();
    io.Fonts->Build();
    io.Fonts->SetTexID(reinterpret_cast<ImTextureID>(std::uintptr_t{1}));
    app.set_fonts({font, font, font, font, font, font});
  }
  ~Page() { ImGui::DestroyContext(context); }
  Page(const Page&) = delete;
  Page& operator=(const Page&) = delete;

  // A phone on which the whole model panel is in sight at once.
  static Page model_page(float width = 390) { return Page(width, 3000, ui::PhoneTab::Model); }
  Page(float w, float h, ui::PhoneTab tab) : Page(w, h) { app.panels().phone_tab = tab; }

  session::Session& session() { return app.session(); }
  void open_example() {
    worker.boot();
    worker.settle();
    frames(3);
  }
  void paste(const std::string& text) {
    app.receive(
        {{{"type", "text"}, {"source", "paste"}, {"name", ""}}, session::Bytes(text.begin(), text.end())});
    worker.settle();
    frames(3);
  }
  void frames(int n = 1) {
    for (int i = 0; i < n; ++i) {
      ImGuiIO& io = ImGui::GetIO();
      io.DisplaySize = ImVec2(width, height);
      io.DeltaTime = 1.0f / 60;
      now += 1.0 / 60;
      drawn_items().clear();
      ImGui::NewFrame();
      app.frame(now, width, height);
      ImGui::Render();
    }
  }
  bool shown(const std::string& label) {
    frames();
    return drawn_items().count(label) > 0;
  }
  Item item(const std::string& label) {
    REQUIRE_MESSAGE(shown(label), "not on the screen: ", label);
    return drawn_items()[label];
  }
  void click(const std::string& label) { click(item(label).centre()); }
  void click(ImVec2 at) {
    ImGui::GetIO().AddMousePosEvent(at.x, at.y);
    frames();
    ImGui::GetIO().AddMouseButtonEvent(0, true);
    frames();
    ImGui::GetIO().AddMouseButtonEvent(0, false);
    frames();
  }
  // Opens a list; with `option` also chooses there.
  void choose(const char* id, const std::string& option = {}) {
    frames();
    const Item list = combo_item(touch() ? "##phone" : "##settings", id);
    REQUIRE_MESSAGE(list.max.x > 0, "not on the screen: ", id);
    click(list.centre());
    frames();
    if (!option.empty()) click(option);
    frames(2);
  }
  bool touch() const { return width < ui::kPhoneWidth; }
  // A click turns a number into text.
  void type_into(const std::string& label, const char* text) {
    click(label);
    type(text);
    key(ImGuiKey_Enter);
    frames(2);
  }
  void key(ImGuiKey k, ImGuiKey modifier = ImGuiKey_None) {
    ImGuiIO& io = ImGui::GetIO();
    if (modifier != ImGuiKey_None) io.AddKeyEvent(modifier, true);
    io.AddKeyEvent(k, true);
    frames();
    io.AddKeyEvent(k, false);
    if (modifier != ImGuiKey_None) io.AddKeyEvent(modifier, false);
    frames();
  }
  void type(const char* text) {
    ImGui::GetIO().AddInputCharactersUTF8(text);
    frames(2);
  }
  std::vector<std::string> posted() {
    std::vector<std::string> types;
    for (const session::Message& m : app.take_outbox()) types.push_back(m.type());
    return types;
  }
};

}  // namespace ribostep::tests
