// The reading loops: FASTA, one sequence per line, tables. Each runs up to a byte and can go on later.
#include "bio/reader.h"

#include <algorithm>
#include <limits>

#include "bio/covariates.h"
#include "bio/reader_collect.h"
#include "bio/reader_detect.h"
#include "bio/reader_text.h"
#include "bio/series_reader.h"

namespace ribostep::bio {

struct Reader::State {
  std::string_view text;
  ReadResult result;
  Detected detected;
  // One of these; neither when the text was refused.
  std::unique_ptr<Collector> collector;
  std::unique_ptr<SeriesReader> series;
  std::size_t at = 0;
  int line = 1;
  bool line_begins = true;
  bool header_pending = false;  // of a table
  bool finished = false;
  std::vector<std::string_view> cells;
  // To recognise one wrapped sequence that lost its header.
  std::size_t line_count = 0, first_length = 0, last_length = 0;
  bool equal_lengths = true;

  void refuse(std::string message) {
    result.diagnostics.push_back({Severity::Error, 0, 0, std::move(message)});
    at = text.size();
  }
  void next_line(std::size_t end) {
    at = past_line_end(text, end);
    if (line < std::numeric_limits<int>::max()) ++line;
    line_begins = true;
  }
  void open(ReadOptions options);
  void tell_layout(int at_line);
  void read_header(std::size_t begin, std::size_t end);
  void start_line();
  void read_letters(std::size_t stop);
  void read_row();
  void step(std::size_t stop);
  void finish();
};

// ">name rest of the line", also "> name".
void Reader::State::read_header(std::size_t begin, std::size_t end) {
  const std::string_view header = trimmed(text.substr(begin + 1, end - begin - 1));
  std::size_t split = 0;
  while (split < header.size() && !is_blank(header[split])) ++split;
  collector->begin(header.substr(0, split), trimmed(header.substr(split)), {});
}

// At the start of a line of FASTA or of plain sequences: a header, a comment, nothing, or letters.
void Reader::State::start_line() {
  collector->at_line(line, at);
  std::size_t first = at;
  while (first < text.size() && is_blank(text[first])) ++first;
  const char c = first < text.size() ? text[first] : '\n';
  const bool fasta = detected.format == Format::Fasta;
  if (is_line_end(c)) {
    at = first;
    if (at < text.size()) next_line(at);
  } else if (c == ';' || (!fasta && c == '#')) {
    next_line(line_end(text, first));
  } else if (fasta && c == '>') {
    const std::size_t end = line_end(text, first);
    read_header(first, end);
    next_line(end);
  } else {
    if (fasta && !collector->open()) {
      collector->tell(Severity::Warning, line, 0,
                      "these letters stand before the first '>' line and are read as a record of their own.");
      collector->begin({}, {}, {});
    } else if (!fasta) {
      collector->begin({}, {}, {});
    }
    line_begins = false;
  }
}

void Reader::State::read_letters(std::size_t stop) {
  const std::size_t begin = at;
  at = collector->letters(at, stop, text.size());
  last_length += at - begin;
  if (at < text.size() && !is_line_end(text[at])) return;
  if (detected.format == Format::Lines) {
    collector->end();
    if (line_count == 0) first_length = last_length;
    const bool last = past_line_end(text, at) >= text.size();
    equal_lengths = equal_lengths && (last ? last_length <= first_length : last_length == first_length);
    ++line_count;
  }
  last_length = 0;
  if (at < text.size()) next_line(at);
}

void Reader::State::read_row() {
  const std::size_t end = line_end(text, at);
  const std::string_view row = text.substr(at, end - at);
  const TableLayout& table = detected.table;
  collector->at_line(line, at);
  if (trimmed(row).empty() || row.front() == '#' || row.front() == ';') return next_line(end);
  if (header_pending) {
    header_pending = false;
    tell_layout(line);
    return next_line(end);
  }
  split_cells(row, table.delimiter, cells);
  const auto cell = [&](int column) {
    return column >= 0 && static_cast<std::size_t>(column) < cells.size()
               ? cells[static_cast<std::size_t>(column)]
               : std::string_view{};
  };
  const std::string_view sequence = cell(table.sequence);
  if (static_cast<std::size_t>(table.sequence) >= cells.size()) {
    collector->tell(Severity::Error, line, 0,
                    "this row has " + std::to_string(cells.size()) +
                        (cells.size() == 1 ? " cell" : " cells") + " but the sequence is in column " +
                        std::to_string(table.sequence + 1) +
                        "; the row was left out. Separate the cells by one " +
                        (table.delimiter == '\t' ? "tab" : std::string(1, table.delimiter)) + '.');
    return next_line(end);
  }
  std::string description;
  for (const auto& [column, key] : table.extra) append_field(description, key, cell(column));
  collector->begin(cell(table.name), description, cell(table.label));
  const auto begin = static_cast<std::size_t>(sequence.data() - text.data());
  if (!sequence.empty()) collector->letters(begin, begin + sequence.size(), begin + sequence.size());
  if (!sequence.empty()) collector->annotate(cell(table.annotation), begin, begin + sequence.size());
  collector->end();
  next_line(end);
}

void Reader::State::step(std::size_t stop) {
  if (series) {
    const std::size_t end = line_end(text, at);
    series->row(line, at, end);
    next_line(end);
  } else if (detected.format == Format::Table)
    read_row();
  else if (line_begins)
    start_line();
  else
    read_letters(stop);
}

void Reader::State::finish() {
  if (finished) return;
  finished = true;
  if (series) return series->finish(result);
  if (!collector) return;
  collector->end();
  if (detected.format == Format::Lines && line_count >= 3 && equal_lengths && first_length >= 50 &&
      first_length <= 100)
    collector->tell(Severity::Note, 0, 0,
                    "all lines but the last have " + std::to_string(first_length) +
                        " letters: if this is one wrapped sequence, put a line '>name' before it.");
  collector->finish(result);
}

void Reader::State::open(ReadOptions options) {
  if (text.size() > kMaxFileBytes)
    return refuse("this file has " + std::to_string(text.size() >> 20u) + " MB; at most " +
                  std::to_string(kMaxFileBytes >> 20u) + " MB can be read. Load a part of it.");
  if (auto reason = refusal(text)) return refuse(*std::move(reason));
  if (!options.alphabet) options.alphabet = told_alphabet(text);
  detected = detect_format(text, options);
  result.format = detected.format;
  result.alphabet_detected = !options.alphabet.has_value();
  if (detected.format == Format::Series) {
    if (!detected.series.refusal.empty()) return refuse(detected.series.refusal);
    series = std::make_unique<SeriesReader>(text, std::move(detected.series));
    at = detected.begin;
    return;
  }
  if (options.alphabet == AlphabetKind::Series)
    return refuse(
        "this is no table of numbers; series need a first line with the names of the columns, then a "
        "position a "
        "row (name, time, values) or a series a row (name, t1, t2, ...).");
  if (detected.format == Format::Table && detected.table.sequence < 0)
    return refuse(
        "no column of this table holds sequences; call the column 'sequence' in the first line. For series "
        "of "
        "numbers call the columns name, time and what was measured (a position a row), or name, t1, t2, ... "
        "(a "
        "series a row).");
  const AlphabetKind kind = detect_alphabet(text, detected);
  if (detected.format == Format::Lines && kind == AlphabetKind::Protein && looks_like_prose(text, detected))
    return refuse(
        "this looks like running text, not like sequences; paste FASTA ('>name' and letters) or one sequence "
        "per "
        "line without blanks.");
  collector = std::make_unique<Collector>(text, options.alphabet.value_or(kind));
  header_pending = detected.format == Format::Table && detected.table.header;
  if (detected.format == Format::Table && !detected.table.header) tell_layout(1);
  at = detected.begin;
}

// What was guessed about the columns, said where the table begins.
void Reader::State::tell_layout(int at_line) {
  for (const Diagnostic& note : detected.table.notes)
    collector->tell(note.severity, at_line, note.column, note.message);
}

Reader::Reader(std::span<const std::uint8_t> bytes, ReadOptions options) : state_(std::make_unique<State>()) {
  state_->text = std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  state_->open(options);
}

Reader::~Reader() = default;

bool Reader::run(std::size_t max_bytes) {
  State& state = *state_;
  const std::size_t left = state.text.size() - state.at;
  const std::size_t stop = state.at + std::min(std::max<std::size_t>(max_bytes, 1), left);
  while (state.at < stop) state.step(stop);
  if (state.at < state.text.size()) return false;
  state.finish();
  return true;
}

double Reader::progress() const {
  if (state_->text.empty()) return 1.0;
  return static_cast<double>(state_->at) / static_cast<double>(state_->text.size());
}

ReadResult Reader::take() {
  state_->finish();
  return std::move(state_->result);
}

ReadResult read(std::span<const std::uint8_t> bytes, ReadOptions options) {
  Reader reader(bytes, options);
  while (!reader.run(kMaxFileBytes)) {
  }
  return reader.take();
}

ReadResult read(std::string_view text, ReadOptions options) {
  return read(std::span<const std::uint8_t>(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()),
              options);
}

const char* name(Format format) {
  switch (format) {
    case Format::Fasta:
      return "FASTA";
    case Format::Lines:
      return "one sequence per line";
    case Format::Series:
      return "series";
    case Format::Table:
      break;
  }
  return "table";
}

}  // namespace ribostep::bio
