// The other end of the worker channel: reads files, trains, replays recipes, predicts, cross-validates and
// scans, in slices, so that a message (pause, a new learning rate, cancel) gets in between. The same class
// runs in a Web Worker, in the CLI and in tests.
#pragma once
#include <memory>
#include <vector>

#include "session/message.h"

namespace ribostep::session {

class WorkerService {
 public:
  WorkerService();
  ~WorkerService();
  WorkerService(WorkerService&&) noexcept;
  WorkerService& operator=(WorkerService&&) noexcept;
  void receive(const Message& message);
  // Works for about budget_ms by the given clock; true while there is more to do.
  bool run(double budget_ms, double (*now_ms)());
  std::vector<Message> take_outbox();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ribostep::session
