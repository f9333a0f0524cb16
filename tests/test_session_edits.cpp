// Letters changed through the Session: every verb, what is refused and why, that only what follows is
// different, and that undo brings back every bit. States and weights are test_session_edits_states'.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "edits_fixture.h"
#include "rnn/sensitivity.h"
#include "session/edits.h"

using namespace ribostep;
using namespace ribostep::tests;
using session::Edits;

TEST_CASE("edits: a mutated letter changes what follows and nothing before, and undo brings back all bits") {
  for (const rnn::CellKind cell : {rnn::CellKind::ElmanTanh, rnn::CellKind::Gru, rnn::CellKind::Lstm}) {
    Planted f;
    choose(f, cell);
    f.session.go_to(17);
    const Bits before = bits(f.session);
    const rnn::Trace was = *f.session.trace();
    const std::string letter = other(before.letters[16]);
    verb(f, {{"verb", "mutate"}, {"letter", letter}});
    CHECK(f.session.letters()[16] == letter[0]);
    CHECK(f.session.position() == 17);
    CHECK(f.edits().letters_words() == "1 letter changed");
    CHECK(same_until(*f.session.trace(), was, 16));
    CHECK_FALSE(same_until(*f.session.trace(), was, 17));
    CHECK(f.session.trace()->p(39, 0) != was.p(39, 0));
    // The ghost is the run without the edit.
    REQUIRE(f.edits().original() != nullptr);
    CHECK(f.edits().original()->layers[0].states == was.layers[0].states);
    CHECK(f.edits().origin_of(20) == 20);
    const Bits edited = bits(f.session);

    REQUIRE(f.session.undo_label() == "letters");
    f.session.undo();
    f.worker.settle();
    CHECK(bits(f.session) == before);
    CHECK(f.edits().original() == nullptr);
    f.session.redo();
    f.worker.settle();
    CHECK(bits(f.session) == edited);
    // Back by hand is no edit any more.
    verb(f, {{"verb", "mutate"}, {"letter", std::string(1, before.letters[16])}});
    CHECK_FALSE(f.edits().letters_edited());
    CHECK(f.session.project().debugging.edits.empty());
    CHECK(bits(f.session) == before);
  }
}

TEST_CASE("edits: insert, delete, replace and restore by name") {
  Planted f;
  const std::string given(f.session.letters());
  const Bits before = bits(f.session);
  verb(f, {{"verb", "insert_letters"}, {"letters", "GG t"}});
  CHECK(f.session.letters() == given.substr(0, 17) + "GGT" + given.substr(17));
  CHECK(f.session.length() == 43);
  CHECK(f.session.trace()->length == 43);
  CHECK(f.edits().origin_of(17) == -1);
  CHECK(f.edits().origin_of(20) == 17);
  CHECK(f.edits().letters_words() == "3 letters inserted");
  verb(f, {{"verb", "delete_letters"}, {"position", 1}, {"count", 2}});
  CHECK(f.session.letters() == given.substr(2, 15) + "GGT" + given.substr(17));
  CHECK(f.edits().letters_words() == "3 letters inserted, 2 deleted");
  verb(f, {{"verb", "replace_letters"}, {"position", 1}, {"count", 4}, {"letters", "acgtacgt"}});
  CHECK(f.session.letters().substr(0, 8) == "ACGTACGT");
  verb(f, {{"verb", "restore_letters"}});
  CHECK(bits(f.session) == before);
  CHECK(f.session.project().debugging.edits.empty());
  for (int i = 0; i < 4; ++i) f.session.undo();
  f.worker.settle();
  CHECK(bits(f.session) == before);
  // The cursor stays within.
  f.session.go_to(40);
  verb(f, {{"verb", "delete_letters"}, {"position", 31}, {"count", 100}});
  CHECK(f.session.length() == 30);
  CHECK(f.session.position() == 30);
}

TEST_CASE("edits: some letters are restored, the others stay as they are") {
  Planted f;
  const std::string given(f.session.letters());
  const auto set = [&](int position) {
    verb(f, {{"verb", "mutate"},
             {"position", position},
             {"letter", other(given[static_cast<std::size_t>(position - 1)])}});
  };
  set(5);
  set(9);
  verb(f, {{"verb", "insert_letters"}, {"position", 8}, {"letters", "AA"}});
  verb(f, {{"verb", "delete_letters"}, {"position", 20}, {"count", 3}});
  const std::string edited(f.session.letters());
  REQUIRE(edited.size() == 39);
  verb(f, {{"verb", "restore_letter"}, {"position", 5}});
  CHECK(f.session.letters()[4] == given[4]);
  CHECK(f.session.letters().substr(5) == edited.substr(5));
  // An inserted letter goes.
  verb(f, {{"verb", "restore_letter"}, {"position", 8}});
  CHECK(f.session.length() == 38);
  // A range brings back what was deleted inside it.
  verb(f, {{"verb", "restore_letter"}, {"position", 7}, {"count", 20}});
  CHECK(f.session.letters() == given);
  CHECK_FALSE(f.edits().letters_edited());
  for (int i = 0; i < 3; ++i) f.session.undo();
  f.worker.settle();
  CHECK(f.session.letters() == edited);
}

TEST_CASE("edits: a range that took the place of a longer one is restored as a whole") {
  Planted f;
  const std::string given(f.session.letters());
  verb(f, {{"verb", "replace_letters"}, {"position", 20}, {"count", 11}, {"letters", "ACAC"}});
  verb(f, {{"verb", "restore_letter"}, {"position", 20}, {"count", 4}});
  CHECK(f.session.letters() == given);
  verb(f, {{"verb", "replace_letters"}, {"position", 30}, {"count", 11}, {"letters", "AC"}});
  verb(f, {{"verb", "restore_letter"}, {"position", 30}, {"count", 2}});
  CHECK(f.session.letters() == given);
  CHECK_FALSE(f.edits().letters_edited());
}

TEST_CASE("edits: what cannot be is refused in words, and changes nothing") {
  Planted f;
  const Bits before = bits(f.session);
  const bool could_undo = f.session.can_undo();
  const std::string label = f.session.undo_label();
  const auto refused = [&](nlohmann::json head, const char* words) {
    verb(f, std::move(head));
    CHECK_MESSAGE(said(f).find(words) != std::string::npos, said(f));
    CHECK(f.session.status().severity == Severity::Error);
    CHECK(bits(f.session) == before);
    CHECK(f.session.can_undo() == could_undo);
    CHECK(f.session.undo_label() == label);
  };
  refused({{"verb", "mutate"}, {"letter", "J"}}, "'J'");
  refused({{"verb", "insert_letters"}, {"letters", "AC\xC3\xA9"}}, "is not DNA");
  refused({{"verb", "delete_letters"}, {"position", 1}, {"count", 400}}, "the last one stays");
  refused({{"verb", "set_state"}, {"unit", 99}, {"value", 1}}, "no such unit");
  refused({{"verb", "set_state"}, {"unit", 1}, {"layer", 4}, {"value", 1}}, "no such unit");
  refused({{"verb", "set_state"}, {"unit", 1}, {"first", 30}, {"last", 20}, {"value", 1}}, "no such unit");
  refused({{"verb", "clamp_state"}, {"unit", -1}}, "no such unit");
  refused({{"verb", "take_state"}, {"layer", 3}}, "no such layer");
  refused({{"verb", "take_state"}, {"sequence", 99}}, "no such layer or sequence");
  refused({{"verb", "take_state"}, {"sequence", 3}, {"position", 41}}, "choose 0 to 40");
  refused({{"verb", "set_weight"}, {"tensor", 99}}, "no such weight");
  refused({{"verb", "set_weight"}, {"tensor", 0}, {"row", 4000}}, "no such weight");
  // Arguments of the wrong kind are as if they were not there; nothing falls over.
  for (const char* name : {"mutate", "insert_letters", "set_state", "take_state", "set_weight", "edit_focus"})
    f.session.receive({{{"type", "verb"},
                        {"verb", name},
                        {"letter", 3},
                        {"position", "x"},
                        {"value", "y"},
                        {"unit", nullptr},
                        {"first", "a"},
                        {"sequence", {1, 2}}},
                       {}});
}

TEST_CASE("edits: a series has no letters, and a circle no states by hand") {
  Fixture f;
  f.paste("id\ttime\tx\na\t1\t0.5\na\t2\t0.25\na\t3\t-0.5\nb\t1\t1\nb\t2\t0.75\nb\t3\t0.5\n");
  REQUIRE(f.session.data().channels() > 0);
  CHECK(f.session.edits().letters_obstacle().find("series") != std::string::npos);
  verb(f, {{"verb", "mutate"}, {"position", 1}, {"letter", "A"}});
  CHECK(said(f).find("series") != std::string::npos);
  verb(f, {{"verb", "edit_focus"}, {"first", 1}, {"last", 2}});
  CHECK(f.session.edits().focus().none());
  // States can be set all the same.
  f.session.go_to(2);
  verb(f, {{"verb", "set_state"}, {"unit", 0}, {"value", 0.5}});
  CHECK(f.session.trace()->layers[0].h(1, 0) == 0.5f);

  Planted circle;
  choose(circle, rnn::CellKind::Gru, [](rnn::ModelSpec& s) { s.circular = rnn::Circular::TwoPass; });
  verb(circle, {{"verb", "set_state"}, {"unit", 0}, {"value", 0.5}});
  CHECK(said(circle).find("as a line") != std::string::npos);
  CHECK(circle.edits().states().empty());
  // Its letters can be changed.
  verb(circle, {{"verb", "delete_letters"}, {"position", 3}});
  CHECK(circle.session.trace()->length == 39);
}

TEST_CASE("edits: gradients are of the edited letters, and not to be had with states by hand") {
  Planted f;
  f.session.want_sensitivity(true);
  f.worker.settle();
  REQUIRE(f.session.sensitivity() != nullptr);
  verb(f, {{"verb", "insert_letters"}, {"letters", "ACG"}});
  REQUIRE(f.session.sensitivity() != nullptr);
  rnn::SensitivityBuilder builder(f.session.network(), f.session.weights(), f.session.token_table(),
                                  f.session.example(), f.session.sensitivity_loss(), 0);
  while (!builder.run(100)) {
  }
  const rnn::Sensitivity want = builder.take();
  CHECK(f.session.sensitivity()->state_gradient == want.state_gradient);
  CHECK(f.session.sensitivity()->input_gradient == want.input_gradient);
  CHECK(f.session.sensitivity_obstacle().empty());
  verb(f, {{"verb", "set_state"}, {"unit", 0}, {"value", 0.5}});
  CHECK(f.session.sensitivity() == nullptr);
  CHECK(f.session.sensitivity_obstacle().find("release them") != std::string::npos);
  verb(f, {{"verb", "release_states"}});
  CHECK(f.session.sensitivity_obstacle().empty());
  REQUIRE(f.session.sensitivity() != nullptr);
  CHECK(f.session.sensitivity()->state_gradient == want.state_gradient);
}

TEST_CASE("edits: picked letters are copied, and pasted letters come in their place") {
  Planted f;
  const std::string given(f.session.letters());
  verb(f, {{"verb", "edit_focus"}, {"range", "7 - 9"}});
  CHECK(f.edits().focus() == Edits::Focus{7, 9});
  verb(f, {{"verb", "edit_focus"}, {"range", "8"}});
  CHECK(f.edits().focus() == Edits::Focus{8, 8});
  verb(f, {{"verb", "edit_focus"}, {"range", "none"}});
  CHECK(f.edits().focus().none());
  verb(f, {{"verb", "edit_focus"}, {"first", 12}, {"last", 5}});
  CHECK(f.edits().focus() == Edits::Focus{5, 12});
  const std::string picked = given.substr(4, 8);
  const auto gc = std::count_if(picked.begin(), picked.end(), [](char c) { return c == 'G' || c == 'C'; });
  char words[64];
  std::snprintf(words, sizeof words, "5 to 12: 8 letters, GC %.1f %%", 100.0 * static_cast<double>(gc) / 8);
  CHECK(f.edits().focus_words() == words);
  f.worker.take_posts();
  verb(f, {{"verb", "copy"}});
  const auto posts = f.worker.take_posts();
  const auto copy =
      std::find_if(posts.begin(), posts.end(), [](const auto& m) { return m.type() == "copy"; });
  REQUIRE(copy != posts.end());
  CHECK(copy->head.at("text") == ">seq1:5-12\n" + picked + "\n");

  f.paste("acgt acgt\nTT");
  CHECK(f.session.letters() == given.substr(0, 4) + "ACGTACGTTT" + given.substr(12));
  CHECK(f.edits().focus() == Edits::Focus{5, 14});  // what came is picked
  CHECK(f.session.data().size() == 20);
  // A place before a letter takes letters in.
  verb(f, {{"verb", "edit_focus"}, {"first", 1}, {"last", 0}});
  CHECK(f.edits().focus().count() == 0);
  f.paste("GG");
  CHECK(f.session.letters().substr(0, 5) == "GG" + given.substr(0, 3));
  CHECK(f.session.position() == 2);
  f.paste("CC");
  CHECK(f.session.letters().substr(0, 5) == "GGCC" + given.substr(0, 1));
  verb(f, {{"verb", "copy"}});
  CHECK(said(f) == "copied 46 letters");  // nothing picked: the whole sequence
  // Anything that is not letters alone is loaded.
  f.paste(">new label=a\nACGTAC\n>other label=b\nTTGACA\n");
  CHECK(f.session.data().size() == 2);
  CHECK(f.edits().focus().none());
  f.paste("ACGTTTGA");
  CHECK(f.session.data().size() == 1);
}

TEST_CASE("edits: a long stretch pasted over another is one edit") {
  Fixture f;
  std::string text, fresh;
  std::uint32_t state = 5;
  for (int i = 0; i < 30000; ++i) {
    state = state * 1664525u + 1013904223u;
    text += "ACGT"[state >> 30u];
    fresh += "ACGT"[state >> 27u & 3u];
  }
  f.paste(">long\n" + text + "\n>b\nACGT\n");
  verb(f, {{"verb", "edit_focus"}, {"first", 101}, {"last", 29900}});
  f.paste(fresh);
  CHECK(f.session.length() == 30200);
  CHECK(f.session.project().debugging.edits.at(0).letters.size() <= io::kMaxLetterEdits);
  CHECK(f.session.letters().substr(100, 30000) == fresh);
}

TEST_CASE("edits: at most so many sequences, and so many states") {
  Planted f;
  std::string many;
  for (int i = 0; i < 70; ++i) many += ">s" + std::to_string(i) + "\nACGTACGT\n";
  f.paste(many);
  for (int i = 0; i < 70; ++i) {
    f.session.select_sequence(i);
    f.edits().replace(0, 1, "T");
  }
  CHECK(f.session.project().debugging.edits.size() == io::kMaxEditedRecords);
  CHECK(said(f).find("restore one of them first") != std::string::npos);
  // One that is changed already can be changed further.
  f.session.select_sequence(0);
  f.edits().replace(2, 1, "A");
  CHECK(f.session.letters() == "TCATACGT");
}

TEST_CASE("edits: the mirror tells them and offers what can be done") {
  Planted f;
  verb(f, {{"verb", "mutate"}, {"letter", other(f.session.letters()[16])}});
  verb(f, {{"verb", "set_state"}, {"unit", 0}, {"value", 0.5}});
  verb(f, {{"verb", "edit_focus"}, {"first", 2}, {"last", 3}});
  nlohmann::json sections = nlohmann::json::array();
  f.edits().mirror(sections);
  REQUIRE(sections.size() == 1);
  const std::string all = sections[0].dump();
  CHECK(all.find("1 letter changed") != std::string::npos);
  CHECK(all.find("h[0] = 0.5 at 17") != std::string::npos);
  CHECK(all.find("Picked: 2 to 3") != std::string::npos);
  for (const nlohmann::json& button : sections[0]["buttons"]) CHECK_FALSE(button.value("disabled", false));
}
