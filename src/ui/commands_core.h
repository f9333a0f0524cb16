// All commands there are, in the order of the sheet: the screen's own and those of every panel.
#pragma once
#include "ui/command.h"

namespace ribostep::ui {

void add_core_commands(CommandContext context, Commands& out);
Commands make_commands(CommandContext context);

}  // namespace ribostep::ui
