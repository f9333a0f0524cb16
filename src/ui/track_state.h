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

enum class TrackDrag : std::uint8_t { None, Cursor, Pan, Select, Label, Height };

struct TracksState {
  std::vector<std::shared_ptr<Track>> tracks;  // as made for `spec`, in the order they come in
  std::vector<std::shared_ptr<Track>> own;     // those of them that only depend on `spec`
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
  int drag_position = 0;  // under the mouse when it began
  // A label that is being dragged up or down, or a track's lower edge; see track_arrange.h.
  std::string drag_key, drag_group;  // of the track; or of a group's title, with an empty key
  float drag_y = 0, drag_height = 0;
  float stretch = 1;            // of the layers' tracks; rests while an edge is dragged
  std::string open_label_menu;  // key of the track whose label was pressed: its menu opens in the next frame
  std::string label_menu;       // whose menu is open
  std::string hovered;          // key of the track under the mouse in the last frame, for Alt + Up and Down
  int last_position = -1;       // to follow the cursor only when it moved
  int last_sequence = -1, last_length = -1;  // to fit a newly chosen sequence
};

}  // namespace ribostep::ui
