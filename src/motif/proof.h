// Does a network do what the machine does? For strings of every length where it can be shown: boxes around
// the hidden states the network can have while the machine is in a state; if every step (state, letter) maps
// the box of the one into the box of the other, and every box is read out rightly, it is true for ever.
#pragma once
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "motif/compile.h"

namespace ribostep::motif {

struct StepMargin {
  int state = 0, letter = 0;
  // How far the weakest pre-activation (LSTM: of g) stays from 0; < 0: 0 lies inside the box, by so much. Of
  // units that another one or the readout reads.
  double margin = 0;
  int unit = 0;  // the weakest
};
struct Proof {
  enum class Verdict : std::uint8_t { Proved, Refuted, Unsettled };
  Verdict verdict = Verdict::Unsettled;
  // Proved by boxes: what holds for all strings. Otherwise what was seen on the first strings in order.
  double margin = 0;              // the smallest of `steps`
  double readout_margin = 0;      // logit of the right answer less the other's, at its smallest
  double leak = 0;                // how far a unit can stay away from +1 and -1 (LSTM: from its own extremes)
  std::vector<StepMargin> steps;  // every state and letter
  // The margin there would be without a leak, every unit exactly at its end: compiled weights have the gain
  // times the code's margin.
  double nominal_margin = 0;
  std::optional<Word> failing;  // Refuted: the shortest string that was found on which they differ
  bool shortest = false;        // no shorter one exists: all of them were tried
  int tried_length = 0;         // every string up to here was tried
  std::string words;            // one sentence for people: what was shown and how
};
// `net`: one forward layer, Elman (tanh) or plain LSTM, on single letters, two classes per position with the
// match last; the weights may be any. Rounding of the engine's float arithmetic is allowed for in the boxes.
Proof prove(const Dfa& dfa, const rnn::Network& net, std::span<const float> parameters);
// Why a network cannot be examined like this; empty when it can.
std::string obstacle_of_proof(const Dfa& dfa, const rnn::ModelSpec& spec);

// What a network says of strings: with its states, letter by letter, the same numbers as a Trace has. Any
// cell with one forward layer on single letters, and labels per position: see obstacle_of_reading().
class Reader {
 public:
  Reader(const rnn::Network& net, std::span<const float> parameters);  // copies
  // Starts over; then a letter (symbol) at a time.
  void start();
  void read(int letter);
  bool accepts() const;  // after what was read; before the first letter: of the empty string
  std::span<const float> h() const;
  std::span<const float> logits() const;  // [classes]; until the next call
  const rnn::ModelSpec& spec() const;
  // Saving and going back, for searches over strings.
  std::vector<float> state() const;  // h, and c behind it
  void set_state(std::span<const float> state);

 private:
  struct State;
  std::shared_ptr<State> state_;
};
// Why a Reader cannot read this network and what to do; empty when it can.
std::string obstacle_of_reading(const rnn::ModelSpec& spec);

}  // namespace ribostep::motif
