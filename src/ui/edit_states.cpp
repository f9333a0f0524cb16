#include "ui/debug_panels.h"

namespace ribostep::ui {

void draw_state_edit_section(Panel&, UiState&, float) {}

}  // namespace ribostep::ui
