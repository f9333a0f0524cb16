#include "ui/debug_panels.h"

namespace ribostep::ui {

void draw_units_panel(Panel&, UiState&, ImVec2) {}
void add_unit_commands(CommandContext, Commands&) {}

}  // namespace ribostep::ui
