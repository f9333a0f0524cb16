// The whole screen over a real session with its worker, by real mouse and key events, without a GPU.
#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "page.h"

using namespace ribostep;
using tests::Page;

namespace {

bool has(const std::vector<std::string>& all, const char* one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

// Headers tell a tissue, an age and a dose.
std::string with_covariates() {
  std::string text;
  for (int i = 0; i < 12; ++i) {
    text += ">s" + std::to_string(i) + " label=" + (i % 2 ? "x" : "y") +
            " tissue=" + (i % 3 == 0 ? "liver" : "brain") + " age=" + std::to_string(10 + 3 * i) +
            " dose=" + std::to_string(i * i) + "\n" + (i % 2 ? "ACGTACGTTGCA" : "TTGACCATGACA") + "\n";
  }
  return text;
}

std::string many_records(int n) {
  std::string text;
  for (int i = 0; i < n; ++i) {
    text += ">record" + std::to_string(i) + " label=" + "abcdefgh"[i % 8] + "\nACGTACGTAC\n";
  }
  return text;
}

}  // namespace

TEST_CASE("screen: Train asks the worker, and becomes Pause") {
  Page page;
  page.paste(tests::planted_fasta());
  page.posted();
  page.click("Train###train");
  CHECK(has(page.posted(), "worker"));
  CHECK(page.session().training().state == session::TrainingState::Running);
  CHECK(page.shown("Pause###train"));
  page.click("Pause###train");
  CHECK(page.session().training().state == session::TrainingState::Paused);
}

TEST_CASE("screen: the transport steps, and its ends are disabled") {
  Page page;
  page.open_example();
  page.session().go_to(0);
  CHECK(page.item("##back").disabled);
  CHECK_FALSE(page.item("##next").disabled);
  page.click("##next");
  page.click("##next");
  CHECK(page.session().position() == 2);
  page.click("##back");
  CHECK(page.session().position() == 1);
  page.click("##last");
  CHECK(page.session().position() == page.session().length());
  CHECK(page.item("##next").disabled);
  page.click("##first");
  CHECK(page.session().position() == 0);
}

TEST_CASE("screen: keys step by one letter and by a codon, unless a field is being typed in") {
  Page page;
  page.open_example();
  page.session().go_to(0);
  page.key(ImGuiKey_RightArrow);
  CHECK(page.session().position() == 1);
  page.key(ImGuiKey_RightArrow, ImGuiMod_Shift);
  CHECK(page.session().position() == 4);
  page.key(ImGuiKey_LeftArrow);
  CHECK(page.session().position() == 3);
  page.key(ImGuiKey_End);
  CHECK(page.session().position() == page.session().length());
  page.key(ImGuiKey_Home);
  CHECK(page.session().position() == 0);
  page.key(ImGuiKey_DownArrow);
  CHECK(page.session().project().cursor.sequence == 1);
  page.key(ImGuiKey_Space);
  CHECK(page.session().running());
  page.key(ImGuiKey_Space);
  CHECK_FALSE(page.session().running());

  page.click("Sequences");
  page.session().go_to(5);
  page.click("##search");
  page.key(ImGuiKey_RightArrow);
  page.key(ImGuiKey_Home);
  page.type("neg?");
  CHECK(page.session().position() == 5);
  CHECK(page.app.panels().table.search == "neg?");
  CHECK_FALSE(page.app.panels().help_open);
}

TEST_CASE("screen: the question mark opens the keys, Escape closes them") {
  Page page;
  page.open_example();
  page.type("?");
  CHECK(page.app.panels().help_open);
  page.key(ImGuiKey_Escape);
  CHECK_FALSE(page.app.panels().help_open);
  page.click("Examples");
  CHECK(ImGui::IsPopupOpen(nullptr, ImGuiPopupFlags_AnyPopupId | ImGuiPopupFlags_AnyPopupLevel));
  page.key(ImGuiKey_Escape);
  CHECK_FALSE(ImGui::IsPopupOpen(nullptr, ImGuiPopupFlags_AnyPopupId | ImGuiPopupFlags_AnyPopupLevel));
}

TEST_CASE("screen: Share, Open and the editor speak within the click's own frame") {
  Page page;
  page.open_example();
  const std::pair<std::string, const char*> wanted[] = {
      {"Share", "copy"}, {"Open", "pick"}, {"Type or edit...", "editor"}};
  for (const auto& pair : wanted) {
    const ImVec2 at = page.item(pair.first).centre();
    ImGui::GetIO().AddMousePosEvent(at.x, at.y);
    page.frames();
    ImGui::GetIO().AddMouseButtonEvent(0, true);
    page.frames();
    page.posted();
    ImGui::GetIO().AddMouseButtonEvent(0, false);
    page.frames(1);
    CHECK_MESSAGE(has(page.posted(), pair.second), pair.first);
  }
}

TEST_CASE("screen: undo takes back what was typed into a number, in one step") {
  Page page;
  page.paste(tests::planted_fasta());
  const int before = page.session().project().model.hidden;
  REQUIRE(before != 7);
  page.click("##hidden");  // a click without a drag turns the field into text
  page.type("7");
  CHECK(page.session().project().model.hidden == before);  // not before Enter
  page.key(ImGuiKey_Enter);
  CHECK(page.session().project().model.hidden == 7);
  page.key(ImGuiKey_Z, ImGuiMod_Ctrl);
  CHECK(page.session().project().model.hidden == before);
  page.key(ImGuiKey_Y, ImGuiMod_Ctrl);
  CHECK(page.session().project().model.hidden == 7);
}

TEST_CASE("screen: numbers outside their range are clamped, nonsense is refused") {
  Page page;
  page.paste(tests::planted_fasta());
  page.click("##hidden");
  page.type("99999");
  page.key(ImGuiKey_Enter);
  CHECK(page.session().project().model.hidden == 512);
  page.click("##layers");
  page.type("nan");
  page.key(ImGuiKey_Enter);
  CHECK(page.session().project().model.layers == 1);
}

TEST_CASE("screen: what cannot be built is offered disabled") {
  Page page;
  page.paste(">a\nACGTACGT\n>b\nGGTTACAC\n");  // no labels: the next letter is all there is to predict
  REQUIRE(page.session().project().model.task == rnn::Task::NextSymbol);
  page.choose("##directions");
  CHECK(page.item("both directions").disabled);
  CHECK_FALSE(page.item("forward").disabled);
  page.key(ImGuiKey_Escape);
  page.choose("##task");
  CHECK(page.item("label per sequence").disabled);
  CHECK_FALSE(page.item("next symbol").disabled);
}

TEST_CASE("screen: every choice of the model can be made in the panel") {
  Page page = Page::model_page();
  page.paste(with_covariates());
  const auto model = [&]() -> const rnn::ModelSpec& { return page.session().project().model; };
  page.choose("##cell", "LSTM, sigmoid candidate");
  CHECK(model().cell == rnn::CellKind::LstmBounded);
  page.type_into("##layers", "3");
  CHECK(model().layers == 3);
  page.choose("##directions", "both strands, same weights");
  CHECK(model().directions == rnn::Directions::StrandsTied);
  page.click("mean");
  CHECK(model().pool == rnn::Pool::Mean);

  page.click("Cell options");
  page.click("Peepholes##peepholes");
  CHECK(model().peepholes);
  page.click("Layer norm##layer_norm");
  CHECK(model().layer_norm);
  page.type_into("##dropout", "0.25");
  CHECK(model().dropout == 0.25);
  page.choose("##init", "uniform");
  CHECK(model().init == rnn::Initialisation::Uniform);
  page.type_into("##init_range", "0.75");
  CHECK(model().init_range == 0.75);
  page.click("constant");
  page.type_into("##forget_bias_value", "2.5");
  CHECK(model().forget_bias_value == 2.5);
  page.click("chrono");
  page.type_into("##chrono_span", "64");
  CHECK(model().chrono_span == 64);
  page.click("Cell options");
  CHECK_FALSE(page.shown("##chrono_span"));

  page.click("Wiring");
  page.type_into("##dilations1", "3");
  CHECK(model().dilations == std::vector{1, 3, 1});
  page.click("1 2 4 ...##dilations");
  CHECK(model().dilations == std::vector{1, 2, 4});
  page.click("all 1##dilations");
  CHECK(model().dilations.empty());
  page.type_into("##window", "5");
  CHECK(model().window == 5);
  page.click("mean state");
  CHECK(model().window_summary == rnn::Summary::Mean);
  page.choose("##window_carry", "starts anew in each window");
  CHECK_FALSE(model().window_carry);
  page.type_into("##truncate", "6");
  CHECK(model().truncate == 6);
  page.choose("##circular");
  CHECK(page.item("circular: two passes").disabled);  // a cut would open the circle
  page.key(ImGuiKey_Escape);
  page.type_into("##truncate", "0");
  page.choose("##window_carry", "state carries over window ends");
  page.choose("##circular", "circular: until it settles");
  CHECK(model().circular == rnn::Circular::FixedPoint);
  page.type_into("##max_passes", "7");
  CHECK(model().max_passes == 7);
  CHECK(page.item("##truncate").disabled);
  page.click("Wiring");

  page.click("Initial state");
  page.choose("##initial", "learned per class");
  CHECK(model().covariates == std::vector<std::string>{"tissue"});
  page.choose("##initial", "encoder");
  CHECK(model().covariates == std::vector<std::string>{"age"});
  page.click("dose##covariatesdose");
  CHECK(model().covariates == std::vector<std::string>{"age", "dose"});
  CHECK(page.item("tissue##covariatestissue").disabled);
  page.type_into("##encoder_units", "3");
  CHECK(model().encoder_units == 3);
  page.click("Initial state");

  page.choose("##directions", "both directions");
  page.click("Input");
  page.choose("##input");
  CHECK(page.item("real values").disabled);
  page.click("k-mers");
  CHECK(model().input == rnn::Input::Kmers);
  page.type_into("##kmer", "2");
  CHECK(model().kmer == 2);
  page.type_into("##embedding", "4");
  CHECK(model().embedding == 4);
  CHECK(rnn::problem(model()).empty());
}

TEST_CASE("screen: windows offer the layer they need") {
  Page page = Page::model_page();
  page.paste(tests::planted_fasta());
  REQUIRE(page.session().project().model.layers == 1);
  page.click("Wiring");
  CHECK(page.item("##window").disabled);
  page.click("Add a layer##window");
  CHECK(page.session().project().model.layers == 2);
  CHECK_FALSE(page.item("##window").disabled);
}

TEST_CASE("screen: every setting of training can be made in the panel") {
  Page page = Page::model_page();
  page.paste(tests::planted_fasta());
  page.app.panels().phone_tab = ui::PhoneTab::Train;
  const auto settings = [&] { return page.session().train_settings(); };
  page.click("More settings");
  page.choose("##optimiser", "SGD, Nesterov");
  CHECK(settings().optimiser == rnn::OptimiserKind::Nesterov);
  page.type_into("##momentum", "0.8");
  CHECK(settings().momentum == 0.8);
  page.click("steps");
  CHECK(settings().schedule == rnn::Schedule::Step);
  page.type_into("##step_epochs", "4");
  CHECK(settings().step_epochs == 4);
  page.type_into("##step_factor", "0.1");
  CHECK(settings().step_factor == 0.1);
  page.click("cosine");
  CHECK(settings().schedule == rnn::Schedule::Cosine);
  page.type_into("##warmup", "9");
  CHECK(settings().warmup == 9);
  page.click("Class weights##class_weights");
  CHECK(settings().class_weights);
  CHECK(page.item("Rotate examples##random_rotation").disabled);
  page.type_into("##validation_fraction", "25");
  CHECK(settings().validation_fraction == 0.25);
  page.click("Train###train");
  CHECK(page.item("##batch_size").disabled);
  CHECK_FALSE(page.item("##learning_rate").disabled);
}

TEST_CASE("screen: no control of the panels is wider than a narrow column") {
  for (const float width : {300.0f, 390.0f}) {
    Page page = Page::model_page(width);
    page.paste(with_covariates());
    page.type_into("##layers", "8");
    for (const char* section : {"Cell options", "Wiring", "Initial state", "Input"}) page.click(section);
    page.choose("##initial", "encoder");
    page.choose("##cell", "LSTM, bounded memory");
    page.frames(2);
    int seen = 0;
    for (const auto& drawn : tests::drawn_items()) {
      const std::string& label = drawn.first;
      const tests::Item& item = drawn.second;
      if (item.window.find("##phone") == std::string::npos) continue;
      ++seen;
      CHECK_MESSAGE(item.max.x <= width, label);
      CHECK_MESSAGE(item.min.x >= 0, label);
    }
    CHECK(seen > 20);
  }
}

TEST_CASE("screen: the help has a page about models") {
  Page page;
  page.open_example();
  page.type("?");
  page.click("Models");
  CHECK(page.app.panels().help_models);
  CHECK(page.app.panels().help_open);
  page.frames(2);
  page.click("Keys");
  CHECK_FALSE(page.app.panels().help_models);
}

TEST_CASE("screen: one class only is offered negatives") {
  Page page;
  page.paste(">a label=x\nACGTACGT\n>b label=x\nGGTTACAC\n");
  REQUIRE(page.session().labels().classes.size() == 1);
  page.click("Make negatives");
  CHECK(page.session().labels().classes.size() == 2);
  page.frames(2);
  CHECK_FALSE(page.shown("Make negatives"));
}

TEST_CASE("screen: the theme button tells the page, and the browser remembers") {
  Page page;
  page.open_example();
  page.posted();
  page.click("##theme");
  const std::vector<session::Message> out = page.app.take_outbox();
  bool told = false, saved = false;
  for (const session::Message& m : out) {
    told = told || (m.type() == "theme" && m.head["mode"] == "light");
    saved = saved || (m.type() == "save" && m.head["key"] == "ui" && m.body.size() > 10);
  }
  CHECK(told);
  CHECK(saved);
}

TEST_CASE("screen: draws without data, on every size, in every tab") {
  for (const auto& [w, h] : {std::pair{1280.0f, 800.0f},
                             {1920.0f, 1080.0f},
                             {820.0f, 500.0f},
                             {390.0f, 844.0f},
                             {200.0f, 90.0f}}) {
    Page page(w, h);
    for (int tab = 0; tab < 6; ++tab) {
      page.app.panels().phone_tab = static_cast<ui::PhoneTab>(tab);
      page.app.panels().bottom_tab = static_cast<ui::BottomTab>(tab % 3);
      page.app.panels().show_bottom_tab = true;
      page.frames(2);
    }
    CHECK(ImGui::GetDrawData()->TotalVtxCount > 0);
  }
}

TEST_CASE("screen: draws a large set, and sorts it once, not once per frame") {
  constexpr int kRecords = 20000;
  Page page;
  page.paste(many_records(kRecords));
  REQUIRE(page.session().data().size() == kRecords);
  page.click("Sequences");
  page.frames(2);
  const ui::TableState& table = page.app.panels().table;
  CHECK(table.order.size() == kRecords);
  const int builds = table.builds;
  page.frames(10);
  CHECK(table.builds == builds);
  page.app.panels().table.sort = ui::Column::Name;
  page.app.panels().table.ascending = false;
  page.app.panels().table.apply_sort = true;
  page.frames(3);
  CHECK(table.builds == builds + 1);
  CHECK(table.order.front() == 9999);  // "record9999" is the last by name
  CHECK(table.sort == ui::Column::Name);
  page.click("##search");
  page.type("record123");
  CHECK(table.order.size() == 111);  // 123, 1230-1239, 12300-12399
  page.session().select_sequence(12345);
  page.frames(3);
  CHECK(ImGui::GetDrawData()->TotalVtxCount < 200000);  // rows out of sight are not drawn
}

TEST_CASE("screen: the toolbar fits its width") {
  for (const float width : {390.0f, 820.0f, 900.0f, 1040.0f, 1180.0f, 1280.0f, 1920.0f}) {
    Page page(width, 800);
    page.open_example();
    page.frames(2);
    std::vector<tests::Item> row;
    for (const auto& drawn : tests::drawn_items()) {
      const std::string& label = drawn.first;
      const tests::Item& item = drawn.second;
      if (item.window != "##root" || item.max.y > 110 || label.find("split") != std::string::npos) continue;
      CHECK_MESSAGE(item.max.x <= width, label, " at width ", width);
      row.push_back(item);
    }
    CHECK(row.size() >= 12);
    for (std::size_t i = 0; i < row.size(); ++i) {
      for (std::size_t j = i + 1; j < row.size(); ++j) {
        const bool apart = row[i].max.x <= row[j].min.x || row[j].max.x <= row[i].min.x ||
                           row[i].max.y <= row[j].min.y || row[j].max.y <= row[i].min.y;
        CHECK_MESSAGE(apart, "two controls overlap at width ", width, ", x ", row[i].min.x);
      }
    }
  }
}

TEST_CASE("screen: cross-validation runs from the page and shows its figure") {
  Page page;
  page.paste(tests::planted_fasta());
  rnn::TrainConfig config = page.session().train_settings();
  config.max_epochs = 2;
  page.session().set_train(config);
  page.app.panels().folds = 4;
  page.click("Results");
  page.click("Cross-validate###cv");
  page.worker.settle();
  page.frames(3);
  REQUIRE(page.session().cross_validation().available);
  CHECK(page.session().cross_validation().folds == 4);
  CHECK(page.shown("Cross-validate again###cv"));
}
