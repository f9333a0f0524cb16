#include "ui/tracks/difference.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "session/step_words.h"

namespace ribostep::ui {
namespace {

constexpr float kDash = 4;  // pixels on, and off

}  // namespace

void DifferenceSource::read(int t, float* out) const {
  const int reference = compare_.reference_position(t + 1);
  const float* now = session::numbers_at(layer_, now_, what_, gate_, t + 1, length_);
  const float* then =
      reference < 0 ? nullptr : session::numbers_at(layer_, then_, what_, gate_, reference, length_then_);
  for (int u = 0; u < layer_.hidden; ++u) out[u] = now && then ? now[u] - then[u] : 0;
}

void hatch_gaps(const TrackContext& context, const Area& area) {
  const std::vector<session::Compare::Gap>& gaps = context.session.compare().gaps();
  const Axis& axis = context.axis;
  const double end = std::min<double>(axis.first + axis.span, axis.length);
  const auto behind = [&](double letter) {
    return std::lower_bound(gaps.begin(), gaps.end(), letter,
                            [](const session::Compare::Gap& gap, double at) { return gap.end <= at; });
  };
  const ImU32 fill = context.theme.panel_alt, line = faded(context.theme.text_dim, 0.35f);
  const float height = area.height();
  for (auto gap = behind(axis.first); gap != gaps.end() && gap->begin < end;) {
    const float x0 = std::max(area.min.x, axis.x_of(gap->begin)),
                x1 = std::max(x0 + 1, std::min(area.max.x, axis.x_of(gap->end)));
    context.draw.AddRectFilled(ImVec2(x0, area.min.y), ImVec2(x1, area.max.y), fill);
    if (x1 - x0 >= 3) {
      context.draw.PushClipRect(ImVec2(x0, area.min.y), ImVec2(x1, area.max.y), true);
      for (float x = x0 - height; x < x1; x += 6)
        context.draw.AddLine(ImVec2(x, area.max.y), ImVec2(x + height, area.min.y), line);
      context.draw.PopClipRect();
    }
    // What is not a pixel further is not seen.
    const double next = axis.letter_at(x1 + 1);
    ++gap;
    if (gap != gaps.end() && gap->end <= next) gap = behind(next);
  }
}

void draw_ghost(const TrackContext& context, const Area& area, const std::function<double(int letter)>& value,
                double low, double high, ImU32 colour, float width) {
  if (!(high > low)) return;
  const Axis& axis = context.axis;
  const double step = std::max(1.0, std::ceil(2.0 / static_cast<double>(axis.pixels_per_letter())));
  const auto y_of = [&](double v) {
    const double share = std::clamp((v - low) / (high - low), 0.0, 1.0);
    return area.max.y - 1.5f - static_cast<float>(share) * (area.height() - 3);
  };
  context.draw.PushClipRect(area.min, area.max, true);
  bool have = false;
  ImVec2 last;
  for (double t = std::max(0.0, std::floor(axis.first / step) * step - step);
       t < std::min<double>(axis.first + axis.span + step, axis.length); t += step) {
    const double v = value(static_cast<int>(t));
    if (!std::isfinite(v)) {
      have = false;
      continue;
    }
    const ImVec2 point(axis.x_of(t + 0.5), y_of(v));
    // Dashes stand at fixed places on the screen; a steep line keeps its share of them.
    for (float x = last.x; have && x < point.x;) {
      const float edge = (std::floor(x / kDash) + 1) * kDash, to = std::min(edge, point.x);
      if (static_cast<int>(std::floor(x / kDash)) % 2 == 0) {
        const auto y_at = [&](float at) {
          return last.y + (point.y - last.y) * (at - last.x) / std::max(point.x - last.x, 0.01f);
        };
        context.draw.AddLine(ImVec2(x, y_at(x)), ImVec2(to, y_at(to)), colour, width);
      }
      x = to;
    }
    last = point;
    have = true;
  }
  context.draw.PopClipRect();
}

bool ghost_of_outputs(const session::Session& session) {
  const session::Compare& compare = session.compare();
  return compare.ready() && compare.comparable_outputs() &&
         (compare.difference_wanted() || compare.against() == session::Compare::Against::Original);
}

void draw_lit(const TrackContext& context, const Area& area, int layer, int gate, bool start) {
  const std::vector<OriginLit>& lit = context.ui.origin.lit;
  if (lit.empty()) return;
  const rnn::Network& network = context.session.network();
  const rnn::Layer& of = network.layers[static_cast<std::size_t>(layer)];
  const bool elman = rnn::gates(of.cell).size() == 1;
  const float row = area.height() / static_cast<float>(of.hidden);
  const int per_step = std::max(1, network.letters_per_step(of.level));
  for (const OriginLit& cell : lit) {
    const bool here = cell.gate == gate || (elman && gate == -1 && cell.gate == 0);
    if (cell.layer != layer || !here || cell.unit < 0 || cell.unit >= of.hidden ||
        (cell.position == 0) != start || cell.position < 0)
      continue;
    float x0 = area.min.x, x1 = area.max.x;
    if (!start) {
      const int begin = (cell.position - 1) / per_step * per_step;
      x0 = context.axis.x_of(begin);
      x1 = context.axis.x_of(std::min(begin + per_step, context.axis.length));
    }
    float y0 = area.min.y + row * static_cast<float>(cell.unit), y1 = y0 + row;
    // Large enough to be seen from far away.
    if (x1 - x0 < 4) x0 = (x0 + x1) / 2 - 2, x1 = x0 + 4;
    if (y1 - y0 < 4) y0 = (y0 + y1) / 2 - 2, y1 = y0 + 4;
    const ImU32 sign = cell.strength >= 0 ? context.theme.positive : context.theme.negative;
    const auto strength = static_cast<float>(std::min(1.0, std::fabs(cell.strength)));
    const ImU32 colour = cell.asked ? context.theme.text : faded(sign, 0.45f + 0.55f * strength);
    // A line of the panel's colour around it, so that it stands out from the cells as well.
    context.draw.AddRect(ImVec2(x0 - 1, y0 - 1), ImVec2(x1 + 1, y1 + 1), context.theme.panel, 0, 0, 3.5f);
    context.draw.AddRect(ImVec2(x0 - 1, y0 - 1), ImVec2(x1 + 1, y1 + 1), colour, 0, 0,
                         cell.asked ? 2.0f : 1.5f);
  }
}

std::string counterpart_words(const session::Session& session, int position) {
  const session::Compare& compare = session.compare();
  const int reference = compare.reference_position(position);
  if (reference < 0) return {};
  std::string text = reference == 0 ? "at the start" : "at position " + std::to_string(reference);
  const io::Pin* pin = compare.pinned();
  if (pin && pin->record != session.project().cursor.sequence) text += " of " + compare.reference_name();
  return text;
}

std::string signed_text(double v) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.9g", std::fabs(v));
  return (v < 0 ? "−" : "+") + std::string(text.data());
}

}  // namespace ribostep::ui
