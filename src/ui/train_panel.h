// TRAIN: start, pause, one update, stop; settings; how far it is and how good, beside what the simplest
// methods reach.
#pragma once
#include "ui/panel_state.h"

namespace ribostep::ui {

void draw_train_panel(Panel& p);
// "always 'promoter' 50.0 %, composition 67.9 %": one line for beside an accuracy; empty without baselines.
std::string baselines_line(const std::vector<experiment::BaselineScore>& baselines, bool simplest_only);

}  // namespace ribostep::ui
