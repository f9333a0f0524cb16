// The strip at the top; see toolbar.h. Tooltips speak of letters and codons, and name the key.
#include "ui/toolbar.h"

#include <algorithm>
#include <cmath>

#include "session/conditions.h"
#include "ui/format.h"
#include "ui/widgets.h"

namespace ribostep::ui {
namespace {

using session::Session;

// Widths (CSS pixels) from which the strip has room for wide gaps, for everything, and for the speed of
// running.
constexpr float kRoomy = 1180, kFull = 1040, kWithSpeed = 900;
constexpr float kHitButtons = 76;  // what the two buttons for hits take of it

struct ThemeButton {
  Icon icon;
  const char* tip;
  ThemeMode next;
};
constexpr ThemeButton kThemes[] = {
    {Icon::Contrast, "Colours as the system; click for light", ThemeMode::Light},
    {Icon::Sun, "Light colours; click for dark", ThemeMode::Dark},
    {Icon::Moon, "Dark colours; click to follow the system", ThemeMode::System}};

void gap(float width) { ImGui::SameLine(0, width); }

// A button with a menu under it, moved left where it would leave the screen.
bool menu_button(const char* label, const char* popup) {
  if (ImGui::Button(label)) ImGui::OpenPopup(popup);
  const ImVec2 below(ImGui::GetItemRectMin().x, ImGui::GetItemRectMax().y + 3);
  ImGui::SetNextWindowPos(below, ImGuiCond_Appearing);
  if (!ImGui::BeginPopup(popup)) return false;
  const float most = ImGui::GetMainViewport()->Size.x - ImGui::GetWindowWidth() - 4;
  const float x = std::max(std::min(below.x, most), 4.0f);
  if (x != ImGui::GetWindowPos().x) ImGui::SetWindowPos(ImVec2(x, below.y));
  return true;
}

void draw_transport(Panel& p) {
  Session& s = p.session;
  const bool any = s.has_data() && s.length() > 0;
  const bool before_end = any && s.position() < s.length(), after_start = any && s.position() > 0;
  if (icon_button(p, "##first", Icon::First, after_start)) s.go_to(0);
  tip(p, "To the start, before the first letter (h_0)", "Home");
  gap(3);
  ImGui::PushButtonRepeat(true);
  if (icon_button(p, "##back", Icon::Back, after_start)) s.step(-1);
  ImGui::PopButtonRepeat();
  tip(p, "Back one letter", "Left; Shift + Left: one codon");
  gap(3);
  const bool running = s.running();
  if (icon_button(p, "##run", running ? Icon::Pause : Icon::Play, running || before_end, running)) {
    s.set_running(!running);
  }
  tip(p, running ? "Pause" : "Read on by itself", "Space");
  gap(3);
  ImGui::PushButtonRepeat(true);
  if (icon_button(p, "##next", Icon::Next, before_end)) s.step(1);
  ImGui::PopButtonRepeat();
  tip(p, "Read one letter", "Right; Shift + Right: one codon");
  gap(3);
  if (icon_button(p, "##last", Icon::Last, before_end)) s.go_to(s.length());
  tip(p, "To the end, after the last letter", "End");
}

// From one hit of the conditions to the next; only where there are conditions.
void draw_hits(Panel& p) {
  Session& s = p.session;
  const session::Conditions& conditions = s.conditions();
  const int position = s.position();
  gap(8);
  if (icon_button(p, "##previous_hit", Icon::PreviousHit, conditions.previous_hit(position) >= 0))
    s.conditions().go_to_previous_hit();
  tip(p, "Previous hit of a condition", "[");
  gap(3);
  if (icon_button(p, "##next_hit", Icon::NextHit, conditions.next_hit(position) >= 0))
    s.conditions().go_to_next_hit();
  tip(p, "Next hit of a condition", "]");
}
bool has_hits(const Panel& p) { return p.session.has_data() && p.session.conditions().any_hits_wanted(); }

void draw_speed(Panel& p) {
  double speed = p.session.run_speed();
  ImGui::SetNextItemWidth(p.touch ? 84.0f : 66.0f);
  if (number(p, "##speed", speed, {0.5, 500, 1, true, speed < 9.95 ? "%.1f /s" : "%.0f /s"})) {
    p.session.set_run_speed(speed);
  }
  tip(p, "Letters per second while running. Drag, or click and type.");
}

void draw_position(Panel& p) {
  Session& s = p.session;
  const int length = s.has_data() ? s.length() : 0;
  ImGui::AlignTextToFramePadding();
  ImGui::PushStyleColor(ImGuiCol_Text, p.theme.text_dim);
  text("pos");
  ImGui::PopStyleColor();
  gap(6);
  int position = s.has_data() ? s.position() : 0;
  const FontScope font(p.fonts.mono);
  ImGui::SetNextItemWidth(ImGui::CalcTextSize("00000").x + 18);
  const int before = position;
  ImGui::BeginDisabled(length == 0);
  const float speed =
      std::max(0.25f, static_cast<float>(length) / 800);  // the whole sequence in a hand's width
  ImGui::DragInt("##position", &position, speed, 0, length, "%d", ImGuiSliderFlags_AlwaysClamp);
  ImGui::EndDisabled();
  if (position != before && length > 0) s.go_to(position);
  tip(p, "Letters read so far; 0 is the state before the first. Drag, or click and type.");
  gap(6);
  text("/ " + std::to_string(length));
}

void draw_twin(Panel& p, bool full) {
  const bool on = p.session.showing_untrained_twin();
  const bool possible = on || (p.session.has_data() && p.session.trained());
  const Theme& t = p.theme;
  if (on) {
    ImGui::PushStyleColor(ImGuiCol_Button, mixed(t.panel, t.warning, 0.22f));
    ImGui::PushStyleColor(ImGuiCol_Border, t.warning);
  }
  const char* label = full ? (on ? "Untrained twin: on###twin" : "Untrained twin###twin")
                           : (on ? "Twin: on###twin" : "Twin###twin");
  if (button(label, possible)) p.session.show_untrained_twin(!on);
  if (on) ImGui::PopStyleColor(2);
  tip(p, possible ? "Show the same network before training: same start, no updates"
                  : "This network is untrained: it is its own twin");
}

void draw_history(Panel& p) {
  Session& s = p.session;
  if (icon_button(p, "##undo", Icon::Undo, s.can_undo())) s.undo();
  const std::string what = s.can_undo() ? s.undo_label() : std::string();
  tip(p, what.empty() ? "Undo" : "Undo: " + what, "Ctrl + Z");
  gap(3);
  if (icon_button(p, "##redo", Icon::Redo, s.can_redo())) s.redo();
  tip(p, "Redo", "Ctrl + Shift + Z");
}

void export_items(Panel& p, UiState& ui) {
  const bool any = p.session.has_data();
  if (ImGui::MenuItem("Project file (.ribostep.json)", nullptr, false, any)) p.session.export_project();
  if (ImGui::MenuItem("Trace of this sequence (TSV)", nullptr, false, any && p.session.trace() != nullptr)) {
    p.session.export_trace();
  }
  if (ImGui::MenuItem("Predictions (TSV)", nullptr, false, p.session.predictions().available)) {
    p.session.export_predictions();
  }
  if (ImGui::MenuItem("Figure of the tracks (SVG)", nullptr, false, any))
    ui.shell.exports.push_back({ExportRequest::What::Svg, {}});
  if (ImGui::MenuItem("Figure of the tracks (PNG)", nullptr, false, any))
    ui.shell.exports.push_back({ExportRequest::What::Png, {}});
  ImGui::Separator();
  if (ImGui::MenuItem("Copy link: recipe, retrained on opening", nullptr, false, any))
    p.session.share(io::WeightsAs::Recipe);
  if (ImGui::MenuItem("Copy link with weights, 32 bits", nullptr, false, any))
    p.session.share(io::WeightsAs::Float32);
  if (ImGui::MenuItem("Copy link with weights, 16 bits", nullptr, false, any))
    p.session.share(io::WeightsAs::Float16);
}

void draw_export_menu(Panel& p, UiState& ui) {
  if (menu_button("Export", "export")) {
    export_items(p, ui);
    ImGui::EndPopup();
  } else {
    tip(p, "Save the project, the trace or the predictions as a file");
  }
}

void set_theme(Panel& p, ThemeMode mode) {
  p.state.theme_mode = mode;
  p.state.preferences_changed = true;
}

// On a phone the rarer things share one menu.
void draw_more_menu(Panel& p, UiState& ui) {
  if (!menu_button("More", "more")) return;
  if (ImGui::MenuItem("Find a command...", "Ctrl + K")) ui.shell.palette.opening = true;
  if (ImGui::MenuItem("Open a file...")) p.session.ask_for_file();
  export_items(p, ui);
  ImGui::Separator();
  if (has_hits(p)) {
    const session::Conditions& conditions = p.session.conditions();
    const int position = p.session.position();
    if (ImGui::MenuItem("Previous hit of a condition", nullptr, false,
                        conditions.previous_hit(position) >= 0))
      p.session.conditions().go_to_previous_hit();
    if (ImGui::MenuItem("Next hit of a condition", nullptr, false, conditions.next_hit(position) >= 0))
      p.session.conditions().go_to_next_hit();
    ImGui::Separator();
  }
  const bool twin = p.session.showing_untrained_twin();
  if (ImGui::MenuItem("Untrained twin", nullptr, twin, twin || p.session.trained()))
    p.session.show_untrained_twin(!twin);
  double speed = p.session.run_speed();
  ImGui::SetNextItemWidth(110);
  if (number(p, "letters per second", speed, {0.5, 500, 1, true, "%.3g"})) p.session.set_run_speed(speed);
  ImGui::Separator();
  static constexpr const char* kNames[] = {"Colours: as the system", "Colours: light", "Colours: dark"};
  for (std::size_t i = 0; i < std::size(kNames); ++i) {
    const auto mode = static_cast<ThemeMode>(i);
    if (ImGui::MenuItem(kNames[i], nullptr, p.state.theme_mode == mode)) set_theme(p, mode);
  }
  ImGui::EndPopup();
}

void draw_theme_button(Panel& p) {
  const ThemeButton& mode = kThemes[static_cast<std::size_t>(p.state.theme_mode)];
  if (icon_button(p, "##theme", mode.icon)) set_theme(p, mode.next);
  tip(p, mode.tip);
}

void draw_files(Panel& p, UiState& ui) {
  if (button("Share", p.session.has_data())) p.session.share();
  tip(p, "Copy a link that opens this data, this model and this position");
  gap(4);
  if (ImGui::Button("Open")) p.session.ask_for_file();
  tip(p, "Open sequences (FASTA, table, plain) or a project file. Pasting anywhere works too.", "Ctrl + V");
  gap(4);
  draw_export_menu(p, ui);
}

void draw_help_button(Panel& p) {
  if (icon_button(p, "##help", Icon::Help, true, p.state.help_open)) p.state.help_open = !p.state.help_open;
  tip(p, "Keys and gestures. Ctrl + K finds any command by its name.", "?");
}

void draw_examples_menu(Panel& p) {
  if (menu_button("Examples", "examples")) {
    draw_examples(p, p.touch ? 320.0f : 440.0f);
    ImGui::EndPopup();
  } else {
    tip(p, "Built-in data sets");
  }
}

void draw_title(Panel& p) {
  const FontScope font(p.fonts.title);
  ImGui::TextUnformatted("Ribostep");
}

float small_line(const Panel& p) {
  const FontScope font(p.fonts.small);
  return ImGui::GetTextLineHeight();
}

void example_tip(Panel& p, const session::Example& e) {
  std::string words = e.description;
  if (!e.traps.empty()) words += "\n\nTraps: " + e.traps;
  tip(p, words, e.citation + (e.licence.empty() ? "" : "\nLicence: " + e.licence));
}

}  // namespace

float toolbar_height(bool touch) {
  const float row = ImGui::GetFrameHeight();
  return touch ? row * 2 + ImGui::GetStyle().ItemSpacing.y + 16 : row + 18;
}

void draw_examples(Panel& p, float width) {
  const std::vector<session::Example>& examples = p.session.examples();
  if (examples.empty()) dim(p, "The list of examples is still loading.");
  const std::string current = p.session.project().data.example;
  const float line = ImGui::GetTextLineHeight(), small = small_line(p);
  for (const session::Example& e : examples) {
    ImGui::PushID(e.id.c_str());
    const bool chosen = ImGui::Selectable("##example", e.id == current, ImGuiSelectableFlags_None,
                                          ImVec2(width, line + small + 8));
    example_tip(p, e);
    const ImVec2 at = ImGui::GetItemRectMin(), end = ImGui::GetItemRectMax();
    ImDrawList& list = *ImGui::GetWindowDrawList();
    list.PushClipRect(at, end, true);
    list.AddText(ImVec2(at.x + 6, at.y + 3), p.theme.text, e.title.c_str());
    const float title = ImGui::CalcTextSize(e.title.c_str()).x;
    {
      const FontScope font(p.fonts.small);
      const std::string facts =
          e.alphabet + (e.records > 0 ? ", " + counted(e.records, "record", "records") : "");
      list.AddText(ImVec2(at.x + 14 + title, at.y + 3 + (line - small) * 0.75f), p.theme.text_dim,
                   facts.c_str());
      const std::string words = fitted_text(e.description, end.x - at.x - 12);
      list.AddText(ImVec2(at.x + 6, at.y + 5 + line), p.theme.text_dim, words.c_str());
    }
    list.PopClipRect();
    ImGui::PopID();
    if (!chosen) continue;
    p.session.load_example(e.id);
    ImGui::CloseCurrentPopup();
  }
}

void draw_toolbar(Panel& p, UiState& ui, float width) {
  if (p.touch) {
    draw_transport(p);
    gap(6);
    draw_position(p);
    // A narrow phone has them in the menu.
    if (has_hits(p) && ImGui::GetItemRectMax().x + kHitButtons * 1.5f <= width) draw_hits(p);
    draw_examples_menu(p);
    gap(4);
    if (button("Share", p.session.has_data())) p.session.share();
    gap(4);
    draw_more_menu(p, ui);
    gap(12);
    draw_history(p);
    gap(12);
    draw_help_button(p);
    return;
  }
  const bool hits = has_hits(p);
  const float room = hits ? width - kHitButtons : width;
  const bool roomy = room >= kRoomy;
  if (room >= kFull) {
    draw_title(p);
    gap(14);
  }
  draw_examples_menu(p);
  gap(roomy ? 18.0f : 10.0f);
  draw_transport(p);
  if (hits) draw_hits(p);
  if (room >= kWithSpeed) {
    gap(6);
    draw_speed(p);
  }
  gap(roomy ? 16.0f : 10.0f);
  draw_position(p);
  gap(roomy ? 18.0f : 10.0f);
  draw_twin(p, room >= kFull);
  // The right-hand group keeps to the right edge.
  const ImGuiStyle& style = ImGui::GetStyle();
  const float icon = std::floor(ImGui::GetFrameHeight() * 1.12f);
  const float words = ImGui::CalcTextSize("ShareOpenExport").x + style.FramePadding.x * 6;
  const float group = icon * 4 + words + 3 + 4 * 3 + (roomy ? 30.0f : 16.0f) + 4;
  gap(roomy ? 16.0f : 8.0f);
  const float here = ImGui::GetCursorPosX();
  const float right = width - style.WindowPadding.x - group;
  if (right > here) ImGui::SetCursorPosX(right);
  draw_history(p);
  gap(roomy ? 15.0f : 8.0f);
  draw_files(p, ui);
  gap(roomy ? 15.0f : 8.0f);
  draw_theme_button(p);
  gap(4);
  draw_help_button(p);
}

}  // namespace ribostep::ui
