// What the origin panel remembers between frames, and what the number asked about lights up elsewhere.
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "rnn/half_life.h"
#include "rnn/origin.h"

namespace ribostep::session {
class Session;
}

namespace ribostep::ui {

struct Hover;
struct UiState;

// An input of the number that was asked about. Layer, unit, gate and position as in Hover; layer -1: an
// output, or what the first layer reads at the position.
struct OriginLit {
  int layer = -1, unit = -1, gate = -1;
  int position = -1;    // 0: the initial state
  int from_unit = -1;   // below or one step before: the column of the weight that carries it; -1: none
  double strength = 0;  // signed share of the largest term, -1..1
  bool asked = false;   // the number itself, not an input of it
  int output = -1;      // of an input of an output: the row of the readout's weight that carries it
  bool bias = false;    // the readout's bias of that output
};

// How long the unit shown remembers, made again when the step, the unit or the weights change.
struct GaugeState {
  struct Curve {  // what is left of the memory so many positions before, thinned out
    rnn::DirectPath path;
    std::vector<int> at;  // entries of path.kept that are drawn
  };
  Curve own, twin;
  int layer = -1, unit = -1, step = -2;
  std::uint64_t trace = 0, twin_trace = 0;
  int wanted = 50'000;  // positions to be remembered over
};

struct OriginState {
  // The number asked about and its inputs, largest first; empty: nothing was asked. At most kMostLit.
  std::vector<OriginLit> lit;
  std::uint64_t lit_serial = 0;           // of Origins::serial() they were made for
  bool rest_open = false;                 // the small terms are shown too
  std::optional<rnn::Quantity> shown_of;  // of the answer on show
  bool came = false;                      // it is another one: to be scrolled to
  GaugeState gauge;
};
inline constexpr int kMostLit = 64;

// Asks where the number under the mouse came from: right-click or Ctrl+click on a track, a click on a number.
// Does nothing where there is no number.
void ask_origin(session::Session& session, UiState& ui, const Hover& at);

}  // namespace ribostep::ui
