// Several workers train one network: the same bits whoever computes, whatever comes late or never. Frames are
// carried between real WorkerServices, as a browser carries them between its threads.
#include <doctest/doctest.h>

#include <algorithm>
#include <deque>
#include <functional>

#include "bio/reader.h"
#include "io/encoding.h"
#include "session/worker_team.h"
#include "session_fixture.h"

using namespace ribostep;
using session::Message;
using tests::Fixture;

namespace {

std::string letters(int records, int length, bool circular_labels = false) {
  std::string text;
  std::uint32_t state = 4711;
  const auto next = [&] { return (state = state * 1664525u + 1013904223u) >> 24u; };
  for (int i = 0; i < records; ++i) {
    std::string one;
    for (int t = 0; t < length + i % 5; ++t) one += "ACGT"[next() % 4];
    const int kind = circular_labels ? i % 3 : i % 2;
    if (kind == 1) one.replace(next() % 8, 6, "TATAAT");
    text += ">s" + std::to_string(i) + " label=" + std::string(1, static_cast<char>('a' + kind)) + "\n" +
            one + "\n";
  }
  return text;
}

// A clock that moves when it is looked at, by as much as a test says.
struct FakeClock {
  static double now, step;
  static double look() { return now += step; }
  FakeClock() {
    now = 1000;
    step = 0.1;
  }
};
double FakeClock::now = 0;
double FakeClock::step = 0;

// A worker, its helpers and the messages on their way between them.
struct Ring {
  FakeClock clock;
  session::WorkerService main;
  std::array<std::optional<session::WorkerService>, 3> helpers;
  std::deque<Message> answers;  // of helpers, not yet delivered
  std::vector<Message> to_page;
  int started = 0, stopped = 0;
  bool hold = false;  // answers stay where they are
  std::function<bool(int, const Message&)> reaches = [](int, const Message&) { return true; };

  io::Project project;
  Ring() {
    bio::ReadResult read = bio::read(letters(60, 20));
    project.data.set = std::make_shared<const bio::Dataset>(std::move(read.data));
    project.data.content_hash = project.data.set->content_hash();
    project.model.hidden = 5;
    project.model =
        experiment::fitted(project.model, experiment::prepare(project.data.set, project.label_rule));
    project.train.batch_size = 16;
    project.train.max_epochs = 4;
  }
  void start(int run, int workers, bool train = true) {
    main.receive({{{"type", "dataset"}, {"hash", project.data.content_hash}}, project.data.set->pack()});
    io::Project bare = project;
    main.receive({{{"type", "run"},
                   {"run", run},
                   {"project", io::to_json(bare, {io::WeightsAs::Recipe, false})},
                   {"train", train},
                   {"once", false},
                   {"workers", workers}},
                  {}});
    carry();
  }
  void carry() {
    for (Message& message : main.take_outbox()) {
      const int number = message.head.value("helper", -1);
      if (message.type() == "helper") {
        auto& helper = helpers[static_cast<std::size_t>(number)];
        if (!helper) {
          helper.emplace();
          ++started;
        }
        const auto inner = session::decode(message.body);
        REQUIRE(inner);
        if (reaches(number, *inner)) helper->receive(*inner);
      } else if (message.type() == "helper_stop") {
        helpers[static_cast<std::size_t>(number)].reset();
        ++stopped;
      } else {
        to_page.push_back(std::move(message));
      }
    }
  }
  // One slice of everybody; false: nobody had anything to do.
  bool turn() {
    bool more = main.run(5, &FakeClock::look);
    carry();
    for (auto& helper : helpers) {
      if (!helper) continue;
      more = helper->run(5, &FakeClock::look) || more;
      for (const Message& message : helper->take_outbox()) {
        answers.push_back(*session::decode(session::encode(message)));
        more = true;
      }
    }
    if (!hold) more = deliver() || more;
    return more;
  }
  bool deliver() {
    const bool any = !answers.empty();
    for (const Message& message : std::exchange(answers, {})) main.receive(message);
    carry();
    return any;
  }
  void settle() {
    for (int i = 0; turn(); ++i) REQUIRE(i < 100'000);
  }
  const Message* snapshot() const {
    const auto at = std::find_if(to_page.rbegin(), to_page.rend(),
                                 [](const Message& m) { return m.type() == "snapshot"; });
    return at == to_page.rend() ? nullptr : &*at;
  }
  std::string hash() const {
    REQUIRE(snapshot() != nullptr);
    const std::size_t bytes = rnn::make_network(project.model).parameter_count * sizeof(float);
    return rnn::weights_hash(*io::floats_from(std::span(snapshot()->body).first(bytes)));
  }
  std::int64_t updates() const {
    return snapshot() ? snapshot()->head.value("updates", std::int64_t{-1}) : 0;
  }
  int most_workers() const {
    int most = 0;
    for (const Message& m : to_page) most = std::max(most, m.head.value("workers", 0));
    return most;
  }
  // Until all helpers have said that they are ready.
  void start_ready(int run, int workers) {
    start(run, workers, false);
    main.receive({{{"type", "once"}, {"run", run}}, {}});
    settle();
  }
  void go_on(int run) { main.receive({{{"type", "continue"}, {"run", run}}, {}}); }
  void pause(int run) { main.receive({{{"type", "pause"}, {"run", run}}, {}}); }
  // Until a helper's answer of this round is on its way and held.
  void until_answered() {
    hold = true;
    for (int i = 0; answers.empty(); ++i) {
      REQUIRE(i < 1000);
      turn();
    }
  }
};

std::string alone() {
  Ring ring;
  ring.start(1, 1);
  ring.settle();
  CHECK(ring.started == 0);
  return ring.hash();
}

}  // namespace

TEST_CASE("team: one to four workers make the same bits, for many kinds of network") {
  struct Kind {
    const char* name;
    void (*set)(rnn::ModelSpec&, rnn::TrainConfig&);
  };
  const Kind kinds[] = {
      {"lstm", [](rnn::ModelSpec&, rnn::TrainConfig&) {}},
      {"dropout",
       [](rnn::ModelSpec& m, rnn::TrainConfig&) {
         m.cell = rnn::CellKind::Gru;
         m.layers = 2;
         m.dropout = 0.3;
       }},
      {"two passes, rotated",
       [](rnn::ModelSpec& m, rnn::TrainConfig& t) {
         m.circular = rnn::Circular::TwoPass;
         t.random_rotation = true;
       }},
      {"until settled",
       [](rnn::ModelSpec& m, rnn::TrainConfig& t) {
         m.circular = rnn::Circular::FixedPoint;
         m.max_passes = 6;
         t.random_rotation = true;
       }},
      {"class weights, early stopping",
       [](rnn::ModelSpec& m, rnn::TrainConfig& t) {
         m.pool = rnn::Pool::Mean;
         t.class_weights = true;
         t.patience = 1;
         t.learning_rate = 0.05;
       }},
      {"next letter", [](rnn::ModelSpec& m, rnn::TrainConfig&) { m.task = rnn::Task::NextSymbol; }}};
  for (const Kind& kind : kinds) {
    CAPTURE(kind.name);
    std::string expected;
    std::vector<double> losses;
    for (int workers = 1; workers <= 4; ++workers) {
      CAPTURE(workers);
      Fixture f;
      f.paste(letters(60, 20, true));
      rnn::ModelSpec model = f.session.project().model;
      rnn::TrainConfig train = f.session.train_settings();
      model.hidden = 5;
      train.batch_size = 18;
      train.max_epochs = 4;
      kind.set(model, train);
      f.session.set_model(model);
      f.session.set_train(train);
      CHECK(f.session.project().model.circular == model.circular);
      f.worker.settle();
      f.session.receive({{{"type", "verb"}, {"verb", "workers"}, {"count", workers}}, {}});
      CHECK(f.session.workers() == workers);
      int most = 0;
      f.session.train_once();  // while it rests, the helpers get ready
      f.worker.settle();
      f.session.train();
      f.worker.settle([&] {
        most = std::max(most, f.session.training().workers);
        return true;
      });
      CHECK(f.session.training().state == session::TrainingState::Finished);
      CHECK(f.session.training().updates > 4);
      CHECK(most == workers);
      std::vector<double> seen;
      for (const rnn::EvaluationPoint& e : f.session.training().evaluations)
        seen.insert(seen.end(), {e.train_loss, e.validation_loss});
      if (workers == 1) {
        expected = f.hash();
        losses = seen;
      }
      CHECK(f.hash() == expected);
      CHECK(seen == losses);
    }
  }
}

TEST_CASE("team: helpers hold the data once and are asked for shards and for blocks of evaluations") {
  Ring ring;
  int sets = 0, parts = 0, evaluations = 0;
  ring.reaches = [&](int, const Message& m) {
    sets += m.type() == "dataset";
    parts += m.type() == "parts";
    evaluations += m.type() == "parts" && m.head.value("evaluation", false);
    return true;
  };
  ring.start(1, 3);
  ring.settle();
  const std::string first = ring.hash();
  CHECK(ring.started == 2);
  CHECK(sets == 2);
  CHECK(parts > 10);
  CHECK(evaluations > 2);
  CHECK(first == alone());
  // A second run with the same data brings only the project.
  ring.start(2, 3);
  ring.settle();
  CHECK(ring.hash() == first);
  CHECK(ring.started == 2);
  CHECK(sets == 2);
}

TEST_CASE("team: a helper that dies in the middle of an update is replaced by the worker itself") {
  const std::string expected = alone();
  for (const bool silently : {false, true}) {
    CAPTURE(silently);
    Ring ring;
    ring.start_ready(1, 2);
    CHECK(ring.updates() == 1);
    bool dead = false, died = false;
    ring.reaches = [&](int number, const Message& m) {
      if (m.type() == "parts" && m.head.value("update", 0) == 4 && !died) dead = died = true;
      return !dead || number != 0;
    };
    ring.go_on(1);
    if (silently) {
      FakeClock::step = 5;  // so that what a browser waits for is over soon
      for (int i = 0; i < 100'000 && ring.stopped == 0; ++i) ring.turn();
      CHECK(ring.stopped == 1);
    } else {
      for (int i = 0; i < 100'000 && !dead; ++i) ring.turn();
      ring.helpers[0].reset();
      ring.main.receive({{{"type", "helper_failed"}, {"helper", 0}, {"message", "gone"}}, {}});
    }
    CHECK(dead);
    dead = false;  // whoever is started instead hears everything
    ring.settle();
    CHECK(ring.snapshot()->head.value("finish", 0) == static_cast<int>(rnn::Finish::Epochs));
    CHECK(ring.hash() == expected);
  }
}

TEST_CASE("team: a helper that is lost while other work is in front is noticed when that is done") {
  const std::string expected = alone();
  Ring ring;
  ring.start_ready(1, 2);
  ring.go_on(1);
  ring.until_answered();
  for (int i = 0; i < 20; ++i) ring.turn();  // all that is left is with the helper
  const auto weights = std::span(ring.snapshot()->body)
                           .first(rnn::make_network(ring.project.model).parameter_count * sizeof(float));
  ring.main.receive({{{"type", "predict"},
                      {"id", 7},
                      {"project", io::to_json(ring.project, {io::WeightsAs::Recipe, false})}},
                     session::Bytes(weights.begin(), weights.end())});
  ring.helpers[0].reset();
  ring.answers.clear();
  ring.main.receive({{{"type", "helper_failed"}, {"helper", 0}, {"message", "gone"}}, {}});
  ring.hold = false;
  ring.settle();
  CHECK(std::any_of(ring.to_page.begin(), ring.to_page.end(),
                    [](const Message& m) { return m.type() == "done" && m.head.value("id", 0) == 7; }));
  CHECK(ring.snapshot()->head.value("finish", 0) == static_cast<int>(rnn::Finish::Epochs));
  CHECK(ring.hash() == expected);
}

TEST_CASE("team: a helper that is slow does not stop the training, and its late answers do no harm") {
  Ring ring;
  ring.start_ready(1, 4);
  ring.go_on(1);
  ring.hold = true;  // nothing that helpers say arrives
  FakeClock::step = 1;
  std::int64_t held_at = -1;
  for (int i = 0; i < 20'000 && held_at < 0; ++i) {
    ring.turn();
    if (ring.updates() >= 4) held_at = ring.updates();
  }
  CHECK(held_at >= 4);
  CHECK(ring.stopped == 0);  // nor does it take giving them up
  CHECK(ring.answers.size() >= 3);
  // Now all of it, backwards, and twice.
  std::deque<Message> late(ring.answers.rbegin(), ring.answers.rend());
  late.insert(late.end(), ring.answers.begin(), ring.answers.end());
  ring.answers = late;
  ring.hold = false;
  ring.settle();
  CHECK(ring.hash() == alone());
}

TEST_CASE("team: a machine that slept in the middle of an update still has its helpers") {
  Ring ring;
  ring.start_ready(1, 2);
  ring.go_on(1);
  ring.until_answered();
  FakeClock::now += 8 * 3600e3;
  ring.hold = false;
  ring.settle();
  CHECK(ring.stopped == 0);
  CHECK(ring.hash() == alone());
}

TEST_CASE("team: a part of another round, another run or another shape is not taken") {
  Ring ring;
  ring.start_ready(1, 2);
  ring.go_on(1);
  ring.until_answered();
  const Message good = ring.answers.front();
  CHECK(good.type() == "part");
  for (const char* key : {"round", "run", "part"}) {
    Message wrong = good;
    wrong.head[key] = wrong.head[key].get<int>() + (key == std::string("part") ? 100 : 1);
    for (std::size_t i = 16; i < wrong.body.size(); ++i) wrong.body[i] = 0x40;
    ring.answers.push_front(wrong);
  }
  Message cut = good;  // nothing can be made of it: the part is computed here
  cut.body.resize(cut.body.size() / 2);
  ring.answers.push_front(cut);
  ring.hold = false;
  ring.settle();
  CHECK(ring.hash() == alone());
}

TEST_CASE("team: a pause gets in while helpers compute, and the update under way is brought to its end") {
  Ring ring;
  ring.start_ready(1, 2);
  ring.go_on(1);
  ring.until_answered();
  ring.pause(1);
  const std::int64_t seen = ring.updates();
  const std::size_t messages = ring.to_page.size();
  ring.hold = false;
  ring.settle();
  REQUIRE(ring.to_page.size() > messages);
  CHECK(ring.to_page.back().type() == "snapshot");
  CHECK_FALSE(ring.to_page.back().head.value("busy", true));
  CHECK(ring.updates() > seen);
  const std::int64_t paused_at = ring.updates();
  const std::size_t then = ring.to_page.size();
  ring.settle();
  CHECK(ring.to_page.size() == then);  // nothing more happens
  // A setting that is changed now counts from here, as in a replay of the recipe.
  ring.main.receive({{{"type", "change"}, {"run", 1}, {"key", "learning_rate"}, {"value", 0.02}}, {}});
  ring.go_on(1);
  ring.settle();
  const std::string hash = ring.hash();

  Ring replay;
  replay.project.changes = {{paused_at, "learning_rate", 0.02}};
  replay.start(1, 1);
  replay.settle();
  CHECK(replay.hash() == hash);
}

TEST_CASE("team: a setting that is changed in the middle of a shared update counts as its recipe says") {
  Ring ring;
  ring.start_ready(1, 3);
  ring.go_on(1);
  ring.until_answered();
  ring.main.receive({{{"type", "change"}, {"run", 1}, {"key", "learning_rate"}, {"value", 0.02}}, {}});
  ring.hold = false;
  ring.settle();
  const auto changed = std::find_if(ring.to_page.begin(), ring.to_page.end(),
                                    [](const Message& m) { return m.type() == "changed"; });
  REQUIRE(changed != ring.to_page.end());
  Ring replay;
  replay.project.changes = {{changed->head.value("update", std::int64_t{-1}), "learning_rate", 0.02}};
  replay.start(1, 1);
  replay.settle();
  CHECK(replay.hash() == ring.hash());
}

TEST_CASE("team: a new run in the middle of a shared update starts clean") {
  Ring ring;
  ring.start_ready(1, 2);
  ring.go_on(1);
  ring.until_answered();
  SUBCASE("another seed") { ring.project.seed = 9; }
  SUBCASE("another model") {
    ring.project.model.hidden = 7;
    ring.project.model.cell = rnn::CellKind::Gru;
  }
  ring.start(2, 2);
  ring.hold = false;
  ring.settle();
  CHECK(ring.snapshot()->head.value("run", 0) == 2);
  CHECK(ring.most_workers() == 2);
  Ring other;
  other.project = ring.project;
  other.start(2, 1);
  other.settle();
  CHECK(other.hash() == ring.hash());
}

TEST_CASE(
    "team: helpers are started only where a update takes long enough, and let go when nothing is trained") {
  Ring ring;
  ring.project.train.max_epochs = 400;
  ring.main.receive({{{"type", "machine"}, {"cores", 3}}, {}});
  SUBCASE("an update of two looks at the clock is too short") {
    FakeClock::step = 0.05;
    ring.start(1, 0);
    for (int i = 0; i < 300; ++i) ring.turn();
    CHECK(ring.updates() > 4);
    CHECK(ring.started == 0);
  }
  SUBCASE("a longer one is shared among as many as there are cores") {
    FakeClock::step = 3;
    ring.start(1, 0);
    for (int i = 0; i < 300; ++i) ring.turn();
    CHECK(ring.started == 2);
    CHECK(ring.most_workers() == 3);
    ring.pause(1);
    ring.settle();
    CHECK(ring.stopped == 0);
    // The host looks in now and then.
    const double from = FakeClock::now;
    while (ring.stopped == 0 && FakeClock::now < from + 60'000) {
      FakeClock::now += 200;
      ring.turn();
    }
    CHECK(ring.stopped == 2);
    CHECK(FakeClock::now - from > 29'000);
    ring.go_on(1);
    for (int i = 0; i < 300; ++i) ring.turn();
    CHECK(ring.started == 4);
    CHECK(ring.snapshot()->head.value("workers", 0) == 3);
  }
  SUBCASE("but not where memory is short") {
    FakeClock::step = 3;
    ring.start(1, 0);
    ring.main.receive({{{"type", "drop"}}, {}});
    io::Project bare = ring.project;
    ring.main.receive({{{"type", "run"},
                        {"run", 2},
                        {"project", io::to_json(bare, {io::WeightsAs::Recipe, false})},
                        {"train", true},
                        {"memory", std::uint64_t{1} << 30u},
                        {"workers", 0}},
                       {}});
    for (int i = 0; i < 300; ++i) ring.turn();
    CHECK(ring.updates() > 4);
    CHECK(ring.started == 0);
  }
}

TEST_CASE("team: milliseconds per update are those of the clock on the wall, waiting included") {
  Ring ring;
  ring.project.train.max_epochs = 40;
  ring.start_ready(1, 2);
  ring.go_on(1);
  for (int i = 0; i < 50; ++i) ring.turn();
  const double from = FakeClock::now;
  const std::int64_t first = ring.updates();
  for (int i = 0; i < 400; ++i) {
    ring.turn();
    FakeClock::now += 10;  // passes between two slices
  }
  ring.pause(1);
  ring.settle();
  const double wall = (FakeClock::now - from) / static_cast<double>(ring.updates() - first);
  const double told = ring.snapshot()->head.value("ms_per_update", 0.0);
  // It is a mean over the whole run, the quicker start included.
  CHECK(told > 0.5 * wall);
  CHECK(told < 1.1 * wall);
}
