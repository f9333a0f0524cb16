// The in-process stand-in for page and Web Worker.
#include "session/local_worker.h"

#include <chrono>
#include <utility>

namespace ribostep::session {
namespace {

constexpr double kSkipSeconds =
    0.2;  // an idle Session only waits for the clock (to mirror, to save): let it pass

double now_ms() {
  using Milliseconds = std::chrono::duration<double, std::milli>;
  return Milliseconds(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::string text_of(const Message& message, const char* key) {
  const auto found = message.head.find(key);
  return found != message.head.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace

LocalWorker::LocalWorker(Session& session, Fetch fetch) : session_(session), fetch_(std::move(fetch)) {}

void LocalWorker::boot(const std::string& fragment, const Bytes& saved) {
  Message message;
  message.head = {
      {"type", "boot"}, {"hash", fragment}, {"dark", false}, {"reduced_motion", true}, {"base_url", ""}};
  message.body = saved;
  session_.receive(message);
  listen();
}

void LocalWorker::start_service() {
  for (auto& helper : helpers_) helper.reset();
  service_.emplace();
  service_->receive({{{"type", "machine"}, {"cores", cores_}}, {}});
}

void LocalWorker::set_cores(int cores) {
  cores_ = cores;
  service_->receive({{{"type", "machine"}, {"cores", cores_}}, {}});
}

void LocalWorker::listen() {
  const Status& status = session_.status();
  if (status.serial == heard_) return;
  heard_ = status.serial;
  said_.push_back(status);
}

void LocalWorker::answer(const Message& message) {
  const std::string type = message.type();
  Message reply;
  if (type == "worker") {
    if (const auto inner = decode(message.body)) service_->receive(*inner);
    return;
  }
  if (type == "worker_restart") {
    start_service();
    return;
  }
  if (type == "mirror" || type == "theme") return;
  if (type == "fetch") {
    const std::optional<Bytes> bytes = fetch_(text_of(message, "url"));
    reply.head = {{"type", "fetched"},
                  {"url", text_of(message, "url")},
                  {"ok", bytes.has_value()},
                  {"status", bytes ? 200 : 404},
                  {"error", bytes ? "" : "not found"}};
    if (bytes) reply.body = *bytes;
  } else if (type == "save") {
    storage_[text_of(message, "key")] = message.body;
    reply.head = {{"type", "stored"}, {"key", text_of(message, "key")}, {"ok", true}, {"error", ""}};
  } else if (type == "load") {
    const auto found = storage_.find(text_of(message, "key"));
    reply.head = {{"type", "loaded"}, {"key", text_of(message, "key")}, {"ok", found != storage_.end()}};
    if (found != storage_.end()) reply.body = found->second;
  } else if (type == "erase") {
    storage_.erase(text_of(message, "key"));
    return;
  } else {
    posts_.push_back(message);
    if (type != "copy") return;
    reply.head = {{"type", "copied"}, {"ok", true}, {"error", ""}};
  }
  session_.receive(reply);
  listen();
}

bool LocalWorker::pump(double budget_ms) {
  listen();
  bool moved = false;
  for (const Message& message : session_.take_outbox()) {
    answer(message);
    moved = true;
  }
  const bool working = service_->run(budget_ms, &now_ms);
  for (const Message& message : service_->take_outbox()) {
    moved = true;
    const auto number = message.head.value("helper", std::size_t{0});
    if (message.type() == "helper") {
      std::optional<WorkerService>& helper = helpers_[number];
      if (!helper) helper.emplace();
      if (const auto inner = decode(message.body)) helper->receive(*inner);
    } else if (message.type() == "helper_stop") {
      helpers_[number].reset();
    } else {
      session_.receive_from_worker(message);
      listen();
    }
  }
  for (auto& helper : helpers_) {
    if (!helper) continue;
    moved = helper->run(budget_ms, &now_ms) || moved;
    for (const Message& message : helper->take_outbox()) {
      service_->receive(*decode(encode(message)));
      moved = true;
    }
  }
  if (moved || working) {
    session_.update(now_ms() / 1000 + skipped_s_, budget_ms);
    listen();
    return true;
  }
  skipped_s_ += kSkipSeconds;
  const bool more = session_.update(now_ms() / 1000 + skipped_s_, budget_ms);
  listen();
  return more;
}

bool LocalWorker::settle(const std::function<bool()>& watch) {
  while (pump())
    if (watch && !watch()) return false;
  return true;
}

std::vector<Message> LocalWorker::take_posts() { return std::exchange(posts_, {}); }
std::vector<Status> LocalWorker::take_said() { return std::exchange(said_, {}); }

}  // namespace ribostep::session
