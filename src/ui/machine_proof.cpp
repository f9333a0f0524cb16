// Do matcher, NFA, DFA, smallest DFA and network agree? What was shown, and how far each step is from erring.
#include <algorithm>
#include <cmath>
#include <limits>

#include "ui/format.h"
#include "ui/machine_parts.h"

namespace ribostep::ui {
namespace {

constexpr float kControls = 176, kSideBySide = 380;

std::size_t at(int i) { return static_cast<std::size_t>(i); }

// A row per state, a column per letter: the weakest pre-activation of that step. Below 0 also a cross.
void draw_margins(const Panel& p, const motif::Dfa& dfa, const std::vector<motif::StepMargin>& steps) {
  const int states = dfa.states(), letters = dfa.letters();
  std::vector<double> margin(at(states) * at(letters), std::numeric_limits<double>::quiet_NaN());
  double most = 1e-9;
  for (const motif::StepMargin& step : steps) {
    if (step.state < 0 || step.state >= states || step.letter < 0 || step.letter >= letters) continue;
    margin[at(step.state) * at(letters) + at(step.letter)] = step.margin;
    most = std::max(most, std::fabs(step.margin));
  }
  dim(p, "Margin of each step");
  const FontScope font(p.fonts.small);
  constexpr ImGuiTableFlags kFlags =
      ImGuiTableFlags_ScrollX | ImGuiTableFlags_ScrollY | ImGuiTableFlags_SizingFixedFit;
  const float height = std::max(p.touch ? 240 : ImGui::GetContentRegionAvail().y, 90.0f);
  if (!ImGui::BeginTable("##machine_margins", 1 + letters, kFlags, ImVec2(0, height))) return;
  ImGui::TableSetupScrollFreeze(1, 1);
  ImGui::TableSetupColumn("state");
  for (int a = 0; a < letters; ++a) ImGui::TableSetupColumn(std::string(1, dfa.symbols[at(a)]).c_str());
  ImGui::TableHeadersRow();
  ImGuiListClipper clipper;
  clipper.Begin(states);
  while (clipper.Step())
    for (int q = clipper.DisplayStart; q < clipper.DisplayEnd; ++q) {
      ImGui::TableNextRow();
      ImGui::TableNextColumn();
      text(motif::state_name(q));
      for (int a = 0; a < letters; ++a) {
        ImGui::TableNextColumn();
        const double value = margin[at(q) * at(letters) + at(a)];
        if (std::isnan(value)) {
          text("\u2013");
          continue;
        }
        const auto share = static_cast<float>(std::fabs(value) / most);
        ImGui::TableSetBgColor(ImGuiTableBgTarget_CellBg,
                               faded(value < 0 ? p.theme.negative : p.theme.positive, 0.12f + 0.4f * share));
        text((value < 0 ? "\u2717 " : "") + significant(value, 3));
      }
    }
  ImGui::EndTable();
}

}  // namespace

void draw_machine_proof(Panel& p, UiState&, ImVec2 size) {
  session::Machine& m = p.session.machine();
  const session::MachineCheck* check = m.checked();
  machine_columns(
      size, kControls,
      [&] {
        machine_action(
            p, "Check all stages###check_machine",
            "Exact for the automata; for the network, boxes around its states are followed through every "
            "step, then all short strings and a million letters are read",
            m.check_obstacle(), m.check_busy(), m.check_progress(), {}, [&] { m.check(); },
            [&] { m.cancel_check(); });
        if (!m.check_failure().empty()) severity_line(p, Severity::Error, m.check_failure());
        if (check == nullptr) return;
        const motif::AgreementReport& a = check->agreement;
        dim(p, thousands(a.strings) + " strings, " + thousands(a.letters) + " letters");
        dim(p, thousands(a.matches) + " matches");
        if (check->with_network)
          dim_sentence(p, "margin " + significant(check->proof.margin, 3) + ", read-out " +
                              significant(check->proof.readout_margin, 3) + ", leak " +
                              significant(check->proof.leak, 2));
        if (button("Copy the result###copy_check"))
          post(p, {{"type", "copy"}, {"text", m.summary() + "\n" + m.check_words()}});
      },
      [&](ImVec2 room) {
        if (check == nullptr)
          return dim_wrapped(
              p, m.check_busy()
                     ? "Reading strings\u2026"
                     : "The naive matcher, NFA, DFA, smallest DFA and the network are compared: for "
                       "strings of every length where that can be shown, and on a million letters.");
        const bool margins = check->with_network && m.stages().ok() && !check->proof.steps.empty();
        const bool beside = margins && room.x >= kSideBySide;
        if (beside) ImGui::BeginChild("##machine_words", ImVec2(room.x * 0.5f, room.y));
        if (m.check_stale())
          severity_line(p, Severity::Warning, "Of weights that have changed since: check again.");
        const bool refuted = check->with_network && check->proof.verdict == motif::Proof::Verdict::Refuted;
        const bool good = check->agreement.agrees() && !refuted;
        icon_sentence(p, good ? Icon::Note : Icon::Error, good ? p.theme.accent : p.theme.error,
                      m.check_words());
        if (beside) {
          ImGui::EndChild();
          ImGui::SameLine();
          ImGui::BeginGroup();
        }
        if (margins) draw_margins(p, *m.stages().minimal, check->proof.steps);
        if (beside) ImGui::EndGroup();
      });
}

}  // namespace ribostep::ui
