// What the origin panel remembers between frames, and what the number asked about lights up elsewhere.
#pragma once
#include <cstdint>
#include <vector>

namespace ribostep::session {
class Session;
}

namespace ribostep::ui {

struct Hover;
struct UiState;

// An input of the number that was asked about. Layer, unit, gate and position as in Hover; -1: not one of
// these.
struct OriginLit {
  int layer = -1, unit = -1, gate = -1;
  int position = -1;    // 0: the initial state
  int from_unit = -1;   // below or one step before: the column of the weight that carries it; -1: none
  double strength = 0;  // signed share of the largest term, -1..1
  bool asked = false;   // the number itself, not an input of it
};

struct OriginState {
  // The number asked about and its inputs, largest first; empty: nothing was asked. At most kMostLit.
  std::vector<OriginLit> lit;
  std::uint64_t lit_serial = 0;  // of Origins::serial() they were made for
  bool rest_open = false;        // the small terms are shown too
};
inline constexpr int kMostLit = 64;

// Asks where the number under the mouse came from: right-click or Ctrl+click on a track, a click on a number.
// Does nothing where there is no number.
void ask_origin(session::Session& session, UiState& ui, const Hover& at);

}  // namespace ribostep::ui
