// Parsing and setting of inline mathematics. The dotted circle is drawn, as few fonts have it.
#include "ui/equation.h"

#include <algorithm>
#include <array>
#include <utility>

namespace ribostep::ui {
namespace {

using Place = EquationRun::Place;

constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kNamed{
    {{"\\sigma", "σ"}, {"\\cdot", "·"}, {"\\to", "→"}, {"\\in", "∈"}}};
constexpr std::string_view kCircleDot = "\\odot";

void append(std::vector<EquationRun>& runs, Place place, std::string_view text) {
  const bool joins = !runs.empty() && runs.back().place == place && place == Place::Base;
  if (joins) {
    runs.back().text += text;
  } else {
    runs.push_back({place, std::string(text)});
  }
}

std::string_view command(std::string_view markup, std::size_t i) {
  for (const auto& [name, text] : kNamed) {
    if (markup.substr(i, name.size()) == name) return name;
  }
  return {};
}

std::string_view spelled(std::string_view name) {
  for (const auto& [key, text] : kNamed) {
    if (key == name) return text;
  }
  return {};
}

// Text of a script starting at `i` (just after _ or ^): {...}, a command, or one letter.
std::string script(std::string_view markup, std::size_t& i) {
  std::string text;
  if (i >= markup.size()) return text;
  const bool braced = markup[i] == '{';
  if (braced) ++i;
  while (i < markup.size()) {
    if (braced && markup[i] == '}') {
      ++i;
      break;
    }
    const std::string_view name = command(markup, i);
    if (!name.empty()) {
      text += spelled(name);
      i += name.size();
    } else {
      if (markup[i] == '-') {
        text += "−";
      } else {
        text += markup[i];
      }
      ++i;
    }
    if (!braced) break;
  }
  return text;
}

float width_of(ImFont* font, std::string_view text) {
  return font->CalcTextSizeA(font->FontSize, 1e9f, 0, text.data(), text.data() + text.size()).x;
}

// One walk for measuring and drawing, so that they cannot disagree. `draw` may be null.
float set_line(ImDrawList* draw, const FontSet& fonts, ImVec2 at, ImU32 colour, std::string_view markup,
               float scale) {
  ImFont* base = fonts.text;
  ImFont* small = fonts.small;
  const float size = base->FontSize * scale, script_size = std::min(small->FontSize * scale, size * 0.78f);
  const float top = at.y + size * 0.12f;  // room for superscripts
  float x = at.x, script_x = at.x, script_end = at.x;
  bool in_script = false;
  for (const EquationRun& run : parse_equation(markup)) {
    const char* begin = run.text.data();
    const char* end = begin + run.text.size();
    if (run.place == Place::Sub || run.place == Place::Super) {
      if (!in_script) script_x = script_end = x + 0.5f;
      in_script = true;
      const float y = run.place == Place::Sub ? top + size - script_size * 0.72f : at.y - size * 0.06f;
      if (draw) draw->AddText(small, script_size, ImVec2(script_x, y), colour, begin, end);
      script_end = std::max(script_end, script_x + width_of(small, run.text) * script_size / small->FontSize);
      x = script_end + 1;
      continue;
    }
    in_script = false;
    if (run.place == Place::CircleDot) {
      const float r = size * 0.27f;
      const ImVec2 centre(x + r + 1, top + size * 0.54f);
      if (draw) {
        draw->AddCircle(centre, r, colour, 16, 1.1f);
        draw->AddCircleFilled(centre, 1.4f, colour, 8);
      }
      x += 2 * r + 2;
      continue;
    }
    if (draw) draw->AddText(base, size, ImVec2(x, top), colour, begin, end);
    x += width_of(base, run.text) * scale;
  }
  return x - at.x;
}

}  // namespace

std::vector<EquationRun> parse_equation(std::string_view markup) {
  std::vector<EquationRun> runs;
  for (std::size_t i = 0; i < markup.size();) {
    const char c = markup[i];
    if ((c == '_' || c == '^') && i + 1 < markup.size()) {
      ++i;
      const std::string text = script(markup, i);
      append(runs, c == '_' ? Place::Sub : Place::Super, text);
    } else if (markup.substr(i, kCircleDot.size()) == kCircleDot) {
      append(runs, Place::CircleDot, "");
      i += kCircleDot.size();
    } else if (const std::string_view name = command(markup, i); !name.empty()) {
      append(runs, Place::Base, spelled(name));
      i += name.size();
    } else {
      if (c == '-') {
        append(runs, Place::Base, "−");
      } else {
        append(runs, Place::Base, markup.substr(i, 1));
      }
      ++i;
    }
  }
  return runs;
}

float equation_width(const FontSet& fonts, std::string_view markup) {
  return set_line(nullptr, fonts, ImVec2(0, 0), 0, markup, 1);
}

float equation_height(const FontSet& fonts) { return fonts.text->FontSize * 1.36f; }

float draw_equation(ImDrawList& draw, const FontSet& fonts, ImVec2 at, ImU32 colour, std::string_view markup,
                    float scale) {
  return set_line(&draw, fonts, at, colour, markup, scale);
}

void equation_item(const FontSet& fonts, ImU32 colour, std::string_view markup) {
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float width = draw_equation(*ImGui::GetWindowDrawList(), fonts, at, colour, markup);
  ImGui::Dummy(ImVec2(width, equation_height(fonts)));
}

std::string with_subscript(std::string_view symbol, int index) {
  std::string text(symbol);
  for (const char digit : std::to_string(index)) {
    if (digit == '-') {
      text += "₋";
      continue;
    }
    // U+2080..U+2089
    text += "\xE2\x82";
    text += static_cast<char>(0x80 + (digit - '0'));
  }
  return text;
}

}  // namespace ribostep::ui
