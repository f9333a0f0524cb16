// What a layer remembers, over the data set: the worker's side.
#include <utility>

#include "session/units.h"
#include "session/worker_debugging.h"

namespace ribostep::session {
namespace {

constexpr int kStepsPerSlice = 64;

class ProbeJob : public WorkerJob {
 public:
  explicit ProbeJob(LookRequest request)
      : prepared_(std::move(request.prepared)),
        id_(request.id),
        emit_(std::move(request.emit)),
        probe_(*prepared_, request.project.model, std::move(request.weights), start_of(request.project),
               probe_question_from(request.head.value("question", nlohmann::json::object()))) {}

  bool run(double until_ms, Clock now) override {
    do {
      if (!probe_.run(kStepsPerSlice)) continue;
      Message done;
      done.head = {{"type", "done"}, {"job", "probe"}, {"id", id_}, {"answer", to_json(probe_.take())}};
      emit_(std::move(done));
      return true;
    } while (now() < until_ms);
    return false;
  }
  double progress() const override { return probe_.progress(); }

 private:
  static std::vector<float> start_of(const io::Project& project) {
    const rnn::Network net = rnn::make_network(project.model);
    std::vector<float> start(net.parameter_count);
    rnn::initialise<float>(net, project.seed, start);
    return start;
  }
  PreparedPtr prepared_;
  int id_;
  Emit emit_;
  experiment::MemoryProbe probe_;
};

}  // namespace

std::unique_ptr<WorkerJob> probe_job(LookRequest request) {
  if (const std::string why = experiment::obstacle_of_probe(*request.prepared); !why.empty())
    return refused_look(request, "probe", why);
  return std::make_unique<ProbeJob>(std::move(request));
}

}  // namespace ribostep::session
