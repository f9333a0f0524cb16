// Session's core: what is derived from a project, the trace on screen, undo, and the read-only side.
#include "session/session.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "io/json_put.h"
#include "session/state.h"

namespace ribostep::session {
namespace {

constexpr std::size_t kUndoDepth = 100;
constexpr double kSaveSeconds = 1,
                 kSaveTrainingSeconds = 4;  // a crash costs at most what came after the last save
// Work a trace may take inside a verb, in multiply-adds: about 5 ms in WebAssembly.
constexpr double kImmediateTraceWork = 8e6;

// Making a trace of more bytes than this would leave no room in a page's 2 GB for the one on screen.
constexpr std::size_t kLargestTrace = 1200u << 20u;

constexpr double kMostEditWork = 4e8;  // letters moved when edits are read, see bio::edit_work: about 0.1 s

constexpr int kNamedChannels = 6;  // in a summary

// While training, the page's thread rests this many times as long as a trace took before it makes the next:
// the worker needs the core more.
constexpr double kTraceRest = 5;

// Replaying a recipe behind the scenes, to have its curves, is fine below this: a few seconds in the worker.
constexpr double kUnaskedReplayWork = 2e10;

double trace_work(const rnn::Network& net, int length) {
  return static_cast<double>(net.parameter_count) * static_cast<double>(length);
}

// What a Session without data shows: an empty set, no labels, an empty token table.
const experiment::Prepared& nothing() {
  static const experiment::Prepared empty{std::make_shared<const bio::Dataset>(), {}, {}, {}, {}};
  return empty;
}

}  // namespace

const experiment::Prepared& Session::State::derived() const { return prepared ? *prepared : nothing(); }

void Session::State::say(Severity severity, std::string text) {
  status.severity = severity;
  status.text = std::move(text);
  ++status.serial;
  changed();
}

void Session::State::to_worker(nlohmann::json head, Bytes body) {
  head["to"] = "worker";
  outbox.push_back({io::typed("worker"), encode({std::move(head), std::move(body)})});
}

void Session::State::touch() {
  // While training every snapshot is a change; saving each of them would cost more than it is worth.
  const double delay = training.state == TrainingState::Running ? kSaveTrainingSeconds : kSaveSeconds;
  if (save_due_s < 0) save_due_s = now_s + delay;
  changed();
}

void Session::State::leave_link() {
  if (last_fragment.empty()) return;
  last_fragment.clear();
  visiting = false;
  post({{{"type", "hash"}, {"value", ""}, {"push", false}}, {}});
}

void Session::State::remember(const std::string& label, bool merge) {
  leave_link();
  if (!prepared) return;  // there is nothing yet to come back to
  if (merge && !past.empty() && coalesce == label) {
    future.clear();
    touch();
    return;
  }
  coalesce = merge ? label : std::string();
  TrainingPtr curves;
  if (!past.empty() && past.back().training->updates == training.updates &&
      past.back().project.weights == project.weights && past.back().training->state == training.state)
    curves = past.back().training;  // nothing was trained in between: share the curves
  else
    curves = std::make_shared<const Training>(training);
  past.push_back({project, std::move(curves), label});
  if (past.size() > kUndoDepth) past.pop_front();
  future.clear();
  touch();
}

void Session::State::restore(UndoEntry entry) {
  const bool same_data = entry.project.data.content_hash == project.data.content_hash;
  const io::Cursor cursor = project.cursor;
  leave_link();
  cancel_jobs_on_project();
  drop_run();
  project = std::move(entry.project);
  if (same_data)
    project.cursor = cursor;
  else
    source_text = nullptr;  // of the set that was on screen until now
  training = *entry.training;
  if (training.state == TrainingState::Running) training.state = TrainingState::Paused;
  if (project.data.set) derive();
  live_weights = project.weights;
  visited_weights = nullptr;
  visited_update = -1;
  if (!project.weights && project.updates > 0)
    start_run(false, false);
  else
    request_predictions();
  cross_validation = {};
  coalesce.clear();
  want_trace(true);
  touch();
}

// The last one is kept: with 100,000 records it takes a tenth of a second, and a changed setting needs none.
std::shared_ptr<const experiment::Prepared> Session::State::prepared_for(const bio::DatasetPtr& set,
                                                                         bio::LabelRule rule) {
  if (!last_prepared || last_prepared->data != set || last_rule != rule) {
    last_prepared = std::make_shared<const experiment::Prepared>(experiment::prepare(set, rule));
    last_rule = rule;
  }
  return last_prepared;
}

void Session::State::derive() {
  prepared = prepared_for(project.data.set, project.label_rule);
  if (project.data.content_hash.empty()) project.data.content_hash = project.data.set->content_hash();
  project.model = experiment::fitted(project.model, *prepared);
  network = rnn::make_network(project.model);
  update_memory.reset();
  output_names = prepared->output_names(project.model);
  while (static_cast<int>(output_names.size()) < project.model.outputs())
    output_names.push_back("(none)");  // a readout has two outputs even where the data know one class or none
  split = experiment::split_of(*prepared, project.model, project.train, project.seed);
  const int last = project.data.set->size() - 1;
  project.cursor.sequence = std::clamp(project.cursor.sequence, 0, std::max(0, last));
  settle_debugging();
  read_edits();
  project.cursor.position = std::clamp(project.cursor.position, 0, static_cast<int>(letters.size()));
  load_summary = summary();
  predictions.available = false;
  predict_id = 0;  // an answer under way is about what was there before
  scan_tsv.clear();
  for (Facet* facet : facets) facet->project_changed();
  changed();
}

// What a document, another model or other data brought that is about nothing here goes.
void Session::State::settle_debugging() {
  io::Debugging& d = project.debugging;
  const bio::Dataset& set = *prepared->data;
  const auto drop = [](auto& list, auto unfit) {
    list.erase(std::remove_if(list.begin(), list.end(), unfit), list.end());
  };
  // Letters as the alphabet writes them; false: some are not of it.
  const auto spelt = [&](std::vector<bio::LetterEdit>& list) {
    for (bio::LetterEdit& edit : list)
      for (char& letter : edit.inserted) {
        const int token = set.alphabet().token(letter);
        if (token < 0) return false;
        letter = set.alphabet().letter(token);
      }
    return true;
  };
  double work = 0;  // of reading them all; a stranger's could take minutes
  bool dropped = false;
  for (io::RecordEdits& e : d.edits) {
    if (e.record >= set.size()) e = {};
    if (set.channels() > 0) e.letters.clear();
    if (e.empty()) continue;
    work += bio::edit_work(static_cast<std::size_t>(set.length(e.record)), e.letters);
    if (work > kMostEditWork || !spelt(e.letters)) {
      e = {};
      dropped = true;
      continue;
    }
    const auto length = static_cast<int>(
        e.letters.empty() ? static_cast<std::size_t>(set.length(e.record))
                          : bio::edit_letters(set.letters(e.record), e.letters).letters.size());
    const bool possible = rnn::intervention_obstacle(network.spec).empty();
    drop(e.states, [&](const rnn::Intervention& s) { return !possible || !rnn::fits(network, s, length); });
  }
  drop(d.edits, [](const io::RecordEdits& e) { return e.empty(); });
  if (dropped)
    say(Severity::Warning, "changed letters that are not of this alphabet, or too many, were left out");
  drop(d.unit_names, [&](const io::UnitName& u) {
    return u.layer >= static_cast<int>(network.layers.size()) ||
           u.unit >= network.layers[static_cast<std::size_t>(u.layer)].hidden;
  });
  if (!d.pin) return;
  const rnn::ModelSpec& then = d.pin->model ? *d.pin->model : project.model;
  const rnn::ModelSpec now = experiment::fitted(then, *prepared);
  const bool readable = now.symbols == then.symbols && now.channels == then.channels &&
                        now.input == then.input && now.covariates == then.covariates &&
                        now.covariate_classes == then.covariate_classes;
  if (d.pin->record >= set.size() || !readable || !spelt(d.pin->edits.letters) ||
      bio::edit_work(static_cast<std::size_t>(set.length(d.pin->record)), d.pin->edits.letters) >
          kMostEditWork)
    d.pin.reset();
}

const io::RecordEdits& Session::State::edits_of(int record) const {
  static const io::RecordEdits kNone;
  for (const io::RecordEdits& edits_here : project.debugging.edits)
    if (edits_here.record == record) return edits_here;
  return kNone;
}

void Session::State::read_edits() {
  edited.reset();
  letters.clear();
  const int record = project.cursor.sequence;
  if (!prepared || record >= prepared->data->size()) return;
  letters = prepared->data->letters(record);
  const std::vector<bio::LetterEdit>& changes = edits_of(record).letters;
  if (changes.empty() || prepared->data->channels() > 0) return;
  edited = experiment::edited_record(*prepared, record, changes);
  letters = edited->letters.letters;
}

rnn::Example Session::State::example_now() const {
  const int record = project.cursor.sequence;
  return edited ? experiment::example(*prepared, network.spec, record, *edited)
                : experiment::example(*prepared, network.spec, record);
}

rnn::TraceBuilder Session::State::build_trace(const rnn::Network& net, std::span<const float> weights,
                                              int record, const io::RecordEdits& with) const {
  if (with.letters.empty() || prepared->data->channels() > 0)
    return rnn::TraceBuilder(net, weights, prepared->table, experiment::example(*prepared, net.spec, record),
                             with.states);
  const experiment::EditedRecord read = experiment::edited_record(*prepared, record, with.letters);
  return rnn::TraceBuilder(net, weights, prepared->table,
                           experiment::example(*prepared, net.spec, record, read), with.states);
}

std::shared_ptr<const std::vector<float>> Session::State::start_weights_of(const rnn::Network& net,
                                                                           std::uint64_t seed) const {
  auto start = std::make_shared<std::vector<float>>(net.parameter_count);
  rnn::initialise<float>(net, seed, *start);
  return start;
}

void Session::State::take_by_hand(io::WeightsPtr weights) {
  drop_run();
  project.train = effective_train();
  project.updates = 0;
  project.changes.clear();
  project.weights_hash.clear();
  project.weights = project.start_weights = live_weights = std::move(weights);
  training = {};
  cross_validation = {};
  predictions.stale = predictions.available;
  next_trace_s = -1;
  builder.reset();
  want_trace(false);
  make_trace_soon();
  touch();
}

void Session::State::adopt(io::Project next) {
  cancel_jobs_on_project();
  drop_run();
  training = {};
  cross_validation = {};
  running = false;
  ms_per_update = -1;  // measured on another model, perhaps
  const bool had_weights = next.weights != nullptr;
  const bool rounded = std::exchange(next.weights_rounded, false) && next.updates > 0;
  if (rounded) {  // no recipe makes these: they are the start of a new leg
    next.start_weights = next.weights;
    next.updates = 0;
    next.changes.clear();
  }
  project = std::move(next);
  const rnn::ModelSpec asked = project.model;
  derive();
  twin = false;
  visited_weights = nullptr;
  visited_update = -1;
  if (!(asked == project.model) && had_weights) {
    say(Severity::Warning, "the model did not fit these data and starts anew");
    fresh_weights();
  } else if (!project.weights && project.updates == 0) {
    const io::WeightsPtr start = std::exchange(project.start_weights, nullptr);
    fresh_weights();
    if (start) project.weights = project.start_weights = start;  // a leg that has not begun
  } else if (rounded) {
    say(Severity::Note, "the weights came rounded to 16 bits: training goes on from them as a new leg");
  }
  live_weights = project.weights;
  training.updates = project.updates;
  if (project.updates > 0) training.state = TrainingState::Paused;
  if (const std::string why = project.weights ? std::string() : update_too_large(); !why.empty()) {
    say(Severity::Error, "the recipe cannot be replayed: " + why);
    replay_failed();
  } else if (!project.weights) {
    start_run(false, false);  // a recipe: replay it
    live_weights = nullptr;
  } else {
    request_predictions();
    if (project.updates > 0 && replay_work() < kUnaskedReplayWork) start_run(false, false);
  }
  want_trace(true);
  touch();
}

double Session::State::replay_work() const {
  const bio::Dataset& set = derived().data ? *derived().data : *nothing().data;
  if (set.empty()) return 0;
  const double length = static_cast<double>(set.total_length()) / set.size();
  return 6 * static_cast<double>(network.parameter_count) * length * project.train.batch_size *
         static_cast<double>(project.updates);
}

void Session::State::fresh_weights() {
  std::vector<float> weights(network.parameter_count);
  rnn::initialise<float>(network, project.seed, weights);
  project.updates = 0;
  project.changes.clear();
  project.start_weights = nullptr;
  project.weights_hash.clear();
  project.numerics = rnn::kNumericsVersion;
  set_weights(std::move(weights));
  training = {};
}

void Session::State::set_weights(std::vector<float> weights) {
  live_weights = std::make_shared<const std::vector<float>>(std::move(weights));
  project.weights = live_weights;
}

std::shared_ptr<const std::vector<float>> Session::State::weights_to_show() const {
  if (twin || !live_weights) return start_weights_of(network, project.seed);
  return visited_weights ? visited_weights : live_weights;
}

void Session::State::want_trace(bool sequence_changed) {
  if (sequence_changed) {
    trace.reset();
    builder.reset();
  }
  trace_wanted = true;
  changed();
  // Short sequences are traced at once, so that no frame shows an empty screen.
  if (sequence_changed) make_trace_soon();
}

void Session::State::make_trace_soon() {
  const double by_hand = static_cast<double>(edits_of(project.cursor.sequence).states.size()) *
                         static_cast<double>(letters.size());
  if (trace_work(network, static_cast<int>(letters.size())) + by_hand < kImmediateTraceWork)
    make_trace(1 << 30);
}

bool Session::has_long_work() const {
  return has_work() && trace_work(state_->network, length()) > kImmediateTraceWork / 10;
}

bool Session::State::trace_too_large(int length) const {
  return rnn::tracing_bytes(network, length) > kLargestTrace;
}
bool Session::State::trace_too_large() const { return trace_too_large(static_cast<int>(letters.size())); }

bool Session::State::make_trace(int steps) {
  if (!prepared || letters.empty()) return true;
  if (!builder) {
    if (!trace_wanted || trace_rests()) return true;
    trace_wanted = false;
    trace_cost_ms = 0;
    if (trace_too_large()) {
      changed();  // no trace will come that the news could be drawn with
      return true;
    }
    builder_weights = weights_to_show();
    builder.emplace(network, *builder_weights, prepared->table, example_now(),
                    edits_of(project.cursor.sequence).states);
  }
  if (!builder->run(steps)) return false;
  trace = std::make_unique<rnn::Trace>(builder->take());
  trace_weights = builder_weights;
  builder.reset();
  ++trace_serial;
  next_trace_s = now_s + kTraceRest * trace_cost_ms / 1000;
  changed();
  return !trace_wanted || trace_rests();
}

// What is on screen belongs to older weights then, as between any two snapshots.
bool Session::State::trace_rests() const {
  return training.state == TrainingState::Running && trace && !builder && now_s < next_trace_s;
}

std::string Session::State::summary() const {
  const bio::Dataset& set = *project.data.set;
  if (set.empty()) return "no sequences";
  int shortest = set.length(0), longest = set.length(0);
  for (int i = 1; i < set.size(); ++i) {
    shortest = std::min(shortest, set.length(i));
    longest = std::max(longest, set.length(i));
  }
  const bool series = set.alphabet().is_series();
  std::string text = std::to_string(set.size()) + (series            ? " series, "
                                                   : set.size() == 1 ? " sequence, "
                                                                     : " sequences, ");
  if (series) {
    text += plural(set.channels(), "value") + " per position (";
    for (int k = 0; k < std::min(set.channels(), kNamedChannels); ++k)
      text += (k ? ", " : "") + set.channel_names()[static_cast<std::size_t>(k)];
    text += set.channels() > kNamedChannels ? ", ...), " : "), ";
  } else {
    text += std::string(set.alphabet().name) + ", ";
  }
  text += std::to_string(shortest);
  if (longest != shortest) text += " to " + std::to_string(longest);
  text += series ? " positions" : " letters";
  if (set.size() > 1 && longest == shortest) text += " each";
  const bio::Labels& labels = prepared->labels;
  if (labels.classes.empty()) return text + ", no labels";
  text += ", " + std::to_string(labels.classes.size()) +
          (labels.classes.size() == 1 ? " class" : " classes") + " (";
  for (std::size_t k = 0; k < labels.classes.size() && k < 6; ++k)
    text += (k ? " / " : "") + std::to_string(labels.count(static_cast<int>(k)));
  text += labels.classes.size() > 6 ? " / ...)" : ")";
  if (labels.unlabelled > 0) text += ", " + std::to_string(labels.unlabelled) + " without a label";
  return text;
}

Session::Session() : state_(new State) {
  state_->network = rnn::make_network(state_->project.model);
  state_->make_facets(*this);
}
Session::~Session() = default;

void Session::State::make_facets(Session& session) {
  const auto add = [&](auto& facet) {
    facet = std::make_unique<std::decay_t<decltype(*facet)>>(session, *this);
    facets.push_back(facet.get());
  };
  add(edits);
  add(conditions);
  add(origins);
  add(compare);
  add(history);
  add(attributions);
  add(units);
  add(machine);
}

Conditions& Session::conditions() const { return *state_->conditions; }
Origins& Session::origins() const { return *state_->origins; }
Edits& Session::edits() const { return *state_->edits; }
Compare& Session::compare() const { return *state_->compare; }
History& Session::history() const { return *state_->history; }
Attributions& Session::attributions() const { return *state_->attributions; }
Units& Session::units() const { return *state_->units; }
Machine& Session::machine() const { return *state_->machine; }
std::uint64_t Session::tracks_revision() const {
  std::uint64_t sum = 0;
  for (const Facet* facet : state_->facets) sum += facet->tracks_revision();
  return sum;
}

const io::Project& Session::project() const { return state_->project; }
bool Session::has_data() const { return state_->prepared != nullptr; }
const bio::Dataset& Session::data() const { return *state_->derived().data; }
const bio::Labels& Session::labels() const { return state_->derived().labels; }
const std::vector<std::string>& Session::output_names() const { return state_->output_names; }
const std::vector<bio::Covariate>& Session::covariates() const { return state_->derived().covariates; }
const rnn::Network& Session::network() const { return state_->network; }
const rnn::TokenTable& Session::token_table() const { return state_->derived().table; }
std::span<const float> Session::weights() const {
  return state_->trace_weights ? std::span<const float>(*state_->trace_weights) : std::span<const float>();
}
bool Session::trained() const {
  return state_->project.updates > 0 || state_->project.start_weights != nullptr;
}
std::string Session::obstacle(rnn::Task task) const { return state_->derived().obstacle(task); }
const rnn::Trace* Session::trace() const { return state_->trace.get(); }
double Session::trace_progress() const {
  return state_->trace ? 1.0 : state_->builder ? state_->builder->progress() : 0.0;
}
bool Session::trace_too_large() const { return !state_->trace && state_->trace_too_large(); }
std::uint64_t Session::trace_serial() const { return state_->trace_serial; }
std::string_view Session::letters() const { return state_->letters; }
const bio::Split& Session::split() const { return state_->split; }
const Training& Session::training() const { return state_->training; }
const Job& Session::job() const { return state_->job; }
const Predictions& Session::predictions() const { return state_->predictions; }
const CrossValidation& Session::cross_validation() const { return state_->cross_validation; }
const std::string& Session::scan_tsv() const { return state_->scan_tsv; }
const Diagnostics& Session::diagnostics() const { return state_->diagnostics; }
const std::string& Session::load_summary() const { return state_->load_summary; }
const Status& Session::status() const { return state_->status; }
const std::vector<Example>& Session::examples() const { return state_->examples; }
bool Session::showing_untrained_twin() const { return state_->twin; }
std::uint64_t Session::serial() const { return state_->serial; }

bool Session::can_undo() const { return !state_->past.empty(); }
bool Session::can_redo() const { return !state_->future.empty(); }
std::string Session::undo_label() const {
  return state_->past.empty() ? std::string() : state_->past.back().label;
}

void Session::undo() {
  State& s = *state_;
  if (s.past.empty()) return;
  UndoEntry entry = std::move(s.past.back());
  s.past.pop_back();
  s.future.push_back({s.project, std::make_shared<const Training>(s.training), entry.label});
  const std::string label = entry.label;
  s.restore(std::move(entry));
  s.say(Severity::Note, "undone: " + label);
}

void Session::redo() {
  State& s = *state_;
  if (s.future.empty()) return;
  UndoEntry entry = std::move(s.future.back());
  s.future.pop_back();
  s.past.push_back({s.project, std::make_shared<const Training>(s.training), entry.label});
  const std::string label = entry.label;
  s.restore(std::move(entry));
  s.say(Severity::Note, "done again: " + label);
}

}  // namespace ribostep::session
