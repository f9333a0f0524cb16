// The line above the tracks: which sequence, zoom buttons, and the menu of what is shown.
#include <algorithm>
#include <string>
#include <vector>

#include "ui/track_arrange.h"
#include "ui/tracks/ruler.h"

namespace ribostep::ui {
bool hidden(const io::View& view, const std::string& key) {
  return std::find(view.hidden_tracks.begin(), view.hidden_tracks.end(), key) != view.hidden_tracks.end();
}

bool draw_track_header(session::Session& session, UiState& ui, const Theme& theme, const FontSet& fonts,
                       float width) {
  const float left = ImGui::GetCursorPosX();
  const Axis before = ui.axis;
  ImGui::AlignTextToFramePadding();
  std::string name = "Tracks", detail;
  if (session.has_data() && session.data().size() > 0) {
    const int record = session.project().cursor.sequence;
    name = std::string(session.data().name(record));
    const bio::Alphabet& alphabet = session.data().alphabet();
    detail = std::to_string(session.length()) + (alphabet.is_series()    ? " positions"
                                                 : alphabet.is_formal()  ? " letters"
                                                 : alphabet.is_nucleic() ? " bases"
                                                                         : " residues");
    if (session.showing_untrained_twin()) detail += ", untrained twin";
  }
  const float buttons = 178;
  const ImVec2 at = ImGui::GetCursorScreenPos();
  ImGui::PushClipRect(at, ImVec2(at.x + width - buttons - 8, at.y + 40), true);
  ImGui::PushFont(fonts.bold);
  ImGui::TextUnformatted(name.c_str());
  ImGui::PopFont();
  if (!detail.empty()) {
    ImGui::SameLine();
    ImGui::PushStyleColor(ImGuiCol_Text, theme.text_dim);
    ImGui::TextUnformatted(detail.c_str());
    ImGui::PopStyleColor();
  }
  ImGui::PopClipRect();
  ImGui::SameLine(left + width - buttons);
  const float centre = ui.axis.x0 + ui.axis.width / 2;
  if (ImGui::Button("−##zoom out", ImVec2(28, 0))) ui.axis.zoom(1 / 1.6, centre);
  ImGui::SetItemTooltip("Zoom out (−, wheel)");
  ImGui::SameLine(0, 4);
  if (ImGui::Button("+##zoom in", ImVec2(28, 0))) ui.axis.zoom(1.6, centre);
  ImGui::SetItemTooltip("Zoom in (+, wheel)");
  ImGui::SameLine(0, 4);
  if (ImGui::Button("Fit", ImVec2(40, 0))) ui.axis.fit();
  ImGui::SetItemTooltip("Show the whole sequence (0, double click)");
  ImGui::SameLine(0, 4);
  if (ImGui::Button("Tracks…", ImVec2(70, 0)) || ui.shell.open_tracks_menu) ImGui::OpenPopup("##tracks menu");
  ImGui::SetItemTooltip("Which tracks are shown, in which order (T)");
  ui.shell.open_tracks_menu = false;
  // Under the button, as far left as its width asks for.
  ImGui::SetNextWindowPos(ImVec2(ImGui::GetItemRectMax().x, ImGui::GetItemRectMax().y + 3),
                          ImGuiCond_Appearing, ImVec2(1, 0));
  if (ImGui::BeginPopup("##tracks menu")) {
    draw_tracks_menu(session, ui);
    ImGui::EndPopup();
  }
  return ui.axis.first != before.first || ui.axis.span != before.span;
}

}  // namespace ribostep::ui
