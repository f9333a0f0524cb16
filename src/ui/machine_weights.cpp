// Into weights: which units a machine takes, what one layer can and cannot do, and the compiled network under
// a changing gain or noise.
#include <algorithm>
#include <cmath>

#include "ui/format.h"
#include "ui/machine_parts.h"

namespace ribostep::ui {
namespace {

constexpr float kControls = 210;
constexpr int kMostColumns = 40;  // of the table; above: as text

std::size_t at(int i) { return static_cast<std::size_t>(i); }
std::string signed_number(double x) { return (x > 0 ? "+" : "") + significant(x, 2); }

// The code of the chosen construction, where it is made without asking.
const motif::Code* code_of(const session::Machine& m, motif::Construction how) {
  if (m.setup().compiled == how && m.code() != nullptr) return m.code();
  const auto& code = m.stages().code[static_cast<int>(how)];
  return code ? &*code : nullptr;
}

void draw_gain(Panel& p, MachineState& s, session::Machine& m) {
  row(p, "Gain", "All weights are multiplied by it: high, and units sit at +1 and -1; low, and states leak");
  auto gain = static_cast<float>(m.setup().gain);
  ImGui::PushStyleColor(ImGuiCol_SliderGrab, faded(p.theme.accent, 0.45f));  // the number stays readable
  const bool moved =
      ImGui::SliderFloat("##machine_gain", &gain, static_cast<float>(motif::kMinGain),
                         static_cast<float>(motif::kMaxGain), "%.2f", ImGuiSliderFlags_Logarithmic);
  ImGui::PopStyleColor();
  if (ImGui::IsItemActivated()) s.gain_fresh = true;
  if (moved) {
    m.set_gain(static_cast<double>(gain), !s.gain_fresh);
    s.gain_fresh = false;
  }
  double least = 1e9;
  for (const motif::CodeUnit& unit : m.code()->units)
    if (unit.found.possible) least = std::min(least, unit.found.margin);
  if (least < 1e8 && m.pristine())
    dim_sentence(p, "Meant margin: " + significant(least * m.setup().gain, 3) +
                        (m.setup().compiled == motif::Construction::Lstm
                             ? std::string()
                             : ", so units stay within " +
                                   significant(1 - std::tanh(least * m.setup().gain), 2) + " of \u00b11"));
  if (const session::MachineCheck* check = m.checked(); check != nullptr && check->with_network)
    dim_sentence(p, "Measured: margin " + significant(check->proof.margin, 3) + ", leak " +
                        significant(check->proof.leak, 2) + (m.check_stale() ? " (of other weights)" : ""));
}

void draw_controls(Panel& p, UiState& ui) {
  session::Machine& m = p.session.machine();
  MachineState& s = ui.machine;
  std::vector<Choice> ways;
  for (int k = 0; k < motif::kConstructions; ++k)
    ways.push_back({motif::label(static_cast<motif::Construction>(k)), {}});
  ImGui::SetNextItemWidth(-FLT_MIN);
  if (const int chosen = choose_from_list(p, "##machine_way", ways, static_cast<int>(s.construction));
      chosen >= 0)
    s.construction = static_cast<motif::Construction>(chosen);
  tip(p, "How the machine is written into units");
  const std::string why = m.compile_obstacle(s.construction);
  if (primary_button(p, "Compile into the network###compile_machine", why.empty(), -FLT_MIN))
    m.compile(s.construction);
  tip(p, "The network gets these units and weights, and starts in the machine's first state");
  if (!why.empty()) dim_wrapped(p, "Not possible: " + why + ".");
  if (!m.compiled()) {
    dim_wrapped(p, "Compiling replaces the network and the labels of your data; Undo brings both back.");
    return;
  }
  draw_gain(p, s, m);
  ImGui::SetNextItemWidth(80);
  number(p, "##machine_noise", s.deviation, {0.001, 10, 0.01, true, "%.3f"});
  tip(p, "Standard deviation of the noise");
  ImGui::SameLine();
  if (button("Perturb", true, -FLT_MIN)) m.perturb(s.deviation, s.noise++);
  tip(p, "Adds noise to every weight: check the network then, or look where it errs first");
  dim_wrapped(p, m.pristine() ? "The weights are as compiled."
                              : "The weights have changed since they were compiled.");
}

void draw_table(const Panel& p, UiState& ui, const motif::Dfa& dfa, const motif::Code& code) {
  const int states = dfa.states(), letters = dfa.letters();
  constexpr ImGuiTableFlags kFlags = ImGuiTableFlags_ScrollX | ImGuiTableFlags_ScrollY |
                                     ImGuiTableFlags_RowBg | ImGuiTableFlags_SizingFixedFit |
                                     ImGuiTableFlags_BordersInnerV | ImGuiTableFlags_PadOuterX;
  const FontScope font(p.fonts.small);
  const float rows = static_cast<float>(code.units.size() + 1);
  const float whole = rows * (ImGui::GetTextLineHeight() + 5) + ImGui::GetStyle().ScrollbarSize + 4;
  const float height = std::max(std::min(p.touch ? 260 : ImGui::GetContentRegionAvail().y, whole), 74.0f);
  if (!ImGui::BeginTable("##machine_units", 3 + states + letters, kFlags, ImVec2(0, height))) return;
  ImGui::TableSetupScrollFreeze(2, 1);
  ImGui::TableSetupColumn("unit");
  ImGui::TableSetupColumn("state");
  for (int q = 0; q < states; ++q) ImGui::TableSetupColumn(("f " + motif::state_name(q)).c_str());
  for (int a = 0; a < letters; ++a) ImGui::TableSetupColumn((std::string("g ") + dfa.symbols[at(a)]).c_str());
  ImGui::TableSetupColumn("margin");
  ImGui::TableHeadersRow();
  for (std::size_t u = 0; u < code.units.size(); ++u) {
    const motif::CodeUnit& unit = code.units[u];
    const int number = static_cast<int>(u);
    ImGui::TableNextRow();
    ImGui::TableNextColumn();
    ImGui::PushID(number);
    const bool lit = ui.hover_previous.layer == 0 && ui.hover_previous.unit == number;
    ImGui::Selectable(std::to_string(number).c_str(), lit, ImGuiSelectableFlags_SpanAllColumns);
    if (ImGui::IsItemHovered() && p.session.machine().code() == &code) {
      ui.hover.layer = 0;
      ui.hover.unit = number;
    }
    ImGui::PopID();
    ImGui::TableNextColumn();
    text(motif::state_name(unit.state) + (unit.wrong.empty() ? "" : " \u2717"));
    for (const std::vector<double>* values : {&unit.found.f, &unit.found.g})
      for (const double value : *values) {
        ImGui::TableNextColumn();
        text(signed_number(value));
      }
    ImGui::TableNextColumn();
    text(unit.wrong.empty()
             ? significant(unit.found.margin, 3)
             : "wrong after " + counted(static_cast<std::int64_t>(unit.wrong.size()), "step", "steps"));
  }
  ImGui::EndTable();
}

void draw_separability(const Panel& p, const motif::Dfa& dfa, const motif::Code& code) {
  std::string possible;
  int impossible = 0;
  for (std::size_t q = 0; q < code.states.size(); ++q) {
    if (code.states[q].possible)
      possible += (possible.empty() ? "" : ", ") + motif::state_name(static_cast<int>(q));
    else
      ++impossible;
  }
  if (!possible.empty())
    icon_line(p, Icon::Note, p.theme.text_dim, "One unit of one layer can stand for " + possible + ".");
  for (std::size_t q = 0; q < code.states.size(); ++q)
    if (!code.states[q].possible)
      icon_line(
          p, Icon::Warning, p.theme.warning,
          motif::state_name(static_cast<int>(q)) + " cannot: " + motif::demand_words(code.states[q], dfa));
  if (impossible > 0 && code.construction == motif::Construction::Textbook)
    dim_wrapped(p, code.default_state >= 0
                       ? "Nothing reads the unit of " + motif::state_name(code.default_state) +
                             ": that state is told by all others being off."
                       : "Several units err: take the exact construction.");
}

}  // namespace

void draw_machine_weights(Panel& p, UiState& ui, ImVec2 size) {
  machine_columns(
      size, kControls, [&] { draw_controls(p, ui); },
      [&](ImVec2) {
        const session::Machine& m = p.session.machine();
        const session::MachineStages& stages = m.stages();
        const motif::Code* code = code_of(m, ui.machine.construction);
        if (!stages.ok() || code == nullptr)
          return dim_wrapped(p, stages.ok() ? "A large machine is written into units when you press Compile."
                                            : "There are no weights without a machine.");
        std::string words = counted(static_cast<std::int64_t>(code->units.size()), "unit", "units");
        if (code->default_state >= 0) words += "; all off: " + motif::state_name(code->default_state);
        dim_wrapped(p, words + ". On where f(state) + g(letter) > 0");
        if (code->units.empty())
          return dim_sentence(p, "It would take " + thousands(code->needed) + " units, more than " +
                                     thousands(motif::kMaxCompiledUnits) + ".");
        if (stages.minimal->states() + stages.minimal->letters() > kMostColumns) {
          const FontScope font(p.fonts.mono_small);
          text(motif::to_text(*stages.minimal, *code));
          return;
        }
        draw_separability(p, *stages.minimal, *code);
        draw_table(p, ui, *stages.minimal, *code);
      });
}

}  // namespace ribostep::ui
