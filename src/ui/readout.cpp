#include "ui/readout.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <numeric>

namespace ribostep::ui {

double entropy_bits(std::span<const float> probabilities) {
  double sum = 0;
  for (const float p : probabilities) {
    if (p > 0) sum -= static_cast<double>(p) * std::log2(static_cast<double>(p));
  }
  return sum;
}

std::vector<int> by_probability(std::span<const float> probabilities) {
  std::vector<int> order(probabilities.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
    return probabilities[static_cast<std::size_t>(a)] > probabilities[static_cast<std::size_t>(b)];
  });
  return order;
}

std::string list_probabilities(std::span<const float> probabilities, const std::vector<std::string>& names,
                               int lines) {
  std::string text;
  for (const int k : by_probability(probabilities)) {
    if (lines-- <= 0) break;
    const auto i = static_cast<std::size_t>(k);
    std::array<char, 32> number{};
    std::snprintf(number.data(), number.size(), " %.4f", static_cast<double>(probabilities[i]));
    if (!text.empty()) text += '\n';
    text += (i < names.size() ? names[i] : std::to_string(k)) + number.data();
  }
  return text;
}

std::vector<NextValue> next_values(const rnn::Trace& trace, const rnn::Example& example, int position) {
  std::vector<NextValue> values;
  if (position < 1 || trace.rows <= 0) return values;
  const int row = trace.row_of(position - 1);
  const std::size_t next = static_cast<std::size_t>((row + 1) * trace.outputs);
  for (int k = 0; k < trace.outputs; ++k) {
    const std::size_t at = next + static_cast<std::size_t>(k);
    const bool known = row + 1 < trace.rows && at < example.values.size();
    values.push_back({trace.p(row, k), known ? example.values[at] : 0.0f, known});
  }
  return values;
}

std::string next_symbol(const rnn::Trace& trace, std::string_view letters, int row) {
  const auto width = static_cast<std::size_t>(trace.letters_per_row);
  const std::size_t begin = static_cast<std::size_t>(row + 1) * width;
  if (begin + width > letters.size()) return {};
  return std::string(letters.substr(begin, width));
}

std::string from_log10(double log10) {
  if (std::isnan(log10)) return "not a number";
  if (std::isinf(log10)) return log10 < 0 ? "0 (below 1e-308)" : "infinite";
  std::array<char, 40> text{};
  if (log10 > -3 && log10 < 4) {
    std::snprintf(text.data(), text.size(), "%.3g", std::pow(10.0, log10));
    return text.data();
  }
  // Rounded first: 9.97 is 1.0e1.
  double power = std::floor(log10), tenths = std::round(std::pow(10.0, log10 - power) * 10);
  if (tenths >= 100) {
    tenths /= 10;
    power += 1;
  }
  std::snprintf(text.data(), text.size(), "%.1fe%+03.0f", tenths / 10, power);
  return text.data();
}

}  // namespace ribostep::ui
