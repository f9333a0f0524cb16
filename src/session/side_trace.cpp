#include "session/side_trace.h"

#include <utility>

namespace ribostep::session {
namespace {

std::uint64_t next_serial() {
  static std::uint64_t serial = 0;
  return ++serial;
}

}  // namespace

void SideTrace::want(const std::string& key, Make make) {
  if (key == key_) return;
  key_ = key;
  make_ = std::move(make);
  builder_.reset();
  trace_.reset();
}

void SideTrace::work(int steps) {
  if (make_) builder_.emplace(std::exchange(make_, nullptr)());
  if (!builder_ || !builder_->run(steps)) return;
  trace_ = std::make_unique<rnn::Trace>(builder_->take());
  builder_.reset();
  serial_ = next_serial();
}

}  // namespace ribostep::session
