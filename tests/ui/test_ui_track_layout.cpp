// Which track stands where: order, height, hiding, by mouse, by key and by menu, and what is kept of it.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "page.h"
#include "session/attributions.h"
#include "session/compare.h"
#include "track_screen.h"
#include "ui/track_arrange.h"
#include "ui/track_export.h"

using namespace ribostep;
using tests::Page;
using tests::Screen;

namespace {

std::vector<std::string> order(const Screen& screen) {
  std::vector<std::string> keys;
  for (const ui::TrackItem& item :
       ui::arranged(const_cast<Screen&>(screen).session().project().view, screen.state.tracks))
    keys.insert(keys.end(), item.keys.begin(), item.keys.end());
  return keys;
}

std::ptrdiff_t place(const Screen& screen, const std::string& key) {
  const std::vector<std::string> keys = order(screen);
  return std::find(keys.begin(), keys.end(), key) - keys.begin();
}

// Middle of the track that hovers like this, and its lower edge.
struct Found {
  float top = -1, bottom = -1;
  float middle() const { return (top + bottom) / 2; }
};
Found gate_row(Screen& screen, int gate) {
  Found found;
  for (float y = 40; y < tests::kHeight; y += 1) {
    screen.mouse(screen.x_of(5), y);
    if (screen.state.hover.gate != gate) continue;
    if (found.top < 0) found.top = y;
    found.bottom = y;
  }
  REQUIRE(found.top > 0);
  return found;
}

void drag(Screen& screen, float x, float from, float to) {
  screen.mouse(x, from);
  screen.button(0, true);
  for (int i = 1; i <= 8; ++i) screen.mouse(x, from + (to - from) * static_cast<float>(i) / 8);
  screen.button(0, false);
  screen.frames(2);
}

// A track that comes and goes.
class Extra final : public ui::Track {
 public:
  std::string key() const override { return "extra"; }
  std::string title() const override { return "extra"; }
  float height() const override { return 20; }
  void draw(const ui::TrackContext&, const ui::Area&) override {}
  std::string value_at(const session::Session&, int position, float) const override {
    return "value " + std::to_string(position);
  }
};

}  // namespace

TEST_CASE("tracks: moved up and down inside their group, groups as a whole, the letters never") {
  Screen screen;
  const std::vector<std::string> own = order(screen);
  REQUIRE(own.front() == "letters");
  REQUIRE(place(screen, "gate i") < place(screen, "gate f"));
  CHECK(ui::move_track(screen.session(), screen.state.tracks, "gate f", -1));
  CHECK(place(screen, "gate f") < place(screen, "gate i"));
  CHECK(place(screen, "h") < place(screen, "gate f"));
  CHECK_FALSE(ui::move_track(screen.session(), screen.state.tracks, "letters", 1));
  CHECK_FALSE(ui::move_track(screen.session(), screen.state.tracks, "h", -1));  // first of its group
  CHECK(order(screen).front() == "letters");
  // The layers move past the output as one.
  CHECK(ui::move_group(screen.session(), screen.state.tracks, "Layer 1, forward, 6 units", -1));
  CHECK(place(screen, "h") < place(screen, "output"));
  CHECK(place(screen, "gate o") < place(screen, "output"));
  CHECK(order(screen).size() == own.size());
  // Saved with the project, and taken back.
  const io::View view = screen.session().project().view;
  const io::ReadProject read = io::from_json(io::to_json(screen.session().project(), {}));
  CHECK(read.project.view.tracks == view.tracks);
  ui::reset_arrangement(screen.session());
  CHECK(order(screen) == own);
}

TEST_CASE("tracks: what is not listed follows the one it came after; what is not here keeps its place") {
  Screen screen;
  io::View view = screen.session().project().view;
  view.tracks = {{"c", 0}, {"gone", 33}, {"h", 50}};
  screen.session().set_view(view);
  CHECK(place(screen, "c") < place(screen, "h"));
  CHECK(place(screen, "c") < place(screen, "gate i"));
  CHECK(ui::chosen_height(view, "h") == 50);
  CHECK(ui::chosen_height(view, "c") == 0);
  ui::move_track(screen.session(), screen.state.tracks, "c", 1);
  const auto& rows = screen.session().project().view.tracks;
  CHECK(std::any_of(rows.begin(), rows.end(),
                    [](const io::TrackRow& row) { return row.key == "gone" && row.height == 33; }));
  CHECK(ui::chosen_height(screen.session().project().view, "h") == 50);
}

TEST_CASE("tracks: a lower edge is dragged, and a double click gives the own height back") {
  Screen screen;
  const Found before = gate_row(screen, 0);
  const float edge = before.bottom + 2;
  drag(screen, screen.x_of(0) - 60, edge, edge + 40);
  const Found after = gate_row(screen, 0);
  CHECK(after.bottom - after.top == doctest::Approx(before.bottom - before.top + 40).epsilon(0.15));
  CHECK(ui::chosen_height(screen.session().project().view, "gate i") > 0);
  CHECK(place(screen, "gate i") < place(screen, "gate f"));  // nothing moved
  const float there = after.bottom + 2;
  screen.mouse(screen.x_of(0) - 60, there);
  for (int i = 0; i < 2; ++i) {
    screen.button(0, true);
    screen.button(0, false);
  }
  screen.frames(2);
  CHECK(ui::chosen_height(screen.session().project().view, "gate i") == 0);
  // A click inside the letters is no edge.
  screen.click(screen.x_of(9), gate_row(screen, 0).middle());
  CHECK(screen.session().position() == 9);
}

TEST_CASE(
    "tracks: a label is dragged past its neighbours, a title past other tracks, a pressed title folds") {
  Screen screen;
  const Found i = gate_row(screen, 0), f = gate_row(screen, 1);
  const float x = screen.x_of(0) - 60;
  drag(screen, x, i.middle(), f.bottom - 2);
  CHECK(place(screen, "gate f") < place(screen, "gate i"));
  CHECK(screen.session().position() == 0);
  drag(screen, x, gate_row(screen, 0).middle(), gate_row(screen, 1).top + 2);
  CHECK(place(screen, "gate i") < place(screen, "gate f"));
  // Pressing a label and letting go changes nothing.
  const io::View view = screen.session().project().view;
  screen.click(x, gate_row(screen, 1).middle());
  CHECK(screen.session().project().view == view);
}

TEST_CASE("tracks: when others come and go, those of the model stay with their pictures") {
  Screen screen;
  screen.mouse(-100, -100);
  screen.frames(4);
  const std::shared_ptr<ui::Track> state = screen.track("h");
  const int painted = screen.headless.textures.updates;
  screen.state.tracks.folded.insert("somebody's");
  screen.state.tracks.revision ^= 1;  // as when a facet's tracks changed
  screen.frames(4);
  CHECK(screen.track("h") == state);
  CHECK(screen.headless.textures.updates == painted);
  CHECK(screen.state.tracks.folded.count("somebody's") == 1);
  screen.change([](rnn::ModelSpec& spec) { spec.hidden = 5; });
  screen.frames(2);
  CHECK(screen.track("h") != state);
}

TEST_CASE("tracks: the menu hides, moves and resets, by its own labels") {
  Page page;
  page.open_example();
  page.key(ImGuiKey_T);
  page.frames(3);
  page.click(ui::track_name("output", page.session().network().spec) + "##show output");
  CHECK(ui::hidden(page.session().project().view, "output"));
  page.click("Output probabilities##show output");
  CHECK_FALSE(ui::hidden(page.session().project().view, "output"));
  page.click("▼##down output");
  CHECK_FALSE(page.session().project().view.tracks.empty());
  page.click("Order and heights as they come");
  CHECK(page.session().project().view.tracks.empty());
}

TEST_CASE("tracks: Alt with Up and Down moves the one under the mouse, not the sequence") {
  Page page;
  page.open_example();
  page.frames(3);
  page.app.state().tracks.hovered = "output";
  const int sequence = page.session().project().cursor.sequence;
  page.key(ImGuiKey_DownArrow, ImGuiMod_Alt);
  CHECK_FALSE(page.session().project().view.tracks.empty());
  CHECK(page.session().project().cursor.sequence == sequence);
}

TEST_CASE("tracks: a table of any track, in numbers or in words") {
  Screen screen;
  const std::string output = ui::track_tsv(screen.session(), screen.state, "output", 2, 5);
  CHECK(output.rfind("# made by: Ribostep", 0) == 0);
  CHECK(std::count(output.begin(), output.end(), '\n') - std::count(output.begin(), output.end(), '#') >= 5);
  const std::size_t head = output.find("\nposition\tletter\t");
  REQUIRE(head != std::string::npos);
  CHECK(output.find("\n2\t", head) != std::string::npos);
  CHECK(output.find("\n6\t", head) == std::string::npos);
  screen.state.tracks.tracks.push_back(std::make_shared<Extra>());
  const std::string words = ui::track_tsv(screen.session(), screen.state, "extra", 3, 3);
  CHECK(words.find("\tvalue 3\n") != std::string::npos);
  std::string refused;
  CHECK_FALSE(ui::track_tsv(screen.session(), screen.state, "h", 1, 4, &refused).empty());
  CHECK(refused.empty());
  CHECK(ui::track_tsv(screen.session(), screen.state, "no such track", 1, 2).empty());
  const std::string svg = ui::tracks_svg(screen.session(), screen.state, 0, 0, false);
  CHECK(svg.find("<svg ") != std::string::npos);
  CHECK(svg.find("seed: 1") != std::string::npos);
  CHECK(svg.find("Left out, as they are pictures of no numbers: ") != std::string::npos);
}

TEST_CASE("exports: tables say what contributions and differences are of") {
  Screen screen;
  const auto table = [&](const char* key) {
    return ui::track_tsv(screen.session(), screen.state, key, 1, 5);
  };
  CHECK(table("h").find("# comparison: ") == std::string::npos);
  screen.session().receive(
      {{{"type", "verb"}, {"verb", "attribute"}, {"method", "gradient"}, {"output", 0}}, {}});
  screen.session().go_to(9);
  screen.session().compare().pin();
  screen.session().compare().show_difference(true);
  screen.fixture.worker.settle();
  screen.frames(3);
  REQUIRE(screen.session().compare().difference());
  CHECK(table("h").find("# comparison: compared with position 9 of ") != std::string::npos);
  CHECK(table("h").find("# method: ") == std::string::npos);
  const std::string found = table("attribution");
  CHECK(found.find("# method: " + std::string(experiment::label(
                                      experiment::AttributionMethod::GradientInput))) != std::string::npos);
  CHECK(found.find("# attribution is: complete") != std::string::npos);
}

TEST_CASE("exports: verbs of the page give files, whatever is asked") {
  Page page;
  page.open_example();
  page.posted();
  const auto files = [&](nlohmann::json head) {
    head["type"] = "verb";
    page.app.receive({std::move(head), {}});
    page.frames(2);
    std::vector<std::string> names;
    for (const session::Message& m : page.app.take_outbox())
      if (m.type() == "download" || m.type() == "picture") names.push_back(m.head["name"]);
    return names;
  };
  const auto one = [&](const nlohmann::json& head, const std::string& ending) {
    const std::vector<std::string> names = files(head);
    REQUIRE(names.size() == 1);
    CHECK_MESSAGE(names[0].size() > ending.size(), names[0]);
    CHECK_MESSAGE(names[0].substr(names[0].size() - ending.size()) == ending, names[0]);
  };
  one({{"verb", "export_figure"}, {"format", "svg"}}, ".svg");
  one({{"verb", "export_figure"}, {"format", "png"}}, ".png");
  one({{"verb", "export_track"}, {"key", "h"}}, "_h.tsv");
  one({{"verb", "export_track"}, {"key", "h"}, {"first", 5}, {"last", 2'000'000'000}}, "_h.tsv");
  one({{"verb", "export_track"}, {"key", "h"}, {"first", -3}, {"last", "x"}}, "_h.tsv");
  CHECK(files({{"verb", "export_track"}, {"key", 3}}).empty());
  CHECK(files({{"verb", "export_track"}, {"key", "none"}}).empty());
  CHECK_FALSE(page.app.state().shell.notice.empty());
  Page empty;
  empty.app.receive({{{"type", "verb"}, {"verb", "export_figure"}}, {}});
  empty.frames(2);
  CHECK(empty.posted().size() == 1);  // its preferences are asked for at boot, or the theme told; no file
}
