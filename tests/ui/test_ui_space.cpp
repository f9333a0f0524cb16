// The space of states and the units panel: what is drawn, what a click, a lasso and a key do, by mouse and
// label.
#include <doctest/doctest.h>
#include <imgui_internal.h>

#include <string>
#include <vector>

#include "headless.h"
#include "items.h"
#include "session/origins.h"
#include "session/units.h"
#include "ui/debug_panels.h"
#include "ui/space_points.h"

using namespace ribostep;

namespace {

struct Panels {
  tests::Fixture f;
  tests::Headless screen;
  ui::PanelState state;
  ui::UiState ui;
  std::vector<session::Message> outbox;
  ImVec2 size;
  bool units = false;  // which of the two is drawn
  bool touch = false;

  explicit Panels(ImVec2 room = ImVec2(950, 220)) : screen(ImVec2(room.x + 16, room.y + 16)), size(room) {
    tests::watch_items();
    f.paste(tests::planted_fasta());
  }
  ui::Panel panel() { return {f.session, state, ui::theme(false), screen.fonts, outbox, touch}; }
  std::string draw(int frames = 2) {
    std::string words;
    for (int i = 0; i < frames; ++i) {
      f.worker.settle();
      ui::begin_frame(ui);
      tests::drawn_items().clear();
      screen.frame([&] {
        ImGui::LogToBuffer();
        ui::Panel p = panel();
        (units ? ui::draw_units_panel : ui::draw_space_panel)(p, ui, size);
        words = ImGui::GetCurrentContext()->LogBuffer.c_str();
        ImGui::LogFinish();
      });
    }
    return words;
  }
  void mouse(ImVec2 at) {
    ImGui::GetIO().AddMousePosEvent(at.x, at.y);
    draw();
  }
  void button(bool down) {
    ImGui::GetIO().AddMouseButtonEvent(0, down);
    draw(1);
  }
  void click(ImVec2 at) {
    mouse(at);
    button(true);
    button(false);
  }
  void click(const std::string& label) {
    draw();
    REQUIRE_MESSAGE(tests::drawn_items().count(label) > 0, label);
    click(tests::drawn_items()[label].centre());
    mouse(ImVec2(-1, -1));
  }
  const session::SpaceView& view() {
    REQUIRE(f.session.units().space() != nullptr);
    return *f.session.units().space();
  }
  tests::Item plane() {
    draw();
    REQUIRE(tests::drawn_items().count("##space_plane") > 0);
    return tests::drawn_items()["##space_plane"];
  }
  // Where a step is drawn, as the panel's own view says.
  ImVec2 pixel(int step) {
    const tests::Item item = plane();
    const ui::SpaceState& s = ui.space;
    const double x = static_cast<double>(view().space.at(step, s.x)) - s.centre_x;
    const double y = static_cast<double>(view().space.at(step, s.y)) - s.centre_y;
    return ImVec2(item.centre().x + static_cast<float>(x * s.scale_x),
                  item.centre().y - static_cast<float>(y * s.scale_y));
  }
};

}  // namespace

TEST_CASE("the path is drawn, a click on a point jumps there, and the jump can be taken back") {
  Panels s;
  s.draw(4);
  CHECK(s.view().space.steps == 40);
  CHECK(s.plane().max.x - s.plane().min.x > 400);
  s.mouse(s.pixel(16));
  s.draw();
  const int hovered = s.ui.hover.position;
  REQUIRE(hovered >= 1);  // of two points in the same place, either
  CHECK(s.ui.hover.layer == 0);
  const ImVec2 a = s.pixel(16), b = s.pixel(hovered - 1);
  CHECK(std::hypot(a.x - b.x, a.y - b.y) < 3);
  s.f.session.go_to(0);
  s.button(true);
  s.button(false);
  CHECK(s.f.session.position() == hovered);
  CHECK(s.f.session.origins().can_go_back());
  s.f.session.origins().back();
  CHECK(s.f.session.position() == 0);
}

TEST_CASE("a lasso has no more corners than are needed, however long it is drawn") {
  Panels s;
  s.draw(4);
  s.click("Lasso###lasso");
  const tests::Item item = s.plane();
  const ImVec2 from(item.min.x + 10, item.min.y + 10);
  s.mouse(from);
  s.button(true);
  for (int i = 1; i <= 30; ++i) s.mouse(ImVec2(from.x + static_cast<float>(i), from.y));
  CHECK(s.ui.space.line.size() > 2);
  CHECK(s.ui.space.line.size() <= 11);  // one for every three pixels
  for (int i = 0; i < 900; ++i) s.mouse(ImVec2(from.x + 20 + (i % 2 == 0 ? 10.0f : 0.0f), from.y + 20));
  CHECK(s.ui.space.line.size() > 100);
  CHECK(s.ui.space.line.size() <= 512);
  s.button(false);
}

TEST_CASE("a lasso picks exactly the positions inside it, and clearing lets them go") {
  Panels s;
  s.draw(4);
  SUBCASE("by the button") {
    s.click("Lasso###lasso");
    CHECK(s.ui.space.lasso);
  }
  SUBCASE("by Shift") { ImGui::GetIO().AddKeyEvent(ImGuiMod_Shift, true); }
  const tests::Item item = s.plane();
  // The left half of the picture.
  const std::vector<ImVec2> round{{item.min.x + 2, item.min.y + 2},
                                  {item.centre().x, item.min.y + 2},
                                  {item.centre().x, item.max.y - 2},
                                  {item.min.x + 2, item.max.y - 2}};
  s.mouse(round[0]);
  s.button(true);
  for (std::size_t i = 1; i < round.size(); ++i) s.mouse(round[i]);
  s.button(false);
  ImGui::GetIO().AddKeyEvent(ImGuiMod_Shift, false);
  std::vector<int> expected;
  for (int step = 0; step < 40; ++step) {
    const ImVec2 at = s.pixel(step);
    if (at.x < item.centre().x) expected.push_back(step + 1);
  }
  REQUIRE(!expected.empty());
  REQUIRE(expected.size() < 40);
  CHECK(s.ui.selection.picked == expected);
  s.mouse(ImVec2(-1, -1));
  const std::string words = s.draw();
  CHECK(words.find(std::to_string(expected.size()) + " positions picked") != std::string::npos);
  CHECK(words.find("share of the picked, of all") != std::string::npos);
  int counted = 0;
  for (const int n : s.ui.space.picked_counts) counted += n;
  CHECK(counted == static_cast<int>(expected.size()));
  s.click("Clear###clear_picked");
  CHECK(s.ui.selection.picked.empty());
}

TEST_CASE("dragging moves the picture, the wheel zooms about the mouse, Fit brings it back") {
  Panels s;
  s.draw(4);
  CHECK(s.ui.space.fitted);
  const tests::Item item = s.plane();
  const ImVec2 before = s.pixel(10);
  s.mouse(ImVec2(item.min.x + 30, item.min.y + 40));
  s.button(true);
  s.mouse(ImVec2(item.min.x + 60, item.min.y + 50));
  s.button(false);
  const ImVec2 after = s.pixel(10);
  CHECK(after.x - before.x == doctest::Approx(30).epsilon(0.02));
  CHECK(after.y - before.y == doctest::Approx(10).epsilon(0.05));
  CHECK(s.ui.selection.picked.empty());
  const double scale = s.ui.space.scale_x;
  ImGui::GetIO().AddMouseWheelEvent(0, 1);
  s.draw(1);
  CHECK(s.ui.space.scale_x > scale * 1.1);
  CHECK_FALSE(s.ui.space.fitted);
  s.click("Fit###fit_space");
  s.draw();
  CHECK(s.ui.space.fitted);
  CHECK(s.ui.space.scale_x == doctest::Approx(scale));
}

TEST_CASE("colours: letters, phases, outputs, positions; what is impossible falls back") {
  Panels s;
  s.draw(4);
  const ui::SpaceClasses& c = s.ui.space.classes;
  CHECK(c.names == std::vector<std::string>{"A", "C", "G", "T"});
  CHECK(c.shapes);
  const std::string_view letters = s.f.session.letters();
  for (std::size_t t = 0; t < 40; ++t) CHECK(c.names[c.of_step[t]][0] == letters[t]);
  s.ui.space.colour = ui::SpaceColour::Phase;
  s.draw();
  CHECK(c.of_step[4] == 1);
  s.ui.space.colour = ui::SpaceColour::Output;
  s.draw();
  CHECK(c.names == s.f.session.output_names());
  s.ui.space.colour = ui::SpaceColour::Label;  // these sequences have no labels per position
  s.draw();
  CHECK(s.ui.space.colour == ui::SpaceColour::Position);
  s.f.paste("id\tsequence\tannotation\na\tACGTACGTAC\tnnxxxx.nnn\nb\tTTACGTTT\tnxxxxnnn\n");
  s.ui.space.colour = ui::SpaceColour::Label;
  s.draw(4);
  CHECK(c.names == std::vector<std::string>{"n", "x", "no label"});
  CHECK(c.counts == std::vector<int>{5, 4, 1});
}

TEST_CASE("the untrained network stands beside, and axes can be held") {
  Panels s;
  s.f.train_to(3);
  s.draw(6);
  const std::string words = s.draw();
  CHECK(words.find("untrained ") != std::string::npos);
  const int without = s.screen.vertices();
  s.ui.space.twin = true;
  s.draw();
  CHECK(s.screen.vertices() > without + 4 * 20);
  s.click("Hold axes");
  CHECK(s.f.session.units().axes_held());
  const std::vector<double> axes = s.view().space.axes;
  s.f.session.select_sequence(2);
  s.draw(4);
  CHECK(s.view().record == 2);
  CHECK(s.view().space.axes == axes);
}

TEST_CASE("a grid thins out evenly and loses nothing where there is little") {
  experiment::StateSpace space;
  space.components = 2;
  space.steps = 50000;
  Random random(4);
  for (int t = 0; t < space.steps; ++t) {
    space.path.push_back(static_cast<float>(random.symmetric(1) * random.uniform()));
    space.path.push_back(static_cast<float>(random.symmetric(1)));
  }
  ui::SpaceGrid grid;
  grid.build(space, 0, 1, 1);
  CHECK(grid.steps.size() == 50000);
  const std::vector<int> all = grid.within({-2, -2}, {2, 2});
  CHECK(all.size() > 1500);
  CHECK(all.size() <= 4000);
  // A small part: everything in it.
  const std::vector<int> part = grid.within({0.9, 0.9}, {0.95, 0.95});
  int there = 0;
  for (int t = 0; t < space.steps; ++t)
    there += space.at(t, 0) >= 0.9f && space.at(t, 0) <= 0.95f && space.at(t, 1) >= 0.9f &&
             space.at(t, 1) <= 0.95f;
  int found = 0;
  for (const int t : part)
    found += space.at(t, 0) >= 0.9f && space.at(t, 0) <= 0.95f && space.at(t, 1) >= 0.9f &&
             space.at(t, 1) <= 0.95f;
  CHECK(found == there);
  CHECK(grid.within({5, 5}, {6, 6}).empty());
}

TEST_CASE("units: a button reads one, its places lead there, its name reaches the project") {
  Panels s;
  s.units = true;
  s.f.train_to(3);
  const std::string before = s.draw();
  CHECK(before.find("press Read") != std::string::npos);
  s.ui.inspector.unit = 4;
  s.draw();
  CHECK(s.ui.units.pick.unit == 4);
  s.click("Read h[4]###read_unit");
  s.f.worker.settle();
  REQUIRE(s.f.session.units().reading() != nullptr);
  const experiment::UnitReading& found = *s.f.session.units().reading();
  CHECK(found.question.of.unit == 4);
  const std::string words = s.draw();
  CHECK(words.find(found.conclusion.substr(0, 20)) != std::string::npos);
  for (const char* head : {"Trained", "Shuffled", "Untrained", "Chance"})
    CHECK(words.find(head) != std::string::npos);
  s.click("##window1");
  CHECK(s.f.session.project().cursor.sequence == found.windows[1].record);
  CHECK(s.f.session.position() == found.windows[1].position);
  // Another unit chosen: the answer says that it is of the first.
  s.ui.inspector.unit = 2;
  CHECK(s.draw().find("another unit is chosen now") != std::string::npos);

  s.click("##unit_name");
  const tests::Item box = tests::drawn_items()["##unit_name"];
  s.click(box.centre());
  ImGui::GetIO().AddInputCharactersUTF8("counter");
  s.draw();
  ImGui::GetIO().AddKeyEvent(ImGuiKey_Enter, true);
  s.draw(1);
  ImGui::GetIO().AddKeyEvent(ImGuiKey_Enter, false);
  s.draw();
  REQUIRE(s.f.session.project().debugging.unit_names.size() == 1);
  CHECK(s.f.session.project().debugging.unit_names[0].name == "counter");
  CHECK(s.f.session.project().debugging.unit_names[0].unit == 2);
}

TEST_CASE("units: the memory probe") {
  Panels s;
  s.units = true;
  s.f.train_to(3);
  s.ui.units.memory = true;
  s.ui.units.lags = 6;
  CHECK(s.draw().find("Press Probe") != std::string::npos);
  s.click("Probe the memory###probe_memory");
  s.f.worker.settle();
  REQUIRE(s.f.session.units().probed() != nullptr);
  CHECK(s.f.session.units().probed()->trained.size() == 7);
  CHECK(s.draw().find("can be recovered from the state") != std::string::npos);
}

TEST_CASE("keys: U reads the unit of the inspector, V brings the space; refusals say why") {
  Panels s;
  ui::Panel p = s.panel();
  ui::Commands commands;
  ui::add_unit_commands({p, s.ui}, commands);
  const auto by_key = [&](ImGuiKeyChord chord) -> const ui::Command& {
    for (const ui::Command& c : commands)
      if (c.chord == chord) return c;
    FAIL("no such key");
    return commands.front();
  };
  s.ui.inspector.unit = 3;
  CHECK(by_key(ImGuiKey_U).why_not.empty());
  by_key(ImGuiKey_U).act();
  CHECK(s.state.bottom_tab == ui::BottomTab::Units);
  CHECK(s.f.session.units().reading_busy());
  s.f.worker.settle();
  REQUIRE(s.f.session.units().reading() != nullptr);
  CHECK(s.f.session.units().reading()->question.of.unit == 3);
  by_key(ImGuiKey_V).act();
  CHECK(s.state.bottom_tab == ui::BottomTab::Space);
  CHECK(s.state.show_bottom_tab);
  for (const ui::Command& c : commands)
    if (c.title == "Clear the picked positions") CHECK_FALSE(c.why_not.empty());
}

TEST_CASE("on a phone everything stands above each other") {
  Panels s(ImVec2(360, 900));
  s.touch = true;
  s.draw(4);
  const tests::Item plane = s.plane();
  CHECK(plane.max.x - plane.min.x > 300);
  CHECK(tests::drawn_items().count("Lasso###lasso") == 1);
  s.units = true;
  s.draw(3);
  bool button = false;
  for (const auto& [label, item] : tests::drawn_items())
    button = button || label.find("###read_unit") != std::string::npos;
  CHECK(button);
}
