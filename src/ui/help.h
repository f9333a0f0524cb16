// The sheet of keys and gestures behind `?`.
#pragma once
#include "ui/panel_state.h"
#include "ui/ui_state.h"

namespace ribostep::ui {

void draw_help(Panel& p, UiState& ui, float screen_width, float screen_height);

}  // namespace ribostep::ui
