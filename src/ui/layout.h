// Where everything is: toolbar, left column, tracks, inspector, bottom tabs, status bar; or, on a narrow
// screen, one thing at a time under tabs.
#pragma once
#include "ui/panel_state.h"
#include "ui/texture.h"
#include "ui/ui_state.h"

namespace ribostep::ui {

// Below this width (CSS pixels) panes no longer fit side by side.
inline constexpr float kPhoneWidth = 820;

struct Screen {
  Panel panel;
  UiState& ui;
  TextureStore& textures;
  float width, height;
};
void draw_screen(Screen& screen);

}  // namespace ribostep::ui
