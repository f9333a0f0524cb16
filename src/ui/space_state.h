// What the space panel remembers between frames: what is shown, the view, the lasso, and what was worked out
// once for a picture instead of once a frame.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "experiment/state_space.h"

namespace ribostep::ui {

enum class SpaceColour : std::uint8_t { Letter, Phase, Label, Output, Position };
inline constexpr int kSpaceColours = 5;

// Steps by where they lie in the plane of two components, so that a frame draws some of each place.
struct SpaceGrid {
  static constexpr int kCells = 36;    // a side
  static constexpr int kShown = 2700;  // points at most, and one more for each cell
  std::uint64_t serial = 0;            // of the picture; 0: none
  int x = 0, y = 1;
  double low_x = 0, high_x = 1, low_y = 0, high_y = 1;
  std::vector<int> begin;  // of each cell in `steps`, [kCells * kCells + 1]
  std::vector<int> steps;

  void build(const experiment::StateSpace& space, int component_x, int component_y, std::uint64_t of);
  // Steps in the cells that touch a rectangle; thinned out evenly where there are too many.
  std::vector<int> within(experiment::PlanePoint low, experiment::PlanePoint high) const;
};

// What each step counts as under a colouring.
struct SpaceClasses {
  std::vector<std::uint8_t> of_step;
  std::vector<std::string> names;
  std::vector<int> counts;  // steps of each
  std::vector<unsigned> colours;
  bool shapes = false;  // few enough for a marker each

  std::uint64_t serial = 0, trace = 0;  // made for these
  SpaceColour colour = SpaceColour::Letter;
  bool dark = false;
};

struct SpaceState {
  int x = 0, y = 1;  // components
  SpaceColour colour = SpaceColour::Letter;
  bool colour_chosen = false;
  bool path = true, twin = false;
  bool lasso = false;  // dragging draws; else it moves the picture

  bool fitted = true;                      // the whole path is visible
  double centre_x = 0, centre_y = 0;       // of the view
  double scale_x = 1, scale_y = 1;         // pixels per unit; one scale unless the path is a line
  bool dragging = false, drawing = false;  // the mouse is down on the picture; a lasso is being drawn
  float drag_x = 0, drag_y = 0;
  bool drag_moved = false;
  int pressed_step = -2;                     // the point the mouse went down on; -2: none
  std::vector<experiment::PlanePoint> line;  // the lasso so far

  SpaceGrid grid, twin_grid;
  SpaceClasses classes;
  std::vector<int> shown;  // of the grid, for `shown_for`
  double shown_for[4] = {0, 0, 0, 0};
  std::uint64_t shown_serial = 0;

  int picked_record = -1;          // the picked positions are of this sequence
  std::vector<int> picked_counts;  // of each class, for the picked ones
  std::size_t picked_size = 0;
  int picked_first = 0, picked_last = 0;
  std::uint64_t picked_serial = 0;
  std::vector<std::string> label_names;  // of positions, of the data set they were asked of
  const void* label_names_of = nullptr;
};

}  // namespace ribostep::ui
