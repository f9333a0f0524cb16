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
    // Five-point formula: its error falls with step^4, so the step can be large enough for rounding not to
    // matter.
    const auto slope = [&](double h) {
      return (loss_at(parameters[i] + h) - loss_at(parameters[i] - h)) / (2 * h);
    };
    const double numeric = (4 * slope(step) - slope(2 * step)) / 3;
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
