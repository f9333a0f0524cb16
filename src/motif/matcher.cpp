// What each node of the tree does to a set of places, and nothing else: no states, no tables. A place is how
// many letters have been read, with how few mismatches; behind '$' nothing more may be read.
#include "motif/matcher.h"

#include <algorithm>

namespace ribostep::motif {
namespace {

struct Place {
  int key;  // 2 * letters read, + 1 behind '$'
  int mismatches;
  bool operator==(const Place&) const = default;
};
using Places = std::vector<Place>;  // by key, each once

// Everything in either, with the fewer mismatches.
Places merged(const Places& a, const Places& b) {
  Places result;
  result.reserve(a.size() + b.size());
  for (std::size_t i = 0, j = 0; i < a.size() || j < b.size();) {
    if (j == b.size() || (i < a.size() && a[i].key < b[j].key)) {
      result.push_back(a[i++]);
    } else if (i == a.size() || b[j].key < a[i].key) {
      result.push_back(b[j++]);
    } else {
      result.push_back({a[i].key, std::min(a[i].mismatches, b[j].mismatches)});
      ++i;
      ++j;
    }
  }
  return result;
}

class Matcher {
 public:
  Matcher(const Pattern& pattern, std::span<const std::uint8_t> letters)
      : pattern_(pattern), letters_(letters) {}

  Places after(int at, const Places& places) const {
    const Node& node = pattern_.nodes[static_cast<std::size_t>(at)];
    Places result;
    if (places.empty()) return result;
    switch (node.kind) {
      case Node::Kind::Empty:
        return places;
      case Node::Kind::Letters:
        for (const Place& place : places) {
          const auto t = static_cast<std::size_t>(place.key / 2);
          if (place.key % 2 != 0 || t == letters_.size()) continue;
          const int mismatches = place.mismatches + ((node.letters >> letters_[t] & 1u) != 0 ? 0 : 1);
          if (mismatches <= pattern_.mismatches) result.push_back({place.key + 2, mismatches});
        }
        return result;
      case Node::Kind::Concat:
        result = places;
        for (const int child : node.children) result = after(child, result);
        return result;
      case Node::Kind::Either:
        for (const int child : node.children) result = merged(result, after(child, places));
        return result;
      case Node::Kind::Repeat:
        return repeated(node, places);
      case Node::Kind::Start:
        for (const Place& place : places)
          if (place.key < 2) result.push_back(place);
        return result;
      case Node::Kind::End:
        for (const Place& place : places) {
          const Place behind{place.key | 1, place.mismatches};
          if (result.empty() || result.back().key != behind.key)
            result.push_back(behind);
          else
            result.back().mismatches = std::min(result.back().mismatches, behind.mismatches);
        }
        return result;
    }
    return result;
  }

 private:
  // Once more and once more, until `high` or until it makes no difference.
  Places repeated(const Node& node, const Places& places) const {
    Places now = places;
    Places result = node.low == 0 ? places : Places();
    for (int times = 1; node.high < 0 || times <= node.high; ++times) {
      Places next = after(node.children[0], now);
      const bool same = next == now;
      if (times >= node.low || same) {
        Places more = merged(result, next);
        // Without an upper limit only what is new can lead to something new.
        if (node.high < 0 && times >= node.low) {
          Places fresh;
          std::size_t i = 0;
          for (const Place& place : next) {
            while (i < result.size() && result[i].key < place.key) ++i;
            if (i == result.size() || result[i].key != place.key || place.mismatches < result[i].mismatches)
              fresh.push_back(place);
          }
          next = std::move(fresh);
        }
        result = std::move(more);
      }
      if (same || next.empty()) break;
      now = std::move(next);
    }
    return result;
  }

  const Pattern& pattern_;
  std::span<const std::uint8_t> letters_;
};

}  // namespace

std::vector<std::uint8_t> match_prefixes(const Pattern& pattern, std::span<const std::uint8_t> letters) {
  const int length = static_cast<int>(letters.size());
  Places starts;
  for (int t = 0; t <= (pattern.mode == Mode::Whole ? 0 : length); ++t) starts.push_back({2 * t, 0});
  std::vector<std::uint8_t> accepted(letters.size() + 1);
  for (const Place& end : Matcher(pattern, letters).after(pattern.root, starts)) {
    const auto t = static_cast<std::size_t>(end.key / 2);
    accepted[t] = 1;
    // What ended without '$' stays found.
    if (pattern.mode == Mode::Contains && end.key % 2 == 0)
      std::fill(accepted.begin() + static_cast<std::ptrdiff_t>(t), accepted.end(), std::uint8_t{1});
  }
  return accepted;
}

}  // namespace ribostep::motif
