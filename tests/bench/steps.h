// What the bench times of Ribostep itself: training steps as the trainer makes them, one step over a very
// long sequence, and the trace of a long sequence as the stepper gets it.
#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "rnn/spec.h"
#include "rnn/trainer.h"

namespace ribostep::bench {

struct Shape {
  rnn::CellKind cell = rnn::CellKind::Lstm;
  int hidden = 16, length = 57, batch = 32;
  rnn::Pool pool = rnn::Pool::Last;
};

// Many-to-one over 4 letters with 2 classes; Adam; gradients are not clipped.
class TrainingSteps {
 public:
  explicit TrainingSteps(
      const Shape& shape);  // makes the first update, which looks at the whole and allocates
  double ms_per_step(int steps);

 private:
  std::vector<std::vector<std::uint8_t>> letters_;  // what the trainer's examples point to
  std::vector<rnn::Trainer> trainer_;               // one
};

// One sequence, full back-propagation through time, Adam.
class LongSteps {
 public:
  LongSteps(int length, int hidden);
  double ms_per_step(int steps);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

struct TraceTime {
  double ms = 0;
  std::uint64_t bytes = 0;
};
TraceTime long_trace(int length, int hidden);
// Milliseconds to read a typical condition, with a motif in it, and to compute it over a whole trace; the
// median of many.
double condition_ms(int length, int hidden);

// Native: most memory this process ever had. WebAssembly: its memory now, which never shrinks.
std::uint64_t memory_bytes();

}  // namespace ribostep::bench
