// The few controls all panels are made of, so that they line up and behave alike: rows with a label on the
// left, numbers that are typed or dragged and committed once, choices that say why they are not possible.
#pragma once
#include <imgui.h>

#include <span>
#include <string>
#include <string_view>

#include "ui/icons.h"
#include "ui/panel_state.h"

namespace ribostep::ui {

// Pushes a font for a scope; a missing one (tests) leaves the current font.
class FontScope {
 public:
  explicit FontScope(ImFont* font) : pushed_(font != nullptr) {
    if (pushed_) ImGui::PushFont(font);
  }
  ~FontScope() {
    if (pushed_) ImGui::PopFont();
  }
  FontScope(const FontScope&) = delete;
  FontScope& operator=(const FontScope&) = delete;

 private:
  bool pushed_;
};

inline ImVec4 colour(ImU32 c) { return ImGui::ColorConvertU32ToFloat4(c); }

// ---- text ----
void text(std::string_view words);
void dim(const Panel& p, std::string_view words);  // secondary, small
void dim_wrapped(const Panel& p, std::string_view words);
// `words` with "..." where it would be wider than `width` in the current font.
std::string fitted_text(std::string_view words, float width);
void icon_line(const Panel& p, Icon icon, ImU32 colour, std::string_view words);  // wrapped
void severity_line(const Panel& p, Severity severity,
                   std::string_view words);  // icon, word and sentence, wrapped
const char* word(Severity severity);
Icon icon(Severity severity);
ImU32 severity_colour(const Theme& t, Severity severity);
// Tooltip of the last item (also when disabled). `keys` is shown dimmed after it.
void tip(const Panel& p, std::string_view words, std::string_view keys = {});

// ---- buttons ----
bool button(const char* label, bool enabled = true, float width = 0);
bool primary_button(const Panel& p, const char* label, bool enabled = true, float width = 0);
bool icon_button(const Panel& p, const char* id, Icon icon, bool enabled = true, bool pressed = false);
inline constexpr float kTouchLink = 40;        // height of a link on a phone, CSS pixels
bool link(const Panel& p, const char* label);  // text that acts

bool toggle(const Panel& p, const char* label, bool& on);               // a small check box
bool disclosure(const Panel& p, const char* label, bool open = false);  // more, on demand; true while open
// A disclosure that says what is inside while it is folded up.
bool unfolding(const Panel& p, const char* label, std::string_view summary);

// ---- rows: label on the left, control filling the rest ----
void row(const Panel& p, const char* label, std::string_view hint = {});
float row_label_width();  // of a row that would be drawn here

struct Choice {
  const char* label;
  std::string why_not;  // empty: possible
};
// Both return the newly chosen index or -1. `id` needs "##".
int choose_from_list(const Panel& p, const char* id, std::span<const Choice> choices, int current);
int choose_segment(const Panel& p, const char* id, std::span<const Choice> choices, int current);

struct Range {
  double low, high;
  double speed = 1;  // per dragged pixel; for logarithmic ranges ignored
  bool logarithmic = false;
  const char* format = "%.0f";
};
// True once when a new value was committed (Enter, focus lost, mouse let go); `value` then holds it, clamped.
bool number(Panel& p, const char* id, double& value, Range range, bool enabled = true);
// `zero`: the word shown in place of 0, or null.
bool whole_number(Panel& p, const char* id, int& value, int low, int high, bool enabled = true,
                  const char* zero = nullptr);
bool seed_number(const char* id, std::uint64_t& value);

// ---- larger things ----
void progress(const Panel& p, double share, std::string_view words, float width = -1);
bool section(const Panel& p, const char* title, bool open = true);  // collapsible header of the left column
void subheading(const Panel& p, const char* title);
// Splitters change `size` by dragging, double click sets `reset`. `grows_with_mouse`: +1 or -1.
bool vertical_splitter(const Panel& p, const char* id, float height, float& size, float low, float high,
                       float reset, float grows_with_mouse, float thickness);
bool horizontal_splitter(const Panel& p, const char* id, float width, float& size, float low, float high,
                         float reset, float grows_with_mouse, float thickness);

}  // namespace ribostep::ui
