#include "session/worker_debugging.h"

namespace ribostep::session {

std::unique_ptr<WorkerJob> attribution_job(LookRequest request) {
  return refused_look(request, "attribution", "not built");
}

}  // namespace ribostep::session
