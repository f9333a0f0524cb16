// What editing letters and states remembers between frames.
#pragma once
#include <array>
#include <cstdint>
#include <string>

#include "session/edits.h"

namespace ribostep::ui {

// For which positions a state is set by hand.
enum class EditReach : std::uint8_t { Here, ToTheEnd, Range };

struct EditState {
  // Letters.
  bool on = false;       // keys are letters that replace the one at the cursor
  bool inserts = false;  // or come behind it
  int entered = -1;      // frame in which it was switched on: the key's own letter is not one
  int menu_position = 0;
  bool open_menu = false;      // at menu_position, in this frame
  session::Edits::Focus told;  // the picked letters as the session last knew them
  // Where the tracks are, as last drawn, for the strip over their lower end.
  float tracks_left = 0, tracks_right = 0, tracks_bottom = 0;
  int tracks_frame = -1;
  int record = -1;  // that the range is of
  std::string data;

  // States.
  EditReach reach = EditReach::Here;
  int chosen_unit = -1;  // whose bars were touched last; commands are about it
  bool dragging = false, drag_moved = false;
  float drag_from = 0;  // value when it began
  float drag_scale = 1;
  int typing_unit = -1;  // whose number is being typed; -1: none
  bool typing_cell = false, typing_begins = false;
  std::array<char, 32> typed{};
  bool open_section = false;  // in this frame
  int take_record = 0, take_position = 0;
  std::string take_search;
};

}  // namespace ribostep::ui
