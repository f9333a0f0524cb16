// Checkpoints: every bit back from any of them, in any order, after thinning and cutting off, within the
// budget.
#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "base/random.h"
#include "session/checkpoints.h"

using namespace ribostep;
using session::Checkpoints;
using session::SharedWeights;

namespace {

// Weights that move a little with every update, as in training, with a few awkward numbers among them.
struct Run {
  std::vector<SharedWeights> at;
  explicit Run(std::size_t parameters, int updates, double step = 1e-3) {
    Random random(7, 3);
    std::vector<float> now(parameters);
    for (float& w : now) w = static_cast<float>(random.uniform() - 0.5);
    now[0] = -0.0f;
    if (parameters > 3) {
      now[1] = std::numeric_limits<float>::denorm_min();
      now[2] = std::numeric_limits<float>::quiet_NaN();
      now[3] = -std::numeric_limits<float>::infinity();
    }
    for (int n = 0; n <= updates; ++n) {
      at.push_back(std::make_shared<const std::vector<float>>(now));
      for (std::size_t i = 4; i < now.size(); ++i)
        now[i] += static_cast<float>((random.uniform() - 0.5) * step);
    }
  }
};

bool same_bits(const SharedWeights& a, const SharedWeights& b) {
  return a && b && a->size() == b->size() &&
         std::memcmp(a->data(), b->data(), a->size() * sizeof(float)) == 0;
}

void pack(Checkpoints& all) {
  for (int i = 0; all.has_work(); ++i) {
    REQUIRE(i < 1'000'000);
    all.work_slice();
  }
}

void check_all(const Checkpoints& all, const Run& run) {
  const std::vector<std::int64_t> updates = all.updates();
  // Backwards and forwards, so that nothing rests on what was asked before.
  for (auto u = updates.rbegin(); u != updates.rend(); ++u)
    CHECK(same_bits(all.at(*u), run.at[static_cast<std::size_t>(*u)]));
  for (std::size_t i = 0; i < updates.size(); i += 3)
    CHECK(same_bits(all.at(updates[i]), run.at[static_cast<std::size_t>(updates[i])]));
}

}  // namespace

TEST_CASE("a change is packed and comes back to the same bits, and damage is noticed") {
  for (const std::size_t n : {std::size_t{1}, std::size_t{5}, std::size_t{4096}, std::size_t{5000}}) {
    const Run run(n, 1);
    const std::vector<std::uint8_t> packed = session::pack_change(*run.at[0], *run.at[1]);
    std::vector<float> weights = *run.at[0];
    REQUIRE(session::apply_change(packed, weights));
    CHECK(same_bits(std::make_shared<const std::vector<float>>(weights), run.at[1]));
    std::vector<float> other = *run.at[0];
    CHECK_FALSE(session::apply_change(std::span(packed).first(packed.size() / 2), other));
    std::vector<float> longer(n + 1);
    CHECK_FALSE(session::apply_change(packed, longer));
    std::vector<std::uint8_t> spoilt = packed;
    spoilt[spoilt.size() / 2] ^= 0x55u;
    CHECK_FALSE(session::apply_change(spoilt, other));
  }
}

TEST_CASE("every checkpoint comes back bit for bit, packed or not, in any order") {
  const Run run(9001, 70);
  Checkpoints all;
  all.start(2);
  for (std::int64_t u = 0; u <= 70; ++u) all.add(u, run.at[static_cast<std::size_t>(u)]);
  CHECK(all.size() == 36);  // the odd ones are passed over
  CHECK(all.at(3) == nullptr);
  check_all(all, run);  // none is packed yet
  for (int i = 0; i < 20; ++i) all.work_slice();
  check_all(all, run);  // one is half done
  const std::size_t raw = 36 * 9001 * sizeof(float);
  pack(all);
  check_all(all, run);
  // Random digits do not shrink; signs and exponents do, by more than a quarter of all bytes together.
  CHECK(all.bytes() < raw * 3 / 4 + 8 * 9001 * sizeof(float));
}

TEST_CASE("what stands still takes next to nothing") {
  const Run run(20000, 64, 0);
  Checkpoints all;
  all.start(1);
  for (std::int64_t u = 0; u <= 64; ++u) all.add(u, run.at[static_cast<std::size_t>(u)]);
  pack(all);
  check_all(all, run);
  const std::size_t one = 20000 * sizeof(float);
  CHECK(all.bytes() < 5 * one);  // the first, and a few as they are for the next to come
}

TEST_CASE("checkpoints that come late, twice or with a gap before them") {
  const Run run(300, 40);
  Checkpoints all;
  all.start(1);
  for (const int u : {0, 7, 12, 12, 40, 3, 6, 5, 39}) {
    all.add(u, run.at[static_cast<std::size_t>(u)]);
    if (u % 2 == 0) pack(all);
  }
  CHECK(all.updates() == std::vector<std::int64_t>{0, 3, 5, 6, 7, 12, 39, 40});
  check_all(all, run);
  pack(all);
  check_all(all, run);
  all.add(41, std::make_shared<const std::vector<float>>(299));  // of another network
  CHECK_FALSE(all.has(41));
}

TEST_CASE("every other one goes without touching the rest, also while some wait to be packed") {
  const Run run(5000, 100);
  Checkpoints all;
  all.start(1);
  for (std::int64_t u = 0; u <= 100; ++u) {
    all.add(u, run.at[static_cast<std::size_t>(u)]);
    if (u % 3 == 0) all.work_slice();
  }
  for (int i = 0; i < 40; ++i) all.work_slice();
  all.thin();
  CHECK(all.every() == 2);
  CHECK(all.size() == 51);
  check_all(all, run);
  all.thin();
  pack(all);
  all.thin();
  CHECK(all.every() == 8);
  CHECK(all.updates().back() == 96);
  check_all(all, run);
}

TEST_CASE("another way from an update on: what came after it goes, and new ones take its place") {
  const Run run(700, 30), other(700, 30, 1e-2);
  Checkpoints all;
  all.start(1);
  for (std::int64_t u = 0; u <= 30; ++u) all.add(u, run.at[static_cast<std::size_t>(u)]);
  pack(all);
  all.drop_after(13);
  CHECK(all.updates().back() == 13);
  check_all(all, run);
  for (std::int64_t u = 14; u <= 30; ++u) all.add(u, other.at[static_cast<std::size_t>(u)]);
  pack(all);
  for (std::int64_t u = 14; u <= 30; ++u) CHECK(same_bits(all.at(u), other.at[static_cast<std::size_t>(u)]));
  for (std::int64_t u = 0; u <= 13; ++u) CHECK(same_bits(all.at(u), run.at[static_cast<std::size_t>(u)]));
}

TEST_CASE("the budget holds with every checkpoint that comes, packed at once or never") {
  constexpr std::size_t kBudget = 400'000, kParameters = 2000;
  const Run run(kParameters, 600);
  for (const bool packing : {true, false}) {
    CAPTURE(packing);
    Checkpoints all(kBudget, 1000);
    all.start(1);
    for (std::int64_t u = 0; u <= 600; ++u) {
      all.add(u, run.at[static_cast<std::size_t>(u)]);
      CHECK(all.bytes() <= kBudget);
      if (packing) pack(all);
      CHECK(all.bytes() <= kBudget + 2 * kParameters * sizeof(float));  // while one is asked for
    }
    CHECK(all.every() > 1);
    CHECK(all.size() > 20);
    CHECK(all.has(0));
    check_all(all, run);
  }
  Checkpoints few(64u << 20u, 50);
  few.start(1);
  for (std::int64_t u = 0; u <= 600; ++u) few.add(u, run.at[static_cast<std::size_t>(u)]);
  CHECK(few.size() <= 50);
  CHECK(few.size() >= 25);
  CHECK(few.every() == 16);
}

TEST_CASE("a network that is too large for any budget keeps none") {
  Checkpoints all(1000);
  CHECK_FALSE(all.possible(300));
  all.start(1);
  all.add(0, std::make_shared<const std::vector<float>>(300));
  CHECK(all.size() == 0);
  CHECK(Checkpoints().possible(1'000'000));
}

TEST_CASE("the distance gives about 200 of them, and at least one an epoch") {
  CHECK(session::checkpoint_distance(0, 1, 1000) == 1);
  CHECK(session::checkpoint_distance(60, 1, 1000) == 1);
  CHECK(session::checkpoint_distance(200, 4, 1000) == 1);
  CHECK(session::checkpoint_distance(201, 4, 1000) == 2);
  CHECK(session::checkpoint_distance(60'000, 1000, 1000) == 300);
  CHECK(session::checkpoint_distance(50'000, 5, 1000) == 5);
  CHECK(session::checkpoint_distance(200, 4, 160) == 2);  // an update costs little more than a copy
  CHECK(session::checkpoint_distance(200, 16, 40) == 8);
  CHECK(session::checkpoint_distance(0, 0, 0) == 320);
}
