// Matching a pattern by its definition, without any automaton: slow, short, and what every stage is checked
// against.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "motif/pattern.h"

namespace ribostep::motif {

// accepted[t], t = 0..letters.size(): whether the first t letters are a string of the pattern's language.
// `letters` are symbols 0..D-1.
std::vector<std::uint8_t> match_prefixes(const Pattern& pattern, std::span<const std::uint8_t> letters);

}  // namespace ribostep::motif
