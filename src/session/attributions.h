// How much each letter contributes to an output, and the prediction of every prefix.
#pragma once
#include "session/facet.h"
#include "session/session.h"

namespace ribostep::session {

class Attributions : public Facet {
 public:
  Attributions(Session& session, Session::State& state) : session_(session), state_(state) {}

 private:
  [[maybe_unused]] Session& session_;
  [[maybe_unused]] Session::State& state_;
};

}  // namespace ribostep::session
