// The worker's part of attribution: runs it in slices, sends what is known so far a few times a second, and
// then does the same for the untrained network.
#include <optional>
#include <utility>

#include "experiment/edited.h"
#include "session/attributions.h"
#include "session/worker_debugging.h"

namespace ribostep::session {
namespace {

constexpr double kPartEveryMs = 250;

class AttributionJob : public WorkerJob {
 public:
  AttributionJob(LookRequest request, experiment::AttributionRequest asked, int record)
      : request_(std::move(request)),
        asked_(asked),
        network_(rnn::make_network(request_.project.model)),
        edited_(
            experiment::edited_record(*request_.prepared, record, letter_edits(request_.project, record))),
        example_(request_.prepared->data->channels() > 0
                     ? experiment::example(*request_.prepared, request_.project.model, record)
                     : experiment::example(*request_.prepared, request_.project.model, record, edited_)),
        with_twin_(truth_in(request_.head, "twin", false)) {}

  // Of the request; empty when it can be done.
  std::string obstacle() const {
    return experiment::attribution_obstacle(network_.spec, request_.prepared->table, example_, asked_);
  }

  bool run(double until_ms, Clock now) override {
    if (!builder_) begin(request_.weights);
    do {
      if (!builder_->run()) continue;
      if (!trained_) {
        trained_ = builder_->found();
        if (!with_twin_) return finish(nullptr);
        emit("partial", *trained_, nullptr, true);
        std::vector<float> start(network_.parameter_count);
        rnn::initialise<float>(network_, request_.project.seed, start);
        begin(start);
        continue;
      }
      const experiment::Attribution& twin = builder_->found();
      const auto reach = static_cast<std::size_t>(trained_->reach);
      const AttributionControl control{
          twin.sum, twin.f, twin.f0,
          experiment::correlation(std::span<const double>(trained_->letters).first(reach),
                                  std::span<const double>(twin.letters).first(reach))};
      return finish(&control);
    } while (now() < until_ms);
    if (!trained_ && now() - part_ms_ >= kPartEveryMs && builder_->found().done > 0) {
      part_ms_ = now();
      emit("partial", builder_->found(), nullptr, false);
    }
    return false;
  }
  double progress() const override {
    const double here = builder_ ? builder_->progress() : 0;
    return with_twin_ ? (here + (trained_ ? 1 : 0)) / 2 : here;
  }
  std::string words() const override {
    return builder_ ? builder_->words() + (trained_ ? ", untrained twin" : "") : std::string();
  }

 private:
  void begin(std::span<const float> weights) {
    builder_.emplace(network_, weights, request_.prepared->table, example_, asked_);
  }
  bool finish(const AttributionControl* control) {
    emit("done", *trained_, control, true);
    return true;
  }
  void emit(const char* type, const experiment::Attribution& found, const AttributionControl* control,
            bool complete) {
    Message message;
    message.head = {{"type", type}, {"job", "attribution"}, {"id", request_.id}, {"complete", complete}};
    pack(found, message, control);
    request_.emit(std::move(message));
  }

  LookRequest request_;
  experiment::AttributionRequest asked_;
  rnn::Network network_;
  experiment::EditedRecord edited_;
  rnn::Example example_;  // points into edited_ and the data
  bool with_twin_;
  std::optional<experiment::AttributionBuilder> builder_;
  std::optional<experiment::Attribution> trained_;
  double part_ms_ = -1e9;
};

}  // namespace

std::unique_ptr<WorkerJob> attribution_job(LookRequest request) {
  const int record = whole_in(request.head, "record", 0);
  if (record < 0 || record >= request.prepared->data->size())
    return refused_look(request, "attribution", "there is no such sequence");
  const experiment::AttributionRequest asked = attribution_request_from(request.head);
  const LookRequest refused{request.head, {}, nullptr, {}, request.id, request.emit};
  auto job = std::make_unique<AttributionJob>(std::move(request), asked, record);
  if (std::string why = job->obstacle(); !why.empty())
    return refused_look(refused, "attribution", std::move(why));
  return job;
}

}  // namespace ribostep::session
