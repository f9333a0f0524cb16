// The line at the very bottom: what just happened, how far the background work is, whose data this is.
#pragma once
#include "ui/panel_state.h"

namespace ribostep::ui {

float status_bar_height(const Panel& p);  // a phone has two lines of text
void draw_status_bar(Panel& p, float width);

}  // namespace ribostep::ui
