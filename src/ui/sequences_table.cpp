// SEQUENCES; see sequences_table.h. Rows are clipped to what is visible; their order comes from
// sequence_order.cpp.
#include "ui/sequences_table.h"

#include <imgui_internal.h>
#include <misc/cpp/imgui_stdlib.h>

#include <algorithm>

#include "ui/format.h"
#include "ui/widgets.h"

namespace ribostep::ui {
namespace {

using session::Session;

constexpr ImGuiTableFlags kTableFlags =
    ImGuiTableFlags_Sortable | ImGuiTableFlags_ScrollY | ImGuiTableFlags_RowBg | ImGuiTableFlags_Resizable |
    ImGuiTableFlags_BordersInnerH | ImGuiTableFlags_SizingStretchProp | ImGuiTableFlags_NoSavedSettings;

struct Row {
  int record;
  const session::PredictionRow* prediction;
  int label;  // -1: none
};

Row row_of(const Session& s, int record) {
  const auto i = static_cast<std::size_t>(record);
  const auto& rows = s.predictions().rows;
  const auto& labels = s.labels().of_record;
  return {record, s.predictions().available && i < rows.size() ? &rows[i] : nullptr,
          i < labels.size() ? labels[i] : -1};
}

// Small text in a row of normal height, on the same middle line.
void small_cell(ImFont* font, std::string_view words, ImU32 c) {
  const float line = ImGui::GetTextLineHeight();
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const FontScope scope(font);
  ImGui::GetWindowDrawList()->AddText(ImVec2(at.x, at.y + (line - ImGui::GetTextLineHeight()) * 0.5f), c,
                                      words.data(), words.data() + words.size());
}

void draw_scan_popup(Panel& p) {
  if (!ImGui::BeginPopup("scan")) return;
  ImGui::Dummy(ImVec2(300, 0));
  row(p, "Window", "Letters per window");
  whole_number(p, "##scan_window", p.state.scan_window, 2, 100000);
  row(p, "Every", "Letters from one window to the next");
  whole_number(p, "##scan_stride", p.state.scan_stride, 1, 100000);
  if (p.session.data().alphabet().is_nucleic()) {
    row(p, "Strands");
    ImGui::Checkbox("both", &p.state.scan_both);
  }
  dim(p, "Predicts every window of the sequence on screen.");
  if (primary_button(p, "Scan", p.session.length() > 0, -FLT_MIN)) {
    p.session.scan(p.state.scan_window, p.state.scan_stride,
                   p.state.scan_both && p.session.data().alphabet().is_nucleic());
    p.state.result = ResultKind::Scan;
    p.state.bottom_tab = BottomTab::Results;
    p.state.show_bottom_tab = true;
    ImGui::CloseCurrentPopup();
  }
  ImGui::EndPopup();
}

// Stays on the line if a button with this label still fits, else begins another.
void on_this_line(const char* label) {
  const ImGuiStyle& style = ImGui::GetStyle();
  const float wanted = ImGui::CalcTextSize(label).x + style.FramePadding.x * 2;
  ImGui::SameLine();
  if (wanted > ImGui::GetContentRegionAvail().x) ImGui::NewLine();
}

void draw_controls(Panel& p) {
  Session& s = p.session;
  TableState& table = p.state.table;
  ImGui::SetNextItemWidth(p.touch ? 150.0f : 200.0f);
  ImGui::InputTextWithHint("##search", "Find a name or label", &table.search);
  ImGui::SameLine();
  const session::Predictions& predictions = s.predictions();
  const bool busy = s.job().kind == session::JobKind::Predicting;
  const bool fresh = predictions.available && !predictions.stale;
  if (button(busy ? "Predicting...###predict" : "Predict###predict", s.has_data() && !busy)) s.predict();
  tip(p, fresh ? "Predictions are up to date" : "Predict every sequence with the current weights");
  on_this_line("Add to predict...");
  if (button("Add to predict...", s.has_data() && s.project().model.task == rnn::Task::SequenceLabel))
    s.ask_for_queries();
  tip(p, "Type or paste sequences without labels; the network stays as it is");
  on_this_line("Wrongest first");
  if (button("Wrongest first", predictions.available)) {
    table.sort = Column::Loss;
    table.ascending = false;
    table.apply_sort = true;
  }
  tip(p, predictions.available ? "Sort by loss, largest first" : "Needs predictions");
  on_this_line("Scan windows...");
  const bool scannable = s.has_data() && s.project().model.task == rnn::Task::SequenceLabel;
  if (button("Scan windows...", scannable)) ImGui::OpenPopup("scan");
  tip(p, scannable ? "Predict windows along the sequence on screen, on both strands"
                   : "Needs a model that gives one label per sequence");
  draw_scan_popup(p);
  on_this_line("Save TSV");
  if (button("Save TSV", predictions.available)) s.export_predictions();
  tip(p, "All predictions as a table");
  std::string words = counted(static_cast<std::int64_t>(table.order.size()), "sequence", "sequences");
  if (predictions.available && predictions.stale) words += "; predictions are older than the weights";
  on_this_line(words.c_str());
  ImGui::AlignTextToFramePadding();
  dim(p, words);
}

void draw_prediction_cells(Panel& p, const Row& r) {
  const std::vector<std::string>& names = p.session.output_names();
  ImGui::TableNextColumn();
  if (r.prediction != nullptr && r.prediction->predicted >= 0 &&
      static_cast<std::size_t>(r.prediction->predicted) < names.size()) {
    // Right and wrong by sign and word order, not by colour alone.
    if (r.label >= 0) {
      const bool right = r.prediction->predicted == r.label;
      const float size = ImGui::GetFontSize() * 0.8f;
      const ImVec2 at = ImGui::GetCursorScreenPos();
      draw_icon(*ImGui::GetWindowDrawList(), right ? Icon::Check : Icon::Close,
                ImVec2(at.x + size * 0.5f, at.y + ImGui::GetTextLineHeight() * 0.5f), size,
                right ? p.theme.positive : p.theme.negative);
      ImGui::SetCursorScreenPos(ImVec2(at.x + size + 6, at.y));
    }
    text(names[static_cast<std::size_t>(r.prediction->predicted)]);
  } else {
    small_cell(p.fonts.small, "-", p.theme.text_dim);
  }
  ImGui::TableNextColumn();
  if (r.prediction != nullptr && r.prediction->predicted >= 0)
    small_cell(p.fonts.mono_small, significant(static_cast<double>(r.prediction->probability), 3),
               p.theme.text);
  ImGui::TableNextColumn();
  if (r.prediction != nullptr && r.prediction->loss >= 0)
    small_cell(p.fonts.mono_small, significant(static_cast<double>(r.prediction->loss), 3), p.theme.text);
}

void draw_row(Panel& p, const Row& r) {
  Session& s = p.session;
  const bio::Dataset& data = s.data();
  ImGui::TableNextRow();
  ImGui::TableNextColumn();
  ImGui::PushID(r.record);
  const bool current = s.project().cursor.sequence == r.record;
  const ImVec2 at = ImGui::GetCursorPos();
  constexpr auto kWholeRow = ImGuiSelectableFlags_SpanAllColumns | ImGuiSelectableFlags_AllowOverlap;
  if (current) ImGui::TableSetBgColor(ImGuiTableBgTarget_RowBg1, p.theme.selection);
  if (ImGui::Selectable("##row", false, kWholeRow, ImVec2(0, ImGui::GetTextLineHeight()))) {
    p.state.table.shown_sequence = r.record;
    s.select_sequence(r.record);
  }
  ImGui::SetCursorPos(at);
  small_cell(p.fonts.mono_small, thousands(r.record + 1), p.theme.text_dim);
  ImGui::TableNextColumn();
  text(data.name(r.record));
  ImGui::TableNextColumn();
  small_cell(p.fonts.mono_small, thousands(data.length(r.record)), p.theme.text);
  ImGui::TableNextColumn();
  if (r.label >= 0)
    text(s.labels().classes[static_cast<std::size_t>(r.label)]);
  else
    small_cell(p.fonts.small, "-", p.theme.text_dim);
  draw_prediction_cells(p, r);
  ImGui::TableNextColumn();
  const std::uint8_t set = p.state.table.set_of[static_cast<std::size_t>(r.record)];
  small_cell(p.fonts.small,
             set == kTrainSet        ? "train"
             : set == kValidationSet ? "validation"
                                     : "-",
             p.theme.text_dim);
  ImGui::PopID();
}

void take_sort(TableState& table) {
  ImGuiTableSortSpecs* specs = ImGui::TableGetSortSpecs();
  if (specs == nullptr || !specs->SpecsDirty) return;
  if (specs->SpecsCount > 0) {
    table.sort = static_cast<Column>(specs->Specs[0].ColumnUserID);
    table.ascending = specs->Specs[0].SortDirection == ImGuiSortDirection_Ascending;
  }
  specs->SpecsDirty = false;
}

void set_up_columns(bool touch) {
  const auto column = [&](const char* name, Column id, float weight, ImGuiTableColumnFlags flags) {
    ImGui::TableSetupColumn(name, flags, weight, static_cast<ImGuiID>(id));
  };
  constexpr auto kDown = ImGuiTableColumnFlags_PreferSortDescending;
  const ImGuiTableColumnFlags spare = touch ? ImGuiTableColumnFlags_Disabled : ImGuiTableColumnFlags_None;
  column("#", Column::Index, 0.5f, ImGuiTableColumnFlags_DefaultSort);
  column("Name", Column::Name, 1.9f, ImGuiTableColumnFlags_None);
  column("Length", Column::Length, 0.7f, kDown | spare);
  column("Label", Column::Label, 1.2f, ImGuiTableColumnFlags_None);
  column("Prediction", Column::Prediction, 1.3f, ImGuiTableColumnFlags_None);
  column("p", Column::Probability, 0.6f, kDown | spare);
  column("Loss", Column::Loss, 0.7f, kDown);
  column("Set", Column::Set, 0.9f, spare);
}

void draw_table(Panel& p, ImVec2 size) {
  TableState& table = p.state.table;
  const std::size_t rows = table.order.size();
  if (!ImGui::BeginTable("##sequences", 8, kTableFlags, size)) return;
  ImGui::TableSetupScrollFreeze(0, 1);
  set_up_columns(p.touch);
  if (table.apply_sort) {
    ImGui::TableSetColumnSortDirection(
        static_cast<int>(table.sort),
        table.ascending ? ImGuiSortDirection_Ascending : ImGuiSortDirection_Descending, false);
    table.apply_sort = false;
  }
  take_sort(table);
  ImGui::TableHeadersRow();
  const int current = p.session.project().cursor.sequence;
  int scroll_to = -1;
  if (table.shown_sequence != current) {
    table.shown_sequence = current;
    const auto at = std::find(table.order.begin(), table.order.end(), current);
    if (at != table.order.end()) scroll_to = static_cast<int>(at - table.order.begin());
  }
  ImGuiListClipper clipper;
  clipper.Begin(static_cast<int>(rows));
  if (scroll_to >= 0) clipper.IncludeItemByIndex(scroll_to);
  while (clipper.Step()) {
    for (int i = clipper.DisplayStart; i < clipper.DisplayEnd; ++i) {
      draw_row(p, row_of(p.session, table.order[static_cast<std::size_t>(i)]));
      if (i == scroll_to) ImGui::SetScrollHereY(0.5f);
    }
  }
  ImGui::EndTable();
}

}  // namespace

void draw_sequences(Panel& p, ImVec2 size) {
  if (!p.session.has_data()) {
    dim(p, "No sequences yet.");
    return;
  }
  refresh_order(p.state.table, p.session);
  const float top = ImGui::GetCursorPosY();
  draw_controls(p);
  refresh_order(p.state.table, p.session);  // the search may just have changed
  const float used = ImGui::GetCursorPosY() - top;
  draw_table(p, ImVec2(size.x, std::max(size.y - used, 120.0f)));
}

}  // namespace ribostep::ui
