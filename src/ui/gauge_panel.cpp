#include "ui/debug_panels.h"

namespace ribostep::ui {

void draw_gauge_section(Panel&, UiState&, float) {}

}  // namespace ribostep::ui
