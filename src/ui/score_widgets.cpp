// Drawings of scores; see score_widgets.h.
#include "ui/score_widgets.h"

#include <algorithm>
#include <span>

#include "experiment/figures.h"
#include "ui/format.h"
#include "ui/widgets.h"

namespace ribostep::ui {
namespace {

using experiment::Figure;

constexpr float kNameWidth = 130, kWhiskersWidth = 90;  // least, CSS pixels
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

float accuracy_width() { return ImGui::CalcTextSize("100.0 % (100-100 %)").x + 4; }
float figure_width() { return ImGui::CalcTextSize("perplexity").x + 4; }

void score_headings(const Panel& p, std::span<const Figure> figures, bool drawn,
                    const std::string& positive) {
  ImGui::TableNextRow();
  ImGui::TableNextColumn();
  if (drawn) {
    ImGui::TableNextColumn();
    dim(p, "0 to 100 %");
    tip(p, "Share that is right as a dot, its 95 % interval (Wilson) as a line");
  }
  for (const Figure figure : figures) {
    ImGui::TableNextColumn();
    dim(p, experiment::label(figure));
    std::string words = experiment::meaning(figure);
    if (figure == Figure::Auprc && !positive.empty()) words += ". Here of \"" + positive + "\"";
    tip(p, words);
  }
}

void score_row(const Panel& p, std::span<const Figure> figures, bool drawn, const ScoreLine& line) {
  if (line.n <= 0 && line.why_not.empty()) return;
  ImGui::TableNextRow();
  ImGui::TableNextColumn();
  ImGui::PushTextWrapPos(0);
  if (line.ours)
    text(line.name);
  else
    ImGui::TextColored(colour(p.theme.text_dim), "%s", line.name.c_str());
  ImGui::PopTextWrapPos();
  if (!line.why_not.empty()) {
    ImGui::TableNextColumn();
    dim_wrapped(p, line.why_not);
    return;
  }
  if (drawn) {
    ImGui::TableNextColumn();
    whiskers(p, line, ImGui::GetContentRegionAvail().x);
    tip(p, line.name + ": " + thousands(line.correct) + " of " + thousands(line.n) + " right, " +
               uncertainty(line.n, line.interval));
  }
  for (const Figure figure : figures) {
    ImGui::TableNextColumn();
    if (figure == Figure::Accuracy) {
      std::string words = accuracy(line.correct, line.n);
      if (line.n >= kFewRecords) words += " (" + interval_text(line.interval) + ")";
      text(words);
      continue;
    }
    const auto value = experiment::value(figure, line.n, line.correct, line.metrics);
    if (value)
      text(experiment::written(value));
    else
      dim(p, experiment::kUndefined);
  }
}

}  // namespace

void draw_score_table(Panel& p, rnn::Task task, const std::vector<ScoreLine>& lines,
                      const std::string& positive) {
  constexpr ImGuiTableFlags kFlags = ImGuiTableFlags_SizingStretchProp | ImGuiTableFlags_NoSavedSettings;
  constexpr float kWidest = 900;
  const FontScope font(p.fonts.small);
  const float room = std::min(ImGui::GetContentRegionAvail().x, kWidest);
  const std::span<const Figure> all = experiment::figures(task);
  const bool accuracies = all.front() == Figure::Accuracy;
  // One table where there is room for it; otherwise the shares that are right, and the other figures below.
  const std::size_t rest = accuracies ? all.size() - 1 : all.size();
  const bool together = room >= kNameWidth + accuracy_width() + figure_width() * static_cast<float>(rest);
  const auto table = [&](const char* id, std::span<const Figure> figures) {
    const bool with_right = figures.front() == Figure::Accuracy;
    const float fixed = (with_right ? accuracy_width() : 0) +
                        figure_width() * static_cast<float>(figures.size() - (with_right ? 1 : 0));
    const bool drawn = with_right && room - fixed - kNameWidth >= kWhiskersWidth;
    const int columns = static_cast<int>(figures.size()) + (drawn ? 2 : 1);
    if (!ImGui::BeginTable(id, columns, kFlags, ImVec2(room, 0))) return;
    ImGui::TableSetupColumn("", ImGuiTableColumnFlags_None, 1.4f);
    if (drawn) ImGui::TableSetupColumn("", ImGuiTableColumnFlags_None, 1.0f);
    for (const Figure figure : figures)
      ImGui::TableSetupColumn("", ImGuiTableColumnFlags_WidthFixed,
                              figure == Figure::Accuracy ? accuracy_width() : figure_width());
    score_headings(p, figures, drawn, positive);
    for (const ScoreLine& line : lines) score_row(p, figures, drawn, line);
    ImGui::EndTable();
  };
  if (together || rest == 0 || !accuracies) return table("##scores", all);
  table("##scores", all.first(1));
  ImGui::Spacing();
  table("##figures", all.subspan(1));
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
