// The debugger's panels, a file each; what each remembers between frames is in its own state header. All draw
// at the cursor of the current child window and use `size` of it.
#pragma once
#include "ui/command.h"
#include "ui/texture.h"
#include "ui/track.h"

namespace ribostep::ui {

struct InspectorContext;

// Tabs below the tracks.
void draw_conditions_panel(Panel&, UiState&, ImVec2 size);   // conditions_panel.cpp
void draw_compare_panel(Panel&, UiState&, ImVec2 size);      // compare_panel.cpp
void draw_attribution_panel(Panel&, UiState&, ImVec2 size);  // attribution_panel.cpp
void draw_space_panel(Panel&, UiState&, ImVec2 size);        // space_panel.cpp
void draw_units_panel(Panel&, UiState&, ImVec2 size);        // units_panel.cpp
void draw_weights_panel(Panel&, UiState&, ImVec2 size);      // weights_panel.cpp
void draw_machine_panel(Panel&, UiState&, ImVec2 size);      // machine_panel.cpp
void draw_runs_panel(Panel&, UiState&, ImVec2 size);         // history_panel.cpp: scrubbing and kept runs

// Sections of the inspector on the right.
void draw_origin_section(Panel&, UiState&, float width);      // origin_panel.cpp: where a number comes from
void draw_gauge_section(Panel&, UiState&, float width);       // gauge_panel.cpp: how long a unit remembers
void draw_state_edit_section(Panel&, UiState&, float width);  // edit_states.cpp: bars to drag

// Over and beside the tracks.
void draw_marks(const TrackContext&, const Area& ruler, float bottom);  // tracks/marks.cpp
void draw_selection(const TrackContext&, float top, float bottom);      // tracks/selection.cpp
void draw_letter_editor(Panel&, UiState&);                              // edit_letters.cpp: popup at a letter
void add_watch_tracks(const session::Session&, int& next_texture, std::vector<std::shared_ptr<Track>>&);
void add_compare_tracks(const session::Session&, int& next_texture, std::vector<std::shared_ptr<Track>>&);
void add_machine_tracks(const session::Session&, int& next_texture, std::vector<std::shared_ptr<Track>>&);
void add_attribution_tracks(const session::Session&, int& next_texture, std::vector<std::shared_ptr<Track>>&);

}  // namespace ribostep::ui
