// Where a sequence begins: how a circular one settles, and how much the outputs depend on its origin.
#pragma once
#include "ui/panel_state.h"

namespace ribostep::ui {

// A section of the left column. It stands open where there is a circle: in the model or in the data.
void draw_circle_section(Panel& p);

}  // namespace ribostep::ui
