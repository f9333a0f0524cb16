// Principal components of states: known directions, the stated sign rule and sample, slices that do not
// change a bit, and the polygon.
#include <doctest/doctest.h>

#include <cmath>

#include "base/random.h"
#include "experiment/state_space.h"

using namespace ribostep;
using experiment::StateRows;
using experiment::StateSpace;

namespace {

// Rows whose variances along given orthogonal directions are known: deterministic, with mean `offset`.
struct Cloud {
  int units, rows;
  std::vector<float> values;
  StateRows view() const { return {values.data(), static_cast<std::size_t>(units), rows, units}; }
};

Cloud noise(int units, int rows, std::uint64_t seed) {
  Cloud cloud{units, rows, {}};
  Random random(seed);
  for (int t = 0; t < rows; ++t)
    for (int u = 0; u < units; ++u)
      cloud.values.push_back(static_cast<float>(random.symmetric(1) * (1 + 3.0 * (u == 1) + 6.0 * (u == 4))));
  return cloud;
}

}  // namespace

TEST_CASE("two planted directions come out first, with their variances, mean and signs") {
  // x = (5, 1, 1) + a (-0.8, 0.6, 0) + b (0, 0, 1), a = +-2 and b = +-1 in all four combinations.
  Cloud cloud{3, 4, {}};
  for (const double a : {-2.0, 2.0})
    for (const double b : {-1.0, 1.0})
      for (const double v : {5 - 0.8 * a, 1 + 0.6 * a, 1 + b}) cloud.values.push_back(static_cast<float>(v));
  const std::vector<float> h0{5, 1, 4};
  const StateSpace space = experiment::state_space(cloud.view(), h0);
  REQUIRE(space.components == 3);
  CHECK(space.sampled == 4);
  // The numbers went through floats: 1e-6 of values below 8.
  CHECK(space.mean[0] == doctest::Approx(5).epsilon(1e-6));
  CHECK(space.variance[0] == doctest::Approx(4).epsilon(1e-6));
  CHECK(space.variance[1] == doctest::Approx(1).epsilon(1e-6));
  CHECK(std::fabs(space.variance[2]) < 1e-6);
  CHECK(space.explained(0) == doctest::Approx(0.8).epsilon(1e-6));
  // The weight of largest magnitude is positive: (0.8, -0.6, 0), not its opposite.
  CHECK(space.axes[0] == doctest::Approx(0.8).epsilon(1e-6));
  CHECK(space.axes[1] == doctest::Approx(-0.6).epsilon(1e-6));
  CHECK(space.at(0, 0) == doctest::Approx(2).epsilon(1e-5));
  CHECK(space.at(1, 1) == doctest::Approx(1).epsilon(1e-5));
  CHECK(space.start[0] == doctest::Approx(0).epsilon(1e-5));
  CHECK(space.start[1] == doctest::Approx(3).epsilon(1e-5));
}

TEST_CASE("slices change nothing, and many units give what few would") {
  const Cloud cloud = noise(9, 700, 3);
  const StateSpace whole = experiment::state_space(cloud.view(), {});
  experiment::StateSpaceBuilder builder(cloud.view(), {});
  int slices = 0;
  double before = 0;
  while (!builder.run(300)) {
    ++slices;
    CHECK(builder.progress() >= before);
    before = builder.progress();
  }
  CHECK(slices > 20);
  const StateSpace sliced = builder.take();
  CHECK(sliced.path == whole.path);
  CHECK(sliced.axes == whole.axes);
  CHECK(whole.explained(0) > whole.explained(1));

  // The same 9 numbers a row among 151 silent units: found by the other method.
  Cloud wide{160, 700, std::vector<float>(160 * 700, 0.25f)};
  for (std::size_t t = 0; t < 700; ++t)
    for (std::size_t u = 0; u < 9; ++u) wide.values[t * 160 + 11 * u] = cloud.values[t * 9 + u];
  const StateSpace found = experiment::state_space(wide.view(), {});
  for (std::size_t c = 0; c < 3; ++c) {
    CHECK(found.variance[c] == doctest::Approx(whole.variance[c]).epsilon(1e-9));
    CHECK(found.total == doctest::Approx(whole.total).epsilon(1e-9));
    for (std::size_t u = 0; u < 9; ++u)  // an axis settles as the square root of its variance does
      CHECK(std::fabs(found.axes[c * 160 + 11 * u] - whole.axes[c * 9 + u]) < 1e-5);
  }
}

TEST_CASE("long paths: the covariance is of the stated sample, the path of every step") {
  Cloud cloud = noise(4, 3 * experiment::kCovarianceRows, 5);
  const StateSpace whole = experiment::state_space(cloud.view(), {});
  CHECK(whole.sampled == experiment::kCovarianceRows);
  CHECK(whole.path.size() == static_cast<std::size_t>(3 * experiment::kCovarianceRows * 3));
  // Every third row is in the sample; the others may be anything.
  for (int t = 0; t < cloud.rows; ++t)
    if (t % 3 != 0) cloud.values[static_cast<std::size_t>(t * 4)] += 7;
  const StateSpace changed = experiment::state_space(cloud.view(), {});
  CHECK(changed.axes == whole.axes);
  CHECK(changed.at(3, 0) == whole.at(3, 0));
  CHECK(changed.at(4, 0) != whole.at(4, 0));
}

TEST_CASE("in given axes nothing is fitted") {
  const Cloud cloud = noise(6, 300, 7), other = noise(6, 200, 8);
  const StateSpace axes = experiment::state_space(cloud.view(), {});
  const StateSpace again = experiment::state_space(cloud.view(), {}, &axes);
  CHECK(again.path == axes.path);
  for (std::size_t c = 0; c < 3; ++c)  // the same sums in another order
    CHECK(again.variance[c] == doctest::Approx(axes.variance[c]).epsilon(1e-12));
  const StateSpace seen = experiment::state_space(other.view(), {}, &axes);
  CHECK(seen.axes == axes.axes);
  CHECK(seen.mean == axes.mean);
  CHECK(seen.steps == 200);
  const StateSpace own = experiment::state_space(other.view(), {});
  CHECK(seen.explained(0) < own.explained(0));  // nothing explains more than its own first component
}

TEST_CASE("states that never change, a single unit, no steps at all") {
  const Cloud still{5, 20, std::vector<float>(100, 0.5f)};
  const StateSpace space = experiment::state_space(still.view(), {});
  CHECK(space.explained(0) == 0);
  CHECK(space.at(7, 0) == 0);
  const Cloud one{1, 3, {1, 2, 3}};
  const StateSpace line = experiment::state_space(one.view(), {});
  CHECK(line.components == 1);
  CHECK(line.explained(0) == doctest::Approx(1));
  CHECK(line.at(2, 0) == 1);
  CHECK(experiment::state_space({nullptr, 4, 0, 4}, {}).path.empty());
}

TEST_CASE("a polygon picks what lies inside it, also when it is not convex") {
  StateSpace space;
  space.components = 2;
  space.steps = 4;
  space.path = {0.5f, 0.5f, 2.5f, 0.5f, 1.5f, 2.0f, 9, 9};
  // A "U": the third point lies between its arms.
  const std::vector<experiment::PlanePoint> u{{0, 0}, {3, 0}, {3, 3}, {2, 3}, {2, 1}, {1, 1}, {1, 3}, {0, 3}};
  CHECK(experiment::steps_within(space, 0, 1, u) == std::vector<int>{0, 1});
  CHECK(experiment::steps_within(space, 0, 1, std::span(u).first(2)).empty());
  CHECK(experiment::steps_within(space, 0, 2, u).empty());
}
