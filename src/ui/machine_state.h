// What the machine panel remembers between frames.
#pragma once
#include <cstdint>
#include <string>

#include "motif/graph_layout.h"
#include "session/machine.h"

namespace ribostep::ui {

// What of the machine is drawn.
enum class MachineView : std::uint8_t { Tree, Nfa, Dfa, Minimal, Weights, Proof, Extract };

struct MachineState {
  MachineView view = MachineView::Minimal;
  bool as_text = false;
  std::string typed;  // the pattern as it is being typed
  bool typing = false;
  // The drawing of the stage on show, laid out once per stages_serial() and view.
  motif::Graph graph;
  std::uint64_t graph_of = 0;
  MachineView graph_view = MachineView::Minimal;
  float zoom = 0, pan_x = 0, pan_y = 0;  // zoom 0: fitted
  motif::SampleOptions sample;
  motif::ExtractionOptions extraction;
  int accept_class = -1;  // -1: as the session advises
  float deviation = 0.1f;
};

}  // namespace ribostep::ui
