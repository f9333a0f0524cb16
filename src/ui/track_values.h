// Short ways for a track to tell its numbers (Track::values).
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "ui/lod.h"
#include "ui/track.h"

namespace ribostep::ui {

// A heat map or a stack of what `source` holds, a name per row. Heat maps without a range: as the values
// come.
void tell_values(TrackValues& out, std::shared_ptr<const LodSource> source, std::vector<std::string> names);
inline void tell_heat(TrackValues& out, std::shared_ptr<const LodSource> source,
                      std::vector<std::string> names, ValueRange range, bool from_zero = false) {
  tell_values(out, std::move(source), std::move(names));
  out.kind = TrackValues::Kind::Heat;
  out.low = static_cast<double>(range.low);
  out.high = static_cast<double>(range.high);
  out.from_zero = from_zero;
}
// "l0.h[3]" for each unit, as in the table of a trace; `prefix` "l0.h".
std::vector<std::string> unit_columns(const std::string& prefix, int units);

}  // namespace ribostep::ui
