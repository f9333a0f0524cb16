// The lists of the inspector. Sign is told by the side of the middle line and by the printed sign, colour
// only helps.
#include "ui/inspector_table.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include "rnn/origin.h"
#include "session/origins.h"
#include "ui/colour.h"
#include "ui/equation.h"
#include "ui/readout.h"

namespace ribostep::ui {
namespace {

constexpr float kRowHeight = 25, kUnitWidth = 30, kBarHeight = 4;
constexpr int kMostRows = 16;

float text_width(ImFont* font, std::string_view text) {
  return font->CalcTextSizeA(font->FontSize, 1e9f, 0, text.data(), text.data() + text.size()).x;
}

struct Column {
  std::string title;  // markup
  std::vector<float> values;
  float scale = 1;  // value of a full bar
  bool is_signed = true;
  NumberRef number{};
};
using Kind = NumberRef::Kind;
constexpr const char* kAskTip = "Click: where did it come from?";

float largest(const std::vector<float>& values) {
  float most = 0;
  for (const float v : values) most = std::isfinite(v) ? std::max(most, std::fabs(v)) : most;
  return most;
}

std::vector<Column> gate_columns(const StepView& step, int gate) {
  std::vector<Column> columns;
  for (const TermColumn& from : term_columns(step, gate)) {
    Column column{from.title, {}};
    for (const GateTerms& terms : step.gates[static_cast<std::size_t>(gate)])
      column.values.push_back(terms.*from.term);
    column.number = {Kind::Gate, gate};
    columns.push_back(std::move(column));
  }
  // Terms and their sum share one scale: lengths can be compared across the row.
  float scale = 1e-6f;
  for (std::size_t i = 0; i + 1 < columns.size(); ++i) scale = std::max(scale, largest(columns[i].values));
  for (Column& column : columns) column.scale = scale;
  Column& value = columns.back();
  value.is_signed = !rnn::gates(step.cell)[static_cast<std::size_t>(gate)].squashed_to_01;
  value.scale = std::max(1.0f, largest(value.values));
  return columns;
}

std::vector<Column> state_columns(const StepView& step) {
  const std::string before = before_subscript(step);
  std::vector<Column> columns;
  if (!step.c_after.empty()) {
    columns.push_back({"c_" + before, step.c_before, 1, true, {Kind::CBefore}});
    columns.push_back({"c_t", step.c_after, 1, true, {Kind::C}});
    columns[0].scale = columns[1].scale = std::max({1.0f, largest(step.c_before), largest(step.c_after)});
  }
  const float scale = std::max({1.0f, largest(step.h_before), largest(step.h_after)});
  columns.push_back({"h_" + before, step.h_before, scale, true, {Kind::HBefore}});
  columns.push_back({"h_t", step.h_after, scale, true, {Kind::H}});
  if (step.c_after.empty()) {
    std::vector<float> change(step.h_after.size());
    for (int unit = 0; unit < step.units; ++unit) change[static_cast<std::size_t>(unit)] = step.change(unit);
    columns.push_back({"change", std::move(change), scale, true, {Kind::H}});
  }
  return columns;
}

// Digits behind the point that still fit beside each other.
int digits_of(const std::vector<Column>& columns) {
  return columns.size() <= 5 ? 4 : columns.size() == 6 ? 3 : 2;
}

void header_row(const InspectorContext& context, const std::vector<Column>& columns, float column_width) {
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float height = equation_height(context.fonts) + 2;
  float x = at.x + kUnitWidth;
  for (const Column& column : columns) {
    const float wide = equation_width(context.fonts, column.title), room = column_width - 6;
    const float scale = std::min(0.87f, room / std::max(wide, 1.0f));
    draw_equation(draw, context.fonts, ImVec2(x + column_width - 4 - wide * scale, at.y + 2),
                  context.theme.text_dim, column.title, scale);
    x += column_width;
  }
  draw.AddText(context.fonts.small, context.fonts.small->FontSize, ImVec2(at.x + 2, at.y + 3),
               context.theme.text_dim, "unit");
  draw.AddLine(ImVec2(at.x, at.y + height), ImVec2(at.x + context.width, at.y + height),
               context.theme.border);
  ImGui::Dummy(ImVec2(context.width, height + 1));
}

// One unit; sets hover and selection. A click on a number asks where it came from. `step`: none, of the
// initial state.
void unit_row(const InspectorContext& context, const StepView* step, const std::vector<Column>& columns,
              float column_width, int unit, int shown_unit) {
  UiState& ui = context.ui;
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  const ImVec2 at = ImGui::GetCursorScreenPos();
  ImGui::PushID(unit);
  const bool pressed = ImGui::InvisibleButton("unit", ImVec2(context.width, kRowHeight));
  ImGui::PopID();
  const int pointed = static_cast<int>((ImGui::GetIO().MousePos.x - at.x - kUnitWidth) / column_width);
  if (pressed) {
    const bool on_number = ImGui::GetIO().MousePos.x >= at.x + kUnitWidth && pointed >= 0 &&
                           pointed < static_cast<int>(columns.size());
    if (on_number)
      ask_number(context, step, unit, columns[static_cast<std::size_t>(pointed)].number);
    else
      ui.inspector.unit = ui.inspector.unit == unit ? -1 : unit;
  }
  const bool hovered = ImGui::IsItemHovered();
  const ImVec2 end(at.x + context.width, at.y + kRowHeight);
  if (ui.inspector.unit == unit) draw.AddRectFilled(at, end, context.theme.selection, 3);
  const bool lit =
      hovered || (ui.hover_previous.layer == ui.inspector.layer && ui.hover_previous.unit == unit);
  if (lit) draw.AddRectFilled(at, end, context.theme.hover, 3);
  if (unit == shown_unit) {
    draw.AddRectFilled(ImVec2(at.x, at.y + 3), ImVec2(at.x + 2, end.y - 3), context.theme.accent);
  }
  const std::string name = std::to_string(unit);
  ImFont* mono = context.fonts.mono_small;
  draw.AddText(mono, mono->FontSize, ImVec2(at.x + 6, at.y + 4), context.theme.text_dim, name.c_str());
  if (hovered) {
    ui.hover.layer = ui.inspector.layer;
    ui.hover.unit = unit;
    ui.hover.position = context.session.position();
  }
  float x = at.x + kUnitWidth;
  for (const Column& column : columns) {
    const float v = column.values[static_cast<std::size_t>(unit)];
    const std::string number = fixed_signed(v, digits_of(columns)),
                      text = column.is_signed || !(v >= 0) ? number : number.substr(1);
    draw.AddText(mono, mono->FontSize, ImVec2(x + column_width - 4 - text_width(mono, text), at.y + 2),
                 context.theme.text, text.c_str());
    draw_bar(draw, context.theme, ImVec2(x + 6, end.y - kBarHeight - 3),
             ImVec2(x + column_width - 4, end.y - 3), v / column.scale, column.is_signed);
    const float mouse = ImGui::GetIO().MousePos.x;
    if (hovered && mouse >= x && mouse < x + column_width) {
      ImGui::BeginTooltip();
      equation_item(context.fonts, context.theme.text, column.title);
      ImGui::SameLine();
      ImGui::Text("of unit %d = %s", unit, exact(v).c_str());
      if (column.number.kind != Kind::None) ImGui::TextDisabled("%s", kAskTip);
      ImGui::EndTooltip();
    }
    x += column_width;
  }
}

void gate_chips(const InspectorContext& context, const StepView& step) {
  InspectorState& state = context.ui.inspector;
  const auto chip = [&](const char* label, int gate, const char* what) {
    const bool on = state.gate == gate;
    ImGui::PushStyleColor(ImGuiCol_Button, on ? context.theme.accent : context.theme.panel_alt);
    ImGui::PushStyleColor(ImGuiCol_Text, on ? context.theme.accent_text : context.theme.text);
    if (on) ImGui::PushStyleColor(ImGuiCol_ButtonHovered, context.theme.accent);
    ImGui::PushID(gate);
    if (ImGui::Button(label)) state.gate = gate;
    ImGui::PopID();
    ImGui::PopStyleColor(on ? 3 : 2);
    ImGui::SetItemTooltip("%s", what);
    ImGui::SameLine(0, 4);
  };
  const auto gates = rnn::gates(step.cell);
  for (int gate = 0; gate < step.gate_count; ++gate) {
    const rnn::Gate& g = gates[static_cast<std::size_t>(gate)];
    chip(step.gate_count == 1 ? "terms" : g.symbol, gate, g.name);
  }
  chip(step.c_after.empty() ? "h" : "c, h", step.gate_count, "states before and after this step");
  const char* sort = "by change";
  const float wide =
      ImGui::CalcTextSize(sort).x + ImGui::GetFrameHeight() + ImGui::GetStyle().ItemInnerSpacing.x;
  const float left = ImGui::GetCursorPosX();
  const float room = ImGui::GetContentRegionAvail().x;
  if (room >= wide) {
    ImGui::SetCursorPosX(left + room - wide);
  } else {
    ImGui::NewLine();
  }
  ImGui::Checkbox(sort, &state.by_change);
  ImGui::SetItemTooltip("Largest change of h in this step first");
}

}  // namespace

void draw_bar(ImDrawList& draw, const Theme& theme, ImVec2 min, ImVec2 max, float share, bool is_signed) {
  draw.AddRectFilled(min, max, theme.grid, 1.5f);
  if (!std::isfinite(share)) return;
  const float clamped = std::clamp(share, is_signed ? -1.0f : 0.0f, 1.0f);
  if (!is_signed) {
    draw.AddRectFilled(min, ImVec2(min.x + (max.x - min.x) * clamped, max.y), sequential(theme.dark)[176],
                       1.5f);
    return;
  }
  const float middle = (min.x + max.x) / 2, end = middle + (max.x - min.x) / 2 * clamped;
  draw.AddRectFilled(ImVec2(std::min(middle, end), min.y), ImVec2(std::max(middle, end), max.y),
                     clamped < 0 ? theme.negative : theme.positive);
  draw.AddLine(ImVec2(middle, min.y - 1), ImVec2(middle, max.y + 1), theme.text_dim);
}

std::string broken_at_spaces(ImFont* font, std::string_view words, float width) {
  std::string text;
  std::size_t line = 0;  // where the last line of `text` begins
  while (!words.empty()) {
    const std::size_t space = std::min(words.find(' '), words.size());
    const std::string_view word = words.substr(0, space);
    const std::string with = text.substr(line) + (text.size() > line ? " " : "") + std::string(word);
    if (text.size() > line) {
      const bool fits = text_width(font, with) <= width;
      text += fits ? ' ' : '\n';
      if (!fits) line = text.size();
    }
    text += word;
    words.remove_prefix(std::min(space + 1, words.size()));
  }
  return text;
}

void ask_number(const InspectorContext& context, const StepView* step, int unit, NumberRef number) {
  session::Session& session = context.session;
  const int layer = context.ui.inspector.layer, position = session.position();
  if (number.kind == Kind::None || !session.trace()) return;
  context.ui.inspector.unit = unit;
  const bool memory = number.kind == Kind::C || number.kind == Kind::CBefore;
  if (step && (number.kind == Kind::HBefore || number.kind == Kind::CBefore))
    return session.origins().ask(rnn::fed_quantity(session.network(), *session.trace(),
                                                   memory ? rnn::NumberKind::C : rnn::NumberKind::H, layer,
                                                   unit, step->t));
  const int gates = session.trace()->layers[static_cast<std::size_t>(layer)].gate_count;
  session.origins().ask_unit(layer, unit,
                             number.kind == Kind::Gate ? number.gate
                             : memory                  ? gates
                                                       : -1,
                             position);
}

void draw_unit_table(const InspectorContext& context, const StepView& step, int shown_unit) {
  InspectorState& state = context.ui.inspector;
  state.gate = std::clamp(state.gate, 0, step.gate_count);
  gate_chips(context, step);
  const std::vector<Column> columns =
      state.gate == step.gate_count ? state_columns(step) : gate_columns(step, state.gate);
  const float column_width = (context.width - kUnitWidth) / static_cast<float>(columns.size());
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, ImVec2(0, 0));
  header_row(context, columns, column_width);
  // Of many units a part, so that what stands below stays in reach.
  const bool scrolls = step.units > kMostRows;
  if (scrolls)
    ImGui::BeginChild("##units", ImVec2(context.width + ImGui::GetStyle().ScrollbarSize,
                                        kRowHeight * static_cast<float>(kMostRows)));
  const std::vector<int> order = unit_order(step, state.by_change);
  ImGuiListClipper clipper;
  clipper.Begin(step.units, kRowHeight);
  while (clipper.Step()) {
    for (int i = clipper.DisplayStart; i < clipper.DisplayEnd; ++i) {
      unit_row(context, &step, columns, column_width, order[static_cast<std::size_t>(i)], shown_unit);
    }
  }
  ImGui::PopStyleVar();
  if (scrolls) ImGui::EndChild();
}

void draw_unit_detail(const InspectorContext& context, const StepView& step, int unit) {
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  ImFont* mono = context.fonts.mono_small;
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, ImVec2(0, 0));
  const float height = equation_height(context.fonts);
  const std::vector<DetailLine> lines = detail_lines(step, unit);
  for (const DetailLine& line : lines) {
    const ImVec2 at = ImGui::GetCursorScreenPos();
    if (line.result) {
      draw.AddRectFilled(at, ImVec2(at.x + context.width, at.y + height), context.theme.panel_alt, 3);
    }
    draw_equation(draw, context.fonts, ImVec2(at.x + (line.result ? 6.0f : 18.0f), at.y), context.theme.text,
                  line.markup);
    const std::string text = exact(line.value);
    draw.AddText(mono, mono->FontSize, ImVec2(at.x + context.width - 6 - text_width(mono, text), at.y + 3),
                 context.theme.text, text.c_str());
    ImGui::PushID(static_cast<int>(&line - lines.data()));
    if (ImGui::InvisibleButton("number", ImVec2(context.width, height)))
      ask_number(context, &step, unit, line.number);
    ImGui::PopID();
    if (!ImGui::IsItemHovered()) continue;
    draw.AddRectFilled(at, ImVec2(at.x + context.width, at.y + height), context.theme.hover, 3);
    ImGui::SetTooltip("%s", kAskTip);
  }
  ImGui::PopStyleVar();
}

void draw_initial_state(const InspectorContext& context, const rnn::LayerTrace& trace) {
  const auto units = static_cast<std::size_t>(trace.hidden);
  const auto shown = [&](const std::vector<float>& from) {
    return std::vector<float>(from.begin(),
                              from.begin() + static_cast<std::ptrdiff_t>(std::min(units, from.size())));
  };
  std::vector<Column> columns;
  if (trace.initial_c.size() >= units) columns.push_back({"c_0", shown(trace.initial_c), 1, true, {Kind::C}});
  if (trace.initial_h.size() >= units) columns.push_back({"h_0", shown(trace.initial_h), 1, true, {Kind::H}});
  if (columns.empty()) return;
  for (Column& column : columns) column.scale = std::max(1.0f, largest(column.values));
  const float column_width =
      std::min(120.0f, (context.width - kUnitWidth) / static_cast<float>(columns.size()));
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, ImVec2(0, 0));
  header_row(context, columns, column_width);
  ImGuiListClipper clipper;
  clipper.Begin(trace.hidden, kRowHeight);
  while (clipper.Step())
    for (int unit = clipper.DisplayStart; unit < clipper.DisplayEnd; ++unit)
      unit_row(context, nullptr, columns, column_width, unit, -1);
  ImGui::PopStyleVar();
}

void draw_vector(const InspectorContext& context, int position) {
  const rnn::Trace& trace = *context.session.trace();
  const std::vector<NextValue> rows = next_values(trace, context.session.example(), position);
  const std::vector<std::string>& names = context.session.output_names();
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  ImFont *mono = context.fonts.mono_small, *small = context.fonts.small;
  const float right_column = text_width(mono, "+0000.0000") + 8;
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, ImVec2(0, 2));
  const ImVec2 head = ImGui::GetCursorScreenPos();
  const float right = head.x + context.width;
  const auto put = [&](ImFont* font, ImU32 colour, const std::string& text, int column, float y) {
    const float x = right - static_cast<float>(2 - column) * right_column - text_width(font, text);
    draw.AddText(font, font->FontSize, ImVec2(x, y), colour, text.c_str());
  };
  const char* titles[] = {"predicted", "next", "error"};
  for (int column = 0; column < 3; ++column)
    put(small, context.theme.text_dim, titles[column], column, head.y);
  ImGui::Dummy(ImVec2(context.width, small->FontSize + 1));
  for (std::size_t k = 0; k < rows.size(); ++k) {
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const std::string name = k < names.size() ? names[k] : std::to_string(k + 1);
    draw.PushClipRect(at, ImVec2(right - 3 * right_column, at.y + 20), true);
    draw.AddText(small, small->FontSize, ImVec2(at.x, at.y + 2), context.theme.text, name.c_str());
    draw.PopClipRect();
    put(mono, context.theme.text, fixed4(rows[k].predicted), 0, at.y + 2);
    if (rows[k].known) {
      put(mono, context.theme.text, fixed4(rows[k].next), 1, at.y + 2);
      put(mono, context.theme.text_dim, fixed4(rows[k].predicted - rows[k].next), 2, at.y + 2);
    } else {
      put(mono, context.theme.text_dim, "−", 1, at.y + 2);
    }
    ImGui::PushID(static_cast<int>(k));
    if (ImGui::InvisibleButton("output", ImVec2(context.width, 20)))
      context.session.origins().ask_output(rnn::NumberKind::Probability, static_cast<int>(k), position);
    ImGui::PopID();
    if (ImGui::IsItemHovered()) {
      ImGui::SetTooltip("%s: predicted %s%s%s\n%s", name.c_str(), exact(rows[k].predicted).c_str(),
                        rows[k].known ? ", next value " : "",
                        rows[k].known ? exact(rows[k].next).c_str() : "", kAskTip);
    }
  }
  ImGui::PopStyleVar();
}

void draw_outputs(const InspectorContext& context, int position) {
  const rnn::Trace* trace = context.session.trace();
  if (!trace || position < 1 || position > trace->length || trace->outputs <= 0 || trace->rows <= 0) return;
  if (context.session.network().spec.task == rnn::Task::NextVector) return draw_vector(context, position);
  const auto k_count = static_cast<std::size_t>(trace->outputs);
  const int row = trace->row_of(position - 1);
  const std::size_t begin = static_cast<std::size_t>(row) * k_count;
  const std::span<const float> p = std::span<const float>(trace->probabilities).subspan(begin, k_count);
  const std::span<const float> logits = std::span<const float>(trace->logits).subspan(begin, k_count);
  const std::vector<std::string>& names = context.session.output_names();
  constexpr int kFew = 6;
  const bool many = trace->outputs > kFew;
  std::vector<int> order = by_probability(p);
  if (!many) std::sort(order.begin(), order.end());
  if (many && !context.ui.inspector.all_outputs) order.resize(kFew);

  ImDrawList& draw = *ImGui::GetWindowDrawList();
  ImFont* mono = context.fonts.mono_small;
  ImFont* small = context.fonts.small;
  const float numbers = text_width(mono, "0.0000"), logit_width = text_width(mono, "+00.0000");
  const float name_width = std::min(96.0f, context.width * 0.3f);
  // What comes next, in the letters of the output's names: a letter or a codon.
  const std::string truth = context.session.network().spec.task == rnn::Task::NextSymbol
                                ? next_symbol(*trace, context.session.letters(), row)
                                : std::string();
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, ImVec2(0, 2));
  const ImVec2 head = ImGui::GetCursorScreenPos();
  const float right = head.x + context.width;
  draw.AddText(small, small->FontSize, ImVec2(right - text_width(small, "logit"), head.y),
               context.theme.text_dim, "logit");
  draw.AddText(small, small->FontSize,
               ImVec2(right - logit_width - 10 - text_width(small, "probability"), head.y),
               context.theme.text_dim, "probability");
  ImGui::Dummy(ImVec2(context.width, small->FontSize + 1));
  for (const int k : order) {
    const auto i = static_cast<std::size_t>(k);
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const std::string name = i < names.size() ? names[i] : std::to_string(k);
    if (!truth.empty() && name == truth) {
      draw.AddText(small, small->FontSize, ImVec2(at.x + 16, at.y + 2), context.theme.accent, "comes next");
    }
    draw.PushClipRect(at, ImVec2(at.x + name_width, at.y + 20), true);
    draw.AddText(small, small->FontSize, ImVec2(at.x, at.y + 2), context.theme.text, name.c_str());
    draw.PopClipRect();
    const float logit_left = right - logit_width, number_left = logit_left - 10 - numbers;
    draw_bar(draw, context.theme, ImVec2(at.x + name_width + 6, at.y + 5), ImVec2(number_left - 8, at.y + 14),
             p[i], false);
    const std::string share = fixed4(p[i]).substr(1), logit = fixed4(logits[i]);
    draw.AddText(mono, mono->FontSize, ImVec2(number_left, at.y + 2), context.theme.text, share.c_str());
    draw.AddText(mono, mono->FontSize, ImVec2(right - text_width(mono, logit), at.y + 2),
                 context.theme.text_dim, logit.c_str());
    ImGui::PushID(k);
    const bool asked = ImGui::InvisibleButton("output", ImVec2(context.width, 20));
    ImGui::PopID();
    if (ImGui::IsItemHovered()) {
      ImGui::SetTooltip("%s: probability %s, logit %s\n%s", name.c_str(), exact(p[i]).c_str(),
                        exact(logits[i]).c_str(), kAskTip);
    }
    if (asked) {
      const bool logit_asked = ImGui::GetIO().MousePos.x >= logit_left - 4;
      context.session.origins().ask_output(
          logit_asked ? rnn::NumberKind::Logit : rnn::NumberKind::Probability, k, position);
    }
  }
  ImGui::PopStyleVar();
  if (many) {
    const std::string label = context.ui.inspector.all_outputs ? "Show the most probable only"
                                                               : "Show all " + std::to_string(trace->outputs);
    if (ImGui::SmallButton(label.c_str()))
      context.ui.inspector.all_outputs = !context.ui.inspector.all_outputs;
  }
}

}  // namespace ribostep::ui
