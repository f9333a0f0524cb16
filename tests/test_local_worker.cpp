// A whole session in one thread: data in, training in the worker, link out, the same bits in a fresh session;
// autosave and restore; the channel under messages out of order.
#include <fstream>
#include <sstream>

#include "doctest/doctest.h"
#include "io/project.h"
#include "session/local_worker.h"

using namespace ribostep;
using session::Bytes;
using session::LocalWorker;
using session::Message;
using session::Session;

namespace {

Bytes bytes_of(const std::string& text) { return {text.begin(), text.end()}; }

std::optional<Bytes> no_files(const std::string&) { return std::nullopt; }

// Files of the checkout, as the page would get them; the opening example is left out so that a session starts
// empty.
std::optional<Bytes> from_checkout(const std::string& url) {
  if (url == "assets/start.ribostep.json") return std::nullopt;
  std::ifstream file(std::string(RIBOSTEP_SOURCE_DIR) + "/" + url, std::ios::binary);
  if (!file) return std::nullopt;
  std::stringstream text;
  text << file.rdbuf();
  return bytes_of(text.str());
}

std::string labelled_fasta() {
  std::string text;
  for (int i = 0; i < 12; ++i)
    text += ">s" + std::to_string(i) + (i % 2 == 0 ? " label=yes\nACGTTATAATGC" : " label=no\nACGTGCGCGCGC") +
            std::string(static_cast<std::size_t>(i % 3), 'A') + "\n";
  return text;
}

// A session with a small data set, trained for `updates`.
struct Trained {
  Session session;
  LocalWorker worker{session, &no_files};
  explicit Trained(int updates) {
    session.load_text(bytes_of(labelled_fasta()), "pasted sequences");
    rnn::ModelSpec spec = session.project().model;
    spec.hidden = 4;
    session.set_model(spec);
    for (int i = 0; i < updates; ++i) session.train_once();
    worker.settle();
  }
  std::string hash() const { return rnn::weights_hash(*session.project().weights); }
};

bool said_error(LocalWorker& worker) {
  for (const session::Status& status : worker.take_said())
    if (status.severity == Severity::Error) return true;
  return false;
}

}  // namespace

TEST_CASE("train, share as a recipe, open elsewhere: the same bits") {
  Trained sender(7);
  CHECK(sender.session.project().updates == 7);
  const std::string link = sender.session.share_fragment(io::WeightsAs::Recipe);
  Session receiver;
  LocalWorker worker(receiver, &no_files);
  worker.boot(link);
  worker.settle();
  REQUIRE(receiver.project().weights != nullptr);
  CHECK(rnn::weights_hash(*receiver.project().weights) == sender.hash());
  CHECK(receiver.project().updates == 7);
  CHECK(receiver.trace() != nullptr);
}

TEST_CASE("training in one go and in single updates gives the same bits") {
  Trained once(6);
  Trained twice(2);
  for (int i = 0; i < 4; ++i) {
    twice.session.train_once();
    twice.worker.settle();
  }
  CHECK(once.hash() == twice.hash());
}

TEST_CASE("a share posts the link to the clipboard and is told that it arrived") {
  Trained sender(1);
  sender.session.share();
  sender.worker.settle();
  bool copied = false;
  for (const Message& message : sender.worker.take_posts())
    if (message.type() == "copy") copied = io::from_fragment(message.head["text"].get<std::string>()).ok();
  CHECK(copied);
}

TEST_CASE("autosave keeps the sequences under their hash, and a reload brings everything back") {
  Trained before(3);
  before.session.go_to(5);
  for (int i = 0; i < 40; ++i) before.worker.pump();  // the clock of an idle session runs ahead
  auto& storage = before.worker.storage();
  const std::string key = "dataset:" + before.session.data().content_hash();
  REQUIRE(storage.count("session") == 1);
  REQUIRE(storage.count(key) == 1);

  Session after;
  LocalWorker worker(after, &no_files);
  worker.storage() = storage;
  worker.boot("", storage["session"]);
  worker.settle();
  REQUIRE(after.has_data());
  CHECK(after.data().content_hash() == before.session.data().content_hash());
  CHECK(rnn::weights_hash(*after.project().weights) == before.hash());
  CHECK(after.position() == 5);

  Session forgetful;  // the browser threw the data set away
  LocalWorker other(forgetful, &no_files);
  other.boot("", storage["session"]);
  other.settle();
  CHECK_FALSE(forgetful.has_data());
  CHECK(said_error(other));
}

TEST_CASE("a damaged link leaves what is there in place") {
  Trained open(2);
  const std::string hash = open.hash();
  const std::string link = open.session.share_fragment(io::WeightsAs::Recipe);
  open.worker.take_said();
  for (const std::string& bad :
       {link.substr(0, link.size() / 2), std::string("#p=AAAA"), std::string("#nothing")}) {
    open.session.open_fragment(bad);
    open.worker.settle();
    CHECK(said_error(open.worker));
    CHECK(open.hash() == hash);
    CHECK(open.session.data().size() == 12);
  }
}

TEST_CASE("built-in sets are fetched by reference") {
  Session session;
  LocalWorker worker(session, &from_checkout);
  worker.boot();
  worker.settle();
  REQUIRE_FALSE(session.examples().empty());
  const std::string id = session.examples().front().id;
  session.load_example(id);
  worker.settle();
  REQUIRE(session.has_data());
  CHECK(session.project().data.example == id);
  const std::string link = session.share_fragment(io::WeightsAs::Recipe);
  CHECK(link.size() < 600);

  Session offline;
  LocalWorker without(offline, &no_files);
  without.boot(link);
  without.settle();
  CHECK_FALSE(offline.has_data());
  CHECK(said_error(without));
}

TEST_CASE("frames that make no sense are ignored by both ends") {
  Trained open(1);
  const std::string hash = open.hash();
  session::WorkerService service;
  for (const char* text :
       {"{}", "{\"type\":7}", "{\"type\":\"run\"}", "{\"type\":\"run\",\"run\":\"x\",\"project\":[]}",
        "{\"type\":\"dataset\"}", "{\"type\":\"predict\",\"id\":1,\"project\":{\"ribostep\":1}}",
        "{\"type\":\"continue\"}", "{\"type\":\"change\",\"run\":1,\"value\":\"x\"}", "{\"type\":\"verb\"}",
        "{\"type\":\"fetched\"}", "{\"type\":\"snapshot\"}", "{\"type\":\"done\"}", "{\"type\":\"failed\"}",
        "{\"type\":\"text\"}"}) {
    CAPTURE(std::string(text));
    const Message message{nlohmann::json::parse(text), {}};
    CHECK_NOTHROW(service.receive(message));
    CHECK_NOTHROW(service.run(5, [] { return 0.0; }));
    CHECK_NOTHROW(open.session.receive(message));
    CHECK_NOTHROW(open.session.receive_from_worker(message));
    open.worker.settle();
  }
  CHECK(open.hash() == hash);
}
