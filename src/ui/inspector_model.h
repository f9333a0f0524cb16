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

// input + recurrent + bias = sum, up to float rounding; normalised = LN(sum); normalised or sum + peephole =
// total; value = sigmoid, tanh or ReLU of total. A GRU's candidate: recurrent is r times what W_h gives, and
// with layer normalisation each part is normalised by itself: input + bias = sum, normalised + recurrent =
// total.
struct GateTerms {
  float input = 0;       // W_x x_t
  float recurrent = 0;   // W_h h_t-1; for a GRU's candidate already times r
  float bias = 0;        // b_x + b_h; for a GRU's candidate b_x + r b_h, normalised: b_x
  float sum = 0;         // before normalisation and peepholes
  float normalised = 0;  // with layer normalisation
  float peephole = 0;    // p c
  float total = 0;       // what the nonlinearity is applied to
  float value = 0;
};

struct StepView {
  rnn::CellKind cell = rnn::CellKind::Lstm;
  int units = 0, gate_count = 0, t = 0;
  bool reverse = false;                        // fed from the right
  int dilation = 1;                            // by the step so many away
  bool peepholes = false, normalised = false;  // layer normalisation
  bool first = false;                          // fed by the initial state
  bool general = false;                        // no step in particular: the equations of the cell
  std::vector<std::vector<GateTerms>> gates;   // [gate][unit]
  std::vector<float> h_before, h_after, c_before, c_after;  // [unit]; c: LSTMs only
  // GRU candidate only: W_h h_t-1 and b_h before r multiplies them, b_x, and with layer normalisation what it
  // makes of W_h h_t-1 + b_h.
  std::vector<float> candidate_recurrent, candidate_bias_input, candidate_bias_recurrent;
  std::vector<float> candidate_normalised;

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

// Subscript of what feeds the step: "{t-1}", "{t+1}", "{t-4}", "0" for the initial state.
std::string before_subscript(const StepView& step);

// Which number of the step something on screen is: "h_{t-1}", "f_t", "c_t". None: a part of a gate's sum
// belongs to the gate.
struct NumberRef {
  enum class Kind : unsigned char { None, HBefore, CBefore, Gate, C, H };
  Kind kind = Kind::None;
  int gate = -1;
  bool operator==(const NumberRef&) const = default;
};

// One line of the cell: markup of equation.h, and the same line in numbers for one unit ("= σ(+0.1 −0.2) =
// 0.5").
struct EquationLine {
  std::string markup;
  std::string numbers;
  int gate = -1;  // which gate this line computes; -1: c or h
  NumberRef number{};
};
std::vector<EquationLine> equation_lines(const StepView& step, int unit);
// What a symbol of these equations stands for, beyond the usual: markup, one line each.
std::vector<std::string> equation_notes(const StepView& step);

// Every number of one unit, in the order of the computation, for the full list.
struct DetailLine {
  std::string markup;
  float value = 0;
  bool result = false;  // a gate or a state rather than a term of a sum
  NumberRef number{};   // of a term: the gate
};
std::vector<DetailLine> detail_lines(const StepView& step, int unit);

// The columns of the table for one gate: terms that share one scale, then the value.
struct TermColumn {
  std::string title;  // markup
  float GateTerms::*term;
};
std::vector<TermColumn> term_columns(const StepView& step, int gate);

std::string fixed4(float v);                    // "+0.1235", "−0.1235"; typographic minus
std::string fixed_signed(float v, int digits);  // the same with other digits
std::string exact(float v);                     // "%.9g": identifies the float

}  // namespace ribostep::ui
