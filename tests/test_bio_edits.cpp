// Edits of letters: what they come to, where each letter comes from, and that fewer edits say the same.
#include <doctest/doctest.h>

#include "base/random.h"
#include "bio/edits.h"

using namespace ribostep;
using bio::EditedLetters;
using bio::LetterEdit;

namespace {

// The same, letter by letter, as plainly as possible.
std::string by_hand(std::string text, const std::vector<LetterEdit>& edits) {
  for (const LetterEdit& edit : edits)
    text = text.substr(0, static_cast<std::size_t>(edit.at)) + edit.inserted +
           text.substr(static_cast<std::size_t>(edit.at + edit.removed));
  return text;
}

std::string random_letters(Random& random, int count) {
  std::string letters;
  for (int i = 0; i < count; ++i) letters += "ACGT"[random.below(4)];
  return letters;
}

std::size_t letters_touched(const std::vector<LetterEdit>& edits) {
  std::size_t count = 0;
  for (const LetterEdit& edit : edits) count += static_cast<std::size_t>(edit.removed) + edit.inserted.size();
  return count;
}

void check_consistent(const std::string& given, const EditedLetters& edited) {
  REQUIRE(edited.origin.size() == edited.letters.size());
  REQUIRE(edited.changed.size() == edited.letters.size());
  int last = -1;
  for (std::size_t i = 0; i < edited.letters.size(); ++i) {
    const int from = edited.origin[i];
    if (from < 0) {
      CHECK(edited.changed[i] == 1);
      continue;
    }
    CHECK(from > last);  // no letter comes from two places, and their order stays
    last = from;
    REQUIRE(from < static_cast<int>(given.size()));
    CHECK((edited.changed[i] != 0) == (given[static_cast<std::size_t>(from)] != edited.letters[i]));
  }
}

}  // namespace

TEST_CASE("bio edits: none leave everything as it was") {
  const EditedLetters same = bio::edit_letters("ACGT", {});
  CHECK(same.letters == "ACGT");
  CHECK(same.origin == std::vector<int>{0, 1, 2, 3});
  CHECK(same.changed == std::vector<char>{0, 0, 0, 0});
  CHECK(bio::simplified("ACGT", same).empty());
  CHECK(bio::edit_letters("", {}).letters.empty());
}

TEST_CASE("bio edits: a letter in another's place comes from there, one more was inserted") {
  const std::vector<LetterEdit> edits = {{1, 1, "TT"}};
  const EditedLetters edited = bio::edit_letters("ACGT", edits);
  CHECK(edited.letters == "ATTGT");
  CHECK(edited.origin == std::vector<int>{0, 1, -1, 2, 3});
  CHECK(edited.changed == std::vector<char>{0, 1, 1, 0, 0});
}

TEST_CASE("bio edits: what lies outside is clamped") {
  const std::vector<LetterEdit> edits = {{-5, 2, "G"}, {90, 3, "T"}, {2, 90, ""}, {0, -4, "C"}};
  CHECK(bio::edit_letters("AAAA", edits).letters == "CGA");
}

TEST_CASE("bio edits: a letter that became what it was is no edit") {
  const std::vector<LetterEdit> back = {{2, 1, "T"}, {2, 1, "G"}};
  CHECK(bio::simplified("ACGT", bio::edit_letters("ACGT", back)).empty());
  const std::vector<LetterEdit> gone = {{2, 0, "TT"}, {2, 2, ""}};
  CHECK(bio::simplified("ACGT", bio::edit_letters("ACGT", gone)).empty());
  const std::vector<LetterEdit> neighbours = {{1, 1, "T"}, {2, 1, "C"}};
  CHECK(bio::simplified("ACGT", bio::edit_letters("ACGT", neighbours)) ==
        std::vector<LetterEdit>{{1, 2, "TC"}});
}

TEST_CASE("bio edits: any edits, simplified, come to the same letters and never touch more of them") {
  Random random(7, 31);
  for (int round = 0; round < 400; ++round) {
    const std::string given = random_letters(random, static_cast<int>(random.below(30)));
    std::vector<LetterEdit> edits;
    std::string now = given;
    const int count = static_cast<int>(random.below(9));
    for (int i = 0; i < count; ++i) {
      const int size = static_cast<int>(now.size());
      const int at = static_cast<int>(random.below(static_cast<std::uint32_t>(size + 1)));
      const int removed = std::min(static_cast<int>(random.below(4)), size - at);
      edits.push_back({at, removed, random_letters(random, static_cast<int>(random.below(4)))});
      now = by_hand(now, {edits.back()});
    }
    const EditedLetters edited = bio::edit_letters(given, edits);
    CHECK(edited.letters == now);
    check_consistent(given, edited);

    const std::vector<LetterEdit> fewer = bio::simplified(given, edited);
    CHECK(letters_touched(fewer) <= letters_touched(edits));
    const EditedLetters again = bio::edit_letters(given, fewer);
    CHECK(again.letters == now);
    check_consistent(given, again);
    // Untouched letters stay untouched.
    for (std::size_t i = 0; i < edited.letters.size(); ++i)
      if (!edited.changed[i]) {
        CHECK(again.origin[i] == edited.origin[i]);
        CHECK(again.changed[i] == 0);
      }
    int place = -1;
    for (const LetterEdit& edit : fewer) {
      CHECK(edit.at > place);  // in order, with a letter between them
      place = edit.at + static_cast<int>(edit.inserted.size());
      CHECK((edit.removed > 0 || !edit.inserted.empty()));
    }
  }
}
