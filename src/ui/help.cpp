// The sheet behind `?`; see help.h. Its lines are keyboard.cpp's and help_models.cpp's tables.
#include "ui/help.h"

#include <imgui.h>

#include <algorithm>

#include "base/version.h"
#include "ui/help_models.h"
#include "ui/keyboard.h"
#include "ui/widgets.h"

namespace ribostep::ui {
namespace {

bool begin_lines(const char* id, float share) {
  if (!ImGui::BeginTable(id, 2, ImGuiTableFlags_SizingStretchProp | ImGuiTableFlags_NoSavedSettings))
    return false;
  ImGui::TableSetupColumn("", ImGuiTableColumnFlags_None, 1.0f);
  ImGui::TableSetupColumn("", ImGuiTableColumnFlags_None, share);
  return true;
}

void draw_line(const Panel& p, const char* name, const char* what) {
  ImGui::TableNextRow();
  ImGui::TableNextColumn();
  ImGui::PushTextWrapPos(0);
  text(name);
  ImGui::PopTextWrapPos();
  ImGui::TableNextColumn();
  ImGui::PushTextWrapPos(0);
  ImGui::TextColored(colour(p.theme.text_dim), "%s", what);
  ImGui::PopTextWrapPos();
}

void draw_keys(const Panel& p) {
  if (!begin_lines("##keys", 1.4f)) return;
  for (const KeyHelp& line : key_help()) draw_line(p, line.keys, line.what);
  ImGui::EndTable();
}

void draw_models(const Panel& p, float height) {
  if (ImGui::BeginChild("##models", ImVec2(0, height))) {
    bool open = false;
    for (const ModelHelp& line : model_help()) {
      if (line.what) {
        if (open) draw_line(p, line.name, line.what);
        continue;
      }
      if (open) ImGui::EndTable();
      subheading(p, line.name);
      open = begin_lines(line.name, 2.2f);
    }
    if (open) ImGui::EndTable();
  }
  ImGui::EndChild();
}

}  // namespace

void draw_help(Panel& p, float screen_width, float screen_height) {
  if (!p.state.help_open) return;
  const float width = std::min(520.0f, screen_width - 24);
  ImGui::SetNextWindowPos(ImVec2(screen_width * 0.5f, screen_height * 0.5f), ImGuiCond_Always,
                          ImVec2(0.5f, 0.5f));
  ImGui::SetNextWindowSizeConstraints(ImVec2(width, 0), ImVec2(width, screen_height - 24));
  ImGui::PushStyleColor(ImGuiCol_WindowBg, p.theme.panel);
  ImGui::PushStyleVar(ImGuiStyleVar_WindowRounding, 7);
  ImGui::PushStyleVar(ImGuiStyleVar_WindowBorderSize, 1);
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(20, 16));
  constexpr ImGuiWindowFlags kFlags = ImGuiWindowFlags_NoTitleBar | ImGuiWindowFlags_NoResize |
                                      ImGuiWindowFlags_NoMove | ImGuiWindowFlags_AlwaysAutoResize |
                                      ImGuiWindowFlags_NoSavedSettings;
  if (ImGui::Begin("##help", nullptr, kFlags)) {
    const Choice pages[] = {{"Keys", {}}, {"Models", {}}};
    const int page = choose_segment(p, "##help_page", pages, p.state.help_models ? 1 : 0);
    if (page >= 0) p.state.help_models = page == 1;
    ImGui::Spacing();
    if (p.state.help_models)
      draw_models(p, std::max(120.0f, std::min(560.0f, screen_height - 150)));
    else
      draw_keys(p);
    ImGui::Spacing();
    if (button("Close")) p.state.help_open = false;
    ImGui::SameLine();
    ImGui::AlignTextToFramePadding();
    const std::string built =
        std::string("Ribostep ") + version() + (*commit() != '\0' ? std::string(", ") + commit() : "");
    dim(p, built);
    constexpr ImGuiHoveredFlags kAnyPart = ImGuiHoveredFlags_RootAndChildWindows |
                                           ImGuiHoveredFlags_AllowWhenBlockedByActiveItem;  // a button held
    const bool outside = ImGui::IsMouseClicked(ImGuiMouseButton_Left) && !ImGui::IsWindowHovered(kAnyPart) &&
                         !ImGui::IsWindowAppearing();
    if (outside) p.state.help_open = false;
  }
  ImGui::End();
  ImGui::PopStyleVar(3);
  ImGui::PopStyleColor();
}

}  // namespace ribostep::ui
