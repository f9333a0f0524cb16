// Signatures of files people drop by mistake, and the two guesses a person can overrule.
#include "bio/reader_detect.h"

#include <algorithm>
#include <vector>

#include "bio/reader_text.h"
#include "bio/utf8.h"

namespace ribostep::bio {
namespace {

constexpr std::size_t kFormatSample = 64u << 10u;
constexpr std::size_t kLetterSample = 256u << 10u;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kAlphabetIs = "alphabet=";

struct Signature {
  std::string_view start;
  const char* what;
  const char* remedy;
};

using namespace std::string_view_literals;
constexpr const char* kUnpack = "unpack it and load the file inside";
constexpr const char* kNoSequences = "load a FASTA, TSV or plain text file with sequences";
constexpr const char* kAsUtf8 = "save it as UTF-8 text";
constexpr const char* kConvert = "convert it to FASTA first";

constexpr Signature kBinary[] = {
    {"\x1F\x8B"sv, "a gzip-compressed file", kUnpack},
    {"PK\x03\x04"sv, "a zip archive or an Office document", kUnpack},
    {"BZh"sv, "a bzip2-compressed file", kUnpack},
    {"\xFD"
     "7zXZ"sv,
     "an xz-compressed file", kUnpack},
    {"\x28\xB5\x2F\xFD"sv, "a zstd-compressed file", kUnpack},
    {"7z\xBC\xAF"sv, "a 7-Zip archive", kUnpack},
    {"%PDF"sv, "a PDF document", "copy the sequences out of it and paste them"},
    {"\x89PNG"sv, "a PNG image", kNoSequences},
    {"\xFF\xD8\xFF"sv, "a JPEG image", kNoSequences},
    {"GIF8"sv, "a GIF image", kNoSequences},
    {"RIFF"sv, "a WebP image or a sound file", kNoSequences},
    {"II*\0"sv, "a TIFF image", kNoSequences},
    {"MM\0*"sv, "a TIFF image", kNoSequences},
    {"\xD0\xCF\x11\xE0"sv, "an old Office document", "save it as plain text or TSV"},
    {"{\\rtf"sv, "an RTF document", "save it as plain text"},
    {"SQLite format 3"sv, "a database", kNoSequences},
    {"\x7F"
     "ELF"sv,
     "a program", kNoSequences},
    {"\0asm"sv, "a WebAssembly program", kNoSequences},
    {"\xFF\xFE"sv, "UTF-16 text", kAsUtf8},
    {"\xFE\xFF"sv, "UTF-16 text", kAsUtf8},
};

// Looked for at the first character that is not blank.
constexpr Signature kOtherText[] = {
    {"LOCUS "sv, "a GenBank record, which is not read yet", "save the sequence as FASTA and load that"},
    {"ID   "sv, "an EMBL or UniProt record, which is not read yet",
     "save the sequence as FASTA and load that"},
    {"HEADER    "sv, "a PDB file, which is not read", "load the FASTA file of the structure"},
    {"@HD\t"sv, "a SAM file, which is not read", kConvert},
    {"@SQ\t"sv, "a SAM file, which is not read", kConvert},
    {"@"sv, "FASTQ, which is not read yet", "convert it to FASTA, for example with: seqtk seq -a"},
    {"#NEXUS"sv, "a NEXUS file, which is not read yet", kConvert},
    {"CLUSTAL"sv, "a Clustal alignment, which is not read yet", kConvert},
    {"# STOCKHOLM"sv, "a Stockholm alignment, which is not read yet", kConvert},
    {"##gff"sv, "a GFF file without sequences", "load the FASTA file that belongs to it"},
    {"##fileformat=VCF"sv, "a VCF file without sequences", "load the FASTA file that belongs to it"},
    {"{"sv, "JSON", kNoSequences},
    {"["sv, "JSON", kNoSequences},
    {"<"sv, "HTML or XML", "copy the sequences as plain text"},
};

std::string refused(const Signature& signature) {
  return std::string("this looks like ") + signature.what + "; " + signature.remedy + '.';
}

std::size_t first_character(std::string_view text) {
  std::size_t at = text.substr(0, 3) == kByteOrderMark ? 3 : 0;
  while (at < text.size() && (is_blank(text[at]) || is_line_end(text[at]))) ++at;
  return at;
}

// No text: a NUL, or more than a tenth control characters and bytes that are not UTF-8.
std::optional<std::string> binary_refusal(std::string_view sample) {
  const auto nuls = static_cast<std::size_t>(std::count(sample.begin(), sample.end(), '\0'));
  if (nuls * 3 > sample.size()) return "this looks like UTF-16 text or a binary file; save it as UTF-8 text.";
  if (nuls > 0)
    return "this is a binary file, not text; load a FASTA, TSV or plain text file with sequences.";
  std::size_t odd = 0;
  for (std::string_view rest = sample; !rest.empty();) {
    const auto byte = static_cast<unsigned char>(rest.front());
    const std::size_t length = utf8_length(rest.substr(0, 4));
    if (length == 0 || byte == 0x7F || (byte < 0x20 && !is_blank(rest.front()) && !is_line_end(rest.front())))
      ++odd;
    rest.remove_prefix(std::max<std::size_t>(length, 1));
  }
  if (odd * 10 > sample.size())
    return "this is a binary file, not text; load a FASTA, TSV or plain text file with sequences.";
  return std::nullopt;
}

bool is_comment(std::string_view line) {
  return !line.empty() && (line.front() == ';' || line.front() == '#');
}

template <class F>
void for_sequence_text(std::string_view text, const Detected& detected, F f) {
  bool header_pending = detected.format == Format::Table && detected.table.header;
  std::vector<std::string_view> cells;
  for_lines(text, detected.begin, kLetterSample, [&](std::string_view line) {
    line = trimmed(line.substr(0, kLetterSample));
    if (line.empty() || is_comment(line) || (detected.format == Format::Fasta && line.front() == '>'))
      return true;
    if (header_pending) {
      header_pending = false;
      return true;
    }
    if (detected.format == Format::Table) {
      split_cells(line, detected.table.delimiter, cells);
      const auto column = static_cast<std::size_t>(detected.table.sequence);
      line = column < cells.size() ? cells[column] : std::string_view{};
    }
    f(line);
    return true;
  });
}

}  // namespace

std::optional<std::string> refusal(std::string_view text) {
  const std::size_t first = first_character(text);
  if (first >= text.size()) return "there is nothing to read: the text is empty.";
  for (const Signature& signature : kBinary)
    if (text.substr(0, signature.start.size()) == signature.start) return refused(signature);
  if (auto binary = binary_refusal(text.substr(0, kFormatSample))) return binary;
  for (const Signature& signature : kOtherText)
    if (text.substr(first, signature.start.size()) == signature.start) return refused(signature);
  return std::nullopt;
}

Detected detect_format(std::string_view text, const ReadOptions& options) {
  Detected detected;
  detected.begin = text.substr(0, 3) == kByteOrderMark ? 3 : 0;
  bool fasta = false;
  for_lines(text, detected.begin, kFormatSample, [&](std::string_view line) {
    fasta = !trimmed(line.substr(0, kFormatSample)).empty() && trimmed(line).front() == '>';
    return !fasta;
  });
  const bool asked = options.alphabet == AlphabetKind::Series;
  const auto series = [&]() -> std::optional<SeriesLayout> {
    if (options.alphabet && !asked) return std::nullopt;
    return layout_series(text.substr(detected.begin), asked, options.channels);
  };
  if (fasta) {
    detected.format = Format::Fasta;
  } else if (auto numbers = series()) {
    detected.format = Format::Series;
    detected.series = *std::move(numbers);
  } else if (auto layout = layout_table(text.substr(detected.begin), options.alphabet)) {
    detected.format = Format::Table;
    detected.table = *std::move(layout);
  }
  return detected;
}

std::optional<AlphabetKind> told_alphabet(std::string_view text) {
  if (text.substr(0, 3) == kByteOrderMark) text.remove_prefix(3);
  std::string_view line = text.substr(0, line_end(text.substr(0, 80), 0));
  if (line.empty() || (line.front() != ';' && line.front() != '#')) return std::nullopt;
  line = trimmed(line.substr(1));
  if (line.substr(0, kAlphabetIs.size()) != kAlphabetIs) return std::nullopt;
  const auto kind = alphabet_kind(trimmed(line.substr(kAlphabetIs.size())));
  return kind && bio::alphabet(*kind).is_formal() ? kind : std::nullopt;
}

std::string alphabet_line(AlphabetKind kind) {
  if (!bio::alphabet(kind).is_formal()) return {};
  return "; " + std::string(kAlphabetIs) + name(kind) + "\n";
}

AlphabetKind detect_alphabet(std::string_view text, const Detected& detected) {
  std::array<std::size_t, 256> count{};
  for_sequence_text(text, detected, [&](std::string_view letters) {
    for (const char c : letters) ++count[static_cast<unsigned char>(upper(c))];
  });
  const auto sum = [&](std::string_view letters) {
    std::size_t total = 0;
    for (const char c : letters) total += count[static_cast<unsigned char>(c)];
    return total;
  };
  const std::size_t bases = sum("ACGTU"), codes = sum("RYSWKMBDHV");
  const std::size_t others = sum("EFIJLOPQZ");
  const std::size_t all = bases + codes + others;
  const bool nucleic = bases * 4 >= all * 3 || (others == 0 && bases * 2 >= all);
  if (!nucleic) return AlphabetKind::Protein;
  return sum("U") > sum("T") ? AlphabetKind::Rna : AlphabetKind::Dna;
}

bool looks_like_prose(std::string_view text, const Detected& detected) {
  std::size_t words = 0, characters = 0, lines = 0, uneven_lines = 0;
  for_sequence_text(text, detected, [&](std::string_view line) {
    ++lines;
    std::size_t in_line = 0, shortest = line.size(), longest = 0, at = 0;
    while (at < line.size()) {
      while (at < line.size() && is_blank(line[at])) ++at;
      const std::size_t begin = at;
      while (at < line.size() && !is_blank(line[at])) ++at;
      if (at == begin) break;
      const std::string_view word = line.substr(begin, at - begin);
      if (word.find_first_not_of("0123456789") == std::string_view::npos) continue;  // numbering
      ++in_line;
      characters += at - begin;
      longest = std::max(longest, at - begin);
      if (at < line.size()) shortest = std::min(shortest, at - begin);  // a last block may be cut short
    }
    words += in_line;
    if (in_line >= 2 && shortest < longest) ++uneven_lines;
  });
  return words >= 4 && characters < 9 * words && uneven_lines * 2 >= lines;
}

}  // namespace ribostep::bio
