// Keys: one table for what they do and for the sheet that lists them. Silent while a text field has the
// keyboard.
#pragma once
#include <span>

#include "ui/panel_state.h"

namespace ribostep::ui {

struct KeyHelp {
  const char* keys;
  const char* what;
};
std::span<const KeyHelp> key_help();
// Before the panels are drawn.
void handle_keyboard(Panel& p);

}  // namespace ribostep::ui
