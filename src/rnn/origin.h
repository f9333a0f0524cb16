// Where a number of a trace comes from: the sum, product or comparison it is, term by term, each with the
// number it was made from, so that one can go on asking. Names and words are the session's.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "rnn/trace.h"

namespace ribostep::rnn {

// Pooled: the mean of h over some steps, which a level above windows or the readout reads.
enum class NumberKind : std::uint8_t { H, C, Gate, Pooled, Logit, Probability };
template <>
inline constexpr int kCount<NumberKind> = 6;
const char* name(NumberKind kind);  // "h", "c", "gate", "pooled", "logit", "probability"
std::optional<NumberKind> number_kind(std::string_view name);

// PassBefore: what feeds `step` from the pass before, round a circle. OtherCopy: of a sequence that is read
// twice in a row, the copy that is not scored.
enum class Whence : std::uint8_t { Here, PassBefore, OtherCopy };

// One number of a trace. `step` is one of the layer; -1: the initial state. Of logits and probabilities it is
// a row of the outputs, and layer, unit and gate play no part.
struct Quantity {
  NumberKind what = NumberKind::H;
  int layer = 0, unit = 0;
  int gate = -1;  // Gate: as rnn::gates
  int step = 0;
  int output = -1;  // Logit, Probability
  int first = 0;    // Pooled: of the steps first..step
  Whence whence = Whence::Here;
  bool operator==(const Quantity&) const = default;
};
bool exists(const Network& net, const Trace& trace, const Quantity& of);

enum class TermKind : std::uint8_t {
  Input,          // W_x[column] x[column]
  Recurrent,      // W_h[column] h[column] of the step that feeds this one
  BiasInput,      // b_x
  BiasRecurrent,  // b_h
  Peephole,       // p c
  NormMean,       // layer normalisation: what taking off the mean over the units adds
  NormBias,       // and its learned bias
  Keep,           // f c', z h'
  Write,          // i g, (1 - f) g, (1 - z) n
  Squashed,       // factor tanh(c)
  Opening,        // factor o
  Share,          // h / n of a mean
  Readout,        // W[column] of the readout times a state, or what was pooled of it
  ReadoutBias,
  Score  // a logit among those compared
};

// value = scale * weight * input. The scale is what layer normalisation or a reset gate leaves of the term.
struct OriginTerm {
  TermKind kind = TermKind::Input;
  int column = -1;
  double value = 0, scale = 1, weight = 1, input = 0;
  // Normalisation of a GRU's candidate: of the part that the reset gate multiplies.
  bool second = false;
  std::optional<Quantity> source;  // what `input` is; none: given, or learned
  std::optional<Quantity> via;     // the gate that lets it through
};

// Sum: the terms add up to `before`. Product: they multiply to the value. Softmax: the value is e^(first
// term) over the sum of e^(each). Given: nothing behind it is kept. ByHand: put there by hand.
enum class OriginShape : std::uint8_t { Sum, Product, Softmax, Given, ByHand };

struct Origin {
  Quantity of;
  OriginShape shape = OriginShape::Given;
  float value = 0;
  // Gates and states of Elman cells: what the nonlinearity is applied to. Otherwise the value.
  float before = 0;
  bool squashed = false;  // the value is a function of `before`
  // Largest first; factors: the one that has the sign first; scores: the one asked about first.
  std::vector<OriginTerm> terms;
  int left_out = 0;  // terms that are smaller than all above
  double rest = 0;   // and their sum
};
inline constexpr int kMostTerms = 2048;

// Of a number that exists. `interventions`: those the trace was made with.
Origin origin_of(const Network& net, std::span<const float> parameters, const TokenTable& table,
                 const Example& example, const Trace& trace, const Quantity& of,
                 std::span<const Intervention> interventions = {});
// What feeds step t: h or c of a unit one step before, the initial state, or the pass before.
Quantity fed_quantity(const Network& net, const Trace& trace, NumberKind what, int layer, int unit, int t);
float value_of(const Network& net, const Trace& trace, const Quantity& of);
// What its terms come to: to be compared with `before`, or the value.
double result_of(const Origin& origin);
// The value a state was set to by hand, if it was.
std::optional<float> set_by_hand(const Network& net, const Trace& trace, const Quantity& of,
                                 std::span<const Intervention> interventions);

}  // namespace ribostep::rnn
