// Which track stands where and how high it is: by dragging labels and lower edges, by keys and by a menu.
// Stored in io::View::tracks. Tracks of one kind in several layers share a key and move together.
#pragma once
#include <string>
#include <vector>

#include "ui/track_layout.h"

namespace ribostep::ui {

inline constexpr float kLeastTrack = 14, kMostTrack = 600;  // CSS pixels

// What moves as one: a track outside of groups, or all groups that have keys in common.
struct TrackItem {
  std::vector<std::string> keys;  // each once, in order
  std::vector<Track*> tracks;     // group by group
  bool grouped = false;
};
// The keys of View::tracks in that order; a key that is not there follows the one it came after.
std::vector<TrackItem> arranged(const io::View& view, const TracksState& state);

float chosen_height(const io::View& view, const std::string& key);  // 0: its own
void set_track_height(session::Session& session, const TracksState& state, const std::string& key,
                      float height);
// Past the next one that is shown. False: it is the first or the last, or pinned.
bool move_track(session::Session& session, const TracksState& state, const std::string& key, int by);
bool can_move_track(const session::Session& session, const TracksState& state, const std::string& key,
                    int by);
bool move_group(session::Session& session, const TracksState& state, const std::string& group, int by);
void reset_arrangement(session::Session& session);  // order and heights, not what is hidden
void set_track_hidden(session::Session& session, const std::string& key, bool hide);

std::string track_name(const std::string& key, const rnn::ModelSpec& spec);  // "h: hidden state"

// Labels and lower edges; true: the mouse is busy with them and means nothing else. The invisible button over
// `rows` has just been submitted.
bool handle_track_arranging(session::Session& session, UiState& ui, const std::vector<Row>& rows);
// The menu of a label that was pressed with the right button; once a frame, in the window of the rows.
void draw_label_menu(session::Session& session, UiState& ui);
// All tracks with check boxes and arrows; inside a popup.
void draw_tracks_menu(session::Session& session, UiState& ui);

}  // namespace ribostep::ui
