// DNA, RNA and protein as data: the symbols a network distinguishes, and the codes people write. A code is
// a symbol or an IUPAC ambiguity code, which is read as the mean of the symbols it stands for. A series of
// real values has one symbol, '.', at every position: its values lie beside (Dataset::values). Bits, brackets
// and Reber's letters are those of formal languages: no ambiguity codes, and never guessed from a text.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace ribostep::bio {

enum class AlphabetKind : std::uint8_t { Dna, Rna, Protein, Series, Bits, Brackets, Reber };
inline constexpr int kAlphabets = 7;

struct Code {
  char letter;
  std::uint32_t symbols;  // bit k set: may be symbol k; exactly one bit for a plain symbol
};

// codes[0 .. symbols.size()) are the symbols in order; the ambiguity codes follow. A token is an index into
// codes.
struct Alphabet {
  AlphabetKind kind;
  std::string_view name;     // "DNA"
  std::string_view symbols;  // "ACGT"
  std::span<const Code> codes;

  int size() const { return static_cast<int>(symbols.size()); }
  int code_count() const { return static_cast<int>(codes.size()); }
  // Token of a letter in either case (T and U are the same base), or -1.
  int token(char letter) const;
  char letter(int token) const { return codes[static_cast<std::size_t>(token)].letter; }
  bool is_symbol(int token) const { return token >= 0 && token < size(); }
  bool is_nucleic() const { return kind == AlphabetKind::Dna || kind == AlphabetKind::Rna; }
  bool is_series() const { return kind == AlphabetKind::Series; }
  bool is_formal() const { return kind > AlphabetKind::Series; }  // letters of formal languages
  // Token of the letter that may be anything (N, X), or -1: there is none.
  int any() const { return is_formal() || is_series() ? -1 : token(is_nucleic() ? 'N' : 'X'); }
  // Token of the Watson-Crick complement (also of ambiguity codes); nucleic acids only.
  int complement(int token) const;
  // "ACGT or an IUPAC code (R Y S W K M B D H V N)", for messages.
  std::string expected() const;
};

const Alphabet& alphabet(AlphabetKind kind);

}  // namespace ribostep::bio
