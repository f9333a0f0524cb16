// Letters, states and weights changed on the screen, by mouse and keys.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "page.h"
#include "session/edits.h"
#include "session/origins.h"
#include "session_fixture.h"
#include "ui/track_export.h"
#include "ui/weights_model.h"

using namespace ribostep;
using tests::Page;

namespace {

struct Bench : Page {
  explicit Bench(float w = 1280, float h = 800, const std::function<void(rnn::ModelSpec&)>& change = {})
      : Page(w, h) {
    paste(tests::planted_fasta());
    rnn::ModelSpec spec = session().network().spec;
    spec.cell = rnn::CellKind::Lstm;
    spec.hidden = 5;
    if (change) change(spec);
    REQUIRE(rnn::problem(spec).empty());
    session().set_model(spec);
    worker.settle();
    session().go_to(17);
    frames(3);
  }
  std::string letters() { return std::string(session().letters()); }
  session::Edits& edits() { return session().edits(); }
  ui::UiState& ui() { return app.state(); }
  ImVec2 letter(int position) {
    const tests::Item row = item("##letters");
    return ImVec2(ui().axis.x_of(position - 0.5), row.min.y + 12);
  }
  void mouse(ImVec2 at) {
    ImGui::GetIO().AddMousePosEvent(at.x, at.y);
    frames(2);
  }
  void press(int button, bool down) {
    ImGui::GetIO().AddMouseButtonEvent(button, down);
    frames();
  }
  void drag(ImVec2 from, ImVec2 to) {
    mouse(from);
    press(0, true);
    mouse(ImVec2((from.x + to.x) / 2, (from.y + to.y) / 2));
    mouse(to);
    press(0, false);
    frames(2);
  }
  void double_click(ImVec2 at) {
    mouse(at);
    for (int i = 0; i < 2; ++i) {
      press(0, true);
      press(0, false);
    }
    frames(2);
  }
  void shift(bool down) {
    ImGui::GetIO().AddKeyEvent(ImGuiMod_Shift, down);
    frames();
  }
  void type_shifted(const char* text) {
    shift(true);
    type(text);
    shift(false);
  }
  void open_tab(const char* label) {
    app.panels().bottom_tab = ui::BottomTab::Weights;
    app.panels().show_bottom_tab = true;
    frames(3);
    REQUIRE(shown(label));
  }
  // Of a label whose beginning is a number.
  std::string ending(const std::string& end) {
    frames();
    for (const auto& [label, item] : tests::drawn_items())
      if (label.size() >= end.size() && label.compare(label.size() - end.size(), end.size(), end) == 0)
        return label;
    return end;
  }
  // Whether one undo brings back these weights and states; then done again.
  bool one_step_from(const std::vector<float>& weights, std::size_t states) {
    session().undo();
    worker.settle();
    const bool same = *session().project().weights == weights && edits().states().size() == states;
    session().redo();
    worker.settle();
    frames(2);
    return same;
  }
};

std::string other(char letter) { return letter == 'A' ? "C" : "A"; }

}  // namespace

TEST_CASE("edit: with E keys are letters, which replace, insert and delete; with E again they are keys") {
  Bench page;
  std::string want = page.letters();
  page.key(ImGuiKey_E);
  REQUIRE(page.ui().edit.on);
  page.type(other(want[16]).c_str());
  want[16] = other(want[16])[0];
  CHECK(page.letters() == want);
  CHECK(page.session().position() == 18);
  page.type("gt");
  want[17] = 'G';
  want[18] = 'T';
  CHECK(page.letters() == want);
  CHECK(page.session().position() == 20);
  // With Shift they come behind the one at the cursor.
  page.type_shifted("C");
  want.insert(20, "C");
  CHECK(page.letters() == want);
  CHECK(page.session().position() == 21);
  page.key(ImGuiKey_Backspace);
  want.erase(20, 1);
  CHECK(page.letters() == want);
  CHECK(page.session().position() == 20);
  page.key(ImGuiKey_Delete);
  want.erase(19, 1);
  CHECK(page.letters() == want);
  CHECK(page.session().position() == 20);
  page.key(ImGuiKey_Insert);
  page.type("A");
  want.insert(20, "A");
  CHECK(page.letters() == want);
  page.key(ImGuiKey_LeftArrow);
  page.key(ImGuiKey_LeftArrow);
  CHECK(page.session().position() == 19);
  // No command hears them meanwhile, and what is no letter is refused.
  const std::uint64_t serial = page.edits().letters_serial();
  page.key(ImGuiKey_R);
  CHECK(page.edits().letters_serial() == serial);
  page.type("Z");
  CHECK(page.session().status().text.find("'Z'") != std::string::npos);
  CHECK(page.letters() == want);
  CHECK(page.shown("Done##edit mode"));
  // Undo is a chord, and stays one.
  page.key(ImGuiKey_Z, ImGuiMod_Ctrl);
  CHECK(page.letters() != want);
  page.type("e");
  CHECK_FALSE(page.ui().edit.on);
  page.key(ImGuiKey_E);
  page.key(ImGuiKey_Escape);
  CHECK_FALSE(page.ui().edit.on);
  page.key(ImGuiKey_R);
  CHECK_FALSE(page.edits().letters_edited());
}

TEST_CASE("edit: at position 0 letters come in front, and nothing is in front of them to delete") {
  Bench page;
  const std::string given = page.letters();
  page.session().go_to(0);
  page.key(ImGuiKey_E);
  page.frames(2);
  page.key(ImGuiKey_Backspace);
  CHECK(page.letters() == given);
  page.type("T");
  CHECK(page.letters() == "T" + given);
  CHECK(page.session().position() == 1);
}

TEST_CASE("edit: E is a residue of a protein; only Esc leaves there") {
  Bench page;
  page.paste(">a label=x\nMKVLAAGIVL\n>b label=y\nMSTNPKPQRK\n");
  REQUIRE(page.session().data().alphabet().kind == bio::AlphabetKind::Protein);
  page.session().go_to(3);
  page.key(ImGuiKey_E);
  page.frames(2);
  page.type("e");
  CHECK(page.letters() == "MKELAAGIVL");
  CHECK(page.ui().edit.on);
  page.key(ImGuiKey_Escape);
  CHECK_FALSE(page.ui().edit.on);
}

TEST_CASE("edit: a right click or a double click on a letter opens its menu") {
  Bench page;
  std::string want = page.letters();
  const auto right_click = [&](int position) {
    page.mouse(page.letter(position));
    page.press(1, true);
    page.press(1, false);
    page.frames(2);
  };
  right_click(9);
  CHECK(page.session().position() == 9);
  const std::string fresh = other(want[8]);
  CHECK(page.item(want.substr(8, 1) + "##change").disabled);
  page.click(fresh + "##change");
  want[8] = fresh[0];
  CHECK(page.letters() == want);
  CHECK_FALSE(page.shown(fresh + "##change"));

  page.double_click(page.letter(9));
  page.click("G##after");
  want.insert(9, "G");
  CHECK(page.letters() == want);
  right_click(9);
  page.click("T##before");
  want.insert(8, "T");
  CHECK(page.letters() == want);
  right_click(2);
  page.click("Delete this letter");
  want.erase(1, 1);
  CHECK(page.letters() == want);
  right_click(10);  // the G
  page.click("Restore this letter");
  want.erase(9, 1);
  CHECK(page.letters() == want);
  right_click(3);
  page.click("Restore all letters");
  CHECK_FALSE(page.edits().letters_edited());
}

TEST_CASE("edit: Shift and a drag pick letters, which are deleted, restored, pasted over and let go") {
  Bench page;
  const std::string given = page.letters();
  page.shift(true);
  page.drag(page.letter(20), page.letter(11));
  page.shift(false);
  CHECK(page.ui().selection.first == 11);
  CHECK(page.ui().selection.last == 20);
  CHECK(page.session().position() == 17);
  page.frames(2);
  CHECK(page.edits().focus() == session::Edits::Focus{11, 20});
  CHECK(page.edits().focus_words().rfind("11 to 20: 10 letters, GC ", 0) == 0);
  // Shift and a click moves the end that is free.
  page.shift(true);
  page.click(page.letter(30));
  page.shift(false);
  CHECK(page.ui().selection.first == 20);
  CHECK(page.ui().selection.last == 30);
  page.paste("ACAC");
  CHECK(page.letters() == given.substr(0, 19) + "ACAC" + given.substr(30));
  CHECK(page.ui().selection.first == 20);
  CHECK(page.ui().selection.last == 23);
  page.click("Restore##range");
  CHECK(page.letters() == given);
  page.session().undo();
  page.frames(2);
  page.key(ImGuiKey_Delete);
  CHECK(page.letters() == given.substr(0, 19) + given.substr(30));
  CHECK_FALSE(page.ui().selection.has_range());
  CHECK(page.session().position() == 19);
  CHECK_FALSE(page.shown("Copy##range"));
  // On the ruler as well; Esc lets go, another sequence too.
  const tests::Item ruler = page.item("##ruler");
  const float y = (ruler.min.y + ruler.max.y) / 2;
  page.shift(true);
  page.drag(ImVec2(page.letter(3).x, y), ImVec2(page.letter(7).x, y));
  page.shift(false);
  CHECK(page.ui().selection.first == 3);
  CHECK(page.ui().selection.last == 7);
  page.key(ImGuiKey_Escape);
  CHECK_FALSE(page.ui().selection.has_range());
  CHECK(page.edits().focus().none());
  page.ui().selection.select(2, 4, 29);
  page.frames(2);
  page.session().select_sequence(1);
  page.frames(2);
  CHECK_FALSE(page.ui().selection.has_range());
}

TEST_CASE("edit: Shift and arrows pick letters in edit mode, and typing replaces them") {
  Bench page;
  const std::string given = page.letters();
  page.key(ImGuiKey_E);
  for (int i = 0; i < 3; ++i) page.key(ImGuiKey_RightArrow, ImGuiMod_Shift);
  CHECK(page.ui().selection.first == 17);
  CHECK(page.ui().selection.last == 19);
  page.type("G");
  CHECK(page.letters() == given.substr(0, 16) + "G" + given.substr(19));
  CHECK(page.session().position() == 17);
  // What is pasted comes behind the letter at the cursor.
  page.frames(2);
  page.paste("TTT");
  CHECK(page.letters() == given.substr(0, 16) + "GTTT" + given.substr(19));
  CHECK(page.session().position() == 20);
}

TEST_CASE("edit: bars of the state are dragged live, typed, held over a range and released") {
  Bench page(1280, 1400);
  page.click("Change the state");
  page.frames(2);
  const std::vector<float> weights = *page.session().project().weights;
  tests::Item bar = page.item("##h 2");
  const float was = page.session().trace()->layers[0].h(16, 2);
  page.mouse(bar.centre());
  page.press(0, true);
  page.press(0, false);
  CHECK(page.edits().states().empty());  // a click alone is no change
  for (int i = 0; i < 40; ++i) page.frames();
  page.drag(bar.centre(), ImVec2(bar.centre().x + 25, bar.centre().y));
  REQUIRE(page.edits().states().size() == 1);
  const float now = page.session().trace()->layers[0].h(16, 2);
  CHECK(now == doctest::Approx(was + 25 * 2 / (bar.max.x - bar.min.x)).epsilon(1e-3));
  CHECK(page.one_step_from(weights, 0));
  for (int i = 0; i < 40; ++i) page.frames();

  bar = page.item("##c 1");
  page.double_click(bar.centre());
  page.type("0.375");
  page.key(ImGuiKey_Enter);
  CHECK(page.session().trace()->layers[0].c(16, 1) == 0.375f);
  CHECK(page.edits().states().size() == 2);
  CHECK(page.one_step_from(weights, 1));
  // From here on, and over the picked range.
  page.mouse(ImVec2(4, 4));  // what the mouse is on changes what the inspector tells above
  page.click("from here on");
  for (int i = 0; i < 40; ++i) page.frames();
  page.drag(page.item("##h 0").centre(),
            ImVec2(page.item("##h 0").centre().x + 12, page.item("##h 0").centre().y));
  CHECK(page.edits().states().back().first == 17);
  CHECK(page.edits().states().back().last == 40);
  page.ui().selection.select(5, 9, 40);
  page.frames(2);
  page.mouse(ImVec2(4, 4));
  page.click("picked 5–9");
  for (int i = 0; i < 40; ++i) page.frames();
  page.drag(page.item("##h 3").centre(),
            ImVec2(page.item("##h 3").centre().x + 12, page.item("##h 3").centre().y));
  CHECK(page.edits().states().back().first == 5);
  CHECK(page.edits().states().back().last == 9);
  page.mouse(ImVec2(4, 4));
  page.click("##release 2");
  CHECK(page.edits().held(0, 2, false, 17) == nullptr);
  CHECK(page.edits().held(0, 1, true, 17) != nullptr);
  page.mouse(ImVec2(4, 4));
  page.click("Release all##states");
  CHECK(page.edits().states().empty());
}

TEST_CASE("edit: a circle says why its states cannot be set") {
  Bench page(1280, 1400, [](rnn::ModelSpec& s) { s.circular = rnn::Circular::TwoPass; });
  page.click("Change the state");
  CHECK_FALSE(page.shown("##h 0"));
  CHECK(page.edits().states_obstacle().find("as a line") != std::string::npos);
}

TEST_CASE("edit: a dragged weight moves the output live, in one step of undo, and goes back") {
  Bench page;
  page.open_tab("##cells");
  page.ui().weights.tensor = page.session().network().layers[0].w_x;
  page.frames(2);
  const auto& network = page.session().network();
  const rnn::Tensor& w_x = network.tensors[static_cast<std::size_t>(network.layers[0].w_x)];
  const std::vector<float> weights(page.session().weights().begin(), page.session().weights().end());
  const tests::Item cells = page.item("##cells");
  // 20 x 4, turned: the gates run to the right.
  REQUIRE(page.ui().weights.across);
  const float w = (cells.max.x - cells.min.x) / static_cast<float>(w_x.rows);
  const float h = (cells.max.y - cells.min.y) / static_cast<float>(w_x.cols);
  const ImVec2 at(cells.min.x + 7.5f * w, cells.min.y + 2.5f * h);
  const std::size_t index = w_x.offset + 7u * static_cast<std::size_t>(w_x.cols) + 2u;

  page.mouse(at);
  page.press(0, true);
  page.mouse(ImVec2(at.x, at.y - 10));
  const float half = page.session().weights()[index];
  CHECK(half > weights[index]);
  const float output = page.session().trace()->p(39, 0);
  page.mouse(ImVec2(at.x, at.y - 40));
  CHECK(page.session().weights()[index] > half);
  CHECK(page.session().trace()->p(39, 0) != output);
  page.press(0, false);
  page.frames(2);
  for (std::size_t i = 0; i < weights.size(); ++i)
    if (i != index) CHECK(page.session().weights()[i] == weights[i]);
  CHECK(page.one_step_from(weights, 0));
  CHECK(page.ui().weights.row == 7);
  CHECK(page.ui().weights.col == 2);

  // By keys.
  const float dragged = page.session().weights()[index];
  page.key(ImGuiKey_Equal, ImGuiMod_Shift);
  CHECK(page.session().weights()[index] > dragged);
  // Where the sign has a key of its own it is only typed; the tracks do not zoom then.
  const float by_key = page.session().weights()[index];
  const double zoom = page.ui().axis.pixels_per_letter();
  page.type("+");
  CHECK(page.session().weights()[index] > by_key);
  page.type("-");
  CHECK(page.session().weights()[index] == doctest::Approx(by_key));
  CHECK(page.ui().axis.pixels_per_letter() == zoom);
  const int position = page.session().position();
  page.key(ImGuiKey_RightArrow);
  page.key(ImGuiKey_UpArrow);
  CHECK(page.ui().weights.row == 8);
  CHECK(page.ui().weights.col == 1);
  CHECK(page.session().position() == position);
  page.key(ImGuiKey_LeftArrow);
  page.key(ImGuiKey_DownArrow);
  page.key(ImGuiKey_Enter);
  page.frames(2);
  page.type("0.5");
  page.key(ImGuiKey_Enter);
  page.frames(2);
  CHECK(page.session().weights()[index] == 0.5f);
  page.click(page.ending("###weight back"));
  CHECK(page.session().weights()[index] == weights[index]);
  page.key(ImGuiKey_Escape);
  page.key(ImGuiKey_RightArrow);
  CHECK(page.session().position() == position + 1);
}

TEST_CASE("edit: while training runs the weights are read, not changed, and the reason stands there") {
  Bench page;
  page.open_tab("##cells");
  page.session().show_untrained_twin(true);
  page.frames(3);
  const std::string hash = rnn::weights_hash(*page.session().project().weights);
  const tests::Item cells = page.item("##cells");
  page.drag(cells.centre(), ImVec2(cells.centre().x, cells.centre().y - 30));
  CHECK(page.ui().weights.row >= 0);
  CHECK(rnn::weights_hash(*page.session().project().weights) == hash);
  CHECK(page.item("Back to before###weight back").disabled);
}

TEST_CASE("edit: the weights of every network can be looked through, also large ones and on a phone") {
  const auto look = [](float w, float h, const std::function<void(rnn::ModelSpec&)>& change) {
    Bench page(w, h, change);
    if (page.touch()) page.app.panels().phone_tab = ui::PhoneTab::Results;
    page.open_tab("##cells");
    const std::vector<ui::TensorView> views = ui::tensor_views(page.session().network());
    std::size_t told = 0;
    for (const ui::TensorView& view : views) {
      const rnn::Tensor& tensor = page.session().network().tensors[static_cast<std::size_t>(view.tensor)];
      told += tensor.size();
      page.ui().weights.tensor = view.tensor;
      page.ui().weights.row = tensor.rows - 1;
      page.ui().weights.col = tensor.cols - 1;
      page.ui().weights.reveal = true;
      page.frames(3);
      CHECK_FALSE(ui::row_name(page.session(), view, tensor.rows - 1).empty());
      CHECK_FALSE(ui::column_name(page.session(), view, tensor.cols - 1).empty());
      CHECK(ui::weight_words(page.session(), view, 0, 0).find(view.label) == 0);
    }
    CHECK(told == page.session().network().parameter_count);  // none is missing, none twice
    return ImGui::GetDrawData()->TotalVtxCount;
  };
  const auto bare = [](rnn::ModelSpec&) {};
  look(1280, 800, bare);
  look(390, 844, bare);
  look(1280, 800, [](rnn::ModelSpec& s) { s.peepholes = true, s.layers = 2; });
  look(1280, 800, [](rnn::ModelSpec& s) { s.directions = rnn::Directions::Both, s.layers = 2; });
  look(1280, 800, [](rnn::ModelSpec& s) { s.cell = rnn::CellKind::Gru, s.layer_norm = true; });
  look(1280, 800, [](rnn::ModelSpec& s) { s.input = rnn::Input::Codons; });
  look(1280, 800, [](rnn::ModelSpec& s) { s.input = rnn::Input::Kmers, s.embedding = 3; });
  look(1280, 800, [](rnn::ModelSpec& s) { s.initial = rnn::InitialState::Learned; });
  // 2048 x 512: only what is in sight is drawn.
  CHECK(look(1280, 800, [](rnn::ModelSpec& s) { s.hidden = 512; }) < 120000);
}

TEST_CASE("edit: names of rows and columns, and the weights that carried what was asked about") {
  Bench page;
  const rnn::Network& network = page.session().network();
  const std::vector<ui::TensorView> views = ui::tensor_views(network);
  const auto of = [&](int tensor) {
    return *std::find_if(views.begin(), views.end(), [&](const auto& v) { return v.tensor == tensor; });
  };
  const ui::TensorView w_x = of(network.layers[0].w_x), w_h = of(network.layers[0].w_h);
  CHECK(ui::row_name(page.session(), w_x, 7) == "f 2");
  CHECK(ui::column_name(page.session(), w_x, 2) == "G");
  CHECK(ui::column_name(page.session(), w_h, 4) == "4");
  CHECK(ui::weight_words(page.session(), w_h, 19, 4) == "Layer 1: W_h, gate o, unit 4, from h of unit 4");
  CHECK(ui::row_name(page.session(), of(network.readout_weight), 0) == page.session().output_names()[0]);
  CHECK(ui::tensor_of(views, 0) == w_h.tensor);
  std::vector<ui::OriginLit> lit(3);
  lit[0] = {0, 2, 1, 17, -1, 1, true};
  lit[1] = {0, 4, -1, 16, 4, -0.5, false};
  lit[2] = {-1, -1, -1, 17, 2, 0.25, false};
  REQUIRE(ui::lit_weights(network, w_h, lit).size() == 1);
  CHECK(ui::lit_weights(network, w_h, lit)[0].row == 7);
  CHECK(ui::lit_weights(network, w_h, lit)[0].col == 4);
  REQUIRE(ui::lit_weights(network, w_x, lit).size() == 1);
  CHECK(ui::lit_weights(network, w_x, lit)[0].col == 2);
  lit[0].asked = false;
  CHECK(ui::lit_weights(network, w_h, lit).empty());
  // Of a logit: the weights of its row of the readout, and its bias.
  const ui::TensorView readout = of(network.readout_weight), bias = of(network.readout_bias);
  lit[0] = {-1, -1, -1, 17, -1, 1, true};
  lit[1] = {0, 4, -1, 17, 4, -0.5, false, 1};
  lit[2] = {-1, -1, -1, 17, -1, 0.25, false, 1, true};
  REQUIRE(ui::lit_weights(network, readout, lit).size() == 1);
  CHECK(ui::lit_weights(network, readout, lit)[0].row == 1);
  CHECK(ui::lit_weights(network, readout, lit)[0].col == 4);
  REQUIRE(ui::lit_weights(network, bias, lit).size() == 1);
  CHECK(ui::lit_weights(network, bias, lit)[0].row + ui::lit_weights(network, bias, lit)[0].col == 1);
  CHECK(ui::lit_weights(network, w_h, lit).empty());
}

TEST_CASE("edit: a logit that is asked about lights its row of the readout") {
  Bench page;
  page.session().go_to(page.session().length());
  page.session().origins().ask_output(rnn::NumberKind::Logit, 1, page.session().length());
  page.frames(3);
  const rnn::Network& network = page.session().network();
  for (const ui::TensorView& view : ui::tensor_views(network)) {
    if (view.kind != ui::TensorKind::Readout) continue;
    const std::vector<ui::LitWeight> found = ui::lit_weights(network, view, page.ui().origin.lit);
    if (view.tensor == network.readout_bias) {
      CHECK(found.size() == 1);
    } else {
      CHECK(found.size() > 1);
      for (const ui::LitWeight& one : found) CHECK(one.row == 1);
    }
  }
}

TEST_CASE("edit: annotation and letters of an edited sequence are drawn however long it has become") {
  Bench page;
  page.paste("id\tsequence\tannotation\na\tACGTACGTAC\tnnxxxxnnnn\nb\tTTACGTTT\tnxxxxnnn\n");
  REQUIRE(page.session().project().model.task == rnn::Task::PositionLabel);
  page.edits().replace(3, 0, std::string(400, 'G'));
  page.frames(3);
  CHECK(page.session().length() == 410);
  io::View view = page.session().project().view;
  view.first = 0;
  view.span = 20;
  page.session().set_view(view);
  page.frames(3);
  page.mouse(page.letter(6));
  page.edits().replace(0, 405, "");
  page.frames(3);
  CHECK(page.session().length() == 5);
  page.edits().restore_letters();
  page.frames(3);
  CHECK(page.letters() == "ACGTACGTAC");
}

TEST_CASE("edit: a saved table has the labels where the edited letters are read") {
  Bench page;
  page.paste("id\tsequence\tannotation\na\tACGTACGTAC\tnnxxxxnnnn\nb\tTTACGTTT\tnxxxxnnn\n");
  page.edits().replace(1, 0, "GG");
  page.frames(3);
  const std::string table = ui::track_tsv(page.session(), page.app.state(), "labels", 1, 12);
  CHECK(table.find("\n1\tA\tn\n2\tG\t.\n3\tG\t.\n4\tC\tn\n5\tG\tx\n") != std::string::npos);
}
