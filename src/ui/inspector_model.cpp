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

std::string printed(const char* format, float v) {
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), format, static_cast<double>(v));
  std::string result(text.data());
  if (const std::size_t minus = result.find('-'); minus == 0) result.replace(0, 1, "−");
  return result;
}

std::string plain4(float v) { return printed("%.4f", v); }
// As the second factor of a product: a negative one stands in brackets.
std::string factor4(float v) { return v < 0 ? "(" + plain4(v) + ")" : plain4(v); }

std::string before(const StepView& step) { return step.reverse ? "{t+1}" : "{t-1}"; }

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
  return weight(step, "h", gate) + " h_" + before(step);
}

EquationLine gate_line(const StepView& step, int gate, int unit) {
  const GateTerms& terms = step.gates[at(gate)][at(unit)];
  const std::string symbol = step.gate_count == 1 ? "h" : letter(step, gate);
  EquationLine line;
  line.gate = gate;
  if (candidate_apart(step.cell, gate)) {
    line.markup = symbol + "_t = tanh(" + input(step, gate) + " + " + bias(step, gate, "x") +
                  " + r_t \\odot (" + recurrent(step, gate) + " + " + bias(step, gate, "h") + "))";
    const float reset = step.gates[kGruReset][at(unit)].value;
    const float outside = terms.input + step.candidate_bias_input[at(unit)];
    const float inside = step.candidate_recurrent[at(unit)] + step.candidate_bias_recurrent[at(unit)];
    line.numbers = "= tanh(" + fixed4(outside) + " + " + plain4(reset) + "·" + factor4(inside) +
                   ") = " + plain4(terms.value);
  } else {
    line.markup = symbol + "_t = " + function(step, gate) + "(" + input(step, gate) + " + " +
                  recurrent(step, gate) + " + " + bias(step, gate) + ")";
    line.numbers = "= " + function_text(step, gate) + "(" + fixed4(terms.input) + " " +
                   fixed4(terms.recurrent) + " " + fixed4(terms.bias) + ") = " + plain4(terms.value);
  }
  return line;
}

}  // namespace

std::string fixed4(float v) { return printed("%+.4f", v); }

std::string exact(float v) {
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%.9g", static_cast<double>(v));
  return text.data();
}

StepView step_view(const rnn::Layer& layer, const rnn::LayerTrace& trace, const rnn::StepTerms& terms) {
  StepView step;
  step.cell = layer.cell;
  step.units = layer.hidden;
  step.gate_count = trace.gate_count;
  step.t = terms.t;
  step.reverse = layer.wiring == rnn::Wiring::Reverse;
  step.first = terms.predecessor < 0;
  step.h_before = terms.h_previous;
  step.c_before = terms.c_previous;
  for (int unit = 0; unit < step.units; ++unit) {
    step.h_after.push_back(trace.h(terms.t, unit));
    if (rnn::has_cell_state(layer.cell)) step.c_after.push_back(trace.c(terms.t, unit));
  }
  for (int gate = 0; gate < step.gate_count; ++gate) {
    std::vector<GateTerms> row(at(step.units));
    for (int unit = 0; unit < step.units; ++unit) {
      const std::size_t i = at(gate * step.units + unit);
      GateTerms& g = row[at(unit)];
      g = {terms.input_term[i], terms.recurrent_term[i], terms.bias_input[i] + terms.bias_recurrent[i],
           terms.pre_activation[i], trace.gate(terms.t, gate, unit)};
      if (!candidate_apart(layer.cell, gate)) continue;
      const float reset = trace.gate(terms.t, kGruReset, unit);
      g.recurrent *= reset;
      g.bias = terms.bias_input[i] + reset * terms.bias_recurrent[i];
      step.candidate_recurrent.push_back(terms.recurrent_term[i]);
      step.candidate_bias_input.push_back(terms.bias_input[i]);
      step.candidate_bias_recurrent.push_back(terms.bias_recurrent[i]);
    }
    step.gates.push_back(std::move(row));
  }
  return step;
}

StepView blank_step(const rnn::Layer& layer) {
  StepView step;
  step.cell = layer.cell;
  step.units = layer.hidden;
  step.gate_count = static_cast<int>(rnn::gates(layer.cell).size());
  step.reverse = layer.wiring == rnn::Wiring::Reverse;
  step.first = true;
  const std::vector<float> zeros(at(layer.hidden), 0.0f);
  step.h_before = step.h_after = zeros;
  if (rnn::has_cell_state(layer.cell)) step.c_before = step.c_after = zeros;
  step.gates.assign(at(step.gate_count), std::vector<GateTerms>(at(layer.hidden)));
  step.candidate_recurrent = step.candidate_bias_input = step.candidate_bias_recurrent = zeros;
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
  std::vector<EquationLine> lines;
  for (int gate = 0; gate < step.gate_count; ++gate) lines.push_back(gate_line(step, gate, unit));
  const auto value = [&](int gate) { return step.gates[at(gate)][at(unit)].value; };
  const std::size_t u = at(unit);
  if (step.cell == CellKind::Lstm) {
    lines.push_back({"c_t = f_t \\odot c_" + before(step) + " + i_t \\odot g_t",
                     "= " + plain4(value(1)) + "·" + factor4(step.c_before[u]) + " + " + plain4(value(0)) +
                         "·" + factor4(value(2)) + " = " + plain4(step.c_after[u])});
    lines.push_back(
        {"h_t = o_t \\odot tanh(c_t)",
         "= " + plain4(value(3)) + "·tanh(" + plain4(step.c_after[u]) + ") = " + plain4(step.h_after[u])});
  } else if (step.cell == CellKind::Gru) {
    lines.push_back({"h_t = (1 - z_t) \\odot n_t + z_t \\odot h_" + before(step),
                     "= " + plain4(1 - value(kGruUpdate)) + "·" + factor4(value(kGruCandidate)) + " + " +
                         plain4(value(kGruUpdate)) + "·" + factor4(step.h_before[u]) + " = " +
                         plain4(step.h_after[u])});
  }
  return lines;
}

std::vector<DetailLine> detail_lines(const StepView& step, int unit) {
  std::vector<DetailLine> lines;
  const std::size_t u = at(unit);
  const std::string previous = before(step);
  lines.push_back({"h_" + previous, step.h_before[u], true});
  if (!step.c_before.empty()) lines.push_back({"c_" + previous, step.c_before[u], true});
  for (int gate = 0; gate < step.gate_count; ++gate) {
    const GateTerms& terms = step.gates[at(gate)][u];
    lines.push_back({input(step, gate), terms.input});
    if (candidate_apart(step.cell, gate)) {
      lines.push_back({bias(step, gate, "x"), step.candidate_bias_input[u]});
      lines.push_back({recurrent(step, gate), step.candidate_recurrent[u]});
      lines.push_back({bias(step, gate, "h"), step.candidate_bias_recurrent[u]});
    } else {
      lines.push_back({recurrent(step, gate), terms.recurrent});
      lines.push_back({bias(step, gate), terms.bias});
    }
    const std::string name = letter(step, gate);
    lines.push_back({name.empty() ? "sum a_t" : "sum a_{" + name + ",t}", terms.sum});
    if (!name.empty()) lines.push_back({name + "_t", terms.value, true});
  }
  if (!step.c_after.empty()) lines.push_back({"c_t", step.c_after[u], true});
  lines.push_back({"h_t", step.h_after[u], true});
  return lines;
}

TermNames term_names(const StepView& step, int gate) {
  const std::string name = letter(step, gate);
  TermNames names{input(step, gate), recurrent(step, gate), bias(step, gate), "sum",
                  name.empty() ? "h_t" : name + "_t"};
  if (candidate_apart(step.cell, gate)) names.recurrent = "r\\odot" + names.recurrent;
  return names;
}

}  // namespace ribostep::ui
