// The parts of the machine tab that are more than a drawing, each a column of controls and what came of them.
#pragma once
#include <cfloat>

#include "ui/machine_graph.h"
#include "ui/widgets.h"

namespace ribostep::ui {

void draw_machine_weights(Panel&, UiState&, ImVec2 size);  // machine_weights.cpp: into weights
void draw_machine_proof(Panel&, UiState&, ImVec2 size);    // machine_proof.cpp: do all stages agree?
void draw_machine_back(Panel&, UiState&, ImVec2 size);     // machine_back.cpp: from a network to a machine

// The construction on show is that of the network when one is compiled, until the person chooses another.
inline void follow_compiled(MachineState& s, const session::Machine& m) {
  const auto& now = m.setup().compiled;
  if (s.compiled == now) return;
  s.compiled = now;
  if (now) s.construction = *now;
}

// ImGui breaks lines behind every comma and point, "5,103" and "0.25", too. Here the words come with breaks
// at spaces only, for lines of `room` pixels in this font.
std::string broken_at_spaces(ImFont* font, const std::string& words, float room);
// As dim_wrapped and icon_line, numbers whole.
void dim_sentence(const Panel& p, const std::string& words);
void icon_sentence(const Panel& p, Icon icon, ImU32 colour, const std::string& words);

// Two columns where there is room, else one below the other.
template <class Left, class Right>
void machine_columns(ImVec2 size, float left_width, Left left, Right right) {
  const float gap = ImGui::GetStyle().ItemSpacing.x;
  const bool wide = size.x > left_width + 240;
  if (ImGui::BeginChild("##machine_left", ImVec2(wide ? left_width : size.x, wide ? size.y : 0),
                        wide ? 0 : ImGuiChildFlags_AutoResizeY))
    left();
  ImGui::EndChild();
  if (wide) ImGui::SameLine();
  const ImVec2 room(wide ? size.x - left_width - gap : size.x, wide ? size.y : 0);
  if (ImGui::BeginChild("##machine_right", room, wide ? 0 : ImGuiChildFlags_AutoResizeY))
    right(ImVec2(room.x, wide ? room.y : 260));
  ImGui::EndChild();
}

// Asks for it, or says how far it is and stops it.
template <class Act, class Cancel>
void machine_action(Panel& p, const char* label, const char* hint, const std::string& why_not, bool busy,
                    double progress_share, const std::string& stage, Act act, Cancel cancel) {
  if (busy) {
    if (button("Cancel###cancel_machine", true, -FLT_MIN)) cancel();
    progress(p, progress_share, stage);
    return;
  }
  if (primary_button(p, label, why_not.empty(), -FLT_MIN)) act();
  tip(p, hint);
  if (!why_not.empty()) dim_wrapped(p, "Not possible: " + why_not + ".");
}

}  // namespace ribostep::ui
