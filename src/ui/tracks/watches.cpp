// A track for each watched condition: a line for a number, a bar where a condition holds. Far away a pixel
// column shows everything between the smallest and the largest of its values.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

#include "session/conditions.h"
#include "ui/conditions_style.h"
#include "ui/debug_panels.h"
#include "ui/format.h"

namespace ribostep::ui {
namespace {

constexpr std::size_t kTitle = 10;  // letters that fit into the column of labels

struct Extremes {
  float low = 1, high = 0;
  bool none() const { return low > high; }
  void add(const Extremes& other) {
    if (other.none()) return;
    add(other.low);
    add(other.high);
  }
  void add(float v) {
    if (!std::isfinite(v)) return;
    const bool first = none();
    low = first ? v : std::min(low, v);
    high = first ? v : std::max(high, v);
  }
};

// Smallest and largest of any range in a few steps: cells of 8, 64, 512, ... values.
class ExtremesTree {
 public:
  void build(const std::vector<float>& values) {
    levels_.clear();
    std::size_t cells = (values.size() + kWidth - 1) / kWidth;
    levels_.emplace_back(cells);
    for (std::size_t i = 0; i < values.size(); ++i) levels_[0][i / kWidth].add(values[i]);
    while (cells > 1) {
      const std::vector<Extremes> below = levels_.back();
      cells = (cells + kWidth - 1) / kWidth;
      levels_.emplace_back(cells);
      for (std::size_t i = 0; i < below.size(); ++i) levels_.back()[i / kWidth].add(below[i]);
    }
  }
  Extremes of(const std::vector<float>& values, std::size_t begin, std::size_t end) const {
    Extremes out;
    end = std::min(end, values.size());
    while (begin < end && begin % kWidth != 0) out.add(values[begin++]);
    while (begin < end && end % kWidth != 0) out.add(values[--end]);
    begin /= kWidth;
    end /= kWidth;
    for (std::size_t level = 0; level < levels_.size() && begin < end; ++level) {
      const std::vector<Extremes>& cells = levels_[level];
      const bool top = level + 1 == levels_.size();
      while (begin < end && (top || begin % kWidth != 0)) out.add(cells[begin++]);
      while (begin < end && end % kWidth != 0) out.add(cells[--end]);
      begin /= kWidth;
      end /= kWidth;
    }
    return out;
  }

 private:
  static constexpr std::size_t kWidth = 8;
  std::vector<std::vector<Extremes>> levels_;
};

std::string written(float v) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", static_cast<double>(v));
  return text;
}

// What the markup of equations would take for a sign of its own.
std::string plain(std::string text) {
  for (char& c : text)
    if (c == '_' || c == '^' || c == '\\' || c == '{' || c == '}') c = ' ';
  return text;
}

class WatchTrack final : public Track {
 public:
  explicit WatchTrack(std::string text) : text_(std::move(text)) {}
  std::string key() const override { return "watch " + text_; }
  std::string group() const override { return "Watched"; }
  std::string title() const override { return plain(shortened(text_, kTitle)); }
  std::string note(const session::Session& session) const override {
    const session::ConditionHits* found = find(session);
    if (!found) return {};
    if (!found->parsed.ok()) return "does not fit";
    if (found->parsed.condition.truth) {
      const auto hits = static_cast<std::int64_t>(found->hits.size());
      return counted(hits, "hit", "hits");
    }
    if (found->low > found->high) return {};
    return significant(static_cast<double>(found->low), 2) + "…" +
           significant(static_cast<double>(found->high), 2);
  }
  bool present(const session::Session& session) const override { return find(session) != nullptr; }
  float height() const override { return truth_ ? 24.0f : 44.0f; }

  void draw(const TrackContext& context, const Area& area) override {
    const Axis& axis = context.axis;
    const float right = std::min(area.max.x, axis.x_of(axis.length));
    context.draw.AddRectFilled(area.min, ImVec2(right, area.max.y), context.theme.panel_alt);
    const session::ConditionHits* found = find(context.session);
    if (!found || found->values.size() != static_cast<std::size_t>(axis.length) + 1) return;
    if (found->serial != built_) {
      built_ = found->serial;
      tree_.build(found->values);
    }
    truth_ = found->parsed.condition.truth;
    const ImU32 colour = condition_colour(index_, context.theme.dark);
    if (truth_)
      bars(context, area, *found, colour);
    else
      line(context, area, *found, colour);
  }

  void draw_start(const TrackContext& context, const Area& area) override {
    const session::ConditionHits* found = find(context.session);
    if (!found || found->values.empty() || found->parsed.condition.truth || !std::isfinite(found->values[0]))
      return;
    const float y = y_of(area, *found, found->values[0]);
    context.draw.AddLine(ImVec2(area.min.x, y), ImVec2(area.max.x, y),
                         condition_colour(index_, context.theme.dark), 1.5f);
  }

  std::string value_at(const session::Session& session, int position, float) const override {
    const session::ConditionHits* found = find(session);
    if (!found || position < 0 || static_cast<std::size_t>(position) >= found->values.size()) return {};
    const float v = found->values[static_cast<std::size_t>(position)];
    const std::string where = text_ + " at position " + std::to_string(position);
    if (found->parsed.condition.truth) return where + (v > 0.5f ? ": holds" : ": does not hold");
    return where + (std::isnan(v) ? ": nothing to say here" : " = " + written(v));
  }

  bool values(const session::Session& session, TrackValues& out) const override {
    const session::ConditionHits* found = find(session);
    if (!found || found->values.empty()) return false;
    const bool truth = found->parsed.condition.truth;
    out.kind = truth ? TrackValues::Kind::Bars : TrackValues::Kind::Lines;
    out.names = {text_};
    out.colours = {condition_colour(index_, out.dark)};
    out.low = 0;
    out.high = truth ? 1 : 0;  // numbers: as they come
    out.read = [found](int letter, double* to) {
      const auto at = static_cast<std::size_t>(letter) + 1;
      to[0] = at < found->values.size() ? static_cast<double>(found->values[at]) : std::nan("");
    };
    return true;
  }

 private:
  // The list may have moved since the tracks were made.
  const session::ConditionHits* find(const session::Session& session) const {
    const session::Conditions& conditions = session.conditions();
    const auto& list = conditions.list();
    for (int i = 0; i < static_cast<int>(list.size()); ++i) {
      const io::Condition& c = list[static_cast<std::size_t>(i)];
      if (!c.on || !c.watched || c.text != text_) continue;
      index_ = i;
      return &conditions.hits(i);
    }
    return nullptr;
  }

  static float y_of(const Area& area, const session::ConditionHits& found, float v) {
    // A number that never changes lies in the middle.
    const float range = found.high - found.low;
    const float share = range > 0 ? (v - found.low) / range : 0.5f;
    return area.max.y - 3 - std::clamp(share, 0.0f, 1.0f) * (area.height() - 6);
  }

  void bars(const TrackContext& context, const Area& area, const session::ConditionHits& found,
            ImU32 colour) const {
    const Axis& axis = context.axis;
    const std::vector<int>& hits = found.hits;
    const float top = area.min.y + 3, bottom = area.max.y - 3;
    const int last = axis.end_index();
    auto at = std::lower_bound(hits.begin(), hits.end(), axis.begin_index() + 1);
    while (at != hits.end() && *at <= last) {
      const float x0 = axis.x_of(*at - 1);
      float x1 = std::max(axis.x_of(*at), x0 + 1);
      // Everything that touches it, or lies within the pixel, is one bar.
      for (;;) {
        const int within = static_cast<int>(axis.letter_at(x1 + 0.5f)) + 1;
        auto next = std::upper_bound(at, hits.end(), std::min(within, last));
        if (next == at) ++next;
        const float end = std::max(axis.x_of(*(next - 1)), x1);
        at = next;
        if (end <= x1 + 0.01f || at == hits.end() || *at > last || axis.x_of(*at - 1) > end + 0.5f) {
          x1 = end;
          break;
        }
        x1 = end;
      }
      context.draw.AddRectFilled(ImVec2(x0, top), ImVec2(x1, bottom), faded(colour, 0.6f));
    }
  }

  void line(const TrackContext& context, const Area& area, const session::ConditionHits& found,
            ImU32 colour) const {
    const Axis& axis = context.axis;
    if (found.low > found.high) return;
    if (found.low < 0 && found.high > 0) {
      const float zero = std::round(y_of(area, found, 0)) + 0.5f;
      context.draw.AddLine(ImVec2(area.min.x, zero), ImVec2(area.max.x, zero), context.theme.grid);
    }
    std::vector<ImVec2> points;
    const auto finish = [&] {
      if (points.size() == 1) context.draw.AddCircleFilled(points[0], 1.5f, colour, 8);
      if (points.size() > 1)
        context.draw.AddPolyline(points.data(), static_cast<int>(points.size()), colour, 0, 1.5f);
      points.clear();
    };
    if (axis.pixels_per_letter() >= 1) {
      const int last = std::min(axis.length, axis.end_index() + 1);
      for (int p = std::max(1, axis.begin_index()); p <= last; ++p) {
        const float v = found.values[static_cast<std::size_t>(p)];
        if (std::isfinite(v))
          points.push_back(ImVec2(axis.x_of(p - 0.5), y_of(area, found, v)));
        else
          finish();
      }
    } else {
      const float right = std::min(area.max.x, axis.x_of(axis.length));
      for (float x = std::max(area.min.x, std::floor(axis.x_of(0))); x < right; ++x) {
        const auto letter = [&](float at) {
          return static_cast<std::size_t>(
              std::clamp(axis.letter_at(at), 0.0, static_cast<double>(axis.length)));
        };
        const Extremes column =
            tree_.of(found.values, letter(x) + 1, std::max(letter(x + 1), letter(x) + 1) + 1);
        if (column.none()) {
          finish();
          continue;
        }
        points.push_back(ImVec2(x + 0.5f, y_of(area, found, column.high)));
        if (column.low < column.high) points.push_back(ImVec2(x + 0.5f, y_of(area, found, column.low)));
      }
    }
    finish();
  }

  std::string text_;
  mutable int index_ = 0;
  bool truth_ = false;
  ExtremesTree tree_;
  std::uint64_t built_ = 0;
};

}  // namespace

void add_watch_tracks(const session::Session& session, int&, std::vector<std::shared_ptr<Track>>& out) {
  std::vector<std::string> seen;
  for (const io::Condition& c : session.conditions().list()) {
    if (!c.on || !c.watched || std::find(seen.begin(), seen.end(), c.text) != seen.end()) continue;
    seen.push_back(c.text);
    out.push_back(std::make_shared<WatchTrack>(c.text));
  }
}

}  // namespace ribostep::ui
