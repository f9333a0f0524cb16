// The machine along the sequence, beside what the network says.
#include "session/machine.h"

#include "ui/debug_panels.h"

namespace ribostep::ui {

void add_machine_tracks(const session::Session&, int&, std::vector<std::shared_ptr<Track>>&) {}

}  // namespace ribostep::ui
