// The two palettes and the ImGui style. What a colour means is in theme.h.
#include "ui/theme.h"

#include <cmath>

namespace ribostep::ui {
namespace {

constexpr ImU32 rgb(unsigned hex, unsigned alpha = 255) {
  return IM_COL32((hex >> 16u) & 255u, (hex >> 8u) & 255u, hex & 255u, alpha);
}

constexpr Theme kLight = {
    .background = rgb(0xE6EAEF),
    .panel = rgb(0xFFFFFF),
    .panel_alt = rgb(0xF1F4F7),
    .border = rgb(0xCBD3DB),
    .text = rgb(0x16202A),
    .text_dim = rgb(0x4D5A66),
    .accent = rgb(0x0A6A66),
    .accent_text = rgb(0xFFFFFF),
    .positive = rgb(0x005FA3),
    .negative = rgb(0xA84300),
    .warning = rgb(0x7A5000),
    .error = rgb(0xB01E19),
    .grid = rgb(0xDCE2E8),
    .cursor = rgb(0xAE1465),
    .hover = rgb(0x0A6A66, 34),
    .selection = rgb(0x0A6A66, 50),
    .dark = false,
};

constexpr Theme kDark = {
    .background = rgb(0x0D1217),
    .panel = rgb(0x151C23),
    .panel_alt = rgb(0x1E2730),
    .border = rgb(0x344250),
    .text = rgb(0xE4EAF0),
    .text_dim = rgb(0xA6B4C0),
    .accent = rgb(0x4FC9BD),
    .accent_text = rgb(0x06201E),
    .positive = rgb(0x72BCF2),
    .negative = rgb(0xF3A064),
    .warning = rgb(0xE9C46C),
    .error = rgb(0xFF938B),
    .grid = rgb(0x27323C),
    .cursor = rgb(0xFF78BA),
    .hover = rgb(0x4FC9BD, 40),
    .selection = rgb(0x4FC9BD, 56),
    .dark = true,
};

ImVec4 vec(ImU32 colour) { return ImGui::ColorConvertU32ToFloat4(colour); }

double channel(ImU32 colour, unsigned shift) {
  const double s = static_cast<double>((colour >> shift) & 255u) / 255.0;
  return s <= 0.04045 ? s / 12.92 : std::pow((s + 0.055) / 1.055, 2.4);
}

double luminance(ImU32 colour) {
  return 0.2126 * channel(colour, IM_COL32_R_SHIFT) + 0.7152 * channel(colour, IM_COL32_G_SHIFT) +
         0.0722 * channel(colour, IM_COL32_B_SHIFT);
}

void apply_colours(const Theme& t, ImVec4* c) {
  c[ImGuiCol_Text] = vec(t.text);
  c[ImGuiCol_TextDisabled] = vec(t.text_dim);
  c[ImGuiCol_WindowBg] = vec(t.background);
  c[ImGuiCol_ChildBg] = vec(t.panel);
  c[ImGuiCol_PopupBg] = vec(t.panel);
  c[ImGuiCol_Border] = vec(t.border);
  c[ImGuiCol_BorderShadow] = ImVec4(0, 0, 0, 0);
  c[ImGuiCol_FrameBg] = vec(t.panel_alt);
  c[ImGuiCol_FrameBgHovered] = vec(mixed(t.panel_alt, t.accent, 0.12f));
  c[ImGuiCol_FrameBgActive] = vec(mixed(t.panel_alt, t.accent, 0.20f));
  c[ImGuiCol_TitleBg] = c[ImGuiCol_TitleBgActive] = c[ImGuiCol_TitleBgCollapsed] = vec(t.panel_alt);
  c[ImGuiCol_MenuBarBg] = vec(t.panel);
  c[ImGuiCol_ScrollbarBg] = ImVec4(0, 0, 0, 0);
  c[ImGuiCol_ScrollbarGrab] = vec(mixed(t.border, t.text_dim, 0.25f));
  c[ImGuiCol_ScrollbarGrabHovered] = vec(mixed(t.border, t.text_dim, 0.6f));
  c[ImGuiCol_ScrollbarGrabActive] = vec(t.text_dim);
  c[ImGuiCol_CheckMark] = vec(t.accent);
  c[ImGuiCol_SliderGrab] = vec(t.accent);
  c[ImGuiCol_SliderGrabActive] = vec(t.accent);
  c[ImGuiCol_Button] = vec(t.panel_alt);
  c[ImGuiCol_ButtonHovered] = vec(mixed(t.panel_alt, t.accent, 0.16f));
  c[ImGuiCol_ButtonActive] = vec(mixed(t.panel_alt, t.accent, 0.30f));
  c[ImGuiCol_Header] = vec(mixed(t.panel, t.accent, 0.14f));
  c[ImGuiCol_HeaderHovered] = vec(mixed(t.panel, t.accent, 0.10f));
  c[ImGuiCol_HeaderActive] = vec(mixed(t.panel, t.accent, 0.22f));
  c[ImGuiCol_Separator] = vec(t.border);
  c[ImGuiCol_SeparatorHovered] = c[ImGuiCol_SeparatorActive] = vec(t.accent);
  c[ImGuiCol_ResizeGrip] = c[ImGuiCol_ResizeGripHovered] = c[ImGuiCol_ResizeGripActive] = vec(t.border);
  c[ImGuiCol_Tab] = vec(t.panel);
  c[ImGuiCol_TabHovered] = vec(mixed(t.panel, t.accent, 0.14f));
  c[ImGuiCol_TabActive] = vec(mixed(t.panel, t.accent, 0.14f));
  c[ImGuiCol_TabUnfocused] = vec(t.panel);
  c[ImGuiCol_TabUnfocusedActive] = vec(mixed(t.panel, t.accent, 0.14f));
  c[ImGuiCol_PlotLines] = c[ImGuiCol_PlotHistogram] = vec(t.accent);
  c[ImGuiCol_PlotLinesHovered] = c[ImGuiCol_PlotHistogramHovered] = vec(t.accent);
  c[ImGuiCol_TableHeaderBg] = vec(t.panel_alt);
  c[ImGuiCol_TableBorderStrong] = vec(t.border);
  c[ImGuiCol_TableBorderLight] = vec(t.grid);
  c[ImGuiCol_TableRowBg] = ImVec4(0, 0, 0, 0);
  c[ImGuiCol_TableRowBgAlt] = vec(faded(t.panel_alt, 0.55f));
  c[ImGuiCol_TextSelectedBg] = vec(t.selection);
  c[ImGuiCol_DragDropTarget] = vec(t.accent);
  c[ImGuiCol_NavHighlight] = vec(t.accent);
  c[ImGuiCol_NavWindowingHighlight] = vec(t.accent);
  c[ImGuiCol_NavWindowingDimBg] = c[ImGuiCol_ModalWindowDimBg] = ImVec4(0, 0, 0, t.dark ? 0.55f : 0.30f);
}

}  // namespace

const Theme& theme(bool dark) { return dark ? kDark : kLight; }

double contrast(ImU32 a, ImU32 b) {
  const double la = luminance(a), lb = luminance(b);
  return (std::fmax(la, lb) + 0.05) / (std::fmin(la, lb) + 0.05);
}

ImU32 faded(ImU32 colour, float alpha) {
  const auto a = static_cast<float>((colour >> IM_COL32_A_SHIFT) & 255u);
  const auto faded_alpha = static_cast<ImU32>(a * (alpha < 0 ? 0 : alpha > 1 ? 1 : alpha) + 0.5f);
  return (colour & ~IM_COL32_A_MASK) | (faded_alpha << IM_COL32_A_SHIFT);
}

ImU32 mixed(ImU32 a, ImU32 b, float share) {
  const ImVec4 from = vec(a), to = vec(b);
  return ImGui::ColorConvertFloat4ToU32(
      ImVec4(from.x + (to.x - from.x) * share, from.y + (to.y - from.y) * share,
             from.z + (to.z - from.z) * share, from.w + (to.w - from.w) * share));
}

void apply(const Theme& t, bool touch) {
  ImGuiStyle& s = ImGui::GetStyle();
  s.WindowPadding = ImVec2(12, 10);
  s.FramePadding = touch ? ImVec2(12, 11) : ImVec2(9, 4);
  s.ItemSpacing = touch ? ImVec2(8, 9) : ImVec2(8, 6);
  s.ItemInnerSpacing = ImVec2(7, 5);
  s.CellPadding = touch ? ImVec2(8, 9) : ImVec2(8, 4);
  s.IndentSpacing = 16;
  s.ScrollbarSize = touch ? 16.0f : 12.0f;
  s.GrabMinSize = touch ? 20.0f : 12.0f;
  s.WindowBorderSize = 0;
  s.ChildBorderSize = 1;
  s.PopupBorderSize = 1;
  s.FrameBorderSize = 1;
  s.TabBorderSize = 0;
  s.WindowRounding = 0;
  s.ChildRounding = 5;
  s.PopupRounding = 6;
  s.FrameRounding = 4;
  s.GrabRounding = 4;
  s.TabRounding = 4;
  s.ScrollbarRounding = 6;
  s.DisabledAlpha = 0.5f;
  s.SeparatorTextBorderSize = 1;
  s.HoverStationaryDelay = 0.12f;
  s.HoverDelayNormal = 0.35f;
  apply_colours(t, s.Colors);
}

}  // namespace ribostep::ui
