// All hits of the conditions that mark: signs on the ruler, a tint on the letters, ticks in the overview.
#include "ui/tracks/marks.h"

#include <string>

#include "ui/conditions_style.h"
#include "ui/debug_panels.h"

namespace ribostep::ui {
namespace {

constexpr float kSigns = 6;     // pixels per letter from which each hit has a sign of its own
constexpr float kTint = 4;      // and from which the letters are tinted
constexpr float kNear = 6;      // pixels from the mouse to a mark it is on
constexpr float kLabels = 104;  // of the column left of the ruler

// Two lanes, so that conditions that hold together are both seen.
float lane(const Area& ruler, int index) { return ruler.max.y - 4.5f - (index % 2 == 0 ? 0.0f : 4.0f); }

void tell(const TrackContext& context, int position) {
  const session::Conditions& conditions = context.session.conditions();
  std::string words = "position " + std::to_string(position);
  for (int i = 0; i < static_cast<int>(conditions.list().size()); ++i) {
    const io::Condition& c = conditions.list()[static_cast<std::size_t>(i)];
    const std::vector<int>& hits = conditions.hits(i).hits;
    if (!c.on || !c.marks || !std::binary_search(hits.begin(), hits.end(), position)) continue;
    words += "\n" + c.text + ": hit " + std::to_string(conditions.rank(position, i)) + " of " +
             std::to_string(hits.size());
  }
  ImGui::BeginTooltip();
  if (context.fonts.small) ImGui::PushFont(context.fonts.small);
  ImGui::TextUnformatted(words.c_str());
  if (context.fonts.small) ImGui::PopFont();
  ImGui::EndTooltip();
}

}  // namespace

void draw_marks(const TrackContext& context, const Area& ruler, float bottom) {
  const session::Conditions& conditions = context.session.conditions();
  if (conditions.list().empty()) return;
  const Axis& axis = context.axis;
  const float pixels = axis.pixels_per_letter();
  const bool dark = context.theme.dark, signs = pixels >= kSigns;
  const ImVec2 mouse = ImGui::GetIO().MousePos;
  const bool over = ImGui::IsWindowHovered() && mouse.y >= ruler.min.y && mouse.y < ruler.max.y &&
                    mouse.x >= ruler.min.x && mouse.x <= ruler.max.x;
  int nearest = -1;
  float distance = kNear;
  const int first = axis.begin_index() + 1, last = axis.end_index();
  context.draw.PushClipRect(ImVec2(ruler.min.x - 1, ruler.min.y), ImVec2(ruler.max.x + 1, bottom), true);
  each_mark(
      context.session, first, last, signs ? 0.0f : 2.0f,
      [&](int position) { return axis.x_of(position - 0.5); },
      [&](int index, float x, int position) {
        const ImU32 colour = condition_colour(index, dark);
        const float y = lane(ruler, index);
        if (signs) {
          draw_condition_sign(context.draw, index, ImVec2(x, y), 4, colour);
        } else {
          const float left = std::floor(x);
          context.draw.AddRectFilled(ImVec2(left, y - 3), ImVec2(left + 2, y + 3), colour);
        }
        if (pixels >= kTint)
          context.draw.AddRectFilled(ImVec2(x - pixels / 2, ruler.max.y), ImVec2(x + pixels / 2, bottom),
                                     faded(colour, 0.16f));
        if (over && std::fabs(mouse.x - x) < distance) {
          distance = std::fabs(mouse.x - x);
          nearest = position;
        }
      });
  context.draw.PopClipRect();
  std::size_t hits = 0;
  bool any = false;
  for (int i = 0; i < static_cast<int>(conditions.list().size()); ++i) {
    const io::Condition& c = conditions.list()[static_cast<std::size_t>(i)];
    if (!c.on || !c.marks) continue;
    any = true;
    hits += conditions.hits(i).hits.size();
  }
  if (any) {
    const std::string words = hits == 0 ? "no hit" : std::to_string(hits) + (hits == 1 ? " hit" : " hits");
    context.draw.AddText(context.fonts.small, context.fonts.small->FontSize,
                         ImVec2(ruler.min.x - kLabels, ruler.min.y + 6), context.theme.text_dim,
                         words.c_str());
  }
  if (nearest > 0) tell(context, nearest);
}

void draw_overview_marks(const TrackContext& context, const Area& area) {
  const float letters = static_cast<float>(std::max(context.axis.length, 1));
  each_mark(
      context.session, 1, context.axis.length, 1.5f,
      [&](int position) {
        return area.min.x + area.width() * (static_cast<float>(position) - 0.5f) / letters;
      },
      [&](int index, float x, int) {
        const float left = std::floor(x), middle = (area.min.y + area.max.y) / 2;
        const float top = index % 2 == 0 ? middle - 1 : area.min.y + 1;
        context.draw.AddRectFilled(ImVec2(left, top), ImVec2(left + 1.5f, top + 4),
                                   condition_colour(index, context.theme.dark));
      });
}

}  // namespace ribostep::ui
