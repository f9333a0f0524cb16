// Lays a spec out over one flat buffer and gives the weights their starting values. Arithmetic is elsewhere.
#include "rnn/network.h"

#include <cassert>
#include <cmath>
#include <cstring>

#include "base/hash.h"
#include "base/random.h"

namespace ribostep::rnn {
namespace {

constexpr std::uint64_t kInitialStream =
    0;  // of Random: initial weights; the trainer's shuffling has its own

int add_tensor(Network& net, std::string name, int rows, int cols) {
  net.tensors.push_back({std::move(name), rows, cols, net.parameter_count});
  net.parameter_count += net.tensors.back().size();
  return static_cast<int>(net.tensors.size()) - 1;
}

}  // namespace

Network make_recurrent_network(const ModelSpec& spec, int inputs) {
  Network net;
  net.spec = spec;
  net.features = spec.hidden * spec.direction_count();
  const int rows = static_cast<int>(gates(spec.cell).size()) * spec.hidden;  // G*H
  for (int level = 0; level < spec.layers; ++level)
    for (int direction = 0; direction < spec.direction_count(); ++direction) {
      Layer layer{};
      layer.cell = spec.cell;
      layer.wiring = direction == 0 ? Wiring::Forward : Wiring::Reverse;
      layer.level = level;
      layer.inputs = level == 0 ? inputs : net.features;
      layer.hidden = spec.hidden;
      const std::string suffix = "_l" + std::to_string(level) + (direction == 0 ? "" : "_reverse");
      layer.w_x = add_tensor(net, "weight_ih" + suffix, rows, layer.inputs);
      layer.w_h = add_tensor(net, "weight_hh" + suffix, rows, layer.hidden);
      layer.b_x = add_tensor(net, "bias_ih" + suffix, rows, 1);
      layer.b_h = add_tensor(net, "bias_hh" + suffix, rows, 1);
      net.layers.push_back(layer);
    }
  net.readout_weight = net.readout_bias = -1;
  return net;
}

Network make_network(const ModelSpec& spec) {
  assert(problem(spec).empty());
  Network net = make_recurrent_network(spec, spec.symbols);
  net.readout_weight = add_tensor(net, "readout.weight", spec.outputs(), net.features);
  net.readout_bias = add_tensor(net, "readout.bias", spec.outputs(), 1);
  return net;
}

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

std::string weights_hash(std::span<const float> parameters) {
  Hash hash;
  for (const float value : parameters) {
    std::uint32_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    if (value != value) bits = 0x7fc00000u;
    const unsigned char bytes[4] = {
        static_cast<unsigned char>(bits & 255u), static_cast<unsigned char>((bits >> 8u) & 255u),
        static_cast<unsigned char>((bits >> 16u) & 255u), static_cast<unsigned char>(bits >> 24u)};
    hash.bytes(bytes, sizeof bytes);
  }
  return hash.hex();
}

}  // namespace ribostep::rnn
