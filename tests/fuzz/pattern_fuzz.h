// What must be true of any text that is taken for a pattern: the parser gives a tree or one Error with its
// place; stages agree with each other and with the matcher. For the fuzz target and, with its seeds, for the
// tests. The first byte chooses the alphabet ('0'..'6'), the second mode and mismatches ('0'..'8').
#pragma once
#include <string>
#include <string_view>

#include "bio/utf8.h"
#include "motif/automaton.h"
#include "motif/matcher.h"

namespace ribostep::motif {

inline std::vector<std::uint8_t> accepted_along(const Dfa& dfa, const Word& word) {
  int state = dfa.start;
  std::vector<std::uint8_t> accepted{dfa.accepts(state)};
  for (const std::uint8_t letter : word) accepted.push_back(dfa.accepts(state = dfa.step(state, letter)));
  return accepted;
}

// What is wrong; empty: nothing.
inline std::string fuzz_pattern(std::string_view data) {
  if (data.size() < 2) return {};
  const auto byte = [&](std::size_t k) { return static_cast<unsigned>(static_cast<unsigned char>(data[k])); };
  const auto kind = static_cast<bio::AlphabetKind>((byte(0) - '0') % 7);
  const auto mode = static_cast<Mode>((byte(1) - '0') % 9 / 3);
  const std::string_view text = data.substr(2);
  const ParsedPattern parsed = parse_pattern(text, kind, mode, static_cast<int>((byte(1) - '0') % 9 % 3));
  if (!parsed.pattern) {
    if (parsed.diagnostics.size() != 1) return "not one mistake";
    const Diagnostic& said = parsed.diagnostics[0];
    if (said.severity != Severity::Error || said.message.empty() || !bio::is_utf8(said.message))
      return "no message";
    if (said.column < 1 || said.column > static_cast<int>(text.size()) + 1) return "no such column";
    return {};
  }
  const Pattern& pattern = *parsed.pattern;
  const bio::Alphabet& alphabet = bio::alphabet(kind);
  if (pattern.nodes.size() > static_cast<std::size_t>(kMaxNodes)) return "too many nodes";
  for (const Node& node : pattern.nodes) {
    if (node.column < 1 || node.width < 1 || node.column + node.width > static_cast<int>(text.size()) + 1)
      return "a node outside of the text";
    if ((node.kind == Node::Kind::Letters) != (node.letters != 0)) return "letters";
    if (node.kind == Node::Kind::Repeat && (node.low < 0 || (node.high >= 0 && node.high < node.low)))
      return "counts";
  }
  if (to_text(pattern).empty() || to_dot(pattern).empty()) return "no text";

  Word word;
  for (std::size_t k = 0; k < data.size() && k < 24; ++k)
    word.push_back(
        static_cast<std::uint8_t>(byte(data.size() - 1 - k) % static_cast<unsigned>(alphabet.size())));
  const std::vector<std::uint8_t> expected = match_prefixes(pattern, word);
  const Stage<Nfa> nfa = make_nfa(pattern);
  if (nfa.made.has_value() != nfa.problem.empty()) return "an NFA and a problem";
  if (!nfa.made) return nfa.states > kMaxStates ? "" : "refused though small";
  if (run_nfa(*nfa.made, word) != expected) return "the NFA differs from the matcher";
  if (nfa.made->states > 60) return {};
  const Stage<Dfa> dfa = make_dfa(*nfa.made);
  if (dfa.made.has_value() != dfa.problem.empty()) return "a DFA and a problem";
  if (!dfa.made) return {};
  if (accepted_along(*dfa.made, word) != expected) return "the DFA differs from the matcher";
  if (dfa.made->states() > 300) return {};
  const Dfa least = minimal(*dfa.made);
  if (difference(*nfa.made, *dfa.made)) return "NFA and DFA differ";
  if (difference(*dfa.made, least)) return "DFA and the smallest one differ";
  if (minimal(least) != least) return "the smallest one is not";
  const Run run =
      run_codes(least, word, std::vector<std::uint32_t>{1,     2,     4,     8,      16,     32,    64,
                                                        128,   256,   512,   1024,   2048,   4096,  8192,
                                                        16384, 32768, 65536, 131072, 262144, 524288});
  if (run.accepted != expected || !run.ambiguous.empty()) return "running it differs from the matcher";
  if (to_text(*nfa.made, alphabet).empty() || to_text(least, alphabet).empty() ||
      to_dot(least, alphabet).empty())
    return "no text of a machine";
  return {};
}

}  // namespace ribostep::motif
