#include "ui/debug_panels.h"

namespace ribostep::ui {

void draw_origin_section(Panel&, UiState&, float) {}
void add_origin_commands(CommandContext, Commands&) {}
void ask_origin(session::Session&, UiState&, const Hover&) {}

}  // namespace ribostep::ui
