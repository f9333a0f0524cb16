// What a person is told about their input: where, what, and what to do. User mistakes travel as values of
// this type; broken invariants assert.
#pragma once
#include <string>
#include <vector>

namespace ribostep {

enum class Severity { Note, Warning, Error };

struct Diagnostic {
  Severity severity = Severity::Error;
  int line = 0;         // 1-based; 0 = no place, or one line only
  int column = 0;       // 1-based; 0 = no place
  std::string message;  // one sentence with the remedy in it

  // "line 7, column 12: 'J' is not a DNA symbol; ..."; of one line: "column 5: '}' without '{' before it;
  // ..."
  std::string text() const {
    std::string place;
    if (line > 0) place = "line " + std::to_string(line);
    if (column > 0) place += (line > 0 ? ", column " : "column ") + std::to_string(column);
    return place.empty() ? message : place + ": " + message;
  }
};

using Diagnostics = std::vector<Diagnostic>;

}  // namespace ribostep
