// What is seen, as files: one track or one table as TSV, all visible tracks as an SVG drawing, the picture on
// the screen as PNG (web/picture.js takes it from the canvas).
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "ui/panel_state.h"
#include "ui/track.h"

namespace ribostep::ui {

inline constexpr int kMostTableCells = 400'000;  // it is written in one go, while nothing else happens

// Of all tracks of this key, over positions first..last counted from 1; empty when there is none, or too
// much: then `refused` says so and what to do.
std::string track_tsv(const session::Session& session, const UiState& ui, const std::string& key, int first,
                      int last, std::string* refused = nullptr);
std::string tracks_svg(const session::Session& session, const UiState& ui, int first, int last, bool dark);
// The positions on the screen; of a sequence that was not drawn yet, all.
void visible_positions(const session::Session& session, const UiState& ui, int& first, int& last);

// A verb of the page: export_figure {format: "svg"|"png"}, export_track {key}, export_table {id}, all with
// first and last if not what is visible. False: another verb.
bool hear_export_verb(const nlohmann::json& head, UiState& ui);
// Hands the files asked for to the page; once a frame, after drawing.
void serve_exports(Panel& p, UiState& ui);

}  // namespace ribostep::ui
