// Matrix products that decide both the speed and the bits of training. Every output has one accumulator and
// its terms are added with k ascending: tiles, vectors and the order in which outputs are visited may change
// without changing a result. The right-hand side is packed once per update into panels a tile reads in
// sequence.
#pragma once
#include <cassert>
#include <cstddef>
#include <utility>
#include <vector>

#include "rnn/simd.h"

namespace ribostep::rnn {

// Buffers grow to the largest batch seen and stay: no allocation inside a step after the first.
template <class T>
T* grown(std::vector<T>& buffer, std::size_t size) {
  if (buffer.size() < size) buffer.resize(size);
  return buffer.data();
}
constexpr std::size_t area(int rows, int cols) {
  return static_cast<std::size_t>(rows) * static_cast<std::size_t>(cols);
}

template <class T>
inline constexpr int kPanel = 2 * kLanes<T>;  // columns of a panel: two vectors

// A (depth x width) matrix cut into panels of kPanel columns, each stored row by row; where width is an odd
// number of vectors the last panel has one.
template <class T>
struct Panels {
  int depth = 0, width = 0;
  std::vector<T> data;

  // entry(k, n) for k < depth, n < width.
  template <class Entry>
  void pack(int new_depth, int new_width, Entry entry) {
    assert(new_width % kLanes<T> == 0);
    depth = new_depth;
    width = new_width;
    T* out = grown(data, area(depth, width));
    for (int n = 0; n < width; n += kPanel<T>) {
      const int columns = width - n < kPanel<T> ? width - n : kPanel<T>;
      for (int k = 0; k < depth; ++k)
        for (int j = 0; j < columns; ++j) *out++ = entry(k, n + j);
    }
  }
};

// Calls f(0), ..., f(N-1) with constants: the tile's accumulators become registers under every compiler.
template <std::size_t N, class F>
RIBOSTEP_INLINE void unrolled(F&& f) {
  [&]<std::size_t... I>(std::index_sequence<I...>) __attribute__((always_inline)) {
    (f(std::integral_constant<std::size_t, I>{}), ...);
  }
  (std::make_index_sequence<N>{});
}

// How the left-hand side lies in memory: A[m][k] or, for the weight gradient, A[k][m].
enum class Left { Rows, Transposed };

// C[R x V vectors] (+)= A[R x depth] * B. V = 1: a last panel of one vector; otherwise V/2 whole panels.
template <class T, std::size_t R, std::size_t V, bool kAdd, Left kLeft>
RIBOSTEP_INLINE void tile(const T* a, int lda, const T* b, T* c, int ldc, int depth) {
  constexpr int kStep = V == 1 ? kLanes<T> : kPanel<T>;
  const std::size_t panel = area(depth, kPanel<T>), a_row = static_cast<std::size_t>(lda),
                    c_row = static_cast<std::size_t>(ldc);
  Vec<T> sum[R][V];
  unrolled<R>([&](auto r) __attribute__((always_inline)) {
    unrolled<V>([&](auto v) __attribute__((always_inline)) {
      sum[r][v] = kAdd ? load(c + r * c_row + v * kLanes<T>) : Vec<T>{};
    });
  });
  for (int k = 0; k < depth; ++k) {
    Vec<T> right[V];
    unrolled<V>([&](auto v) __attribute__((always_inline)) {
      right[v] = load(b + (v / 2) * panel + (v % 2) * kLanes<T>);
    });
    unrolled<R>([&](auto r) __attribute__((always_inline)) {
      const Vec<T> left = splat(kLeft == Left::Rows ? a[r * a_row] : a[r]);
      unrolled<V>([&](auto v) __attribute__((always_inline)) { sum[r][v] = sum[r][v] + left * right[v]; });
    });
    b += kStep;
    a += kLeft == Left::Rows ? 1 : a_row;
  }
  unrolled<R>([&](auto r) __attribute__((always_inline)) {
    unrolled<V>([&](auto v)
                    __attribute__((always_inline)) { store(c + r * c_row + v * kLanes<T>, sum[r][v]); });
  });
}

// One strip of R rows over columns from n on, as many panels at a time as kVectors allows: a strip of one or
// two rows needs several panels in flight, or the additions wait for each other.
template <class T, std::size_t R, std::size_t kVectors, bool kAdd, Left kLeft>
void strip(const T* a, int lda, const T* b, int width, T* c, int ldc, int depth) {
  constexpr int kColumns = static_cast<int>(kVectors) * kLanes<T>;
  int n = 0;
  for (; n + kColumns <= width; n += kColumns)
    tile<T, R, kVectors, kAdd, kLeft>(a, lda, b + area(n, depth), c + n, ldc, depth);
  if constexpr (kVectors > 2)
    for (; n + kPanel<T> <= width; n += kPanel<T>)
      tile<T, R, 2, kAdd, kLeft>(a, lda, b + area(n, depth), c + n, ldc, depth);
  if (n < width) tile<T, R, 1, kAdd, kLeft>(a, lda, b + area(n, depth), c + n, ldc, depth);
}

// C[rows x width] (+)= A[rows x depth] * B[depth x width], B in panels from `b` on.
template <class T, bool kAdd, Left kLeft = Left::Rows>
void multiply(const T* a, int lda, int rows, const T* b, int width, T* c, int ldc, int depth) {
  const auto a_at = [=](int m) {
    return a + (kLeft == Left::Rows ? area(m, lda) : static_cast<std::size_t>(m));
  };
  // Strips of 4 rows go panel by panel, so that a panel stays in the nearest cache for all of them. (Strips
  // of 6 need all 16 registers, of which a browser's compiler keeps one or two for itself.)
  const int whole = rows / 4 * 4;
  for (int n = 0; n < width; n += kPanel<T>) {
    const int columns = width - n < kPanel<T> ? width - n : kPanel<T>;
    for (int m = 0; m < whole; m += 4)
      strip<T, 4, 2, kAdd, kLeft>(a_at(m), lda, b + area(n, depth), columns, c + area(m, ldc) + n, ldc,
                                  depth);
  }
  int m = whole;
  for (; m + 2 <= rows; m += 2)
    strip<T, 2, 4, kAdd, kLeft>(a_at(m), lda, b, width, c + area(m, ldc), ldc, depth);
  if (m < rows) strip<T, 1, 8, kAdd, kLeft>(a_at(m), lda, b, width, c + area(m, ldc), ldc, depth);
}

// C[rows x P.width] (+)= A[rows x P.depth] * P.
template <class T, bool kAdd>
void multiply(const T* a, int lda, int rows, const Panels<T>& p, T* c, int ldc) {
  multiply<T, kAdd>(a, lda, rows, p.data.data(), p.width, c, ldc, p.depth);
}

// Collects rows in the order in which a weight gradient adds them and multiplies them in blocks:
// G[features x width] += sum over rows of outer(x, dz). Blocks are a matter of caches only.
template <class T>
class OuterSum {
 public:
  // Starts a sum into `total` (row-major, ld = width): `features` <= length of x, `width` in whole vectors.
  void begin(T* total, int features, int width) {
    total_ = total;
    features_ = features;
    width_ = width;
    rows_ = 0;
    grown(left_, area(kBlock, features));
    grown(right_, area(kBlock, width));
    grown(panel_, area(kBlock, kPanel<T>));
  }
  void add(const T* x, const T* dz) {
    std::memcpy(left_.data() + area(rows_, features_), x, static_cast<std::size_t>(features_) * sizeof(T));
    std::memcpy(right_.data() + area(rows_, width_), dz, static_cast<std::size_t>(width_) * sizeof(T));
    if (++rows_ == kBlock) flush();
  }
  void end() { flush(); }

 private:
  static constexpr int kBlock = 128;  // rows: left_, right_ and a panel stay in the second-level cache

  void flush() {
    for (int n = 0; n < width_; n += kPanel<T>) {
      const int columns = width_ - n < kPanel<T> ? width_ - n : kPanel<T>;
      T* out = panel_.data();
      for (int r = 0; r < rows_; ++r, out += columns)
        std::memcpy(out, right_.data() + area(r, width_) + n, static_cast<std::size_t>(columns) * sizeof(T));
      multiply<T, true, Left::Transposed>(left_.data(), features_, features_, panel_.data(), columns,
                                          total_ + n, width_, rows_);
    }
    rows_ = 0;
  }

  T* total_ = nullptr;
  int features_ = 0, width_ = 0, rows_ = 0;
  std::vector<T> left_, right_, panel_;
};

}  // namespace ribostep::rnn
