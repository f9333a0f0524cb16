// Turns the font files the page brought into ImGui's atlas.
#include "platform/fonts.h"

#include <imgui.h>

namespace ribostep::platform {
namespace {

// Line heights in CSS pixels, which is how ImGui measures fonts. Inter's letters are 0.83 of that in CSS's
// own measure (14, 12, 19 px), JetBrains Mono's 0.76; one height for both keeps them on one line.
constexpr float kText = 17.0f, kSmall = 14.5f, kTitle = 23.0f;

// Everything src/platform/build/fonts.py keeps lies in these ranges; a file brings only what it has.
constexpr ImWchar kAllLetters[] = {0x20, 0x17F, 0x391, 0x3C9, 0x1D50, 0x209F, 0x20A0, 0x2BFF, 0};

const session::Bytes& bytes(const FontFiles& files, FontFile which) {
  return files[static_cast<std::size_t>(which)];
}

// Rejects what stb_truetype would trip over: an error page served instead of a font, for one.
bool looks_like_font(const session::Bytes& file) {
  if (file.size() < 1000) return false;
  const bool truetype = file[0] == 0 && file[1] == 1 && file[2] == 0 && file[3] == 0;
  const bool opentype = file[0] == 'O' && file[1] == 'T' && file[2] == 'T' && file[3] == 'O';
  return truetype || opentype;
}

ImFont* add(const FontFiles& files, FontFile which, float css_size, float pixel_ratio) {
  ImFontAtlas& atlas = *ImGui::GetIO().Fonts;
  const session::Bytes& file = bytes(files, which);
  const float size = css_size * pixel_ratio;
  ImFontConfig config;
  config.FontDataOwnedByAtlas = false;
  config.GlyphRanges = kAllLetters;
  // Finer horizontal placement matters only where pixels are coarse.
  config.OversampleH = pixel_ratio < 1.5f ? 2 : 1;
  if (!looks_like_font(file)) {
    config.SizePixels = size;
    return atlas.AddFontDefault(&config);
  }
  // The atlas does not change the bytes it does not own, it only lacks the const.
  ImFont* font = atlas.AddFontFromMemoryTTF(const_cast<std::uint8_t*>(file.data()),
                                            static_cast<int>(file.size()), size, &config);
  // What it lacks, bold and mono most of all, comes from these.
  config.MergeMode = true;
  for (const FontFile other : {FontFile::Text, FontFile::Symbols}) {
    const session::Bytes& more = bytes(files, other);
    if (other == which || !looks_like_font(more)) continue;
    atlas.AddFontFromMemoryTTF(const_cast<std::uint8_t*>(more.data()), static_cast<int>(more.size()), size,
                               &config);
  }
  return font;
}

// The atlas holds letters in device pixels. Their measures become CSS pixels here, so that a font's size
// means the same everywhere and text is still drawn pixel for pixel.
void measure_in_css_pixels(ImFont& font, float pixel_ratio) {
  const float shrink = 1.0f / pixel_ratio;
  font.FontSize *= shrink;
  font.Ascent *= shrink;
  font.Descent *= shrink;
  for (ImFontGlyph& glyph : font.Glyphs) {
    glyph.AdvanceX *= shrink;
    glyph.X0 *= shrink;
    glyph.X1 *= shrink;
    glyph.Y0 *= shrink;
    glyph.Y1 *= shrink;
  }
  font.BuildLookupTable();  // holds copies of the advances
}

}  // namespace

ui::FontSet build_fonts(const FontFiles& files, float pixel_ratio) {
  ImGuiIO& io = ImGui::GetIO();
  io.Fonts->Clear();
  ui::FontSet fonts;
  fonts.text = add(files, FontFile::Text, kText, pixel_ratio);  // first: ImGui's default
  fonts.small = add(files, FontFile::Text, kSmall, pixel_ratio);
  fonts.bold = add(files, FontFile::Bold, kText, pixel_ratio);
  fonts.mono = add(files, FontFile::Mono, kText, pixel_ratio);
  fonts.mono_small = add(files, FontFile::Mono, kSmall, pixel_ratio);
  fonts.title = add(files, FontFile::Bold, kTitle, pixel_ratio);
  io.Fonts->Flags |= ImFontAtlasFlags_NoPowerOfTwoHeight;
  io.Fonts->Build();
  for (ImFont* font : io.Fonts->Fonts) measure_in_css_pixels(*font, pixel_ratio);
  return fonts;
}

}  // namespace ribostep::platform
