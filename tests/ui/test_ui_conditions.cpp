// Conditions on the screen: typed by real keys, walked along by buttons and keys, marked and watched.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "page.h"
#include "session/conditions.h"
#include "track_screen.h"
#include "ui/command.h"
#include "ui/conditions_style.h"
#include "ui/debug_panels.h"
#include "ui/tracks/marks.h"

using namespace ribostep;
using tests::Page;
using tests::Screen;

namespace {

struct Conditioned : Page {
  explicit Conditioned(float w = 1280, float h = 800) : Page(w, h) {
    paste(tests::planted_fasta());
    rnn::ModelSpec spec = session().project().model;
    spec.cell = rnn::CellKind::Lstm;
    spec.hidden = 6;
    session().set_model(spec);
    worker.settle();
    frames(2);
  }
  session::Conditions& conditions() { return session().conditions(); }
  ui::ConditionsState& field() { return app.state().conditions; }
  // As the key B does.
  void open() {
    key(ImGuiKey_B);
    frames(3);
  }
  void add(const char* text) {
    io::Condition c;
    c.text = text;
    REQUIRE(conditions().add(c));
    frames(2);
  }
};

}  // namespace

TEST_CASE("conditions panel: B opens the field, typing and Enter add a condition, and ] goes to its hit") {
  Conditioned page;
  page.open();
  REQUIRE(page.shown("##condition"));
  page.type("seq ~ TATAAT");
  CHECK(page.field().text == "seq ~ TATAAT");
  page.key(ImGuiKey_Enter);
  page.frames(3);
  REQUIRE(page.conditions().list().size() == 1);
  CHECK(page.field().text.empty());
  const int end = static_cast<int>(page.session().letters().find("TATAAT")) + 6;
  REQUIRE(end > 6);
  page.session().go_to(0);
  CHECK_FALSE(page.item("##next_hit").disabled);
  page.key(ImGuiKey_RightBracket);
  CHECK(page.session().position() == end);
  CHECK(page.item("##next_hit").disabled);
  page.key(ImGuiKey_End);
  page.key(ImGuiKey_LeftBracket);
  CHECK(page.session().position() == end);
  page.session().go_to(0);
  page.click("##next_hit");
  CHECK(page.session().position() == end);
}

TEST_CASE("conditions panel: what is wrong is said while it is typed, and Enter does not add it") {
  Conditioned page;
  page.open();
  page.type("h[9] > 0");
  CHECK(page.item("Add###add").disabled);
  CHECK(page.conditions().check(page.field().text).problem.begin == 2);
  page.key(ImGuiKey_Enter);
  page.frames(3);
  CHECK(page.conditions().list().empty());
  CHECK(page.field().text == "h[9] > 0");
  CHECK(page.field().active);  // and can be put right at once
}

TEST_CASE("conditions panel: Tab takes what is offered, arrows choose, Enter takes the chosen") {
  Conditioned page;
  page.open();
  CHECK_FALSE(page.shown("candidate entropy"));  // the list below stays in sight until it is asked for
  page.type("ent");
  CHECK(page.shown("candidate entropy"));
  page.key(ImGuiKey_Tab);
  CHECK(page.field().text == "entropy");
  page.type(" > 0 and arg");
  page.key(ImGuiKey_DownArrow);
  CHECK(page.field().choice == 0);
  page.key(ImGuiKey_Enter);
  page.frames(3);
  CHECK(page.field().text == "entropy > 0 and argmax");
  CHECK(page.conditions().list().empty());
  page.type(" = ");
  page.frames();
  const std::string name = page.session().output_names()[0];
  page.click("candidate " + name);
  page.frames(3);
  CHECK(page.field().text == "entropy > 0 and argmax = " + name);
  page.key(ImGuiKey_Enter);
  page.frames(2);
  REQUIRE(page.conditions().list().size() == 1);
  CHECK(page.conditions().list()[0].text == "entropy > 0 and argmax = " + name);
}

TEST_CASE("conditions panel: the list switches, walks, changes and removes") {
  Conditioned page;
  page.add("pos = 10 or pos = 20");
  page.open();
  CHECK(page.shown("##following"));
  page.click("##following");
  CHECK(page.session().position() == 10);
  page.click("##following");
  page.click("##previous");
  CHECK(page.session().position() == 10);
  CHECK(page.conditions().words(0) == "hit 1 of 2");
  page.click("##stops");
  CHECK_FALSE(page.conditions().list()[0].stops);
  page.click("##watched");
  CHECK(page.conditions().list()[0].watched);
  page.click("##on");
  CHECK_FALSE(page.conditions().list()[0].on);
  CHECK_FALSE(page.shown("##next_hit"));  // nothing to walk along
  page.click("##on");
  page.click("##text");
  page.frames(3);
  CHECK(page.field().editing == 0);
  CHECK(page.field().text == "pos = 10 or pos = 20");
  page.type(" or pos = 30");
  page.key(ImGuiKey_Enter);
  page.frames(3);
  REQUIRE(page.conditions().list().size() == 1);
  CHECK(page.conditions().count(0) == 3);
  CHECK(page.field().editing == -1);
  page.click("##remove");
  CHECK(page.conditions().list().empty());
}

TEST_CASE("conditions panel: ready-made ones, and names of units") {
  Conditioned page;
  page.open();
  page.click("Ready-made");
  page.click("The most probable output changes");
  REQUIRE(page.conditions().list().size() == 1);
  CHECK(page.conditions().list()[0].text == "argmax changes");
  page.click("##unit_name");
  page.type("box");
  page.key(ImGuiKey_Enter);
  page.frames(2);
  CHECK(page.conditions().unit_name(0, 0) == "box");
  page.click("##unname");
  CHECK(page.conditions().unit_name(0, 0).empty());
}

TEST_CASE("conditions panel: fits a phone") {
  Conditioned page(390, 844);
  page.add("pos = 10");
  page.open();
  CHECK(page.app.panels().phone_tab == ui::PhoneTab::Results);
  page.frames(2);
  for (const char* label :
       {"##condition", "Add###add", "stops##stops", "watch##watched", "##remove", "##following"}) {
    const tests::Item item = page.item(label);
    CHECK_MESSAGE(item.max.x <= 390, label);
    CHECK_MESSAGE(item.min.x >= 0, label);
  }
  page.click("stops##stops");
  CHECK_FALSE(page.conditions().list()[0].stops);
}

TEST_CASE("toolbar: the buttons for hits leave everything in its place") {
  for (const float width : {900.0f, 1040.0f, 1100.0f, 1180.0f, 1280.0f, 1600.0f}) {
    Conditioned page(width);
    page.add("pos = 10");
    const float right = page.item("##help").max.x;
    CHECK_MESSAGE(right <= width, width);
    CHECK_MESSAGE(page.item("##previous_hit").min.x >= page.item("##last").max.x, width);
    CHECK_MESSAGE(page.item("##undo").min.x >= page.item("##position").max.x, width);
  }
}

TEST_CASE("marks: each hit when near, one every few pixels when far") {
  Screen screen;
  const auto marks = [&](float apart, float per_position) {
    std::vector<int> at;
    ui::each_mark(
        screen.session(), 1, screen.session().length(), apart,
        [&](int position) { return per_position * static_cast<float>(position); },
        [&](int, float, int position) { at.push_back(position); });
    return at;
  };
  CHECK(marks(0, 10).empty());
  io::Condition c;
  c.text = "pos > 4 and pos <= 24";
  REQUIRE(screen.session().conditions().add(c));
  screen.frames(3);
  CHECK(marks(0, 10).size() == 20);
  const auto far = marks(2, 0.25f);
  CHECK(far == std::vector<int>{5, 13, 21});  // eight positions to two pixels
  c = screen.session().conditions().list()[0];
  c.marks = false;
  screen.session().conditions().change(0, c);
  CHECK(marks(0, 10).empty());
}

TEST_CASE("watches: a track comes with a watched condition and goes with it, and tells the value") {
  Screen screen;
  CHECK(screen.track("watch h[2] - h[1]") == nullptr);
  io::Condition c;
  c.text = "h[2] - h[1]";
  REQUIRE(screen.session().conditions().add(c));
  c.text = "pos > 12";
  c.watched = true;
  REQUIRE(screen.session().conditions().add(c));
  screen.frames(3);
  const auto number = screen.track("watch h[2] - h[1]");
  REQUIRE(number != nullptr);
  const auto& layer = screen.session().trace()->layers[0];
  const std::string told = number->value_at(screen.session(), 7, 0);
  REQUIRE(told.find(" = ") != std::string::npos);
  CHECK(std::stof(told.substr(told.find(" = ") + 3)) ==
        doctest::Approx(layer.h(6, 2) - layer.h(6, 1)).epsilon(1e-5));  // six digits are written
  const auto truth = screen.track("watch pos > 12");
  REQUIRE(truth != nullptr);
  CHECK(truth->value_at(screen.session(), 12, 0) == "pos > 12 at position 12: does not hold");
  CHECK(truth->value_at(screen.session(), 13, 0) == "pos > 12 at position 13: holds");
  screen.session().conditions().remove(0);
  screen.frames(2);
  CHECK(screen.track("watch h[2] - h[1]") == nullptr);
  CHECK(screen.track("watch pos > 12") != nullptr);
}

TEST_CASE("watches and marks: far away what is drawn is bounded by the pixels, not by the positions") {
  Screen screen;
  std::string text = ">long\n";
  for (int i = 0; i < 30000; ++i) text += "ACGT"[(i * 7 + i / 5) % 4];
  screen.fixture.paste(text + "\n");
  screen.frames(5);
  REQUIRE(screen.session().trace() != nullptr);
  const int before = screen.headless.vertices();
  for (const char* one : {"h[2] > -2", "letter = A", "h[2]"}) {
    io::Condition c;
    c.text = one;
    c.watched = true;
    REQUIRE(screen.session().conditions().add(c));
  }
  while (screen.session().conditions().has_work()) screen.session().conditions().work_slice();
  screen.frames(3);
  CHECK(screen.session().conditions().count(0) == 30000);
  // Two conditions on ruler and overview and three tracks, each at most a few shapes per pixel column.
  CHECK(screen.headless.vertices() - before < 620 * 4 * 12);
}

TEST_CASE("commands: keys of conditions say why they do nothing") {
  Conditioned page;
  page.frames();
  const auto find = [&](ui::Commands& all, ImGuiKeyChord chord) {
    const auto at = std::find_if(all.begin(), all.end(), [&](const auto& c) { return c.chord == chord; });
    REQUIRE(at != all.end());
    return *at;
  };
  ui::PanelState state;
  ui::UiState screen;
  std::vector<session::Message> outbox;
  ui::Panel panel{page.session(), state, ui::theme(false), {}, outbox, false};
  ui::Commands all;
  ui::add_condition_commands({panel, screen}, all);
  CHECK_FALSE(find(all, ImGuiKey_RightBracket).why_not.empty());
  find(all, ImGuiKey_B).act();
  CHECK(screen.conditions.focus);
  CHECK(state.bottom_tab == ui::BottomTab::Conditions);
  page.add("pos = 3");
  all.clear();
  ui::add_condition_commands({panel, screen}, all);
  CHECK(find(all, ImGuiKey_RightBracket).why_not.empty());
}
