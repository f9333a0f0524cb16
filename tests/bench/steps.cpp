#include "bench/steps.h"

#include <cmath>
#include <stdexcept>
#include <utility>

#include "base/random.h"
#include "bench/loops.h"
#include "rnn/bptt.h"
#include "rnn/trace.h"
#ifdef __EMSCRIPTEN__
#include <emscripten/heap.h>
#else
#include <sys/resource.h>
#endif

namespace ribostep::bench {
namespace {

using namespace rnn;

constexpr int kUpdates = 4000;  // in an epoch, whose end is not part of a step
constexpr std::uint64_t kSeed = 1;
constexpr int kTraceSlice = 4096;  // steps

TokenTable dna() { return {4, {1, 2, 4, 8}}; }

std::vector<std::uint8_t> letters(int length, Random& random) {
  std::vector<std::uint8_t> out;
  for (int t = 0; t < length; ++t) out.push_back(static_cast<std::uint8_t>(random.below(4)));
  return out;
}

TrainConfig settings(int batch) {
  TrainConfig config;
  config.learning_rate = 1e-3;
  config.batch_size = batch;
  config.clip_norm = 0;
  return config;
}

ModelSpec model(CellKind cell, int hidden, Pool pool) {
  ModelSpec spec;
  spec.cell = cell;
  spec.hidden = hidden;
  spec.pool = pool;
  if (const std::string why = problem(spec); !why.empty()) throw std::invalid_argument(why);
  return spec;
}

}  // namespace

TrainingSteps::TrainingSteps(const Shape& shape) {
  Random random(kSeed);
  for (int i = 0; i < shape.batch; ++i) letters_.push_back(letters(shape.length, random));
  TrainingData data{dna(), {}, {}};
  for (int i = 0; i < kUpdates * shape.batch; ++i) {
    const std::vector<std::uint8_t>& one = letters_[static_cast<std::size_t>(i % shape.batch)];
    data.train.push_back({one, one[0] < 2 ? 1 : 0, {}});
  }
  trainer_.emplace_back(make_network(model(shape.cell, shape.hidden, shape.pool)), std::move(data),
                        settings(shape.batch), kSeed);
  trainer_[0].update();
}

double TrainingSteps::ms_per_step(int steps) {
  const double start = now_ms();
  for (int i = 0; i < steps; ++i) trainer_[0].update();
  const double ms = (now_ms() - start) / steps;
  if (trainer_[0].finish() != Finish::Running) throw std::runtime_error("training came to its end");
  return ms;
}

struct LongSteps::State {
  State(int length, int hidden)
      : net(make_network(model(CellKind::Lstm, hidden, Pool::Last))),
        bptt(net, dna()),
        optimiser(net.parameter_count),
        parameters(net.parameter_count),
        gradients(net.parameter_count) {
    Random random(kSeed);
    sequence = letters(length, random);
    initialise<float>(net, kSeed, parameters);
  }
  Network net;
  Bptt<float> bptt;
  Optimiser<float> optimiser;
  std::vector<float> parameters, gradients;
  std::vector<std::uint8_t> sequence;
};

LongSteps::LongSteps(int length, int hidden) : state_(std::make_shared<State>(length, hidden)) {}

double LongSteps::ms_per_step(int steps) {
  State& s = *state_;
  const TrainConfig config = settings(1);
  const std::vector<Example> batch{{s.sequence, 1, {}}};
  const double start = now_ms();
  for (int i = 0; i < steps; ++i) {
    std::fill(s.gradients.begin(), s.gradients.end(), 0.0f);
    const BatchResult result = s.bptt.accumulate(s.parameters, batch, 1.0f, s.gradients);
    if (!std::isfinite(result.loss)) throw std::runtime_error("the loss is not finite");
    s.optimiser.step(config, s.parameters, s.gradients);
  }
  return (now_ms() - start) / steps;
}

TraceTime long_trace(int length, int hidden) {
  const Network net = make_network(model(CellKind::Lstm, hidden, Pool::Last));
  std::vector<float> parameters(net.parameter_count);
  initialise<float>(net, kSeed, parameters);
  Random random(kSeed);
  const std::vector<std::uint8_t> sequence = letters(length, random);
  const double start = now_ms();
  TraceBuilder builder(net, parameters, dna(), {sequence, 1, {}});
  while (!builder.run(kTraceSlice)) {
  }
  const Trace trace = builder.take();
  const double ms = now_ms() - start;
  if (trace.length != length) throw std::runtime_error("the trace is not whole");
  return {ms, trace_bytes(net, length)};
}

std::uint64_t memory_bytes() {
#ifdef __EMSCRIPTEN__
  return emscripten_get_heap_size();
#else
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
#endif
}

}  // namespace ribostep::bench
