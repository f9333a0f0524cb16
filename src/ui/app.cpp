// The whole screen; see app.h. Everything drawn is in layout.cpp, everything a person can do is Session's.
#include "ui/app.h"

#include <imgui.h>

#include <algorithm>
#include <utility>

#include "ui/keyboard.h"
#include "ui/layout.h"
#include "ui/panel_state.h"
#include "ui/preferences.h"
#include "ui/track_export.h"
#include "ui/ui_state.h"

namespace ribostep::ui {
namespace {

// Sliced work inside a frame, at the pace of a slow core: a short sequence's new states show at once, the
// trace of a long one is made between frames.
constexpr double kUpdateBudgetMs = 6;
constexpr double kProgressSeconds = 0.1;  // between two frames that only show how far that is

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
  double drawn_s = -1;  // the last frame

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

void App::receive(session::Message message) {
  State& s = *state_;
  const std::string type = message.type();
  const std::uint64_t before = s.session.serial();
  if (type == "boot") {
    s.panels.system_dark = flag(message.head, "dark");
    s.outbox.push_back({{{"type", "load"}, {"key", kPreferencesKey}}, {}});
  } else if (type == "theme") {
    s.panels.system_dark = flag(message.head, "dark");
    s.wants_frame = true;
    return;
  } else if ((type == "loaded" || type == "stored") && is_for_preferences(message)) {
    if (type == "loaded" && flag(message.head, "ok")) read_preferences(message.body, s.panels);
    s.tell_page_about_theme();
    s.wants_frame = true;
    return;
  }
  if (type == "verb" && hear_export_verb(message.head, s.ui)) {
    s.wants_frame = true;
    return;
  }
  s.session.receive(std::move(message));
  // A verb may have marked what only a frame brings to its end; a stored autosave shows nowhere.
  if (type != "stored" || s.session.serial() != before) s.wants_frame = true;
}

void App::receive_from_worker(const session::Message& message) {
  State& s = *state_;
  s.session.receive_from_worker(message);
  // News that bring a new trace are drawn together with it, unless it takes long (see work()).
  if (!s.session.has_work()) s.wants_frame = true;
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
  s.wants_frame = false;
  if (!(width >= 1) || !(height >= 1))
    return;  // a page that is not laid out yet; its first size brings a frame
  ImGuiIO& io = ImGui::GetIO();
  io.ConfigDragClickToInputText = true;  // numbers: drag, or click and type
  const bool touch = width < kPhoneWidth;
  const Theme& colours = theme(s.dark());
  apply(colours, touch);
  begin_frame(s.ui);
  s.ui.shell.tracks_w = 0;
  s.drawn_s = now_seconds;
  s.session.update(now_seconds, s.session.has_long_work() ? 0 : kUpdateBudgetMs);
  Screen screen{{s.session, s.panels, colours, s.fonts, s.outbox, touch}, s.ui, s.textures, width, height};
  handle_keyboard(screen.panel, s.ui);
  const std::uint64_t before = s.session.serial();
  draw_screen(screen);
  serve_exports(screen.panel, s.ui);
  s.tell_page_about_theme();
  s.save_preferences();
  // A verb called while drawing shows in the next frame at the latest.
  s.wants_frame = s.session.running() || s.ui.wants_frame || s.session.serial() != before;
}

bool App::wants_frame() const { return state_->wants_frame; }

void App::work(double now_seconds, double budget_ms, double (*clock_ms)()) {
  State& s = *state_;
  const std::uint64_t before = s.session.serial();
  s.session.update(now_seconds, 0);
  const bool more = s.session.work(budget_ms, clock_ms);
  const bool progress = more && now_seconds - s.drawn_s > kProgressSeconds;
  if (progress || (s.session.serial() != before && !more)) s.wants_frame = true;
}

double App::work_due(double now_seconds) const {
  const session::Session& session = state_->session;
  if (session.has_work()) return 0;
  const double due = session.due_seconds();
  return due < 0 ? due : std::max(0.0, due - now_seconds);
}
session::Session& App::session() { return state_->session; }
UiState& App::state() { return state_->ui; }
PanelState& App::panels() { return state_->panels; }

}  // namespace ribostep::ui
