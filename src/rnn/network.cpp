// Lays a spec out over one flat buffer. Starting values are initialise.cpp's, arithmetic is elsewhere.
#include "rnn/network.h"

#include <cassert>
#include <cstring>

#include "base/hash.h"
#include "rnn/cells.h"

namespace ribostep::rnn {
namespace {

int add_tensor(Network& net, std::string name, int rows, int cols) {
  net.tensors.push_back({std::move(name), rows, cols, net.parameter_count});
  net.parameter_count += net.tensors.back().size();
  return static_cast<int>(net.tensors.size()) - 1;
}

// The weights of one layer; tied strands share them.
void add_layer(Network& net, Layer& layer, const std::string& suffix) {
  const int gate_count = static_cast<int>(gates(layer.cell).size());
  const int rows = gate_count * layer.hidden;  // G*H
  layer.w_x = add_tensor(net, "weight_ih" + suffix, rows, layer.inputs);
  layer.w_h = add_tensor(net, "weight_hh" + suffix, rows, layer.hidden);
  layer.b_x = add_tensor(net, "bias_ih" + suffix, rows, 1);
  layer.b_h = add_tensor(net, "bias_hh" + suffix, rows, 1);
  if (net.spec.peepholes)
    layer.peepholes =
        add_tensor(net, "weight_peephole" + suffix, (coupled(layer.cell) ? 2 : 3) * layer.hidden, 1);
  if (net.spec.layer_norm) {
    const int blocks = block_map(layer.cell).blocks * layer.hidden;
    layer.norm_gain = add_tensor(net, "norm_gain" + suffix, blocks, 1);
    layer.norm_bias = add_tensor(net, "norm_bias" + suffix, blocks, 1);
  }
}

void add_layers(Network& net, int inputs) {
  const ModelSpec& spec = net.spec;
  net.features = spec.hidden * spec.direction_count();
  for (int level = 0; level < spec.layers; ++level)
    for (int direction = 0; direction < spec.direction_count(); ++direction) {
      Layer layer{};
      layer.cell = spec.cell;
      layer.wiring.reverse = direction > 0;
      layer.wiring.dilation = spec.dilation(level);
      layer.wiring.cut = spec.truncate;
      if (level == 0 && spec.window > 0 && !spec.window_carry) layer.wiring.restart = spec.window;
      const bool strands =
          spec.directions == Directions::Strands || spec.directions == Directions::StrandsTied;
      layer.wiring.complement = strands && direction > 0 && level == 0;
      layer.level = level;
      layer.inputs = level == 0 ? inputs : net.features;
      layer.hidden = spec.hidden;
      if (direction > 0 && spec.directions == Directions::StrandsTied) {
        Wiring own = layer.wiring;
        layer = net.layers.back();
        layer.wiring = own;
        layer.exchanged = level > 0;
      } else {
        add_layer(net, layer, "_l" + std::to_string(level) + (direction == 0 ? "" : "_reverse"));
      }
      net.layers.push_back(layer);
    }
  net.readout_weight = net.readout_bias = -1;
}

// Where h_0 and c_0 of every layer come from.
void add_initial_states(Network& net) {
  const ModelSpec& spec = net.spec;
  if (spec.initial == InitialState::Zero) return;
  const bool encoder = spec.initial == InitialState::Encoder;
  if (encoder) {
    net.encoder_weight =
        add_tensor(net, "encoder.weight", spec.encoder_units, static_cast<int>(spec.covariates.size()));
    net.encoder_bias = add_tensor(net, "encoder.bias", spec.encoder_units, 1);
  }
  const auto add = [&](const std::string& name, int& weight, int& bias) {
    if (encoder) {
      weight = add_tensor(net, "encoder." + name + ".weight", spec.hidden, spec.encoder_units);
      bias = add_tensor(net, "encoder." + name + ".bias", spec.hidden, 1);
    } else {
      weight = add_tensor(net, name, spec.initial == InitialState::ByClass ? spec.covariate_classes : 1,
                          spec.hidden);
    }
  };
  for (std::size_t i = 0; i < net.layers.size(); ++i) {
    Layer& layer = net.layers[i];
    if (layer.wiring.reverse && spec.directions == Directions::StrandsTied) {
      const Layer& first = net.layers[i - 1];
      layer.h_0 = first.h_0, layer.h_0_bias = first.h_0_bias;
      layer.c_0 = first.c_0, layer.c_0_bias = first.c_0_bias;
      continue;
    }
    const std::string suffix = "_l" + std::to_string(layer.level) + (layer.wiring.reverse ? "_reverse" : "");
    add("h_0" + suffix, layer.h_0, layer.h_0_bias);
    if (has_cell_state(layer.cell)) add("c_0" + suffix, layer.c_0, layer.c_0_bias);
  }
}

}  // namespace

Network make_recurrent_network(const ModelSpec& spec, int inputs) {
  Network net;
  net.spec = spec;
  add_layers(net, inputs);
  return net;
}

Network make_network(const ModelSpec& spec) {
  assert(problem(spec).empty());
  Network net;
  net.spec = spec;
  add_layers(net, spec.inputs());
  add_initial_states(net);
  if (spec.embedding > 0)
    net.embedding = add_tensor(net, "embedding.weight", spec.token_kinds(), spec.embedding);
  net.readout_weight = add_tensor(net, "readout.weight", spec.outputs(), net.features);
  net.readout_bias = add_tensor(net, "readout.bias", spec.outputs(), 1);
  return net;
}

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
