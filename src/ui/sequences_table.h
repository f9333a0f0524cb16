// SEQUENCES: every record with its label, prediction and loss; sort, search, click to step through it.
#pragma once
#include <imgui.h>

#include "ui/panel_state.h"

namespace ribostep::ui {

void draw_sequences(Panel& p, ImVec2 size);

// Brings TableState::order up to date with the session, the search and the sort; does nothing when nothing
// changed.
void refresh_order(TableState& table, const session::Session& session);

}  // namespace ribostep::ui
