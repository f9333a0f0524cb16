// MODEL: what the network is made of. Choices that cannot be built are shown disabled, with the reason.
#pragma once
#include "ui/panel_state.h"

namespace ribostep::ui {

void draw_model_panel(Panel& p);

}  // namespace ribostep::ui
