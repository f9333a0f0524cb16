// Conditions through the Session: verbs by name, hits that follow the run on screen, breakpoints of the
// running cursor, names of units, undo.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "session/conditions.h"
#include "session_fixture.h"

using namespace ribostep;
using tests::Fixture;
using tests::planted_fasta;

namespace {

struct Run : Fixture {
  session::Conditions& conditions = session.conditions();
  Run() {
    paste(planted_fasta());
    rnn::ModelSpec spec = session.project().model;
    spec.cell = rnn::CellKind::Lstm;
    spec.hidden = 6;
    session.set_model(spec);
    worker.settle();
  }
  void verb(nlohmann::json head) {
    head["type"] = "verb";
    session.receive({std::move(head), {}});
  }
  void add(const std::string& text) { verb({{"verb", "add_condition"}, {"text", text}}); }
  std::vector<int> direct(float above, int unit) {
    std::vector<int> out;
    for (int p = 1; p <= session.length(); ++p)
      if (session.trace()->layers[0].h(p - 1, unit) > above) out.push_back(p);
    return out;
  }
  int motif_end() const { return static_cast<int>(session.letters().find("TATAAT")) + 6; }
  // Lets the cursor run by itself until it stops; the position.
  int run() {
    session.set_running(true);
    for (int i = 0; i < 10000 && session.running(); ++i) session.update(now += 0.05, 1);
    return session.position();
  }
  double now = 1000;
};

}  // namespace

TEST_CASE("conditions: a breakpoint on a motif stops the running cursor at the motif's last letter") {
  Run r;
  REQUIRE(r.motif_end() > 6);
  r.add("seq ~ TATAAT");
  REQUIRE(r.conditions.list().size() == 1);
  CHECK(r.run() == r.motif_end());
  CHECK(r.session.status().text.find("seq ~ TATAAT") != std::string::npos);
  CHECK(r.conditions.words(0) == "hit 1 of 1");
  CHECK(r.run() == r.session.length());  // and then on to the end
  // However fast it runs, it does not run over it.
  r.session.go_to(0);
  r.session.set_run_speed(2000);
  CHECK(r.run() == r.motif_end());
  r.verb({{"verb", "set_condition"}, {"index", 0}, {"stops", false}});
  r.session.go_to(0);
  CHECK(r.run() == r.session.length());
}

TEST_CASE("conditions: hits are those of the run on screen, and follow weights, letters and sequence") {
  Run r;
  r.add("h[3] > 0.01");
  CHECK(r.conditions.hits(0).ready);
  CHECK(r.conditions.hits(0).hits == r.direct(0.01f, 3));
  const auto before = r.conditions.hits(0).hits;
  r.session.new_start();
  r.worker.settle();
  CHECK(r.conditions.hits(0).hits == r.direct(0.01f, 3));
  CHECK(r.conditions.hits(0).hits != before);
  r.session.select_sequence(1);
  r.worker.settle();
  CHECK(r.conditions.hits(0).hits == r.direct(0.01f, 3));
  r.add("seq ~ CCCCCC");
  CHECK(r.conditions.count(1) == 0);
  r.verb({{"verb", "replace_letters"}, {"position", 4}, {"count", 6}, {"letters", "CCCCCC"}});
  r.worker.settle();
  const auto& hits = r.conditions.hits(1).hits;
  CHECK(std::find(hits.begin(), hits.end(), 9) != hits.end());
  CHECK(r.conditions.hits(0).hits == r.direct(0.01f, 3));
  r.session.undo();
  r.worker.settle();
  CHECK(r.conditions.count(1) == 0);
}

TEST_CASE("conditions: next and previous hit walk along one condition or all, and say where there is none") {
  Run r;
  r.add("pos = 10");
  r.add("pos = 20 or pos = 30");
  r.verb({{"verb", "set_condition"}, {"index", 1}, {"stops", false}});
  std::vector<int> walked;
  for (int i = 0; i < 3; ++i) {
    r.verb({{"verb", "next_hit"}});
    walked.push_back(r.session.position());
  }
  CHECK(walked == std::vector<int>{10, 20, 30});
  CHECK(r.conditions.words(1) == "hit 2 of 2");
  CHECK(r.conditions.words(0) == "1 hit");
  r.verb({{"verb", "next_hit"}});
  CHECK(r.session.position() == 30);
  CHECK(r.session.status().text.find("the last one is at 30") != std::string::npos);
  r.verb({{"verb", "previous_hit"}, {"index", 0}});
  CHECK(r.session.position() == 10);
  r.verb({{"verb", "previous_hit"}});
  CHECK(r.session.status().text.find("the first one is at 10") != std::string::npos);
  CHECK(r.conditions.count() == 3);
  // Neither a stop nor a mark: only asked for by number.
  r.verb({{"verb", "set_condition"}, {"index", 1}, {"marks", false}, {"watched", true}});
  CHECK(r.conditions.next_hit(10) == -1);
  CHECK(r.conditions.next_hit(10, 1) == 20);
}

TEST_CASE("conditions: running to the next breakpoint jumps there") {
  Run r;
  r.verb({{"verb", "run_to_hit"}});
  CHECK(r.session.status().text.find("there is no breakpoint") != std::string::npos);
  r.add("codon = stop & frame = 0 or pos = 37");
  r.verb({{"verb", "run_to_hit"}});
  CHECK(r.session.position() == r.conditions.hits(0).hits.at(0));
  while (r.session.position() < 37) r.verb({{"verb", "run_to_hit"}});
  CHECK(r.session.position() == 37);
  r.verb({{"verb", "run_to_hit"}});
  CHECK(r.session.position() == 37);
  CHECK(r.session.status().text.find("no breakpoint is hit") != std::string::npos);
}

TEST_CASE("conditions: every run stops where a number is no longer finite, without being asked to") {
  Run r;
  const int tensor = r.session.network().layers[0].w_x;
  // An infinite weight comes from nowhere but a broken file or training; states overflow by way of c.
  rnn::ModelSpec spec = r.session.project().model;
  spec.cell = rnn::CellKind::ElmanRelu;
  r.session.set_model(spec);
  r.worker.settle();
  for (int row = 0; row < 6; ++row)
    for (int col = 0; col < 4; ++col)
      r.verb({{"verb", "set_weight"}, {"tensor", tensor}, {"row", row}, {"column", col}, {"value", 3e38}});
  for (int row = 0; row < 6; ++row)
    for (int col = 0; col < 6; ++col)
      r.verb({{"verb", "set_weight"},
              {"tensor", r.session.network().layers[0].w_h},
              {"row", row},
              {"column", col},
              {"value", 3}});
  r.worker.settle();
  int first = 0;
  for (int p = r.session.length(); p >= 1; --p)
    for (int j = 0; j < 6; ++j)
      if (!std::isfinite(r.session.trace()->layers[0].h(p - 1, j))) first = p;
  REQUIRE(first > 0);
  CHECK(r.run() == first);
  CHECK(r.session.status().severity == Severity::Warning);
  CHECK(r.run() == r.session.length());  // told once
}

TEST_CASE("conditions: what is refused stays out, with the reason, and the mirror keeps the text") {
  Run r;
  r.add("h[6] > 0");
  CHECK(r.conditions.list().empty());
  CHECK(r.session.status().severity == Severity::Error);
  CHECK(r.session.status().text.find("units go from 0 to 5") != std::string::npos);
  const auto section = [&] {
    const nlohmann::json all = r.session.mirror();
    for (const auto& one : all.at("sections"))
      if (one.at("id") == "conditions") return one;
    return nlohmann::json();
  };
  CHECK(section().at("inputs")[0].at("value") == "h[6] > 0");
  CHECK(section().at("inputs")[0].at("error").get<std::string>().find("no unit 6") != std::string::npos);
  r.add("h[5] > 0");
  CHECK_FALSE(section().at("inputs")[0].contains("error"));
  CHECK(section().at("table")[1][0] == "h[5] > 0");
  r.add("h[5] > 0");
  CHECK(r.conditions.list().size() == 1);
  r.verb({{"verb", "set_condition"}, {"index", 0}, {"text", "h[9] > 0"}});
  CHECK(r.conditions.list()[0].text == "h[5] > 0");
  r.verb({{"verb", "remove_condition"}, {"index", 7}});
  r.verb({{"verb", "set_condition"}, {"index", -3}, {"on", false}});
  CHECK(r.conditions.list().size() == 1);
  for (int i = 0; i < 40; ++i) r.add("pos = " + std::to_string(i + 1));
  CHECK(r.conditions.list().size() == io::kMaxConditions);
}

TEST_CASE("conditions: undo and redo") {
  Run r;
  r.add("pos = 10");
  r.verb({{"verb", "set_condition"}, {"index", 0}, {"text", "pos = 12"}});
  CHECK(r.conditions.hits(0).hits == std::vector<int>{12});
  r.session.undo();
  r.worker.settle();
  CHECK(r.conditions.list()[0].text == "pos = 10");
  CHECK(r.conditions.hits(0).hits == std::vector<int>{10});
  r.session.undo();
  CHECK(r.conditions.list().empty());
  r.session.redo();
  r.session.redo();
  r.worker.settle();
  CHECK(r.conditions.hits(0).hits == std::vector<int>{12});
  const auto before = r.conditions.list().size();
  r.verb({{"verb", "remove_condition"}, {"index", 0}, {"text", "another one"}});
  CHECK(r.conditions.list().size() == before);
  r.verb({{"verb", "remove_condition"}, {"index", 0}});
  CHECK(r.conditions.list().empty());
  CHECK(r.conditions.next_hit(0) == -1);
}

TEST_CASE("conditions: a watched one has its value at every position, and a quantity is only watched") {
  Run r;
  const auto revision = r.session.tracks_revision();
  r.add("h[2] - h[1]");
  REQUIRE(r.conditions.list().size() == 1);
  CHECK(r.session.tracks_revision() != revision);
  CHECK(r.conditions.list()[0].watched);
  CHECK_FALSE(r.conditions.list()[0].stops);
  const auto& found = r.conditions.hits(0);
  REQUIRE(found.values.size() == static_cast<std::size_t>(r.session.length()) + 1);
  const rnn::LayerTrace& l = r.session.trace()->layers[0];
  CHECK(found.values[7] == l.h(6, 2) - l.h(6, 1));
  CHECK(found.low == *std::min_element(found.values.begin(), found.values.end()));
  CHECK(found.high == *std::max_element(found.values.begin(), found.values.end()));
  CHECK(found.hits.empty());
  CHECK(r.conditions.words(0) == "watched");
  r.add("pos > 12");
  CHECK(r.conditions.hits(1).values.empty());
  r.verb({{"verb", "set_condition"}, {"index", 1}, {"watched", true}});
  CHECK(r.conditions.hits(1).values.at(12) == 0);
  CHECK(r.conditions.hits(1).values.at(13) == 1);
}

TEST_CASE("conditions: another model makes them fit or not, without losing them") {
  Run r;
  r.add("h[5] > 0");
  r.add("f[1] < 0.5");
  rnn::ModelSpec spec = r.session.project().model;
  spec.hidden = 4;
  spec.cell = rnn::CellKind::Gru;
  r.session.set_model(spec);
  r.worker.settle();
  CHECK(r.conditions.list().size() == 2);
  CHECK(r.conditions.words(0).find("units go from 0 to 3") != std::string::npos);
  CHECK(r.conditions.words(1).find("it has h r z n") != std::string::npos);
  CHECK(r.conditions.next_hit(0) == -1);
  CHECK(r.run() == r.session.length());
  r.session.undo();
  r.worker.settle();
  CHECK(r.conditions.hits(0).hits == r.direct(0, 5));
}

TEST_CASE("conditions: a unit's name stands in the sentence, and conditions follow when it changes") {
  Run r;
  r.verb({{"verb", "name_unit"}, {"layer", 0}, {"unit", 2}, {"name", "frame counter"}});
  CHECK(r.conditions.unit_name(0, 2) == "frame counter");
  CHECK(r.conditions.unit_label(0, 2) == "unit 2 \"frame counter\"");
  CHECK(r.conditions.unit_label(0, 1) == "unit 1");
  r.add("frame counter > 0.01 and f[frame counter] > 0");
  CHECK(r.conditions.hits(0).hits == r.direct(0.01f, 2));
  r.verb({{"verb", "name_unit"}, {"layer", 0}, {"unit", 2}, {"name", "box"}});
  CHECK(r.conditions.list()[0].text == "box > 0.01 and f[box] > 0");
  CHECK(r.conditions.hits(0).hits == r.direct(0.01f, 2));
  bool told = false;
  for (int p = 1; p <= r.session.length(); ++p) {
    r.session.go_to(p);
    told = told || r.session.step_sentence().find("unit 2 \"box\" ") != std::string::npos;
  }
  CHECK(told);
  for (const char* bad : {"h", "frame", "a[b]", "3"}) {
    r.verb({{"verb", "name_unit"}, {"layer", 0}, {"unit", 1}, {"name", bad}});
    CHECK(r.conditions.unit_name(0, 1).empty());
  }
  r.verb({{"verb", "name_unit"}, {"layer", 0}, {"unit", 1}, {"name", "BOX"}});
  CHECK(r.session.status().text.find("another one has this name") != std::string::npos);
  r.verb({{"verb", "name_unit"}, {"layer", 0}, {"unit", 60}, {"name", "far"}});
  CHECK(r.session.status().severity == Severity::Error);
  r.verb({{"verb", "name_unit"}, {"layer", 0}, {"unit", 2}, {"name", ""}});
  CHECK(r.conditions.list()[0].text == "h[2] > 0.01 and f[2] > 0");
  r.session.undo();
  r.worker.settle();
  CHECK(r.conditions.unit_name(0, 2) == "box");
  CHECK(r.conditions.list()[0].text == "box > 0.01 and f[box] > 0");
}

TEST_CASE("conditions: a long run is computed in slices, and a breakpoint does not wait for them") {
  Run r;
  std::string text = ">long\n";
  for (int i = 0; i < 12000; ++i) text += "ACGT"[(i * 7 + i / 5) % 4];
  r.paste(text + "\n");
  REQUIRE(r.session.length() == 12000);
  REQUIRE(r.session.trace() != nullptr);
  r.add("h[0] > -2 and pos > 11000");
  CHECK_FALSE(r.conditions.hits(0).ready);
  CHECK(r.conditions.has_work());
  CHECK(r.conditions.first_stop(10998, 11100) == 11001);
  int slices = 0;
  while (r.conditions.has_work() && slices < 100) {
    r.conditions.work_slice();
    ++slices;
  }
  CHECK(slices == 3);
  CHECK(r.conditions.count(0) == 1000);
  CHECK(r.conditions.hits(0).hits.front() == 11001);
  CHECK(r.conditions.rank(11500, 0) == 500);
}

TEST_CASE("conditions: presets fit the model and the data") {
  Run r;
  const auto presets = r.conditions.presets();
  CHECK(presets.size() >= 7);
  for (const auto& preset : presets) {
    CHECK(r.conditions.check(preset.text).ok());
    CHECK(preset.text != "label changes");  // these data have none
  }
  Fixture empty;
  const bool nothing = !empty.session.has_data() && empty.session.conditions().check("pos = 1").ok();
  CHECK_FALSE(nothing);
}

TEST_CASE("conditions: they survive the link") {
  Run r;
  r.add("seq ~ TATAAT & p(motif) > 0");
  r.verb({{"verb", "set_condition"}, {"index", 0}, {"watched", true}, {"stops", false}});
  r.verb({{"verb", "name_unit"}, {"layer", 0}, {"unit", 3}, {"name", "box"}});
  const std::string link = r.session.share_fragment(io::WeightsAs::Float32);
  Fixture other;
  other.session.open_fragment(link);
  other.worker.settle();
  REQUIRE(other.session.conditions().list().size() == 1);
  CHECK(other.session.conditions().list() == r.conditions.list());
  CHECK(other.session.conditions().hits(0).hits == r.conditions.hits(0).hits);
  CHECK(other.session.conditions().unit_name(0, 3) == "box");
}

TEST_CASE("conditions: a breakpoint about states is not run past while they are computed") {
  Run r;
  r.add("h[3] > -2");  // at every position
  std::string letters;
  for (int i = 0; i < 30000; ++i) letters += "ACGTTGCA"[(i * i + i / 7) % 8];
  r.verb({{"verb", "replace_letters"}, {"position", 1}, {"count", 1}, {"letters", letters}});
  REQUIRE(r.session.length() > 30000);
  REQUIRE((r.session.trace() == nullptr || r.session.trace()->length != r.session.length()));
  r.session.go_to(0);
  r.verb({{"verb", "run_to_hit"}});
  CHECK(r.session.position() == 0);
  CHECK(r.session.status().text.find("still being computed") != std::string::npos);
  r.session.step(0);
  r.verb({{"verb", "next_hit"}});
  CHECK(r.session.position() == 0);
  CHECK(r.session.status().text.find("still being computed") != std::string::npos);
  r.session.set_run_speed(2000);
  r.session.set_running(true);
  for (int i = 0; i < 5; ++i) r.session.update(r.now += 0.05, 0);
  CHECK(r.session.running());
  CHECK(r.session.position() == 0);
  r.worker.settle();
  REQUIRE(r.session.trace() != nullptr);
  for (int i = 0; i < 100 && r.session.running(); ++i) r.session.update(r.now += 0.05, 1);
  CHECK_FALSE(r.session.running());
  CHECK(r.session.position() == 1);
}

TEST_CASE("conditions: what costs more than a frame has is computed in slices") {
  Run r;
  std::string letters;
  for (int i = 0; i < 2000; ++i) letters += "ACGTTGCA"[(i * i + i / 7) % 8];
  r.paste(">a\n" + letters + "\n>b\n" + letters + "\n");
  r.worker.settle();
  REQUIRE(r.session.length() == 2000);
  std::string sum = "|dh|";
  for (int i = 0; i < 40; ++i) sum += "+|dh|";
  r.add(sum + " > 0.5");
  REQUIRE(r.conditions.list().size() == 1);
  CHECK_FALSE(r.conditions.hits(0).ready);
  CHECK(r.conditions.has_work());
  r.add("pos = 7");
  r.worker.settle();
  CHECK(r.conditions.hits(0).ready);
  CHECK(r.conditions.hits(1).hits == std::vector<int>{7});
}
