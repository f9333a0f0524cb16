// Long short-term memory (Hochreiter & Schmidhuber 1997; forget gate: Gers, Schmidhuber & Cummins 2000) and
// its relatives: coupled gates (i = 1 - f; Greff et al. 2017 call it CIFG), a sigmoid candidate, and
// peepholes (Gers & Schmidhuber 2000). Every variant is a choice made while compiling.
#pragma once
#include "rnn/cell.h"
#include "rnn/math.h"

namespace ribostep::rnn {

template <class T, bool kCoupled = false, bool kSigmoid = false>
struct LstmCell {
  static constexpr BlockMap kMap = kCoupled ? BlockMap{3, 3, 0, 0, {0, 1, 2, 0}, {0, 1, 2, 0}, {0, 1, 2, 0}}
                                            : BlockMap{4, 4, 0, 0, {0, 1, 2, 3}, {0, 1, 2, 3}, {0, 1, 2, 3}};
  // Blocks i f g o, coupled f g o; peepholes i f o, coupled f o. Where there is no i its numbers are not
  // used.
  static constexpr std::size_t kBlocks = kCoupled ? 3 : 4, kI = 0, kF = kCoupled ? 0 : 1, kG = kF + 1,
                               kO = kF + 2, kPeepF = kF, kPeepO = kF + 1;

  // [i f g o] = [s s tanh s](W_x x + b_x + W_h h' + b_h), the sigmoid candidate: g = s(...)
  // c = f c' + i g, coupled: c = f c' + (1 - f) g        h = o tanh(c)
  // Peepholes: p_i c' and p_f c' are added within i and f, p_o c within o.
  // Coupled with a sigmoid candidate c stays in [0, 1] to the last bit if c' is there: rounding is monotone,
  // so f c' <= f, (1-f) g <= 1-f as rounded, and f plus that rounds to 1.
  // The gates of a row first, then its memory: a chain of two quotients per unit would be longer than what a
  // processor holds in flight.
  template <bool kPeep>
  static void forward(const CellForward<T>& s) {
    const auto units = static_cast<std::size_t>(s.units);
    const Vec<T> one = splat(T(1));
    for (std::size_t r = 0; r < static_cast<std::size_t>(s.rows); ++r) {
      T* a = s.a + r * kBlocks * units;
      const T* c_prev = s.c_prev + r * units;
      const auto gates = [&](std::size_t block, auto f) __attribute__((always_inline)) {
        T* gate = a + block * units;
        for (std::size_t j = 0; j < units; j += kLanes<T>) store(gate + j, f(load(gate + j), j));
      };
      const auto seen = [&](std::size_t peephole) {
        return [&, p = kPeep ? s.peepholes + peephole * units : nullptr ](Vec<T> z, std::size_t j)
            __attribute__((always_inline)) {
          return sigmoid_vec<T>(kPeep ? z + load(p + j) * load(c_prev + j) : z);
        };
      };
      const auto plain = [](Vec<T> z, std::size_t) __attribute__((always_inline)) {
        return sigmoid_vec<T>(z);
      };
      if constexpr (!kCoupled) gates(kI, seen(0));
      gates(kF, seen(kPeepF));
      gates(
          kG, [](Vec<T> z, std::size_t) __attribute__((always_inline)) { return candidate(z); });
      if constexpr (!kPeep) gates(kO, plain);
      for (std::size_t j = 0; j < units; j += kLanes<T>) {
        const Vec<T> before = load(c_prev + j), f = load(a + kF * units + j), g = load(a + kG * units + j);
        const Vec<T> i = kCoupled ? one - f : load(a + kI * units + j), c = f * before + i * g;
        store(s.c + r * units + j, c);
        const Vec<T> t = tanh_vec<T>(c);
        Vec<T> o = load(a + kO * units + j);
        if constexpr (kPeep) {
          o = sigmoid_vec<T>(o + load(s.peepholes + kPeepO * units + j) * c);
          store(a + kO * units + j, o);
        }
        store(s.tanh_c + r * units + j, t);
        store(s.h + r * units + j, o * t);
      }
    }
    if constexpr (kSigmoid) clear_padding(s);
  }

  // do = dh tanh(c) o (1 - o)            dc = dc + dh o (1 - tanh(c)^2) + p_o do
  // di = dc g i (1 - i)    df = dc c' f (1 - f), coupled: dc (c' - g) f (1 - f)
  // dg = dc i (1 - g^2), the sigmoid candidate: dc i g (1 - g)
  // dc' = dc f + p_i di + p_f df
  template <bool kPeep>
  static void backward(const CellBackward<T>& s) {
    const auto units = static_cast<std::size_t>(s.units);
    const Vec<T> one = splat(T(1));
    each_vector<T>(
        s.rows, s.units, [&](std::size_t r, std::size_t j) __attribute__((always_inline)) {
          T* a = s.a + r * kBlocks * units + j;
          const T* p = kPeep ? s.peepholes + j : nullptr;
          const Vec<T> f = load(a + kF * units), g = load(a + kG * units), o = load(a + kO * units);
          const Vec<T> t = load(s.tanh_c + r * units + j), dh = state_gradient(s, r, j);
          const Vec<T> before = load(s.c_prev + r * units + j);
          const Vec<T> da_o = flush<T>(dh * t * o * (one - o));
          Vec<T> dc = load(s.dc + r * units + j) + dh * o * (one - t * t);
          if constexpr (kPeep) dc = dc + load(p + kPeepO * units) * da_o;
          Vec<T> i, da_f;
          if constexpr (kCoupled) {
            i = one - f;
            da_f = flush<T>(dc * (before - g) * f * (one - f));
          } else {
            i = load(a + kI * units);
            da_f = flush<T>(dc * before * f * (one - f));
          }
          Vec<T> dc_before = dc * f;
          if constexpr (kPeep) dc_before = dc_before + load(p + kPeepF * units) * da_f;
          if constexpr (!kCoupled) {
            const Vec<T> da_i = flush<T>(dc * g * i * (one - i));
            if constexpr (kPeep) dc_before = dc_before + load(p) * da_i;
            store(a + kI * units, da_i);
          }
          store(a + kF * units, da_f);
          if constexpr (kSigmoid)
            store(a + kG * units, flush<T>(dc * i * g * (one - g)));
          else
            store(a + kG * units, flush<T>(dc * i * (one - g * g)));
          store(a + kO * units, da_o);
          store(s.dc + r * units + j, flush<T>(dc_before));
          store(s.dh + r * units + j, Vec<T>{});
        });
  }

 private:
  static RIBOSTEP_INLINE Vec<T> candidate(Vec<T> a) {
    if constexpr (kSigmoid)
      return sigmoid_vec<T>(a);
    else
      return tanh_vec<T>(a);
  }
  // s(0) is not 0 as tanh(0) is: a unit that is only padding would fill its memory.
  static void clear_padding(const CellForward<T>& s) {
    if (s.hidden <= 0) return;
    for (int r = 0; r < s.rows; ++r)
      for (int j = s.hidden; j < s.units; ++j) {
        const std::size_t at =
            static_cast<std::size_t>(r) * static_cast<std::size_t>(s.units) + static_cast<std::size_t>(j);
        s.h[at] = s.c[at] = s.tanh_c[at] = T(0);
      }
  }
};

}  // namespace ribostep::rnn
