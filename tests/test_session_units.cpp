// Units through the Session and its worker: what is asked by which verb, what comes back, when it is stale,
// what is refused, and the space of states of the sequence on screen.
#include <doctest/doctest.h>

#include <cmath>

#include "session/units.h"
#include "session_fixture.h"
#include "unit_networks.h"

using namespace ribostep;
using nlohmann::json;
using tests::Fixture;
using tests::planted_fasta;

namespace {

void verb(Fixture& f, json head) {
  head["type"] = "verb";
  f.session.receive({std::move(head), {}});
}

void choose(Fixture& f, rnn::CellKind cell, int hidden = 5, int layers = 1) {
  rnn::ModelSpec spec = f.session.project().model;
  spec.cell = cell;
  spec.hidden = hidden;
  spec.layers = layers;
  f.session.set_model(spec);
  f.worker.settle();
}

bool same(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

const json* section(const json& mirror, const std::string& id) {
  for (const json& s : mirror["sections"])
    if (s["id"] == id) return &s;
  return nullptr;
}

}  // namespace

TEST_CASE("read_unit brings what the reader finds, and the mirror tells it") {
  Fixture f;
  f.paste(planted_fasta());
  choose(f, rnn::CellKind::Lstm);
  f.train_to(5);
  verb(f, {{"verb", "read_unit"},
           {"layer", 0},
           {"unit", 3},
           {"what", "f"},
           {"peak", "rise"},
           {"width", 8},
           {"windows", 7},
           {"motif", "TATAAT"}});
  CHECK(f.session.units().reading_busy());
  CHECK(f.session.units().reading() == nullptr);
  f.worker.settle();
  CHECK_FALSE(f.session.units().reading_busy());
  const experiment::UnitReading* found = f.session.units().reading();
  REQUIRE(found != nullptr);

  const experiment::Prepared prepared =
      experiment::prepare(f.session.project().data.set, f.session.project().label_rule);
  const rnn::ModelSpec& spec = f.session.project().model;
  experiment::UnitQuestion question;
  question.of = {0, 3, experiment::UnitValue::Gate, rnn::gate_index(spec.cell, 'f')};
  question.peak = experiment::Peak::Rise;
  question.width = 8;
  question.windows = 7;
  question.words = {"TATAAT"};
  question.seed = f.session.project().seed;
  experiment::UnitReader reader(prepared, spec, *f.session.project().weights,
                                tests::start_of(spec, f.session.project().seed), question);
  while (!reader.run(1 << 20)) {
  }
  const experiment::UnitReading direct = reader.take();
  CHECK(found->question.of == question.of);
  REQUIRE(found->windows.size() == 7);
  for (std::size_t i = 0; i < 7; ++i) {
    CHECK(found->windows[i].record == direct.windows[i].record);
    CHECK(found->windows[i].position == direct.windows[i].position);
    CHECK(found->windows[i].letters == direct.windows[i].letters);
    CHECK(found->windows[i].value == direct.windows[i].value);
  }
  REQUIRE(found->relations.size() == direct.relations.size());
  for (std::size_t i = 0; i < found->relations.size(); ++i) {
    CHECK(found->relations[i].what == direct.relations[i].what);
    CHECK(same(found->relations[i].trained, direct.relations[i].trained));
    CHECK(same(found->relations[i].shuffled, direct.relations[i].shuffled));
    CHECK(same(found->relations[i].untrained, direct.relations[i].untrained));
    CHECK(same(found->relations[i].chance, direct.relations[i].chance));
  }
  CHECK(found->logo.share == direct.logo.share);
  CHECK(found->conclusion == direct.conclusion);

  const json mirror = f.session.mirror();
  const json* told = section(mirror, "unit");
  REQUIRE(told != nullptr);
  CHECK((*told)["lines"].dump().find("f[3]") != std::string::npos);
  CHECK((*told)["lines"].back() == found->conclusion);
  CHECK((*told)["table"].size() == found->relations.size() + 1);
  REQUIRE(section(mirror, "unit_windows") != nullptr);
  CHECK((*section(mirror, "unit_windows"))["table"][1][3] == found->windows[0].letters);
}

TEST_CASE("words of conditions are looked for as well") {
  Fixture f;
  f.paste(planted_fasta());
  io::Project project = f.session.project();
  project.debugging.conditions.push_back({"seq ~ TATAWAW and h[0] > 0"});
  f.session.open_project(io::to_json(project, {}).dump());
  f.worker.settle();
  REQUIRE(f.session.project().debugging.conditions.size() == 1);
  verb(f, {{"verb", "read_unit"}, {"unit", 0}});
  f.worker.settle();
  REQUIRE(f.session.units().reading() != nullptr);
  CHECK(f.session.units().reading()->question.words == std::vector<std::string>{"TATAWAW"});
}

TEST_CASE("an answer is stale when the weights move on, and goes with the model or the data") {
  Fixture f;
  f.paste(planted_fasta());
  verb(f, {{"verb", "read_unit"}, {"unit", 1}});
  verb(f, {{"verb", "probe_memory"}, {"lags", 5}});
  f.worker.settle();
  REQUIRE(f.session.units().reading() != nullptr);
  REQUIRE(f.session.units().probed() != nullptr);
  CHECK(f.session.units().probed()->trained.size() == 6);
  CHECK(f.session.units().reading()->conclusion.find("more than the untrained") == std::string::npos);
  CHECK_FALSE(f.session.units().reading_stale());
  f.train_to(3);
  CHECK(f.session.units().reading_stale());
  CHECK(f.session.units().probe_stale());
  CHECK((*section(f.session.mirror(), "probe"))["lines"].dump().find("moved on") != std::string::npos);
  verb(f, {{"verb", "read_unit"}, {"unit", 1}});
  f.worker.settle();
  CHECK_FALSE(f.session.units().reading_stale());
  SUBCASE("model") { choose(f, rnn::CellKind::Gru); }
  SUBCASE("data") { f.paste(">a label=x\nACGTTAGA\n>b label=y\nTTGACATT\n"); }
  CHECK(f.session.units().reading() == nullptr);
  CHECK(f.session.units().probed() == nullptr);
}

TEST_CASE("cancel, another question, and a worker that stops") {
  Fixture f;
  f.paste(planted_fasta());
  verb(f, {{"verb", "read_unit"}, {"unit", 1}});
  SUBCASE("cancel") {
    verb(f, {{"verb", "cancel_unit"}});
    CHECK_FALSE(f.session.units().reading_busy());
    f.worker.settle();
    CHECK(f.session.units().reading() == nullptr);
  }
  SUBCASE("the newest question wins") {
    verb(f, {{"verb", "read_unit"}, {"unit", 2}});
    f.worker.settle();
    REQUIRE(f.session.units().reading() != nullptr);
    CHECK(f.session.units().reading()->question.of.unit == 2);
  }
  SUBCASE("a foreground job that is cancelled leaves it be") {
    f.session.predict();
    f.session.cancel_job();
    f.worker.settle();
    CHECK(f.session.units().reading() != nullptr);
  }
  SUBCASE("the worker stops") {
    f.session.receive({{{"type", "worker_failed"}, {"message", "out of memory"}}, {}});
    CHECK_FALSE(f.session.units().reading_busy());
    CHECK(f.session.units().reading_failure().find("ask again") != std::string::npos);
  }
  SUBCASE("a model that no longer has the unit") {
    choose(f, rnn::CellKind::Gru, 1);
    f.worker.settle();
    CHECK_FALSE(f.session.units().reading_busy());
    CHECK(f.session.units().reading() == nullptr);
  }
}

TEST_CASE("what cannot be read is refused with a reason and what to do") {
  Fixture f;
  f.paste(planted_fasta());
  verb(f, {{"verb", "read_unit"}, {"unit", 4000}});
  CHECK(f.session.status().severity == Severity::Error);
  CHECK(f.session.status().text.find("choose another") != std::string::npos);
  verb(f, {{"verb", "read_unit"}, {"unit", 0}, {"what", "q"}});
  CHECK(f.session.status().text.find("no such unit") != std::string::npos);
  verb(f, {{"verb", "read_unit"}, {"unit", 0}, {"motif", "HELLO!"}});
  CHECK(f.session.status().text.find("HELLO!") != std::string::npos);
  verb(f, {{"verb", "probe_memory"}, {"layer", 7}});
  CHECK(f.session.status().text.find("no such layer") != std::string::npos);
  CHECK_FALSE(f.session.units().reading_busy());
  CHECK_FALSE(f.session.units().probe_busy());
  session::Session empty;
  CHECK(empty.units().obstacle().find("load sequences") != std::string::npos);
  CHECK(empty.units().space_obstacle().find("load sequences") != std::string::npos);
  // Series have no letters to recover, but units that read values.
  f.paste("id\tposition\tlevel\na\t1\t0.5\na\t2\t0.25\na\t3\t1\na\t4\t0.5\n");
  if (f.session.data().channels() > 0) {
    verb(f, {{"verb", "probe_memory"}});
    CHECK(f.session.status().text.find("no letters") != std::string::npos);
    verb(f, {{"verb", "read_unit"}, {"unit", 0}});
    f.worker.settle();
    REQUIRE(f.session.units().reading() != nullptr);
    CHECK(f.session.units().reading()->relations.front().what == "level");
  }
}

TEST_CASE("the space of states is of the trace on screen, and costs nothing until it is wanted") {
  Fixture f;
  f.paste(planted_fasta());
  choose(f, rnn::CellKind::Lstm, 6, 2);
  CHECK(f.session.units().space() == nullptr);
  verb(f, {{"verb", "state_space"}});
  f.worker.settle();
  const session::SpaceView* view = f.session.units().space();
  REQUIRE(view != nullptr);
  CHECK(view->layer == 1);
  CHECK(view->trace == f.session.trace_serial());
  const rnn::LayerTrace& layer = f.session.trace()->layers[1];
  const experiment::StateSpace direct =
      experiment::state_space(experiment::state_rows(layer, false), layer.initial_h);
  CHECK(view->space.path == direct.path);
  CHECK(view->step_of(0) == -1);
  CHECK(view->step_of(3) == 2);
  CHECK(view->position_of(2) == 3);

  // Not trained: the twin is the same network, in its own axes and in these.
  REQUIRE(f.session.units().twin_own() != nullptr);
  REQUIRE(f.session.units().twin_in_axes() != nullptr);
  CHECK(f.session.units().twin_own()->variance == direct.variance);
  f.train_to(4);
  f.worker.settle();
  view = f.session.units().space();
  REQUIRE(view != nullptr);
  CHECK(view->trace == f.session.trace_serial());
  CHECK(view->space.path != direct.path);
  REQUIRE(f.session.units().twin_own() != nullptr);
  CHECK(f.session.units().twin_own()->path == direct.path);
  REQUIRE(f.session.units().twin_in_axes() != nullptr);
  CHECK(f.session.units().twin_in_axes()->axes == view->space.axes);

  const json mirror = f.session.mirror();
  REQUIRE(section(mirror, "state_space") != nullptr);
  CHECK((*section(mirror, "state_space"))["table"].size() == 4);

  SUBCASE("another layer, or c") {
    verb(f, {{"verb", "state_space"}, {"layer", 0}, {"cell", true}});
    f.worker.settle();
    REQUIRE(f.session.units().space() != nullptr);
    const rnn::LayerTrace& below = f.session.trace()->layers[0];
    CHECK(f.session.units().space()->space.path ==
          experiment::state_space(experiment::state_rows(below, true), below.initial_c).path);
  }
  SUBCASE("held axes stay for another sequence") {
    const std::vector<double> axes = view->space.axes;
    verb(f, {{"verb", "hold_axes"}, {"on", true}});
    f.session.select_sequence(3);
    f.worker.settle();
    REQUIRE(f.session.units().space() != nullptr);
    CHECK(f.session.units().space()->record == 3);
    CHECK(f.session.units().space()->space.axes == axes);
    CHECK(f.session.units().space()->held);
    verb(f, {{"verb", "hold_axes"}, {"on", false}});
    f.worker.settle();
    REQUIRE(f.session.units().space() != nullptr);
    CHECK(f.session.units().space()->space.axes != axes);
  }
  SUBCASE("the twin itself on screen has none beside it") {
    f.session.show_untrained_twin(true);
    f.worker.settle();
    REQUIRE(f.session.units().space() != nullptr);
    CHECK(f.session.units().space()->space.path == direct.path);
    CHECK(f.session.units().twin_obstacle().find("on screen") != std::string::npos);
  }
  SUBCASE("an edited letter changes it, and the twin's, from there on") {
    const std::vector<float> before = f.session.units().twin_own()->path;
    const char letter = f.session.letters()[20];
    verb(f, {{"verb", "mutate"}, {"position", 21}, {"letter", letter == 'A' ? "C" : "A"}});
    f.worker.settle();
    REQUIRE(f.session.units().twin_own() != nullptr);
    CHECK(f.session.units().twin_own()->path != before);
  }
  SUBCASE("switched off") {
    verb(f, {{"verb", "state_space"}, {"on", false}});
    f.train_to(6);
    const session::SpaceView* old = f.session.units().space();
    CHECK((old == nullptr || old->trace != f.session.trace_serial()));
  }
}

TEST_CASE("codons: a step stands for three letters") {
  Fixture f;
  f.paste(planted_fasta());
  rnn::ModelSpec spec = f.session.project().model;
  spec.input = rnn::Input::Codons;
  f.session.set_model(spec);
  f.session.units().want_space(true);
  verb(f, {{"verb", "read_unit"}, {"unit", 0}});
  verb(f, {{"verb", "probe_memory"}, {"lags", 4}});
  f.worker.settle();
  const session::SpaceView* view = f.session.units().space();
  REQUIRE(view != nullptr);
  CHECK(view->space.steps == 13);
  CHECK(view->position_of(0) == 3);
  CHECK(view->step_of(3) == 0);
  CHECK(view->step_of(40) == 12);
  REQUIRE(f.session.units().reading() != nullptr);
  for (const auto& w : f.session.units().reading()->windows) CHECK(w.position % 3 == 0);
  REQUIRE(f.session.units().probed() != nullptr);
  CHECK(f.session.units().probed()->tested[0] > 0);
}
