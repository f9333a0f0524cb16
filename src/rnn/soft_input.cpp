#include "rnn/soft_input.h"

#include <cassert>

#include "rnn/gemm.h"

namespace ribostep::rnn {
namespace {

// Kind of token whose column of W_x, or row of the embedding, a layer reads for `kind`.
int read_as(const Layer& layer, const Tokens& kinds, int kind) {
  return layer.wiring.complement ? kinds.complement(kind) : kind;
}

}  // namespace

SoftNetwork soft_network(const Network& net, const TokenTable& table, std::span<const float> parameters) {
  assert(parameters.size() == net.parameter_count);
  SoftNetwork soft{net, std::vector<double>(parameters.begin(), parameters.end())};
  ModelSpec& spec = soft.net.spec;
  if (net.spec.task != Task::SequenceLabel) {
    spec.task = Task::PositionLabel;
    spec.classes = net.spec.outputs();
  }
  spec.truncate = 0;
  for (Layer& layer : soft.net.layers) layer.wiring.cut = 0;
  if (net.spec.input == Input::Values) return soft;

  const Tokens kinds(net.spec, table);
  spec.input = Input::Values;
  spec.channels = kinds.kinds();
  spec.embedding = 0;
  soft.net.embedding = -1;
  for (Layer& layer : soft.net.layers) {
    if (layer.level > 0) continue;
    const auto given = view(net, std::span<const double>(soft.parameters), layer.w_x);
    Tensor shares{"", given.rows, kinds.kinds(), soft.net.parameter_count};
    std::vector<double> w;
    w.reserve(shares.size());
    for (int r = 0; r < given.rows; ++r)
      for (int kind = 0; kind < kinds.kinds(); ++kind) {
        const int read = read_as(layer, kinds, kind);
        if (net.spec.embedding == 0) {
          w.push_back(given(r, read));
          continue;
        }
        const auto embedding = view(net, std::span<const double>(soft.parameters), net.embedding);
        double sum = 0;
        for (int k = 0; k < net.spec.embedding; ++k) sum += given(r, k) * embedding(read, k);
        w.push_back(sum);
      }
    soft.parameters.insert(soft.parameters.end(), w.begin(), w.end());
    layer.w_x = static_cast<int>(soft.net.tensors.size());
    layer.inputs = kinds.kinds();
    layer.wiring.complement = false;
    soft.net.parameter_count += shares.size();
    soft.net.tensors.push_back(std::move(shares));
  }
  return soft;
}

std::vector<double> soft_input(const ModelSpec& spec, const TokenTable& table, const Example& example) {
  if (spec.input == Input::Values) return {example.values.begin(), example.values.end()};
  const Tokens kinds(spec, table);
  const int count = steps(spec, example);
  std::vector<double> out(area(count, kinds.kinds()), 0.0);
  for (int t = 0; t < count; ++t) {
    const int token = kinds.at(example.tokens, t);
    const double share = 1.0 / kinds.members(token);
    kinds.each_member(
        token, [&](int kind) { out[area(t, kinds.kinds()) + static_cast<std::size_t>(kind)] = share; });
  }
  return out;
}

}  // namespace ribostep::rnn
