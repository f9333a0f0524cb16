// The bench as a program that is asked in lines of words and answers in lines: the same over a pipe natively
// and over one exported function in a browser.
//   make CELL HIDDEN LENGTH BATCH POOL | step N (ms a step) | long LENGTH HIDDEN | long_step N |
//   trace LENGTH HIDDEN (ms, bytes) | condition LENGTH HIDDEN (ms) | register CHAINS (GFLOP/s) | gemm ROWS
//   DEPTH WIDTH | memory (bytes) | drop
#pragma once
#include <memory>
#include <string>

#include "bench/steps.h"

namespace ribostep::bench {

class Commands {
 public:
  // "ok", numbers, or "error ...".
  std::string answer(const std::string& line);

 private:
  std::string obey(const std::string& line);

  std::unique_ptr<TrainingSteps> training_;
  std::unique_ptr<LongSteps> long_;
};

}  // namespace ribostep::bench
