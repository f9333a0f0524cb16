// Matrix products that decide both the speed and the bits of training. Every output has one accumulator and
// its terms are added with k ascending: tiles, vectors and the order in which outputs are visited may change
// without changing a result. The right-hand side is packed once per update into panels a tile reads in
// sequence.
#pragma once
#include <cassert>
#include <utility>

#include "rnn/buffer.h"
#include "rnn/simd.h"

namespace ribostep::rnn {

template <class T>
inline constexpr int kPanel = 4 * kLanes<T>;  // columns of a panel: four vectors

// A (depth x width) matrix cut into panels of kPanel columns, each stored row by row; the last panel has as
// many vectors as are left.
template <class T>
struct Panels {
  int depth = 0, width = 0;
  Buffer<T> data;

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
// What a product is added to: nothing, C itself, or rows that lie elsewhere (what each token starts from).
enum class Start { Zero, Product, Rows };

// C[R x V vectors] = start + A[R x depth] * one panel. `rows`: with Start::Rows what each of the R rows
// starts from.
template <class T, std::size_t R, std::size_t V, Start kStart, Left kLeft>
RIBOSTEP_INLINE void tile(const T* a, int lda, const T* b, T* c, int ldc, int depth,
                          const T* const* rows = nullptr, std::size_t column = 0) {
  const std::size_t a_row = static_cast<std::size_t>(lda), c_row = static_cast<std::size_t>(ldc);
  Vec<T> sum[R][V];
  unrolled<R>([&](auto r) __attribute__((always_inline)) {
    unrolled<V>([&](auto v) __attribute__((always_inline)) {
      if constexpr (kStart == Start::Zero)
        sum[r][v] = Vec<T>{};
      else if constexpr (kStart == Start::Product)
        sum[r][v] = load(c + r * c_row + v * kLanes<T>);
      else
        sum[r][v] = load(rows[r] + column + v * kLanes<T>);
    });
  });
  for (int k = 0; k < depth; ++k) {
    Vec<T> right[V];
    unrolled<V>([&](auto v) __attribute__((always_inline)) { right[v] = load(b + v * kLanes<T>); });
    unrolled<R>([&](auto r) __attribute__((always_inline)) {
      const Vec<T> left = splat(kLeft == Left::Rows ? a[r * a_row] : a[r]);
      unrolled<V>([&](auto v) __attribute__((always_inline)) { sum[r][v] = sum[r][v] + left * right[v]; });
    });
    b += V * kLanes<T>;
    a += kLeft == Left::Rows ? 1 : a_row;
  }
  unrolled<R>([&](auto r) __attribute__((always_inline)) {
    unrolled<V>([&](auto v)
                    __attribute__((always_inline)) { store(c + r * c_row + v * kLanes<T>, sum[r][v]); });
  });
}

// The same for a panel of `vectors` <= 4.
template <class T, std::size_t R, Start kStart, Left kLeft>
void panel_tile(int vectors, const T* a, int lda, const T* b, T* c, int ldc, int depth,
                const T* const* rows = nullptr, int column = 0) {
  const auto at = static_cast<std::size_t>(column);
  switch (vectors) {
    case 1:
      return tile<T, R, 1, kStart, kLeft>(a, lda, b, c, ldc, depth, rows, at);
    case 2:
      return tile<T, R, 2, kStart, kLeft>(a, lda, b, c, ldc, depth, rows, at);
    case 3:
      return tile<T, R, 3, kStart, kLeft>(a, lda, b, c, ldc, depth, rows, at);
    default:
      return tile<T, R, 4, kStart, kLeft>(a, lda, b, c, ldc, depth, rows, at);
  }
}

// C[rows x P.width] = start + A[rows x P.depth] * P. `starts`: one row of P.width numbers for each row of C.
// Panel by panel, so that one stays in the nearest cache for all rows. Two rows at a time: of the tiles that
// fit into 16 registers this one came closest to the peak in a browser (docs/performance.md).
template <class T, Start kStart>
void multiply(const T* a, int lda, int rows, const Panels<T>& p, T* c, int ldc,
              const T* const* starts = nullptr) {
  const auto start_of = [=](int m) { return kStart == Start::Rows ? starts + m : nullptr; };
  for (int n = 0; n < p.width; n += kPanel<T>) {
    const T* b = p.data.data() + area(n, p.depth);
    const int vectors = (p.width - n < kPanel<T> ? p.width - n : kPanel<T>) / kLanes<T>;
    int m = 0;
    for (; m + 2 <= rows; m += 2)
      panel_tile<T, 2, kStart, Left::Rows>(vectors, a + area(m, lda), lda, b, c + area(m, ldc) + n, ldc,
                                           p.depth, start_of(m), n);
    if (m < rows)
      panel_tile<T, 1, kStart, Left::Rows>(vectors, a + area(m, lda), lda, b, c + area(m, ldc) + n, ldc,
                                           p.depth, start_of(m), n);
  }
}

// Collects rows in the order in which a weight gradient adds them and multiplies them in blocks:
// G[features x width] += sum over rows of outer(x, dz). Blocks are a matter of caches only.
template <class T>
class OuterSum {
 public:
  // Starts a sum into `total` (row-major, ld = width): `features` numbers of x and `width` of dz, both in
  // whole vectors.
  void begin(T* total, int features, int width) {
    assert(features % kLanes<T> == 0 && width % kLanes<T> == 0);
    total_ = total;
    features_ = features;
    width_ = width;
    rows_ = 0;
    grown(left_, static_cast<std::size_t>(features / kLanes<T>) * kStripSize);
    grown(right_, static_cast<std::size_t>((width + kPanel<T> - 1) / kPanel<T>) * kPanelSize);
  }
  // `also`: a row of `width` numbers that dz is added to in passing, or null.
  template <bool kAlso = false>
  void add(const T* x, const T* dz, T* also = nullptr) {
    const auto row = static_cast<std::size_t>(rows_);
    T* left = left_.data() + row * kLanes<T>;
    for (int f = 0; f < features_; f += kLanes<T>, left += kStripSize) store(left, load(x + f));
    T* right = right_.data() + row * kPanel<T>;
    int n = 0;
    for (; n + kPanel<T> <= width_; n += kPanel<T>, right += kPanelSize)
      unrolled<4>([&](auto v) __attribute__((always_inline)) {
        const Vec<T> d = load(dz + n + v * kLanes<T>);
        store(right + v * kLanes<T>, d);
        if constexpr (kAlso) store(also + n + v * kLanes<T>, load(also + n + v * kLanes<T>) + d);
      });
    right -= row * static_cast<std::size_t>(kPanel<T> - (width_ - n));  // the last panel's rows are shorter
    for (; n < width_; n += kLanes<T>, right += kLanes<T>) {
      const Vec<T> d = load(dz + n);
      store(right, d);
      if constexpr (kAlso) store(also + n, load(also + n) + d);
    }
    if (++rows_ == kBlock) flush();
  }
  void end() { flush(); }

 private:
  static constexpr int kBlock = 128;  // rows: a strip of x and a panel of dz stay in the nearest cache
  // Strips and panels one cache line further apart than a power of two, or they would share its sets.
  static constexpr std::size_t kStripSize = kBlock * kLanes<T> + 64 / sizeof(T),
                               kPanelSize = kBlock * kPanel<T> + 64 / sizeof(T);

  void flush() {
    const T* right = right_.data();
    for (int n = 0; n < width_; n += kPanel<T>, right += kPanelSize) {
      const int vectors = (width_ - n < kPanel<T> ? width_ - n : kPanel<T>) / kLanes<T>;
      const T* left = left_.data();
      for (int f = 0; f < features_; f += kLanes<T>, left += kStripSize)
        for (int two = 0; two < kLanes<T>; two += 2)
          panel_tile<T, 2, Start::Product, Left::Transposed>(
              vectors, left + two, kLanes<T>, right, total_ + area(f + two, width_) + n, width_, rows_);
    }
    rows_ = 0;
  }

  T* total_ = nullptr;
  int features_ = 0, width_ = 0, rows_ = 0;
  Buffer<T> left_, right_;  // [strips][rows][lanes], [panels][rows][4 lanes]
};

}  // namespace ribostep::rnn
