// What the conditions panel remembers between frames.
#pragma once
#include <string>

#include "query/condition.h"

namespace ribostep::ui {

struct ConditionsState {
  std::string text;    // in the field
  int editing = -1;    // the condition whose text it is; -1: a new one
  bool focus = false;  // the field takes the keyboard in the next frame
  bool caret_to_end = false;
  bool active = false;  // it had the keyboard in the last frame
  std::size_t caret = 0;
  int choice = -1;      // candidate that the arrow keys are on; -1: none
  bool closed = false;  // the list was closed until something is typed
  query::Completion offered;
  float reason_height = 0;  // of what is said below the field, as last drawn

  int name_layer = 0, name_unit = 0;  // whose name is in the field below
  std::string name;
  bool names_unfolded = false;
};

}  // namespace ribostep::ui
