// The weights of a run at many of its updates, kept small: each is stored as what changed in its bits since
// an earlier one, so that every bit comes back. Nothing here knows of networks, workers or screens.
#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace ribostep::session {

using SharedWeights = std::shared_ptr<const std::vector<float>>;

inline constexpr std::size_t kCheckpointBudget = 64u << 20u;  // bytes, shown on screen
inline constexpr std::size_t kMostCheckpoints = 256;
inline constexpr std::int64_t kWantedCheckpoints = 200;

// From one checkpoint to the next, for a run of so many updates: about kWantedCheckpoints of them, and at
// least one an epoch, unless an update reads so few letters that copying the weights would take a hundredth
// of its time.
std::int64_t checkpoint_distance(std::int64_t planned, std::int64_t per_epoch,
                                 std::int64_t letters_per_update);

// Lossless. The bits of `now` are XORed with those of `before` (empty: zeros) and deflated one byte plane
// after the other: signs, exponents and leading digits hardly change from one checkpoint to the next.
std::vector<std::uint8_t> pack_change(std::span<const float> before, std::span<const float> now);
// XORs into `weights`, which hold what pack_change had as `before`. False: damaged.
bool apply_change(std::span<const std::uint8_t> packed, std::span<float> weights);

class Checkpoints {
 public:
  explicit Checkpoints(std::size_t budget = kCheckpointBudget, std::size_t most = kMostCheckpoints)
      : budget_(budget), most_(most) {}

  // Empties it; from now on multiples of `every` are taken.
  void start(std::int64_t every);
  std::int64_t every() const { return every_; }
  // Whether some checkpoints of so many numbers fit at all.
  bool possible(std::size_t parameters) const { return parameters * sizeof(float) * 8 <= budget_; }
  // Any order; what is here already, or no multiple of every(), is passed over. Where there is no more room
  // every other checkpoint goes, and every() doubles.
  void add(std::int64_t update, SharedWeights weights);
  void drop_after(std::int64_t update);
  void thin();

  std::size_t size() const { return items_.size(); }
  bool has(std::int64_t update) const { return items_.count(update) > 0; }
  std::vector<std::int64_t> updates() const;  // ascending
  // Null where none is kept. At most log2 of its number of changes are undone for it.
  SharedWeights at(std::int64_t update) const;

  // Compressing waits until somebody has time: a slice is a few thousand numbers, about half a millisecond.
  bool has_work() const { return !waiting_.empty(); }
  void work_slice();

  std::size_t bytes() const;  // all that is held here, also what is not compressed yet
  std::size_t budget() const { return budget_; }

 private:
  struct Item {
    std::int64_t parent = -1;                       // update that the change is to; -1: to zeros
    SharedWeights raw;                              // until it is packed
    std::size_t count = 0;                          // numbers
    std::vector<std::vector<std::uint8_t>> packed;  // a part of the numbers each
    std::size_t packed_bytes = 0;
  };
  std::int64_t parent_of(std::int64_t update) const;
  void keep_recent(std::int64_t update, SharedWeights raw);
  void recount();
  void fit();

  std::size_t budget_, most_;
  std::int64_t every_ = 1;
  std::map<std::int64_t, Item> items_;
  std::deque<std::int64_t> waiting_;  // to be packed, in this order
  SharedWeights before_;              // of the one being packed
  std::size_t held_ = 0;              // bytes in items_
  // As they are: those that the next change will be to, and the one asked for last.
  std::vector<std::pair<std::int64_t, SharedWeights>> recent_;
  mutable std::pair<std::int64_t, SharedWeights> asked_{-1, nullptr};
};

}  // namespace ribostep::session
