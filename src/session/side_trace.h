// A trace beside the one on screen: the run before edits, a pinned one, another strand. Made in slices when
// nothing more urgent is to be done.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "rnn/trace.h"

namespace ribostep::session {

class SideTrace {
 public:
  using Make = std::function<rnn::TraceBuilder()>;
  // Starts over unless `key` (whatever tells one subject from another) is what is here or on its way. `make`
  // runs with the first slice, and may throw std::bad_alloc there. What was here goes.
  void want(const std::string& key, Make make);
  void drop() { *this = SideTrace(); }
  bool wanted() const { return !key_.empty(); }
  const std::string& key() const { return key_; }
  bool has_work() const { return make_ || builder_; }
  void work(int steps);
  const rnn::Trace* trace() const { return trace_.get(); }  // null until it is finished
  double progress() const { return trace_ ? 1 : builder_ ? builder_->progress() : 0; }
  std::uint64_t serial() const { return serial_; }  // of the trace; never 0 for one

 private:
  std::string key_;
  Make make_;
  std::optional<rnn::TraceBuilder> builder_;
  std::unique_ptr<rnn::Trace> trace_;
  std::uint64_t serial_ = 0;
};

}  // namespace ribostep::session
