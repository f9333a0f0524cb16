// The signs on buttons, drawn as vectors: sharp at every pixel ratio, no glyphs needed in the fonts.
#pragma once
#include <imgui.h>

namespace ribostep::ui {

enum class Icon : unsigned char {
  First,
  Back,
  Play,
  Pause,
  Next,
  Last,
  Undo,
  Redo,
  Sun,
  Moon,
  Contrast,
  Help,
  Close,
  ChevronLeft,
  ChevronRight,
  ChevronDown,
  Note,
  Warning,
  Error,
  Check,
  PreviousHit,
  NextHit,
};

// Centred in a square of `size`, in one colour.
void draw_icon(ImDrawList& list, Icon icon, ImVec2 centre, float size, ImU32 colour);

}  // namespace ribostep::ui
