// Drawings of scores; see score_widgets.h.
#include "ui/score_widgets.h"

#include <algorithm>

#include "ui/format.h"
#include "ui/widgets.h"

namespace ribostep::ui {
namespace {

constexpr int kMostClasses = 40;  // a larger matrix is unreadable here; the TSV has it all

void whiskers(const Panel& p, const ScoreLine& line, float width) {
  const float height = ImGui::GetTextLineHeight();
  const ImVec2 at = ImGui::GetCursorScreenPos();
  ImGui::Dummy(ImVec2(width, height));
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const float middle = at.y + height * 0.5f, left = at.x + 6, span = std::max(width - 12, 1.0f);
  for (const float share : {0.0f, 0.5f, 1.0f}) {
    const float x = left + span * share;
    list.AddLine(ImVec2(x, at.y - 2), ImVec2(x, at.y + height + 2), p.theme.grid);
  }
  if (line.n <= 0) return;
  const ImU32 c = line.ours ? p.theme.accent : p.theme.text_dim;
  const float low = left + span * static_cast<float>(line.interval.low);
  const float high = left + span * static_cast<float>(line.interval.high);
  const float dot = left + span * static_cast<float>(line.correct) / static_cast<float>(line.n);
  list.AddLine(ImVec2(low, middle), ImVec2(high, middle), c, 1.5f);
  list.AddLine(ImVec2(low, middle - 3), ImVec2(low, middle + 3), c, 1.5f);
  list.AddLine(ImVec2(high, middle - 3), ImVec2(high, middle + 3), c, 1.5f);
  if (line.ours)
    list.AddCircleFilled(ImVec2(dot, middle), 4.5f, c);
  else
    list.AddRectFilled(ImVec2(dot - 3.5f, middle - 3.5f), ImVec2(dot + 3.5f, middle + 3.5f), c);
}

void shade(const Panel& p, const experiment::Confusion& confusion, int truth, int predicted) {
  int row_sum = 0;
  for (int k = 0; k < confusion.classes; ++k) row_sum += confusion.at(truth, k);
  const int count = confusion.at(truth, predicted);
  if (row_sum == 0 || count == 0) return;
  const float share = static_cast<float>(count) / static_cast<float>(row_sum);
  const ImU32 hue = truth == predicted ? p.theme.positive : p.theme.negative;
  ImGui::TableSetBgColor(ImGuiTableBgTarget_CellBg, faded(hue, 0.06f + 0.26f * share));
}

void right_aligned(const Panel& p, const std::string& words, bool strong) {
  const float spare = ImGui::GetContentRegionAvail().x - ImGui::CalcTextSize(words.c_str()).x;
  if (spare > 0) ImGui::SetCursorPosX(ImGui::GetCursorPosX() + spare);
  if (strong)
    text(words);
  else
    ImGui::TextColored(colour(p.theme.text_dim), "%s", words.c_str());
}

}  // namespace

void draw_score_lines(Panel& p, const std::vector<ScoreLine>& lines) {
  constexpr ImGuiTableFlags kFlags = ImGuiTableFlags_SizingStretchProp | ImGuiTableFlags_NoSavedSettings;
  constexpr float kWidest = 760;
  const FontScope font(p.fonts.small);
  if (!ImGui::BeginTable("##scores", 3, kFlags,
                         ImVec2(std::min(ImGui::GetContentRegionAvail().x, kWidest), 0)))
    return;
  ImGui::TableSetupColumn("", ImGuiTableColumnFlags_None, 1.4f);
  ImGui::TableSetupColumn("", ImGuiTableColumnFlags_None, 1.0f);
  ImGui::TableSetupColumn("", ImGuiTableColumnFlags_WidthFixed, ImGui::CalcTextSize("100.0 % (100-100 %)").x);
  for (const ScoreLine& line : lines) {
    if (line.n <= 0 && line.why_not.empty()) continue;
    ImGui::TableNextRow();
    ImGui::TableNextColumn();
    ImGui::PushTextWrapPos(0);
    if (line.ours)
      text(line.name);
    else
      ImGui::TextColored(colour(p.theme.text_dim), "%s", line.name.c_str());
    ImGui::PopTextWrapPos();
    ImGui::TableNextColumn();
    if (!line.why_not.empty()) {
      dim_wrapped(p, line.why_not);
      ImGui::TableNextColumn();
      continue;
    }
    whiskers(p, line, ImGui::GetContentRegionAvail().x);
    tip(p, line.name + ": " + thousands(line.correct) + " of " + thousands(line.n) + " right, " +
               uncertainty(line.n, line.interval));
    ImGui::TableNextColumn();
    std::string words = accuracy(line.correct, line.n);
    if (line.n >= kFewRecords) words += " (" + interval_text(line.interval) + ")";
    text(words);
  }
  ImGui::EndTable();
}

void draw_confusion(Panel& p, const experiment::Confusion& confusion, const std::vector<std::string>& names,
                    ImVec2 size) {
  const int classes = std::min(confusion.classes, kMostClasses);
  if (classes <= 0) return;
  dim(p, classes < confusion.classes ? "true class down, predicted across (first 40)"
                                     : "true class down, predicted across");
  // A small matrix is as large as it needs to be; a large one scrolls.
  constexpr int kFits = 5;
  const ImGuiTableFlags flags =
      ImGuiTableFlags_Borders | ImGuiTableFlags_SizingFixedFit | ImGuiTableFlags_NoSavedSettings |
      (classes > kFits ? ImGuiTableFlags_ScrollX | ImGuiTableFlags_ScrollY : ImGuiTableFlags_NoHostExtendX);
  const float line = ImGui::GetTextLineHeight() + 2 * ImGui::GetStyle().CellPadding.y;
  const float wanted = line * static_cast<float>(classes + 1) + 16;
  const float room = std::max(size.y - ImGui::GetTextLineHeightWithSpacing(), 2 * line);
  const FontScope font(p.fonts.small);
  if (!ImGui::BeginTable("##confusion", classes + 1, flags,
                         ImVec2(0, classes > kFits ? std::min(wanted, room) : 0)))
    return;
  if (classes > kFits) ImGui::TableSetupScrollFreeze(1, 1);
  ImGui::TableSetupColumn("true \\ predicted");
  const auto name = [&](int c) {
    const auto i = static_cast<std::size_t>(c);
    return i < names.size() ? shortened(names[i], 16) : std::to_string(c);
  };
  for (int c = 0; c < classes; ++c) ImGui::TableSetupColumn(name(c).c_str());
  ImGui::TableHeadersRow();
  for (int truth = 0; truth < classes; ++truth) {
    ImGui::TableNextRow();
    ImGui::TableNextColumn();
    text(name(truth));
    for (int predicted = 0; predicted < classes; ++predicted) {
      ImGui::TableNextColumn();
      shade(p, confusion, truth, predicted);
      right_aligned(p, thousands(confusion.at(truth, predicted)), confusion.at(truth, predicted) > 0);
    }
  }
  ImGui::EndTable();
  ImGui::Dummy(ImVec2(0, 2));  // the last line lies on the edge
}

}  // namespace ribostep::ui
