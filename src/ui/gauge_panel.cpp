// How long the unit that the inspector shows remembers, going back from the cursor: the product of the gates
// it passed, when it falls under a half, what a long memory would need, and the untrained twin beside it.
#include <algorithm>
#include <cmath>
#include <cstdarg>
#include <cstdio>
#include <string>

#include "rnn/half_life.h"
#include "session/origins.h"
#include "ui/debug_panels.h"
#include "ui/format.h"
#include "ui/inspector_model.h"
#include "ui/inspector_table.h"
#include "ui/plot.h"
#include "ui/readout.h"
#include "ui/widgets.h"

namespace ribostep::ui {
namespace {

using rnn::DirectPath;

constexpr int kMostBack = 16'384;  // steps
constexpr int kMostPoints = 400;   // of a curve
constexpr double kFloor = 1e-9;    // of the plot
constexpr float kPlotHeight = 128;
constexpr const char* kTitle = "How long does this unit remember?";

struct Here {
  Panel& p;
  UiState& ui;
  const rnn::Layer& layer;
  const rnn::LayerTrace& trace;
  int unit, step;
  int per_step;  // positions that one step back goes
  float width;

  double positions(double steps) const { return steps * per_step; }
  std::string gate() const { return rnn::is_lstm(layer.cell) ? "f" : "z"; }
  const char* gate_name() const { return rnn::is_lstm(layer.cell) ? "forget gate f" : "update gate z"; }
};

std::string counted(double positions) {
  const auto n = static_cast<std::int64_t>(std::llround(positions));
  return thousands(n) + (n == 1 ? " position" : " positions");
}
// Near 1 the digits that count are those of what is missing.
std::string share(double gate) {
  char text[40];
  std::snprintf(text, sizeof text, 1 - gate < 1e-3 && gate < 1 ? "%.7f" : "%.4f", gate);
  return text;
}

GaugeState::Curve curve(const rnn::Layer& layer, const rnn::LayerTrace& trace, int unit, int step) {
  GaugeState::Curve made;
  made.path = rnn::direct_path(layer, trace, unit, step, kMostBack);
  int last = 0;
  while (last < made.path.steps() && made.path.kept[static_cast<std::size_t>(last)] > kFloor) ++last;
  const int stride = std::max(1, (last + kMostPoints - 1) / kMostPoints);
  for (int d = 0; d < last; d += stride) made.at.push_back(d);
  made.at.push_back(last);
  return made;
}

void refresh(const Here& here) {
  GaugeState& g = here.ui.origin.gauge;
  session::Session& session = here.p.session;
  const int index = here.ui.inspector.layer;
  const std::uint64_t serial = session.trace_serial(), twin = session.origins().twin_serial();
  if (g.layer == index && g.unit == here.unit && g.step == here.step && g.trace == serial &&
      g.twin_trace == twin)
    return;
  g.layer = index;
  g.unit = here.unit;
  g.step = here.step;
  g.trace = serial;
  g.twin_trace = twin;
  g.own = curve(here.layer, here.trace, here.unit, here.step);
  g.twin = {};
  const rnn::Trace* other = session.origins().twin();
  if (!other || static_cast<std::size_t>(index) >= other->layers.size()) return;
  const rnn::LayerTrace& same = other->layers[static_cast<std::size_t>(index)];
  if (same.steps == here.trace.steps && same.hidden == here.trace.hidden)
    g.twin = curve(here.layer, same, here.unit, here.step);
}

// Numbers in it stay whole.
void lines(const Here& here, const char* format, ...) IM_FMTARGS(2);
void lines(const Here& here, const char* format, ...) {
  char words[512];
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(words, sizeof words, format, arguments);
  va_end(arguments);
  ImGui::TextUnformatted(broken_at_spaces(ImGui::GetFont(), words, here.width).c_str());
}

// "is gone after 41 positions"; "still there where the sequence begins".
std::string half_words(const Here& here, const DirectPath& path) {
  if (path.half >= 0) return "is gone after " + counted(here.positions(path.half));
  const std::string left = share(path.kept.back());
  if (path.to_start)
    return "is still there after all " + counted(here.positions(path.steps())) + " read so far (" + left +
           " of it)";
  return "is still there after " + counted(here.positions(path.steps())) + " (" + left + " of it)";
}

void own_words(const Here& here) {
  const GaugeState& g = here.ui.origin.gauge;
  {
    const FontScope bold(here.p.fonts.bold);
    const std::string half = (g.own.path.half >= 0 ? "Half" : "More than half");
    lines(here, "%s of what unit %d remembers %s.", half.c_str(), here.unit,
          half_words(here, g.own.path).c_str());
  }
  const FontScope small(here.p.fonts.small);
  const double now =
      static_cast<double>(here.trace.gate(here.step, rnn::keeping_gate(here.layer.cell), here.unit));
  lines(here, "Its %s is %s here, and %s on average over the last %s.", here.gate_name(), share(now).c_str(),
        share(g.own.path.mean_gate).c_str(), counted(here.positions(g.own.path.steps())).c_str());
  if (g.twin.path.steps() > 0) {
    const bool gone = g.twin.path.half >= 0;
    lines(here, "In the untrained twin %s %s; %s %s on average.", gone ? "half" : "more than half",
          half_words(here, g.twin.path).c_str(), here.gate().c_str(), share(g.twin.path.mean_gate).c_str());
    return;
  }
  const std::string why = here.p.session.origins().twin_obstacle();
  dim_wrapped(here.p, why.empty() ? "The untrained twin is being read …"
                                  : "No untrained twin beside it: " + why + ".");
}

void truncation_words(const Here& here) {
  const int cut = here.layer.wiring.cut;
  if (cut <= 0) return;
  int back = 1;  // steps up to the last wall
  int t = here.step;
  while (t >= 0 && back <= cut && !here.layer.wiring.is_cut(t)) {
    t = here.layer.wiring.predecessor(here.trace.steps, t);
    ++back;
  }
  const FontScope small(here.p.fonts.small);
  const std::string every =
      "Training cuts the gradient every " + counted(static_cast<double>(cut) * here.trace.letters_per_step);
  if (t < 0)
    lines(here, "%s; from here it still reaches the start.", every.c_str());
  else
    lines(
        here,
        "%s: from here it reaches back over %s, and what lies behind that wall was never learned to be kept.",
        every.c_str(), counted(here.positions(back)).c_str());
}

// The gate and the bias that the wanted half-life takes.
void wanted(const Here& here) {
  GaugeState& g = here.ui.origin.gauge;
  row(here.p, "Half-life", "Positions after which half is still to be there");
  whole_number(here.p, "##wanted half-life", g.wanted, 1, 10'000'000);
  const double steps = std::max(1.0, g.wanted / static_cast<double>(here.per_step));
  const double need = rnn::gate_for_half_life(steps);
  const session::Session& session = here.p.session;
  const int index = rnn::keeping_gate(here.layer.cell) * here.layer.hidden + here.unit;
  const auto weights = session.weights();
  std::string own;
  if (!weights.empty()) {
    const double bias = static_cast<double>(rnn::view(session.network(), weights, here.layer.b_x)(index)) +
                        static_cast<double>(rnn::view(session.network(), weights, here.layer.b_h)(index));
    own = " (this unit's is " + fixed_signed(static_cast<float>(bias), 2) + ")";
  }
  char text[40];
  std::snprintf(text, sizeof text, "%.9f", need);
  const FontScope small(here.p.fonts.small);
  lines(here, "%s would have to be %s at every step: a bias of %s if nothing else is in the sum%s.",
        here.gate().c_str(), text,
        fixed_signed(static_cast<float>(rnn::bias_for_half_life(steps)), 2).c_str(), own.c_str());
  lines(here, "%s = 0.999 keeps %s of it over %s.", here.gate().c_str(),
        from_log10(rnn::log10_kept(0.999, steps)).c_str(), counted(here.positions(steps)).c_str());
}

void draw_curve(const Here& here, const PlotFrame& frame, const GaugeState::Curve& curve, ImU32 colour,
                LineStyle style) {
  plot_series(
      frame, curve.at.size(), [&](std::size_t i) { return here.positions(curve.at[i]); },
      [&](std::size_t i) {
        return static_cast<float>(std::max(curve.path.kept[static_cast<std::size_t>(curve.at[i])], kFloor));
      },
      colour, style, 1.8f);
}

void plot(const Here& here) {
  const GaugeState& g = here.ui.origin.gauge;
  const Theme& t = here.p.theme;
  double far = 1;
  for (const GaugeState::Curve* each : {&g.own, &g.twin})
    if (!each->at.empty()) far = std::max(far, here.positions(each->at.back()));
  PlotFrame frame;
  frame.x_max = far;
  frame.y_min = kFloor;
  frame.y_max = 1;
  frame.log_y = true;
  begin_plot(here.p, frame, {"share of the memory that is left", "positions back"},
             ImVec2(here.width, kPlotHeight));
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  draw.AddLine(ImVec2(frame.low.x, frame.y(0.5)), ImVec2(frame.high.x, frame.y(0.5)), t.grid, 1.5f);
  draw_curve(here, frame, g.twin, t.text_dim, LineStyle::Dashed);
  draw_curve(here, frame, g.own, t.accent, LineStyle::Solid);
  if (g.own.path.half > 0) {
    const float x = frame.x(here.positions(g.own.path.half));
    draw.AddCircleFilled(ImVec2(x, frame.y(g.own.path.kept[static_cast<std::size_t>(g.own.path.half)])), 3.5f,
                         t.accent);
  }
  legend(here.p, "this network", t.accent, LineStyle::Solid, 1.8f);
  if (!g.twin.at.empty()) legend(here.p, "untrained twin", t.text_dim, LineStyle::Dashed, 1.8f);
  ImGui::NewLine();
  if (!plot_hovered(frame)) return;
  const double asked = std::round(frame.value_at(ImGui::GetIO().MousePos.x) / here.per_step);
  const auto value = [&](const GaugeState::Curve& curve) {
    const auto d = static_cast<std::size_t>(std::clamp(asked, 0.0, static_cast<double>(curve.path.steps())));
    return static_cast<double>(d) < asked ? std::string("not read")
                                          : from_log10(std::log10(curve.path.kept[d]));
  };
  draw.AddLine(ImVec2(frame.x(here.positions(asked)), frame.low.y),
               ImVec2(frame.x(here.positions(asked)), frame.high.y), t.cursor);
  std::string words = counted(here.positions(asked)) + " back: " + value(g.own) + " is left";
  if (!g.twin.at.empty()) words += "\nuntrained twin: " + value(g.twin);
  if (!ImGui::BeginTooltip()) return;
  text(words);
  ImGui::EndTooltip();
}

// Without gates there is no direct path: what a change of the state grows or dies by is its Jacobian.
void elman(const Here& here) {
  session::Session& session = here.p.session;
  dim_wrapped(here.p,
              "An Elman unit has no gate that keeps: all of its state goes through W_h at every step.");
  const rnn::Sensitivity* found = session.sensitivity();
  if (!found) {
    if (const std::string why = session.sensitivity_obstacle(); !why.empty()) return dim_wrapped(here.p, why);
    if (here.ui.tracks.folded.count(kGradients) == 0)
      return dim_wrapped(here.p, "The Jacobians are being computed …");
    // They are computed while their tracks are on show.
    if (button("Compute the Jacobians")) here.ui.tracks.folded.erase(kGradients);
    return;
  }
  if (found->step_sigma.empty()) return dim_wrapped(here.p, found->jacobian_note);
  const int step = std::min((session.position() - 1) / std::max(1, found->letters_per_step),
                            static_cast<int>(found->step_sigma.size()) - 1);
  const int half = rnn::half_by_bound(found->step_sigma, step);
  {
    const FontScope bold(here.p.fonts.bold);
    if (half > 0)
      lines(here, "Half of any change of the state is gone after at most %s.",
            counted(static_cast<double>(half) * found->letters_per_step).c_str());
    else
      lines(here, "No half-life is certain: a change of the state may live on up to here.");
  }
  const FontScope small(here.p.fonts.small);
  lines(here, "The largest singular value of this step's Jacobian is %s; of all %s up to here together %s.",
        from_log10(found->step_sigma[static_cast<std::size_t>(step)]).c_str(),
        counted(static_cast<double>(step + 1) * found->letters_per_step).c_str(),
        from_log10(found->product_sigma[static_cast<std::size_t>(step)]).c_str());
  if (!found->jacobian_note.empty()) dim_wrapped(here.p, found->jacobian_note);
}

}  // namespace

void draw_gauge_section(Panel& p, UiState& ui, float width) {
  session::Session& session = p.session;
  if (!session.has_data() || session.length() == 0) return session.origins().want_twin(false);
  ImGui::PushID("gauge");
  const bool open = section(p, kTitle, true);
  const int position = session.position();
  const rnn::Trace* trace = session.trace();
  const auto index = static_cast<std::size_t>(std::max(0, ui.inspector.layer));
  const bool there = trace && index < trace->layers.size() && index < session.network().layers.size() &&
                     trace->layers[index].steps > 0 && position <= trace->length;
  const bool gated = rnn::keeping_gate(session.network().spec.cell) >= 0;
  session.origins().want_twin(open && there && gated && session.trained());
  if (open && !there)
    dim_wrapped(p, "The states of this sequence are not there yet.");
  else if (open && position == 0)
    dim_wrapped(p, "Nothing is read yet: step forward.");
  else if (open) {
    const rnn::Layer& layer = session.network().layers[index];
    const rnn::LayerTrace& states = trace->layers[index];
    const std::shared_ptr<const StepView> step = ui.inspector.step;
    int unit = ui.inspector.unit;
    if (unit < 0) unit = step && step->units == states.hidden ? most_changed(*step) : 0;
    unit = std::min(unit, states.hidden - 1);
    const Here here{p,
                    ui,
                    layer,
                    states,
                    unit,
                    states.step_of(position - 1),
                    states.letters_per_step * layer.wiring.dilation,
                    width};
    if (!gated) {
      elman(here);
    } else {
      refresh(here);
      own_words(here);
      plot(here);
      truncation_words(here);
      wanted(here);
    }
  }
  ImGui::PopID();
}

}  // namespace ribostep::ui
