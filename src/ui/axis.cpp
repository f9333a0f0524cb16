// Zoom, pan and tick marks of the axis shared by all tracks.
#include "ui/axis.h"

#include <algorithm>
#include <cmath>

namespace ribostep::ui {

int Axis::index_at(float x) const {
  if (length <= 0) return -1;
  const double letter = std::floor(letter_at(x));
  return static_cast<int>(std::clamp(letter, 0.0, static_cast<double>(length - 1)));
}

int Axis::begin_index() const {
  return static_cast<int>(std::clamp(std::floor(first), 0.0, static_cast<double>(std::max(length, 0))));
}

int Axis::end_index() const {
  return static_cast<int>(std::clamp(std::ceil(first + span), 0.0, static_cast<double>(std::max(length, 0))));
}

double Axis::widest_span() const {
  const double letters = std::max(length, 1);
  return std::max(letters, static_cast<double>(width / kWidestLetter));
}

bool Axis::fitted() const { return span >= widest_span() * (1 - 1e-9); }

void Axis::fit() { set(0, 0); }

void Axis::set(double new_first, double new_span) {
  const double widest = widest_span();
  if (!(new_span > 0) || new_span > widest) new_span = widest;
  const double narrowest =
      std::min(widest, std::max(kFewestLetters, static_cast<double>(width / kWidestLetter)));
  span = std::max(new_span, narrowest);
  const double last_first = std::max(0.0, static_cast<double>(length) - span);
  first = std::isfinite(new_first) ? std::clamp(new_first, 0.0, last_first) : 0.0;
}

void Axis::zoom(double factor, float x) {
  if (!(factor > 0)) return;
  const double under = letter_at(x);
  const double share = static_cast<double>(x - x0) / static_cast<double>(width);
  set(0, span / factor);
  set(under - share * span, span);
}

void Axis::pan(double letters) { set(first + letters, span); }

bool Axis::shows(int index) const {
  return static_cast<double>(index) >= first && static_cast<double>(index) + 1 <= first + span;
}

void Axis::reveal(int index) {
  if (shows(index)) return;
  // A fifth of the window stays visible on the side the cursor comes from.
  const double letter = index;
  const bool left = letter < first;
  set(left ? letter - 0.8 * span : letter - 0.2 * span, span);
}

std::vector<AxisTick> axis_ticks(const Axis& axis, float gap) {
  std::vector<AxisTick> result;
  if (axis.length <= 0) return result;
  const double wanted = static_cast<double>(gap) * axis.span / static_cast<double>(axis.width);
  int step = 1;
  for (int decade = 1; step < wanted && decade <= 100000000; decade *= 10) {
    for (const int nice : {1, 2, 5, 10}) {
      step = nice * decade;
      if (step >= wanted) break;
    }
  }
  int minor = 1;
  for (const int part : {10, 5, 2}) {
    if (step % part == 0 && axis.pixels_per_letter() * static_cast<float>(step / part) >= 6) {
      minor = step / part;
      break;
    }
    minor = step;
  }
  const int begin = axis.begin_index() + 1, end = axis.end_index();
  // Position 1 is a tick of its own; the rest are multiples of the step.
  if (begin == 1) result.push_back({1, true});
  for (int p = std::max(minor, (begin + minor - 1) / minor * minor); p <= end; p += minor) {
    if (p == 1) continue;
    const bool crowds_first = begin == 1 && static_cast<double>(p - 1) < wanted;
    result.push_back({p, p % step == 0 && !crowds_first});
  }
  return result;
}

}  // namespace ribostep::ui
