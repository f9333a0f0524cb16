// Keys; see keyboard.h.
#include "ui/keyboard.h"

#include <imgui.h>
#include <imgui_internal.h>

#include <algorithm>

#include "ui/commands_core.h"
#include "ui/edit_keys.h"

namespace ribostep::ui {
namespace {

constexpr int kCtrl = 1 << 16, kShift = 1 << 17, kAlt = 1 << 18;

// Signs are told by what was typed: on many keyboards they are on another key, or need another one held.
struct Sign {
  int identity;
  char typed;
};
constexpr Sign kSigns[] = {{ImGuiKey_LeftBracket, '['}, {ImGuiKey_RightBracket, ']'},
                           {ImGuiKey_Comma, ','},       {ImGuiKey_Period, '.'},
                           {ImGuiKey_Minus, '-'},       {ImGuiKey_Equal | kShift, '+'},
                           {ImGuiKey_0, '0'},           {ImGuiKey_Slash | kShift, '?'}};

char typed_by(int identity) {
  for (const Sign& sign : kSigns)
    if (sign.identity == identity) return sign.typed;
  return 0;
}

// Other keys for the same.
int alias(int identity) {
  switch (identity) {
    case ImGuiKey_Y | kCtrl:
      return ImGuiKey_Z | kCtrl | kShift;
    case ImGuiKey_Equal:
      return ImGuiKey_Equal | kShift;
    default:
      return identity;
  }
}

int modifiers() {
  const ImGuiIO& io = ImGui::GetIO();
  // Ctrl on PCs, Cmd on Macs.
  return (io.KeyCtrl || io.KeySuper ? kCtrl : 0) | (io.KeyShift ? kShift : 0) | (io.KeyAlt ? kAlt : 0);
}

bool is_modifier(int key) {
  return (key >= ImGuiKey_LeftCtrl && key <= ImGuiKey_RightSuper) || key >= ImGuiKey_GamepadStart;
}

struct Pressed {
  int identity;
  bool first;  // not repeated by holding it
};

std::vector<Pressed> pressed_keys() {
  std::vector<Pressed> all;
  for (int key = ImGuiKey_NamedKey_BEGIN; key < ImGuiKey_GamepadStart; ++key) {
    const auto named = static_cast<ImGuiKey>(key);
    if (is_modifier(key) || !ImGui::IsKeyPressed(named, true)) continue;
    all.push_back({alias(key | modifiers()), ImGui::IsKeyPressed(named, false)});
  }
  for (const ImWchar typed : ImGui::GetIO().InputQueueCharacters)
    for (const Sign& sign : kSigns) {
      // Where the sign has a key of its own, that key has been heard already.
      const auto own = static_cast<ImGuiKey>(sign.identity & 0xFFFF);
      if (typed == static_cast<ImWchar>(sign.typed) && !ImGui::IsKeyDown(own))
        all.push_back({sign.identity, true});
    }
  return all;
}

bool pressed(const std::vector<Pressed>& all, int identity) {
  return std::any_of(all.begin(), all.end(), [&](const Pressed& one) { return one.identity == identity; });
}

}  // namespace

int chord_identity(ImGuiKeyChord chord) {
  const int key = chord & ~ImGuiMod_Mask_;
  const bool ctrl = (chord & (ImGuiMod_Ctrl | ImGuiMod_Super | ImGuiMod_Shortcut)) != 0;
  return alias(key | (ctrl ? kCtrl : 0) | ((chord & ImGuiMod_Shift) != 0 ? kShift : 0) |
               ((chord & ImGuiMod_Alt) != 0 ? kAlt : 0));
}

std::string chord_words(ImGuiKeyChord chord) {
  if (chord == 0) return {};
  const int identity = chord_identity(chord);
  if (const char typed = typed_by(identity)) return typed == '-' ? "−" : std::string(1, typed);
  std::string key;
  switch (identity & 0xFFFF) {
    case ImGuiKey_LeftArrow:
      key = "Left";
      break;
    case ImGuiKey_RightArrow:
      key = "Right";
      break;
    case ImGuiKey_UpArrow:
      key = "Up";
      break;
    case ImGuiKey_DownArrow:
      key = "Down";
      break;
    case ImGuiKey_PageUp:
      key = "Page Up";
      break;
    case ImGuiKey_PageDown:
      key = "Page Down";
      break;
    default:
      key = ImGui::GetKeyName(static_cast<ImGuiKey>(identity & 0xFFFF));
  }
  const bool mac = ImGui::GetIO().ConfigMacOSXBehaviors;
  std::string words;
  if ((identity & kCtrl) != 0) words += mac ? "⌘ + " : "Ctrl + ";
  if ((identity & kAlt) != 0) words += "Alt + ";
  if ((identity & kShift) != 0) words += "Shift + ";
  words += key;
  if (identity == (ImGuiKey_Z | kCtrl | kShift)) words += mac ? ", ⌘ + Y" : ", Ctrl + Y";
  return words;
}

void handle_keyboard(Panel& p, UiState& ui) {
  if (edit_takes_keys(p, ui)) return;  // typed letters, or the arrows at a weight
  const std::vector<Pressed> keys = pressed_keys();
  if (!keys.empty() || ImGui::IsMouseClicked(ImGuiMouseButton_Left)) ui.shell.notice.clear();
  if (keys.empty()) return;
  const bool popup = ImGui::IsPopupOpen(nullptr, ImGuiPopupFlags_AnyPopupId | ImGuiPopupFlags_AnyPopupLevel);
  // Also out of a text field.
  if (!popup && pressed(keys, ImGuiKey_K | kCtrl)) {
    ImGui::ClearActiveID();
    ui.shell.palette.opening = true;
    return;
  }
  if (ImGui::GetIO().WantTextInput || ImGui::IsAnyItemActive()) return;
  if (pressed(keys, ImGuiKey_Escape)) {
    p.state.help_open = p.state.licence_open = false;
    if (popup)
      ImGui::ClosePopupToLevel(0, true);  // ImGui itself does so only with its keyboard navigation on
  }
  if (popup) return;
  for (const Command& command : make_commands({p, ui})) {
    if (command.chord == 0) continue;
    const int identity = chord_identity(command.chord);
    const bool meant = std::any_of(keys.begin(), keys.end(), [&](const Pressed& key) {
      return key.identity == identity && (key.first || command.repeats);
    });
    if (!meant) continue;
    if (command.why_not.empty())
      command.act();
    else if (!command.repeats)
      ui.shell.notice = command.title + ": " + command.why_not;
  }
}

}  // namespace ribostep::ui
