#include "bench/loops.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <vector>

#include "rnn/gemm.h"
#include "rnn/simd.h"

namespace ribostep::bench {
namespace {

using rnn::Vec;

constexpr int kRuns = 21;

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

// Independent chains, which stay near 1.
template <std::size_t N>
__attribute__((noinline)) float register_loop(int iterations, float m_value, float c_value) {
  const Vec<float> m = rnn::splat(m_value), c = rnn::splat(c_value);
  Vec<float> x[N];
  rnn::unrolled<N>([&](auto i) __attribute__((always_inline)) { x[i] = c; });
  for (int k = 0; k < iterations; ++k)
    rnn::unrolled<N>([&](auto i) __attribute__((always_inline)) { x[i] = x[i] * m + c; });
  Vec<float> sum{};
  rnn::unrolled<N>([&](auto i) __attribute__((always_inline)) { sum = sum + x[i]; });
  return sum[0] + sum[1] + sum[2] + sum[3];
}

// Many short calls: a browser replaces the first, slow version of a WebAssembly function only between calls.
// By pointer: wasm-opt inlines whatever has one caller, and then there are no calls.
template <std::size_t N>
double measured() {
  constexpr int kIterations = 2000, kCalls = 100;
  std::vector<double> runs;
  float (*volatile loop)(int, float, float) = register_loop<N>;
  volatile float half = 0.5f, sink = 0;
  for (int i = 0; i < kRuns; ++i) {
    const double start = now_ms();
    for (int call = 0; call < kCalls; ++call) sink = sink + loop(kIterations, half, half);
    runs.push_back(now_ms() - start);
  }
  return static_cast<double>(N) * 4 * 2 * kIterations * kCalls / median(runs) * 1e-6;
}

}  // namespace

double now_ms() {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

double register_gflops(int chains) {
  switch (chains) {
    case 4:
      return measured<4>();
    case 6:
      return measured<6>();
    case 8:
      return measured<8>();
    case 10:
      return measured<10>();
    case 12:
      return measured<12>();
    case 14:
      return measured<14>();
    default:
      return 0;
  }
}

double gemm_gflops(int rows, int depth, int width) {
  constexpr double kRunFlops = 2e7;  // about a millisecond
  width = rnn::padded<float>(width);
  const std::vector<float> a(rnn::area(rows, depth), 0.5f);
  std::vector<float> c(rnn::area(rows, width));
  rnn::Panels<float> b;
  b.pack(depth, width, [](int k, int n) { return static_cast<float>((k + n) % 7) * 0.125f; });
  const double flops = 2.0 * rows * depth * width;
  const int calls = std::max(1, static_cast<int>(kRunFlops / flops));
  std::vector<double> runs;
  for (int i = 0; i < kRuns; ++i) {
    const double start = now_ms();
    for (int call = 0; call < calls; ++call)
      rnn::multiply<float, rnn::Start::Zero>(a.data(), depth, rows, b, c.data(), width);
    runs.push_back(now_ms() - start);
  }
  return flops * calls / median(runs) * 1e-6;
}

}  // namespace ribostep::bench
