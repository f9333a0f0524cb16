// The little UTF-8 the readers need: is this a well-formed character, and how long is it.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace ribostep::bio {

// Bytes of the well-formed character at the front (1..4), or 0. Overlong forms and surrogates are refused, as
// JSON writers refuse them later (Unicode 15, table 3-7).
inline std::size_t utf8_length(std::string_view text) {
  if (text.empty()) return 0;
  const auto byte = [&](std::size_t i) { return static_cast<unsigned>(static_cast<unsigned char>(text[i])); };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 0;
  if (length == 0 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((byte(i) & 0xC0u) != 0x80u) return 0;
  const unsigned second = byte(1);
  if (first == 0xE0 && second < 0xA0) return 0;
  if (first == 0xED && second > 0x9F) return 0;
  if (first == 0xF0 && second < 0x90) return 0;
  if (first == 0xF4 && second > 0x8F) return 0;
  return length;
}

inline bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

// Text fit for a screen and for JSON: control characters become spaces, a byte that is not UTF-8 is taken for
// Latin-1 (what old files mostly are).
inline std::string clean_text(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    const auto byte = static_cast<unsigned char>(text.front());
    std::size_t length = utf8_length(text);
    if (length == 0) {
      result += static_cast<char>(0xC0u | (byte >> 6u));
      result += static_cast<char>(0x80u | (byte & 0x3Fu));
      length = 1;
    } else if (byte < 0x20 || byte == 0x7F) {
      result += ' ';
    } else {
      result += text.substr(0, length);
    }
    text.remove_prefix(length);
  }
  return result;
}

}  // namespace ribostep::bio
