// The section about circles: folded up for a line, open for a circle, with the meter behind a button.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "headless.h"
#include "items.h"
#include "ui/circle_panel.h"

using namespace ribostep;

namespace {

struct Section {
  tests::Fixture f;
  tests::Headless screen{ImVec2(360, 700)};
  ui::PanelState state;
  std::vector<session::Message> outbox;

  Section() { tests::watch_items(); }
  void draw() {
    tests::drawn_items().clear();
    screen.frame([&] {
      const ui::Theme theme = ui::theme(false);
      ui::Panel p{f.session, state, theme, screen.fonts, outbox};
      ui::draw_circle_section(p);
    });
  }
  bool shown(const std::string& label) {
    draw();
    draw();
    return tests::drawn_items().count(label) > 0;
  }
  void click(const std::string& label) {
    REQUIRE_MESSAGE(shown(label), label);
    const ImVec2 at = tests::drawn_items()[label].centre();
    ImGui::GetIO().AddMousePosEvent(at.x, at.y);
    draw();
    ImGui::GetIO().AddMouseButtonEvent(0, true);
    draw();
    ImGui::GetIO().AddMouseButtonEvent(0, false);
    draw();
  }
};

constexpr const char* kFirst = "Compare rotations###rotate";

}  // namespace

TEST_CASE("a line keeps the section folded; one click opens it, another measures") {
  Section s;
  s.f.paste(">a label=x\nACGTTA\n>b label=y\nTTGACA\n");
  CHECK_FALSE(s.shown(kFirst));
  s.click("Circle###no_circle");
  REQUIRE(s.shown(kFirst));
  CHECK_FALSE(tests::drawn_items()[kFirst].disabled);
  s.click(kFirst);
  CHECK(s.f.session.job().kind == session::JobKind::Measuring);
  CHECK(s.shown("Cancel"));
  s.f.worker.settle();
  CHECK(s.f.session.equivariance().available);
  CHECK(s.shown("Compare rotations again###rotate"));
}

TEST_CASE("a circular record or a circular model opens it") {
  Section s;
  SUBCASE("data") { s.f.paste(">a label=x topology=circular\nACGTTA\n>b label=y\nTTGACA\n"); }
  SUBCASE("model") {
    s.f.paste(">a label=x\nACGTTA\n>b label=y\nTTGACA\n");
    rnn::ModelSpec spec = s.f.session.project().model;
    spec.circular = rnn::Circular::FixedPoint;
    spec.max_passes = 2;
    s.f.session.set_model(spec);
    s.f.worker.settle();
  }
  CHECK(s.shown(kFirst));
}

TEST_CASE("what cannot be rotated has a button that cannot be pressed") {
  Section s;
  s.f.paste(">only topology=circular\nACGTACGTTAGACCAGATTTACAGGA\n");
  REQUIRE(s.f.session.project().model.task == rnn::Task::NextSymbol);
  REQUIRE(s.shown(kFirst));
  CHECK(tests::drawn_items()[kFirst].disabled);
}
