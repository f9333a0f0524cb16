// One plain sentence for one step: which unit moved most, which term pushed it that way and how much of the
// push it was, and what the gates kept. Every number in it is read off the trace and the terms of this step.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>

#include "session/state.h"

namespace ribostep::session {
namespace {

std::string fixed2(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", value);
  return text;
}
std::string percent(double share) {
  char text[32];
  std::snprintf(text, sizeof text, "%.0f %%", 100 * share);
  return text;
}

struct Push {
  std::string name;
  double value;
};

// The terms of one pre-activation: the letter, the bias, and each unit of the previous state by itself.
// `kept`: the share of the recurrent terms that the reset gate of a GRU lets through to its candidate.
std::vector<Push> pushes(const rnn::Network& net, const rnn::StepTerms& terms, std::span<const float> w_h,
                         int row, double kept = 1) {
  const auto r = static_cast<std::size_t>(row);
  const auto hidden = static_cast<std::size_t>(net.spec.hidden);
  std::vector<Push> list = {
      {net.layers[static_cast<std::size_t>(terms.layer)].level == 0 ? "W_x x (the letter)"
                                                                    : "W_x x (the layer below)",
       static_cast<double>(terms.input_term[r])},
      {"b", static_cast<double>(terms.bias_input[r]) + kept * static_cast<double>(terms.bias_recurrent[r])}};
  for (std::size_t j = 0; j < hidden; ++j)
    list.push_back({"W_h h_" + std::to_string(j), kept * static_cast<double>(w_h[r * hidden + j]) *
                                                      static_cast<double>(terms.h_previous[j])});
  return list;
}

// "mostly W_h h_1 (72 %)": the largest of the terms that push the way the unit went, with its share of their
// sum.
std::string main_push(const std::vector<Push>& list, bool up) {
  double sum = 0;
  const Push* largest = nullptr;
  for (const Push& p : list) {
    const double towards = up ? p.value : -p.value;
    if (towards <= 0) continue;
    sum += towards;
    if (!largest || towards > std::abs(largest->value)) largest = &p;
  }
  if (!largest) return "against all its terms";
  const double share = std::abs(largest->value) / sum;
  return share < 0.5 ? "by several terms" : "mostly " + largest->name + " (" + percent(share) + ")";
}

}  // namespace

std::string describe_step(const rnn::Network& net, const rnn::StepTerms& terms,
                          std::span<const float> parameters, const rnn::Trace& trace, char letter) {
  const rnn::LayerTrace& layer = trace.layers[static_cast<std::size_t>(terms.layer)];
  const rnn::CellKind cell = net.spec.cell;
  int unit = 0;
  double change = 0;
  for (int j = 0; j < net.spec.hidden; ++j) {
    const double d = static_cast<double>(layer.h(terms.t, j)) -
                     static_cast<double>(terms.h_previous[static_cast<std::size_t>(j)]);
    if (std::abs(d) > std::abs(change)) {
      change = d;
      unit = j;
    }
  }
  std::string text = std::string("read ") + letter + ": ";
  if (change == 0) return text + "no unit moved";
  const bool up = change > 0;
  text += "unit " + std::to_string(unit) + (up ? " rose " : " fell ") + fixed2(std::abs(change)) + ", ";

  const rnn::Tensor& w_h =
      net.tensors[static_cast<std::size_t>(net.layers[static_cast<std::size_t>(terms.layer)].w_h)];
  const std::span<const float> matrix = parameters.subspan(w_h.offset, w_h.size());
  const auto row_of = [&](int gate) { return gate * net.spec.hidden + unit; };
  const auto gate = [&](int g) { return static_cast<double>(layer.gate(terms.t, g, unit)); };
  switch (cell) {
    case rnn::CellKind::ElmanTanh:
    case rnn::CellKind::ElmanRelu:
      return text + main_push(pushes(net, terms, matrix, row_of(0)), up);
    case rnn::CellKind::Lstm: {
      // h = o tanh(c): say whether the memory or its opening moved it.
      const double before = static_cast<double>(terms.c_previous[static_cast<std::size_t>(unit)]);
      const double after = static_cast<double>(layer.c(terms.t, unit));
      const bool memory_up = after > before;
      text += (memory_up ? "its memory c rose " : "its memory c fell ") + fixed2(std::abs(after - before)) +
              "; the candidate g came " + main_push(pushes(net, terms, matrix, row_of(2)), gate(2) > 0);
      return text + "; the forget gate kept " + percent(gate(1)) + ", the input gate let in " +
             percent(gate(0));
    }
    case rnn::CellKind::Gru:
      text +=
          "the candidate n came " + main_push(pushes(net, terms, matrix, row_of(2), gate(0)), gate(2) > 0);
      return text + "; the update gate kept " + percent(gate(1)) + " of the old state";
  }
  return text;
}

}  // namespace ribostep::session
