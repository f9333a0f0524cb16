// What says where a saved figure or table came from, and tables that carry it as comment lines. What the
// facts are is said in session/figure_words.h.
#pragma once
#include <functional>
#include <string>
#include <vector>

namespace ribostep::io {

struct Fact {
  std::string name, value;  // "seed", "7"
};
using Facts = std::vector<Fact>;

// "seed: 7" a line, each behind `prefix`; line ends inside become spaces.
std::string fact_lines(const Facts& facts, const char* prefix);

// Comment lines that begin with "# ", one line of column names, then the rows that `row` gives until it
// returns false. Cells are made safe here (io::tsv_cell).
std::string fact_table(const Facts& facts, const std::vector<std::string>& columns,
                       const std::function<bool(std::vector<std::string>&)>& row);

// "promoter 7, lacZ" -> "promoter_7_lacZ": letters, digits, - and _ only, not empty, not long.
std::string file_name(const std::string& words);

}  // namespace ribostep::io
