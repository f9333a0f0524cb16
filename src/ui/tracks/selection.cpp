#include "ui/debug_panels.h"

namespace ribostep::ui {

void draw_selection(const TrackContext&, float, float) {}

}  // namespace ribostep::ui
