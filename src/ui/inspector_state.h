// What the inspector remembers between frames; the inspector itself is in inspector.cpp.
#pragma once

namespace ribostep::ui {

struct InspectorState {
  int layer = 0;           // index into Network::layers
  int gate = 0;            // whose terms the table shows; gate count = the states (c, h)
  int unit = -1;           // chosen unit; -1: the one that moved most
  bool by_change = false;  // table sorted by |h_t - h_t-1| instead of unit number
};

}  // namespace ribostep::ui
