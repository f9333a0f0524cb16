// Long short-term memory (Hochreiter & Schmidhuber 1997; forget gate: Gers, Schmidhuber & Cummins 2000).
#pragma once
#include "rnn/cell.h"
#include "rnn/math.h"

namespace ribostep::rnn {

template <class T>
struct LstmCell {
  static constexpr BlockMap kMap{4, 4, 0, 0, {0, 1, 2, 3}, {0, 1, 2, 3}, {0, 1, 2, 3}};

  // [i f g o] = [s s tanh s](W_x x + b_x + W_h h' + b_h)
  // c = f c' + i g        h = o tanh(c)
  static void forward(const CellForward<T>& s) {
    const auto units = static_cast<std::size_t>(s.units);
    each_vector<T>(
        s.rows, s.units, [&](std::size_t r, std::size_t j) __attribute__((always_inline)) {
          T* a = s.a + r * 4 * units + j;
          const Vec<T> i = sigmoid_vec<T>(load(a)), f = sigmoid_vec<T>(load(a + units)),
                       g = tanh_vec<T>(load(a + 2 * units)), o = sigmoid_vec<T>(load(a + 3 * units));
          const Vec<T> c = f * load(s.c_prev + r * units + j) + i * g, t = tanh_vec<T>(c);
          store(a, i);
          store(a + units, f);
          store(a + 2 * units, g);
          store(a + 3 * units, o);
          store(s.c + r * units + j, c);
          store(s.tanh_c + r * units + j, t);
          store(s.h + r * units + j, o * t);
        });
  }

  // dc = dc + dh o (1 - tanh(c)^2)       dc' = dc f
  // di = dc g i (1 - i)    df = dc c' f (1 - f)    dg = dc i (1 - g^2)    do = dh tanh(c) o (1 - o)
  static void backward(const CellBackward<T>& s) {
    const auto units = static_cast<std::size_t>(s.units);
    const Vec<T> one = splat(T(1));
    each_vector<T>(
        s.rows, s.units, [&](std::size_t r, std::size_t j) __attribute__((always_inline)) {
          T* a = s.a + r * 4 * units + j;
          const Vec<T> i = load(a), f = load(a + units), g = load(a + 2 * units), o = load(a + 3 * units);
          const Vec<T> t = load(s.tanh_c + r * units + j), dh = state_gradient(s, r, j);
          const Vec<T> dc = load(s.dc + r * units + j) + dh * o * (one - t * t);
          store(a, flush<T>(dc * g * i * (one - i)));
          store(a + units, flush<T>(dc * load(s.c_prev + r * units + j) * f * (one - f)));
          store(a + 2 * units, flush<T>(dc * i * (one - g * g)));
          store(a + 3 * units, flush<T>(dh * t * o * (one - o)));
          store(s.dc + r * units + j, flush<T>(dc * f));
          store(s.dh + r * units + j, Vec<T>{});
        });
  }
};

}  // namespace ribostep::rnn
