// Everything a person can do, as verbs over one Project, without a screen. Verbs return at once; what takes
// long runs in a worker that speaks Messages (worker_service.h), or in slices inside update(). Panels read,
// call a verb, and draw again; tests and the CLI do the same without panels.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "bio/covariates.h"
#include "bio/shuffle.h"
#include "bio/split.h"
#include "experiment/score.h"
#include "io/project.h"
#include "rnn/bounded_memory.h"
#include "rnn/trace.h"
#include "rnn/trainer.h"
#include "session/looking.h"
#include "session/message.h"

namespace ribostep::session {

// A built-in data set, as assets/datasets/index.json describes it.
struct Example {
  std::string id, title, file, description, traps /* one a line */, citation, licence, source, content_hash;
  std::string alphabet, task;
  int records = 0;
};

// What is going on in the worker, for the progress bars.
enum class JobKind : std::uint8_t {
  None,
  Reading,
  Training,
  Replaying,
  Predicting,
  CrossValidating,
  Scanning,
  Measuring
};
struct Job {
  JobKind kind = JobKind::None;
  double progress = 0;       // 0..1
  double seconds_left = -1;  // -1: unknown
  std::string text;          // "reading genome.fa"
};

enum class TrainingState : std::uint8_t { Idle, Running, Paused, Finished };
struct Training {
  TrainingState state = TrainingState::Idle;
  rnn::Finish finish = rnn::Finish::Running;
  std::string trouble;  // why it stopped, for NotFinite
  std::int64_t updates = 0, planned = 0, per_epoch = 1;
  double seconds_left = -1;
  int workers = 1;                      // that compute each update now
  std::vector<rnn::UpdatePoint> curve;  // one per update of this run
  std::vector<rnn::EvaluationPoint> evaluations;
};

// Predictions for every record with the current weights. `stale`: the weights have moved on since.
struct PredictionRow {
  int record = 0;
  int predicted = -1;                // class; -1 for NextSymbol
  float probability = 0;             // of the predicted class, mean over positions for PositionLabel
  float loss = 0;                    // natural log; -1: no label
  bool validation = false;           // held out from training
  std::vector<float> probabilities;  // [K], SequenceLabel only
};
struct Score {  // over one group of labelled records, or of positions for tasks per position
  int n = 0, correct = 0;
  double loss = 0;                  // mean; NextVector: mean square error
  experiment::Interval interval;    // 95 %, Wilson
  experiment::Metrics metrics;      // of sequences; of positions without the areas under curves
  experiment::Confusion confusion;  // empty for the next symbol or vector
};
struct Predictions {
  bool available = false, stale = false;
  std::vector<PredictionRow> rows;  // in record order
  Score train, validation;
  int unsettled = 0;  // round a circle: sequences that had not settled at the limit of passes
  // The simple baselines, fitted on the same training records (or positions) and scored on the validation
  // ones.
  std::vector<experiment::BaselineScore> baselines;
};

struct CrossValidation {
  bool available = false;
  int folds = 0;
  bool leave_one_out = false;
  std::uint64_t seed = 0;
  Score score;
  experiment::Confusion confusion;
  std::vector<int> predicted;        // per record, -1: unlabelled
  std::vector<float> probabilities;  // [records][K]; 0 where unlabelled
  std::vector<experiment::BaselineScore> baselines;
};
inline constexpr int kLeaveOneOut = 0;  // as a number of folds: each labelled sequence is one
inline constexpr int kMaxFolds = 20;    // otherwise

// One plain line of what just happened or went wrong, shown in the status bar and to screen readers.
struct Status {
  Severity severity = Severity::Note;
  std::string text;
  int serial = 0;  // grows with every new status
};

class Conditions;
class Origins;
class Edits;
class Compare;
class History;
class Attributions;
class Units;
class Machine;

class Session {
 public:
  struct State;
  Session();
  ~Session();

  // ---- what there is
  // -------------------------------------------------------------------------------------------
  const io::Project& project() const;
  bool has_data() const;
  const bio::Dataset& data() const;  // empty set while none is loaded
  const bio::Labels& labels() const;
  const std::vector<std::string>& output_names() const;   // classes, position classes or symbols
  const std::vector<bio::Covariate>& covariates() const;  // what the records tell about themselves
  const rnn::Network& network() const;
  const rnn::TokenTable& token_table() const;
  std::span<const float> weights() const;  // current (live while training)
  bool trained() const;
  // Why this task cannot be trained on this data and what to do; empty when it can.
  std::string obstacle(rnn::Task task) const;
  const rnn::Trace* trace() const;  // of the current sequence; null while it is being computed
  double trace_progress() const;
  bool trace_too_large() const;  // the current sequence is too long for this model to be kept step by step
  std::uint64_t trace_serial() const;  // grows whenever the trace changes
  std::string_view letters() const;    // of the current sequence
  const bio::Split& split() const;     // training / validation records
  const Training& training() const;
  const Job& job() const;
  const Predictions& predictions() const;
  const CrossValidation& cross_validation() const;
  const std::string& scan_tsv() const;      // result of the last scan, empty if none
  const Diagnostics& diagnostics() const;   // of the last load
  const std::string& load_summary() const;  // "20 sequences, DNA, 57 bp each, 2 classes (10 / 10)"
  const Status& status() const;
  const std::vector<Example>& examples() const;
  // What one update takes at most: a shard of the longest training examples; 0 bytes without data.
  rnn::TrainingMemory training_memory() const;
  rnn::BoundedMemory bounded_memory() const;  // on the current sequence
  bool showing_untrained_twin() const;        // the trace is of the untrained network with the same start

  // ---- data
  // ----------------------------------------------------------------------------------------------------
  // Paste, drop, file, editor; large goes to the worker. `alphabet`: instead of what the text suggests.
  void load_text(Bytes bytes, std::string name, std::optional<bio::AlphabetKind> alphabet = {});
  void load_example(const std::string& id);
  void set_alphabet(bio::AlphabetKind kind);  // reads the same letters again
  void set_label_rule(bio::LabelRule rule);
  void make_negatives(bio::ShuffleKind kind);
  // Adds sequences without labels to be predicted by the network as it is: model, weights and split stay.
  void add_unlabelled(const Bytes& bytes, const std::string& name);
  std::string data_text(std::size_t limit) const;  // FASTA of the data, for the editor; "" above limit

  // ---- model and training
  // --------------------------------------------------------------------------------------
  void set_model(rnn::ModelSpec spec);             // symbols and classes follow the data; weights start anew
  rnn::TrainConfig train_settings() const;         // with the changes made on the way
  void set_train(const rnn::TrainConfig& config);  // what cannot change on the way starts a new leg
  void train();                                    // start or resume
  void pause();
  void stop();        // ends the run, keeps the weights
  void train_once();  // one update
  // How many workers train at once, on this machine: 0 as many as help, or 1 to 4. Never part of a project,
  // for the bits do not depend on it.
  void set_workers(int count);
  int workers() const;
  void reset();      // back to the same start
  void new_start();  // another seed
  void set_seed(std::uint64_t seed);
  void predict();                                        // all records, baselines beside it
  void cross_validate(int folds, std::uint64_t seed);    // 2 to kMaxFolds, or kLeaveOneOut
  void scan(int window, int stride, bool both_strands);  // current sequence in windows, result as TSV
  void cancel_job();

  // ---- stepping
  // ------------------------------------------------------------------------------------------------
  int length() const;
  int position() const;  // 0..length()
  void select_sequence(int record);
  void go_to(int position);
  void step(int by);               // +1, -1, +3 a codon
  void set_running(bool running);  // the cursor runs by itself
  bool running() const;
  void set_run_speed(double positions_per_second);
  double run_speed() const;
  void show_untrained_twin(bool on);
  std::string step_sentence() const;      // "read C: unit 2 rose 0.61, mostly ..."
  rnn::StepTerms terms(int layer) const;  // at the cursor (position >= 1)
  rnn::Example example() const;           // the current sequence as the network reads it
  std::string initial_state() const;      // where h_0 comes from: "all zeros", "learned for tissue = liver"

  // ---- looking
  // Gradients and Jacobians of the sequence and the weights on show (the untrained twin's too). They cost
  // work, so somebody has to want them; not renewed at every snapshot while training runs.
  void want_sensitivity(bool on);
  const rnn::Sensitivity* sensitivity() const;  // null while off or being computed
  double sensitivity_progress() const;          // 0..1
  std::string sensitivity_obstacle() const;     // why there will be none and what to do; empty else
  rnn::SensitivityLoss sensitivity_loss() const;
  void set_sensitivity_loss(rnn::SensitivityLoss loss);
  bool sensitivity_stale() const;  // made with weights of some updates ago, while training runs
  // How much the outputs depend on where the current sequence begins, when it is read as a circle.
  void measure_equivariance();
  Equivariance equivariance() const;          // of the current sequence
  std::string equivariance_words() const;     // one line of it; empty when there is none
  std::string equivariance_obstacle() const;  // why it cannot be measured and what to do; empty when it can
  std::string unsettled_words() const;        // of training and predictions; empty when all settle
  std::string circle_words() const;           // all of this section in one line
  std::string circle_report() const;          // "settled after 5 passes"; empty when read as a line

  // ---- the debugger, a header each
  Conditions& conditions() const;
  Origins& origins() const;
  Edits& edits() const;
  Compare& compare() const;
  History& history() const;
  Attributions& attributions() const;
  Units& units() const;
  Machine& machine() const;
  std::uint64_t tracks_revision() const;  // grows when tracks come or go

  // ---- project
  // -------------------------------------------------------------------------------------------------
  void set_view(const io::View& view);  // not undoable
  void set_title(std::string title);
  void set_notes(std::string notes);
  bool can_undo() const;
  bool can_redo() const;
  void undo();
  void redo();
  std::string undo_label() const;  // what undo would take back
  std::string share_fragment(io::WeightsAs weights) const;
  io::WeightsAs advised_weights() const;  // recipe if replaying takes under about 3 s
  // Posts "copy" with the full link, its weights as advised_weights() or as chosen.
  void share(std::optional<io::WeightsAs> weights = std::nullopt);
  void export_project();  // .ribostep.json
  void export_trace();
  void export_predictions();
  void export_scan();
  void open_fragment(std::string_view fragment);
  void open_project(std::string_view json_text);

  void ask_for_file();     // posts "pick"
  void ask_for_queries();  // posts "editor", whose text comes back to add_unlabelled
  void ask_for_text();     // posts "editor" with the sequences as FASTA
  void copy_sequence();    // posts "copy" with the sequence on screen as FASTA

  // ---- the host
  // ------------------------------------------------------------------------------------------------
  void receive(Message message);  // page -> app, types in docs of message.h
  void receive_from_worker(const Message& message);
  std::vector<Message> take_outbox();  // app -> page; {"type":"worker"} goes on to the worker
  // Advances the run cursor and sliced work for at most budget_ms (0: none); true while something is left or
  // due.
  bool update(double now_seconds, double budget_ms);
  // The rest of the sliced work, for a host that has time between frames: slices until budget_ms of
  // `clock_ms` have passed. True while some is left.
  bool work(double budget_ms, double (*clock_ms)());
  bool has_work() const;
  bool has_long_work() const;  // too long to begin it inside a frame
  // When update() is to be called though nothing moves (to mirror, to save), in its seconds; negative: never.
  double due_seconds() const;
  std::uint64_t serial() const;   // grows with every visible change
  nlohmann::json mirror() const;  // DOM mirror: sentence, buttons, table of this step

 private:
  bool ready_to_train();
  // A link wins over the autosave, the autosave over the opening example.
  void boot(const std::string& fragment, const Bytes& saved);
  std::unique_ptr<State> state_;
};

}  // namespace ribostep::session
