// The training time machine: checkpoints of a run, looking at an earlier update, runs that are kept.
#pragma once
#include "session/facet.h"
#include "session/session.h"

namespace ribostep::session {

class History : public Facet {
 public:
  History(Session& session, Session::State& state) : session_(session), state_(state) {}

 private:
  [[maybe_unused]] Session& session_;
  [[maybe_unused]] Session::State& state_;
};

}  // namespace ribostep::session
