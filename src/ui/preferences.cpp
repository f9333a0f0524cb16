// Preferences as a small JSON document in the browser's store; see preferences.h.
#include "ui/preferences.h"

#include <cmath>
#include <iterator>
#include <string>

namespace ribostep::ui {
namespace {

constexpr const char* kThemes[] = {"system", "light", "dark"};

void read_size(const nlohmann::json& json, const char* key, float& size) {
  if (!json.contains(key) || !json[key].is_number()) return;
  const auto value = json[key].get<float>();
  if (std::isfinite(value) && value > 0) size = value;
}

void read_flag(const nlohmann::json& json, const char* key, bool& flag) {
  if (json.contains(key) && json[key].is_boolean()) flag = json[key].get<bool>();
}

}  // namespace

const char* theme_name(ThemeMode mode) { return kThemes[static_cast<std::size_t>(mode)]; }

session::Message preferences_message(const PanelState& state) {
  const nlohmann::json json = {{"theme", theme_name(state.theme_mode)},
                               {"hint_dismissed", state.hint_dismissed},
                               {"log_loss", state.log_loss},
                               {"left", state.left},
                               {"right", state.right},
                               {"bottom", state.bottom},
                               {"bottom_machine", state.bottom_machine}};
  const std::string text = json.dump();
  return {{{"type", "save"}, {"key", kPreferencesKey}}, session::Bytes(text.begin(), text.end())};
}

void read_preferences(std::span<const std::uint8_t> bytes, PanelState& state) {
  const nlohmann::json json = nlohmann::json::parse(bytes.begin(), bytes.end(), nullptr, false);
  if (!json.is_object()) return;
  for (std::size_t i = 0; i < std::size(kThemes); ++i) {
    if (json.contains("theme") && json["theme"] == kThemes[i]) state.theme_mode = static_cast<ThemeMode>(i);
  }
  read_flag(json, "hint_dismissed", state.hint_dismissed);
  read_flag(json, "log_loss", state.log_loss);
  read_size(json, "left", state.left);
  read_size(json, "right", state.right);
  read_size(json, "bottom", state.bottom);
  read_size(json, "bottom_machine", state.bottom_machine);
}

}  // namespace ribostep::ui
