// Conditions over a run: breakpoints, marks and watches, and names of units.
#pragma once
#include "session/facet.h"
#include "session/session.h"

namespace ribostep::session {

class Conditions : public Facet {
 public:
  Conditions(Session& session, Session::State& state) : session_(session), state_(state) {}

  // The first position p, from < p <= to, at which a breakpoint stops a run; -1: none.
  int first_stop(int from, int to) const {
    (void)from, (void)to;
    return -1;
  }

 private:
  [[maybe_unused]] Session& session_;
  [[maybe_unused]] Session::State& state_;
};

}  // namespace ribostep::session
