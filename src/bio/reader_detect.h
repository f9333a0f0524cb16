// What lies before reading: is this text with sequences at all, in which format, of which alphabet.
#pragma once
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "bio/reader.h"
#include "bio/reader_table.h"
#include "bio/series_layout.h"

namespace ribostep::bio {

// Why this cannot be read, naming what it looks like; nullopt for text that is worth a try.
std::optional<std::string> refusal(std::string_view text);

struct Detected {
  Format format = Format::Lines;
  std::size_t begin = 0;  // behind a byte order mark
  TableLayout table;      // for Format::Table
  SeriesLayout series;    // for Format::Series
};
// Where an alphabet was chosen, a table of numbers is not looked for letters, nor the other way round.
Detected detect_format(std::string_view text, const ReadOptions& options);

// What alphabet_line() says.
std::optional<AlphabetKind> told_alphabet(std::string_view text);

// From the letters of the first 256 kB: nucleic when three quarters of them are A C G T U (N and X count
// neither way), or half of them and the others IUPAC codes. RNA when U is more frequent than T.
AlphabetKind detect_alphabet(std::string_view text, const Detected& detected);

// Words of different lengths on a line: a sentence, not a sequence. For Format::Lines.
bool looks_like_prose(std::string_view text, const Detected& detected);

}  // namespace ribostep::bio
