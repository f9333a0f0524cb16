// What the points of the space of states count as, and which of them the picked positions are.
#pragma once
#include "session/units.h"
#include "ui/panel_state.h"
#include "ui/space_state.h"

namespace ribostep::ui {

const char* name(SpaceColour colour);  // "letter", "codon phase", ...
// Why the current sequence cannot be coloured so; empty when it can.
std::string colour_obstacle(const session::Session& session, SpaceColour colour);
// Makes `state.classes` for this picture, if they are of another.
void refresh_classes(const Panel& p, const session::SpaceView& view, SpaceState& state);
// Counts the picked positions by class, if they are others than before.
void refresh_picked(const session::SpaceView& view, const std::vector<int>& picked, SpaceState& state);
// Positions of these steps, all letters of each, ascending.
std::vector<int> positions_of(const session::SpaceView& view, const std::vector<int>& steps);
// The steps nearest to a step in the plane shown, itself included: a share of all, at least one.
std::vector<int> nearest_steps(const session::SpaceView& view, int x, int y, int step, double share);
// A marker of a class: circle, square, triangle, diamond, triangle down, ring.
void draw_marker(ImDrawList& list, int shape, ImVec2 at, float radius, ImU32 colour);

}  // namespace ribostep::ui
