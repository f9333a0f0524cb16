// The right of the screen: one step of one layer, as the equation of its cell with this position's numbers,
// then every unit's terms as bars. The numbers themselves are put together in inspector_model.
#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <string>

#include "session/step_words.h"
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

void letter_chip(const InspectorContext& context, char letter) {
  const ImU32 fill = letter_colour(letter, context.session.data().alphabet(), context.theme.dark);
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float side = ImGui::GetFrameHeight() - 4;
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  draw.AddRectFilled(ImVec2(at.x, at.y + 2), ImVec2(at.x + side, at.y + 2 + side), fill, 4);
  const std::array<char, 2> text{letter, 0};
  const ImVec2 size = ImGui::CalcTextSize(text.data());
  draw.AddText(ImVec2(at.x + (side - size.x) / 2, at.y + 2 + (side - size.y) / 2), ink_on(fill), text.data());
  ImGui::Dummy(ImVec2(side, side));
}

const rnn::Layer& chosen_layer(const InspectorContext& context) {
  return context.session.network().layers[static_cast<std::size_t>(context.ui.inspector.layer)];
}
const rnn::LayerTrace& chosen_trace(const InspectorContext& context) {
  return context.session.trace()->layers[static_cast<std::size_t>(context.ui.inspector.layer)];
}

// "Position 17: read [C]"; "Position 17: codon 6, letters 16–18 [G][C][T]"; "Position 17: window 2, letters
// 11–20"; k-mers as their letters, values as their number.
void title(const InspectorContext& context, int position) {
  const session::Session& session = context.session;
  const rnn::Network& network = session.network();
  const bool series = network.spec.input == rnn::Input::Values;
  const rnn::Layer& layer = chosen_layer(context);
  ImGui::PushFont(context.fonts.bold);
  ImGui::AlignTextToFramePadding();
  if (position == 0) {
    ImGui::TextUnformatted("Position 0: nothing read yet");
    ImGui::PopFont();
    return;
  }
  ImGui::Text("Position %d:", position);
  ImGui::SameLine();
  const std::string_view letters = session.letters();
  const int per_step = network.letters_per_step(layer.level);
  // A step is where the trace says; without one a position is a step.
  const int step = per_step > 1 && session.trace() ? chosen_trace(context).step_of(position - 1)
                                                   : (position - 1) / per_step;
  if (per_step > 1) {
    ImGui::TextUnformatted(session::step_name(network, layer.level, session.length(), step).c_str());
  } else if (series) {
    ImGui::TextUnformatted(
        ("read " + session::read_words(network, context.ui.inspector.layer, session.example(), letters,
                                       nullptr, session.length(), step))
            .c_str());
  } else {
    ImGui::TextUnformatted("read");
  }
  ImGui::PopFont();
  if (series || network.steps_per_window(layer.level) > 1) return;
  const session::Letters place = session::letters_of(network, layer.level, session.length(), step);
  const bool kmers = network.spec.input == rnn::Input::Kmers && layer.level == 0;
  const int length = static_cast<int>(letters.size());
  int begin = kmers ? place.end - network.spec.kmer : place.begin;
  // Round a circle a k-mer reaches back over the origin.
  if (begin < 0 && (network.spec.circular == rnn::Circular::Linear || length < network.spec.kmer)) begin = 0;
  for (int i = begin; i < place.end && i < length; ++i) {
    ImGui::SameLine(0, i == begin ? -1.0f : 2.0f);
    letter_chip(context, letters[static_cast<std::size_t>(i < 0 ? i + length : i)]);
  }
  if (layer.wiring.complement && place.begin < static_cast<int>(letters.size())) {
    const bio::Alphabet& alphabet = session.data().alphabet();
    const int token = alphabet.token(letters[static_cast<std::size_t>(place.begin)]);
    ImGui::SameLine();
    ImGui::TextUnformatted("as");
    ImGui::SameLine();
    if (token >= 0) letter_chip(context, alphabet.letter(alphabet.complement(token)));
  }
}

std::string layer_name(const rnn::Network& network, std::size_t layer) {
  return session::layer_name(network, static_cast<int>(layer));
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
  const rnn::StepTerms terms = session.terms(state.layer);
  state.step =
      std::make_shared<const StepView>(step_view(chosen_layer(context), chosen_trace(context), terms));
  state.fed = session::fed_words(session.network(), *session.trace(), terms, session.initial_state());
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
  const float line_height = equation_height(context.fonts), room = context.width - 10;
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, ImVec2(0, 1));
  const std::vector<EquationLine> lines = equation_lines(step, unit);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const EquationLine& line = lines[i];
    const ImVec2 at = ImGui::GetCursorScreenPos();
    // Numbers that need more room go on in a second line: smaller letters would lose their minus signs.
    const std::string broken = broken_at_spaces(mono, line.numbers, room - 10);
    const ImVec2 numbers = mono->CalcTextSizeA(mono->FontSize, 1e9f, 0, broken.c_str());
    const float height = line_height + numbers.y + 5;
    ImGui::PushID(static_cast<int>(i));
    if (ImGui::InvisibleButton("equation", ImVec2(context.width, height))) {
      ui.inspector.gate = line.gate >= 0 ? line.gate : step.gate_count;
      ask_number(context, &step, unit, line.number);
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
    const float shrink = std::min(1.0f, room / std::max(1.0f, equation_width(context.fonts, line.markup)));
    draw_equation(draw, context.fonts, ImVec2(at.x + 8, at.y), context.theme.text, line.markup, shrink);
    draw.AddText(mono, mono->FontSize, ImVec2(at.x + 18, at.y + line_height), context.theme.text_dim,
                 broken.c_str());
  }
  ImGui::PopStyleVar();
}

// What feeds the first step read: h_0 with its numbers, or round a circle the pass before.
void initial_state(const InspectorContext& context) {
  const session::Session& session = context.session;
  const rnn::ModelSpec& spec = session.network().spec;
  const rnn::Layer& layer = chosen_layer(context);
  const bool memory = rnn::has_cell_state(layer.cell), zero = spec.initial == rnn::InitialState::Zero;
  equation_item(context.fonts, context.theme.text,
                zero     ? memory ? "h_0 = 0,   c_0 = 0" : "h_0 = 0"
                : memory ? "h_0 and c_0"
                         : "h_0");
  std::string text = "Where it comes from: " + session.initial_state() + ".";
  if (layer.wiring.reverse)
    text += " A backward layer starts with it after the last letter and reads towards the first.";
  if (layer.wiring.restart > 0)
    text += " It starts anew at every window of " + std::to_string(layer.wiring.restart) + " steps.";
  if (spec.circular != rnn::Circular::Linear)
    text += spec.circular == rnn::Circular::Doubled
                ? " The first copy of the sequence starts with it, the second goes on from the first."
                : " The first pass starts with it, each later pass goes on from the one before.";
  dim_text(context.theme, context.fonts, text.c_str());
  if (!zero && session.trace()) draw_initial_state(context, chosen_trace(context));
}

void notes(const InspectorContext& context, const StepView& step) {
  for (const std::string& note : equation_notes(step)) dim_text(context.theme, context.fonts, note.c_str());
}

std::string input_legend(const InspectorContext& context) {
  const rnn::ModelSpec& spec = context.session.network().spec;
  std::string x;
  switch (spec.input) {
    case rnn::Input::Letters:
      x = "the letter read at position t";
      break;
    case rnn::Input::Kmers:
      x = "the " + std::to_string(spec.kmer) + " letters that end at position t";
      break;
    case rnn::Input::Codons:
      x = "the codon read in step t";
      break;
    case rnn::Input::Values:
      x = "the values at position t";
      break;
  }
  if (spec.input != rnn::Input::Values)
    x += spec.embedding > 0 ? ", as its learned vector of " + std::to_string(spec.embedding) + " numbers"
                            : ", as one-hot";
  return "x_t: " + x +
         "; in higher layers, the states of the layer below. W, b: learned weights; b is b_x + b_h. "
         "σ squashes to 0 … 1, tanh to −1 … 1; ⊙ multiplies unit by unit.";
}

void at_start(const InspectorContext& context) {
  const rnn::Layer& layer = chosen_layer(context);
  initial_state(context);
  if (!layer.wiring.reverse) dim_text(context.theme, context.fonts, "Step forward to read position 1.");
  if (!section(context.theme, context.fonts, "Equation", true)) return;
  const StepView blank = blank_step(layer);
  for (const EquationLine& line : equation_lines(blank, 0)) {
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const float wide = equation_width(context.fonts, line.markup);
    draw_equation(*ImGui::GetWindowDrawList(), context.fonts, ImVec2(at.x + 8, at.y), context.theme.text,
                  line.markup, std::min(1.0f, (context.width - 10) / std::max(1.0f, wide)));
    ImGui::Dummy(ImVec2(context.width, equation_height(context.fonts)));
  }
  notes(context, blank);
  dim_text(context.theme, context.fonts, input_legend(context).c_str());
}

const char* output_heading(const rnn::ModelSpec& spec) {
  if (spec.task == rnn::Task::NextSymbol)
    return spec.input == rnn::Input::Codons ? "Output: next codon" : "Output: next letter";
  if (spec.task == rnn::Task::NextVector) return "Output: next values";
  if (spec.task == rnn::Task::PositionLabel) return "Output: this position";
  if (spec.direction_count() > 1) return "Output: whole sequence";
  return spec.circular == rnn::Circular::Linear ? "Output: if it ended here"
                                                : "Output: if the last round ended here";
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
    const rnn::Layer& layer = chosen_layer(context);
    std::string fed = ui.inspector.fed;
    if (!fed.empty()) {
      fed[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(fed[0])));
      dim_text(context.theme, context.fonts, (fed + ".").c_str());
    }
    if (layer.wiring.is_cut(step->t)) {
      dim_text(context.theme, context.fonts,
               ("Training sends no gradient back past this step: it is cut every " +
                std::to_string(layer.wiring.cut) + " steps.")
                   .c_str());
    }
    notes(context, *step);
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
  // As tall as it is: the pane scrolls it together with the sections below.
  const bool open = ImGui::BeginChild("##inspector", ImVec2(size.x, 0), ImGuiChildFlags_AutoResizeY);
  ImGui::PopStyleColor();
  ImGui::PopStyleVar();
  if (open) {
    const InspectorContext context{session, ui, theme, fonts, size.x - 4};
    choose_layer(session.network(), ui.inspector);
    const int position = session.position();
    if (!session.has_data() || session.length() == 0) {
      dim_text(theme, fonts, session.step_sentence().c_str());
    } else {
      const bool traced = session.trace() && position <= session.trace()->length;
      title(context, position);
      layer_selector(context);
      if (position == 0) {
        at_start(context);
      } else if (traced && chosen_trace(context).steps == 0) {
        dim_text(theme, fonts, "This sequence is shorter than one codon: nothing is read.");
      } else if (traced) {
        at_step(context, position);
      } else {
        dim_text(theme, fonts, "Computing the states of this sequence …");
      }
    }
  }
  ImGui::EndChild();
}

}  // namespace ribostep::ui
