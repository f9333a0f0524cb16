// Verbs about the project as a document: links, files, autosave.
#include <algorithm>
#include <utility>

#include "io/encoding.h"
#include "io/json_put.h"
#include "io/tables.h"
#include "session/state.h"

namespace ribostep::session {
namespace {

constexpr double kPatienceMs = 3000;  // a replay longer than this is not asked of anyone
constexpr double kMsPerWork = 1e-7;   // per multiply-add on a slow core, where nothing was measured yet
constexpr std::size_t kLargestSavedWeights = 4u << 20u;  // floats; above, only the recipe is saved

Bytes bytes_of(const std::string& text) { return Bytes(text.begin(), text.end()); }

Message download(const std::string& name, const std::string& mime, Bytes body) {
  return {{{"type", "download"}, {"name", name}, {"mime", mime}}, std::move(body)};
}

}  // namespace

void Session::set_view(const io::View& view) {
  State& s = *state_;
  if (view == s.project.view) return;
  s.project.view = view;
  s.touch();
}
void Session::set_title(std::string title) {
  state_->remember("title", true);
  state_->project.title = std::move(title);
}
void Session::set_notes(std::string notes) {
  state_->remember("notes", true);
  state_->project.notes = std::move(notes);
}

io::WeightsAs Session::advised_weights() const {
  const State& s = *state_;
  if (s.project.start_weights) return io::WeightsAs::Float32;
  if (s.project.updates == 0) return io::WeightsAs::Recipe;
  const double measured = s.ms_per_update * static_cast<double>(s.project.updates);
  const double expected = s.ms_per_update > 0 ? measured : s.replay_work() * kMsPerWork;
  return expected < kPatienceMs ? io::WeightsAs::Recipe : io::WeightsAs::Float32;
}

std::string Session::share_fragment(io::WeightsAs weights) const {
  return io::to_fragment(state_->project, {weights, true});
}

void Session::share(std::optional<io::WeightsAs> weights) {
  State& s = *state_;
  if (!has_data()) return s.say(Severity::Error, "there is nothing to share yet: load sequences first");
  const io::WeightsAs how = s.project.weights ? weights.value_or(advised_weights()) : io::WeightsAs::Recipe;
  const std::string fragment = share_fragment(how);
  if (fragment.size() > io::kMaxFragment)
    return s.say(Severity::Error, "this project is too large for a link (" +
                                      std::to_string(fragment.size() / 1000) +
                                      " kB): export it as a file and send that");
  s.last_fragment = fragment.substr(1);  // the page tells fragments without their #
  s.post({{{"type", "hash"}, {"value", fragment}, {"push", false}}, {}});
  s.post({io::typed("copy", "text", s.base_url + fragment), {}});
  const std::string size = std::to_string(s.base_url.size() + fragment.size()) + " characters";
  if (fragment.size() > io::kComfortableLink)
    return s.say(Severity::Warning, "link copied, but its " + size +
                                        " may be cut by mail or chat: Export -> project file is safer");
  s.say(Severity::Note, "link copied, " + size +
                            (how == io::WeightsAs::Recipe    ? "; whoever opens it retrains to the same bits"
                             : how == io::WeightsAs::Float32 ? ", weights included"
                                                             : ", weights included, rounded to 16 bits"));
}

void Session::export_project() {
  State& s = *state_;
  const nlohmann::json json = io::to_json(s.project, {io::WeightsAs::Float32, true});
  s.post(download("project.ribostep.json", "application/json", bytes_of(json.dump(1) + "\n")));
}

void Session::export_trace() {
  State& s = *state_;
  if (!s.trace) return s.say(Severity::Error, "the trace is still being computed: try again in a moment");
  s.post(download("trace.tsv", "text/tab-separated-values",
                  bytes_of(io::trace_tsv(s.network, *s.trace, s.letters, s.output_names))));
}

void Session::export_predictions() {
  State& s = *state_;
  if (!s.predictions.available)
    return s.say(Severity::Error, "there are no predictions yet: press Predict first");
  std::string table = "name\tlength\tset\tlabel\tpredicted\tp\tloss";
  const bool classes = s.project.model.task == rnn::Task::SequenceLabel;
  if (classes)
    for (const std::string& name : s.output_names) table += "\tp(" + io::tsv_cell(name) + ")";
  table += "\n";
  // What was not scored has no probability, and neither has a vector.
  const auto likely = [&](const PredictionRow& row) {
    return classes ? row.predicted >= 0 : row.loss >= 0 && s.project.model.task != rnn::Task::NextVector;
  };
  for (const PredictionRow& row : s.predictions.rows) {
    const int label = labels().of_record[static_cast<std::size_t>(row.record)];
    const auto class_name = [&](int k) {
      return k < 0 ? std::string() : io::tsv_cell(s.output_names[static_cast<std::size_t>(k)]);
    };
    table += io::tsv_cell(data().name(row.record)) + "\t" + std::to_string(data().length(row.record)) + "\t" +
             (classes && label < 0 ? ""
              : row.validation     ? "validation"
                                   : "train") +
             "\t" + (classes ? class_name(label) : "") + "\t" + (classes ? class_name(row.predicted) : "") +
             "\t" + (likely(row) ? io::number(static_cast<double>(row.probability)) : "") + "\t" +
             (row.loss >= 0 ? io::number(static_cast<double>(row.loss)) : "");
    for (const float p : row.probabilities)
      table += "\t" + (row.predicted >= 0 ? io::number(static_cast<double>(p)) : std::string());
    table += "\n";
  }
  s.post(download("predictions.tsv", "text/tab-separated-values", bytes_of(table)));
}

void Session::export_scan() {
  State& s = *state_;
  if (s.scan_tsv.empty()) return s.say(Severity::Error, "nothing has been scanned yet");
  s.post(download("scan.tsv", "text/tab-separated-values", bytes_of(s.scan_tsv)));
}

// False when it is not a project: then nothing has changed.
bool Session::State::open(io::ReadProject read, const std::string& origin, bool from_address) {
  if (!read.ok()) {
    const auto error = std::find_if(read.diagnostics.begin(), read.diagnostics.end(),
                                    [](const Diagnostic& d) { return d.severity == Severity::Error; });
    say(Severity::Error, error != read.diagnostics.end() ? error->text() : origin + " could not be read");
    return false;
  }
  if (prepared) remember("open " + origin);
  visiting = from_address;
  diagnostics = read.diagnostics;
  source_text = nullptr;
  for (const Diagnostic& d : read.diagnostics) say(d.severity, d.text());
  resolve_data(std::move(read.project), origin);
  return true;
}

void Session::open_fragment(std::string_view fragment) {
  state_->open(io::from_fragment(fragment), "the link");
}
void Session::open_project(std::string_view json_text) {
  state_->open(io::parse_project(json_text), "the file");
}

void Session::State::autosave() {
  if (visiting) save_due_s = -1;  // looking at somebody's link must not replace what was saved here
  if (save_due_s < 0 || now_s < save_due_s || !prepared || saving) return;
  // While training every snapshot is worth saving, but not four times a second.
  save_due_s = -1;
  saving = true;
  const bool inline_set = project.data.example.empty();
  if (inline_set && stored_set != project.data.content_hash) {
    outdated_set = std::exchange(stored_set, project.data.content_hash);
    post({io::typed("save", "key", "dataset:" + stored_set), project.data.set->pack()});
  }
  const bool with_weights = project.weights && project.weights->size() <= kLargestSavedWeights;
  const nlohmann::json json =
      io::to_json(project, {with_weights ? io::WeightsAs::Float32 : io::WeightsAs::Recipe, false});
  post({io::typed("save", "key", "session"), bytes_of(json.dump())});
}

void Session::State::save_now() {
  hidden_snapshots = 0;
  if (save_due_s < 0) return;
  save_due_s = now_s;
  autosave();
}

}  // namespace ribostep::session
