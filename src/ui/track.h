// A track is one row of the genome browser: a title, a height, a picture for the visible letters, and the
// value under the mouse. Tracks know nothing of each other; track_stack.cpp lays them out and hands them
// input.
#pragma once
#include <imgui.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "session/session.h"
#include "ui/colour.h"
#include "ui/fonts.h"
#include "ui/texture.h"
#include "ui/theme.h"
#include "ui/ui_state.h"

namespace ribostep::ui {

struct Area {
  ImVec2 min, max;
  float width() const { return max.x - min.x; }
  float height() const { return max.y - min.y; }
};

// What every track may read while it draws.
struct TrackContext {
  session::Session& session;
  UiState& ui;
  const Theme& theme;
  const FontSet& fonts;
  TextureStore& textures;
  ImDrawList& draw;
  const Axis& axis;
  const ColourMap& signed_map;
  const ColourMap& share_map;
  std::ptrdiff_t& budget;  // values that may still be read for level of detail in this frame
};

// What a track shows, as numbers: for tables and figures that are saved. Letters are counted from 0.
struct TrackValues {
  enum class Kind : std::uint8_t { Letters, Heat, Shares, Lines, Bars, Logo };  // Logo: letters and a number
  bool dark = false;  // asked for by the caller: colours for a dark ground
  Kind kind = Kind::Lines;
  std::string letters;                            // Letters, Logo: of the whole sequence, and
  std::function<ImU32(char)> fill;                // their colours
  std::vector<std::string> names;                 // a column of the table each; rows of a heat map from above
  double low = -1, high = 1;                      // ends of the scale; high <= low: as the values come
  bool from_zero = false;                         // heat map: colours of shares instead of signed ones
  std::vector<ImU32> colours;                     // of shares, lines and bars, one per name
  std::function<void(int letter, double*)> read;  // one number per name; NaN: there is none
};

class Track {
 public:
  virtual ~Track() = default;
  virtual std::string key() const = 0;              // in io::View::hidden_tracks: "letters", "h", "gate f"
  virtual std::string group() const { return {}; }  // tracks of one group stand under one title
  // A choice that belongs to the whole group, beside its title: words, and the menu behind them.
  virtual std::string group_choice(const session::Session&) const { return {}; }
  virtual void group_menu(session::Session&) {}
  virtual std::string title() const = 0;                                  // markup of equation.h
  virtual std::string note(const session::Session&) const { return {}; }  // second, small line
  virtual bool present(const session::Session&) const {
    return true;
  }  // false: this record has nothing for it
  virtual float height() const = 0;
  virtual void draw(const TrackContext& context, const Area& letters) = 0;
  virtual void draw_start(const TrackContext&, const Area&) {}  // the column of position 0
  // The label column below title and note: legends.
  virtual void draw_legend(const TrackContext&, const Area&) {}
  // `share`: how far down the track, 0..1. Position as in io::Cursor.
  virtual Hover hover_at(const session::Session&, int position, float share) const {
    (void)share;
    Hover hover;
    hover.position = position;
    return hover;
  }
  virtual std::string value_at(const session::Session& session, int position, float share) const = 0;
  virtual void forget(TextureStore&) {}
  // Valid until the session changes. False: a table holds what value_at says, a figure leaves the track out.
  virtual bool values(const session::Session&, TrackValues&) const { return false; }
};

// All tracks of a model, top to bottom. `next_texture` hands out picture ids.
std::vector<std::shared_ptr<Track>> make_tracks(const session::Session& session, int& next_texture);

// The makers, one file each in tracks/.
std::shared_ptr<Track> make_letters_track(int texture);
std::shared_ptr<Track> make_annotation_track(int texture);
std::shared_ptr<Track> make_output_track(int texture, const rnn::ModelSpec& spec);
std::shared_ptr<Track> make_values_track(int texture);                      // of a series, a row per channel
std::shared_ptr<Track> make_next_values_track(const rnn::ModelSpec& spec);  // predicted and what came
std::shared_ptr<Track> make_wiring_track();  // windows, codons, cuts of the gradient, the origin of a circle
void add_gradient_tracks(const session::Session& session, int& next_texture,
                         std::vector<std::shared_ptr<Track>>& out);
void add_layer_tracks(const session::Session& session, int layer, int& next_texture,
                      std::vector<std::shared_ptr<Track>>& out);

}  // namespace ribostep::ui
