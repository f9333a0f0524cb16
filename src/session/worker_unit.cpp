// What does a unit read, over the data set: the worker's side.
#include <utility>

#include "session/units.h"
#include "session/worker_debugging.h"

namespace ribostep::session {
namespace {

constexpr int kStepsPerSlice = 64;

class UnitJob : public WorkerJob {
 public:
  UnitJob(LookRequest request, const experiment::UnitQuestion& question)
      : prepared_(std::move(request.prepared)),
        id_(request.id),
        emit_(std::move(request.emit)),
        reader_(*prepared_, request.project.model, std::move(request.weights), start_of(request.project),
                question) {}

  bool run(double until_ms, Clock now) override {
    do {
      if (!reader_.run(kStepsPerSlice)) continue;
      Message done;
      done.head = {{"type", "done"}, {"job", "unit"}, {"id", id_}, {"answer", to_json(reader_.take())}};
      emit_(std::move(done));
      return true;
    } while (now() < until_ms);
    return false;
  }
  double progress() const override { return reader_.progress(); }

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
  experiment::UnitReader reader_;
};

}  // namespace

std::unique_ptr<WorkerJob> unit_job(LookRequest request) {
  const experiment::UnitQuestion question =
      unit_question_from(request.head.value("question", nlohmann::json::object()));
  if (!experiment::exists(rnn::make_network(request.project.model), question.of))
    return refused_look(request, "unit", "there is no such unit in this network");
  return std::make_unique<UnitJob>(std::move(request), question);
}

}  // namespace ribostep::session
