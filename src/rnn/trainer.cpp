// The order of things in training: shuffle, cut a minibatch, rotate it where that is asked for, cut it into
// its fixed shards, add their gradients in shard order, clip, step at the scheduled rate, and look at the
// whole every epoch.
#include "rnn/trainer.h"

#include <algorithm>
#include <cassert>
#include <numeric>

#include "base/hash.h"
#include "base/random.h"

namespace ribostep::rnn {
namespace {

constexpr std::uint64_t kShuffleStream = 1;         // of Random; initial weights are stream 0
constexpr std::size_t kTrainEvaluationLimit = 512;  // examples of the training set looked at each epoch

bool finite(double x) { return x - x == 0; }

// An example that begins elsewhere on its circle: letters, labels and values move together. Whole steps only,
// so that codons stay codons; letters behind the last whole codon stay where they are.
class RotatedExample {
 public:
  Example rotate(const ModelSpec& spec, const Example& from, std::uint64_t seed, std::int64_t update,
                 int row) {
    const int count = steps(spec, from);
    if (count < 2) return from;
    constexpr char kUse[] = "rotation";  // a stream of its own for each example of each update
    const std::int64_t place[] = {update, row};
    Random random(seed, Hash().bytes(kUse, sizeof kUse).bytes(place, sizeof place).value());
    const auto letters = static_cast<std::size_t>(spec.letters_per_step());
    const std::size_t length = static_cast<std::size_t>(count) * letters,
                      shift = random.below(static_cast<std::uint32_t>(count)) * letters;
    const auto turn = [&](auto& own, auto given, std::size_t numbers) {
      own.assign(given.begin(), given.end());
      if (own.size() < length * numbers) return;
      std::rotate(own.begin(), own.begin() + static_cast<std::ptrdiff_t>(shift * numbers),
                  own.begin() + static_cast<std::ptrdiff_t>(length * numbers));
    };
    turn(tokens_, from.tokens, 1);
    turn(labels_, from.position_labels, 1);
    turn(values_, from.values, static_cast<std::size_t>(spec.channels));
    Example out = from;
    out.tokens = tokens_;
    out.position_labels = labels_;
    out.values = values_;
    return out;
  }

 private:
  std::vector<std::uint8_t> tokens_, labels_;
  std::vector<float> values_;
};

}  // namespace

std::vector<float> balanced_class_weights(const ModelSpec& spec, std::span<const Example> examples) {
  if (spec.task != Task::SequenceLabel && spec.task != Task::PositionLabel) return {};
  std::vector<std::int64_t> counts(static_cast<std::size_t>(spec.outputs()));
  std::int64_t all = 0;
  for (const Example& one : examples) {
    const int scored = spec.task == Task::SequenceLabel ? 1 : steps(spec, one);
    for (int t = 0; t < scored; ++t) {
      const int k = target(spec, one, t);
      if (k < 0) continue;
      ++counts[static_cast<std::size_t>(k)];
      ++all;
    }
  }
  const auto present = static_cast<double>(counts.size()) -
                       static_cast<double>(std::count(counts.begin(), counts.end(), std::int64_t{0}));
  std::vector<float> weights;
  for (const std::int64_t count : counts)
    weights.push_back(
        count > 0 ? static_cast<float>(static_cast<double>(all) / (present * static_cast<double>(count)))
                  : 1.0f);
  return weights;
}

struct Trainer::State {
  State(Network network, TrainingData training_data, TrainConfig settings, std::uint64_t from_seed,
        std::span<const float> start)
      : net(std::move(network)),
        data(std::move(training_data)),
        config(settings),
        seed(from_seed),
        bptt(net, data.table),
        optimiser(net.parameter_count),
        random(seed, kShuffleStream),
        parameters(net.parameter_count),
        before(net.parameter_count),
        gradients(net.parameter_count),
        order(data.train.size()) {
    assert(problem(config).empty());
    if (config.class_weights && data.class_weights.empty())
      data.class_weights = balanced_class_weights(net.spec, data.train);
    bptt.set_class_weights(data.class_weights);
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
    const auto mean = [](const BatchResult& r) { return r.weight > 0 ? r.loss / r.weight : 0; };
    const BatchResult train = bptt.evaluate(parameters, watched);
    point.train_loss = mean(train);
    point.train_correct = train.correct;
    point.train_items = train.items;
    const BatchResult validation = bptt.evaluate(parameters, data.validation);
    point.validation_loss = mean(validation);
    point.validation_correct = validation.correct;
    point.validation_items = validation.items;
    point.unsettled = train.unsettled + validation.unsettled;
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
    if (config.random_rotation && net.spec.circular != Circular::Linear) {
      rotated.resize(std::max(rotated.size(), minibatch.size()));
      for (std::size_t row = 0; row < minibatch.size(); ++row)
        minibatch[row] = rotated[row].rotate(net.spec, minibatch[row], seed, updates, static_cast<int>(row));
    }

    const double weight = target_weight(net.spec, minibatch, data.class_weights);
    const auto scale = static_cast<float>(weight > 0 ? 1.0 / weight : 0.0);
    std::fill(gradients.begin(), gradients.end(), 0.0f);
    BatchResult total;
    // Each shard's gradient is complete before it is added, so it may as well have been computed elsewhere.
    if (parts.empty() || parts.back().end != static_cast<int>(minibatch.size()))
      parts = shards(static_cast<int>(minibatch.size()));
    for (const Shard shard : parts) {
      const std::span<const Example> part(minibatch.data() + shard.begin,
                                          static_cast<std::size_t>(shard.end - shard.begin));
      const Noise noise{seed, updates, shard.begin};
      total.loss +=
          bptt.accumulate(parameters, part, scale, gradients, net.spec.dropout > 0 ? &noise : nullptr).loss;
    }
    const double loss = weight > 0 ? total.loss / weight : 0;
    const double norm = clip_global_norm<float>(gradients, config.clip_norm);
    if (!finite(loss)) return not_finite("the loss is not a finite number");
    if (!finite(norm)) return not_finite("the gradient is not finite");
    before = parameters;
    TrainConfig now = config;
    now.learning_rate = scheduled_rate(config, updates, per_epoch(), config.max_epochs * per_epoch());
    optimiser.step(now, parameters, gradients);
    for (const float p : parameters)
      if (!finite(static_cast<double>(p))) {
        parameters = before;
        return not_finite("a weight would no longer be a finite number");
      }
    ++updates;
    curve.push_back(
        {static_cast<float>(loss), static_cast<float>(norm), static_cast<float>(now.learning_rate)});
    if (updates % per_epoch() != 0) return;
    evaluate();
    if (finish == Finish::Running && updates >= config.max_epochs * per_epoch()) end(Finish::Epochs);
  }

  Network net;
  TrainingData data;
  TrainConfig config;
  std::uint64_t seed;
  Bptt<float> bptt;
  Optimiser<float> optimiser;
  Random random;
  std::vector<float> parameters, before, gradients, best;
  std::vector<int> order;  // of the training examples, shuffled anew each epoch
  std::vector<Example> watched, minibatch;
  std::vector<RotatedExample> rotated;  // what the minibatch points to, by row
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
