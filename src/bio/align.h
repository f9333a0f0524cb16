// Global alignment of two sequences with affine gaps (Needleman and Wunsch 1970, Gotoh 1982), in slices.
// Which letters belong together, for comparing what a network makes of them; no claim about homology.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bio/alphabet.h"

namespace ribostep::bio {

// What a pair of letters is worth, and what gaps cost: a gap of k letters costs open + k * extend.
// Nucleotides: 2 and -3, gaps 5 and 2, as BLASTN counts. Residues: BLOSUM62 (Henikoff and Henikoff 1992),
// gaps 11 and 1, as BLASTP counts. An ambiguity code is worth the rounded mean over what it stands for.
struct AlignmentScores {
  int codes = 0;
  std::vector<int> pairs;  // [codes][codes]
  int open = 0, extend = 0;
  int pair(int a, int b) const { return pairs[static_cast<std::size_t>(a * codes + b)]; }
};
AlignmentScores alignment_scores(const Alphabet& alphabet);  // of letters; not for a series

struct Alignment {
  std::vector<int> partner;  // of each letter of `a`: index in `b`, rising; -1: it stands against a gap
  int score = 0;
  int pairs = 0, identical = 0;  // letters that stand against letters, and of these equal ones
  int gaps = 0;                  // runs of letters against nothing, in either sequence
  int only_a = 0, only_b = 0;    // letters in them
};
// From given partners, which rise; equal letters count as identical. `score` stays 0.
Alignment alignment_of(std::vector<int> partner, std::string_view a, std::string_view b);

// One byte is kept for each pair of letters: 5,000 by 5,000 letters fit.
inline constexpr std::int64_t kMostAlignedPairs = 25'000'000;
// Why two sequences of these lengths are not aligned and what to do; empty when they are.
std::string alignment_obstacle(std::int64_t length_a, std::int64_t length_b);

// Of alignments that are worth the same the one with letters against letters rather than gaps, as far left as
// possible for the letters only `b` has.
class Aligner {
 public:
  // Letters as the alphabet writes them; throws std::length_error where alignment_obstacle() says no.
  Aligner(std::string_view a, std::string_view b, const Alphabet& alphabet);
  bool run(std::int64_t pairs);  // fills about so many pairs of letters; true: finished
  double progress() const;
  Alignment take();  // once finished

 private:
  void fill_row(int i);
  std::string a_, b_;
  std::vector<std::uint8_t> tokens_a_, tokens_b_;
  AlignmentScores scores_;
  int row_ = 0;                         // the next to fill, 1..|a|
  std::vector<int> best_, from_above_;  // [|b|+1]
  std::vector<std::uint8_t> came_;      // [|a|+1][|b|+1]
};
Alignment align(std::string_view a, std::string_view b, const Alphabet& alphabet);

}  // namespace ribostep::bio
