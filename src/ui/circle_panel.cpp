#include "ui/circle_panel.h"

#include <string>

#include "ui/format.h"
#include "ui/widgets.h"

namespace ribostep::ui {
namespace {

using session::JobKind;

std::string moved_by(const session::Turning& turning) {
  std::string text = "origin moved by " + counted(turning.shift, "letter", "letters");
  if (turning.position > 0) text += ", at position " + std::to_string(turning.position);
  return text;
}

void draw_change(Panel& p, const char* label, const session::Turning& turning) {
  row(p, label, "The largest change of the probability of any output, over all rotations that were tried");
  text(turning.largest_change > 0 ? significant(turning.largest_change, 3) : std::string("0"));
  if (turning.largest_change > 0) tip(p, "Largest for: " + moved_by(turning));
}

void draw_meter(Panel& p) {
  session::Session& s = p.session;
  if (s.job().kind == JobKind::Measuring) {
    if (button("Cancel", true, -FLT_MIN)) s.cancel_job();
    progress(p, s.job().progress, s.job().text);
    return;
  }
  const session::Equivariance found = s.equivariance();
  const std::string why = s.equivariance_obstacle();
  if (button(found.available ? "Compare rotations again###rotate" : "Compare rotations###rotate", why.empty(),
             -FLT_MIN))
    s.measure_equivariance();
  tip(p, why.empty()
             ? "Cuts the circle open elsewhere and predicts again: a network that knows no origin says "
               "the same every time"
             : "Not possible: " + why);
  if (!why.empty()) dim_wrapped(p, "Not possible: " + why + ".");
  if (!found.available) return;
  draw_change(p, "Change, now", found.now);
  draw_change(p, "Untrained", found.untrained);
  std::string facts = counted(found.rotations, "rotation", "rotations");
  if (!found.all) facts += ", evenly spread";
  if (found.step > 1) facts += ", by whole codons";
  if (found.per_position) facts += ", position by position";
  if (found.stale) facts += "; older than the weights";
  dim_wrapped(p, facts);
  if (found.now.unsettled > 0)
    severity_line(p, Severity::Warning,
                  "From " + counted(found.now.unsettled, "origin", "origins") + " of " +
                      thousands(found.rotations + 1) +
                      " the state had not settled: allow more passes in MODEL, or weaken the loop.");
}

}  // namespace

void draw_circle_section(Panel& p) {
  const session::Session& s = p.session;
  if (!s.has_data() || s.length() == 0) return;
  const bool model = s.project().model.circular != rnn::Circular::Linear;
  const bool data = s.data().circular(s.project().cursor.sequence);
  // Each kind of circle has a header of its own, so that what is open by itself is not what somebody closed.
  if (!section(p, model || data ? "Circle" : "Circle###no_circle", model || data)) return;
  if (const std::string report = s.circle_report(); !report.empty()) {
    const rnn::Trace* trace = s.trace();
    if (trace != nullptr && !trace->settled)
      severity_line(p, Severity::Warning, "The state at the origin " + report + ".");
    else
      dim_wrapped(p, model && s.project().model.circular == rnn::Circular::FixedPoint
                         ? "The state at the origin " + report + "."
                         : "This sequence is " + report + ".");
  } else if (data && !model) {
    dim_wrapped(p, "This sequence is a circle, and the network reads it as a line from its first letter on.");
  }
  if (const std::string unsettled = s.unsettled_words(); !unsettled.empty())
    severity_line(p, Severity::Warning, unsettled);
  draw_meter(p);
  ImGui::Dummy(ImVec2(0, 2));
}

}  // namespace ribostep::ui
