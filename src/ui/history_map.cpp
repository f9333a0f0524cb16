#include "ui/history_map.h"

#include <algorithm>
#include <cmath>

#include "experiment/metrics.h"
#include "session/history.h"
#include "ui/format.h"
#include "ui/widgets.h"

namespace ribostep::ui {
namespace {

constexpr int kMostCells = 8000;  // rectangles in a frame
constexpr float kLeft = 44;       // of the numbers of updates

std::string class_name(const Panel& p, int k) {
  const auto& names = p.session.output_names();
  return static_cast<std::size_t>(k) < names.size() ? names[static_cast<std::size_t>(k)]
                                                    : std::to_string(k + 1);
}

// Means over the positions that share a column.
void paint(HistoryState& state, const session::TimeMap& map, const Panel& p, int columns, int rows) {
  if (state.map_serial == map.serial && state.map_columns == columns && state.map_rows == rows &&
      state.map_of_class == state.map_class && state.map_dark == p.theme.dark)
    return;
  state.map_serial = map.serial;
  state.map_columns = columns;
  state.map_rows = rows;
  state.map_of_class = state.map_class;
  state.map_dark = p.theme.dark;
  const ColourMap colours = sequential(p.theme.dark);
  state.map_cells.clear();
  const int all = static_cast<int>(map.updates.size());
  for (int y = 0; y < rows; ++y) {
    const int row = y * all / rows;
    for (int x = 0; x < columns; ++x) {
      const int first = x * map.positions / columns,
                end = std::max(first + 1, (x + 1) * map.positions / columns);
      float sum = 0;
      for (int t = first; t < end; ++t) sum += map.p(row, t, state.map_class);
      const float share = std::clamp(sum / static_cast<float>(end - first), 0.0f, 1.0f);
      state.map_cells.push_back(colours[static_cast<std::size_t>(share * 255 + 0.5f)]);
    }
  }
}

void choose_class(Panel& p, HistoryState& state, int outputs) {
  if (state.map_class < 0 && p.session.project().model.task == rnn::Task::SequenceLabel)
    state.map_class = experiment::positive_class(p.session.labels().classes);
  state.map_class = std::clamp(state.map_class, 0, std::max(0, outputs - 1));
  ImGui::AlignTextToFramePadding();
  dim(p, "p of");
  ImGui::SameLine();
  ImGui::SetNextItemWidth(std::min(150.0f, ImGui::GetContentRegionAvail().x));
  if (ImGui::BeginCombo("##map_class", class_name(p, state.map_class).c_str())) {
    for (int k = 0; k < outputs; ++k)
      if (ImGui::Selectable((class_name(p, k) + "##" + std::to_string(k)).c_str(), k == state.map_class))
        state.map_class = k;
    ImGui::EndCombo();
  }
}

void draw_cells(Panel& p, HistoryState& state, const session::TimeMap& map, ImVec2 at, ImVec2 size) {
  session::History& history = p.session.history();
  const int all = static_cast<int>(map.updates.size());
  const int rows = std::clamp(static_cast<int>(size.y), 1, all);
  const int columns =
      std::clamp(std::min(static_cast<int>(size.x), kMostCells / rows), 1, std::max(1, map.positions));
  paint(state, map, p, columns, rows);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const float w = size.x / static_cast<float>(columns), h = size.y / static_cast<float>(rows);
  for (int y = 0; y < rows; ++y)
    for (int x = 0; x < columns; ++x)
      list.AddRectFilled(ImVec2(at.x + w * static_cast<float>(x), at.y + h * static_cast<float>(y)),
                         ImVec2(at.x + w * static_cast<float>(x + 1), at.y + h * static_cast<float>(y + 1)),
                         state.map_cells[static_cast<std::size_t>(y * columns + x)]);
  list.AddRect(at, ImVec2(at.x + size.x, at.y + size.y), p.theme.border);
  // The rows between two numbers stand for the updates between them.
  const auto y_of = [&](std::int64_t update) {
    const auto row = std::lower_bound(map.updates.begin(), map.updates.end(), update) - map.updates.begin();
    return at.y + size.y * (static_cast<float>(row) + 0.5f) / static_cast<float>(all);
  };
  const int position = p.session.position();
  if (position > 0 && position <= map.positions) {
    const float x = at.x + size.x * (static_cast<float>(position) - 0.5f) / static_cast<float>(map.positions);
    list.AddLine(ImVec2(x, at.y), ImVec2(x, at.y + size.y), p.theme.cursor);
  }
  if (history.visiting() && history.update_shown() <= map.updates.back()) {
    const float y = y_of(history.update_shown());
    list.AddLine(ImVec2(at.x, y), ImVec2(at.x + size.x, y), p.theme.warning, 2);
  }
  ImGui::SetCursorScreenPos(at);
  ImGui::InvisibleButton("##time_map", size);
  const ImVec2 mouse = ImGui::GetIO().MousePos;
  const int row =
      std::clamp(static_cast<int>((mouse.y - at.y) / size.y * static_cast<float>(all)), 0, all - 1);
  const int column = std::clamp(
      static_cast<int>((mouse.x - at.x) / size.x * static_cast<float>(map.positions)), 0, map.positions - 1);
  const std::int64_t update = map.updates[static_cast<std::size_t>(row)];
  if (ImGui::IsItemActive()) {
    if (history.update_shown() != update) history.visit(update);
    if (p.session.position() != column + 1) p.session.go_to(column + 1);
  }
  tip(p, "update " + thousands(update) + ", position " + thousands(column + 1) + ": p(" +
             class_name(p, state.map_class) +
             ") = " + significant(static_cast<double>(map.p(row, column, state.map_class)), 3) +
             "; click to go there");
}

}  // namespace

void draw_time_map(Panel& p, HistoryState& state, ImVec2 size) {
  session::History& history = p.session.history();
  const std::string why = history.map_obstacle();
  const float top = ImGui::GetCursorPosY();
  if (!why.empty()) {
    dim(p, "Positions and updates");
    return dim_wrapped(p, "No map here: " + why + ".");
  }
  history.want_map();
  const session::TimeMap& map = history.map();
  choose_class(p, state, p.session.network().spec.outputs());
  ImGui::SameLine();
  const int made = static_cast<int>(map.updates.size());
  const std::string words = made < map.planned
                                ? "computing " + std::to_string(made) + " of " + std::to_string(map.planned)
                                : std::string("rows: updates");
  {
    const FontScope font(p.fonts.small);
    dim(p, fitted_text(words, ImGui::GetContentRegionAvail().x));
  }
  tip(p,
      "What the network says after reading so far, with the weights of each checkpoint. A bidirectional "
      "network that labels whole sequences says the same everywhere");
  if (made == 0) return;
  const float used = ImGui::GetCursorPosY() - top;
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const ImVec2 cells(size.x - kLeft - 4, std::max(size.y - used - 4, 60.0f));
  draw_cells(p, state, map, ImVec2(at.x + kLeft, at.y), cells);
  const FontScope font(p.fonts.small);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const float line = ImGui::GetTextLineHeight();
  const auto label = [&](std::int64_t update, float y) {
    const std::string number = thousands(update);
    list.AddText(ImVec2(at.x + kLeft - 6 - ImGui::CalcTextSize(number.c_str()).x, y), p.theme.text_dim,
                 number.c_str());
  };
  label(map.updates.front(), at.y);
  if (made > 1) label(map.updates.back(), at.y + cells.y - line);
}

}  // namespace ribostep::ui
