// The fonts of the screen, by role. Made by the platform, which knows the pixel ratio; used by all panels.
#pragma once
struct ImFont;

namespace ribostep::ui {

// Line heights in CSS pixels: 17, 14.5, 17, 17, 14.5, 23 (letters of 14, 12, 14, 13, 11, 19 px in CSS terms).
struct FontSet {
  ImFont* text = nullptr;
  ImFont* small = nullptr;
  ImFont* bold = nullptr;
  ImFont* mono = nullptr;
  ImFont* mono_small = nullptr;
  ImFont* title = nullptr;
};

}  // namespace ribostep::ui
