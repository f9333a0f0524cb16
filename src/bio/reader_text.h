// Lines, blanks and cells as the readers see them. A line ends with LF, CRLF or a lone CR.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace ribostep::bio {

inline bool is_line_end(char c) { return c == '\n' || c == '\r'; }
inline bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\v' || c == '\f'; }
inline bool is_letter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }
inline char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
inline char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

inline std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = lower(c);
  return result;
}

inline std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

// Position of the end of the line that holds `at`.
inline std::size_t line_end(std::string_view text, std::size_t at) {
  while (at < text.size() && !is_line_end(text[at])) ++at;
  return at;
}

// First position of the next line, given the end of this one.
inline std::size_t past_line_end(std::string_view text, std::size_t end) {
  if (end >= text.size()) return text.size();
  const bool crlf = text[end] == '\r' && end + 1 < text.size() && text[end + 1] == '\n';
  return end + (crlf ? 2 : 1);
}

// Calls f(line) for lines from `begin` on until f returns false or `max_bytes` are passed.
template <class F>
void for_lines(std::string_view text, std::size_t begin, std::size_t max_bytes, F f) {
  std::size_t at = begin;
  while (at < text.size() && at - begin < max_bytes) {
    const std::size_t end = line_end(text, at);
    if (!f(text.substr(at, end - at))) return;
    at = past_line_end(text, end);
  }
}

}  // namespace ribostep::bio
