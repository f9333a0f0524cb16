// Mouse and wheel over the tracks: cursor, range, pan, zoom, folding, menus, hover and its tooltip.
#include <algorithm>
#include <cmath>
#include <string>

#include "ui/track_layout.h"
#include "ui/tracks/ruler.h"
#include "ui/ui_state.h"

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

const Row* row_at(const std::vector<Row>& rows, float y) {
  for (const Row& row : rows) {
    if (y >= row.area.min.y && y < row.area.max.y) return &row;
  }
  return nullptr;
}

bool is_letters(const Row* row) { return row && row->track && row->track->key() == "letters"; }

// A letter is asked what may become of it, a number where it came from.
void ask_about(session::Session& session, UiState& ui, const Row* row, int position, float y) {
  if (!row || !row->track || ui.axis.length == 0) return;
  if (is_letters(row)) {
    if (position < 1) return;
    session.go_to(position);
    ui.edit.menu_position = position;
    ui.edit.open_menu = true;
    return;
  }
  const float share = (y - row->area.min.y) / row->area.height();
  ask_origin(session, ui, row->track->hover_at(session, position, share));
}

void press(session::Session& session, UiState& ui, const std::vector<Row>& rows, bool ruler, ImVec2 mouse,
           float plot_left) {
  TracksState& state = ui.tracks;
  state.drag = TrackDrag::None;
  state.drag_moved = false;
  state.drag_x = mouse.x;
  state.drag_first = ui.axis.first;
  const bool left = ImGui::IsMouseClicked(ImGuiMouseButton_Left);
  const Row* row = row_at(rows, mouse.y);
  if (left && row && !row->track && !row->choice.empty() && mouse.x >= row->choice_left &&
      mouse.x < row->choice_right) {
    state.open_menu = row->group;
    return;
  }
  if (left && row && !row->track) {
    if (state.folded.erase(row->group) == 0) state.folded.insert(row->group);
    return;
  }
  if (mouse.x < plot_left) return;
  const ImGuiIO& io = ImGui::GetIO();
  const int position = position_under(ui.axis, mouse.x);
  state.drag_position = position;
  if (left && io.KeyShift) {
    state.drag = TrackDrag::Select;
    return;
  }
  if (left && (io.KeyCtrl || io.KeySuper)) return ask_about(session, ui, row, position, mouse.y);
  state.drag = left && !ruler ? TrackDrag::Cursor : TrackDrag::Pan;
  if (!left || !row) return;
  // The inspector turns to the layer and the gate that were pressed.
  const Hover on = row->track->hover_at(session, 0, 0);
  if (on.layer < 0) return;
  ui.inspector.layer = on.layer;
  if (on.gate >= 0) ui.inspector.gate = on.gate;
}

// Past the edge of a zoomed view the axis scrolls along, the faster the farther out.
void drag_cursor(session::Session& session, UiState& ui, float x) {
  Axis& axis = ui.axis;
  const float right = axis.x0 + axis.width;
  const float out = x > right ? x - right : x < axis.x0 - kStartGap && axis.first > 0 ? x - axis.x0 : 0.0f;
  if (out != 0 && !axis.fitted()) {
    axis.pan(static_cast<double>(std::clamp(out / axis.width, -0.2f, 0.2f)) * 0.4 * axis.span);
    ui.wants_frame = true;
    x = std::clamp(x, axis.x0, right - 1);
  }
  session.go_to(position_under(axis, x));
}

}  // namespace

void handle_track_mouse(session::Session& session, UiState& ui, const FontSet& fonts,
                        const std::vector<Row>& rows, bool ruler) {
  TracksState& state = ui.tracks;
  const ImGuiIO& io = ImGui::GetIO();
  const ImVec2 mouse = io.MousePos;
  const float plot_left = ui.axis.x0 - kStartGap - kStartWidth;
  const bool hovered = ImGui::IsItemHovered(), over_plot = hovered && mouse.x >= plot_left;
  if (ImGui::IsItemActivated()) press(session, ui, rows, ruler, mouse, plot_left);
  if (ImGui::IsItemActive()) {
    state.drag_moved = state.drag_moved || std::fabs(mouse.x - state.drag_x) > 3;
    if (state.drag == TrackDrag::Cursor && session.length() > 0) drag_cursor(session, ui, mouse.x);
    if (state.drag == TrackDrag::Select && state.drag_moved)
      ui.selection.select(state.drag_position, position_under(ui.axis, mouse.x), session.length());
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
    // Shift and a click: from the fixed end of the range, or from the cursor.
    if (state.drag == TrackDrag::Select && !state.drag_moved) {
      const int anchor = ui.selection.has_range() && ui.selection.anchor > 0
                             ? ui.selection.anchor
                             : std::max(1, session.position());
      ui.selection.select(anchor, state.drag_position, session.length());
    }
    state.drag = TrackDrag::None;
  }
  if (over_plot && ImGui::IsMouseDoubleClicked(ImGuiMouseButton_Left) && !io.KeyShift && !io.KeyCtrl) {
    const Row* row = row_at(rows, mouse.y);
    if (is_letters(row))
      ask_about(session, ui, row, position_under(ui.axis, mouse.x), mouse.y);
    else
      ui.axis.fit();
  }
  if (over_plot && ImGui::IsMouseClicked(ImGuiMouseButton_Right))
    ask_about(session, ui, row_at(rows, mouse.y), position_under(ui.axis, mouse.x), mouse.y);
  if (over_plot) zoom_and_pan_by_wheel(ui, mouse.x);
  if (!over_plot || ui.axis.length == 0) return;

  const int position = position_under(ui.axis, mouse.x);
  ui.hover.position = position;
  const Row* row = row_at(rows, mouse.y);
  if (!row || !row->track) return;
  const float share = (mouse.y - row->area.min.y) / row->area.height();
  ui.hover = row->track->hover_at(session, position, share);
  if (state.drag != TrackDrag::Pan) tooltip(fonts, row->track->value_at(session, position, share));
}

void handle_overview_mouse(UiState& ui, const Area& area) {
  if (!ImGui::IsItemActive()) return;
  const double letter = overview_letter(ui.axis, area, ImGui::GetIO().MousePos.x);
  ui.axis.set(letter - ui.axis.span / 2, ui.axis.span);
}

}  // namespace ribostep::ui
