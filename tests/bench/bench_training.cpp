// Milliseconds of one training step (forward, backward, clipping, Adam) of each cell: many-to-one, 4-letter
// input, last state. GFLOP/s counts only the dense recurrent products (Elman 6, GRU 18, LSTM 24 H H B L) and
// stands beside what a loop of multiplications and additions in registers reaches in the same run.
//   ribostep_bench [hidden,length,batch ...]      default: 16,57,32 64,200,32
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/random.h"
#include "rnn/simd.h"
#include "rnn/trainer.h"

using namespace ribostep;
using namespace ribostep::rnn;

namespace {

double now_ms() {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

// Twelve independent chains x = x m + c, which stay near 1.
__attribute__((noinline)) float register_loop(int iterations, float m_value, float c_value) {
  const Vec<float> m = splat(m_value), c = splat(c_value);
  Vec<float> x0 = c, x1 = c, x2 = c, x3 = c, x4 = c, x5 = c, x6 = c, x7 = c, x8 = c, x9 = c, x10 = c, x11 = c;
  for (int i = 0; i < iterations; ++i) {
    x0 = x0 * m + c, x1 = x1 * m + c, x2 = x2 * m + c, x3 = x3 * m + c;
    x4 = x4 * m + c, x5 = x5 * m + c, x6 = x6 * m + c, x7 = x7 * m + c;
    x8 = x8 * m + c, x9 = x9 * m + c, x10 = x10 * m + c, x11 = x11 * m + c;
  }
  const Vec<float> sum = ((x0 + x1) + (x2 + x3)) + ((x4 + x5) + (x6 + x7)) + ((x8 + x9) + (x10 + x11));
  return sum[0] + sum[1] + sum[2] + sum[3];
}

// Many short calls: a browser replaces the first, slow version of a WebAssembly function only between calls.
// By pointer: wasm-opt inlines whatever has one caller, and then there are no calls.
double register_gflops() {
  constexpr int kIterations = 2000, kCalls = 100;
  std::vector<double> runs;
  float (*volatile loop)(int, float, float) = register_loop;
  volatile float half = 0.5f, sink = 0;
  for (int i = 0; i < 101; ++i) {
    const double start = now_ms();
    for (int call = 0; call < kCalls; ++call) sink = sink + loop(kIterations, half, half);
    runs.push_back(now_ms() - start);
  }
  return 12.0 * 4 * 2 * kIterations * kCalls / median(runs) * 1e-6;
}

struct Size {
  int hidden, length, batch;
};
struct Line {
  CellKind cell;
  Size size;
  double recurrent_flops;  // per H*H*B*L
  std::vector<std::vector<std::uint8_t>> sequences;
  std::vector<Trainer> trainer;  // one, or none yet
  std::vector<double> ms;
};

void start(Line& line) {
  constexpr int kBatches = 1000;  // an epoch's end is not part of a step
  Random random(1);
  for (int i = 0; i < line.size.batch; ++i) {
    std::vector<std::uint8_t> tokens;
    for (int t = 0; t < line.size.length; ++t) tokens.push_back(static_cast<std::uint8_t>(random.below(4)));
    line.sequences.push_back(std::move(tokens));
  }
  TrainingData data{{4, {1, 2, 4, 8}}, {}, {}};
  for (int i = 0; i < kBatches * line.size.batch; ++i) {
    const std::vector<std::uint8_t>& tokens = line.sequences[static_cast<std::size_t>(i % line.size.batch)];
    data.train.push_back({tokens, tokens[0] < 2 ? 1 : 0, {}});
  }
  ModelSpec spec;
  spec.cell = line.cell;
  spec.hidden = line.size.hidden;
  TrainConfig config;
  config.learning_rate = 1e-3;
  config.batch_size = line.size.batch;
  line.trainer.emplace_back(make_network(spec), std::move(data), config, 1);
  line.trainer[0].update();  // evaluates first, allocates
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<Size> sizes;
  for (int i = 1; i < argc; ++i) {
    Size s{};
    if (std::sscanf(argv[i], "%d,%d,%d", &s.hidden, &s.length, &s.batch) == 3) sizes.push_back(s);
  }
  if (sizes.empty()) sizes = {{16, 57, 32}, {64, 200, 32}};
  std::vector<Line> lines;
  for (const Size& size : sizes)
    for (const auto& [cell, flops] :
         {std::pair{CellKind::ElmanTanh, 6.0}, {CellKind::Gru, 18.0}, {CellKind::Lstm, 24.0}})
      lines.push_back({cell, size, flops, {}, {}, {}});
  for (Line& line : lines) start(line);

  // Interleaved, so that whatever else the machine does falls on all lines alike.
  const double deadline = now_ms() + 1500.0 * static_cast<double>(lines.size());
  for (int round = 0; round < 400 && (round < 5 || now_ms() < deadline); ++round)
    for (Line& line : lines) {
      const double begin = now_ms();
      line.trainer[0].update();
      line.ms.push_back(now_ms() - begin);
    }

  const double peak = register_gflops();
  std::printf("%-14s %-16s %10s %12s %10s\n", "cell", "(H, L, B)", "ms a step", "GFLOP/s", "of loop");
  for (const Line& line : lines) {
    const double ms = median(line.ms), h = line.size.hidden;
    const double gflops = line.recurrent_flops * h * h * line.size.batch * line.size.length / ms * 1e-6;
    const std::string size = "(" + std::to_string(line.size.hidden) + ", " +
                             std::to_string(line.size.length) + ", " + std::to_string(line.size.batch) + ")";
    std::printf("%-14s %-16s %10.3f %12.2f %9.0f%%\n", label(line.cell), size.c_str(), ms, gflops,
                100 * gflops / peak);
  }
  std::printf("register loop: %.1f GFLOP/s\n", peak);
  return 0;
}
