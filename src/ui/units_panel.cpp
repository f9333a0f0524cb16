// Units: what one of them reads over the data set, and what its layer still remembers of the letters. The
// pictures are in units_pictures.
#include <imgui.h>
#include <misc/cpp/imgui_stdlib.h>

#include <algorithm>
#include <string>

#include "session/step_words.h"
#include "ui/format.h"
#include "ui/units_pictures.h"
#include "ui/widgets.h"

namespace ribostep::ui {
namespace {

constexpr float kControls = 216, kNarrow = 640, kNarrowContent = 420;

std::string stored_name(const session::Session& session, const experiment::UnitPick& pick) {
  for (const io::UnitName& n : session.project().debugging.unit_names)
    if (n.layer == pick.layer && n.unit == pick.unit) return n.name;
  return {};
}

std::string unit_words(const session::Session& session, const experiment::UnitPick& pick) {
  const std::string name = stored_name(session, pick);
  return session::value_symbol(session.network(), pick) + "[" + std::to_string(pick.unit) + "]" +
         (name.empty() ? std::string() : " \u201c" + name + "\u201d");
}

// The unit chosen in the inspector, when another one is; and always one that exists.
void follow(const session::Session& session, UiState& ui) {
  UnitsState& s = ui.units;
  const InspectorState& i = ui.inspector;
  const rnn::Network& net = session.network();
  if (s.inspector_layer != i.layer || s.inspector_unit != i.unit) {
    s.inspector_layer = i.layer;
    s.inspector_unit = i.unit;
    if (i.unit >= 0) {
      s.pick.layer = i.layer;
      s.pick.unit = i.unit;
    }
  }
  if (s.pick.layer < 0) s.pick.layer = session.units().space_layer();
  s.pick.layer = std::clamp(s.pick.layer, 0, static_cast<int>(net.layers.size()) - 1);
  const rnn::Layer& layer = net.layers[static_cast<std::size_t>(s.pick.layer)];
  s.pick.unit = std::clamp(s.pick.unit, 0, layer.hidden - 1);
  if (!experiment::exists(net, s.pick)) s.pick.value = experiment::UnitValue::State;
}

void ask_reading(Panel& p, const UnitsState& s) {
  experiment::UnitQuestion question;
  question.of = s.pick;
  question.peak = s.peak;
  question.width = s.width;
  if (!s.motif.empty()) question.words.push_back(s.motif);
  p.session.units().read(std::move(question));
}

void ask_probe(Panel& p, const UnitsState& s) {
  experiment::ProbeQuestion question;
  question.layer = s.pick.layer;
  question.cell = s.cell;
  question.lags = s.lags;
  p.session.units().probe(question);
}

// ---- controls

void draw_layer(Panel& p, UnitsState& s) {
  const rnn::Network& net = p.session.network();
  if (net.layers.size() < 2) return;
  std::vector<std::string> names;
  std::vector<Choice> choices;
  for (int l = 0; l < static_cast<int>(net.layers.size()); ++l) names.push_back(session::layer_name(net, l));
  for (const std::string& n : names) choices.push_back({n.c_str(), {}});
  row(p, "Layer");
  if (const int chosen = choose_from_list(p, "##unit_layer", choices, s.pick.layer); chosen >= 0)
    s.pick = {chosen, 0};
}

void draw_name(Panel& p, UnitsState& s) {
  if (s.name_layer != s.pick.layer || s.name_unit != s.pick.unit) {
    s.name = stored_name(p.session, s.pick);
    s.name_layer = s.pick.layer;
    s.name_unit = s.pick.unit;
  }
  row(p, "Name", "A name that conditions and labels use, such as frame counter");
  ImGui::SetNextItemWidth(-FLT_MIN);
  ImGui::InputTextWithHint("##unit_name", "none", &s.name);
  if (ImGui::IsItemDeactivatedAfterEdit())
    p.session.receive({{{"type", "verb"},
                        {"verb", "name_unit"},
                        {"layer", s.pick.layer},
                        {"unit", s.pick.unit},
                        {"name", s.name}},
                       {}});
  tip(p, "Enter keeps it; an empty name takes it away", "Enter");
}

void draw_reading_controls(Panel& p, UnitsState& s) {
  const rnn::Network& net = p.session.network();
  const rnn::Layer& layer = net.layers[static_cast<std::size_t>(s.pick.layer)];
  row(p, "Unit", "Counted from 0; choosing one in the inspector chooses it here, too");
  whole_number(p, "##unit_number", s.pick.unit, 0, layer.hidden - 1);
  row(p, "Value", "Its state h, its memory c, or one of its gates");
  std::vector<std::string> names{"state h"};
  std::vector<experiment::UnitPick> picks{{s.pick.layer, s.pick.unit}};
  if (rnn::has_cell_state(layer.cell)) {
    names.emplace_back("memory c");
    picks.push_back({s.pick.layer, s.pick.unit, experiment::UnitValue::Cell, 0});
  }
  const auto gates = rnn::gates(layer.cell);
  for (std::size_t g = 0; gates.size() > 1 && g < gates.size(); ++g) {
    names.push_back(std::string(gates[g].name) + " " + gates[g].symbol);
    picks.push_back({s.pick.layer, s.pick.unit, experiment::UnitValue::Gate, static_cast<int>(g)});
  }
  std::vector<Choice> values;
  int current = 0;
  for (std::size_t i = 0; i < names.size(); ++i) {
    values.push_back({names[i].c_str(), {}});
    if (picks[i] == s.pick) current = static_cast<int>(i);
  }
  if (const int chosen = choose_from_list(p, "##unit_value", values, current); chosen >= 0)
    s.pick = picks[static_cast<std::size_t>(chosen)];
  row(p, "Places", "Which places of the data set are shown: where its value is");
  const Choice peaks[] = {{"largest (\u00b1)", {}}, {"highest", {}}, {"lowest", {}}, {"rising most", {}}};
  if (const int chosen = choose_from_list(p, "##unit_peak", peaks, static_cast<int>(s.peak)); chosen >= 0)
    s.peak = static_cast<experiment::Peak>(chosen);
  row(p, "Window", "Letters that are shown, and that GC, CpG and words are counted in");
  whole_number(p, "##unit_width", s.width, 1, experiment::kMaxReadWidth);
  if (p.session.data().channels() == 0) {
    row(p, "Word",
        "A word in IUPAC letters whose hits are set against it, such as TATAWAW; those of conditions "
        "like seq ~ TATAWAW are tried anyway");
    ImGui::SetNextItemWidth(-FLT_MIN);
    ImGui::InputTextWithHint("##unit_motif", "none", &s.motif, ImGuiInputTextFlags_CharsUppercase);
  }
  draw_name(p, s);
}

void draw_probe_controls(Panel& p, UnitsState& s) {
  const bool memory =
      rnn::has_cell_state(p.session.network().layers[static_cast<std::size_t>(s.pick.layer)].cell);
  if (memory) {
    row(p, "From", "What the letters are recovered from");
    const Choice choices[] = {{"state h", {}}, {"memory c", {}}};
    if (const int chosen = choose_segment(p, "##probe_cell", choices, s.cell ? 1 : 0); chosen >= 0)
      s.cell = chosen == 1;
  }
  row(p, "Letters back", "How far back letters are asked for");
  whole_number(p, "##probe_lags", s.lags, 1, experiment::kMostLags);
}

void draw_controls(Panel& p, UnitsState& s) {
  session::Units& units = p.session.units();
  const Choice halves[] = {{"Reads", {}}, {"Remembers", {}}};
  if (const int chosen = choose_segment(p, "##unit_half", halves, s.memory ? 1 : 0); chosen >= 0)
    s.memory = chosen == 1;
  const bool busy = s.memory ? units.probe_busy() : units.reading_busy();
  const std::string why = s.memory ? units.probe_obstacle() : units.obstacle();
  if (busy) {
    if (button("Cancel###cancel_unit", true, -FLT_MIN)) units.cancel();
    progress(p, s.memory ? units.probe_progress() : units.reading_progress(), "");
  } else if (s.memory) {
    if (primary_button(p, "Probe the memory###probe_memory", why.empty(), -FLT_MIN)) ask_probe(p, s);
    tip(p,
        "Fits a linear read-out that recovers the letter k back from the state, and tests it on held-out "
        "sequences; for the untrained network, too");
  } else {
    const std::string words = "Read " + unit_words(p.session, s.pick) + "###read_unit";
    if (primary_button(p, words.c_str(), why.empty(), -FLT_MIN)) ask_reading(p, s);
    tip(p,
        "Looks through the data set for what this unit responds to, beside shuffled sequences and the "
        "untrained network",
        "U");
  }
  draw_layer(p, s);
  if (s.memory)
    draw_probe_controls(p, s);
  else
    draw_reading_controls(p, s);
  if (!why.empty()) dim_wrapped(p, "Not possible: " + why + ".");
  const std::string& failure = s.memory ? units.probe_failure() : units.reading_failure();
  if (!failure.empty()) severity_line(p, Severity::Error, failure);
}

// ---- what was found

void draw_reading(Panel& p, UiState& ui, ImVec2 size) {
  const session::Units& units = p.session.units();
  const experiment::UnitReading* found = units.reading();
  if (found == nullptr) {
    dim_wrapped(p,
                units.reading_busy()
                    ? "Reading the data set\u2026"
                    : "Choose a unit and press Read: the places where it is most active, what their letters "
                      "have in common, and what its value goes along with appear here.");
    return;
  }
  icon_line(p, Icon::Note, p.theme.accent,
            unit_words(p.session, found->question.of) + ": " + found->conclusion);
  std::string facts = "Over " + found->read.words();
  if (units.reading_stale()) facts += "; older than the weights";
  if (!(found->question.of == ui.units.pick)) facts += "; another unit is chosen now";
  dim_wrapped(p, facts);
  const float gap = ImGui::GetStyle().ItemSpacing.x;
  const ImVec2 room = ImGui::GetContentRegionAvail();
  const float height = std::max(room.y, 120.0f);
  if (size.x < kNarrow) {
    draw_windows(p, ui, *found, ImVec2(size.x, 220));
    draw_relations(p, *found, ImVec2(size.x, 220));
    return;
  }
  const float left = std::min(windows_width(*found), size.x * 0.5f);
  draw_windows(p, ui, *found, ImVec2(left, height));
  ImGui::SameLine();
  draw_relations(p, *found, ImVec2(size.x - left - gap, height));
}

void draw_memory(Panel& p, ImVec2 size) {
  const session::Units& units = p.session.units();
  const experiment::ProbeResult* found = units.probed();
  if (found == nullptr) {
    dim_wrapped(p, units.probe_busy() ? "Reading the data set\u2026"
                                      : "Press Probe: how well the letters read k steps ago can be recovered "
                                        "from the state, against k, appears here.");
    return;
  }
  icon_line(p, Icon::Note, p.theme.accent, found->conclusion);
  std::string facts = session::layer_name(p.session.network(), found->question.layer, true) +
                      (found->question.cell ? ", c" : ", h") + "; " + found->read.words() +
                      (found->by_sequence ? "; tested on other sequences than it was fitted on"
                                          : "; fitted on the first half, tested on the second");
  if (units.probe_stale()) facts += "; older than the weights";
  dim_wrapped(p, facts);
  draw_probe(p, *found, ImVec2(size.x, std::max(ImGui::GetContentRegionAvail().y, 120.0f)));
}

void show(CommandContext c, BottomTab tab) {
  c.panel.state.bottom_tab = tab;
  c.panel.state.show_bottom_tab = true;
  if (!c.panel.touch) return;
  c.panel.state.phone_tab = PhoneTab::Results;
  c.panel.state.show_phone_tab = true;
}

}  // namespace

void draw_units_panel(Panel& p, UiState& ui, ImVec2 size) {
  UnitsState& s = ui.units;
  if (!p.session.has_data() || p.session.data().empty()) {
    dim_wrapped(p, "Not possible: " + p.session.units().obstacle() + ".");
    return;
  }
  follow(p.session, ui);
  const float gap = ImGui::GetStyle().ItemSpacing.x;
  if (size.x < kNarrow) {
    draw_controls(p, s);
    if (s.memory)
      draw_memory(p, ImVec2(size.x, kNarrowContent));
    else
      draw_reading(p, ui, ImVec2(size.x, kNarrowContent));
    return;
  }
  ImGui::BeginChild("##unit_controls", ImVec2(kControls, size.y));
  draw_controls(p, s);
  ImGui::EndChild();
  ImGui::SameLine();
  const ImVec2 room(size.x - kControls - gap, size.y);
  ImGui::BeginChild("##unit_content", room);
  if (s.memory)
    draw_memory(p, room);
  else
    draw_reading(p, ui, room);
  ImGui::EndChild();
}

void add_unit_commands(CommandContext c, Commands& out) {
  session::Session& session = c.panel.session;
  session::Units& units = session.units();
  const auto add = [&](std::string title, ImGuiKeyChord chord, std::string words, std::string why_not,
                       std::function<void()> act) {
    Command command;
    command.group = "Units";
    command.title = std::move(title);
    command.chord = chord;
    command.words = std::move(words);
    command.why_not = std::move(why_not);
    command.act = std::move(act);
    out.push_back(std::move(command));
  };
  const std::string why = units.obstacle(), no_probe = units.probe_obstacle(),
                    no_space = units.space_obstacle();
  add("What does this unit read?", ImGuiKey_U, "top windows logo correlation neuron", why, [c] {
    follow(c.panel.session, c.ui);
    c.ui.units.memory = false;
    show(c, BottomTab::Units);
    const experiment::UnitReading* found = c.panel.session.units().reading();
    const bool known =
        found != nullptr && found->question.of == c.ui.units.pick && !c.panel.session.units().reading_stale();
    if (!known && !c.panel.session.units().reading_busy()) ask_reading(c.panel, c.ui.units);
  });
  add("How much does this layer remember?", 0, "memory probe linear read-out recover letters", no_probe, [c] {
    follow(c.panel.session, c.ui);
    c.ui.units.memory = true;
    show(c, BottomTab::Units);
    ask_probe(c.panel, c.ui.units);
  });
  add("Stop reading units", 0, "cancel probe",
      units.reading_busy() || units.probe_busy() ? "" : "nothing is being read",
      [c] { c.panel.session.units().cancel(); });
  add("State space", ImGuiKey_V, "PCA principal components hidden states path lasso", no_space,
      [c] { show(c, BottomTab::Space); });
  const std::string no_view = !no_space.empty()          ? no_space
                              : units.space() == nullptr ? "there are no axes yet: open State space first"
                                                         : "";
  add(units.axes_held() ? "Let the axes of the state space go" : "Hold the axes of the state space", 0,
      "compare sequences same plane", no_view,
      [c] { c.panel.session.units().hold_axes(!c.panel.session.units().axes_held()); });
  add("Clear the picked positions", 0, "lasso selection",
      c.ui.selection.picked.empty() ? "no positions are picked: draw round some in State space" : "", [c] {
        c.ui.selection.picked.clear();
        c.ui.space.picked_size = static_cast<std::size_t>(-1);
      });
}

}  // namespace ribostep::ui
