#include "ui/debug_panels.h"

namespace ribostep::ui {

void draw_runs_panel(Panel&, UiState&, ImVec2) {}
void add_history_commands(CommandContext, Commands&) {}

}  // namespace ribostep::ui
