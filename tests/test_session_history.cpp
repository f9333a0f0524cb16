// The time machine through the Session and its worker: checkpoints of exactly the weights of their updates,
// looking back while training goes on, going on from there to the same bits, runs that are kept.
#include <doctest/doctest.h>

#include <algorithm>

#include "io/encoding.h"
#include "session/history.h"
#include "session_fixture.h"

using namespace ribostep;
using session::History;
using tests::Fixture;
using tests::planted_fasta;

namespace {

constexpr int kEpochs = 40;  // of 16 records in minibatches of 8: 2 updates each

// A small network on the planted records, trained to the end.
struct Machine : Fixture {
  explicit Machine(bool train = true) {
    paste(planted_fasta());
    rnn::ModelSpec spec = session.project().model;
    spec.hidden = 5;
    session.set_model(spec);
    rnn::TrainConfig config = session.train_settings();
    config.batch_size = 8;
    config.max_epochs = kEpochs;
    session.set_train(config);
    worker.settle();
    if (train) this->train();
  }
  void train() {
    session.train();
    worker.settle();
  }
  History& past() { return session.history(); }
  // The weights after so many updates, trained here from the recipe.
  std::vector<float> direct(std::int64_t updates) const {
    const io::Project& p = session.project();
    const experiment::Prepared prepared = experiment::prepare(p.data.set, p.label_rule);
    rnn::Trainer trainer(
        rnn::make_network(p.model),
        experiment::training_material(prepared, p.model, p.train, p.seed).training, p.train, p.seed,
        p.start_weights ? std::span<const float>(*p.start_weights) : std::span<const float>());
    std::size_t next = 0;
    const auto change = [&] {
      while (next < p.changes.size() && p.changes[next].update <= trainer.updates())
        trainer.change(p.changes[next++]);
    };
    change();
    while (trainer.updates() < updates) {
      trainer.update();
      change();
    }
    return {trainer.parameters().begin(), trainer.parameters().end()};
  }
  std::vector<float> shown() const { return {session.weights().begin(), session.weights().end()}; }
  void verb(nlohmann::json head) {
    head["type"] = "verb";
    session.receive({std::move(head), {}});
  }
  bool said(const char* words) {
    for (const session::Status& status : worker.take_said())
      if (status.text.find(words) != std::string::npos) return true;
    return session.status().text.find(words) != std::string::npos;
  }
};

}  // namespace

TEST_CASE("checkpoints from 0 on hold the weights of exactly their updates, and the trace follows") {
  Machine m;
  REQUIRE(m.past().present() == 80);
  const std::vector<std::int64_t> kept = m.past().kept();
  REQUIRE(kept.size() == 80);  // every update of so short a run, and the last is the project's own
  CHECK(kept.front() == 0);
  CHECK(kept.back() == 79);
  CHECK_FALSE(m.past().visiting());
  const std::vector<float> last = m.shown();
  const std::string hash = m.hash();
  for (const std::int64_t update : {0, 1, 37, 79, 16}) {
    const std::uint64_t serial = m.session.trace_serial();
    m.past().visit(update);
    CHECK(m.past().visiting());
    CHECK(m.past().update_shown() == update);
    CHECK(m.session.trace_serial() > serial);  // at once: nothing to wait for
    CHECK(m.shown() == m.direct(update));
    CHECK(m.hash() == hash);  // the project is where it was
  }
  CHECK(m.past().visit_words() == "showing update 16 of 80");
  CHECK(m.past().memory_words().find("81 checkpoints, every update, 0.") == 0);
  CHECK(m.past().memory_words().find(" of 64 MB") != std::string::npos);
  m.past().leave();
  CHECK_FALSE(m.past().visiting());
  CHECK(m.shown() == last);
}

TEST_CASE("earlier and later go from one to the next, and end at the last update") {
  Machine m;
  m.verb({{"verb", "earlier"}});
  CHECK(m.past().update_shown() == 79);
  m.verb({{"verb", "earlier"}});
  CHECK(m.past().update_shown() == 78);
  m.verb({{"verb", "later"}});
  CHECK(m.past().update_shown() == 79);
  m.verb({{"verb", "later"}});
  CHECK_FALSE(m.past().visiting());
  m.verb({{"verb", "later"}});
  CHECK_FALSE(m.past().visiting());
  m.verb({{"verb", "visit"}, {"update", 0}});
  m.verb({{"verb", "earlier"}});
  CHECK(m.past().update_shown() == 0);
  m.verb({{"verb", "visit"}, {"update", 1e12}});
  CHECK_FALSE(m.past().visiting());
  m.verb({{"verb", "visit"}, {"update", 12}});
  m.verb({{"verb", "leave_visit"}});
  CHECK_FALSE(m.past().visiting());
}

TEST_CASE("where there is nothing to look back at, the reason and a remedy are said") {
  Machine m(false);
  CHECK(m.past().kept().empty());
  m.past().visit(3);
  CHECK(m.said("press Train"));
  m.past().go_on_from_here();
  CHECK(m.said("choose an earlier one"));
  m.past().keep("");
  CHECK(m.said("no run to keep yet"));
  m.past().replay_with("learning_rate", 0.1);
  CHECK(m.said("press Train first"));
}

TEST_CASE("training goes on while an earlier update is on show") {
  Machine m(false);
  m.session.train();
  while (m.past().kept().empty()) m.worker.pump(0.01);  // the first news comes with the first update
  REQUIRE(m.session.training().state == session::TrainingState::Running);
  m.past().visit(0);
  CHECK(m.past().visit_words().find("training goes on") != std::string::npos);
  const std::uint64_t serial = m.session.trace_serial();
  const std::vector<float> shown = m.shown();
  m.worker.settle();
  CHECK(m.past().present() == 80);
  CHECK(m.past().update_shown() == 0);
  CHECK(m.shown() == shown);
  CHECK(m.session.trace_serial() == serial);  // no snapshot made it anew for nothing
  m.past().leave();
  CHECK(m.shown() == m.direct(80));
}

TEST_CASE("going on from an earlier update: a project like any other, the same bits again, undone") {
  Machine m;
  const std::string end = m.hash();
  const std::size_t evaluations = m.session.training().evaluations.size();
  m.past().visit(37);
  m.verb({{"verb", "go_on_from_here"}});
  m.worker.settle();
  CHECK_FALSE(m.past().visiting());
  CHECK(m.session.project().updates == 37);
  CHECK(*m.session.project().weights == m.direct(37));
  CHECK(m.session.training().updates == 37);
  CHECK(m.session.training().curve.size() == 37);
  CHECK(m.session.training().evaluations.size() == 19);  // of epochs 0 to 18
  CHECK(m.session.training().planned == 80);
  CHECK(m.session.training().state == session::TrainingState::Paused);
  CHECK(m.past().kept().back() == 36);
  SUBCASE("trained on, it comes to the bits of the run that was never interrupted") {
    m.train();
    CHECK(m.session.project().updates == 80);
    CHECK(m.hash() == end);
    CHECK(m.past().kept().size() == 80);
  }
  SUBCASE("undone") {
    m.session.undo();
    m.worker.settle();
    CHECK(m.session.project().updates == 80);
    CHECK(m.hash() == end);
    CHECK(m.session.training().evaluations.size() == evaluations);
    CHECK(m.past().kept().size() == 80);  // nothing was thrown away
  }
  SUBCASE("another learning rate from there on: another way, whose checkpoints are its own") {
    const std::vector<float> at_60 = m.direct(60);
    rnn::TrainConfig config = m.session.train_settings();
    config.learning_rate = 0.002;
    m.session.set_train(config);
    m.train();
    CHECK(m.session.project().updates == 80);
    CHECK(m.hash() != end);
    m.past().visit(37);
    CHECK(m.shown() == m.direct(37));
    m.past().visit(60);
    CHECK(m.past().update_shown() == 60);
    CHECK(m.shown() == m.direct(60));
    CHECK_FALSE(m.shown() == at_60);
    // The tail that was left is beside it.
    REQUIRE(m.past().runs().size() == 1);
    CHECK(m.past().runs()[0].updates == 80);
    CHECK(m.past().runs()[0].weights_hash == end);
  }
  SUBCASE("from the very start") {
    m.past().visit(0);
    m.past().go_on_from_here();
    CHECK(m.session.project().updates == 0);
    CHECK(m.session.training().state == session::TrainingState::Idle);
    m.train();
    CHECK(m.hash() == end);
  }
}

TEST_CASE("a setting changed on the way: kept where it was reached, dropped where it was not") {
  Machine m(false);
  constexpr std::int64_t at = 10;
  for (std::int64_t i = 0; i < at; ++i) {
    m.session.train_once();
    m.worker.settle();
  }
  rnn::TrainConfig config = m.session.train_settings();
  config.learning_rate = 0.05;
  m.session.set_train(config);
  m.worker.settle();
  m.train();
  const std::string end = m.hash();
  for (const std::int64_t update : {at - 1, at, at + 3}) {
    CAPTURE(update);
    m.past().visit(update);
    CHECK(m.shown() == m.direct(update));
    m.past().go_on_from_here();
    m.worker.settle();
    CHECK(m.session.project().changes.size() == (update < at ? 0u : 1u));
    if (update >= at) {
      m.train();
      CHECK(m.hash() == end);
    }
    m.session.undo();
    if (update >= at) m.session.undo();
    m.worker.settle();
    CHECK(m.hash() == end);
    CHECK(m.past().kept().back() == 79);
  }
}

TEST_CASE("a link with a recipe brings the whole history; one with weights does so behind the scenes") {
  Machine m;
  for (const io::WeightsAs as : {io::WeightsAs::Recipe, io::WeightsAs::Float32}) {
    Fixture other(m.session.share_fragment(as));
    CHECK(other.hash() == m.hash());
    History& past = other.session.history();
    CHECK(past.kept() == m.past().kept());
    past.visit(41);
    CHECK(std::equal(other.session.weights().begin(), other.session.weights().end(), m.direct(41).begin()));
  }
}

TEST_CASE("checkpoints that are not here are brought back") {
  Machine m;
  const std::string end = m.hash();
  // The worker dies; so do the checkpoints of a page that is opened anew from its autosave, but for the
  // replay.
  m.past().keep_checkpoints(false);
  m.session.reset();
  m.session.undo();
  m.past().keep_checkpoints(true);
  m.past().bring_back();
  m.worker.settle();
  CHECK(m.hash() == end);
  CHECK(m.past().kept().size() == 80);
}

TEST_CASE("several workers send the same checkpoints") {
  Machine m(false);
  m.worker.set_cores(4);
  m.session.set_workers(3);
  m.train();
  CHECK(m.past().kept().size() == 80);
  for (const std::int64_t update : {3, 44}) {
    m.past().visit(update);
    CHECK(m.shown() == m.direct(update));
  }
}

TEST_CASE("undo, another model and other data keep what belongs to them apart") {
  Machine m;
  const std::vector<float> at_30 = m.direct(30);
  m.past().visit(30);
  m.session.reset();
  m.worker.settle();
  CHECK_FALSE(m.past().visiting());
  CHECK(m.past().kept().empty());
  m.session.undo();
  m.worker.settle();
  m.past().visit(30);
  CHECK(m.shown() == at_30);
  rnn::ModelSpec spec = m.session.project().model;
  spec.hidden = 4;
  m.session.set_model(spec);
  m.worker.settle();
  CHECK_FALSE(m.past().visiting());
  CHECK(m.past().kept().empty());
  m.train();
  m.past().visit(30);
  CHECK(m.shown() == m.direct(30));
  m.session.undo();
  m.session.undo();
  m.worker.settle();
  m.past().visit(30);
  CHECK(m.shown() == at_30);
}

TEST_CASE("the twin and a visit replace each other") {
  Machine m;
  m.past().visit(12);
  m.session.show_untrained_twin(true);
  m.worker.settle();
  CHECK(m.shown() == m.direct(0));
  m.past().visit(12);
  CHECK_FALSE(m.session.showing_untrained_twin());
  CHECK(m.shown() == m.direct(12));
}

TEST_CASE("more epochs: never more checkpoints than there is room for, and the worker is told") {
  Machine m(false);
  rnn::TrainConfig config = m.session.train_settings();
  config.max_epochs = 80;  // 160 updates: every one of them
  m.session.set_train(config);
  m.train();
  CHECK(m.past().kept().size() == 160);
  m.train();  // as many again
  CHECK(m.session.project().updates == 320);
  CHECK(m.past().checkpoint_distance() == 2);
  CHECK(m.past().kept().size() == 160);
  m.past().visit(201);
  CHECK(m.past().update_shown() == 200);
  CHECK(m.shown() == m.direct(200));
}

// ---- runs

TEST_CASE("runs are kept by name, renamed, removed, all undone") {
  Machine m;
  m.verb({{"verb", "keep_run"}, {"name", "small"}});
  REQUIRE(m.past().runs().size() == 1);
  const io::KeptRun& run = m.past().runs()[0];
  CHECK(run.name == "small");
  CHECK(run.updates == 80);
  CHECK(run.weights_hash == m.hash());
  CHECK(run.curve.size() == kEpochs + 1);
  CHECK(run.curve.back().update == 80);
  CHECK(run.curve.back().train_loss ==
        doctest::Approx(m.session.training().evaluations.back().train_loss).epsilon(1e-3));  // 4 digits
  m.past().keep("small");
  CHECK(m.past().runs().size() == 1);
  m.verb({{"verb", "rename_run"}, {"index", 0}, {"name", "tiny"}});
  CHECK(m.past().name_of(0) == "tiny");
  m.session.undo();
  CHECK(m.past().name_of(0) == "small");
  m.verb({{"verb", "remove_run"}, {"index", 0}});
  CHECK(m.past().runs().empty());
  m.session.undo();
  CHECK(m.past().runs().size() == 1);
  m.verb({{"verb", "remove_run"}, {"index", 7}});
  CHECK(m.said("no such run"));
  m.session.undo();
  CHECK(m.past().runs().empty());
}

TEST_CASE("a run that is left is kept by itself, once, and few of them") {
  Machine m;
  m.session.reset();
  REQUIRE(m.past().runs().size() == 1);
  CHECK(m.past().runs()[0].name.empty());
  CHECK(m.past().name_of(0) == "run 1");
  m.worker.settle();
  m.train_to(8);
  m.session.reset();  // the way to a run that is there already
  CHECK(m.past().runs().size() == 1);
  m.session.train_once();  // less than an epoch
  m.worker.settle();
  m.session.new_start();
  CHECK(m.past().runs().size() == 1);
  for (int i = 0; i < 8; ++i) {
    m.train_to(5);
    m.session.new_start();
    m.worker.settle();
  }
  CHECK(m.past().runs().size() == 6);
  CHECK(m.past().runs()[0].seed > 2);  // the oldest are gone
}

TEST_CASE("a kept run is opened: its weights are trained again to the same bits") {
  Machine m;
  const std::string first = m.hash();
  m.past().keep("one");
  rnn::ModelSpec spec = m.session.project().model;
  spec.hidden = 3;
  m.session.set_model(spec);
  rnn::TrainConfig config = m.session.train_settings();
  config.learning_rate = 0.003;
  m.session.set_train(config);
  m.session.set_seed(5);
  m.worker.settle();
  m.train();
  const std::string second = m.hash();
  CHECK(m.past().differences_of(0) == "hidden units 5, learning rate 0.01, seed 1");
  CHECK(m.past().differences() == "hidden units 3 / 5, learning rate 0.003 / 0.01, seed 5 / 1");
  m.past().show(0, false);
  CHECK(m.past().differences() == "the same settings");
  m.verb({{"verb", "open_run"}, {"index", 0}});
  m.worker.settle();
  CHECK(m.hash() == first);
  CHECK(m.said("bit for bit"));
  CHECK(m.session.project().updates == 80);
  REQUIRE(m.past().runs().size() == 2);  // the one that was left, too
  CHECK(m.past().runs()[1].weights_hash == second);
  m.session.undo();
  m.worker.settle();
  CHECK(m.hash() == second);
  CHECK(m.past().runs().size() == 1);
}

TEST_CASE("a run that went on from other weights stays as a curve and says why") {
  Machine m;
  rnn::TrainConfig config = m.session.train_settings();
  config.batch_size = 4;
  m.session.set_train(config);  // a new leg
  m.worker.settle();
  REQUIRE(m.session.project().start_weights != nullptr);
  m.train();
  m.past().visit(10);
  CHECK(m.shown() == m.direct(10));
  m.past().keep("leg");
  CHECK_FALSE(m.past().runs().back().from_start);
  m.past().open(static_cast<int>(m.past().runs().size()) - 1);
  CHECK(m.said("cannot be trained again"));
  m.past().replay_with("learning_rate", 0.5);  // but the present one can: its start is here
  m.worker.settle();
  CHECK(*m.session.project().weights == m.direct(m.session.project().updates));
  CHECK(m.session.project().train.learning_rate == 0.5);
}

TEST_CASE("the same run with one setting changed") {
  Machine m;
  const std::string before = m.hash();
  m.verb({{"verb", "replay_with"}, {"key", "learning_rate"}, {"value", 0.003}});
  m.worker.settle();
  CHECK(m.said("the same run with learning rate 0.003: validation loss "));
  CHECK(m.session.project().updates == 80);
  CHECK(m.session.project().seed == 1);
  CHECK(m.session.project().train.learning_rate == 0.003);
  CHECK(m.hash() != before);
  CHECK(*m.session.project().weights == m.direct(80));
  CHECK(m.session.training().evaluations.size() == kEpochs + 1);
  CHECK(m.past().kept().size() == 80);
  REQUIRE(m.past().runs().size() == 1);
  CHECK(m.past().runs()[0].weights_hash == before);
  CHECK(m.past().differences() == "learning rate 0.003 / 0.01");
  m.session.undo();
  m.worker.settle();
  CHECK(m.hash() == before);
  CHECK(m.past().kept().size() == 80);  // of that run, still here
  SUBCASE("nothing changed") {
    m.past().replay_with("learning_rate", 0.01);
    CHECK(m.said("choose another value"));
    CHECK(m.hash() == before);
  }
  SUBCASE("no such setting") {
    m.past().replay_with("hidden", 3);
    CHECK(m.said("no setting of training"));
  }
  SUBCASE("as a form says it") {
    m.verb({{"verb", "replay_with"}, {"optimiser", "sgd"}});
    m.worker.settle();
    CHECK(m.session.project().train.optimiser == rnn::OptimiserKind::Sgd);
    CHECK(m.session.project().updates == 80);
  }
}

TEST_CASE("kept runs are part of the project: link and file bring them") {
  Machine m;
  m.past().keep("one");
  m.session.reset();
  m.worker.settle();
  Fixture other(m.session.share_fragment(io::WeightsAs::Recipe));
  REQUIRE(other.session.history().runs().size() == 1);
  const io::KeptRun &a = m.past().runs()[0], &b = other.session.history().runs()[0];
  CHECK(a.name == b.name);
  CHECK(a.curve == b.curve);
  CHECK(a.weights_hash == b.weights_hash);
  CHECK(b.updates == 80);
  other.session.history().open(0);
  other.worker.settle();
  CHECK(other.hash() == a.weights_hash);
}

// ---- the map

TEST_CASE("the map of positions and updates is what the traces of its checkpoints say") {
  Machine m;
  CHECK(m.past().map().updates.empty());
  for (int i = 0; i < 20000 && (m.past().map().planned == 0 ||
                                static_cast<int>(m.past().map().updates.size()) < m.past().map().planned);
       ++i) {
    m.past().want_map();
    m.worker.pump();
  }
  const session::TimeMap& map = m.past().map();
  REQUIRE(map.planned == 80);
  REQUIRE(map.updates == m.past().kept());
  REQUIRE(map.positions == 40);
  for (const int row : {0, 33, 79}) {
    m.past().visit(map.updates[static_cast<std::size_t>(row)]);
    const rnn::Trace& trace = *m.session.trace();
    for (int t = 0; t < 40; ++t)
      for (int k = 0; k < 2; ++k) CHECK(map.p(row, t, k) == trace.p(trace.row_of(t), k));
  }
  m.session.select_sequence(1);
  m.past().want_map();
  CHECK(m.past().map().updates.empty());
  // Half made, and everything else is another: another network, then none of these updates at all.
  for (int i = 0; i < 5; ++i) m.worker.pump();
  rnn::ModelSpec spec = m.session.project().model;
  spec.hidden = 9;
  m.session.set_model(spec);
  while (m.past().has_work()) m.past().work_slice();
  m.worker.settle();
  m.past().want_map();
  CHECK(m.past().map().updates.empty());
}

TEST_CASE("the map forgets a run that began with other weights") {
  Machine m;
  const auto make = [&] {
    for (int i = 0; i < 20000; ++i) {
      m.past().want_map();
      m.worker.pump();
      const session::TimeMap& map = m.past().map();
      if (map.planned > 0 && static_cast<int>(map.updates.size()) == map.planned) break;
    }
  };
  make();
  REQUIRE(m.past().map().updates == m.past().kept());
  m.verb({{"verb", "set_weight"},
          {"tensor", m.session.network().layers[0].w_x},
          {"row", 0},
          {"column", 0},
          {"value", 1.5}});
  m.worker.settle();
  m.train();
  make();
  const session::TimeMap& map = m.past().map();
  REQUIRE(map.updates == m.past().kept());
  for (const std::size_t row : {std::size_t{0}, map.updates.size() / 2}) {
    m.past().visit(map.updates[row]);
    m.worker.settle();
    const rnn::Trace& trace = *m.session.trace();
    CHECK(map.p(static_cast<int>(row), 20, 0) == trace.p(trace.row_of(20), 0));
  }
}

TEST_CASE("an interrupted replay is not reported as done") {
  Machine m;
  m.past().replay_with("learning_rate", 0.003);
  m.session.cancel_job();
  m.worker.settle();
  m.worker.take_said();
  m.train();
  CHECK_FALSE(m.said("the same run with"));
}

TEST_CASE("kept runs with long names in any script are read again") {
  Machine m;
  std::string name = "a";
  while (name.size() < 119) name += "\xC3\xA9";
  name += "\xE2\x82\xAC";  // three bytes across the limit of 120
  m.past().keep(name);
  CHECK(m.past().runs()[0].name.size() == 119);
  m.past().rename(0, "\xE2\x82\xAC" + name);
  CHECK(m.past().runs()[0].name.size() == 120 - (120 - 4) % 2);
  Fixture other(m.session.share_fragment(io::WeightsAs::Recipe));
  REQUIRE(other.session.history().runs().size() == 1);
  CHECK(other.session.history().runs()[0].name == m.past().runs()[0].name);
}

TEST_CASE("the mirror tells where one is and what runs there are") {
  Machine m;
  m.past().keep("one");
  m.past().visit(20);
  nlohmann::json sections = nlohmann::json::array();
  m.past().mirror(sections);
  REQUIRE(sections.size() == 1);
  const std::string text = sections.dump();
  CHECK(text.find("showing update 20 of 80") != std::string::npos);
  CHECK(text.find("stay those of update 80") != std::string::npos);
  CHECK(text.find("Open one") != std::string::npos);
  CHECK(sections[0]["table"][1][0] == "one");
}
