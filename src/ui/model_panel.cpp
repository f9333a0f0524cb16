// MODEL; see model_panel.h. What is possible is asked of rnn::problem with the changed spec, not decided
// here.
#include "ui/model_panel.h"

#include <algorithm>
#include <array>

#include "ui/format.h"
#include "ui/widgets.h"

namespace ribostep::ui {
namespace {

using rnn::ModelSpec;

constexpr rnn::CellKind kCells[] = {rnn::CellKind::ElmanTanh, rnn::CellKind::ElmanRelu, rnn::CellKind::Lstm,
                                    rnn::CellKind::Gru};
constexpr int kMaxHidden = 512, kMaxLayers = 8;

std::string task_problem(const Panel& p, rnn::Task task) {
  if (!p.session.has_data()) return {};
  std::string why = p.session.obstacle(task);
  if (why.empty() || why.front() < 'a' || why.front() > 'z') return why;
  why.front() = static_cast<char>(why.front() - 'a' + 'A');
  return why;
}

void draw_task(Panel& p, ModelSpec& spec, bool& changed) {
  static constexpr rnn::Task kTasks[] = {rnn::Task::SequenceLabel, rnn::Task::PositionLabel,
                                         rnn::Task::NextSymbol};
  const Choice choices[] = {{"label per sequence", task_problem(p, kTasks[0])},
                            {"label per position", task_problem(p, kTasks[1])},
                            {"next letter", task_problem(p, kTasks[2])}};
  row(p, "Predicts", "What the network learns to say");
  const int chosen = choose_from_list(p, "##task", choices, static_cast<int>(spec.task));
  if (chosen < 0) return;
  spec.task = kTasks[chosen];
  if (spec.task == rnn::Task::NextSymbol) spec.directions = rnn::Directions::Forward;
  changed = true;
}

void draw_cell(Panel& p, ModelSpec& spec, bool& changed) {
  std::array<Choice, std::size(kCells)> choices;
  for (std::size_t i = 0; i < choices.size(); ++i) choices[i].label = rnn::label(kCells[i]);
  row(p, "Cell", "How a unit combines the letter with what it remembers");
  const int chosen = choose_from_list(p, "##cell", choices, static_cast<int>(spec.cell));
  if (chosen < 0) return;
  spec.cell = kCells[chosen];
  changed = true;
}

void draw_size(Panel& p, ModelSpec& spec, bool& changed) {
  row(p, "Hidden units", "Numbers a layer remembers, per direction");
  changed |= whole_number(p, "##hidden", spec.hidden, 1, kMaxHidden);
  row(p, "Layers", "Each reads the states of the one below");
  changed |= whole_number(p, "##layers", spec.layers, 1, kMaxLayers);
}

void draw_directions(Panel& p, ModelSpec& spec, bool& changed) {
  ModelSpec both = spec;
  both.directions = rnn::Directions::Both;
  const Choice choices[] = {{"Forward", {}}, {"Both", rnn::problem(both)}};
  row(p, "Reads", "From the first letter on, or from both ends");
  const int chosen = choose_segment(p, "##directions", choices, static_cast<int>(spec.directions));
  if (chosen < 0) return;
  spec.directions = chosen == 0 ? rnn::Directions::Forward : rnn::Directions::Both;
  changed = true;
}

void draw_pool(Panel& p, ModelSpec& spec, bool& changed) {
  if (spec.task != rnn::Task::SequenceLabel) return;
  const Choice choices[] = {{"Last", {}}, {"Mean", {}}, {"Max", {}}};
  row(p, "Answers from",
      "Which states the answer is read from: the last one, the mean or the maximum over positions");
  const int chosen = choose_segment(p, "##pool", choices, static_cast<int>(spec.pool));
  if (chosen < 0) return;
  spec.pool = static_cast<rnn::Pool>(chosen);
  changed = true;
}

void draw_start(Panel& p) {
  row(p, "Seed", "Decides the start and the order of training: the same seed gives the same bits");
  std::uint64_t seed = p.session.project().seed;
  if (seed_number("##seed", seed)) p.session.set_seed(seed);
  const float half = (ImGui::GetContentRegionAvail().x - ImGui::GetStyle().ItemSpacing.x) * 0.5f;
  if (button("Same start", p.session.trained(), half)) p.session.reset();
  tip(p, "Reset: forget the training and go back to the same start (same seed)");
  ImGui::SameLine();
  if (button("New start", true, half)) p.session.new_start();
  tip(p, "Forget the training and draw another start (next seed)");
}

}  // namespace

void draw_model_panel(Panel& p) {
  ModelSpec spec = p.session.project().model;
  bool changed = false;
  draw_task(p, spec, changed);
  draw_cell(p, spec, changed);
  draw_size(p, spec, changed);
  draw_directions(p, spec, changed);
  draw_pool(p, spec, changed);

  const std::string trouble = rnn::problem(spec);
  if (!trouble.empty()) severity_line(p, Severity::Warning, trouble);
  const auto weights = static_cast<std::int64_t>(p.session.network().parameter_count);
  std::string facts = counted(weights, "weight", "weights");
  const std::size_t outputs = p.session.output_names().size();
  if (outputs > 0) facts += ", " + counted(static_cast<std::int64_t>(outputs), "output", "outputs");
  dim(p, facts);
  if (p.session.trained())
    tip(p, "Changing the model starts from new weights. Undo brings the trained ones back.");
  ImGui::Spacing();
  draw_start(p);
  if (changed && trouble.empty()) p.session.set_model(spec);
}

}  // namespace ribostep::ui
