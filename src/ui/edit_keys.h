// Keys and commands of what is being edited: letters at the cursor, states, or the chosen weight.
#pragma once
#include "ui/command.h"
#include "ui/panel_state.h"
#include "ui/ui_state.h"

namespace ribostep::ui {

// Before the panels are drawn. True: the plain keys of this frame are theirs, and nobody else may act on
// them. Chords with Ctrl or Cmd never are.
bool edit_takes_keys(Panel&, UiState&);
bool weights_take_keys(Panel&, UiState&);  // weights_panel.cpp; asked by the one above

// Parts of add_edit_commands().
void add_state_commands(CommandContext, Commands&);   // edit_states.cpp
void add_weight_commands(CommandContext, Commands&);  // weights_panel.cpp

}  // namespace ribostep::ui
