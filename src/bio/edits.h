// Changes of a sequence, letter by letter, and where each letter of the changed sequence comes from.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ribostep::bio {

// At index `at` of the sequence as the edits before it left it, `removed` letters go and `inserted` come.
struct LetterEdit {
  int at = 0, removed = 0;  // at: 0-based
  std::string inserted;
  bool operator==(const LetterEdit&) const = default;
};

struct EditedLetters {
  std::string letters;
  std::vector<int> origin;    // index in the given sequence of each letter; -1: inserted. Never falls.
  std::vector<char> changed;  // of each letter: not what the given sequence has at `origin`
};
// What lies outside the sequence is clamped to it.
EditedLetters edit_letters(std::string_view given, std::span<const LetterEdit> edits);
// Letters that are moved for it, about: every edit moves all that follows, but edits that stand in order are
// made in one sweep.
double edit_work(std::size_t given, std::span<const LetterEdit> edits);
// The fewest edits that come to the same: neighbours joined, and nothing where a letter became what it was.
std::vector<LetterEdit> simplified(std::string_view given, const EditedLetters& edited);

}  // namespace ribostep::bio
