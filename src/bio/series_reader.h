// Tables of numbers to a set of series, row by row. A series with a cell that cannot be read is left out as a
// whole, with the place and what to do: a gap closed in silence would shift its positions.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "bio/reader.h"
#include "bio/reader_messages.h"
#include "bio/series_layout.h"

namespace ribostep::bio {

class SeriesReader {
 public:
  SeriesReader(std::string_view text, SeriesLayout layout);  // `text` must outlive this
  // The row text[begin..end), on this line; blank ones and comments do nothing.
  void row(int line, std::size_t begin, std::size_t end);
  void finish(ReadResult& result);

 private:
  struct Record {
    std::string_view name, label;
    int line = 0;
    std::size_t row = 0;  // where its first row begins
    std::size_t begin = 0, positions = 0;
    std::string annotation;
  };
  void begin(std::string_view name, int line, std::size_t row);
  void end();
  void refuse(int line, std::size_t at, const std::string& what, const std::string& remedy);
  void add_value(int line, std::size_t column);
  void long_row(int line);
  void wide_row(int line, std::size_t at);
  void note_label(int line);
  void note_fields(int line);
  void note_time(int line);
  bool wrong_width(int line);
  std::string_view cell(int column) const;
  std::string_view cell_in(const Record& record, int column, std::vector<std::string_view>& cells) const;
  std::string said_of(const Record& record, const std::vector<int>& constant,
                      std::vector<std::string_view>& cells) const;
  std::string record_text() const;
  std::vector<int> constant_channels() const;
  std::size_t width() const { return layout_.wide ? 1 : layout_.values.size(); }

  std::string_view text_;
  SeriesLayout layout_;
  Messages messages_;
  bool header_pending_ = true;
  std::vector<std::string_view> cells_;
  std::size_t row_begin_ = 0;

  std::vector<Record> records_;
  std::vector<float> values_;  // of all records, position by position
  bool open_ = false, refused_ = false;
  Record record_;
  std::vector<std::string_view> said_;  // fields of the open record's first row
  std::vector<bool> varies_;            // by field: it changes within a series
  double time_ = 0, step_ = 0;
  bool uneven_ = false, descends_ = false, too_many_ = false, shorter_ = false;
};

}  // namespace ribostep::bio
