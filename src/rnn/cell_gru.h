// Gated recurrent unit (Cho et al. 2014), with the reset gate inside the recurrent term as PyTorch and cuDNN
// have it.
#pragma once
#include "rnn/cell.h"
#include "rnn/math.h"

namespace ribostep::rnn {

template <class T>
struct GruCell {
  // Blocks n r z q: the first three receive the input, the last three the recurrent product, and q keeps
  // W_hn h' + b_hn apart, which the reset gate multiplies.
  static constexpr BlockMap kMap{3, 4, 0, 1, {2, 0, 1}, {0, 1, 2}, {1, 2, 0}};

  // r = s(W_xr x + b_xr + W_hr h' + b_hr)      z = s(W_xz x + b_xz + W_hz h' + b_hz)
  // q = W_hn h' + b_hn      n = tanh(W_xn x + b_xn + r q)      h = n + z (h' - n)
  // The gates of a row first, then its states: a chain of two quotients per unit would be longer than what a
  // processor holds in flight.
  static void forward(const CellForward<T>& s) {
    const auto units = static_cast<std::size_t>(s.units);
    for (std::size_t row = 0; row < static_cast<std::size_t>(s.rows); ++row) {
      T *a = s.a + row * 4 * units, *gates = a + units;
      for (std::size_t j = 0; j < 2 * units; j += kLanes<T>)
        store(gates + j, sigmoid_vec<T>(load(gates + j)));
      for (std::size_t j = 0; j < units; j += kLanes<T>) {
        const Vec<T> r = load(gates + j), z = load(gates + units + j);
        const Vec<T> n = tanh_vec<T>(load(a + j) + r * load(a + 3 * units + j));
        store(a + j, n);
        store(s.h + row * units + j, n + z * (load(s.h_prev + row * units + j) - n));
      }
    }
  }

  // da_n = dh (1 - z) (1 - n^2)      dq = da_n r      da_r = da_n q r (1 - r)
  // da_z = dh (h' - n) z (1 - z)     dh' = dh z + W_h^T [da_r da_z dq]
  static void backward(const CellBackward<T>& s) {
    const auto units = static_cast<std::size_t>(s.units);
    const Vec<T> one = splat(T(1));
    each_vector<T>(
        s.rows, s.units, [&](std::size_t row, std::size_t j) __attribute__((always_inline)) {
          T* a = s.a + row * 4 * units + j;
          const Vec<T> n = load(a), r = load(a + units), z = load(a + 2 * units), q = load(a + 3 * units);
          const Vec<T> dh = state_gradient(s, row, j);
          const Vec<T> da_n = flush<T>(dh * (one - z) * (one - n * n));
          store(a, da_n);
          store(a + units, flush<T>(da_n * q * r * (one - r)));
          store(a + 2 * units, flush<T>(dh * (load(s.h_prev + row * units + j) - n) * z * (one - z)));
          store(a + 3 * units, flush<T>(da_n * r));
          store(s.dh + row * units + j, flush<T>(dh * z));
        });
  }
};

}  // namespace ribostep::rnn
