// Where a number comes from: its terms, the hops from one to the next, jumps with back and forward.
#pragma once
#include "session/facet.h"
#include "session/session.h"

namespace ribostep::session {

class Origins : public Facet {
 public:
  Origins(Session& session, Session::State& state) : session_(session), state_(state) {}

 private:
  [[maybe_unused]] Session& session_;
  [[maybe_unused]] Session::State& state_;
};

}  // namespace ribostep::session
