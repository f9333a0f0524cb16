// Where a number comes from, under the inspector: the number, its equation, its terms as signed bars to
// follow, and the hops that led here. What is asked and answered is Session::origins().
#include <algorithm>
#include <cmath>
#include <string>

#include "session/origins.h"
#include "ui/debug_panels.h"
#include "ui/inspector_model.h"
#include "ui/inspector_table.h"
#include "ui/widgets.h"

namespace ribostep::ui {
namespace {

using rnn::OriginShape;
using session::OriginRow;
using session::Origins;
using session::OriginView;

constexpr float kRow = 34, kGateWidth = 34, kPad = 6;
constexpr int kFewTerms = 8;
constexpr const char* kTitle = "Where did this number come from?";

float text_width(ImFont* font, const std::string& text) {
  return font->CalcTextSizeA(font->FontSize, 1e9f, 0, text.c_str()).x;
}

// What the number and its inputs are on the tracks and among the weights.
OriginLit lit_of(const session::Session& session, const rnn::Quantity& of) {
  OriginLit lit;
  const bool outputs = of.what == rnn::NumberKind::Logit || of.what == rnn::NumberKind::Probability;
  const rnn::Trace& trace = *session.trace();
  const int per_step =
      outputs ? trace.letters_per_row : trace.layers[static_cast<std::size_t>(of.layer)].letters_per_step;
  if (!outputs) {
    const int gates = trace.layers[static_cast<std::size_t>(of.layer)].gate_count;
    lit.layer = of.layer;
    lit.unit = of.unit;
    lit.gate = of.what == rnn::NumberKind::Gate ? of.gate : of.what == rnn::NumberKind::C ? gates : -1;
  }
  const bool elsewhere = of.step < 0 || of.whence == rnn::Whence::PassBefore;
  lit.position = elsewhere ? 0 : std::min((of.step + 1) * per_step, trace.length);
  return lit;
}

// Once for every other answer.
void refresh(session::Session& session, UiState& ui) {
  OriginState& state = ui.origin;
  const Origins& origins = session.origins();
  const std::uint64_t serial = origins.serial();
  if (serial == state.lit_serial) return;
  state.lit_serial = serial;
  state.lit.clear();
  const OriginView* view = origins.view();
  if (!origins.asked()) state.shown_of.reset();
  if (!view) return;
  const rnn::Origin& origin = view->origin;
  OriginLit asked = lit_of(session, origin.of);
  asked.asked = true;
  asked.position = view->position;
  asked.strength = 1;
  state.lit.push_back(asked);
  double largest = 0;
  for (const rnn::OriginTerm& term : origin.terms) largest = std::max(largest, std::fabs(term.value));
  for (const rnn::OriginTerm& term : origin.terms) {
    if (static_cast<int>(state.lit.size()) >= kMostLit) break;
    OriginLit lit;
    if (term.source)
      lit = lit_of(session, *term.source);
    else if (term.kind == rnn::TermKind::Input || term.kind == rnn::TermKind::ReadoutBias)
      lit.position = view->position;
    else
      continue;
    const bool weighed = term.kind == rnn::TermKind::Input || term.kind == rnn::TermKind::Recurrent ||
                         term.kind == rnn::TermKind::Readout;
    if (weighed) lit.from_unit = term.column;
    lit.bias = term.kind == rnn::TermKind::ReadoutBias;
    // Of the scores behind a probability, the one that is its own.
    const bool own_score =
        term.kind == rnn::TermKind::Score && term.source && term.source->output == origin.of.output;
    if (lit.bias || own_score || term.kind == rnn::TermKind::Readout) lit.output = origin.of.output;
    lit.strength = largest > 0 ? term.value / largest : 0;
    state.lit.push_back(lit);
  }
  // The same number under other weights: whoever looks elsewhere stays there.
  if (state.shown_of == origin.of) return;
  state.shown_of = origin.of;
  state.rest_open = false;
  state.came = true;
  // The inspector shows the step the number is of.
  if (asked.layer < 0) return;
  ui.inspector.layer = asked.layer;
  ui.inspector.unit = asked.unit;
  if (asked.gate >= 0) ui.inspector.gate = asked.gate;
}

void trail(Panel& p, float width) {
  Origins& origins = p.session.origins();
  const float side = ImGui::GetFrameHeight(), row_top = ImGui::GetCursorPosY();
  ImGui::BeginDisabled(!origins.can_go_back());
  if (ImGui::ArrowButton("##hop back", ImGuiDir_Left)) origins.back();
  ImGui::EndDisabled();
  tip(p, "Back to where you were before the last jump", ",");
  ImGui::SameLine(0, 4);
  ImGui::BeginDisabled(!origins.can_go_forward());
  if (ImGui::ArrowButton("##hop forward", ImGuiDir_Right)) origins.forward();
  ImGui::EndDisabled();
  tip(p, "Forward again", ".");
  const std::vector<Origins::Crumb> crumbs = origins.trail();
  if (crumbs.empty()) return;
  const FontScope font(p.fonts.small);
  // As many of the last ones as there is room for; what lies ahead comes after them.
  float room = width - 2 * side - 16;
  std::size_t first = crumbs.size();
  while (first > 0) {
    const float wide = ImGui::CalcTextSize(crumbs[first - 1].label.c_str()).x + 20;
    if (wide > room && first < crumbs.size()) break;
    room -= wide;
    --first;
  }
  const float line = p.touch ? kTouchLink : ImGui::GetTextLineHeight();
  const float top = row_top + std::max(0.0f, (side - line) / 2);
  const float text_top = top - ImGui::GetStyle().FramePadding.y;  // text on a line of frames stands lower
  int go = 0;
  for (std::size_t i = first; i < crumbs.size(); ++i) {
    ImGui::SameLine(0, i == first ? 8.0f : 4.0f);
    if (i > first || first > 0) {
      ImGui::SetCursorPosY(text_top);
      ImGui::TextUnformatted("›");
      ImGui::SameLine(0, 4);
    }
    ImGui::SetCursorPosY(crumbs[i].places == 0 ? text_top : top);
    ImGui::PushID(static_cast<int>(i));
    if (crumbs[i].places == 0) {
      ImGui::TextUnformatted(crumbs[i].label.c_str());
    } else if (link(p, crumbs[i].label.c_str())) {
      go = crumbs[i].places;
    }
    ImGui::PopID();
  }
  if (go != 0) origins.travel_by(go);
}

void headline(Panel& p, const OriginView& view, float width) {
  {
    const FontScope small(p.fonts.small);
    ImGui::PushStyleColor(ImGuiCol_Text, p.theme.text_dim);
    ImGui::TextWrapped("%s", view.title.c_str());
    ImGui::PopStyleColor();
  }
  {
    const FontScope title(p.fonts.title);
    std::string value = exact(view.origin.value);
    if (value[0] == '-') value.replace(0, 1, "−");
    ImGui::TextUnformatted(fitted_text(view.symbol + " = " + value, width).c_str());
  }
  {
    const FontScope mono(p.fonts.mono_small);
    ImGui::TextUnformatted(broken_at_spaces(ImGui::GetFont(), view.equation, width).c_str());
  }
  if (view.sentence.empty()) return;
  const FontScope small(p.fonts.small);
  ImGui::TextWrapped("%s", view.sentence.c_str());
}

// Name and value, and below them the term's bar beside its factors. A click goes on to what it is made of.
void term_row(Panel& p, const OriginView& view, std::size_t i, float width, double largest, bool marked) {
  const rnn::OriginTerm& term = view.origin.terms[i];
  const OriginRow& row = view.rows[i];
  const Theme& t = p.theme;
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float gate = row.gate.empty() ? 0 : kGateWidth, right = at.x + width - gate;
  ImGui::PushID(static_cast<int>(i));
  const bool pressed = ImGui::InvisibleButton("term", ImVec2(width - gate, kRow));
  const bool hovered = ImGui::IsItemHovered();
  bool through = false;
  if (gate > 0) {
    ImGui::SameLine(0, 0);
    through = ImGui::InvisibleButton("gate", ImVec2(gate, kRow));
    const bool on = ImGui::IsItemHovered();
    if (on) draw.AddRectFilled(ImVec2(right, at.y), ImVec2(right + gate, at.y + kRow - 2), t.hover, 3);
    tip(p, "Where did " + row.gate + ", the gate that lets this through, come from?");
    const FontScope font(p.fonts.small);
    draw.AddText(ImVec2(right + 6, at.y + 2), t.accent, row.gate.c_str());
  }
  ImGui::PopID();
  const bool leads = term.source.has_value();
  if (hovered) {
    draw.AddRectFilled(at, ImVec2(right, at.y + kRow - 2), t.hover, 3);
    if (leads) ImGui::SetMouseCursor(ImGuiMouseCursor_Hand);
    std::string words = row.name + " = " + exact(static_cast<float>(term.value));
    if (!row.numbers.empty()) words += "\n= " + row.numbers;
    words += leads ? "\nClick: where did it come from, at " + row.place + "?"
                   : "\nGiven, or learned: nothing lies behind it.";
    tip(p, words);
  }
  if (marked) draw.AddRectFilled(ImVec2(at.x, at.y + 2), ImVec2(at.x + 3, at.y + kRow - 4), t.accent);
  ImFont *mono = p.fonts.mono_small, *small = p.fonts.small;
  const std::string value = fixed_signed(static_cast<float>(term.value), 5);
  const float value_left = right - kPad - text_width(mono, value);
  const ImU32 ink = leads ? t.text : t.text_dim;
  {
    const FontScope font(marked ? p.fonts.bold : p.fonts.text);
    const std::string name = fitted_text(row.name, value_left - at.x - kPad - 8);
    draw.AddText(ImVec2(at.x + kPad + 2, at.y + 1), ink, name.c_str());
  }
  draw.AddText(mono, mono->FontSize, ImVec2(value_left, at.y + 3), t.text, value.c_str());
  const float half = at.x + width * 0.46f;
  {
    const FontScope font(small);
    draw.AddText(ImVec2(at.x + kPad + 2, at.y + 17), t.text_dim,
                 fitted_text(row.numbers, half - at.x - kPad - 8).c_str());
  }
  const float share = largest > 0 ? static_cast<float>(term.value / largest) : 0;
  draw_bar(draw, t, ImVec2(half, at.y + 21), ImVec2(right - kPad, at.y + 28), share, true);
  if (through) p.session.origins().follow(static_cast<int>(i), true);
  if (pressed) p.session.origins().follow(static_cast<int>(i));
}

void result_row(Panel& p, const OriginView& view, float width) {
  const rnn::Origin& o = view.origin;
  if (o.shape != OriginShape::Sum) return;
  const ImVec2 at = ImGui::GetCursorScreenPos();
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  ImFont* mono = p.fonts.mono_small;
  const std::string value = fixed_signed(o.before, 5);
  draw.AddLine(at, ImVec2(at.x + width, at.y), p.theme.border);
  draw.AddText(ImVec2(at.x + kPad + 2, at.y + 3), p.theme.text, "sum");
  draw.AddText(mono, mono->FontSize, ImVec2(at.x + width - kPad - text_width(mono, value), at.y + 5),
               p.theme.text, value.c_str());
  ImGui::Dummy(ImVec2(width, ImGui::GetTextLineHeight() + 6));
}

void terms(Panel& p, UiState& ui, const OriginView& view, float width) {
  const rnn::Origin& o = view.origin;
  const int count = static_cast<int>(o.terms.size());
  // A few more than fit are not worth a fold.
  const bool fold = count > kFewTerms + 2, open = ui.origin.rest_open;
  const int shown = fold && !open ? kFewTerms : count;
  double largest = 0, rest = o.rest;
  for (const rnn::OriginTerm& term : o.terms) largest = std::max(largest, std::fabs(term.value));
  for (int i = shown; i < count; ++i) rest += o.terms[static_cast<std::size_t>(i)].value;
  const std::uint64_t serial = p.session.origins().serial();
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, ImVec2(0, 0));
  ImGuiListClipper clipper;
  clipper.Begin(shown, kRow);
  while (clipper.Step())
    for (int i = clipper.DisplayStart; i < clipper.DisplayEnd; ++i) {
      // A hop makes another answer, and this one goes.
      if (p.session.origins().serial() != serial) break;
      term_row(p, view, static_cast<std::size_t>(i), width, largest,
               i == 0 && o.shape == OriginShape::Sum && count > 1);
    }
  ImGui::PopStyleVar();
  if (p.session.origins().serial() != serial) return;
  const int left = count - shown + o.left_out;
  if (left > 0 || (fold && open)) {
    const std::string words =
        left == 0 || (fold && open && o.left_out == 0)
            ? std::string("Show the largest only")
            : "The rest (" + std::to_string(left) + " terms) = " + fixed_signed(static_cast<float>(rest), 5);
    if (o.shape == OriginShape::Softmax && left > 0 && !open) {
      if (link(p, ("Show all " + std::to_string(count) + " outputs").c_str())) ui.origin.rest_open = true;
    } else if (fold && link(p, (words + "###rest of the terms").c_str())) {
      ui.origin.rest_open = !open;
    }
  }
  result_row(p, view, width);
}

// The number under the mouse, else the state of the unit that the inspector shows.
void ask_or_follow(session::Session& session, UiState& ui) {
  Origins& origins = session.origins();
  if (ui.hover_previous.layer >= 0 && ui.hover_previous.unit >= 0)
    return ask_origin(session, ui, ui.hover_previous);
  const OriginView* view = origins.view();
  if (view && view->position == session.position()) return origins.follow();
  const std::shared_ptr<const StepView> step = ui.inspector.step;
  const int unit = ui.inspector.unit >= 0                                  ? ui.inspector.unit
                   : step && ui.inspector.step_layer == ui.inspector.layer ? most_changed(*step)
                                                                           : 0;
  origins.ask_unit(ui.inspector.layer, unit, -1, session.position());
}

}  // namespace

void ask_origin(session::Session& session, UiState& ui, const Hover& at) {
  if (at.layer < 0 || at.unit < 0 || at.position < 0) return;
  session.origins().ask_unit(at.layer, at.unit, at.gate, at.position);
  refresh(session, ui);
}

void draw_origin_section(Panel& p, UiState& ui, float width) {
  if (!p.session.has_data() || p.session.length() == 0) return;
  refresh(p.session, ui);
  ImGui::PushID("origin");
  if (ui.origin.came) ImGui::SetNextItemOpen(true);
  const bool open = section(p, kTitle, true);
  // A number asked about from elsewhere is brought into sight.
  if (ui.origin.came && !ImGui::IsItemVisible()) ImGui::SetScrollHereY(0.1f);
  ui.origin.came = false;
  if (open) {
    Origins& origins = p.session.origins();
    const OriginView* view = origins.view();
    if (view) {
      trail(p, width);
      view = origins.view();  // a hop may have led elsewhere
    } else if (origins.can_go_back() || origins.can_go_forward()) {
      trail(p, width);
    }
    if (view && ui.origin.lit_serial == origins.serial()) {
      headline(p, *view, width);
      terms(p, ui, *view, width);
      if (link(p, "Ask no more###dismiss origin")) origins.dismiss();
    } else if (!view) {
      dim_wrapped(p,
                  origins.asked() ? "The number asked about is not there at the moment: its states are being "
                                    "computed, or the network has changed."
                  : p.touch       ? "Tap a number above to see the sum behind it, term by term."
                            : "Click a number above, or right-click a cell of a track, to see the sum behind "
                              "it, term by term. O asks about the unit shown.");
    } else {
      ui.wants_frame = true;
    }
  }
  ImGui::PopID();
}

void add_origin_commands(CommandContext context, Commands& commands) {
  session::Session* session = &context.panel.session;
  UiState* ui = &context.ui;
  const Origins& origins = session->origins();
  const std::string none = session->trace() ? "" : "there are no states yet";
  commands.push_back({"Ask", "Where did this number come from? Again: follow the largest term", ImGuiKey_O,
                      false, "origin terms sum trace back cause hop", none,
                      [session, ui] { ask_or_follow(*session, *ui); }});
  commands.push_back({"Ask", "Back to the place before the last jump", ImGuiKey_Comma, true,
                      "hop history undo jump", origins.can_go_back() ? "" : "there was no jump yet",
                      [session] { session->origins().back(); }});
  commands.push_back({"Ask", "Forward to the next place again", ImGuiKey_Period, true,
                      "hop history redo jump", origins.can_go_forward() ? "" : "this is the last place",
                      [session] { session->origins().forward(); }});
  if (session->trace() && session->position() > 0)
    commands.push_back(
        {"Ask", "Where did the prediction come from?", 0, false, "origin output probability", "", [session] {
           const rnn::Trace& trace = *session->trace();
           const int row = trace.row_of(session->position() - 1);
           int best = 0;
           for (int k = 1; k < trace.outputs; ++k)
             if (trace.p(row, k) > trace.p(row, best)) best = k;
           session->origins().ask_output(rnn::NumberKind::Probability, best, session->position());
         }});
}

}  // namespace ribostep::ui
