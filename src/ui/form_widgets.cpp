// Controls from fields; see form_widgets.h. In a narrow column a list whose words are long takes a line of
// its own, so that no word is cut.
#include "ui/form_widgets.h"

#include <algorithm>
#include <vector>

#include "ui/widgets.h"

namespace ribostep::ui {
namespace {

using session::Field;
using session::FieldKind;
using session::Option;

constexpr std::size_t kMostSegments = 3, kNumbersInLine = 4;

float width_of(const std::string& words) { return ImGui::CalcTextSize(words.c_str()).x; }

float widest(const std::vector<Option>& options) {
  float width = 0;
  for (const Option& option : options) width = std::max(width, width_of(option.label));
  return width;
}

bool fits_segments(const std::vector<Option>& options, float room) {
  if (options.size() > kMostSegments) return false;
  float width = 0;
  for (const Option& option : options) {
    if (!option.why_not.empty()) return false;  // the reason must be seen: in a list it is
    width += width_of(option.label) + 14;
  }
  return width <= room;
}

std::optional<Chosen> draw_list(Panel& p, const Field& field, const char* id) {
  std::vector<Choice> choices;
  int current = -1;
  for (const Option& option : field.options) {
    if (field.value == option.value) current = static_cast<int>(choices.size());
    choices.push_back({option.label.c_str(), option.why_not});
  }
  const float start = ImGui::GetCursorPosX();
  const float full = ImGui::GetContentRegionAvail().x, room = full - row_label_width();
  row(p, field.label.c_str(), field.hint);
  ImGui::BeginDisabled(!field.why_not.empty());
  int chosen = -1;
  if (fits_segments(field.options, room)) {
    chosen = choose_segment(p, id, choices, current);
  } else {
    const ImGuiStyle& style = ImGui::GetStyle();
    const float needed = widest(field.options) + 2 * style.FramePadding.x + ImGui::GetFrameHeight() + 4;
    if (needed > room) {
      // Closer to a short label; a line of its own where even that is too narrow.
      if (needed + width_of(field.label) + style.ItemSpacing.x <= full) {
        ImGui::SetCursorPosX(start + full - needed);
        ImGui::SetNextItemWidth(needed);
      } else {
        ImGui::NewLine();
        ImGui::SetNextItemWidth(-FLT_MIN);
      }
    }
    chosen = choose_from_list(p, id, choices, current);
  }
  ImGui::EndDisabled();
  if (chosen < 0) return std::nullopt;
  return Chosen{field.key, field.options[static_cast<std::size_t>(chosen)].value};
}

std::optional<Chosen> draw_number(Panel& p, const Field& field, const char* id) {
  row(p, field.label.c_str(), field.hint);
  const bool enabled = field.why_not.empty();
  const char* zero = field.zero.empty() ? nullptr : field.zero.c_str();
  if (field.kind == FieldKind::Whole) {
    int value = field.value.get<int>();
    if (!whole_number(p, id, value, static_cast<int>(field.low), static_cast<int>(field.high), enabled, zero))
      return std::nullopt;
    return Chosen{field.key, value};
  }
  const double scale = field.kind == FieldKind::Share ? 100 : 1;
  double value = field.value.get<double>() * scale;
  Range range{field.low * scale, field.high * scale, field.speed * scale, field.speed == 0, "%.4g"};
  if (field.kind == FieldKind::Share) range.format = "%.0f %%";
  if (zero && value == 0) range.format = zero;
  if (!number(p, id, value, range, enabled)) return std::nullopt;
  return Chosen{field.key, value / scale};
}

std::optional<Chosen> draw_flag(const Panel& p, const Field& field, const std::string& id) {
  bool on = field.value.get<bool>();
  ImGui::BeginDisabled(!field.why_not.empty());
  const bool changed = toggle(p, (field.label + id).c_str(), on);
  ImGui::EndDisabled();
  tip(p, field.hint);
  if (!changed || !field.why_not.empty()) return std::nullopt;
  return Chosen{field.key, on};
}

// One number per level, four to a line.
std::optional<Chosen> draw_numbers(Panel& p, const Field& field, const char* id) {
  auto values = field.value.get<std::vector<int>>();
  const float left = ImGui::GetCursorPosX() + row_label_width();
  const float gap = 4;
  row(p, field.label.c_str(), field.hint);
  const float width = (ImGui::GetContentRegionAvail().x - gap * (kNumbersInLine - 1)) / kNumbersInLine;
  ImGui::PushStyleVar(ImGuiStyleVar_FramePadding, ImVec2(4, ImGui::GetStyle().FramePadding.y));
  bool changed = false;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i % kNumbersInLine != 0) ImGui::SameLine(0, gap);
    if (i % kNumbersInLine == 0 && i > 0) ImGui::SetCursorPosX(left);
    ImGui::SetNextItemWidth(width);
    changed |= whole_number(p, (id + std::to_string(i)).c_str(), values[i], static_cast<int>(field.low),
                            static_cast<int>(field.high), field.why_not.empty());
    tip(p, "Layer " + std::to_string(i + 1));
  }
  ImGui::PopStyleVar();
  if (!changed) return std::nullopt;
  return Chosen{field.key, values};
}

std::optional<Chosen> draw_names(Panel& p, const Field& field, const std::string& id) {
  auto names = field.value.get<std::vector<std::string>>();
  bool changed = false;
  row(p, field.label.c_str(), field.hint);
  ImGui::NewLine();
  for (const Option& option : field.options) {
    const auto at = std::find(names.begin(), names.end(), option.value);
    bool on = at != names.end();
    ImGui::BeginDisabled(!option.why_not.empty());
    const std::string label = fitted_text(option.label, ImGui::GetContentRegionAvail().x - 40);
    if (toggle(p, (label + id + option.value).c_str(), on)) {
      changed = true;
      if (on)
        names.push_back(option.value);
      else
        names.erase(at);
    }
    ImGui::EndDisabled();
    tip(p, option.why_not.empty() ? option.label : option.label + ": " + option.why_not);
  }
  if (!changed) return std::nullopt;
  return Chosen{field.key, names};
}

std::optional<Chosen> draw_control(Panel& p, const Field& field) {
  const std::string id = "##" + field.key;
  switch (field.kind) {
    case FieldKind::List:
      return draw_list(p, field, id.c_str());
    case FieldKind::Whole:
    case FieldKind::Real:
    case FieldKind::Share:
      return draw_number(p, field, id.c_str());
    case FieldKind::Flag:
      return draw_flag(p, field, "##" + field.key);
    case FieldKind::Numbers:
      return draw_numbers(p, field, id.c_str());
    case FieldKind::Names:
      return draw_names(p, field, id);
  }
  return std::nullopt;
}

}  // namespace

std::optional<Chosen> draw_field(Panel& p, const Field& field, bool reasons) {
  std::optional<Chosen> chosen = draw_control(p, field);
  if (!field.why_not.empty()) {
    if (reasons)
      dim_wrapped(p, field.why_not);
    else
      tip(p, field.why_not);
  }
  for (std::size_t i = 0; i < field.offers.size(); ++i) {
    const session::Offer& offer = field.offers[i];
    if (i > 0) ImGui::SameLine(0, 16);
    if (link(p, (offer.label + "##" + field.key).c_str())) chosen = Chosen{offer.key, offer.value};
  }
  return chosen;
}

}  // namespace ribostep::ui
