// Puts a WiringPicture on the screen.
#pragma once
#include "ui/panel_state.h"
#include "ui/wiring_picture.h"

namespace ribostep::ui {

// As one item over the full width.
void draw_wiring(const Panel& p, const WiringPicture& picture);

}  // namespace ribostep::ui
