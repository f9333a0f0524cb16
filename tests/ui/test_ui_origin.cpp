// Asking where numbers come from on the real screen: clicks on the inspector's numbers, hops along terms,
// keys, what lights up, and the memory gauge below.
#include <doctest/doctest.h>

#include <string>

#include "page.h"
#include "session/conditions.h"
#include "session/origins.h"
#include "ui/debug_panels.h"

using namespace ribostep;
using rnn::NumberKind;
using tests::Page;

namespace {

// Tall enough for the whole inspector.
struct Asking : Page {
  explicit Asking(rnn::CellKind cell = rnn::CellKind::Lstm, int layers = 1, float w = 1280, float h = 3200)
      : Page(w, h) {
    paste(tests::planted_fasta());
    rnn::ModelSpec spec = session().project().model;
    spec.cell = cell;
    spec.hidden = 6;
    spec.layers = layers;
    session().set_model(spec);
    worker.settle();
    session().go_to(9);
    frames(4);
  }
  session::Origins& origins() { return session().origins(); }
  const rnn::Quantity& asked() {
    frames(2);
    REQUIRE(origins().view());
    return origins().view()->origin.of;
  }
  ui::OriginState& state() { return app.state().origin; }
};

}  // namespace

TEST_CASE("origin screen: nothing is asked at first, and the words say how") {
  Asking page;
  CHECK(page.shown("Where did this number come from?"));
  CHECK_FALSE(page.origins().asked());
  CHECK(page.state().lit.empty());
  CHECK_FALSE(page.shown("term"));
}

TEST_CASE("origin screen: a click on an equation, an output, a table's number asks; a term is followed") {
  Asking page;
  page.click("equation");  // the last of them: h = o tanh(c)
  CHECK(page.asked().what == NumberKind::H);
  CHECK(page.asked().step == 8);
  CHECK(page.shown("term"));
  page.origins().follow(0);
  CHECK(page.asked().what == NumberKind::C);
  page.click("output");
  CHECK(page.asked().what == NumberKind::Probability);
  // The last term drawn is the other output's score; it is made of states.
  page.click("term");
  CHECK(page.asked().what == NumberKind::Logit);
  page.click("term");
  CHECK(page.session().position() == 9);
  CHECK(page.origins().can_go_back());
  page.click("##hop back");
  CHECK(page.asked().what == NumberKind::Logit);
  page.click("##hop forward");
  page.click("##hop back");
  page.click("##hop back");
  CHECK(page.asked().what == NumberKind::Probability);
  page.click("Ask no more###dismiss origin");
  page.frames(2);
  CHECK_FALSE(page.origins().asked());
  CHECK(page.state().lit.empty());
}

TEST_CASE("origin screen: what the number is made of lights up") {
  Asking page(rnn::CellKind::Gru, 2);
  page.origins().ask_unit(1, 2, rnn::gate_index(rnn::CellKind::Gru, 'z'), 9);
  page.frames(2);
  const auto& lit = page.state().lit;
  REQUIRE(lit.size() == 13);  // itself, six below, six before
  CHECK(lit[0].asked);
  CHECK(lit[0].layer == 1);
  CHECK(lit[0].unit == 2);
  CHECK(lit[0].gate == 1);
  CHECK(lit[0].position == 9);
  int below = 0, before = 0;
  for (std::size_t i = 1; i < lit.size(); ++i) {
    CHECK(std::abs(lit[i].strength) <= 1);
    CHECK(lit[i].from_unit == lit[i].unit);
    below += lit[i].layer == 0 && lit[i].position == 9;
    before += lit[i].layer == 1 && lit[i].position == 8;
  }
  CHECK(below == 6);
  CHECK(before == 6);
  // The inspector turns to it.
  CHECK(page.app.state().inspector.layer == 1);
  CHECK(page.app.state().inspector.unit == 2);
}

TEST_CASE("origin screen: the small terms are folded up, and say their sum") {
  Asking page;
  rnn::ModelSpec spec = page.session().project().model;
  spec.hidden = 20;
  page.session().set_model(spec);
  page.worker.settle();
  page.origins().ask_unit(0, 1, 0, 9);
  page.frames(2);
  const auto rest = [&] {  // its words tell the sum
    page.frames(2);
    for (const auto& [label, item] : tests::drawn_items())
      if (label.find("###rest of the terms") != std::string::npos) return std::pair{label, item};
    return std::pair{std::string(), tests::Item{}};
  };
  const auto [words, folded] = rest();
  CHECK(words.find("The rest (15 terms) = ") == 0);  // a letter, 20 units and two biases, 8 of them shown
  page.click(folded.centre());
  CHECK(rest().first.find("Show the largest only") == 0);
  CHECK(rest().second.max.y > folded.max.y + 300);
  page.click(rest().second.centre());
  CHECK(rest().second.max.y == folded.max.y);
}

TEST_CASE("origin screen: the keys work on the whole screen") {
  Asking page;
  page.key(ImGuiKey_O);
  CHECK(page.asked().what == NumberKind::H);
  page.key(ImGuiKey_O);
  CHECK(page.asked().what == NumberKind::C);
  page.key(ImGuiKey_Comma);
  CHECK(page.asked().what == NumberKind::H);
  page.key(ImGuiKey_Period);
  CHECK(page.asked().what == NumberKind::C);
}

TEST_CASE("origin screen: keys ask, follow, and go back and forward") {
  Asking page;
  ui::Commands commands;
  const auto run = [&](ImGuiKeyChord chord) {
    commands.clear();
    session::Session& session = page.session();
    std::vector<session::Message> outbox;
    ImFont* font = ImGui::GetIO().Fonts->Fonts[0];
    const ui::FontSet fonts{font, font, font, font, font, font};
    ui::Panel panel{session, page.app.panels(), ui::theme(false), fonts, outbox};
    ui::add_origin_commands({panel, page.app.state()}, commands);
    for (const ui::Command& command : commands)
      if (command.chord == chord) {
        if (!command.why_not.empty()) return command.why_not;
        command.act();
        page.frames(2);
        return std::string();
      }
    return std::string("no such command");
  };
  CHECK(run(ImGuiKey_Comma) == "there was no jump yet");
  CHECK(run(ImGuiKey_O).empty());
  CHECK(page.asked().what == NumberKind::H);
  CHECK(run(ImGuiKey_O).empty());
  CHECK(page.asked().what == NumberKind::C);
  CHECK(run(ImGuiKey_Comma).empty());
  CHECK(page.asked().what == NumberKind::H);
  CHECK(run(ImGuiKey_Period).empty());
  CHECK(page.asked().what == NumberKind::C);
  CHECK(run(ImGuiKey_Period) == "this is the last place");
}

TEST_CASE("origin screen: a place on a track asks for its number, the ruler for nothing") {
  Asking page;
  ui::Hover hover;
  hover.position = 12;
  ui::ask_origin(page.session(), page.app.state(), hover);
  CHECK_FALSE(page.origins().asked());
  hover.layer = 0;
  hover.unit = 4;
  ui::ask_origin(page.session(), page.app.state(), hover);
  CHECK(page.asked() == rnn::Quantity{NumberKind::H, 0, 4, -1, 11});
  CHECK(page.session().position() == 12);
  hover.gate = 1;
  ui::ask_origin(page.session(), page.app.state(), hover);
  CHECK(page.asked().what == NumberKind::Gate);
  hover.gate = 4;  // behind the gates: c
  hover.position = 0;
  ui::ask_origin(page.session(), page.app.state(), hover);
  CHECK(page.asked().what == NumberKind::C);
  CHECK(page.asked().step == -1);
}

TEST_CASE("origin screen: on a phone the inspector's tab has it all") {
  Asking page(rnn::CellKind::Gru, 1, 390, 3200);
  page.app.panels().phone_tab = ui::PhoneTab::Inspector;
  page.frames(3);
  page.click("equation");
  CHECK(page.asked().what == NumberKind::H);
  const tests::Item term = page.item("term");
  CHECK(term.min.x >= 0);
  CHECK(term.max.x <= 390);
}

TEST_CASE("gauge screen: the half-life of the unit shown, its twin, and what a long memory needs") {
  Asking page;
  page.session().train_once();
  page.worker.settle();
  page.frames(3);
  page.worker.settle();
  page.frames(3);
  const ui::GaugeState& gauge = page.state().gauge;
  CHECK(page.shown("How long does this unit remember?"));
  CHECK(gauge.step == 8);
  REQUIRE(gauge.own.path.steps() == 9);
  CHECK(gauge.own.at.back() == 9);
  const int unit = gauge.unit;
  CHECK(gauge.own.path.kept[1] == static_cast<double>(page.session().trace()->layers[0].gate(8, 1, unit)));
  REQUIRE(gauge.twin.path.steps() == 9);
  CHECK(gauge.twin.path.kept[1] != gauge.own.path.kept[1]);
  page.type_into("##wanted half-life", "2000");
  CHECK(page.state().gauge.wanted == 2000);
  // Folded up it does not keep the twin.
  page.click("How long does this unit remember?");
  page.frames(3);
  CHECK(page.origins().twin() == nullptr);
}

TEST_CASE("gauge screen: a unit without gates is told by the Jacobians, once they are asked for") {
  Asking page(rnn::CellKind::ElmanTanh);
  CHECK(page.session().sensitivity() == nullptr);
  page.click("Compute the Jacobians");
  page.frames(3);
  page.worker.settle();
  page.frames(3);
  REQUIRE(page.session().sensitivity());
  CHECK_FALSE(page.shown("Compute the Jacobians"));
}
