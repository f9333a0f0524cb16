#include "ui/debug_panels.h"

namespace ribostep::ui {

void add_watch_tracks(const session::Session&, int&, std::vector<std::shared_ptr<Track>>&) {}

}  // namespace ribostep::ui
