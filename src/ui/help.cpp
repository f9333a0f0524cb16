// The sheet of keys; see help.h. Its lines are keyboard.cpp's table.
#include "ui/help.h"

#include <imgui.h>

#include <algorithm>

#include "base/version.h"
#include "ui/keyboard.h"
#include "ui/widgets.h"

namespace ribostep::ui {

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
    {
      const FontScope font(p.fonts.title);
      text("Keys");
    }
    if (ImGui::BeginTable("##keys", 2, ImGuiTableFlags_SizingStretchProp | ImGuiTableFlags_NoSavedSettings)) {
      ImGui::TableSetupColumn("", ImGuiTableColumnFlags_None, 1.0f);
      ImGui::TableSetupColumn("", ImGuiTableColumnFlags_None, 1.4f);
      for (const KeyHelp& line : key_help()) {
        ImGui::TableNextRow();
        ImGui::TableNextColumn();
        text(line.keys);
        ImGui::TableNextColumn();
        ImGui::PushTextWrapPos(0);
        ImGui::TextColored(colour(p.theme.text_dim), "%s", line.what);
        ImGui::PopTextWrapPos();
      }
      ImGui::EndTable();
    }
    ImGui::Spacing();
    if (button("Close")) p.state.help_open = false;
    ImGui::SameLine();
    ImGui::AlignTextToFramePadding();
    const std::string built =
        std::string("Ribostep ") + version() + (*commit() != '\0' ? std::string(", ") + commit() : "");
    dim(p, built);
    const bool outside = ImGui::IsMouseClicked(ImGuiMouseButton_Left) &&
                         !ImGui::IsWindowHovered(ImGuiHoveredFlags_RootAndChildWindows) &&
                         !ImGui::IsWindowAppearing();
    if (outside) p.state.help_open = false;
  }
  ImGui::End();
  ImGui::PopStyleVar(3);
  ImGui::PopStyleColor();
}

}  // namespace ribostep::ui
