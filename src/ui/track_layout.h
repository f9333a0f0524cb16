// The tracks as laid out for one frame, and what acts on that: header with its menu, mouse and wheel. Private
// to the controller (track_stack.cpp).
#pragma once
#include <string>
#include <vector>

#include "ui/track.h"

namespace ribostep::ui {

inline constexpr float kLabelWidth = 92, kStartWidth = 12, kStartGap = 4, kRightMargin = 14;
inline constexpr float kGroupHeight = 22, kTrackGap = 4, kLowestTrack = 22;

struct Row {
  Track* track = nullptr;  // null: a group's title
  std::string group;
  std::string choice;  // beside the title; see Track::group_choice
  float choice_left = 0, choice_right = 0;
  bool folded = false;
  int item = 0;        // rows of one item move together; see track_arrange.h
  bool fixed = false;  // of a height somebody chose
  Area area{};         // letters only
  Area start{};
  float label_x = 0;
};

// Factor for the heights of the layers' tracks, so that the stack fills its room: `natural` pixels in all, of
// which `elastic` may grow or shrink. Beyond the limits the stack scrolls or leaves room.
inline float stretch_to_fit(float natural, float elastic, float room) {
  if (elastic <= 0) return 1;
  const float wanted = 1 + (room - natural) / elastic;
  return wanted < 0.6f ? 0.6f : wanted > 2 ? 2.0f : wanted;
}

bool hidden(const io::View& view, const std::string& key);

// Name of the sequence on the left, zoom and the menu on the right; true when a button moved the axis.
bool draw_track_header(session::Session& session, UiState& ui, const Theme& theme, const FontSet& fonts,
                       float width);

// Everything the mouse can do over an area of tracks; its invisible button has just been submitted.
void handle_track_mouse(session::Session& session, UiState& ui, const FontSet& fonts,
                        const std::vector<Row>& rows, bool ruler);
void handle_overview_mouse(UiState& ui, const Area& area);
// Remembers what the axis shows in the project's view.
void keep_axis(session::Session& session, const UiState& ui);

}  // namespace ribostep::ui
