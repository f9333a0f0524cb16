// Numbers as people read them on this screen: counts, percentages with their uncertainty, durations, axis
// ticks. No ImGui: everything here is tested as plain text.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "experiment/score.h"

namespace ribostep::ui {

// Under this many records a percentage claims more than it knows: "7 of 9" is shown instead.
inline constexpr int kFewRecords = 10;

std::string thousands(std::int64_t value);          // "1,234,567"
std::string significant(double value, int digits);  // "%.*g", but "0.0012" rather than "1.2e-03" down to 1e-4
std::string percent(double share, int decimals = 1);  // "82.1 %"
std::string duration(double seconds);                 // "12 s", "3 min 5 s", "1 h 12 min"; "" when negative
// "7 of 9" below kFewRecords, else "82.1 %". Empty n gives "-".
std::string accuracy(std::int64_t correct, std::int64_t n);
// "n 39, 95 % interval 67-91 %" (en dash); "n 9" below kFewRecords.
std::string uncertainty(std::int64_t n, experiment::Interval interval);
std::string interval_text(experiment::Interval interval);  // "67-91 %" with an en dash
// "1 sequence", "2 sequences".
std::string counted(std::int64_t n, std::string_view one, std::string_view many);
// `text` cut to at most `letters` characters with "..." in place of what is missing.
std::string shortened(std::string_view text, std::size_t letters);
// ASCII, any case; an empty needle is in everything.
bool contains_ignoring_case(std::string_view hay, std::string_view needle);

struct Tick {
  double value;
  std::string label;
};
// About `wanted` round values (1, 2, 5 times a power of ten) inside [low, high].
std::vector<Tick> linear_ticks(double low, double high, int wanted);
// Powers of ten inside [low, high] (both > 0), with 2 and 5 between where there is room.
std::vector<Tick> log_ticks(double low, double high, int wanted);

}  // namespace ribostep::ui
