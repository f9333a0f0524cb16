// The pieces of work a worker does in slices. Each job reports by Messages and ends with one of type "done"
// or "failed"; the service (worker_service.cpp) decides which runs next.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bio/reader.h"
#include "experiment/cross_validation.h"
#include "experiment/prepare.h"
#include "io/project.h"
#include "rnn/trainer.h"
#include "session/message.h"

namespace ribostep::session {

using Emit = std::function<void(Message)>;
using Clock = double (*)();  // milliseconds

// One slice at a time. Progress is emitted by the service, about four times a second.
class WorkerJob {
 public:
  virtual ~WorkerJob() = default;
  virtual bool run(double until_ms, Clock now) = 0;  // true: finished, results emitted
  virtual double progress() const = 0;
  virtual std::string words() const { return {}; }  // what it is at: "10-fold cross-validation, fold 3 of 10"
};

// A data set with everything derived from it under one label rule; kept between jobs.
using PreparedPtr = std::shared_ptr<const experiment::Prepared>;

// Of one record; none where it is read as given.
std::span<const bio::LetterEdit> letter_edits(const io::Project& project, int record);

std::unique_ptr<WorkerJob> read_job(Message request, Emit emit);
std::unique_ptr<WorkerJob> predict_job(const io::Project& project, PreparedPtr prepared,
                                       std::vector<float> weights, int id, Emit emit);
struct FoldRequest {
  int folds = 10;
  std::uint64_t seed = 1;
  bool leave_one_out = false;  // then `folds` is the number of labelled records
};
std::unique_ptr<WorkerJob> cross_validation_job(const io::Project& project, PreparedPtr prepared,
                                                FoldRequest request, int id, Emit emit);
std::string cross_validation_words(int folds, bool leave_one_out);  // "10-fold cross-validation"
struct ScanRequest {
  int record = 0, window = 100, stride = 50;
  bool both_strands = false;
};
std::unique_ptr<WorkerJob> scan_job(const io::Project& project, PreparedPtr prepared,
                                    std::vector<float> weights, ScanRequest request, int id, Emit emit);

nlohmann::json metrics_json(const experiment::Metrics& metrics);
experiment::Metrics metrics_from(const nlohmann::json& json);
nlohmann::json score_json(const experiment::BaselineScore& score);
experiment::BaselineScore score_from(const nlohmann::json& json);
std::vector<int> ints_from(const nlohmann::json& json);

class Team;

// A run: a trainer that first replays a recipe, then goes on as told. Sends "snapshot" messages. What can be
// computed elsewhere is shared with the team; an update that has begun is always brought to its end.
class TrainingRun {
 public:
  TrainingRun(int id, io::Project project, PreparedPtr prepared, std::vector<float> start, Team& team,
              Emit emit);
  int id() const { return id_; }
  void set_training(bool on);  // keep going after the replay
  void once();                 // one more update
  void change(const std::string& key, double value);
  void pause();
  bool busy() const;     // there is something to do
  bool waiting() const;  // but only helpers can do it: a message or the clock brings it on
  void run(double until_ms, Clock now);
  void take(const Message& part);  // computed by a helper
  // From now on the weights of every so many updates are told ("checkpoint" messages, a few at a time). 0: so
  // that some 200 come in a run.
  void keep_checkpoints(std::int64_t every);
  // Sends the state of this moment; `replayed` marks the one at the very end of the recipe.
  void snapshot(double now_ms, bool replayed = false);
  bool replaying() const { return trainer_.updates() < target_; }

 private:
  void apply_due_changes();  // those of the recipe that come before the next update
  void apply(const std::string& key, double value);
  void recruit(double now_ms);
  bool work(Clock now);  // a part; false: there is nothing to compute here now
  void close_round(Clock now);
  void after_update(Clock now);
  void count(double now_ms);  // the time since the last call as spent in updates
  double seconds_left() const;
  void keep_checkpoint();  // where this update is to have one
  void send_checkpoints();

  int id_;
  PreparedPtr prepared_;  // the trainer's spans point into it
  std::vector<rnn::SettingChange> changes_;
  std::size_t next_change_ = 0;
  std::int64_t target_ = 0;  // updates the recipe asks for
  bool replayed_ = false;    // the snapshot at the recipe's end has been sent
  int epochs_;               // of the project: so many more when it goes on after its end
  bool training_ = false;
  int extra_ = 0;            // single updates asked for
  bool asked_once_ = false;  // the update under way is one of them
  rnn::Trainer trainer_;
  Team& team_;
  Emit emit_;
  int shards_;              // of a minibatch
  std::int64_t round_ = 0;  // serial of the one that is being computed
  bool shared_ = false;     // by helpers, too
  bool waiting_ = false;
  bool pausing_ = false;  // a snapshot is due when the update under way has come to its end
  std::vector<std::pair<std::string, double>> wished_;  // changes that came during an evaluation
  std::size_t sent_curve_ = 0, sent_evaluations_ = 0;
  std::int64_t every_ = 0;  // updates from one checkpoint to the next; 0: none are wanted
  std::int64_t last_checkpoint_ = -1;
  std::vector<std::int64_t> checkpoint_updates_;  // waiting to be sent, and their weights
  std::vector<std::uint8_t> checkpoints_;
  double last_snapshot_ms_ = -1e9;
  double busy_ms_ = 0;  // time spent in updates since so many workers do them
  std::int64_t busy_updates_ = 0;
  int busy_workers_ = 1;
  double counted_to_ms_ = 0;
  double away_since_ms_ = -1;  // in the middle of a shared round
  double alone_ms_ = -1;       // what an update takes one worker, lately
  double own_ms_ = 0;          // of the parts of this round computed here
  int alone_updates_ = 0;
};

}  // namespace ribostep::session
