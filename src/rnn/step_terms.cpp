// The sums behind one step, term by term and in plain loops: what the inspector shows at the cursor. Numbers
// are added up in the order of the kernels, so `activated` is the very number the gate was made from.
#include <algorithm>
#include <cassert>
#include <cmath>

#include "rnn/cells.h"
#include "rnn/step_input.h"
#include "rnn/tokens.h"
#include "rnn/trace.h"

namespace ribostep::rnn {
namespace {

constexpr float kNormEpsilon = 1e-5f;  // as in layer.cpp

std::size_t at(int i) { return static_cast<std::size_t>(i); }

// Level 0, letters, k-mers or codons: one-hot, or the learned vector of the token.
StepInput token_input(const Network& net, std::span<const float> parameters, const TokenTable& table,
                      const Layer& layer, const Example& example, int t) {
  const Tokens tokens(net.spec, table);
  int token = tokens.at(example.tokens, t);
  if (layer.wiring.complement) token = tokens.complement(token);
  const int members = tokens.members(token);
  StepInput in;
  in.x.assign(at(layer.inputs), 0.0f);
  if (net.embedding < 0) {
    tokens.each_member(token, [&](int kind) { in.x[at(kind)] = 1; });
    in.share = static_cast<float>(std::max(members, 1));
    return in;
  }
  const auto vectors = view(net, parameters, net.embedding);
  tokens.each_member(token, [&](int kind) {
    for (int m = 0; m < layer.inputs; ++m) in.x[at(m)] += vectors(kind, m);
  });
  if (members > 1)
    for (float& v : in.x) v /= static_cast<float>(members);
  return in;
}

// What a level reads of the one below at its own step t: the states of that step, or the summary of the
// window that t stands for. The last window may be shorter.
StepInput states_below(const Network& net, const Layer& layer, const Trace& trace, int t) {
  const int first = net.level_begin(layer.level - 1), directions = net.spec.direction_count();
  const bool windows = net.steps_per_window(layer.level) != net.steps_per_window(layer.level - 1);
  StepInput in;
  in.one_by_one = true;
  in.first = layer.exchanged ? layer.hidden : 0;
  for (int d = 0; d < directions; ++d) {
    const int index = first + (layer.exchanged ? directions - 1 - d : d);
    const LayerTrace& below = trace.layers[at(index)];
    // Of a doubled sequence both directions are read in the copy in which this one is scored.
    const bool other_copy =
        !below.unscored.empty() && net.layers[at(index)].wiring.reverse != layer.wiring.reverse;
    const int begin = windows ? t * net.spec.window : t,
              end = windows ? std::min(begin + net.spec.window, below.steps) : t + 1;
    // The last state of a direction is the one it reached last: reading backwards, the window's first step.
    const int last = net.layers[at(index)].wiring.reverse ? begin : end - 1;
    for (int j = 0; j < below.hidden; ++j) {
      if (!windows || net.spec.window_summary == Summary::Last) {
        in.x.push_back(other_copy ? below.unscored[at(last * below.stride + j)] : below.h(last, j));
        continue;
      }
      float sum = 0;
      for (int s = begin; s < end; ++s) sum += below.h(s, j);
      in.x.push_back(sum / static_cast<float>(end - begin));
    }
  }
  return in;
}

// Appends what layer normalisation makes of one block: gain * (a - mean) / sqrt(var + epsilon) + bias.
void normalise(StepTerms& s, std::span<const float> a, const float* gain, const float* bias) {
  const auto n = static_cast<float>(a.size());
  float mean = 0, variance = 0;
  for (const float v : a) mean += v;
  mean /= n;
  for (const float v : a) variance += (v - mean) * (v - mean);
  const float inverse = 1 / std::sqrt(variance / n + kNormEpsilon);
  for (std::size_t j = 0; j < a.size(); ++j) {
    s.normalised.push_back(gain[j] * ((a[j] - mean) * inverse) + bias[j]);
    s.norm_scale.push_back(gain[j] * inverse);
  }
}

// The memory as the step made it, with the arithmetic of the cell: where c was set by hand the trace has that
// instead, but o had looked at this one.
float made_cell(const Layer& layer, const LayerTrace& own, const StepTerms& s, int unit) {
  const auto all = gates(layer.cell);
  float i = 0, f = 0, g = 0;
  for (int k = 0; k < own.gate_count; ++k) {
    const char symbol = all[at(k)].symbol[0];
    if (symbol == 'i') i = own.gate(s.t, k, unit);
    if (symbol == 'f') f = own.gate(s.t, k, unit);
    if (symbol == 'g') g = own.gate(s.t, k, unit);
  }
  if (coupled(layer.cell)) i = 1 - f;
  return f * s.c_previous[at(unit)] + i * g;
}

// Each gate's own: i and f look at the memory before the step, o at the one after it; g has none.
void add_peepholes(const Network& net, std::span<const float> parameters, const Layer& layer,
                   const LayerTrace& own, StepTerms& s) {
  const auto weights = view(net, parameters, layer.peepholes);
  s.peephole_term.assign(s.activated.size(), 0.0f);
  int row = 0;  // of the peephole weights: the gates in order, without g
  const auto all = gates(layer.cell);
  for (int g = 0; g < own.gate_count; ++g) {
    const char symbol = all[at(g)].symbol[0];
    if (symbol == 'g') continue;
    for (int j = 0; j < layer.hidden; ++j) {
      const float c = symbol == 'o' ? made_cell(layer, own, s, j) : s.c_previous[at(j)];
      const std::size_t i = at(g * layer.hidden + j);
      s.peephole_term[i] = weights(row * layer.hidden + j) * c;
      s.activated[i] += s.peephole_term[i];
    }
    ++row;
  }
}

}  // namespace

StepInput step_input(const Network& net, std::span<const float> parameters, const TokenTable& table,
                     const Example& example, const Trace& trace, const Layer& layer, int t) {
  if (layer.level > 0) return states_below(net, layer, trace, t);
  if (net.spec.input != Input::Values) return token_input(net, parameters, table, layer, example, t);
  StepInput in;
  in.one_by_one = true;
  const auto values = example.values.subspan(at(t) * at(layer.inputs), at(layer.inputs));
  in.x.assign(values.begin(), values.end());
  return in;
}

StepTerms step_terms(const Network& net, std::span<const float> parameters, const TokenTable& table,
                     const Example& example, const Trace& trace, int layer_index, int t) {
  const Layer& layer = net.layers[at(layer_index)];
  const LayerTrace& own = trace.layers[at(layer_index)];
  assert(t >= 0 && t < own.steps);
  const int hidden = layer.hidden, rows = own.gate_count * hidden;

  StepTerms s;
  s.layer = layer_index;
  s.t = t;
  const Fed fed = fed_by(layer, own, t);
  s.predecessor = fed.step;
  s.wraps = fed.wraps;
  const auto previous = [&](const float* from) {
    return from ? std::vector<float>(from, from + hidden) : std::vector<float>(at(hidden), 0.0f);
  };
  s.h_previous = previous(fed.h);
  if (has_cell_state(layer.cell)) s.c_previous = previous(fed.c);

  const StepInput in = step_input(net, parameters, table, example, trace, layer, t);
  const auto w_x = view(net, parameters, layer.w_x), w_h = view(net, parameters, layer.w_h),
             b_x = view(net, parameters, layer.b_x), b_h = view(net, parameters, layer.b_h);
  s.input_term.resize(at(rows));
  s.recurrent_term.resize(at(rows));
  s.bias_input.assign(b_x.data, b_x.data + rows);
  s.bias_recurrent.assign(b_h.data, b_h.data + rows);
  // The sums of the blocks: each gate's, and the candidate of a GRU in two parts.
  std::vector<float> sums(at(rows)), reset_part;
  for (int row = 0; row < rows; ++row) {
    // The candidate of a GRU keeps W_h h + b_h apart, for the reset gate to multiply.
    const bool apart = layer.cell == CellKind::Gru && row >= 2 * hidden;
    float input = 0, recurrent = 0, sum = apart ? b_x(row) : b_x(row) + b_h(row), second = b_h(row);
    for (int i = 0; i < layer.inputs; ++i) {
      const int k = (i + in.first) % layer.inputs;
      const float term = w_x(row, k) * in.x[at(k)];
      input += term;
      if (in.one_by_one) sum += term;
    }
    input /= in.share;
    if (!in.one_by_one) sum += input;
    for (int k = 0; k < hidden; ++k) {
      const float term = w_h(row, k) * s.h_previous[at(k)];
      recurrent += term;
      (apart ? second : sum) += term;
    }
    s.input_term[at(row)] = input;
    s.recurrent_term[at(row)] = recurrent;
    sums[at(row)] = sum;
    if (apart) reset_part.push_back(second);
  }

  // With the reset gate of this step as the trace has it.
  const auto join_candidate = [&](std::vector<float>& of, std::span<const float> second) {
    for (int j = 0; j < hidden && !second.empty(); ++j)
      of[at(2 * hidden + j)] += own.gate(t, 0, j) * second[at(j)];
  };
  s.pre_activation = sums;
  join_candidate(s.pre_activation, reset_part);
  s.activated = s.pre_activation;
  if (layer.norm_gain >= 0) {
    const auto gain = view(net, parameters, layer.norm_gain), bias = view(net, parameters, layer.norm_bias);
    const BlockMap& map = block_map(layer.cell);
    const auto add_block = [&](std::span<const float> a, int block) {
      normalise(s, a, gain.data + block * hidden, bias.data + block * hidden);
    };
    for (int g = 0; g < own.gate_count; ++g)
      add_block(std::span<const float>(sums).subspan(at(g * hidden), at(hidden)), map.gate_block[at(g)]);
    if (!reset_part.empty()) add_block(reset_part, map.blocks - 1);
    s.activated.assign(s.normalised.begin(), s.normalised.begin() + rows);
    if (!reset_part.empty()) join_candidate(s.activated, std::span(s.normalised).subspan(at(rows)));
  }
  if (layer.peepholes >= 0) add_peepholes(net, parameters, layer, own, s);
  return s;
}

}  // namespace ribostep::rnn
