// The order of things in training: shuffle, cut a minibatch into its fixed shards, add their gradients in
// shard order, clip, step at the scheduled rate, and look at the whole every epoch. The parts themselves are
// shard_gradients.cpp's.
#include "rnn/trainer.h"

#include <algorithm>
#include <cassert>
#include <numeric>

#include "base/random.h"

namespace ribostep::rnn {
namespace {

constexpr std::uint64_t kShuffleStream = 1;  // of Random; initial weights are stream 0

bool finite(double x) { return x - x == 0; }

}  // namespace

struct Trainer::State {
  State(Network network, TrainingData training_data, TrainConfig settings, std::uint64_t from_seed,
        std::span<const float> start)
      : net(std::move(network)),
        config(settings),
        work(net, std::move(training_data), config, from_seed),
        optimiser(net.parameter_count),
        random(from_seed, kShuffleStream),
        parameters(net.parameter_count),
        before(net.parameter_count),
        gradients(net.parameter_count),
        part_gradient(net.parameter_count),
        order(work.data().train.size()) {
    assert(problem(config).empty());
    if (start.empty()) {
      initialise<float>(net, from_seed, parameters);
    } else {
      assert(start.size() == parameters.size());
      parameters.assign(start.begin(), start.end());
    }
    std::iota(order.begin(), order.end(), 0);
    if (order.empty()) {
      finish = Finish::Epochs;
      trouble = "There is nothing to train on: no example has a label.";
    }
  }

  std::int64_t per_epoch() const {
    const auto batch_size = static_cast<std::size_t>(config.batch_size);
    return static_cast<std::int64_t>((order.size() + batch_size - 1) / batch_size);
  }
  bool evaluating() const { return open && round.minibatch.empty(); }

  // ---- rounds
  void begin_round() {
    ++round.serial;
    open = true;
    added = 0;
    missing.assign(round.parts.size(), 1);
    left = static_cast<int>(round.parts.size());
    results.resize(round.parts.size());
    elsewhere.resize(std::max(elsewhere.size(), round.parts.size()));
  }

  void open_evaluation() {
    round.update = stepped;
    round.minibatch = {};
    round.scale = 0;
    round.parts = work.evaluation();
    begin_round();
  }

  void open_minibatch() {
    const std::int64_t in_epoch = stepped % per_epoch();
    if (in_epoch == 0) shuffle(order, random);
    const auto size = static_cast<std::size_t>(config.batch_size),
               begin = static_cast<std::size_t>(in_epoch) * size;
    round.update = stepped;
    round.minibatch = std::span<const int>(order).subspan(begin, std::min(size, order.size() - begin));
    minibatch = work.rows(stepped, round.minibatch, 0);
    minibatch_weight = work.weight(minibatch);
    round.scale = static_cast<float>(minibatch_weight > 0 ? 1.0 / minibatch_weight : 0.0);
    const auto rows = static_cast<int>(minibatch.size());
    if (round.parts.empty() || round.parts[0].kind != PartKind::Gradient || round.parts.back().end != rows) {
      round.parts.clear();
      for (const Shard shard : shards(rows))
        round.parts.push_back({PartKind::Gradient, shard.begin, shard.end});
    }
    begin_round();
  }

  const Round* current() {
    if (finish != Finish::Running) return nullptr;
    if (!open && evaluations.empty())
      open_evaluation();
    else if (!open)
      open_minibatch();
    return &round;
  }

  void compute(int index) {
    const auto at = static_cast<std::size_t>(index);
    if (!open || !missing[at]) return;
    const Part& part = round.parts[at];
    if (part.kind != PartKind::Gradient) return arrived(index, work.loss(parameters, part));
    // The first to be added and the next in order need no room of their own.
    const bool first = index == 0, next = index == added;
    std::vector<float>& out = first ? gradients : next ? part_gradient : elsewhere[at];
    out.resize(net.parameter_count);
    const BatchResult result =
        work.gradient(parameters,
                      minibatch.subspan(static_cast<std::size_t>(part.begin),
                                        static_cast<std::size_t>(part.end - part.begin)),
                      round.update, part.begin, round.scale, out);
    if (next && !first) add(part_gradient);
    if (next) ++added;
    arrived(index, result);
  }

  void take(int index, const BatchResult& result, std::vector<float> gradient) {
    if (!open || index < 0 || index >= static_cast<int>(missing.size())) return;
    const auto at = static_cast<std::size_t>(index);
    const bool shard = round.parts[at].kind == PartKind::Gradient;
    if (!missing[at] || gradient.size() != (shard ? net.parameter_count : 0)) return;
    if (shard) (index == 0 ? gradients : elsewhere[at]) = std::move(gradient);
    if (shard && index == 0) ++added;
    arrived(index, result);
  }

  void arrived(int index, const BatchResult& result) {
    const auto at = static_cast<std::size_t>(index);
    results[at] = result;
    missing[at] = 0;
    --left;
    if (round.parts[at].kind != PartKind::Gradient) return;
    // Each gradient is complete before it is added, and added when all before it are.
    for (auto next = static_cast<std::size_t>(added); next > 0 && next < missing.size() && !missing[next];
         ++next, ++added)
      add(elsewhere[next]);
  }

  void add(const std::vector<float>& more) {
    for (std::size_t i = 0; i < gradients.size(); ++i) gradients[i] += more[i];
  }

  void close() {
    assert(open && left == 0);
    const bool looked = evaluating();
    open = false;
    if (!looked) return step();
    evaluate();
    if (stepped == 0) return open_minibatch();
    updates = stepped;
    if (finish == Finish::Running && updates >= config.max_epochs * per_epoch()) end(Finish::Epochs);
  }

  // ---- what follows from a round
  void evaluate() {
    BatchResult train, validation;
    for (std::size_t i = 0; i < results.size(); ++i) {
      BatchResult& sum = round.parts[i].kind == PartKind::TrainLoss ? train : validation;
      sum.loss += results[i].loss;
      sum.weight += results[i].weight;
      sum.items += results[i].items;
      sum.correct += results[i].correct;
      sum.unsettled += results[i].unsettled;
    }
    EvaluationPoint point;
    point.update = stepped;
    point.epoch = static_cast<int>(stepped / per_epoch());
    const auto mean = [](const BatchResult& r) { return r.weight > 0 ? r.loss / r.weight : 0; };
    point.train_loss = mean(train);
    point.train_correct = train.correct;
    point.train_items = train.items;
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
    trouble = "Training stopped at update " + std::to_string(stepped) + ": " + what +
              ". The weights are those from before it; a smaller learning rate or a smaller clipping norm "
              "may help.";
    end(Finish::NotFinite);
  }

  void step() {
    double sum = 0;
    for (const BatchResult& shard : results) sum += shard.loss;
    const double loss = minibatch_weight > 0 ? sum / minibatch_weight : 0;
    const double norm = clip_global_norm<float>(gradients, config.clip_norm);
    if (!finite(loss)) return not_finite("the loss is not a finite number");
    if (!finite(norm)) return not_finite("the gradient is not finite");
    before = parameters;
    TrainConfig now = config;
    now.learning_rate = scheduled_rate(config, stepped, per_epoch(), config.max_epochs * per_epoch());
    optimiser.step(now, parameters, gradients);
    for (const float p : parameters)
      if (!finite(static_cast<double>(p))) {
        parameters = before;
        return not_finite("a weight would no longer be a finite number");
      }
    ++stepped;
    curve.push_back(
        {static_cast<float>(loss), static_cast<float>(norm), static_cast<float>(now.learning_rate)});
    if (stepped % per_epoch() == 0)
      open_evaluation();
    else
      updates = stepped;
  }

  Network net;
  TrainConfig config;
  ShardGradients work;
  Optimiser<float> optimiser;
  Random random;
  std::vector<float> parameters, before, gradients, part_gradient, best;
  std::vector<int> order;  // of the training examples, shuffled anew each epoch

  Round round;
  bool open = false;
  std::vector<char> missing;  // by part
  int left = 0;               // parts that are missing
  std::vector<BatchResult> results;
  std::span<const Example> minibatch;
  double minibatch_weight = 0;
  std::vector<std::vector<float>> elsewhere;  // gradients that came before those in front of them
  int added = 0;                              // shards whose gradients are in `gradients`

  std::int64_t updates = 0, stepped = 0;  // complete; and with the one whose evaluation is under way
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

void Trainer::update() {
  do {
    const Round* round = state_->current();
    if (!round) return;
    for (int part = 0; part < static_cast<int>(round->parts.size()); ++part) state_->compute(part);
    state_->close();
  } while (in_update());
}
const Round* Trainer::round() { return state_->current(); }
bool Trainer::missing(int part) const {
  return state_->open && state_->missing[static_cast<std::size_t>(part)] != 0;
}
void Trainer::compute(int part) { state_->compute(part); }
void Trainer::take(int part, const BatchResult& result, std::vector<float> gradient) {
  state_->take(part, result, std::move(gradient));
}
bool Trainer::complete() const { return state_->open && state_->left == 0; }
void Trainer::close() { state_->close(); }
bool Trainer::in_update() const { return state_->open; }
bool Trainer::may_change() const { return !state_->evaluating(); }
const std::vector<Part>& Trainer::evaluation() const { return state_->work.evaluation(); }
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
