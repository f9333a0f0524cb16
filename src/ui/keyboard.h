// Keys: what is pressed is looked up in the list of commands (commands_core.h), so that the sheet behind `?`
// and the palette know every key. Silent while a text field has the keyboard.
#pragma once
#include <string>

#include "ui/command.h"

namespace ribostep::ui {

// "Ctrl + Shift + Z", on a Mac "⇧⌘Z".
std::string chord_words(ImGuiKeyChord chord);
// Ctrl and Cmd are one, so are keys that type the same sign: two commands may not share the result.
int chord_identity(ImGuiKeyChord chord);
// Before the panels are drawn.
void handle_keyboard(Panel& p, UiState& ui);

}  // namespace ribostep::ui
