// All stages against each other on real strings: the matcher by definition, the NFA, the DFA, the smallest
// DFA and the network, at every prefix. Every string up to a length, then long seeded ones, half of them with
// planted matches. In slices, with progress; stops at the first counterexample.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "motif/proof.h"

namespace ribostep::motif {

struct AgreementOptions {
  int all_up_to = 6;                 // letters: every string; lowered where there would be too many (protein)
  std::int64_t letters = 1'000'000;  // seeded, in strings of `length`
  int length = 500;
  std::uint64_t seed = 1;
};
struct AgreementReport {
  // Exact, of machines: null where they are the same language.
  std::optional<Word> nfa_dfa, dfa_minimal;
  std::int64_t strings = 0, letters = 0, matches = 0;  // read; matches: prefixes accepted
  int all_up_to = 0;
  // The first string on which somebody differs from the smallest DFA, shortest first among the short ones.
  std::optional<Word> counterexample;
  std::string who;  // "matcher", "NFA", "DFA", "network"
  bool agrees() const { return !nfa_dfa && !dfa_minimal && !counterexample; }
};
class Agreement {
 public:
  // `pattern` and `nfa` may be null (a language that is given as a machine); so may `net`.
  Agreement(const Pattern* pattern, const Nfa* nfa, const Dfa* dfa, const Dfa& minimal,
            const rnn::Network* net, std::span<const float> parameters, AgreementOptions options = {});
  ~Agreement();
  bool run(int strings);  // up to so many short strings, or long ones of the same work; true: finished
  double progress() const;
  const AgreementReport& report() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};
// A seeded string of the machine's letters with accepted stretches planted in it, so that rare matches occur.
Word planted_word(const Dfa& dfa, int length, std::uint64_t seed);

}  // namespace ribostep::motif
