#include "ui/units_pictures.h"

#include <imgui.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>
#include <string>
#include <vector>

#include "session/origins.h"
#include "ui/colour.h"
#include "ui/format.h"
#include "ui/plot.h"
#include "ui/widgets.h"

namespace ribostep::ui {
namespace {

constexpr float kLogoHeight = 46, kNameWidth = 66, kPositionWidth = 42, kValueWidth = 48;
constexpr ImGuiTableFlags kTable = ImGuiTableFlags_RowBg | ImGuiTableFlags_BordersInnerV |
                                   ImGuiTableFlags_ScrollY | ImGuiTableFlags_SizingFixedFit |
                                   ImGuiTableFlags_PadOuterX;

std::string signed_number(float value) {
  const std::string text = significant(std::fabs(static_cast<double>(value)), 3);
  return value < 0 ? "\u2212" + text : text;
}

std::string strength(double value) {
  if (!std::isfinite(value)) return "\u2013";
  char digits[32];
  std::snprintf(digits, sizeof digits, "%.2f", std::fabs(value));
  return value < 0 ? "\u2212" + std::string(digits) : digits;
}

// A letter as high and wide as its box: drawn in the font and scaled by hand.
void tall_letter(ImDrawList& list, char letter, ImVec2 low, ImVec2 high, ImU32 colour) {
  const char text[] = {letter, 0};
  ImFont* font = ImGui::GetFont();
  const float size = ImGui::GetFontSize();
  const ImFontGlyph* glyph = font->FindGlyph(static_cast<ImWchar>(letter));
  const int first = list.VtxBuffer.Size;
  // Letters outside the clipped part would be left out: it is moved from there.
  list.AddText(font, size, list.GetClipRectMin(), colour, text);
  if (glyph == nullptr || list.VtxBuffer.Size == first) return;
  float x0 = 1e9f, x1 = -1e9f, y0 = 1e9f, y1 = -1e9f;
  for (int i = first; i < list.VtxBuffer.Size; ++i) {
    const ImVec2 at = list.VtxBuffer[i].pos;
    x0 = std::min(x0, at.x);
    x1 = std::max(x1, at.x);
    y0 = std::min(y0, at.y);
    y1 = std::max(y1, at.y);
  }
  for (int i = first; i < list.VtxBuffer.Size; ++i) {
    ImVec2& at = list.VtxBuffer[i].pos;
    at.x = low.x + (at.x - x0) / std::max(x1 - x0, 1e-3f) * (high.x - low.x);
    at.y = low.y + (at.y - y0) / std::max(y1 - y0, 1e-3f) * (high.y - low.y);
  }
}

void draw_logo(const Panel& p, const experiment::Logo& logo, ImVec2 at, float cell) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const bio::Alphabet& alphabet = p.session.data().alphabet();
  const std::size_t symbols = logo.symbols.size();
  // As high as a column of one letter alone would be against the rarest; at least two bits.
  double most = 2;
  for (const double bits : logo.bits) most = std::max(most, bits);
  std::vector<std::size_t> order(symbols);
  list.PushClipRect(at, ImVec2(at.x + cell * static_cast<float>(logo.columns), at.y + kLogoHeight), true);
  for (int column = 0; column < logo.columns; ++column) {
    const auto base = static_cast<std::size_t>(column) * symbols;
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return logo.share[base + a] != logo.share[base + b] ? logo.share[base + a] < logo.share[base + b]
                                                          : a < b;
    });
    float y = at.y + kLogoHeight;
    const double height =
        logo.bits[static_cast<std::size_t>(column)] / most * static_cast<double>(kLogoHeight);
    for (const std::size_t k : order) {
      const auto part = static_cast<float>(logo.share[base + k] * height);
      if (part < 1) continue;
      const float x = at.x + static_cast<float>(column) * cell;
      tall_letter(list, logo.symbols[k], ImVec2(x + 0.5f, y - part), ImVec2(x + cell - 0.5f, y),
                  letter_colour(logo.symbols[k], alphabet, p.theme.dark));
      y -= part;
    }
  }
  list.PopClipRect();
  list.AddLine(ImVec2(at.x, at.y + kLogoHeight + 0.5f),
               ImVec2(at.x + cell * static_cast<float>(logo.columns), at.y + kLogoHeight + 0.5f),
               p.theme.border);
}

void go_there(Panel& p, const experiment::TopWindow& w) {
  p.session.origins().note_jump();
  if (p.session.project().cursor.sequence != w.record) p.session.select_sequence(w.record);
  p.session.go_to(w.position);
}

void draw_letters(const Panel& p, const experiment::TopWindow& w, ImVec2 at, float cell, float height) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const bio::Alphabet& alphabet = p.session.data().alphabet();
  for (std::size_t i = 0; i < w.letters.size(); ++i) {
    const float x = at.x + static_cast<float>(i) * cell;
    if (w.letters[i] == '-') continue;
    const ImU32 fill = letter_colour(w.letters[i], alphabet, p.theme.dark);
    list.AddRectFilled(ImVec2(x, at.y + 1), ImVec2(x + cell - 0.5f, at.y + height - 1), fill, 1.5f);
    const char text[] = {w.letters[i], 0};
    const ImVec2 size = ImGui::CalcTextSize(text);
    if (cell >= size.x)
      list.AddText(ImVec2(x + (cell - size.x) * 0.5f, at.y + (height - size.y) * 0.5f), ink_on(fill), text);
  }
  // The position itself.
  const float x = at.x + static_cast<float>(w.marked) * cell;
  if (!w.letters.empty())
    list.AddRect(ImVec2(x - 0.5f, at.y), ImVec2(x + cell, at.y + height), p.theme.text, 2, 0, 1.5f);
}

}  // namespace

float windows_width(const experiment::UnitReading& reading) {
  return kNameWidth + kPositionWidth + kValueWidth + ImGui::GetStyle().ScrollbarSize + 10 +
         kLetterWidth * static_cast<float>(std::max(reading.logo.columns, 1));
}

void draw_windows(Panel& p, UiState& ui, const experiment::UnitReading& reading, ImVec2 size) {
  const FontScope font(p.fonts.small);
  const auto columns = static_cast<float>(std::max(1, reading.logo.columns));
  const float scrollbar = ImGui::GetStyle().ScrollbarSize;
  const float room = size.x - kNameWidth - kPositionWidth - kValueWidth - scrollbar - 8;
  const float cell = std::clamp(room / columns, 3.0f, kLetterWidth);
  const float letters_x = kNameWidth + kPositionWidth;
  ImGui::BeginChild("##unit_windows", size);
  if (reading.logo.columns > 0 && reading.logo.windows > 0) {
    const ImVec2 at = ImGui::GetCursorScreenPos();
    dim(p, "logo, bits");
    tip(p,
        "Each column is as high as the letters there tell against the data's own composition; with a "
        "pseudocount of one window");
    draw_logo(p, reading.logo, ImVec2(at.x + letters_x, at.y), cell);
    ImGui::SetCursorScreenPos(ImVec2(at.x, at.y + kLogoHeight + 4));
  }
  ImGui::BeginChild("##unit_places", ImVec2(0, 0));
  const float height = ImGui::GetTextLineHeight() + 4;
  ImGuiListClipper clipper;
  clipper.Begin(static_cast<int>(reading.windows.size()), height + ImGui::GetStyle().ItemSpacing.y);
  while (clipper.Step())
    for (int i = clipper.DisplayStart; i < clipper.DisplayEnd; ++i) {
      const experiment::TopWindow& w = reading.windows[static_cast<std::size_t>(i)];
      const ImVec2 at = ImGui::GetCursorScreenPos();
      const bool here = p.session.project().cursor.sequence == w.record && p.session.position() == w.position;
      const std::string id = "##window" + std::to_string(i);
      const std::string record(p.session.data().name(w.record));
      if (ImGui::Selectable(id.c_str(), here, ImGuiSelectableFlags_None, ImVec2(0, height))) go_there(p, w);
      tip(p, record + ", position " + thousands(w.position) + ": " + signed_number(w.value) +
                 ". Click to go there.");
      if (ImGui::IsItemHovered() && p.session.project().cursor.sequence == w.record)
        ui.hover.position = w.position;
      ImDrawList& list = *ImGui::GetWindowDrawList();
      const float y = at.y + 2;
      list.AddText(ImVec2(at.x, y), p.theme.text, fitted_text(record, kNameWidth - 6).c_str());
      const std::string position = thousands(w.position);
      list.AddText(ImVec2(at.x + letters_x - 8 - ImGui::CalcTextSize(position.c_str()).x, y),
                   p.theme.text_dim, position.c_str());
      draw_letters(p, w, ImVec2(at.x + letters_x, at.y), cell, height);
      list.AddText(ImVec2(at.x + letters_x + cell * static_cast<float>(w.letters.size()) + 8, y),
                   w.value < 0 ? p.theme.negative : p.theme.positive, signed_number(w.value).c_str());
    }
  ImGui::EndChild();
  ImGui::EndChild();
}

void draw_relations(const Panel& p, const experiment::UnitReading& reading, ImVec2 size) {
  const FontScope font(p.fonts.small);
  if (!ImGui::BeginTable("##relations", 5, kTable, size)) return;
  ImGui::TableSetupScrollFreeze(0, 1);
  ImGui::TableSetupColumn("Goes along with", ImGuiTableColumnFlags_WidthStretch);
  for (const char* head : {"Trained", "Shuffled", "Untrained", "Chance"})
    ImGui::TableSetupColumn(head, ImGuiTableColumnFlags_WidthFixed, ImGui::CalcTextSize(head).x);
  static constexpr const char* kHints[] = {
      "What the unit's value is set against: their correlation or, where \u03b7\u00b2 is written, the share "
      "of "
      "its variance that lies between groups",
      "The network as it is now",
      "The same network on the same sequences with their letters shuffled, neighbours kept (labels stay): "
      "what "
      "composition alone gives",
      "The network before training: what its architecture and start give",
      "The largest of 19 rounds in which the values were moved within each sequence by chance; one unit in "
      "20 "
      "exceeds it by luck"};
  ImGui::TableNextRow(ImGuiTableRowFlags_Headers);
  for (int c = 0; c < 5; ++c) {
    ImGui::TableSetColumnIndex(c);
    ImGui::TableHeader(ImGui::TableGetColumnName(c));
    tip(p, kHints[c]);
  }
  // The strongest first: what matters is in sight without scrolling.
  std::vector<std::size_t> order(reading.relations.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const experiment::Relation &x = reading.relations[a], &y = reading.relations[b];
    return experiment::explained(x.measure, x.trained) > experiment::explained(y.measure, y.trained);
  });
  for (const std::size_t index : order) {
    const experiment::Relation& r = reading.relations[index];
    ImGui::TableNextRow();
    ImGui::TableNextColumn();
    const bool groups = r.measure == experiment::Measure::Groups;
    text(fitted_text(r.what + (groups ? ", \u03b7\u00b2" : ""), ImGui::GetContentRegionAvail().x));
    tip(p,
        r.what + (r.per_sequence ? ": the unit's mean over each sequence, of " + thousands(r.n) + " sequences"
                                 : ", over " + thousands(r.n) + " steps"));
    const double luck =
        std::max(experiment::explained(r.measure, r.chance), experiment::explained(r.measure, r.untrained));
    const bool more = experiment::explained(r.measure, r.trained) > luck + experiment::kClearlyMore;
    const double values[] = {r.trained, r.shuffled, r.untrained, r.chance};
    for (int c = 0; c < 4; ++c) {
      ImGui::TableNextColumn();
      const std::string words = strength(values[c]);
      if (c == 0 && more)
        ImGui::TextColored(colour(p.theme.accent), "%s", words.c_str());
      else if (c == 0)
        text(words);
      else
        ImGui::TextColored(colour(p.theme.text_dim), "%s", words.c_str());
    }
  }
  ImGui::EndTable();
}

void draw_probe(const Panel& p, const experiment::ProbeResult& result, ImVec2 size) {
  const float foot = ImGui::GetFrameHeight() + 4;
  PlotFrame frame;
  frame.x_max = std::max(1.0, static_cast<double>(result.trained.size()) - 1);
  frame.y_max = 1;
  const char* title = "letters recovered, on held-out positions";
  begin_plot(p, frame, {title, result.forward ? "letters back" : "letters ahead", true},
             ImVec2(size.x, std::max(80.0f, size.y - foot)));
  const auto line = [&](const std::vector<double>& values, ImU32 ink, LineStyle style, float width) {
    plot_series(
        frame, values.size(), [](std::size_t k) { return static_cast<double>(k); },
        [&](std::size_t k) { return static_cast<float>(values[k]); }, ink, style, width);
  };
  const Theme& t = p.theme;
  line(result.frequent, t.text_dim, LineStyle::Dotted, 1.5f);
  line(result.last_alone, t.warning, LineStyle::Dotted, 1.5f);
  line(result.untrained, t.negative, LineStyle::Dashed, 2);
  line(result.trained, t.positive, LineStyle::Solid, 2);
  if (plot_hovered(frame) && ImGui::BeginTooltip()) {
    const auto k = static_cast<std::size_t>(std::clamp(std::lround(frame.value_at(ImGui::GetIO().MousePos.x)),
                                                       0L, static_cast<long>(result.trained.size()) - 1));
    text(counted(static_cast<std::int64_t>(k), "letter", "letters") + (result.forward ? " back" : " ahead") +
         ", " + counted(result.tested[k], "position", "positions"));
    text("trained " + percent(result.trained[k]) + ", untrained " + percent(result.untrained[k]));
    dim(p, "most frequent letter " + percent(result.frequent[k]) + ", the letter just read alone " +
               percent(result.last_alone[k]));
    ImGui::EndTooltip();
  }
  legend(p, "trained", t.positive, LineStyle::Solid, 2);
  legend(p, "untrained", t.negative, LineStyle::Dashed, 2);
  legend(p, "the letter just read alone", t.warning, LineStyle::Dotted, 1.5f);
  legend(p, "most frequent letter", t.text_dim, LineStyle::Dotted, 1.5f);
  ImGui::NewLine();
}

}  // namespace ribostep::ui
