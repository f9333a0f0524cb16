// What the worker answers late, twice or about something else, and where a session must not get stuck.
#include <doctest/doctest.h>

#include <algorithm>

#include "session_fixture.h"

using namespace ribostep;
using tests::Fixture;
using tests::planted_fasta;

namespace {

// A replay on the way: pumped until the link is open and its weights are not there yet.
struct Replaying {
  Fixture sender, f;
  Replaying() {
    sender.paste(planted_fasta());
    sender.train_to(60);
    f.session.open_fragment(sender.session.share_fragment(io::WeightsAs::Recipe));
    REQUIRE(f.session.project().weights == nullptr);
  }
};

std::string many_classes(int n) {
  std::string text;
  for (int i = 0; i < n; ++i)
    text += ">s" + std::to_string(i) + " label=c" + std::to_string(i) + "\nACGTACGTTAGC\n";
  return text;
}

}  // namespace

TEST_CASE("a cross-validation under way is not shown for data or a model it did not use") {
  Fixture f;
  f.paste(planted_fasta());
  for (const bool data : {true, false}) {
    f.session.cross_validate(2, 1);
    CHECK(f.session.job().kind == session::JobKind::CrossValidating);
    if (data) {
      f.paste(">a label=x\nACGTTA\n>b label=y\nTTGACA\n>c label=x\nACGTAA\n>d label=y\nTTGACC\n");
    } else {
      f.session.undo();
    }
    CHECK(f.session.job().kind != session::JobKind::CrossValidating);
    f.worker.settle();
    CHECK_FALSE(f.session.cross_validation().available);
    CHECK(f.session.job().kind == session::JobKind::None);
    CHECK(f.session.predictions().available);
  }
}

TEST_CASE("the seed of the folds is the whole number that was asked for") {
  Fixture f;
  f.paste(planted_fasta());
  rnn::TrainConfig config = f.session.train_settings();
  config.max_epochs = 1;
  f.session.set_train(config);
  f.session.cross_validate(2, 5'000'000'000ULL);
  f.worker.settle();
  CHECK(f.session.cross_validation().seed == 5'000'000'000ULL);
}

TEST_CASE("nothing that is asked for during a replay leaves the network without weights") {
  Replaying r;
  session::Session& s = r.f.session;
  rnn::TrainConfig config = s.train_settings();
  config.learning_rate = 0.5;
  SUBCASE("a live setting") { s.set_train(config); }
  SUBCASE("a new leg") {
    config.batch_size = 3;
    s.set_train(config);
  }
  SUBCASE("cross-validation") {
    config = s.train_settings();
    s.cross_validate(2, 1);
  }
  SUBCASE("a file that is cancelled") {
    s.load_text(session::Bytes((1u << 20u) + 100, 'A'), "large");
    s.cancel_job();
  }
  r.f.worker.settle();
  REQUIRE(s.project().weights != nullptr);
  CHECK(r.f.hash() == r.sender.hash());
  CHECK(s.job().kind == session::JobKind::None);
}

TEST_CASE("a worker that dies during a replay leaves an untrained network, not one without weights") {
  Replaying r;
  r.f.session.receive({{{"type", "worker_failed"}, {"message", "gone"}}, {}});
  CHECK(r.f.session.status().severity == Severity::Error);
  REQUIRE(r.f.session.project().weights != nullptr);
  r.f.session.train_once();
  r.f.worker.settle();
  CHECK(r.f.session.project().updates == 1);
}

TEST_CASE("cancelling the replay behind Train stops the training, too, and keeps the weights") {
  Fixture f;
  f.paste(planted_fasta());
  f.train_to(40);
  const std::string hash = f.hash();
  f.session.receive({{{"type", "worker_failed"}, {"message", "gone"}}, {}});
  f.session.train();
  CHECK(f.session.job().kind == session::JobKind::Replaying);
  f.session.cancel_job();
  CHECK(f.session.training().state == session::TrainingState::Paused);
  f.worker.settle();
  CHECK(f.hash() == hash);
}

TEST_CASE("going on after an opened link, an undo or a dead worker says nothing about another sender") {
  Fixture sender;
  sender.paste(planted_fasta());
  sender.train_to(5);
  Fixture f(sender.session.share_fragment(io::WeightsAs::Recipe));
  f.session.train_once();
  f.worker.settle();
  f.session.receive({{{"type", "worker_failed"}, {"message", "gone"}}, {}});
  f.worker.take_said();
  f.session.train_once();
  f.worker.settle();
  CHECK(f.session.project().start_weights == nullptr);
  for (const session::Status& status : f.worker.take_said()) CHECK(status.severity != Severity::Warning);
}

TEST_CASE("the recipe of a leg that has not begun carries its first weights") {
  Fixture f;
  f.paste(planted_fasta());
  f.train_to(5);
  const std::string hash = f.hash();
  rnn::TrainConfig config = f.session.train_settings();
  config.batch_size = 5;
  f.session.set_train(config);
  f.worker.settle();
  CHECK(f.session.project().updates == 0);
  Fixture other(f.session.share_fragment(io::WeightsAs::Recipe));
  CHECK(other.hash() == hash);
  other.session.train_once();
  other.worker.settle();
  f.session.train_once();
  f.worker.settle();
  CHECK(other.hash() == f.hash());
}

TEST_CASE("settings made before there are sequences are no step to undo to") {
  session::Session s;
  session::LocalWorker worker(s, [](const std::string&) { return std::nullopt; });
  rnn::TrainConfig config = s.train_settings();
  config.learning_rate = 0.05;
  s.set_train(config);
  rnn::ModelSpec spec = s.project().model;
  spec.hidden = 5;
  s.set_model(spec);
  CHECK_FALSE(s.can_undo());
  const std::string text = planted_fasta();
  s.load_text(session::Bytes(text.begin(), text.end()), "pasted");
  while (s.can_undo()) s.undo();
  worker.settle();
  CHECK(s.project().data.set != nullptr);
  CHECK(s.project().model.hidden == 5);
  CHECK(s.train_settings().learning_rate == 0.05);
}

TEST_CASE("a setting changed on the way and undone leaves a project that can be read again") {
  Fixture f;
  f.paste(planted_fasta());
  f.train_to(10);
  f.session.train();
  f.worker.pump();
  rnn::TrainConfig config = f.session.train_settings();
  config.learning_rate = 0.004;
  f.session.set_train(config);
  while (f.session.project().changes.empty()) f.worker.pump(1);
  f.session.receive({{{"type", "worker_failed"}, {"message", "gone"}}, {}});
  config = f.session.train_settings();
  config.learning_rate = 0.002;
  f.session.set_train(config);
  CHECK(io::from_json(io::to_json(f.session.project(), {})).ok());
  f.session.train_once();
  f.worker.settle();
  Fixture other(f.session.share_fragment(io::WeightsAs::Recipe));
  CHECK(other.hash() == f.hash());
}

TEST_CASE(
    "more classes than a project can hold are refused with a way out, and the autosave stays readable") {
  Fixture f;
  f.paste(many_classes(90));
  f.session.set_label_rule(bio::LabelRule::KeyValue);
  f.worker.settle();
  CHECK(f.session.labels().classes.size() == 90);
  CHECK_FALSE(f.session.obstacle(rnn::Task::SequenceLabel).empty());
  CHECK(f.session.project().model.task == rnn::Task::NextSymbol);
  CHECK(io::from_json(io::to_json(f.session.project(), {})).ok());
  f.paste(many_classes(64));
  f.session.set_label_rule(bio::LabelRule::KeyValue);
  f.worker.settle();
  CHECK(f.session.project().model.task == rnn::Task::SequenceLabel);
}

TEST_CASE("looking at a link does not replace the saved work; changing something does") {
  Fixture sender;
  sender.paste(planted_fasta());
  const std::string link = sender.session.share_fragment(io::WeightsAs::Recipe);
  Fixture f;
  for (int i = 0; i < 10; ++i) f.worker.pump();  // its own save is on the way
  f.worker.storage()["session"] = {'m', 'i', 'n', 'e'};
  f.worker.boot(link);
  for (int i = 0; i < 50; ++i) f.worker.pump();
  f.session.step(3);
  f.session.select_sequence(2);
  for (int i = 0; i < 50; ++i) f.worker.pump();
  CHECK(f.worker.storage()["session"].size() == 4);
  f.session.train_once();
  for (int i = 0; i < 50; ++i) f.worker.pump();
  CHECK(f.worker.storage()["session"].size() > 4);
}

TEST_CASE("a shared link leaves the address when the training it was taken from goes on") {
  Fixture f;
  f.paste(planted_fasta());
  rnn::TrainConfig config = f.session.train_settings();
  config.max_epochs = 1'000'000;  // still training when it is shared
  f.session.set_train(config);
  f.session.train();
  f.worker.settle([&] { return f.session.training().updates < 5; });
  f.session.share();
  const std::int64_t shared = f.session.project().updates;
  f.worker.take_posts();
  f.worker.settle([&] { return f.session.training().updates <= shared; });
  f.session.pause();
  f.worker.settle();
  std::string address = "unchanged";
  for (const session::Message& m : f.worker.take_posts())
    if (m.type() == "hash") address = m.head["value"].get<std::string>();
  CHECK(address.empty());
}

TEST_CASE("a sequence too long to keep step by step is said to be, and nothing is allocated for it") {
  Fixture f;
  rnn::ModelSpec spec = f.session.project().model;
  spec.hidden = 512;
  spec.layers = 2;
  f.session.set_model(spec);
  f.paste(">long\n" + std::string(60'000, 'A') + "C\n");
  CHECK(f.session.trace() == nullptr);
  CHECK(f.session.trace_too_large());
  f.session.go_to(5);
  CHECK(f.session.step_sentence().find("too long") != std::string::npos);
  spec.hidden = 4;
  spec.layers = 1;
  spec.task = rnn::Task::NextSymbol;
  f.session.set_model(spec);
  f.worker.settle();
  CHECK_FALSE(f.session.trace_too_large());
  CHECK(f.session.trace() != nullptr);
}

TEST_CASE("the sequences of the stored work go from storage only after the work that follows is stored") {
  Fixture f;
  f.paste(planted_fasta());
  for (int i = 0; i < 50; ++i) f.worker.pump();
  const std::string first = "dataset:" + f.session.data().content_hash();
  REQUIRE(f.worker.storage().count(first) == 1);
  f.paste(">a label=x\nACGTTA\n>b label=y\nTTGACA\n>c label=x\nACGTAA\n>d label=y\nTTGACC\n");
  bool still_there = false;
  for (int i = 0; i < 50; ++i) {
    if (f.worker.storage().count("dataset:" + f.session.data().content_hash()) == 0)
      still_there = f.worker.storage().count(first) == 1;
    f.worker.pump();
  }
  CHECK(still_there);
  CHECK(f.worker.storage().count(first) == 0);
  CHECK(f.worker.storage().count("dataset:" + f.session.data().content_hash()) == 1);
}

TEST_CASE("what was only looked at in the editor changes nothing; position labels survive an edit") {
  Fixture f;
  f.paste("id\tsequence\tannotation\na\tACGTACGT\tnnxxxxnn\nb\tTTACGTTT\tnxxxxnnn\n");
  REQUIRE(f.session.project().model.task == rnn::Task::PositionLabel);
  f.session.train_once();
  f.worker.settle();
  const std::string hash = f.hash();
  std::string text = f.session.data_text(1000);
  const auto accept = [&] {
    f.session.receive({{{"type", "text"}, {"source", "editor"}}, session::Bytes(text.begin(), text.end())});
    f.worker.settle();
  };
  accept();
  CHECK(f.hash() == hash);
  CHECK(f.session.project().updates == 1);
  text.replace(text.find("ACGTACGT"), 8, "ACGTACCC");
  accept();
  CHECK(f.session.letters() == "ACGTACCC");
  CHECK(f.session.data().annotation(0) == "nnxxxxnn");
}

TEST_CASE("a cross-validation figure goes when the settings it was made with go") {
  Fixture f;
  f.paste(planted_fasta());
  rnn::TrainConfig config = f.session.train_settings();
  config.max_epochs = 1;
  f.session.set_train(config);
  f.session.cross_validate(2, 1);
  f.worker.settle();
  REQUIRE(f.session.cross_validation().available);
  config.learning_rate *= 2;
  f.session.set_train(config);
  CHECK_FALSE(f.session.cross_validation().available);
}
