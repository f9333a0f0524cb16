// Our exp, log, tanh and sigmoid against the C library, and a vector's lanes against single numbers.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
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

float float_of_bits(std::uint32_t bits) {
  float x;
  std::memcpy(&x, &bits, sizeof x);
  return x;
}
// Every kStride-th float from low to high (both positive), four at a time, with either sign: visit(x, f(x)).
constexpr std::uint32_t kStride = 509;
template <class F, class Visit>
void sweep(float low, float high, F f, Visit visit) {
  std::uint32_t from, to;
  std::memcpy(&from, &low, sizeof from);
  std::memcpy(&to, &high, sizeof to);
  for (std::uint32_t bits = from; bits + 3 * kStride <= to; bits += 4 * kStride)
    for (const float sign : {1.0f, -1.0f}) {
      float x[4], y[4];
      for (std::uint32_t lane = 0; lane < 4; ++lane) x[lane] = sign * float_of_bits(bits + lane * kStride);
      store(y, f(load(x)));
      for (int lane = 0; lane < 4; ++lane) visit(x[lane], y[lane]);
    }
}

// How far f falls below a value it had further left, in units of the last place, on kAround neighbouring
// floats to either side of x.
template <class F>
double deepest_fall(F f, float x) {
  constexpr int kAround = 3000;
  for (int i = 0; i < kAround; ++i) x = std::nextafter(x, -1e9f);
  float top = f(x);
  double deepest = 0;
  for (int i = 0; i < 2 * kAround; ++i) {
    x = std::nextafter(x, 1e9f);
    const float y = f(x);
    if (y < top)
      deepest = std::max(deepest, static_cast<double>(top - y) /
                                      static_cast<double>(std::nextafter(std::fabs(y), 2.0f) - std::fabs(y)));
    top = std::max(top, y);
  }
  return deepest;
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
  // In float the sigmoid's rounded product with log2 e costs up to 0.8 |x| units at the left: below.
  CHECK(worst_ulps<T>(sigmoid_of<T>, sigmoid_l, single ? -3 : -86, 40) < 4);
}

// All 2^32 floats, once by hand: tanh 3.61 units, sigmoid 1.04e-7, no fall beyond 2 units. The double
// reference is exact to 1e-16.
TEST_CASE("rnn math: tanh and sigmoid of floats from end to end") {
  double tanh_worst = 0, sigmoid_worst = 0, left_worst = 0;
  int outside = 0, uneven = 0, subnormal = 0, visited = 0;
  sweep(
      1e-30f, 12.0f, [](Vec<float> v) { return tanh_vec<float>(v); },
      [&](float x, float y) {
        ++visited;
        tanh_worst = std::max(tanh_worst, ulps<float>(y, std::tanh(static_cast<double>(x))));
        outside += !(std::fabs(y) <= 1);
        uneven += !same_bits(y, -tanh_of(-x));
      });
  CHECK(visited > 1'000'000);
  CHECK(tanh_worst < 4);
  sweep(
      1e-30f, 100.0f, [](Vec<float> v) { return sigmoid_vec<float>(v); },
      [&](float x, float y) {
        const double want = 1 / (1 + std::exp(-static_cast<double>(x)));
        sigmoid_worst = std::max(sigmoid_worst, std::fabs(static_cast<double>(y) - want));
        // y = x log2 e is off by 2^-24 of itself for its rounding, by 1.4e-8 for that of log2 e.
        if (x > -85 && x < 0)
          left_worst = std::max(
              left_worst, std::fabs(static_cast<double>(y) / want - 1) - 7.4e-8 * static_cast<double>(-x));
        outside += !(y >= 0 && y <= 1);
        subnormal += y != 0 && y < std::numeric_limits<float>::min();
      });
  CHECK(sigmoid_worst < 1.1e-7);
  CHECK(left_worst < 3e-7);
  CHECK(outside == 0);
  CHECK(uneven == 0);
  CHECK(subnormal == 0);
}

TEST_CASE("rnn math: tanh and sigmoid of floats never fall by more than roundings") {
  // The reduced argument jumps from 1/2 to -1/2 at x = (n + 1/2) ln2, for tanh at half of it.
  double tanh_deepest = 0, sigmoid_deepest = 0;
  for (int n = -13; n <= 13; ++n) {
    const double join = (n + 0.5) * 0.69314718055994531;
    for (const double between : {0.0, 0.1, 0.3}) {
      tanh_deepest =
          std::max(tanh_deepest, deepest_fall(tanh_of<float>, static_cast<float>(join / 2 + between)));
      sigmoid_deepest =
          std::max(sigmoid_deepest, deepest_fall(sigmoid_of<float>, static_cast<float>(join + between)));
    }
  }
  CHECK(tanh_deepest <= 2);
  CHECK(sigmoid_deepest <= 2);
  // A step of 1e-5 of the argument is beyond that wherever the function still moves.
  for (float x = -2; x < 2; x += 1e-5f) {
    if (tanh_of(x + 1e-5f) <= tanh_of(x)) FAIL_CHECK(x);
    if (sigmoid_of(x + 1e-5f) <= sigmoid_of(x)) FAIL_CHECK(x);
  }
}

TEST_CASE_TEMPLATE("rnn math: limits leave NaN and what lies within", T, float, double) {
  const T nan = std::numeric_limits<T>::quiet_NaN(), inf = std::numeric_limits<T>::infinity();
  CHECK(smaller<T>(splat(T(3)), T(2))[0] == 2);
  CHECK(smaller<T>(splat(T(1)), T(2))[0] == 1);
  CHECK(smaller<T>(splat(inf), T(2))[0] == 2);
  CHECK(std::isnan(smaller<T>(splat(nan), T(2))[0]));
  CHECK(larger<T>(splat(T(3)), T(2))[0] == 3);
  CHECK(larger<T>(splat(T(1)), T(2))[0] == 2);
  CHECK(larger<T>(splat(-inf), T(2))[0] == 2);
  CHECK(std::isnan(larger<T>(splat(nan), T(2))[0]));
  CHECK(std::isnan(clamp<T>(splat(nan), T(-1), T(1))[0]));
  CHECK(clamp<T>(splat(T(-4)), T(-1), T(1))[0] == -1);
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
  const T end = sigmoid_of(-inf);
  if (sizeof(T) == sizeof(float)) {
    CHECK(end == 0);
  } else {
    CHECK(end >= std::numeric_limits<T>::min());
    CHECK(end < std::numeric_limits<T>::min() * 4);
  }
  for (const T x : {nan, -nan, static_cast<T>(std::nan("0x7ffff"))})
    for (const T y : {exp_of(x), log_of(x), tanh_of(x), sigmoid_of(x)}) CHECK(std::isnan(y));
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
