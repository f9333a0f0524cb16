// Columns are found by the names of a header line, or else by what stands in them.
#include "bio/reader_table.h"

#include <algorithm>
#include <array>

#include "bio/covariates.h"
#include "bio/reader_text.h"

namespace ribostep::bio {
namespace {

constexpr std::size_t kSampleRows = 50;
constexpr std::size_t kSampleBytes = 1u << 20u;
constexpr std::size_t kShortSequence = 4;  // mean length from which an unnamed column may be the sequence
constexpr std::size_t kLongLabel = 8;      // mean length from which a first column may be the sequence

constexpr std::array<std::string_view, 7> kNameColumns = {"id",    "name",   "identifier", "accession",
                                                          "seqid", "seq_id", "title"};
constexpr std::array<std::string_view, 5> kLabelColumns = {"label", "class", "target", "category", "family"};
constexpr std::array<std::string_view, 6> kSequenceColumns = {"sequence", "seq",          "sequences",
                                                              "residues", "dna_sequence", "protein_sequence"};
constexpr std::array<std::string_view, 7> kAnnotationColumns = {
    "labels", "annotation", "annotations", "topology", "secondary_structure", "structure", "ss"};

template <std::size_t N>
bool is_one_of(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

using Row = std::vector<std::string_view>;

template <std::size_t N>
bool names_any_of(const Row& row, const std::array<std::string_view, N>& names) {
  return std::any_of(row.begin(), row.end(),
                     [&](std::string_view cell) { return is_one_of(names, lower(cell)); });
}

// Rows without comments; a comment that names columns ("#id<TAB>sequence") goes to `comment`.
std::vector<std::string_view> sample_lines(std::string_view text, std::string_view& comment) {
  std::vector<std::string_view> lines;
  for_lines(text, 0, kSampleBytes, [&](std::string_view line) {
    if (lines.empty() && !line.empty() && line.front() == '#') comment = line.substr(1);
    if (!trimmed(line).empty() && line.front() != '#' && line.front() != ';') lines.push_back(line);
    return lines.size() < kSampleRows;
  });
  return lines;
}

// What a column holds, judged by the sampled rows.
struct ColumnLook {
  std::size_t letters = 0, rows = 0;
  bool blanks = false;
  bool pure = true;     // letters (of a formal language: its own), gaps and stops only
  bool nucleic = true;  // A C G T U N and gaps only
  std::size_t mean() const { return rows == 0 ? 0 : letters / rows; }
};

std::vector<ColumnLook> look_at(const std::vector<Row>& rows, const Alphabet* formal) {
  std::vector<ColumnLook> looks;
  for (const Row& row : rows) {
    if (looks.size() < row.size()) looks.resize(row.size());
    for (std::size_t k = 0; k < row.size(); ++k) {
      ColumnLook& look = looks[k];
      ++look.rows;
      look.letters += row[k].size();
      for (const char c : row[k]) {
        const bool gap = c == '-' || c == '.' || c == '*' || is_blank(c);
        look.blanks = look.blanks || is_blank(c);
        look.pure = look.pure && (gap || (formal ? formal->token(c) >= 0 : is_letter(c)));
        look.nucleic =
            look.nucleic && (gap || std::string_view("ACGTUN").find(upper(c)) != std::string_view::npos);
      }
    }
  }
  return looks;
}

// The column of the longest words of letters, or -1 when no column could be sequences.
int longest_column(const std::vector<ColumnLook>& looks) {
  int best = -1;
  std::size_t longest = kShortSequence - 1;
  for (std::size_t k = 0; k < looks.size(); ++k) {
    if (!looks[k].pure || looks[k].blanks || looks[k].mean() <= longest) continue;
    longest = looks[k].mean();
    best = static_cast<int>(k);
  }
  return best;
}

// label<TAB>sequence; the other way round only when the second column cannot be the sequence.
int sequence_of_two(const std::vector<ColumnLook>& looks) {
  const ColumnLook &first = looks[0], &second = looks[1];
  const bool second_fits = second.pure && (second.nucleic || 3 * second.mean() > first.mean());
  return first.pure && first.mean() >= kLongLabel && !(second_fits && second.mean() >= kShortSequence) ? 0
                                                                                                       : 1;
}

std::string_view cell(const Row& row, int column) {
  return static_cast<std::size_t>(column) < row.size() ? row[static_cast<std::size_t>(column)]
                                                       : std::string_view{};
}

// One label per letter in most rows? A column called "labels" may as well hold one class per sequence.
bool is_per_position(const std::vector<Row>& rows, int column, int sequence) {
  std::size_t equal = 0, filled = 0;
  for (const Row& row : rows) {
    if (cell(row, column).empty()) continue;
    ++filled;
    if (cell(row, column).size() == cell(row, sequence).size()) ++equal;
  }
  return filled > 0 && 2 * equal > filled;
}

void name_columns(const Row& header, const std::vector<Row>& rows, const Alphabet* formal,
                  TableLayout& layout) {
  std::vector<std::string> names;
  for (const std::string_view name : header) names.push_back(lower(name));
  for (std::size_t k = 0; k < names.size(); ++k)
    if (layout.sequence < 0 && is_one_of(kSequenceColumns, names[k])) layout.sequence = static_cast<int>(k);
  if (layout.sequence < 0) {
    layout.sequence = longest_column(look_at(rows, formal));
    if (layout.sequence < 0) return;
    layout.notes.push_back({Severity::Note, 1, 0,
                            "no column is called 'sequence'; column " + std::to_string(layout.sequence + 1) +
                                " was taken for it."});
  }
  for (std::size_t k = 0; k < names.size(); ++k) {
    const int column = static_cast<int>(k);
    if (column == layout.sequence) continue;
    if (layout.name < 0 && is_one_of(kNameColumns, names[k])) {
      layout.name = column;
    } else if (layout.label < 0 && is_one_of(kLabelColumns, names[k])) {
      layout.label = column;
    } else if (is_one_of(kAnnotationColumns, names[k]) && is_per_position(rows, column, layout.sequence)) {
      if (layout.annotation < 0)
        layout.annotation = column;
      else
        layout.notes.push_back({Severity::Note, 1, 0,
                                "column '" + names[k] + "' also has labels per position; only '" +
                                    names[static_cast<std::size_t>(layout.annotation)] + "' is used."});
    } else if (layout.label < 0 && (names[k] == "labels" || names[k] == "annotation")) {
      layout.label = column;
    } else if (!names[k].empty() && layout.extra.size() < kMaxCovariateKeys) {
      std::replace_if(names[k].begin(), names[k].end(), is_blank, '_');
      layout.extra.emplace_back(column, names[k]);
    }
  }
}

void guess_columns(const std::vector<Row>& rows, const Alphabet* formal, TableLayout& layout) {
  const std::vector<ColumnLook> looks = look_at(rows, formal);
  layout.sequence = looks.size() == 1   ? 0
                    : looks.size() == 2 ? sequence_of_two(looks)
                                        : longest_column(looks);
  std::vector<int> others;
  for (std::size_t k = 0; k < looks.size(); ++k)
    if (static_cast<int>(k) != layout.sequence) others.push_back(static_cast<int>(k));
  if (!others.empty()) layout.label = others.back();
  if (others.size() >= 2) {
    layout.name = others[0];
    layout.label = others[1];
  }
  if (looks.size() >= 3 || layout.sequence == 0)
    layout.notes.push_back(
        {Severity::Note, 1, 0,
         "no header line: column " + std::to_string(layout.sequence + 1) + " was taken for the sequence" +
             (layout.label < 0 ? std::string(".")
                               : ", column " + std::to_string(layout.label + 1) +
                                     " for the label. A first line with names of columns settles it.")});
}

}  // namespace

void split_cells(std::string_view row, char delimiter, std::vector<std::string_view>& cells) {
  cells.clear();
  std::size_t at = 0;
  for (;;) {
    std::size_t begin = at;
    while (begin < row.size() && row[begin] == ' ') ++begin;
    const bool quoted = begin < row.size() && row[begin] == '"';
    const std::size_t close = quoted ? row.find('"', begin + 1) : std::string_view::npos;
    const std::size_t end =
        std::min(row.find(delimiter, close == std::string_view::npos ? at : close), row.size());
    cells.push_back(close == std::string_view::npos ? trimmed(row.substr(at, end - at))
                                                    : trimmed(row.substr(begin + 1, close - begin - 1)));
    if (end == row.size()) return;
    at = end + 1;
  }
}

std::optional<TableLayout> layout_table(std::string_view text, std::optional<AlphabetKind> kind) {
  const Alphabet* formal = kind && alphabet(*kind).is_formal() ? &alphabet(*kind) : nullptr;
  std::string_view comment;
  const std::vector<std::string_view> lines = sample_lines(text, comment);
  if (lines.empty()) return std::nullopt;
  TableLayout layout;
  const std::size_t found = [&] {
    for (const char delimiter : {'\t', ',', ';'}) {
      layout.delimiter = delimiter;
      const std::size_t at = trimmed(lines.front()).find(delimiter);
      if (at != std::string_view::npos) return at;
    }
    return std::string_view::npos;
  }();
  if (found == std::string_view::npos) return std::nullopt;
  std::vector<Row> rows(lines.size());
  for (std::size_t i = 0; i < lines.size(); ++i) split_cells(lines[i], layout.delimiter, rows[i]);

  Row commented;
  split_cells(comment, layout.delimiter, commented);
  const bool header_in_comment =
      commented.size() == rows.front().size() && names_any_of(commented, kSequenceColumns);
  layout.header = !header_in_comment &&
                  (names_any_of(rows.front(), kSequenceColumns) || names_any_of(rows.front(), kNameColumns) ||
                   names_any_of(rows.front(), kLabelColumns));
  if (!layout.header && !header_in_comment && layout.delimiter != '\t') {
    // A sentence has commas too.
    for (const Row& row : rows)
      if (row.size() != rows.front().size()) return std::nullopt;
  }
  if (header_in_comment) {
    name_columns(commented, rows, formal, layout);
  } else if (layout.header) {
    const Row header = rows.front();
    rows.erase(rows.begin());
    name_columns(header, rows, formal, layout);
  } else {
    guess_columns(rows, formal, layout);
    if (layout.delimiter != '\t' && layout.sequence >= 0)
      for (const Row& row : rows)
        if (cell(row, layout.sequence).find(' ') != std::string_view::npos) return std::nullopt;
  }
  return layout;
}

}  // namespace ribostep::bio
