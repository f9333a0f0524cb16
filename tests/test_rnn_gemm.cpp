// The products must equal plain loops bit for bit: one accumulator per output, k ascending.
#include <doctest/doctest.h>

#include "base/random.h"
#include "rnn/gemm.h"

using namespace ribostep;
using namespace ribostep::rnn;

namespace {

template <class T>
std::vector<T> numbers(std::size_t n, Random& random) {
  std::vector<T> v(n);
  for (T& x : v) x = static_cast<T>(random.symmetric(1));
  return v;
}

template <class T>
std::size_t at(int row, int col, int stride) {
  return area(row, stride) + static_cast<std::size_t>(col);
}

}  // namespace

TEST_CASE_TEMPLATE("rnn gemm: a product has the bits of three plain loops", T, float, double) {
  Random random(2);
  int checked = 0;
  for (int rows = 1; rows <= 13; ++rows)
    for (int width = kLanes<T>; width <= 13 * kLanes<T>; width += kLanes<T>)
      for (const int depth : {1, 2, 7, 64}) {
        const auto a = numbers<T>(area(rows, depth), random), b = numbers<T>(area(depth, width), random),
                   start = numbers<T>(area(rows, width), random);
        Panels<T> panels;
        panels.pack(depth, width, [&](int k, int n) { return b[at<T>(k, n, width)]; });
        // Each row starts from one that lies elsewhere, in another order.
        std::vector<const T*> starts;
        for (int m = 0; m < rows; ++m) starts.push_back(&start[area(rows - 1 - m, width)]);
        auto added = start, fresh = start, elsewhere = start;
        multiply<T, Start::Product>(a.data(), depth, rows, panels, added.data(), width);
        multiply<T, Start::Zero>(a.data(), depth, rows, panels, fresh.data(), width);
        multiply<T, Start::Rows>(a.data(), depth, rows, panels, elsewhere.data(), width, starts.data());
        int wrong = 0;
        for (int m = 0; m < rows; ++m)
          for (int n = 0; n < width; ++n) {
            T sum = start[at<T>(m, n, width)], plain = 0, other = start[at<T>(rows - 1 - m, n, width)];
            for (int k = 0; k < depth; ++k) {
              const T term = a[at<T>(m, k, depth)] * b[at<T>(k, n, width)];
              sum = sum + term;
              plain = plain + term;
              other = other + term;
            }
            wrong += added[at<T>(m, n, width)] != sum;
            wrong += fresh[at<T>(m, n, width)] != plain;
            wrong += elsewhere[at<T>(m, n, width)] != other;
            ++checked;
          }
        CHECK_MESSAGE(wrong == 0, rows << " x " << depth << " x " << width);
      }
  CHECK(checked > 10000);
}

TEST_CASE_TEMPLATE("rnn gemm: outer products add up row by row in the order given", T, float, double) {
  Random random(3);
  for (const int rows : {1, 5, 127, 128, 129, 300})
    for (const int features : {kLanes<T>, 3 * kLanes<T>, 8 * kLanes<T>})
      for (const int width : {kLanes<T>, 3 * kLanes<T>, 4 * kLanes<T>, 9 * kLanes<T>}) {
        const auto x = numbers<T>(area(rows, features), random), dz = numbers<T>(area(rows, width), random);
        auto total = numbers<T>(area(features, width), random), expected = total;
        OuterSum<T> outer;
        outer.begin(total.data(), features, width);
        for (int r = 0; r < rows; ++r) {
          outer.add(&x[area(r, features)], &dz[area(r, width)]);
          for (int f = 0; f < features; ++f)
            for (int n = 0; n < width; ++n)
              expected[at<T>(f, n, width)] =
                  expected[at<T>(f, n, width)] + x[at<T>(r, f, features)] * dz[at<T>(r, n, width)];
        }
        outer.end();
        CHECK_MESSAGE(total == expected, rows << " rows, " << features << " x " << width);
      }
}
