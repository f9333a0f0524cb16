// The path of a layer's state along a sequence, seen from the two or three directions it varies most in:
// principal components (Pearson 1901) of h_t or c_t. What is drawn of it is left to the screen.
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "rnn/trace.h"

namespace ribostep::experiment {

// States of a layer, a row per step, as a trace keeps them. Points into the trace.
struct StateRows {
  const float* first = nullptr;
  std::size_t stride = 0;
  int rows = 0, units = 0;
  const float* row(int t) const { return first + static_cast<std::size_t>(t) * stride; }
};
StateRows state_rows(const rnn::LayerTrace& layer, bool cell);

inline constexpr int kStateComponents = 3;
// Mean and covariance are taken over at most so many steps: of n more, those at floor(i n / 4096).
inline constexpr int kCovarianceRows = 4096;
// Layers with more units than this: the leading components by subspace iteration, the same to 1e-9.
inline constexpr int kDirectUnits = 64;

struct StateSpace {
  int units = 0, steps = 0, sampled = 0;  // sampled: steps behind mean and covariance
  int components = 0;                     // min(3, units)
  std::vector<double> mean;               // [units]
  // [components][units], orthonormal, the most variance first. Signs: the weight of largest magnitude is
  // positive, of equal ones that of the lowest unit.
  std::vector<double> axes;
  std::vector<double> variance;  // [components], of the projections of the sampled steps (divided by n)
  double total = 0;              // variance over all units
  std::vector<float> path;       // [steps][components]
  std::vector<float> start;      // [components]: the initial state

  // Share of the variance that lies along a component, 0..1; 0 where nothing varies.
  double explained(int component) const {
    return total > 0 ? variance[static_cast<std::size_t>(component)] / total : 0;
  }
  float at(int step, int component) const {
    return path[static_cast<std::size_t>(step) * static_cast<std::size_t>(components) +
                static_cast<std::size_t>(component)];
  }
};

// In slices, so that 50,000 steps never block a frame.
class StateSpaceBuilder {
 public:
  // `initial`: h_0, at least `units` numbers, or empty. With `axes` (of as many units) nothing is fitted: the
  // mean and axes are those, the variances are of these rows along them.
  StateSpaceBuilder(StateRows rows, std::span<const float> initial, const StateSpace* axes = nullptr);
  ~StateSpaceBuilder();
  StateSpaceBuilder(StateSpaceBuilder&&) noexcept;
  StateSpaceBuilder& operator=(StateSpaceBuilder&&) noexcept;
  bool run(double work);  // multiply-adds, roughly; true: finished
  double progress() const;
  StateSpace take();

 private:
  struct State;
  std::unique_ptr<State> state_;
};
StateSpace state_space(StateRows rows, std::span<const float> initial, const StateSpace* axes = nullptr);

struct PlanePoint {
  double x = 0, y = 0;
};
// Steps whose projection on components (x, y) lies inside a closed polygon (even-odd rule), ascending.
std::vector<int> steps_within(const StateSpace& space, int x, int y, std::span<const PlanePoint> polygon);

}  // namespace ribostep::experiment
