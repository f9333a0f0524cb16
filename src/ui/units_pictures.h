// The pictures of the units panel: letters of the top windows with a logo above them, the table of what a
// unit goes along with, and the curve of the probe.
#pragma once
#include "session/units.h"
#include "ui/debug_panels.h"

namespace ribostep::ui {

inline constexpr float kLetterWidth = 11;  // of a window's letters, where there is room
// What draw_windows can use at most.
float windows_width(const experiment::UnitReading& reading);
void draw_windows(Panel& p, UiState& ui, const experiment::UnitReading& reading, ImVec2 size);
void draw_relations(const Panel& p, const experiment::UnitReading& reading, ImVec2 size);
void draw_probe(const Panel& p, const experiment::ProbeResult& result, ImVec2 size);

}  // namespace ribostep::ui
