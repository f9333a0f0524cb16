// Order and heights of tracks; see track_arrange.h. What the mouse does inside the tracks is
// track_mouse.cpp's.
#include "ui/track_arrange.h"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>

namespace ribostep::ui {
namespace {

constexpr float kEdge = 3;        // pixels from a lower edge that still take it
constexpr float kDragBegins = 4;  // pixels

bool pinned(const std::string& key) { return key == "letters"; }

bool holds(const std::vector<std::string>& keys, const std::string& key) {
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

bool shown(const session::Session& session, const Track& track) {
  return !hidden(session.project().view, track.key()) && track.present(session);
}

bool shown(const session::Session& session, const TrackItem& item) {
  return std::any_of(item.tracks.begin(), item.tracks.end(),
                     [&](const Track* track) { return shown(session, *track); });
}

bool shown(const session::Session& session, const TrackItem& item, const std::string& key) {
  return std::any_of(item.tracks.begin(), item.tracks.end(),
                     [&](const Track* track) { return track->key() == key && shown(session, *track); });
}

// Every key in this order, with the heights there were.
void store(session::Session& session, const std::vector<TrackItem>& items) {
  io::View view = session.project().view;
  std::vector<io::TrackRow> rows;
  for (const TrackItem& item : items)
    for (const std::string& key : item.keys) rows.push_back({key, chosen_height(view, key)});
  for (const io::TrackRow& row : view.tracks)  // of tracks that are not here now
    if (std::none_of(rows.begin(), rows.end(), [&](const io::TrackRow& r) { return r.key == row.key; }))
      rows.push_back(row);
  view.tracks = std::move(rows);
  session.set_view(view);
}

// Index of the next one in this direction for which `can` holds; -1: none.
template <class Can>
int next_index(int from, int by, int count, Can can) {
  for (int i = from + by; i >= 0 && i < count; i += by)
    if (can(i)) return i;
  return -1;
}

template <class T>
void move_in(std::vector<T>& all, int from, int to) {
  T one = std::move(all[static_cast<std::size_t>(from)]);
  all.erase(all.begin() + from);
  all.insert(all.begin() + to, std::move(one));
}

using Items = std::vector<TrackItem>;

// The item moved past the next one that is shown; empty where there is none.
Items moved_item(const session::Session& session, Items items, int from, int by) {
  const int to = next_index(from, by, static_cast<int>(items.size()), [&](int i) {
    const TrackItem& item = items[static_cast<std::size_t>(i)];
    return !pinned(item.keys.front()) && shown(session, item);
  });
  if (to < 0) return {};
  move_in(items, from, to);
  return items;
}

Items moved(const session::Session& session, const TracksState& state, const std::string& key, int by) {
  if (pinned(key) || by == 0) return {};
  by = by < 0 ? -1 : 1;
  Items items = arranged(session.project().view, state);
  for (std::size_t i = 0; i < items.size(); ++i) {
    TrackItem& item = items[i];
    const auto at = std::find(item.keys.begin(), item.keys.end(), key);
    if (at == item.keys.end()) continue;
    if (!item.grouped) return moved_item(session, std::move(items), static_cast<int>(i), by);
    const int from = static_cast<int>(at - item.keys.begin());
    const int to = next_index(from, by, static_cast<int>(item.keys.size()), [&](int k) {
      return shown(session, item, item.keys[static_cast<std::size_t>(k)]);
    });
    if (to < 0) return {};
    move_in(item.keys, from, to);
    return items;
  }
  return {};
}

const Row* row_of(const std::vector<Row>& rows, const std::string& key) {
  for (const Row& row : rows)
    if (row.track && row.track->key() == key) return &row;
  return nullptr;
}

// From the top of the first row of an item to the bottom of its last.
struct Reach {
  float top = 1e9f, bottom = -1e9f;
  bool empty() const { return top > bottom; }
  void add(const Row& row) {
    top = std::min(top, row.area.min.y);
    bottom = std::max(bottom, row.area.max.y);
  }
};

Reach reach_of_item(const std::vector<Row>& rows, int item) {
  Reach reach;
  for (const Row& row : rows)
    if (row.item == item) reach.add(row);
  return reach;
}

// Moves the dragged one past its neighbour as soon as the mouse would be on it there: never back and forth.
void drag_label(session::Session& session, TracksState& state, const std::vector<Row>& rows, float y) {
  const Row* dragged = nullptr;
  for (const Row& row : rows)
    if (!dragged && (state.drag_key.empty() ? !row.track && row.group == state.drag_group
                                            : row.track && row.track->key() == state.drag_key))
      dragged = &row;
  if (!dragged) return;
  const bool whole = state.drag_key.empty() || dragged->group.empty();
  Reach own, before, after;
  if (whole) {
    own = reach_of_item(rows, dragged->item);
    for (const Row& row : rows) {
      if (row.item < dragged->item) before = reach_of_item(rows, row.item);
      if (row.item > dragged->item && after.empty()) after = reach_of_item(rows, row.item);
    }
  } else {
    own.add(*dragged);
    for (const Row& row : rows) {
      if (!row.track || row.group != dragged->group || &row == dragged) continue;
      Reach one;
      one.add(row);
      if (&row < dragged) before = one;
      if (&row > dragged && after.empty()) after = one;
    }
  }
  const float high = own.bottom - own.top;
  const auto by = [&](int step) {
    if (state.drag_key.empty())
      move_group(session, state, state.drag_group, step);
    else
      move_track(session, state, state.drag_key, step);
  };
  if (!before.empty() && y < before.top + std::min(high, before.bottom - before.top))
    by(-1);
  else if (!after.empty() && y > after.bottom - std::min(high, after.bottom - after.top))
    by(1);
}

const Row* edge_under(const std::vector<Row>& rows, ImVec2 mouse) {
  for (const Row& row : rows) {
    if (!row.track) continue;
    // Inside the letters only the gap below a track takes the mouse.
    const float inside = mouse.x < row.start.min.x ? kEdge : 0;
    if (mouse.y >= row.area.max.y - inside && mouse.y < row.area.max.y + kTrackGap) return &row;
  }
  return nullptr;
}

const Row* label_under(const std::vector<Row>& rows, ImVec2 mouse) {
  for (const Row& row : rows) {
    if (mouse.y < row.area.min.y || mouse.y >= row.area.max.y) continue;
    if (!row.track && mouse.x >= row.choice_left && mouse.x < row.choice_right) return nullptr;
    return !row.track || mouse.x < row.start.min.x ? &row : nullptr;
  }
  return nullptr;
}

void begin(TracksState& state, TrackDrag drag, const Row& row, ImVec2 mouse) {
  state.drag = drag;
  state.drag_key = row.track ? row.track->key() : std::string();
  state.drag_group = row.group;
  state.drag_y = mouse.y;
  state.drag_height = row.area.height();
  state.drag_moved = false;
}

}  // namespace

std::vector<TrackItem> arranged(const io::View& view, const TracksState& state) {
  struct Ranked {
    Track* track;
    std::string key, group;
    double rank;
  };
  const auto listed = [&](const std::string& key) {
    for (std::size_t i = 0; i < view.tracks.size(); ++i)
      if (view.tracks[i].key == key) return static_cast<double>(i);
    return -1.0;
  };
  std::vector<Ranked> ranked;
  // Those that follow nothing listed stand behind everything listed.
  double follows = static_cast<double>(view.tracks.size());
  for (const auto& track : state.tracks) {
    Ranked one{track.get(), track->key(), track->group(), 0};
    const double at = listed(one.key);
    if (at >= 0) follows = at + 0.5;
    one.rank = pinned(one.key) ? -1 : at >= 0 ? at : follows;
    ranked.push_back(std::move(one));
  }
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const Ranked& a, const Ranked& b) { return a.rank < b.rank; });
  std::vector<TrackItem> items;
  std::vector<std::string_view> groups;
  for (const Ranked& one : ranked) {
    if (one.group.empty()) {
      const auto same = std::find_if(items.begin(), items.end(), [&](const TrackItem& item) {
        return !item.grouped && holds(item.keys, one.key);
      });
      if (same != items.end())
        same->tracks.push_back(one.track);
      else
        items.push_back({{one.key}, {one.track}, false});
      continue;
    }
    if (std::find(groups.begin(), groups.end(), one.group) != groups.end()) continue;
    groups.push_back(one.group);
    const auto member = [&](const Ranked& other) { return other.group == one.group; };
    auto item = std::find_if(items.begin(), items.end(), [&](const TrackItem& there) {
      return there.grouped && std::any_of(ranked.begin(), ranked.end(), [&](const Ranked& other) {
               return member(other) && holds(there.keys, other.key);
             });
    });
    if (item == items.end()) item = items.insert(items.end(), TrackItem{{}, {}, true});
    for (const Ranked& other : ranked) {
      if (!member(other)) continue;
      if (!holds(item->keys, other.key)) item->keys.push_back(other.key);
      item->tracks.push_back(other.track);
    }
  }
  return items;
}

float chosen_height(const io::View& view, const std::string& key) {
  for (const io::TrackRow& row : view.tracks)
    if (row.key == key) return row.height > 0 ? std::clamp(row.height, kLeastTrack, kMostTrack) : 0;
  return 0;
}

void set_track_height(session::Session& session, const TracksState& state, const std::string& key,
                      float height) {
  if (chosen_height(session.project().view, key) == height) return;
  // A key that gets a height is listed, and so are all others then: nothing moves.
  store(session, arranged(session.project().view, state));
  io::View view = session.project().view;
  for (io::TrackRow& row : view.tracks)
    if (row.key == key) row.height = height > 0 ? std::clamp(std::round(height), kLeastTrack, kMostTrack) : 0;
  session.set_view(view);
}

bool move_track(session::Session& session, const TracksState& state, const std::string& key, int by) {
  const Items items = moved(session, state, key, by);
  if (!items.empty()) store(session, items);
  return !items.empty();
}

bool can_move_track(const session::Session& session, const TracksState& state, const std::string& key,
                    int by) {
  return !moved(session, state, key, by).empty();
}

bool move_group(session::Session& session, const TracksState& state, const std::string& group, int by) {
  const Items items = arranged(session.project().view, state);
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto& tracks = items[i].tracks;
    if (!items[i].grouped || std::none_of(tracks.begin(), tracks.end(),
                                          [&](const Track* track) { return track->group() == group; }))
      continue;
    const Items after = moved_item(session, items, static_cast<int>(i), by < 0 ? -1 : 1);
    if (!after.empty()) store(session, after);
    return !after.empty();
  }
  return false;
}

void reset_arrangement(session::Session& session) {
  io::View view = session.project().view;
  view.tracks.clear();
  session.set_view(view);
}

void set_track_hidden(session::Session& session, const std::string& key, bool hide) {
  io::View view = session.project().view;
  std::erase(view.hidden_tracks, key);
  if (hide) view.hidden_tracks.push_back(key);
  session.set_view(view);
}

bool handle_track_arranging(session::Session& session, UiState& ui, const std::vector<Row>& rows) {
  TracksState& state = ui.tracks;
  const ImVec2 mouse = ImGui::GetIO().MousePos;
  const bool ours = state.drag == TrackDrag::Label || state.drag == TrackDrag::Height;
  const bool hovered = ImGui::IsItemHovered();
  if (hovered)
    for (const Row& row : rows)
      if (row.track && mouse.y >= row.area.min.y && mouse.y < row.area.max.y)
        state.hovered = row.track->key();
  if (!ours) {
    if (!hovered && !ImGui::IsItemActivated()) return false;
    const Row* edge = edge_under(rows, mouse);
    const Row* label = edge ? nullptr : label_under(rows, mouse);
    if (edge) ImGui::SetMouseCursor(ImGuiMouseCursor_ResizeNS);
    if (!edge && !label) return false;
    if (edge && ImGui::IsMouseDoubleClicked(ImGuiMouseButton_Left)) {
      set_track_height(session, state, edge->track->key(), 0);
      return true;
    }
    if (ImGui::IsItemActivated() && ImGui::IsMouseClicked(ImGuiMouseButton_Left)) {
      begin(state, edge ? TrackDrag::Height : TrackDrag::Label, edge ? *edge : *label, mouse);
      return true;
    }
    if (label && label->track && ImGui::IsMouseClicked(ImGuiMouseButton_Right)) {
      state.open_label_menu = label->track->key();
      return true;
    }
    return edge != nullptr;
  }
  // Another area's button may be asking: the drag is that of the area it began in.
  const bool here =
      state.drag_key.empty()
          ? std::any_of(rows.begin(), rows.end(),
                        [&](const Row& row) { return !row.track && row.group == state.drag_group; })
          : row_of(rows, state.drag_key) != nullptr;
  if (!here) return true;
  if (ImGui::IsItemActive()) {
    state.drag_moved = state.drag_moved || std::fabs(mouse.y - state.drag_y) > kDragBegins;
    if (state.drag == TrackDrag::Height) {
      ImGui::SetMouseCursor(ImGuiMouseCursor_ResizeNS);
      if (state.drag_moved)
        set_track_height(session, state, state.drag_key,
                         std::clamp(state.drag_height + mouse.y - state.drag_y, kLeastTrack, kMostTrack));
    } else if (state.drag_moved) {
      ImGui::SetMouseCursor(ImGuiMouseCursor_Hand);
      drag_label(session, state, rows, mouse.y);
    }
    return true;
  }
  // A title that was only pressed folds its group.
  if (state.drag == TrackDrag::Label && !state.drag_moved && state.drag_key.empty() &&
      state.folded.erase(state.drag_group) == 0)
    state.folded.insert(state.drag_group);
  state.drag = TrackDrag::None;
  return true;
}

}  // namespace ribostep::ui
