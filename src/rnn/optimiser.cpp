// torch.optim's SGD (momentum, no dampening; with Nesterov's look ahead), RMSprop, Adam and AdamW, and
// clip_grad_norm_. Element by element, so vectors change nothing.
#include <cassert>
#include <cmath>

#include "rnn/gemm.h"
#include "rnn/trainer.h"

namespace ribostep::rnn {
namespace {

// A moment that has decayed to a subnormal number would stay one for ever (0.9 times the smallest rounds back
// to it) and slow every later step: 0 instead. NaN stays NaN.
template <class T>
RIBOSTEP_INLINE Vec<T> moment(Vec<T> x) {
  constexpr T kSmallest = static_cast<T>(sizeof(T) == sizeof(float) ? 1e-37 : 1e-300);
  return from_bits<T>(as_bits<T>(x) & ~reinterpret_cast<Bits<T>>(absolute<T>(x) < splat(kSmallest)));
}
// f(vector of parameter, gradient, first moment, second moment) -> updates them; the last, partial vector is
// handled in a copy.
template <class T, class F>
void each_parameter(std::span<T> p, std::span<const T> g, std::vector<T>& m, std::vector<T>& v, F f) {
  const std::size_t lanes = kLanes<T>, whole = p.size() / lanes * lanes;
  const auto one = [&](T* p_at, const T* g_at, T* m_at, T* v_at) {
    Vec<T> pv = load(p_at), mv = load(m_at), vv = load(v_at);
    f(pv, load(g_at), mv, vv);
    store(p_at, pv);
    store(m_at, moment<T>(mv));
    store(v_at, moment<T>(vv));
  };
  for (std::size_t i = 0; i < whole; i += lanes) one(&p[i], &g[i], &m[i], &v[i]);
  if (whole == p.size()) return;
  T tail[4][kLanes<T>] = {};
  const std::size_t rest = p.size() - whole, bytes = rest * sizeof(T);
  std::memcpy(tail[0], &p[whole], bytes);
  std::memcpy(tail[1], &g[whole], bytes);
  std::memcpy(tail[2], &m[whole], bytes);
  std::memcpy(tail[3], &v[whole], bytes);
  one(tail[0], tail[1], tail[2], tail[3]);
  std::memcpy(&p[whole], tail[0], bytes);
  std::memcpy(&m[whole], tail[2], bytes);
  std::memcpy(&v[whole], tail[3], bytes);
}

}  // namespace

template <class T>
Optimiser<T>::Optimiser(std::size_t parameter_count) : first_(parameter_count), second_(parameter_count) {}

template <class T>
void Optimiser<T>::step(const TrainConfig& config, std::span<T> parameters, std::span<const T> gradients) {
  assert(parameters.size() == first_.size() && gradients.size() == first_.size());
  ++steps_;
  beta1_power_ *= config.beta1;
  beta2_power_ *= config.beta2;
  const auto constant = [](double x) { return splat(static_cast<T>(x)); };
  const Vec<T> rate = constant(config.learning_rate), epsilon = constant(config.epsilon),
               decay = constant(config.weight_decay);
  const auto each = [&](auto f) { each_parameter<T>(parameters, gradients, first_, second_, f); };

  switch (config.optimiser) {
    case OptimiserKind::Sgd: {
      // m = momentum m + g        p = p - rate m
      const Vec<T> momentum = constant(config.momentum);
      each([=](Vec<T>& p, Vec<T> g, Vec<T>& m, Vec<T>&) {
        g = g + decay * p;
        m = momentum * m + g;
        p = p - rate * m;
      });
      break;
    }
    case OptimiserKind::Nesterov: {
      // m = momentum m + g        p = p - rate (g + momentum m)
      const Vec<T> momentum = constant(config.momentum);
      each([=](Vec<T>& p, Vec<T> g, Vec<T>& m, Vec<T>&) {
        g = g + decay * p;
        m = momentum * m + g;
        p = p - rate * (g + momentum * m);
      });
      break;
    }
    case OptimiserKind::RmsProp: {
      // v = alpha v + (1 - alpha) g^2        p = p - rate g / (sqrt(v) + epsilon)
      const Vec<T> alpha = constant(config.alpha), rest = constant(1 - config.alpha);
      each([=](Vec<T>& p, Vec<T> g, Vec<T>&, Vec<T>& v) {
        g = g + decay * p;
        v = alpha * v + rest * (g * g);
        p = p - rate * (g / (square_root<T>(v) + epsilon));
      });
      break;
    }
    case OptimiserKind::Adam:
    case OptimiserKind::AdamW: {
      // m = b1 m + (1 - b1) g        v = b2 v + (1 - b2) g^2
      // p = p - rate/(1 - b1^n) * m / (sqrt(v)/sqrt(1 - b2^n) + epsilon);    AdamW shrinks p by rate*decay
      // first
      const bool decoupled = config.optimiser == OptimiserKind::AdamW;
      const Vec<T> b1 = constant(config.beta1), rest1 = constant(1 - config.beta1),
                   b2 = constant(config.beta2), rest2 = constant(1 - config.beta2);
      const Vec<T> step_size = constant(config.learning_rate / (1 - beta1_power_)),
                   correction = constant(std::sqrt(1 - beta2_power_)),
                   keep = constant(1 - config.learning_rate * config.weight_decay);
      each([=](Vec<T>& p, Vec<T> g, Vec<T>& m, Vec<T>& v) {
        if (decoupled)
          p = p * keep;
        else
          g = g + decay * p;
        m = b1 * m + rest1 * g;
        v = b2 * v + rest2 * (g * g);
        p = p - step_size * (m / (square_root<T>(v) / correction + epsilon));
      });
      break;
    }
  }
}

template <class T>
double clip_global_norm(std::span<T> gradients, double limit) {
  double sum = 0;
  for (const T g : gradients) sum += static_cast<double>(g) * static_cast<double>(g);
  const double norm = std::sqrt(sum), coefficient = limit / (norm + 1e-6);  // torch's 1e-6
  if (limit > 0 && coefficient < 1)
    for (T& g : gradients) g *= static_cast<T>(coefficient);
  return norm;
}

template class Optimiser<float>;
template class Optimiser<double>;
template double clip_global_norm<float>(std::span<float>, double);
template double clip_global_norm<double>(std::span<double>, double);

}  // namespace ribostep::rnn
