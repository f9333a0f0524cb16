// What the units of a network read: their space of states, their favourite windows, what they remember.
#pragma once
#include "session/facet.h"
#include "session/session.h"

namespace ribostep::session {

class Units : public Facet {
 public:
  Units(Session& session, Session::State& state) : session_(session), state_(state) {}

 private:
  [[maybe_unused]] Session& session_;
  [[maybe_unused]] Session::State& state_;
};

}  // namespace ribostep::session
