// The machine tab and its tracks, by mouse, key and label: typing a pattern, its mistakes, the drawing,
// weights, proof, extraction, and what lights up together.
#include <doctest/doctest.h>
#include <imgui_internal.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "page.h"
#include "session/machine.h"
#include "ui/debug_panels.h"
#include "ui/machine_parts.h"
#include "ui/machine_state.h"
#include "ui/track.h"

using namespace ribostep;

namespace {

// Nobody's labels: the machine's own words decide.
constexpr const char* kSequences =
    ">a\nTTACGGTACGAACGTTTTGGGACCATT\n>b\nTTTTGGGACCATTACGA\n>c\nAAAAAAAAAACCC\n>d\nGGACGTT\n";

struct MachinePage : tests::Page {
  explicit MachinePage(float w = 1280, float h = 800) : Page(w, h) {
    open_example();
    paste(kSequences);
    app.panels().hint_dismissed = true;
    key(ImGuiKey_M);
    frames(3);
  }
  session::Machine& machine() { return session().machine(); }
  ui::MachineState& state() { return app.state().machine; }
  // Until the worker is done and the screen shows it.
  void settle() {
    worker.settle();
    frames(3);
  }
  void pattern(const char* text) {
    click("##machine_pattern");
    key(ImGuiKey_A, ImGuiKey_LeftCtrl);
    type(text);
    settle();
  }
  void view(const char* name) {
    click(name);
    frames(2);
  }
  void compile(const char* text) {
    pattern(text);
    key(ImGuiKey_Enter);
    view("Weights");
    click("Compile into the network###compile_machine");
    settle();
    REQUIRE(machine().compiled());
  }
  ImVec2 node(const ui::MachineDrawing& d, int state) {
    const motif::GraphNode& n = d.graph.nodes[static_cast<std::size_t>(state)];
    return ImVec2(d.left + d.x + n.x * d.scale, d.top + d.y + n.y * d.scale);
  }
  void mouse(ImVec2 at) {
    ImGui::GetIO().AddMousePosEvent(at.x, at.y);
    frames(2);
  }
  // In several frames, as a hand does it: the first one takes the handle where it is.
  void drag(ImVec2 from, ImVec2 to) {
    mouse(from);
    ImGui::GetIO().AddMouseButtonEvent(0, true);
    frames(2);
    for (int k = 1; k <= 4; ++k) {
      const float share = static_cast<float>(k) / 4;
      mouse(ImVec2(from.x + (to.x - from.x) * share, from.y + (to.y - from.y) * share));
    }
    ImGui::GetIO().AddMouseButtonEvent(0, false);
    frames(2);
  }
  // Where the slider's handle is for this gain.
  ImVec2 gain_handle(double gain) {
    const tests::Item slider = item("##machine_gain");
    const double share = std::log(gain / motif::kMinGain) / std::log(motif::kMaxGain / motif::kMinGain);
    const float grab = ImGui::GetStyle().GrabMinSize / 2 + 2;
    const float room = slider.max.x - slider.min.x - 2 * grab;
    return ImVec2(slider.min.x + grab + room * static_cast<float>(share), slider.centre().y);
  }
  std::string why_not(const std::string& title) {
    std::vector<session::Message> outbox;
    ui::Panel panel{session(), app.panels(), ui::theme(false), {}, outbox};
    ui::Commands all;
    ui::add_machine_commands({panel, app.state()}, all);
    for (const ui::Command& c : all)
      if (c.title == title) return c.why_not;
    return "not there";
  }
  std::shared_ptr<ui::Track> track(const std::string& key) {
    frames(2);
    for (const auto& track : app.state().tracks.tracks)
      if (track->key() == key && track->present(session())) return track;
    return nullptr;
  }
};

}  // namespace

TEST_CASE("machine: an empty tab says what it is for and offers three examples") {
  MachinePage page;
  CHECK(page.app.panels().bottom_tab == ui::BottomTab::Machine);
  for (const char* label : {"ACG", "TATAWAW", "Tomita 4"}) CHECK_MESSAGE(page.shown(label), label);
  page.click("Tomita 4");
  page.settle();
  CHECK(page.machine().setup().language == "tomita4");
  CHECK(page.state().stage.nodes.size() == 4);
  page.click("Tree");  // a language has none
  CHECK_FALSE(page.shown("##machine_drawing"));
}

TEST_CASE("machine: a pattern is a machine while it is typed; a mistake is shown and nothing is lost") {
  MachinePage page;
  page.pattern("ACG");
  CHECK(page.machine().setup().pattern == "ACG");
  CHECK(page.machine().stages().minimal->states() == 4);
  CHECK(page.shown("##machine_drawing"));
  CHECK(page.state().stage.nodes.size() == 4);
  CHECK(page.state().stage.nodes[3].marked);
  page.type("[T");  // not closed
  page.settle();
  CHECK(page.state().typed == "ACG[T");
  CHECK_FALSE(page.machine().stages().ok());
  CHECK_FALSE(page.shown("##machine_drawing"));
  page.type("A]");
  page.settle();
  CHECK(page.machine().setup().pattern == "ACG[TA]");
  CHECK(page.machine().stages().minimal->states() == 5);
  CHECK(page.shown("##machine_drawing"));
  page.key(ImGuiKey_Enter);
  // The choices stay when the pattern is emptied.
  page.click(tests::combo_item("##machine_controls", "##machine_mode").centre());
  page.click("ends here");
  CHECK(page.machine().setup().mode == motif::Mode::EndsHere);
  page.click("##machine_pattern");
  page.key(ImGuiKey_A, ImGuiKey_LeftCtrl);
  page.key(ImGuiKey_Delete);
  page.settle();
  CHECK(page.machine().setup().empty());
  page.type("GG");
  page.settle();
  CHECK(page.machine().setup().pattern == "GG");
  CHECK(page.machine().setup().mode == motif::Mode::EndsHere);
  page.session().undo();
  page.frames(2);
}

TEST_CASE("machine: each stage is drawn, told as text and copied") {
  MachinePage page;
  page.pattern("AC|GT");
  page.key(ImGuiKey_Enter);
  for (const char* name : {"Tree", "NFA", "DFA", "Minimal"}) {
    page.view(name);
    CHECK_MESSAGE(page.shown("##machine_drawing"), name);
    CHECK_MESSAGE(page.state().stage.graph.width > 60, name);
    CHECK(page.state().stage.text.size() > 20);
    CHECK(page.state().stage.dot.find("digraph") != std::string::npos);
  }
  page.click("as text");
  CHECK_FALSE(page.shown("##machine_drawing"));
  page.click("as text");
  // More than can be drawn.
  page.pattern("A{150}C{100}");
  CHECK_FALSE(page.shown("##machine_drawing"));
  CHECK(page.state().stage.graph.nodes.empty());
  CHECK(page.state().stage.text.size() > 1000);
  for (const char* label : {"Copy###copy_machine", "DOT###dot_machine"}) {
    page.posted();
    page.click(label);
    const auto posted = page.posted();
    CHECK_MESSAGE(std::count(posted.begin(), posted.end(), "copy") == 1, label);
  }
}

TEST_CASE("machine: the wheel zooms, a drag moves, Fit brings it back") {
  MachinePage page;
  page.pattern("TATAWAW");
  page.key(ImGuiKey_Enter);
  const ImVec2 centre = page.item("##machine_drawing").centre();
  page.mouse(centre);
  const float before = page.state().stage.scale;
  ImGui::GetIO().AddMouseWheelEvent(0, 2);
  page.frames(2);
  CHECK(page.state().stage.scale > before);
  const float x = page.state().stage.x;
  ImGui::GetIO().AddMouseButtonEvent(0, true);
  page.frames();
  page.mouse(ImVec2(centre.x + 60, centre.y));
  ImGui::GetIO().AddMouseButtonEvent(0, false);
  page.frames();
  CHECK(page.state().stage.x > x + 40);
  page.click("Fit###machine_fit");
  page.frames();
  CHECK(page.state().stage.scale == doctest::Approx(before));
}

TEST_CASE("machine: compiled, stepped, and lit together") {
  MachinePage page;
  page.compile("ACG");
  CHECK(page.session().data().size() == 4);
  page.view("Minimal");
  page.session().go_to(4);  // TTAC
  page.settle();
  REQUIRE(page.machine().lock_step() != nullptr);
  CHECK(page.machine().lock_step()->machine.state[4] == 2);
  CHECK(page.machine().lock_step()->disagreements.empty());
  // The node under the mouse lights the unit that stands for its state.
  const motif::Code* code = page.machine().code();
  REQUIRE(code != nullptr);
  const auto stands = std::find_if(code->units.begin(), code->units.end(),
                                   [](const motif::CodeUnit& u) { return u.state == 2; });
  REQUIRE(stands != code->units.end());
  const int unit = static_cast<int>(stands - code->units.begin());
  page.mouse(page.node(page.state().stage, 2));
  CHECK(page.app.state().hover.layer == 0);
  CHECK(page.app.state().hover.unit == unit);
  // And a track row tells its unit, which rings the node.
  const auto track = page.track("machine state");
  REQUIRE(track != nullptr);
  CHECK(track->hover_at(page.session(), 4, 0.5f).unit == unit);
  CHECK(track->value_at(page.session(), 4, 0.5f).find("s2") != std::string::npos);
  CHECK(page.track("network state") != nullptr);
  CHECK(page.track("acceptance") != nullptr);
  ui::TrackValues values;
  REQUIRE(track->values(page.session(), values));
  double read[2] = {-1, -1};
  values.read(3, read);
  CHECK(read[0] == 2);
  // A click goes on to where the machine is in that state next: after TTACGGTAC nothing but the end is left.
  page.session().go_to(0);
  page.frames(2);
  page.click(page.node(page.state().stage, 2));
  CHECK(page.session().position() == 4);
  page.mouse(ImVec2(2, 2));
}

TEST_CASE("machine: gain and noise change the weights, and J goes to where they err") {
  MachinePage page;
  page.compile("ACG");
  const std::string before = rnn::weights_hash(*page.session().project().weights);
  const tests::Item slider = page.item("##machine_gain");
  page.click(ImVec2(slider.min.x + 8, slider.centre().y));  // nearly the lowest
  page.settle();
  CHECK(page.machine().setup().gain < 1);
  CHECK(rnn::weights_hash(*page.session().project().weights) != before);
  CHECK(page.machine().pristine());
  page.session().undo();
  page.settle();
  CHECK(rnn::weights_hash(*page.session().project().weights) == before);
  page.state().deviation = 8;
  page.click("Perturb");
  page.settle();
  CHECK_FALSE(page.machine().pristine());
  const session::LockStep* lock = page.machine().lock_step();
  REQUIRE(lock != nullptr);
  REQUIRE_FALSE(lock->disagreements.empty());
  page.session().go_to(page.session().length());
  page.frames(2);
  page.mouse(ImVec2(2, 2));
  page.key(ImGuiKey_J);
  CHECK(page.session().position() == static_cast<int>(lock->disagreements[0]));
  page.session().go_to(page.session().length());
  page.click("Next disagreement###next_disagreement");
  CHECK(page.session().position() == static_cast<int>(page.machine().lock_step()->disagreements[0]));
  page.view("Minimal");  // both marks at once
  CHECK(page.shown("##machine_drawing"));
}

TEST_CASE("machine: each drag of the gain is an undo step of its own") {
  MachinePage page;
  page.compile("ACG");
  const double start = page.machine().setup().gain;
  page.drag(page.gain_handle(start), page.gain_handle(start * 2));
  const double first = page.machine().setup().gain;
  REQUIRE(first > start * 1.2);
  page.drag(page.gain_handle(first), page.gain_handle(start / 4));
  const double second = page.machine().setup().gain;
  REQUIRE(second < start);
  page.session().undo();
  page.settle();
  CHECK(page.machine().setup().gain == first);
  page.session().undo();
  page.settle();
  CHECK(page.machine().setup().gain == start);
  CHECK(page.machine().compiled());
}

TEST_CASE("machine: where an ambiguity code leaves its state open nothing is marked as differing") {
  MachinePage page;
  page.paste(">a\nTTACGTACGNACGTT\n>b\nGGGTTACGAA\n>c\nTTTTTGGG\n>d\nCCCCCACAC\n");
  page.machine().set([] {
    io::MachineSetup setup;
    setup.pattern = "ACG";
    setup.mode = motif::Mode::EndsHere;
    return setup;
  }());
  page.machine().compile(motif::Construction::Exact);
  page.settle();
  page.view("Minimal");
  const auto marked = [&](int position) {
    page.session().go_to(position);
    page.settle();
    page.mouse(ImVec2(2, 2));
    // Both themes: whichever is on.
    const ImU32 inks[] = {ui::theme(false).error, ui::theme(true).error};
    int count = 0;
    for (ImDrawList* list : ImGui::GetDrawData()->CmdLists) {
      if (std::string(list->_OwnerName).find("##machine_content") == std::string::npos) continue;
      for (const ImDrawVert& vertex : list->VtxBuffer)
        count += vertex.col == inks[0] || vertex.col == inks[1] ? 1 : 0;
    }
    return count;
  };
  REQUIRE(page.machine().lock_step() != nullptr);
  const session::LockStep& lock = *page.machine().lock_step();
  const auto open = std::find(lock.machine.state.begin(), lock.machine.state.end(), -1);
  REQUIRE(open != lock.machine.state.end());
  CHECK(marked(static_cast<int>(open - lock.machine.state.begin())) == 0);
  page.machine().perturb(8, 1);
  page.settle();
  REQUIRE_FALSE(page.machine().lock_step()->disagreements.empty());
  // Somewhere it does differ, and there it is marked: at a state, not only in what is accepted.
  int differing = 0;
  for (const std::uint32_t place : std::vector<std::uint32_t>(page.machine().lock_step()->disagreements))
    differing += marked(static_cast<int>(place)) > 0 ? 1 : 0;
  CHECK(differing > 0);
}

TEST_CASE("machine: a network that says nothing of prefixes is not said to agree with the machine") {
  MachinePage page;
  page.pattern("ACG");
  page.key(ImGuiKey_Enter);
  rnn::ModelSpec spec = page.session().project().model;
  spec.task = rnn::Task::NextSymbol;
  page.session().set_model(spec);
  page.settle();
  REQUIRE(page.machine().lock_step() != nullptr);
  REQUIRE(page.machine().lock_step()->compared == 0);
  CHECK(page.item("Next disagreement###next_disagreement").disabled);
  CHECK(page.why_not("Next disagreement of network and machine") == page.machine().lock_note());
  CHECK_FALSE(page.machine().lock_note().empty());
  // Compiled, there is something to compare, whether it differs or not.
  page.machine().compile(motif::Construction::Exact);
  page.settle();
  CHECK(page.machine().lock_step()->compared > 0);
  CHECK(page.why_not("Next disagreement of network and machine").empty());
}

TEST_CASE("machine: a pattern over the letters of a language is not said to be DNA") {
  MachinePage page;
  const auto choice = [&] {
    page.frames(2);
    const auto& items = tests::drawn_items();
    const auto rna = items.find("RNA");
    return rna != items.end() && rna->second.window.find("##machine_controls") != std::string::npos;
  };
  io::MachineSetup setup;
  setup.pattern = "101";
  setup.alphabet = bio::AlphabetKind::Bits;
  page.machine().set(setup);
  page.settle();
  CHECK_FALSE(choice());
  page.click("##machine_pattern");  // and stays what it is when it is typed on
  page.key(ImGuiKey_End);
  page.type("0");
  page.settle();
  CHECK(page.machine().setup().alphabet == bio::AlphabetKind::Bits);
  setup.pattern = "ACG";
  setup.alphabet = bio::AlphabetKind::Dna;
  page.machine().set(setup);
  page.settle();
  CHECK(choice());
}

TEST_CASE("machine: the construction on show is the compiled one until another is chosen") {
  MachinePage page;
  page.machine().set([] {
    io::MachineSetup setup;
    setup.pattern = "TATAWAW";
    return setup;
  }());
  page.machine().compile(motif::Construction::Textbook);
  page.settle();
  page.view("Weights");
  CHECK(page.state().construction == motif::Construction::Textbook);
  page.click(tests::combo_item("##machine_left", "##machine_way").centre());
  page.click(motif::label(motif::Construction::Lstm));
  page.frames(3);
  CHECK(page.state().construction == motif::Construction::Lstm);
}

TEST_CASE("machine: numbers stay whole where lines are broken") {
  const MachinePage page;
  ImFont* font = ImGui::GetIO().Fonts->Fonts[0];
  const std::string words = "5 states; 5,103 questions, margin 0.25";
  for (float room = 1; room < 400; room += 1) {
    std::string broken = ui::broken_at_spaces(font, words, room);
    CHECK(broken.find("5,103") != std::string::npos);
    CHECK(broken.find("0.25") != std::string::npos);
    for (std::size_t from = 0; from < broken.size();) {
      const std::size_t to = std::min(broken.find('\n', from), broken.size());
      const std::string line = broken.substr(from, to - from);
      if (line.find(' ') != std::string::npos)
        CHECK(font->CalcTextSizeA(font->FontSize, 1e9f, 0, line.c_str()).x <= room);
      from = to + 1;
    }
    std::replace(broken.begin(), broken.end(), '\n', ' ');
    CHECK(broken == words);
  }
  CHECK(ui::broken_at_spaces(font, words, 1e4f) == words);
}

TEST_CASE("machine: why no data are made stands by the button until other numbers are given") {
  MachinePage page;
  page.click("Tomita 4");
  page.settle();
  page.view("Back again");
  page.state().sample.records = 20000;
  page.state().sample.max_length = 2000;
  const int before = page.session().data().size();
  page.click("Make training data###machine_data");
  CHECK(page.session().data().size() == before);
  CHECK(page.state().sample_refused.find("1,000,000") != std::string::npos);
  page.frames(3);
  CHECK_FALSE(page.state().sample_refused.empty());
  page.type_into("##machine_longest", "30");
  CHECK(page.state().sample_refused.empty());
  page.click("Make training data###machine_data");
  page.settle();
  CHECK(page.state().sample_refused.empty());
  CHECK(page.session().data().size() != before);
}

TEST_CASE("machine: check and extraction are cancelled each for itself; their limits are kept") {
  MachinePage page;
  page.compile("ACG");
  page.view("Back again");
  page.state().extraction.max_states = session::kMostExtractedStates;
  page.click("Clusters");
  page.frames(2);
  CHECK(page.state().extraction.max_states == session::kMostClusters);
  page.click("Questions (L*)");
  page.frames(2);
  CHECK_FALSE(page.state().extraction.clusters);
  page.click("Extract###extract_machine");
  page.view("Proof");
  page.click("Check all stages###check_machine");
  REQUIRE(page.machine().check_busy());
  REQUIRE(page.machine().extract_busy());
  page.click("Cancel###cancel_machine");
  CHECK_FALSE(page.machine().check_busy());
  CHECK(page.machine().extract_busy());
  page.click("Check all stages###check_machine");
  page.view("Back again");
  page.click("Cancel###cancel_machine");
  CHECK(page.machine().check_busy());
  CHECK_FALSE(page.machine().extract_busy());
  page.settle();
  CHECK(page.machine().checked() != nullptr);
}

TEST_CASE("machine: the check runs to its end, and its result goes out of date") {
  MachinePage page;
  page.compile("ACG");
  page.view("Proof");
  page.click("Check all stages###check_machine");
  CHECK(page.machine().check_busy());
  CHECK(page.shown("Cancel###cancel_machine"));
  page.click("Cancel###cancel_machine");
  CHECK_FALSE(page.machine().check_busy());
  page.settle();
  page.click("Check all stages###check_machine");
  page.settle();
  REQUIRE(page.machine().checked() != nullptr);
  CHECK(page.machine().checked()->agreement.agrees());
  CHECK(page.shown("Copy the result###copy_check"));
  page.machine().set_gain(2);
  page.settle();
  CHECK(page.machine().check_stale());
  page.posted();
  page.click("Copy the result###copy_check");
  const auto posted = page.posted();
  CHECK(std::count(posted.begin(), posted.end(), "copy") == 1);
}

TEST_CASE("machine: from a language to data, a recipe, and a machine back") {
  MachinePage page;
  page.click("Tomita 4");
  page.settle();
  page.view("Back again");
  page.click("Make training data###machine_data");
  page.settle();
  CHECK(page.session().data().alphabet().symbols == "01");
  CHECK(page.session().data().size() == page.state().sample.records);
  page.click("GRU");
  page.settle();
  CHECK(page.session().network().spec.cell == rnn::CellKind::Gru);
  // Untrained, it is some machine, too; that of Tomita 4 it is not.
  page.machine().extract(page.state().extraction, -1);
  page.settle();
  REQUIRE(page.machine().extracted() != nullptr);
  if (page.machine().extracted()->machine) {
    CHECK(page.shown("##machine_found"));
    CHECK(page.machine().comparison().possible);
    CHECK_FALSE(page.machine().comparison().same);
    const int before = page.session().data().size();
    page.click("Add the counterexample and train on###learn_counterexample");
    page.frames(2);
    CHECK(page.session().data().size() > before);
    page.session().stop();
    page.settle();
  }
}

TEST_CASE("machine: the whole tab fits 1280 x 800, a phone and a large screen") {
  for (const ImVec2 screen : {ImVec2(1280, 800), ImVec2(1920, 1080), ImVec2(390, 844)}) {
    const float width = screen.x, height = screen.y;
    MachinePage page(width, height);
    CHECK(page.app.panels().bottom_tab == ui::BottomTab::Machine);
    page.machine().set([] {
      io::MachineSetup setup;
      setup.pattern = "TATAWAW";
      return setup;
    }());
    page.machine().compile(motif::Construction::Textbook);
    page.settle();
    for (int view = 0; view < ui::kMachineViews; ++view) {
      page.state().view = static_cast<ui::MachineView>(view);
      page.frames(3);
      for (const auto& each : tests::drawn_items()) {
        const std::string& label = each.first;
        const tests::Item& item = each.second;
        if (item.window.find("##machine_controls") == std::string::npos &&
            item.window.find("##machine_views") == std::string::npos &&
            item.window.find("##machine_left") == std::string::npos)
          continue;
        CHECK_MESSAGE(item.max.x <= width, label, " at ", width, " in view ", view);
        CHECK_MESSAGE(item.min.x >= 0, label, " at ", width, " in view ", view);
      }
    }
  }
}

TEST_CASE("machine: tracks of a long sequence draw only what is in sight") {
  MachinePage page;
  std::string letters;
  std::uint32_t seed = 1;
  for (int i = 0; i < 50000; ++i) letters += "ACGT"[(seed = seed * 1664525u + 1013904223u) >> 30u];
  page.paste(">long\n" + letters + "\n>short\nACGT\n");
  page.machine().set([] {
    io::MachineSetup setup;
    setup.pattern = "TATAWAW";
    return setup;
  }());
  page.settle();
  REQUIRE(page.machine().lock_step() != nullptr);
  CHECK(page.track("machine state") != nullptr);
  CHECK(page.track("network state") == nullptr);  // its units stand for nothing
  page.frames(2);
  const int far = ImGui::GetDrawData()->TotalVtxCount;
  page.app.state().axis.set(1000, 60);
  page.frames(2);
  CHECK(page.machine().lock_step()->machine.state.size() == 50001);
  CHECK(far < 200000);
}

TEST_CASE("machine: everything is in the palette, with reasons where it is not possible") {
  MachinePage page;
  const auto why = [&](const std::string& title) { return page.why_not(title); };
  CHECK(why("Show the machine").empty());
  CHECK(why("Compile the machine into the network").find("pattern") != std::string::npos);
  CHECK_FALSE(why("Next disagreement of network and machine").empty());
  CHECK_FALSE(why("Add the counterexample and train on").empty());
  page.compile("ACG");
  CHECK(why("Compile the machine into the network").empty());
  CHECK(why("Next disagreement of network and machine").empty());
  CHECK(why("Check all stages of the machine").empty());
  CHECK(why("Extract a machine from the network").empty());
  page.state().view = ui::MachineView::Proof;
  page.key(ImGuiKey_M);
  CHECK(page.state().view == ui::MachineView::Proof);
}
