// How a person likes the screen (theme, sizes of panes, hint dismissed): kept per browser, not in the
// project.
#pragma once
#include <span>

#include "ui/panel_state.h"

namespace ribostep::ui {

inline constexpr const char* kPreferencesKey = "ui";

const char* theme_name(ThemeMode mode);                         // "system", "light", "dark"
session::Message preferences_message(const PanelState& state);  // "save"
// Damaged or foreign bytes change nothing; sizes are clamped when they are used.
void read_preferences(std::span<const std::uint8_t> bytes, PanelState& state);

}  // namespace ribostep::ui
