// What every format needs: letters to tokens, records to a data set, and the list of what to tell the person.
// Knows nothing of headers and columns; the formats call begin(), letters(), end().
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bio/reader.h"
#include "bio/reader_messages.h"

namespace ribostep::bio {

class Collector {
 public:
  Collector(std::string_view text, AlphabetKind kind);

  // Where the current line starts, for line and column of what is said.
  void at_line(int line, std::size_t begin);

  void begin(std::string_view name, std::string_view description, std::string_view column_label);
  bool open() const { return open_; }
  // Reads letters of the open record from text[at..stop) and returns where it stopped: at the end of the
  // line, or at `stop` or behind it (a run of unknown letters is never cut), but never behind `bound`.
  std::size_t letters(std::size_t at, std::size_t stop, std::size_t bound);
  // Labels per position of the open record, whose letters were text[begin..end).
  void annotate(std::string_view annotation, std::size_t begin, std::size_t end);
  void end();

  void tell(Severity severity, int line, int column, std::string message);
  int line() const { return line_; }
  int column(std::size_t at);  // 1-based, in characters; asked with ascending `at` within a line

  // Adds the notes about the whole and hands everything over.
  void finish(ReadResult& result);

 private:
  std::size_t unknown(std::size_t at, std::size_t bound);
  void note_totals(Diagnostics& notes) const;
  std::string record_text() const;

  std::string_view text_;
  const Alphabet& alphabet_;
  std::array<std::uint8_t, 256> meaning_;  // token, or one of the kinds in the .cpp
  int any_;                                // token of N or X; -1: none, such a record is left out

  Dataset data_;
  std::vector<int> line_of_record_;
  Messages messages_;

  bool open_ = false;
  int begun_ = 0, record_line_ = 0;
  std::string name_, description_, label_, annotation_;
  std::vector<std::uint8_t> tokens_;
  std::size_t unknown_in_record_ = 0;

  int line_ = 1;
  std::size_t column_at_ = 0;
  int column_ = 1;

  std::size_t letters_ = 0, unknown_ = 0, gaps_ = 0, stops_ = 0, digits_ = 0, rare_ = 0;
};

}  // namespace ribostep::bio
