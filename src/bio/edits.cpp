#include "bio/edits.h"

#include <algorithm>
#include <cstdint>

namespace ribostep::bio {
namespace {

// Each begins behind what the one before it brought.
bool in_order(std::span<const LetterEdit> edits) {
  std::int64_t behind = 0;
  for (const LetterEdit& edit : edits) {
    if (edit.at < behind || edit.removed < 0) return false;
    behind = edit.at + static_cast<std::int64_t>(edit.inserted.size());
  }
  return true;
}

// One sweep over `given`; `edits` in order.
EditedLetters swept(std::string_view given, std::span<const LetterEdit> edits) {
  EditedLetters out;
  const int length = static_cast<int>(given.size());
  int next = 0;  // of `given`
  const auto keep_until = [&](int size) {
    for (; static_cast<int>(out.letters.size()) < size && next < length; ++next) {
      out.letters += given[static_cast<std::size_t>(next)];
      out.origin.push_back(next);
    }
  };
  for (const LetterEdit& edit : edits) {
    keep_until(edit.at);
    const int removed = std::min(edit.removed, length - next);
    for (int i = 0; i < static_cast<int>(edit.inserted.size()); ++i)
      out.origin.push_back(i < removed ? next + i : -1);
    out.letters += edit.inserted;
    next += removed;
  }
  keep_until(INT32_MAX);
  return out;
}

}  // namespace

double edit_work(std::size_t given, std::span<const LetterEdit> edits) {
  double inserted = 0;
  for (const LetterEdit& edit : edits) inserted += static_cast<double>(edit.inserted.size());
  const double size = static_cast<double>(given) + inserted;
  return in_order(edits) ? size : size * static_cast<double>(edits.size());
}

EditedLetters edit_letters(std::string_view given, std::span<const LetterEdit> edits) {
  EditedLetters out;
  if (in_order(edits)) {
    out = swept(given, edits);
    edits = {};
  } else {
    out.letters = given;
    out.origin.resize(given.size());
    for (std::size_t i = 0; i < given.size(); ++i) out.origin[i] = static_cast<int>(i);
  }
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
