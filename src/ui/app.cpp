// The whole screen; see app.h. Everything drawn is in layout.cpp, everything a person can do is Session's.
#include "ui/app.h"

#include <imgui.h>

#include <algorithm>
#include <utility>

#include "ui/keyboard.h"
#include "ui/layout.h"
#include "ui/panel_state.h"
#include "ui/preferences.h"
#include "ui/ui_state.h"

namespace ribostep::ui {
namespace {

// Time a frame may spend on sliced work (the trace of a long sequence), so that input stays smooth.
constexpr double kUpdateBudgetMs = 6;

bool flag(const nlohmann::json& head, const char* key) {
  const auto at = head.find(key);
  return at != head.end() && at->is_boolean() && at->get<bool>();
}

bool is_for_preferences(const session::Message& message) {
  const auto at = message.head.find("key");
  return at != message.head.end() && at->is_string() && at->get<std::string>() == kPreferencesKey;
}

}  // namespace

struct App::State {
  explicit State(TextureStore& t) : textures(t) {}

  TextureStore& textures;
  session::Session session;
  UiState ui;
  PanelState panels;
  FontSet fonts;
  std::vector<session::Message> outbox;
  ThemeMode posted_theme = ThemeMode::System;
  bool wants_frame = true;

  bool dark() const {
    return panels.theme_mode == ThemeMode::System ? panels.system_dark : panels.theme_mode == ThemeMode::Dark;
  }
  void tell_page_about_theme() {
    if (posted_theme == panels.theme_mode) return;
    posted_theme = panels.theme_mode;
    outbox.push_back({{{"type", "theme"}, {"mode", theme_name(posted_theme)}}, {}});
  }
  void save_preferences() {
    if (!panels.preferences_changed || ImGui::IsAnyMouseDown()) return;  // once a drag has ended
    panels.preferences_changed = false;
    outbox.push_back(preferences_message(panels));
  }
};

App::App(TextureStore& textures) : state_(std::make_unique<State>(textures)) {}
App::~App() = default;

void App::receive(const session::Message& message) {
  State& s = *state_;
  s.wants_frame = true;
  const std::string type = message.type();
  if (type == "boot") {
    s.panels.system_dark = flag(message.head, "dark");
    s.outbox.push_back({{{"type", "load"}, {"key", kPreferencesKey}}, {}});
  } else if (type == "theme") {
    s.panels.system_dark = flag(message.head, "dark");
    return;
  } else if ((type == "loaded" || type == "stored") && is_for_preferences(message)) {
    if (type == "loaded" && flag(message.head, "ok")) read_preferences(message.body, s.panels);
    s.tell_page_about_theme();
    return;
  }
  s.session.receive(message);
}

void App::receive_from_worker(const session::Message& message) {
  state_->wants_frame = true;
  state_->session.receive_from_worker(message);
}

std::vector<session::Message> App::take_outbox() {
  std::vector<session::Message> all = state_->session.take_outbox();
  std::move(state_->outbox.begin(), state_->outbox.end(), std::back_inserter(all));
  state_->outbox.clear();
  return all;
}

void App::set_fonts(const FontSet& fonts) { state_->fonts = fonts; }

void App::frame(double now_seconds, float width, float height) {
  State& s = *state_;
  if (!(width >= 1) || !(height >= 1)) return;  // a page that is not laid out yet
  ImGuiIO& io = ImGui::GetIO();
  io.ConfigDragClickToInputText = true;  // numbers: drag, or click and type
  const bool touch = width < kPhoneWidth;
  const Theme& colours = theme(s.dark());
  apply(colours, touch);
  begin_frame(s.ui);
  const bool more = s.session.update(now_seconds, kUpdateBudgetMs);
  Screen screen{{s.session, s.panels, colours, s.fonts, s.outbox, touch}, s.ui, s.textures, width, height};
  handle_keyboard(screen.panel);
  const std::uint64_t before = s.session.serial();
  draw_screen(screen);
  s.tell_page_about_theme();
  s.save_preferences();
  // A verb called while drawing shows in the next frame at the latest.
  s.wants_frame = more || s.ui.wants_frame || s.session.serial() != before;
}

bool App::wants_frame() const { return state_->wants_frame; }
session::Session& App::session() { return state_->session; }
UiState& App::state() { return state_->ui; }
PanelState& App::panels() { return state_->panels; }

}  // namespace ribostep::ui
