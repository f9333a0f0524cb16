#include "ui/conditions_field.h"

#include <imgui.h>
#include <imgui_internal.h>
#include <misc/cpp/imgui_stdlib.h>

#include <algorithm>
#include <cmath>

#include "session/conditions.h"
#include "ui/widgets.h"

namespace ribostep::ui {
namespace {

using session::Conditions;

constexpr int kShown = 8;  // candidates in sight

void insert(ImGuiInputTextCallbackData& data, const query::Completion& offered, int choice) {
  if (choice < 0 || choice >= static_cast<int>(offered.candidates.size()) || offered.end > data.BufTextLen)
    return;
  data.DeleteChars(offered.begin, offered.end - offered.begin);
  data.InsertChars(offered.begin, offered.candidates[static_cast<std::size_t>(choice)].text.c_str());
}

int in_field(ImGuiInputTextCallbackData* data) {
  ConditionsState& state = *static_cast<ConditionsState*>(data->UserData);
  const int size = static_cast<int>(state.offered.candidates.size());
  if (data->EventFlag == ImGuiInputTextFlags_CallbackCompletion) {
    insert(*data, state.offered, std::max(state.choice, 0));
    state.choice = -1;
    state.closed = false;
  } else if (data->EventFlag == ImGuiInputTextFlags_CallbackHistory) {
    if (size == 0) return 0;
    state.closed = false;
    const int by = data->EventKey == ImGuiKey_UpArrow ? -1 : 1;
    state.choice = state.choice < 0 && by < 0 ? size - 1 : (state.choice + by + size) % size;
  } else if (data->EventFlag == ImGuiInputTextFlags_CallbackEdit) {
    state.choice = -1;
    state.closed = false;
  } else {
    if (state.caret_to_end) {
      data->ClearSelection();
      data->CursorPos = data->BufTextLen;
      state.caret_to_end = false;
    }
    state.caret = static_cast<std::size_t>(data->CursorPos);
  }
  return 0;
}

// Takes a candidate into the text while the field itself does not look.
void take(ConditionsState& state, int choice) {
  const query::Completion& o = state.offered;
  if (choice < 0 || choice >= static_cast<int>(o.candidates.size())) return;
  const auto begin = static_cast<std::size_t>(o.begin), end = static_cast<std::size_t>(o.end);
  if (end > state.text.size()) return;
  state.text.replace(begin, end - begin, o.candidates[static_cast<std::size_t>(choice)].text);
  state.choice = -1;
  state.focus = true;
}

void draw_underline(const Panel& p, const ConditionsState& state, const query::Problem& problem, ImVec2 min,
                    ImVec2 max, float scroll) {
  const auto begin = static_cast<std::size_t>(problem.begin);
  const auto end =
      std::min(static_cast<std::size_t>(std::max(problem.end, problem.begin)), state.text.size());
  const char* text = state.text.c_str();
  const float left = min.x + ImGui::GetStyle().FramePadding.x - scroll;
  const float x0 = left + ImGui::CalcTextSize(text, text + std::min(begin, state.text.size())).x;
  const float x1 = std::max(left + ImGui::CalcTextSize(text, text + end).x, x0 + 7);
  const float y = max.y - 3;
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  draw.PushClipRect(min, max, true);
  // A wave, as text editors draw it.
  for (float x = x0; x < x1; x += 4) {
    draw.AddLine(ImVec2(x, y), ImVec2(std::min(x + 2, x1), y - 2), p.theme.error, 1.4f);
    draw.AddLine(ImVec2(std::min(x + 2, x1), y - 2), ImVec2(std::min(x + 4, x1), y), p.theme.error, 1.4f);
  }
  draw.PopClipRect();
}

// The list floats over what is below, or above where there is no room.
void draw_candidates(Panel& p, ConditionsState& state, ImVec2 min, ImVec2 max) {
  const int size = static_cast<int>(state.offered.candidates.size());
  const float line = ImGui::GetTextLineHeight() + (p.touch ? 14.0f : 6.0f);
  const int shown = std::min(size, kShown);
  float words = 0, notes = 0;
  for (const query::Candidate& c : state.offered.candidates) {
    words = std::max(words, ImGui::CalcTextSize(c.text.c_str()).x);
    notes = std::max(notes, ImGui::CalcTextSize(c.note.c_str()).x);
  }
  const ImVec2 screen = ImGui::GetMainViewport()->Size;
  const float width = std::min(words + notes + 40, screen.x - 16),
              height = static_cast<float>(shown) * line + 8;
  const bool below = max.y + height + 2 <= screen.y;
  const ImVec2 at(std::max(4.0f, std::min(min.x, screen.x - width - 8)),
                  below ? max.y + 2 : min.y - height - 2);
  ImGui::SetNextWindowPos(at);
  ImGui::SetNextWindowSize(ImVec2(width, height));
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(4, 4));
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, ImVec2(0, 0));
  constexpr ImGuiWindowFlags kFlags = ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove |
                                      ImGuiWindowFlags_NoSavedSettings | ImGuiWindowFlags_NoFocusOnAppearing |
                                      ImGuiWindowFlags_NoNav | ImGuiWindowFlags_NoScrollWithMouse;
  if (ImGui::Begin("##candidates", nullptr, kFlags)) {
    ImGui::BringWindowToDisplayFront(ImGui::GetCurrentWindow());
    const int first = std::clamp(state.choice - shown + 1, 0, size - shown);
    ImDrawList& draw = *ImGui::GetWindowDrawList();
    for (int i = first; i < first + shown; ++i) {
      const query::Candidate& c = state.offered.candidates[static_cast<std::size_t>(i)];
      const ImVec2 corner = ImGui::GetCursorScreenPos();
      ImGui::PushID(i);
      // Pressed, not released: the field loses the keyboard with the press.
      ImGui::InvisibleButton(("candidate " + c.text).c_str(), ImVec2(width - 8, line));
      const bool over = ImGui::IsItemHovered();
      ImGui::PopID();
      if (over || i == state.choice)
        draw.AddRectFilled(corner, ImVec2(corner.x + width - 8, corner.y + line),
                           mixed(p.theme.panel, p.theme.accent, over && i != state.choice ? 0.1f : 0.2f), 3);
      const float y = corner.y + (line - ImGui::GetTextLineHeight()) / 2;
      draw.AddText(ImVec2(corner.x + 6, y), p.theme.text, c.text.c_str());
      draw.AddText(ImVec2(corner.x + words + 22, y), p.theme.text_dim, c.note.c_str());
      if (over && ImGui::IsMouseClicked(ImGuiMouseButton_Left)) take(state, i);
    }
  }
  ImGui::End();
  ImGui::PopStyleVar(2);
}

void submit(Panel& p, ConditionsState& state) {
  Conditions& conditions = p.session.conditions();
  const bool known = state.editing >= 0 && state.editing < static_cast<int>(conditions.list().size());
  bool done = false;
  if (known) {
    io::Condition to = conditions.list()[static_cast<std::size_t>(state.editing)];
    to.text = state.text;
    done = conditions.change(state.editing, std::move(to));
  } else {
    io::Condition fresh;
    fresh.text = state.text;
    done = conditions.add(std::move(fresh));
  }
  if (!done) {
    state.focus = true;
    return;
  }
  state.text.clear();
  state.editing = -1;
}

}  // namespace

void edit_condition(Panel& p, UiState& ui, int index) {
  ConditionsState& state = ui.conditions;
  const auto& list = p.session.conditions().list();
  const bool known = index >= 0 && index < static_cast<int>(list.size());
  if (known || state.editing >= 0)
    state.text = known ? list[static_cast<std::size_t>(index)].text : std::string();
  state.editing = known ? index : -1;
  state.focus = true;
  p.state.bottom_tab = BottomTab::Conditions;
  p.state.show_bottom_tab = true;
  if (p.touch) p.state.phone_tab = PhoneTab::Results;
}

void draw_condition_field(Panel& p, UiState& ui, float width) {
  ConditionsState& state = ui.conditions;
  Conditions& conditions = p.session.conditions();
  if (state.editing >= static_cast<int>(conditions.list().size())) state.editing = -1;
  const char* label = state.editing >= 0 ? "Change###add" : "Add###add";
  const float button_width = ImGui::CalcTextSize("Change").x + 2 * ImGui::GetStyle().FramePadding.x + 8;
  const query::Parsed parsed = conditions.check(state.text);
  const bool possible = p.session.has_data() && parsed.ok() && !state.text.empty();

  bool entered = false;
  float scroll = 0;
  ImVec2 min, max;
  {
    const FontScope font(p.fonts.mono);
    ImGui::SetNextItemWidth(width - button_width - ImGui::GetStyle().ItemSpacing.x);
    if (state.focus) {
      ImGui::SetWindowFocus();  // else the request would go to the child window that was used last
      ImGui::SetKeyboardFocusHere();
      state.focus = false;
      state.caret_to_end = true;
    }
    constexpr ImGuiInputTextFlags kFlags =
        ImGuiInputTextFlags_EnterReturnsTrue | ImGuiInputTextFlags_CallbackAlways |
        ImGuiInputTextFlags_CallbackCompletion | ImGuiInputTextFlags_CallbackHistory |
        ImGuiInputTextFlags_CallbackEdit;
    const char* hint = p.touch ? "h[3] > 0.9" : "h[3] > 0.9   argmax changes   seq ~ TATAAT";
    entered = ImGui::InputTextWithHint("##condition", hint, &state.text, kFlags, in_field, &state);
    min = ImGui::GetItemRectMin();
    max = ImGui::GetItemRectMax();
    const bool was_active = state.active, active = ImGui::IsItemActive();
    if (const ImGuiInputTextState* inner = ImGui::GetInputTextState(ImGui::GetItemID()); active && inner)
      scroll = inner->ScrollX;
    if (was_active && !active && state.editing >= 0 && ImGui::IsKeyPressed(ImGuiKey_Escape, false)) {
      state.text.clear();
      state.editing = -1;
    }
    if (state.text.size() > query::kMaxText) state.text.resize(query::kMaxText);
    if (!parsed.ok() && !state.text.empty()) draw_underline(p, state, parsed.problem, min, max, scroll);
    state.active = active;
    if (entered && state.choice >= 0 && !state.closed) {
      take(state, state.choice);
      entered = false;
    }
    if ((active || was_active) && !state.closed && p.session.has_data() && !entered) {
      if (active) state.offered = conditions.complete(state.text, state.caret);
      const auto& all = state.offered.candidates;
      state.choice = std::min(state.choice, static_cast<int>(all.size()) - 1);
      // What is typed already is no offer.
      const bool same =
          all.size() == 1 && static_cast<std::size_t>(state.offered.end) <= state.text.size() &&
          state.text.substr(static_cast<std::size_t>(state.offered.begin),
                            static_cast<std::size_t>(state.offered.end - state.offered.begin)) == all[0].text;
      // An empty field offers everything only when it is asked to, by an arrow key.
      if (!all.empty() && !same && (!state.text.empty() || state.choice >= 0))
        draw_candidates(p, state, min, max);
    }
  }
  ImGui::SameLine();
  const bool pressed = primary_button(p, label, possible, button_width);
  tip(p, possible ? "Stop here, mark it on the ruler, or watch it" : parsed.problem.reason, "Enter");
  // Text that cannot be added stays, with its reason below.
  if (entered && !possible) state.focus = true;
  if ((entered && possible) || pressed) submit(p, state);

  if (state.text.empty())
    dim(p, "Tab completes a word. A number without a comparison is watched as a track.");
  else if (parsed.ok())
    dim(p, parsed.condition.truth ? "Enter adds it." : "A number: Enter adds a track that shows it.");
  else
    icon_line(p, Icon::Error, p.theme.error, parsed.problem.reason);
}

}  // namespace ribostep::ui
