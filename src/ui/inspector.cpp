// The right of the screen: one step of one layer, as the equation of its cell with this position's numbers,
// then every unit's terms as bars. The numbers themselves are put together in inspector_model.
#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "ui/colour.h"
#include "ui/equation.h"
#include "ui/inspector_model.h"
#include "ui/inspector_table.h"
#include "ui/tracks.h"

namespace ribostep::ui {
namespace {

void dim_text(const Theme& theme, const FontSet& fonts, const char* text) {
  ImGui::PushFont(fonts.small);
  ImGui::PushStyleColor(ImGuiCol_Text, theme.text_dim);
  ImGui::TextWrapped("%s", text);
  ImGui::PopStyleColor();
  ImGui::PopFont();
}

bool section(const Theme& theme, const FontSet& fonts, const char* title, bool open) {
  ImGui::PushFont(fonts.bold);
  ImGui::PushStyleColor(ImGuiCol_Header, theme.panel_alt);
  ImGui::PushStyleVar(ImGuiStyleVar_FrameBorderSize, 0);
  const bool shown =
      ImGui::CollapsingHeader(title, open ? ImGuiTreeNodeFlags_DefaultOpen : ImGuiTreeNodeFlags_None);
  ImGui::PopStyleVar();
  ImGui::PopStyleColor();
  ImGui::PopFont();
  return shown;
}

// "Position 17  read [C]"
void title(const InspectorContext& context, int position) {
  const session::Session& session = context.session;
  ImGui::PushFont(context.fonts.bold);
  if (position == 0) {
    ImGui::TextUnformatted("Position 0: nothing read yet");
    ImGui::PopFont();
    return;
  }
  ImGui::AlignTextToFramePadding();
  ImGui::Text("Position %d: read", position);
  ImGui::SameLine();
  const std::string_view letters = session.letters();
  if (position <= static_cast<int>(letters.size())) {
    const char letter = letters[static_cast<std::size_t>(position - 1)];
    const ImU32 fill = letter_colour(letter, session.data().alphabet().is_nucleic(), context.theme.dark);
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const float side = ImGui::GetFrameHeight() - 4;
    ImDrawList& draw = *ImGui::GetWindowDrawList();
    draw.AddRectFilled(ImVec2(at.x, at.y + 2), ImVec2(at.x + side, at.y + 2 + side), fill, 4);
    const std::array<char, 2> text{letter, 0};
    const ImVec2 size = ImGui::CalcTextSize(text.data());
    draw.AddText(ImVec2(at.x + (side - size.x) / 2, at.y + 2 + (side - size.y) / 2), ink_on(fill),
                 text.data());
    ImGui::Dummy(ImVec2(side, side));
  }
  ImGui::PopFont();
}

std::string layer_name(const rnn::Network& network, std::size_t layer) {
  const rnn::Layer& l = network.layers[layer];
  const bool both = network.spec.direction_count() > 1;
  return "Layer " + std::to_string(l.level + 1) +
         (!both                              ? ""
          : l.wiring == rnn::Wiring::Reverse ? ", backward"
                                             : ", forward");
}

// A new network is first looked at where its output is read, which is also what the sentence tells of.
void choose_layer(const rnn::Network& network, InspectorState& state) {
  const int layers = static_cast<int>(network.layers.size());
  if (state.layers_seen != layers) state.layer = network.level_begin(network.spec.layers - 1);
  state.layers_seen = layers;
  state.layer = std::clamp(state.layer, 0, std::max(0, layers - 1));
}

void layer_selector(const InspectorContext& context) {
  const rnn::Network& network = context.session.network();
  InspectorState& state = context.ui.inspector;
  if (network.layers.size() < 2) return;
  ImGui::SetNextItemWidth(context.width);
  if (!ImGui::BeginCombo("##layer", layer_name(network, static_cast<std::size_t>(state.layer)).c_str()))
    return;
  for (std::size_t i = 0; i < network.layers.size(); ++i) {
    const bool chosen = static_cast<int>(i) == state.layer;
    if (ImGui::Selectable(layer_name(network, i).c_str(), chosen)) state.layer = static_cast<int>(i);
  }
  ImGui::EndCombo();
}

// Terms are sums over the whole layer: made once per cursor, not once per frame.
void refresh(const InspectorContext& context, int position) {
  InspectorState& state = context.ui.inspector;
  const session::Session& session = context.session;
  const std::uint64_t serial = session.trace_serial();
  if (state.step && state.step_trace == serial && state.step_layer == state.layer &&
      state.step_position == position) {
    return;
  }
  const auto index = static_cast<std::size_t>(state.layer);
  state.step = std::make_shared<const StepView>(
      step_view(session.network().layers[index], session.trace()->layers[index], session.terms(state.layer)));
  state.sentence = session.step_sentence();
  const rnn::Network& network = session.network();
  if (network.layers.size() > 1) {
    const int told = network.level_begin(network.spec.layers - 1);
    state.sentence = layer_name(network, static_cast<std::size_t>(told)) + ": " + state.sentence;
  }
  state.step_trace = serial;
  state.step_layer = state.layer;
  state.step_position = position;
}

void unit_selector(const InspectorContext& context, const StepView& step, int shown) {
  InspectorState& state = context.ui.inspector;
  if (ImGui::ArrowButton("##previous unit", ImGuiDir_Left))
    state.unit = (shown + step.units - 1) % step.units;
  ImGui::SameLine(0, 6);
  ImGui::AlignTextToFramePadding();
  ImGui::PushFont(context.fonts.bold);
  ImGui::Text("Unit %d", shown);
  ImGui::PopFont();
  ImGui::SameLine(0, 6);
  if (ImGui::ArrowButton("##next unit", ImGuiDir_Right)) state.unit = (shown + 1) % step.units;
  ImGui::SameLine(0, 12);
  if (state.unit < 0) {
    ImGui::PushFont(context.fonts.small);
    ImGui::PushStyleColor(ImGuiCol_Text, context.theme.text_dim);
    ImGui::TextUnformatted(shown == most_changed(step) ? "moved most in this step" : "under the mouse");
    ImGui::PopStyleColor();
    ImGui::PopFont();
  } else if (ImGui::Button("Largest change")) {
    state.unit = -1;
  }
}

void equations(const InspectorContext& context, const StepView& step, int unit) {
  UiState& ui = context.ui;
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  ImFont* mono = context.fonts.mono_small;
  const float line_height = equation_height(context.fonts), height = line_height + mono->FontSize + 5;
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, ImVec2(0, 1));
  const std::vector<EquationLine> lines = equation_lines(step, unit);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const EquationLine& line = lines[i];
    const ImVec2 at = ImGui::GetCursorScreenPos();
    ImGui::PushID(static_cast<int>(i));
    if (ImGui::InvisibleButton("equation", ImVec2(context.width, height))) {
      ui.inspector.gate = line.gate >= 0 ? line.gate : step.gate_count;
    }
    ImGui::PopID();
    const bool chosen = ui.inspector.gate == (line.gate >= 0 ? line.gate : step.gate_count);
    if (chosen) {
      draw.AddRectFilled(ImVec2(at.x, at.y + 2), ImVec2(at.x + 2, at.y + height - 3), context.theme.accent);
    }
    if (ImGui::IsItemHovered()) {
      draw.AddRectFilled(at, ImVec2(at.x + context.width, at.y + height), context.theme.hover, 3);
      ui.hover.layer = ui.inspector.layer;
      ui.hover.unit = unit;
      ui.hover.gate = line.gate;
      ui.hover.position = context.session.position();
    }
    const float room = context.width - 10;
    const float shrink = std::min(1.0f, room / std::max(1.0f, equation_width(context.fonts, line.markup)));
    draw_equation(draw, context.fonts, ImVec2(at.x + 8, at.y), context.theme.text, line.markup, shrink);
    const float wide = mono->CalcTextSizeA(mono->FontSize, 1e9f, 0, line.numbers.c_str()).x;
    const float size = mono->FontSize * std::min(1.0f, (room - 10) / std::max(1.0f, wide));
    draw.AddText(mono, size, ImVec2(at.x + 18, at.y + line_height), context.theme.text_dim,
                 line.numbers.c_str());
  }
  ImGui::PopStyleVar();
}

void at_start(const InspectorContext& context) {
  const rnn::Layer& layer =
      context.session.network().layers[static_cast<std::size_t>(context.ui.inspector.layer)];
  equation_item(context.fonts, context.theme.text,
                rnn::has_cell_state(layer.cell) ? "h_0 = 0,   c_0 = 0" : "h_0 = 0");
  dim_text(context.theme, context.fonts,
           layer.wiring == rnn::Wiring::Reverse
               ? "A backward layer starts with every unit at zero after the last letter and reads towards "
                 "the first."
               : "Before the first letter every unit is at zero. Step forward to read position 1.");
  if (!section(context.theme, context.fonts, "Equation", true)) return;
  for (const EquationLine& line : equation_lines(blank_step(layer), 0)) {
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const float wide = equation_width(context.fonts, line.markup);
    draw_equation(*ImGui::GetWindowDrawList(), context.fonts, ImVec2(at.x + 8, at.y), context.theme.text,
                  line.markup, std::min(1.0f, (context.width - 10) / std::max(1.0f, wide)));
    ImGui::Dummy(ImVec2(context.width, equation_height(context.fonts)));
  }
  dim_text(
      context.theme, context.fonts,
      "x_t: the letter read at position t, as one-hot; in higher layers, the states of the layer below. W, "
      "b: "
      "learned weights; b is b_x + b_h. σ squashes to 0 … 1, tanh to −1 … 1; ⊙ multiplies unit by unit.");
}

const char* output_heading(const rnn::ModelSpec& spec) {
  if (spec.task == rnn::Task::NextSymbol) return "Output: next letter";
  if (spec.task == rnn::Task::PositionLabel) return "Output: this position";
  return spec.directions == rnn::Directions::Both ? "Output: whole sequence" : "Output: if it ended here";
}

void at_step(const InspectorContext& context, int position) {
  UiState& ui = context.ui;
  refresh(context, position);
  const std::shared_ptr<const StepView> step = ui.inspector.step;
  const int chosen = ui.inspector.unit >= 0 && ui.inspector.unit < step->units ? ui.inspector.unit : -1;
  ui.inspector.unit = chosen;
  const Hover& hover = ui.hover_previous;
  const bool previewed = hover.layer == ui.inspector.layer && hover.unit >= 0 && hover.unit < step->units;
  const int pinned = chosen >= 0 ? chosen : most_changed(*step);
  const int shown = previewed ? hover.unit : pinned;

  ImGui::PushFont(context.fonts.small);
  ImGui::TextWrapped("%s", ui.inspector.sentence.c_str());
  ImGui::PopFont();
  if (section(context.theme, context.fonts, output_heading(context.session.network().spec), true)) {
    draw_outputs(context, position);
  }
  if (section(context.theme, context.fonts, "Equation", true)) {
    unit_selector(context, *step, shown);
    equations(context, *step, shown);
    if (step->first)
      dim_text(context.theme, context.fonts, "The previous state is the initial one: all zeros.");
  }
  if (section(context.theme, context.fonts, "Every term of this unit", false))
    draw_unit_detail(context, *step, shown);
  if (section(context.theme, context.fonts, "All units", true)) draw_unit_table(context, *step, shown);
}

}  // namespace

void draw_inspector(session::Session& session, UiState& ui, const Theme& theme, const FontSet& fonts,
                    ImVec2 size) {
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(0, 0));
  ImGui::PushStyleColor(ImGuiCol_ChildBg, theme.panel);
  const bool open = ImGui::BeginChild("##inspector", size, ImGuiChildFlags_None, ImGuiWindowFlags_None);
  ImGui::PopStyleColor();
  ImGui::PopStyleVar();
  if (open) {
    const InspectorContext context{session, ui, theme, fonts, size.x - ImGui::GetStyle().ScrollbarSize - 6};
    choose_layer(session.network(), ui.inspector);
    const int position = session.position();
    if (!session.has_data() || session.length() == 0) {
      dim_text(theme, fonts, session.step_sentence().c_str());
    } else {
      title(context, position);
      layer_selector(context);
      if (position == 0) {
        at_start(context);
      } else if (session.trace() && position <= session.trace()->length) {
        at_step(context, position);
      } else {
        dim_text(theme, fonts, "Computing the states of this sequence …");
      }
    }
  }
  ImGui::EndChild();
}

}  // namespace ribostep::ui
