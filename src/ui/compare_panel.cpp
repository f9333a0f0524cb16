// COMPARE: what is pinned and how to pin something else on the left, how far the run on screen lies from it
// on the right.
#include <algorithm>
#include <array>
#include <cstdio>

#include "session/compare.h"
#include "session/step_words.h"
#include "ui/debug_panels.h"
#include "ui/format.h"
#include "ui/tracks/strands.h"
#include "ui/widgets.h"

namespace ribostep::ui {
namespace {

using session::Compare;
using session::Difference;

constexpr float kSideBySide = 640, kControls = 316;

std::string number_text(float v) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.4f", static_cast<double>(v));
  return text.data();
}

void pin_buttons(Panel& p) {
  Compare& compare = p.session.compare();
  const std::string why = compare.pin_obstacle();
  const bool pinned = compare.pinned() != nullptr;
  const bool moment = pinned && compare.pinned()->mode == io::PinMode::Moment;
  if (primary_button(p, pinned ? "Pin this instead###pin" : "Pin this moment###pin", why.empty()))
    compare.pin(moment ? io::PinMode::Moment : io::PinMode::Along);
  tip(p,
      why.empty() ? "Keeps this sequence with its edits, this position and these weights as they are now"
                  : "Not possible: " + why,
      pinned ? "" : "P");
  ImGui::SameLine();
  if (button("Unpin", pinned)) compare.unpin();
  tip(p, pinned ? "Compares with nothing" : "Nothing is pinned", pinned ? "P" : "");
  ImGui::SameLine();
  if (button("Untrained", why.empty())) compare.pin_untrained();
  tip(p, why.empty()
             ? "Pins the same network before its first update: what training has made, and what was there "
               "from the start"
             : "Not possible: " + why);
}

void pin_sequence_row(Panel& p, UiState& ui) {
  Compare& compare = p.session.compare();
  CompareState& state = ui.compare;
  const int records = p.session.data().size();
  if (records < 2) return;
  state.record = std::clamp(state.record, 1, records);
  const int length = p.session.data().length(state.record - 1);
  row(p, "Sequence, at", "Another sequence and its position to pin; the two are aligned letter by letter");
  const float room = ImGui::GetContentRegionAvail().x;
  ImGui::SetNextItemWidth(room * 0.3f);
  whole_number(p, "##pin_record", state.record, 1, records);
  tip(p, p.session.data().name(state.record - 1));
  ImGui::SameLine(0, 4);
  ImGui::SetNextItemWidth(room * 0.3f);
  whole_number(p, "##pin_position", state.position, 0, std::max(length, 1));
  ImGui::SameLine(0, 4);
  const std::string why = compare.pin_obstacle();
  if (button("Pin it", why.empty(), -FLT_MIN)) compare.pin_sequence(state.record - 1, state.position);
  tip(p, why.empty() ? "Pins " + std::string(p.session.data().name(state.record - 1)) +
                           ", read with the weights on show"
                     : "Not possible: " + why);
}

void mode_row(Panel& p) {
  Compare& compare = p.session.compare();
  if (!compare.pinned()) return;
  row(p, "With", "What each position is compared with");
  const Choice modes[] = {{"counterpart", {}}, {"one moment", {}}};
  const int chosen = choose_segment(p, "##pin_mode", modes, static_cast<int>(compare.pinned()->mode));
  tip(p,
      "counterpart: the position of the pinned run that belongs to it, by alignment. one moment: the pinned "
      "position, everywhere");
  if (chosen >= 0) compare.set_mode(static_cast<io::PinMode>(chosen));
}

void strand_rows(Panel& p, UiState& ui) {
  const session::Session& s = p.session;
  CompareState& state = ui.compare;
  const StrandChoice now = strand_choice(s, state);
  if (s.network().spec.task != rnn::Task::NextVector) {
    std::vector<std::string> names = {s.network().spec.task == rnn::Task::NextSymbol ? "the next letter"
                                                                                     : "as predicted"};
    for (int k = 0; k < std::min(s.network().spec.outputs(), 64); ++k)
      names.push_back(s.output_names()[static_cast<std::size_t>(k)]);
    std::vector<Choice> choices;
    for (const std::string& name : names) choices.push_back({name.c_str(), {}});
    row(p, "Output of", "Whose probability the three rows show");
    const int chosen =
        choose_from_list(p, "##strand_class", choices, std::clamp(state.strand_class, -1, 63) + 1);
    if (chosen >= 0) state.strand_class = chosen - 1;
  }
  row(p, "Unit", "Whose h the three rows show");
  const int layers = static_cast<int>(s.network().layers.size());
  int unit = now.unit, layer = now.layer + 1;
  if (layers > 1) {
    ImGui::SetNextItemWidth(ImGui::GetContentRegionAvail().x * 0.5f);
    if (whole_number(p, "##strand_layer", layer, 1, layers)) state.strand_layer = layer - 1;
    tip(p, session::layer_name(s.network(), now.layer, true));
    ImGui::SameLine(0, 4);
  }
  ImGui::SetNextItemWidth(-FLT_MIN);
  const int most = s.network().layers[static_cast<std::size_t>(now.layer)].hidden - 1;
  if (whole_number(p, "##strand_unit", unit, 0, most)) state.strand_unit = unit;
}

void draw_controls(Panel& p, UiState& ui) {
  Compare& compare = p.session.compare();
  pin_buttons(p);
  bool difference = compare.difference_wanted();
  const bool any = compare.against() != Compare::Against::Nothing;
  ImGui::BeginDisabled(!any);
  if (toggle(p,
             any && !compare.pinned() ? "Show what the edits changed###difference"
                                      : "Show the difference in the tracks###difference",
             difference))
    compare.show_difference(difference);
  ImGui::EndDisabled();
  tip(p,
      any ? "States, gates and memory minus the " + std::string(compare.reference_word()) +
                ", all layers on one scale; the " + compare.reference_word() + "'s outputs are dashed"
          : "Pin something first, or edit a letter",
      "D");
  mode_row(p);
  pin_sequence_row(p, ui);
  bool strands = compare.strands();
  const std::string why = compare.strands_obstacle();
  ImGui::BeginDisabled(!why.empty() && !strands);
  if (toggle(p,
             compare.strand_count() == 3 ? "Strands: forward, reversed, rev. compl.###strands"
                                         : "Both ways: forward, reversed###strands",
             strands))
    compare.show_strands(strands);
  ImGui::EndDisabled();
  tip(p, why.empty() ? "Reads the same letters in other ways, in rows whose columns belong together" : why,
      "S");
  if (compare.strands()) strand_rows(p, ui);
}

void empty_state(Panel& p) {
  dim_wrapped(p,
              "Nothing is pinned. Pin a moment, and every track shows how it differs from it: from another "
              "position or sequence, from the network some updates ago, from another network, or from the "
              "letters before they were edited. Then train on, step, edit or choose another sequence.");
}

void difference_row(Panel& p, UiState& ui, const Difference& d, int id) {
  Compare& compare = p.session.compare();
  ImGui::TableNextRow();
  ImGui::TableNextColumn();
  ImGui::PushID(id);
  const FontScope font(p.fonts.mono_small);
  const std::string name = compare.number_name(d);
  constexpr auto kWholeRow = ImGuiSelectableFlags_SpanAllColumns | ImGuiSelectableFlags_AllowOverlap;
  if (ImGui::Selectable((name + "###jump").c_str(), false, kWholeRow)) {
    p.session.go_to(d.position);
    ui.axis.reveal(std::max(0, d.position - 1));
  }
  if (ImGui::IsItemHovered()) {
    // Lights up in the tracks and the inspector.
    ui.hover.layer = d.layer;
    ui.hover.unit = d.layer < 0 ? -1 : d.unit;
    ui.hover.gate =
        d.quantity == session::Quantity::Gate ? d.gate
        : d.quantity == session::Quantity::Cell
            ? static_cast<int>(
                  rnn::gates(p.session.network().layers[static_cast<std::size_t>(d.layer)].cell).size())
            : -1;
    ui.hover.position = d.position;
  }
  tip(p, "Go to position " + std::to_string(d.position));
  ImGui::PopID();
  ImGui::TableNextColumn();
  text(std::to_string(d.position));
  ImGui::TableNextColumn();
  text(std::to_string(d.reference));
  ImGui::TableNextColumn();
  text(number_text(d.now));
  ImGui::TableNextColumn();
  text(number_text(d.then));
  ImGui::TableNextColumn();
  const float by = d.now - d.then;
  ImGui::TextColored(colour(by < 0 ? p.theme.negative : p.theme.positive), "%s%s", by < 0 ? "−" : "+",
                     number_text(by < 0 ? -by : by).c_str());
}

void draw_differences(Panel& p, UiState& ui, ImVec2 size) {
  Compare& compare = p.session.compare();
  const session::Differences* found = compare.differences();
  if (!compare.ready() || !found || found->by_unit.empty()) return;
  constexpr ImGuiTableFlags kFlags = ImGuiTableFlags_ScrollY | ImGuiTableFlags_RowBg |
                                     ImGuiTableFlags_BordersInnerH | ImGuiTableFlags_SizingStretchProp |
                                     ImGuiTableFlags_NoSavedSettings;
  if (!ImGui::BeginTable("##differences", 6, kFlags, size)) return;
  const std::string word = compare.reference_word();
  ImGui::TableSetupScrollFreeze(0, 1);
  ImGui::TableSetupColumn("Number", 0, 1.6f);
  ImGui::TableSetupColumn("at", 0, 0.7f);
  ImGui::TableSetupColumn(("at, " + word).c_str(), 0, 0.9f);
  ImGui::TableSetupColumn("now", 0, 1);
  ImGui::TableSetupColumn(word.c_str(), 0, 1);
  ImGui::TableSetupColumn("difference", 0, 1.1f);
  ImGui::TableHeadersRow();
  ImGuiListClipper clipper;
  clipper.Begin(static_cast<int>(found->by_unit.size()));
  while (clipper.Step())
    for (int i = clipper.DisplayStart; i < clipper.DisplayEnd; ++i)
      difference_row(p, ui, found->by_unit[static_cast<std::size_t>(i)], i);
  ImGui::EndTable();
}

void draw_findings(Panel& p, UiState& ui, ImVec2 size) {
  Compare& compare = p.session.compare();
  const float top = ImGui::GetCursorPosY();
  if (compare.against() == Compare::Against::Nothing) {
    empty_state(p);
  } else {
    const std::string words = compare.words();
    if (!compare.obstacle().empty())
      severity_line(p, Severity::Warning, words);
    else {
      const FontScope font(p.fonts.small);
      ImGui::TextWrapped("%s", words.c_str());
    }
    if (!compare.ready() && compare.obstacle().empty() && p.session.trace())
      progress(p, compare.progress(), "computing", std::min(size.x, 240.0f));
    if (const std::string laid = compare.alignment_words(); !laid.empty()) dim_wrapped(p, laid);
  }
  if (const std::string strands = compare.strands_words(); !strands.empty()) dim_wrapped(p, strands);
  const float used = ImGui::GetCursorPosY() - top;
  draw_differences(p, ui, ImVec2(size.x, std::max(size.y - used - 2, 96.0f)));
}

}  // namespace

void draw_compare_panel(Panel& p, UiState& ui, ImVec2 size) {
  if (!p.session.has_data()) {
    dim(p, "No sequences yet: load some, then pin a moment to compare with.");
    return;
  }
  const bool wide = size.x >= kSideBySide;
  if (!wide) {
    draw_controls(p, ui);
    ImGui::Spacing();
    draw_findings(p, ui, ImVec2(size.x, 0));
    return;
  }
  if (ImGui::BeginChild("##compare_controls", ImVec2(kControls, size.y))) draw_controls(p, ui);
  ImGui::EndChild();
  ImGui::SameLine(0, 18);
  const ImVec2 rest(size.x - kControls - 18, size.y);
  if (ImGui::BeginChild("##compare_findings", rest)) draw_findings(p, ui, rest);
  ImGui::EndChild();
}

void add_compare_commands(CommandContext context, Commands& out) {
  session::Session& s = context.panel.session;
  const Compare& compare = s.compare();
  const auto add = [&](std::string title, ImGuiKeyChord chord, std::string words, std::string why_not,
                       std::function<void()> act) {
    Command command;
    command.group = "Compare";
    command.title = std::move(title);
    command.chord = chord;
    command.words = std::move(words);
    command.why_not = std::move(why_not);
    command.act = std::move(act);
    out.push_back(std::move(command));
  };
  const std::string why = compare.pin_obstacle();
  const bool pinned = compare.pinned() != nullptr;
  if (pinned) {
    add("Unpin", ImGuiKey_P, "pin compare remove", {}, [&s] { s.compare().unpin(); });
    add("Pin this moment instead", 0, "compare", why, [&s] { s.compare().pin(); });
  } else {
    add("Pin this moment to compare with", ImGuiKey_P, "pin difference reference", why,
        [&s] { s.compare().pin(); });
  }
  const bool any = compare.against() != Compare::Against::Nothing;
  add(compare.difference_wanted() && any ? "Show the values themselves again"
                                         : "Show the difference to the pin or the original",
      ImGuiKey_D, "minus delta compare", any ? "" : "pin a moment first, or edit a letter",
      [&s] { s.compare().show_difference(!s.compare().difference_wanted()); });
  add(compare.strands() ? "Hide the strands" : "Show the strands: reversed and reverse complement",
      ImGuiKey_S, "triptych reverse complement other direction",
      compare.strands() ? "" : compare.strands_obstacle(),
      [&s] { s.compare().show_strands(!s.compare().strands()); });
  add("Pin the untrained network", 0, "compare twin before training", why,
      [&s] { s.compare().pin_untrained(); });
}

}  // namespace ribostep::ui
