// Elman's simple recurrent network (Elman 1990, "Finding structure in time"), with tanh or ReLU.
#pragma once
#include "rnn/cell.h"
#include "rnn/math.h"

namespace ribostep::rnn {

template <class T>
struct ElmanCell {
  static constexpr BlockMap kMap{1, 1, 0, 0, {0}, {0}, {0}};

  // h = tanh(a) or max(0, a),   a = W_x x + b_x + W_h h' + b_h
  template <bool kRelu>
  static void forward(const CellForward<T>& s) {
    const auto units = static_cast<std::size_t>(s.units);
    each_vector<T>(
        s.rows, s.units, [&](std::size_t r, std::size_t j) __attribute__((always_inline)) {
          const Vec<T> a = load(s.a + r * units + j);
          // Written so that NaN stays NaN and is seen.
          const Vec<T> h = kRelu ? select<T>(a < Vec<T>{}, Vec<T>{}, a) : tanh_vec<T>(a);
          store(s.a + r * units + j, h);
          store(s.h + r * units + j, h);
        });
  }

  // da = dh (1 - h^2) or dh [h > 0];   nothing reaches h' but through W_h
  template <bool kRelu>
  static void backward(const CellBackward<T>& s) {
    const auto units = static_cast<std::size_t>(s.units);
    each_vector<T>(
        s.rows, s.units, [&](std::size_t r, std::size_t j) __attribute__((always_inline)) {
          const Vec<T> h = load(s.h + r * units + j), dh = state_gradient(s, r, j);
          const Vec<T> da = kRelu ? select<T>(h > Vec<T>{}, dh, Vec<T>{}) : dh * (splat(T(1)) - h * h);
          store(s.a + r * units + j, flush<T>(da));
          store(s.dh + r * units + j, Vec<T>{});
        });
  }
};

}  // namespace ribostep::rnn
