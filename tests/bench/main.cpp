// The bench natively or in Node.
//   ribostep_bench [hidden,length,batch ...]   a table of training steps; default: 16,57,32 64,200,32
//   ribostep_bench serve                       answers lines from standard input (commands.h)
// GFLOP/s counts only the dense recurrent products (Elman 6, GRU 18, LSTM 24 H H B L) and stands beside what
// a loop of multiplications and additions in registers reaches in the same run.
#include <algorithm>
#include <cstdio>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bench/commands.h"
#include "bench/loops.h"
#include "bench/steps.h"

using namespace ribostep;

namespace {

struct Line {
  bench::Shape shape;
  double recurrent_flops;  // per H*H*B*L
  std::unique_ptr<bench::TrainingSteps> steps;
  std::vector<double> ms;
};

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

int serve() {
  bench::Commands commands;
  std::string line;
  while (std::getline(std::cin, line)) std::cout << commands.answer(line) << std::endl;
  return 0;
}

void table(std::vector<Line>& lines) {
  // Interleaved, so that whatever else the machine does falls on all lines alike.
  const double deadline = bench::now_ms() + 1500.0 * static_cast<double>(lines.size());
  for (int round = 0; round < 400 && (round < 5 || bench::now_ms() < deadline); ++round)
    for (Line& line : lines) line.ms.push_back(line.steps->ms_per_step(1));

  double peak = 0;
  for (const int chains : {6, 8, 10, 12, 14}) peak = std::max(peak, bench::register_gflops(chains));
  std::printf("%-14s %-16s %10s %12s %10s\n", "cell", "(H, L, B)", "ms a step", "GFLOP/s", "of loop");
  for (const Line& line : lines) {
    const bench::Shape& s = line.shape;
    const double ms = median(line.ms), h = s.hidden;
    const double gflops = line.recurrent_flops * h * h * s.batch * s.length / ms * 1e-6;
    const std::string size = "(" + std::to_string(s.hidden) + ", " + std::to_string(s.length) + ", " +
                             std::to_string(s.batch) + ")";
    std::printf("%-14s %-16s %10.3f %12.2f %9.0f%%\n", rnn::label(s.cell), size.c_str(), ms, gflops,
                100 * gflops / peak);
  }
  std::printf("register loop: %.1f GFLOP/s\n", peak);
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<bench::Shape> sizes;
  for (int i = 1; i < argc; ++i) {
    if (std::string(argv[i]) == "serve") return serve();
    bench::Shape s;
    if (std::sscanf(argv[i], "%d,%d,%d", &s.hidden, &s.length, &s.batch) == 3) sizes.push_back(s);
  }
  if (sizes.empty()) sizes = {{rnn::CellKind::Lstm, 16, 57, 32}, {rnn::CellKind::Lstm, 64, 200, 32}};
  std::vector<Line> lines;
  for (bench::Shape size : sizes)
    for (const auto& [cell, flops] : {std::pair{rnn::CellKind::ElmanTanh, 6.0},
                                      {rnn::CellKind::Gru, 18.0},
                                      {rnn::CellKind::Lstm, 24.0}}) {
      size.cell = cell;
      lines.push_back({size, flops, std::make_unique<bench::TrainingSteps>(size), {}});
    }
  table(lines);
  return 0;
}
