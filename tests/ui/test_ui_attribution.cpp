// The attribution tab and its tracks: what is asked with the mouse, what is said of the sum, and what is
// drawn near and far.
#include <doctest/doctest.h>
#include <imgui_internal.h>

#include <string>
#include <vector>

#include "headless.h"
#include "items.h"
#include "session/attributions.h"
#include "session/edits.h"
#include "track_screen.h"
#include "ui/debug_panels.h"

using namespace ribostep;

namespace {

struct Tab {
  tests::Fixture f;
  tests::Headless screen;
  ui::PanelState state;
  ui::UiState ui;
  std::vector<session::Message> outbox;

  explicit Tab(ImVec2 size = ImVec2(960, 260)) : screen(size) {
    tests::watch_items();
    f.paste(tests::planted_fasta());
    rnn::ModelSpec spec = f.session.project().model;
    spec.hidden = 5;
    f.session.set_model(spec);
    f.worker.settle();
  }
  std::string words() {
    std::string text;
    for (int i = 0; i < 2; ++i)
      screen.frame([&] {
        tests::drawn_items().clear();
        ImGui::LogToBuffer();
        ui::Panel p{f.session, state, ui::theme(false), screen.fonts, outbox};
        ui::draw_attribution_panel(p, ui, ImGui::GetContentRegionAvail());
        text = ImGui::GetCurrentContext()->LogBuffer.c_str();
        ImGui::LogFinish();
      });
    return text;
  }
  bool shown(const std::string& label) {
    words();
    return tests::drawn_items().count(label) > 0;
  }
  void click(const std::string& label) {
    REQUIRE_MESSAGE(shown(label), label);
    const ImVec2 at = tests::drawn_items()[label].centre();
    ImGui::GetIO().AddMousePosEvent(at.x, at.y);
    words();
    ImGui::GetIO().AddMouseButtonEvent(0, true);
    words();
    ImGui::GetIO().AddMouseButtonEvent(0, false);
    words();
    ImGui::GetIO().AddMousePosEvent(-1, -1);  // a tooltip would end what is written down
    words();
  }
  ui::Commands commands() {
    ui::Panel p{f.session, state, ui::theme(false), screen.fonts, outbox};
    ui::Commands all;
    ui::add_attribution_commands({p, ui}, all);
    for (ui::Command& c : all) CHECK_FALSE(c.title.empty());
    return all;
  }
  session::Attributions& attributions() { return f.session.attributions(); }
};

bool has(const std::string& text, const std::string& words) { return text.find(words) != std::string::npos; }

constexpr const char* kCompute = "Compute###attribute";
constexpr const char* kCancel = "Cancel###cancel_attribution";

}  // namespace

TEST_CASE("compute, cancel, and the line about the sum") {
  for (const float width : {960.0f, 380.0f}) {
    Tab t(ImVec2(width, width > 500 ? 260.0f : 700.0f));
    CHECK(has(t.words(), "Nothing is computed for this sequence yet"));
    t.click(kCompute);
    CHECK(t.attributions().busy());
    CHECK_FALSE(t.shown(kCompute));
    t.click(kCancel);
    CHECK_FALSE(t.attributions().busy());
    t.click(kCompute);
    t.f.worker.settle();
    REQUIRE(t.attributions().complete());
    const std::string text = t.words();
    CHECK(has(text, completeness_words(*t.attributions().result())));
    CHECK(has(text, "need not add up"));
    CHECK(has(text, "Untrained twin: sum"));
    CHECK(has(text, "Largest:"));
  }
}

TEST_CASE("the largest contributions lead to their positions") {
  Tab t;
  t.attributions().ask();
  t.f.worker.settle();
  t.words();
  REQUIRE(t.ui.attribution.ranked.size() == 8);
  const int largest = t.ui.attribution.ranked[0];
  std::string label;
  for (const auto& [name, item] : tests::drawn_items())
    if (has(name, "###ranked" + std::to_string(largest)) && name.size() > 9) label = name;
  REQUIRE_FALSE(label.empty());
  t.click(label);
  CHECK(t.f.session.position() == largest);
}

TEST_CASE("what does not add up is said in words; what is out of date too") {
  Tab t;
  // Weights that switch: along the path the output jumps.
  rnn::ModelSpec spec = t.f.session.project().model;
  spec.cell = rnn::CellKind::ElmanTanh;
  spec.init = rnn::Initialisation::Uniform;
  spec.init_range = 60;
  spec.hidden = 4;
  experiment::AttributionRequest request = t.attributions().choice();
  request.method = experiment::AttributionMethod::IntegratedGradients;
  bool distrusted = false;
  for (std::uint64_t seed = 1; seed <= 12 && !distrusted; ++seed) {
    t.f.session.set_model(spec);
    t.f.session.set_seed(seed);
    t.f.worker.settle();
    t.attributions().choose(request);
    t.attributions().ask();
    t.f.worker.settle();
    REQUIRE(t.attributions().result() != nullptr);
    distrusted = !t.attributions().result()->trusted;
    CHECK(has(t.words(), "Untrustworthy") == distrusted);
  }
  CHECK(distrusted);
  t.f.train_to(2);
  CHECK(has(t.words(), "have changed since"));
}

TEST_CASE("what cannot be asked has a button that cannot be pressed, and says why") {
  Tab t;
  t.f.session.edits().intervene({0, 0, false, 2, 4, 0.5f});
  const std::string text = t.words();
  CHECK(tests::drawn_items()[kCompute].disabled);
  CHECK(has(text, "release them first"));
}

TEST_CASE("the twin and the prefix view are switches") {
  Tab t;
  CHECK(t.attributions().with_twin());
  t.click("with the untrained twin");
  CHECK_FALSE(t.attributions().with_twin());
  t.click("prefix view");
  CHECK(t.attributions().prefixes_wanted());
  t.click("prefix view");
  CHECK_FALSE(t.attributions().prefixes_wanted());
}

TEST_CASE("every command does what it says") {
  Tab t;
  int by_key = 0;
  for (ui::Command& c : t.commands()) {
    if (c.chord != ImGuiKey_A) continue;
    ++by_key;
    CHECK(c.why_not.empty());
    ui::Panel p{t.f.session, t.state, ui::theme(false), t.screen.fonts, t.outbox};
    ui::Commands again;
    ui::add_attribution_commands({p, t.ui}, again);
    again[0].act();
    CHECK(t.attributions().busy());
    CHECK(t.state.bottom_tab == ui::BottomTab::Attribution);
    CHECK(t.state.show_bottom_tab);
    ui::Commands busy;
    ui::add_attribution_commands({p, t.ui}, busy);
    CHECK_FALSE(busy[0].why_not.empty());
    for (ui::Command& other : busy)
      if (has(other.title, "Cancel")) other.act();
    CHECK_FALSE(t.attributions().busy());
    for (ui::Command& other : again)
      if (has(other.title, "Left-to-right")) other.act();
    t.f.worker.settle();
    REQUIRE(t.attributions().result() != nullptr);
    CHECK(t.attributions().result()->request.method == experiment::AttributionMethod::LeftToRight);
    for (ui::Command& other : again)
      if (has(other.title, "Prefix view")) other.act();
    CHECK(t.attributions().prefixes_wanted());
  }
  CHECK(by_key == 1);
}

TEST_CASE("tracks come with the numbers, near and far") {
  tests::Screen s;
  const auto present = [&](const std::string& key) {
    const auto track = s.track(key);
    return track != nullptr && track->present(s.session());
  };
  s.frames(2);
  const int bare = s.headless.vertices();
  CHECK_FALSE(present("attribution substitutions"));
  CHECK_FALSE(present("attribution logo"));
  CHECK_FALSE(present("prefixes"));

  session::Attributions& a = s.session().attributions();
  a.ask();
  s.fixture.worker.settle();
  s.frames(2);
  CHECK(present("attribution substitutions"));
  CHECK(present("attribution logo"));
  CHECK_FALSE(present("attribution"));
  const auto heat = s.track("attribution substitutions");
  const std::string_view symbols = s.session().data().alphabet().symbols;
  const char here = s.session().letters()[4];
  const std::size_t k = symbols.find(here), other = (k + 1) % 4;
  const auto row = [](std::size_t of) { return (static_cast<float>(of) + 0.5f) / 4; };
  CHECK(has(heat->value_at(s.session(), 5, row(k)), std::string(1, here) + " is what is there"));
  CHECK(has(heat->value_at(s.session(), 5, row(other)), std::string(1, here) + " to " + symbols[other]));
  CHECK(has(s.track("attribution logo")->value_at(s.session(), 5, 0), "contributes "));

  experiment::AttributionRequest request = a.choice();
  request.method = experiment::AttributionMethod::LeftToRight;
  a.choose(request);
  a.ask();
  s.fixture.worker.settle();
  a.want_prefixes(true);
  s.frames(2);
  CHECK(present("attribution"));
  CHECK_FALSE(present("attribution substitutions"));
  CHECK(present("prefixes"));
  CHECK(has(s.track("prefixes")->value_at(s.session(), 12, 0), "of the first 12 letters"));
  s.headless.frame([&] {});
  for (const double span : {40.0, 10.0, 4.0}) {
    s.state.axis.set(3, span);
    s.frames(2);
    CHECK(s.headless.vertices() > bare / 2);
  }
}

TEST_CASE("a long sequence far away draws no more than its pixels") {
  tests::Screen s;
  std::string text = ">a label=x\n";
  for (int i = 0; i < 2000; ++i) text += "ACGT"[(i * 7 + i / 5) % 4];
  s.fixture.paste(text + "\n>b label=y\nACGTTACG\n");
  s.change([](rnn::ModelSpec& spec) { spec.hidden = 2; });
  session::Attributions& a = s.session().attributions();
  experiment::AttributionRequest request = a.choice();
  request.method = experiment::AttributionMethod::GradientInput;
  a.choose(request);
  s.frames(3);
  const int before = s.headless.vertices();
  a.ask();
  s.fixture.worker.settle();
  a.want_prefixes(true);
  s.frames(4);
  REQUIRE(a.result() != nullptr);
  // Bars and logo: up to two rectangles of four corners for each of about 560 pixel columns; two lines.
  CHECK(s.headless.vertices() - before < 2 * 2 * 4 * 620 + 2 * 620 * 8);
}
