// A machine written into the weights of a network. A unit is on (h near +1) right after certain steps (state,
// letter) and off (near -1) after all others. One layer can do that when f(state) + g(letter) has the right
// sign for every step: constraints on differences, solved exactly by Bellman and Ford; where they contradict
// each other, the cycle says why.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "motif/automaton.h"
#include "rnn/network.h"

namespace ribostep::motif {

// Textbook: a tanh unit per state, even where one layer cannot do it. Exact: tanh units per state and group
// of letters, as few as it takes, and the state that would take most of them is "all off". Lstm: the same
// units in an LSTM whose gates are saturated (i = 1, f = 0, o = 1).
enum class Construction : std::uint8_t { Textbook, Exact, Lstm };
inline constexpr int kConstructions = 3;
const char* name(Construction);   // "textbook", "exact", "lstm"
const char* label(Construction);  // "one tanh unit per state", ...
std::optional<Construction> construction(std::string_view name);

using Step = std::pair<int, int>;  // from a state by a letter

// Why a unit cannot be realised: g(higher) > g(lower), because from `state` the one letter switches the unit
// on and the other does not. A list of these that goes round in a circle is a contradiction. (Two always
// suffice: see separability.h.)
struct Demand {
  int state = 0, higher = 0, lower = 0;
};
struct Separability {
  bool possible = false;
  double margin = 0;            // smallest |f + g| over all steps, for the weights below
  std::vector<double> f, g;     // [states], [letters]; of the best part where it is not possible
  std::vector<Demand> demands;  // where not possible: the shortest contradiction found
};
// Whether one unit can be on after exactly the steps that lead into one of `targets` states. `on`: [states *
// letters], 1 where the unit is to be on.
Separability separable(const Dfa& dfa, std::span<const std::uint8_t> on);
// "b_G > b_C (from s1, G leads here and C does not) and b_C > b_G (from s2 ...)"
std::string demand_words(const Separability& found, const Dfa& dfa);

struct CodeUnit {
  int state = 0;                 // that it stands for
  std::vector<std::uint8_t> on;  // [states * letters]: the steps after which it is meant to be on
  Separability found;
  std::vector<Step> wrong;  // steps where the unit cannot be what it is meant to be
};
struct Code {
  Construction construction = Construction::Exact;
  std::vector<CodeUnit> units;
  int default_state = -1;            // told by "no unit is on"; -1: none
  int needed = 0;                    // units; above kMaxCompiledUnits `units` stays empty
  std::vector<Separability> states;  // [states]: could one unit stand for it?
  // The state that a vector of hidden states tells: of the unit that is highest, if above 0; the default
  // state, or -1, when none is. Two units of different states above 0: still the highest. The default state's
  // own unit (textbook) is not asked.
  int state_of(std::span<const float> h) const;
};
// Every state counts as one that can be reached, as in a minimal machine.
Code encode(const Dfa& dfa, Construction construction);
// "s2", or "s2 (C)" with the letters it follows where several units stand for a state.
std::string unit_name(const Dfa& dfa, const Code& code, int unit);

// A function of the machine's state (f of a unit; +1 for accepting, -1) as an affine one of the units' +-1:
// sum of w_u h_u + b. All units of a state have the same weight; "all off" is the default state.
struct Affine {
  std::vector<double> w;  // [units]
  double b = 0;
};
Affine affine(const Code& code, std::span<const double> of_state);

inline constexpr double kMinGain = 0.25, kMaxGain = 12, kDefaultGain = 4;
inline constexpr int kMaxCompiledUnits = rnn::kMaxHidden;

// W, U and b of the code times `gain`; classes "0" (no match) and "1" (match) at every position. The start
// state lives in the learned h_0 (and c_0), so what is known of the empty string can be read at t = 0. In the
// LSTM i and o have the bias 3 gain, f -3 gain, and what reads h is divided by tanh(1), which it is near.
// An ambiguity code is read as the mean of its letters: a unit is on after it when f(state) + the mean of g
// is positive. What the machine does (run_codes) is to keep every state it could be in; the network has no
// such state, so the two are compared only where there is one.
struct Compiled {
  rnn::ModelSpec spec;            // PositionLabel, one forward layer, InitialState::Learned
  std::vector<float> parameters;  // of make_network(spec)
  std::string problem;            // not empty: there is none, and why
};
Compiled compile(const Dfa& dfa, const Code& code, double gain);

// Equations of the units with their weights, for reading: a line a unit.
std::string to_text(const Dfa& dfa, const Code& code);

}  // namespace ribostep::motif
