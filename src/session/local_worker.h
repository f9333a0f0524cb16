// A Session with its worker in the same thread: carries their messages to and fro, answers requests for
// files, and keeps what was posted to a page. What the page's JavaScript does, for the CLI and for tests.
#pragma once
#include <array>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "session/session.h"
#include "session/worker_service.h"
#include "session/worker_team.h"

namespace ribostep::session {

class LocalWorker {
 public:
  // Bytes of a file by its address relative to the page ("assets/datasets/index.json"); nullopt: there is
  // none.
  using Fetch = std::function<std::optional<Bytes>(const std::string& url)>;

  // `session` must outlive this.
  LocalWorker(Session& session, Fetch fetch);

  // As if the machine could run so many workers at once. There is one thread all the same: for tests.
  void set_cores(int cores);
  // As when the page opens: the list of built-in sets, then the link, else the autosave, else the opening
  // example.
  void boot(const std::string& fragment = {}, const Bytes& saved = {});
  // One message of the application, taken as the page would.
  void answer(const Message& message);
  // One round of messages and about budget_ms of work; false when nothing at all was left to do.
  bool pump(double budget_ms = 50);
  // Pumps until nothing is left to do. `watch` is called between rounds; false from it gives up.
  bool settle(const std::function<bool()>& watch = {});

  // What the session posted since the last call and nobody here answered: copy, download, hash, pick, editor.
  std::vector<Message> take_posts();
  // Every status that was shown, also those that another one replaced at once.
  std::vector<Status> take_said();
  std::map<std::string, Bytes>& storage() { return storage_; }

 private:
  void listen();
  void start_service();

  Session& session_;
  Fetch fetch_;
  std::optional<WorkerService> service_{std::in_place};
  std::array<std::optional<WorkerService>, kMaxWorkers - 1> helpers_;
  int cores_ = 1;
  std::map<std::string, Bytes> storage_;  // what a browser would keep
  std::vector<Message> posts_;
  std::vector<Status> said_;
  int heard_ = 0;         // serial of the last status
  double skipped_s_ = 0;  // time that was not waited for
};

}  // namespace ribostep::session
