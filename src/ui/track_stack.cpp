// Lays the tracks out over one axis, draws the cursor and what is hovered through all of them, and turns
// mouse and wheel into session verbs and axis moves. What a row shows is its own business (tracks/).
#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "ui/debug_panels.h"
#include "ui/equation.h"
#include "ui/track_arrange.h"
#include "ui/tracks.h"
#include "ui/tracks/ruler.h"

namespace ribostep::ui {
namespace {

constexpr std::ptrdiff_t kReadsPerFrame = 200000;  // about 1 ms of level-of-detail work

using Tracks = std::vector<std::shared_ptr<Track>>;

Tracks own_tracks(const session::Session& session, int& next_texture) {
  Tracks tracks;
  tracks.push_back(make_letters_track(next_texture++));
  tracks.push_back(make_values_track(next_texture++));
  tracks.push_back(make_wiring_track());
  tracks.push_back(make_annotation_track(next_texture++));
  tracks.push_back(make_output_track(next_texture++, session.network().spec));
  for (int layer = 0; layer < static_cast<int>(session.network().layers.size()); ++layer)
    add_layer_tracks(session, layer, next_texture, tracks);
  add_gradient_tracks(session, next_texture, tracks);
  return tracks;
}

// What somebody has asked for stands where it is seen: above the first layer.
Tracks with_passing_tracks(const session::Session& session, const Tracks& own, int& next_texture) {
  Tracks passing;
  add_machine_tracks(session, next_texture, passing);
  add_attribution_tracks(session, next_texture, passing);
  add_watch_tracks(session, next_texture, passing);
  add_compare_tracks(session, next_texture, passing);
  const auto layers = std::find_if(own.begin(), own.end(), [](const auto& t) { return !t->group().empty(); });
  Tracks all(own.begin(), layers);
  all.insert(all.end(), passing.begin(), passing.end());
  all.insert(all.end(), layers, own.end());
  return all;
}

constexpr int kFirstPassing = 4096;  // picture ids of tracks that come and go, behind all others

// Tracks that only depend on the model stay, with their pictures, when others come and go.
void remake(session::Session& session, UiState& ui, TextureStore& textures) {
  TracksState& state = ui.tracks;
  const rnn::ModelSpec& spec = session.network().spec;
  const std::uint64_t revision = session.tracks_revision();
  const bool same_model = state.made && state.spec == spec;
  if (same_model && state.revision == revision) return;
  for (const auto& track : state.tracks) {
    const bool stays = same_model && std::find(state.own.begin(), state.own.end(), track) != state.own.end();
    if (!stays) track->forget(textures);
  }
  if (!same_model) {
    int next_texture = 1;
    state.own = own_tracks(session, next_texture);
  }
  int next_texture = kFirstPassing;
  state.tracks = with_passing_tracks(session, state.own, next_texture);
  state.spec = spec;
  state.revision = revision;
  state.made = true;
}

// The axis follows the project's view, the size of the pane, and the cursor while it steps.
void settle_axis(session::Session& session, UiState& ui, float x0, float width) {
  TracksState& state = ui.tracks;
  Axis& axis = ui.axis;
  axis.length = session.length();
  axis.x0 = x0;
  axis.width = std::max(width, 20.0f);
  const io::View& view = session.project().view;
  axis.set(view.first, view.span);
  const int position = session.position(), sequence = session.project().cursor.sequence;
  const bool same = sequence == state.last_sequence && axis.length == state.last_length;
  if (same && position != state.last_position && position > 0 && state.drag == TrackDrag::None) {
    axis.reveal(position - 1);
  }
  state.last_position = position;
  state.last_sequence = sequence;
  state.last_length = axis.length;
}

float small_width(const FontSet& fonts, const std::string& text) {
  return fonts.small->CalcTextSizeA(fonts.small->FontSize, 1e9f, 0, text.c_str()).x;
}

// The choice of a group stands behind its title.
void place_choice(const session::Session& session, const FontSet& fonts, const Track& track, Row& title) {
  title.choice = track.group_choice(session);
  if (title.choice.empty()) return;
  title.choice += " ▾";
  title.choice_left = title.label_x + 26 + small_width(fonts, title.group);
  title.choice_right = title.choice_left + small_width(fonts, title.choice) + 8;
}

std::vector<Row> lay_out(const session::Session& session, const UiState& ui, const FontSet& fonts,
                         const std::vector<TrackItem>& items, ImVec2 origin, float& y, bool pinned,
                         float stretch) {
  std::vector<Row> rows;
  const io::View& view = session.project().view;
  int number = 0;
  for (const TrackItem& item : items) {
    ++number;
    std::string group;
    for (Track* track : item.tracks) {
      if ((track->key() == "letters") != pinned) continue;
      if (hidden(view, track->key()) || !track->present(session)) continue;
      if (track->group() != group) {
        group = track->group();
        Row title;
        title.group = group;
        title.item = number;
        title.folded = ui.tracks.folded.count(group) > 0;
        title.label_x = origin.x;
        title.area = {ImVec2(origin.x, y), ImVec2(ui.axis.x0 + ui.axis.width, y + kGroupHeight)};
        place_choice(session, fonts, *track, title);
        rows.push_back(title);
        y += kGroupHeight;
      }
      if (!group.empty() && ui.tracks.folded.count(group) > 0) continue;
      const float natural = track->height(), chosen = chosen_height(view, track->key());
      const float elastic =
          group.empty() ? natural : std::max(std::min(natural, kLowestTrack), std::round(natural * stretch));
      const float height = chosen > 0 ? chosen : elastic;
      Row row;
      row.track = track;
      row.group = group;
      row.item = number;
      row.fixed = chosen > 0;
      row.label_x = origin.x + (group.empty() ? 0.0f : 14.0f);
      row.area = {ImVec2(ui.axis.x0, y), ImVec2(ui.axis.x0 + ui.axis.width, y + height)};
      row.start = {ImVec2(ui.axis.x0 - kStartGap - kStartWidth, y),
                   ImVec2(ui.axis.x0 - kStartGap, y + height)};
      rows.push_back(row);
      y += height + kTrackGap;
    }
  }
  return rows;
}

void draw_label(const TrackContext& context, const Row& row) {
  const float right = row.start.min.x - 8;
  const FontSet& fonts = context.fonts;
  context.draw.PushClipRect(ImVec2(row.label_x, row.area.min.y), ImVec2(right, row.area.max.y + kTrackGap),
                            true);
  float y = row.area.min.y - 1;
  const bool low = row.area.height() < 30;
  if (low) y = row.area.min.y + (row.area.height() - equation_height(fonts)) / 2;
  draw_equation(context.draw, fonts, ImVec2(row.label_x, y), context.theme.text, row.track->title());
  y += equation_height(fonts);
  const std::string note = low ? std::string() : row.track->note(context.session);
  if (!note.empty() && y + fonts.small->FontSize <= row.area.max.y + 2) {
    context.draw.AddText(fonts.small, fonts.small->FontSize, ImVec2(row.label_x, y - 2),
                         context.theme.text_dim, note.c_str());
    y += fonts.small->FontSize;
  }
  if (!low) row.track->draw_legend(context, {ImVec2(row.label_x, y), ImVec2(right, row.area.max.y)});
  context.draw.PopClipRect();
}

void draw_group(const TrackContext& context, const Row& row) {
  const Theme& theme = context.theme;
  const float middle = (row.area.min.y + row.area.max.y) / 2, x = row.label_x + 4;
  if (row.folded) {
    context.draw.AddTriangleFilled(ImVec2(x - 2, middle - 4), ImVec2(x + 4, middle),
                                   ImVec2(x - 2, middle + 4), theme.text_dim);
  } else {
    context.draw.AddTriangleFilled(ImVec2(x - 4, middle - 2), ImVec2(x + 4, middle - 2),
                                   ImVec2(x, middle + 4), theme.text_dim);
  }
  const ImFont* font = context.fonts.small;
  const float text = small_width(context.fonts, row.group);
  float end = row.label_x + 22 + text;
  context.draw.AddRectFilled(ImVec2(row.label_x + 12, row.area.min.y + 3),
                             ImVec2(row.label_x + 18 + text, row.area.max.y - 3), theme.panel);
  if (!row.choice.empty()) {
    context.draw.AddRectFilled(ImVec2(row.choice_left, row.area.min.y + 2),
                               ImVec2(row.choice_right, row.area.max.y - 2), theme.panel_alt, 3);
    context.draw.AddText(font, font->FontSize, ImVec2(row.choice_left + 4, middle - font->FontSize / 2),
                         theme.accent, row.choice.c_str());
    end = row.choice_right + 4;
  }
  context.draw.AddText(font, font->FontSize, ImVec2(row.label_x + 14, middle - font->FontSize / 2),
                       theme.text, row.group.c_str());
  context.draw.AddLine(ImVec2(end, middle), ImVec2(row.area.max.x, middle), theme.grid);
}

void draw_rows(const TrackContext& context, const std::vector<Row>& rows) {
  const ImVec2 low = context.draw.GetClipRectMin(), high = context.draw.GetClipRectMax();
  for (const Row& row : rows) {
    if (row.area.max.y < low.y || row.area.min.y > high.y) continue;
    if (!row.track) continue;
    draw_label(context, row);
    context.draw.PushClipRect(row.start.min, row.start.max, true);
    row.track->draw_start(context, row.start);
    context.draw.PopClipRect();
    context.draw.PushClipRect(row.area.min, row.area.max, true);
    row.track->draw(context, row.area);
    context.draw.PopClipRect();
  }
}

// After the columns: a title stays readable where the cursor passes.
void draw_groups(const TrackContext& context, const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    if (!row.track) draw_group(context, row);
  }
}

// Cursor and hovered position as columns through everything from top to bottom.
void draw_columns(const TrackContext& context, const Area& start, float top, float bottom) {
  const Axis& axis = context.axis;
  const auto column = [&](int position, float& x0, float& x1) {
    if (position == 0) {
      x0 = start.min.x;
      x1 = start.max.x;
      return true;
    }
    x0 = axis.x_of(position - 1);
    x1 = axis.x_of(position);
    return x1 > axis.x0 && x0 < axis.x0 + axis.width;
  };
  float x0 = 0, x1 = 0;
  context.draw.PushClipRect(ImVec2(start.min.x - 1, top), ImVec2(axis.x0 + axis.width + 1, bottom), true);
  const int hovered = context.ui.hover_previous.position;
  if (hovered >= 0 && hovered != context.session.position() && column(hovered, x0, x1)) {
    if (x1 - x0 < 2) x1 = x0 + 2;
    context.draw.AddRectFilled(ImVec2(x0, top), ImVec2(x1, bottom), context.theme.hover);
  }
  if (column(context.session.position(), x0, x1)) {
    if (x1 - x0 >= 5) {
      context.draw.AddRect(ImVec2(x0 - 0.5f, top - 2), ImVec2(x1 + 0.5f, bottom + 2), context.theme.cursor, 0,
                           0, 1.5f);
    } else {
      const float x = (x0 + x1) / 2;
      context.draw.AddRectFilled(ImVec2(x - 1, top), ImVec2(x + 1, bottom), context.theme.cursor);
    }
  }
  context.draw.PopClipRect();
}

void group_menu(session::Session& session, UiState& ui) {
  TracksState& state = ui.tracks;
  if (!state.open_menu.empty()) {
    state.menu = std::exchange(state.open_menu, {});
    ImGui::OpenPopup("##group menu");
  }
  if (!ImGui::BeginPopup("##group menu")) return;
  for (const auto& track : state.tracks) {
    if (track->group() != state.menu) continue;
    track->group_menu(session);
    break;
  }
  ImGui::EndPopup();
}

void centred_note(const Theme& theme, const FontSet& fonts, ImVec2 min, ImVec2 max, const char* text) {
  const ImVec2 size = fonts.text->CalcTextSizeA(fonts.text->FontSize, 1e9f, max.x - min.x - 20, text);
  const ImVec2 at((min.x + max.x - size.x) / 2, (min.y + max.y - size.y) / 2);
  ImGui::GetWindowDrawList()->AddText(fonts.text, fonts.text->FontSize, at, theme.text_dim, text, nullptr,
                                      max.x - min.x - 20);
}

void progress_bar(const session::Session& session, const Theme& theme, const FontSet& fonts, ImVec2 at,
                  float width) {
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  const auto share = static_cast<float>(std::clamp(session.trace_progress(), 0.0, 1.0));
  const std::string text = "Computing states … " + std::to_string(static_cast<int>(share * 100)) + " %";
  const float w = fonts.small->CalcTextSizeA(fonts.small->FontSize, 1e9f, 0, text.c_str()).x + 20;
  const ImVec2 min(at.x + (width - w) / 2, at.y + 8), max(min.x + w, min.y + 24);
  draw.AddRectFilled(min, max, theme.panel, 5);
  draw.AddRect(min, max, theme.border, 5);
  draw.AddRectFilled(ImVec2(min.x + 4, max.y - 5), ImVec2(min.x + 4 + (w - 8) * share, max.y - 3),
                     theme.accent, 1);
  draw.AddText(fonts.small, fonts.small->FontSize, ImVec2(min.x + 10, min.y + 3), theme.text, text.c_str());
}

}  // namespace

void keep_axis(session::Session& session, const UiState& ui) {
  io::View view = session.project().view;
  const double span = ui.axis.fitted() ? 0 : ui.axis.span;
  const double first = ui.axis.fitted() ? 0 : ui.axis.first;
  // A millionth of a letter is no change: rounding must not touch the project in every frame.
  if (std::fabs(view.span - span) < 1e-6 && std::fabs(view.first - first) < 1e-6) return;
  view.span = span;
  view.first = first;
  session.set_view(view);
}

std::vector<std::shared_ptr<Track>> make_tracks(const session::Session& session, int& next_texture) {
  const Tracks own = own_tracks(session, next_texture);
  return with_passing_tracks(session, own, next_texture);
}

void draw_tracks(session::Session& session, UiState& ui, const Theme& theme, const FontSet& fonts,
                 TextureStore& textures, ImVec2 size) {
  const ImVec2 origin = ImGui::GetCursorScreenPos();
  ui.shell.tracks_x = origin.x;
  ui.shell.tracks_y = origin.y;
  ui.shell.tracks_w = size.x;
  ui.shell.tracks_h = size.y;
  const bool moved = draw_track_header(session, ui, theme, fonts, size.x);
  ImGui::Spacing();
  const ImVec2 top = ImGui::GetCursorScreenPos();
  if (!session.has_data() || session.length() == 0) {
    const char* text = session.has_data()
                           ? session.network().spec.input == rnn::Input::Values
                                 ? "This series has no positions."
                                 : "This sequence has no letters."
                           : "Paste sequences (Ctrl+V), drop a file, or choose an example on the left.";
    centred_note(theme, fonts, top, ImVec2(origin.x + size.x, origin.y + size.y), text);
    ImGui::Dummy(ImVec2(size.x, std::max(1.0f, origin.y + size.y - top.y)));
    return;
  }
  remake(session, ui, textures);
  const std::vector<TrackItem> items = arranged(session.project().view, ui.tracks);
  const float letters_x = origin.x + kLabelWidth + kStartWidth + kStartGap;
  if (moved) keep_axis(session, ui);
  settle_axis(session, ui, letters_x, origin.x + size.x - kRightMargin - letters_x);

  const ColourMap signed_map = diverging(theme.dark), share_map = sequential(theme.dark);
  std::ptrdiff_t budget = kReadsPerFrame;
  const auto context_for = [&](ImDrawList& draw) {
    return TrackContext{session, ui, theme, fonts, textures, draw, ui.axis, signed_map, share_map, budget};
  };

  // Pinned: overview, ruler, letters.
  const TrackContext pinned = context_for(*ImGui::GetWindowDrawList());
  const float right = ui.axis.x0 + ui.axis.width;
  const Area overview{ImVec2(ui.axis.x0, top.y), ImVec2(right, top.y + kOverviewHeight)};
  const Area ruler{ImVec2(ui.axis.x0, overview.max.y + 2), ImVec2(right, overview.max.y + 2 + kRulerHeight)};
  const Area start{ImVec2(ui.axis.x0 - kStartGap - kStartWidth, ruler.min.y),
                   ImVec2(ui.axis.x0 - kStartGap, ruler.max.y)};
  ImGui::InvisibleButton("##overview", ImVec2(size.x, kOverviewHeight + 2));
  handle_overview_mouse(ui, overview);
  ImGui::SetCursorScreenPos(ImVec2(origin.x, ruler.min.y));
  ImGui::InvisibleButton("##ruler", ImVec2(size.x, kRulerHeight),
                         ImGuiButtonFlags_MouseButtonLeft | ImGuiButtonFlags_MouseButtonMiddle);
  handle_track_mouse(session, ui, fonts, {}, true);
  float y = ruler.max.y + 2;
  const std::vector<Row> pinned_rows = lay_out(session, ui, fonts, items, origin, y, true, 1);
  ImGui::SetCursorScreenPos(ImVec2(origin.x, ruler.max.y));
  ImGui::InvisibleButton("##letters", ImVec2(size.x, std::max(2.0f, y - ruler.max.y)),
                         ImGuiButtonFlags_MouseButtonLeft | ImGuiButtonFlags_MouseButtonMiddle);
  if (!handle_track_arranging(session, ui, pinned_rows))
    handle_track_mouse(session, ui, fonts, pinned_rows, false);
  draw_overview(pinned, overview);
  draw_ruler(pinned, ruler, start);
  draw_rows(pinned, pinned_rows);
  draw_selection(pinned, ruler.max.y, y);
  draw_marks(pinned, ruler, y);
  draw_columns(pinned, start, ruler.max.y, y);

  // The rest scrolls.
  ImGui::SetCursorScreenPos(ImVec2(origin.x, y));
  const float remaining = std::max(40.0f, origin.y + size.y - y);
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(0, 0));
  ImGui::PushStyleColor(ImGuiCol_ChildBg, theme.panel);
  const bool open = ImGui::BeginChild("##rows", ImVec2(size.x, remaining), ImGuiChildFlags_None,
                                      ImGuiWindowFlags_NoScrollWithMouse);
  ImGui::PopStyleColor();
  ImGui::PopStyleVar();
  if (open) {
    const ImVec2 inner = ImGui::GetCursorScreenPos();
    float bottom = inner.y + 4;
    float natural = 0, elastic = 0;
    for (const Row& row : lay_out(session, ui, fonts, items, inner, natural, false, 1)) {
      if (row.track && !row.group.empty() && !row.fixed) elastic += row.area.height();
    }
    // While an edge is dragged nothing else may move.
    if (ui.tracks.drag != TrackDrag::Height)
      ui.tracks.stretch = stretch_to_fit(natural + 8, elastic, remaining);
    const float stretch = ui.tracks.stretch;
    const std::vector<Row> rows = lay_out(session, ui, fonts, items, inner, bottom, false, stretch);
    // What costs work is computed while it is on show.
    session.want_sensitivity(std::any_of(
        rows.begin(), rows.end(), [](const Row& row) { return row.track && row.group == kGradients; }));
    ImGui::InvisibleButton("##rows", ImVec2(size.x - kRightMargin, std::max(bottom - inner.y, remaining)),
                           ImGuiButtonFlags_MouseButtonLeft | ImGuiButtonFlags_MouseButtonMiddle);
    if (!handle_track_arranging(session, ui, rows)) handle_track_mouse(session, ui, fonts, rows, false);
    if (ImGui::IsItemHovered() && ImGui::GetIO().MousePos.x < start.min.x) {
      ImGui::SetScrollY(ImGui::GetScrollY() - ImGui::GetIO().MouseWheel * 48);
    }
    const TrackContext context = context_for(*ImGui::GetWindowDrawList());
    draw_rows(context, rows);
    draw_selection(context, inner.y, bottom);
    draw_columns(context, start, inner.y, bottom);
    draw_groups(context, rows);
    group_menu(session, ui);
    draw_label_menu(session, ui);
    if (!session.trace() && !session.trace_too_large()) {
      progress_bar(session, theme, fonts, ImVec2(ui.axis.x0, ImGui::GetWindowPos().y), ui.axis.width);
    }
  }
  ImGui::EndChild();
  keep_axis(session, ui);
}

}  // namespace ribostep::ui
