// Back again: strings to learn a machine from, a machine got out of the trained network, how it compares with
// the true one, and its counterexample as training data.
#include <algorithm>

#include "session/machine.h"
#include "ui/format.h"
#include "ui/machine_parts.h"

namespace ribostep::ui {
namespace {

constexpr float kControls = 262;
constexpr const char* kRecipe = "Model and settings that learn small languages; then press Train";

void draw_data(Panel& p, MachineState& s) {
  session::Machine& m = p.session.machine();
  const std::string why = m.compile_obstacle(motif::Construction::Exact);
  // Three numbers in a row: strings, shortest, longest.
  row(p, "Strings",
      "How many are made, and their shortest and longest length; half are accepted where possible");
  const float gap = 4, third = (ImGui::GetContentRegionAvail().x - 2 * gap) / 3;
  ImGui::SetNextItemWidth(third);
  bool other = whole_number(p, "##machine_records", s.sample.records, 4, 20000);
  tip(p, "How many");
  ImGui::SameLine(0, gap);
  ImGui::SetNextItemWidth(third);
  other |= whole_number(p, "##machine_shortest", s.sample.min_length, 1, s.sample.max_length);
  tip(p, "Letters of the shortest");
  ImGui::SameLine(0, gap);
  ImGui::SetNextItemWidth(third);
  other |= whole_number(p, "##machine_longest", s.sample.max_length, s.sample.min_length, 2000);
  tip(p, "Letters of the longest");
  if (other || s.refused_of != m.stages_serial()) s.sample_refused.clear();
  if (button("Make training data###machine_data", why.empty(), -70)) {
    m.make_data(s.sample);
    const session::Status& status = p.session.status();
    s.sample_refused = status.severity == Severity::Error ? status.text : std::string();
    s.refused_of = m.stages_serial();
  }
  tip(p, why.empty() ? "Strings with the machine's answer as label replace the data; Undo brings them back"
                     : why);
  constexpr std::pair<const char*, rnn::CellKind> kCells[] = {
      {"Elman", rnn::CellKind::ElmanTanh}, {"GRU", rnn::CellKind::Gru}, {"LSTM", rnn::CellKind::Lstm}};
  ImGui::SameLine(0, 4);
  ImGui::SetNextItemWidth(-FLT_MIN);
  seed_number("##machine_seed", s.sample.seed);
  tip(p, "Seed: another one makes other strings");
  if (!s.sample_refused.empty()) icon_sentence(p, Icon::Error, p.theme.error, s.sample_refused);
  ImGui::AlignTextToFramePadding();
  dim(p, "Recipe");
  tip(p, kRecipe);
  ImGui::SameLine(0, 8);
  const float each = (ImGui::GetContentRegionAvail().x - 2 * gap) / 3;
  for (const auto& [name, cell] : kCells) {
    if (cell != kCells[0].second) ImGui::SameLine(0, gap);
    if (button(name, p.session.has_data(), each)) m.use_recipe(cell);
    tip(p, kRecipe);
  }
}

void draw_questions(Panel& p, MachineState& s) {
  session::Machine& m = p.session.machine();
  const Choice methods[] = {{"Questions (L*)", {}}, {"Clusters", m.extract_obstacle(true)}};
  if (const int chosen = choose_segment(p, "##machine_method", methods, s.extraction.clusters ? 1 : 0);
      chosen >= 0)
    s.extraction.clusters = chosen == 1;
  const int most = s.extraction.clusters ? session::kMostClusters : session::kMostExtractedStates;
  s.extraction.max_states = std::min(s.extraction.max_states, most);
  machine_action(
      p, "Extract###extract_machine",
      "Asks the network about strings until a machine gives the same answers to all that are tried",
      m.extract_obstacle(s.extraction.clusters), m.extract_busy(), m.extract_progress(), m.extract_stage(),
      [&] { m.extract(s.extraction, s.accept_class); }, [&] { m.cancel_extract(); });
  if (!m.extract_failure().empty()) severity_line(p, Severity::Error, m.extract_failure());
  const std::vector<std::string>& names = p.session.output_names();
  std::vector<Choice> classes;
  for (const std::string& name : names) classes.push_back({name.c_str(), {}});
  if (s.accept_class >= static_cast<int>(names.size())) s.accept_class = -1;
  row(p, "Accepts", "The class that counts as accepted");
  if (const int chosen =
          choose_from_list(p, "##machine_class", classes,
                           s.accept_class >= 0 ? s.accept_class : std::max(m.accept_class(), 0));
      chosen >= 0)
    s.accept_class = chosen;
  row(p, s.extraction.clusters ? "Clusters" : "Most states",
      s.extraction.clusters ? "Every number from 2 up to this is tried" : "It gives up above");
  whole_number(p, "##machine_most", s.extraction.max_states, 2, most);
}

std::string shown(const motif::Word& word, const std::string& symbols) {
  return word.empty() ? "the empty string" : motif::word_text(word, symbols);
}

void draw_comparison(Panel& p) {
  session::Machine& m = p.session.machine();
  const motif::Extraction& found = *m.extracted();
  const session::Machine::Comparison& c = m.comparison();
  if (m.extract_stale())
    severity_line(p, Severity::Warning, "Of weights that have changed since: extract again.");
  // What was asked belongs to the answer.
  std::string about = counted(found.machine->states(), "state", "states") + ", as the network on " +
                      std::to_string(found.fidelity.same) + " of " + std::to_string(found.fidelity.strings) +
                      " held-out strings; " + thousands(found.questions) + " questions" +
                      (found.clusters || found.settled ? "" : ", not settled");
  const std::vector<std::string>& names = p.session.output_names();
  if (const int asked = m.asked_class(); asked >= 0 && asked < static_cast<int>(names.size()))
    about += "; accepting means class \"" + names[static_cast<std::size_t>(asked)] + "\"";
  if (m.told_empty()) about += "; the empty string, which cannot be trained on, was told";
  dim_sentence(p, about);
  if (found.counterexample)
    icon_line(p, Icon::Warning, p.theme.warning,
              "Network and this machine differ on " + shown(*found.counterexample, found.machine->symbols));
  if (c.possible) {
    std::string words = "Same language as the pattern: yes, exactly.";
    if (!c.same)
      words =
          "Not the pattern's language. Shortest difference: " + shown(c.shortest, found.machine->symbols) +
          (c.machine_accepts ? " (pattern yes, this machine no)" : " (pattern no, this machine yes)");
    icon_line(p, c.same ? Icon::Note : Icon::Error, c.same ? p.theme.accent : p.theme.error, words);
  }
  const std::string why = m.counterexample_obstacle();
  if (c.same && !found.counterexample) return;
  if (button("Add the counterexample and train on###learn_counterexample", why.empty()))
    m.learn_counterexample(true);
  tip(p,
      why.empty()
          ? "Puts it into the training data with the pattern's answer and trains with the weights there are"
          : "Not possible: " + why);
}

void draw_clusters(const Panel& p, const motif::Extraction& found) {
  if (found.rows.empty() ||
      !ImGui::BeginTable("##machine_clusters", 4, ImGuiTableFlags_SizingFixedFit | ImGuiTableFlags_RowBg))
    return;
  for (const char* title : {"clusters", "states", "ambiguity", "fidelity"}) ImGui::TableSetupColumn(title);
  ImGui::TableHeadersRow();
  for (std::size_t i = 0; i < found.rows.size(); ++i) {
    const motif::ClusterRow& row_of = found.rows[i];
    const bool chosen = static_cast<int>(i) == found.chosen;
    ImGui::TableNextRow();
    if (chosen) ImGui::TableSetBgColor(ImGuiTableBgTarget_RowBg0, p.theme.selection);
    for (const std::string& cell :
         {std::to_string(row_of.clusters) + (chosen ? " \u25c0" : ""), std::to_string(row_of.states),
          percent(row_of.ambiguity), percent(row_of.fidelity.share())}) {
      ImGui::TableNextColumn();
      text(cell);
    }
  }
  ImGui::EndTable();
}

void draw_found(Panel& p, UiState& ui, ImVec2 size) {
  session::Machine& m = p.session.machine();
  const motif::Extraction* found = m.extracted();
  if (found == nullptr || !found->machine)
    return dim_wrapped(p, found != nullptr ? "No machine: " + found->problem
                          : m.extract_busy()
                              ? "Asking the network\u2026"
                              : "A trained network can be asked which machine it is: by questions "
                                "(L*), or by clusters of its hidden states. Try it: choose a language "
                                "on the left, make training data, take a recipe, press Train, extract.");
  draw_comparison(p);
  MachineDrawing& d = ui.machine.found;
  if (!(ui.machine.found_of == *found->machine)) {
    ui.machine.found_of = *found->machine;
    picture_dfa(p, *found->machine, m.extracted_access(), p.session.data().alphabet(), d);
  }
  if (d.graph.nodes.empty()) {
    dim_wrapped(p, "Too many states to draw: copy it as text.");
  } else {
    const ImVec2 room(ImGui::GetContentRegionAvail().x, std::max(110.0f, size.y - 90));
    const MachineMouse mouse = draw_machine(p, d, "##machine_found", room, {});
    if (mouse.hovered >= 0)
      tip(p, motif::state_label(*found->machine, m.extracted_access(), mouse.hovered) +
                 (found->machine->accepts(mouse.hovered) ? ", accepts" : ", rejects"));
  }
  if (button("Copy###copy_found")) post(p, {{"type", "copy"}, {"text", d.text}});
  tip(p, "Copies the machine as text");
  ImGui::SameLine();
  if (button("DOT###dot_found")) post(p, {{"type", "copy"}, {"text", d.dot}});
  tip(p, "Copies it for Graphviz");
  draw_clusters(p, *found);
}

}  // namespace

void draw_machine_back(Panel& p, UiState& ui, ImVec2 size) {
  machine_columns(
      size, kControls,
      [&] {
        draw_data(p, ui.machine);
        draw_questions(p, ui.machine);
      },
      [&](ImVec2 room) { draw_found(p, ui, room); });
}

}  // namespace ribostep::ui
