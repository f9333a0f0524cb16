// States by hand: bars of h and c of the inspector's layer at the cursor that can be dragged or typed, held
// over a range, released, or taken over from another sequence. What follows is Session::edits().
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>

#include "session/edits.h"
#include "session/step_words.h"
#include "ui/debug_panels.h"
#include "ui/edit_keys.h"
#include "ui/heatmap.h"
#include "ui/inspector_model.h"
#include "ui/widgets.h"

namespace ribostep::ui {
namespace {

using session::Edits;
using session::Session;

constexpr float kLabel = 44, kRelease = 22, kGap = 6, kRowHeight = 20, kMostHeight = 224;
constexpr const char* kTitle = "Change the state";

struct Reach {
  int first = 0, last = 0;
};
// The positions a change is for. From here on is in the order the layer reads.
Reach reach(const Session& s, const UiState& ui, const rnn::Layer& layer) {
  const int here = s.position();
  if (ui.edit.reach == EditReach::Range && ui.selection.has_range())
    return {ui.selection.first, ui.selection.last};
  if (ui.edit.reach != EditReach::ToTheEnd) return {here, here};
  if (!layer.wiring.reverse) return {here, s.length()};
  return here == 0 ? Reach{0, s.length()} : Reach{1, here};
}

// What the hand does to the bars while they are drawn. It is done after they are: a change may bring a new
// trace at once, and the bars are of this one.
struct Wish {
  int unit = -1, release = -1;  // -1: nothing
  bool cell = false, continues = false;
  float value = 0;
};

// One layer at one step: what the bars show.
struct Here {
  Session& session;
  const rnn::Network& network;
  int layer, position, step;  // step -1: the initial state
  const rnn::Layer& of;
  const rnn::LayerTrace& trace;
  Wish& wish;
  const rnn::LayerTrace* ghost = nullptr;  // without edits
  int ghost_step = -1;

  static float at(const rnn::LayerTrace& from, int step, int unit, bool cell) {
    const auto u = static_cast<std::size_t>(unit);
    if (step < 0) return cell ? from.initial_c[u] : from.initial_h[u];
    return cell ? from.c(step, unit) : from.h(step, unit);
  }
  float value(int unit, bool cell) const { return at(trace, step, unit, cell); }
};

// Of the bars: h of squashed cells in steps of one, else what they hold.
float scale_of(const Here& here, bool cell) {
  float most = 1;
  for (int u = 0; u < here.of.hidden; ++u) most = std::max(most, std::fabs(here.value(u, cell)));
  return symmetric_range(most).high;
}

void draw_bar(Panel& p, const Here& here, ImVec2 a, ImVec2 b, int unit, bool cell, float scale, bool held,
              bool hot) {
  const Theme& t = p.theme;
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  const float middle = (a.x + b.x) / 2, half = (b.x - a.x) / 2;
  const auto x_of = [&](float v) { return middle + std::clamp(v / scale, -1.0f, 1.0f) * half; };
  const float value = here.value(unit, cell), x = x_of(value);
  draw.AddRectFilled(a, b, t.panel_alt, 2);
  draw.AddRectFilled(ImVec2(std::min(middle, x), a.y + 2), ImVec2(std::max(middle, x), b.y - 2),
                     value < 0 ? t.negative : t.positive);
  draw.AddLine(ImVec2(middle, a.y), ImVec2(middle, b.y), t.text_dim);
  if (here.ghost) {
    const float was = x_of(Here::at(*here.ghost, here.ghost_step, unit, cell));
    draw.AddLine(ImVec2(was, a.y), ImVec2(was, b.y), t.text, 1.5f);
  }
  // A handle where it can be taken, a diamond where it is held.
  draw.AddRectFilled(ImVec2(x - 2, a.y), ImVec2(x + 2, b.y), t.text, 1);
  if (held) {
    const float y = (a.y + b.y) / 2;
    draw.AddRect(a, b, t.warning, 2, 0, 1.5f);
    draw.AddQuadFilled(ImVec2(a.x + 6, y - 4), ImVec2(a.x + 10, y), ImVec2(a.x + 6, y + 4),
                       ImVec2(a.x + 2, y), t.warning);
  } else if (hot) {
    draw.AddRect(a, b, t.accent, 2);
  }
  const FontScope font(p.fonts.small);
  const std::string words = fixed_signed(value, 3);
  const ImVec2 size = ImGui::CalcTextSize(words.c_str());
  // On the side the bar leaves free.
  const float left = value < 0 ? b.x - size.x - 4 : a.x + (held ? 14.0f : 4.0f);
  draw.AddText(ImVec2(left, (a.y + b.y - size.y) / 2), t.text, words.c_str());
}

void type_value(UiState& ui, const Here& here, int unit, bool cell, float width) {
  EditState& edit = ui.edit;
  if (edit.typing_begins) ImGui::SetKeyboardFocusHere();
  ImGui::SetNextItemWidth(width);
  const bool entered =
      ImGui::InputText("##typed state", edit.typed.data(), edit.typed.size(),
                       ImGuiInputTextFlags_CharsScientific | ImGuiInputTextFlags_AutoSelectAll |
                           ImGuiInputTextFlags_EnterReturnsTrue);
  if (entered) {
    char* end = nullptr;
    const float value = std::strtof(edit.typed.data(), &end);
    if (end != edit.typed.data() && std::isfinite(value)) here.wish = {unit, -1, cell, false, value};
  }
  if (entered || (!edit.typing_begins && ImGui::IsItemDeactivated())) edit.typing_unit = -1;
  edit.typing_begins = false;
}

void begin_typing(UiState& ui, int unit, bool cell, float value) {
  ui.edit.typing_unit = unit;
  ui.edit.typing_cell = cell;
  ui.edit.typing_begins = true;
  ui.edit.chosen_unit = unit;
  std::snprintf(ui.edit.typed.data(), ui.edit.typed.size(), "%.6g", static_cast<double>(value));
}

void bar(Panel& p, UiState& ui, const Here& here, int unit, bool cell, float scale, float width) {
  EditState& edit = ui.edit;
  if (edit.typing_unit == unit && edit.typing_cell == cell) return type_value(ui, here, unit, cell, width);
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const std::string id = std::string(cell ? "##c " : "##h ") + std::to_string(unit);
  ImGui::InvisibleButton(id.c_str(), ImVec2(width, kRowHeight - 3));
  const bool hovered = ImGui::IsItemHovered(), active = ImGui::IsItemActive();
  const bool held = p.session.edits().held(here.layer, unit, cell, here.position) != nullptr;
  draw_bar(p, here, at, ImVec2(at.x + width, at.y + kRowHeight - 3), unit, cell, scale, held,
           hovered || active);
  if (hovered || active) {
    ImGui::SetMouseCursor(ImGuiMouseCursor_ResizeEW);
    ui.hover = {here.layer, unit, -1, here.position};
  }
  if (ImGui::IsItemActivated()) {
    edit.chosen_unit = unit;
    if (ImGui::GetIO().KeyCtrl || ImGui::GetIO().KeySuper)
      return begin_typing(ui, unit, cell, here.value(unit, cell));
    edit.dragging = true;
    edit.drag_moved = false;
    edit.drag_from = here.value(unit, cell);
    edit.drag_scale = scale;
  }
  if (hovered && ImGui::IsMouseDoubleClicked(ImGuiMouseButton_Left)) {
    edit.dragging = false;
    return begin_typing(ui, unit, cell, here.value(unit, cell));
  }
  if (active && edit.dragging && (edit.drag_moved || ImGui::IsMouseDragging(ImGuiMouseButton_Left, 3))) {
    const float moved = ImGui::GetMouseDragDelta(ImGuiMouseButton_Left, 0).x * 2 * edit.drag_scale / width;
    const float value = std::clamp(edit.drag_from + moved, -edit.drag_scale, edit.drag_scale);
    // Without movement there is nothing to compute anew.
    if (!edit.drag_moved || ImGui::GetIO().MouseDelta.x != 0) {
      here.wish = {unit, -1, cell, edit.drag_moved, value};
      edit.drag_moved = true;
    }
  }
  if (ImGui::IsItemDeactivated()) edit.dragging = false;
  if (!active)
    tip(p,
        std::string(cell ? "c" : "h") + " of unit " + std::to_string(unit) + ": " +
            exact(here.value(unit, cell)) + (held ? ", held by hand" : ""),
        "drag, or double click to type");
}

void bars(Panel& p, UiState& ui, const Here& here) {
  const bool memory = rnn::has_cell_state(here.of.cell);
  EditState& edit = ui.edit;
  const float h_scale = scale_of(here, false), c_scale = memory ? scale_of(here, true) : 1;
  const float height = std::min(static_cast<float>(here.of.hidden) * kRowHeight + 4, kMostHeight);
  const float room = ImGui::GetContentRegionAvail().x -
                     (static_cast<float>(here.of.hidden) * kRowHeight + 4 > kMostHeight ? 16.0f : 0.0f);
  const float width = (room - kLabel - kRelease - (memory ? 2 : 1) * kGap) / (memory ? 2.0f : 1.0f);
  {
    const float left = ImGui::GetCursorPosX();
    ImGui::SetCursorPosX(left + kLabel);
    dim(p, "h, to " + fixed_signed(h_scale, 0).substr(1));
    if (memory) {
      ImGui::SameLine(left + kLabel + width + kGap);
      dim(p, "c, to " + fixed_signed(c_scale, 0).substr(1));
    }
  }
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, ImVec2(kGap, 3));
  ImGui::PushStyleVar(ImGuiStyleVar_FramePadding, ImVec2(4, 0));
  if (ImGui::BeginChild("##state bars", ImVec2(0, height))) {
    if (edit.typing_begins && edit.typing_unit >= 0)
      ImGui::SetScrollY(std::max(0.0f, static_cast<float>(edit.typing_unit) * kRowHeight - height / 2));
    ImGuiListClipper clipper;
    clipper.Begin(here.of.hidden, kRowHeight);
    if (edit.typing_unit >= 0 && edit.typing_unit < here.of.hidden)
      clipper.IncludeItemByIndex(edit.typing_unit);
    while (clipper.Step()) {
      for (int unit = clipper.DisplayStart; unit < clipper.DisplayEnd; ++unit) {
        const float top = ImGui::GetCursorPosY(), left = ImGui::GetCursorPosX();
        const bool lit = ui.hover_previous.layer == here.layer && ui.hover_previous.unit == unit;
        {
          const FontScope font(p.fonts.small);
          ImGui::PushStyleColor(ImGuiCol_Text, lit ? p.theme.accent : p.theme.text_dim);
          text("unit " + std::to_string(unit));
          ImGui::PopStyleColor();
        }
        ImGui::SetCursorPos(ImVec2(left + kLabel, top));
        bar(p, ui, here, unit, false, h_scale, width);
        if (memory) {
          ImGui::SetCursorPos(ImVec2(left + kLabel + width + kGap, top));
          bar(p, ui, here, unit, true, c_scale, width);
        }
        const bool any = p.session.edits().held(here.layer, unit, false, here.position) ||
                         (memory && p.session.edits().held(here.layer, unit, true, here.position));
        if (any) {
          ImGui::SetCursorPos(ImVec2(left + room - kRelease, top));
          if (icon_button(p, ("##release " + std::to_string(unit)).c_str(), Icon::Close)) {
            here.wish.release = unit;
          }
          tip(p, "Release this unit, wherever it is held");
        }
        ImGui::SetCursorPos(ImVec2(left, top + kRowHeight));
      }
    }
    ImGui::Dummy(ImVec2(0, 0));  // the cursor alone does not make the window as tall
  }
  ImGui::EndChild();
  ImGui::PopStyleVar(2);
}

void reach_choice(Panel& p, UiState& ui) {
  const std::string range = ui.selection.has_range() ? "picked " + std::to_string(ui.selection.first) + "–" +
                                                           std::to_string(ui.selection.last)
                                                     : std::string("picked range");
  const Choice choices[] = {
      {"only here", {}},
      {"from here on", {}},
      {range.c_str(),
       ui.selection.has_range() ? std::string() : "Pick positions first: drag over the tracks with Shift."}};
  if (ui.edit.reach == EditReach::Range && !ui.selection.has_range()) ui.edit.reach = EditReach::Here;
  const int chosen = choose_segment(p, "##reach", choices, static_cast<int>(ui.edit.reach));
  if (chosen >= 0) ui.edit.reach = static_cast<EditReach>(chosen);
}

void take_from(Panel& p, UiState& ui, int layer) {
  Session& s = p.session;
  EditState& edit = ui.edit;
  if (s.edits().taking()) {
    progress(p, s.edits().taking_progress(), "reading the other sequence");
    return;
  }
  if (!disclosure(p, "Take the state of another sequence")) return;
  const int records = s.data().size();
  edit.take_record = std::clamp(edit.take_record, 0, records - 1);
  row(p, "Sequence");
  const auto name = [&](int i) { return std::to_string(i + 1) + "  " + std::string(s.data().name(i)); };
  if (ImGui::BeginCombo("##take record", name(edit.take_record).c_str())) {
    ImGuiListClipper clipper;
    clipper.Begin(records);
    while (clipper.Step())
      for (int i = clipper.DisplayStart; i < clipper.DisplayEnd; ++i) {
        ImGui::PushID(i);
        if (ImGui::Selectable(name(i).c_str(), i == edit.take_record)) edit.take_record = i;
        ImGui::PopID();
      }
    ImGui::EndCombo();
  }
  row(p, "Position");
  const int length = s.data().length(edit.take_record);
  edit.take_position = std::clamp(edit.take_position, 0, length);
  whole_number(p, "##take position", edit.take_position, 0, length);
  tip(p, "The state after this position; 0 is the initial state");
  if (button(("Go on from its state at position " + std::to_string(s.position())).c_str()))
    s.edits().take_state(layer, edit.take_record, edit.take_position);
}

}  // namespace

void draw_state_edit_section(Panel& p, UiState& ui, float) {
  Session& s = p.session;
  const rnn::Network& network = s.network();
  if (!s.has_data() || s.length() == 0 || network.layers.empty()) return;
  if (ui.edit.open_section) ImGui::SetNextItemOpen(true);
  const bool bring = std::exchange(ui.edit.open_section, false);
  if (!section(p, kTitle, false)) return;
  if (bring) ImGui::SetScrollHereY(0.2f);
  Edits& edits = s.edits();
  if (const std::string why = edits.states_obstacle(); !why.empty()) {
    icon_line(p, Icon::Note, p.theme.text_dim, why);
    return;
  }
  const rnn::Trace* trace = s.trace();
  const int layer = std::clamp(ui.inspector.layer, 0, static_cast<int>(network.layers.size()) - 1);
  const auto l = static_cast<std::size_t>(layer);
  if (!trace || trace->layers.size() != network.layers.size() || trace->layers[l].steps == 0 ||
      s.position() > trace->length) {
    dim_wrapped(p, s.trace_too_large()
                       ? "This sequence is too long for this network to be kept step by step: "
                         "choose fewer units, or a shorter sequence."
                       : "The states are being computed.");
    return;
  }
  Wish wish;
  Here here{s, network, layer, s.position(), -1, network.layers[l], trace->layers[l], wish};
  if (here.position > 0) here.step = here.trace.step_of(here.position - 1);
  if (const rnn::Trace* ghost = edits.original()) {
    const int origin = here.position > 0 ? edits.origin_of(here.position - 1) : -1;
    if (here.position == 0 || origin >= 0) {
      here.ghost = &ghost->layers[l];
      here.ghost_step = here.position > 0 ? here.ghost->step_of(origin) : -1;
    }
  }
  if (network.layers.size() > 1)
    dim(p, session::layer_name(network, layer) + ", after position " + std::to_string(here.position));
  else
    dim(p, here.position == 0 ? std::string("the initial state")
                              : "after position " + std::to_string(here.position));
  reach_choice(p, ui);
  bars(p, ui, here);
  if (wish.unit >= 0) {
    const Reach over = reach(s, ui, here.of);
    edits.intervene({layer, wish.unit, wish.cell, over.first, over.last, wish.value}, wish.continues);
  }
  if (wish.release >= 0) edits.release_unit(layer, wish.release);
  if (const std::string words = edits.states_words(); !words.empty()) {
    icon_line(p, Icon::Warning, p.theme.warning, "Held by hand: " + words);
    if (button("Release all##states")) edits.release_all();
    tip(p, "No state of this sequence is set by hand any more");
  } else {
    dim_wrapped(p, "Drag a bar: what follows is computed anew. A thin line stays where the state was.");
  }
  take_from(p, ui, layer);
}

void add_state_commands(CommandContext context, Commands& all) {
  Panel& p = context.panel;
  UiState& ui = context.ui;
  Session& s = p.session;
  const rnn::Network& network = s.network();
  std::string why = s.edits().states_obstacle();
  if (why.empty() && !s.trace()) why = "the states are still being computed: wait a moment";
  const int layer =
      std::clamp(ui.inspector.layer, 0, std::max(0, static_cast<int>(network.layers.size()) - 1));
  const int units = network.layers.empty() ? 0 : network.layers[static_cast<std::size_t>(layer)].hidden;
  // The unit whose bars were touched last, else the inspector's.
  int unit = ui.edit.chosen_unit >= 0 ? ui.edit.chosen_unit : ui.inspector.unit;
  unit = std::clamp(unit, 0, std::max(0, units - 1));
  const bool memory = units > 0 && rnn::has_cell_state(network.layers[static_cast<std::size_t>(layer)].cell);
  const std::string name = "unit " + std::to_string(unit);
  const auto add = [&](const std::string& title, const char* words, std::string why_not,
                       std::function<void()> act) {
    all.push_back({"Edit", title, 0, false, words, std::move(why_not), std::move(act)});
  };
  const auto show = [&p, &ui] {
    ui.edit.open_section = true;
    if (p.touch) p.state.phone_tab = PhoneTab::Inspector;
  };
  add("Change the state at the cursor…", "intervene h c bars drag", why, show);
  for (const bool cell : {false, true}) {
    if (cell && !memory) continue;
    const std::string of = std::string(cell ? "c" : "h") + " of " + name;
    add("Type " + of + "…", "set state value intervene", why, [&s, &ui, show, layer, unit, cell] {
      show();
      const rnn::LayerTrace& from = s.trace()->layers[static_cast<std::size_t>(layer)];
      const int here = std::min(s.position(), s.trace()->length);
      begin_typing(ui, unit, cell, Here::at(from, here > 0 ? from.step_of(here - 1) : -1, unit, cell));
    });
    add("Hold " + of + " from here on", "clamp freeze intervene", why, [&s, layer, unit, cell] {
      const rnn::Layer& of_layer = s.network().layers[static_cast<std::size_t>(layer)];
      const int here = s.position();
      const bool back = of_layer.wiring.reverse && here > 0;
      s.edits().clamp_state(layer, unit, cell, back ? 1 : here, back ? here : s.length());
    });
    add("Hold " + of + " over the picked range", "clamp freeze intervene selection",
        !why.empty() ? why
        : ui.selection.has_range()
            ? std::string()
            : "nothing is picked: drag over the tracks with Shift, or click with Shift",
        [&s, &ui, layer, unit, cell] {
          s.edits().clamp_state(layer, unit, cell, ui.selection.first, ui.selection.last);
        });
  }
  const std::vector<rnn::Intervention>& states = s.edits().states();
  const bool any = std::any_of(states.begin(), states.end(),
                               [&](const auto& state) { return state.layer == layer && state.unit == unit; });
  add("Release " + name, "intervene unclamp", any ? std::string() : name + " is not held by hand",
      [&s, layer, unit] { s.edits().release_unit(layer, unit); });
  add("Release all states", "intervene unclamp", states.empty() ? "no state is held by hand" : std::string(),
      [&s] { s.edits().release_all(); });
}

}  // namespace ribostep::ui
