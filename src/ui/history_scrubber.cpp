#include "ui/history_scrubber.h"

#include <algorithm>
#include <cmath>

#include "session/history.h"
#include "ui/colour.h"
#include "ui/format.h"
#include "ui/widgets.h"

namespace ribostep::ui {
namespace {

constexpr float kOneLine = 620;     // narrower: the words stand under the scale
constexpr float kWordsWidth = 470;  // beside it
constexpr float kHandle = 5;
constexpr int kFirstClassColour = 2;  // the first two are those of training and validation

bool one_line(float width) { return width >= kOneLine; }

void draw_scale(Panel& p, float width, float height) {
  session::History& history = p.session.history();
  const double last = static_cast<double>(std::max<std::int64_t>(history.present(), 1));
  const bool possible = history.visit_obstacle().empty();
  ImGui::BeginDisabled(!possible);
  ImGui::InvisibleButton("##scrub", ImVec2(width, height));
  ImGui::EndDisabled();
  const ImVec2 low = ImGui::GetItemRectMin(), high = ImGui::GetItemRectMax();
  const float left = low.x + kHandle, right = high.x - kHandle, middle = std::floor((low.y + high.y) * 0.5f);
  const auto x_of = [&](std::int64_t update) {
    return left + (right - left) * static_cast<float>(static_cast<double>(update) / last);
  };
  const auto update_at = [&](float x) {
    const double share = static_cast<double>((x - left) / std::max(right - left, 1.0f));
    return static_cast<std::int64_t>(std::llround(std::clamp(share, 0.0, 1.0) * last));
  };
  const float mouse = ImGui::GetIO().MousePos.x;
  if (possible && ImGui::IsItemActive()) history.visit(update_at(mouse));
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const bool hot = possible && (ImGui::IsItemHovered() || ImGui::IsItemActive());
  list.AddLine(ImVec2(left, middle + 0.5f), ImVec2(right, middle + 0.5f), p.theme.border, 2);
  float drawn = -1e9f;
  for (const std::int64_t update : history.kept()) {
    const float x = std::floor(x_of(update)) + 0.5f;
    if (x - drawn < 4) continue;  // no more than can be told apart
    drawn = x;
    list.AddLine(ImVec2(x, middle - 4), ImVec2(x, middle + 5), hot ? p.theme.text_dim : p.theme.border);
  }
  const ImU32 colour = history.visiting() ? p.theme.warning : possible ? p.theme.accent : p.theme.border;
  const float x = x_of(history.update_shown());
  list.AddRectFilled(ImVec2(x - 2, low.y + 1), ImVec2(x + 3, high.y - 1), colour, 2);
  if (!possible)
    tip(p, history.visit_obstacle());
  else if (!ImGui::IsItemActive())
    tip(p, "Drag to look at the network as it was; the marks are kept checkpoints. " + history.memory_words(),
        "PageUp / PageDown");
}

void draw_words(Panel& p) {
  session::History& history = p.session.history();
  const FontScope font(p.fonts.small);
  ImGui::AlignTextToFramePadding();
  if (history.visiting()) {
    ImGui::PushStyleColor(ImGuiCol_Text, p.theme.warning);
    text(history.visit_words());
    ImGui::PopStyleColor();
    tip(p, "The tracks and the inspector show this update. Predictions and results stay those of update " +
               thousands(history.present()));
    ImGui::SameLine();
    if (button("Back to the last###leave_visit")) history.leave();
    ImGui::SameLine();
    constexpr const char* kGoOn = "Go on from here";
    if (ImGui::CalcTextSize(kGoOn).x + 2 * ImGui::GetStyle().FramePadding.x >
        ImGui::GetContentRegionAvail().x)
      ImGui::NewLine();
    if (button(kGoOn)) history.go_on_from_here();
    tip(p,
        "Makes this update the last one: what came after it is dropped (Undo brings it back), and "
        "training goes on to the same bits as ever");
    return;
  }
  const std::string why = history.visit_obstacle();
  if (why.empty()) {
    const std::string all = history.visit_words() + "; " + history.memory_words();
    // Without room the memory is told by the scale's tooltip and in the tab Runs.
    return dim(p, ImGui::CalcTextSize(all.c_str()).x <= ImGui::GetContentRegionAvail().x
                      ? all
                      : history.visit_words());
  }
  if (history.present() == 0) return;
  const session::Training& training = p.session.training();
  if (history.keeps_checkpoints() && p.session.project().weights &&
      p.session.job().kind == session::JobKind::None && training.state != session::TrainingState::Running) {
    if (link(p, "Bring the earlier updates back")) history.bring_back();
    tip(p,
        "They are not kept with the project: the run is trained once more in the background, to the same "
        "bits");
  } else {
    dim(p, fitted_text(why, ImGui::GetContentRegionAvail().x));
    tip(p, why);
  }
}

}  // namespace

ImU32 run_colour(const Panel& p, int run) { return class_colour(kFirstClassColour + run, p.theme.dark); }

float scrubber_height(const Panel& p, float width) {
  if (p.session.history().present() == 0) return 0;
  const float line = ImGui::GetFrameHeight() + ImGui::GetStyle().ItemSpacing.y;
  return one_line(width) ? line : (p.session.history().visiting() ? 3 : 2) * line;
}

void draw_scrubber(Panel& p, float width) {
  session::History& history = p.session.history();
  if (history.present() == 0) return;
  const float height = ImGui::GetFrameHeight(), space = 4;
  const bool possible = history.visit_obstacle().empty();
  if (icon_button(p, "##earlier", Icon::Back, possible && history.update_shown() > 0)) history.earlier();
  tip(p, "The checkpoint before", "PageUp");
  ImGui::SameLine(0, space);
  if (icon_button(p, "##later", Icon::Next, history.visiting())) history.later();
  tip(p, "The checkpoint after", "PageDown");
  ImGui::SameLine(0, space);
  const float buttons = 2 * (height + space) + space;
  const float scale = one_line(width) ? std::max(width - buttons - kWordsWidth, 120.0f) : width - buttons - 4;
  draw_scale(p, scale, height);
  if (one_line(width)) ImGui::SameLine(0, 10);
  draw_words(p);
}

void draw_visited_line(const Panel& p, float x, float top, float bottom) {
  ImGui::GetWindowDrawList()->AddLine(ImVec2(std::floor(x) + 0.5f, top), ImVec2(std::floor(x) + 0.5f, bottom),
                                      p.theme.warning, 2);
}

}  // namespace ribostep::ui
