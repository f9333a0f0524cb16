// Predicting every record in slices, and how good the predictions are beside the simplest methods.
#include <algorithm>
#include <utility>

#include "experiment/baselines.h"
#include "experiment/metrics.h"
#include "experiment/position_baselines.h"
#include "io/encoding.h"
#include "io/json_put.h"
#include "rnn/math.h"
#include "session/worker_jobs.h"

namespace ribostep::session {
namespace {

using io::put;

// Predictions of every record: body holds per record probability rows, head the sums. Tasks per position are
// then scored over the very examples that were trained on and held out.
class PredictJob : public WorkerJob {
 public:
  PredictJob(const io::Project& project, PreparedPtr prepared, std::vector<float> weights, int id, Emit emit)
      : project_(project),
        prepared_(std::move(prepared)),
        weights_(std::move(weights)),
        id_(id),
        emit_(std::move(emit)),
        forward_(rnn::make_network(project_.model), prepared_->table),
        material_(experiment::training_material(*prepared_, project_.model, project_.train, project_.seed)) {
    if (whole()) return;
    groups_ = {{"train", material_.training.train, {}}, {"validation", material_.training.validation, {}}};
    for (Group& group : groups_) group.start(project_.model);
    for (const Group& group : groups_) examples_ += group.examples.size();
  }

  bool run(double until_ms, Clock now) override {
    do {
      if (next_ < prepared_->data->size()) {
        predict_one(next_++);
      } else if (scored_ < examples_) {
        score_one(scored_++);
      } else {
        finish();
        return true;
      }
    } while (now() < until_ms);
    return false;
  }
  double progress() const override {
    const double all = static_cast<double>(prepared_->data->size()) + static_cast<double>(examples_);
    return (next_ + static_cast<double>(scored_)) / std::max(1.0, all);
  }

 private:
  struct Group {
    const char* name;
    std::span<const rnn::Example> examples;
    rnn::BatchResult sums;
    experiment::Confusion confusion{};

    void start(const rnn::ModelSpec& spec) {
      if (spec.task != rnn::Task::PositionLabel) return;
      confusion.classes = spec.outputs();
      confusion.counts.assign(
          static_cast<std::size_t>(spec.outputs()) * static_cast<std::size_t>(spec.outputs()), 0);
    }
    nlohmann::json json() const {
      nlohmann::json out;
      put(out, "n", sums.items);
      put(out, "correct", sums.correct);
      put(out, "loss", sums.items > 0 ? sums.loss / static_cast<double>(sums.items) : 0.0);
      put(out, "confusion", confusion.counts);
      return out;
    }
  };

  bool whole() const { return project_.model.task == rnn::Task::SequenceLabel; }

  void predict_one(int record) {
    const rnn::Task task = project_.model.task;
    rnn::Example one = experiment::example(*prepared_, project_.model, record);
    // Per record: predicted, p, loss (-1: none), items, correct; then K probabilities for SequenceLabel.
    float predicted = -1, p = 0, loss = -1;
    const int label = one.label;
    if (whole() && one.label < 0) one.label = 0;  // evaluate needs a target; the loss is dropped below
    std::vector<float> probabilities;
    rnn::BatchResult result;
    if (rnn::steps(project_.model, one) > 0)
      result = forward_.evaluate(weights_, std::span(&one, 1), whole() ? &probabilities : nullptr);
    unsettled_ += result.unsettled;
    if (whole()) {
      probabilities.resize(static_cast<std::size_t>(project_.model.classes), 0.0f);
      if (result.items > 0) {  // nothing is said of a sequence in which there is nothing to read
        const auto best = std::max_element(probabilities.begin(), probabilities.end());
        predicted = static_cast<float>(best - probabilities.begin());
        p = *best;
      }
      if (label >= 0 && result.items > 0) loss = static_cast<float>(result.loss);
    } else if (result.items > 0) {
      const double mean = result.loss / static_cast<double>(result.items);
      loss = static_cast<float>(mean);
      if (task != rnn::Task::NextVector) p = static_cast<float>(rnn::exp_of(-mean));
    }
    rows_.insert(rows_.end(),
                 {predicted, p, loss, static_cast<float>(result.items), static_cast<float>(result.correct)});
    rows_.insert(rows_.end(), probabilities.begin(), probabilities.end());
  }

  void score_one(std::size_t number) {
    const bool held_out = number >= groups_[0].examples.size();
    Group& group = groups_[held_out ? 1 : 0];
    const rnn::Example& one = group.examples[held_out ? number - groups_[0].examples.size() : number];
    const rnn::ModelSpec& spec = project_.model;
    probabilities_.clear();
    const rnn::BatchResult result = forward_.evaluate(weights_, std::span(&one, 1), &probabilities_);
    group.sums.items += result.items;
    group.sums.correct += result.correct;
    group.sums.loss += result.loss;
    const auto k = static_cast<std::ptrdiff_t>(group.confusion.classes);
    auto row = probabilities_.begin();
    for (int t = 0; k > 0 && row != probabilities_.end(); ++t, row += k)
      if (const int truth = rnn::target(spec, one, t); truth >= 0)
        ++group.confusion
              .counts[static_cast<std::size_t>(truth * k + (std::max_element(row, row + k) - row))];
  }

  std::vector<experiment::BaselineScore> baselines() const {
    const auto& split = material_.split;
    std::vector<experiment::BaselineScore> scores;
    if (!whole()) {
      if (!material_.training.validation.empty())
        scores = experiment::position_baselines(project_.model, material_.training.train,
                                                material_.training.validation);
      return scores;
    }
    const bio::Labels& labels = prepared_->labels;
    std::vector<int> held_out, truth;  // what the network is scored on
    for (const int i : split.validation)
      if (rnn::steps(project_.model, experiment::example(*prepared_, project_.model, i)) > 0) {
        held_out.push_back(i);
        truth.push_back(labels.of_record[static_cast<std::size_t>(i)]);
      }
    if (held_out.empty()) return scores;
    for (const auto& b : experiment::run_baselines(*prepared_->data, labels, split.train, held_out)) {
      experiment::BaselineScore score{b.name, b.applicable, b.why_not, 0, 0, {}, {}};
      if (b.applicable) {
        score.n = static_cast<int>(truth.size());
        for (std::size_t i = 0; i < truth.size(); ++i) score.correct += b.predicted[i] == truth[i];
        score.interval = experiment::wilson(score.correct, score.n);
        score.metrics = experiment::measure(truth, b.predicted, b.probabilities, project_.model.classes,
                                            experiment::positive_class(labels.classes));
      }
      scores.push_back(std::move(score));
    }
    return scores;
  }

  void finish() {
    nlohmann::json scores = nlohmann::json::array(), groups = nlohmann::json::object();
    for (const auto& score : baselines()) scores.push_back(score_json(score));
    for (const Group& group : groups_) groups[group.name] = group.json();
    Message done;
    put(done.head, "type", "done");
    put(done.head, "job", "predict");
    put(done.head, "id", id_);
    put(done.head, "classes", whole() ? project_.model.classes : 0);
    put(done.head, "unsettled", unsettled_);
    put(done.head, "groups", std::move(groups));
    put(done.head, "baselines", std::move(scores));
    done.body = io::float_bytes(rows_);
    emit_(std::move(done));
  }

  io::Project project_;
  PreparedPtr prepared_;
  std::vector<float> weights_;
  int id_;
  Emit emit_;
  rnn::Bptt<float> forward_;
  experiment::Material material_;
  std::vector<Group> groups_;  // tasks per position
  std::size_t examples_ = 0, scored_ = 0;
  int next_ = 0;
  std::int64_t unsettled_ = 0;
  std::vector<float> rows_, probabilities_;
};

}  // namespace

std::unique_ptr<WorkerJob> predict_job(const io::Project& project, PreparedPtr prepared,
                                       std::vector<float> weights, int id, Emit emit) {
  return std::make_unique<PredictJob>(project, std::move(prepared), std::move(weights), id, std::move(emit));
}

}  // namespace ribostep::session
