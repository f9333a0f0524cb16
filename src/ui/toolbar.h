// The strip at the top: examples, transport, untrained twin, undo, share, open, export, theme, help.
#pragma once
#include "ui/panel_state.h"
#include "ui/ui_state.h"

namespace ribostep::ui {

// One row on a desk, two on a phone.
float toolbar_height(bool touch);
void draw_toolbar(Panel& p, UiState& ui, float width);
// The built-in sets as a list with what each is, its traps and its licence; also shown in the data panel.
void draw_examples(Panel& p, float width);

}  // namespace ribostep::ui
