#include "experiment/state_space.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "base/random.h"

namespace ribostep::experiment {
namespace {

constexpr int kSubspace = 12;       // directions iterated together; the first three are kept
constexpr int kRounds = 400;        // of the iteration at most
constexpr double kSettled = 1e-13;  // relative change of the leading variances

using Matrix = Eigen::MatrixXd;
using Vector = Eigen::VectorXd;

Eigen::Map<const Eigen::VectorXf> mapped(const StateRows& rows, int t) { return {rows.row(t), rows.units}; }

struct Principal {
  Matrix axes;  // [units][components]
  Vector variance;
};

Principal direct(const Matrix& covariance, int components) {
  const Eigen::SelfAdjointEigenSolver<Matrix> solver(covariance);
  const Eigen::Index n = covariance.rows();
  Principal out{Matrix(n, components), Vector(components)};
  for (int c = 0; c < components; ++c) {  // ascending there
    out.axes.col(c) = solver.eigenvectors().col(n - 1 - c);
    out.variance[c] = solver.eigenvalues()[n - 1 - c];
  }
  return out;
}

void turn_to_sign_rule(Principal& found) {
  for (Eigen::Index c = 0; c < found.axes.cols(); ++c) {
    Eigen::Index largest = 0;
    // Weights that differ by rounding alone count as equal.
    for (Eigen::Index u = 1; u < found.axes.rows(); ++u)
      if (std::fabs(found.axes(u, c)) > std::fabs(found.axes(largest, c)) + 1e-9) largest = u;
    if (found.axes(largest, c) < 0) found.axes.col(c) *= -1;
    found.variance[c] = std::max(0.0, found.variance[c]);
  }
}

}  // namespace

StateRows state_rows(const rnn::LayerTrace& layer, bool cell) {
  const std::vector<float>& from = cell ? layer.cells : layer.states;
  return {from.data(), static_cast<std::size_t>(layer.stride), from.empty() ? 0 : layer.steps, layer.hidden};
}

struct StateSpaceBuilder::State {
  enum class Phase : std::uint8_t { Mean, Covariance, Solve, Project, Done };

  StateRows rows;
  StateSpace out;
  bool given = false;  // the axes are
  std::vector<float> initial;
  Phase phase = Phase::Mean;
  int next = 0;  // row (sampled, or of the path) that comes
  Vector mean, own_mean;
  Matrix covariance, axes;
  // Subspace iteration.
  Matrix basis;
  Vector leading;
  int round = 0;

  int sampled_row(int i) const {
    return static_cast<int>(static_cast<std::int64_t>(i) * rows.rows / out.sampled);
  }

  void keep(const Principal& found) {
    axes = found.axes;
    for (int c = 0; c < out.components; ++c) {
      out.variance[static_cast<std::size_t>(c)] = found.variance[c];
      for (int u = 0; u < rows.units; ++u)
        out.axes[static_cast<std::size_t>(c * rows.units + u)] = found.axes(u, c);
    }
  }

  void begin_solving() {
    // The lower half was summed.
    covariance.triangularView<Eigen::StrictlyUpper>() = covariance.transpose();
    covariance /= static_cast<double>(std::max(1, out.sampled));
    out.total = covariance.trace();
    phase = Phase::Solve;
    if (given) {
      for (int c = 0; c < out.components; ++c)
        out.variance[static_cast<std::size_t>(c)] = axes.col(c).dot(covariance * axes.col(c));
      begin_path();
      return;
    }
    if (rows.units <= kDirectUnits) {
      Principal found = direct(covariance, out.components);
      turn_to_sign_rule(found);
      keep(found);
      begin_path();
      return;
    }
    Random random(1);
    basis = Matrix(rows.units, kSubspace);
    for (Eigen::Index c = 0; c < basis.cols(); ++c)
      for (Eigen::Index u = 0; u < basis.rows(); ++u) basis(u, c) = random.symmetric(1);
    leading = Vector::Zero(out.components);
  }

  // One multiplication by the covariance, and the best axes within the subspace (Rayleigh and Ritz).
  void iterate() {
    const Eigen::HouseholderQR<Matrix> qr(basis);
    const Matrix q = qr.householderQ() * Matrix::Identity(rows.units, kSubspace);
    basis = covariance * q;
    const Matrix small = q.transpose() * basis;
    Principal found = direct(0.5 * (small + small.transpose()), out.components);
    const double change = (found.variance - leading).cwiseAbs().maxCoeff();
    leading = found.variance;
    if (++round < kRounds && change > kSettled * std::max(leading[0], 1e-300)) return;
    found.axes = q * found.axes;
    turn_to_sign_rule(found);
    keep(found);
    begin_path();
  }

  void begin_path() {
    phase = Phase::Project;
    next = 0;
    covariance.resize(0, 0);
    out.path.resize(static_cast<std::size_t>(rows.rows) * static_cast<std::size_t>(out.components));
    if (initial.empty()) return;
    const Eigen::Map<const Eigen::VectorXf> h0(initial.data(), rows.units);
    const Vector at = axes.transpose() * (h0.cast<double>() - mean);
    for (int c = 0; c < out.components; ++c)
      out.start[static_cast<std::size_t>(c)] = static_cast<float>(at[c]);
  }

  // One row of whatever is at hand; what it cost.
  double step() {
    const double units = rows.units;
    if (phase == Phase::Mean) {
      if (next < out.sampled) {
        own_mean += mapped(rows, sampled_row(next++)).cast<double>();
        return units;
      }
      if (out.sampled > 0) own_mean /= out.sampled;
      if (!given) mean = own_mean;
      phase = Phase::Covariance;
      next = 0;
    } else if (phase == Phase::Covariance) {
      if (next < out.sampled) {
        const Vector d = mapped(rows, sampled_row(next++)).cast<double>() - own_mean;
        covariance.selfadjointView<Eigen::Lower>().rankUpdate(d);
        return units * units / 2;
      }
      begin_solving();
      if (phase == Phase::Project) return std::min(units, 128.0) * std::min(units, 128.0) * 20;
    } else if (phase == Phase::Solve) {
      iterate();
      return units * units * kSubspace;
    } else if (phase == Phase::Project) {
      if (next < rows.rows) {
        const Vector d = mapped(rows, next).cast<double>() - mean;
        for (int c = 0; c < out.components; ++c)
          out.path[static_cast<std::size_t>(next) * static_cast<std::size_t>(out.components) +
                   static_cast<std::size_t>(c)] = static_cast<float>(axes.col(c).dot(d));
        ++next;
        return units * (out.components + 1);
      }
      phase = Phase::Done;
    }
    return units;
  }
};

StateSpaceBuilder::StateSpaceBuilder(StateRows rows, std::span<const float> initial, const StateSpace* axes)
    : state_(new State) {
  State& s = *state_;
  s.rows = rows;
  s.given = axes != nullptr && axes->units == rows.units;
  StateSpace& out = s.out;
  out.units = rows.units;
  out.steps = rows.rows;
  out.sampled = std::min(rows.rows, kCovarianceRows);
  out.components = s.given ? axes->components : std::min(kStateComponents, rows.units);
  const auto units = static_cast<std::size_t>(rows.units);
  if (initial.size() >= units) s.initial.assign(initial.begin(), initial.begin() + rows.units);
  out.variance.assign(static_cast<std::size_t>(out.components), 0);
  out.start.assign(static_cast<std::size_t>(out.components), 0);
  out.axes.assign(static_cast<std::size_t>(out.components) * units, 0);
  s.mean = s.own_mean = Vector::Zero(rows.units);
  s.covariance = Matrix::Zero(rows.units, rows.units);
  s.axes = Matrix::Zero(rows.units, out.components);
  if (!s.given) return;
  s.mean = Eigen::Map<const Vector>(axes->mean.data(), rows.units);
  out.axes = axes->axes;
  for (int c = 0; c < out.components; ++c)
    for (int u = 0; u < rows.units; ++u)
      s.axes(u, c) = axes->axes[static_cast<std::size_t>(c * rows.units + u)];
}
StateSpaceBuilder::~StateSpaceBuilder() = default;
StateSpaceBuilder::StateSpaceBuilder(StateSpaceBuilder&&) noexcept = default;
StateSpaceBuilder& StateSpaceBuilder::operator=(StateSpaceBuilder&&) noexcept = default;

bool StateSpaceBuilder::run(double work) {
  State& s = *state_;
  while (s.phase != State::Phase::Done && work > 0) work -= s.step();
  return s.phase == State::Phase::Done;
}

double StateSpaceBuilder::progress() const {
  const State& s = *state_;
  const auto share = [&](int of) { return of > 0 ? static_cast<double>(s.next) / of : 1.0; };
  switch (s.phase) {
    case State::Phase::Mean:
      return 0.1 * share(s.out.sampled);
    case State::Phase::Covariance:
      return 0.1 + 0.5 * share(s.out.sampled);
    case State::Phase::Solve:
      return 0.6;
    case State::Phase::Project:
      return 0.7 + 0.3 * share(s.rows.rows);
    case State::Phase::Done:
      break;
  }
  return 1;
}

StateSpace StateSpaceBuilder::take() {
  State& s = *state_;
  s.out.mean.assign(s.mean.data(), s.mean.data() + s.mean.size());
  return std::move(s.out);
}

StateSpace state_space(StateRows rows, std::span<const float> initial, const StateSpace* axes) {
  StateSpaceBuilder builder(rows, initial, axes);
  while (!builder.run(std::numeric_limits<double>::infinity())) {
  }
  return builder.take();
}

std::vector<int> steps_within(const StateSpace& space, int x, int y, std::span<const PlanePoint> polygon) {
  std::vector<int> inside;
  if (polygon.size() < 3 || x >= space.components || y >= space.components) return inside;
  PlanePoint low = polygon[0], high = polygon[0];
  for (const PlanePoint& p : polygon) {
    low = {std::min(low.x, p.x), std::min(low.y, p.y)};
    high = {std::max(high.x, p.x), std::max(high.y, p.y)};
  }
  for (int t = 0; t < space.steps; ++t) {
    const double px = static_cast<double>(space.at(t, x)), py = static_cast<double>(space.at(t, y));
    if (!(px >= low.x && px <= high.x && py >= low.y && py <= high.y)) continue;
    bool odd = false;
    for (std::size_t i = 0, j = polygon.size() - 1; i < polygon.size(); j = i++) {
      const PlanePoint &a = polygon[i], &b = polygon[j];
      if ((a.y > py) != (b.y > py) && px < (b.x - a.x) * (py - a.y) / (b.y - a.y) + a.x) odd = !odd;
    }
    if (odd) inside.push_back(t);
  }
  return inside;
}

}  // namespace ribostep::experiment
