#include "session/worker_debugging.h"

namespace ribostep::session {

std::unique_ptr<WorkerJob> probe_job(LookRequest request) {
  return refused_look(request, "probe", "not built");
}

}  // namespace ribostep::session
