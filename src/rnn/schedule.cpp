// The learning rate over a run: warm-up, steps, half a cosine wave. Only + - * and / of doubles, so a recipe
// gives the same rates on every platform.
#include <algorithm>
#include <cstdint>
#include <iterator>

#include "rnn/spec.h"

namespace ribostep::rnn {
namespace {

// sin(pi x / 2) for 0 <= x <= 1/2: the Taylor series up to z^15, whose next term is below 1e-16.
double sine_of_quarter(double x) {
  constexpr double kHalfPi = 1.57079632679489661923;
  constexpr double kFactorials[] = {1, 6, 120, 5040, 362880, 39916800, 6227020800, 1307674368000};
  const double z = x * kHalfPi, z2 = z * z;
  double sum = 0;
  for (std::size_t k = std::size(kFactorials); k-- > 0;)
    sum = (k % 2 == 0 ? 1 : -1) / kFactorials[k] + sum * z2;
  return sum * z;
}

// (1 + cos(pi x)) / 2 for 0 <= x <= 1, as a square of the quarter that keeps its digits: exactly 1 at 0 and 0
// at 1.
double half_wave(double x) {
  const double s = sine_of_quarter(x <= 0.5 ? x : 1 - x);
  return x <= 0.5 ? 1 - s * s : s * s;
}

double power(double base, std::int64_t exponent) {
  double result = 1;
  for (; exponent > 0; exponent /= 2, base *= base)
    if (exponent % 2 != 0) result *= base;
  return result;
}

}  // namespace

double scheduled_rate(const TrainConfig& config, std::int64_t update, std::int64_t per_epoch,
                      std::int64_t planned) {
  const double rate = config.learning_rate;
  if (update < config.warmup) return rate * (static_cast<double>(update + 1) / config.warmup);
  switch (config.schedule) {
    case Schedule::Constant:
      break;
    case Schedule::Step:
      return rate * power(config.step_factor,
                          update / std::max<std::int64_t>(1, per_epoch) / std::max(1, config.step_epochs));
    case Schedule::Cosine: {
      const std::int64_t length = planned - config.warmup, at = update - config.warmup;
      return length > 0 && at < length
                 ? rate * half_wave(static_cast<double>(at) / static_cast<double>(length))
                 : 0;
    }
  }
  return rate;
}

}  // namespace ribostep::rnn
