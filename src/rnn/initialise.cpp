// The weights before training, drawn in buffer order so that a seed means the same everywhere.
#include <cassert>
#include <cmath>

#include "base/random.h"
#include "rnn/network.h"

namespace ribostep::rnn {
namespace {

constexpr std::uint64_t kInitialStream =
    0;  // of Random: initial weights; the trainer's shuffling has its own

}  // namespace

template <class T>
void initialise(const Network& net, std::uint64_t seed, std::span<T> parameters) {
  assert(parameters.size() == net.parameter_count);
  Random random(seed, kInitialStream);
  for (int i = 0; i < static_cast<int>(net.tensors.size()); ++i) {
    const Tensor& tensor = net.tensors[static_cast<std::size_t>(i)];
    const int fan = i >= net.readout_weight ? net.features : net.spec.hidden;
    const double limit = 1.0 / std::sqrt(static_cast<double>(fan));
    for (T& value : parameters.subspan(tensor.offset, tensor.size()))
      value = static_cast<T>(random.symmetric(limit));  // in double, then rounded once
  }
}
template void initialise<float>(const Network&, std::uint64_t, std::span<float>);
template void initialise<double>(const Network&, std::uint64_t, std::span<double>);

}  // namespace ribostep::rnn
