// Letters, states and weights changed through the Session: every verb, what is refused and why, that only
// what follows is different, and that undo brings back every bit.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "rnn/sensitivity.h"
#include "session/edits.h"
#include "session_fixture.h"

using namespace ribostep;
using session::Edits;
using tests::Fixture;
using tests::planted_fasta;

namespace {

struct Bits {
  std::string letters;
  std::vector<float> states, cells, gates, probabilities, weights;
  bool operator==(const Bits&) const = default;
};

Bits bits(const session::Session& s) {
  REQUIRE(s.trace() != nullptr);
  Bits b;
  b.letters = s.letters();
  for (const rnn::LayerTrace& layer : s.trace()->layers) {
    b.states.insert(b.states.end(), layer.states.begin(), layer.states.end());
    b.cells.insert(b.cells.end(), layer.cells.begin(), layer.cells.end());
    b.gates.insert(b.gates.end(), layer.gates.begin(), layer.gates.end());
  }
  b.probabilities = s.trace()->probabilities;
  b.weights.assign(s.weights().begin(), s.weights().end());
  return b;
}

void verb(Fixture& f, nlohmann::json head) {
  head["type"] = "verb";
  f.session.receive({std::move(head), {}});
  f.worker.settle();
}

std::string said(Fixture& f) { return f.session.status().text; }

void choose(Fixture& f, rnn::CellKind cell, const std::function<void(rnn::ModelSpec&)>& change = {}) {
  rnn::ModelSpec spec = f.session.project().model;
  spec.cell = cell;
  spec.hidden = 5;
  if (change) change(spec);
  REQUIRE(rnn::problem(spec).empty());
  f.session.set_model(spec);
  f.worker.settle();
}

struct Planted : Fixture {
  Planted() {
    paste(planted_fasta());
    choose(*this, rnn::CellKind::Lstm);
    session.go_to(17);
  }
  Edits& edits() { return session.edits(); }
};

std::string other(char letter) { return letter == 'A' ? "C" : "A"; }

// h of every unit after each of the first `count` letters.
bool same_until(const rnn::Trace& a, const rnn::Trace& b, int count) {
  for (std::size_t l = 0; l < a.layers.size(); ++l)
    for (int t = 0; t < count; ++t)
      for (int u = 0; u < a.layers[l].hidden; ++u) {
        if (a.layers[l].h(t, u) != b.layers[l].h(t, u)) return false;
        if (!a.layers[l].cells.empty() && a.layers[l].c(t, u) != b.layers[l].c(t, u)) return false;
      }
  return true;
}

}  // namespace

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

TEST_CASE("edits: a state set by hand holds, what came before stays, release and undo bring back all bits") {
  Planted f;
  const Bits before = bits(f.session);
  const rnn::Trace was = *f.session.trace();
  verb(f, {{"verb", "set_state"}, {"unit", 2}, {"value", 0.75}});
  const rnn::LayerTrace* layer = &f.session.trace()->layers[0];
  CHECK(layer->h(16, 2) == 0.75f);
  CHECK(same_until(*f.session.trace(), was, 16));
  CHECK(layer->h(17, 0) != was.layers[0].h(17, 0));
  CHECK(f.edits().states_words() == "h[2] = 0.75 at 17");
  CHECK(f.edits().held(0, 2, false, 17) != nullptr);
  CHECK(f.edits().held(0, 2, false, 18) == nullptr);
  CHECK(f.edits().held(0, 2, true, 17) == nullptr);
  REQUIRE(f.edits().original() != nullptr);
  CHECK(f.edits().original()->layers[0].states == was.layers[0].states);

  verb(f, {{"verb", "set_state"}, {"unit", 2}, {"cell", true}, {"first", 5}, {"last", 1000}, {"value", 0.1}});
  CHECK(f.edits().states_words() == "h[2] = 0.75 at 17; c[2] = 0.1 from 5 to 40");
  layer = &f.session.trace()->layers[0];
  for (int t = 4; t < 40; ++t) CHECK(layer->c(t, 2) == 0.1f);
  CHECK(layer->h(16, 2) == 0.75f);
  // A new value cuts a hole into the old range.
  verb(f, {{"verb", "set_state"}, {"unit", 2}, {"cell", true}, {"first", 10}, {"last", 12}, {"value", -1}});
  CHECK(f.edits().states().size() == 4);
  layer = &f.session.trace()->layers[0];
  CHECK(layer->c(8, 2) == 0.1f);
  CHECK(layer->c(9, 2) == -1.0f);
  CHECK(layer->c(12, 2) == 0.1f);
  verb(f, {{"verb", "release_state"}, {"unit", 2}, {"cell", true}});
  CHECK(f.edits().states_words() == "h[2] = 0.75 at 17");
  verb(f, {{"verb", "release_states"}});
  CHECK(bits(f.session) == before);
  for (int i = 0; i < 5; ++i) f.session.undo();
  f.worker.settle();
  CHECK(bits(f.session) == before);
  CHECK(f.edits().states().empty());
}

TEST_CASE("edits: a unit is held at what it is at the cursor") {
  Planted f;
  const float value = f.session.trace()->layers[0].h(16, 3);
  verb(f, {{"verb", "clamp_state"}, {"unit", 3}});
  for (int t = 16; t < 40; ++t) CHECK(f.session.trace()->layers[0].h(t, 3) == value);
  f.session.go_to(0);
  verb(f, {{"verb", "clamp_state"}, {"unit", 1}, {"cell", true}, {"first", 0}, {"last", 6}});
  for (int t = 0; t < 6; ++t) CHECK(f.session.trace()->layers[0].c(t, 1) == 0);
  CHECK(f.edits().held(0, 1, true, 0) != nullptr);
}

TEST_CASE("edits: the states of codons, windows, dilated and reversed layers") {
  const auto held_at = [](const std::function<void(rnn::ModelSpec&)>& change, int layer, int position) {
    Planted f;
    choose(f, rnn::CellKind::Lstm, change);
    f.session.go_to(position);
    const Bits before = bits(f.session);
    verb(f, {{"verb", "set_state"}, {"layer", layer}, {"unit", 1}, {"value", 0.625}});
    REQUIRE(f.session.trace() != nullptr);
    const rnn::LayerTrace& of = f.session.trace()->layers[static_cast<std::size_t>(layer)];
    CHECK(of.h(of.step_of(position - 1), 1) == 0.625f);
    CHECK(bits(f.session) != before);
    // Every letter of the step knows that it is held, and none of another step.
    for (int p = 1; p <= f.session.length(); ++p)
      CHECK((f.edits().held(layer, 1, false, p) != nullptr) ==
            (of.step_of(p - 1) == of.step_of(position - 1)));
    f.session.undo();
    f.worker.settle();
    CHECK(bits(f.session) == before);
  };
  held_at([](rnn::ModelSpec& s) { s.input = rnn::Input::Codons; }, 0, 17);
  held_at([](rnn::ModelSpec& s) { s.input = rnn::Input::Codons; }, 0, 40);  // behind the last whole codon
  held_at([](rnn::ModelSpec& s) { s.layers = 2, s.window = 7; }, 1, 17);
  held_at([](rnn::ModelSpec& s) { s.layers = 2, s.window = 7; }, 1, 40);  // of a window that is cut off
  held_at([](rnn::ModelSpec& s) { s.layers = 2, s.dilations = {1, 4}; }, 1, 17);
  held_at([](rnn::ModelSpec& s) { s.directions = rnn::Directions::Both; }, 1, 17);
}

TEST_CASE("edits: states move with their letters, and go with them") {
  Planted f;
  const auto ranges = [&] {
    std::vector<std::pair<int, int>> all;
    for (const rnn::Intervention& s : f.edits().states()) all.emplace_back(s.first, s.last);
    return all;
  };
  using Ranges = std::vector<std::pair<int, int>>;
  const auto set = [&](int unit, int first, int last) {
    verb(f, {{"verb", "set_state"}, {"unit", unit}, {"first", first}, {"last", last}, {"value", 0.5}});
  };
  set(0, 0, 0);
  set(1, 10, 10);
  set(2, 12, 20);
  set(3, 30, 40);
  verb(f, {{"verb", "insert_letters"}, {"position", 11}, {"letters", "AC"}});  // behind letter 10
  CHECK(ranges() == Ranges{{0, 0}, {10, 10}, {14, 22}, {32, 42}});
  verb(f, {{"verb", "insert_letters"}, {"position", 15}, {"letters", "G"}});
  CHECK(ranges() == Ranges{{0, 0}, {10, 10}, {14, 23}, {33, 43}});
  verb(f, {{"verb", "delete_letters"}, {"position", 9}, {"count", 6}});  // 9..14
  CHECK(ranges() == Ranges{{0, 0}, {9, 17}, {27, 37}});
  verb(f, {{"verb", "delete_letters"}, {"position", 25}, {"count", 100}});
  CHECK(ranges() == Ranges{{0, 0}, {9, 17}});
  for (const rnn::Intervention& s : f.edits().states())
    CHECK(rnn::fits(f.session.network(), s, f.session.length()));
  // As given again: what is left finds its letters.
  verb(f, {{"verb", "restore_letters"}});
  // (The one letter that came in place of four stands for the first of them.)
  CHECK(ranges() == Ranges{{0, 0}, {9, 20}});
}

TEST_CASE("edits: another sequence's state, also of a longer one, goes on as it would there") {
  Planted f;
  f.session.select_sequence(3);
  f.worker.settle();
  const rnn::Trace other = *f.session.trace();
  f.session.select_sequence(0);
  f.worker.settle();
  f.session.go_to(12);
  verb(f, {{"verb", "take_state"}, {"sequence", 3}, {"position", 20}});
  CHECK_FALSE(f.edits().taking());
  const rnn::LayerTrace& now = f.session.trace()->layers[0];
  for (int u = 0; u < 5; ++u) {
    CHECK(now.h(11, u) == other.layers[0].h(19, u));
    CHECK(now.c(11, u) == other.layers[0].c(19, u));
  }
  CHECK(said(f).find("seq4 at position 20") != std::string::npos);
  CHECK(f.edits().states().size() == 10);
  CHECK(f.session.undo_label() == "another sequence's state");
  // Position 0 is its initial state.
  verb(f, {{"verb", "take_state"}, {"sequence", 3}, {"position", 0}});
  CHECK(f.edits().states().size() == 10);
  for (int u = 0; u < 5; ++u) CHECK(f.session.trace()->layers[0].h(11, u) == 0);
  f.session.undo();
  f.session.undo();
  f.worker.settle();
  CHECK(f.edits().states().empty());

  // A long one takes slices, and the page goes on meanwhile.
  std::string text = ">short\nACGTTAGA\n>long\n";
  for (int i = 0; i < 3000; ++i) text += "ACGGT"[i * 7 % 5];
  f.paste(text + "\n");
  f.session.go_to(4);
  f.session.receive({{{"type", "verb"}, {"verb", "take_state"}, {"sequence", 1}, {"position", 3000}}, {}});
  CHECK(f.edits().taking());
  CHECK(f.edits().states().empty());
  f.worker.settle();
  CHECK_FALSE(f.edits().taking());
  CHECK_FALSE(f.edits().states().empty());
  f.edits().release_all();
  f.session.receive({{{"type", "verb"}, {"verb", "take_state"}, {"sequence", 1}, {"position", 3000}}, {}});
  f.session.select_sequence(1);
  f.worker.settle();
  CHECK(f.edits().states().empty());
  CHECK_FALSE(f.edits().taking());
}

TEST_CASE("edits: a drag is one step of undo, the next one another") {
  Planted f;
  const Bits before = bits(f.session);
  Edits& e = f.edits();
  for (int i = 0; i < 6; ++i) e.intervene({0, 1, false, 17, 17, 0.1f * static_cast<float>(i)}, i > 0);
  f.worker.settle();
  const Bits first = bits(f.session);
  CHECK(e.states().size() == 1);
  for (int i = 0; i < 6; ++i) e.intervene({0, 1, false, 17, 17, -0.1f * static_cast<float>(i)}, i > 0);
  f.session.undo();
  f.worker.settle();
  CHECK(bits(f.session) == first);
  f.session.undo();
  f.worker.settle();
  CHECK(bits(f.session) == before);
  // Weights the same, also when a drag begins where the last one ended.
  const int w_h = f.session.network().layers[0].w_h;
  const auto drag = [&](std::initializer_list<float> values) {
    bool begun = false;
    for (const float value : values) e.set_weight(w_h, 2, 1, value, std::exchange(begun, true));
    f.worker.settle();
  };
  drag({0.1f, 0.2f, 0.3f});
  const Bits third = bits(f.session);
  drag({0.3f, 0.4f, 0.5f});
  CHECK(bits(f.session) != third);
  f.session.undo();
  f.worker.settle();
  CHECK(bits(f.session) == third);
  f.session.undo();
  f.worker.settle();
  CHECK(bits(f.session) == before);
}

TEST_CASE("edits: a changed weight is on show at once, and training goes on from it as a new leg") {
  Planted f;
  f.train_to(4);
  const std::int64_t updates = f.session.project().updates;
  REQUIRE(updates >= 4);
  const Bits before = bits(f.session);
  const rnn::Layer& layer = f.session.network().layers[0];
  const rnn::Tensor& w_x = f.session.network().tensors[static_cast<std::size_t>(layer.w_x)];
  const std::size_t at = w_x.offset + 3u * static_cast<std::size_t>(w_x.cols) + 2u;
  verb(f, {{"verb", "set_weight"}, {"tensor", layer.w_x}, {"row", 3}, {"column", 2}, {"value", 1.5}});
  CHECK(f.session.weights()[at] == 1.5f);
  for (std::size_t i = 0; i < before.weights.size(); ++i)
    if (i != at) CHECK(f.session.weights()[i] == before.weights[i]);
  CHECK(bits(f.session) != before);
  CHECK(f.session.project().updates == 0);
  CHECK(f.session.training().curve.empty());
  CHECK(f.session.undo_label() == "weight " + w_x.name);
  const Bits changed = bits(f.session);
  f.session.undo();
  f.worker.settle();
  CHECK(bits(f.session) == before);
  CHECK(f.session.project().updates == updates);
  f.session.redo();
  f.worker.settle();
  CHECK(bits(f.session) == changed);
  f.train_to(2);
  CHECK(f.session.project().updates >= 2);
  CHECK(bits(f.session) != changed);
}

TEST_CASE("edits: weights stay as they are while something else decides on them") {
  Planted f;
  verb(f, {{"verb", "twin"}});
  CHECK(f.edits().weights_obstacle().find("twin") != std::string::npos);
  verb(f, {{"verb", "twin"}});
  CHECK(f.edits().weights_obstacle().empty());
  f.session.train();
  CHECK(f.edits().weights_obstacle().find("pause") != std::string::npos);
  const std::string hash = f.hash();
  f.session.receive({{{"type", "verb"}, {"verb", "set_weight"}, {"tensor", 0}, {"value", 3}}, {}});
  CHECK(said(f).find("pause") != std::string::npos);
  f.session.pause();
  f.worker.settle();
  CHECK(Fixture().session.edits().weights_obstacle().empty());
}

TEST_CASE("edits: letters and states while training runs; the data and so the training stay the same") {
  const auto trained = [](bool edit) {
    Planted f;
    f.session.train();
    bool done = false;
    f.worker.settle([&] {
      if (edit && !done && f.session.training().updates > 3) {
        f.edits().replace(4, 2, "TTT");
        f.edits().intervene({0, 1, false, 5, 9, 0.5f});
        done = true;
      }
      return f.session.training().updates < 40;
    });
    f.session.stop();
    f.worker.settle();
    CHECK(done == edit);
    if (edit) {
      CHECK(f.session.length() == 41);
      CHECK(f.session.trace()->layers[0].h(6, 1) == 0.5f);
    }
    return std::pair(f.session.training().updates, f.hash());
  };
  const auto plain = trained(false), edited = trained(true);
  if (plain.first == edited.first) CHECK(plain.second == edited.second);
  CHECK(edited.first >= 40);
}

TEST_CASE("edits: they belong to their sequence") {
  Planted f;
  verb(f, {{"verb", "delete_letters"}, {"position", 2}, {"count", 30}});
  verb(f, {{"verb", "set_state"}, {"unit", 0}, {"value", 0.5}, {"first", 3}});
  const Bits first = bits(f.session);
  REQUIRE(f.edits().original() != nullptr);
  f.session.select_sequence(1);
  CHECK(f.edits().original() == nullptr);  // not that of the sequence before
  CHECK_FALSE(f.edits().letters_edited());
  CHECK(f.edits().states().empty());
  f.worker.settle();
  CHECK(f.session.length() == 40);
  verb(f, {{"verb", "mutate"}, {"position", 1}, {"letter", other(f.session.letters()[0])}});
  CHECK(f.session.project().debugging.edits.size() == 2);
  REQUIRE(f.edits().original() != nullptr);
  CHECK(f.edits().original()->length == 40);
  f.session.select_sequence(0);
  CHECK(f.edits().original() == nullptr);
  f.worker.settle();
  CHECK(bits(f.session) == first);
  REQUIRE(f.edits().original() != nullptr);
  CHECK(f.edits().original()->length == 40);
  // Undo is of the last edit, wherever it was.
  f.session.undo();
  f.worker.settle();
  CHECK(f.session.project().debugging.edits.size() == 1);
  CHECK(bits(f.session) == first);
  // Another data set knows nothing of them.
  f.paste(">x label=a\nACGT\n>y label=b\nTTGA\n");
  CHECK(f.session.project().debugging.edits.empty());
  CHECK(f.session.letters() == "ACGT");
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
