// What the screen remembers that is not part of the project: where the mouse is, which panes are open, zoom.
// Panels read last frame's hover and write this frame's, so that hovering lights up everywhere.
#pragma once
#include "ui/attribution_state.h"
#include "ui/axis.h"
#include "ui/compare_state.h"
#include "ui/conditions_state.h"
#include "ui/edit_state.h"
#include "ui/history_state.h"
#include "ui/inspector_state.h"
#include "ui/machine_state.h"
#include "ui/origin_state.h"
#include "ui/selection_state.h"
#include "ui/shell_state.h"
#include "ui/space_state.h"
#include "ui/track_state.h"
#include "ui/units_state.h"
#include "ui/weights_state.h"

namespace ribostep::ui {

// What the mouse is on. position as in io::Cursor (0 = h_0). gate indexes rnn::gates(cell); -1 is the unit
// itself.
struct Hover {
  int layer = -1, unit = -1, gate = -1, position = -1;
  bool operator==(const Hover&) const = default;
};

struct UiState {
  Hover hover;           // found while this frame is drawn
  Hover hover_previous;  // of the last frame: what panels highlight
  Axis axis;             // shared by all tracks; kept in io::View between visits
  TracksState tracks;
  InspectorState inspector;
  Selection selection;
  ConditionsState conditions;
  OriginState origin;
  EditState edit;
  CompareState compare;
  HistoryState history;
  AttributionState attribution;
  UnitsState units;
  SpaceState space;
  WeightsState weights;
  MachineState machine;
  ShellState shell;
  bool wants_frame = false;  // a panel has unfinished work (a heat map being built): draw again soon
};

// Call once before the panels of a frame are drawn.
inline void begin_frame(UiState& ui) {
  ui.hover_previous = ui.hover;
  ui.hover = {};
  ui.wants_frame = false;
}

}  // namespace ribostep::ui
