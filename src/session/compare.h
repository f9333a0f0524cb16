// Comparing with a pinned moment, with another sequence, with the other strand.
#pragma once
#include "session/facet.h"
#include "session/session.h"

namespace ribostep::session {

class Compare : public Facet {
 public:
  Compare(Session& session, Session::State& state) : session_(session), state_(state) {}

 private:
  [[maybe_unused]] Session& session_;
  [[maybe_unused]] Session::State& state_;
};

}  // namespace ribostep::session
