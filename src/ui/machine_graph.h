// Machines as pictures: the words on nodes and edges of a stage, their layout, and drawing it with what goes
// on at the cursor.
#pragma once
#include <vector>

#include "bio/alphabet.h"
#include "ui/debug_panels.h"
#include "ui/machine_state.h"

namespace ribostep::ui {

// Make a drawing anew, laid out unless there are more than motif::kMaxDrawnNodes nodes.
void picture_tree(const Panel& p, const motif::Pattern& pattern, MachineDrawing& out);
void picture_nfa(const Panel& p, const motif::Nfa& nfa, const bio::Alphabet& alphabet, MachineDrawing& out);
void picture_dfa(const Panel& p, const motif::Dfa& dfa, const std::vector<motif::Word>& access,
                 const bio::Alphabet& alphabet, MachineDrawing& out);

// What is marked in a drawing; -1: nothing.
struct MachineMarks {
  int current = -1;  // the state the machine is in
  int told = -1;     // the one the network is in, where it is another
  int from = -1;     // the state before, and the letter that led from there
  char letter = 0;
  int ring = -1;  // the state of the unit under the mouse
};
struct MachineMouse {
  int hovered = -1;  // node
  bool clicked = false;
};
// Zoom by the wheel, pan by dragging.
MachineMouse draw_machine(const Panel& p, MachineDrawing& drawing, const char* id, ImVec2 size,
                          const MachineMarks& marks);

}  // namespace ribostep::ui
