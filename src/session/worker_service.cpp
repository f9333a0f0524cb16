#include "session/worker_service.h"

#include <algorithm>
#include <deque>
#include <optional>
#include <utility>

#include "io/encoding.h"
#include "session/worker_debugging.h"
#include "session/worker_helper.h"
#include "session/worker_looks.h"
#include "session/worker_team.h"

namespace ribostep::session {
namespace {

constexpr double kProgressEveryMs = 200;
constexpr std::size_t kKeptSets = 2;  // the current data set and the one before

std::string text_of(const nlohmann::json& head, const char* key) {
  return head.contains(key) && head[key].is_string() ? head[key].get<std::string>() : std::string();
}
int int_of(const nlohmann::json& head, const char* key, int otherwise) {
  return head.contains(key) && head[key].is_number_integer() ? head[key].get<int>() : otherwise;
}

}  // namespace

struct WorkerService::State {
  std::vector<Message> outbox;
  std::deque<std::pair<std::string, bio::DatasetPtr>> sets;  // by content hash, newest first
  std::string prepared_key;
  PreparedPtr prepared;
  Team team{emit()};
  std::unique_ptr<TrainingRun> run;
  std::unique_ptr<TrainingHelper> helper;  // of another worker's run
  struct Queued {
    int id;
    std::string name;
    std::unique_ptr<WorkerJob> job;
  };
  std::deque<Queued> jobs;
  double last_progress_ms = -1e9;

  Emit emit() {
    return [this](Message m) { outbox.push_back(std::move(m)); };
  }
  void fail(const std::string& job, int id, const std::string& text) {
    outbox.push_back({{{"type", "failed"}, {"job", job}, {"id", id}, {"text", text}}, {}});
  }

  void keep(const Message& message) {
    const std::string hash = text_of(message.head, "hash");
    std::optional<bio::Dataset> set = bio::Dataset::unpack(message.body);
    if (!set) return fail("dataset", 0, "the data set arrived damaged");
    sets.emplace_front(hash, std::make_shared<const bio::Dataset>(std::move(*set)));
    while (sets.size() > kKeptSets) sets.pop_back();
  }

  // The project of a request and its data; null prepared (and a message sent) when either is unusable.
  std::optional<io::Project> project_of(const Message& message, const std::string& job, int id) {
    io::ReadProject read = io::from_json(message.head.value("project", nlohmann::json::object()));
    if (!read.ok()) {
      fail(job, id,
           read.diagnostics.empty() ? "the project could not be read" : read.diagnostics.front().text());
      return std::nullopt;
    }
    const std::string& hash = read.project.data.content_hash;
    const auto at = std::find_if(sets.begin(), sets.end(), [&](const auto& s) { return s.first == hash; });
    if (at == sets.end()) {
      fail(job, id, "the worker does not have this data set");
      return std::nullopt;
    }
    const std::string key = hash + " " + bio::name(read.project.label_rule);
    if (key != prepared_key) {
      prepared = std::make_shared<const experiment::Prepared>(
          experiment::prepare(at->second, read.project.label_rule));
      prepared_key = key;
    }
    const std::string obstacle = prepared->obstacle(read.project.model);
    if (!obstacle.empty() && (job == "run" || job == "help" || job == "cross_validate")) {
      fail(job, id, obstacle);
      return std::nullopt;
    }
    return std::move(read.project);
  }

  std::optional<std::vector<float>> weights_of(const Message& message, const io::Project& project,
                                               const std::string& job, int id) {
    std::optional<std::vector<float>> weights = io::floats_from(message.body);
    if (!weights || weights->size() != rnn::make_network(project.model).parameter_count) {
      fail(job, id, "the weights do not fit the model");
      return std::nullopt;
    }
    return weights;
  }

  void drop_run() {
    run.reset();
    team.end();
  }

  void start_run(const Message& message) {
    drop_run();
    const int id = int_of(message.head, "run", 0);
    std::optional<io::Project> project = project_of(message, "run", id);
    if (!project) return;
    std::vector<float> start;
    if (!message.body.empty()) {
      auto given = weights_of(message, *project, "run", id);
      if (!given) return;
      start = std::move(*given);
    }
    if (message.head.contains("workers")) team.set_preference(int_of(message.head, "workers", 0));
    team.begin({id, message.head["project"], project->data.content_hash, prepared->data,
                message.head.value("memory", std::uint64_t{0})});
    run = std::make_unique<TrainingRun>(id, std::move(*project), prepared, std::move(start), team, emit());
    if (message.head.value("checkpoints", false))
      run->keep_checkpoints(int_of(message.head, "checkpoint_every", 0));
    run->set_training(message.head.value("train", false));
    if (message.head.value("once", false)) run->once();
  }

  // To help another worker, the one that sent this.
  void help(const Message& message) {
    helper.reset();
    const int number = int_of(message.head, "helper", 0);
    const std::optional<io::Project> project = project_of(message, "help", number);
    if (!project) return;
    helper =
        std::make_unique<TrainingHelper>(number, int_of(message.head, "run", 0), *project, prepared, emit());
  }

  // What a team and its helpers say to each other, and what the host says of them; false: something else.
  bool heard_of_team(const Message& message, const std::string& type) {
    if (type == "part") {
      team.answered(message);
      if (run) run->take(message);
    } else if (type == "helping") {
      team.helping(message);
    } else if (type == "helper_failed" || (type == "failed" && text_of(message.head, "job") == "help")) {
      team.lost(int_of(message.head, type == "failed" ? "id" : "helper", -1));
    } else if (type == "machine") {
      team.set_cores(int_of(message.head, "cores", 1));
    } else if (type == "workers") {
      team.set_preference(int_of(message.head, "count", 0));
    } else if (type == "help") {
      help(message);
    } else if (type == "parts" && helper) {
      helper->ask(message);
    } else if (type == "skip" && helper) {
      helper->skip(message);
    } else if (type == "rest") {
      if (helper && helper->run() == int_of(message.head, "run", 0)) helper.reset();
    } else {
      return false;
    }
    return true;
  }

  // Looking waits behind everything that somebody pressed a button for; the newest question replaces the
  // last.
  void push(int id, const std::string& type, std::unique_ptr<WorkerJob> job) {
    const auto is_look = [](const std::string& name) {
      return name == "sensitivity" || look_named(name) != nullptr;
    };
    if (is_look(type)) forget(type);
    const auto looks = is_look(type) ? jobs.end()
                                     : std::find_if(jobs.begin(), jobs.end(),
                                                    [&](const Queued& q) { return is_look(q.name); });
    jobs.insert(looks, Queued{id, type, std::move(job)});
  }
  void forget(const std::string& type) {
    jobs.erase(std::remove_if(jobs.begin(), jobs.end(), [&](const Queued& q) { return q.name == type; }),
               jobs.end());
  }

  void queue_look(const Message& message, const std::string& type, const io::Project& project,
                  std::vector<float> weights, int id) {
    const int record = std::clamp(int_of(message.head, "record", 0), 0, prepared->data->size() - 1);
    if (type == "equivariance")
      return push(id, type, equivariance_job(project, prepared, std::move(weights), record, id, emit()));
    SensitivityRequest request;
    request.record = record;
    request.loss = rnn::sensitivity_loss(text_of(message.head, "loss")).value_or(request.loss);
    request.step = std::max(0, int_of(message.head, "step", 0));
    request.jacobians = message.head.value("jacobians", true);
    push(id, type, sensitivity_job(project, prepared, std::move(weights), request, id, emit()));
  }

  void queue_debugging(const Message& message) {
    const int id = int_of(message.head, "id", 0);
    const std::string what = text_of(message.head, "what");
    const MakeLook make = look_named(what);
    if (!make) return;
    std::optional<io::Project> project = project_of(message, what, id);
    if (!project) return;
    auto weights = weights_of(message, *project, what, id);
    if (!weights) return;
    push(id, what, make({message.head, std::move(*project), prepared, std::move(*weights), id, emit()}));
  }

  void queue(const Message& message, const std::string& type) {
    const int id = int_of(message.head, "id", 0);
    if (type == "read") {
      push(id, type, read_job(message, emit()));
      return;
    }
    std::optional<io::Project> project = project_of(message, type, id);
    if (!project) return;
    if (type == "cross_validate") {
      FoldRequest request;
      request.folds = std::max(2, int_of(message.head, "folds", request.folds));
      request.leave_one_out = message.head.value("leave_one_out", false);
      const auto given = message.head.find("seed");
      if (given != message.head.end() && given->is_number_unsigned())
        request.seed = given->get<std::uint64_t>();
      push(id, type, cross_validation_job(*project, prepared, request, id, emit()));
      return;
    }
    auto weights = weights_of(message, *project, type, id);
    if (!weights) return;
    if (type == "sensitivity" || type == "equivariance")
      return queue_look(message, type, *project, std::move(*weights), id);
    if (type == "predict") {
      push(id, type, predict_job(*project, prepared, std::move(*weights), id, emit()));
      return;
    }
    ScanRequest request;
    request.record = std::clamp(int_of(message.head, "record", 0), 0, prepared->data->size() - 1);
    request.window = std::max(1, int_of(message.head, "window", 100));
    request.stride = std::max(1, int_of(message.head, "stride", 50));
    request.both_strands =
        message.head.value("both_strands", false) && prepared->data->alphabet().is_nucleic();
    if (project->model.task != rnn::Task::SequenceLabel)
      return fail(type, id, "scanning needs a model that labels whole sequences");
    push(id, type, scan_job(*project, prepared, std::move(*weights), request, id, emit()));
  }
};

WorkerService::WorkerService() : state_(new State) {}
WorkerService::~WorkerService() = default;
WorkerService::WorkerService(WorkerService&&) noexcept = default;
WorkerService& WorkerService::operator=(WorkerService&&) noexcept = default;

void WorkerService::receive(const Message& message) {
  State& s = *state_;
  const std::string type = message.type();
  if (s.heard_of_team(message, type)) return;
  if (type == "dataset") {
    s.keep(message);
  } else if (type == "run") {
    s.start_run(message);
  } else if (type == "drop") {
    s.drop_run();
  } else if (type == "cancel") {
    // Looks of the debugger's panels go on: each panel takes its own back.
    s.jobs.erase(std::remove_if(s.jobs.begin(), s.jobs.end(),
                                [](const State::Queued& q) { return look_named(q.name) == nullptr; }),
                 s.jobs.end());
  } else if (type == "stop_sensitivity") {
    s.forget("sensitivity");
  } else if (type == "look") {
    s.queue_debugging(message);
  } else if (type == "stop_look") {
    s.forget(text_of(message.head, "what"));
  } else if (type == "continue" || type == "pause" || type == "once" || type == "change" ||
             type == "checkpoints") {
    if (!s.run || s.run->id() != int_of(message.head, "run", -1)) return;
    if (type == "continue") s.run->set_training(true);
    if (type == "pause") s.run->pause();
    if (type == "once") s.run->once();
    if (type == "checkpoints") s.run->keep_checkpoints(int_of(message.head, "every", 0));
    if (type == "change") s.run->change(text_of(message.head, "key"), message.head.value("value", 0.0));
  } else if (type == "read" || type == "predict" || type == "cross_validate" || type == "scan" ||
             type == "sensitivity" || type == "equivariance") {
    s.queue(message, type);
  }
}

bool WorkerService::run(double budget_ms, double (*now_ms)()) {
  State& s = *state_;
  const double until = now_ms() + budget_ms;
  bool asked = false;  // the run, in this slice: what it waited for before may be lost by now
  s.team.tick(now_ms(), s.run && s.run->busy());
  if (s.helper && s.helper->busy()) s.helper->work();
  if (!s.jobs.empty()) {
    State::Queued& front = s.jobs.front();
    const bool finished = front.job->run(until, now_ms);
    const double time = now_ms();
    if (finished) {
      s.jobs.pop_front();
    } else if (time - s.last_progress_ms >= kProgressEveryMs) {
      s.last_progress_ms = time;
      s.outbox.push_back({{{"type", "progress"},
                           {"job", front.name},
                           {"id", front.id},
                           {"value", front.job->progress()},
                           {"text", front.job->words()}},
                          {}});
    }
  } else if (s.run && s.run->busy()) {
    s.run->run(until, now_ms);
    asked = true;
  }
  return !s.jobs.empty() || (s.run && s.run->busy() && !(asked && s.run->waiting())) ||
         (s.helper && s.helper->busy());
}

std::vector<Message> WorkerService::take_outbox() { return std::exchange(state_->outbox, {}); }

}  // namespace ribostep::session
