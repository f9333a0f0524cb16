// What the tracks remember between frames: the stack of tracks itself (each with its picture), which groups
// are folded, and how a drag began. The controller is track_stack.cpp.
#pragma once
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "rnn/spec.h"
#include "ui/lod.h"

namespace ribostep::ui {

class Track;

// The group that costs work: folded until somebody opens it.
inline constexpr const char* kGradients = "Gradients";

enum class TrackDrag : std::uint8_t { None, Cursor, Pan };

struct TracksState {
  std::vector<std::shared_ptr<Track>> tracks;  // top to bottom, as made for `spec`
  rnn::ModelSpec spec;                         // the model the tracks were made for
  bool made = false;
  std::uint64_t revision = 0;                // Session::tracks_revision() they were made for
  std::set<std::string> folded{kGradients};  // groups shown as a title only
  std::string open_menu;         // group whose choice was pressed: its menu opens in the next frame
  std::string menu;              // group whose menu is open
  Reduce reduce = Reduce::Mean;  // many positions per pixel: mean, or the most extreme
  TrackDrag drag = TrackDrag::None;
  float drag_x = 0;       // where a pan began, in pixels
  double drag_first = 0;  // and the axis then
  bool drag_moved = false;
  int last_position = -1;                    // to follow the cursor only when it moved
  int last_sequence = -1, last_length = -1;  // to fit a newly chosen sequence
};

}  // namespace ribostep::ui
