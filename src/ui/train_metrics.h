// The figures under the Train button: loss and what is right, of training and validation, beside the simplest
// baselines.
#pragma once
#include "ui/panel_state.h"

namespace ribostep::ui {

void draw_train_metrics(Panel& p);

}  // namespace ribostep::ui
