// The tracks' menus: all of them with check boxes and arrows, and one label's own.
#include <algorithm>
#include <utility>

#include "ui/track_arrange.h"

namespace ribostep::ui {

std::string track_name(const std::string& key, const rnn::ModelSpec& spec) {
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

void draw_tracks_menu(session::Session& session, UiState& ui) {
  const rnn::ModelSpec& spec = session.network().spec;
  const io::View& view = session.project().view;
  std::string move_key;
  int move_by = 0;
  // As tall as its rows, with room on the screen for what stands below.
  int rows = 1;
  for (const TrackItem& item : arranged(view, ui.tracks))
    for (const std::string& key : item.keys)
      rows += std::any_of(item.tracks.begin(), item.tracks.end(),
                          [&](const Track* track) { return track->key() == key && track->present(session); });
  const float tall = ImGui::GetMainViewport()->Size.y - 380;
  const float row = ImGui::GetFrameHeight() + 2 * ImGui::GetStyle().CellPadding.y;
  if (ImGui::BeginTable(
          "##all tracks", 2, ImGuiTableFlags_SizingFixedFit | ImGuiTableFlags_ScrollY,
          ImVec2(300, std::clamp(row * static_cast<float>(rows), 120.0f, std::max(tall, 121.0f))))) {
    ImGui::TableSetupColumn("", ImGuiTableColumnFlags_WidthStretch);
    for (const TrackItem& item : arranged(view, ui.tracks)) {
      for (const std::string& key : item.keys) {
        const bool there = std::any_of(item.tracks.begin(), item.tracks.end(), [&](const Track* track) {
          return track->key() == key && track->present(session);
        });
        if (!there) continue;
        ImGui::TableNextRow();
        ImGui::TableNextColumn();
        if (item.grouped) ImGui::Indent(12);
        bool on = !hidden(view, key);
        const std::string label = track_name(key, spec) + "##show " + key;
        if (ImGui::Checkbox(label.c_str(), &on)) set_track_hidden(session, key, !on);
        if (item.grouped) ImGui::Unindent(12);
        ImGui::TableNextColumn();
        for (const auto& [words, by] : {std::pair("▲##up ", -1), std::pair("▼##down ", 1)}) {
          if (by > 0) ImGui::SameLine(0, 3);
          ImGui::BeginDisabled(!on || !can_move_track(session, ui.tracks, key, by));
          if (ImGui::SmallButton((words + key).c_str())) {
            move_key = key;
            move_by = by;
          }
          ImGui::EndDisabled();
        }
      }
    }
    ImGui::EndTable();
  }
  if (move_by != 0) move_track(session, ui.tracks, move_key, move_by);
  if (ImGui::MenuItem("Order and heights as they come", nullptr, false, !view.tracks.empty()))
    reset_arrangement(session);
  if (ImGui::MenuItem("Show all", nullptr, false, !view.hidden_tracks.empty())) {
    io::View all = view;
    all.hidden_tracks.clear();
    session.set_view(all);
  }
  ImGui::Separator();
  ImGui::TextDisabled("Many positions per pixel");
  if (ImGui::MenuItem("Show their mean", nullptr, ui.tracks.reduce == Reduce::Mean))
    ui.tracks.reduce = Reduce::Mean;
  if (ImGui::MenuItem("Show the most extreme", nullptr, ui.tracks.reduce == Reduce::Extreme))
    ui.tracks.reduce = Reduce::Extreme;
  ImGui::Separator();
  if (ImGui::MenuItem("Save the tracks as SVG")) ui.shell.exports.push_back({ExportRequest::What::Svg, {}});
  if (ImGui::MenuItem("Save the tracks as PNG")) ui.shell.exports.push_back({ExportRequest::What::Png, {}});
  ImGui::TextDisabled("Drag a label to move its track, a lower edge to resize it.");
}

void draw_label_menu(session::Session& session, UiState& ui) {
  TracksState& state = ui.tracks;
  constexpr const char* kMenu = "##label menu";
  if (!state.open_label_menu.empty()) {
    state.label_menu = std::exchange(state.open_label_menu, {});
    ImGui::OpenPopup(kMenu);
  }
  if (!ImGui::BeginPopup(kMenu)) return;
  const std::string key = state.label_menu;
  ImGui::TextDisabled("%s", track_name(key, session.network().spec).c_str());
  if (ImGui::MenuItem("Hide")) set_track_hidden(session, key, true);
  if (ImGui::MenuItem("Move up", "Alt + Up", false, can_move_track(session, state, key, -1)))
    move_track(session, state, key, -1);
  if (ImGui::MenuItem("Move down", "Alt + Down", false, can_move_track(session, state, key, 1)))
    move_track(session, state, key, 1);
  if (ImGui::MenuItem("Its own height", nullptr, false, chosen_height(session.project().view, key) > 0))
    set_track_height(session, state, key, 0);
  if (ImGui::MenuItem("Save as TSV")) ui.shell.exports.push_back({ExportRequest::What::Track, key});
  ImGui::EndPopup();
}

}  // namespace ribostep::ui
