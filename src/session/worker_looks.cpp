#include "session/worker_looks.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "experiment/edited.h"
#include "io/json_put.h"
#include "session/looking.h"

namespace ribostep::session {
namespace {

using io::put;

constexpr int kJacobiansPerSlice = 4;
constexpr std::size_t kLettersPerSlice = 2048;

class SensitivityJob : public WorkerJob {
 public:
  SensitivityJob(const io::Project& project, PreparedPtr prepared, std::vector<float> weights,
                 SensitivityRequest request, int id, Emit emit)
      : prepared_(std::move(prepared)),
        request_(request),
        id_(id),
        emit_(std::move(emit)),
        edited_(experiment::edited_record(*prepared_, request.record, letter_edits(project, request.record))),
        builder_(rnn::make_network(project.model), weights, prepared_->table,
                 prepared_->data->channels() > 0
                     ? experiment::example(*prepared_, project.model, request.record)
                     : experiment::example(*prepared_, project.model, request.record, edited_),
                 request.loss, request.step) {}

  bool run(double until_ms, Clock now) override {
    do {
      const bool finished = builder_.run(kJacobiansPerSlice) || !request_.jacobians;
      if (!finished) continue;
      Message done;
      done.head = {{"type", "done"}, {"job", "sensitivity"}, {"id", id_}};
      pack(builder_.take(), done);
      emit_(std::move(done));
      return true;
    } while (now() < until_ms);
    return false;
  }
  double progress() const override { return builder_.progress(); }

 private:
  PreparedPtr prepared_;
  SensitivityRequest request_;
  int id_;
  Emit emit_;
  experiment::EditedRecord edited_;
  rnn::SensitivityBuilder builder_;
};

// One record from many origins. Whatever is computed for it is what predicting it computes.
class EquivarianceJob : public WorkerJob {
 public:
  EquivarianceJob(const io::Project& project, PreparedPtr prepared, std::vector<float> weights, int record,
                  int id, Emit emit)
      : prepared_(std::move(prepared)),
        spec_(project.model),
        id_(id),
        emit_(std::move(emit)),
        forward_(rnn::make_network(project.model), prepared_->table),
        given_(experiment::example(*prepared_, project.model, record)) {
    given_.label = std::max(0, given_.label);  // evaluate needs a target; losses play no part
    const rnn::Network net = rnn::make_network(spec_);
    weights_[0] = std::move(weights);
    weights_[1].resize(net.parameter_count);
    rnn::initialise<float>(net, project.seed, weights_[1]);
    step_ = spec_.letters_per_step();
    letters_ = spec_.input == rnn::Input::Values
                   ? given_.values.size() / static_cast<std::size_t>(std::max(1, spec_.channels))
                   : given_.tokens.size();
    const std::size_t origins = letters_ / static_cast<std::size_t>(step_);
    all_ = origins <= kMostRotations;
    const std::size_t tried = all_ ? std::max<std::size_t>(origins, 1) : kMostRotations + 1;
    for (std::size_t i = 0; i < tried; ++i)
      shifts_.push_back(i * origins / tried * static_cast<std::size_t>(step_));
  }

  bool run(double until_ms, Clock now) override {
    do {
      if (which_ < 2) {
        turn();
        continue;
      }
      Message done;
      put(done.head, "type", "done");
      put(done.head, "job", "equivariance");
      put(done.head, "id", id_);
      io::put_size(done.head, "rotations", shifts_.size() - 1);
      put(done.head, "all", all_);
      put(done.head, "step", step_);
      put(done.head, "per_position", per_position());
      put(done.head, "now", turning_json(found_[0]));
      put(done.head, "untrained", turning_json(found_[1]));
      emit_(std::move(done));
      return true;
    } while (now() < until_ms);
    return false;
  }
  double progress() const override {
    const auto all = static_cast<double>(shifts_.size());
    return (static_cast<double>(which_) * all + static_cast<double>(next_)) / (2 * all);
  }

 private:
  bool per_position() const { return spec_.task != rnn::Task::SequenceLabel; }

  // The next few rotations, with the weights of this round.
  void turn() {
    const std::size_t count = std::clamp<std::size_t>(kLettersPerSlice / std::max<std::size_t>(1, letters_),
                                                      1, shifts_.size() - next_);
    rotated_.clear();
    values_.clear();
    std::vector<rnn::Example> batch;
    for (std::size_t i = 0; i < count; ++i) {
      rnn::Example one = given_;
      const std::size_t shift = shifts_[next_ + i];
      rotated_.push_back(rotated(given_.tokens, shift));
      values_.push_back(
          rotated(given_.values, shift * static_cast<std::size_t>(std::max(1, spec_.channels))));
      one.tokens = rotated_.back();
      one.values = values_.back();
      batch.push_back(one);
    }
    std::vector<float> probabilities;
    Turning& found = found_[which_];
    found.unsettled += static_cast<int>(forward_.evaluate(weights_[which_], batch, &probabilities).unsettled);
    const std::size_t size = probabilities.size() / count;
    if (next_ == 0)
      unturned_.assign(probabilities.begin(), probabilities.begin() + static_cast<std::ptrdiff_t>(size));
    for (std::size_t i = 0; i < count; ++i)
      compare(std::span<const float>(probabilities).subspan(i * size, size), shifts_[next_ + i], found);
    next_ += count;
    if (next_ < shifts_.size()) return;
    next_ = 0;
    ++which_;
  }

  template <class T>
  static std::vector<T> rotated(std::span<const T> given, std::size_t shift) {
    std::vector<T> out(given.begin(), given.end());
    if (!out.empty())
      std::rotate(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(shift % out.size()), out.end());
    return out;
  }

  // Row t of a rotated circle is row t + shift of the given one.
  void compare(std::span<const float> turned, std::size_t shift, Turning& found) const {
    const auto outputs = static_cast<std::size_t>(spec_.outputs());
    const std::size_t rows = turned.size() / outputs, by = shift / static_cast<std::size_t>(step_);
    for (std::size_t t = 0; t < rows; ++t) {
      const std::size_t at = per_position() ? (t + by) % rows : t;
      for (std::size_t k = 0; k < outputs; ++k) {
        const double change = std::fabs(static_cast<double>(turned[t * outputs + k]) -
                                        static_cast<double>(unturned_[at * outputs + k]));
        if (!(change > found.largest_change)) continue;
        found.largest_change = change;
        found.shift = static_cast<int>(shift);
        found.position = per_position() ? static_cast<int>(at) * step_ + 1 : 0;
        found.output = static_cast<int>(k);
      }
    }
  }

  PreparedPtr prepared_;
  rnn::ModelSpec spec_;
  int id_;
  Emit emit_;
  rnn::Bptt<float> forward_;
  rnn::Example given_;
  std::vector<float> weights_[2];  // of now, of the untrained twin
  Turning found_[2];
  std::size_t which_ = 0, next_ = 0, letters_ = 0;
  int step_ = 1;
  bool all_ = true;
  std::vector<std::size_t> shifts_;  // the first is 0
  std::vector<float> unturned_;
  std::vector<std::vector<std::uint8_t>> rotated_;
  std::vector<std::vector<float>> values_;
};

}  // namespace

std::unique_ptr<WorkerJob> sensitivity_job(const io::Project& project, PreparedPtr prepared,
                                           std::vector<float> weights, SensitivityRequest request, int id,
                                           Emit emit) {
  return std::make_unique<SensitivityJob>(project, std::move(prepared), std::move(weights), request, id,
                                          std::move(emit));
}
std::unique_ptr<WorkerJob> equivariance_job(const io::Project& project, PreparedPtr prepared,
                                            std::vector<float> weights, int record, int id, Emit emit) {
  return std::make_unique<EquivarianceJob>(project, std::move(prepared), std::move(weights), record, id,
                                           std::move(emit));
}

}  // namespace ribostep::session
