// The prediction of prefixes of a sequence, each read on its own: for networks whose trace does not have it.
#include <algorithm>
#include <cmath>
#include <utility>

#include "experiment/edited.h"
#include "io/encoding.h"
#include "io/json_put.h"
#include "session/attributions.h"
#include "session/worker_debugging.h"

namespace ribostep::session {
namespace {

using io::put;

constexpr std::size_t kStepsPerSlice = 2048;
constexpr double kPartEveryMs = 250;

class PrefixesJob : public WorkerJob {
 public:
  PrefixesJob(LookRequest request, int record, int row)
      : request_(std::move(request)),
        spec_(request_.project.model),
        row_(row),
        edited_(
            experiment::edited_record(*request_.prepared, record, letter_edits(request_.project, record))),
        example_(request_.prepared->data->channels() > 0
                     ? experiment::example(*request_.prepared, spec_, record)
                     : experiment::example(*request_.prepared, spec_, record, edited_)),
        forward_(rnn::make_network(spec_), request_.prepared->table) {
    example_.position_labels = {};
    const int all = rnn::steps(spec_, example_), first = std::max(1, row_ + 1);
    const int choices = all - first + 1, count = std::min(choices, kMostPrefixes);
    for (int i = 0; i < count; ++i)  // the first and the last are among them
      steps_.push_back(
          count == 1 ? all
                     : first + static_cast<int>(static_cast<std::int64_t>(i) * (choices - 1) / (count - 1)));
    found_.outputs = spec_.outputs();
  }

  bool run(double until_ms, Clock now) override {
    do {
      if (next_ == steps_.size()) {
        emit("done");
        return true;
      }
      read_some();
    } while (now() < until_ms);
    if (now() - part_ms_ >= kPartEveryMs) {
      part_ms_ = now();
      emit("partial");
    }
    return false;
  }
  double progress() const override {
    return static_cast<double>(next_) / static_cast<double>(std::max<std::size_t>(1, steps_.size()));
  }

 private:
  void read_some() {
    std::vector<rnn::Example> batch;
    std::size_t letters = 0;
    while (next_ + batch.size() < steps_.size() && (batch.empty() || letters < kStepsPerSlice)) {
      const auto count = static_cast<std::size_t>(steps_[next_ + batch.size()]);
      rnn::Example one = example_;
      if (spec_.input == rnn::Input::Values)
        one.values = one.values.first(count * static_cast<std::size_t>(spec_.channels));
      else
        one.tokens = one.tokens.first(count * static_cast<std::size_t>(spec_.letters_per_step()));
      batch.push_back(one);
      letters += count;
      found_.lengths.push_back(static_cast<int>(count) * spec_.letters_per_step());
    }
    const std::vector<float> z = forward_.logits_of(request_.weights, batch, std::max(0, row_));
    const auto k = static_cast<std::size_t>(found_.outputs);
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const std::span<const float> row = std::span<const float>(z).subspan(i * k, k);
      const double largest = static_cast<double>(*std::max_element(row.begin(), row.end()));
      double sum = 0;
      for (const float x : row) sum += std::exp(static_cast<double>(x) - largest);
      for (const float x : row)
        found_.probabilities.push_back(static_cast<float>(std::exp(static_cast<double>(x) - largest) / sum));
    }
    next_ += batch.size();
  }
  void emit(const char* type) {
    Message message;
    put(message.head, "type", type);
    put(message.head, "job", "prefixes");
    put(message.head, "id", request_.id);
    put(message.head, "lengths", found_.lengths);
    put(message.head, "outputs", found_.outputs);
    message.body = io::float_bytes(found_.probabilities);
    request_.emit(std::move(message));
  }

  LookRequest request_;
  rnn::ModelSpec spec_;
  int row_;
  experiment::EditedRecord edited_;
  rnn::Example example_;
  rnn::Bptt<float> forward_;
  std::vector<int> steps_;
  std::size_t next_ = 0;
  Prefixes found_;
  double part_ms_ = -1e9;
};

}  // namespace

std::unique_ptr<WorkerJob> prefixes_job(LookRequest request) {
  const int record = whole_in(request.head, "record", 0);
  if (record < 0 || record >= request.prepared->data->size())
    return refused_look(request, "prefixes", "there is no such sequence");
  const int row = whole_in(request.head, "row", -1);
  const bool per_position = request.project.model.task != rnn::Task::SequenceLabel;
  if (per_position != (row >= 0)) return refused_look(request, "prefixes", "which output is not clear");
  return std::make_unique<PrefixesJob>(std::move(request), record, row);
}

}  // namespace ribostep::session
