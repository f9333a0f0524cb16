// Boxes that hold every state the network can be in, by interval arithmetic that allows for the rounding of
// the engine's floats; where they do not close, proof_search.cpp looks for a string that is read wrongly.
#include "motif/proof.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

#include "motif/proof_search.h"
#include "rnn/math.h"

namespace ribostep::motif {
namespace {

template <class V>
auto& at(V& values, int i) {
  return values[static_cast<std::size_t>(i)];
}

// A sum of n float terms, each product rounded, is off by at most n 2^-24 / (1 - n 2^-24) of the sum of their
// sizes; 2^-24 = 5.96e-8, and what is over covers the doubles here. tanh: 4 units in the last place, sigmoid:
// 1.1e-7 (math.h, tests/test_rnn_math.cpp).
constexpr double kRounding = 6e-8, kTanhError = 4 * 1.2e-7, kSigmoidError = 1.2e-7, kTiny = 1e-30;
constexpr double kBoxBudget = 8e8, kSearchBudget = 4e8, kLongBudget = 5e8;  // ns, see step_cost()
constexpr std::size_t kBoxMemory = 64u << 20u;

struct Range {
  double low = 0, high = 0;
  bool within(const Range& other) const { return low >= other.low && high <= other.high; }
  double from_zero() const { return std::max(low, -high); }  // < 0: contains it
};
Range tanh_range(Range z) {
  const auto limited = [](double y, double by) { return std::clamp(y + by, -1.0, 1.0); };
  const double a = rnn::tanh_of(z.low), b = rnn::tanh_of(z.high);
  return {limited(a, -kTanhError * std::fabs(a) - kTiny), limited(b, kTanhError * std::fabs(b) + kTiny)};
}
Range sigmoid_range(Range z) {
  return {std::max(0.0, rnn::sigmoid_of(z.low) - kSigmoidError),
          std::min(1.0, rnn::sigmoid_of(z.high) + kSigmoidError)};
}
Range widened(Range x, double by) { return {x.low - by, x.high + by}; }
Range product(Range a, Range b) {
  const double p = a.low * b.low, q = a.low * b.high, r = a.high * b.low, s = a.high * b.high;
  const Range out{std::min(std::min(p, q), std::min(r, s)), std::max(std::max(p, q), std::max(r, s))};
  return widened(out, kRounding * std::max(std::fabs(out.low), std::fabs(out.high)) + kTiny);
}

using Box = std::vector<Range>;  // h [H], then c [H] of an LSTM; empty: nothing reaches it yet

class Prover {
 public:
  Prover(const Dfa& dfa, const rnn::Network& net, std::span<const float> p)
      : dfa_(dfa), reader_(net, p), units_(net.spec.hidden), lstm_(rnn::has_cell_state(net.spec.cell)) {
    const rnn::Layer& layer = net.layers.front();
    const auto w_h = rnn::view(net, p, layer.w_h), w_x = rnn::view(net, p, layer.w_x),
               b_x = rnn::view(net, p, layer.b_x), b_h = rnn::view(net, p, layer.b_h),
               readout = rnn::view(net, p, net.readout_weight), bias = rnn::view(net, p, net.readout_bias);
    const int rows = lstm_ ? 4 * units_ : units_;
    rows_.resize(static_cast<std::size_t>(rows));
    is_read_.assign(static_cast<std::size_t>(units_), 0);
    for (int row = 0; row < rows; ++row) {
      for (int k = 0; k < units_; ++k)
        if (const float w = w_h(row, k); w != 0) {
          at(rows_, row).push_back({k, static_cast<double>(w)});
          at(is_read_, k) = 1;
        }
      weights_ += at(rows_, row).size();
      for (int a = 0; a < dfa.letters(); ++a)  // as the engine adds it up
        base_.push_back(static_cast<double>((b_x(row) + b_h(row)) + w_x(row, a)));
    }
    for (int k = 0; k < units_; ++k) {
      const auto no = static_cast<double>(readout(0, k)), yes = static_cast<double>(readout(1, k));
      lead_.push_back(yes - no);
      sizes_.push_back(std::fabs(yes) + std::fabs(no));
      if (yes != no) at(is_read_, k) = 1;
    }
    lead_.push_back(static_cast<double>(bias(1)) - static_cast<double>(bias(0)));
    sizes_.push_back(std::fabs(static_cast<double>(bias(1))) + std::fabs(static_cast<double>(bias(0))));
    walk_access_words();
  }

  Proof run() {
    Proof proof;
    find_nominal_margin(proof);
    // The finer boxes are the tighter ones, but more.
    const bool cheap = 40 * round_cost(keys_.size()) < kBoxBudget;
    for (const bool fine : {false, true}) {
      if (cheap && !fine) continue;
      make_boxes(fine);
      if (follow_boxes(proof)) return proof;
    }
    Found found;
    search_all(dfa_, reader_, kSearchBudget, found);
    observed_margins(proof, found);
    proof.tried_length = found.tried_length;
    proof.readout_margin = found.readout;
    for (int u = 0; u < units_; ++u)
      if (at(is_read_, u))
        proof.leak = std::max(
            proof.leak, static_cast<double>((lstm_ ? at(found.largest, u) : 1.0f) - at(found.smallest, u)));
    if (!found.failing && !found.closed) search_long(dfa_, reader_, kLongBudget, found);
    proof.failing = found.failing;
    proof.shortest = found.failing && static_cast<int>(found.failing->size()) <= found.tried_length + 1;
    if (found.failing)
      proof.verdict = Proof::Verdict::Refuted;
    else if (found.closed)
      proof.verdict = Proof::Verdict::Proved;
    say(proof, found);
    return proof;
  }

 private:
  // Machine states are split by which units are on, so that a state that several units stand for has a box
  // for each: in the order of steps (state, letter), the start last.
  void walk_access_words() {
    const int letters = dfa_.letters(), states = dfa_.states();
    auto& after = after_access_;
    after.resize(static_cast<std::size_t>(states));
    std::vector<int> queue{dfa_.start};
    reader_.start();
    at(after, dfa_.start) = reader_.state();
    std::vector<std::string>& keys = keys_;
    keys.resize(dfa_.next.size() + 1);
    const auto key = [&](int state) {
      std::string text = std::to_string(state) + ":";
      for (const float h : reader_.h()) text += h > 0 ? '+' : '-';
      return text;
    };
    keys.back() = key(dfa_.start);
    for (std::size_t i = 0; i < queue.size(); ++i)
      for (int a = 0; a < letters; ++a) {
        const int from = queue[i], to = dfa_.step(from, a);
        reader_.set_state(at(after, from));
        reader_.read(a);
        std::string& text = at(keys, from * letters + a);
        text = key(to);
        if (!at(after, to).empty()) continue;
        at(after, to) = reader_.state();
        queue.push_back(to);
      }
  }
  // `fine`: a box for every step into a state.
  void make_boxes(bool fine) {
    std::vector<std::string> keys = keys_;
    for (std::size_t i = 0; i < keys.size() && fine; ++i)
      if (!keys[i].empty()) keys[i] += std::to_string(i);
    std::vector<std::string> kinds = keys;
    box_of_.clear();
    state_of_box_.clear();
    boxes_.clear();
    std::sort(kinds.begin(), kinds.end());
    kinds.erase(std::unique(kinds.begin(), kinds.end()), kinds.end());
    for (const std::string& text : keys)
      box_of_.push_back(static_cast<int>(std::lower_bound(kinds.begin(), kinds.end(), text) - kinds.begin()));
    boxes_.resize(kinds.size());
    for (const std::string& text : kinds) state_of_box_.push_back(text.empty() ? -1 : std::stoi(text));
  }

  // The recurrent sums of a box: centre, radius and size of the terms of every row.
  struct Sums {
    std::vector<double> centre, radius, size;
  };
  void sum(const Box& box, Sums& out) const {
    out.centre.assign(rows_.size(), 0);
    out.radius = out.size = out.centre;
    for (std::size_t row = 0; row < rows_.size(); ++row)
      for (const auto& [k, w] : rows_[row]) {
        const Range& h = at(box, k);
        out.centre[row] += w * (h.low + h.high) / 2;
        out.radius[row] += std::fabs(w) * (h.high - h.low) / 2;
        out.size[row] += std::fabs(w) * std::max(std::fabs(h.low), std::fabs(h.high));
      }
  }
  Range pre_activation(const Sums& sums, int row, int letter) const {
    const double base = at(base_, row * dfa_.letters() + letter), centre = base + at(sums.centre, row),
                 terms = static_cast<double>(at(rows_, row).size() + 3),
                 by = at(sums.radius, row) + kRounding * terms * (at(sums.size, row) + std::fabs(base)) +
                      kTiny;
    return {centre - by, centre + by};
  }
  // One step. `margin` and `unit`: of the weakest unit that somebody reads.
  void image(const Box& box, const Sums& sums, int letter, Box& out, StepMargin& weakest) const {
    out.resize(box.size());
    weakest.margin = std::numeric_limits<double>::infinity();
    for (int u = 0; u < units_; ++u) {
      const Range z = pre_activation(sums, lstm_ ? 2 * units_ + u : u, letter);
      if (at(is_read_, u) && !(z.from_zero() >= weakest.margin))
        weakest.margin = z.from_zero(), weakest.unit = u;
      at(out, u) = tanh_range(z);
      if (!lstm_) continue;
      // c = f c' + i g, h = o tanh(c)
      const auto gate = [&](int g) { return sigmoid_range(pre_activation(sums, g * units_ + u, letter)); };
      const Range kept = product(gate(1), at(box, units_ + u)), added = product(gate(0), at(out, u));
      const Range c = widened({kept.low + added.low, kept.high + added.high},
                              kRounding * (std::max(std::fabs(kept.low), std::fabs(kept.high)) +
                                           std::max(std::fabs(added.low), std::fabs(added.high))) +
                                  kTiny);
      at(out, units_ + u) = c;
      const Range h = product(gate(3), tanh_range(c));
      at(out, u) = {std::max(h.low, -1.0), std::min(h.high, 1.0)};
    }
  }
  // The right answer's logit less the other's, at its smallest; both logits are rounded.
  double readout(const Box& box, bool accepts) const {
    double centre = lead_.back(), radius = 0, size = sizes_.back();
    for (int k = 0; k < units_; ++k) {
      const Range& h = at(box, k);
      centre += at(lead_, k) * (h.low + h.high) / 2;
      radius += std::fabs(at(lead_, k)) * (h.high - h.low) / 2;
      size += at(sizes_, k) * std::max(std::fabs(h.low), std::fabs(h.high));
    }
    return (accepts ? centre : -centre) - radius - kRounding * (units_ + 3) * size - kTiny;
  }

  double round_cost(std::size_t boxes) const {  // ns
    return static_cast<double>(boxes) *
           (4.0 * static_cast<double>(weights_) + 40.0 * static_cast<double>(base_.size()));
  }

  // Grows the boxes until every step leads from box to box. A little more than needed each time, so that what
  // shrinks geometrically comes to an end.
  bool follow_boxes(Proof& proof) {
    const int letters = dfa_.letters(), count = static_cast<int>(boxes_.size());
    const std::size_t width = static_cast<std::size_t>(lstm_ ? 2 * units_ : units_);
    if (boxes_.size() * width * sizeof(Range) > kBoxMemory) return false;
    reader_.start();
    Box& start = at(boxes_, box_of_.back());
    for (const float value : reader_.state()) {
      if (!(std::fabs(value) < 1e30f)) return false;
      start.push_back({static_cast<double>(value), static_cast<double>(value)});
    }
    std::vector<char> changed(boxes_.size(), 0);
    at(changed, box_of_.back()) = 1;
    Sums sums;
    Box next;
    StepMargin ignored;
    double budget = kBoxBudget;
    for (bool growing = true; growing;) {
      if ((budget -= round_cost(boxes_.size())) < 0) return false;
      growing = false;
      for (int k = 0; k < count; ++k) {
        if (!at(changed, k)) continue;
        at(changed, k) = 0;
        const Box box = at(boxes_, k);
        if (!(readout(box, dfa_.accepts(at(state_of_box_, k))) > 0)) return false;
        sum(box, sums);
        for (int a = 0; a < letters; ++a) {
          const int to = at(box_of_, at(state_of_box_, k) * letters + a);
          image(box, sums, a, next, ignored);
          Box& target = at(boxes_, to);
          bool inside = !target.empty();
          for (std::size_t i = 0; i < width && inside; ++i) inside = next[i].within(target[i]);
          if (inside) continue;
          growing = true;
          at(changed, to) = 1;
          const bool fresh = target.empty();
          target.resize(width);
          for (std::size_t i = 0; i < width; ++i) {
            Range grown = widened(next[i], 1e-6 + 0.02 * (next[i].high - next[i].low));
            if (i < static_cast<std::size_t>(units_))
              grown = {std::max(grown.low, -1.0), std::min(grown.high, 1.0)};
            target[i] = fresh
                            ? grown
                            : Range{std::min(grown.low, target[i].low), std::max(grown.high, target[i].high)};
          }
        }
      }
    }
    return check_boxes(proof);
  }

  // Once more over all of them, whatever was done before: this is the proof.
  bool check_boxes(Proof& proof) {
    const int letters = dfa_.letters();
    reader_.start();
    const std::vector<float> first = reader_.state();
    for (std::size_t i = 0; i < first.size(); ++i)
      if (const double x = static_cast<double>(first[i]); !Range{x, x}.within(at(boxes_, box_of_.back())[i]))
        return false;
    Sums sums;
    Box next;
    std::vector<StepMargin> steps = no_margins();
    proof.readout_margin = std::numeric_limits<double>::infinity();
    std::vector<double> largest(static_cast<std::size_t>(units_), 0), smallest = largest;
    std::fill(smallest.begin(), smallest.end(), std::numeric_limits<double>::infinity());
    for (std::size_t k = 0; k < boxes_.size(); ++k) {
      const Box& box = boxes_[k];
      if (box.empty()) continue;  // a state that is never reached
      const int state = state_of_box_[k];
      const double read = readout(box, dfa_.accepts(state));
      if (!(read > 0)) return false;
      proof.readout_margin = std::min(proof.readout_margin, read);
      for (int u = 0; u < units_; ++u) {
        at(largest, u) =
            std::max(at(largest, u), std::max(std::fabs(at(box, u).low), std::fabs(at(box, u).high)));
        at(smallest, u) = std::min(at(smallest, u), std::max(0.0, at(box, u).from_zero()));
      }
      sum(box, sums);
      for (int a = 0; a < letters; ++a) {
        StepMargin weakest;
        image(box, sums, a, next, weakest);
        const Box& target = at(boxes_, at(box_of_, state * letters + a));
        if (target.size() != next.size()) return false;
        for (std::size_t i = 0; i < next.size(); ++i)
          if (!next[i].within(target[i])) return false;
        StepMargin& step = at(steps, state * letters + a);
        if (weakest.margin < step.margin) step.margin = weakest.margin, step.unit = weakest.unit;
      }
    }
    proof.verdict = Proof::Verdict::Proved;
    proof.leak = 0;
    for (int u = 0; u < units_; ++u)
      if (at(is_read_, u))
        proof.leak = std::max(proof.leak, (lstm_ ? at(largest, u) : 1.0) - at(smallest, u));
    take_margins(proof, std::move(steps));
    say(proof, {});
    return true;
  }

  void take_margins(Proof& proof, std::vector<StepMargin> steps) const {
    proof.margin = std::numeric_limits<double>::infinity();
    for (int s = 0; s < dfa_.states(); ++s)
      for (int a = 0; a < dfa_.letters(); ++a) {
        StepMargin& step = at(steps, s * dfa_.letters() + a);
        step.state = s;
        step.letter = a;
        if (!std::isfinite(step.margin)) step.margin = 0;  // no unit that anybody reads
        proof.margin = std::min(proof.margin, step.margin);
      }
    proof.steps = std::move(steps);
  }

  // Of a step from h: the weakest unit, and the signs of all.
  template <class Sign>
  void weakest_of(const Sums& sums, int letter, StepMargin& step, Sign sign) const {
    for (int u = 0; u < units_; ++u) {
      const Range z = pre_activation(sums, lstm_ ? 2 * units_ + u : u, letter);
      sign(z.low + z.high > 0);
      if (at(is_read_, u) && !(z.from_zero() >= step.margin)) step.margin = z.from_zero(), step.unit = u;
    }
  }
  std::vector<StepMargin> no_margins() const {
    std::vector<StepMargin> steps(dfa_.next.size());
    for (StepMargin& step : steps) step.margin = std::numeric_limits<double>::infinity();
    return steps;
  }
  void observed_margins(Proof& proof, const Found& found) const {
    std::vector<StepMargin> steps = no_margins();
    Sums sums;
    Box box;
    double budget = kBoxBudget / 8;
    const auto add = [&](const std::vector<float>& state, int machine) {
      if (state.empty() || budget < 0) return;
      box.clear();
      for (const float h : state) box.push_back({static_cast<double>(h), static_cast<double>(h)});
      sum(box, sums);
      budget -= 4.0 * static_cast<double>(weights_) + 5.0 * static_cast<double>(base_.size());
      for (int a = 0; a < dfa_.letters(); ++a)
        weakest_of(sums, a, at(steps, machine * dfa_.letters() + a), [](bool) {});
    };
    for (int s = 0; s < dfa_.states(); ++s) add(at(after_access_, s), s);
    for (std::size_t i = 0; i < found.first.size(); ++i) add(found.first[i], found.first_machine[i]);
    take_margins(proof, std::move(steps));
  }

  // The states of the same network with thresholds in place of tanh, after each state's access word.
  void find_nominal_margin(Proof& proof) {
    const double on = lstm_ ? rnn::tanh_of(1.0) : 1.0;
    const auto end = [&](bool up) { return Range{up ? on : -on, up ? on : -on}; };
    std::vector<Box> nominal(static_cast<std::size_t>(dfa_.states()));
    reader_.start();
    for (const float h : reader_.h()) at(nominal, dfa_.start).push_back(end(h > 0));
    std::vector<int> queue{dfa_.start};
    Sums sums;
    StepMargin weakest;
    weakest.margin = std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < queue.size(); ++i) {
      sum(at(nominal, queue[i]), sums);
      for (int a = 0; a < dfa_.letters(); ++a) {
        Box next;
        weakest_of(sums, a, weakest, [&](bool up) { next.push_back(end(up)); });
        const int to = dfa_.step(queue[i], a);
        if (!at(nominal, to).empty()) continue;
        at(nominal, to) = std::move(next);
        queue.push_back(to);
      }
    }
    proof.nominal_margin = std::isfinite(weakest.margin) ? weakest.margin : 0;
  }

  static std::string number(double x, bool up) {
    // Two digits, rounded to the side that claims less.
    if (!(x > 0) || !std::isfinite(x)) return "0";
    double unit = 1;
    while (x / unit >= 100) unit *= 10;
    while (x / unit < 10) unit /= 10;
    char text[32];
    std::snprintf(text, sizeof text, "%.2g", (up ? std::ceil(x / unit) : std::floor(x / unit)) * unit);
    return text;
  }
  static std::string counted(std::int64_t n, const char* one, const char* many) {
    std::string text = std::to_string(n);
    for (std::size_t i = text.size(); i > 3; i -= 3) text.insert(i - 3, ",");
    return text + " " + (n == 1 ? one : many);
  }

  void say(Proof& proof, const Found& found) const {
    std::string& out = proof.words;
    const std::string states = dfa_.states() == 1 ? "the one state"
                                                  : "each of the " + counted(dfa_.states(), "", "states"),
                      letters = dfa_.letters() == 1 ? "the one letter"
                                                    : "each of the " + counted(dfa_.letters(), "", "letters");
    if (proof.verdict == Proof::Verdict::Proved && found.closed) {
      out = "Proved for strings of every length: the network can only ever be in " +
            counted(found.distinct, "state", "states") + ", and every one of them is right.";
    } else if (proof.verdict == Proof::Verdict::Proved && !(proof.margin > 0)) {
      out = "Proved for strings of every length: each step leads from one to another of " +
            counted(static_cast<std::int64_t>(boxes_.size()), "box", "boxes") +
            " around the network's states, and every box is read rightly, by " +
            number(proof.readout_margin, false) + " between the logits.";
    } else if (proof.verdict == Proof::Verdict::Proved) {
      out = "Proved for strings of every length: in " + states + " and for " + letters +
            " no pre-activation comes nearer to 0 than " + number(proof.margin, false) +
            (lstm_ ? ", and no state is more than " : ", and the states stay within ") +
            number(proof.leak, true) + (lstm_ ? " from its extremes." : " of -1 and +1.");
    } else if (proof.verdict == Proof::Verdict::Refuted) {
      const auto length = static_cast<std::int64_t>(proof.failing->size());
      out = "Refuted: after " +
            (length == 0    ? "the empty string"
             : length <= 40 ? word_text(*proof.failing, dfa_.symbols)
                            : "a string of " + counted(length, "letter", "letters")) +
            " the network says " +
            (dfa_.accepts(dfa_.run(*proof.failing)) ? "no where the machine says yes"
                                                    : "yes where the machine says no") +
            (proof.shortest ? "; every shorter string is right."
                            : "; every string of up to " + counted(proof.tried_length, "letter", "letters") +
                                  " is right.");
    } else {
      out =
          "Not settled: no box that holds the states could be shown to last, but no string was found that "
          "is read wrongly. Tried were every string of up to " +
          counted(proof.tried_length, "letter", "letters") + ", " +
          counted(found.pumped, "word repeated", "words repeated") + " up to " +
          counted(found.longest, "letter", "letters") + ", and random strings.";
    }
  }

  const Dfa& dfa_;
  Reader reader_;
  int units_;
  bool lstm_;
  std::vector<std::vector<std::pair<int, double>>> rows_;  // weights of W_h that are not 0, gate-major
  std::size_t weights_ = 0;
  std::vector<double> base_;          // [rows][letters]: b_x + b_h + W_x x
  std::vector<double> lead_, sizes_;  // [H + 1] of the readout: yes less no; sizes of both; the bias last
  std::vector<char> is_read_;         // by another unit, or by the readout
  std::vector<std::string> keys_;  // [states * letters + 1] of steps: the state they lead to, and signs there
  std::vector<int> box_of_;        // [states * letters + 1]; the start last
  std::vector<int> state_of_box_;
  std::vector<Box> boxes_;
  std::vector<std::vector<float>> after_access_;  // [states]: h and c after its access word
};

}  // namespace

std::string obstacle_of_proof(const Dfa& dfa, const rnn::ModelSpec& spec) {
  if (const std::string why = obstacle_of_reading(spec); !why.empty()) return why;
  const bool cell = spec.cell == rnn::CellKind::ElmanTanh || spec.cell == rnn::CellKind::Lstm;
  if (!cell || spec.peepholes || spec.layer_norm || spec.embedding > 0)
    return "a proof follows plain Elman (tanh) and LSTM cells, without peepholes, layer normalisation or an "
           "embedding: choose such a cell under Model";
  if (spec.symbols != dfa.letters())
    return "the network reads an alphabet of " + std::to_string(spec.symbols) +
           " letters, the machine one of " + std::to_string(dfa.letters()) +
           ": choose data of the machine's alphabet, or compile it";
  if (spec.classes != 2)
    return "the network tells " + std::to_string(spec.classes) +
           " classes apart; a machine has two, no match and match: choose labels with two classes";
  return "";
}

Proof prove(const Dfa& dfa, const rnn::Network& net, std::span<const float> parameters) {
  return Prover(dfa, net, parameters).run();
}

}  // namespace ribostep::motif
