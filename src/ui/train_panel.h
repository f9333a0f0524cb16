// TRAIN: start, pause, one update, stop; settings; how far it is and how good, beside what the simplest
// methods reach.
#pragma once
#include "ui/panel_state.h"

namespace ribostep::ui {

void draw_train_controls(Panel& p);  // buttons, progress, how good it is now
void draw_train_settings(Panel& p);

}  // namespace ribostep::ui
