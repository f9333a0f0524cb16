// The motifs on which every stage is checked against every other: plain ones, IUPAC codes, every construct of
// the expressions, anchors, mismatches, RNA, protein and PROSITE. All of them compile within the limits in
// every mode and with the mismatches that are written here.
#pragma once
#include "motif/pattern.h"

namespace ribostep::motif {

struct ListedPattern {
  const char* text;
  bio::AlphabetKind alphabet;
  Mode mode;
  int mismatches;
};

inline constexpr auto kInDna = bio::AlphabetKind::Dna;
inline constexpr auto kInRna = bio::AlphabetKind::Rna;
inline constexpr auto kInProtein = bio::AlphabetKind::Protein;

inline constexpr ListedPattern kListedPatterns[] = {
    // plain words
    {"ACG", kInDna, Mode::Contains, 0},
    {"ACG", kInDna, Mode::EndsHere, 0},
    {"ACG", kInDna, Mode::Whole, 0},
    {"A", kInDna, Mode::Contains, 0},
    {"AAAA", kInDna, Mode::EndsHere, 0},
    {"ACACA", kInDna, Mode::EndsHere, 0},
    {"GATTACA", kInDna, Mode::Contains, 0},
    {"GAATTC", kInDna, Mode::EndsHere, 0},
    // codes
    {"TATAWAW", kInDna, Mode::Contains, 0},
    {"TATAWAW", kInDna, Mode::EndsHere, 0},
    {"GANTC", kInDna, Mode::EndsHere, 0},
    {"RYSWKM", kInDna, Mode::Contains, 0},
    {"BDHV", kInDna, Mode::Whole, 0},
    {"AN{3}T", kInDna, Mode::EndsHere, 0},
    // classes, choices, repeats
    {"[AC][^AC].", kInDna, Mode::EndsHere, 0},
    {"A|CG|GTA", kInDna, Mode::Contains, 0},
    {"(A|C)(G|T)", kInDna, Mode::Whole, 0},
    {"A*", kInDna, Mode::Whole, 0},
    {"AC*G", kInDna, Mode::Contains, 0},
    {"(AC)+", kInDna, Mode::Whole, 0},
    {"(A|CC)*G", kInDna, Mode::EndsHere, 0},
    {"AT?G|C{2,3}", kInDna, Mode::Whole, 0},
    {"(CG){3,}", kInDna, Mode::EndsHere, 0},
    {"(CA){2,4}", kInDna, Mode::Whole, 0},
    {"(A?C?G?)*T", kInDna, Mode::Whole, 0},
    {"((A*)*C*)*", kInDna, Mode::Whole, 0},
    {"(()|A)(C|())", kInDna, Mode::Whole, 0},
    {"A{0}C", kInDna, Mode::Whole, 0},
    {"(...)*", kInDna, Mode::Whole, 0},
    {"ATG(VNN|TYN|TAY|TGB)*(TAR|TGA)", kInDna, Mode::EndsHere, 0},
    {".*A.*C.*G.*", kInDna, Mode::Whole, 0},
    // ends
    {"^ACG", kInDna, Mode::Contains, 0},
    {"ACG$", kInDna, Mode::Contains, 0},
    {"^(AC|G)*$", kInDna, Mode::Contains, 0},
    {"^A|C$", kInDna, Mode::EndsHere, 0},
    {"(^|A)C($|G)", kInDna, Mode::Contains, 0},
    {"$^", kInDna, Mode::Whole, 0},
    {"A^C", kInDna, Mode::Contains, 0},
    {"(A$|C)G", kInDna, Mode::EndsHere, 0},
    // mismatches
    {"ACG", kInDna, Mode::Contains, 1},
    {"AGGAGG", kInDna, Mode::EndsHere, 1},
    {"ACGT", kInDna, Mode::EndsHere, 2},
    {"TATAWAW", kInDna, Mode::Contains, 1},
    {"A(C|GG)*T", kInDna, Mode::Whole, 1},
    {"^AC?G$", kInDna, Mode::Contains, 1},
    // RNA and protein
    {"AAUAAA", kInRna, Mode::Contains, 0},
    {"AUG(...)*UAR", kInRna, Mode::Whole, 0},
    {"N-{P}-[ST]-{P}", kInProtein, Mode::EndsHere, 0},
    {"[ST]-x-[RK]", kInProtein, Mode::Contains, 0},
    {"[AG]-x(4)-G-K-[ST]", kInProtein, Mode::Contains, 0},
    {"<M-x(0,2)-[DE]-K>", kInProtein, Mode::Contains, 0},
    {"R-G-D", kInProtein, Mode::EndsHere, 1},
    {"F-[IVFY]-G-[LM]-M-[G>].", kInProtein, Mode::EndsHere, 0},
};

}  // namespace ribostep::motif
