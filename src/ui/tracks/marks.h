// Hits of conditions along an axis: at most one every few pixels, however many there are.
#pragma once
#include <algorithm>
#include <cmath>

#include "session/conditions.h"
#include "ui/track.h"

namespace ribostep::ui {

// Calls f(index, x, position) for the marked hits of each condition at positions first..last, hits closer
// than `apart` pixels only once. `x_of(position)` rises.
template <class X, class F>
void each_mark(const session::Session& session, int first, int last, float apart, X x_of, F f) {
  const session::Conditions& conditions = session.conditions();
  const auto& list = conditions.list();
  for (int i = 0; i < static_cast<int>(list.size()); ++i) {
    const io::Condition& c = list[static_cast<std::size_t>(i)];
    const std::vector<int>& hits = conditions.hits(i).hits;
    if (!c.on || !c.marks || hits.empty()) continue;
    auto at = std::lower_bound(hits.begin(), hits.end(), first);
    while (at != hits.end() && *at <= last) {
      const float x = x_of(*at);
      f(i, x, *at);
      ++at;
      if (at == hits.end() || x_of(*at) >= x + apart) continue;
      at = std::partition_point(at, hits.end(), [&](int position) { return x_of(position) < x + apart; });
    }
  }
}

// Over the whole sequence at once, in the bar above the ruler.
void draw_overview_marks(const TrackContext& context, const Area& area);

}  // namespace ribostep::ui
