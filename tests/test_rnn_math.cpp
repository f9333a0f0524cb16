// Our exp, log, tanh and sigmoid against the C library, and a vector's lanes against single numbers.
#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "base/random.h"
#include "rnn/math.h"

using namespace ribostep;
using namespace ribostep::rnn;

namespace {

// Distance in units of the last place of the rounded reference, which the C library has to well below one
// unit.
template <class T>
double ulps(T got, long double want) {
  const T rounded = static_cast<T>(std::fabs(want));
  const T unit = std::nextafter(rounded, std::numeric_limits<T>::infinity()) - rounded;
  return static_cast<double>(std::fabs(static_cast<long double>(got) - want) /
                             static_cast<long double>(unit));
}

template <class T, class F, class G>
double worst_ulps(F ours, G reference, double low, double high, bool logarithmic = false) {
  constexpr int kSteps = 20000;
  double worst = 0;
  for (int i = 0; i <= kSteps; ++i) {
    const double u = static_cast<double>(i) / kSteps;
    const double x =
        logarithmic ? std::exp(std::log(low) + u * (std::log(high) - std::log(low))) : low + (high - low) * u;
    const T at = static_cast<T>(x);
    worst = std::fmax(worst, ulps<T>(ours(at), reference(static_cast<long double>(at))));
  }
  return worst;
}

template <class T>
bool same_bits(T a, T b) {
  return std::memcmp(&a, &b, sizeof a) == 0;
}

template <class T, class Vector, class Scalar>
int differing_lanes(const T (&x)[kLanes<T>], Vector vector, Scalar scalar) {
  T together[kLanes<T>];
  store(together, vector(load(x)));
  int different = 0;
  for (int lane = 0; lane < kLanes<T>; ++lane) different += !same_bits<T>(together[lane], scalar(x[lane]));
  return different;
}

long double exp_l(long double x) { return std::exp(x); }
long double log_l(long double x) { return std::log(x); }
long double tanh_l(long double x) { return std::tanh(x); }
long double sigmoid_l(long double x) { return 1 / (1 + std::exp(-x)); }

}  // namespace

TEST_CASE_TEMPLATE("rnn math: within a few units in the last place", T, float, double) {
  const bool single = sizeof(T) == sizeof(float);
  // A polynomial, one product or two and, for tanh and sigmoid, a quotient: each rounds once.
  CHECK(worst_ulps<T>(exp_of<T>, exp_l, single ? -87.3 : -708, single ? 88.7 : 709.7) < 2);
  CHECK(worst_ulps<T>(exp_of<T>, exp_l, -1, 1) < 2);
  CHECK(worst_ulps<T>(log_of<T>, log_l, single ? 1e-44 : 1e-320, single ? 3e38 : 1e308, true) < 2);
  CHECK(worst_ulps<T>(log_of<T>, log_l, 0.3, 3) < 2);
  CHECK(worst_ulps<T>(tanh_of<T>, tanh_l, -20, 20) < 4);
  CHECK(worst_ulps<T>(tanh_of<T>, tanh_l, 1e-30, 1, true) < 4);
  CHECK(worst_ulps<T>(sigmoid_of<T>, sigmoid_l, -86, 40) < 4);
}

TEST_CASE_TEMPLATE("rnn math: the ends of the number line", T, float, double) {
  const T inf = std::numeric_limits<T>::infinity(), nan = std::numeric_limits<T>::quiet_NaN();
  CHECK(exp_of(inf) == inf);
  CHECK(exp_of(-inf) == 0);
  CHECK(exp_of(T(0)) == 1);
  CHECK(log_of(inf) == inf);
  CHECK(log_of(T(0)) == -inf);
  CHECK(log_of(T(1)) == 0);
  CHECK(std::isnan(log_of(T(-1))));
  CHECK(tanh_of(inf) == 1);
  CHECK(tanh_of(-inf) == -1);
  CHECK(same_bits(tanh_of(T(-0.0)), T(-0.0)));
  CHECK(sigmoid_of(inf) == 1);
  CHECK(sigmoid_of(T(0)) == T(0.5));
  // Never subnormal, so that nothing downstream slows down.
  CHECK(sigmoid_of(-inf) >= std::numeric_limits<T>::min());
  CHECK(sigmoid_of(-inf) < std::numeric_limits<T>::min() * 4);
  for (const T x : {exp_of(nan), log_of(nan), tanh_of(nan), sigmoid_of(nan)}) CHECK(std::isnan(x));
}

TEST_CASE_TEMPLATE("rnn math: rises where it should around zero", T, float, double) {
  T x = T(-1e-3);
  T e = exp_of(x), t = tanh_of(x), s = sigmoid_of(x);
  for (int i = 0; i < 4000; ++i) {
    x += T(5e-7);
    CHECK_MESSAGE(exp_of(x) >= e, x);
    CHECK_MESSAGE(tanh_of(x) >= t, x);
    CHECK_MESSAGE(sigmoid_of(x) >= s, x);
    e = exp_of(x), t = tanh_of(x), s = sigmoid_of(x);
  }
}

TEST_CASE_TEMPLATE("rnn math: a lane is a number", T, float, double) {
  // Not by pointer: what must be inlined cannot be called through one.
  const auto exp_v = [](Vec<T> v) { return exp_vec<T>(v); };
  const auto log_v = [](Vec<T> v) { return log_vec<T>(v); };
  const auto tanh_v = [](Vec<T> v) { return tanh_vec<T>(v); };
  const auto sigmoid_v = [](Vec<T> v) { return sigmoid_vec<T>(v); };
  Random random(1);
  int different = 0;
  for (int i = 0; i < 2000; ++i) {
    T x[kLanes<T>];
    for (int lane = 0; lane < kLanes<T>; ++lane)
      x[lane] = static_cast<T>(random.symmetric(lane % 2 ? 3 : 100));
    different += differing_lanes(x, exp_v, exp_of<T>) + differing_lanes(x, tanh_v, tanh_of<T>) +
                 differing_lanes(x, sigmoid_v, sigmoid_of<T>);
    for (T& value : x) value = std::fabs(value);
    different += differing_lanes(x, log_v, log_of<T>);
  }
  CHECK(different == 0);
  // The comparison itself: a lane that differs in its last bit is seen.
  const T three[kLanes<T>] = {3, 3};
  CHECK(differing_lanes(three, exp_v, [](T v) { return std::nextafter(exp_of(v), T(0)); }) == kLanes<T>);
}

TEST_CASE_TEMPLATE("rnn math: what is negligible is zero, the rest is untouched", T, float, double) {
  const T small = kNegligible<T>;
  const T nan = std::numeric_limits<T>::quiet_NaN();
  for (const T x : {small, -small, T(1), T(-3), std::numeric_limits<T>::infinity()})
    CHECK(flush<T>(splat(x))[0] == x);
  for (const T x : {small / 2, -small / 2, std::numeric_limits<T>::denorm_min()})
    CHECK(flush<T>(splat(x))[0] == 0);
  CHECK(std::isnan(flush<T>(splat(nan))[0]));
}
