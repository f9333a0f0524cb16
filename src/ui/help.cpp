// The sheet behind `?`; see help.h. Its keys are those of the commands, so none is left out; its models are
// help_models.cpp's table.
#include "ui/help.h"

#include <imgui.h>

#include <algorithm>
#include <utility>

#include "base/version.h"
#include "ui/commands_core.h"
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

constexpr std::pair<const char*, const char*> kGestures[] = {
    {"Click or drag on a track", "move the position"},
    {"Wheel, pinch", "zoom"},
    {"Shift + wheel, drag on the ruler", "pan"},
    {"Double click on a track", "show the whole sequence"},
    {"Drag a label up or down", "move its track"},
    {"Drag a track's lower edge", "resize it; double click: its own height"},
    {"Right click on a label", "hide, move or save a track"},
    {"Esc", "close"},
};

void draw_keys(Panel& p, UiState& ui, float height) {
  if (ImGui::BeginChild("##keys", ImVec2(0, height))) {
    std::string group;
    bool open = false;
    const auto begin_group = [&](const char* name) {
      if (open) ImGui::EndTable();
      subheading(p, name);
      open = begin_lines(name, 1.7f);
    };
    for (const Command& command : make_commands({p, ui})) {
      if (command.chord == 0) continue;
      if (command.group != group) {
        group = command.group;
        begin_group(group.c_str());
      }
      if (open) draw_line(p, chord_words(command.chord).c_str(), command.title.c_str());
    }
    begin_group("Mouse and touch");
    for (const auto& [gesture, what] : kGestures)
      if (open) draw_line(p, gesture, what);
    if (open) ImGui::EndTable();
  }
  ImGui::EndChild();
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

void draw_help(Panel& p, UiState& ui, float screen_width, float screen_height) {
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
    const float height = std::max(120.0f, std::min(560.0f, screen_height - 150));
    if (p.state.help_models)
      draw_models(p, height);
    else
      draw_keys(p, ui, height);
    ImGui::Spacing();
    if (button("Close")) p.state.help_open = false;
    ImGui::SameLine();
    if (button("Guide with pictures")) post(p, {{"type", "open"}, {"url", "guide.html"}});
    tip(p, "What the debugger can do, in a tab of its own");
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
