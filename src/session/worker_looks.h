// The worker's jobs behind looking: gradients with Jacobians, and the turning of circles.
#pragma once
#include "rnn/sensitivity.h"
#include "session/worker_jobs.h"

namespace ribostep::session {

struct SensitivityRequest {
  int record = 0;
  rnn::SensitivityLoss loss = rnn::SensitivityLoss::Whole;
  int step = 0;           // AtCursor: of the outputs
  bool jacobians = true;  // false: they are known already, the gradients alone are asked for
};
std::unique_ptr<WorkerJob> sensitivity_job(const io::Project& project, PreparedPtr prepared,
                                           std::vector<float> weights, SensitivityRequest request, int id,
                                           Emit emit);
// With these weights, and with those before the first update.
std::unique_ptr<WorkerJob> equivariance_job(const io::Project& project, PreparedPtr prepared,
                                            std::vector<float> weights, int record, int id, Emit emit);

}  // namespace ribostep::session
