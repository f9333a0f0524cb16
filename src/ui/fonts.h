// The fonts of the screen, by role. Made by the platform, which knows the pixel ratio; used by all panels.
#pragma once
struct ImFont;

namespace ribostep::ui {

// Sizes in CSS pixels: 15, 12.5, 15, 14, 12, 20.
struct FontSet {
  ImFont* text = nullptr;
  ImFont* small = nullptr;
  ImFont* bold = nullptr;
  ImFont* mono = nullptr;
  ImFont* mono_small = nullptr;
  ImFont* title = nullptr;
};

}  // namespace ribostep::ui
