// The scale of updates, the curves of kept runs and the Runs panel, by mouse and by key.
#include <doctest/doctest.h>
#include <imgui_internal.h>

#include <algorithm>
#include <cstdlib>

#include "headless.h"
#include "items.h"
#include "session/history.h"
#include "ui/curves.h"
#include "ui/debug_panels.h"
#include "ui/history_scrubber.h"

using namespace ribostep;

namespace {

struct Screen {
  tests::Fixture f;
  tests::Headless screen;
  ui::PanelState state;
  ui::UiState ui_state;
  std::vector<session::Message> outbox;
  bool runs = false, dark = false;  // the panel instead of the curves
  explicit Screen(ImVec2 size = ImVec2(950, 200)) : screen(size) {
    tests::watch_items();
    f.paste(tests::planted_fasta());
    rnn::ModelSpec spec = f.session.project().model;
    spec.hidden = 4;
    f.session.set_model(spec);
    rnn::TrainConfig config = f.session.train_settings();
    config.batch_size = 8;
    config.max_epochs = 20;
    f.session.set_train(config);
    f.worker.settle();
  }
  void train() {
    f.session.train();
    f.worker.settle();
  }
  session::History& past() { return f.session.history(); }
  std::string frame() {
    std::string text;
    screen.frame([&] {
      tests::drawn_items().clear();
      ui::begin_frame(ui_state);
      ImGui::LogToBuffer();
      ui::Panel p{f.session, state, ui::theme(dark), screen.fonts, outbox};
      if (runs)
        ui::draw_runs_panel(p, ui_state, ImGui::GetContentRegionAvail());
      else
        ui::draw_curves(p, ImGui::GetContentRegionAvail());
      text = ImGui::GetCurrentContext()->LogBuffer.c_str();
      ImGui::LogFinish();
    });
    // A font that ends in another window than it began in takes that window's texture away.
    for (const ImDrawList* list : ImGui::GetDrawData()->CmdLists)
      for (const ImDrawCmd& command : list->CmdBuffer)
        if (command.ElemCount > 0 && command.TextureId == nullptr) FAIL("drawn without a texture");
    return text;
  }
  std::string words() {
    frame();
    frame();
    return frame();
  }
  tests::Item item(const std::string& label) {
    words();
    REQUIRE_MESSAGE(tests::drawn_items().count(label) > 0, label);
    return tests::drawn_items()[label];
  }
  void press(ImVec2 at) {
    ImGui::GetIO().AddMousePosEvent(at.x, at.y);
    frame();
    ImGui::GetIO().AddMouseButtonEvent(0, true);
    frame();
  }
  void let_go() {
    ImGui::GetIO().AddMouseButtonEvent(0, false);
    frame();
    ImGui::GetIO().AddMousePosEvent(-1, -1);
    frame();
  }
  void click(const std::string& label) {
    press(item(label).centre());
    let_go();
  }
  ui::Commands commands() {
    ui::Panel p{f.session, state, ui::theme(dark), screen.fonts, outbox};
    ui::Commands all;
    ui::add_history_commands({p, ui_state}, all);
    return all;
  }
};

bool has(const std::string& text, const char* words) { return text.find(words) != std::string::npos; }

ui::Command named(const ui::Commands& all, const std::string& title) {
  const auto at =
      std::find_if(all.begin(), all.end(), [&](const ui::Command& c) { return c.title == title; });
  REQUIRE_MESSAGE(at != all.end(), title);
  return *at;
}

}  // namespace

TEST_CASE("the scale: dragged, it shows the network as it was; the buttons go back or on") {
  for (const float width : {950.0f, 380.0f}) {
    CAPTURE(width);
    Screen s(ImVec2(width, width < 500 ? 460 : 200));
    CHECK(has(s.words(), "appear here once training starts"));
    CHECK(tests::drawn_items().count("##scrub") == 0);
    s.train();
    REQUIRE(s.past().present() == 40);
    CHECK(has(s.words(), "showing update 40, the last"));
    const tests::Item scale = s.item("##scrub");
    CHECK(scale.max.x <= width);
    CHECK(scale.max.y <= ImGui::GetIO().DisplaySize.y);
    s.f.session.go_to(7);
    s.press(scale.centre());
    CHECK(s.past().update_shown() == 20);
    ImGui::GetIO().AddMousePosEvent(scale.min.x - 30, scale.centre().y);
    s.frame();
    CHECK(s.past().update_shown() == 0);
    CHECK(s.f.session.position() == 7);  // the other way to scrub is left alone
    ImGui::GetIO().AddMousePosEvent(scale.min.x + (scale.max.x - scale.min.x) * 0.25f, scale.centre().y);
    s.frame();
    s.let_go();
    CHECK(s.past().update_shown() == 10);
    CHECK(has(s.words(), "showing update 10 of 40"));
    s.click("##later");
    CHECK(s.past().update_shown() == 11);
    s.click("##earlier");
    s.click("##earlier");
    CHECK(s.past().update_shown() == 9);
    SUBCASE("back") {
      s.click("Back to the last###leave_visit");
      CHECK_FALSE(s.past().visiting());
      CHECK(s.f.session.project().updates == 40);
    }
    SUBCASE("on") {
      s.click("Go on from here");
      CHECK(s.f.session.project().updates == 9);
      CHECK(has(s.words(), "showing update 9, the last"));
    }
  }
}

TEST_CASE("a click on a curve goes to its update") {
  Screen s;
  s.train();
  s.words();
  s.press(ImVec2(300, 90));
  CHECK(s.past().visiting());
  const std::int64_t there = s.past().update_shown();
  CHECK(there > 15);
  CHECK(there < 35);
  ImGui::GetIO().AddMousePosEvent(200, 90);
  s.frame();
  CHECK(s.past().update_shown() < there);
  s.let_go();
}

TEST_CASE("kept runs stand in the legend, with the settings that differ") {
  Screen s;
  s.train();
  s.past().keep("first one");
  s.past().replay_with("learning_rate", 0.002);
  s.f.worker.settle();
  const std::string words = s.words();
  CHECK(has(words, "learning rate 0.002 / 0.01"));
  const int with = s.screen.vertices();
  s.past().show(0, false);
  CHECK_FALSE(has(s.words(), "learning rate 0.002 / 0.01"));
  CHECK(s.screen.vertices() < with);
}

TEST_CASE("the Runs panel: keep, rename, hide, open, remove") {
  for (const ImVec2 size : {ImVec2(950, 200), ImVec2(380, 620)}) {
    for (const bool dark : {false, true}) {
      Screen s(size);
      s.runs = true;
      s.dark = dark;
      CHECK(has(s.words(), "No run is kept yet"));
      CHECK(s.item("Keep").disabled);
      s.train();
      CHECK(has(s.words(), "41 checkpoints"));
      s.ui_state.history.name = "slow";
      s.click("Keep");
      REQUIRE(s.past().runs().size() == 1);
      CHECK(s.past().runs()[0].name == "slow");
      CHECK(s.ui_state.history.name.empty());
      CHECK(has(s.words(), "slow"));
      if (size.x > 500) CHECK(has(s.words(), "the same settings"));
      s.click("##shown");
      CHECK_FALSE(s.past().shown(0));
      s.click("slow###name");
      CHECK(s.ui_state.history.renaming == 0);
      s.frame();
      ImGui::GetIO().AddInputCharacter('x');
      s.frame();
      ImGui::GetIO().AddKeyEvent(ImGuiKey_Enter, true);
      s.frame();
      ImGui::GetIO().AddKeyEvent(ImGuiKey_Enter, false);
      s.frame();
      CHECK(s.past().runs()[0].name != "slow");
      CHECK(has(s.past().runs()[0].name, "x"));
      s.f.session.reset();
      s.f.worker.settle();
      s.click("Open");
      s.f.worker.settle();
      CHECK(s.f.session.project().updates == 40);
      CHECK(s.f.hash() == s.past().runs()[0].weights_hash);
      s.click("##remove");
      CHECK(s.past().runs().empty());
    }
  }
}

TEST_CASE("the run is repeated with one setting changed, from the popup") {
  Screen s(ImVec2(950, 400));
  s.runs = true;
  s.train();
  const std::string before = s.f.hash();
  named(s.commands(), "Repeat the run with one setting changed...").act();
  CHECK(s.state.bottom_tab == ui::BottomTab::Runs);
  s.words();
  CHECK(s.item("Repeat###replay").disabled);  // nothing is different yet
  s.ui_state.history.replay_value = 0.003;
  s.click("Repeat###replay");
  s.f.worker.settle();
  CHECK(s.f.session.project().train.learning_rate == 0.003);
  CHECK(s.f.session.project().updates == 40);
  CHECK(s.f.hash() != before);
}

TEST_CASE("the map is drawn as it is made, and a click sets update and position") {
  Screen s(ImVec2(950, 220));
  s.runs = true;
  CHECK(has(s.words(), "No map here"));
  s.train();
  for (int i = 0; i < 5000 && (s.past().map().planned == 0 ||
                               static_cast<int>(s.past().map().updates.size()) < s.past().map().planned);
       ++i) {
    s.frame();
    s.f.worker.pump();
  }
  REQUIRE(s.past().map().updates.size() == 40);
  const tests::Item map = s.item("##time_map");
  CHECK(map.max.x <= 950);
  CHECK(map.max.y <= 220);
  s.press(map.centre());
  CHECK(std::abs(s.past().update_shown() - 20) <= 1);  // the middle lies between two of the 40
  CHECK(std::abs(s.f.session.position() - 20) <= 1);
  s.let_go();
}

TEST_CASE("by key: what can be done now, and why not") {
  Screen s;
  CHECK(has(named(s.commands(), "Earlier checkpoint").why_not, "press Train"));
  CHECK(has(named(s.commands(), "Keep this run").why_not, "press Train"));
  s.train();
  const ui::Command earlier = named(s.commands(), "Earlier checkpoint");
  CHECK(earlier.chord == ImGuiKey_PageUp);
  CHECK(earlier.repeats);
  CHECK(earlier.why_not.empty());
  CHECK_FALSE(named(s.commands(), "Later checkpoint").why_not.empty());
  earlier.act();
  CHECK(s.past().update_shown() == 39);
  CHECK(named(s.commands(), "Later checkpoint").chord == ImGuiKey_PageDown);
  named(s.commands(), "Later checkpoint").act();
  CHECK_FALSE(s.past().visiting());
  CHECK(named(s.commands(), "Keep this run").chord == ImGuiKey_K);
  named(s.commands(), "Keep this run").act();
  REQUIRE(s.past().runs().size() == 1);
  CHECK(s.past().runs()[0].name == "run 1");
  s.f.session.reset();
  s.f.worker.settle();
  named(s.commands(), "Open run 1").act();
  s.f.worker.settle();
  CHECK(s.f.session.project().updates == 40);
}
