// Bars and tables of the inspector: signed numbers as bars from a middle line, with the number in full view.
#pragma once
#include <string>
#include <string_view>

#include "ui/inspector_model.h"
#include "ui/tracks.h"

namespace ribostep::ui {

// What the inspector's parts are handed.
struct InspectorContext {
  session::Session& session;
  UiState& ui;
  const Theme& theme;
  const FontSet& fonts;
  float width;  // of a line
};

// `words` with line breaks at spaces where a line would be wider: ImGui's own wrapping also breaks behind the
// point of a number.
std::string broken_at_spaces(ImFont* font, std::string_view words, float width);

// Asks where a number of the inspector's step came from.
// `step`: none, of the initial state.
void ask_number(const InspectorContext& context, const StepView* step, int unit, NumberRef number);

// A bar in [x0, x1] x [y0, y1] from the middle for signed values, from the left for shares; clamped at +-1.
void draw_bar(ImDrawList& draw, const Theme& theme, ImVec2 min, ImVec2 max, float share, bool is_signed);

// The table of all units: terms of the chosen gate, or the states. Rows scroll with the window.
void draw_unit_table(const InspectorContext& context, const StepView& step, int shown_unit);
// Every number of a unit, %.9g.
void draw_unit_detail(const InspectorContext& context, const StepView& step, int unit);
// h_0 and c_0 of every unit.
void draw_initial_state(const InspectorContext& context, const rnn::LayerTrace& trace);
// Probabilities and logits at the cursor; of a series the predicted values beside those that come.
void draw_outputs(const InspectorContext& context, int position);

}  // namespace ribostep::ui
