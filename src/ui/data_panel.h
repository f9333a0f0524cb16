// DATA: what was read, how it is understood (alphabet, classes), and which sequence is on screen.
#pragma once
#include "ui/panel_state.h"

namespace ribostep::ui {

void draw_data_panel(Panel& p);
// Title, citation, licence and source of the loaded built-in set, with a button that copies them.
void draw_licence_popup(Panel& p);

}  // namespace ribostep::ui
