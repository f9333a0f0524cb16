#include "ui/debug_panels.h"

namespace ribostep::ui {

void draw_attribution_panel(Panel&, UiState&, ImVec2) {}
void add_attribution_commands(CommandContext, Commands&) {}

}  // namespace ribostep::ui
