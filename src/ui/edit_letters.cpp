// Changing the letters that are read: the mode in which keys type letters, the menu of a letter, and the
// strip over the tracks that says what is going on. What an edit does is Session::edits().
#include <imgui_internal.h>

#include <algorithm>
#include <string>

#include "session/edits.h"
#include "ui/debug_panels.h"
#include "ui/edit_keys.h"
#include "ui/widgets.h"

namespace ribostep::ui {
namespace {

using session::Edits;
using session::Session;

constexpr const char* kMenu = "letter menu";
constexpr int kPerLine = 10;  // letters to choose from
constexpr float kMargin = 8;

void switch_on(UiState& ui, bool on) {
  ui.edit.on = on;
  ui.edit.inserts = false;
  ui.edit.entered = ImGui::GetFrameCount();
}

// What was picked is no more, and would now mean other letters.
void drop_range(Session& s, UiState& ui) {
  ui.selection.clear_range();
  s.edits().set_focus({});
  ui.edit.told = {};
}

// The picked range goes; the cursor stands on the letter before it.
void delete_range(Session& s, UiState& ui) {
  const int first = ui.selection.first, count = ui.selection.last - first + 1;
  const int before = s.length();
  s.edits().replace(first - 1, count, "");
  if (s.length() == before) return;  // it said why not
  drop_range(s, ui);
  s.go_to(first - 1);
}

// One typed letter, where the cursor is.
void type_letter(Session& s, UiState& ui, char letter, bool insert) {
  const std::string_view one(&letter, 1);
  if (ui.selection.has_range()) {
    const int first = ui.selection.first;
    const std::uint64_t serial = s.edits().letters_serial();
    s.edits().replace(first - 1, ui.selection.last - first + 1, one);
    if (s.edits().letters_serial() == serial) return;
    drop_range(s, ui);
    return s.go_to(first);
  }
  const int at = s.position(), before = s.length();
  if (insert || at == 0) {
    s.edits().replace(at, 0, one);
    if (s.length() > before) s.go_to(at + 1);
    return;
  }
  s.edits().replace(at - 1, 1, one);
  if (s.data().alphabet().token(letter) >= 0) s.go_to(at + 1);
}

void extend_range(Session& s, UiState& ui, int by) {
  Selection& range = ui.selection;
  const bool extends = range.has_range() && range.anchor > 0;
  const int anchor = extends ? range.anchor : std::max(1, s.position());
  const int moving = !extends ? anchor : range.anchor == range.first ? range.last : range.first;
  range.select(anchor, extends ? moving + by : anchor, s.length());
}

void edit_key(Session& s, UiState& ui, ImGuiKey key) {
  const bool shift = ImGui::GetIO().KeyShift;
  switch (key) {
    case ImGuiKey_LeftArrow:
      return shift ? extend_range(s, ui, -1) : s.step(-1);
    case ImGuiKey_RightArrow:
      return shift ? extend_range(s, ui, 1) : s.step(1);
    case ImGuiKey_Home:
      return s.go_to(0);
    case ImGuiKey_End:
      return s.go_to(s.length());
    case ImGuiKey_UpArrow:
      return s.select_sequence(s.project().cursor.sequence - 1);
    case ImGuiKey_DownArrow:
      return s.select_sequence(s.project().cursor.sequence + 1);
    case ImGuiKey_Insert:
      ui.edit.inserts = !ui.edit.inserts;
      return;
    case ImGuiKey_Backspace:
    case ImGuiKey_Delete: {
      if (ui.selection.has_range()) return delete_range(s, ui);
      const int at = s.position(), before = s.length();
      if (at == 0) return;
      s.edits().replace(at - 1, 1, "");
      if (key == ImGuiKey_Backspace && s.length() < before) s.go_to(at - 1);
      return;
    }
    case ImGuiKey_Escape:
      if (ui.selection.has_range())
        ui.selection.clear_range();
      else
        switch_on(ui, false);
      return;
    default:
      return;
  }
}

void type_letters(Session& s, UiState& ui) {
  // The key that switched it on may bring its letter a frame later.
  if (ImGui::GetFrameCount() <= ui.edit.entered + 1) return;
  const ImGuiIO& io = ImGui::GetIO();
  for (const ImWchar c : io.InputQueueCharacters) {
    if (c <= ' ' || c > 126) continue;
    const char letter = static_cast<char>(c);
    // Where E is no letter of the alphabet it leaves, as it came.
    if ((letter == 'e' || letter == 'E') && s.data().alphabet().token(letter) < 0)
      return switch_on(ui, false);
    type_letter(s, ui, letter, ui.edit.inserts || io.KeyShift);
  }
}

// ---- the menu of a letter

void letter_row(Panel& p, const char* what, const char* id, char current, int at, int removed) {
  const std::string_view symbols = p.session.data().alphabet().symbols;
  const float side = ImGui::GetFrameHeight() * (p.touch ? 1.0f : 1.1f);
  ImGui::PushID(id);
  ImGui::AlignTextToFramePadding();
  dim(p, what);
  const float left = ImGui::CalcTextSize("Insert before").x + 22;
  for (std::size_t i = 0; i < symbols.size(); ++i) {
    if (i % kPerLine == 0)
      i == 0 ? ImGui::SameLine(left) : ImGui::SetCursorPosX(left);
    else
      ImGui::SameLine(0, 3);
    const std::string label = std::string(1, symbols[i]) + "##" + id;
    const bool same = removed > 0 && symbols[i] == current;
    if (button(label.c_str(), !same, side)) {
      p.session.edits().replace(at, removed, symbols.substr(i, 1));
      ImGui::CloseCurrentPopup();
    }
  }
  ImGui::PopID();
}

void menu_entries(Panel& p, UiState& ui, int at) {
  Session& s = p.session;
  Edits& edits = s.edits();
  const char letter = s.letters()[static_cast<std::size_t>(at)];
  {
    const FontScope font(p.fonts.bold);
    text(std::string(1, letter) + " at position " + std::to_string(at + 1));
  }
  const bio::EditedLetters& now = edits.letters();
  const int origin = now.origin[static_cast<std::size_t>(at)];
  const bool changed = now.changed[static_cast<std::size_t>(at)] != 0;
  if (changed) {
    ImGui::SameLine();
    dim(p, origin < 0 ? "inserted" : "changed");
  }
  letter_row(p, "Change to", "change", letter, at, 1);
  letter_row(p, "Insert before", "before", letter, at, 0);
  letter_row(p, "Insert after", "after", letter, at + 1, 0);
  ImGui::Separator();
  if (ImGui::MenuItem("Delete this letter", nullptr, false, s.length() > 1)) edits.replace(at, 1, "");
  if (ImGui::MenuItem("Restore this letter", nullptr, false, changed)) edits.restore_range(at, 1);
  if (ImGui::MenuItem("Restore all letters", "R", false, edits.letters_edited())) edits.restore_letters();
  ImGui::Separator();
  if (ImGui::MenuItem("Type letters from here", "E")) switch_on(ui, true);
  if (ImGui::MenuItem("Pick letters from here")) ui.selection.select(at + 1, at + 1, s.length());
  if (ImGui::MenuItem("Pick letters up to here", "Shift + click", false, ui.selection.has_range()))
    ui.selection.select(ui.selection.anchor > 0 ? ui.selection.anchor : ui.selection.first, at + 1,
                        s.length());
}

void draw_menu(Panel& p, UiState& ui) {
  EditState& edit = ui.edit;
  if (edit.open_menu) ImGui::OpenPopup(kMenu);
  edit.open_menu = false;
  if (!ImGui::BeginPopup(kMenu)) return;
  const std::string why = p.session.edits().letters_obstacle();
  const int at = edit.menu_position - 1;
  if (!why.empty())
    dim_wrapped(p, why);
  else if (at >= 0 && at < p.session.length())
    menu_entries(p, ui, at);
  else
    ImGui::CloseCurrentPopup();
  ImGui::EndPopup();
}

// ---- the strip

void range_line(Panel& p, UiState& ui) {
  Session& s = p.session;
  Edits& edits = s.edits();
  const Selection& range = ui.selection;
  const bool letters = edits.letters_obstacle().empty();
  const std::string words = letters ? edits.focus_words()
                                    : std::to_string(range.first) + " to " + std::to_string(range.last) +
                                          ": " + std::to_string(range.last - range.first + 1) + " positions";
  ImGui::AlignTextToFramePadding();
  text(words);
  if (letters) {
    tip(p, "Letters that are pasted now replace these; anything else that is pasted is loaded.");
    ImGui::SameLine();
    if (button("Copy##range")) edits.copy_focus();
    tip(p, "As FASTA, with its place in the sequence", "Ctrl + C");
    ImGui::SameLine(0, 4);
    if (button("Delete##range", range.last - range.first + 1 < s.length())) delete_range(s, ui);
    tip(p, "Takes these letters out of the sequence", "Delete");
    if (edits.letters_edited()) {
      ImGui::SameLine(0, 4);
      if (button("Restore##range")) edits.restore_range(range.first - 1, range.last - range.first + 1);
      tip(p, "These letters as they were given");
    }
  }
  ImGui::SameLine(0, 4);
  if (button("Clear##range")) ui.selection.clear_range();
  tip(p, "Nothing is picked any more", "Esc");
}

void mode_lines(Panel& p, UiState& ui) {
  Session& s = p.session;
  {
    const FontScope font(p.fonts.bold);
    ImGui::AlignTextToFramePadding();
    text("Editing at " + std::to_string(s.position()));
  }
  ImGui::SameLine();
  toggle(p, "Insert##edit mode", ui.edit.inserts);
  tip(p, "Typed letters come behind the one at the cursor instead of in its place", "Insert");
  if (s.edits().letters_edited()) {
    ImGui::SameLine();
    if (button("Restore all##edit mode")) s.edits().restore_letters();
    tip(p, s.edits().letters_words(), "R, when not editing");
  }
  ImGui::SameLine();
  if (button("Done##edit mode")) switch_on(ui, false);
  const bool e_is_letter = s.data().alphabet().token('E') >= 0;
  dim_wrapped(p,
              std::string(ui.edit.inserts ? "Type a letter to insert it behind this one"
                                          : "Type a letter to replace this one and move on, Shift + letter "
                                            "to insert") +
                  "; Backspace or Delete takes it out; Shift + arrows pick letters; " +
                  (e_is_letter ? "Esc" : "Esc or E") + " leaves.");
}

void draw_strip(Panel& p, UiState& ui) {
  EditState& edit = ui.edit;
  const bool shown = edit.on || ui.selection.has_range();
  if (!shown || edit.tracks_frame != ImGui::GetFrameCount() || p.state.help_open || p.state.licence_open)
    return;
  const float width = std::max(edit.tracks_right - edit.tracks_left - 2 * kMargin, 160.0f);
  ImGui::SetNextWindowPos(ImVec2(edit.tracks_left + kMargin, edit.tracks_bottom - kMargin), ImGuiCond_Always,
                          ImVec2(0, 1));
  ImGui::SetNextWindowSizeConstraints(ImVec2(width, 0), ImVec2(width, 400));
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(10, 6));
  ImGui::PushStyleVar(ImGuiStyleVar_WindowBorderSize, 1);
  ImGui::PushStyleColor(ImGuiCol_WindowBg, p.theme.panel);
  ImGui::PushStyleColor(ImGuiCol_Border, p.theme.accent);
  constexpr ImGuiWindowFlags kFlags = ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove |
                                      ImGuiWindowFlags_NoSavedSettings | ImGuiWindowFlags_NoFocusOnAppearing |
                                      ImGuiWindowFlags_NoNav | ImGuiWindowFlags_AlwaysAutoResize;
  if (ImGui::Begin("##edit strip", nullptr, kFlags)) {
    ImGui::PushTextWrapPos(width - 10);
    if (edit.on) mode_lines(p, ui);
    if (ui.selection.has_range()) range_line(p, ui);
    ImGui::PopTextWrapPos();
  }
  ImGui::End();
  ImGui::PopStyleColor(2);
  ImGui::PopStyleVar(2);
}

// The session is told what is picked, and tells when somebody else (a paste, a verb) picked something else.
void settle_range(Session& s, UiState& ui) {
  EditState& edit = ui.edit;
  Selection& range = ui.selection;
  const int record = s.has_data() ? s.project().cursor.sequence : -1;
  if (record != edit.record || s.project().data.content_hash != edit.data) {
    range.clear_range();
    edit.record = record;
    edit.data = s.project().data.content_hash;
  }
  if (range.has_range() && range.first > s.length()) range.clear_range();
  range.last = std::min(range.last, s.length());
  if (edit.on && (!s.edits().letters_obstacle().empty() || s.length() == 0)) edit.on = false;
  Edits::Focus now = s.edits().focus();
  if (!(now == edit.told)) {
    if (now.count() > 0) {
      range.first = range.anchor = now.first;
      range.last = now.last;
    } else {
      range.clear_range();
    }
  } else {
    if (range.has_range())
      now = {range.first, range.last};
    else if (edit.on)
      now = {s.position() + 1, s.position()};  // pasted letters come behind the one at the cursor
    else
      now = {};
    s.edits().set_focus(now);
  }
  edit.told = s.edits().focus();
}

}  // namespace

bool edit_takes_keys(Panel& p, UiState& ui) {
  const ImGuiIO& io = ImGui::GetIO();
  if (io.KeyCtrl || io.KeySuper || io.KeyAlt || !p.session.has_data() || p.state.help_open ||
      ui.shell.palette.open || ui.shell.palette.opening)
    return false;
  if (io.WantTextInput || ImGui::IsAnyItemActive() ||
      ImGui::IsPopupOpen(nullptr, ImGuiPopupFlags_AnyPopupId | ImGuiPopupFlags_AnyPopupLevel))
    return false;
  if (!ui.edit.on) {
    if (weights_take_keys(p, ui)) return true;
    if (!ui.selection.has_range() || !ImGui::IsKeyPressed(ImGuiKey_Escape, false)) return false;
    ui.selection.clear_range();
    return true;
  }
  constexpr ImGuiKey kKeys[] = {ImGuiKey_LeftArrow, ImGuiKey_RightArrow, ImGuiKey_Home,      ImGuiKey_End,
                                ImGuiKey_UpArrow,   ImGuiKey_DownArrow,  ImGuiKey_Backspace, ImGuiKey_Delete,
                                ImGuiKey_Escape,    ImGuiKey_Insert};
  for (const ImGuiKey key : kKeys)
    if (ImGui::IsKeyPressed(key, key != ImGuiKey_Escape && key != ImGuiKey_Insert))
      edit_key(p.session, ui, key);
  if (ui.edit.on) type_letters(p.session, ui);
  return true;
}

void draw_letter_editor(Panel& p, UiState& ui) {
  settle_range(p.session, ui);
  draw_menu(p, ui);
  draw_strip(p, ui);
}

void add_edit_commands(CommandContext context, Commands& all) {
  Panel& p = context.panel;
  UiState& ui = context.ui;
  Session& s = p.session;
  Edits& edits = s.edits();
  const std::string no_letters = edits.letters_obstacle();
  const auto add = [&](const char* title, ImGuiKeyChord chord, const char* words, std::string why_not,
                       std::function<void()> act) {
    all.push_back({"Edit", title, chord, false, words, std::move(why_not), std::move(act)});
  };
  add("Type letters at the cursor", ImGuiKey_E, "mutate insert delete edit mode", no_letters,
      [&ui] { switch_on(ui, !ui.edit.on); });
  add("Change the letter at the cursor…", 0, "mutate insert delete menu",
      !no_letters.empty() ? no_letters
      : s.position() == 0 ? "position 0 is before the first letter: step to a letter"
                          : std::string(),
      [&s, &ui] {
        ui.edit.menu_position = s.position();
        ui.edit.open_menu = true;
      });
  add("Restore the letters as given", ImGuiKey_R, "undo mutation original reset",
      edits.letters_edited() ? std::string() : "no letter of this sequence is changed",
      [&edits] { edits.restore_letters(); });
  const std::string no_range =
      !no_letters.empty() ? no_letters
      : ui.selection.has_range()
          ? std::string()
          : "no letters are picked: drag over the tracks with Shift, or click with Shift";
  add("Delete the picked letters", ImGuiKey_Delete, "range selection remove", no_range,
      [&s, &ui] { delete_range(s, ui); });
  add("Restore the picked letters", 0, "range selection original",
      no_range.empty() && !edits.letters_edited() ? "no letter of this sequence is changed" : no_range,
      [&edits, &ui] {
        edits.restore_range(ui.selection.first - 1, ui.selection.last - ui.selection.first + 1);
      });
  add("Copy the picked letters", 0, "range selection fasta clipboard", no_range,
      [&edits] { edits.copy_focus(); });
  add("Pick all letters", 0, "select range", no_letters,
      [&s, &ui] { ui.selection.select(1, s.length(), s.length()); });
  add("Clear the picked range", 0, "deselect selection",
      ui.selection.has_range() ? std::string() : "nothing is picked", [&ui] { ui.selection.clear_range(); });
  add_state_commands(context, all);
  add_weight_commands(context, all);
}

}  // namespace ribostep::ui
