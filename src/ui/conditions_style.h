// How conditions are told apart wherever they are drawn: by shape and by colour.
#pragma once
#include "ui/colour.h"

namespace ribostep::ui {

// Of the condition at `index` of the list.
inline ImU32 condition_colour(int index, bool dark) { return class_colour(index, dark); }
// Triangle, diamond, square, circle, cross, ring; repeats after six.
void draw_condition_sign(ImDrawList& draw, int index, ImVec2 centre, float radius, ImU32 colour);

}  // namespace ribostep::ui
