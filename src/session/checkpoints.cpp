// The change of a checkpoint is not to the one before it but to the one whose number is its own with the
// lowest set bit cleared: then every other checkpoint can go at any time without packing the rest anew, and
// no chain is longer than the number has set bits.
#include "session/checkpoints.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <stdexcept>

namespace ribostep::session {
namespace {

constexpr std::size_t kPart = 4096;  // numbers deflated at a time
constexpr int kPlanes = 4;           // bytes of a float
// Reading a letter takes some twelve operations per weight; so many of them are a hundred copies.
constexpr std::int64_t kLettersBetween = 320;

std::uint32_t bits_of(float value) {
  std::uint32_t bits = 0;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

std::span<const float> part_of(std::span<const float> all, std::size_t index) {
  const std::size_t begin = std::min(index * kPart, all.size());
  return all.subspan(begin, std::min(kPart, all.size() - begin));
}

// The number with its lowest set bit cleared.
std::int64_t cleared(std::int64_t number) { return number & (number - 1); }

}  // namespace

std::int64_t checkpoint_distance(std::int64_t planned, std::int64_t per_epoch,
                                 std::int64_t letters_per_update) {
  const auto at_least_one = [](std::int64_t n) { return std::max<std::int64_t>(1, n); };
  const std::int64_t wanted = (planned + kWantedCheckpoints - 1) / kWantedCheckpoints;
  const std::int64_t letters = at_least_one(letters_per_update);
  return std::max(at_least_one(std::min(wanted, at_least_one(per_epoch))),
                  (kLettersBetween + letters - 1) / letters);
}

std::vector<std::uint8_t> pack_change(std::span<const float> before, std::span<const float> now) {
  const std::size_t n = now.size();
  std::vector<std::uint8_t> planes(n * kPlanes);
  for (std::size_t i = 0; i < n; ++i) {
    const std::uint32_t change = bits_of(now[i]) ^ (before.empty() ? 0u : bits_of(before[i]));
    for (std::size_t plane = 0; plane < kPlanes; ++plane)
      planes[plane * n + i] = static_cast<std::uint8_t>(change >> (24 - 8 * plane));
  }
  z_stream stream{};
  // Runs and letter frequencies are all there is to find: matches elsewhere would be chance.
  if (deflateInit2(&stream, 1, Z_DEFLATED, MAX_WBITS, 8, Z_RLE) != Z_OK) throw std::bad_alloc();
  std::vector<std::uint8_t> out(deflateBound(&stream, static_cast<uLong>(planes.size())) + 64 * kPlanes);
  stream.next_out = out.data();
  stream.avail_out = static_cast<uInt>(out.size());
  int result = Z_OK;
  for (std::size_t plane = 0; plane < kPlanes; ++plane) {
    stream.next_in = planes.data() + plane * n;
    stream.avail_in = static_cast<uInt>(n);
    // A block of its own for each plane, with its own frequencies.
    result = deflate(&stream, plane + 1 < kPlanes ? Z_BLOCK : Z_FINISH);
  }
  out.resize(out.size() - stream.avail_out);
  deflateEnd(&stream);
  if (result != Z_STREAM_END) throw std::runtime_error("a checkpoint could not be packed");
  return out;
}

bool apply_change(std::span<const std::uint8_t> packed, std::span<float> weights) {
  const std::size_t n = weights.size();
  std::vector<std::uint8_t> planes(n * kPlanes + 1);
  uLongf found = static_cast<uLongf>(planes.size());
  if (uncompress(planes.data(), &found, packed.data(), static_cast<uLong>(packed.size())) != Z_OK ||
      found != n * kPlanes)
    return false;
  for (std::size_t i = 0; i < n; ++i) {
    std::uint32_t bits = bits_of(weights[i]);
    for (std::size_t plane = 0; plane < kPlanes; ++plane)
      bits ^= static_cast<std::uint32_t>(planes[plane * n + i]) << (24 - 8 * plane);
    std::memcpy(&weights[i], &bits, sizeof bits);
  }
  return true;
}

void Checkpoints::start(std::int64_t every) {
  *this = Checkpoints(budget_, most_);
  every_ = std::max<std::int64_t>(1, every);
}

std::int64_t Checkpoints::parent_of(std::int64_t update) const {
  for (std::int64_t number = update / every_; number > 0;) {
    number = cleared(number);
    if (has(number * every_)) return number * every_;
  }
  return -1;
}

void Checkpoints::add(std::int64_t update, SharedWeights weights) {
  if (update < 0 || update % every_ != 0 || has(update) || !weights || !possible(weights->size())) return;
  Item item;
  item.parent = parent_of(update);
  if (item.parent >= 0 && items_.at(item.parent).count != weights->size()) return;  // of another network
  item.count = weights->size();
  held_ += item.count * sizeof(float);
  item.raw = std::move(weights);
  items_.emplace(update, std::move(item));
  waiting_.push_back(update);
  fit();
}

void Checkpoints::fit() {
  while (items_.size() > 2 && (items_.size() > most_ || bytes() > budget_)) thin();
}

void Checkpoints::drop_after(std::int64_t update) {
  items_.erase(items_.upper_bound(update), items_.end());
  recount();
}

void Checkpoints::thin() {
  every_ *= 2;
  for (auto at = items_.begin(); at != items_.end();)
    at = at->first % every_ != 0 ? items_.erase(at) : std::next(at);
  recount();
}

// After some are gone.
void Checkpoints::recount() {
  const auto gone = [&](std::int64_t update) { return !has(update); };
  if (!waiting_.empty() && gone(waiting_.front())) before_ = nullptr;
  waiting_.erase(std::remove_if(waiting_.begin(), waiting_.end(), gone), waiting_.end());
  recent_.erase(std::remove_if(recent_.begin(), recent_.end(), [&](const auto& r) { return gone(r.first); }),
                recent_.end());
  if (gone(asked_.first)) asked_ = {-1, nullptr};
  held_ = 0;
  for (const auto& [update, item] : items_)
    held_ += item.packed_bytes + (item.raw ? item.count * sizeof(float) : 0);
}

std::vector<std::int64_t> Checkpoints::updates() const {
  std::vector<std::int64_t> all;
  all.reserve(items_.size());
  for (const auto& [update, item] : items_) all.push_back(update);
  return all;
}

SharedWeights Checkpoints::at(std::int64_t update) const {
  const auto known = [&](std::int64_t u, const Item& item) -> SharedWeights {
    if (item.raw) return item.raw;
    if (asked_.first == u) return asked_.second;
    for (const auto& [kept, raw] : recent_)
      if (kept == u) return raw;
    return nullptr;
  };
  const auto here = items_.find(update);
  if (here == items_.end()) return nullptr;
  if (SharedWeights found = known(update, here->second)) return found;
  // Up to one that is known as it is, or to the first; then the changes again, downwards.
  std::vector<const Item*> chain;
  SharedWeights base;
  for (std::int64_t u = update; u >= 0 && !base;) {
    const Item& item = items_.at(u);
    base = known(u, item);
    if (!base) chain.push_back(&item);
    u = item.parent;
  }
  auto weights = base ? std::make_shared<std::vector<float>>(*base)
                      : std::make_shared<std::vector<float>>(chain[0]->count);
  for (auto item = chain.rbegin(); item != chain.rend(); ++item)
    for (std::size_t i = 0; i < (*item)->packed.size(); ++i) {
      const std::size_t begin = i * kPart;
      const std::span<float> part =
          std::span<float>(*weights).subspan(begin, std::min(kPart, weights->size() - begin));
      if (!apply_change((*item)->packed[i], part)) throw std::runtime_error("a checkpoint is damaged");
    }
  asked_ = {update, weights};
  return weights;
}

void Checkpoints::work_slice() {
  if (waiting_.empty()) return;
  const std::int64_t update = waiting_.front();
  Item& item = items_.at(update);
  if (item.parent >= 0 && !before_) {
    before_ = at(item.parent);
    return;  // undoing changes was a slice's work
  }
  const std::size_t index = item.packed.size();
  const std::span<const float> now = part_of(*item.raw, index);
  item.packed.push_back(pack_change(before_ ? part_of(*before_, index) : std::span<const float>(), now));
  item.packed.back().shrink_to_fit();
  item.packed_bytes += item.packed.back().size();
  held_ += item.packed.back().size();
  if ((index + 1) * kPart < item.count) return;
  held_ -= item.count * sizeof(float);
  keep_recent(update, std::move(item.raw));
  item.raw = nullptr;
  before_ = nullptr;
  waiting_.pop_front();
  fit();  // what is kept as it is for the next one counts as well
}

void Checkpoints::keep_recent(std::int64_t update, SharedWeights raw) {
  recent_.emplace_back(update, std::move(raw));
  // The next one's change is to one of these.
  std::vector<std::int64_t> useful;
  for (std::int64_t number = update / every_ + 1; number > 0;) {
    number = cleared(number);
    useful.push_back(number * every_);
  }
  recent_.erase(std::remove_if(recent_.begin(), recent_.end(),
                               [&](const auto& r) {
                                 return std::find(useful.begin(), useful.end(), r.first) == useful.end();
                               }),
                recent_.end());
}

std::size_t Checkpoints::bytes() const {
  std::size_t sum = held_;
  for (const auto& [update, raw] : recent_) sum += raw->size() * sizeof(float);
  if (asked_.second) sum += asked_.second->size() * sizeof(float);
  return sum;
}

}  // namespace ribostep::session
