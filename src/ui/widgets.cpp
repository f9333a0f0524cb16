// Controls shared by the panels; see widgets.h.
#include "ui/widgets.h"

#include <imgui_internal.h>

#include <algorithm>
#include <cmath>

namespace ribostep::ui {
namespace {

constexpr float kTooltipWidth = 340;
constexpr float kLabelShare = 0.34f;  // of a row

float icon_size() { return ImGui::GetFontSize() * 0.86f; }

void push_button_colours(ImU32 base, ImU32 hovered, ImU32 active, ImU32 words) {
  ImGui::PushStyleColor(ImGuiCol_Button, base);
  ImGui::PushStyleColor(ImGuiCol_ButtonHovered, hovered);
  ImGui::PushStyleColor(ImGuiCol_ButtonActive, active);
  ImGui::PushStyleColor(ImGuiCol_Text, words);
}

bool splitter(const Panel& p, const char* id, ImVec2 area, ImGuiMouseCursor shape, bool vertical, float& size,
              float low, float high, float reset, float grows_with_mouse) {
  ImGui::InvisibleButton(id, area);
  const bool active = ImGui::IsItemActive(), hovered = ImGui::IsItemHovered();
  if (active || hovered) {
    ImGui::SetMouseCursor(shape);
    const ImVec2 a = ImGui::GetItemRectMin(), b = ImGui::GetItemRectMax();
    const ImVec2 middle((a.x + b.x) * 0.5f, (a.y + b.y) * 0.5f);
    ImGui::GetWindowDrawList()->AddRectFilled(
        vertical ? ImVec2(middle.x - 1, a.y) : ImVec2(a.x, middle.y - 1),
        vertical ? ImVec2(middle.x + 1, b.y) : ImVec2(b.x, middle.y + 1),
        faded(p.theme.accent, active ? 1.0f : 0.6f));
  }
  const float before = size;
  if (active) {
    const ImVec2 moved = ImGui::GetIO().MouseDelta;
    size += (vertical ? moved.x : moved.y) * grows_with_mouse;
  }
  if (hovered && ImGui::IsMouseDoubleClicked(ImGuiMouseButton_Left)) size = reset;
  size = std::clamp(size, low, std::max(low, high));
  return size != before;
}

}  // namespace

// ---- text ------------------------------------------------------------------------------------------------

void text(std::string_view words) { ImGui::TextUnformatted(words.data(), words.data() + words.size()); }

void dim(const Panel& p, std::string_view words) {
  const FontScope font(p.fonts.small);
  ImGui::PushStyleColor(ImGuiCol_Text, p.theme.text_dim);
  text(words);
  ImGui::PopStyleColor();
}

void dim_wrapped(const Panel& p, std::string_view words) {
  ImGui::PushTextWrapPos(0);
  dim(p, words);
  ImGui::PopTextWrapPos();
}

std::string fitted_text(std::string_view words, float width) {
  const char* end = words.data() + words.size();
  if (ImGui::CalcTextSize(words.data(), end).x <= width) return std::string(words);
  const float room = width - ImGui::CalcTextSize("...").x;
  const char* rest = end;
  ImGui::GetFont()->CalcTextSizeA(ImGui::GetFontSize(), std::max(room, 1.0f), 0, words.data(), end, &rest);
  return std::string(words.data(), rest) + "...";
}

const char* word(Severity severity) {
  switch (severity) {
    case Severity::Note:
      return "Note";
    case Severity::Warning:
      return "Warning";
    case Severity::Error:
      return "Problem";
  }
  return "";
}

Icon icon(Severity severity) {
  return severity == Severity::Note      ? Icon::Note
         : severity == Severity::Warning ? Icon::Warning
                                         : Icon::Error;
}

ImU32 severity_colour(const Theme& t, Severity severity) {
  return severity == Severity::Note ? t.text_dim : severity == Severity::Warning ? t.warning : t.error;
}

void icon_line(const Panel& p, Icon sign, ImU32 c, std::string_view words) {
  const FontScope font(p.fonts.small);
  const float size = icon_size();
  const ImVec2 at = ImGui::GetCursorScreenPos();
  draw_icon(*ImGui::GetWindowDrawList(), sign,
            ImVec2(at.x + size * 0.5f, at.y + ImGui::GetFontSize() * 0.5f + 0.5f), size, c);
  ImGui::Indent(size + 7);
  ImGui::PushTextWrapPos(0);
  ImGui::PushStyleColor(ImGuiCol_Text, c);
  text(words);
  ImGui::PopStyleColor();
  ImGui::PopTextWrapPos();
  ImGui::Unindent(size + 7);
}

void severity_line(const Panel& p, Severity severity, std::string_view words) {
  std::string line = severity == Severity::Note ? std::string() : std::string(word(severity)) + ": ";
  line += words;
  icon_line(p, icon(severity), severity_colour(p.theme, severity), line);
}

void tip(const Panel& p, std::string_view words, std::string_view keys) {
  if (words.empty() ||
      !ImGui::IsItemHovered(ImGuiHoveredFlags_ForTooltip | ImGuiHoveredFlags_AllowWhenDisabled)) {
    return;
  }
  // A finger that has lifted still "hovers" where it was: there, a tooltip comes while the finger rests.
  const ImGuiIO& io = ImGui::GetIO();
  if (io.MouseSource == ImGuiMouseSource_TouchScreen && !io.MouseDown[0]) return;
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(10, 7));
  if (ImGui::BeginTooltip()) {
    ImGui::PushTextWrapPos(kTooltipWidth);
    text(words);
    if (!keys.empty()) dim(p, keys);
    ImGui::PopTextWrapPos();
    ImGui::EndTooltip();
  }
  ImGui::PopStyleVar();
}

// ---- buttons ---------------------------------------------------------------------------------------------

bool button(const char* label, bool enabled, float width) {
  ImGui::BeginDisabled(!enabled);
  const bool pressed = ImGui::Button(label, ImVec2(width, 0));
  ImGui::EndDisabled();
  return pressed && enabled;
}

bool primary_button(const Panel& p, const char* label, bool enabled, float width) {
  const Theme& t = p.theme;
  push_button_colours(t.accent, mixed(t.accent, t.text, 0.15f), mixed(t.accent, t.text, 0.3f), t.accent_text);
  ImGui::PushStyleColor(ImGuiCol_Border, t.accent);
  const bool pressed = button(label, enabled, width);
  ImGui::PopStyleColor(5);
  return pressed;
}

bool icon_button(const Panel& p, const char* id, Icon sign, bool enabled, bool pressed) {
  const float side = ImGui::GetFrameHeight();
  const Theme& t = p.theme;
  ImGui::BeginDisabled(!enabled);
  if (pressed) push_button_colours(t.accent, t.accent, t.accent, t.accent_text);
  const bool clicked = ImGui::Button(id, ImVec2(side * 1.12f, side));
  if (pressed) ImGui::PopStyleColor(4);
  const ImVec2 a = ImGui::GetItemRectMin(), b = ImGui::GetItemRectMax();
  const ImU32 c = pressed ? t.accent_text : enabled ? t.text : faded(t.text_dim, 0.55f);
  draw_icon(*ImGui::GetWindowDrawList(), sign, ImVec2((a.x + b.x) * 0.5f, (a.y + b.y) * 0.5f),
            icon_size() * 0.95f, c);
  ImGui::EndDisabled();
  return clicked && enabled;
}

bool link(const Panel& p, const char* label) {
  const FontScope font(p.fonts.small);
  const char* end = ImGui::FindRenderedTextEnd(label);
  ImVec2 size = ImGui::CalcTextSize(label, end);
  if (p.touch) size.y = std::max(size.y, kTouchLink);
  const bool pressed = ImGui::InvisibleButton(label, size);
  const bool hovered = ImGui::IsItemHovered();
  if (hovered) ImGui::SetMouseCursor(ImGuiMouseCursor_Hand);
  const ImVec2 a = ImGui::GetItemRectMin(), b = ImGui::GetItemRectMax();
  const ImVec2 at(a.x, (a.y + b.y - ImGui::GetFontSize()) * 0.5f);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  list.AddText(at, p.theme.accent, label, end);
  const float line = at.y + ImGui::GetFontSize();
  list.AddLine(ImVec2(a.x, line), ImVec2(b.x, line), faded(p.theme.accent, hovered ? 1.0f : 0.45f));
  return pressed;
}

bool toggle(const Panel& p, const char* label, bool& on) {
  const float row = ImGui::GetFrameHeight();
  const FontScope font(p.fonts.small);
  if (p.touch) return ImGui::Checkbox(label, &on);
  constexpr float kPadding = 2;
  ImGui::SetCursorPosY(ImGui::GetCursorPosY() + (row - ImGui::GetFontSize() - 2 * kPadding) * 0.5f);
  ImGui::PushStyleVar(ImGuiStyleVar_FramePadding, ImVec2(kPadding, kPadding));
  const bool changed = ImGui::Checkbox(label, &on);
  ImGui::PopStyleVar();
  return changed;
}

bool unfolding(const Panel& p, const char* label, std::string_view summary) {
  const bool shown = disclosure(p, label);
  if (shown || summary.empty()) return shown;
  ImGui::Indent(icon_size() + 8);
  dim_wrapped(p, summary);
  ImGui::Unindent(icon_size() + 8);
  return shown;
}

bool disclosure(const Panel& p, const char* label, bool open) {
  bool& shown = *ImGui::GetStateStorage()->GetBoolRef(ImGui::GetID(label), open);
  const char* end = ImGui::FindRenderedTextEnd(label);
  const float line = ImGui::GetTextLineHeight(), size = icon_size();
  const ImVec2 area(size + 8 + ImGui::CalcTextSize(label, end).x, p.touch ? 44.0f : line + 4);
  if (ImGui::InvisibleButton(label, area)) shown = !shown;
  const ImU32 c = ImGui::IsItemHovered() ? p.theme.accent : p.theme.text_dim;
  const ImVec2 a = ImGui::GetItemRectMin();
  const float middle = (a.y + ImGui::GetItemRectMax().y) * 0.5f;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  draw_icon(list, shown ? Icon::ChevronDown : Icon::ChevronRight, ImVec2(a.x + size * 0.5f, middle), size, c);
  list.AddText(ImVec2(a.x + size + 8, middle - line * 0.5f), c, label, end);
  return shown;
}

// ---- rows ------------------------------------------------------------------------------------------------

float row_label_width() { return std::clamp(ImGui::GetContentRegionAvail().x * kLabelShare, 98.0f, 150.0f); }

void row(const Panel& p, const char* label, std::string_view hint) {
  const float start = ImGui::GetCursorPosX();
  const float column = row_label_width();
  ImGui::AlignTextToFramePadding();
  ImGui::PushStyleColor(ImGuiCol_Text, p.theme.text_dim);
  ImGui::TextUnformatted(label);
  ImGui::PopStyleColor();
  tip(p, hint);
  ImGui::SameLine(start + column);
  ImGui::SetNextItemWidth(-FLT_MIN);
}

int choose_from_list(const Panel& p, const char* id, std::span<const Choice> choices, int current) {
  int chosen = -1;
  const bool known = current >= 0 && current < static_cast<int>(choices.size());
  if (!ImGui::BeginCombo(id, known ? choices[static_cast<std::size_t>(current)].label : "")) return chosen;
  for (int i = 0; i < static_cast<int>(choices.size()); ++i) {
    const Choice& choice = choices[static_cast<std::size_t>(i)];
    const bool possible = choice.why_not.empty();
    ImGui::BeginDisabled(!possible);
    if (ImGui::Selectable(choice.label, i == current)) chosen = i;
    ImGui::EndDisabled();
    if (!possible) {
      // The reason stays visible: a tooltip would not exist on a phone.
      ImGui::PushTextWrapPos(ImGui::GetCursorPosX() + 280);
      dim(p, choice.why_not);
      ImGui::PopTextWrapPos();
    }
  }
  ImGui::EndCombo();
  return chosen == current ? -1 : chosen;
}

int choose_segment(const Panel& p, const char* id, std::span<const Choice> choices, int current) {
  int chosen = -1;
  // Widths follow the words; what is left over is shared out.
  float words = 0;
  for (const Choice& choice : choices) words += ImGui::CalcTextSize(choice.label).x + 1;
  const float spare = (ImGui::GetContentRegionAvail().x - words) / static_cast<float>(choices.size());
  const Theme& t = p.theme;
  ImGui::PushID(id);
  ImGui::PushStyleVar(ImGuiStyleVar_FramePadding, ImVec2(0, ImGui::GetStyle().FramePadding.y));
  for (int i = 0; i < static_cast<int>(choices.size()); ++i) {
    const Choice& choice = choices[static_cast<std::size_t>(i)];
    if (i > 0) ImGui::SameLine(0, 1);
    const bool on = i == current;
    if (on)
      push_button_colours(mixed(t.panel, t.accent, 0.18f), mixed(t.panel, t.accent, 0.24f),
                          mixed(t.panel, t.accent, 0.3f), t.text);
    if (on) ImGui::PushStyleColor(ImGuiCol_Border, t.accent);
    const float width = std::max(ImGui::CalcTextSize(choice.label).x + spare, 8.0f);
    if (button(choice.label, choice.why_not.empty(), width) && !on) chosen = i;
    if (on) ImGui::PopStyleColor(5);
    tip(p, choice.why_not);
  }
  ImGui::PopStyleVar();
  ImGui::PopID();
  return chosen;
}

bool number(Panel& p, const char* id, double& value, Range range, bool enabled) {
  Editing& editing = p.state.editing;
  const ImGuiID item = ImGui::GetID(id);
  // Only while this very field is held: one that vanished under the mouse is forgotten.
  const ImGuiContext& g = *ImGui::GetCurrentContext();
  const bool held = editing.item == item && (g.ActiveId == item || g.ActiveIdPreviousFrame == item);
  double shown = held ? editing.value : value;
  ImGuiSliderFlags flags = ImGuiSliderFlags_AlwaysClamp | ImGuiSliderFlags_NoRoundToFormat;
  if (range.logarithmic) flags |= ImGuiSliderFlags_Logarithmic;
  // Logarithmic: a thousandth of the whole range in decades per pixel.
  const auto speed = static_cast<float>(range.logarithmic ? (range.high - range.low) * 0.001 : range.speed);
  ImGui::BeginDisabled(!enabled);
  ImGui::DragScalar(id, ImGuiDataType_Double, &shown, speed, &range.low, &range.high, range.format, flags);
  const bool done = ImGui::IsItemDeactivated();
  const bool active = ImGui::IsItemActive();
  ImGui::EndDisabled();
  if (!std::isfinite(shown)) shown = value;  // "inf" and "nan" can be typed
  shown = std::clamp(shown, range.low, range.high);
  if (active) editing = {item, shown};
  if (!done) return false;
  const double before = value;
  value = shown;
  if (editing.item == item) editing = {};
  return value != before;
}

bool whole_number(Panel& p, const char* id, int& value, int low, int high, bool enabled, const char* zero) {
  double real = value;
  // A hundred pixels double the number, whatever its size.
  const double span = static_cast<double>(high) - low;
  const double speed = std::clamp(std::fabs(real) * 0.01, 0.08, std::max(0.08, span / 300));
  Range range{static_cast<double>(low), static_cast<double>(high), speed};
  if (zero && value == 0) range.format = zero;
  if (!number(p, id, real, range, enabled)) return false;
  const int before = value;
  value = static_cast<int>(std::lround(real));
  return value != before;
}

bool seed_number(const char* id, std::uint64_t& value) {
  std::uint64_t edited = value;
  ImGui::InputScalar(id, ImGuiDataType_U64, &edited, nullptr, nullptr, "%llu",
                     ImGuiInputTextFlags_AutoSelectAll);
  if (!ImGui::IsItemDeactivatedAfterEdit() || edited == value) return false;
  value = edited;
  return true;
}

// ---- larger things ---------------------------------------------------------------------------------------

void progress(const Panel& p, double share, std::string_view words, float width) {
  const float full = width < 0 ? ImGui::GetContentRegionAvail().x : width;
  const ImVec2 at = ImGui::GetCursorScreenPos();
  constexpr float kHeight = 6;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const auto part = static_cast<float>(std::clamp(std::isfinite(share) ? share : 0.0, 0.0, 1.0));
  list.AddRectFilled(at, ImVec2(at.x + full, at.y + kHeight), p.theme.grid, 3);
  if (part > 0) {
    list.AddRectFilled(at, ImVec2(at.x + std::max(full * part, kHeight), at.y + kHeight), p.theme.accent, 3);
  }
  ImGui::Dummy(ImVec2(full, kHeight));
  if (!words.empty()) dim(p, words);
}

bool section(const Panel& p, const char* title, bool open) {
  const FontScope font(p.fonts.bold);
  ImGui::PushStyleColor(ImGuiCol_Header, p.theme.panel_alt);
  ImGui::PushStyleVar(ImGuiStyleVar_FrameBorderSize, 0);
  ImGui::PushStyleVar(ImGuiStyleVar_FramePadding, ImVec2(4, ImGui::GetStyle().FramePadding.y));
  const bool shown =
      ImGui::CollapsingHeader(title, open ? ImGuiTreeNodeFlags_DefaultOpen : ImGuiTreeNodeFlags_None);
  ImGui::PopStyleVar(2);
  ImGui::PopStyleColor();
  return shown;
}

void subheading(const Panel& p, const char* title) {
  ImGui::Spacing();
  const FontScope font(p.fonts.bold);
  ImGui::TextUnformatted(title);
}

bool vertical_splitter(const Panel& p, const char* id, float height, float& size, float low, float high,
                       float reset, float grows_with_mouse, float thickness) {
  return splitter(p, id, ImVec2(thickness, height), ImGuiMouseCursor_ResizeEW, true, size, low, high, reset,
                  grows_with_mouse);
}

bool horizontal_splitter(const Panel& p, const char* id, float width, float& size, float low, float high,
                         float reset, float grows_with_mouse, float thickness) {
  return splitter(p, id, ImVec2(width, thickness), ImGuiMouseCursor_ResizeNS, false, size, low, high, reset,
                  grows_with_mouse);
}

}  // namespace ribostep::ui
