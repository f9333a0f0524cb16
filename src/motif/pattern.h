// A motif as people write it, and its syntax tree. Letters are those of the alphabet or IUPAC codes (any of
// what they stand for); [..] [^..] . ( ) | * + ? {m} {m,n} {m,} ^ $ are as in regular expressions; dashes
// between elements make it a PROSITE pattern: N-{P}-[ST]-{P}, x(2,4), < and > for the ends. () is the empty
// string; a backslash takes a bracket as a letter (brackets are an alphabet, too).
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "bio/alphabet.h"

namespace ribostep::motif {

// Which strings the machine accepts, for a motif P over the alphabet S. Contains: S* P S* (once found it
// stays found). EndsHere: S* P, each occurrence at its last letter. Whole: P.
enum class Mode : std::uint8_t { Contains, EndsHere, Whole };
inline constexpr int kMaxMismatches = 2;  // letters that may be others than the motif's (Hamming distance)
inline constexpr std::size_t kMaxPattern = 400;  // bytes
inline constexpr int kMaxRepeat = 200;           // in {m,n}
inline constexpr int kMaxDepth = 60;             // of brackets
inline constexpr int kMaxNodes = 4096;

struct Node {
  enum class Kind : std::uint8_t { Empty, Letters, Concat, Either, Repeat, Start, End };
  Kind kind = Kind::Empty;
  std::uint32_t letters = 0;  // Letters: bit k set: symbol k of the alphabet
  int low = 0, high = 0;      // Repeat: so many times; high -1: without end
  std::vector<int> children;  // Concat, Either: any number; Repeat: one
  int column = 1, width = 0;  // where it stands in the text, from 1
};

struct Pattern {
  bio::AlphabetKind alphabet = bio::AlphabetKind::Dna;
  std::string text;
  Mode mode = Mode::Contains;
  int mismatches = 0;
  bool prosite = false;  // how the text was read
  std::vector<Node> nodes;
  int root = 0;
};

struct ParsedPattern {
  std::optional<Pattern> pattern;  // none: `diagnostics` holds an Error with its column
  Diagnostics diagnostics;
};
// Believes nothing. White space is skipped; letters in either case; T and U are the same base.
ParsedPattern parse_pattern(std::string_view text, bio::AlphabetKind alphabet, Mode mode = Mode::Contains,
                            int mismatches = 0);

// The tree, a node a line, indented by two.
std::string to_text(const Pattern& pattern);
// A set of letters as people write it: "A", "W" (the IUPAC code), "[ST]", "." for all, "[^P]".
std::string letters_text(std::uint32_t letters, const bio::Alphabet& alphabet);

const char* name(Mode mode);   // "contains", "ends", "whole"
const char* label(Mode mode);  // "contains", "ends here", "whole sequence"
std::optional<Mode> match_mode(std::string_view name);

// Ready-made motifs, for a menu.
struct Preset {
  const char* id;     // "tata_box"
  const char* title;  // "TATA box"
  const char* pattern;
  bio::AlphabetKind alphabet;
  Mode mode;
  int mismatches;
  const char* words;  // what it is and where the pattern is from, one line
};
std::span<const Preset> presets();

}  // namespace ribostep::motif
