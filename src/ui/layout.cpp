// Where everything is; see layout.h. Panes are child windows of one root window, with splitters between them.
#include "ui/layout.h"

#include <imgui.h>

#include <algorithm>
#include <cmath>

#include "session/history.h"
#include "ui/circle_panel.h"
#include "ui/curves.h"
#include "ui/data_panel.h"
#include "ui/debug_panels.h"
#include "ui/help.h"
#include "ui/model_panel.h"
#include "ui/palette.h"
#include "ui/results_panel.h"
#include "ui/sequences_table.h"
#include "ui/status_bar.h"
#include "ui/toolbar.h"
#include "ui/tracks.h"
#include "ui/train_panel.h"
#include "ui/widgets.h"

namespace ribostep::ui {
namespace {

constexpr float kMargin = 8;  // around the panes
constexpr float kMinLeft = 306, kMaxLeft = 480, kMinRight = 250, kMinTracks = 340, kMinBottom = 120,
                kMinUpper = 200;
constexpr float kPhoneCurves = 420;
constexpr ImGuiWindowFlags kStill = ImGuiWindowFlags_NoScrollbar | ImGuiWindowFlags_NoScrollWithMouse;

void strip(const Theme& t, ImVec2 at, ImVec2 size, bool line_below) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  list.AddRectFilled(at, ImVec2(at.x + size.x, at.y + size.y), t.panel);
  const float y = line_below ? at.y + size.y - 0.5f : at.y + 0.5f;
  list.AddLine(ImVec2(at.x, y), ImVec2(at.x + size.x, y), t.border);
}

bool begin_pane(const char* id, ImVec2 size, ImGuiWindowFlags flags = 0) {
  return ImGui::BeginChild(id, size, ImGuiChildFlags_Border, flags);
}

// A frame in the colour of warnings: what is inside is the untrained twin's, or an earlier update's.
void frame_of_twin(const Panel& p) {
  if (!p.session.showing_untrained_twin() && !p.session.history().visiting()) return;
  const ImVec2 a = ImGui::GetItemRectMin(), b = ImGui::GetItemRectMax();
  ImGui::GetWindowDrawList()->AddRect(ImVec2(a.x + 0.5f, a.y + 0.5f), ImVec2(b.x - 0.5f, b.y - 0.5f),
                                      p.theme.warning, ImGui::GetStyle().ChildRounding, 0, 2);
}

// ---- strips ----------------------------------------------------------------------------------------------

float draw_top(Screen& s) {
  Panel& p = s.panel;
  const float height = toolbar_height(p.touch);
  strip(p.theme, ImVec2(0, 0), ImVec2(s.width, height), true);
  const float row = ImGui::GetFrameHeight();
  ImGui::SetCursorPos(ImVec2(p.touch ? kMargin : 14.0f, p.touch ? 7.0f : std::floor((height - row) * 0.5f)));
  if (p.touch) ImGui::Indent(kMargin);
  draw_toolbar(p, s.ui, s.width);
  if (p.touch) ImGui::Unindent(kMargin);
  return height;
}

float draw_hint(Screen& s, float top) {
  Panel& p = s.panel;
  if (p.state.hint_dismissed) return 0;
  const FontScope font(p.fonts.small);
  const float line = ImGui::GetTextLineHeight();
  const float height = line + 14;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  list.AddRectFilled(ImVec2(0, top), ImVec2(s.width, top + height),
                     mixed(p.theme.panel, p.theme.accent, 0.12f));
  const char* words =
      p.touch ? "Step with the arrows; tap Data for your own sequences."
              : "New here? Press the right arrow key to read one letter at a time. Paste your own "
                "sequences anywhere with Ctrl + V, then press Train.";
  const float left = p.touch ? kMargin : 14.0f;
  list.AddText(ImVec2(left, top + 7), p.theme.text, fitted_text(words, s.width - left - 44).c_str());
  ImGui::SetCursorPos(ImVec2(s.width - 34, top + 1));
  if (ImGui::InvisibleButton("##dismiss", ImVec2(28, height - 2))) {
    p.state.hint_dismissed = true;
    p.state.preferences_changed = true;
  }
  tip(p, "Hide this line");
  draw_icon(list, Icon::Close, ImVec2(s.width - 20, top + height * 0.5f), line * 0.8f,
            ImGui::IsItemHovered() ? p.theme.text : p.theme.text_dim);
  return height;
}

void draw_bottom_strip(Screen& s) {
  Panel& p = s.panel;
  const float height = status_bar_height(p);
  strip(p.theme, ImVec2(0, s.height - height), ImVec2(s.width, height), false);
  ImGui::SetCursorPos(ImVec2(0, s.height - height));
  draw_status_bar(p, s.width);
}

// ---- desk ------------------------------------------------------------------------------------------------

// Settings scroll; the buttons that train stay in sight below them.
void draw_left(Screen& s, ImVec2 size) {
  Panel& p = s.panel;
  if (!begin_pane("##left", size, kStill)) return ImGui::EndChild();
  const float controls = std::min(p.state.train_controls_height, size.y * 0.5f);
  const float rest = ImGui::GetContentRegionAvail().y - controls;
  if (ImGui::BeginChild("##settings", ImVec2(0, rest))) {
    if (section(p, "Data")) {
      draw_data_panel(p);
      ImGui::Dummy(ImVec2(0, 2));
    }
    if (section(p, "Model")) {
      draw_model_panel(p);
      ImGui::Dummy(ImVec2(0, 2));
    }
    if (section(p, "Training settings")) draw_train_settings(p);
    draw_circle_section(p);
  }
  ImGui::EndChild();
  const float before = ImGui::GetCursorPosY();
  ImGui::Separator();
  draw_train_controls(p);
  p.state.train_controls_height = ImGui::GetCursorPosY() - before + 2;  // takes effect in the next frame
  ImGui::EndChild();
}

void draw_tracks_pane(Screen& s, ImVec2 size) {
  Panel& p = s.panel;
  if (begin_pane("##tracks_pane", size, kStill))
    draw_tracks(p.session, s.ui, p.theme, p.fonts, s.textures, ImGui::GetContentRegionAvail());
  ImGui::EndChild();
  frame_of_twin(p);
}

void draw_inspector_pane(Screen& s, ImVec2 size) {
  Panel& p = s.panel;
  if (begin_pane("##inspector_pane", size)) {
    draw_inspector(p.session, s.ui, p.theme, p.fonts, ImGui::GetContentRegionAvail());
    const float width_here = ImGui::GetContentRegionAvail().x;
    draw_origin_section(p, s.ui, width_here);
    draw_state_edit_section(p, s.ui, width_here);
    draw_gauge_section(p, s.ui, width_here);
  }
  ImGui::EndChild();
  frame_of_twin(p);
}

// Eleven words beside each other fit 1280 pixels like this. A tab bar places words by the padding it began
// with, and a tab's width comes from the padding of its moment.
ImVec2 tab_padding(const Panel& p) {
  const ImVec2 padding = ImGui::GetStyle().FramePadding;
  return ImVec2(p.touch ? padding.x : padding.x - 4, padding.y);
}

template <class Draw>
void draw_tab(Panel& p, const char* label, BottomTab tab, Draw draw) {
  const bool bring = p.state.show_bottom_tab && p.state.bottom_tab == tab;
  ImGui::PushStyleVar(ImGuiStyleVar_FramePadding, tab_padding(p));
  const bool open =
      ImGui::BeginTabItem(label, nullptr, bring ? ImGuiTabItemFlags_SetSelected : ImGuiTabItemFlags_None);
  ImGui::PopStyleVar();
  if (!open) return;
  if (!p.state.show_bottom_tab) p.state.bottom_tab = tab;
  if (bring) p.state.show_bottom_tab = false;
  ImGui::Dummy(ImVec2(0, 1));
  if (ImGui::BeginChild("##content")) draw(p, ImGui::GetContentRegionAvail());
  ImGui::EndChild();
  ImGui::EndTabItem();
}

void draw_bottom(Screen& s, ImVec2 size) {
  const bool open = begin_pane("##bottom", size, kStill);
  ImGui::PushStyleVar(ImGuiStyleVar_FramePadding, tab_padding(s.panel));
  const bool bar = open && ImGui::BeginTabBar("##tabs", ImGuiTabBarFlags_FittingPolicyScroll);
  ImGui::PopStyleVar();
  if (bar) {
    if (!s.panel.touch) draw_tab(s.panel, "Curves", BottomTab::Curves, draw_curves);
    draw_tab(s.panel, "Sequences", BottomTab::Sequences, draw_sequences);
    draw_tab(s.panel, "Results", BottomTab::Results, draw_results);
    struct Tab {
      const char* label;
      BottomTab tab;
      void (*draw)(Panel&, UiState&, ImVec2);
    };
    static constexpr Tab kDebugging[] = {{"Runs", BottomTab::Runs, draw_runs_panel},
                                         {"Conditions", BottomTab::Conditions, draw_conditions_panel},
                                         {"Compare", BottomTab::Compare, draw_compare_panel},
                                         {"Attribution", BottomTab::Attribution, draw_attribution_panel},
                                         {"State space", BottomTab::Space, draw_space_panel},
                                         {"Units", BottomTab::Units, draw_units_panel},
                                         {"Weights", BottomTab::Weights, draw_weights_panel},
                                         {"Machine", BottomTab::Machine, draw_machine_panel}};
    for (const Tab& tab : kDebugging)
      draw_tab(s.panel, tab.label, tab.tab, [&](Panel& p, ImVec2 room) { tab.draw(p, s.ui, room); });
    ImGui::EndTabBar();
  }
  ImGui::EndChild();
}

void draw_desk(Screen& s, float top, float bottom) {
  PanelState& state = s.panel.state;
  const ImVec2 gap = ImGui::GetStyle().ItemSpacing;
  const float height = bottom - top - 2 * kMargin, width = s.width - 2 * kMargin;
  // What a person chose is kept while a small window leaves less room for it.
  const float max_left = std::clamp(width - kMinRight - kMinTracks - 2 * gap.x, kMinLeft, kMaxLeft);
  float left = std::clamp(state.left, kMinLeft, max_left);
  const float max_right = std::max(kMinRight, width - left - kMinTracks - 2 * gap.x);
  float right = std::clamp(state.right, kMinRight, max_right);
  const float max_lower = std::max(kMinBottom, height - kMinUpper - gap.y);
  // An automaton takes more room than curves do.
  float& wished = state.bottom_tab == BottomTab::Machine ? state.bottom_machine : state.bottom;
  float lower = std::clamp(wished, kMinBottom, max_lower);
  const float upper = height - lower - gap.y, middle = width - left - right - 2 * gap.x;
  const float x = kMargin + left + gap.x, y = top + kMargin;
  const ImVec2 left_size(left, height), right_size(right, upper), lower_size(middle + gap.x + right, lower);
  const Panel& p = s.panel;

  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, ImVec2(0, 0));
  const auto place = [](float px, float py) { ImGui::SetCursorPos(ImVec2(px, py)); };
  const auto keep = [&](bool moved, float value, float& wish) {
    if (moved) wish = value;
    state.preferences_changed |= moved;
  };
  place(kMargin + left, y);
  keep(vertical_splitter(p, "##split_left", height, left, kMinLeft, max_left, kLeftWidth, 1, gap.x), left,
       state.left);
  place(x + middle, y);
  keep(vertical_splitter(p, "##split_right", upper, right, kMinRight, max_right, kRightWidth, -1, gap.x),
       right, state.right);
  place(x, y + upper);
  keep(horizontal_splitter(p, "##split_bottom", lower_size.x, lower, kMinBottom, max_lower, kBottomHeight, -1,
                           gap.y),
       lower, wished);
  ImGui::PopStyleVar();

  place(kMargin, y);
  draw_left(s, left_size);
  place(x, y);
  draw_tracks_pane(s, ImVec2(middle, upper));
  place(x + middle + gap.x, y);
  draw_inspector_pane(s, right_size);
  place(x, y + upper + gap.y);
  draw_bottom(s, lower_size);
}

// ---- phone -----------------------------------------------------------------------------------------------

// Six tabs across a narrow screen: widths follow the words, what is left over is shared out.
float draw_phone_tabs(Screen& s, float top) {
  static constexpr const char* kNames[] = {"Data", "Model", "Train", "Tracks", "Inspector", "Results"};
  Panel& p = s.panel;
  const FontScope font(p.fonts.small);
  const float height = 44;
  float words = 0;
  for (const char* name : kNames) words += ImGui::CalcTextSize(name).x;
  const float spare = std::max((s.width - words) / static_cast<float>(std::size(kNames)), 2.0f);
  strip(p.theme, ImVec2(0, top), ImVec2(s.width, height), true);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  float x = 0;
  for (std::size_t i = 0; i < std::size(kNames); ++i) {
    const ImVec2 size = ImGui::CalcTextSize(kNames[i]);
    const float width = size.x + spare;
    ImGui::SetCursorPos(ImVec2(x, top));
    if (ImGui::InvisibleButton(kNames[i], ImVec2(width, height)))
      p.state.phone_tab = static_cast<PhoneTab>(i);
    const bool on = static_cast<std::size_t>(p.state.phone_tab) == i;
    list.AddText(ImVec2(x + spare * 0.5f, top + (height - size.y) * 0.5f),
                 on ? p.theme.accent : p.theme.text_dim, kNames[i]);
    if (on) {
      list.AddRectFilled(ImVec2(x + 4, top + height - 3), ImVec2(x + width - 4, top + height),
                         p.theme.accent);
    }
    x += width;
  }
  return height;
}

void draw_phone_content(Screen& s, ImVec2 size) {
  Panel& p = s.panel;
  switch (p.state.phone_tab) {
    case PhoneTab::Tracks:
      draw_tracks_pane(s, size);
      return;
    case PhoneTab::Inspector:
      draw_inspector_pane(s, size);
      return;
    case PhoneTab::Results:
      draw_bottom(s, size);
      return;
    case PhoneTab::Data:
    case PhoneTab::Model:
    case PhoneTab::Train:
      break;
  }
  if (begin_pane("##phone", size)) {
    if (p.state.phone_tab == PhoneTab::Data) draw_data_panel(p);
    if (p.state.phone_tab == PhoneTab::Model) {
      draw_model_panel(p);
      draw_circle_section(p);
    }
    if (p.state.phone_tab == PhoneTab::Train) {
      draw_train_controls(p);
      ImGui::Spacing();
      draw_train_settings(p);
      ImGui::Spacing();
      draw_curves(p, ImVec2(ImGui::GetContentRegionAvail().x, kPhoneCurves));
    }
  }
  ImGui::EndChild();
}

void draw_phone(Screen& s, float top, float bottom) {
  const float tabs = draw_phone_tabs(s, top);
  ImGui::SetCursorPos(ImVec2(0, top + tabs));
  draw_phone_content(s, ImVec2(s.width, std::max(bottom - top - tabs, 1.0f)));
}

}  // namespace

void draw_screen(Screen& s) {
  constexpr ImGuiWindowFlags kRoot = ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove |
                                     ImGuiWindowFlags_NoSavedSettings |
                                     ImGuiWindowFlags_NoBringToFrontOnFocus | ImGuiWindowFlags_NoNavFocus |
                                     ImGuiWindowFlags_NoScrollWithMouse;
  ImGui::SetNextWindowPos(ImVec2(0, 0));
  ImGui::SetNextWindowSize(ImVec2(s.width, s.height));
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(0, 0));
  const bool open = ImGui::Begin("##root", nullptr, kRoot);
  ImGui::PopStyleVar();
  if (open) {
    const float toolbar = draw_top(s);
    const float top = toolbar + draw_hint(s, toolbar);
    const float bottom = s.height - status_bar_height(s.panel);
    if (s.panel.touch)
      draw_phone(s, top, bottom);
    else
      draw_desk(s, top, bottom);
    draw_bottom_strip(s);
    draw_licence_popup(s.panel);
    draw_letter_editor(s.panel, s.ui);
  }
  ImGui::End();
  draw_help(s.panel, s.ui, s.width, s.height);
  draw_palette(s.panel, s.ui, s.width, s.height);
}

}  // namespace ribostep::ui
