// What the machine panel remembers between frames.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "motif/graph_layout.h"
#include "session/machine.h"

namespace ribostep::ui {

// What of the machine is drawn.
enum class MachineView : std::uint8_t { Tree, Nfa, Dfa, Minimal, Weights, Proof, Extract };
inline constexpr int kMachineViews = 7;

// A machine as a picture; made once, drawn in every frame (machine_graph.h).
struct MachineDrawing {
  struct Words {
    std::string name, more;  // of a node: two lines; of an edge: one
    bool marked = false;     // a node that accepts; an edge that is taken without reading what the motif has
  };
  motif::Graph graph;
  std::vector<Words> nodes, edges;
  int start = 0;
  bool tree = false, two_lines = false;
  std::string text, dot;    // the same in words, made with it
  std::uint64_t of = 0;     // what it was made of; 0: nothing yet
  float zoom = 0;           // pixels per unit; 0: fitted
  float x = 0, y = 0;       // pixels from the area's corner to the picture's, as drawn last
  float scale = 1;          // as drawn last
  float left = 0, top = 0;  // of the area on screen
  bool moved = false;       // by the drag that is going on
};

struct MachineState {
  MachineView view = MachineView::Minimal;
  bool as_text = false;
  std::string typed;  // the pattern as it is being typed
  bool typing = false;
  io::MachineSetup wanted;  // the choices, which outlive an emptied pattern
  MachineDrawing stage, found;
  motif::Dfa found_of;  // what `found` shows
  motif::Construction construction = motif::Construction::Exact;
  std::optional<motif::Construction> compiled;  // that `construction` has followed, see follow_compiled()
  motif::SampleOptions sample{1000, 1, 40, 1};  // as the recipe has it
  std::string sample_refused;  // why the session made no data of these numbers and that machine
  std::uint64_t refused_of = 0;
  motif::ExtractionOptions extraction;
  int accept_class = -1;    // -1: as the session advises
  bool gain_fresh = false;  // the handle was taken and has not been moved since: an undo step begins
  double deviation = 0.1;
  std::uint64_t noise = 1;  // seed, another one with every press
};

}  // namespace ribostep::ui
