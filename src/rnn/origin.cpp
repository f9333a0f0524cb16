// Terms in double from the floats of the trace: what they add up to differs from the number on show by the
// rounding of the engine's float sums, and by nothing else.
#include "rnn/origin.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>

#include "rnn/cells.h"
#include "rnn/math.h"
#include "rnn/step_input.h"

namespace ribostep::rnn {
namespace {

std::size_t at(int i) { return static_cast<std::size_t>(i); }
double real(float v) { return static_cast<double>(v); }

constexpr const char* kNames[] = {"h", "c", "gate", "pooled", "logit", "probability"};
static_assert(std::size(kNames) == static_cast<std::size_t>(kCount<NumberKind>));

bool of_outputs(NumberKind kind) { return kind == NumberKind::Logit || kind == NumberKind::Probability; }

struct Asked {
  const Network& net;
  std::span<const float> parameters;
  const TokenTable& table;
  const Example& example;
  const Trace& trace;
  std::span<const Intervention> interventions;

  const Layer& layer(int l) const { return net.layers[at(l)]; }
  const LayerTrace& states(int l) const { return trace.layers[at(l)]; }
};

Quantity state(NumberKind what, int layer, int unit, int step) {
  Quantity q;
  q.what = what;
  q.layer = layer;
  q.unit = unit;
  q.step = step;
  return q;
}
Quantity gate(int layer, int unit, int step, int which) {
  Quantity q = state(NumberKind::Gate, layer, unit, step);
  q.gate = which;
  return q;
}
Quantity logit(int row, int output) {
  Quantity q;
  q.what = NumberKind::Logit;
  q.step = row;
  q.output = output;
  return q;
}

Quantity feeding(const Asked& a, NumberKind what, int layer, int unit, int t) {
  return fed_quantity(a.net, a.trace, what, layer, unit, t);
}

// Appends scale * weight * input.
OriginTerm& add(Origin& o, TermKind kind, int column, double scale, double weight, double input) {
  OriginTerm term;
  term.kind = kind;
  term.column = column;
  term.scale = scale;
  term.weight = weight;
  term.input = input;
  term.value = scale * weight * input;
  o.terms.push_back(term);
  return o.terms.back();
}

// What column k of a level above the first reads: the states below, or what windows make of them.
Quantity below(const Asked& a, const Layer& layer, int column, int t) {
  const int directions = a.net.spec.direction_count(), hidden = a.net.spec.hidden, d = column / hidden;
  const int index = a.net.level_begin(layer.level - 1) + (layer.exchanged ? directions - 1 - d : d);
  const LayerTrace& states = a.states(index);
  const bool reverse = a.layer(index).wiring.reverse;
  Quantity q = state(NumberKind::H, index, column % hidden, t);
  if (a.net.steps_per_window(layer.level) == a.net.steps_per_window(layer.level - 1)) {
    if (!states.unscored.empty() && reverse != layer.wiring.reverse) q.whence = Whence::OtherCopy;
    return q;
  }
  const int begin = t * a.net.spec.window, end = std::min(begin + a.net.spec.window, states.steps);
  q.step = end - 1;
  if (a.net.spec.window_summary == Summary::Mean) {
    q.what = NumberKind::Pooled;
    q.first = begin;
  } else if (reverse) {
    q.step = begin;
  }
  return q;
}

double mean_of(std::span<const float> a, std::span<const float> b, std::span<const float> c,
               std::span<const float> d) {
  double sum = 0;
  for (std::size_t j = 0; j < a.size(); ++j) {
    sum += real(a[j]) + real(b[j]);
    if (!c.empty()) sum += real(c[j]) + real(d[j]);
  }
  return sum / static_cast<double>(a.size());
}

// Where c was set by hand, the o of a peephole has seen the one that was made before that.
std::optional<double> replaced_memory(const Asked& a, const StepTerms& s, int layer, int unit) {
  if (!set_by_hand(a.net, a.trace, state(NumberKind::C, layer, unit, s.t), a.interventions))
    return std::nullopt;
  const LayerTrace& own = a.states(layer);
  const CellKind cell = a.layer(layer).cell;
  const auto value = [&](char symbol) { return own.gate(s.t, gate_index(cell, symbol), unit); };
  const float f = value('f'), i = coupled(cell) ? 1 - f : value('i');
  return real(f * s.c_previous[at(unit)] + i * value('g'));
}

void add_peephole(Origin& o, const Asked& a, const StepTerms& s, int layer, int unit, int which) {
  const Layer& l = a.layer(layer);
  const auto all = gates(l.cell);
  const char symbol = all[at(which)].symbol[0];
  if (symbol == 'g') return;
  int row = 0;
  for (int g = 0; g < which; ++g) row += all[at(g)].symbol[0] != 'g';
  const double weight = real(view(a.net, a.parameters, l.peepholes)(row * l.hidden + unit));
  if (symbol != 'o') {
    add(o, TermKind::Peephole, unit, 1, weight, real(s.c_previous[at(unit)])).source =
        feeding(a, NumberKind::C, layer, unit, s.t);
    return;
  }
  const std::optional<double> replaced = replaced_memory(a, s, layer, unit);
  OriginTerm& term =
      add(o, TermKind::Peephole, unit, 1, weight, replaced.value_or(real(a.states(layer).c(s.t, unit))));
  if (replaced)  // no number of the trace any more
    o.before =
        static_cast<float>(real(o.before) + term.value - real(s.peephole_term[at(which * l.hidden + unit)]));
  else
    term.source = state(NumberKind::C, layer, unit, s.t);
}

// Everything a gate's pre-activation is the sum of.
void gate_sum(Origin& o, const Asked& a, int layer, int unit, int which, int t) {
  const Layer& l = a.layer(layer);
  const LayerTrace& own = a.states(layer);
  const StepTerms s = step_terms(a.net, a.parameters, a.table, a.example, a.trace, layer, t);
  const StepInput in = step_input(a.net, a.parameters, a.table, a.example, a.trace, l, t);
  const int hidden = l.hidden, row = which * hidden + unit;
  const bool apart = l.cell == CellKind::Gru && which == 2, normal = l.norm_gain >= 0;
  const double reset = apart ? real(own.gate(t, 0, unit)) : 1;
  const int second = own.gate_count * hidden + unit;
  const double scale = normal ? real(s.norm_scale[at(row)]) : 1,
               recurrent = reset * (normal && apart ? real(s.norm_scale[at(second)]) : scale);
  o.shape = OriginShape::Sum;
  o.squashed = true;
  o.before = s.activated[at(row)];
  const std::optional<Quantity> via = apart ? std::optional<Quantity>(gate(layer, unit, t, 0)) : std::nullopt;

  const auto w_x = view(a.net, a.parameters, l.w_x), w_h = view(a.net, a.parameters, l.w_h);
  const bool one_hot = l.level == 0 && a.net.spec.input != rnn::Input::Values && a.net.embedding < 0;
  for (int k = 0; k < l.inputs; ++k) {
    if (one_hot && in.x[at(k)] == 0) continue;
    OriginTerm& term = add(o, TermKind::Input, k, scale, real(w_x(row, k)), real(in.x[at(k)] / in.share));
    if (l.level > 0) term.source = below(a, l, k, t);
  }
  for (int j = 0; j < hidden; ++j) {
    OriginTerm& term =
        add(o, TermKind::Recurrent, j, recurrent, real(w_h(row, j)), real(s.h_previous[at(j)]));
    term.source = feeding(a, NumberKind::H, layer, j, t);
    term.via = via;
  }
  add(o, TermKind::BiasInput, -1, scale, real(s.bias_input[at(row)]), 1);
  add(o, TermKind::BiasRecurrent, -1, recurrent, real(s.bias_recurrent[at(row)]), 1).via = via;
  if (l.peepholes >= 0) add_peephole(o, a, s, layer, unit, which);
  if (!normal) return;

  const BlockMap& map = block_map(l.cell);
  const auto bias = view(a.net, a.parameters, l.norm_bias);
  const auto block = [&](const std::vector<float>& of) {
    return std::span<const float>(of).subspan(at(which * hidden), at(hidden));
  };
  const auto x = block(s.input_term), bx = block(s.bias_input), h = block(s.recurrent_term),
             bh = block(s.bias_recurrent);
  const double mean = apart ? mean_of(x, bx, {}, {}) : mean_of(x, bx, h, bh);
  add(o, TermKind::NormMean, -1, -scale, 1, mean);
  add(o, TermKind::NormBias, -1, 1, real(bias(map.gate_block[at(which)] * hidden + unit)), 1);
  if (!apart) return;
  const auto behind_reset = [&](OriginTerm& term) {
    term.second = true;
    term.via = via;
  };
  behind_reset(add(o, TermKind::NormMean, -1, -recurrent, 1, mean_of(h, bh, {}, {})));
  behind_reset(add(o, TermKind::NormBias, -1, reset, real(bias((map.blocks - 1) * hidden + unit)), 1));
}

void state_sum(Origin& o, const Asked& a, const Quantity& of) {
  const Layer& l = a.layer(of.layer);
  const LayerTrace& own = a.states(of.layer);
  const int t = of.step, u = of.unit;
  const auto index = [&](char symbol) { return gate_index(l.cell, symbol); };
  const auto value = [&](char symbol) { return real(own.gate(t, index(symbol), u)); };
  const auto which = [&](char symbol) { return gate(of.layer, u, t, index(symbol)); };
  const Fed fed = fed_by(l, own, t);
  if (of.what == NumberKind::C) {
    o.shape = OriginShape::Sum;
    OriginTerm& keep = add(o, TermKind::Keep, u, 1, value('f'), fed.c ? real(fed.c[u]) : 0);
    keep.source = feeding(a, NumberKind::C, of.layer, u, t);
    keep.via = which('f');
    const bool tied = coupled(l.cell);
    OriginTerm& write = add(o, TermKind::Write, u, 1, tied ? 1 - value('f') : value('i'), value('g'));
    write.source = which('g');
    write.via = which(tied ? 'f' : 'i');
    return;
  }
  if (l.cell == CellKind::Gru) {
    o.shape = OriginShape::Sum;
    OriginTerm& write = add(o, TermKind::Write, u, 1, 1 - value('z'), value('n'));
    write.source = which('n');
    write.via = which('z');
    OriginTerm& keep = add(o, TermKind::Keep, u, 1, value('z'), fed.h ? real(fed.h[u]) : 0);
    keep.source = feeding(a, NumberKind::H, of.layer, u, t);
    keep.via = which('z');
    return;
  }
  if (!is_lstm(l.cell)) return gate_sum(o, a, of.layer, u, 0, t);
  o.shape = OriginShape::Product;
  add(o, TermKind::Squashed, u, 1, 1, real(tanh_of(own.c(t, u)))).source =
      state(NumberKind::C, of.layer, u, t);
  add(o, TermKind::Opening, u, 1, 1, value('o')).source = which('o');
}

// As the engine adds it up.
float mean_state(const LayerTrace& states, int unit, int first, int last) {
  float sum = 0;
  for (int s = first; s <= last; ++s) sum += states.h(s, unit);
  return sum / static_cast<float>(last - first + 1);
}

// Of very many steps only the largest become terms.
void pooled_sum(Origin& o, const Asked& a, const Quantity& of) {
  const LayerTrace& states = a.states(of.layer);
  o.shape = OriginShape::Sum;
  const int count = of.step - of.first + 1, kept = std::min(count, kMostTerms);
  const double share = 1.0 / count;
  std::vector<int> order(at(count));
  std::iota(order.begin(), order.end(), of.first);
  const auto size = [&](int s) { return std::abs(states.h(s, of.unit)); };
  std::nth_element(order.begin(), order.begin() + kept - 1, order.end(),
                   [&](int s, int t) { return size(s) != size(t) ? size(s) > size(t) : s < t; });
  std::sort(order.begin(), order.begin() + kept);
  for (int i = 0; i < count; ++i) {
    const double h = real(states.h(order[at(i)], of.unit));
    if (i < kept)
      add(o, TermKind::Share, order[at(i)], 1, share, h).source =
          state(NumberKind::H, of.layer, of.unit, order[at(i)]);
    else
      o.rest += share * h;
  }
  o.left_out = count - kept;
}

// Of each unit of a layer over the steps 0..last, row by row: its sum, or the first step of its maximum.
struct Pools {
  std::vector<float> sum;
  std::vector<int> largest;
};
Pools pools(const LayerTrace& states, Pool pool, int last) {
  const int units = states.hidden;
  Pools p;
  if (pool == Pool::Mean) p.sum.assign(at(units), 0.0f);
  if (pool == Pool::Max) p.largest.assign(at(units), 0);
  for (int s = 0; s <= last; ++s)
    for (int j = 0; j < units; ++j) {
      const float h = states.h(s, j);
      if (pool == Pool::Mean)
        p.sum[at(j)] += h;
      else if (h > states.h(p.largest[at(j)], j))
        p.largest[at(j)] = s;
    }
  return p;
}

// Every feature of the readout as a row of the outputs reads it, with its value.
struct Feature {
  Quantity read;
  float value = 0;
};
std::vector<Feature> features(const Asked& a, int row) {
  const ModelSpec& spec = a.net.spec;
  const int top = spec.layers - 1, directions = spec.direction_count();
  const bool whole = spec.task == Task::SequenceLabel, pooled = whole && spec.pool != Pool::Last;
  const int last = whole && directions > 1                ? a.trace.rows - 1
                   : !whole && top > 0 && spec.window > 0 ? row / spec.window
                                                          : row;
  std::vector<Feature> all;
  for (int d = 0; d < directions; ++d) {
    const int layer = a.net.level_begin(top) + d;
    const LayerTrace& states = a.states(layer);
    const Pools found = pooled ? pools(states, spec.pool, last) : Pools();
    for (int j = 0; j < spec.hidden; ++j) {
      Feature f{state(NumberKind::H, layer, j, last)};
      if (!found.sum.empty()) {
        f.read.what = NumberKind::Pooled;
        f.value = found.sum[at(j)] / static_cast<float>(last + 1);
      } else {
        // The final state of a second direction is the one at its end, the sequence's start.
        if (!found.largest.empty())
          f.read.step = found.largest[at(j)];
        else if (whole && d == 1)
          f.read.step = 0;
        f.value = states.h(f.read.step, j);
      }
      all.push_back(f);
    }
  }
  return all;
}

void logit_sum(Origin& o, const Asked& a, const Quantity& of) {
  o.shape = OriginShape::Sum;
  const auto w = view(a.net, a.parameters, a.net.readout_weight);
  int j = 0;
  for (const Feature& f : features(a, of.step)) {
    add(o, TermKind::Readout, j, 1, real(w(of.output, j)), real(f.value)).source = f.read;
    ++j;
  }
  add(o, TermKind::ReadoutBias, -1, 1, real(view(a.net, a.parameters, a.net.readout_bias)(of.output)), 1);
}

void scores(Origin& o, const Asked& a, const Quantity& of) {
  o.shape = OriginShape::Softmax;
  for (int k = 0; k < a.trace.outputs; ++k) {
    const Quantity score = logit(of.step, k);
    add(o, TermKind::Score, k, 1, 1, real(value_of(a.net, a.trace, score))).source = score;
  }
}

void sort_terms(Origin& o) {
  std::vector<OriginTerm>& terms = o.terms;
  if (o.shape == OriginShape::Product) return;
  const bool compared = o.shape == OriginShape::Softmax;
  const auto larger = [&](const OriginTerm& x, const OriginTerm& y) {
    if (!compared) return std::abs(x.value) > std::abs(y.value);
    const bool first = x.column == o.of.output, other = y.column == o.of.output;
    return first != other ? first : x.value > y.value;
  };
  std::stable_sort(terms.begin(), terms.end(), larger);
  if (compared || terms.size() <= at(kMostTerms)) return;
  o.left_out = static_cast<int>(terms.size()) - kMostTerms;
  for (std::size_t i = at(kMostTerms); i < terms.size(); ++i) o.rest += terms[i].value;
  terms.resize(at(kMostTerms));
}

}  // namespace

const char* name(NumberKind kind) { return kNames[static_cast<std::size_t>(kind)]; }
std::optional<NumberKind> number_kind(std::string_view text) {
  for (std::size_t i = 0; i < std::size(kNames); ++i)
    if (text == kNames[i]) return static_cast<NumberKind>(i);
  return std::nullopt;
}

bool exists(const Network& net, const Trace& trace, const Quantity& of) {
  if (of_outputs(of.what))
    return of.whence == Whence::Here && of.output >= 0 && of.output < trace.outputs && of.step >= 0 &&
           of.step < trace.rows;
  if (of.layer < 0 || of.layer >= static_cast<int>(trace.layers.size())) return false;
  const LayerTrace& states = trace.layers[at(of.layer)];
  if (of.unit < 0 || of.unit >= states.hidden || of.step >= states.steps) return false;
  const bool memory = of.what == NumberKind::C;
  if (memory && states.cells.empty() && states.initial_c.empty()) return false;
  if (of.whence == Whence::OtherCopy)
    return of.what == NumberKind::H && of.step >= 0 && !states.unscored.empty();
  if (of.whence == Whence::PassBefore)
    return (memory || of.what == NumberKind::H) && of.step >= 0 &&
           fed_by(net.layers[at(of.layer)], states, of.step).wraps;
  switch (of.what) {
    case NumberKind::H:
    case NumberKind::C:
      return of.step >= -1;
    case NumberKind::Gate:
      return of.step >= 0 && of.gate >= 0 && of.gate < states.gate_count;
    case NumberKind::Pooled:
      return of.first >= 0 && of.first <= of.step;
    default:
      return false;
  }
}

Quantity fed_quantity(const Network& net, const Trace& trace, NumberKind what, int layer, int unit, int t) {
  const Fed fed = fed_by(net.layers[at(layer)], trace.layers[at(layer)], t);
  Quantity q = state(what, layer, unit, fed.step);
  if (fed.wraps) {
    q.step = t;
    q.whence = Whence::PassBefore;
  }
  return q;
}

float value_of(const Network& net, const Trace& trace, const Quantity& of) {
  assert(exists(net, trace, of));
  const std::size_t entry = at(of.step) * at(trace.outputs) + at(of.output);
  if (of.what == NumberKind::Logit) return trace.logits[entry];
  if (of.what == NumberKind::Probability) return trace.probabilities[entry];
  const LayerTrace& states = trace.layers[at(of.layer)];
  const bool memory = of.what == NumberKind::C;
  if (of.whence == Whence::OtherCopy) return states.unscored[at(of.step * states.stride + of.unit)];
  if (of.whence == Whence::PassBefore) {
    const Fed fed = fed_by(net.layers[at(of.layer)], states, of.step);
    return memory ? fed.c[of.unit] : fed.h[of.unit];
  }
  if (of.what == NumberKind::Gate) return states.gate(of.step, of.gate, of.unit);
  if (of.what == NumberKind::Pooled) return mean_state(states, of.unit, of.first, of.step);
  if (of.step < 0) return (memory ? states.initial_c : states.initial_h)[at(of.unit)];
  return memory ? states.c(of.step, of.unit) : states.h(of.step, of.unit);
}

std::optional<float> set_by_hand(const Network& net, const Trace& trace, const Quantity& of,
                                 std::span<const Intervention> interventions) {
  const bool memory = of.what == NumberKind::C;
  if ((of.what != NumberKind::H && !memory) || of.whence != Whence::Here ||
      net.spec.circular != Circular::Linear)
    return std::nullopt;
  const LayerTrace& states = trace.layers[at(of.layer)];
  std::optional<float> found;
  for (const Intervention& change : interventions) {
    if (change.layer != of.layer || change.unit != of.unit || change.cell != memory ||
        !fits(net, change, trace.length))
      continue;
    if (of.step < 0) {
      if (change.first == 0) found = change.value;
      continue;
    }
    if (change.last == 0) continue;
    const int first = states.step_of(std::max(change.first, 1) - 1),
              last = states.step_of(std::min(change.last, trace.length) - 1);
    if (of.step >= first && of.step <= last) found = change.value;
  }
  return found;
}

Origin origin_of(const Network& net, std::span<const float> parameters, const TokenTable& table,
                 const Example& example, const Trace& trace, const Quantity& of,
                 std::span<const Intervention> interventions) {
  assert(exists(net, trace, of));
  const Asked a{net, parameters, table, example, trace, interventions};
  Origin o;
  o.of = of;
  o.value = o.before = value_of(net, trace, of);
  if (set_by_hand(net, trace, of, interventions)) {
    o.shape = OriginShape::ByHand;
    return o;
  }
  if (of.whence != Whence::Here || of.step < 0) return o;
  switch (of.what) {
    case NumberKind::H:
    case NumberKind::C:
      state_sum(o, a, of);
      break;
    case NumberKind::Gate:
      gate_sum(o, a, of.layer, of.unit, of.gate, of.step);
      break;
    case NumberKind::Pooled:
      pooled_sum(o, a, of);
      break;
    case NumberKind::Probability:
      if (net.spec.task == Task::NextVector)  // the vector itself
        logit_sum(o, a, of);
      else
        scores(o, a, of);
      break;
    case NumberKind::Logit:
      logit_sum(o, a, of);
      break;
  }
  sort_terms(o);
  return o;
}

double result_of(const Origin& o) {
  if (o.shape == OriginShape::Given || o.shape == OriginShape::ByHand) return real(o.value);
  if (o.shape == OriginShape::Product) {
    double product = 1;
    for (const OriginTerm& term : o.terms) product *= term.value;
    return product;
  }
  double sum = 0;
  if (o.shape == OriginShape::Softmax) {
    for (const OriginTerm& term : o.terms) sum += std::exp(term.value - o.terms[0].value);
    return 1 / sum;
  }
  for (const OriginTerm& term : o.terms) sum += term.value;
  return sum + o.rest;
}

}  // namespace ribostep::rnn
