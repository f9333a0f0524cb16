// CURVES: loss and accuracy over updates; training and validation are told apart by line style as well as by
// colour.
#pragma once
#include <imgui.h>

#include "ui/panel_state.h"

namespace ribostep::ui {

void draw_curves(Panel& p, ImVec2 size);

}  // namespace ribostep::ui
