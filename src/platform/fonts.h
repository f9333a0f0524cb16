// Turns the font files the page brought into ImGui's atlas, sharp at the screen's pixel ratio.
#pragma once
#include <array>

#include "session/message.h"
#include "ui/fonts.h"

namespace ribostep::platform {

enum class FontFile : int { Text, Bold, Mono, Symbols };
constexpr int kFontFiles = 4;
using FontFiles = std::array<session::Bytes, kFontFiles>;

// Replaces the atlas of the current ImGui context; sizes and measures of the fonts are CSS pixels.
// A missing or broken file falls back to ImGui's built-in font. `files` must outlive the atlas.
ui::FontSet build_fonts(const FontFiles& files, float pixel_ratio);

}  // namespace ribostep::platform
