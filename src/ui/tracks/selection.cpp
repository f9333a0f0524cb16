// What is picked, as a band through everything or as lines where the lasso caught positions, and where states
// are held by hand. All of it in time of what is visible.
#include <algorithm>
#include <cmath>

#include "session/edits.h"
#include "ui/debug_panels.h"

namespace ribostep::ui {
namespace {

constexpr std::size_t kMostLines = 4000;  // of picked positions in a frame

void draw_band(const TrackContext& context, int first, int last, float top, float bottom) {
  const Axis& axis = context.axis;
  const float x0 = axis.x_of(first - 1), x1 = std::max(axis.x_of(last), x0 + 2);
  context.draw.AddRectFilled(ImVec2(x0, top), ImVec2(x1, bottom), context.theme.selection);
  context.draw.AddLine(ImVec2(x0, top), ImVec2(x0, bottom), context.theme.accent);
  context.draw.AddLine(ImVec2(x1, top), ImVec2(x1, bottom), context.theme.accent);
}

// Neighbours share a band; many in one pixel are one.
void draw_picked(const TrackContext& context, float top, float bottom) {
  const std::vector<int>& picked = context.ui.selection.picked;
  const Axis& axis = context.axis;
  auto at = std::lower_bound(picked.begin(), picked.end(), axis.begin_index() + 1);
  for (std::size_t lines = 0; at != picked.end() && *at <= axis.end_index() && lines < kMostLines; ++lines) {
    const int first = *at;
    // Straight to the first one that is a pixel further.
    const float x0 = axis.x_of(first - 1);
    int last = first;
    ++at;
    while (at != picked.end() && *at <= last + 1) last = *at++;
    const float x1 = std::max(axis.x_of(last), x0 + 1);
    context.draw.AddRectFilled(ImVec2(x0, top), ImVec2(x1, bottom), context.theme.selection);
    const int next = static_cast<int>(std::ceil(axis.letter_at(x1))) + 1;
    if (at != picked.end() && *at < next && next > last + 2) at = std::lower_bound(at, picked.end(), next);
  }
}

// A line under the letters with a diamond where it begins.
void draw_held(const TrackContext& context, float bottom) {
  const Axis& axis = context.axis;
  const float left = axis.x0, right = axis.x0 + axis.width, y = bottom - 2;
  float drawn = left - 1;
  for (const rnn::Intervention& state : context.session.edits().states()) {
    const int first = std::max(state.first, 1);
    const float x0 = axis.x_of(first - 1), x1 = std::max(axis.x_of(std::max(state.last, first)), x0 + 3);
    if (x1 < left || x0 > right || (x1 <= drawn && state.last == state.first)) continue;
    context.draw.AddRectFilled(ImVec2(std::max(x0, left), y - 1), ImVec2(std::min(x1, right), y + 1),
                               context.theme.warning);
    const float x = (x0 + std::min(x1, x0 + axis.pixels_per_letter())) / 2;
    if (x >= left)
      context.draw.AddQuadFilled(ImVec2(x, y - 4), ImVec2(x + 4, y), ImVec2(x, y + 4), ImVec2(x - 4, y),
                                 context.theme.warning);
    drawn = std::max(drawn, x1);
  }
}

}  // namespace

void draw_selection(const TrackContext& context, float top, float bottom) {
  const Axis& axis = context.axis;
  EditState& edit = context.ui.edit;
  const ImVec2 at = ImGui::GetWindowPos(), size = ImGui::GetWindowSize();
  edit.tracks_left = at.x;
  edit.tracks_right = at.x + size.x;
  edit.tracks_bottom = at.y + size.y;
  edit.tracks_frame = ImGui::GetFrameCount();
  context.draw.PushClipRect(ImVec2(axis.x0, top), ImVec2(axis.x0 + axis.width, bottom), true);
  const Selection& range = context.ui.selection;
  if (range.has_range()) draw_band(context, range.first, range.last, top, bottom);
  if (!range.picked.empty()) draw_picked(context, top, bottom);
  // The pinned rows come first, and are as high as the letters.
  if (bottom - top < 80 && !context.session.edits().states().empty()) draw_held(context, bottom);
  context.draw.PopClipRect();
}

}  // namespace ribostep::ui
