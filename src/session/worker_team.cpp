#include "session/worker_team.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "io/json_put.h"

namespace ribostep::session {
namespace {

using io::put;

// A message to a helper and back takes some tenths of a millisecond; below this there is too little to share.
constexpr double kWorthSharingMs = 4;
constexpr double kWorthStartingMs = 1500;  // of training to come; starting a helper takes a tenth of it
constexpr double kIdleMs = 30'000;         // without training until helpers are let go
constexpr std::uint64_t kTeamMemory = 1500u << 20u;
constexpr std::size_t kLargestSet = 64u << 20u;  // bytes of a data set that each helper gets a copy of
constexpr int kMaxFailures = 3;  // a browser that cannot start helpers is not asked again and again

// A helper that takes longer than this for a part is late: it is computed here as well.
constexpr double kLateFactor = 2, kLateMs = 20;
// And one that takes longer than this is given up.
constexpr double kGoneFactor = 20, kGoneMs = 10'000;
constexpr double kLongTickMs = 1000;  // the host looks in five times as often

int whole(const nlohmann::json& head, const char* key) {
  return head.contains(key) && head[key].is_number_integer() ? head[key].get<int>() : -1;
}

std::size_t set_bytes(const bio::Dataset& set) {
  return set.total_length() * (1 + sizeof(float) * static_cast<std::size_t>(set.channels()));
}

template <class T>
void append(Bytes& bytes, std::span<const T> values) {
  const std::size_t at = bytes.size();
  bytes.resize(at + values.size_bytes());
  if (!values.empty()) std::memcpy(bytes.data() + at, values.data(), values.size_bytes());
}

}  // namespace

void Team::send(int helper, Message message) {
  emit_({io::typed("helper", "helper", helper), encode(message)});
}

// ---- a run
void Team::begin(Job job) {
  end();
  job_ = std::move(job);
}

void Team::end() {
  for (int i = 0; i < static_cast<int>(helpers_.size()); ++i) {
    Helper& helper = helpers_[static_cast<std::size_t>(i)];
    if (helper.alive && job_.run != 0) send(i, {io::typed("rest", "run", job_.run), {}});
    helper.ready = helper.late = false;
    helper.asked.clear();
  }
  wanted_ = 0;
  round_ = 0;
  part_ms_.fill(-1);
  job_ = {};
}

void Team::recruit(int shards, double ms_per_update, double ms_left) {
  const bool automatic = preference_ == 0;
  int workers = std::min({shards, automatic ? cores_ : preference_, kMaxWorkers});
  if (job_.memory > 0)
    workers =
        std::min(workers, static_cast<int>(std::min<std::uint64_t>(kMaxWorkers, kTeamMemory / job_.memory)));
  if (job_.data && set_bytes(*job_.data) > kLargestSet) workers = 1;
  // Those that are there are kept while they are of use.
  if (automatic && wanted_ == 0 && (ms_per_update < kWorthSharingMs || ms_left < kWorthStartingMs)) return;
  wanted_ = std::max(0, workers - 1);
  for (int i = 0; i < static_cast<int>(helpers_.size()); ++i) {
    if (i < wanted_) start(i);
    if (i >= wanted_ && helpers_[static_cast<std::size_t>(i)].alive) stop(i);
  }
}

void Team::start(int i) {
  Helper& helper = helpers_[static_cast<std::size_t>(i)];
  if (helper.told == job_.run || !job_.data || (!helper.alive && failures_ >= kMaxFailures)) return;
  helper.told = job_.run;
  helper.alive = true;
  idle_since_ = -1;  // its rest begins anew
  if (helper.hash != job_.hash) {
    helper.hash = job_.hash;
    send(i, {io::typed("dataset", "hash", job_.hash), job_.data->pack()});
  }
  send(i, {{{"type", "help"}, {"helper", i}, {"run", job_.run}, {"project", job_.project}}, {}});
}

void Team::stop(int i) {
  helpers_[static_cast<std::size_t>(i)] = {};
  std::replace(holder_.begin(), holder_.end(), static_cast<signed char>(i), static_cast<signed char>(-1));
  emit_({io::typed("helper_stop", "helper", i), {}});
}

int Team::workers() const {
  int count = 1;
  for (int i = 0; i < wanted_; ++i) count += helpers_[static_cast<std::size_t>(i)].ready;
  return count;
}

// ---- a round
bool Team::share(const rnn::Round& round, std::span<const float> parameters) {
  round_ = round.serial;
  const int parts = static_cast<int>(round.parts.size());
  holder_.assign(round.parts.size(), -1);
  kind_ = round.parts.back().kind;
  std::vector<int> free;
  for (int i = 0; i < wanted_; ++i) {
    const Helper& helper = helpers_[static_cast<std::size_t>(i)];
    if (helper.ready && !helper.late && static_cast<int>(free.size()) < parts - 1) free.push_back(i);
  }
  const int each = parts / (static_cast<int>(free.size()) + 1);
  int last = parts;
  for (const int i : free) {
    Helper& helper = helpers_[static_cast<std::size_t>(i)];
    helper.asked.clear();
    helper.round = round.serial;
    helper.waited_ms = 0;
    nlohmann::json wanted = nlohmann::json::array();
    Bytes body;
    body.reserve(parameters.size_bytes() + round.minibatch.size_bytes());
    append(body, parameters);
    for (int k = 0; k < each; ++k) {
      --last;
      const rnn::Part& part = round.parts[static_cast<std::size_t>(last)];
      wanted.push_back({last, part.begin, part.end});
      holder_[static_cast<std::size_t>(last)] = static_cast<signed char>(i);
      helper.asked.push_back(last);
      if (part.kind == rnn::PartKind::Gradient)
        append(body, round.minibatch.subspan(static_cast<std::size_t>(part.begin),
                                             static_cast<std::size_t>(part.end - part.begin)));
    }
    Message message;
    put(message.head, "type", "parts");
    put(message.head, "run", job_.run);
    put(message.head, "round", round.serial);
    put(message.head, "update", round.update);
    put(message.head, "scale", round.scale);
    put(message.head, "evaluation", round.minibatch.empty());
    put(message.head, "parts", std::move(wanted));
    message.body = std::move(body);
    send(i, std::move(message));
  }
  return !free.empty();
}

int Team::next(const rnn::Trainer& trainer) {
  for (std::size_t part = 0; part < holder_.size(); ++part)
    if (holder_[part] < 0 && trainer.missing(static_cast<int>(part))) return static_cast<int>(part);
  // Nothing of its own is left. What a helper has not begun is taken back from its end.
  int most = -1;
  for (int i = 0; i < static_cast<int>(helpers_.size()); ++i) {
    const Helper& helper = helpers_[static_cast<std::size_t>(i)];
    if (helper.round != round_ || helper.asked.size() < 2) continue;
    if (most < 0 || helper.asked.size() > helpers_[static_cast<std::size_t>(most)].asked.size()) most = i;
  }
  if (most >= 0) {
    Helper& helper = helpers_[static_cast<std::size_t>(most)];
    const int part = helper.asked.back();
    helper.asked.pop_back();
    holder_[static_cast<std::size_t>(part)] = -1;
    send(most, {{{"type", "skip"}, {"run", job_.run}, {"round", round_}, {"part", part}}, {}});
    if (trainer.missing(part)) return part;
  }
  const double usual = part_ms_[static_cast<std::size_t>(kind_)];
  for (Helper& helper : helpers_) {
    if (helper.round != round_ || helper.asked.size() != 1 || helper.late) continue;
    const int part = helper.asked.front();
    if (!trainer.missing(part) || helper.waited_ms < kLateFactor * usual + kLateMs) continue;
    helper.late = true;
    return part;
  }
  return -1;
}

void Team::computed(rnn::PartKind kind, double ms) {
  double& usual = part_ms_[static_cast<std::size_t>(kind)];
  usual = usual < 0 ? ms : usual + (ms - usual) / 4;
}

// ---- messages
void Team::answered(const Message& message) {
  const int i = whole(message.head, "helper");
  if (i < 0 || i >= static_cast<int>(helpers_.size()) || whole(message.head, "run") != job_.run) return;
  Helper& helper = helpers_[static_cast<std::size_t>(i)];
  helper.waited_ms = 0;
  helper.late = false;
  if (message.head.value("round", std::int64_t{0}) != helper.round) return;
  const int part = whole(message.head, "part");
  helper.asked.erase(std::remove(helper.asked.begin(), helper.asked.end(), part), helper.asked.end());
  // An answer that cannot be used leaves the part to be computed here.
  if (helper.round == round_ && part >= 0 && part < static_cast<int>(holder_.size()))
    holder_[static_cast<std::size_t>(part)] = -1;
}

void Team::helping(const Message& message) {
  const int i = whole(message.head, "helper");
  if (i < 0 || i >= static_cast<int>(helpers_.size())) return;
  Helper& helper = helpers_[static_cast<std::size_t>(i)];
  helper.ready = helper.alive && whole(message.head, "run") == job_.run;
}

void Team::lost(int i) {
  if (i < 0 || i >= static_cast<int>(helpers_.size()) || !helpers_[static_cast<std::size_t>(i)].alive) return;
  ++failures_;
  stop(i);
}

void Team::tick(double now_ms, bool training) {
  const double usual = part_ms_[static_cast<std::size_t>(kind_)];
  // A machine that slept has not waited.
  const double passed = ticked_ms_ < 0 ? 0 : std::min(now_ms - ticked_ms_, std::max(kLongTickMs, 2 * usual));
  ticked_ms_ = now_ms;
  for (int i = 0; i < static_cast<int>(helpers_.size()); ++i) {
    Helper& helper = helpers_[static_cast<std::size_t>(i)];
    if (helper.asked.empty()) continue;
    helper.waited_ms += passed;
    if (helper.waited_ms > std::max(kGoneMs, kGoneFactor * usual)) lost(i);
  }
  if ((training && wanted_ > 0) || idle_since_ < 0) idle_since_ = now_ms;
  if (now_ms - idle_since_ < kIdleMs) return;
  for (int i = 0; i < static_cast<int>(helpers_.size()); ++i)
    if (helpers_[static_cast<std::size_t>(i)].alive) stop(i);
}

}  // namespace ribostep::session
