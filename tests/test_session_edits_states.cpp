// States and weights changed through the Session: every verb, what is refused and why, and that undo brings
// back every bit.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "edits_fixture.h"
#include "rnn/sensitivity.h"
#include "session/edits.h"

using namespace ribostep;
using namespace ribostep::tests;
using session::Edits;

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
