// Every control ImGui drew in the last frame, by its label ("Train###train", "##next"), so that a test can
// click what a person would.
#pragma once
#include <imgui.h>

#include <map>
#include <string>

namespace ribostep::tests {

struct Item {
  ImVec2 min, max;
  std::string window;  // of ImGui: "##root", or a child of it
  bool disabled = false;
  ImVec2 centre() const { return ImVec2((min.x + max.x) * 0.5f, (min.y + max.y) * 0.5f); }
};

// Of the frame drawn last; a control that was scrolled out of sight is not there.
std::map<std::string, Item>& drawn_items();
// A combo box reports no label: looked up by its id ("##task") in the window whose name contains `window`.
Item combo_item(const std::string& window, const char* id);
// Turns the hooks on for the current context.
void watch_items();

}  // namespace ribostep::tests
