// What the screen shows, as text: buttons, one sentence, a table of the current step, and the figures of
// training, for people who do not see the canvas and for tests. web/mirror.js renders it.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

#include "io/json_put.h"
#include "io/tables.h"
#include "session/form.h"
#include "session/mirror_results.h"
#include "session/mirror_section.h"
#include "session/state.h"

namespace ribostep::session {
namespace {

using io::put;

std::string value4(float v) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4f", static_cast<double>(v));
  return text;
}

// Rows of text, and beside every number its full precision (%.9g: a float comes back to the same bits).
struct Table {
  nlohmann::json text = nlohmann::json::array(), values = nlohmann::json::array();

  void header() {
    text.push_back(nlohmann::json::array());
    values.push_back(nlohmann::json::array());
  }
  void begin(const std::string& name) {
    header();
    cell(name, "");
  }
  void number(float v) { cell(value4(v), io::number(static_cast<double>(v))); }
  void cell(const std::string& shown, const std::string& value) {
    io::append(text.back(), shown);
    io::append(values.back(), value);
  }
};

void button(nlohmann::json& all, const char* verb, const char* label, bool disabled, bool pressed = false) {
  nlohmann::json one;
  put(one, "verb", verb);
  put(one, "label", label);
  put(one, "pressed", pressed);
  put(one, "disabled", disabled);
  io::append(all, std::move(one));
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
  table.header();
  nlohmann::json& header = table.text.back();
  for (const char* name : {"unit", "h before", "h after"}) io::append(header, name);
  if (many)
    for (const rnn::Gate& gate : rnn::gates(network.spec.cell)) io::append(header, gate.name);
  if (memory) io::append(header, "cell state c");
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
    table.cell("", "");
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
  put(out, "sentence", running() ? std::string("running") : step_sentence());
  put(out, "status", s.status.text);
  put(out, "severity", static_cast<int>(s.status.severity));
  put(out, "status_serial", s.status.serial);
  put(out, "title", s.project.title.empty() ? std::string("Ribostep") : s.project.title + " - Ribostep");
  const bool training_now = s.training.state == TrainingState::Running;
  const bool none = length() == 0, no_data = !has_data();
  nlohmann::json& buttons = out["buttons"];
  button(buttons, "open", "Open a file", false);
  button(buttons, "edit", "Type or edit sequences", false);
  button(buttons, "train", training_now ? "Pause training" : "Train", no_data, training_now);
  button(buttons, "train_once", "Train one update", training_now || no_data);
  button(buttons, "stop", "Stop training", no_data);
  button(buttons, "new_start", "New start from another seed", no_data);
  button(buttons, "reset", "Back to the untrained start", no_data);
  button(buttons, "first", "Before the first letter", none);
  button(buttons, "step_back", "Step back", none || position() == 0);
  button(buttons, "step_next", "Step", none || position() == length());
  button(buttons, "last", "Last position", none);
  button(buttons, "run", s.running ? "Stop running" : "Run", none, s.running);
  button(buttons, "twin", "Show the untrained twin", no_data || !trained(), s.twin);
  button(buttons, "predict", "Predict all sequences", no_data);
  button(buttons, "cross_validate", "10-fold cross-validation", no_data);
  button(buttons, "leave_one_out", "Leave-one-out cross-validation", no_data);
  button(buttons, "equivariance", "Compare all rotations of this sequence", !equivariance_obstacle().empty());
  button(buttons, "cancel", "Cancel", s.job.kind == JobKind::None);
  button(buttons, "undo", ("Undo " + undo_label()).c_str(), !can_undo());
  button(buttons, "redo", "Redo", !can_redo());
  button(buttons, "share", "Copy share link", no_data);
  button(buttons, "export_project", "Save as a file", no_data);
  put(out, "choices", form_json(*this));
  put(out, "model_words", model_words(*this));
  put(out, "circle", circle_words());
  put(out, "caption",
      no_data
          ? std::string("no sequence")
          : text_of({data().name(s.project.cursor.sequence), ", position ", position(), " of ", length()}));
  put(out, "summary", s.load_summary);
  put(out, "sequence", s.project.cursor.sequence);
  put(out, "position", position());
  put(out, "length", length());
  put(out, "records", data().size());
  put(out, "trace_serial", s.trace_serial);

  Table table;
  if (s.trace && position() >= 1) step_table(*this, table);
  put(out, "table", std::move(table.text));
  put(out, "values", std::move(table.values));

  nlohmann::json& model = out["model"];
  put(model, "cell", rnn::name(s.project.model.cell));
  put(model, "hidden", s.project.model.hidden);
  put(model, "task", rnn::name(s.project.model.task));
  put(model, "pool", rnn::name(s.project.model.pool));
  nlohmann::json& training = out["training"];
  put(training, "updates", s.training.updates);
  put(training, "planned", s.training.planned);
  put(training, "state", static_cast<int>(s.training.state));
  put(training, "workers", s.training.workers);
  put(training, "ms", s.ms_per_update);
  put(training, "line", training_line(s.training));
  put(training, "hash", training_now ? std::string() : s.live_hash());
  if (!s.training.evaluations.empty()) {
    put(training, "first_loss", s.training.evaluations.front().train_loss);
    put(training, "loss", s.training.evaluations.back().train_loss);
  }
  put(out, "job",
      s.job.kind == JobKind::None ? std::string() : text_of({s.job.text, ", ", percent(s.job.progress)}));
  if (s.cross_validation.available) put(out, "cross_validation", cross_validation_json(s.cross_validation));
  if (s.predictions.available) put(out, "predictions", predictions_json(s.predictions, s.project.model.task));
  put(out, "results", results_words(*this));
  nlohmann::json& sections = out["sections"] = nlohmann::json::array();
  for (const Facet* facet : s.facets) facet->mirror(sections);
  return out;
}

}  // namespace ribostep::session
