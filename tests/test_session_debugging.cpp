// What a document says of edits, pins and states is believed only as far as it fits; what a person does can
// always be saved and opened again.
#include "base/random.h"
#include "bio/edits.h"
#include "doctest/doctest.h"
#include "session/compare.h"
#include "session/edits.h"
#include "session/state.h"
#include "session_fixture.h"

using namespace ribostep;
using nlohmann::json;

namespace {

json document_of(const session::Session& session) {
  return io::to_json(session.project(), {io::WeightsAs::Float32, true});
}
std::string letters_of(int count, std::uint64_t seed) {
  Random random(seed);
  std::string text;
  for (int i = 0; i < count; ++i) text += "ACGT"[random.below(4)];
  return text;
}

}  // namespace

TEST_CASE("edits in order are made in one sweep, to the same letters and origins") {
  Random random(3);
  for (int round = 0; round < 300; ++round) {
    const std::string given = letters_of(1 + static_cast<int>(random.below(40)), random.next());
    std::vector<bio::LetterEdit> edits;
    int behind = 0;
    for (std::uint32_t i = random.below(6); i > 0; --i) {
      bio::LetterEdit edit;
      edit.at = behind + static_cast<int>(random.below(9));
      edit.removed = static_cast<int>(random.below(5));
      edit.inserted = letters_of(static_cast<int>(random.below(5)), random.next());
      behind = edit.at + static_cast<int>(edit.inserted.size());
      edits.push_back(edit);
    }
    const bio::EditedLetters swept = bio::edit_letters(given, edits);
    // An edit that changes nothing in front of them breaks the order, and each is made on its own.
    std::vector<bio::LetterEdit> apart = edits;
    apart.insert(apart.begin(), {static_cast<int>(given.size()), 0, ""});
    const bio::EditedLetters one_by_one = bio::edit_letters(given, apart);
    CHECK(swept.letters == one_by_one.letters);
    CHECK(swept.origin == one_by_one.origin);
    CHECK(swept.changed == one_by_one.changed);
  }
}

TEST_CASE(
    "letters of a document that are not of the alphabet are left out, others are read as it writes them") {
  tests::Fixture f;
  f.paste(tests::planted_fasta());
  f.session.edits().replace(4, 1, f.session.letters()[4] == 'A' ? "C" : "A");
  json document = document_of(f.session);
  REQUIRE(document["edits"][0]["letters"][0][2].is_string());
  document["edits"][0]["letters"][0][2] = "acn";
  f.session.open_project(document.dump());
  f.worker.settle();
  CHECK(f.session.letters().substr(4, 3) == "ACN");
  document["edits"][0]["letters"][0][2] = "xyz\xc3\xa9";
  f.session.open_project(document.dump());
  f.worker.settle();
  CHECK_FALSE(f.session.edits().letters_edited());
  CHECK(f.session.letters() == f.session.data().letters(0));
}

TEST_CASE("a document whose edits would take minutes to read is read without them") {
  tests::Fixture f;
  f.paste(">long\n" + letters_of(40000, 5) + "\n>other\n" + letters_of(100, 6) + "\n");
  json document = document_of(f.session);
  json letters = json::array();
  for (int i = 0; i < 4000; ++i) letters.push_back({4000 - i, 0, std::string(40, 'A')});
  document["edits"] = {{{"record", 0}, {"letters", letters}}, {{"record", 1}, {"letters", {{0, 1, "G"}}}}};
  f.session.open_project(document.dump());
  f.worker.settle();
  CHECK_FALSE(f.session.edits().letters_edited());
  CHECK(f.session.length() == 40000);
}

TEST_CASE("states by hand over a whole long sequence take no memory for each position") {
  tests::Fixture f;
  f.paste(">long\n" + letters_of(3000, 5) + "\n");
  json document = document_of(f.session);
  json states = json::array();
  for (int i = 0; i < 4000; ++i) states.push_back({0, i % 4, "h", 1, 3000, 0.25});
  document["edits"] = {{{"record", 0}, {"states", states}}};
  f.session.open_project(document.dump());
  f.worker.settle();
  REQUIRE(f.session.trace() != nullptr);
  CHECK(f.session.edits().states().size() == 4000);
  CHECK(f.session.trace()->layers[0].h(2999, 3) == 0.25f);
  // And what is done to them stays within what a document may hold.
  for (int i = 0; i < 60; ++i) f.session.edits().intervene({0, i % 4, false, 10 * i + 5, 10 * i + 6, 0.5f});
  CHECK(f.session.edits().states().size() <= io::kMaxInterventions);
  CHECK(io::from_json(document_of(f.session)).ok());
}

TEST_CASE("what is restored after a long paste can still be saved and opened") {
  tests::Fixture f;
  const std::string given = letters_of(20000, 5);
  f.paste(">long\n" + given + "\n");
  f.session.edits().replace(0, 20000, letters_of(20000, 9));
  REQUIRE(f.session.edits().letters_edited());
  f.session.receive({{{"type", "verb"}, {"verb", "restore_letters"}, {"position", 7}, {"count", 1}}, {}});
  f.worker.settle();
  const io::ReadProject read = io::from_json(document_of(f.session));
  CHECK(read.ok());
  CHECK(read.project.debugging.edits.size() <= 1);
}

TEST_CASE("a pin whose weights did not come is no pin") {
  tests::Fixture f;
  f.paste(tests::planted_fasta());
  f.session.compare().pin();
  json document = document_of(f.session);
  REQUIRE(document["pin"].contains("f32"));
  document["pin"].erase("f32");
  f.session.open_project(document.dump());
  f.worker.settle();
  CHECK(f.session.compare().pinned() != nullptr);  // of the project's own update: its weights
  document["pin"]["updates"] = 7;
  f.session.open_project(document.dump());
  f.worker.settle();
  CHECK(f.session.compare().pinned() == nullptr);
}

TEST_CASE("another model while the run before edits is still being made") {
  tests::Fixture f;
  f.paste(">long\n" + letters_of(30000, 5) + "\n>other\n" + letters_of(30000, 6) + "\n");
  f.session.edits().replace(10, 1, "A");
  f.session.edits().replace(11, 1, "C");
  rnn::ModelSpec model = f.session.project().model;
  model.hidden = 5;
  f.session.set_model(model);
  f.session.update(1, 1);  // the ghost must not be read with the weights of before
  model.hidden = 40;
  f.session.set_model(model);
  f.session.update(2, 1);
  f.worker.settle();
  REQUIRE(f.session.trace() != nullptr);
  CHECK(f.session.trace()->layers[0].hidden == 40);
  if (f.session.edits().letters_edited()) {
    REQUIRE(f.session.edits().original() != nullptr);
    CHECK(f.session.edits().original()->layers[0].hidden == 40);
  }
}
