// The worker's jobs behind the debugger's panels. A facet asks with {"type": "look", "what", "id", "project",
// ...} and the weights as body; it hears of "progress", "done" and "failed" with "job" = what and the id. The
// newest question about something replaces the one before; {"type": "stop_look", "what"} takes it back.
// Looks wait behind everything that somebody pressed a button for, and pause training while they run.
#pragma once
#include <functional>
#include <string_view>

#include "session/worker_jobs.h"

namespace ribostep::session {

struct LookRequest {
  nlohmann::json head;
  io::Project project;  // without weights; with the edits of the current record
  PreparedPtr prepared;
  std::vector<float> weights;
  int id = 0;
  Emit emit;
};
std::unique_ptr<WorkerJob> attribution_job(LookRequest request);      // "attribution"
std::unique_ptr<WorkerJob> prefixes_job(LookRequest request);         // "prefixes"
std::unique_ptr<WorkerJob> unit_job(LookRequest request);             // "unit"
std::unique_ptr<WorkerJob> probe_job(LookRequest request);            // "probe"
std::unique_ptr<WorkerJob> machine_check_job(LookRequest request);    // "machine_check"
std::unique_ptr<WorkerJob> machine_extract_job(LookRequest request);  // "machine_extract"

// By name; null for none of these.
using MakeLook = std::unique_ptr<WorkerJob> (*)(LookRequest);
MakeLook look_named(std::string_view what);
// A job that only says why it cannot be done.
std::unique_ptr<WorkerJob> refused_look(const LookRequest& request, std::string_view what, std::string text);

}  // namespace ribostep::session
