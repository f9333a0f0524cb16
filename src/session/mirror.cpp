// What the screen shows, as text: buttons, one sentence, a table of the current step, and the figures of
// training, for people who do not see the canvas and for tests. web/mirror.js renders it.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

#include "io/tables.h"
#include "session/form.h"
#include "session/mirror_results.h"
#include "session/state.h"

namespace ribostep::session {
namespace {

std::string value4(float v) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4f", static_cast<double>(v));
  return text;
}

// Rows of text, and beside every number its full precision (%.9g: a float comes back to the same bits).
struct Table {
  nlohmann::json text = nlohmann::json::array(), values = nlohmann::json::array();

  void header(nlohmann::json cells) {
    values.push_back(nlohmann::json::array());
    text.push_back(std::move(cells));
  }
  void begin(const std::string& name) {
    text.push_back({name});
    values.push_back({""});
  }
  void number(float v) {
    text.back().push_back(value4(v));
    values.back().push_back(io::number(static_cast<double>(v)));
  }
  void empty() {
    text.back().push_back("");
    values.back().push_back("");
  }
};

nlohmann::json button(const char* verb, const std::string& label, bool pressed, bool disabled) {
  return {{"verb", verb}, {"label", label}, {"pressed", pressed}, {"disabled", disabled}};
}

const char* word(TrainingState state) {
  switch (state) {
    case TrainingState::Idle:
      return "not started";
    case TrainingState::Running:
      return "running";
    case TrainingState::Paused:
      return "paused";
    case TrainingState::Finished:
      return "finished";
  }
  return "";
}

std::string percent(double share) {
  char text[32];
  std::snprintf(text, sizeof text, "%.0f %%", 100 * share);
  return text;
}

// "training running, update 120 of 600, loss 0.693 at the start, 0.214 now"
std::string training_line(const Training& training) {
  std::string line = std::string("training ") + word(training.state);
  if (training.updates == 0) return line;
  line += ", update " + std::to_string(training.updates);
  if (training.planned > 0) line += " of " + std::to_string(training.planned);
  if (training.state == TrainingState::Running && training.workers > 1)
    line += ", " + std::to_string(training.workers) + " workers";
  if (training.evaluations.empty()) return line;
  const auto shown = [](double loss) { return value4(static_cast<float>(loss)); };
  return line + ", training loss " + shown(training.evaluations.front().train_loss) + " at the start, " +
         shown(training.evaluations.back().train_loss) + " now";
}

// The step of the top layer at the cursor, unit by unit, and what the network says there.
void step_table(const Session& session, Table& table) {
  const rnn::Network& network = session.network();
  const rnn::Trace& trace = *session.trace();
  const int index = network.level_begin(network.spec.layers - 1);
  const rnn::LayerTrace& layer = trace.layers[static_cast<std::size_t>(index)];
  if (layer.steps == 0 || trace.rows == 0) return;
  const rnn::StepTerms step = session.terms(index);
  const bool memory = rnn::has_cell_state(network.spec.cell), many = layer.gate_count > 1;
  nlohmann::json header = {"unit", "h before", "h after"};
  if (many)
    for (const rnn::Gate& gate : rnn::gates(network.spec.cell)) header.push_back(gate.name);
  if (memory) header.push_back("cell state c");
  table.header(std::move(header));
  for (int unit = 0; unit < layer.hidden; ++unit) {
    table.begin(std::to_string(unit));
    table.number(step.h_previous[static_cast<std::size_t>(unit)]);
    table.number(layer.h(step.t, unit));
    for (int g = 0; many && g < layer.gate_count; ++g) table.number(layer.gate(step.t, g, unit));
    if (memory) table.number(layer.c(step.t, unit));
  }
  const int row = trace.row_of(session.position() - 1);
  const bool vector = network.spec.task == rnn::Task::NextVector;
  for (int k = 0; k < trace.outputs; ++k) {
    const auto i = static_cast<std::size_t>(k);
    const std::string name =
        i < session.output_names().size() ? session.output_names()[i] : std::to_string(k + 1);
    table.begin(vector ? "next " + name : "p(" + name + ")");
    table.empty();
    table.number(trace.p(row, k));
  }
}

}  // namespace

// A step changes no weight, and a million of them take milliseconds.
const std::string& Session::State::live_hash() {
  if (hashed != live_weights) {
    hashed = live_weights;
    hash_of_weights = hashed ? rnn::weights_hash(*hashed) : std::string();
  }
  return hash_of_weights;
}

nlohmann::json Session::mirror() const {
  State& s = *state_;
  nlohmann::json out;
  // A cursor that runs by itself would be read out faster than anyone can listen.
  out["sentence"] = running() ? std::string("running") : step_sentence();
  out["status"] = s.status.text;
  out["severity"] = static_cast<int>(s.status.severity);
  out["status_serial"] = s.status.serial;
  out["title"] = s.project.title.empty() ? "Ribostep" : s.project.title + " - Ribostep";
  const bool training_now = s.training.state == TrainingState::Running;
  const bool none = length() == 0, no_data = !has_data();
  out["buttons"] = {button("open", "Open a file", false, false),
                    button("edit", "Type or edit sequences", false, false),
                    button("train", training_now ? "Pause training" : "Train", training_now, no_data),
                    button("train_once", "Train one update", false, training_now || no_data),
                    button("stop", "Stop training", false, no_data),
                    button("new_start", "New start from another seed", false, no_data),
                    button("reset", "Back to the untrained start", false, no_data),
                    button("first", "Before the first letter", false, none),
                    button("step_back", "Step back", false, none || position() == 0),
                    button("step_next", "Step", false, none || position() == length()),
                    button("last", "Last position", false, none),
                    button("run", s.running ? "Stop running" : "Run", s.running, none),
                    button("twin", "Show the untrained twin", s.twin, no_data || !trained()),
                    button("predict", "Predict all sequences", false, no_data),
                    button("cross_validate", "10-fold cross-validation", false, no_data),
                    button("leave_one_out", "Leave-one-out cross-validation", false, no_data),
                    button("equivariance", "Compare all rotations of this sequence", false,
                           !equivariance_obstacle().empty()),
                    button("cancel", "Cancel", false, s.job.kind == JobKind::None),
                    button("undo", "Undo " + undo_label(), false, !can_undo()),
                    button("redo", "Redo", false, !can_redo()),
                    button("share", "Copy share link", false, no_data),
                    button("export_project", "Save as a file", false, no_data)};
  out["choices"] = form_json(*this);
  out["model_words"] = model_words(*this);
  out["circle"] = circle_words();
  out["caption"] = no_data ? std::string("no sequence")
                           : std::string(data().name(s.project.cursor.sequence)) + ", position " +
                                 std::to_string(position()) + " of " + std::to_string(length());
  out["summary"] = s.load_summary;
  out["sequence"] = s.project.cursor.sequence;
  out["position"] = position();
  out["length"] = length();
  out["records"] = data().size();
  out["trace_serial"] = s.trace_serial;

  Table table;
  if (s.trace && position() >= 1) step_table(*this, table);
  out["table"] = std::move(table.text);
  out["values"] = std::move(table.values);

  out["model"] = {{"cell", rnn::name(s.project.model.cell)},
                  {"hidden", s.project.model.hidden},
                  {"task", rnn::name(s.project.model.task)},
                  {"pool", rnn::name(s.project.model.pool)}};
  out["training"] = {{"updates", s.training.updates},
                     {"planned", s.training.planned},
                     {"state", static_cast<int>(s.training.state)},
                     {"workers", s.training.workers},
                     {"ms", s.ms_per_update},
                     {"line", training_line(s.training)},
                     {"hash", training_now ? std::string() : s.live_hash()}};
  if (!s.training.evaluations.empty()) {
    out["training"]["first_loss"] = s.training.evaluations.front().train_loss;
    out["training"]["loss"] = s.training.evaluations.back().train_loss;
  }
  out["job"] = s.job.kind == JobKind::None ? std::string() : s.job.text + ", " + percent(s.job.progress);
  if (s.cross_validation.available) out["cross_validation"] = cross_validation_json(s.cross_validation);
  if (s.predictions.available) out["predictions"] = predictions_json(s.predictions, s.project.model.task);
  out["results"] = results_words(*this);
  out["sections"] = nlohmann::json::array();
  for (const Facet* facet : s.facets) facet->mirror(out["sections"]);
  return out;
}

}  // namespace ribostep::session
