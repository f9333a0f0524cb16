#include "bio/series_reader.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "bio/covariates.h"
#include "bio/reader_table.h"
#include "bio/reader_text.h"
#include "bio/utf8.h"

namespace ribostep::bio {
namespace {

constexpr std::size_t kMaxValues = 1u << 25u;  // of a data set: 128 MB
constexpr double kEven = 1e-6;                 // steps of time that differ by a smaller share are equal
constexpr std::size_t kShownText = 20;

std::string shown(std::string_view cell) {
  if (cell.size() <= kShownText) return "'" + clean_text(cell) + "'";
  return "'" + clean_text(cell.substr(0, kShownText)) + "…'";
}

}  // namespace

SeriesReader::SeriesReader(std::string_view text, SeriesLayout layout)
    : text_(text), layout_(std::move(layout)), varies_(layout_.fields.size(), false) {
  for (const Diagnostic& note : layout_.notes)
    messages_.tell(note.severity, note.line, note.column, note.message);
}

std::string_view SeriesReader::cell(int column) const {
  return column >= 0 && static_cast<std::size_t>(column) < cells_.size()
             ? cells_[static_cast<std::size_t>(column)]
             : std::string_view();
}

std::string SeriesReader::record_text() const { return "series '" + clean_text(record_.name) + "'"; }

void SeriesReader::begin(std::string_view name, int line, std::size_t row) {
  open_ = true;
  refused_ = false;
  record_ = {};
  record_.name = name;
  record_.line = line;
  record_.row = row;
  record_.begin = values_.size();
  said_.clear();
  for (const auto& [column, key] : layout_.fields) said_.push_back(cell(column));
}

void SeriesReader::end() {
  if (!open_) return;
  open_ = false;
  record_.positions = (values_.size() - record_.begin) / width();
  if (!refused_ && record_.positions == 0)
    messages_.tell(Severity::Warning, record_.line, 0, record_text() + " has no values and was left out.");
  if (refused_ || record_.positions == 0)
    values_.resize(record_.begin);
  else
    records_.push_back(std::move(record_));
}

// Said once for a series.
void SeriesReader::refuse(int line, std::size_t at, const std::string& what, const std::string& remedy) {
  if (std::exchange(refused_, true)) return;
  int column = 0;
  if (at != std::string_view::npos) {
    column = 1;
    for (std::size_t i = row_begin_; i < at; ++i)
      column += (static_cast<unsigned char>(text_[i]) & 0xC0u) != 0x80u;  // a character, not its later bytes
  }
  messages_.tell(Severity::Error, line, column, what + "; " + record_text() + " was left out. " + remedy);
}

void SeriesReader::add_value(int line, std::size_t column) {
  const std::string_view text = cell(layout_.values[column]);
  const auto place = static_cast<std::size_t>(text.data() - text_.data());
  const std::string& name = layout_.value_names[layout_.wide ? 0 : column];
  const std::string where = layout_.wide ? "position " + std::to_string(column + 1) : "'" + name + "'";
  double number = 0;
  if (is_missing(text))
    return refuse(line, place, where + " is missing" + (text.empty() ? "" : " (" + clean_text(text) + ")"),
                  "Fill in a value, for example the mean of its neighbours, or take the position out.");
  if (!parse_number(text, number))
    return refuse(line, place, shown(text) + " (" + where + ") is not a number",
                  "Write numbers with a decimal point, like -0.25 or 1e-3.");
  const auto value = static_cast<float>(number);
  if (!std::isfinite(value))
    return refuse(line, place, shown(text) + " (" + where + ") is larger than a 32-bit number can be",
                  "Write it in another unit.");
  values_.push_back(value);
}

void SeriesReader::note_label(int line) {
  const std::string_view label = cell(layout_.label);
  if (is_missing(label) || label == record_.label || refused_) return;
  if (record_.label.empty()) {
    record_.label = label;
    return;
  }
  refuse(line, static_cast<std::size_t>(label.data() - text_.data()),
         "the label changes from " + shown(record_.label) + " to " + shown(label),
         "A series has one label; a label for each position goes into a column 'annotation', one character "
         "each.");
}

void SeriesReader::note_fields(int line) {
  for (std::size_t k = 0; k < said_.size(); ++k) {
    if (varies_[k] || cell(layout_.fields[k].first) == said_[k]) continue;
    varies_[k] = true;
    messages_.tell(Severity::Note, line, 0,
                   "column '" + clean_text(layout_.fields[k].second) + "' changes within " + record_text() +
                       " and is no number: it was left out.");
  }
}

void SeriesReader::note_time(int line) {
  double now = 0;
  if (layout_.time < 0 || !parse_number(cell(layout_.time), now)) return;
  const std::size_t position = (values_.size() - record_.begin) / width();  // of this row, from 1
  const double step = now - time_;
  if (position > 1 && step <= 0 && !std::exchange(descends_, true))
    messages_.tell(Severity::Warning, line, 0,
                   "the time does not ascend here: rows are read in the order in which they stand. Sort them "
                   "if that is not "
                   "their order.");
  if (position == 2) step_ = step;
  if (position > 2) uneven_ = uneven_ || std::fabs(step - step_) > kEven * std::fabs(step_);
  time_ = now;
}

bool SeriesReader::wrong_width(int line) {
  const bool longer_but_empty = cells_.size() > layout_.columns &&
                                std::all_of(cells_.begin() + static_cast<std::ptrdiff_t>(layout_.columns),
                                            cells_.end(), [](std::string_view c) { return c.empty(); });
  if (cells_.size() == layout_.columns || longer_but_empty) return false;
  refuse(line, std::string_view::npos,
         "this row has " + counted(cells_.size(), "cell", "cells") + ", the first line has " +
             std::to_string(layout_.columns),
         std::string("Separate the cells by one ") +
             (layout_.delimiter == '\t' ? "tab" : std::string(1, layout_.delimiter)) +
             " and leave none out.");
  return true;
}

void SeriesReader::long_row(int line) {
  const std::string_view name = layout_.name >= 0 ? cell(layout_.name) : std::string_view("series 1");
  if (!open_ || name != record_.name) {
    end();
    begin(name, line, row_begin_);
  }
  if (wrong_width(line) || refused_) return;
  for (std::size_t k = 0; k < layout_.values.size() && !refused_; ++k) add_value(line, k);
  if (refused_) return;
  note_label(line);
  note_fields(line);
  note_time(line);
  if (layout_.annotation < 0) return;
  const std::string_view mark = cell(layout_.annotation);
  record_.annotation += mark.size() == 1 && mark[0] >= 33 && mark[0] <= 126 ? mark[0] : '.';
}

void SeriesReader::wide_row(int line, std::size_t at) {
  begin(cell(layout_.name), line, at);
  std::size_t filled = layout_.values.size();
  if (!wrong_width(line)) {
    while (filled > 0 && cell(layout_.values[filled - 1]).empty()) --filled;
    shorter_ = shorter_ || (filled > 0 && filled < layout_.values.size());
    for (std::size_t k = 0; k < filled && !refused_; ++k) add_value(line, k);
    note_label(line);
  }
  end();
}

void SeriesReader::row(int line, std::size_t begin, std::size_t end) {
  const std::string_view row = text_.substr(begin, end - begin);
  if (trimmed(row).empty() || row.front() == '#' || row.front() == ';') return;
  if (std::exchange(header_pending_, false)) return;
  if (values_.size() > kMaxValues) {
    too_many_ = true;
    return;
  }
  split_cells(row, layout_.delimiter, cells_);
  row_begin_ = begin;
  if (layout_.wide)
    wide_row(line, begin);
  else
    long_row(line);
}

std::string_view SeriesReader::cell_in(const Record& record, int column,
                                       std::vector<std::string_view>& cells) const {
  if (cells.empty())
    split_cells(text_.substr(record.row, line_end(text_, record.row) - record.row), layout_.delimiter, cells);
  return cells[static_cast<std::size_t>(column)];
}

// Numbers that stay the same within each series and differ between them (a dose, an age) describe the series.
std::vector<int> SeriesReader::constant_channels() const {
  std::vector<int> constant;
  if (layout_.wide || layout_.known_values || records_.size() < 2) return constant;
  const std::size_t channels = width();
  for (std::size_t k = 0; k < channels; ++k) {
    bool within = true, between = false, looked = false;
    for (const Record& record : records_) {
      const float first = values_[record.begin + k];
      between = between || first != values_[records_.front().begin + k];
      looked = looked || record.positions > 1;
      for (std::size_t t = 1; t < record.positions && within; ++t)
        within = values_[record.begin + t * channels + k] == first;
    }
    if (within && between && looked) constant.push_back(static_cast<int>(k));
  }
  if (constant.size() == channels) constant.clear();
  return constant;
}

std::string SeriesReader::said_of(const Record& record, const std::vector<int>& constant,
                                  std::vector<std::string_view>& cells) const {
  std::string description;
  for (std::size_t k = 0; k < layout_.fields.size(); ++k)
    if (!varies_[k])
      append_field(description, layout_.fields[k].second, cell_in(record, layout_.fields[k].first, cells));
  for (const int k : constant) {
    const auto channel = static_cast<std::size_t>(k);
    append_field(description, lower(layout_.value_names[channel]),
                 cell_in(record, layout_.values[channel], cells));
  }
  return clean_text(description);
}

void SeriesReader::finish(ReadResult& result) {
  end();
  const std::vector<int> constant = constant_channels();
  const auto is_constant = [&](std::size_t k) {
    return std::find(constant.begin(), constant.end(), static_cast<int>(k)) != constant.end();
  };
  std::vector<std::string> names;
  for (std::size_t k = 0; k < width(); ++k)
    if (!is_constant(k)) names.push_back(layout_.value_names[k]);
  Dataset data = Dataset::of_series(names);
  std::vector<int> lines;
  std::vector<float> kept;
  for (std::size_t i = 0; i < records_.size(); ++i) {
    const Record& record = records_[i];
    std::vector<std::string_view> cells;
    kept.clear();
    for (std::size_t j = 0; j < record.positions * width(); ++j)
      if (!is_constant(j % width())) kept.push_back(values_[record.begin + j]);
    std::string name = clean_text(record.name);
    if (name.empty()) name = "series " + std::to_string(i + 1);
    data.add_series(name, said_of(record, constant, cells), clean_text(record.label), kept,
                    record.annotation);
    lines.push_back(record.line);
  }
  Diagnostics notes;
  const auto note = [&](std::string message) { notes.push_back({Severity::Note, 0, 0, std::move(message)}); };
  for (const int k : constant)
    note("'" + layout_.value_names[static_cast<std::size_t>(k)] +
         "' is the same at every position of a series: it describes the series and is no value of its "
         "positions.");
  if (uneven_)
    note(
        "the steps of time are not equally long: a network sees the order of the positions, not the time "
        "between them. Give the length of the step as a column of its own if it matters.");
  if (shorter_) note("rows whose last cells are empty are shorter series.");
  if (too_many_)
    notes.push_back({Severity::Error, 0, 0,
                     "the table has more than " + std::to_string(kMaxValues >> 20u) +
                         " million numbers, and the rest was left out. Load a part of it."});
  note_repeated_names(data, lines, notes);
  if (data.empty())
    notes.push_back(
        {Severity::Error, 0, 0,
         "no series could be read; expected a first line with the names of the columns, then a position a "
         "row (name, time, values) or a series a row (name, t1, t2, ...)."});
  result.data = std::move(data);
  messages_.finish(std::move(notes), result.diagnostics);
}

}  // namespace ribostep::bio
