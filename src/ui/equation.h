// One line of mathematics: names with subscripts and superscripts, set in the text font and the small font.
// The markup is a small part of TeX's: _x ^x _{t-1} ^{(1)} \sigma \odot \cdot \to \in and plain text.
#pragma once
#include <imgui.h>

#include <string>
#include <string_view>
#include <vector>

#include "ui/fonts.h"

namespace ribostep::ui {

struct EquationRun {
  enum class Place : unsigned char { Base, Sub, Super, CircleDot };
  Place place = Place::Base;
  std::string text;  // UTF-8, minus signs already typographic
  bool operator==(const EquationRun&) const = default;
};
// Never fails: what is not understood is shown as it is.
std::vector<EquationRun> parse_equation(std::string_view markup);

float equation_width(const FontSet& fonts, std::string_view markup);
float equation_height(const FontSet& fonts);  // of every line, whatever is in it
// Top left at `at`; returns the width.
// `scale` shrinks a line that would not fit.
float draw_equation(ImDrawList& draw, const FontSet& fonts, ImVec2 at, ImU32 colour, std::string_view markup,
                    float scale = 1);
// As an ImGui item in the flow of a window.
void equation_item(const FontSet& fonts, ImU32 colour, std::string_view markup);

// Plain text for tooltips and tests: "h" and 3 give "h₃".
std::string with_subscript(std::string_view symbol, int index);

}  // namespace ribostep::ui
