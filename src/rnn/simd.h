// Vectors of 16 bytes by the compilers' own vector extensions: SSE2 natively, simd128 in WebAssembly, the
// same IEEE operations lane by lane in both. Nothing here sums across lanes: vectors run over outputs, so
// their width never decides a result.
#pragma once
#include <cmath>
#include <cstdint>
#include <cstring>

namespace ribostep::rnn {

// Kernels depend on being inlined into their callers; without it the accumulators leave the registers.
#define RIBOSTEP_INLINE inline __attribute__((always_inline))

template <class T>
struct VectorOf;
template <>
struct VectorOf<float> {
  typedef float type __attribute__((vector_size(16)));
  typedef std::int32_t bits __attribute__((vector_size(16)));
};
template <>
struct VectorOf<double> {
  typedef double type __attribute__((vector_size(16)));
  typedef std::int64_t bits __attribute__((vector_size(16)));
};
template <class T>
using Vec = typename VectorOf<T>::type;
template <class T>
using Bits = typename VectorOf<T>::bits;  // a lane's bits; a comparison gives all ones or zero

template <class T>
inline constexpr int kLanes = static_cast<int>(16 / sizeof(T));

// Units, classes and features are stored in whole vectors; what is added stays exactly zero.
template <class T>
constexpr int padded(int n) {
  return (n + kLanes<T> - 1) / kLanes<T> * kLanes<T>;
}

template <class T>
RIBOSTEP_INLINE Vec<T> load(const T* p) {
  Vec<T> v;
  std::memcpy(&v, p, sizeof v);
  return v;
}
template <class T>
RIBOSTEP_INLINE void store(T* p, Vec<T> v) {
  std::memcpy(p, &v, sizeof v);
}
template <class T>
RIBOSTEP_INLINE Vec<T> splat(T x) {
  return x - Vec<T>{};
}
template <class T>
RIBOSTEP_INLINE Bits<T> as_bits(Vec<T> v) {
  return reinterpret_cast<Bits<T>>(v);
}
template <class T>
RIBOSTEP_INLINE Vec<T> from_bits(Bits<T> v) {
  return reinterpret_cast<Vec<T>>(v);
}
// Where `mask` is set a, elsewhere b.
template <class T, class Mask>
RIBOSTEP_INLINE Vec<T> select(Mask mask, Vec<T> a, Vec<T> b) {
  const auto m = reinterpret_cast<Bits<T>>(mask);
  return from_bits<T>((as_bits<T>(a) & m) | (as_bits<T>(b) & ~m));
}
// The smaller (larger) of x and a limit; NaN stays NaN. In float one instruction each, which compilers do not
// find in a comparison and a selection: minps gives its second operand unless the first is smaller, pmin its
// first. In double, which only checks use, the selection stays: with f64x2.pmin of a constant clang 14 for
// WebAssembly may not come to an end.
template <class T>
RIBOSTEP_INLINE Vec<T> smaller(Vec<T> x, T limit) {
  const Vec<T> l = splat(limit);
#if defined(__wasm_simd128__)
  if constexpr (sizeof(T) == sizeof(float)) return __builtin_wasm_pmin_f32x4(x, l);
#elif defined(__SSE2__)
  if constexpr (sizeof(T) == sizeof(float)) return __builtin_ia32_minps(l, x);
#endif
  return select<T>(l < x, l, x);
}
template <class T>
RIBOSTEP_INLINE Vec<T> larger(Vec<T> x, T limit) {
  const Vec<T> l = splat(limit);
#if defined(__wasm_simd128__)
  if constexpr (sizeof(T) == sizeof(float)) return __builtin_wasm_pmax_f32x4(x, l);
#elif defined(__SSE2__)
  if constexpr (sizeof(T) == sizeof(float)) return __builtin_ia32_maxps(l, x);
#endif
  return select<T>(x < l, l, x);
}
// IEEE: the same everywhere.
template <class T>
RIBOSTEP_INLINE Vec<T> square_root(Vec<T> x) {
#if defined(__wasm_simd128__)
  if constexpr (sizeof(T) == sizeof(float))
    return __builtin_wasm_sqrt_f32x4(x);
  else
    return __builtin_wasm_sqrt_f64x2(x);
#elif defined(__SSE2__)
  if constexpr (sizeof(T) == sizeof(float))
    return __builtin_ia32_sqrtps(x);
  else
    return __builtin_ia32_sqrtpd(x);
#else
  for (int lane = 0; lane < kLanes<T>; ++lane) x[lane] = std::sqrt(x[lane]);
  return x;
#endif
}
// x limited to [low, high]; NaN stays NaN.
template <class T>
RIBOSTEP_INLINE Vec<T> clamp(Vec<T> x, T low, T high) {
  return smaller<T>(larger<T>(x, low), high);
}
template <class T>
RIBOSTEP_INLINE Vec<T> absolute(Vec<T> x) {
  return from_bits<T>(as_bits<T>(x) & ~as_bits<T>(splat(T(-0.0))));
}

// Vanishing gradients reach subnormal numbers by the million, WebAssembly cannot flush them, and arithmetic
// on them is 3 to 11 times slower: what is this small is zero, on every platform alike. NaN stays NaN.
template <class T>
inline constexpr T kNegligible = static_cast<T>(sizeof(T) == sizeof(float) ? 1e-20 : 1e-200);
template <class T>
RIBOSTEP_INLINE Vec<T> flush(Vec<T> x) {
  return from_bits<T>(as_bits<T>(x) & ~reinterpret_cast<Bits<T>>(absolute<T>(x) < splat(kNegligible<T>)));
}

}  // namespace ribostep::rnn
