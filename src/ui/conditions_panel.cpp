// The list of conditions with what each is for and what it found, ready-made ones, and names of units.
#include <imgui.h>
#include <misc/cpp/imgui_stdlib.h>

#include <algorithm>
#include <cmath>

#include "session/conditions.h"
#include "session/step_words.h"
#include "ui/conditions_field.h"
#include "ui/conditions_style.h"
#include "ui/debug_panels.h"
#include "ui/widgets.h"

namespace ribostep::ui {
namespace {

using session::Conditions;

constexpr float kTwoColumns = 680;  // from this width on the names stand beside the conditions
constexpr float kTable = 470;       // from this width on a condition is one line

struct Use {
  const char* id;
  const char* word;
  const char* tip;
  bool io::Condition::*flag;
};
constexpr Use kUses[] = {
    {"##stops", "stops", "Breakpoint: a run stops where it holds", &io::Condition::stops},
    {"##marks", "marks", "All hits are marked on the ruler", &io::Condition::marks},
    {"##watched", "watch", "Its value is shown as a track", &io::Condition::watched}};

void small_gap() { ImGui::SameLine(0, 4); }

void sign(const Panel& p, int index, bool on) {
  const float side = ImGui::GetFrameHeight();
  const ImVec2 at = ImGui::GetCursorScreenPos();
  ImGui::Dummy(ImVec2(14, side));
  draw_condition_sign(*ImGui::GetWindowDrawList(), index, ImVec2(at.x + 7, at.y + side / 2), 5,
                      on ? condition_colour(index, p.theme.dark) : p.theme.text_dim);
}

bool check(Panel& p, const char* id, bool& on, const char* words) {
  ImGui::PushStyleVar(ImGuiStyleVar_FramePadding, ImVec2(2, p.touch ? 8.0f : 2.0f));
  const bool changed = ImGui::Checkbox(id, &on);
  ImGui::PopStyleVar();
  tip(p, words);
  return changed;
}

// The text itself: a click edits it.
void condition_text(Panel& p, UiState& ui, int index, float width) {
  const Conditions& conditions = p.session.conditions();
  const io::Condition& c = conditions.list()[static_cast<std::size_t>(index)];
  const session::ConditionHits& found = conditions.hits(index);
  const FontScope font(p.fonts.mono);
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float height = ImGui::GetFrameHeight();
  if (ImGui::InvisibleButton("##text", ImVec2(std::max(width, 8.0f), height))) edit_condition(p, ui, index);
  const bool over = ImGui::IsItemHovered();
  tip(p, found.parsed.ok() ? c.text : c.text + "\n" + found.parsed.problem.reason, "click to change");
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  const ImU32 colour = !found.parsed.ok() ? p.theme.error : !c.on ? p.theme.text_dim : p.theme.text;
  if (over || ui.conditions.editing == index)
    draw.AddRectFilled(at, ImVec2(at.x + width, at.y + height), p.theme.hover, 3);
  draw.AddText(ImVec2(at.x + 4, at.y + (height - ImGui::GetTextLineHeight()) / 2), colour,
               fitted_text(c.text, width - 8).c_str());
}

void hits(Panel& p, int index, float width) {
  Conditions& conditions = p.session.conditions();
  const int position = p.session.position();
  const bool before = conditions.previous_hit(position, index) >= 0,
             after = conditions.next_hit(position, index) >= 0;
  if (icon_button(p, "##previous", Icon::ChevronLeft, before)) conditions.go_to_previous_hit(index);
  tip(p, "Previous hit of this condition");
  ImGui::SameLine(0, 2);
  if (icon_button(p, "##following", Icon::ChevronRight, after)) conditions.go_to_next_hit(index);
  tip(p, "Next hit of this condition");
  small_gap();
  const FontScope font(p.fonts.small);
  ImGui::AlignTextToFramePadding();
  const std::string words = conditions.words(index);
  const bool wrong = !conditions.hits(index).parsed.ok();
  ImGui::PushStyleColor(ImGuiCol_Text, wrong ? p.theme.error : p.theme.text_dim);
  text(wrong ? "does not fit" : fitted_text(words, width));
  ImGui::PopStyleColor();
  tip(p, words);
}

// Which of them changed, if any, is told to the session by the caller: a change moves the list.
struct Wish {
  int change = -1, remove = -1;
  io::Condition to;
};

void uses(Panel& p, int index, const io::Condition& c, Wish& wish, bool words) {
  const bool truth = p.session.conditions().hits(index).parsed.condition.truth;
  for (const Use& use : kUses) {
    bool on = c.*use.flag;
    const bool possible = truth || use.flag == &io::Condition::watched;
    ImGui::BeginDisabled(!possible);
    const std::string label = words ? std::string(use.word) + use.id : std::string(use.id);
    if (check(p, label.c_str(), on,
              possible ? use.tip : "A number holds nowhere: compare it to stop or mark")) {
      wish.change = index;
      wish.to = c;
      wish.to.*use.flag = on;
    }
    ImGui::EndDisabled();
    if (words)
      ImGui::SameLine();
    else
      ImGui::TableNextColumn();
  }
}

void on_off(Panel& p, int index, const io::Condition& c, Wish& wish) {
  bool on = c.on;
  if (!check(p, "##on", on, on ? "Switch this condition off" : "Switch this condition on")) return;
  wish.change = index;
  wish.to = c;
  wish.to.on = on;
}

void remove_button(Panel& p, int index, Wish& wish) {
  if (icon_button(p, "##remove", Icon::Close)) wish.remove = index;
  tip(p, "Remove this condition");
}

void as_table(Panel& p, UiState& ui, Wish& wish) {
  const auto& list = p.session.conditions().list();
  constexpr ImGuiTableFlags kFlags =
      ImGuiTableFlags_ScrollY | ImGuiTableFlags_RowBg | ImGuiTableFlags_NoSavedSettings;
  if (!ImGui::BeginTable("##conditions", 7, kFlags, ImVec2(0, ImGui::GetContentRegionAvail().y))) return;
  const float box = ImGui::GetFrameHeight();
  constexpr float kWords = 92;
  ImGui::TableSetupScrollFreeze(0, 1);
  ImGui::TableSetupColumn("##switch", ImGuiTableColumnFlags_WidthFixed, box + 18);
  ImGui::TableSetupColumn("Condition", ImGuiTableColumnFlags_WidthStretch);
  {
    const FontScope font(p.fonts.small);
    for (const Use& use : kUses)
      ImGui::TableSetupColumn(use.word, ImGuiTableColumnFlags_WidthFixed,
                              std::max(box, ImGui::CalcTextSize(use.word).x + 4));
    ImGui::TableSetupColumn("hits in this sequence", ImGuiTableColumnFlags_WidthFixed,
                            2 * box * 1.12f + 6 + kWords);
    ImGui::TableSetupColumn("##remove", ImGuiTableColumnFlags_WidthFixed, box * 1.12f);
    ImGui::TableHeadersRow();
  }
  for (int i = 0; i < static_cast<int>(list.size()); ++i) {
    const io::Condition& c = list[static_cast<std::size_t>(i)];
    ImGui::PushID(i);
    ImGui::TableNextRow();
    ImGui::TableNextColumn();
    on_off(p, i, c, wish);
    small_gap();
    sign(p, i, c.on);
    ImGui::TableNextColumn();
    condition_text(p, ui, i, ImGui::GetContentRegionAvail().x);
    ImGui::TableNextColumn();
    uses(p, i, c, wish, false);
    hits(p, i, kWords);
    ImGui::TableNextColumn();
    remove_button(p, i, wish);
    ImGui::PopID();
  }
  ImGui::EndTable();
}

void as_cards(Panel& p, UiState& ui, Wish& wish) {
  const auto& list = p.session.conditions().list();
  for (int i = 0; i < static_cast<int>(list.size()); ++i) {
    const io::Condition& c = list[static_cast<std::size_t>(i)];
    ImGui::PushID(i);
    on_off(p, i, c, wish);
    small_gap();
    sign(p, i, c.on);
    small_gap();
    const float room = ImGui::GetContentRegionAvail().x;
    condition_text(p, ui, i, room - ImGui::GetFrameHeight() * 1.12f - 8);
    small_gap();
    remove_button(p, i, wish);
    uses(p, i, c, wish, true);
    ImGui::NewLine();
    hits(p, i, room - 120);
    ImGui::Separator();
    ImGui::PopID();
  }
}

void presets(Panel& p) {
  const bool any = p.session.has_data();
  if (button("Ready-made", any)) ImGui::OpenPopup("presets");
  tip(p, "Conditions that fit this model and these data");
  if (!ImGui::BeginPopup("presets")) return;
  for (const session::ConditionPreset& preset : p.session.conditions().presets()) {
    if (ImGui::Selectable(preset.label)) {
      io::Condition c;
      c.text = preset.text;
      p.session.conditions().add(std::move(c));
    }
    ImGui::SameLine(260);
    dim(p, preset.text);
  }
  ImGui::EndPopup();
}

void draw_list(Panel& p, UiState& ui, float width) {
  Conditions& conditions = p.session.conditions();
  if (conditions.list().empty()) {
    dim_wrapped(
        p,
        "A condition stops the run where it holds, marks all its hits on the ruler, or is watched as a "
        "track. Try h[3] > 0.9, p(name) jumps 0.2, argmax changes or seq ~ TATAAT.");
    return;
  }
  Wish wish;
  if (width >= kTable)
    as_table(p, ui, wish);
  else
    as_cards(p, ui, wish);
  if (wish.change >= 0) conditions.change(wish.change, std::move(wish.to));
  if (wish.remove < 0) return;
  if (ui.conditions.editing >= wish.remove) ui.conditions.editing = -1;
  conditions.remove(wish.remove);
}

// ---- names

void draw_names(Panel& p, UiState& ui) {
  ConditionsState& state = ui.conditions;
  Conditions& conditions = p.session.conditions();
  const rnn::Network& net = p.session.network();
  if (!p.session.has_data()) return dim(p, "There is no network yet.");
  const int layers = static_cast<int>(net.layers.size());
  state.name_layer = std::clamp(state.name_layer, 0, layers - 1);
  const int hidden = net.layers[static_cast<std::size_t>(state.name_layer)].hidden;
  state.name_unit = std::clamp(state.name_unit, 0, hidden - 1);
  const auto show = [&](int layer, int unit) {
    state.name_layer = layer;
    state.name_unit = unit;
    state.name = conditions.unit_name(layer, unit);
  };
  if (layers > 1) {
    std::vector<std::string> names;
    std::vector<Choice> choices;
    for (int l = 0; l < layers; ++l) names.push_back(session::layer_name(net, l));
    for (const std::string& name : names) choices.push_back({name.c_str(), {}});
    ImGui::SetNextItemWidth(-FLT_MIN);
    if (const int chosen = choose_from_list(p, "##name_layer", choices, state.name_layer); chosen >= 0)
      show(chosen, std::min(state.name_unit, net.layers[static_cast<std::size_t>(chosen)].hidden - 1));
  }
  ImGui::AlignTextToFramePadding();
  text("unit");
  small_gap();
  ImGui::SetNextItemWidth(52);
  int unit = state.name_unit;
  if (whole_number(p, "##name_unit", unit, 0, hidden - 1)) show(state.name_layer, unit);
  tip(p, "Which unit, counted from 0");
  small_gap();
  ImGui::SetNextItemWidth(-FLT_MIN);
  const bool entered = ImGui::InputTextWithHint("##unit_name", "its name, then Enter", &state.name,
                                                ImGuiInputTextFlags_EnterReturnsTrue);
  const std::string why = query::name_problem(state.name);
  if (entered && why.empty()) conditions.name_unit(state.name_layer, state.name_unit, state.name);
  if (!why.empty()) icon_line(p, Icon::Error, p.theme.error, why);
  const std::vector<io::UnitName>& named = p.session.project().debugging.unit_names;
  if (named.empty())
    dim_wrapped(
        p,
        "A name stands for the unit in conditions, \"frame counter > 0.5\", and in the words about a step.");
  for (std::size_t i = 0; i < named.size(); ++i) {
    const io::UnitName name = named[i];
    ImGui::PushID(static_cast<int>(i));
    const bool there =
        name.layer < layers && name.unit < net.layers[static_cast<std::size_t>(name.layer)].hidden;
    const std::string words = (there ? query::unit_text(net, name.layer, query::kState, name.unit)
                                     : "unit " + std::to_string(name.unit) + ", not here") +
                              "  " + name.name;
    const float room = ImGui::GetContentRegionAvail().x - ImGui::GetFrameHeight() * 1.12f - 6;
    const float line = ImGui::GetFrameHeight();
    if (ImGui::Selectable(fitted_text(words, room).c_str(), false, 0, ImVec2(room, line)) && there)
      show(name.layer, name.unit);
    small_gap();
    if (icon_button(p, "##unname", Icon::Close, there)) conditions.name_unit(name.layer, name.unit, "");
    tip(p, "Take this name away; conditions then use the number");
    ImGui::PopID();
    if (named.size() <= i) break;
  }
}

}  // namespace

void draw_conditions_panel(Panel& p, UiState& ui, ImVec2 size) {
  const bool wide = size.x >= kTwoColumns;
  const float left = wide ? std::floor(size.x * 0.7f) : size.x;
  const float menu = ImGui::CalcTextSize("Ready-made").x + 2 * ImGui::GetStyle().FramePadding.x;
  if (wide) ImGui::BeginChild("##conditions_left", ImVec2(left, size.y));
  if (left < kTable) {
    // The field needs the whole line of a phone.
    draw_condition_field(p, ui, left);
    presets(p);
  } else {
    const float top = ImGui::GetCursorPosY();
    draw_condition_field(p, ui, left - menu - ImGui::GetStyle().ItemSpacing.x - 4);
    const float after = ImGui::GetCursorPosY();
    ImGui::SetCursorPos(ImVec2(left - menu - 4, top));
    presets(p);
    ImGui::SetCursorPosY(after);
  }
  draw_list(p, ui, left);
  if (wide) {
    ImGui::EndChild();
    ImGui::SameLine();
    if (ImGui::BeginChild("##conditions_right", ImVec2(0, size.y))) {
      dim(p, "Names of units");
      draw_names(p, ui);
    }
    ImGui::EndChild();
  } else {
    ImGui::Spacing();
    if (disclosure(p, "Names of units")) draw_names(p, ui);
  }
}

void add_condition_commands(CommandContext c, Commands& all) {
  Panel& p = c.panel;
  UiState& ui = c.ui;
  session::Session& session = p.session;
  const std::string none = !session.has_data() ? "there is no sequence yet"
                           : session.conditions().any_hits_wanted()
                               ? std::string()
                               : "there is no condition yet: press B to add one";
  const std::string no_data = session.has_data() ? std::string() : "there is no sequence yet";
  all.push_back({"Break", "Previous hit of a condition", ImGuiKey_LeftBracket, true, "breakpoint mark back",
                 none, [&session] { session.conditions().go_to_previous_hit(); }});
  all.push_back({"Break", "Next hit of a condition", ImGuiKey_RightBracket, true, "breakpoint mark forward",
                 none, [&session] { session.conditions().go_to_next_hit(); }});
  all.push_back({"Break", "New condition", ImGuiKey_B, false, "breakpoint watch mark stop edit", no_data,
                 [&p, &ui] { edit_condition(p, ui, -1); }});
  all.push_back({"Break", "Run to the next breakpoint", 0, false, "continue stop jump", none,
                 [&session] { session.conditions().run_to_stop(); }});
  if (!session.has_data()) return;
  for (const session::ConditionPreset& preset : session.conditions().presets())
    all.push_back({"Break",
                   std::string("Condition: ") + preset.label,
                   0,
                   false,
                   preset.text,
                   {},
                   [&session, text = preset.text] {
                     io::Condition condition;
                     condition.text = text;
                     session.conditions().add(std::move(condition));
                   }});
}

}  // namespace ribostep::ui
