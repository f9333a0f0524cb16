#include "ui/debug_panels.h"

namespace ribostep::ui {

void draw_letter_editor(Panel&, UiState&) {}
void add_edit_commands(CommandContext, Commands&) {}

}  // namespace ribostep::ui
