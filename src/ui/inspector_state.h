// What the inspector remembers between frames; the inspector itself is in inspector.cpp.
#pragma once
#include <cstdint>
#include <memory>
#include <string>

namespace ribostep::ui {

struct StepView;

struct InspectorState {
  int layer = 0;             // index into Network::layers
  int layers_seen = 0;       // of the network `layer` was chosen in; another number starts at the topmost
  int gate = 0;              // whose terms the table shows; the gate count = the states (c, h)
  int unit = -1;             // chosen unit; -1: the one that moved most
  bool by_change = false;    // table sorted by |h_t - h_t-1| instead of unit number
  bool all_outputs = false;  // of many outputs, not only the most probable

  // The step last looked at, made again when the trace, the cursor or the layer changes.
  std::shared_ptr<const StepView> step;
  std::string sentence;
  std::string fed;  // what fed it, when that is not simply the step before
  std::uint64_t step_trace = 0;
  int step_layer = -1, step_position = -1;
};

}  // namespace ribostep::ui
