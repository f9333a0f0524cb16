// A picture of what the network says at each position (columns) with the weights of each checkpoint (rows): a
// click sets both.
#pragma once
#include "ui/history_state.h"
#include "ui/panel_state.h"

namespace ribostep::ui {

void draw_time_map(Panel& p, HistoryState& state, ImVec2 size);

}  // namespace ribostep::ui
