// The training time machine: checkpoints of a run, looking at an earlier update, going on from it, the same
// run with one setting changed, and runs that are kept.
#pragma once
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "io/debugging.h"
#include "session/checkpoints.h"
#include "session/facet.h"
#include "session/run_words.h"
#include "session/session.h"

namespace ribostep::session {

// What the network says at each position with the weights of many updates.
struct TimeMap {
  std::vector<std::int64_t> updates;  // of the rows, ascending
  int positions = 0, outputs = 0;
  std::vector<float> values;  // [rows][positions][outputs], probabilities
  int planned = 0;            // rows there will be
  std::uint64_t serial = 0;   // of the values
  float p(int row, int position, int k) const {
    return values[static_cast<std::size_t>((row * positions + position) * outputs + k)];
  }
};
inline constexpr int kMapCells = 20'000, kLongestMap = 5'000;  // positions x checkpoints; positions

class History : public Facet {
 public:
  History(Session& session, Session::State& state) : session_(session), state_(state) {}

  // ---- an earlier update. Training goes on in the worker meanwhile; predictions and results stay those of
  // the last update.
  std::int64_t present() const;  // the last update there is
  bool visiting() const;
  std::int64_t update_shown() const;       // the visited one, else the present
  std::vector<std::int64_t> kept() const;  // updates before the present that can be visited, ascending
  void visit(std::int64_t update);         // the nearest that is kept, or the present
  void leave();
  void earlier();
  void later();
  // The visited update becomes the project's last one; training would come to the same bits again. Undoable.
  void go_on_from_here();
  // Trains the run once more behind the scenes, where its checkpoints are not here.
  void bring_back();
  std::string visit_obstacle() const;  // why there is nothing to visit and what to do; empty else
  std::string visit_words() const;     // "showing update 120 of 420; training goes on"
  std::string memory_words() const;    // "37 checkpoints, every 4 updates, 0.4 MB of 64 MB"
  void keep_checkpoints(bool on) { keeping_ = on; }  // off where nobody looks back: the command line

  // ---- runs; undoable
  const std::vector<io::KeptRun>& runs() const;
  std::string name_of(int run) const;         // its own, or "run 3"
  std::string differences_of(int run) const;  // from the present run: "learning rate 0.003"
  std::string differences() const;            // of all that are shown and the present run
  void keep(const std::string& name);
  void keep_by_itself();  // before the present run is left: where it is worth it, and without a name
  void rename(int run, const std::string& name);
  void remove(int run);
  // Model, settings, seed and updates are the project's again, and its weights are trained anew.
  void open(int run);
  std::string open_obstacle(int run) const;
  bool shown(int run) const;  // among the curves; not part of the project
  void show(int run, bool on);
  // As many updates from the same start with one setting of training changed (a key of train_form).
  void replay_with(const std::string& key, const nlohmann::json& value);
  std::string replay_obstacle() const;

  // ---- the map of positions and updates: made while somebody looks
  void want_map();
  const TimeMap& map() const { return map_; }
  std::string map_obstacle() const;

  // ---- for the rest of the session
  bool keeps_checkpoints() const;            // of this network
  std::int64_t checkpoint_distance() const;  // of those that are here; 0: none

  std::span<const VerbEntry> verbs() const override;
  bool update(double now_seconds) override;
  bool has_work() const override;
  void work_slice() override;
  bool hear(const Message& message) override;
  void project_changed() override;
  void mirror(nlohmann::json& sections) const override;

 private:
  // Checkpoints belong to a start and to the settings changed on the way from it.
  struct Past {
    std::string data;
    bio::LabelRule label_rule = bio::LabelRule::Auto;
    rnn::ModelSpec model;
    rnn::TrainConfig train;
    std::uint64_t seed = 1;
    io::WeightsPtr start;
    std::vector<rnn::SettingChange> changes;
    Checkpoints checkpoints;
  };
  bool is_here(const Past& past) const;
  const Past* past() const;  // of the present run; null: none
  Past& past_to_fill(std::int64_t every);
  std::int64_t valid_until(const Past& past) const;  // where the settings changed on the way agree
  std::size_t bytes() const;
  io::KeptRun present_run(std::size_t points) const;
  bool known(int run) const;
  void look(io::WeightsPtr weights, std::int64_t update);
  std::vector<std::int64_t> map_rows() const;
  void follow_run();
  void refresh_map();
  void map_slice();

  Session& session_;
  Session::State& state_;
  bool keeping_ = true;
  std::deque<Past> pasts_;  // the one filled last at the end
  std::set<std::string> hidden_;
  std::string replay_words_;  // what is to be said when the replay is done
  double replay_loss_ = -1;
  std::int64_t replay_updates_ = 0;  // that were asked for

  TimeMap map_;
  double map_asked_s_ = -1e9;
  std::map<std::int64_t, std::vector<float>> map_rows_;
  std::int64_t map_next_ = -1;      // the row to be made; -1: none now
  std::int64_t map_building_ = -1;  // that of map_builder_
  std::optional<rnn::TraceBuilder> map_builder_;
  io::WeightsPtr map_weights_;
  std::optional<io::RecordEdits> map_of_;  // record and how it is read
  std::optional<Past> map_run_;            // whose updates they are; without checkpoints
};

}  // namespace ribostep::session
