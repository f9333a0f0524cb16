// What the compare panel remembers between frames, and what the strand tracks draw.
#pragma once

namespace ribostep::ui {

struct CompareState {
  int record = 2, position = 1;  // to be pinned next, both counted from 1
  int strand_class = -1;         // whose probability the strands show; -1: the forward run's prediction
  int strand_layer = -1;         // whose unit they show; -1: the last layer
  int strand_unit = 0;
};

}  // namespace ribostep::ui
