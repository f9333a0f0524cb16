#include "ui/debug_panels.h"

namespace ribostep::ui {

void draw_compare_panel(Panel&, UiState&, ImVec2) {}
void add_compare_commands(CommandContext, Commands&) {}

}  // namespace ribostep::ui
