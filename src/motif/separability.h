// When a unit of one layer can be on after exactly the steps of a set, and how a set that is too much for one
// unit is shared out among several.
//
// The unit's sign is that of f(state) + g(letter). Write R(s) for the letters that switch it on from state s.
// Demand (s, a) in P, (s', b) not in P, i.e. f(s) + g(a) > 0 > f(s') + g(b), is an edge of a graph between
// states and letters in which every pair has exactly one direction (a bipartite tournament); potentials f, g
// exist exactly if it has no circle, and a bipartite tournament with a circle has one of length four: two
// states s, t and two letters a, b with a in R(s) only and b in R(t) only. So the unit is possible exactly if
// of any two sets R(s), R(t) one contains the other, and a contradiction can always be told in two demands.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "motif/compile.h"

namespace ribostep::motif {

// A set of steps as letters per state: bit a: on after letter a.
using LetterSets = std::vector<std::uint32_t>;
LetterSets letter_sets(const Dfa& dfa, std::span<const std::uint8_t> on);
LetterSets letter_sets(const Dfa& dfa, const std::vector<Step>& steps);
std::vector<std::uint8_t> steps_of(const LetterSets& rows, int letters);  // [states * letters]
std::vector<std::vector<Step>> steps_into(const Dfa& dfa);                // of each state

// As separable(); `weights`: f and g, too.
Separability separable(const LetterSets& rows, int letters, bool weights);
// Weights for a set one layer cannot do: those that are wrong after as few steps as possible (every order of
// the letters is tried up to five of them; above, orders reached by exchanging two).
Separability nearest(const LetterSets& rows, int letters);
// A set cut into as few possible ones as can be when all steps of a letter (or all of states with the same
// letters) stay together: Dilworth's chains in the order of inclusion.
std::vector<LetterSets> separable_groups(const LetterSets& rows, int letters);

}  // namespace ribostep::motif
