// How much of what was read is still in the state: a linear read-out, fitted by ridge regression, recovers
// the letter k back from h_t. Beside it the same of the network before training, and what needs no memory.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "experiment/unit_records.h"

namespace ribostep::experiment {

inline constexpr int kMostLags = 100;
struct ProbeQuestion {
  int layer = 0;
  bool cell = false;            // c_t instead of h_t
  int lags = 24;                // k = 0..lags letters back
  std::int64_t budget = 40000;  // letters, see choose_extracts; fewer for layers of many units
  double ridge = 1e-3;          // times the mean diagonal of H'H
  std::uint64_t seed = 1;       // of the split
};

struct ProbeResult {
  ProbeQuestion question;
  Extracts read;
  bool by_sequence = true;  // fitted on some sequences, tested on others; else first and second half of each
  bool forward = true;      // false: the layer reads backwards, k letters ahead
  std::int64_t fitted = 0;  // steps
  // Per lag 0..K: the share of held-out letters recovered, of `tested` steps.
  std::vector<double> trained, untrained;
  std::vector<double> frequent;    // always the most frequent letter
  std::vector<double> last_alone;  // the most frequent one behind the letter just read, all else forgotten
  std::vector<std::int64_t> tested;
  // The largest k up to which every lag from 1 on is recovered better than without memory, by more than two
  // standard errors and two points; 0: none. Counts of the trained and the untrained network.
  int reach_trained = 0, reach_untrained = 0;
  std::string conclusion;
};

class MemoryProbe {
 public:
  // `prepared` must outlive this. Letters only: see obstacle_of_probe.
  MemoryProbe(const Prepared& prepared, const rnn::ModelSpec& spec, std::vector<float> trained,
              std::vector<float> untrained, ProbeQuestion question);
  ~MemoryProbe();
  bool run(int steps);      // about so many steps; true: finished
  double progress() const;  // 0..1
  ProbeResult take();

 private:
  struct State;
  std::unique_ptr<State> state_;
};
// Why nothing can be recovered and what to do; empty when it can.
std::string obstacle_of_probe(const Prepared& prepared);

}  // namespace ribostep::experiment
