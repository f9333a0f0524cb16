// The weights as a matrix of colours: one cell is dragged, typed or stepped by keys, and every track follows.
// Only the cells in sight are drawn. What rows and columns stand for is weights_model's.
#include <imgui_internal.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>

#include "session/edits.h"
#include "ui/debug_panels.h"
#include "ui/edit_keys.h"
#include "ui/heatmap.h"
#include "ui/inspector_model.h"
#include "ui/weights_model.h"
#include "ui/widgets.h"

namespace ribostep::ui {
namespace {

using session::Session;

constexpr float kControls = 232, kRowGutter = 46, kColumnGutter = 18;
constexpr float kLeast = 6, kWidest = 44, kHighest = 24;  // pixels of a cell
constexpr float kPixelsPerRange = 120;                    // of a drag
constexpr float kStepsPerRange = 50;                      // of + and -
constexpr std::size_t kMostBefore = 256;
constexpr int kTypingWeight = -2;  // as EditState::typing_unit: it is the chosen weight's number

// One matrix as it is laid out: rows run down, or across where that uses the room better.
struct Matrix {
  const TensorView& view;
  const rnn::Tensor& tensor;
  io::WeightsPtr held;  // the weights stay while they are drawn, though a drag replaces them
  std::span<const float> weights;
  bool across;  // rows run to the right

  int columns() const { return across ? tensor.rows : tensor.cols; }  // on the screen
  int lines() const { return across ? tensor.cols : tensor.rows; }
  int row(int x, int y) const { return across ? x : y; }
  int col(int x, int y) const { return across ? y : x; }
  int x_of(int row, int col) const { return across ? row : col; }
  int y_of(int row, int col) const { return across ? col : row; }
  float value(int row, int col) const {
    return weights[tensor.offset + static_cast<std::size_t>(row) * static_cast<std::size_t>(tensor.cols) +
                   static_cast<std::size_t>(col)];
  }
};

// What is edited, not what an older trace still shows.
Matrix matrix_of(const Session& s, const TensorView& view, bool across) {
  const rnn::Tensor& tensor = s.network().tensors[static_cast<std::size_t>(view.tensor)];
  if (const io::WeightsPtr& now = s.project().weights; now && s.edits().weights_obstacle().empty())
    return {view, tensor, now, *now, across};
  return {view, tensor, nullptr, s.weights(), across};
}

const TensorView& chosen_view(const std::vector<TensorView>& views, WeightsState& state, int layer) {
  const auto at =
      std::find_if(views.begin(), views.end(), [&](const auto& v) { return v.tensor == state.tensor; });
  if (at != views.end()) return *at;
  state.tensor = tensor_of(views, layer);
  state.row = state.col = -1;
  return *std::find_if(views.begin(), views.end(), [&](const auto& v) { return v.tensor == state.tensor; });
}

void settle_range(WeightsState& state, const Matrix& matrix, std::uint64_t serial) {
  const void* of = matrix.weights.data();
  if (state.range_of == of && state.range_serial == serial && state.range_tensor == matrix.view.tensor)
    return;
  // A scale that moved under the mouse would move the number with it.
  if (state.dragging && state.range_tensor == matrix.view.tensor) return;
  state.range_of = of;
  state.range_serial = serial;
  state.range_tensor = matrix.view.tensor;
  float most = 0;
  for (std::size_t i = 0; i < matrix.tensor.size(); ++i)
    most = std::max(most, std::fabs(matrix.weights[matrix.tensor.offset + i]));
  state.range = symmetric_range(most).high;
}

std::string origin_of_weights(const Session& s) {
  return s.project().data.content_hash + "/" + std::to_string(s.network().parameter_count) + "/" +
         std::to_string(s.project().seed);
}

// Every change goes through here, so that it can be taken back cell by cell.
void set_weight(Session& s, WeightsState& state, const Matrix& matrix, int row, int col, float value,
                bool continues) {
  const float before = matrix.value(row, col);
  const std::string origin = origin_of_weights(s);
  if (state.before_data != origin) {
    state.before.clear();
    state.before_data = origin;
  }
  const auto same = [&](const WeightsState::Before& b) {
    return b.tensor == matrix.view.tensor && b.row == row && b.col == col;
  };
  if (s.edits().weights_obstacle().empty() && value != before &&
      std::none_of(state.before.begin(), state.before.end(), same)) {
    if (state.before.size() >= kMostBefore) state.before.erase(state.before.begin());
    state.before.push_back({matrix.view.tensor, row, col, before});
  }
  s.edits().set_weight(matrix.view.tensor, row, col, value, continues);
}

const WeightsState::Before* before_of(const Session& s, const WeightsState& state, int tensor, int row,
                                      int col) {
  if (state.before_data != origin_of_weights(s)) return nullptr;
  for (const WeightsState::Before& b : state.before)
    if (b.tensor == tensor && b.row == row && b.col == col) return &b;
  return nullptr;
}

// ---- the matrix

struct Geometry {
  ImVec2 origin, min, max;  // of the first cell; of what is in sight
  float width, height;      // of a cell
  float x(int i) const { return origin.x + static_cast<float>(i) * width; }
  float y(int i) const { return origin.y + static_cast<float>(i) * height; }
  int first_x() const { return std::max(0, static_cast<int>((min.x - origin.x) / width)); }
  int first_y() const { return std::max(0, static_cast<int>((min.y - origin.y) / height)); }
  int end_x(int n) const { return std::clamp(static_cast<int>((max.x - origin.x) / width) + 1, 0, n); }
  int end_y(int n) const { return std::clamp(static_cast<int>((max.y - origin.y) / height) + 1, 0, n); }
};

void draw_cells(const Panel& p, const WeightsState& state, const Matrix& matrix, const Geometry& g) {
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  const ColourMap map = diverging(p.theme.dark);
  const ValueRange range{-state.range, state.range};
  const int end_x = g.end_x(matrix.columns()), end_y = g.end_y(matrix.lines());
  const float gap = g.width >= 10 && g.height >= 10 ? 1.0f : 0.0f;
  const bool numbers = g.width >= 40 && g.height >= 15 && p.fonts.small;
  for (int y = g.first_y(); y < end_y; ++y) {
    for (int x = g.first_x(); x < end_x; ++x) {
      const float value = matrix.value(matrix.row(x, y), matrix.col(x, y));
      const ImU32 fill = map[range.byte(value)];
      draw.AddRectFilled(ImVec2(g.x(x), g.y(y)), ImVec2(g.x(x + 1) - gap, g.y(y + 1) - gap), fill);
      if (!numbers) continue;
      const std::string words = fixed_signed(value, 2);
      const float size = p.fonts.small->FontSize;
      const ImVec2 wide = p.fonts.small->CalcTextSizeA(size, 1e9f, 0, words.c_str());
      draw.AddText(p.fonts.small, size,
                   ImVec2(g.x(x) + (g.width - wide.x) / 2, g.y(y) + (g.height - wide.y) / 2), ink_on(fill),
                   words.c_str());
    }
  }
  // Between gates.
  if (matrix.view.per_block <= 0) return;
  const int blocks = matrix.tensor.rows / matrix.view.per_block;
  for (int b = 1; b < blocks; ++b) {
    const int at = b * matrix.view.per_block;
    const float end = matrix.across ? g.y(matrix.lines()) : g.x(matrix.columns());
    if (matrix.across)
      draw.AddLine(ImVec2(g.x(at), g.origin.y), ImVec2(g.x(at), end), p.theme.text, 1.5f);
    else
      draw.AddLine(ImVec2(g.origin.x, g.y(at)), ImVec2(end, g.y(at)), p.theme.text, 1.5f);
  }
}

void frame_cell(const Matrix& matrix, const Geometry& g, int row, int col, ImU32 colour, float thickness) {
  const int x = matrix.x_of(row, col), y = matrix.y_of(row, col);
  ImGui::GetWindowDrawList()->AddRect(ImVec2(g.x(x) - 1, g.y(y) - 1), ImVec2(g.x(x + 1) + 1, g.y(y + 1) + 1),
                                      colour, 1, 0, thickness);
}

// The rows of the unit under the mouse, in every gate or in that one, and what it feeds.
void draw_hovered(const Panel& p, const UiState& ui, const Matrix& matrix, const Geometry& g) {
  const Hover& hover = ui.hover_previous;
  if (matrix.view.layer < 0 || hover.layer != matrix.view.layer || hover.unit < 0) return;
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  const auto line = [&](int at, bool row) {
    const bool down = row == matrix.across;  // a line of cells that runs down the screen
    const ImVec2 a = down ? ImVec2(g.x(at), g.origin.y) : ImVec2(g.origin.x, g.y(at));
    const ImVec2 b =
        down ? ImVec2(g.x(at + 1), g.y(matrix.lines())) : ImVec2(g.x(matrix.columns()), g.y(at + 1));
    draw.AddRect(a, b, p.theme.accent);
  };
  if (matrix.view.per_block > 0)
    for (int b = 0; b * matrix.view.per_block < matrix.tensor.rows; ++b) {
      const int row = b * matrix.view.per_block + hover.unit;
      if (row < matrix.tensor.rows && (hover.gate < 0 || hover.gate == b)) line(row, true);
    }
  if (matrix.view.kind == TensorKind::RecurrentWeights && hover.gate < 0 && hover.unit < matrix.tensor.cols)
    line(hover.unit, false);
}

// Names along the edges, as many as there is room for.
void draw_names(const Panel& p, const Session& s, const Matrix& matrix, const Geometry& g) {
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  ImFont* font = p.fonts.small ? p.fonts.small : ImGui::GetFont();
  const float size = font->FontSize;
  const auto name = [&](int i, bool of_row) {
    return of_row ? row_name(s, matrix.view, i) : column_name(s, matrix.view, i);
  };
  const auto cut = [&](std::string text, float room) {
    while (text.size() > 1 && font->CalcTextSizeA(size, 1e9f, 0, text.c_str()).x > room) {
      text.pop_back();
      while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xC0u) == 0x80u) text.pop_back();
    }
    return text;
  };
  draw.PushClipRect(ImVec2(g.min.x - kRowGutter, g.min.y), ImVec2(g.min.x - 2, g.max.y), true);
  const int every_y = std::max(1, static_cast<int>(std::ceil(size / g.height)));
  for (int y = g.first_y(); y < g.end_y(matrix.lines()); ++y) {
    if (y % every_y != 0) continue;
    const std::string text = cut(name(y, !matrix.across), kRowGutter - 6);
    const float wide = font->CalcTextSizeA(size, 1e9f, 0, text.c_str()).x;
    draw.AddText(font, size, ImVec2(g.min.x - 5 - wide, g.y(y) + (g.height - size) / 2), p.theme.text_dim,
                 text.c_str());
  }
  draw.PopClipRect();
  draw.PushClipRect(ImVec2(g.min.x, g.min.y - kColumnGutter), ImVec2(g.max.x, g.min.y), true);
  float free_from = g.min.x - 1e6f;
  for (int x = g.first_x(); x < g.end_x(matrix.columns()); ++x) {
    const std::string text = cut(name(x, matrix.across), 74);
    const float wide = font->CalcTextSizeA(size, 1e9f, 0, text.c_str()).x;
    const float left = g.x(x) + (g.width - wide) / 2;
    if (left < free_from) continue;
    free_from = left + wide + 6;
    draw.AddText(font, size, ImVec2(left, g.min.y - kColumnGutter + 2), p.theme.text_dim, text.c_str());
  }
  draw.PopClipRect();
}

void drag_cell(Session& s, WeightsState& state, const Matrix& matrix) {
  if (!state.dragging || state.row < 0) return;
  if (!state.drag_moved && !ImGui::IsMouseDragging(ImGuiMouseButton_Left, 3)) return;
  if (state.drag_moved && ImGui::GetIO().MouseDelta.y == 0) return;
  const float fine = ImGui::GetIO().KeyShift ? 0.1f : 1.0f;
  const float moved =
      -ImGui::GetMouseDragDelta(ImGuiMouseButton_Left, 0).y * fine * state.range / kPixelsPerRange;
  set_weight(s, state, matrix, state.row, state.col, state.drag_from + moved, state.drag_moved);
  state.drag_moved = true;
}

void matrix_mouse(Panel& p, UiState& ui, const Matrix& matrix, const Geometry& g) {
  WeightsState& state = ui.weights;
  const ImVec2 mouse = ImGui::GetIO().MousePos;
  const int x = static_cast<int>(std::floor((mouse.x - g.origin.x) / g.width));
  const int y = static_cast<int>(std::floor((mouse.y - g.origin.y) / g.height));
  const bool inside = x >= 0 && y >= 0 && x < matrix.columns() && y < matrix.lines();
  const bool hovered = ImGui::IsItemHovered() && inside;
  if (ImGui::IsItemActivated() && inside) {
    state.row = matrix.row(x, y);
    state.col = matrix.col(x, y);
    state.keys = true;
    if (ui.edit.typing_unit == kTypingWeight) ui.edit.typing_unit = -1;
    state.dragging = p.session.edits().weights_obstacle().empty();
    state.drag_moved = false;
    state.drag_from = matrix.value(state.row, state.col);
  }
  if (ImGui::IsItemActive()) drag_cell(p.session, state, matrix);
  if (ImGui::IsItemDeactivated()) state.dragging = false;
  if (hovered && ImGui::IsMouseDoubleClicked(ImGuiMouseButton_Left)) state.type_now = true;
  if (!hovered && !ImGui::IsItemActive()) return;
  if (state.dragging) ImGui::SetMouseCursor(ImGuiMouseCursor_ResizeNS);
  const int row = state.dragging ? state.row : matrix.row(x, y),
            col = state.dragging ? state.col : matrix.col(x, y);
  if (row < 0) return;
  const RowOf of = row_of(p.session.network(), matrix.view, row);
  if (of.unit >= 0) ui.hover = {matrix.view.layer, of.unit, of.gate, -1};
  ImGui::BeginTooltip();
  text(weight_words(p.session, matrix.view, row, col));
  text(exact(matrix.value(row, col)));
  ImGui::EndTooltip();
}

void draw_matrix(Panel& p, UiState& ui, const Matrix& matrix, ImVec2 size) {
  WeightsState& state = ui.weights;
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const ImVec2 room(std::max(size.x - kRowGutter, 40.0f), std::max(size.y - kColumnGutter, 40.0f));
  const float bar = ImGui::GetStyle().ScrollbarSize;
  Geometry g;
  g.width = std::clamp(std::floor((room.x - bar) / static_cast<float>(matrix.columns())), kLeast, kWidest) *
            state.zoom;
  g.height = std::clamp(std::floor((room.y - bar) / static_cast<float>(matrix.lines())), kLeast, kHighest) *
             state.zoom;
  const ImVec2 whole(g.width * static_cast<float>(matrix.columns()),
                     g.height * static_cast<float>(matrix.lines()));
  ImGui::SetCursorScreenPos(ImVec2(at.x + kRowGutter, at.y + kColumnGutter));
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(0, 0));
  const bool open = ImGui::BeginChild("##weights matrix", room, ImGuiChildFlags_None,
                                      ImGuiWindowFlags_HorizontalScrollbar | ImGuiWindowFlags_NoNav);
  ImGui::PopStyleVar();
  g.min = ImVec2(at.x + kRowGutter, at.y + kColumnGutter);
  g.max = g.min;
  if (open) {
    g.origin = ImGui::GetCursorScreenPos();
    g.min = ImGui::GetWindowPos();
    const ImVec2 clip = ImGui::GetWindowDrawList()->GetClipRectMax();
    g.max = ImVec2(std::min(clip.x, g.origin.x + whole.x), std::min(clip.y, g.origin.y + whole.y));
    ImGui::InvisibleButton("##cells", whole);
    matrix_mouse(p, ui, matrix, g);
    draw_cells(p, state, matrix, g);
    draw_hovered(p, ui, matrix, g);
    for (const LitWeight& lit : lit_weights(p.session.network(), matrix.view, ui.origin.lit))
      frame_cell(matrix, g, lit.row, lit.col, p.theme.cursor,
                 1 + 2 * static_cast<float>(std::fabs(lit.strength)));
    if (state.row >= 0) {
      frame_cell(matrix, g, state.row, state.col, state.keys ? p.theme.accent : p.theme.text, 2);
      if (std::exchange(state.reveal, false)) {
        const float x = g.x(matrix.x_of(state.row, state.col)) - g.origin.x;
        const float y = g.y(matrix.y_of(state.row, state.col)) - g.origin.y;
        const float seen_x = clip.x - g.min.x, seen_y = clip.y - g.min.y;
        if (x < ImGui::GetScrollX() || x + g.width > ImGui::GetScrollX() + seen_x)
          ImGui::SetScrollX(std::max(0.0f, x - seen_x / 2));
        if (y < ImGui::GetScrollY() || y + g.height > ImGui::GetScrollY() + seen_y)
          ImGui::SetScrollY(std::max(0.0f, y - seen_y / 2));
      }
    }
  }
  ImGui::EndChild();
  // A click anywhere else gives the keys back.
  if (ImGui::IsMouseClicked(ImGuiMouseButton_Left) &&
      !ImGui::IsMouseHoveringRect(g.min, ImVec2(g.min.x + room.x, g.min.y + room.y)))
    state.keys = false;
  draw_names(p, p.session, matrix, g);
}

// ---- the controls beside it

void tensor_list(Panel&, const std::vector<TensorView>& views, WeightsState& state,
                 const rnn::Network& network) {
  const auto words = [&](const TensorView& view) {
    const rnn::Tensor& tensor = network.tensors[static_cast<std::size_t>(view.tensor)];
    return view.label + "  " + std::to_string(tensor.rows) + " × " + std::to_string(tensor.cols);
  };
  const auto now =
      std::find_if(views.begin(), views.end(), [&](const auto& v) { return v.tensor == state.tensor; });
  ImGui::SetNextItemWidth(-FLT_MIN);
  if (!ImGui::BeginCombo("##tensor", words(*now).c_str(), ImGuiComboFlags_HeightLarge)) return;
  for (const TensorView& view : views)
    if (ImGui::Selectable(words(view).c_str(), view.tensor == state.tensor) && state.tensor != view.tensor) {
      state.tensor = view.tensor;
      state.row = state.col = -1;
      state.keys = false;
    }
  ImGui::EndCombo();
}

void dragged_value(Panel& p, WeightsState& state, const Matrix& matrix, bool possible) {
  double value = static_cast<double>(matrix.value(state.row, state.col));
  const double speed = static_cast<double>(state.range) / 200;
  ImGui::SetNextItemWidth(-FLT_MIN);
  if (number(p, "##weight", value, {-1e6, 1e6, speed, false, "%.7g"}, possible))
    set_weight(p.session, state, matrix, state.row, state.col, static_cast<float>(value), false);
}

void typed_value(Session& s, WeightsState& state, EditState& typing, const Matrix& matrix) {
  ImGui::SetNextItemWidth(-FLT_MIN);
  // By its id: the keyboard is with the matrix, which takes no part in moving from field to field.
  if (typing.typing_begins) {
    ImGui::ActivateItemByID(ImGui::GetID("##typed weight"));
    ImGui::GetCurrentContext()->NavNextActivateFlags = ImGuiActivateFlags_PreferInput;
  }
  const bool entered =
      ImGui::InputText("##typed weight", typing.typed.data(), typing.typed.size(),
                       ImGuiInputTextFlags_CharsScientific | ImGuiInputTextFlags_AutoSelectAll |
                           ImGuiInputTextFlags_EnterReturnsTrue);
  if (entered) {
    char* end = nullptr;
    const float value = std::strtof(typing.typed.data(), &end);
    if (end != typing.typed.data() && std::isfinite(value))
      set_weight(s, state, matrix, state.row, state.col, value, false);
  }
  if (entered || (!typing.typing_begins && ImGui::IsItemDeactivated())) typing.typing_unit = -1;
  typing.typing_begins = false;
}

void cell_controls(Panel& p, WeightsState& state, EditState& typing, const Matrix& matrix,
                   const std::string& obstacle) {
  Session& s = p.session;
  const bool possible = obstacle.empty();
  if (state.row < 0) {
    dim_wrapped(p, possible
                       ? "Drag a cell up or down: every track follows. Click one to type or to use the keys."
                       : "Click a cell to read its value.");
  } else {
    dim_wrapped(p, weight_words(s, matrix.view, state.row, state.col));
    if (std::exchange(state.type_now, false) && possible) {
      typing.typing_unit = kTypingWeight;
      typing.typing_begins = true;
      std::snprintf(typing.typed.data(), typing.typed.size(), "%.7g",
                    static_cast<double>(matrix.value(state.row, state.col)));
    }
    if (typing.typing_unit == kTypingWeight && possible)
      typed_value(s, state, typing, matrix);
    else
      dragged_value(p, state, matrix, possible);
    const WeightsState::Before* before = before_of(s, state, matrix.view.tensor, state.row, state.col);
    const bool other = before && before->value != matrix.value(state.row, state.col);
    const std::string label = other ? "Back to " + fixed_signed(before->value, 4) + "###weight back"
                                    : std::string("Back to before###weight back");
    if (button(label.c_str(), possible && other)) {
      const float value_before = before->value;
      set_weight(s, state, matrix, state.row, state.col, value_before, false);
    }
    tip(p, "The value this weight had before it was changed here; undo takes changes back one by one");
    if (state.keys && possible) dim_wrapped(p, "Arrows move, + and − change, Enter types, Esc leaves.");
  }
  if (!possible) icon_line(p, Icon::Note, p.theme.text_dim, "Not to be changed now: " + obstacle + ".");
}

void scale_line(Panel& p, const WeightsState& state) {
  const ColourMap map = diverging(p.theme.dark);
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float width = std::min(ImGui::GetContentRegionAvail().x, 200.0f);
  for (int i = 0; i < 32; ++i) {
    const float x = at.x + width * static_cast<float>(i) / 32;
    draw.AddRectFilled(ImVec2(x, at.y), ImVec2(x + width / 32 + 0.5f, at.y + 8),
                       map[static_cast<std::size_t>(i * 255 / 31)]);
  }
  ImGui::Dummy(ImVec2(width, 9));
  dim(p, fixed_signed(-state.range, 2) + " … " + fixed_signed(state.range, 2));
}

}  // namespace

void draw_weights_panel(Panel& p, UiState& ui, ImVec2 size) {
  Session& s = p.session;
  WeightsState& state = ui.weights;
  const rnn::Network& network = s.network();
  if (!s.has_data() || network.tensors.empty() || s.weights().size() != network.parameter_count) {
    state.keys = false;
    dim_wrapped(p, s.has_data()
                       ? "The weights are not here yet: their recipe is being replayed."
                       : "Paste sequences or choose an example: the weights of the network show here.");
    return;
  }
  const std::vector<TensorView> views = tensor_views(network);
  if (views.empty()) return;
  state.drawn_frame = ImGui::GetFrameCount();
  const TensorView& view = chosen_view(views, state, ui.inspector.layer);
  const rnn::Tensor& tensor = network.tensors[static_cast<std::size_t>(view.tensor)];
  if (state.row >= tensor.rows || state.col >= tensor.cols) state.row = state.col = -1;
  const bool beside = size.x > 2.2f * kControls;
  const float shape = size.x / std::max(size.y, 1.0f);
  const bool across = static_cast<float>(tensor.rows) > shape * 0.8f * static_cast<float>(tensor.cols);
  const Matrix matrix = matrix_of(s, view, across);
  if (matrix.weights.size() != network.parameter_count) return;
  state.across = matrix.across;
  settle_range(state, matrix, s.trace_serial());
  const std::string obstacle = s.edits().weights_obstacle();
  const ImVec2 controls(beside ? kControls : size.x, beside ? size.y : 0.0f);
  if (ImGui::BeginChild("##weight controls", controls,
                        beside ? ImGuiChildFlags_None : ImGuiChildFlags_AutoResizeY)) {
    tensor_list(p, views, state, network);
    cell_controls(p, state, ui.edit, matrix, obstacle);
    scale_line(p, state);
  }
  ImGui::EndChild();
  // Another tensor may have been chosen just now; it is drawn in the next frame.
  if (state.tensor != view.tensor) {
    ui.wants_frame = true;
    return;
  }
  if (beside) ImGui::SameLine(0, 10);
  const ImVec2 rest = ImGui::GetContentRegionAvail();
  draw_matrix(p, ui, matrix_of(s, view, across), ImVec2(rest.x, std::max(rest.y, beside ? 60.0f : 220.0f)));
}

bool weights_take_keys(Panel& p, UiState& ui) {
  WeightsState& state = ui.weights;
  Session& s = p.session;
  const rnn::Network& network = s.network();
  if (!state.keys || state.row < 0 || state.drawn_frame < ImGui::GetFrameCount() - 1 || state.tensor < 0 ||
      state.tensor >= static_cast<int>(network.tensors.size()))
    return false;
  const rnn::Tensor& tensor = network.tensors[static_cast<std::size_t>(state.tensor)];
  if (state.row >= tensor.rows || state.col >= tensor.cols) return false;
  const auto pressed = [](ImGuiKey key) { return ImGui::IsKeyPressed(key, true); };
  const int right = pressed(ImGuiKey_RightArrow) - pressed(ImGuiKey_LeftArrow);
  const int down = pressed(ImGuiKey_DownArrow) - pressed(ImGuiKey_UpArrow);
  // Where a sign is on another key it is told by what was typed; nobody else shall hear it then.
  const auto typed = [](ImWchar sign) {
    ImVector<ImWchar>& queue = ImGui::GetIO().InputQueueCharacters;
    const bool found = queue.contains(sign);
    queue.find_erase(sign);
    return found;
  };
  const auto down_now = [](ImGuiKey one, ImGuiKey other) {
    return ImGui::IsKeyDown(one) || ImGui::IsKeyDown(other);
  };
  // What was typed may come a frame after its key, which then has been heard.
  const bool typed_more = typed('+') && !down_now(ImGuiKey_Equal, ImGuiKey_KeypadAdd);
  const bool typed_less = typed('-') && !down_now(ImGuiKey_Minus, ImGuiKey_KeypadSubtract);
  const int more = (pressed(ImGuiKey_Equal) || pressed(ImGuiKey_KeypadAdd) || typed_more) -
                   (pressed(ImGuiKey_Minus) || pressed(ImGuiKey_KeypadSubtract) || typed_less);
  const bool enter =
      ImGui::IsKeyPressed(ImGuiKey_Enter, false) || ImGui::IsKeyPressed(ImGuiKey_KeypadEnter, false);
  const bool leave = ImGui::IsKeyPressed(ImGuiKey_Escape, false);
  if (right != 0 || down != 0) {
    state.row = std::clamp(state.row + (state.across ? right : down), 0, tensor.rows - 1);
    state.col = std::clamp(state.col + (state.across ? down : right), 0, tensor.cols - 1);
    state.reveal = true;
  }
  if (more != 0) {
    const std::vector<TensorView> views = tensor_views(network);
    const auto view =
        std::find_if(views.begin(), views.end(), [&](const auto& v) { return v.tensor == state.tensor; });
    if (view != views.end()) {
      const Matrix matrix = matrix_of(s, *view, state.across);
      // While the key is held it is one change.
      const bool first = typed_more || typed_less || ImGui::IsKeyPressed(ImGuiKey_Equal, false) ||
                         ImGui::IsKeyPressed(ImGuiKey_Minus, false) ||
                         ImGui::IsKeyPressed(ImGuiKey_KeypadAdd, false) ||
                         ImGui::IsKeyPressed(ImGuiKey_KeypadSubtract, false);
      const float step = static_cast<float>(more) * state.range / kStepsPerRange;
      set_weight(s, state, matrix, state.row, state.col, matrix.value(state.row, state.col) + step, !first);
    }
  }
  if (enter) state.type_now = true;
  if (leave) state.keys = false;
  return right != 0 || down != 0 || more != 0 || enter || leave;
}

void add_weight_commands(CommandContext context, Commands& all) {
  Panel& p = context.panel;
  UiState& ui = context.ui;
  Session& s = p.session;
  const std::string none = s.has_data() ? std::string() : "there is no network yet: load sequences";
  const auto show = [&p] {
    p.state.bottom_tab = BottomTab::Weights;
    p.state.show_bottom_tab = true;
    if (p.touch) p.state.phone_tab = PhoneTab::Results;
  };
  const auto add = [&](const std::string& title, const char* words, std::string why_not,
                       std::function<void()> act) {
    all.push_back({"Edit", title, 0, false, words, std::move(why_not), std::move(act)});
  };
  add("Weights as a matrix", "parameters W_x W_h bias edit tensor", none, show);
  if (!s.has_data()) return;
  for (const TensorView& view : tensor_views(s.network()))
    add("Weights: " + view.label, "parameters matrix tensor", none, [&ui, show, tensor = view.tensor] {
      ui.weights.tensor = tensor;
      ui.weights.row = ui.weights.col = 0;
      ui.weights.keys = ui.weights.reveal = true;
      show();
    });
}

}  // namespace ribostep::ui
