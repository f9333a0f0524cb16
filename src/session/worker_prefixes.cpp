#include "session/worker_debugging.h"

namespace ribostep::session {

std::unique_ptr<WorkerJob> prefixes_job(LookRequest request) {
  return refused_look(request, "prefixes", "not built");
}

}  // namespace ribostep::session
