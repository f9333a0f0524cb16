// The oldest test there is for a backward pass: wiggle every weight and watch the loss.
#include <algorithm>

#include "rnn/bptt.h"

namespace ribostep::rnn {

GradientCheck check_gradients(const Network& net, const TokenTable& table, std::span<const double> parameters,
                              std::span<const Example> batch, double step) {
  Bptt<double> bptt(net, table);
  std::vector<double> analytic(net.parameter_count), moved(parameters.begin(), parameters.end());
  bptt.accumulate(parameters, batch, 1.0, analytic);
  double scale = 0;
  for (const double a : analytic) scale = std::max(scale, a < 0 ? -a : a);

  GradientCheck check;
  for (std::size_t i = 0; i < moved.size(); ++i) {
    const auto loss_at = [&](double value) {
      moved[i] = value;
      return bptt.evaluate(moved, batch).loss;
    };
    // The step as it is after rounding.
    const double up = parameters[i] + step, down = parameters[i] - step;
    const double numeric = (loss_at(up) - loss_at(down)) / (up - down);
    moved[i] = parameters[i];
    const double a = analytic[i], difference = a > numeric ? a - numeric : numeric - a;
    const double size = (a < 0 ? -a : a) + (numeric < 0 ? -numeric : numeric);
    const double relative = difference / std::max(1e-6 * scale, size);
    // Written so that NaN counts as the worst.
    if (!(relative <= check.worst) && check.worst == check.worst) {
      check.worst = relative;
      check.worst_parameter = static_cast<int>(i);
    }
    ++check.checked;
  }
  return check;
}

}  // namespace ribostep::rnn
