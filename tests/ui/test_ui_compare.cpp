// Comparing on the screen: tracks that show differences, ghosts, lit cells, two sequences side by side, the
// strands, and the tab, by real mouse and keys.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>
#include <vector>

#include "items.h"
#include "page.h"
#include "session/compare.h"
#include "session/edits.h"
#include "track_screen.h"
#include "ui/command.h"
#include "ui/debug_panels.h"
#include "ui/heatmap.h"
#include "ui/tracks/difference.h"
#include "ui/tracks/strands.h"

using namespace ribostep;
using session::Compare;
using session::Quantity;
using tests::Screen;

namespace {

struct Compared : Screen {
  explicit Compared(rnn::CellKind cell = rnn::CellKind::Lstm) : Screen(cell) {
    fixture.train_to(3);
    frames(2);
  }
  Compare& c() { return session().compare(); }
  void settle() {
    fixture.worker.settle();
    frames(3);
  }
  // Whether a picture has, as its row for `unit`, these values in these colours.
  bool painted(int rows, int columns, int unit, const ui::ColourMap& map, ui::ValueRange range,
               const std::function<float(int)>& value) {
    for (const auto& [id, picture] : headless.textures.pictures) {
      if (picture.h != rows || picture.w != columns) continue;
      bool same = true;
      for (int t = 0; t < columns; ++t)
        same =
            same && picture.pixels[static_cast<std::size_t>(unit * columns + t)] == map[range.byte(value(t))];
      if (same) return true;
    }
    return false;
  }
};

}  // namespace

TEST_CASE("compare tracks: heat maps show now minus the pin, signed, on one scale for all of a kind") {
  Compared screen;
  screen.c().pin_untrained();
  screen.settle();
  REQUIRE(screen.c().difference());
  const rnn::LayerTrace& now = screen.session().trace()->layers[0];
  const rnn::LayerTrace& then = screen.c().reference()->layers[0];
  const ui::ColourMap map = ui::diverging(false);
  const ui::ValueRange states = ui::symmetric_range(screen.c().largest(Quantity::State));
  const ui::ValueRange gates = ui::symmetric_range(screen.c().largest(Quantity::Gate));
  const auto h = [&](int t) { return now.h(t, 2) - then.h(t, 2); };
  const auto f = [&](int t) { return now.gate(t, 1, 2) - then.gate(t, 1, 2); };
  const auto i = [&](int t) { return now.gate(t, 0, 2) - then.gate(t, 0, 2); };
  CHECK(screen.painted(6, 40, 2, map, states, h));
  CHECK(screen.painted(6, 40, 2, map, gates, f));
  CHECK(screen.painted(6, 40, 2, map, gates, i));
  CHECK(screen.track("h")->note(screen.session()) == "− pin");

  screen.c().show_difference(false);
  screen.frames(3);
  CHECK(screen.painted(6, 40, 2, map, {-1, 1}, [&](int t) { return now.h(t, 2); }));
  CHECK_FALSE(screen.painted(6, 40, 2, map, states, h));
  CHECK(screen.track("h")->note(screen.session()) != "− pin");
}

TEST_CASE("compare tracks: the value under the mouse tells both numbers and the difference") {
  Compared screen;
  screen.c().pin_untrained();
  screen.settle();
  const float share = 3.5f / 6;
  const std::string text = screen.track("h")->value_at(screen.session(), 5, share);
  const float now = screen.session().trace()->layers[0].h(4, 3),
              then = screen.c().reference()->layers[0].h(4, 3);
  const auto number_behind = [&](const std::string& words) {
    const std::size_t at = text.find(words);
    REQUIRE_MESSAGE(at != std::string::npos, text);
    return std::strtof(text.c_str() + at + words.size(), nullptr);
  };
  CHECK(number_behind("h₃ at position 5 = ") == now);
  CHECK(number_behind("pin at position 5: ") == then);
  CHECK(text.find("difference " + ui::signed_text(static_cast<double>(now) - static_cast<double>(then))) !=
        std::string::npos);
  CHECK(ui::signed_text(-0.5) == "−0.5");
  const std::string output = screen.track("output")->value_at(screen.session(), 5, 0.5f);
  CHECK(output.find("now, the pin at position 5, difference") != std::string::npos);
  CHECK(screen.track("output")->note(screen.session()) == "dashed: pin");
  // Both start from the same zeros.
  CHECK(screen.track("h")->value_at(screen.session(), 0, share).find("difference +0") != std::string::npos);
}

TEST_CASE("compare tracks: letters without a counterpart are hatched and said to have none") {
  Compared screen;
  screen.session().edits().replace(10, 0, "ACGTAC");
  screen.settle();
  CHECK_FALSE(screen.c().difference());
  // The ghost of the outputs is there as soon as something is edited.
  CHECK(ui::ghost_of_outputs(screen.session()));
  CHECK(screen.track("output")->note(screen.session()) == "dashed: given");
  const int plain = screen.headless.vertices();
  screen.c().show_difference(true);
  screen.frames(3);
  CHECK(screen.headless.vertices() > plain);
  const std::string text = screen.track("h")->value_at(screen.session(), 12, 0.1f);
  CHECK(text.find("the original has no counterpart here") != std::string::npos);
  CHECK(screen.track("h")->value_at(screen.session(), 20, 0.1f).find("original at position 14: ") !=
        std::string::npos);
  CHECK(screen.track("output")->value_at(screen.session(), 12, 0.1f).find("none here") != std::string::npos);
  const rnn::LayerTrace& now = screen.session().trace()->layers[0];
  const rnn::LayerTrace& then = screen.c().reference()->layers[0];
  const ui::ValueRange range = ui::symmetric_range(screen.c().largest(Quantity::State));
  CHECK(screen.painted(6, 46, 1, ui::diverging(false), range, [&](int t) {
    return t < 10 ? now.h(t, 1) - then.h(t, 1) : t < 16 ? 0.0f : now.h(t, 1) - then.h(t - 6, 1);
  }));
}

TEST_CASE("compare tracks: cells that lit up with a question are outlined where they are") {
  Compared screen;
  screen.mouse(-100, -100);
  screen.frames(2);
  const int plain = screen.headless.vertices();
  ui::OriginLit lit;
  lit.layer = 0, lit.unit = 2, lit.gate = -1, lit.position = 7, lit.strength = -0.5;
  screen.state.origin.lit = {lit};
  screen.frames(2);
  const int one = screen.headless.vertices() - plain;
  CHECK(one > 0);
  lit.position = 0;
  screen.state.origin.lit.push_back(lit);
  screen.frames(2);
  CHECK(screen.headless.vertices() - plain == 2 * one);
  lit.position = 9, lit.gate = 1, lit.asked = true;  // the number itself, in another track
  screen.state.origin.lit.push_back(lit);
  screen.frames(2);
  CHECK(screen.headless.vertices() - plain > 2 * one);
  lit.layer = 7;  // of a network that is gone
  screen.state.origin.lit = {lit};
  screen.frames(2);
  CHECK(screen.headless.vertices() == plain);
}

TEST_CASE("compare tracks: another sequence stands under this one, letter by letter") {
  Compared screen;
  CHECK_FALSE(screen.track("compare letters")->present(screen.session()));
  // Whoever asks all the same, for a table that is saved, gets nothing.
  CHECK(screen.track("compare letters")->note(screen.session()).empty());
  CHECK(screen.track("compare letters")->value_at(screen.session(), 3, 0.5f).empty());
  CHECK(screen.track("strand reversed")->value_at(screen.session(), 3, 0.5f).empty());
  screen.c().pin_sequence(1, 4);
  screen.settle();
  const auto letters = screen.track("compare letters"), size = screen.track("compare size");
  REQUIRE(letters->present(screen.session()));
  REQUIRE(size->present(screen.session()));
  int same = 0, other = 0, none = 0;
  for (int position = 1; position <= 40; ++position) {
    const std::string text = letters->value_at(screen.session(), position, 0.5f);
    const int there = screen.c().reference_position(position);
    const char here = screen.session().letters()[static_cast<std::size_t>(position - 1)];
    if (there < 1) {
      CHECK(text.find("not in the pin") != std::string::npos);
      ++none;
      CHECK(size->value_at(screen.session(), position, 0.5f).find("no counterpart") != std::string::npos);
      continue;
    }
    const char letter = screen.session().data().letters(1)[static_cast<std::size_t>(there - 1)];
    CHECK(text.find("at position " + std::to_string(there) + " of seq2") != std::string::npos);
    (letter == here ? same : other) += 1;
    CHECK((text.find("is the same") != std::string::npos) == (letter == here));
    CHECK(size->value_at(screen.session(), position, 0.5f).find("states, length of the difference: ") !=
          std::string::npos);
  }
  CHECK(same == screen.c().alignment()->identical);
  CHECK(none == screen.c().alignment()->only_a);
  CHECK(other > 0);
  // Near, far, and dark: nothing is empty.
  for (const double span : {0.0, 12.0}) {
    io::View view = screen.session().project().view;
    view.first = 0, view.span = span;
    screen.session().set_view(view);
    screen.frames(2);
    CHECK(screen.headless.vertices() > 1000);
  }
  // The same sequence as it was: no second row of letters.
  screen.c().pin_untrained();
  screen.settle();
  CHECK_FALSE(screen.track("compare letters")->present(screen.session()));
  CHECK(screen.track("compare size")->present(screen.session()));
}

TEST_CASE("compare tracks: three ways to read, and each column is about one letter") {
  Compared screen;
  CHECK_FALSE(screen.track("strand forward")->present(screen.session()));
  screen.c().show_strands(true);
  screen.settle();
  const std::string letters(screen.session().letters());
  for (int i = 0; i < 3; ++i) {
    const auto track = screen.track(std::string("strand ") + Compare::strand_name(i));
    REQUIRE(track);
    CHECK(track->present(screen.session()));
    const ui::StrandChoice choice = ui::strand_choice(screen.session(), screen.state.compare);
    const int read = i == 0 ? 7 : 34;
    const std::string text = track->value_at(screen.session(), 7, 0.5f);
    const char letter = i < 2 ? letters[6] : std::string("TGCA")[std::string("ACGT").find(letters[6])];
    CHECK(text.find(std::string(1, letter) + " is read as number " + std::to_string(read)) !=
          std::string::npos);
    CHECK((text.find("from right to left") != std::string::npos) == (i > 0));
    char expected[64];
    std::snprintf(expected, sizeof expected, "h[0] = %.6g",
                  static_cast<double>(screen.c().strand(i)->layers[0].h(read - 1, 0)));
    CHECK(text.find(expected) != std::string::npos);
    std::snprintf(expected, sizeof expected, ") = %.4f",
                  static_cast<double>(screen.c().strand(i)->p(read - 1, choice.output)));
    CHECK(text.find(expected) != std::string::npos);
  }
  screen.state.compare.strand_unit = 4;
  screen.frames(2);
  CHECK(screen.track("strand reversed")->value_at(screen.session(), 7, 0.5f).find("h[4] = ") !=
        std::string::npos);
  // Other questions, other depths: everything draws.
  for (const rnn::Task task : {rnn::Task::NextSymbol, rnn::Task::SequenceLabel}) {
    screen.change([&](rnn::ModelSpec& s) { s.task = task, s.layers = 2, s.hidden = 3; });
    screen.settle();
    CHECK(screen.headless.vertices() > 1000);
    CHECK_FALSE(screen.track("strand reversed")->value_at(screen.session(), 40, 0.5f).empty());
  }
}

TEST_CASE("compare tracks: every cell and wiring draws with a pin, near and far") {
  Compared screen;
  for (int c = 0; c < rnn::kCount<rnn::CellKind>; ++c) {
    screen.change([&](rnn::ModelSpec& s) {
      s.cell = static_cast<rnn::CellKind>(c);
      s.layers = 1 + c % 2;
      s.directions = c % 3 == 0 ? rnn::Directions::Both : rnn::Directions::Forward;
    });
    for (const bool moment : {false, true}) {
      screen.c().pin_sequence(2, 3);
      if (moment) screen.c().set_mode(io::PinMode::Moment);
      screen.settle();
      REQUIRE(screen.c().difference());
      for (const auto& track : screen.state.tracks.tracks)
        if (track->present(screen.session()))
          for (const int position : {0, 1, 20, 40}) track->value_at(screen.session(), position, 0.4f);
      CHECK(screen.headless.vertices() > 1000);
    }
  }
}

TEST_CASE("compare tab: P pins, D switches the difference, S shows the strands") {
  tests::Page page;
  page.paste(tests::planted_fasta());
  Compare& c = page.session().compare();
  page.session().go_to(9);
  page.frames(2);
  page.key(ImGuiKey_P);
  REQUIRE(c.pinned() != nullptr);
  CHECK(c.pinned()->position == 9);
  CHECK(c.difference());
  page.key(ImGuiKey_D);
  CHECK_FALSE(c.difference());
  page.key(ImGuiKey_D);
  CHECK(c.difference());
  page.key(ImGuiKey_P);
  CHECK(c.pinned() == nullptr);
  page.key(ImGuiKey_S);
  CHECK(c.strands());
  page.key(ImGuiKey_S);
  CHECK_FALSE(c.strands());
}

TEST_CASE("compare tab: buttons, the pin of another sequence, and a jump to the largest difference") {
  tests::Page page;
  page.paste(tests::planted_fasta());
  Compare& c = page.session().compare();
  page.click("Compare");
  CHECK(page.item("Unpin").disabled);
  page.click("Pin this moment###pin");
  REQUIRE(c.pinned() != nullptr);
  CHECK_FALSE(page.item("Unpin").disabled);
  page.click("Unpin");
  CHECK(c.pinned() == nullptr);
  page.click("Pin it");
  REQUIRE(c.pinned() != nullptr);
  CHECK(c.pinned()->record == 1);
  page.worker.settle();
  page.frames(3);
  REQUIRE(c.ready());
  REQUIRE_FALSE(c.differences()->by_unit.empty());
  const session::Difference first = c.differences()->by_unit[0];
  page.click(c.number_name(first) + "###jump");
  CHECK(page.session().position() == first.position);
  page.click("Show the difference in the tracks###difference");
  CHECK_FALSE(c.difference());
  page.click("one moment");
  CHECK(c.pinned()->mode == io::PinMode::Moment);
  page.click("Strands: forward, reversed, rev. compl.###strands");
  CHECK(c.strands());
  CHECK(page.shown("##strand_unit"));
  page.click("Untrained");
  CHECK(c.pinned()->untrained);
}

TEST_CASE("compare tab: draws in every state, also where it is narrow and while nothing is there") {
  for (const float width : {960.0f, 370.0f}) {
    tests::Headless screen(ImVec2(width, 260));
    tests::Fixture f;
    ui::PanelState state;
    ui::UiState ui;
    std::vector<session::Message> outbox;
    const auto draw = [&] {
      for (int i = 0; i < 2; ++i)
        screen.frame([&] {
          ui::Panel p{f.session, state, ui::theme(i == 0), screen.fonts, outbox};
          ui::draw_compare_panel(p, ui, ImGui::GetContentRegionAvail());
        });
      return screen.vertices();
    };
    CHECK(draw() > 100);
    f.paste(tests::planted_fasta());
    f.session.compare().pin_sequence(3, 1);
    f.session.compare().show_strands(true);
    f.worker.settle();
    CHECK(draw() > 100);
    rnn::ModelSpec spec = f.session.project().model;
    spec.hidden = 3;
    f.session.set_model(spec);
    f.worker.settle();
    CHECK(draw() > 100);
    session::Session empty;
    ui::Panel p{empty, state, ui::theme(false), screen.fonts, outbox};
    screen.frame([&] { ui::draw_compare_panel(p, ui, ImGui::GetContentRegionAvail()); });
    ui::Commands commands;
    ui::add_compare_commands({p, ui}, commands);
    REQUIRE(commands.size() >= 4);
    for (const ui::Command& command : commands) CHECK_FALSE(command.why_not.empty());
  }
}
