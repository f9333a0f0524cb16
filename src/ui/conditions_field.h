// The line a condition is typed into: what is wrong is underlined and explained below, what could come next
// is offered in a list.
#pragma once
#include "ui/debug_panels.h"

namespace ribostep::ui {

// In the next frame the field has the keyboard: on a condition of the list, or on a new one (-1).
void edit_condition(Panel&, UiState&, int index);
void draw_condition_field(Panel&, UiState&, float width);

}  // namespace ribostep::ui
