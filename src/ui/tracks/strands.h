// One way to read the letters of the sequence: forward, from the other end, or as the reverse complement.
#pragma once
#include "ui/track.h"

namespace ribostep::ui {

// `strand` as in session::Compare.
std::shared_ptr<Track> make_strand_track(int texture, int strand);

// What the strand tracks draw, with every choice settled. A class of -1: the probability that was given to
// the letter that came next; -2: none (a series).
struct StrandChoice {
  int output = -2, layer = 0, unit = 0;
  bool operator==(const StrandChoice&) const = default;
};
StrandChoice strand_choice(const session::Session& session, const CompareState& state);

}  // namespace ribostep::ui
