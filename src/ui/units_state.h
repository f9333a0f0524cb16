// What the units panel remembers between frames.
#pragma once
#include <string>

#include "experiment/unit_reading.h"

namespace ribostep::ui {

struct UnitsState {
  experiment::UnitPick pick{-1, 0};               // layer -1: not chosen yet
  int inspector_layer = -1, inspector_unit = -1;  // last seen there: the choice follows when they change
  experiment::Peak peak = experiment::Peak::Largest;
  int width = 10;
  std::string motif;
  bool memory = false;  // the probe is on show, not the reading
  bool cell = false;    // of c, not h
  int lags = 24;
  std::string name;  // being typed
  int name_layer = -1, name_unit = -1;
};

}  // namespace ribostep::ui
