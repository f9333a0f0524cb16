// The status line; see status_bar.h.
#include "ui/status_bar.h"

#include <imgui.h>

#include <algorithm>

#include "ui/format.h"
#include "ui/widgets.h"

namespace ribostep::ui {
namespace {

constexpr float kLeastRoom = 80;  // for the sentence, CSS pixels; in less it would be noise

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
  if (s.has_data() && s.length() > 0 && s.trace() == nullptr && !s.trace_too_large()) {
    return {true, s.trace_progress(), "reading the sequence", false};
  }
  return {};
}

// Bar, words and Cancel, ending at `right`; returns where they begin.
float draw_work(Panel& p, const Work& work, float right, ImVec2 origin, float height) {
  constexpr float kBar = 110, kSpace = 10;
  const float line = ImGui::GetTextLineHeight();
  const float text_y = origin.y + (height - line) * 0.5f;
  float x = right;
  if (work.cancellable) {
    x -= ImGui::CalcTextSize("Cancel").x;
    const float taller = p.touch ? (kTouchLink - line) * 0.5f : 0;  // a link is as tall as a finger there
    ImGui::SetCursorPos(ImVec2(x, text_y - taller));
    if (link(p, "Cancel")) p.session.cancel_job();
    x -= kSpace;
  }
  x -= ImGui::CalcTextSize(work.words.c_str()).x;
  ImGui::SetCursorPos(ImVec2(x, text_y));
  dim(p, work.words);
  x -= kBar + kSpace;
  ImGui::SetCursorPos(ImVec2(x, origin.y + (height - 6) * 0.5f));
  progress(p, work.share, {}, kBar);
  return x;
}

}  // namespace

float status_bar_height(const Panel& p) {
  const FontScope font(p.fonts.small);
  return ImGui::GetTextLineHeight() * (p.touch ? 2.0f : 1.0f) + (p.touch ? 12.0f : 15.0f);
}

void draw_status_bar(Panel& p, float width) {
  const float height = status_bar_height(p);
  const session::Status& status = p.session.status();
  const ImVec2 origin = ImGui::GetCursorPos();
  const ImVec2 screen = ImGui::GetCursorScreenPos();
  ImGui::Dummy(ImVec2(width, height));
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
  if (work.any) right = draw_work(p, work, right, origin, height) - 20;
  if (status.text.empty()) return;
  const ImU32 c = severity_colour(p.theme, status.severity);
  draw_icon(*ImGui::GetWindowDrawList(), icon(status.severity),
            ImVec2(screen.x + 18, screen.y + height * 0.5f), line * 0.9f, c);
  const std::string words = status.severity == Severity::Note
                                ? status.text
                                : std::string(word(status.severity)) + ": " + status.text;
  const float start = 32;
  const float room = right - start;
  if (room < kLeastRoom) return;
  const float wrap = p.touch ? room : 0;
  const float tall = std::min(ImGui::CalcTextSize(words.c_str(), nullptr, false, wrap).y, height - 4);
  const ImVec2 at(screen.x + start, screen.y + (height - tall) * 0.5f);
  const ImVec4 clip(at.x, screen.y, at.x + room, screen.y + height);
  ImGui::GetWindowDrawList()->AddText(ImGui::GetFont(), ImGui::GetFontSize(), at, c, words.data(),
                                      words.data() + words.size(), wrap, &clip);
  ImGui::SetCursorPos(ImVec2(origin.x + start, origin.y));
  ImGui::Dummy(ImVec2(room, height));
  tip(p, words);
}

}  // namespace ribostep::ui
