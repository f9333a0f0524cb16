// Node by node over blocks of positions; see condition_eval.h.
#include "query/condition_eval.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>

#include "query/condition_words.h"
#include "rnn/bptt.h"

namespace ribostep::query {
namespace {

constexpr float kNone = std::numeric_limits<float>::quiet_NaN();

using Values = std::vector<float>;

// Exponent bits all set: NaN or infinite. Plain integers, which compilers turn into vectors.
bool any_not_finite(const float* values, int count) {
  std::uint32_t found = 0;
  for (int i = 0; i < count; ++i) {
    std::uint32_t bits;
    std::memcpy(&bits, values + i, sizeof bits);
    found |= static_cast<std::uint32_t>((bits & 0x7f800000u) == 0x7f800000u);
  }
  return found != 0;
}

// The last step that is complete when `position` letters of `length` are read; -1: none yet. A codon that is
// cut off at the end belongs to the last step.
int complete_step(int position, int length, int letters_per_step, int steps) {
  if (position >= length) return steps - 1;
  return std::min(position / letters_per_step, steps) - 1;
}

class Evaluator {
 public:
  Evaluator(const Condition& condition, const Subject& subject) : c_(condition), s_(subject) {}

  Values at(int index, int begin, int end) const {
    Values out(static_cast<std::size_t>(end - begin), kNone);
    if (begin < end) fill(c_.nodes[static_cast<std::size_t>(index)], begin, end, out);
    return out;
  }

 private:
  void fill(const Node& n, int begin, int end, Values& out) const {
    switch (n.op) {
      case Op::Constant:
        std::fill(out.begin(), out.end(), n.number);
        return;
      case Op::Position:
        for (int p = begin; p < end; ++p) out[index(p - begin)] = static_cast<float>(p);
        return;
      case Op::Frame:
        for (int p = std::max(begin, 3); p < end; ++p) out[index(p - begin)] = static_cast<float>(p % 3);
        return;
      case Op::Unit:
        return unit(n, begin, end, out);
      case Op::Norm:
        return norm(n, begin, end, out);
      case Op::Probability:
      case Op::Argmax:
      case Op::Entropy:
        return outputs(n, begin, end, out);
      case Op::Letter:
        for (int p = std::max(begin, 1); p < end && s_.alphabet; ++p)
          out[index(p - begin)] = static_cast<float>(s_.alphabet->token(s_.letters[index(p - 1)]));
        return;
      case Op::Label:
        for (int p = std::max(begin, 1); p < end && index(p - 1) < s_.labels.size(); ++p)
          if (s_.labels[index(p - 1)] != rnn::kNoClass)
            out[index(p - begin)] = static_cast<float>(s_.labels[index(p - 1)]);
        return;
      case Op::Channel:
        for (int p = std::max(begin, 1); p < end; ++p) {
          const std::size_t at = index(p - 1) * index(s_.channels) + index(n.unit);
          if (at < s_.values.size()) out[index(p - begin)] = s_.values[at];
        }
        return;
      case Op::Change: {
        Values before;
        out = with_before(n.a, begin, end, before);
        for (std::size_t i = 0; i < out.size(); ++i) out[i] -= before[i];
        return;
      }
      case Op::Negate:
      case Op::Absolute:
        out = at(n.a, begin, end);
        for (float& x : out) x = n.op == Op::Negate ? -x : std::fabs(x);
        return;
      case Op::Add:
        return both(n, begin, end, out, [](float a, float b) { return a + b; });
      case Op::Subtract:
        return both(n, begin, end, out, [](float a, float b) { return a - b; });
      case Op::Multiply:
      case Op::And:  // of truths
        return both(n, begin, end, out, [](float a, float b) { return a * b; });
      case Op::Divide:
        return both(n, begin, end, out, [](float a, float b) { return a / b; });
      case Op::Or:
        return both(n, begin, end, out, [](float a, float b) { return a > b ? a : b; });
      case Op::Not:
        out = at(n.a, begin, end);
        for (float& x : out) x = 1 - x;
        return;
      case Op::Less:
        return both(n, begin, end, out, [](float a, float b) { return truth_of(a < b); });
      case Op::LessEqual:
        return both(n, begin, end, out, [](float a, float b) { return truth_of(a <= b); });
      case Op::Greater:
        return both(n, begin, end, out, [](float a, float b) { return truth_of(a > b); });
      case Op::GreaterEqual:
        return both(n, begin, end, out, [](float a, float b) { return truth_of(a >= b); });
      case Op::Equal:
        return both(n, begin, end, out, [](float a, float b) { return truth_of(a == b); });
      case Op::NotEqual:  // false where a number is missing
        return both(n, begin, end, out, [](float a, float b) { return truth_of(a < b || a > b); });
      case Op::Jumps:
        return moved(n, begin, end, out, [&](float a, float b) { return std::fabs(a - b) >= n.number; });
      case Op::RisesBy:
        return moved(n, begin, end, out, [&](float a, float b) { return a - b >= n.number; });
      case Op::FallsBy:
        return moved(n, begin, end, out, [&](float a, float b) { return b - a >= n.number; });
      case Op::RisesAbove:
        return moved(n, begin, end, out, [&](float a, float b) { return a > n.number && b <= n.number; });
      case Op::FallsBelow:
        return moved(n, begin, end, out, [&](float a, float b) { return a < n.number && b >= n.number; });
      case Op::Changes:
        return moved(n, begin, end, out, [](float a, float b) { return a < b || a > b; });
      case Op::LetterIs:
      case Op::Motif:
        return motif(n, begin, end, out);
      case Op::NotFinite:
        for (int p = begin; p < end; ++p)
          out[index(p - begin)] = truth_of(s_.trace && p > 0 && not_finite(*s_.trace, p));
        return;
    }
  }

  static std::size_t index(int i) { return static_cast<std::size_t>(i); }
  static float truth_of(bool b) { return b ? 1.0f : 0.0f; }

  template <class F>
  void both(const Node& n, int begin, int end, Values& out, F f) const {
    out = at(n.a, begin, end);
    const Values second = at(n.b, begin, end);
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = f(out[i], second[i]);
  }
  // Values and those of one position earlier; NaN before position 0.
  Values with_before(int node, int begin, int end, Values& before) const {
    before = at(node, std::max(0, begin - 1), end);
    if (begin == 0) before.insert(before.begin(), kNone);
    Values now(before.begin() + 1, before.end());
    before.pop_back();
    return now;
  }
  template <class F>
  void moved(const Node& n, int begin, int end, Values& out, F f) const {
    Values before;
    out = with_before(n.a, begin, end, before);
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = truth_of(f(out[i], before[i]));
  }

  const rnn::LayerTrace* layer(const Node& n) const {
    if (!s_.trace || index(n.layer) >= s_.trace->layers.size()) return nullptr;
    const rnn::LayerTrace& l = s_.trace->layers[index(n.layer)];
    return l.steps > 0 ? &l : nullptr;
  }
  int step(const rnn::LayerTrace& l, int position) const {
    return position == 0 ? -1 : complete_step(position, s_.length, l.letters_per_step, l.steps);
  }
  // What a source's values are stored as: [steps][stride] apart `step` floats, beginning at an offset.
  struct Rows {
    const float* first = nullptr;
    const float* initial = nullptr;  // [stride]
    std::size_t step = 0;
    bool complement = false;  // 1 - x
  };
  Rows rows(const Node& n, const rnn::LayerTrace& l) const {
    Rows out;
    const auto stride = index(l.stride);
    if (n.source == kState) {
      out = {l.states.data(), l.initial_h.empty() ? nullptr : l.initial_h.data(), stride, false};
    } else if (n.source == kCell) {
      if (l.cells.empty()) return out;
      out = {l.cells.data(), l.initial_c.empty() ? nullptr : l.initial_c.data(), stride, false};
    } else {
      // A coupled cell's gates are f g o.
      const int gate = n.source == kCoupledInput ? 0 : n.source;
      if (gate >= l.gate_count) return out;
      out = {l.gates.data() + index(gate) * stride, nullptr, index(l.gate_count) * stride,
             n.source == kCoupledInput};
    }
    if (n.layer % s_.directions != 0) out.initial = nullptr;
    return out;
  }

  void unit(const Node& n, int begin, int end, Values& out) const {
    const rnn::LayerTrace* l = layer(n);
    if (!l || n.unit >= l->hidden) return;
    const Rows from = rows(n, *l);
    if (!from.first) return;
    if (begin == 0 && from.initial) out[0] = from.initial[n.unit];
    for (int p = std::max(begin, 1); p < end; ++p) {
      const int t = step(*l, p);
      if (t < 0) {
        if (from.initial) out[index(p - begin)] = from.initial[n.unit];
        continue;
      }
      const float x = from.first[index(t) * from.step + index(n.unit)];
      out[index(p - begin)] = from.complement ? 1 - x : x;
    }
  }

  void norm(const Node& n, int begin, int end, Values& out) const {
    const rnn::LayerTrace* l = layer(n);
    if (!l) return;
    const Rows from = rows(n, *l);
    if (!from.first) return;
    const bool change = n.unit == 1;
    const auto at_position = [&](int p) {
      const int t = step(*l, p);
      return t < 0 ? from.initial : from.first + index(t) * from.step;
    };
    const float* before = change && begin > 0 ? at_position(begin - 1) : nullptr;
    for (int p = begin; p < end; ++p) {
      const float* now = at_position(p);
      if (now && (before || !change))
        out[index(p - begin)] = size_of(now, before, l->hidden, from.complement);
      if (change) before = now;
    }
  }
  // Four sums side by side.
  static float size_of(const float* now, const float* before, int units, bool complement) {
    std::array<float, 4> sums{};
    for (int j = 0; j < units; ++j) {
      const float x = before ? now[j] - before[j] : complement ? 1 - now[j] : now[j];
      sums[static_cast<std::size_t>(j & 3)] += x * x;
    }
    return std::sqrt((sums[0] + sums[1]) + (sums[2] + sums[3]));
  }

  void outputs(const Node& n, int begin, int end, Values& out) const {
    const rnn::Trace* trace = s_.trace;
    if (!trace || trace->rows <= 0 || (n.op == Op::Probability && n.unit >= trace->outputs)) return;
    int known = -1;
    float value = 0;
    for (int p = std::max(begin, 1); p < end; ++p) {
      const int row = complete_step(p, s_.length, trace->letters_per_row, trace->rows);
      if (row < 0) continue;
      if (row != known) {
        known = row;
        const float* shares = trace->probabilities.data() + index(row) * index(trace->outputs);
        value = n.op == Op::Probability ? shares[n.unit]
                : n.op == Op::Argmax    ? largest(shares, trace->outputs)
                                        : entropy(shares, trace->outputs);
      }
      out[index(p - begin)] = value;
    }
  }
  static float largest(const float* shares, int count) {
    int best = 0;
    for (int k = 0; k < count; ++k) {
      if (std::isnan(shares[k])) return kNone;
      if (shares[k] > shares[best]) best = k;
    }
    return static_cast<float>(best);
  }
  static float entropy(const float* shares, int count) {
    float bits = 0;
    for (int k = 0; k < count; ++k) {
      if (std::isnan(shares[k])) return kNone;
      if (shares[k] > 0) bits -= shares[k] * std::log2(shares[k]);
    }
    return std::max(bits, 0.0f);
  }

  // A position counts when the pattern's last letter stands on it.
  void motif(const Node& n, int begin, int end, Values& out) const {
    std::fill(out.begin(), out.end(), 0.0f);
    if (!s_.alphabet || s_.letters.empty()) return;
    std::array<std::uint32_t, 256> allowed_of;  // what a letter may be; all bits: it is none
    allowed_of.fill(~0u);
    for (int c = 0; c < 256; ++c)
      if (const std::uint32_t mask = letter_mask(*s_.alphabet, static_cast<char>(c)); mask != 0)
        allowed_of[index(c)] = mask;
    const auto allowed = static_cast<std::uint32_t>(n.number);
    std::vector<std::uint32_t> masks, misses;
    for (const std::vector<std::uint32_t>& pattern : c_.motifs[index(n.unit)].patterns) {
      const int width = static_cast<int>(pattern.size());
      const int first = std::max(begin, width);  // the first position it can end at
      if (first >= end) continue;
      const auto count = index(end - first);
      masks.resize(count + index(width) - 1);
      for (std::size_t i = 0; i < masks.size(); ++i)
        masks[i] = allowed_of[static_cast<unsigned char>(s_.letters[index(first - width) + i])];
      misses.assign(count, 0);
      for (int j = 0; j < width; ++j) {
        const std::uint32_t forbidden = ~pattern[index(j)];
        const std::uint32_t* mask = masks.data() + j;
        for (std::size_t i = 0; i < count; ++i)
          misses[i] += static_cast<std::uint32_t>((mask[i] & forbidden) != 0);
      }
      float* hits = out.data() + (first - begin);
      for (std::size_t i = 0; i < count; ++i)
        if (misses[i] <= allowed) hits[i] = 1;
    }
  }

  const Condition& c_;
  const Subject& s_;
};

}  // namespace

bool not_finite(const rnn::Trace& trace, int position) {
  const auto bad = [](const std::vector<float>& values, int row, int stride, int count) {
    const std::size_t at = static_cast<std::size_t>(row) * static_cast<std::size_t>(stride);
    return at + static_cast<std::size_t>(count) <= values.size() && any_not_finite(values.data() + at, count);
  };
  for (const rnn::LayerTrace& layer : trace.layers) {
    if (layer.steps <= 0) continue;
    const int t = complete_step(position, trace.length, layer.letters_per_step, layer.steps);
    if (t < 0) continue;
    if (bad(layer.states, t, layer.stride, layer.hidden) || bad(layer.cells, t, layer.stride, layer.hidden))
      return true;
  }
  const int row = complete_step(position, trace.length, trace.letters_per_row, trace.rows);
  return row >= 0 && bad(trace.probabilities, row, trace.outputs, trace.outputs);
}

std::vector<float> evaluate(const Condition& condition, const Subject& subject, int begin, int end) {
  begin = std::clamp(begin, 0, subject.length + 1);
  end = std::clamp(end, begin, subject.length + 1);
  if (condition.nodes.empty()) return std::vector<float>(static_cast<std::size_t>(end - begin), kNone);
  return Evaluator(condition, subject).at(static_cast<int>(condition.nodes.size()) - 1, begin, end);
}

}  // namespace ribostep::query
