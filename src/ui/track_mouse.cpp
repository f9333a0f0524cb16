// Mouse and wheel over the tracks: cursor, pan, zoom, folding, hover and its tooltip.
#include <cmath>
#include <string>

#include "ui/track_layout.h"
#include "ui/tracks/ruler.h"

namespace ribostep::ui {
namespace {

int position_under(const Axis& axis, float x) {
  if (axis.length == 0 || x < axis.x0 - kStartGap / 2) return 0;
  return axis.index_at(x) + 1;
}

void tooltip(const FontSet& fonts, const std::string& text) {
  if (text.empty()) return;
  ImGui::BeginTooltip();
  ImGui::PushFont(fonts.small);
  ImGui::TextUnformatted(text.c_str());
  ImGui::PopFont();
  ImGui::EndTooltip();
}

void zoom_and_pan_by_wheel(UiState& ui, float x) {
  const ImGuiIO& io = ImGui::GetIO();
  const double per_notch = 0.12 * ui.axis.span;
  if (io.MouseWheelH != 0) ui.axis.pan(-static_cast<double>(io.MouseWheelH) * per_notch);
  if (io.MouseWheel == 0) return;
  if (io.KeyShift) {
    ui.axis.pan(-static_cast<double>(io.MouseWheel) * per_notch);
  } else {
    ui.axis.zoom(std::pow(1.2, static_cast<double>(io.MouseWheel)), x);
  }
}

}  // namespace

void handle_track_mouse(session::Session& session, UiState& ui, const FontSet& fonts,
                        const std::vector<Row>& rows, bool ruler) {
  TracksState& state = ui.tracks;
  const ImGuiIO& io = ImGui::GetIO();
  const ImVec2 mouse = io.MousePos;
  const float plot_left = ui.axis.x0 - kStartGap - kStartWidth;
  const bool hovered = ImGui::IsItemHovered(), over_plot = hovered && mouse.x >= plot_left;
  if (ImGui::IsItemActivated()) {
    state.drag_moved = false;
    state.drag_x = mouse.x;
    state.drag_first = ui.axis.first;
    const bool middle = ImGui::IsMouseClicked(ImGuiMouseButton_Middle);
    const bool left = ImGui::IsMouseClicked(ImGuiMouseButton_Left);
    state.drag = TrackDrag::None;
    if (mouse.x < plot_left) {
      for (const Row& row : rows) {
        if (!left || row.track || mouse.y < row.area.min.y || mouse.y >= row.area.max.y) continue;
        if (state.folded.erase(row.group) == 0) state.folded.insert(row.group);
      }
    } else if (middle || (left && ruler)) {
      state.drag = TrackDrag::Pan;
    } else if (left) {
      state.drag = TrackDrag::Cursor;
    }
  }
  if (ImGui::IsItemActive()) {
    state.drag_moved = state.drag_moved || std::fabs(mouse.x - state.drag_x) > 3;
    if (state.drag == TrackDrag::Cursor && session.length() > 0)
      session.go_to(position_under(ui.axis, mouse.x));
    if (state.drag == TrackDrag::Pan && state.drag_moved) {
      ui.axis.set(
          state.drag_first - static_cast<double>(mouse.x - state.drag_x) / ui.axis.pixels_per_letter(),
          ui.axis.span);
    }
  }
  if (ImGui::IsItemDeactivated()) {
    if (state.drag == TrackDrag::Pan && ruler && !state.drag_moved && session.length() > 0) {
      session.go_to(position_under(ui.axis, mouse.x));
    }
    state.drag = TrackDrag::None;
  }
  if (over_plot && ImGui::IsMouseDoubleClicked(ImGuiMouseButton_Left)) ui.axis.fit();
  if (over_plot) zoom_and_pan_by_wheel(ui, mouse.x);
  if (!over_plot || ui.axis.length == 0) return;

  const int position = position_under(ui.axis, mouse.x);
  ui.hover.position = position;
  for (const Row& row : rows) {
    if (!row.track || mouse.y < row.area.min.y || mouse.y >= row.area.max.y) continue;
    const float share = (mouse.y - row.area.min.y) / row.area.height();
    ui.hover = row.track->hover_at(session, position, share);
    if (state.drag != TrackDrag::Pan) tooltip(fonts, row.track->value_at(session, position, share));
  }
}

void handle_overview_mouse(UiState& ui, const Area& area) {
  if (!ImGui::IsItemActive()) return;
  const double letter = overview_letter(ui.axis, area, ImGui::GetIO().MousePos.x);
  ui.axis.set(letter - ui.axis.span / 2, ui.axis.span);
}

}  // namespace ribostep::ui
