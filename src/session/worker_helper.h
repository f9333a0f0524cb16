// A helper's side of shared training: holds a run's data and computes the parts it is asked for, one per
// slice. Who asks, and what is made of the answers, is worker_team.h's.
#pragma once
#include <cstdint>
#include <deque>
#include <vector>

#include "rnn/shard_gradients.h"
#include "session/worker_jobs.h"

namespace ribostep::session {

class TrainingHelper {
 public:
  // `number`: by which the one who asks knows this helper.
  TrainingHelper(int number, int run, const io::Project& project, PreparedPtr prepared, Emit emit);
  int run() const { return run_; }
  void ask(const Message& parts);
  void skip(const Message& which);  // if it has not been begun
  bool busy() const { return !queue_.empty(); }
  void work();  // one part, and its answer

 private:
  struct Asked {
    std::int64_t round = 0, update = 0;
    int number = 0;
    float scale = 0;
    rnn::Part part;
    std::vector<int> rows;  // numbers of training examples
  };

  int number_, run_;
  PreparedPtr prepared_;  // the examples point into it
  Emit emit_;
  std::size_t parameter_count_;
  rnn::ShardGradients work_;
  std::deque<Asked> queue_;
  std::vector<float> parameters_, gradient_;
  std::int64_t round_ = 0;  // of the parameters
};

// The frames between a team and its helpers carry numbers as they lie in memory: both ends are one program on
// one machine.
struct PartAnswer {
  rnn::BatchResult result;
  std::vector<float> gradient;  // empty: of a block of an evaluation
};
Bytes pack_part(const rnn::BatchResult& result, std::span<const float> gradient);
std::optional<PartAnswer> unpack_part(const Message& answer);

}  // namespace ribostep::session
