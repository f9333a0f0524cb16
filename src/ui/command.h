// Everything that can be done by keyboard or looked up by its name: the command palette (Ctrl+K), the
// shortcut sheet (?) and the key handler read one list, made anew when somebody asks for it.
#pragma once
#include <imgui.h>

#include <functional>
#include <string>
#include <vector>

#include "ui/panel_state.h"
#include "ui/ui_state.h"

namespace ribostep::ui {

struct Command {
  std::string group;        // "Step", "Break", "Edit", "Compare", ... as headings of the sheet
  std::string title;        // "Next hit of a condition"
  ImGuiKeyChord chord = 0;  // 0: only in the palette. Plain keys work while nothing is being typed.
  bool repeats = false;     // while the key is held
  std::string words;        // more to search by: "breakpoint stop"
  std::string why_not;      // empty: possible now
  std::function<void()> act;
};
struct CommandContext {
  Panel& panel;
  UiState& ui;
};
using Commands = std::vector<Command>;

// One maker per subject, each in the file of its panel.
void add_condition_commands(CommandContext, Commands&);    // conditions_panel.cpp
void add_origin_commands(CommandContext, Commands&);       // origin_panel.cpp
void add_edit_commands(CommandContext, Commands&);         // edit_letters.cpp
void add_compare_commands(CommandContext, Commands&);      // compare_panel.cpp
void add_history_commands(CommandContext, Commands&);      // history_panel.cpp
void add_attribution_commands(CommandContext, Commands&);  // attribution_panel.cpp
void add_unit_commands(CommandContext, Commands&);         // units_panel.cpp
void add_machine_commands(CommandContext, Commands&);      // machine_panel.cpp

}  // namespace ribostep::ui
