// What the results tables and the figures under Train say in words, and what a click there starts.
#include <doctest/doctest.h>
#include <imgui_internal.h>

#include <string>

#include "headless.h"
#include "items.h"
#include "ui/results_panel.h"
#include "ui/train_metrics.h"

using namespace ribostep;

namespace {

// A panel over a session, and what it draws as text.
struct Results {
  tests::Fixture f;
  tests::Headless screen;
  ui::PanelState state;
  std::vector<session::Message> outbox;
  explicit Results(ImVec2 size = ImVec2(1000, 700)) : screen(size) { tests::watch_items(); }

  template <class Draw>
  std::string words(Draw draw) {
    std::string text;
    for (int i = 0; i < 3; ++i)  // tables take two frames to find their widths
      screen.frame([&] {
        tests::drawn_items().clear();
        ImGui::LogToBuffer();
        ui::Panel p{f.session, state, ui::theme(false), screen.fonts, outbox};
        draw(p);
        text = ImGui::GetCurrentContext()->LogBuffer.c_str();
        ImGui::LogFinish();
      });
    return text;
  }
  std::string results() {
    return words([](ui::Panel& p) { ui::draw_results(p, ImGui::GetContentRegionAvail()); });
  }
  std::string metrics() {
    return words([](ui::Panel& p) { ui::draw_train_metrics(p); });
  }
  void click(const std::string& label) {
    results();
    REQUIRE_MESSAGE(tests::drawn_items().count(label) > 0, label);
    const ImVec2 at = tests::drawn_items()[label].centre();
    ImGui::GetIO().AddMousePosEvent(at.x, at.y);
    results();
    ImGui::GetIO().AddMouseButtonEvent(0, true);
    results();
    ImGui::GetIO().AddMouseButtonEvent(0, false);
    results();
    ImGui::GetIO().AddMousePosEvent(-1, -1);  // a tooltip would end what is written down
  }
  void train(int updates) {
    f.train_to(updates);
    f.session.predict();
    f.worker.settle();
  }
};

bool has(const std::string& text, const char* words) { return text.find(words) != std::string::npos; }

}  // namespace

TEST_CASE("results: cross-validation as a table of figures, one left out at a time") {
  for (const float width : {1000.0f, 380.0f}) {
    Results r(ImVec2(width, 900));
    r.f.paste(tests::planted_fasta());
    rnn::TrainConfig config = r.f.session.train_settings();
    config.max_epochs = 1;
    r.f.session.set_train(config);
    r.f.worker.settle();
    CHECK_FALSE(has(r.results(), "MCC"));
    r.click("leave one out");
    CHECK(r.state.leave_one_out);
    r.click("Cross-validate###cv");
    r.f.worker.settle();
    REQUIRE(r.f.session.cross_validation().available);
    CHECK(r.f.session.cross_validation().folds == 20);
    const std::string text = r.results();
    for (const std::string words : {"balanced", "MCC", "AUROC", "AUPRC", "this network", "majority class",
                                    "leave one out, 20 folds", "true \\ predicted"})
      CHECK_MESSAGE(has(text, words.c_str()), words, " at width ", width, "\n", text);
  }
}

TEST_CASE("results: predictions of the next symbol show perplexity beside a Markov chain's") {
  Results r;
  std::string text;
  for (int i = 0; i < 10; ++i)
    text += ">s" + std::to_string(i) + "\nACGTTGCAACGTACGATTGACCA" + "ACGT"[i % 4] + "ACGT"[i / 4] + "\n";
  r.f.paste(text);
  REQUIRE(r.f.session.project().model.task == rnn::Task::NextSymbol);
  r.train(3);
  r.state.result = ui::ResultKind::Predictions;
  const std::string shown = r.results();
  for (const std::string words : {"perplexity", "bits", "Markov chain of order 3", "letter frequencies"})
    CHECK_MESSAGE(has(shown, words.c_str()), words, "\n", shown);
  CHECK_FALSE(has(shown, "AUROC"));
  const std::string metrics = r.metrics();
  CHECK_MESSAGE((has(metrics, "perplexity") && has(metrics, "bits") && !has(metrics, "loss")), metrics);
}

TEST_CASE("results: what is not defined is a dash, and the rate of a schedule is shown") {
  Results r;
  r.f.paste(tests::planted_fasta());
  rnn::TrainConfig config = r.f.session.train_settings();
  config.validation_fraction = 0.4;
  config.learning_rate = 0.9;
  config.warmup = 100'000;
  r.f.session.set_train(config);
  r.train(5);
  r.state.result = ui::ResultKind::Predictions;
  CHECK(has(r.results(), "\u2013"));  // the majority class has no correlation
  const float rate = r.f.session.training().curve.back().learning_rate;
  CHECK(rate < 0.1f);
  const std::string metrics = r.metrics();
  CHECK_MESSAGE(has(metrics, " of 0.9"), metrics);
  CHECK(has(metrics, "loss"));
}
