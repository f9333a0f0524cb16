// Ctrl+K: every command by its name, sequences by theirs, and positions by number.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "ui/command.h"

namespace ribostep::ui {

// How well a command answers what was typed: 0 not at all. Every word must be found, at the beginning of a
// word of the title best, as letters in order in a title at least.
double match(const Command& command, std::string_view query);
// Best first; with an empty query all in their order. Positions and sequences that are meant come along.
Commands found_commands(CommandContext context, PaletteState& state);

// At the end of a frame, outside of all windows. Also shows why the last key did nothing.
void draw_palette(Panel& p, UiState& ui, float screen_width, float screen_height);

}  // namespace ribostep::ui
