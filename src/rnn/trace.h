// Every step of every layer for one sequence: what the backward pass needs is what the learner should see.
// Looking is a query on a finished Trace, so stepping back is as cheap as stepping forward.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "rnn/network.h"

namespace ribostep::rnn {

// One layer, contiguous and time-major. Position t = 0..L-1.
struct LayerTrace {
  int hidden = 0, gate_count = 0, stride = 0;  // stride: hidden rounded up to the vector width
  std::vector<float> gates;                    // [L][gate_count][stride], after the nonlinearity
  std::vector<float> states;                   // [L][stride], h after reading position t
  std::vector<float> cells;                    // [L][stride], c (LSTM only)
  std::vector<float> recurrent_n;              // [L][stride], W_hn h + b_hn (GRU only)

  float gate(int t, int g, int unit) const { return gates[index(t * gate_count + g, unit)]; }
  float h(int t, int unit) const { return states[index(t, unit)]; }
  float c(int t, int unit) const { return cells[index(t, unit)]; }

 private:
  std::size_t index(int row, int unit) const {
    return static_cast<std::size_t>(row) * static_cast<std::size_t>(stride) + static_cast<std::size_t>(unit);
  }
};

struct Trace {
  int length = 0;
  std::vector<LayerTrace> layers;  // as Network::layers
  int outputs = 0;                 // K
  // Probabilities after softmax. [L][K] for PositionLabel and NextSymbol (row t: prediction of x_{t+1}).
  // For SequenceLabel row t is the readout applied to what is known "as if the sequence ended here" for a
  // one-direction network (running last/mean/max of positions 0..t), and to the pool over all positions of
  // the finished sequence in every row for two directions.
  std::vector<float> probabilities;
  std::vector<float> logits;               // same shape
  std::vector<float> final_probabilities;  // [K], SequenceLabel: the prediction for the sequence

  float p(int t, int k) const { return probabilities[static_cast<std::size_t>(t * outputs + k)]; }
};

// Rough bytes a Trace will take, to say so before it is made.
std::size_t trace_bytes(const Network& net, int length);

// Forward pass over one sequence in slices, so that 50,000 positions never block a frame.
class TraceBuilder {
 public:
  TraceBuilder(const Network& net, std::span<const float> parameters, const TokenTable& table,
               std::span<const std::uint8_t> tokens);  // copies what it needs
  ~TraceBuilder();
  TraceBuilder(TraceBuilder&&) noexcept;
  TraceBuilder& operator=(TraceBuilder&&) noexcept;
  bool run(int max_steps);  // up to max_steps layer-positions; true: finished
  double progress() const;
  Trace take();

 private:
  struct State;
  std::unique_ptr<State> state_;
};
Trace trace(const Network& net, std::span<const float> parameters, const TokenTable& table,
            std::span<const std::uint8_t> tokens);

// The sums behind one step of one layer, kept apart only here, at the cursor.
struct StepTerms {
  int layer = 0, t = 0, predecessor = -1;         // -1: the initial state
  std::vector<float> h_previous, c_previous;      // [H]
  std::vector<float> input_term, recurrent_term;  // W_x x_t and W_h h_prev, [G*H] gate-major
  std::vector<float> bias_input, bias_recurrent;  // b_x, b_h, [G*H]
  std::vector<float> pre_activation;              // [G*H]; GRU n: W_x x + b_x + r (W_h h + b_h)
};
StepTerms step_terms(const Network& net, std::span<const float> parameters, const TokenTable& table,
                     std::span<const std::uint8_t> tokens, const Trace& trace, int layer, int t);

// Position that feeds t in this layer, or -1 for the initial state.
int predecessor(const Layer& layer, int length, int t);

}  // namespace ribostep::rnn
