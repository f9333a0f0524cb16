// Which columns of a table of numbers are what. Long: a position a row, rows of one series together. Wide: a
// series a row, its positions side by side.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/diagnostic.h"

namespace ribostep::bio {

struct SeriesLayout {
  char delimiter = '\t';
  bool wide = false;
  std::size_t columns = 0;  // of the first line
  int name = -1, label = -1, annotation = -1;
  int time = -1;                                    // orders the positions; not read by a network
  std::vector<int> values;                          // long: the channels; wide: the positions
  std::vector<std::string> value_names;             // long: one per channel; wide: one
  std::vector<std::pair<int, std::string>> fields;  // what is said of a series as a whole
  bool known_values = false;  // nobody has to find out which numbers describe the series
  std::string refusal;        // it is a table of numbers, but cannot be read: why, and what to do
  Diagnostics notes;
};

// nullopt when this is no table of numbers, or holds sequences. `asked`: somebody chose "series", so whatever
// has numbers will do. `channels`: the columns that are values of a position, where that is known already.
std::optional<SeriesLayout> layout_series(std::string_view text, bool asked,
                                          const std::vector<std::string>& channels = {});

}  // namespace ribostep::bio
