// The order of things in training: shuffle, cut a minibatch, cut it into its fixed shards, add their
// gradients in shard order, clip, step, and look at the whole every epoch.
#include "rnn/trainer.h"

#include <algorithm>
#include <cassert>
#include <numeric>

#include "base/random.h"

namespace ribostep::rnn {
namespace {

constexpr std::uint64_t kShuffleStream = 1;         // of Random; initial weights are stream 0
constexpr std::size_t kTrainEvaluationLimit = 512;  // examples of the training set looked at each epoch

bool finite(double x) { return x - x == 0; }

}  // namespace

struct Trainer::State {
  State(Network network, TrainingData training_data, TrainConfig settings, std::uint64_t seed,
        std::span<const float> start)
      : net(std::move(network)),
        data(std::move(training_data)),
        config(settings),
        bptt(net, data.table),
        optimiser(net.parameter_count),
        random(seed, kShuffleStream),
        parameters(net.parameter_count),
        before(net.parameter_count),
        gradients(net.parameter_count),
        order(data.train.size()) {
    assert(problem(config).empty());
    if (start.empty()) {
      initialise<float>(net, seed, parameters);
    } else {
      assert(start.size() == parameters.size());
      parameters.assign(start.begin(), start.end());
    }
    std::iota(order.begin(), order.end(), 0);
    // Evenly spread: files often have one class after the other.
    const std::size_t shown = std::min(data.train.size(), kTrainEvaluationLimit);
    for (std::size_t i = 0; i < shown; ++i) watched.push_back(data.train[i * data.train.size() / shown]);
    if (data.train.empty()) {
      finish = Finish::Epochs;
      trouble = "There is nothing to train on: no example has a label.";
    }
  }

  std::int64_t per_epoch() const {
    const auto batch_size = static_cast<std::size_t>(config.batch_size);
    return static_cast<std::int64_t>((order.size() + batch_size - 1) / batch_size);
  }

  void evaluate() {
    EvaluationPoint point;
    point.update = updates;
    point.epoch = static_cast<int>(updates / per_epoch());
    const auto mean = [](const BatchResult& r) {
      return r.items > 0 ? r.loss / static_cast<double>(r.items) : 0;
    };
    const BatchResult train = bptt.evaluate(parameters, watched);
    point.train_loss = mean(train);
    point.train_correct = train.correct;
    point.train_items = train.items;
    const BatchResult validation = bptt.evaluate(parameters, data.validation);
    point.validation_loss = mean(validation);
    point.validation_correct = validation.correct;
    point.validation_items = validation.items;
    evaluations.push_back(point);
    if (config.patience == 0 || validation.items == 0) return;
    if (best.empty() || point.validation_loss < best_loss) {
      best = parameters;
      best_loss = point.validation_loss;
      best_epoch = point.epoch;
    } else if (point.epoch - best_epoch >= config.patience) {
      end(Finish::EarlyStop);
    }
  }

  void end(Finish why) {
    finish = why;
    if (why != Finish::NotFinite && !best.empty()) parameters = best;
  }

  void not_finite(const std::string& what) {
    trouble = "Training stopped at update " + std::to_string(updates) + ": " + what +
              ". The weights are those from before it; a smaller learning rate or a smaller clipping norm "
              "may help.";
    end(Finish::NotFinite);
  }

  void update() {
    if (finish != Finish::Running) return;
    if (evaluations.empty()) evaluate();
    const std::int64_t in_epoch = updates % per_epoch();
    if (in_epoch == 0) shuffle(order, random);
    const auto size = static_cast<std::size_t>(config.batch_size),
               begin = static_cast<std::size_t>(in_epoch) * size,
               end_at = std::min(begin + size, order.size());
    minibatch.clear();
    for (std::size_t i = begin; i < end_at; ++i)
      minibatch.push_back(data.train[static_cast<std::size_t>(order[i])]);

    const std::int64_t items = count_targets(net.spec, minibatch);
    const auto scale = static_cast<float>(items > 0 ? 1.0 / static_cast<double>(items) : 0.0);
    std::fill(gradients.begin(), gradients.end(), 0.0f);
    BatchResult total;
    // Each shard's gradient is complete before it is added, so it may as well have been computed elsewhere.
    if (parts.empty() || parts.back().end != static_cast<int>(minibatch.size()))
      parts = shards(static_cast<int>(minibatch.size()));
    for (const Shard shard : parts) {
      const std::span<const Example> part(minibatch.data() + shard.begin,
                                          static_cast<std::size_t>(shard.end - shard.begin));
      total.loss += bptt.accumulate(parameters, part, scale, gradients).loss;
    }
    const double loss = items > 0 ? total.loss / static_cast<double>(items) : 0;
    const double norm = clip_global_norm<float>(gradients, config.clip_norm);
    if (!finite(loss)) return not_finite("the loss is not a finite number");
    if (!finite(norm)) return not_finite("the gradient is not finite");
    before = parameters;
    optimiser.step(config, parameters, gradients);
    for (const float p : parameters)
      if (!finite(static_cast<double>(p))) {
        parameters = before;
        return not_finite("a weight would no longer be a finite number");
      }
    ++updates;
    curve.push_back({static_cast<float>(loss), static_cast<float>(norm)});
    if (updates % per_epoch() != 0) return;
    evaluate();
    if (finish == Finish::Running && updates >= config.max_epochs * per_epoch()) end(Finish::Epochs);
  }

  Network net;
  TrainingData data;
  TrainConfig config;
  Bptt<float> bptt;
  Optimiser<float> optimiser;
  Random random;
  std::vector<float> parameters, before, gradients, best;
  std::vector<int> order;  // of the training examples, shuffled anew each epoch
  std::vector<Example> watched, minibatch;
  std::vector<Shard> parts;
  std::int64_t updates = 0;
  double best_loss = 0;
  int best_epoch = 0;
  Finish finish = Finish::Running;
  std::string trouble;
  std::vector<UpdatePoint> curve;
  std::vector<EvaluationPoint> evaluations;
};

Trainer::Trainer(Network net, TrainingData data, TrainConfig config, std::uint64_t seed,
                 std::span<const float> start)
    : state_(std::make_unique<State>(std::move(net), std::move(data), config, seed, start)) {}
Trainer::~Trainer() = default;
Trainer::Trainer(Trainer&&) noexcept = default;

void Trainer::update() { state_->update(); }
void Trainer::change(const SettingChange& change) {
  [[maybe_unused]] const bool known = apply(state_->config, change);
  assert(known);
  // A run that came to its end and is given more epochs goes on from where it ended.
  if (state_->finish == Finish::Epochs && updates() < updates_planned()) state_->finish = Finish::Running;
}
Finish Trainer::finish() const { return state_->finish; }
std::string Trainer::trouble() const { return state_->trouble; }
std::int64_t Trainer::updates() const { return state_->updates; }
std::int64_t Trainer::updates_per_epoch() const { return state_->per_epoch(); }
std::int64_t Trainer::updates_planned() const { return state_->config.max_epochs * state_->per_epoch(); }
const TrainConfig& Trainer::config() const { return state_->config; }
std::span<const float> Trainer::parameters() const { return state_->parameters; }
const std::vector<UpdatePoint>& Trainer::curve() const { return state_->curve; }
const std::vector<EvaluationPoint>& Trainer::evaluations() const { return state_->evaluations; }

}  // namespace ribostep::rnn
