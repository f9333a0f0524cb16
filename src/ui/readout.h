// Small facts about a row of probabilities, in the words of the screen. No ImGui.
#pragma once
#include <span>
#include <string>
#include <vector>

namespace ribostep::ui {

// Shannon entropy in bits; 0 log 0 = 0.
double entropy_bits(std::span<const float> probabilities);
// Indices, most probable first; ties in index order.
std::vector<int> by_probability(std::span<const float> probabilities);
// "promoter 0.912\nother 0.088", at most `lines` lines.
std::string list_probabilities(std::span<const float> probabilities, const std::vector<std::string>& names,
                               int lines);

}  // namespace ribostep::ui
