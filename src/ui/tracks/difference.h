// What tracks share when they show a run minus another: the numbers, a pattern where there is no counterpart,
// dashed ghosts, and outlines of what somebody asked about.
#pragma once
#include <functional>

#include "session/compare.h"
#include "ui/lod.h"
#include "ui/track.h"

namespace ribostep::ui {

// Current minus reference, by letter; 0 where the reference has no counterpart.
class DifferenceSource final : public LodSource {
 public:
  DifferenceSource(const session::Compare& compare, const rnn::Layer& layer, int index, const rnn::Trace& now,
                   const rnn::Trace& then, session::Quantity what, int gate)
      : compare_(compare),
        layer_(layer),
        now_(now.layers[static_cast<std::size_t>(index)]),
        then_(then.layers[static_cast<std::size_t>(index)]),
        what_(what),
        gate_(gate),
        length_(now.length),
        length_then_(then.length) {}
  int rows() const override { return layer_.hidden; }
  int length() const override { return length_; }
  void read(int t, float* out) const override;

 private:
  const session::Compare& compare_;
  const rnn::Layer& layer_;
  const rnn::LayerTrace& now_;
  const rnn::LayerTrace& then_;
  session::Quantity what_;
  int gate_, length_, length_then_;
};

// A name for the picture of a difference that no picture of the values themselves has.
inline std::uint64_t difference_serial(const session::Session& session) {
  return (session.trace_serial() * 1000003u + session.compare().serial()) | (std::uint64_t{1} << 63u);
}

// Letters without a counterpart, behind or over a track; visible ones only.
void hatch_gaps(const TrackContext& context, const Area& area);

// A dashed line of one value per letter, visible letters only and at most one for two pixels; not finite: a
// gap. `low` and `high` lie on the edges as in draw_step_line.
void draw_ghost(const TrackContext& context, const Area& area, const std::function<double(int letter)>& value,
                double low, double high, ImU32 colour, float width = 1.3f);

// The reference's outputs are drawn as a ghost: differences are on show, or there are edits.
bool ghost_of_outputs(const session::Session& session);

// Outlines on the cells of a layer's track that lit up with a question (OriginState); `gate` as in Hover.
// `start`: the column of position 0.
void draw_lit(const TrackContext& context, const Area& area, int layer, int gate, bool start);

// "at position 17 of lacZ" of the reference, or "" where there is no counterpart.
std::string counterpart_words(const session::Session& session, int position);
std::string signed_text(double v);  // "+0.25", "−0.25"

}  // namespace ribostep::ui
