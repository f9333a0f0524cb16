// The line above the tracks: which sequence, zoom buttons, and the menu of what is shown.
#include <algorithm>
#include <string>
#include <vector>

#include "ui/track_layout.h"
#include "ui/tracks/ruler.h"

namespace ribostep::ui {
namespace {

std::string menu_name(const std::string& key, const rnn::ModelSpec& spec) {
  if (key == "letters") return "Sequence";
  if (key == "values") return "Values";
  if (key == "wiring") return "Windows, cuts and circle";
  if (key == "labels") return "Labels";
  if (key == "output")
    return spec.task == rnn::Task::NextVector ? "Output: next values" : "Output probabilities";
  if (key == "grad h") return "Gradient of each state";
  if (key == "grad x") return "Gradient of each input";
  if (key == "jacobian") return "Jacobians of the state";
  if (key == "direct path") return "Direct path: product of f";
  if (key == "h") return "h: hidden state";
  if (key == "c") return "c: cell state";
  for (const rnn::Gate& gate : rnn::gates(spec.cell)) {
    if (key == std::string("gate ") + gate.symbol) return std::string(gate.symbol) + ": " + gate.name;
  }
  return key;
}

void show_menu(session::Session& session, UiState& ui) {
  const auto& tracks = ui.tracks.tracks;
  io::View view = session.project().view;
  std::vector<std::string> seen;
  for (const auto& track : tracks) {
    if (!track->present(session)) continue;
    const std::string key = track->key();
    if (std::find(seen.begin(), seen.end(), key) != seen.end()) continue;
    seen.push_back(key);
    bool on = !hidden(view, key);
    const std::string name = menu_name(key, session.network().spec);
    if (ImGui::MenuItem(name.c_str(), nullptr, &on)) {
      if (on) {
        std::erase(view.hidden_tracks, key);
      } else {
        view.hidden_tracks.push_back(key);
      }
      session.set_view(view);
    }
  }
  ImGui::Separator();
  ImGui::TextDisabled("Many positions per pixel");
  if (ImGui::MenuItem("Show their mean", nullptr, ui.tracks.reduce == Reduce::Mean))
    ui.tracks.reduce = Reduce::Mean;
  if (ImGui::MenuItem("Show the most extreme", nullptr, ui.tracks.reduce == Reduce::Extreme)) {
    ui.tracks.reduce = Reduce::Extreme;
  }
}

}  // namespace

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
  ImGui::SetItemTooltip("Zoom out (wheel)");
  ImGui::SameLine(0, 4);
  if (ImGui::Button("+##zoom in", ImVec2(28, 0))) ui.axis.zoom(1.6, centre);
  ImGui::SetItemTooltip("Zoom in (wheel)");
  ImGui::SameLine(0, 4);
  if (ImGui::Button("Fit", ImVec2(40, 0))) ui.axis.fit();
  ImGui::SetItemTooltip("Show the whole sequence (double click)");
  ImGui::SameLine(0, 4);
  if (ImGui::Button("Show…", ImVec2(70, 0))) ImGui::OpenPopup("show tracks");
  if (ImGui::BeginPopup("show tracks")) {
    show_menu(session, ui);
    ImGui::EndPopup();
  }
  return ui.axis.first != before.first || ui.axis.span != before.span;
}

}  // namespace ribostep::ui
