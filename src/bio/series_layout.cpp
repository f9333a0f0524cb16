// Columns are known by the names in the first line and by what stands below. A column that may hold sequences
// makes the whole a table of sequences, unless somebody said that it is not.
#include "bio/series_layout.h"

#include <algorithm>
#include <array>
#include <set>

#include "bio/covariates.h"
#include "bio/dataset.h"
#include "bio/reader_table.h"
#include "bio/reader_text.h"
#include "bio/utf8.h"

namespace ribostep::bio {
namespace {

constexpr std::size_t kSampleRows = 200;
constexpr std::size_t kSampleBytes = 1u << 20u;
constexpr std::size_t kShortSequence = 4;  // mean length from which letters may be a sequence
constexpr std::size_t kLongName = 6;       // mean length from which letters are no names
constexpr std::size_t kFewPositions = 3;   // so many columns alike make a wide table

constexpr std::array<std::string_view, 20> kNames = {
    "id",     "name",   "identifier", "accession", "seqid",   "seq_id", "title",
    "series", "gene",   "orf",        "sample",    "cell",    "probe",  "locus",
    "window", "region", "metabolite", "compound",  "patient", "subject"};
constexpr std::array<std::string_view, 5> kLabels = {"label", "class", "target", "category", "family"};
constexpr std::array<std::string_view, 6> kSequences = {"sequence", "seq",          "sequences",
                                                        "residues", "dna_sequence", "protein_sequence"};
constexpr std::array<std::string_view, 3> kAnnotations = {"annotation", "annotations", "labels"};
constexpr std::array<std::string_view, 22> kTimes = {
    "time",   "timepoint", "time_point", "position", "pos",   "t",    "step",  "index",
    "second", "seconds",   "minute",     "minutes",  "min",   "hour", "hours", "h",
    "day",    "days",      "week",       "weeks",    "month", "year"};

template <std::size_t N>
bool is_one_of(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

struct Column {
  std::string header;      // in lower case
  bool bracketed = false;  // "[dose]": said of the whole series
  bool numeric = false;
  bool decimal_commas = false;
  std::size_t rows = 0, filled = 0, letters = 0;
  bool pure = true, nucleic = true;  // letters only; A C G T U N only
  std::set<std::string_view> distinct;
  std::size_t mean() const { return filled == 0 ? 0 : letters / filled; }
  bool letters_of_a_sequence(std::size_t from) const { return pure && filled > 0 && mean() >= from; }
};

using Row = std::vector<std::string_view>;

bool is_number(std::string_view cell) {
  double number = 0;
  return parse_number(cell, number);
}

bool has_decimal_comma(std::string_view cell) {
  std::string with_point(cell);
  const std::size_t comma = with_point.find(',');
  if (comma == std::string::npos) return false;
  with_point[comma] = '.';
  return is_number(with_point);
}

std::vector<Column> look_at(const std::vector<Row>& rows) {
  std::vector<Column> columns(rows.front().size());
  for (std::size_t k = 0; k < columns.size(); ++k) {
    Column& column = columns[k];
    std::string_view header = rows.front()[k];
    column.bracketed = header.size() > 2 && header.front() == '[' && header.back() == ']';
    if (column.bracketed) header = header.substr(1, header.size() - 2);
    column.header = lower(header);
    std::size_t numbers = 0, commas = 0;
    for (std::size_t i = 1; i < rows.size(); ++i) {
      if (k >= rows[i].size()) continue;
      const std::string_view cell = rows[i][k];
      ++column.rows;
      if (is_missing(cell)) continue;
      ++column.filled;
      column.letters += cell.size();
      column.distinct.insert(cell);
      numbers += is_number(cell);
      commas += has_decimal_comma(cell);
      for (const char c : cell) {
        const bool gap = c == '-' || c == '.' || c == '*';
        column.pure = column.pure && (gap || is_letter(c));
        column.nucleic =
            column.nucleic && (gap || std::string_view("ACGTUN").find(upper(c)) != std::string_view::npos);
      }
    }
    column.numeric = column.filled > 0 && 2 * numbers > column.filled;
    column.decimal_commas = column.filled > 0 && 2 * commas > column.filled;
  }
  return columns;
}

// "t1" and "t12" become "t#", "0h" and "2.5h" become "#h"; empty without a digit.
std::string pattern(std::string_view header) {
  std::string result;
  bool digits = false;
  for (std::size_t i = 0; i < header.size(); ++i) {
    const auto digit = [&](std::size_t at) {
      return at < header.size() && header[at] >= '0' && header[at] <= '9';
    };
    if (digit(i) || (header[i] == '.' && i > 0 && digit(i - 1) && digit(i + 1))) {
      if (result.empty() || result.back() != '#') result += '#';
      digits = true;
    } else if (!(header[i] == '-' && i == 0 && digit(1))) {
      result += header[i];
    }
  }
  return digits ? result : std::string();
}

// The number in a header such as "t12".
double number_in(std::string_view header) {
  const std::size_t begin = header.find_first_of("0123456789");
  std::size_t end = begin;
  while (end < header.size() && (header[end] == '.' || (header[end] >= '0' && header[end] <= '9'))) ++end;
  double number = 0;
  parse_number(header.substr(begin, end - begin), number);
  return begin == 1 && header[0] == '-' ? -number : number;
}

std::string channel_name(std::string_view header, int column) {
  std::string name = clean_text(trimmed(header));
  if (name.size() > kMaxChannelName) {
    name.resize(kMaxChannelName);
    while (!is_utf8(name)) name.pop_back();
  }
  return name.empty() ? "column " + std::to_string(column + 1) : name;
}

class Finder {
 public:
  Finder(const std::vector<Row>& rows, bool asked, const std::vector<std::string>& channels,
         SeriesLayout& layout)
      : rows_(rows), asked_(asked), channels_(channels), layout_(layout), columns_(look_at(rows)) {}

  bool find() {
    layout_.columns = columns_.size();
    find_roles();
    if (!asked_ && may_hold_sequences()) return false;
    if (numbers_.empty()) return decimal_commas();
    // A wide table may name two rows alike; in a long one most rows continue the one above.
    const std::size_t continued = rows_that_continue();
    const bool together =
        layout_.time >= 0 ? continued > 0 : continued > 0 && 2 * continued + 2 >= rows_.size();
    if (!together && find_wide()) return true;
    if (!asked_ && !together && layout_.name >= 0 && layout_.time >= 0 && names_repeat()) {
      layout_.refusal = "the rows of one series must stand together: sort the table by '" +
                        columns_[at(layout_.name)].header + "', then by '" +
                        columns_[at(layout_.time)].header + "'.";
      return true;
    }
    if (!together && !asked_ && (layout_.name >= 0 || layout_.time < 0)) return false;
    return find_long();
  }

 private:
  static std::size_t at(int column) { return static_cast<std::size_t>(column); }

  void find_roles() {
    for (std::size_t k = 0; k < columns_.size(); ++k) {
      const Column& column = columns_[k];
      const int index = static_cast<int>(k);
      if (column.bracketed)
        fields_.push_back(index);
      else if (layout_.name < 0 && is_one_of(kNames, column.header))
        layout_.name = index, named_ = true;
      else if (layout_.label < 0 && is_one_of(kLabels, column.header))
        layout_.label = index;
      else if (layout_.annotation < 0 && is_one_of(kAnnotations, column.header) && column.mean() <= 1)
        layout_.annotation = index;
      else if (layout_.time < 0 && column.numeric && is_one_of(kTimes, column.header))
        layout_.time = index;
      else if (column.numeric)
        numbers_.push_back(index);
      else
        fields_.push_back(index);
    }
    if (layout_.name >= 0) return;
    // The first column of words.
    const auto first =
        std::find_if(fields_.begin(), fields_.end(), [&](int k) { return !columns_[at(k)].bracketed; });
    if (first == fields_.end()) return;
    layout_.name = *first;
    fields_.erase(first);
  }

  bool may_hold_sequences() const {
    for (std::size_t k = 0; k < columns_.size(); ++k) {
      const Column& column = columns_[k];
      const int index = static_cast<int>(k);
      if (is_one_of(kSequences, column.header)) return true;
      if (column.numeric || column.bracketed || index == layout_.label) continue;
      if (index == layout_.name) {
        if (!named_ && column.letters_of_a_sequence(column.nucleic ? kShortSequence : kLongName)) return true;
      } else if (column.letters_of_a_sequence(kShortSequence) && 2 * column.distinct.size() > column.filled) {
        return true;  // conditions and strains repeat, sequences do not
      }
    }
    return false;
  }

  bool decimal_commas() {
    const bool any =
        std::any_of(columns_.begin(), columns_.end(), [](const Column& c) { return c.decimal_commas; });
    if (any)
      layout_.refusal = "the numbers of this table have decimal commas: write them with a point, like 0.25.";
    return any;
  }

  std::string_view name_of(std::size_t row) const {
    return layout_.name >= 0 && at(layout_.name) < rows_[row].size() ? rows_[row][at(layout_.name)]
                                                                     : std::string_view();
  }
  std::size_t rows_that_continue() const {
    std::size_t count = 0;
    for (std::size_t i = 2; i < rows_.size(); ++i)
      count += !name_of(i).empty() && name_of(i) == name_of(i - 1);
    return count;
  }
  bool names_repeat() const {
    std::set<std::string_view> seen;
    for (std::size_t i = 1; i < rows_.size(); ++i)
      if (!name_of(i).empty() && !seen.insert(name_of(i)).second) return true;
    return false;
  }

  // The columns whose names differ in a number only.
  bool find_wide() {
    std::vector<std::pair<std::string, std::vector<int>>> groups;
    for (const int k : numbers_) {
      const std::string shape = pattern(columns_[at(k)].header);
      if (shape.empty()) continue;
      const auto known =
          std::find_if(groups.begin(), groups.end(), [&](const auto& g) { return g.first == shape; });
      if (known == groups.end())
        groups.push_back({shape, {k}});
      else
        known->second.push_back(k);
    }
    std::stable_sort(groups.begin(), groups.end(),
                     [](const auto& a, const auto& b) { return a.second.size() > b.second.size(); });
    std::vector<int> positions = groups.empty() ? std::vector<int>() : groups[0].second;
    const bool alike = positions.size() >= kFewPositions;
    if (!alike) {
      if (!asked_ || numbers_.size() < 2 || layout_.time >= 0) return false;
      positions = numbers_;
    } else if (groups.size() > 1 && groups[1].second.size() > 1 &&
               2 * groups[1].second.size() > positions.size()) {
      const auto quoted = [&](std::size_t g) { return "'" + columns_[at(groups[g].second[0])].header + "'"; };
      layout_.refusal =
          "the columns " + quoted(0) + ", ... and " + quoted(1) +
          ", ... look like several series in a row; keep one of them, or write a position a row: name, "
          "position, and a column for each value.";
      return true;
    } else if (groups[0].first == "#" && !named_ && !asked_ &&
               (layout_.name < 0 || !columns_[at(layout_.name)].header.empty())) {
      return false;  // a first line of numbers is a row like the others
    }
    layout_.wide = true;
    for (const int k : numbers_)
      if (std::find(positions.begin(), positions.end(), k) == positions.end()) fields_.push_back(k);
    if (layout_.time >= 0) fields_.push_back(layout_.time);
    layout_.time = -1;
    layout_.values = positions;
    note_order(positions);
    const std::string& first = columns_[at(positions[0])].header;
    std::size_t letters = 0;
    while (letters < first.size() && is_letter(first[letters])) ++letters;
    const std::string word = first.substr(0, letters);
    const bool telling = alike && word.size() >= 3 && !is_one_of(kTimes, word);
    layout_.value_names = {telling ? word : "value"};
    take_fields();
    return true;
  }

  void note_order(const std::vector<int>& positions) {
    for (std::size_t i = 1; i < positions.size(); ++i) {
      const std::string &a = columns_[at(positions[i - 1])].header, &b = columns_[at(positions[i])].header;
      const std::string shape = pattern(a);
      if (shape != pattern(b) || std::count(shape.begin(), shape.end(), '#') != 1) return;
      if (number_in(a) < number_in(b)) continue;
      layout_.notes.push_back(
          {Severity::Warning, 1, 0,
           "column '" + b + "' stands behind '" + a +
               "': columns are read from left to right. Sort them if that is not their order."});
      return;
    }
  }

  // Every value that is wanted has to be there, under its name.
  bool find_known() {
    std::vector<int> values;
    for (const std::string& wanted : channels_) {
      const auto at_name = std::find_if(numbers_.begin(), numbers_.end(), [&](int k) {
        return channel_name(rows_.front()[at(k)], k) == wanted;
      });
      if (at_name == numbers_.end()) {
        layout_.refusal = "there is no column of numbers called '" + wanted + "', which the network reads.";
        return true;
      }
      values.push_back(*at_name);
      numbers_.erase(at_name);
    }
    fields_.insert(fields_.end(), numbers_.begin(), numbers_.end());
    layout_.values = std::move(values);
    layout_.value_names = channels_;
    layout_.known_values = true;
    take_fields();
    return true;
  }

  bool find_long() {
    // A set with one value per position may have been wide, where it has no name.
    const bool named = channels_.size() == 1 && std::any_of(numbers_.begin(), numbers_.end(), [&](int k) {
                         return channel_name(rows_.front()[at(k)], k) == channels_[0];
                       });
    if (channels_.size() > 1 || named) return find_known();
    for (const int k : numbers_)
      if (!asked_ && is_number(rows_.front()[at(k)])) return false;  // no names of columns
    if (numbers_.size() > static_cast<std::size_t>(kMaxChannels)) {
      layout_.refusal = "this table has " + std::to_string(numbers_.size()) +
                        " columns of numbers, and a position of a series can have " +
                        std::to_string(kMaxChannels) + ": keep the columns that matter.";
      return true;
    }
    layout_.values = numbers_;
    for (const int k : numbers_) {
      std::string name = channel_name(rows_.front()[at(k)], k);
      const auto taken = [&](const std::string& n) {
        return std::find(layout_.value_names.begin(), layout_.value_names.end(), n) !=
               layout_.value_names.end();
      };
      if (taken(name)) name = "column " + std::to_string(k + 1);
      layout_.value_names.push_back(std::move(name));
    }
    take_fields();
    return true;
  }

  void take_fields() {
    std::sort(fields_.begin(), fields_.end());
    for (const int k : fields_)
      if (layout_.fields.size() < kMaxCovariateKeys && !columns_[at(k)].header.empty())
        layout_.fields.emplace_back(k, columns_[at(k)].header);
  }

  const std::vector<Row>& rows_;
  const bool asked_;
  const std::vector<std::string>& channels_;
  SeriesLayout& layout_;
  std::vector<Column> columns_;
  std::vector<int> numbers_, fields_;
  bool named_ = false;  // the name column is called so
};

}  // namespace

std::optional<SeriesLayout> layout_series(std::string_view text, bool asked,
                                          const std::vector<std::string>& channels) {
  std::vector<std::string_view> lines;
  for_lines(text, 0, kSampleBytes, [&](std::string_view line) {
    if (!trimmed(line).empty() && line.front() != '#' && line.front() != ';') lines.push_back(line);
    return lines.size() <= kSampleRows;
  });
  if (lines.size() < 2) return std::nullopt;
  SeriesLayout layout;
  std::size_t delimiter = std::string_view::npos;
  for (const char c : {'\t', ',', ';'}) {
    layout.delimiter = c;
    delimiter = trimmed(lines.front()).find(c);
    if (delimiter != std::string_view::npos) break;
  }
  if (delimiter == std::string_view::npos) return std::nullopt;
  std::vector<Row> rows(lines.size());
  for (std::size_t i = 0; i < lines.size(); ++i) split_cells(lines[i], layout.delimiter, rows[i]);
  if (!Finder(rows, asked, channels, layout).find()) return std::nullopt;
  return layout;
}

}  // namespace ribostep::bio
