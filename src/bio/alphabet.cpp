// The tables behind alphabet.h: symbols first, ambiguity codes after (IUPAC-IUB 1984 for nucleic acids,
// 1985 for amino acids), and letter -> token tables made from them at compile time.
#include "bio/alphabet.h"

#include <array>
#include <cstddef>

namespace ribostep::bio {
namespace {

// Bits follow the order of the symbols: A 1, C 2, G 4, T or U 8.
constexpr std::array<Code, 15> nucleic_codes(char fourth) {
  return {{{'A', 1},
           {'C', 2},
           {'G', 4},
           {fourth, 8},
           {'R', 1 | 4},
           {'Y', 2 | 8},
           {'S', 2 | 4},
           {'W', 1 | 8},
           {'K', 4 | 8},
           {'M', 1 | 2},
           {'B', 2 | 4 | 8},
           {'D', 1 | 4 | 8},
           {'H', 1 | 2 | 8},
           {'V', 1 | 2 | 4},
           {'N', 15}}};
}

constexpr std::string_view kResidues = "ACDEFGHIKLMNPQRSTVWY";

constexpr std::uint32_t residue_bits(std::string_view letters) {
  std::uint32_t bits = 0;
  for (const char letter : letters) bits |= 1u << kResidues.find(letter);
  return bits;
}

// U (selenocysteine) and O (pyrrolysine) are real residues, but too rare for a symbol of their own, and
// calling them C and K would claim what nobody measured: they keep their letter and count as any residue. The
// reader says so in a note.
constexpr std::array<Code, 26> residue_codes() {
  std::array<Code, 26> codes{};
  for (std::size_t k = 0; k < kResidues.size(); ++k) codes[k] = {kResidues[k], 1u << k};
  constexpr std::uint32_t kAny = (1u << kResidues.size()) - 1;
  codes[20] = {'B', residue_bits("DN")};
  codes[21] = {'Z', residue_bits("EQ")};
  codes[22] = {'J', residue_bits("IL")};
  codes[23] = {'X', kAny};
  codes[24] = {'U', kAny};
  codes[25] = {'O', kAny};
  return codes;
}

constexpr std::array<Code, 15> kDnaCodes = nucleic_codes('T');
constexpr std::array<Code, 15> kRnaCodes = nucleic_codes('U');
constexpr std::array<Code, 26> kProteinCodes = residue_codes();

using TokenTable = std::array<std::int8_t, 256>;

template <std::size_t N>
constexpr TokenTable token_table(const std::array<Code, N>& codes, bool nucleic) {
  TokenTable table{};
  for (auto& entry : table) entry = -1;
  for (std::size_t k = 0; k < N; ++k) {
    const auto upper = static_cast<unsigned char>(codes[k].letter);
    table[upper] = static_cast<std::int8_t>(k);
    table[upper + ('a' - 'A')] = static_cast<std::int8_t>(k);
  }
  if (nucleic) table['T'] = table['t'] = table['U'] = table['u'] = 3;
  return table;
}

constexpr TokenTable kDnaTokens = token_table(kDnaCodes, true);
constexpr TokenTable kRnaTokens = token_table(kRnaCodes, true);
constexpr TokenTable kProteinTokens = token_table(kProteinCodes, false);

constexpr std::array<Code, 1> kSeriesCodes = {{{'.', 1}}};

template <std::size_t N>
constexpr std::array<Code, N> plain_codes(std::string_view symbols) {
  std::array<Code, N> codes{};
  for (std::size_t k = 0; k < N; ++k) codes[k] = {symbols[k], 1u << k};
  return codes;
}
constexpr std::array<Code, 2> kBitCodes = plain_codes<2>("01"), kBracketCodes = plain_codes<2>("()");
constexpr std::array<Code, 7> kReberCodes = plain_codes<7>("BTSXPVE");

constexpr Alphabet kDna{AlphabetKind::Dna, "DNA", "ACGT", kDnaCodes};
constexpr Alphabet kRna{AlphabetKind::Rna, "RNA", "ACGU", kRnaCodes};
constexpr Alphabet kProtein{AlphabetKind::Protein, "protein", kResidues, kProteinCodes};
constexpr Alphabet kSeries{AlphabetKind::Series, "series", ".", kSeriesCodes};
constexpr Alphabet kBits{AlphabetKind::Bits, "bits", "01", kBitCodes};
constexpr Alphabet kBrackets{AlphabetKind::Brackets, "brackets", "()", kBracketCodes};
constexpr Alphabet kReber{AlphabetKind::Reber, "Reber", "BTSXPVE", kReberCodes};
constexpr const Alphabet* kAll[kAlphabets] = {&kDna, &kRna, &kProtein, &kSeries, &kBits, &kBrackets, &kReber};

// A <-> T and C <-> G reverse the four bits, for a code as for a symbol.
constexpr std::uint32_t reversed(std::uint32_t bits) {
  return ((bits & 1u) << 3u) | ((bits & 2u) << 1u) | ((bits & 4u) >> 1u) | ((bits & 8u) >> 3u);
}

constexpr std::array<int, 15> complements() {
  std::array<int, 15> result{};
  for (std::size_t k = 0; k < 15; ++k)
    for (std::size_t m = 0; m < 15; ++m)
      if (kDnaCodes[m].symbols == reversed(kDnaCodes[k].symbols)) result[k] = static_cast<int>(m);
  return result;
}
constexpr std::array<int, 15> kComplements = complements();

}  // namespace

int Alphabet::token(char letter) const {
  const auto index = static_cast<unsigned char>(letter);
  switch (kind) {
    case AlphabetKind::Dna:
      return kDnaTokens[index];
    case AlphabetKind::Rna:
      return kRnaTokens[index];
    case AlphabetKind::Protein:
      return kProteinTokens[index];
    default: {  // letters of formal languages in either case
      const std::size_t k =
          symbols.find(letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 32) : letter);
      return k == std::string_view::npos ? -1 : static_cast<int>(k);
    }
  }
}

int Alphabet::complement(int token) const { return kComplements[static_cast<std::size_t>(token)]; }

std::string Alphabet::expected() const {
  if (is_series()) return "numbers";
  std::string text(symbols);
  if (is_formal()) return text;
  text += " or an IUPAC code (";
  for (std::size_t k = symbols.size(); k < codes.size(); ++k) {
    if (k > symbols.size()) text += ' ';
    text += codes[k].letter;
  }
  return text + ")";
}

const Alphabet& alphabet(AlphabetKind kind) { return *kAll[static_cast<std::size_t>(kind)]; }

}  // namespace ribostep::bio
