// What a Session keeps, private to src/session: the project, what is derived from it, and what the worker is
// doing. The verbs are spread over data_verbs, training_verbs, stepping, project_verbs and host by subject.
#pragma once
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "experiment/edited.h"
#include "experiment/prepare.h"
#include "session/attributions.h"
#include "session/compare.h"
#include "session/conditions.h"
#include "session/edits.h"
#include "session/facet.h"
#include "session/history.h"
#include "session/machine.h"
#include "session/origins.h"
#include "session/session.h"
#include "session/units.h"

namespace ribostep::session {

using TrainingPtr = std::shared_ptr<const Training>;

struct UndoEntry {
  io::Project project;
  TrainingPtr training;  // the curves belong to the weights
  std::string label;     // what was done after this moment
};

struct Session::State {
  io::Project project;
  std::shared_ptr<const experiment::Prepared> prepared;
  std::shared_ptr<const experiment::Prepared> last_prepared;  // by prepared_for
  bio::LabelRule last_rule = bio::LabelRule::Auto;
  rnn::Network network;
  std::optional<rnn::TrainingMemory> update_memory;  // once asked for
  std::vector<std::string> output_names;
  bio::Split split;
  std::string letters;                             // of the current sequence, as it is read
  std::optional<experiment::EditedRecord> edited;  // the current sequence, where it is read otherwise
  Training training;
  Job job;
  Predictions predictions;
  CrossValidation cross_validation;
  std::string scan_tsv;
  Diagnostics diagnostics;
  std::string load_summary;
  Status status;
  std::vector<Example> examples;
  std::vector<Message> outbox;
  std::uint64_t serial = 1;

  std::shared_ptr<const std::vector<float>>
      live_weights;                           // what is shown; project.weights except during a replay
  std::shared_ptr<const Bytes> source_text;   // of the current set, to read it again under another alphabet
  std::shared_ptr<const Bytes> reading_text;  // of the one the worker is reading

  // The trace on screen and the one being made. A trace belongs to a sequence and to weights; while training,
  // the next one starts only when the last is done, so that long sequences are seen at all.
  std::shared_ptr<const std::vector<float>> trace_weights;
  std::unique_ptr<rnn::Trace> trace;
  std::uint64_t trace_serial = 0;
  std::optional<rnn::TraceBuilder> builder;
  std::shared_ptr<const std::vector<float>> builder_weights;
  bool trace_wanted = false;
  double trace_cost_ms = 0;  // of the one being made, as far as somebody measured it
  double next_trace_s = -1;  // not before, while training: long traces leave time for the rest
  std::optional<rnn::BoundedMemory> bounded;  // of `trace`, once asked for
  std::uint64_t bounded_serial = 0;
  bool twin = false;
  // Weights of an earlier update that are looked at instead of the live ones (see History), and of which.
  std::shared_ptr<const std::vector<float>> visited_weights;
  std::int64_t visited_update = -1;
  Looking look;

  std::unique_ptr<Conditions> conditions;
  std::unique_ptr<Origins> origins;
  std::unique_ptr<Edits> edits;
  std::unique_ptr<Compare> compare;
  std::unique_ptr<History> history;
  std::unique_ptr<Attributions> attributions;
  std::unique_ptr<Units> units;
  std::unique_ptr<Machine> machine;
  std::vector<Facet*> facets;  // all of these

  // Running cursor.
  bool running = false;
  double speed = 10;  // positions per second
  double run_fraction = 0;
  double last_update_s = -1;

  // Worker.
  int next_id = 1;
  int run_id = 0;          // of the run the worker holds for this project; 0: none
  bool verifying = false;  // the run replays a recipe whose weights are already here
  double ms_per_update = -1;
  int workers = 0;  // that train at once; 0: as many as help
  int job_id = 0;   // of the foreground job (reading, cross-validating, scanning)
  int predict_id = 0;
  io::WeightsPtr predict_weights;  // what predict_id was asked about
  std::string worker_set;          // content hash the worker was last given
  double job_started_s = -1;

  // Undo.
  std::deque<UndoEntry> past, future;
  std::string coalesce;  // verbs of the same kind in a row share one entry

  // Host.
  std::map<std::string, std::function<void(bool, const Bytes&)>> fetches;  // by URL
  std::string base_url;
  double now_s = 0;
  double save_due_s = -1;    // autosave at this moment; < 0: nothing to save
  std::string stored_set;    // content hash of the inline data set in storage
  std::string outdated_set;  // the one before it, which goes once a session that does not need it is stored
  bool saving = false;
  bool hidden = false;        // the tab is: no frames, so no clock
  int hidden_snapshots = 0;   // since the last save
  bool visiting = false;      // an opened link is on show unchanged: the autosave stays what it was
  std::string last_fragment;  // the link in the address bar, opened or shared, while it tells what is here
  std::uint64_t mirrored_serial = 0;
  std::shared_ptr<const std::vector<float>> hashed;  // weights the mirror told the hash of, and that
  std::string hash_of_weights;
  double mirrored_s = -1;
  bool looking_due = false;  // a look at sensitivity waits for its moment

  void make_facets(Session& session);
  // What the current record is read as, from the project's edits.
  void read_edits();
  void settle_debugging();
  Facet* facet_with_work() const;                     // the first that has some; null: none
  const io::RecordEdits& edits_of(int record) const;  // empty ones where there are none
  // A record as these weights of this network read it with these edits; `net` of the project's data.
  rnn::TraceBuilder build_trace(const rnn::Network& net, std::span<const float> weights, int record,
                                const io::RecordEdits& edits) const;
  rnn::Example example_now() const;  // of the current sequence; see Session::example
  std::shared_ptr<const std::vector<float>> start_weights_of(const rnn::Network& net,
                                                             std::uint64_t seed) const;

  const experiment::Prepared& derived() const;  // of no data before the first load
  void changed() { ++serial; }
  void say(Severity severity, std::string text);
  const std::string& live_hash();
  void post(Message message) { outbox.push_back(std::move(message)); }
  void to_worker(nlohmann::json head, Bytes body = {});
  void touch();  // something worth saving changed

  // Every undoable verb calls this first. `merge`: consecutive calls with the same label make one entry.
  void remember(const std::string& label, bool merge = false);
  // The work has moved on from the link in the address bar: a reload must bring the autosave, not the link.
  void leave_link();
  void restore(UndoEntry entry);

  // Takes a project (data set resolved) and derives everything; the single way in for links, files, undo and
  // data.
  void adopt(io::Project next);
  std::shared_ptr<const experiment::Prepared> prepared_for(const bio::DatasetPtr& set, bio::LabelRule rule);
  void derive();               // from project.data, label_rule, model
  double replay_work() const;  // multiply-adds of the whole recipe, roughly
  void drop_run();             // the worker's run no longer matches
  void fresh_weights();        // at the start, updates = 0
  void set_weights(std::vector<float> weights);
  // Weights that no recipe makes (edited, compiled): training would go on from them as a new leg.
  void take_by_hand(io::WeightsPtr weights);
  void want_trace(bool sequence_changed);
  std::shared_ptr<const std::vector<float>> weights_to_show() const;
  void make_trace_soon();      // at once, where it is short
  bool make_trace(int steps);  // a slice; true: nothing left to do
  int trace_steps(double budget_ms) const;
  bool trace_rests() const;      // a new one is wanted, but not yet
  bool trace_too_large() const;  // of the current sequence
  bool trace_too_large(int length) const;
  static int advised_window(const bio::Dataset& set, rnn::Task task);  // 0: whole sequences
  std::string summary() const;
  void cancel_foreground();       // but not a replay, which the project needs
  void cancel_jobs_on_project();  // those whose answer is about data or weights that are about to change
  rnn::TrainingMemory memory_of_update();
  std::string update_too_large();  // why and what to do; empty when it fits
  void replay_failed();            // the weights will not come: start anew
  void settle_changes();
  nlohmann::json project_head() const;  // for the worker: without data and weights
  nlohmann::json head_of(io::Project bare) const;
  void give_data_to_worker();
  void start_run(bool train, bool once);
  void request_predictions();
  std::string known_fields(const bio::Dataset& set, int record) const;
  // `hash`: of the content, where the worker has told it.
  void finish_read(bio::Dataset set, const std::string& name, const std::string& format, Diagnostics found,
                   std::string hash = {});
  void read_now(Bytes bytes, const std::string& name, std::optional<bio::AlphabetKind> alphabet);
  void read_in_worker(Bytes bytes, const std::string& name, std::optional<bio::AlphabetKind> alphabet);
  void fetch(const std::string& url, std::function<void(bool, const Bytes&)> then);
  bool open(io::ReadProject read, const std::string& origin, bool from_address = false);
  void resolve_data(io::Project next, const std::string& origin);
  rnn::TrainConfig effective_train() const;
  void on_snapshot(const Message& message);
  void on_replayed();
  void on_verified(const std::vector<float>& found);
  void on_done(const Message& message);
  void on_predictions(const Message& message);
  void on_failed(const Message& message);
  Looking::Request look_request() const;
  Looking::About look_about() const;
  double look_work(bool jacobians) const;  // multiply-adds, roughly
  void stop_looking();
  void lost_looking();                            // the worker stopped
  bool keep_looking();                            // asks the worker for what is due; true: come back soon
  bool heard_of_looking(const Message& message);  // true: it was about sensitivity, and that is all
  void on_equivariance(const Message& message);
  void autosave();
  void save_now();    // what is due, without waiting for its moment
  void open_start();  // the opening example
};

std::string plural(std::int64_t n, const char* word);  // "1 update", "2 updates"
// `project` before its first update, with its data, model, settings and seed.
io::Project untrained(io::Project project);
std::vector<Example> read_examples(const Bytes& bytes);

}  // namespace ribostep::session
