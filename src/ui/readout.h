// Small facts about a row of outputs, in the words of the screen. No ImGui.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rnn/trace.h"

namespace ribostep::ui {

// Shannon entropy in bits; 0 log 0 = 0.
double entropy_bits(std::span<const float> probabilities);
// Indices, most probable first; ties in index order.
std::vector<int> by_probability(std::span<const float> probabilities);
// "promoter 0.912\nother 0.088", at most `lines` lines.
std::string list_probabilities(std::span<const float> probabilities, const std::vector<std::string>& names,
                               int lines);

// What a network that predicts the next vector says at a position (>= 1), channel by channel, and what came.
struct NextValue {
  float predicted = 0, next = 0;
  bool known = false;  // false: it was the last position
};
std::vector<NextValue> next_values(const rnn::Trace& trace, const rnn::Example& example, int position);

// The letter or codon behind row `row` of the outputs; empty at the end.
std::string next_symbol(const rnn::Trace& trace, std::string_view letters, int row);

// A number given as its log10, which may be far outside what a double holds: "0.032", "3.2e-14", "3.2e-412";
// -infinity is "0 (below 1e-308)".
std::string from_log10(double log10);

}  // namespace ribostep::ui
