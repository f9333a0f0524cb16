// exp, log, tanh and sigmoid of our own, in float and double, from IEEE operations alone: the same bits on
// every platform. One template serves vectors and single numbers (a number is lane 0 of a vector), so they
// cannot differ. Range reduction after Cody & Waite (1980), Software Manual for the Elementary Functions; the
// polynomials are the Taylor and atanh series, long enough that the reduced argument leaves them below half a
// unit in the last place. In float, the gates of recurrent cells are most of what a small layer computes:
// tanh and sigmoid have a shorter way there, with one fitted quotient for both.
#pragma once
#include <limits>

#include "rnn/simd.h"

namespace ribostep::rnn {

template <class T>
struct ExpConstants;
template <>
struct ExpConstants<float> {
  static constexpr int kMantissa = 23, kBias = 127, kTerms = 7;
  static constexpr float kMagic = 12582912.0f;  // 1.5 * 2^23: adding it rounds to an integer in the low bits
  static constexpr float kLn2High = 0.693359375f,
                         kLn2Low = -2.12194440e-4f;  // high part: 9 bits, n*high is exact
  static constexpr float kOverflow = 88.7228394f, kUnderflow = -87.3365402f;
  static constexpr float kTanhOne = 9.1f;      // beyond it tanh rounds to 1
  static constexpr float kSigmoidEnd = 88.0f;  // n from -127 (a power of 0) to 127
};
template <>
struct ExpConstants<double> {
  static constexpr int kMantissa = 52, kBias = 1023, kTerms = 13;
  static constexpr double kMagic = 6755399441055744.0;  // 1.5 * 2^52
  static constexpr double kLn2High = 6.93147180369123816490e-01, kLn2Low = 1.90821492927058770002e-10;
  static constexpr double kOverflow = 709.782712893384, kUnderflow = -708.396418532264;
  static constexpr double kTanhOne = 19.1;
  static constexpr double kSigmoidEnd = 708.0;  // keeps exp(-x) finite and 1/(1+exp(-x)) normal
};

// 1/k! for the Taylor series of exp; every factorial up to 13! is exact in double.
inline constexpr double kInverseFactorial[] = {1.0,
                                               1.0,
                                               1.0 / 2,
                                               1.0 / 6,
                                               1.0 / 24,
                                               1.0 / 120,
                                               1.0 / 720,
                                               1.0 / 5040,
                                               1.0 / 40320,
                                               1.0 / 362880,
                                               1.0 / 3628800,
                                               1.0 / 39916800,
                                               1.0 / 479001600,
                                               1.0 / 6227020800.0};

// x = n ln2 + r with |r| <= ln2/2; returns exp(r) - 1 and the integer n in the low bits of `rounded`.
template <class T>
RIBOSTEP_INLINE Vec<T> expm1_reduced(Vec<T> x, Vec<T>& rounded) {
  using K = ExpConstants<T>;
  constexpr T kLog2E = static_cast<T>(1.44269504088896340736);
  rounded = x * splat(kLog2E) + splat(K::kMagic);
  const Vec<T> n = rounded - splat(K::kMagic);
  const Vec<T> r = (x - n * splat(K::kLn2High)) - n * splat(K::kLn2Low);
  Vec<T> p = splat(static_cast<T>(kInverseFactorial[K::kTerms]));
  for (int k = K::kTerms - 1; k >= 2; --k) p = p * r + splat(static_cast<T>(kInverseFactorial[k]));
  return p * r * r + r;
}
// 2^n for the n of expm1_reduced within the range of normal numbers.
template <class T>
RIBOSTEP_INLINE Vec<T> power_of_two(Bits<T> n) {
  return from_bits<T>((n + ExpConstants<T>::kBias) << ExpConstants<T>::kMantissa);
}
template <class T>
RIBOSTEP_INLINE Bits<T> integer_part(Vec<T> rounded) {
  return as_bits<T>(rounded) - as_bits<T>(splat(ExpConstants<T>::kMagic));
}

// e^x. Above the largest finite result infinity; below the smallest normal one zero.
template <class T>
RIBOSTEP_INLINE Vec<T> exp_vec(Vec<T> x) {
  using K = ExpConstants<T>;
  Vec<T> rounded;
  const Vec<T> q = expm1_reduced<T>(clamp<T>(x, K::kUnderflow, K::kOverflow), rounded);
  // Two factors, as 2^128 (2^1024) is no finite number although the product may be.
  const Bits<T> n = integer_part<T>(rounded), half = n >> 1;
  Vec<T> result = (q + splat(T(1))) * power_of_two<T>(half) * power_of_two<T>(n - half);
  result = select<T>(x > splat(K::kOverflow), splat(std::numeric_limits<T>::infinity()), result);
  return select<T>(x < splat(K::kUnderflow), splat(T(0)), result);
}

// Float: 2^y = 2^n (E + q) / (E - q), n the whole number next to y, q/E = tanh(r ln2/2) for the rest r = y -
// n as a fitted quotient of polynomials in r^2; fit/tanh_sigmoid.py finds the constants. tanh and sigmoid are
// quotients themselves, so that numerator and denominator meet in a single division. The product y is rounded
// once and not reduced any finer: of 2^y it costs |y| units in the last place, but tanh and sigmoid are flat
// where y is large.
struct HalfAngle {
  static constexpr float kEven0 = 20.8181667f, kOdd0 = 7.21502686f, kOdd1 = 0.0577004999f;
  static constexpr float kLog2E = 1.44269502f;
  Vec<float> even, odd;  // E, q
  Vec<float> power;      // 2^(n + bias - 127)
};
template <int kBias>
RIBOSTEP_INLINE HalfAngle half_angle(Vec<float> y) {
  constexpr float kMagic = ExpConstants<float>::kMagic + static_cast<float>(kBias);
  const Vec<float> rounded = y + splat(kMagic);  // its low bits: n + bias, the exponent of the power
  const Vec<float> r = y - (rounded - splat(kMagic)), w = r * r;
  return {w + splat(HalfAngle::kEven0), r * (w * splat(HalfAngle::kOdd1) + splat(HalfAngle::kOdd0)),
          from_bits<float>(as_bits<float>(rounded) << ExpConstants<float>::kMantissa)};
}

// tanh x, exactly odd, never beyond 1 in size. Double: -sign(x) e / (e + 2) with e = exp(-2|x|) - 1, which
// keeps its digits near 0. Float, 2^y = e^(2|x|): (2^y - 1) / (2^y + 1) = (m + q) / (m + E) with
// m = (2^n - 1)/2 (E + q), which is 0 around 0 and leaves q/E; q < E holds the quotient at 1 however it
// rounds. 20 operations, error at most 3.7 units in the last place.
template <class T>
RIBOSTEP_INLINE Vec<T> tanh_vec(Vec<T> x) {
  using K = ExpConstants<T>;
  const Bits<T> sign = as_bits<T>(x) & as_bits<T>(splat(T(-0.0)));
  const Vec<T> size = smaller<T>(from_bits<T>(as_bits<T>(x) ^ sign), K::kTanhOne);
  if constexpr (sizeof(T) == sizeof(float)) {
    const HalfAngle h = half_angle<126>(size * splat(2 * HalfAngle::kLog2E));
    const Vec<T> m = (h.power - splat(T(0.5))) * (h.even + h.odd);
    return from_bits<T>(as_bits<T>((m + h.odd) / (m + h.even)) ^ sign);
  } else {
    Vec<T> rounded;
    const Vec<T> q = expm1_reduced<T>(size * splat(T(-2)), rounded);
    const Vec<T> scale = power_of_two<T>(integer_part<T>(rounded));
    const Vec<T> e = q * scale + (scale - splat(T(1)));
    const Vec<T> t = absolute<T>(e / (e + splat(T(2))));
    return from_bits<T>(as_bits<T>(t) | sign);
  }
}

// 1 / (1 + exp(-x)), within [0, 1] however it rounds, never subnormal: at the far left it ends at a tiny
// normal number in double, at 0 in float (the denominator overflows on purpose). Float, 2^y = e^-x:
// (E - q) / ((E - q) + 2^n (E + q)). 17 operations, error at most 1.1e-7; at the left, relative to the
// result, 3e-7 + 7.4e-8 |x|.
template <class T>
RIBOSTEP_INLINE Vec<T> sigmoid_vec(Vec<T> x) {
  using K = ExpConstants<T>;
  const Vec<T> limited = clamp<T>(x, -K::kSigmoidEnd, K::kSigmoidEnd);
  if constexpr (sizeof(T) == sizeof(float)) {
    const HalfAngle h = half_angle<127>(limited * splat(-HalfAngle::kLog2E));
    const Vec<T> over = h.even - h.odd;
    return over / (over + h.power * (h.even + h.odd));
  } else {
    Vec<T> rounded;
    const Vec<T> q = expm1_reduced<T>(-limited, rounded);
    const Vec<T> e = (q + splat(T(1))) * power_of_two<T>(integer_part<T>(rounded));
    return splat(T(1)) / (splat(T(1)) + e);
  }
}

// ln x = e ln2 + 2 atanh(s), s = (m-1)/(m+1), x = m 2^e with m in [sqrt(1/2), sqrt(2)).
// 0 gives -infinity, a negative number NaN.
template <class T>
RIBOSTEP_INLINE Vec<T> log_vec(Vec<T> x) {
  using K = ExpConstants<T>;
  constexpr T kSmallest = std::numeric_limits<T>::min();
  constexpr T kLift =
      static_cast<T>(std::int64_t(1) << (K::kMantissa + 1));   // makes a subnormal number normal
  constexpr int kTerms = sizeof(T) == sizeof(float) ? 4 : 10;  // s^2 < 0.0295
  const auto subnormal = x < splat(kSmallest);
  const Vec<T> positive = select<T>(x > Vec<T>{}, x, splat(T(1)));  // the rest is put right at the end
  const Vec<T> y = select<T>(subnormal, positive * splat(kLift), positive);
  // The exponent of y / sqrt(1/2), so that m lies around 1.
  const Vec<T> root_half = splat(static_cast<T>(0.70710678118654752440));
  const Bits<T> e = (as_bits<T>(y) - as_bits<T>(root_half)) >> K::kMantissa;
  const Vec<T> m = from_bits<T>(as_bits<T>(y) - (e << K::kMantissa));
  Vec<T> exponent = __builtin_convertvector(e, Vec<T>);
  exponent = exponent - select<T>(subnormal, splat(T(K::kMantissa + 1)), Vec<T>{});
  const Vec<T> s = (m - splat(T(1))) / (m + splat(T(1))), s2 = s * s;
  Vec<T> p = splat(static_cast<T>(1.0 / (2 * kTerms + 1)));
  for (int k = kTerms - 1; k >= 1; --k) p = p * s2 + splat(static_cast<T>(1.0 / (2 * k + 1)));
  const Vec<T> atanh_rest = p * s2 * s;
  // m - 1 is exact; 2s = (m-1) - s(m-1), so the leading term carries no rounding of its own.
  const Vec<T> f = m - splat(T(1));
  const Vec<T> tail = exponent * splat(K::kLn2Low) + (atanh_rest + atanh_rest - s * f);
  Vec<T> result = exponent * splat(K::kLn2High) + (f + tail);
  constexpr T kInfinity = std::numeric_limits<T>::infinity();
  result = select<T>(x == splat(kInfinity), x, result);
  result = select<T>(x == Vec<T>{}, splat(-kInfinity), result);
  result = select<T>(x < Vec<T>{}, splat(std::numeric_limits<T>::quiet_NaN()), result);
  return select<T>(x != x, x, result);
}

template <class T>
T exp_of(T x) {
  return exp_vec<T>(splat(x))[0];
}
template <class T>
T log_of(T x) {
  return log_vec<T>(splat(x))[0];
}
template <class T>
T tanh_of(T x) {
  return tanh_vec<T>(splat(x))[0];
}
template <class T>
T sigmoid_of(T x) {
  return sigmoid_vec<T>(splat(x))[0];
}

}  // namespace ribostep::rnn
