// A machine got out of a trained network: from clusters of its hidden states (Omlin & Giles 1996), and by
// asking it questions (L*, Angluin 1987, with Rivest & Schapire's use of counterexamples). Both in slices.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "motif/automaton.h"
#include "rnn/network.h"

namespace ribostep::motif {

// A network as a language: a string is accepted when `accept_class` is the likeliest class after it (label
// per sequence: of the sequence; label per position: at its last letter). The empty string is read off the
// initial state where the network allows that (one direction); else it counts as rejected.
class NetworkLanguage {
 public:
  NetworkLanguage(const rnn::Network& net, std::span<const float> parameters, const rnn::TokenTable& table,
                  std::string symbols, int accept_class);  // copies
  ~NetworkLanguage();
  bool accepts(const Word& word);  // remembers answers
  // Of many at once, which is much faster than one after the other.
  std::vector<std::uint8_t> accepts(std::span<const Word> words);
  std::int64_t asked() const;         // different strings the network has read,
  std::int64_t letters_read() const;  // and how many letters they had
  const std::string& symbols() const;
  void tell_empty(bool accepted);  // from now on the empty string is that
  // Hidden states of the top layer after each letter (LSTM: h and tanh(c), for c has no bounds), [size + 1]
  // [width], the initial one first; and whether each prefix is accepted. One direction only.
  struct Path {
    int width = 0;
    std::vector<float> states;
    std::vector<std::uint8_t> accepted;
  };
  Path path(const Word& word);

 private:
  struct State;
  std::unique_ptr<State> state_;
};
// Why no machine can be got out of this network and what to do; empty when one can (two or more classes,
// letters as input). `clusters`: by its states, which takes one direction.
std::string obstacle_of_extraction(const rnn::ModelSpec& spec, bool clusters);

// Share of strings on which machine and network say the same: of random ones (half), of those that the
// machine accepts, and of those of the data set that were held out (a quarter each; without any, random and
// accepted ones half each). Random and accepted ones are of lengths 1 to `longest` and seeded differently
// from what the machine was made with. Without strings of the data a network that accepts next to nothing
// would be like a machine that accepts nothing.
struct Fidelity {
  int strings = 0, same = 0;
  double share() const { return strings ? static_cast<double>(same) / strings : 0; }
};

struct ExtractionOptions {
  bool clusters = false;  // else L*
  int max_states = 40;    // L*: gives up above; clusters: most clusters that are tried (2..max_states)
  int all_up_to = 8;      // equivalence: every string up to here is asked (lowered to stay under 100,000),
  int random_strings = 4000;  // then so many random ones, up to
  int longest = 40;           // letters
  std::uint64_t seed = 1;
  std::int64_t max_questions = 400'000;
  // Whether the empty string is accepted, told instead of asked: no data set can hold it, so a network that
  // was trained has never been shown. -1: asked, see NetworkLanguage.
  int empty_string = -1;
};
// Of one number of clusters.
struct ClusterRow {
  int clusters = 0, states = 0;  // states: of the minimal machine
  double ambiguity = 0;          // share of transitions that do not go where most of their kind go
  Fidelity fidelity;
};
struct Extraction {
  bool clusters = false;
  std::optional<Dfa> machine;  // minimal
  Fidelity fidelity;           // on held-out strings
  std::int64_t questions = 0;
  int rounds = 0;                      // L*: hypotheses
  bool settled = false;                // L*: no counterexample among everything that was tried
  std::optional<Word> counterexample;  // not settled: the shortest string on which machine and network differ
  std::vector<ClusterRow> rows;        // clusters: every number tried
  int chosen = -1;                     // of rows
  // Clusters: the centres [clusters][width], and the state of the machine each became (-1: never met).
  int width = 0;
  std::vector<float> centres;
  std::vector<int> state_of_cluster;
  std::string problem;  // not empty: there is no machine, and why
};
// The different strings of a data set (the first 2,000, cut to 200 letters): one of every four, chosen by the
// seed, is held out for the fidelity alone; none where there are fewer than eight.
struct GivenStrings {
  std::vector<Word> tried, held_out;
};
GivenStrings shared_out(std::span<const Word> strings, std::uint64_t seed);

class Extractor {
 public:
  // `strings`: of the data set, see GivenStrings; clusters are made from them, L* tries them. May be empty.
  // Letters are symbols.
  Extractor(const rnn::Network& net, std::span<const float> parameters, const rnn::TokenTable& table,
            std::string symbols, int accept_class, std::span<const Word> strings, ExtractionOptions options);
  ~Extractor();
  bool run(int questions);  // about so many strings are read; true: finished
  double progress() const;
  std::string stage() const;  // "hypothesis of 4 states, asking 2,310 of 4,000"
  Extraction take();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ribostep::motif
