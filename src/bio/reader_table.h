// Tables: which column is what, and the cells of a row.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/diagnostic.h"
#include "bio/alphabet.h"

namespace ribostep::bio {

struct TableLayout {
  char delimiter = '\t';
  bool header = false;  // the first row names the columns
  int name = -1, label = -1, annotation = -1;
  int sequence = -1;                               // -1: no column can be the sequence
  std::vector<std::pair<int, std::string>> extra;  // other columns go to the description as key=value
  Diagnostics notes;
};

// Cells of a row without blanks and quotes around them, views into `row`.
void split_cells(std::string_view row, char delimiter, std::vector<std::string_view>& cells);

// From the first rows; nullopt when this is no table. Tabs always make a table, commas and semicolons only
// when the rows agree.
std::optional<TableLayout> layout_table(std::string_view text,
                                        std::optional<AlphabetKind> alphabet = std::nullopt);

}  // namespace ribostep::bio
