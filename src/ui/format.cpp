// Text for numbers; see format.h. Printing goes through snprintf: the C++ library of older Emscriptens has no
// std::format.
#include "ui/format.h"

#include <cmath>
#include <cstdio>

namespace ribostep::ui {
namespace {

std::string printed(const char* pattern, int precision, double value) {
  char text[64];
  std::snprintf(text, sizeof text, pattern, precision, value);
  return text;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

double nice_step(double span, int wanted) {
  const double raw = span / (wanted < 1 ? 1 : wanted);
  const double magnitude = std::pow(10.0, std::floor(std::log10(raw)));
  const double lead = raw / magnitude;
  return magnitude * (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 5 ? 5 : 10);
}

std::string tick_label(double value, double step) {
  if (std::fabs(value) >= 10000) {
    if (std::fmod(value, 1e6) == 0) return printed("%.*f M", 0, value / 1e6);
    if (step >= 1000) return printed("%.*f k", 0, value / 1e3);
    if (step >= 100) return printed("%.*f k", 1, value / 1e3);
    return thousands(static_cast<std::int64_t>(std::llround(value)));
  }
  const double decimals = step > 0 ? std::ceil(-std::log10(step) - 1e-9) : 0;
  return printed("%.*f", decimals > 0 ? static_cast<int>(decimals) : 0, value);
}

}  // namespace

std::string thousands(std::int64_t value) {
  const bool minus = value < 0;
  std::string digits = std::to_string(minus ? -value : value);
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
  return minus ? "-" + digits : digits;
}

std::string significant(double value, int digits) {
  if (!std::isfinite(value)) return std::isnan(value) ? "NaN" : value > 0 ? "infinite" : "-infinite";
  const double size = std::fabs(value);
  if (size != 0 && size < 1e-4) return printed("%.*e", digits - 1, value);
  if (size >= 1e6) return printed("%.*g", digits, value);
  const int whole = size >= 1  ? static_cast<int>(std::floor(std::log10(size))) + 1
                    : size > 0 ? static_cast<int>(std::floor(std::log10(size))) + 1
                               : 1;
  const int decimals = digits - whole;
  return printed("%.*f", decimals > 0 ? decimals : 0, value);
}

std::string percent(double share, int decimals) { return printed("%.*f %%", decimals, share * 100); }

std::string duration(double seconds) {
  if (!(seconds >= 0)) return {};
  const auto total = static_cast<std::int64_t>(std::ceil(seconds));
  if (total < 60) return std::to_string(total) + " s";
  if (total < 3600) return std::to_string(total / 60) + " min " + std::to_string(total % 60) + " s";
  return thousands(total / 3600) + " h " + std::to_string(total / 60 % 60) + " min";
}

std::string accuracy(std::int64_t correct, std::int64_t n) {
  if (n <= 0) return "-";
  if (n < kFewRecords) return std::to_string(correct) + " of " + std::to_string(n);
  return percent(static_cast<double>(correct) / static_cast<double>(n));
}

std::string interval_text(experiment::Interval interval) {
  return printed("%.*f", 0, interval.low * 100) + "\u2013" + printed("%.*f", 0, interval.high * 100) + " %";
}

std::string uncertainty(std::int64_t n, experiment::Interval interval) {
  if (n < kFewRecords) return "n " + thousands(n);
  return "n " + thousands(n) + ", 95 % interval " + interval_text(interval);
}

std::string counted(std::int64_t n, std::string_view one, std::string_view many) {
  return thousands(n) + " " + std::string(n == 1 ? one : many);
}

std::string shortened(std::string_view text, std::size_t letters) {
  if (text.size() <= letters) return std::string(text);
  return std::string(text.substr(0, letters > 3 ? letters - 3 : 0)) + "...";
}

bool contains_ignoring_case(std::string_view hay, std::string_view needle) {
  if (needle.size() > hay.size()) return false;
  for (std::size_t at = 0; at + needle.size() <= hay.size(); ++at) {
    std::size_t i = 0;
    while (i < needle.size() && lower(hay[at + i]) == lower(needle[i])) ++i;
    if (i == needle.size()) return true;
  }
  return false;
}

std::vector<Tick> linear_ticks(double low, double high, int wanted) {
  std::vector<Tick> ticks;
  if (!std::isfinite(low) || !std::isfinite(high) || !(high > low)) return ticks;
  const double step = nice_step(high - low, wanted);
  const double first = std::ceil(low / step - 1e-9);
  const double last = std::floor(high / step + 1e-9);
  for (double i = first; i <= last && ticks.size() < 1000; i += 1) {
    const double value = i == 0 ? 0 : i * step;
    ticks.push_back({value, tick_label(value, step)});
  }
  return ticks;
}

std::vector<Tick> log_ticks(double low, double high, int wanted) {
  std::vector<Tick> ticks;
  if (!std::isfinite(low) || !std::isfinite(high) || !(low > 0) || !(high > low)) return ticks;
  const double first = std::floor(std::log10(low)), last = std::ceil(std::log10(high));
  const bool between = (last - first) * 3 <= wanted + 2;
  const double stride = std::fmax(1, std::ceil((last - first) / std::fmax(1, wanted)));
  for (double power = first; power <= last && ticks.size() < 1000; power += stride) {
    for (const double lead : {1.0, 2.0, 5.0}) {
      if (lead > 1 && !between) break;
      const double value = lead * std::pow(10.0, power);
      if (value < low * (1 - 1e-9) || value > high * (1 + 1e-9)) continue;
      ticks.push_back({value, significant(value, 1)});
    }
  }
  return ticks;
}

}  // namespace ribostep::ui
