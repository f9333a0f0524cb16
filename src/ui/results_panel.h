// RESULTS: cross-validation, predictions of train and validation records, a scan; each beside the simple
// baselines.
#pragma once
#include <imgui.h>

#include "ui/panel_state.h"

namespace ribostep::ui {

void draw_results(Panel& p, ImVec2 size);

}  // namespace ribostep::ui
