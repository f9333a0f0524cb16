// What a step of a layer is, in words: its layer, the letters it stands for, what it read, and where the
// state it started from came from. Screen, mirror and the step sentence use the same ones.
#pragma once
#include <map>
#include <string>
#include <string_view>

#include "bio/alphabet.h"
#include "rnn/trace.h"

namespace ribostep::session {

// "Layer 2", "Layer 2, backward", "Layer 1, opposite strand", "Layer 2, windows of 10, forward",
// "Layer 3, every 4th step". With `all` a single direction is named as well.
std::string layer_name(const rnn::Network& network, int layer, bool all = false);

// Letters [begin, end) that step t of a level stands for, counted from 0.
struct Letters {
  int begin = 0, end = 0;
};
Letters letters_of(const rnn::Network& network, int level, int length, int t);

// "position 17"; "codon 6, letters 16–18"; "window 3, letters 21–30".
std::string step_name(const rnn::Network& network, int level, int length, int t);

// What the step read: "C", "the 3-mer ACG", "codon GCT", "G, the complement of C", "0.31", "4 values",
// "window 3 (letters 21–30)", on higher levels without windows the letter they stand on. `letters` is empty
// for a series; `alphabet` is needed for complements only.
std::string read_words(const rnn::Network& network, int layer, const rnn::Example& example,
                       std::string_view letters, const bio::Alphabet* alphabet, int length, int t);

// What x_t is, for "W_x x (the letter)".
const char* input_words(const rnn::Network& network, int level);

// Where h_0 comes from: "all zeros", "learned, the same for every sequence", "learned for tissue = liver",
// "made by the encoder from age = 4.5". `covariate` is the class as the data name it.
std::string initial_words(const rnn::ModelSpec& spec, const rnn::Example& example,
                          std::string_view covariate);

// What feeds a step when it is not simply the step before: "" or one sentence's worth, such as
// "fed by the last state of pass 1", "the initial state: all zeros",
// "the state starts anew at every window: all zeros".
std::string fed_words(const rnn::Network& network, const rnn::Trace& trace, const rnn::StepTerms& terms,
                      const std::string& initial);

// "read C: unit 2 rose 0.61, mostly W_h h_1 (72 %); the forget gate kept 93 %", with `read` for the C, and
// `names` of units of this layer beside their numbers; see sentence.cpp.
std::string describe_step(const rnn::Network& net, const rnn::StepTerms& terms,
                          std::span<const float> parameters, const rnn::Trace& trace, const std::string& read,
                          const std::map<int, std::string>& names = {});

}  // namespace ribostep::session
