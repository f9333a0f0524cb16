// What a unit reads and what a layer remembers, over the data set: the worker's side.
#include <utility>

#include "session/units.h"
#include "session/worker_debugging.h"

namespace ribostep::session {
namespace {

constexpr int kStepsPerSlice = 64;

std::vector<float> start_of(const io::Project& project) {
  const rnn::Network net = rnn::make_network(project.model);
  std::vector<float> start(net.parameter_count);
  rnn::initialise<float>(net, project.seed, start);
  return start;
}

// `Reader`: an experiment over all records, with the weights given and with those of the untrained twin.
template <class Reader, class Question>
class DataLook : public WorkerJob {
 public:
  DataLook(LookRequest request, const Question& question, const char* what)
      : prepared_(std::move(request.prepared)),
        id_(request.id),
        what_(what),
        emit_(std::move(request.emit)),
        reader_(*prepared_, request.project.model, std::move(request.weights), start_of(request.project),
                question) {}

  bool run(double until_ms, Clock now) override {
    do {
      if (!reader_.run(kStepsPerSlice)) continue;
      Message done;
      done.head = {{"type", "done"}, {"job", what_}, {"id", id_}, {"answer", to_json(reader_.take())}};
      emit_(std::move(done));
      return true;
    } while (now() < until_ms);
    return false;
  }
  double progress() const override { return reader_.progress(); }

 private:
  PreparedPtr prepared_;
  int id_;
  const char* what_;
  Emit emit_;
  Reader reader_;
};

nlohmann::json question_in(const LookRequest& request) {
  return request.head.value("question", nlohmann::json::object());
}

}  // namespace

std::unique_ptr<WorkerJob> unit_job(LookRequest request) {
  const auto question = unit_question_from(question_in(request));
  if (!experiment::exists(rnn::make_network(request.project.model), question.of))
    return refused_look(request, "unit", "there is no such unit in this network");
  return std::make_unique<DataLook<experiment::UnitReader, decltype(question)>>(std::move(request), question,
                                                                                "unit");
}

std::unique_ptr<WorkerJob> probe_job(LookRequest request) {
  if (const std::string why = experiment::obstacle_of_probe(*request.prepared); !why.empty())
    return refused_look(request, "probe", why);
  const auto question = probe_question_from(question_in(request));
  return std::make_unique<DataLook<experiment::MemoryProbe, decltype(question)>>(std::move(request), question,
                                                                                 "probe");
}

}  // namespace ribostep::session
