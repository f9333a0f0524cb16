// One list of commands: no two on one key, all in the sheet and the palette, and typed names find them.
#include <doctest/doctest.h>

#include <map>
#include <string>

#include "page.h"
#include "ui/commands_core.h"
#include "ui/keyboard.h"
#include "ui/palette.h"

using namespace ribostep;
using tests::Page;

namespace {

struct List {
  std::vector<session::Message> outbox;
  ui::FontSet fonts;
  ui::Panel panel;
  explicit List(Page& page)
      : panel{page.session(), page.app.panels(), ui::theme(false), fonts, outbox, false} {}
  ui::Commands all(Page& page) { return ui::make_commands({panel, page.app.state()}); }
  std::string best(Page& page, const std::string& query) {
    ui::PaletteState state;
    state.query = query;
    const ui::Commands found = ui::found_commands({panel, page.app.state()}, state);
    return found.empty() ? std::string() : found.front().title;
  }
};

}  // namespace

TEST_CASE("commands: no two share a key, every one has a name and something to do") {
  Page page;
  for (const bool data : {false, true}) {
    if (data) page.open_example();
    page.frames(2);
    List list(page);
    std::map<int, std::string> keys;
    std::map<std::string, int> names;
    for (const ui::Command& command : list.all(page)) {
      CHECK_FALSE(command.title.empty());
      CHECK_FALSE(command.group.empty());
      CHECK_MESSAGE(static_cast<bool>(command.act), command.title);
      CHECK_MESSAGE(++names[command.group + "/" + command.title] == 1, command.title);
      if (command.chord == 0) continue;
      const auto [at, fresh] = keys.emplace(ui::chord_identity(command.chord), command.title);
      CHECK_MESSAGE(fresh, "one key for " << at->second << " and " << command.title);
      CHECK_FALSE(ui::chord_words(command.chord).empty());
    }
    for (const ImGuiKeyChord fixed :
         {int(ImGuiMod_Ctrl | ImGuiKey_K), int(ImGuiMod_Shift | ImGuiKey_Slash), int(ImGuiKey_T),
          int(ImGuiKey_Minus), int(ImGuiKey_0), int(ImGuiMod_Ctrl | ImGuiKey_LeftArrow)})
      CHECK_MESSAGE(keys.count(ui::chord_identity(fixed)) == 1, ui::chord_words(fixed));
  }
}

TEST_CASE("commands: chords in words, whatever the platform calls its keys") {
  Page page;
  CHECK(ui::chord_words(ImGuiMod_Ctrl | ImGuiKey_K) == "Ctrl + K");
  CHECK(ui::chord_words(ImGuiMod_Shift | ImGuiKey_Slash) == "?");
  CHECK(ui::chord_words(ImGuiKey_LeftBracket) == "[");
  CHECK(ui::chord_words(0).empty());
  CHECK(ui::chord_identity(ImGuiMod_Ctrl | ImGuiKey_K) == ui::chord_identity(ImGuiMod_Super | ImGuiKey_K));
  CHECK(ui::chord_identity(ImGuiMod_Ctrl | ImGuiKey_Y) ==
        ui::chord_identity(ImGuiMod_Ctrl | ImGuiMod_Shift | ImGuiKey_Z));
  CHECK(ui::chord_identity(ImGuiKey_K) != ui::chord_identity(ImGuiMod_Ctrl | ImGuiKey_K));
}

TEST_CASE("palette: words find commands, numbers positions, names sequences") {
  Page page;
  page.paste(tests::planted_fasta());
  List list(page);
  CHECK(list.best(page, "zoom in") == "Zoom in");
  CHECK(list.best(page, "UNTR start") == "Back to the untrained start");
  CHECK(list.best(page, "train") == "Train");
  CHECK(list.best(page, "xvalqq").empty());
  CHECK(list.best(page, "12") == "Go to position 12");
  CHECK(list.best(page, "go to 3") == "Go to position 3");
  const std::string name(page.session().data().name(2));
  CHECK(list.best(page, name) == name);
  ui::PaletteState far;
  far.query = "999999999";
  const ui::Commands found = ui::found_commands({list.panel, page.app.state()}, far);
  REQUIRE_FALSE(found.empty());
  CHECK(found.front().why_not == "this sequence ends at " + std::to_string(page.session().length()));
  // The beginning of a word counts more than its middle, a title more than what else it is called.
  ui::Command a, b;
  a.title = "Read one letter";
  b.title = "Already there";
  CHECK(ui::match(a, "read") > ui::match(b, "read"));
  CHECK(ui::match(b, "read") > 0);
  CHECK(ui::match(a, "read nothing") == 0);
}

TEST_CASE("palette: opens with Ctrl+K, also out of a text field, and does what is chosen") {
  Page page;
  page.open_example();
  page.session().go_to(0);
  page.key(ImGuiKey_K, ImGuiMod_Ctrl);
  page.frames(2);
  REQUIRE(page.shown("##command"));
  page.type("go to 7");
  page.key(ImGuiKey_Enter);
  page.frames(2);
  CHECK_FALSE(page.shown("##command"));
  CHECK(page.session().position() == 7);

  // Arrow keys choose; the cursor of the sequence stays where it is.
  page.key(ImGuiKey_K, ImGuiMod_Ctrl);
  page.frames(2);
  page.type("zoom");
  page.key(ImGuiKey_DownArrow);
  page.key(ImGuiKey_UpArrow);
  const double span = page.app.state().axis.span;
  page.key(ImGuiKey_Enter);
  page.frames(2);
  CHECK(page.app.state().axis.span < span);
  CHECK(page.session().position() == 7);

  page.key(ImGuiKey_K, ImGuiMod_Ctrl);
  page.frames(2);
  page.key(ImGuiKey_Escape);
  page.frames(2);
  CHECK_FALSE(page.shown("##command"));

  page.click("Sequences");
  page.click("##search");
  page.type("ne");
  page.key(ImGuiKey_K, ImGuiMod_Ctrl);
  page.frames(2);
  CHECK(page.shown("##command"));
  // With a click, too.
  page.type("zoom out");
  const double before = page.app.state().axis.span;
  page.click("Zoom out##Tracks");
  page.frames(2);
  CHECK(page.app.state().axis.span > before);
  CHECK_FALSE(page.shown("##command"));
}

TEST_CASE("palette: what is not possible says why, and Enter on it does nothing") {
  Page page;
  page.frames(2);
  page.key(ImGuiKey_K, ImGuiMod_Ctrl);
  page.frames(2);
  page.type("redo");
  page.key(ImGuiKey_Enter);
  page.frames(2);
  CHECK(page.shown("##command"));  // still open
  page.key(ImGuiKey_Escape);
  page.frames(2);
  // A key that does nothing now tells why until the next one.
  page.key(ImGuiKey_S, ImGuiMod_Ctrl);
  CHECK(page.app.state().shell.notice.find("load sequences first") != std::string::npos);
  page.key(ImGuiKey_F5);
  CHECK(page.app.state().shell.notice.empty());
}

TEST_CASE("keys: zoom, fit and pan, by key and by what other keyboards type") {
  Page page;
  page.open_example();
  const ui::Axis& axis = page.app.state().axis;
  page.frames(3);
  REQUIRE(axis.fitted());
  const double whole = axis.span;
  page.type("+");  // a key of its own on some keyboards
  page.frames(2);
  CHECK(axis.span == doctest::Approx(whole / 1.6));
  page.key(ImGuiKey_Equal, ImGuiMod_Shift);  // with Shift on others
  CHECK(axis.span == doctest::Approx(whole / 1.6 / 1.6));
  page.key(ImGuiKey_Minus);
  CHECK(axis.span == doctest::Approx(whole / 1.6));
  const double first = axis.first;
  page.key(ImGuiKey_RightArrow, ImGuiMod_Ctrl);
  CHECK(axis.first > first);
  CHECK(page.session().project().view.first == doctest::Approx(axis.first));
  const double right = axis.first;
  page.key(ImGuiKey_LeftArrow, ImGuiMod_Ctrl);
  CHECK(axis.first == doctest::Approx(right - 0.25 * axis.span));
  page.key(ImGuiKey_0);
  CHECK(axis.fitted());
  // A key and what it types are one press: the page hears both.
  ImGui::GetIO().AddKeyEvent(ImGuiKey_Minus, true);
  ImGui::GetIO().AddInputCharacter('-');
  page.frames(2);
  ImGui::GetIO().AddKeyEvent(ImGuiKey_Minus, false);
  page.frames(2);
  page.type("+");
  page.frames(2);
  const double once = axis.span;
  ImGui::GetIO().AddKeyEvent(ImGuiKey_Minus, true);
  ImGui::GetIO().AddInputCharacter('-');
  page.frames(3);
  ImGui::GetIO().AddKeyEvent(ImGuiKey_Minus, false);
  page.frames(2);
  CHECK(axis.span == doctest::Approx(std::min(whole, once * 1.6)));
}

TEST_CASE("sheet: is drawn from the same list, in every size") {
  for (const float width : {1280.0f, 390.0f}) {
    Page page(width, 800);
    page.open_example();
    page.type("?");
    page.frames(3);
    CHECK(page.app.panels().help_open);
    page.key(ImGuiKey_Escape);
    CHECK_FALSE(page.app.panels().help_open);
    page.key(ImGuiKey_K, ImGuiMod_Ctrl);
    page.frames(3);
    const tests::Item field = page.item("##command");
    CHECK(field.min.x >= 0);
    CHECK(field.max.x <= width);
  }
}
