// How much each step matters: gradients of a loss at every step, and how a small change of the state grows or
// dies on its way. For looking, in double; training does not come here.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rnn/bptt.h"

namespace ribostep::rnn {

// Of what the gradient is taken: the loss of the whole example, of its last scored step, or of the step at
// the cursor (tasks per position; a label per sequence has one loss).
enum class SensitivityLoss : std::uint8_t { Whole, LastOutput, AtCursor };
template <>
inline constexpr int kCount<SensitivityLoss> = 3;
const char* name(SensitivityLoss loss);   // "whole", "last_output", "at_cursor"
const char* label(SensitivityLoss loss);  // what people read
std::optional<SensitivityLoss> sensitivity_loss(std::string_view name);

// Numbers are log10, so that what vanishes can still be seen; -infinity for 0.
struct Sensitivity {
  int steps = 0, letters_per_step = 1;              // of the first level
  std::vector<std::vector<double>> state_gradient;  // [layer][steps of it], |dL/dh_t|
  std::vector<double> input_gradient;               // [steps], |dL/dx_t|
  // Largest singular value of the Jacobian J_t of the full state (h, and c of LSTMs, of all layers) and of
  // J_t ... J_1, [steps]; empty where the state does not go from each step to the next, see jacobian_note.
  std::vector<double> step_sigma, product_sigma;
  std::string jacobian_note;                    // of what state they are, or why there are none
  std::vector<std::vector<float>> direct_path;  // [layer][steps*H], prod f up to t; LSTMs only, else empty
};

class SensitivityBuilder {
 public:
  // Copies what it needs. `at_step`: for AtCursor, a step of the outputs.
  SensitivityBuilder(const Network& net, std::span<const float> parameters, const TokenTable& table,
                     const Example& example, SensitivityLoss loss, int at_step);
  ~SensitivityBuilder();
  // The gradients in one go, then so many Jacobians; true: finished.
  bool run(int max_jacobians);
  double progress() const;
  Sensitivity take();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ribostep::rnn
