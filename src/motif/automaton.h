// Automata as tables: the nondeterministic one that follows from the syntax tree (Thompson 1968), the
// deterministic one by the subset construction, the smallest one (Hopcroft 1971), and whether two are the
// same machine.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "motif/pattern.h"

namespace ribostep::motif {

inline constexpr int kMaxStates = 4096;       // of each stage
inline constexpr int kCountedStates = 65536;  // counting goes on so far, to say how many there would be

struct Nfa {
  // An edge without letters is an empty move; AtStart and AtEnd are empty moves that are open only before the
  // first and behind the last letter.
  enum class Guard : std::uint8_t { None, AtStart, AtEnd };
  struct Edge {
    int from = 0, to = 0;
    std::uint32_t letters = 0;
    Guard guard = Guard::None;
    bool mismatch = false;  // reads a letter the motif does not have there
  };
  std::string symbols;  // "ACGT"
  int states = 0, start = 0, accept = 0;
  std::vector<Edge> edges;  // sorted by from
};

// Complete: every state has a successor for every symbol.
struct Dfa {
  std::string symbols;  // "ACGT"
  int start = 0;
  std::vector<int> next;                // [states][symbols]
  std::vector<std::uint8_t> accepting;  // [states]

  int states() const { return static_cast<int>(accepting.size()); }
  int letters() const { return static_cast<int>(symbols.size()); }
  int step(int state, int letter) const {
    return next[static_cast<std::size_t>(state) * symbols.size() + static_cast<std::size_t>(letter)];
  }
  bool accepts(int state) const { return accepting[static_cast<std::size_t>(state)] != 0; }
  int run(std::span<const std::uint8_t> word) const;  // from the start
  bool operator==(const Dfa&) const = default;
};

// A stage, or why there is none: "more than 4,096 states (about 65,536): ..." with the remedy.
template <class T>
struct Stage {
  std::optional<T> made;
  std::string problem;
  int states = 0;  // of what was made, or as far as was counted
};
// Takes a tenth of a millisecond at most: kMaxStates bounds it.
Stage<Nfa> make_nfa(const Pattern& pattern);
// `work`: after so many steps it is given up, counting states included. The worst cases take about 150 ms
// with kMaxWork, and about 20 ms with kPageWork, which is for where somebody is typing and waits.
inline constexpr std::int64_t kMaxWork = 60'000'000, kPageWork = 9'000'000;
Stage<Dfa> make_dfa(const Nfa& nfa, std::int64_t work = kMaxWork);
// The smallest machine for the same language, states numbered in breadth-first order from the start (symbols
// in order), so that two machines of one language are equal.
Dfa minimal(const Dfa& dfa);

// The shortest string (of symbols 0..D-1; the first in order) on which two machines over the same symbols
// differ; none: they accept the same language. Exact.
using Word = std::vector<std::uint8_t>;
std::optional<Word> difference(const Dfa& a, const Dfa& b);
std::optional<Word> difference(const Nfa& a, const Dfa& b);
// accepted[t], t = 0..letters.size(), by following sets of states.
std::vector<std::uint8_t> run_nfa(const Nfa& nfa, std::span<const std::uint8_t> letters);

// For each state the shortest word that leads there.
std::vector<Word> access_words(const Dfa& dfa);
// "s0", "s1", ...; and what people read beside it: "s2 AC" (the access word, cut to 12 letters).
std::string state_name(int state);
std::string state_label(const Dfa& dfa, const std::vector<Word>& access, int state);
bool is_sink(const Dfa& dfa, int state);                            // never left
std::string word_text(const Word& word, std::string_view symbols);  // the empty string: "\u03b5"

// Along letters that may be ambiguity codes: every state the machine could be in (`codes`: index into
// Alphabet::codes, `masks` their symbols). One state: certain.
// Following many states at once is paid from a purse of kMaxFollowed steps (a state and a letter each) for
// the whole sequence; a set that a code leads back to itself, as a long stretch of N does, is followed for
// nothing. When the purse is empty, the next set of several states stays open to the end: state -1,
// accepted 2. Whatever is told for certain is so. At most 5 ms for 50,000 letters.
inline constexpr std::int64_t kMaxFollowed = 1'000'000;
struct Run {
  std::vector<int> state;              // [length + 1]; -1: one of several
  std::vector<std::uint8_t> accepted;  // [length + 1]; 0 no, 1 yes, 2 it depends on what the codes stand for
  std::vector<std::uint32_t> ambiguous;  // positions 1..length with several states, ascending
  std::uint32_t open_from = 0;           // position from which on nothing is followed; 0: all was
};
Run run_codes(const Dfa& dfa, std::span<const std::uint8_t> codes, std::span<const std::uint32_t> masks);

// As text, a state a line; and as DOT, for Graphviz. Letters with the same successor are put together.
std::string to_text(const Nfa& nfa, const bio::Alphabet& alphabet);
std::string to_text(const Dfa& dfa, const bio::Alphabet& alphabet);
std::string to_dot(const Pattern& pattern);
std::string to_dot(const Nfa& nfa, const bio::Alphabet& alphabet);
std::string to_dot(const Dfa& dfa, const bio::Alphabet& alphabet);

}  // namespace ribostep::motif
