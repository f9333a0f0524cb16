// Machines for the tests of src/motif.
#pragma once
#include <doctest/doctest.h>

#include "motif/automaton.h"
#include "motif_patterns.h"
#include "rnn/trace.h"

namespace motif_machines {

using namespace ribostep;
using namespace ribostep::motif;

// Under sanitizers less is read.
#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool kSlow = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
inline constexpr bool kSlow = true;
#else
inline constexpr bool kSlow = false;
#endif
#else
inline constexpr bool kSlow = false;
#endif

// By hand: s0, s1 (A), s2 (AC), s3 (found).
inline Dfa contains_acg() {
  Dfa dfa;
  dfa.symbols = "ACGT";
  dfa.next = {1, 0, 0, 0, 1, 2, 0, 0, 1, 0, 3, 0, 3, 3, 3, 3};
  dfa.accepting = {0, 0, 0, 1};
  return dfa;
}

struct Stages {
  Pattern pattern;
  Nfa nfa;
  Dfa dfa, minimal;
};
inline Stages stages(const ListedPattern& listed) {
  const ParsedPattern parsed = parse_pattern(listed.text, listed.alphabet, listed.mode, listed.mismatches);
  REQUIRE(parsed.pattern.has_value());
  const Stage<Nfa> nfa = make_nfa(*parsed.pattern);
  REQUIRE(nfa.made.has_value());
  const Stage<Dfa> dfa = make_dfa(*nfa.made);
  REQUIRE(dfa.made.has_value());
  return {*parsed.pattern, *nfa.made, *dfa.made, minimal(*dfa.made)};
}
inline Dfa machine(const ListedPattern& listed) { return stages(listed).minimal; }

inline rnn::TokenTable plain_table(int symbols) {
  rnn::TokenTable table{symbols, {}, {}};
  for (int a = 0; a < symbols; ++a) table.masks.push_back(1u << a);
  return table;
}
inline rnn::Trace traced(const rnn::Network& net, std::span<const float> parameters, const Word& word) {
  rnn::Example example;
  example.tokens = word;
  return rnn::trace(net, parameters, plain_table(net.spec.symbols), example);
}

}  // namespace motif_machines
