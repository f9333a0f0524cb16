// The sums behind one step, term by term and in plain loops: what the inspector shows at the cursor. The
// pre-activation is added up in the order of the kernels, so it is the very number the gate was made from.
#include <bit>
#include <cassert>

#include "rnn/trace.h"

namespace ribostep::rnn {
namespace {

// x_t of level 0: every symbol a token may be weighs the same.
std::vector<float> token_input(const TokenTable& table, int token) {
  const std::uint32_t mask = table.masks[static_cast<std::size_t>(token)];
  std::vector<float> x(static_cast<std::size_t>(table.symbols));
  for (std::size_t k = 0; k < x.size(); ++k)
    if (mask >> k & 1u) x[k] = 1;
  return x;
}

}  // namespace

StepTerms step_terms(const Network& net, std::span<const float> parameters, const TokenTable& table,
                     std::span<const std::uint8_t> tokens, const Trace& trace, int layer_index, int t) {
  const Layer& layer = net.layers[static_cast<std::size_t>(layer_index)];
  const LayerTrace& own = trace.layers[static_cast<std::size_t>(layer_index)];
  assert(t >= 0 && t < trace.length && static_cast<int>(tokens.size()) == trace.length);
  const int hidden = layer.hidden, rows = own.gate_count * hidden;
  const auto size = static_cast<std::size_t>(rows);

  StepTerms s;
  s.layer = layer_index;
  s.t = t;
  s.predecessor = predecessor(layer, trace.length, t);
  for (int j = 0; j < hidden; ++j) s.h_previous.push_back(s.predecessor < 0 ? 0 : own.h(s.predecessor, j));
  if (has_cell_state(layer.cell))
    for (int j = 0; j < hidden; ++j) s.c_previous.push_back(s.predecessor < 0 ? 0 : own.c(s.predecessor, j));

  std::vector<float> x;
  float share = 1;  // divides the input term: an ambiguity code is the mean of its symbols
  if (layer.level == 0) {
    const int token = tokens[static_cast<std::size_t>(t)];
    x = token_input(table, token);
    share = static_cast<float>(std::popcount(table.masks[static_cast<std::size_t>(token)]));
    if (share == 0) share = 1;
  } else {
    const int first = net.level_begin(layer.level - 1);
    for (int d = 0; d < net.spec.direction_count(); ++d) {
      const LayerTrace& below = trace.layers[static_cast<std::size_t>(first + d)];
      for (int j = 0; j < below.hidden; ++j) x.push_back(below.h(t, j));
    }
  }

  const auto w_x = view(net, parameters, layer.w_x), w_h = view(net, parameters, layer.w_h),
             b_x = view(net, parameters, layer.b_x), b_h = view(net, parameters, layer.b_h);
  s.input_term.resize(size);
  s.recurrent_term.resize(size);
  s.bias_input.assign(b_x.data, b_x.data + rows);
  s.bias_recurrent.assign(b_h.data, b_h.data + rows);
  s.pre_activation.resize(size);
  for (int row = 0; row < rows; ++row) {
    const auto at = static_cast<std::size_t>(row);
    // The candidate of a GRU keeps W_h h + b_h apart, for the reset gate to multiply.
    const bool apart = layer.cell == CellKind::Gru && row >= 2 * hidden;
    float input = 0, recurrent = 0, sum = apart ? b_x(row) : b_x(row) + b_h(row), reset_part = b_h(row);
    for (int k = 0; k < layer.inputs; ++k) {
      const float term = w_x(row, k) * x[static_cast<std::size_t>(k)];
      input += term;
      if (layer.level > 0) sum += term;
    }
    input /= share;
    if (layer.level == 0) sum += input;
    for (int k = 0; k < hidden; ++k) {
      const float term = w_h(row, k) * s.h_previous[static_cast<std::size_t>(k)];
      recurrent += term;
      (apart ? reset_part : sum) += term;
    }
    if (apart) sum += own.gate(t, 0, row - 2 * hidden) * reset_part;
    s.input_term[at] = input;
    s.recurrent_term[at] = recurrent;
    s.pre_activation[at] = sum;
  }
  return s;
}

}  // namespace ribostep::rnn
