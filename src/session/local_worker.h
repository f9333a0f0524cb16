// A page without a page: couples a Session to a WorkerService in the same thread, answers fetches and keeps
// what is stored. The CLI and the tests run the whole application through it.
#pragma once
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "session/session.h"
#include "session/worker_service.h"

namespace ribostep::session {

class LocalWorker {
 public:
  // `fetch` answers the page's relative URLs ("assets/datasets/index.json"); nullopt: not found.
  using Fetch = std::function<std::optional<Bytes>(const std::string& url)>;
  LocalWorker(Session& session, Fetch fetch);

  // Starts the session as a page would, with this fragment ("" : the saved session, or the opening example).
  void boot(const std::string& fragment);
  // Carries messages and works until nothing is left to do, or until `enough` says so (asked between slices).
  void settle(const std::function<bool()>& enough = {});
  // One round: messages there, a slice of work, messages back. True while there is more to do.
  bool round();

  std::vector<Message> posted;  // what the session wanted of the page: copy, download, pick, hash, ...
  std::map<std::string, Bytes> stored;  // by key, as IndexedDB would
  WorkerService& service() { return service_; }

 private:
  Session& session_;
  Fetch fetch_;
  WorkerService service_;
  double seconds_ =
      0;  // the session's clock: grows by a sixtieth a round, so that autosave and runs come due
};

}  // namespace ribostep::session
