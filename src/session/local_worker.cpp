#include "session/local_worker.h"

#include <chrono>
#include <utility>

namespace ribostep::session {
namespace {

double now_ms() {
  using namespace std::chrono;
  return duration<double, std::milli>(steady_clock::now().time_since_epoch()).count();
}

constexpr double kSliceMs = 50;
constexpr int kIdleRounds =
    12;  // rounds of nothing (a fifth of a second of the session's clock) that count as settled

}  // namespace

LocalWorker::LocalWorker(Session& session, Fetch fetch) : session_(session), fetch_(std::move(fetch)) {}

void LocalWorker::boot(const std::string& fragment) {
  Message message;
  message.head = {{"type", "boot"}, {"hash", fragment}, {"base_url", "https://ribostep.example/"}};
  if (const auto saved = stored.find("session"); saved != stored.end()) message.body = saved->second;
  session_.receive(message);
}

bool LocalWorker::round() {
  seconds_ += 1.0 / 60;
  bool more = session_.update(seconds_, kSliceMs);
  for (Message& message : session_.take_outbox()) {
    const std::string type = message.type();
    if (type == "mirror") continue;
    more = true;
    if (type == "worker") {
      if (const auto inner = decode(message.body)) service_.receive(*inner);
    } else if (type == "fetch") {
      const std::string url = message.head.value("url", std::string());
      std::optional<Bytes> found = fetch_(url);
      session_.receive(
          {{{"type", "fetched"}, {"url", url}, {"ok", found.has_value()}}, found.value_or(Bytes())});
    } else if (type == "save") {
      stored[message.head.value("key", std::string())] = std::move(message.body);
      session_.receive({{{"type", "stored"}, {"ok", true}}, {}});
    } else if (type == "erase") {
      stored.erase(message.head.value("key", std::string()));
    } else if (type == "load") {
      const std::string key = message.head.value("key", std::string());
      const auto at = stored.find(key);
      session_.receive({{{"type", "loaded"}, {"key", key}, {"ok", at != stored.end()}},
                        at != stored.end() ? at->second : Bytes()});
    } else {
      posted.push_back(std::move(message));
    }
  }
  more = service_.run(kSliceMs, now_ms) || more;
  for (const Message& message : service_.take_outbox()) {
    session_.receive_from_worker(message);
    more = true;
  }
  return more;
}

void LocalWorker::settle(const std::function<bool()>& enough) {
  for (int idle = 0; idle < kIdleRounds;) {
    if (enough && enough()) return;
    idle = round() ? 0 : idle + 1;
  }
}

}  // namespace ribostep::session
