#include "ui/debug_panels.h"

namespace ribostep::ui {

void draw_conditions_panel(Panel&, UiState&, ImVec2) {}
void add_condition_commands(CommandContext, Commands&) {}

}  // namespace ribostep::ui
