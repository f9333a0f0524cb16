// The status line; see status_bar.h.
#include "ui/status_bar.h"

#include <imgui.h>

#include <algorithm>

#include "ui/format.h"
#include "ui/widgets.h"

namespace ribostep::ui {
namespace {

struct Work {
  bool any = false;
  double share = 0;
  std::string words;
  bool cancellable = false;
};

Work current_work(const session::Session& s) {
  const session::Job& job = s.job();
  if (job.kind != session::JobKind::None && job.kind != session::JobKind::Training) {
    const std::string left = duration(job.seconds_left);
    return {true, job.progress, job.text + (left.empty() ? "" : ", " + left + " left"), true};
  }
  const session::Training& t = s.training();
  if (t.state == session::TrainingState::Running) {
    const double share = t.planned > 0 ? static_cast<double>(t.updates) / static_cast<double>(t.planned) : 0;
    const std::string left = duration(t.seconds_left);
    return {true, share, "training" + (left.empty() ? std::string() : ", " + left + " left"), false};
  }
  if (s.has_data() && s.length() > 0 && s.trace() == nullptr) {
    return {true, s.trace_progress(), "reading the sequence", false};
  }
  return {};
}

void draw_work(Panel& p, const Work& work, float right, float height) {
  const FontScope font(p.fonts.small);
  constexpr float kBar = 110;
  const float words = ImGui::CalcTextSize(work.words.c_str()).x;
  const float cancel = work.cancellable ? ImGui::CalcTextSize("Cancel").x + 12 : 0;
  const float left = right - words - kBar - 10 - cancel;
  const float y = ImGui::GetCursorPosY();
  ImGui::SameLine(std::max(left, 10.0f));
  ImGui::SetCursorPosY(y + (height - 6) * 0.5f - ImGui::GetStyle().ItemSpacing.y * 0.0f);
  progress(p, work.share, {}, kBar);
  ImGui::SameLine(std::max(left, 10.0f) + kBar + 8);
  ImGui::SetCursorPosY(y + (height - ImGui::GetTextLineHeight()) * 0.5f);
  dim(p, work.words);
  if (!work.cancellable) return;
  ImGui::SameLine(0, 10);
  ImGui::SetCursorPosY(y + (height - ImGui::GetTextLineHeight()) * 0.5f);
  if (link(p, "Cancel")) p.session.cancel_job();
}

}  // namespace

float status_bar_height() { return ImGui::GetTextLineHeight() + 13; }

void draw_status_bar(Panel& p, float width) {
  const float height = status_bar_height();
  const session::Status& status = p.session.status();
  const ImVec2 origin = ImGui::GetCursorPos();
  const ImVec2 screen = ImGui::GetCursorScreenPos();
  const FontScope font(p.fonts.small);
  const float line = ImGui::GetTextLineHeight();
  const Work work = current_work(p.session);
  float right = width - 12;

  // Right: whose data. Left of it: the work going on. The sentence takes what is left.
  const std::string& example = p.session.project().data.example;
  if (!p.touch && !example.empty()) {
    constexpr const char* kWords = "Data: source and licence";
    const float w = ImGui::CalcTextSize(kWords).x;
    right -= w;
    ImGui::SetCursorPos(ImVec2(right, origin.y + (height - line) * 0.5f));
    if (link(p, kWords)) p.state.licence_open = true;
    right -= 20;
  }
  float room = right;
  if (work.any) {
    const float w = ImGui::CalcTextSize(work.words.c_str()).x + 128 + (work.cancellable ? 60.0f : 0.0f);
    room = std::max(right - w - 20, 60.0f);
    ImGui::SetCursorPos(origin);
    ImGui::Dummy(ImVec2(1, 1));
    ImGui::SetCursorPos(ImVec2(origin.x, origin.y));
    draw_work(p, work, right, height);
  }
  if (status.text.empty()) return;
  const ImU32 c = severity_colour(p.theme, status.severity);
  draw_icon(*ImGui::GetWindowDrawList(), icon(status.severity),
            ImVec2(screen.x + 18, screen.y + height * 0.5f), line * 0.9f, c);
  std::string words = status.severity == Severity::Note
                          ? status.text
                          : std::string(word(status.severity)) + ": " + status.text;
  const float start = 32;
  ImGui::SetCursorPos(ImVec2(start, origin.y + (height - line) * 0.5f));
  const ImVec2 at = ImGui::GetCursorScreenPos();
  ImGui::PushClipRect(at, ImVec2(screen.x + room, at.y + line + 2), true);
  ImGui::PushStyleColor(ImGuiCol_Text, c);
  text(words);
  ImGui::PopStyleColor();
  tip(p, words);
  ImGui::PopClipRect();
}

}  // namespace ribostep::ui
