// The machine tab: a motif, its automaton, and what network and automaton have to do with each other.
#include "session/machine.h"
#include "ui/debug_panels.h"
#include "ui/widgets.h"

namespace ribostep::ui {

void draw_machine_panel(Panel& p, UiState&, ImVec2) { text(p.session.machine().summary()); }

void add_machine_commands(CommandContext c, Commands& out) {
  session::Session& session = c.panel.session;
  out.push_back({"Machine", "Next disagreement of network and machine", ImGuiKey_J, false, "",
                 session.machine().lock_obstacle(),
                 [&session] { session.machine().jump_to_disagreement(); }});
}

}  // namespace ribostep::ui
