// Negatives that keep what a shortcut could use: the same letters, the same neighbours, or the same codons
// and protein. Dinucleotide shuffle: Altschul & Erickson 1985 (random Eulerian path).
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "base/random.h"
#include "bio/dataset.h"

namespace ribostep::bio {

enum class ShuffleKind : std::uint8_t { Mono, Dinucleotide, Codon /* whole codons permuted, frame kept */ };

std::vector<std::uint8_t> shuffled(std::span<const std::uint8_t> tokens, ShuffleKind kind, Random& random);

// `data` with one shuffled copy of every record appended. Originals get the class `positive` in a column
// label where they have none, the copies `negative`. Names of copies: "<name>_shuffled"; they keep the
// covariates. Of a series the positions are shuffled, whatever the kind.
Dataset with_shuffled_negatives(const Dataset& data, const Labels& labels, ShuffleKind kind,
                                std::uint64_t seed);

// Reverse complement of a nucleic sequence.
std::vector<std::uint8_t> reverse_complement(const Alphabet& alphabet, std::span<const std::uint8_t> tokens);

}  // namespace ribostep::bio
