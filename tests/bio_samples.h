// Small helpers the tests of src/bio share.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "bio/reader.h"

namespace ribostep::bio {

inline std::vector<std::uint8_t> tokens_of(std::string_view letters, AlphabetKind kind = AlphabetKind::Dna) {
  std::vector<std::uint8_t> tokens;
  for (const char c : letters) tokens.push_back(static_cast<std::uint8_t>(alphabet(kind).token(c)));
  return tokens;
}

inline std::string letters_of(const std::vector<std::uint8_t>& tokens,
                              AlphabetKind kind = AlphabetKind::Dna) {
  std::string letters;
  for (const std::uint8_t token : tokens) letters += alphabet(kind).letter(token);
  return letters;
}

inline std::string random_letters(std::string_view symbols, int length, Random& random) {
  std::string letters;
  for (int i = 0; i < length; ++i)
    letters += symbols[random.below(static_cast<std::uint32_t>(symbols.size()))];
  return letters;
}

inline bool mentions(const Diagnostics& diagnostics, std::string_view text) {
  for (const Diagnostic& d : diagnostics)
    if (d.text().find(text) != std::string::npos) return true;
  return false;
}

inline int errors(const Diagnostics& diagnostics) {
  int count = 0;
  for (const Diagnostic& d : diagnostics) count += d.severity == Severity::Error ? 1 : 0;
  return count;
}

}  // namespace ribostep::bio
