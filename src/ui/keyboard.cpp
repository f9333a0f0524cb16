// Keys; see keyboard.h.
#include "ui/keyboard.h"

#include <imgui.h>
#include <imgui_internal.h>

#include <algorithm>

namespace ribostep::ui {
namespace {

using session::Session;

constexpr int kCodon = 3;

struct Binding {
  ImGuiKey key;
  bool shift;
  bool repeats;
  void (*act)(Session&);
};

constexpr Binding kBindings[] = {
    {ImGuiKey_LeftArrow, false, true, [](Session& s) { s.step(-1); }},
    {ImGuiKey_RightArrow, false, true, [](Session& s) { s.step(1); }},
    {ImGuiKey_LeftArrow, true, true, [](Session& s) { s.step(-kCodon); }},
    {ImGuiKey_RightArrow, true, true, [](Session& s) { s.step(kCodon); }},
    {ImGuiKey_Home, false, false, [](Session& s) { s.go_to(0); }},
    {ImGuiKey_End, false, false, [](Session& s) { s.go_to(s.length()); }},
    {ImGuiKey_Space, false, false, [](Session& s) { s.set_running(!s.running()); }},
    {ImGuiKey_UpArrow, false, true, [](Session& s) { s.select_sequence(s.project().cursor.sequence - 1); }},
    {ImGuiKey_DownArrow, false, true, [](Session& s) { s.select_sequence(s.project().cursor.sequence + 1); }},
};

constexpr KeyHelp kHelp[] = {
    {"Right / Left", "read one letter / go back one"},
    {"Shift + Right / Left", "one codon (three letters)"},
    {"Home / End", "before the first letter / after the last"},
    {"Space", "read on by itself / pause"},
    {"Down / Up", "next / previous sequence"},
    {"Ctrl + V", "paste sequences or a project file, anywhere"},
    {"Ctrl + C", "copy the sequence on screen"},
    {"Ctrl + O, Ctrl + S", "open a file / save the project as a file"},
    {"Ctrl + Z", "undo"},
    {"Ctrl + Shift + Z, Ctrl + Y", "redo"},
    {"Click or drag on a track", "move the position"},
    {"Wheel, Ctrl + wheel", "move along, zoom"},
    {"?", "this sheet"},
    {"Esc", "close"},
};

bool select_possible(const Session& s, ImGuiKey key) {
  const int sequence = s.project().cursor.sequence;
  if (key == ImGuiKey_UpArrow) return sequence > 0;
  if (key == ImGuiKey_DownArrow) return sequence + 1 < s.data().size();
  return true;
}

bool question_mark() {
  const ImVector<ImWchar>& typed = ImGui::GetIO().InputQueueCharacters;
  return std::find(typed.begin(), typed.end(), static_cast<ImWchar>('?')) != typed.end();
}

void handle_history(Session& s) {
  const ImGuiIO& io = ImGui::GetIO();
  const bool z = ImGui::IsKeyPressed(ImGuiKey_Z), y = ImGui::IsKeyPressed(ImGuiKey_Y);
  if ((z && io.KeyShift) || y) {
    if (s.can_redo()) s.redo();
  } else if (z && s.can_undo()) {
    s.undo();
  }
}

}  // namespace

std::span<const KeyHelp> key_help() { return kHelp; }

void handle_keyboard(Panel& p) {
  const ImGuiIO& io = ImGui::GetIO();
  if (io.WantTextInput || ImGui::IsAnyItemActive()) return;
  const bool popup = ImGui::IsPopupOpen(nullptr, ImGuiPopupFlags_AnyPopupId | ImGuiPopupFlags_AnyPopupLevel);
  if (ImGui::IsKeyPressed(ImGuiKey_Escape, false)) {
    p.state.help_open = p.state.licence_open = false;
    if (popup)
      ImGui::ClosePopupToLevel(0, true);  // ImGui itself does so only with its keyboard navigation on
  }
  if (popup) return;
  if (question_mark()) {
    p.state.help_open = !p.state.help_open;
    return;
  }
  // Ctrl on PCs, Cmd on Macs.
  if (io.KeyCtrl || io.KeySuper) {
    if (io.KeyAlt) return;
    handle_history(p.session);
    if (ImGui::IsKeyPressed(ImGuiKey_S, false) && p.session.has_data()) p.session.export_project();
    if (ImGui::IsKeyPressed(ImGuiKey_O, false)) p.session.ask_for_file();
    return;
  }
  if (io.KeyAlt || !p.session.has_data()) return;
  for (const Binding& binding : kBindings) {
    if (binding.shift != io.KeyShift || !ImGui::IsKeyPressed(binding.key, binding.repeats)) continue;
    if (select_possible(p.session, binding.key)) binding.act(p.session);
  }
}

}  // namespace ribostep::ui
