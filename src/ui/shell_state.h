// What palette, key sheet, tracks' menu and exports remember between frames.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace ribostep::ui {

// Something to be saved as a file once the frame is drawn; see track_export.h.
struct ExportRequest {
  enum class What : std::uint8_t { Svg, Png, Track, Table };
  What what = What::Svg;
  std::string key;          // of the track or the table
  int first = 0, last = 0;  // positions from 1; 0: what is visible
};

struct PaletteState {
  bool opening = false, open = false;
  std::string query;
  int chosen = 0;
  bool scroll = false;  // bring the chosen line into sight
  // Sequences whose names hold the query, looked for again when it or the data change.
  std::vector<int> found;
  std::string found_for, found_in;
  // Tables that can be saved, asked for again when the session changes.
  std::vector<std::string> tables;
  std::uint64_t tables_serial = 0;
};

struct ShellState {
  PaletteState palette;
  std::string notice;  // why a key just pressed does nothing; gone with the next key or click
  bool open_tracks_menu = false;
  std::vector<ExportRequest> exports;
  float tracks_x = 0, tracks_y = 0, tracks_w = 0, tracks_h = 0;  // as drawn last; w 0: not on the screen
};

}  // namespace ribostep::ui
