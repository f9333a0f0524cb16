// One step of one layer as the inspector tells it: per gate and unit the terms, their sum and the value; the
// states before and after; the equations with their numbers. No ImGui: everything here is tested as numbers
// and text.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "rnn/network.h"
#include "rnn/trace.h"

namespace ribostep::ui {

// input + recurrent + bias = sum, up to float rounding; value = sigmoid, tanh or ReLU of sum.
struct GateTerms {
  float input = 0;      // W_x x_t
  float recurrent = 0;  // W_h h_t-1; for a GRU's candidate already times r
  float bias = 0;       // b_x + b_h; for a GRU's candidate b_x + r b_h
  float sum = 0;
  float value = 0;
};

struct StepView {
  rnn::CellKind cell = rnn::CellKind::Lstm;
  int units = 0, gate_count = 0, t = 0;
  bool reverse = false;                                     // fed from the right
  bool first = false;                                       // fed by the initial state
  std::vector<std::vector<GateTerms>> gates;                // [gate][unit]
  std::vector<float> h_before, h_after, c_before, c_after;  // [unit]; c: LSTM only
  // GRU candidate only: W_h h_t-1 + b_h before r multiplies it, and its two parts.
  std::vector<float> candidate_recurrent, candidate_bias_input, candidate_bias_recurrent;

  float change(int unit) const {
    const auto i = static_cast<std::size_t>(unit);
    return h_after[i] - h_before[i];
  }
};
StepView step_view(const rnn::Layer& layer, const rnn::LayerTrace& trace, const rnn::StepTerms& terms);

// The cell with nothing read yet: every number zero. For its equations without numbers.
StepView blank_step(const rnn::Layer& layer);

int most_changed(const StepView& step);  // unit with the largest |h_t - h_t-1|
std::vector<int> unit_order(const StepView& step, bool by_change);

// One line of the cell: markup of equation.h, and the same line in numbers for one unit ("= σ(+0.1 −0.2) =
// 0.5").
struct EquationLine {
  std::string markup;
  std::string numbers;
  int gate = -1;  // which gate this line computes; -1: c or h
};
std::vector<EquationLine> equation_lines(const StepView& step, int unit);

// Every number of one unit, in the order of the computation, for the full list.
struct DetailLine {
  std::string markup;
  float value = 0;
  bool result = false;  // a gate or a state rather than a term of a sum
};
std::vector<DetailLine> detail_lines(const StepView& step, int unit);

// Headers of the four term columns for a gate.
struct TermNames {
  std::string input, recurrent, bias, sum, value;
};
TermNames term_names(const StepView& step, int gate);

std::string fixed4(float v);  // "+0.1235", "−0.1235"; typographic minus
std::string exact(float v);   // "%.9g": identifies the float

}  // namespace ribostep::ui
