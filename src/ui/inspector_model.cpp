// Assembling one step from its trace and terms, and putting the cell's equations into words and numbers.
#include "ui/inspector_model.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <numeric>

namespace ribostep::ui {
namespace {

using rnn::CellKind;

constexpr int kGruReset = 0, kGruUpdate = 1, kGruCandidate = 2;

bool candidate_apart(CellKind cell, int gate) { return cell == CellKind::Gru && gate == kGruCandidate; }

std::size_t at(int i) { return static_cast<std::size_t>(i); }

std::string typographic(std::string text) {
  if (const std::size_t minus = text.find('-'); minus == 0) text.replace(0, 1, "−");
  return text;
}
std::string printed(const char* format, int digits, float v) {
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), format, digits, static_cast<double>(v));
  return typographic(text.data());
}

std::string plain4(float v) { return printed("%.*f", 4, v); }
// As the second factor of a product: a negative one stands in brackets.
std::string factor4(float v) { return v < 0 ? "(" + plain4(v) + ")" : plain4(v); }

char symbol(const StepView& step, int gate) { return rnn::gates(step.cell)[at(gate)].symbol[0]; }
float value(const StepView& step, char gate, int unit) {
  return step.gates[at(rnn::gate_index(step.cell, gate))][at(unit)].value;
}

// Lower-case letter of the gate, as subscript of its weights; an Elman cell has only one, unnamed.
std::string letter(const StepView& step, int gate) {
  return step.gate_count == 1 ? std::string() : rnn::gates(step.cell)[at(gate)].symbol;
}

std::string weight(const StepView& step, const char* which, int gate) {
  const std::string name = letter(step, gate);
  return "W_" + (name.empty() ? std::string(which) : "{" + std::string(which) + name + "}");
}

std::string bias(const StepView& step, int gate, const char* which = "") {
  const std::string name = std::string(which) + letter(step, gate);
  return name.empty() ? "b" : "b_{" + name + "}";
}

std::string function(const StepView& step, int gate) {
  if (step.cell == CellKind::ElmanRelu) return "relu";
  return rnn::gates(step.cell)[at(gate)].squashed_to_01 ? "\\sigma" : "tanh";
}

std::string function_text(const StepView& step, int gate) {
  const std::string name = function(step, gate);
  return name == "\\sigma" ? "σ" : name;
}

std::string input(const StepView& step, int gate) { return weight(step, "x", gate) + " x_t"; }
std::string recurrent(const StepView& step, int gate) {
  return weight(step, "h", gate) + " h_" + before_subscript(step);
}

bool peeps(const StepView& step, int gate) { return step.peepholes && symbol(step, gate) != 'g'; }
// i and f look at the memory before the step, o at the one after it.
std::string peephole(const StepView& step, int gate) {
  const char name = symbol(step, gate);
  return std::string("p_") + name + " \\odot c_" + (name == 'o' ? std::string("t") : before_subscript(step));
}

std::string normalised(const StepView& step, const std::string& sum) {
  return step.normalised ? "LN(" + sum + ")" : sum;
}

NumberRef ref(NumberRef::Kind kind, int gate = -1) { return {kind, gate}; }
NumberRef ref_gate(int gate) { return {NumberRef::Kind::Gate, gate}; }

EquationLine candidate_line(const StepView& step, int gate, int unit) {
  const GateTerms& terms = step.gates[at(gate)][at(unit)];
  const float reset = step.gates[kGruReset][at(unit)].value;
  EquationLine line;
  line.gate = gate;
  line.number = ref_gate(gate);
  const std::string inner = recurrent(step, gate) + " + " + bias(step, gate, "h");
  line.markup = letter(step, gate) + "_t = tanh(" +
                normalised(step, input(step, gate) + " + " + bias(step, gate, "x")) + " + r_t \\odot " +
                (step.normalised ? "LN(" : "(") + inner + "))";
  const float inside = step.normalised
                           ? step.candidate_normalised[at(unit)]
                           : step.candidate_recurrent[at(unit)] + step.candidate_bias_recurrent[at(unit)];
  const float outside =
      step.normalised ? terms.normalised : terms.input + step.candidate_bias_input[at(unit)];
  line.numbers = "= tanh(" + fixed4(outside) + " + " + plain4(reset) + "·" + factor4(inside) +
                 ") = " + plain4(terms.value);
  return line;
}

EquationLine gate_line(const StepView& step, int gate, int unit) {
  if (candidate_apart(step.cell, gate)) return candidate_line(step, gate, unit);
  const GateTerms& terms = step.gates[at(gate)][at(unit)];
  const std::string name = step.gate_count == 1 ? "h" : letter(step, gate);
  EquationLine line;
  line.gate = gate;
  line.number = ref_gate(gate);
  line.markup =
      name + "_t = " + function(step, gate) + "(" +
      normalised(step, input(step, gate) + " + " + recurrent(step, gate) + " + " + bias(step, gate)) +
      (peeps(step, gate) ? " + " + peephole(step, gate) : std::string()) + ")";
  const std::string f = function_text(step, gate),
                    peep = peeps(step, gate) ? " " + fixed4(terms.peephole) : std::string();
  if (step.normalised)
    line.numbers = "= " + f + "(LN(" + fixed4(terms.sum) + ")" + peep + ") = " + f + "(" +
                   fixed4(terms.total) + ") = " + plain4(terms.value);
  else
    line.numbers = "= " + f + "(" + fixed4(terms.input) + " " + fixed4(terms.recurrent) + " " +
                   fixed4(terms.bias) + peep + ") = " + plain4(terms.value);
  return line;
}

EquationLine memory_line(const StepView& step, int unit) {
  const bool coupled = rnn::coupled(step.cell);
  const float f = value(step, 'f', unit), i = coupled ? 1 - f : value(step, 'i', unit);
  return {"c_t = f_t \\odot c_" + before_subscript(step) + " + " + (coupled ? "(1 - f_t)" : "i_t") +
              " \\odot g_t",
          "= " + plain4(f) + "·" + factor4(step.c_before[at(unit)]) + " + " + plain4(i) + "·" +
              factor4(value(step, 'g', unit)) + " = " + plain4(step.c_after[at(unit)]),
          -1, ref(NumberRef::Kind::C)};
}

// In the order in which they can be computed: an o that peeps needs c first.
std::vector<EquationLine> lstm_lines(const StepView& step, int unit) {
  std::vector<EquationLine> lines;
  for (int gate = 0; gate < step.gate_count; ++gate) {
    if (peeps(step, gate) && symbol(step, gate) == 'o') lines.push_back(memory_line(step, unit));
    lines.push_back(gate_line(step, gate, unit));
    if (rnn::coupled(step.cell) && symbol(step, gate) == 'f') {
      const float f = value(step, 'f', unit);
      lines.push_back({"i_t = 1 - f_t", "= 1 − " + plain4(f) + " = " + plain4(1 - f), gate, ref_gate(gate)});
    }
  }
  if (!step.peepholes) lines.push_back(memory_line(step, unit));
  lines.push_back({"h_t = o_t \\odot tanh(c_t)",
                   "= " + plain4(value(step, 'o', unit)) + "·tanh(" + plain4(step.c_after[at(unit)]) +
                       ") = " + plain4(step.h_after[at(unit)]),
                   -1, ref(NumberRef::Kind::H)});
  return lines;
}

}  // namespace

std::string fixed4(float v) { return fixed_signed(v, 4); }
std::string fixed_signed(float v, int digits) { return printed("%+.*f", digits, v); }

std::string before_subscript(const StepView& step) {
  if (step.first && !step.general) return "0";
  return (step.reverse ? "{t+" : "{t-") + std::to_string(step.dilation) + "}";
}

std::string exact(float v) {
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%.9g", static_cast<double>(v));
  return text.data();
}

StepView step_view(const rnn::Layer& layer, const rnn::LayerTrace& trace, const rnn::StepTerms& terms) {
  StepView step = blank_step(layer);
  step.t = terms.t;
  step.general = false;
  step.first = terms.predecessor < 0 && !terms.wraps;
  step.h_before = terms.h_previous;
  step.c_before = terms.c_previous;
  for (int unit = 0; unit < step.units; ++unit) {
    step.h_after[at(unit)] = trace.h(terms.t, unit);
    if (rnn::has_cell_state(layer.cell)) step.c_after[at(unit)] = trace.c(terms.t, unit);
  }
  for (int gate = 0; gate < step.gate_count; ++gate) {
    for (int unit = 0; unit < step.units; ++unit) {
      const std::size_t i = at(gate * step.units + unit);
      GateTerms& g = step.gates[at(gate)][at(unit)];
      g.input = terms.input_term[i];
      g.recurrent = terms.recurrent_term[i];
      g.bias = terms.bias_input[i] + terms.bias_recurrent[i];
      g.sum = terms.pre_activation[i];
      if (step.normalised) g.normalised = terms.normalised[i];
      if (step.peepholes) g.peephole = terms.peephole_term[i];
      g.total = terms.activated[i];
      g.value = trace.gate(terms.t, gate, unit);
      if (!candidate_apart(layer.cell, gate)) continue;
      const float reset = trace.gate(terms.t, kGruReset, unit);
      step.candidate_recurrent[at(unit)] = terms.recurrent_term[i];
      step.candidate_bias_input[at(unit)] = terms.bias_input[i];
      step.candidate_bias_recurrent[at(unit)] = terms.bias_recurrent[i];
      if (step.normalised) {
        const float second = terms.normalised[at(step.gate_count * step.units + unit)];
        step.candidate_normalised[at(unit)] = second;
        g.bias = terms.bias_input[i];
        g.sum = g.input + g.bias;
        g.recurrent = reset * second;
      } else {
        g.recurrent *= reset;
        g.bias = terms.bias_input[i] + reset * terms.bias_recurrent[i];
      }
    }
  }
  return step;
}

StepView blank_step(const rnn::Layer& layer) {
  StepView step;
  step.cell = layer.cell;
  step.units = layer.hidden;
  step.gate_count = static_cast<int>(rnn::gates(layer.cell).size());
  step.reverse = layer.wiring.reverse;
  step.dilation = layer.wiring.dilation;
  step.peepholes = layer.peepholes >= 0;
  step.normalised = layer.norm_gain >= 0;
  step.first = step.general = true;
  const std::vector<float> zeros(at(layer.hidden), 0.0f);
  step.h_before = step.h_after = zeros;
  if (rnn::has_cell_state(layer.cell)) step.c_before = step.c_after = zeros;
  step.gates.assign(at(step.gate_count), std::vector<GateTerms>(at(layer.hidden)));
  step.candidate_recurrent = step.candidate_bias_input = step.candidate_bias_recurrent = zeros;
  step.candidate_normalised = zeros;
  return step;
}

int most_changed(const StepView& step) {
  int most = 0;
  for (int unit = 1; unit < step.units; ++unit) {
    if (std::fabs(step.change(unit)) > std::fabs(step.change(most))) most = unit;
  }
  return most;
}

std::vector<int> unit_order(const StepView& step, bool by_change) {
  std::vector<int> order(at(step.units));
  std::iota(order.begin(), order.end(), 0);
  if (by_change) {
    std::stable_sort(order.begin(), order.end(),
                     [&](int a, int b) { return std::fabs(step.change(a)) > std::fabs(step.change(b)); });
  }
  return order;
}

std::vector<EquationLine> equation_lines(const StepView& step, int unit) {
  if (rnn::is_lstm(step.cell)) return lstm_lines(step, unit);
  std::vector<EquationLine> lines;
  for (int gate = 0; gate < step.gate_count; ++gate) lines.push_back(gate_line(step, gate, unit));
  if (step.cell == CellKind::Gru) {
    const float z = step.gates[kGruUpdate][at(unit)].value, n = step.gates[kGruCandidate][at(unit)].value;
    lines.push_back({"h_t = (1 - z_t) \\odot n_t + z_t \\odot h_" + before_subscript(step),
                     "= " + plain4(1 - z) + "·" + factor4(n) + " + " + plain4(z) + "·" +
                         factor4(step.h_before[at(unit)]) + " = " + plain4(step.h_after[at(unit)]),
                     -1, ref(NumberRef::Kind::H)});
  }
  return lines;
}

std::vector<std::string> equation_notes(const StepView& step) {
  std::vector<std::string> notes;
  if (step.normalised)
    notes.push_back(
        "LN: normalised over the units: their mean taken off, divided by their standard deviation, "
        "times a learned gain, plus a learned bias.");
  if (step.peepholes) notes.push_back("p: learned peephole weights, a number for each unit.");
  if (rnn::sigmoid_candidate(step.cell))
    notes.push_back(rnn::coupled(step.cell)
                        ? "c_t is a weighted mean of c_{t-1} and a number between 0 and 1."
                        : "The candidate g_t is between 0 and 1; c_t can still grow beyond, as f_t + i_t may "
                          "be more than 1.");
  if (step.dilation > 1)
    notes.push_back("Dilation " + std::to_string(step.dilation) + ": each step is fed by the one " +
                    std::to_string(step.dilation) + (step.reverse ? " after it." : " before it."));
  return notes;
}

namespace {

void candidate_details(const StepView& step, int gate, int unit, std::vector<DetailLine>& lines) {
  const std::size_t u = at(unit);
  const GateTerms& terms = step.gates[at(gate)][u];
  lines.push_back({bias(step, gate, "x"), step.candidate_bias_input[u]});
  if (step.normalised) lines.push_back({"LN of both", terms.normalised});
  lines.push_back({recurrent(step, gate), step.candidate_recurrent[u]});
  lines.push_back({bias(step, gate, "h"), step.candidate_bias_recurrent[u]});
  if (step.normalised) lines.push_back({"LN of both", step.candidate_normalised[u]});
}

}  // namespace

std::vector<DetailLine> detail_lines(const StepView& step, int unit) {
  std::vector<DetailLine> lines;
  const std::size_t u = at(unit);
  const std::string previous = before_subscript(step);
  lines.push_back({"h_" + previous, step.h_before[u], true, ref(NumberRef::Kind::HBefore)});
  if (!step.c_before.empty())
    lines.push_back({"c_" + previous, step.c_before[u], true, ref(NumberRef::Kind::CBefore)});
  for (int gate = 0; gate < step.gate_count; ++gate) {
    const GateTerms& terms = step.gates[at(gate)][u];
    const std::string name = letter(step, gate);
    const std::string sum = name.empty() ? "a_t" : "a_{" + name + ",t}";
    lines.push_back({input(step, gate), terms.input});
    if (candidate_apart(step.cell, gate)) {
      candidate_details(step, gate, unit, lines);
    } else {
      lines.push_back({recurrent(step, gate), terms.recurrent});
      lines.push_back({bias(step, gate), terms.bias});
      if (step.normalised) {
        lines.push_back({"sum", terms.sum});
        lines.push_back({"LN(sum)", terms.normalised});
      }
      if (peeps(step, gate)) lines.push_back({peephole(step, gate), terms.peephole});
    }
    lines.push_back({"sum " + sum, terms.total});
    if (!name.empty()) lines.push_back({name + "_t", terms.value, true});
    if (rnn::coupled(step.cell) && name == "f") lines.push_back({"i_t = 1 - f_t", 1 - terms.value, true});
    // A part of a gate's sum is told with the gate.
    for (DetailLine& line : lines)
      if (line.number.kind == NumberRef::Kind::None) line.number = ref_gate(gate);
  }
  if (!step.c_after.empty()) lines.push_back({"c_t", step.c_after[u], true, ref(NumberRef::Kind::C)});
  lines.push_back({"h_t", step.h_after[u], true, ref(NumberRef::Kind::H)});
  return lines;
}

std::vector<TermColumn> term_columns(const StepView& step, int gate) {
  const std::string name = letter(step, gate);
  const bool apart = candidate_apart(step.cell, gate), peep = peeps(step, gate);
  std::vector<TermColumn> columns = {{input(step, gate), &GateTerms::input}};
  const TermColumn fed{
      (apart ? "r\\odot" : "") + (apart && step.normalised ? "LN(h)" : recurrent(step, gate)),
      &GateTerms::recurrent};
  if (apart && step.normalised) {
    columns.push_back({bias(step, gate, "x"), &GateTerms::bias});
    columns.push_back({"LN", &GateTerms::normalised});
    columns.push_back(fed);
    columns.push_back({"sum", &GateTerms::total});
  } else {
    columns.push_back(fed);
    columns.push_back({bias(step, gate), &GateTerms::bias});
    if (step.normalised) {
      columns.push_back({"sum", &GateTerms::sum});
      columns.push_back({"LN", &GateTerms::normalised});
    }
    if (peep) columns.push_back({peephole(step, gate), &GateTerms::peephole});
    if (!step.normalised) columns.push_back({"sum", &GateTerms::total});
  }
  columns.push_back({name.empty() ? "h_t" : name + "_t", &GateTerms::value});
  return columns;
}

}  // namespace ribostep::ui
