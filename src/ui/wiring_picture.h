// The wiring of a model as a small graph over a few steps: what the MODEL panel draws under the choices.
// Large numbers are drawn small (a dilation of 64 as one of 4, eight layers as three), with the true number
// written beside them. wiring_drawing.cpp puts it on the screen.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "rnn/network.h"

namespace ribostep::ui {

// Output: an answer. Initial: h_0 of one layer.
enum class WiringNodeKind : std::uint8_t { Input, Complement, State, Initial, Output };
// Wrap: round the circle, from the pass before. Summary: a window's states, read by the level above.
enum class WiringEdgeKind : std::uint8_t { Input, Recurrent, Initial, Wrap, Summary, Readout };

// x in steps of the first level from 0, y in rows upwards from the input at 0.
struct WiringNode {
  WiringNodeKind kind;
  int layer;  // index into the drawn network's layers; -1: none
  int step;   // of that layer; Initial: -1; a single Output: -1
  float x, y;
  std::string text;
};
struct WiringEdge {
  WiringEdgeKind kind;
  int from, to;      // nodes
  bool cut = false;  // no gradient passes
};
struct WiringBox {  // a window on the first level
  float left, right, bottom, top;
};
struct WiringNote {  // beside a row, at the right
  float y;
  std::string text;
};

struct WiringPicture {
  rnn::ModelSpec drawn;  // the model with its large numbers made small
  int steps = 0;         // of the first level
  float top = 0;         // y of the highest row
  float bottom = 0;
  std::vector<WiringNode> nodes;
  std::vector<WiringEdge> edges;
  std::vector<WiringBox> windows;
  std::vector<WiringNote> notes;
};
// `spec` must be one without a problem(). `letters`: those of the sequence on screen, any number.
WiringPicture wiring_picture(const rnn::ModelSpec& spec, std::string_view letters = {});

}  // namespace ribostep::ui
