// The inspector: terms of every cell that add up, equations in words, and whose step it shows.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "track_screen.h"

using namespace ribostep;
using tests::Screen;

TEST_CASE("inspector: terms add up to what each gate was made from, and the equations give the state") {
  for (int c = 0; c < rnn::kCount<rnn::CellKind>; ++c) {
    const auto cell = static_cast<rnn::CellKind>(c);
    for (const bool normal : {false, true})
      for (const bool peep : {false, true}) {
        if (peep && !rnn::is_lstm(cell)) continue;
        Screen screen(cell);
        screen.change([&](rnn::ModelSpec& spec) {
          spec.peepholes = peep;
          spec.layer_norm = normal;
        });
        screen.session().train_once();  // peepholes start at 0
        screen.fixture.worker.settle();
        screen.session().go_to(12);
        const rnn::Trace& trace = *screen.session().trace();
        const ui::StepView step = screen.step(0);
        CHECK(step.normalised == normal);
        for (int unit = 0; unit < step.units; ++unit) {
          const auto u = static_cast<std::size_t>(unit);
          for (int gate = 0; gate < step.gate_count; ++gate) {
            const ui::GateTerms& g = step.gates[static_cast<std::size_t>(gate)][u];
            const bool apart = cell == rnn::CellKind::Gru && gate == 2;
            // Floats added in another order than the kernel's: a few units in the last place of values
            // near 1.
            const float parts = apart && normal ? g.input + g.bias : g.input + g.recurrent + g.bias;
            CHECK(std::fabs(parts - g.sum) < 1e-5);
            float total = normal ? g.normalised : g.sum;
            if (apart && normal) total += g.recurrent;
            if (peep) total += g.peephole;
            CHECK(std::fabs(total - g.total) < 1e-5);
            const rnn::Gate& kind = rnn::gates(cell)[static_cast<std::size_t>(gate)];
            if (kind.symbol[0] == 'g') CHECK(g.peephole == 0);
            const auto a = static_cast<double>(g.total);
            const double value = kind.squashed_to_01                ? 1 / (1 + std::exp(-a))
                                 : cell == rnn::CellKind::ElmanRelu ? std::max(0.0, a)
                                                                    : std::tanh(a);
            // Against libm: the project's own functions are good to about 1e-7.
            CHECK(std::fabs(static_cast<double>(g.value) - value) < 1e-6);
          }
          CHECK(step.h_after[u] == trace.layers[0].h(11, unit));
          CHECK(step.h_before[u] == trace.layers[0].h(10, unit));
          const std::vector<ui::DetailLine> detail = ui::detail_lines(step, unit);
          // What is printed is the float itself.
          CHECK(detail.back().markup == "h_t");
          CHECK(std::strtof(ui::exact(detail.back().value).c_str(), nullptr) == trace.layers[0].h(11, unit));
          if (!rnn::is_lstm(cell)) continue;
          const auto value = [&](char symbol) {
            const auto gate = static_cast<std::size_t>(rnn::gate_index(cell, symbol));
            return static_cast<double>(step.gates[gate][u].value);
          };
          const double i = rnn::coupled(cell) ? 1 - value('f') : value('i');
          const double memory = value('f') * static_cast<double>(step.c_before[u]) + i * value('g');
          CHECK(std::fabs(static_cast<double>(step.c_after[u]) - memory) < 1e-6);
        }
        CHECK(ui::unit_order(step, true).front() == ui::most_changed(step));
        CHECK(ui::unit_order(step, false) == std::vector<int>{0, 1, 2, 3, 4, 5});
      }
  }
}

namespace {

std::vector<std::string> markup(const ui::StepView& step) {
  std::vector<std::string> lines;
  for (const ui::EquationLine& line : ui::equation_lines(step, 0)) lines.push_back(line.markup);
  return lines;
}
using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("inspector: equations in words") {
  Screen screen(rnn::CellKind::Gru);
  screen.session().go_to(2);
  ui::StepView step = screen.step(0);
  std::vector<ui::EquationLine> lines = ui::equation_lines(step, 0);
  REQUIRE(lines.size() == 4);
  CHECK(lines[2].markup == "n_t = tanh(W_{xn} x_t + b_{xn} + r_t \\odot (W_{hn} h_{t-1} + b_{hn}))");
  CHECK(lines[3].markup == "h_t = (1 - z_t) \\odot n_t + z_t \\odot h_{t-1}");
  CHECK(lines[3].gate == -1);
  step.reverse = true;
  CHECK(ui::equation_lines(step, 0)[0].markup == "r_t = \\sigma(W_{xr} x_t + W_{hr} h_{t+1} + b_{r})");
  CHECK(ui::fixed4(-0.12345f) == "−0.1235");
  CHECK(ui::fixed4(0.5f) == "+0.5000");
  CHECK(ui::exact(0.1f) == "0.100000001");
}

TEST_CASE("inspector: equations of coupled and bounded gates, peepholes, normalisation and dilation") {
  Screen screen;
  const auto lines_of = [&](rnn::CellKind cell, bool peep, bool normal, int dilation, int position) {
    screen.change([&](rnn::ModelSpec& spec) {
      spec.cell = cell;
      spec.peepholes = peep;
      spec.layer_norm = normal;
      spec.dilations = {dilation};
    });
    screen.session().go_to(position);
    return markup(screen.step(0));
  };
  CHECK(lines_of(rnn::CellKind::LstmCoupled, false, false, 1, 9) ==
        Lines{"f_t = \\sigma(W_{xf} x_t + W_{hf} h_{t-1} + b_{f})", "i_t = 1 - f_t",
              "g_t = tanh(W_{xg} x_t + W_{hg} h_{t-1} + b_{g})",
              "o_t = \\sigma(W_{xo} x_t + W_{ho} h_{t-1} + b_{o})",
              "c_t = f_t \\odot c_{t-1} + (1 - f_t) \\odot g_t", "h_t = o_t \\odot tanh(c_t)"});
  CHECK(lines_of(rnn::CellKind::LstmBounded, false, false, 1, 9)[2] ==
        "g_t = \\sigma(W_{xg} x_t + W_{hg} h_{t-1} + b_{g})");
  // An o that peeps at c_t is computed after it.
  CHECK(lines_of(rnn::CellKind::Lstm, true, false, 4, 9) ==
        Lines{"i_t = \\sigma(W_{xi} x_t + W_{hi} h_{t-4} + b_{i} + p_i \\odot c_{t-4})",
              "f_t = \\sigma(W_{xf} x_t + W_{hf} h_{t-4} + b_{f} + p_f \\odot c_{t-4})",
              "g_t = tanh(W_{xg} x_t + W_{hg} h_{t-4} + b_{g})", "c_t = f_t \\odot c_{t-4} + i_t \\odot g_t",
              "o_t = \\sigma(W_{xo} x_t + W_{ho} h_{t-4} + b_{o} + p_o \\odot c_t)",
              "h_t = o_t \\odot tanh(c_t)"});
  // The first steps of a dilated layer are fed by h_0.
  CHECK(lines_of(rnn::CellKind::Lstm, false, true, 4, 4)[1] ==
        "f_t = \\sigma(LN(W_{xf} x_t + W_{hf} h_0 + b_{f}))");
  CHECK(lines_of(rnn::CellKind::Gru, false, true, 1, 9)[2] ==
        "n_t = tanh(LN(W_{xn} x_t + b_{xn}) + r_t \\odot LN(W_{hn} h_{t-1} + b_{hn}))");
  CHECK(lines_of(rnn::CellKind::ElmanTanh, false, true, 1, 9)[0] ==
        "h_t = tanh(LN(W_x x_t + W_h h_{t-1} + b))");
  // The table has a column for each term; they share the row.
  screen.change([&](rnn::ModelSpec& spec) {
    spec.cell = rnn::CellKind::Lstm;
    spec.peepholes = true;
  });
  screen.session().go_to(9);
  Lines titles;
  for (const ui::TermColumn& column : ui::term_columns(screen.step(0), 0)) titles.push_back(column.title);
  CHECK(titles == Lines{"W_{xi} x_t", "W_{hi} h_{t-1}", "b_{i}", "sum", "LN", "p_i \\odot c_{t-1}", "i_t"});
  titles.clear();
  for (const ui::TermColumn& column : ui::term_columns(screen.step(0), 2)) titles.push_back(column.title);
  CHECK(titles == Lines{"W_{xg} x_t", "W_{hg} h_{t-1}", "b_{g}", "sum", "LN", "g_t"});
}

TEST_CASE("inspector: the numbers beside an equation are those of the step") {
  Screen screen(rnn::CellKind::LstmCoupled);
  screen.session().go_to(9);
  const ui::StepView step = screen.step(0);
  const float f = step.gates[0][2].value;
  char text[80];
  std::snprintf(text, sizeof text, "= 1 − %.4f = %.4f", static_cast<double>(f), static_cast<double>(1 - f));
  CHECK(ui::equation_lines(step, 2)[1].numbers == text);
}

TEST_CASE("inspector: starts at the layer that is read out, and a pressed track turns it to its layer") {
  Screen screen;
  rnn::ModelSpec spec = screen.session().network().spec;
  spec.layers = 2;
  screen.session().set_model(spec);
  screen.fixture.worker.settle();
  screen.frames(3);
  CHECK(screen.state.inspector.layer == 1);
  const float y = screen.y_where([](const ui::Hover& h) { return h.layer == 0 && h.gate == 1; });
  REQUIRE(y > 0);
  screen.click(screen.x_of(9), y);
  CHECK(screen.state.inspector.layer == 0);
  CHECK(screen.state.inspector.gate == 1);
  CHECK(screen.session().position() == 9);
}
