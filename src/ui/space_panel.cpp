#include "ui/debug_panels.h"

namespace ribostep::ui {

void draw_space_panel(Panel&, UiState&, ImVec2) {}

}  // namespace ribostep::ui
