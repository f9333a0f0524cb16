// Other workers that take shares of a run's training: when they are started, which parts of a round each is
// asked for, what happens when one is slow or gone, and when they are let go. It decides who computes, never
// what: rnn::Trainer makes the same bits of the parts, whoever sends them.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "bio/dataset.h"
#include "rnn/trainer.h"
#include "session/worker_jobs.h"

namespace ribostep::session {

inline constexpr int kMaxWorkers = 4;  // that train at once: more than a batch has shards would have nothing

class Team {
 public:
  // `emit` sends to the host: {"type":"helper","helper":n} with a frame for that helper, which the host
  // starts when it first hears of it, and {"type":"helper_stop","helper":n}.
  explicit Team(Emit emit) : emit_(std::move(emit)) {}

  void set_cores(int cores) { cores_ = cores; }
  // Workers that train: 0 as many as are of use, 1 to kMaxWorkers so many whether it pays or not.
  void set_preference(int workers) { preference_ = workers; }

  // ---- a run
  struct Job {
    int run = 0;
    nlohmann::json project;  // as the run was asked for
    std::string hash;        // of its data
    bio::DatasetPtr data;
    std::uint64_t memory = 0;  // bytes that one update takes in each worker; 0: unknown
  };
  void begin(Job job);
  void end();  // the run is given up
  // Starts helpers if it is worth it. ms_per_update: of one worker alone, negative while unknown.
  void recruit(int shards, double ms_per_update, double ms_left);
  int workers() const;  // that train now: this one and the helpers that are ready
  bool has_helpers() const { return workers() > 1; }

  // ---- a round
  // Asks helpers for their share, from the back; what is left is for here, from the front. False: all of it.
  bool share(const rnn::Round& round, std::span<const float> parameters);
  // The part to compute here next, or -1: wait for answers.
  int next(const rnn::Trainer& trainer);
  void computed(rnn::PartKind kind, double ms);  // here

  // ---- messages
  void answered(const Message& part);  // of any round
  void helping(const Message& message);
  void lost(int helper);
  // Time passes: helpers that do not answer are given up, all of them after 30 s without training.
  void tick(double now_ms, bool training);

 private:
  struct Helper {
    bool alive = false;
    int told = 0;            // the run it was told of
    bool ready = false;      // for that run
    bool late = false;       // its part was computed here meanwhile: not asked before it has answered
    std::string hash;        // of the data set it has
    std::vector<int> asked;  // parts it has not answered, in its order
    std::int64_t round = 0;  // theirs
    double waited_ms = 0;    // since it was asked or last answered
  };
  void send(int helper, Message message);
  void start(int helper);
  void stop(int helper);

  Emit emit_;
  int cores_ = 1, preference_ = 0;
  Job job_;
  std::array<Helper, kMaxWorkers - 1> helpers_;
  int wanted_ = 0;    // helpers, for this run
  int failures_ = 0;  // helpers that stopped by themselves
  std::int64_t round_ = 0;
  std::vector<signed char> holder_;               // of each part of the round; -1: nobody
  std::array<double, 3> part_ms_{-1, -1, -1};     // of a part computed here, by kind
  rnn::PartKind kind_ = rnn::PartKind::Gradient;  // of the round's last part
  double idle_since_ = -1, ticked_ms_ = -1;
};

}  // namespace ribostep::session
