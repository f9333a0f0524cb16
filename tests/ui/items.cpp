// Dear ImGui's test hooks (IMGUI_ENABLE_TEST_ENGINE) write down where every labelled control was drawn.
#include "items.h"

#include <imgui_internal.h>

namespace ribostep::tests {

struct Drawn {
  std::map<ImGuiID, Item> by_id;
  std::map<std::string, Item> by_label;
};

static Drawn& drawn() {
  static Drawn all;
  return all;
}

std::map<std::string, Item>& drawn_items() { return drawn().by_label; }

Item combo_item(const std::string& window, const char* id) {
  for (ImGuiWindow* each : ImGui::GetCurrentContext()->Windows) {
    if (std::string(each->Name).find(window) == std::string::npos) continue;
    const auto at = drawn().by_id.find(each->GetID(id));
    if (at != drawn().by_id.end()) return at->second;
  }
  return {};
}

void watch_items() { ImGui::GetCurrentContext()->TestEngineHookItems = true; }

}  // namespace ribostep::tests

// NOLINTBEGIN: names and signatures are ImGui's
void ImGuiTestEngineHook_ItemAdd(ImGuiContext* context, ImGuiID id, const ImRect& box,
                                 const ImGuiLastItemData*) {
  if (id == 0) return;
  const bool disabled = (context->CurrentItemFlags & ImGuiItemFlags_Disabled) != 0;
  ribostep::tests::drawn().by_id[id] = {box.Min, box.Max, context->CurrentWindow->Name, disabled};
}

void ImGuiTestEngineHook_ItemInfo(ImGuiContext*, ImGuiID id, const char* label, ImGuiItemStatusFlags) {
  auto& all = ribostep::tests::drawn();
  const auto at = all.by_id.find(id);
  if (label != nullptr && at != all.by_id.end()) all.by_label[label] = at->second;
}

void ImGuiTestEngineHook_Log(ImGuiContext*, const char*, ...) {}
const char* ImGuiTestEngine_FindItemDebugLabel(ImGuiContext*, ImGuiID) { return nullptr; }
// NOLINTEND
