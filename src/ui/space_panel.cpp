// State space: the path of a layer's state in the plane it varies most in, with a lasso to pick positions.
// Points and classes are worked out in space_points.
#include <imgui.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "session/origins.h"
#include "session/step_words.h"
#include "ui/colour.h"
#include "ui/debug_panels.h"
#include "ui/format.h"
#include "ui/space_points.h"
#include "ui/widgets.h"

namespace ribostep::ui {
namespace {

constexpr float kControls = 212, kLegend = 200, kNarrow = 640, kNarrowPlot = 300;
constexpr int kWholePath = 4000;  // more steps: only those around the cursor are joined
constexpr int kTrailBefore = 300, kTrailAfter = 60;
constexpr int kManyPoints = 1500;  // from here on they are smaller
constexpr float kReach = 14;       // pixels from a point that still mean it
constexpr float kDragStarts = 4;
constexpr double kNearShare = 0.05;
constexpr float kLassoStep = 3;  // pixels between corners of the lasso
constexpr std::size_t kMostCorners = 512;
constexpr int kNumbered = 8;  // positions written along the path

struct View {
  const SpaceState& state;
  ImVec2 low, high;  // pixels
  ImVec2 pixel(double x, double y) const {
    return ImVec2((low.x + high.x) * 0.5f + static_cast<float>((x - state.centre_x) * state.scale_x),
                  (low.y + high.y) * 0.5f - static_cast<float>((y - state.centre_y) * state.scale_y));
  }
  experiment::PlanePoint point(ImVec2 at) const {
    return {state.centre_x + static_cast<double>(at.x - (low.x + high.x) * 0.5f) / state.scale_x,
            state.centre_y - static_cast<double>(at.y - (low.y + high.y) * 0.5f) / state.scale_y};
  }
  bool shows(ImVec2 at) const { return at.x >= low.x && at.x <= high.x && at.y >= low.y && at.y <= high.y; }
};

ImVec2 pixel_of(const View& view, const experiment::StateSpace& space, int step) {
  const SpaceState& s = view.state;
  if (step < 0)
    return view.pixel(static_cast<double>(space.start[static_cast<std::size_t>(s.x)]),
                      static_cast<double>(space.start[static_cast<std::size_t>(s.y)]));
  return view.pixel(static_cast<double>(space.at(step, s.x)), static_cast<double>(space.at(step, s.y)));
}

void fit(SpaceState& s, const experiment::StateSpace& space, ImVec2 size) {
  double low_x = s.grid.low_x, high_x = s.grid.high_x, low_y = s.grid.low_y, high_y = s.grid.high_y;
  const double x0 = static_cast<double>(space.start[static_cast<std::size_t>(s.x)]);
  const double y0 = static_cast<double>(space.start[static_cast<std::size_t>(s.y)]);
  low_x = std::min(low_x, x0);
  high_x = std::max(high_x, x0);
  low_y = std::min(low_y, y0);
  high_y = std::max(high_y, y0);
  s.centre_x = (low_x + high_x) / 2;
  s.centre_y = (low_y + high_y) / 2;
  const double width = std::max(high_x - low_x, 1e-9), height = std::max(high_y - low_y, 1e-9);
  s.scale_x = static_cast<double>(std::max(20.0f, size.x - 40)) / width;
  s.scale_y = static_cast<double>(std::max(20.0f, size.y - 34)) / height;
  // Distances are the same in both directions, unless one of them would be a line.
  const double least = std::min(s.scale_x, s.scale_y);
  if (std::max(s.scale_x, s.scale_y) < 6 * least) s.scale_x = s.scale_y = least;
}

// ---- controls

void draw_layer_choice(Panel& p, const session::Units& units) {
  const rnn::Network& net = p.session.network();
  std::vector<std::string> names;
  std::vector<std::pair<int, bool>> what;
  for (int l = 0; l < static_cast<int>(net.layers.size()); ++l)
    for (const bool cell : {false, true}) {
      if (cell && !rnn::has_cell_state(net.layers[static_cast<std::size_t>(l)].cell)) continue;
      names.push_back((net.layers.size() > 1 ? session::layer_name(net, l) + ", " : std::string()) +
                      (cell ? "memory c" : "state h"));
      what.emplace_back(l, cell);
    }
  std::vector<Choice> choices;
  int current = 0;
  for (std::size_t i = 0; i < names.size(); ++i) {
    choices.push_back({names[i].c_str(), {}});
    if (what[i] == std::pair(units.space_layer(), units.space_cell())) current = static_cast<int>(i);
  }
  row(p, "States of", "Whose states are drawn: the layer, and its state h or its memory c");
  const int chosen = choose_from_list(p, "##space_layer", choices, current);
  if (chosen >= 0)
    p.session.units().choose_space(what[static_cast<std::size_t>(chosen)].first,
                                   what[static_cast<std::size_t>(chosen)].second);
}

void draw_controls(Panel& p, SpaceState& s, const session::SpaceView* view) {
  session::Units& units = p.session.units();
  draw_layer_choice(p, units);
  if (view != nullptr && view->space.components > 2) {
    row(p, "Axes", "Which principal components are drawn: across, and up");
    static constexpr std::pair<int, int> kPairs[] = {{0, 1}, {0, 2}, {1, 2}};
    const Choice choices[] = {{"1, 2", {}}, {"1, 3", {}}, {"2, 3", {}}};
    int current = 0;
    for (int i = 0; i < 3; ++i)
      if (kPairs[i] == std::pair(s.x, s.y)) current = i;
    if (const int chosen = choose_segment(p, "##space_axes", choices, current); chosen >= 0) {
      s.x = kPairs[chosen].first;
      s.y = kPairs[chosen].second;
      s.fitted = true;
    }
  }
  row(p, "Colour by", "What the colour and the shape of a point tell");
  std::vector<Choice> colours;
  for (int i = 0; i < kSpaceColours; ++i) {
    const auto colour = static_cast<SpaceColour>(i);
    colours.push_back({name(colour), colour_obstacle(p.session, colour)});
  }
  if (const int chosen = choose_from_list(p, "##space_colour", colours, static_cast<int>(s.colour));
      chosen >= 0) {
    s.colour = static_cast<SpaceColour>(chosen);
    s.colour_chosen = true;
  }
  if (!colours[static_cast<std::size_t>(s.colour)].why_not.empty()) s.colour = SpaceColour::Position;
  toggle(p, "Path", s.path);
  tip(p, "Joins the states in the order they were read; of long sequences, those around the cursor");
  ImGui::SameLine();
  toggle(p, "Untrained", s.twin);
  tip(p,
      "Draws the states of the same network before training in the same axes, in grey: structure that is "
      "there already is no finding");
  bool held = units.axes_held();
  if (toggle(p, "Hold axes", held)) units.hold_axes(held);
  tip(p, "Keeps these axes: choose another sequence, edit letters or train on, and see it in the same plane");
  if (button(s.lasso ? "Lasso: on###lasso" : "Lasso###lasso", view != nullptr)) s.lasso = !s.lasso;
  tip(p, "Draw round points to pick their positions; holding Shift while dragging does the same", "Shift");
  ImGui::SameLine();
  if (button("Fit###fit_space", view != nullptr && !s.fitted)) s.fitted = true;
  tip(p, "Shows the whole path again; a double click does the same");
}

// ---- the picture

void draw_path(const View& view, const experiment::StateSpace& space, int cursor, const Theme& t,
               ImDrawList& list) {
  int from = 0, to = space.steps - 1;
  if (space.steps > kWholePath) {
    from = std::max(0, cursor - kTrailBefore);
    to = std::min(space.steps - 1, std::max(cursor, 0) + kTrailAfter);
  }
  std::vector<ImVec2> line;
  line.reserve(static_cast<std::size_t>(to - from + 2));
  if (from == 0) line.push_back(pixel_of(view, space, -1));
  for (int step = from; step <= to; ++step) line.push_back(pixel_of(view, space, step));
  list.AddPolyline(line.data(), static_cast<int>(line.size()), faded(t.text_dim, 0.35f), ImDrawFlags_None, 1);
}

ImU32 point_colour(const SpaceState& s, const ColourMap& map, int step, int steps) {
  if (s.colour == SpaceColour::Position) {
    const float share = steps > 1 ? static_cast<float>(step) / static_cast<float>(steps - 1) : 0;
    return map[static_cast<std::size_t>(70 + share * 185)];
  }
  const std::uint8_t cls = s.classes.of_step[static_cast<std::size_t>(step)];
  return cls < s.classes.colours.size() ? s.classes.colours[cls] : s.classes.colours.back();
}

const std::vector<int>& shown_steps(SpaceState& s, const View& view) {
  const experiment::PlanePoint a = view.point(ImVec2(view.low.x, view.high.y));
  const experiment::PlanePoint b = view.point(ImVec2(view.high.x, view.low.y));
  const double key[4] = {a.x, a.y, b.x, b.y};
  if (s.shown_serial != s.grid.serial || !std::equal(key, key + 4, s.shown_for)) {
    s.shown = s.grid.within(a, b);
    std::copy(key, key + 4, s.shown_for);
    s.shown_serial = s.grid.serial;
  }
  return s.shown;
}

// Colour alone does not tell where in the sequence a state is: some of them carry their position.
void number_points(const Panel& p, const View& view, const session::SpaceView& of) {
  const FontScope font(p.fonts.small);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const int count = std::min(kNumbered, of.space.steps);
  std::vector<ImVec2> written;
  for (int i = 0; i < count; ++i) {
    const int step =
        count > 1 ? static_cast<int>(static_cast<std::int64_t>(of.space.steps - 1) * i / (count - 1)) : 0;
    const ImVec2 at = pixel_of(view, of.space, step);
    const bool crowded = std::any_of(written.begin(), written.end(), [&](ImVec2 other) {
      return std::fabs(at.x - other.x) < 34 && std::fabs(at.y - other.y) < 13;
    });
    if (!view.shows(at) || crowded) continue;
    written.push_back(at);
    const std::string words = thousands(of.position_of(step));
    const ImVec2 room = ImGui::CalcTextSize(words.c_str());
    const ImVec2 from(at.x + 5, at.y + 3);
    list.AddRectFilled(ImVec2(from.x - 1, from.y), ImVec2(from.x + room.x + 1, from.y + room.y),
                       faded(p.theme.panel_alt, 0.75f), 2);
    list.AddText(from, p.theme.text, words.c_str());
  }
}

// The point under the mouse, -2: none.
int draw_points(const Panel& p, UiState& ui, const View& view, const session::SpaceView& of, bool hovered) {
  SpaceState& s = ui.space;
  const experiment::StateSpace& space = of.space;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const ColourMap map = sequential(p.theme.dark);
  const std::vector<int>& steps = shown_steps(s, view);
  const bool many = static_cast<int>(steps.size()) > kManyPoints;
  const float radius = many ? 2.0f : 3.2f;
  const std::vector<int>& picked = ui.selection.picked;
  const ImVec2 mouse = ImGui::GetIO().MousePos;
  int nearest = -2;
  float best = kReach * kReach;
  for (const int step : steps) {
    const ImVec2 at = pixel_of(view, space, step);
    if (!view.shows(at)) continue;
    const bool in = !picked.empty() && std::binary_search(picked.begin(), picked.end(), of.position_of(step));
    const ImU32 colour = point_colour(s, map, step, space.steps);
    const int shape = s.classes.shapes && !many ? s.classes.of_step[static_cast<std::size_t>(step)]
                      : many                    ? 1
                                                : 0;
    draw_marker(list, shape, at, in ? radius + 1 : radius,
                picked.empty() || in ? colour : faded(colour, 0.35f));
    if (in && !many) list.AddCircle(at, radius + 3, p.theme.text, 10, 1);
    const float distance = (at.x - mouse.x) * (at.x - mouse.x) + (at.y - mouse.y) * (at.y - mouse.y);
    if (hovered && distance < best) {
      best = distance;
      nearest = step;
    }
  }
  return nearest;
}

void draw_twin(const Panel& p, SpaceState& s, const View& view, const session::Units& units,
               std::uint64_t serial) {
  const experiment::StateSpace* twin = units.twin_in_axes();
  if (!s.twin || twin == nullptr || s.y >= twin->components) return;
  if (s.twin_grid.serial != serial || s.twin_grid.x != s.x || s.twin_grid.y != s.y)
    s.twin_grid.build(*twin, s.x, s.y, serial);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  for (const int step : s.twin_grid.within(view.point(ImVec2(view.low.x, view.high.y)),
                                           view.point(ImVec2(view.high.x, view.low.y)))) {
    const ImVec2 at = pixel_of(view, *twin, step);
    list.AddRectFilled(ImVec2(at.x - 1.5f, at.y - 1.5f), ImVec2(at.x + 1.5f, at.y + 1.5f),
                       faded(p.theme.text_dim, 0.6f));
  }
}

void jump(Panel& p, int position) {
  if (position == p.session.position()) return;
  p.session.origins().note_jump();
  p.session.go_to(position);
}

void end_lasso(UiState& ui, const session::SpaceView& view) {
  SpaceState& s = ui.space;
  ui.selection.picked = positions_of(view, experiment::steps_within(view.space, s.x, s.y, s.line));
  s.picked_record = view.record;
  s.picked_size = static_cast<std::size_t>(-1);
  s.line.clear();
  s.drawing = false;
}

// Mouse over the picture: zoom, move, lasso, jump.
void handle_mouse(Panel& p, UiState& ui, const View& view, const session::SpaceView& of, int nearest,
                  bool hovered, bool pressed) {
  SpaceState& s = ui.space;
  const ImGuiIO& io = ImGui::GetIO();
  if (hovered && io.MouseWheel != 0) {
    const experiment::PlanePoint before = view.point(io.MousePos);
    const double factor = std::pow(1.2, static_cast<double>(io.MouseWheel));
    s.scale_x *= factor;
    s.scale_y *= factor;
    const experiment::PlanePoint after = view.point(io.MousePos);
    s.centre_x += before.x - after.x;
    s.centre_y += before.y - after.y;
    s.fitted = false;
  }
  if (pressed) {
    s.dragging = true;
    s.drag_moved = false;
    s.pressed_step = nearest;
    s.drag_x = io.MousePos.x;
    s.drag_y = io.MousePos.y;
    s.drawing = s.lasso || io.KeyShift;
    s.line.clear();
    if (s.drawing) s.line.push_back(view.point(io.MousePos));
  }
  if (!s.dragging) return;
  const float dx = io.MousePos.x - s.drag_x, dy = io.MousePos.y - s.drag_y;
  if (ImGui::IsMouseDown(ImGuiMouseButton_Left)) {
    if (!s.drag_moved && std::hypot(dx, dy) < kDragStarts) return;
    s.drag_moved = true;
    if (s.drawing) {
      const experiment::PlanePoint now = view.point(io.MousePos);
      const ImVec2 last = view.pixel(s.line.back().x, s.line.back().y);
      if (std::hypot(io.MousePos.x - last.x, io.MousePos.y - last.y) >= kLassoStep) s.line.push_back(now);
      // A long one keeps every other corner.
      if (s.line.size() > kMostCorners) {
        std::size_t kept = 0;
        for (std::size_t i = 0; i < s.line.size(); i += 2) s.line[kept++] = s.line[i];
        s.line.resize(kept);
      }
    } else {
      s.centre_x -= static_cast<double>(dx) / s.scale_x;
      s.centre_y += static_cast<double>(dy) / s.scale_y;
      s.fitted = false;
    }
    s.drag_x = io.MousePos.x;
    s.drag_y = io.MousePos.y;
    return;
  }
  s.dragging = false;
  if (s.drawing && s.drag_moved) return end_lasso(ui, of);
  s.drawing = false;
  if (!s.drag_moved && s.pressed_step > -2) jump(p, of.position_of(s.pressed_step));
}

std::string point_words(const Panel& p, const SpaceState& s, const session::SpaceView& view, int step) {
  const int position = view.position_of(step);
  std::string text = "position " + thousands(position);
  const std::string_view letters = p.session.letters();
  if (p.session.data().channels() == 0 && position >= 1 && position <= static_cast<int>(letters.size()))
    text += std::string(": ") + letters[static_cast<std::size_t>(position - 1)];
  const std::uint8_t cls = s.classes.of_step[static_cast<std::size_t>(step)];
  if (s.colour != SpaceColour::Letter && s.colour != SpaceColour::Position && cls < s.classes.names.size())
    text += ", " + s.classes.names[cls];
  return text;
}

void draw_plane(Panel& p, UiState& ui, const session::SpaceView& view, ImVec2 size) {
  SpaceState& s = ui.space;
  const experiment::StateSpace& space = view.space;
  const Theme& t = p.theme;
  const ImVec2 at = ImGui::GetCursorScreenPos();
  ImGui::InvisibleButton("##space_plane", size);
  const bool pressed_now = ImGui::IsItemActivated();
  const bool hovered = ImGui::IsItemHovered() || s.dragging;
  if (s.fitted) fit(s, space, size);
  const View window{s, at, ImVec2(at.x + size.x, at.y + size.y)};
  ImDrawList& list = *ImGui::GetWindowDrawList();
  list.AddRectFilled(window.low, window.high, t.panel_alt, 4);
  list.PushClipRect(window.low, window.high, true);
  const ImVec2 zero = window.pixel(0, 0);
  list.AddLine(ImVec2(window.low.x, zero.y), ImVec2(window.high.x, zero.y), t.grid);
  list.AddLine(ImVec2(zero.x, window.low.y), ImVec2(zero.x, window.high.y), t.grid);
  const int cursor = view.step_of(p.session.position());
  draw_twin(p, s, window, p.session.units(), view.serial);
  if (s.path) draw_path(window, space, cursor, t, list);
  const int nearest = draw_points(p, ui, window, view, hovered && !s.dragging);
  if (s.colour == SpaceColour::Position) number_points(p, window, view);
  // Where it starts, where the cursor is, and what is looked at elsewhere.
  const ImVec2 start = pixel_of(window, space, -1);
  list.AddCircle(start, 5, t.text, 12, 1.5f);
  {
    const FontScope font(p.fonts.small);
    list.AddText(ImVec2(start.x + 7, start.y - 6), t.text_dim, "start");
    const auto axis = [&](int c) {
      return "component " + std::to_string(c + 1) + " (" + percent(space.explained(c), 0) + ")";
    };
    const std::string across = axis(s.x) + " \u2192", up = "\u2191 " + axis(s.y);
    const ImVec2 width = ImGui::CalcTextSize(across.c_str());
    list.AddText(ImVec2(window.high.x - width.x - 6, window.high.y - width.y - 3), t.text_dim,
                 across.c_str());
    list.AddText(ImVec2(window.low.x + 6, window.low.y + 3), t.text_dim, up.c_str());
  }
  const ImVec2 here = pixel_of(window, space, cursor);
  list.AddCircle(here, 7, t.cursor, 16, 2.5f);
  if (const int position = ui.hover_previous.position; position >= 0 && position <= view.length)
    list.AddCircle(pixel_of(window, space, view.step_of(position)), 6, t.accent, 14, 1.5f);
  if (s.drawing && s.line.size() > 1) {
    std::vector<ImVec2> line;
    for (const experiment::PlanePoint& q : s.line) line.push_back(window.pixel(q.x, q.y));
    list.AddPolyline(line.data(), static_cast<int>(line.size()), t.accent, ImDrawFlags_Closed, 1.5f);
  }
  list.PopClipRect();
  if (nearest > -2 && !s.drawing) {
    ui.hover.position = view.position_of(nearest);
    ui.hover.layer = view.layer;
    if (ImGui::BeginTooltip()) {
      text(point_words(p, s, view, nearest));
      ImGui::EndTooltip();
    }
  }
  if (hovered && ImGui::IsMouseDoubleClicked(ImGuiMouseButton_Left)) s.fitted = true;
  handle_mouse(p, ui, window, view, nearest, hovered, pressed_now);
}

// ---- beside it: what the colours mean, and what was picked

void draw_explained(const Panel& p, const session::SpaceView& view) {
  const session::Units& units = p.session.units();
  const experiment::StateSpace* own = units.twin_own();
  const auto line = [](const experiment::StateSpace& of) {
    std::string text;
    for (int c = 0; c < of.components; ++c) text += (c > 0 ? ", " : "") + percent(of.explained(c), 0);
    return text;
  };
  dim_wrapped(p, "Variance explained by components 1, 2, \u2026:");
  dim(p, (view.held ? "in held axes " : "here ") + line(view.space));
  if (own != nullptr) {
    dim(p, "untrained " + line(*own));
    tip(p,
        "The same network before training, on the same letters, in axes of its own: few dimensions alone are "
        "no sign of learning");
  } else if (const std::string why = units.twin_obstacle(); !why.empty()) {
    dim_wrapped(p, "untrained: " + why);
  }
}

void draw_side(Panel& p, UiState& ui, const session::SpaceView& view) {
  SpaceState& s = ui.space;
  const std::vector<int>& picked = ui.selection.picked;
  if (!picked.empty()) {
    text(counted(static_cast<std::int64_t>(picked.size()), "position", "positions") + " picked");
    ImGui::SameLine();
    if (button("Clear###clear_picked")) {
      ui.selection.picked.clear();
      s.picked_size = static_cast<std::size_t>(-1);
    }
    tip(p, "Picks nothing any more");
  }
  const bool some = !ui.selection.picked.empty();
  int all = 0, chosen = 0;
  for (const int n : s.classes.counts) all += n;
  for (const int n : s.picked_counts) chosen += n;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const ColourMap map = sequential(p.theme.dark);
  {
    const FontScope font(p.fonts.small);
    for (std::size_t k = 0; k < s.classes.names.size(); ++k) {
      if (s.classes.counts[k] == 0) continue;
      const float line = ImGui::GetTextLineHeight();
      const ImVec2 at = ImGui::GetCursorScreenPos();
      const ImU32 ink = s.colour == SpaceColour::Position ? map[100 + 50 * std::min<std::size_t>(k, 3)]
                                                          : s.classes.colours[k];
      draw_marker(list, s.classes.shapes ? static_cast<int>(k) : 0, ImVec2(at.x + 6, at.y + line * 0.5f), 4,
                  ink);
      ImGui::SetCursorPosX(ImGui::GetCursorPosX() + 16);
      std::string shares = thousands(s.classes.counts[k]);
      if (some && k < s.picked_counts.size())
        shares = percent(chosen > 0 ? static_cast<double>(s.picked_counts[k]) / chosen : 0, 0) + ", " +
                 percent(all > 0 ? static_cast<double>(s.classes.counts[k]) / all : 0, 0);
      const float room = ImGui::GetContentRegionAvail().x - ImGui::CalcTextSize(shares.c_str()).x - 8;
      text(fitted_text(s.classes.names[k], room));
      ImGui::SameLine(0, 8);
      ImGui::TextColored(ui::colour(p.theme.text_dim), "%s", shares.c_str());
    }
    if (some) dim(p, "share of the picked, of all");
    if (s.colour == SpaceColour::Position)
      dim_wrapped(p, "Lighter or darker by position; the numbers on the path are positions.");
    else if (!s.classes.shapes)
      dim_wrapped(p, "Too many classes for a shape each: point at one, and its name is told.");
  }
  if (button("Pick states like here###pick_near", p.session.position() > 0)) {
    ui.selection.picked =
        positions_of(view, nearest_steps(view, s.x, s.y, view.step_of(p.session.position()), kNearShare));
    s.picked_record = view.record;
    s.picked_size = static_cast<std::size_t>(-1);
  }
  tip(p, "Picks the 5 % of the steps whose states lie nearest to the cursor's in this plane");
  draw_explained(p, view);
}

}  // namespace

void draw_space_panel(Panel& p, UiState& ui, ImVec2 size) {
  SpaceState& s = ui.space;
  session::Units& units = p.session.units();
  if (const std::string why = units.space_obstacle(); !why.empty()) {
    dim_wrapped(p, "Not possible: " + why + ".");
    return;
  }
  units.look_at_space();
  const session::SpaceView* view = units.space();
  if (s.picked_record >= 0 && s.picked_record != p.session.project().cursor.sequence) {
    ui.selection.picked.clear();
    s.picked_record = -1;
  }
  if (!s.colour_chosen && p.session.data().channels() > 0) s.colour = SpaceColour::Position;
  if (view != nullptr) {
    s.x = std::min(s.x, view->space.components - 1);
    s.y = std::min(s.y, view->space.components - 1);
    if (s.grid.serial != view->serial || s.grid.x != s.x || s.grid.y != s.y)
      s.grid.build(view->space, s.x, s.y, view->serial);
  }
  const bool narrow = size.x < kNarrow;
  const float gap = ImGui::GetStyle().ItemSpacing.x;
  const float height = narrow ? 0 : size.y;
  if (!narrow) {
    ImGui::BeginChild("##space_controls", ImVec2(kControls, height));
    draw_controls(p, s, view);
    ImGui::EndChild();
    ImGui::SameLine();
  } else {
    draw_controls(p, s, view);
  }
  const ImVec2 plane(narrow ? size.x : std::max(120.0f, size.x - kControls - kLegend - 2 * gap),
                     narrow ? kNarrowPlot : std::max(90.0f, size.y - 2));
  if (view == nullptr || view->space.steps == 0) {
    ui.wants_frame = true;
    ImGui::BeginGroup();
    dim(p, "Finding the axes\u2026");
    progress(p, units.space_progress(), "", plane.x);
    ImGui::EndGroup();
    return;
  }
  refresh_classes(p, *view, s);
  refresh_picked(*view, ui.selection.picked, s);
  ImGui::BeginChild("##space_plot", plane, ImGuiChildFlags_None,
                    ImGuiWindowFlags_NoScrollbar | ImGuiWindowFlags_NoScrollWithMouse);
  draw_plane(p, ui, *view, plane);
  ImGui::EndChild();
  if (!narrow) {
    ImGui::SameLine();
    ImGui::BeginChild("##space_side", ImVec2(kLegend, height));
    draw_side(p, ui, *view);
    ImGui::EndChild();
  } else {
    draw_side(p, ui, *view);
  }
}

}  // namespace ribostep::ui
