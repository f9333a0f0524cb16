// RUNS: what is kept, with what it differs in; the same run with one setting changed; the map of positions
// and updates.
#include <imgui.h>
#include <misc/cpp/imgui_stdlib.h>

#include <algorithm>
#include <cmath>

#include "session/history.h"
#include "ui/debug_panels.h"
#include "ui/form_widgets.h"
#include "ui/format.h"
#include "ui/history_map.h"
#include "ui/history_scrubber.h"
#include "ui/widgets.h"

namespace ribostep::ui {
namespace {

constexpr float kBeside = 720;      // narrower: the map stands under the table
constexpr float kMapShare = 0.36f;  // of the width
constexpr float kWideTable = 480, kPopup = 320, kLowMap = 180, kLowTable = 130;
constexpr ImGuiTableFlags kTableFlags = ImGuiTableFlags_ScrollY | ImGuiTableFlags_RowBg |
                                        ImGuiTableFlags_BordersInnerH | ImGuiTableFlags_NoSavedSettings;

// ---- the same run with one setting changed

void draw_replay_popup(Panel& p, HistoryState& state) {
  if (!ImGui::BeginPopup("replay")) return;
  session::Session& s = p.session;
  ImGui::Dummy(ImVec2(kPopup, 0));
  std::vector<session::Field> fields = session::train_form(s);
  auto field = std::find_if(fields.begin(), fields.end(),
                            [&](const session::Field& f) { return f.key == state.replay_key; });
  if (field == fields.end()) field = fields.begin();
  row(p, "Setting", "What is to be different; everything else stays");
  if (ImGui::BeginCombo("##replay_key", field->label.c_str())) {
    for (const session::Field& one : fields)
      if (ImGui::Selectable(one.label.c_str(), one.key == field->key)) {
        state.replay_key = one.key;
        state.replay_value = nullptr;
      }
    ImGui::EndCombo();
  }
  session::Field chosen = *field;
  if (s.training().state == session::TrainingState::Running) chosen.why_not.clear();  // a run of its own
  if (!state.replay_value.is_null()) chosen.value = state.replay_value;
  chosen.offers.clear();
  if (const std::optional<Chosen> now = draw_field(p, chosen)) state.replay_value = now->value;
  const std::int64_t updates = s.history().present();
  dim_wrapped(p, "Trains " + counted(updates, "update", "updates") + " from the same start, seed " +
                     std::to_string(s.project().seed) +
                     ". The present run is kept beside it, and Undo brings it back.");
  const bool other = !state.replay_value.is_null() && state.replay_value != field->value;
  if (primary_button(p, "Repeat###replay", other && chosen.why_not.empty(), -FLT_MIN)) {
    s.history().replay_with(chosen.key, state.replay_value);
    state.replay_value = nullptr;
    ImGui::CloseCurrentPopup();
  }
  if (!other) tip(p, "Choose another value first");
  ImGui::EndPopup();
}

void draw_run_controls(Panel& p, HistoryState& state, float width) {
  session::History& history = p.session.history();
  const bool any = history.present() > 0 && p.session.project().weights;
  ImGui::SetNextItemWidth(std::clamp(width * 0.25f, 90.0f, 170.0f));
  const bool entered =
      ImGui::InputTextWithHint("##run_name", width < kWideTable ? "Name" : "Name of this run", &state.name,
                               ImGuiInputTextFlags_EnterReturnsTrue);
  ImGui::SameLine();
  if (button("Keep", any) || (entered && any)) {
    history.keep(state.name);
    state.name.clear();
  }
  tip(p, any ? "Keeps the present run: its recipe and its curve" : "Train first: there is no run yet", "K");
  ImGui::SameLine();
  const std::string why = history.replay_obstacle();
  if (button("Repeat with one change...", why.empty()) || (state.open_replay && why.empty()))
    ImGui::OpenPopup("replay");
  state.open_replay = false;
  tip(p, why.empty() ? "The same start and as many updates with one setting of training changed" : why);
  draw_replay_popup(p, state);
  if (history.present() == 0) return;
  const std::string words = history.visit_obstacle().empty() ? history.memory_words() : std::string();
  const FontScope font(p.fonts.small);
  if (!words.empty()) {
    ImGui::SameLine();
    if (ImGui::CalcTextSize(words.c_str()).x > ImGui::GetContentRegionAvail().x) ImGui::NewLine();
    ImGui::AlignTextToFramePadding();
    dim(p, words);
    tip(p,
        "Weights kept of the present run and of others of this visit, compressed. They are not part of "
        "the project: a recipe brings them back");
  }
}

// ---- the table

// A narrow table has room for a name, one loss and the buttons.
struct RunColumns {
  bool wide = true, accuracy = true;
};

void number_cell(const Panel& p, double value, bool share) {
  ImGui::TableNextColumn();
  if (value < 0 || !std::isfinite(value)) return dim(p, "-");
  const FontScope font(p.fonts.mono_small);
  ImGui::AlignTextToFramePadding();
  text(share ? percent(value, 0) : significant(value, 3));
}

void name_cell(Panel& p, HistoryState& state, int run) {
  session::History& history = p.session.history();
  const std::string name = history.name_of(run);
  if (state.renaming == run) {
    if (state.rename_focus) ImGui::SetKeyboardFocusHere();
    state.rename_focus = false;
    ImGui::SetNextItemWidth(-FLT_MIN);
    const bool entered = ImGui::InputText("##rename", &state.typed, ImGuiInputTextFlags_EnterReturnsTrue);
    if (entered || ImGui::IsItemDeactivated()) {
      if (!ImGui::IsKeyPressed(ImGuiKey_Escape)) history.rename(run, state.typed);
      state.renaming = -1;
    }
    return;
  }
  ImGui::AlignTextToFramePadding();
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float mid = at.y + ImGui::GetFrameHeight() * 0.5f;
  ImGui::GetWindowDrawList()->AddRectFilled(ImVec2(at.x, mid - 4), ImVec2(at.x + 8, mid + 4),
                                            run_colour(p, run), 2);
  ImGui::SetCursorScreenPos(ImVec2(at.x + 13, at.y));
  if (ImGui::Selectable((name + "###name").c_str(), false, ImGuiSelectableFlags_AllowDoubleClick,
                        ImVec2(0, ImGui::GetFrameHeight()))) {
    state.renaming = run;
    state.typed = name;
    state.rename_focus = true;
  }
  tip(p, name + ", " + history.differences_of(run) + ": click to give it another name" +
             (history.runs()[static_cast<std::size_t>(run)].name.empty() ? ". It was kept by itself" : ""));
}

void draw_run(Panel& p, HistoryState& state, const RunColumns& columns, int run) {
  session::History& history = p.session.history();
  const io::KeptRun& kept = history.runs()[static_cast<std::size_t>(run)];
  ImGui::PushID(run);
  ImGui::TableNextRow();
  ImGui::TableNextColumn();
  bool shown = history.shown(run);
  if (ImGui::Checkbox("##shown", &shown)) history.show(run, shown);
  tip(p, shown ? "Its curve is drawn beside the present one" : "Its curve is hidden");
  ImGui::TableNextColumn();
  name_cell(p, state, run);
  const io::RunPoint last = kept.curve.empty() ? io::RunPoint{0, -1, -1, -1, -1} : kept.curve.back();
  if (columns.wide) {
    ImGui::TableNextColumn();
    ImGui::AlignTextToFramePadding();
    text(thousands(kept.updates));
    number_cell(p, last.train_loss, false);
    number_cell(p, last.validation_loss, false);
    if (columns.accuracy)
      number_cell(p, last.validation_accuracy >= 0 ? last.validation_accuracy : last.train_accuracy, true);
    ImGui::TableNextColumn();
    ImGui::AlignTextToFramePadding();
    const std::string words = history.differences_of(run);
    dim(p, fitted_text(words, ImGui::GetContentRegionAvail().x));
    tip(p, "Beside the present run: " + words);
  } else {
    number_cell(p, last.validation_loss >= 0 ? last.validation_loss : last.train_loss, false);
  }
  ImGui::TableNextColumn();
  const std::string why = history.open_obstacle(run);
  const bool open = button("Open", why.empty());
  tip(p, why.empty() ? "Its model and settings again, and its weights trained anew to the same bits; Undo "
                       "brings the present run back"
                     : "Cannot be opened: " + why);
  ImGui::SameLine(0, 4);
  const bool remove = icon_button(p, "##remove", Icon::Close);
  tip(p, "Removes this run; Undo brings it back");
  ImGui::PopID();
  if (open) return history.open(run);
  if (remove) history.remove(run);
}

void draw_table(Panel& p, HistoryState& state, ImVec2 size) {
  session::History& history = p.session.history();
  if (history.runs().empty()) {
    dim_wrapped(p,
                "No run is kept yet. A run that is left by Reset, a new start or another model is kept by "
                "itself; Keep gives it a name. Their curves are drawn beside the present one.");
    return;
  }
  const bool wide = ImGui::GetContentRegionAvail().x >= kWideTable;
  const RunColumns columns{wide, wide && p.session.project().model.task != rnn::Task::NextVector};
  const FontScope font(p.fonts.small);  // for all of the table: a font belongs to the window it began in
  ImGui::PushStyleVar(ImGuiStyleVar_CellPadding, ImVec2(3, 1));
  if (ImGui::BeginTable("##runs", columns.accuracy ? 8 : wide ? 7 : 4, kTableFlags, size)) {
    const auto fixed = [](const char* name, float width) {
      ImGui::TableSetupColumn(name, ImGuiTableColumnFlags_WidthFixed,
                              std::max(ImGui::CalcTextSize(name, nullptr, true).x, width) + 2);
    };
    const float number = ImGui::CalcTextSize("0.0000").x, frame = ImGui::GetFrameHeight();
    ImGui::TableSetupScrollFreeze(0, 1);
    fixed("##column_shown", frame);
    ImGui::TableSetupColumn("run", ImGuiTableColumnFlags_WidthStretch, 1);
    if (wide) fixed("updates", number);
    if (wide) fixed("train", number);
    fixed(wide ? "valid." : "loss", number);
    if (columns.accuracy) fixed("right", ImGui::CalcTextSize("100 %").x);
    if (wide) ImGui::TableSetupColumn("differs in", ImGuiTableColumnFlags_WidthStretch, 2);
    fixed("##column_act", ImGui::CalcTextSize("Open").x + 2 * ImGui::GetStyle().FramePadding.x + frame + 8);
    ImGui::TableHeadersRow();
    // One may be removed, or others come, while they are drawn.
    for (int run = 0; run < static_cast<int>(history.runs().size()); ++run) draw_run(p, state, columns, run);
    ImGui::EndTable();
  }
  ImGui::PopStyleVar();
}

}  // namespace

void draw_runs_panel(Panel& p, UiState& ui, ImVec2 size) {
  HistoryState& state = ui.history;
  if (!p.session.has_data()) return dim(p, "Load sequences first: runs are kept once something is trained.");
  const bool beside = size.x >= kBeside;
  const float space = ImGui::GetStyle().ItemSpacing.x + 6;
  const float left = beside ? std::floor(size.x * (1 - kMapShare)) : size.x;
  const float top = ImGui::GetCursorPosY();
  if (beside) ImGui::BeginChild("##runs_left", ImVec2(left, size.y));
  draw_run_controls(p, state, left);
  if (!beside) draw_scrubber(p, left);  // on a phone the curves are elsewhere
  const float rest = beside ? ImGui::GetContentRegionAvail().y : kLowTable;
  draw_table(p, state, ImVec2(0, std::max(rest, kLowTable * 0.5f)));
  if (beside) {
    ImGui::EndChild();
    ImGui::SameLine(0, space);
    ImGui::BeginChild("##runs_map", ImVec2(size.x - left - space, size.y));
    draw_time_map(p, state, ImVec2(size.x - left - space, size.y));
    ImGui::EndChild();
  } else {
    const float room = size.y - (ImGui::GetCursorPosY() - top);
    draw_time_map(p, state, ImVec2(size.x, std::max(room, kLowMap)));
  }
  if (p.session.has_work()) ui.wants_frame = true;
}

void add_history_commands(CommandContext context, Commands& all) {
  Panel& p = context.panel;
  session::Session& s = p.session;
  session::History& history = s.history();
  const std::string why = history.visit_obstacle();
  const auto add = [&](const char* title, ImGuiKeyChord chord, bool repeats, const char* words,
                       std::string why_not, std::function<void()> act) {
    all.push_back({"Time", title, chord, repeats, words, std::move(why_not), std::move(act)});
  };
  const std::string last = history.visiting() ? std::string() : "the last update is on show already";
  add("Earlier checkpoint", ImGuiKey_PageUp, true, "history back epoch update training",
      why.empty() && history.update_shown() == 0 ? "the first update is on show already" : why,
      [&history] { history.earlier(); });
  add("Later checkpoint", ImGuiKey_PageDown, true, "history forward epoch update training", last,
      [&history] { history.later(); });
  add("Back to the last update", 0, false, "history leave visit", last, [&history] { history.leave(); });
  add("Go on from the update on show", 0, false, "history branch continue training",
      history.visiting() ? std::string() : "choose an earlier update first",
      [&history] { history.go_on_from_here(); });
  add("Keep this run", ImGuiKey_K, false, "save curve compare",
      history.present() > 0 ? std::string() : "nothing has been trained yet: press Train",
      [&history] { history.keep({}); });
  const auto show_tab = [state = &p.state, ui = &context.ui] {
    state->bottom_tab = BottomTab::Runs;
    state->show_bottom_tab = true;
    state->phone_tab = PhoneTab::Results;
    return ui;
  };
  add("Repeat the run with one setting changed...", 0, false, "replay again learning rate",
      history.replay_obstacle(), [show_tab] { show_tab()->history.open_replay = true; });
  add("Runs: kept runs and the map of updates", 0, false, "history compare curves",
      s.has_data() ? std::string() : "load sequences first", [show_tab] { show_tab(); });
  for (int run = 0; run < static_cast<int>(history.runs().size()); ++run)
    all.push_back({"Time", "Open " + history.name_of(run), 0, false, "kept run", history.open_obstacle(run),
                   [&history, run] { history.open(run); }});
}

}  // namespace ribostep::ui
