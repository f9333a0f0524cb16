// Every step of every layer for one sequence: what the backward pass needs is what the learner should see.
// Looking is a query on a finished Trace, so stepping back is as cheap as stepping forward.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "rnn/bptt.h"
#include "rnn/intervention.h"
#include "rnn/network.h"

namespace ribostep::rnn {

// One layer, contiguous and time-major. Step t = 0..steps-1 in the order of the sequence, whichever way the
// layer reads. A step is a letter, a codon, or for a level above windows a window.
struct LayerTrace {
  int hidden = 0, gate_count = 0, stride = 0;  // stride: hidden rounded up to the vector width
  int steps = 0, letters_per_step = 1;
  std::vector<float> gates;        // [steps][gate_count][stride], after the nonlinearity
  std::vector<float> states;       // [steps][stride], h after reading step t
  std::vector<float> cells;        // [steps][stride], c (LSTMs only)
  std::vector<float> recurrent_n;  // [steps][stride], GRU only: W_hn h + b_hn, normalised if the layer is
  // Below the top of a doubled sequence read in two directions: h in the copy that is not scored, which the
  // other direction of the level above reads. [steps][stride], else empty.
  std::vector<float> unscored;
  // h_0 and c_0 [stride]; and what feeds the first steps read, [dilation][stride] in the order of the steps:
  // the initial state, or round a circle the last states of the pass before.
  std::vector<float> initial_h, initial_c, start_h, start_c;
  bool wrapped = false;  // start_h are states of the pass before

  float gate(int t, int g, int unit) const { return gates[index(t * gate_count + g, unit)]; }
  float h(int t, int unit) const { return states[index(t, unit)]; }
  float c(int t, int unit) const { return cells[index(t, unit)]; }
  // The step that reads letter 0..L-1. Letters behind the last whole codon belong to the last step.
  int step_of(int letter) const { return std::min(letter / letters_per_step, steps - 1); }

 private:
  std::size_t index(int row, int unit) const {
    return static_cast<std::size_t>(row) * static_cast<std::size_t>(stride) + static_cast<std::size_t>(unit);
  }
};

struct Trace {
  int length = 0;                     // letters, or positions of a series
  std::vector<LayerTrace> layers;     // as Network::layers; round a circle, of the last pass
  int outputs = 0;                    // K
  int rows = 0, letters_per_row = 1;  // of the outputs below
  // Probabilities after softmax (NextVector: the predicted vector, and logits the same). [rows][K] for tasks
  // per position (row t: prediction of x_{t+1} for the next symbol). For SequenceLabel row t is the readout
  // applied to what is known "as if the sequence (round a circle: its last round) ended here" for a
  // one-direction network (running last/mean/max of steps 0..t of the top level), and to the pool over all of
  // the finished sequence in every row for two directions.
  std::vector<float> probabilities;
  std::vector<float> logits;               // same shape
  std::vector<float> final_probabilities;  // [K], SequenceLabel: the prediction for the sequence
  int passes = 1;                          // round the circle
  bool settled = true;                     // FixedPoint: the state at the origin stopped changing

  float p(int row, int k) const { return probabilities[static_cast<std::size_t>(row * outputs + k)]; }
  int row_of(int letter) const { return std::min(letter / letters_per_row, rows - 1); }
};

// Rough bytes a Trace will take, to say so before it is made; and with them what making it takes for a while.
// In 64 bits: a page's std::size_t ends at 4 GB.
std::uint64_t trace_bytes(const Network& net, int length);
std::uint64_t tracing_bytes(const Network& net, int length);

// Forward pass over one sequence in slices, so that 50,000 positions never block a frame.
class TraceBuilder {
 public:
  TraceBuilder(const Network& net, std::span<const float> parameters, const TokenTable& table,
               const Example& example,
               std::span<const Intervention> interventions = {});  // copies what it needs; see fits()
  ~TraceBuilder();
  TraceBuilder(TraceBuilder&&) noexcept;
  TraceBuilder& operator=(TraceBuilder&&) noexcept;
  bool run(int max_steps);  // up to max_steps steps of a layer; true: finished
  double progress() const;
  Trace take();

 private:
  struct State;
  std::unique_ptr<State> state_;
};
Trace trace(const Network& net, std::span<const float> parameters, const TokenTable& table,
            const Example& example, std::span<const Intervention> interventions = {});

// What feeds step t of a layer.
struct Fed {
  int step = -1;             // of the same layer; -1: not one of this pass
  bool wraps = false;        // the last states of the pass before
  const float* h = nullptr;  // [stride]
  const float* c = nullptr;  // [stride], LSTMs only
};
Fed fed_by(const Layer& layer, const LayerTrace& trace, int t);

// The sums behind one step of one layer, kept apart only here, at the cursor.
struct StepTerms {
  int layer = 0, t = 0;                       // t: step of the layer
  int predecessor = -1;                       // step that feeds it; -1: the initial state, or the last pass
  bool wraps = false;                         // fed by the pass before
  std::vector<float> h_previous, c_previous;  // [H]
  std::vector<float> input_term, recurrent_term;  // W_x x_t and W_h h_prev, [G*H] gate-major
  std::vector<float> bias_input, bias_recurrent;  // b_x, b_h, [G*H]
  std::vector<float> peephole_term;               // [G*H]; empty without peepholes
  // [G*H]; GRU n: W_x x + b_x + r (W_h h + b_h). With layer normalisation: the sum before it.
  std::vector<float> pre_activation;
  // [G*H] gain * (sum - mean) / deviation + bias over the units, and gain / deviation: the share of each term
  // that is left. Empty without layer normalisation. GRU n: of W_x x + b_x; behind the gates [H] more, of
  // W_h h + b_h.
  std::vector<float> normalised, norm_scale;
  // [G*H] what the nonlinearity is applied to. Without layer normalisation and peepholes: pre_activation.
  // With: gain * normalised + bias, then peepholes on top; GRU n: the normalised parts put together.
  std::vector<float> activated;
};
StepTerms step_terms(const Network& net, std::span<const float> parameters, const TokenTable& table,
                     const Example& example, const Trace& trace, int layer, int t);

}  // namespace ribostep::rnn
