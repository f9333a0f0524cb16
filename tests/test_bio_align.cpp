// Global alignments: against every alignment there is on short strings, the published matrix by its published
// figures, and what a person would check by eye.
#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <map>
#include <stdexcept>

#include "base/random.h"
#include "bio/align.h"

using namespace ribostep;
using bio::AlphabetKind;

namespace {

// The best score over all alignments, by trying them all: `last` is what the column before was (0 a pair, 1 a
// letter of a alone, 2 one of b).
int by_trying(std::string_view a, std::string_view b, const bio::AlignmentScores& scores,
              const bio::Alphabet& alphabet, int last = 0) {
  if (a.empty() && b.empty()) return 0;
  int best = -1'000'000;
  if (!a.empty() && !b.empty())
    best = std::max(best, scores.pair(alphabet.token(a[0]), alphabet.token(b[0])) +
                              by_trying(a.substr(1), b.substr(1), scores, alphabet, 0));
  if (!a.empty())
    best = std::max(best, -scores.extend - (last == 1 ? 0 : scores.open) +
                              by_trying(a.substr(1), b, scores, alphabet, 1));
  if (!b.empty())
    best = std::max(best, -scores.extend - (last == 2 ? 0 : scores.open) +
                              by_trying(a, b.substr(1), scores, alphabet, 2));
  return best;
}

// What the alignment that was found is worth, counted anew.
int worth(const bio::Alignment& found, std::string_view a, std::string_view b,
          const bio::AlignmentScores& scores, const bio::Alphabet& alphabet) {
  int sum = 0, last = 0, next = 0;
  const auto alone = [&](int kind, int letters) {
    if (letters <= 0) return;
    sum -= letters * scores.extend + (last == kind ? 0 : scores.open);
    last = kind;
  };
  for (std::size_t i = 0; i < a.size(); ++i) {
    const int j = found.partner[i];
    if (j < 0) {
      alone(1, 1);
      continue;
    }
    REQUIRE(j >= next);
    alone(2, j - next);
    next = j + 1;
    sum += scores.pair(alphabet.token(a[i]), alphabet.token(b[static_cast<std::size_t>(j)]));
    last = 0;
  }
  alone(2, static_cast<int>(b.size()) - next);
  return sum;
}

std::string random_letters(Random& random, std::string_view from, int length) {
  std::string out;
  for (int i = 0; i < length; ++i) out += from[random.below(static_cast<std::uint32_t>(from.size()))];
  return out;
}

}  // namespace

TEST_CASE("alignment: as good as the best of all, for nucleotides and residues") {
  Random random(7);
  for (const AlphabetKind kind : {AlphabetKind::Dna, AlphabetKind::Rna, AlphabetKind::Protein}) {
    const bio::Alphabet& alphabet = bio::alphabet(kind);
    const bio::AlignmentScores scores = bio::alignment_scores(alphabet);
    // Few different letters, so that pairs and gaps compete.
    const std::string_view from = kind == AlphabetKind::Protein ? "ACDEGLKW" : alphabet.symbols.substr(0, 3);
    for (int round = 0; round < 150; ++round) {
      const std::string a = random_letters(random, from, static_cast<int>(random.below(7)));
      const std::string b = random_letters(random, from, static_cast<int>(random.below(7)));
      CAPTURE(a);
      CAPTURE(b);
      const bio::Alignment found = bio::align(a, b, alphabet);
      CHECK(found.score == by_trying(a, b, scores, alphabet));
      CHECK(worth(found, a, b, scores, alphabet) == found.score);
      CHECK(found.pairs + found.only_a == static_cast<int>(a.size()));
      CHECK(found.pairs + found.only_b == static_cast<int>(b.size()));
    }
  }
}

TEST_CASE("alignment: longer ones are worth what they say, in whatever slices they are made") {
  Random random(3);
  const bio::Alphabet& dna = bio::alphabet(AlphabetKind::Dna);
  const bio::AlignmentScores scores = bio::alignment_scores(dna);
  for (int round = 0; round < 10; ++round) {
    const std::string a = random_letters(random, "ACGT", 150);
    std::string b = a;
    b.erase(random.below(60), 9);
    b.insert(70 + random.below(60), random_letters(random, "ACGT", 5));
    b[20] = b[20] == 'A' ? 'C' : 'A';
    const bio::Alignment whole = bio::align(a, b, dna);
    bio::Aligner sliced(a, b, dna);
    CHECK_FALSE(sliced.run(1));
    CHECK(sliced.progress() < 0.1);
    while (!sliced.run(311)) {
    }
    CHECK(sliced.progress() == 1);
    CHECK(sliced.take().partner == whole.partner);
    CHECK(worth(whole, a, b, scores, dna) == whole.score);
    // The changes made by hand are one way to align them.
    CHECK(whole.score >= 2 * 140 - 3 - (5 + 9 * 2) - (5 + 5 * 2));
  }
}

TEST_CASE("alignment: an insertion, a deletion and a substitution stand where they were made") {
  const bio::Alphabet& dna = bio::alphabet(AlphabetKind::Dna);
  //                  0123456789
  const auto found = bio::align("ACGTTGCATCGGATCA", "ACGTTGGATCCCCGGATCA", dna);
  CHECK(found.identical == 15);
  CHECK(found.pairs == 16);
  CHECK(found.only_a == 0);
  CHECK(found.only_b == 3);
  CHECK(found.gaps == 1);
  CHECK(found.partner[0] == 0);
  CHECK(found.partner[6] == 6);  // C against G
  CHECK(found.partner[15] == 18);
  const auto other = bio::align("AAATTTCCC", "AAACCC", dna);
  CHECK(other.partner == std::vector<int>{0, 1, 2, -1, -1, -1, 3, 4, 5});
  CHECK(other.only_a == 3);
  CHECK(other.gaps == 1);
  CHECK(bio::align("", "ACG", dna).only_b == 3);
  CHECK(bio::align("ACG", "", dna).partner == std::vector<int>{-1, -1, -1});
  CHECK(bio::align("", "", dna).score == 0);
}

TEST_CASE("alignment: an ambiguity code is worth the mean of what it stands for; T and U are the same") {
  const bio::Alphabet& dna = bio::alphabet(AlphabetKind::Dna);
  const bio::AlignmentScores scores = bio::alignment_scores(dna);
  const auto worth_of = [&](char a, char b) { return scores.pair(dna.token(a), dna.token(b)); };
  CHECK(worth_of('A', 'A') == 2);
  CHECK(worth_of('A', 'C') == -3);
  CHECK(worth_of('T', 'U') == 2);
  CHECK(worth_of('N', 'A') == -2);  // (2 - 3 - 3 - 3) / 4
  CHECK(worth_of('R', 'Y') == -3);
  CHECK(std::abs(worth_of('R', 'A')) <= 1);  // (2 - 3) / 2
}

TEST_CASE("alignment: the matrix for residues has the figures it is published with") {
  const bio::Alphabet& protein = bio::alphabet(AlphabetKind::Protein);
  const bio::AlignmentScores scores = bio::alignment_scores(protein);
  const auto worth_of = [&](char a, char b) { return scores.pair(protein.token(a), protein.token(b)); };
  CHECK(worth_of('W', 'W') == 11);
  CHECK(worth_of('C', 'C') == 9);
  CHECK(worth_of('I', 'V') == 3);
  CHECK(worth_of('D', 'E') == 2);
  CHECK(worth_of('W', 'D') == -4);
  CHECK(worth_of('F', 'P') == -4);
  CHECK(worth_of('B', 'D') == 4);  // (1 + 6) / 2 rounded; published as 4
  CHECK(worth_of('Z', 'E') == 4);
  for (const char a : protein.symbols)
    for (const char b : protein.symbols) {
      CHECK(worth_of(a, b) == worth_of(b, a));
      CHECK(worth_of(a, b) >= -4);
      if (a != b) CHECK(worth_of(a, b) <= 3);
    }
  // BLAST's lambda without gaps, over residues as often as they occur (Robinson and Robinson 1991): the pairs
  // are log-odds, so that the odds come to 1. One wrong entry of 210 moves that.
  const std::map<char, double> often = {
      {'A', .07805}, {'R', .05129}, {'N', .04487}, {'D', .05364}, {'C', .01925}, {'Q', .04264}, {'E', .06295},
      {'G', .07377}, {'H', .02199}, {'I', .05142}, {'L', .09019}, {'K', .05744}, {'M', .02243}, {'F', .03856},
      {'P', .05203}, {'S', .07120}, {'T', .05841}, {'W', .01330}, {'Y', .03216}, {'V', .06441}};
  double odds = 0;
  for (const auto& [a, p] : often)
    for (const auto& [b, q] : often) odds += p * q * std::exp(0.3176 * worth_of(a, b));
  CHECK(odds == doctest::Approx(1).epsilon(0.0005));  // lambda is published to four digits
}

TEST_CASE("alignment: what is too long is refused with a way out, and 5,000 by 5,000 is not") {
  CHECK(bio::alignment_obstacle(5000, 5000).empty());
  CHECK(bio::alignment_obstacle(500, 50'000).empty());
  const std::string why = bio::alignment_obstacle(50'000, 50'000);
  CHECK(why.find("50000") != std::string::npos);
  CHECK(why.find("cut out") != std::string::npos);
  const std::string a(6000, 'A');
  CHECK_THROWS_AS(bio::align(a, a, bio::alphabet(AlphabetKind::Dna)), std::length_error);
}
