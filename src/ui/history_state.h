// What the history panel remembers between frames.
#pragma once
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "ui/colour.h"

namespace ribostep::ui {

struct HistoryState {
  std::string name;   // of the run to be kept
  int renaming = -1;  // the run whose name is being typed, and what is there so far
  std::string typed;
  bool rename_focus = false;
  std::string replay_key = "learning_rate";
  nlohmann::json replay_value;  // null: as it is
  bool open_replay = false;     // with the next frame
  int map_class = -1;           // -1: the one that is looked for
  // The map as last painted, and what of.
  std::vector<ImU32> map_cells;
  int map_columns = 0, map_rows = 0, map_of_class = -1;
  std::uint64_t map_serial = 0;
  bool map_dark = false;
};

}  // namespace ribostep::ui
