// What the weights panel remembers between frames.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace ribostep::ui {

struct WeightsState {
  int tensor = -1;         // index into Network::tensors; -1: the one the inspector's layer is fed by
  int row = -1, col = -1;  // the chosen cell; -1: none
  bool keys = false;       // plain keys belong to it
  int drawn_frame = -1;
  bool type_now = false, reveal = false;
  float zoom = 1;
  bool across = false;  // rows run to the right, as last drawn

  bool dragging = false, drag_moved = false;
  float drag_from = 0;
  int drag_begin = 0;  // frame

  // Largest magnitude of the matrix, for the colours: looked for when the weights are others, and not while
  // one of them is dragged.
  const void* range_of = nullptr;
  std::uint64_t range_serial = 0;
  int range_tensor = -1;
  float range = 1;

  // What the cells that were changed here had been.
  struct Before {
    int tensor, row, col;
    float value;
  };
  std::vector<Before> before;
  std::string before_data;  // the data set, model and seed they belong to
};

}  // namespace ribostep::ui
