#include "ui/debug_panels.h"

namespace ribostep::ui {

void draw_marks(const TrackContext&, const Area&, float) {}

}  // namespace ribostep::ui
