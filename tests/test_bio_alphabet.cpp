// Alphabets as tables: tokens, ambiguity, complements.
#include <doctest/doctest.h>

#include "bio/dataset.h"

using namespace ribostep::bio;

TEST_CASE("symbols come first and every code finds itself in both cases") {
  for (const AlphabetKind kind : {AlphabetKind::Dna, AlphabetKind::Rna, AlphabetKind::Protein}) {
    const Alphabet& a = alphabet(kind);
    CHECK(a.kind == kind);
    for (int t = 0; t < a.code_count(); ++t) {
      CHECK(a.token(a.letter(t)) == t);
      CHECK(a.token(static_cast<char>(a.letter(t) + ('a' - 'A'))) == t);
      CHECK(a.is_symbol(t) == (t < a.size()));
      const std::uint32_t bits = a.codes[static_cast<std::size_t>(t)].symbols;
      if (t < a.size()) CHECK(bits == (1u << t));
      if (t >= a.size()) CHECK((bits & (bits - 1)) != 0);  // more than one symbol
      CHECK(bits < (1u << a.size()));
    }
    for (const char c : {' ', '>', '-', '*', '.', '1', '\0', '@', '[', '`', '{', '\xC3'})
      CHECK(a.token(c) == -1);
  }
}

TEST_CASE("sizes and the letters that differ") {
  CHECK(alphabet(AlphabetKind::Dna).size() == 4);
  CHECK(alphabet(AlphabetKind::Dna).code_count() == 15);
  CHECK(alphabet(AlphabetKind::Protein).size() == 20);
  CHECK(alphabet(AlphabetKind::Protein).code_count() == 26);
  const Alphabet &dna = alphabet(AlphabetKind::Dna), &rna = alphabet(AlphabetKind::Rna);
  CHECK(dna.token('U') == dna.token('T'));
  CHECK(rna.token('t') == rna.token('U'));
  CHECK(dna.letter(3) == 'T');
  CHECK(rna.letter(3) == 'U');
  CHECK(dna.token('J') == -1);
  CHECK(dna.expected() == "ACGT or an IUPAC code (R Y S W K M B D H V N)");
}

TEST_CASE("complements") {
  const Alphabet& dna = alphabet(AlphabetKind::Dna);
  const auto complement = [&](char c) { return dna.letter(dna.complement(dna.token(c))); };
  const std::string letters = "ACGTRYSWKMBDHVN", expected = "TGCAYRSWMKVHDBN";
  for (std::size_t i = 0; i < letters.size(); ++i) CHECK(complement(letters[i]) == expected[i]);
}

TEST_CASE("names of alphabets and rules go both ways") {
  CHECK(alphabet_kind("DNA") == AlphabetKind::Dna);
  CHECK(alphabet_kind("rna") == AlphabetKind::Rna);
  CHECK(alphabet_kind("Protein") == AlphabetKind::Protein);
  CHECK_FALSE(alphabet_kind("").has_value());
  for (const LabelRule rule : {LabelRule::Auto, LabelRule::Column, LabelRule::KeyValue, LabelRule::LastField,
                               LabelRule::LastWord, LabelRule::None})
    CHECK(label_rule(name(rule)) == rule);
  CHECK_FALSE(label_rule("words").has_value());
}
