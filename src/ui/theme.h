// How Ribostep looks: a small set of named colours, light and dark, and the ImGui style that follows from
// them. Sign is told by blue and orange (safe for colour-blind readers), never by red and green.
#pragma once
#include <imgui.h>

namespace ribostep::ui {

// Every text colour has a contrast of at least 4.5:1 (WCAG 2.1 AA) on background, panel and panel_alt.
struct Theme {
  ImU32 background;  // between the panes
  ImU32 panel;       // a pane
  ImU32 panel_alt;   // fields, table stripes, headers inside a pane
  ImU32 border;
  ImU32 text;
  ImU32 text_dim;     // labels, units, axes
  ImU32 accent;       // what can be pressed, what is chosen
  ImU32 accent_text;  // on accent
  ImU32 positive;     // numbers above zero
  ImU32 negative;     // numbers below zero
  ImU32 warning;
  ImU32 error;
  ImU32 grid;       // lines behind a plot
  ImU32 cursor;     // the current position
  ImU32 hover;      // translucent, over what the mouse is on
  ImU32 selection;  // translucent, over what is selected
  bool dark;
};
const Theme& theme(bool dark);

// Sets ImGuiStyle: colours, rounding, spacing. `touch` makes targets tall enough for a finger.
void apply(const Theme& theme, bool touch = false);

// Contrast ratio of two opaque colours, 1..21 (WCAG 2.1 relative luminance).
double contrast(ImU32 a, ImU32 b);
// Colour `top` with alpha multiplied by `alpha`.
ImU32 faded(ImU32 colour, float alpha);
// `share` of the way from `a` to `b`, 0..1, in sRGB.
ImU32 mixed(ImU32 a, ImU32 b, float share);

}  // namespace ribostep::ui
