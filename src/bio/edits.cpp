#include "bio/edits.h"

#include <algorithm>

namespace ribostep::bio {

EditedLetters edit_letters(std::string_view given, std::span<const LetterEdit> edits) {
  EditedLetters out;
  out.letters = given;
  out.origin.resize(given.size());
  for (std::size_t i = 0; i < given.size(); ++i) out.origin[i] = static_cast<int>(i);
  for (const LetterEdit& edit : edits) {
    const int size = static_cast<int>(out.letters.size());
    const int at = std::clamp(edit.at, 0, size), removed = std::clamp(edit.removed, 0, size - at);
    const int inserted = static_cast<int>(edit.inserted.size());
    const auto begin = out.origin.begin() + at;
    // A letter put in another's place comes from there; what is left over was inserted.
    std::vector<int> origin(static_cast<std::size_t>(inserted), -1);
    std::copy_n(begin, std::min(removed, inserted), origin.begin());
    out.origin.erase(begin, begin + removed);
    out.origin.insert(out.origin.begin() + at, origin.begin(), origin.end());
    out.letters.replace(static_cast<std::size_t>(at), static_cast<std::size_t>(removed), edit.inserted);
  }
  out.changed.resize(out.letters.size());
  for (std::size_t i = 0; i < out.letters.size(); ++i) {
    const int from = out.origin[i];
    out.changed[i] = from < 0 || given[static_cast<std::size_t>(from)] != out.letters[i];
  }
  return out;
}

std::vector<LetterEdit> simplified(std::string_view given, const EditedLetters& edited) {
  std::vector<LetterEdit> out;
  const int size = static_cast<int>(edited.letters.size()), length = static_cast<int>(given.size());
  int before = 0;  // letters of `given` that are accounted for
  for (int i = 0; i <= size;) {
    int end = i;
    while (end < size && edited.changed[static_cast<std::size_t>(end)]) ++end;
    const int next = end < size ? edited.origin[static_cast<std::size_t>(end)] : length;
    if (end > i || next > before)
      out.push_back({i, next - before,
                     edited.letters.substr(static_cast<std::size_t>(i), static_cast<std::size_t>(end - i))});
    before = next + 1;
    i = end + 1;
  }
  return out;
}

}  // namespace ribostep::bio
