#include "session/worker_debugging.h"

namespace ribostep::session {

std::unique_ptr<WorkerJob> unit_job(LookRequest request) {
  return refused_look(request, "unit", "not built");
}

}  // namespace ribostep::session
