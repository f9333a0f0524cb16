#include "motif/proof_search.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "base/random.h"
#include "motif/agreement.h"

namespace ribostep::motif {
namespace {

constexpr int kMostStates = 200'000;         // of the network, remembered
constexpr std::size_t kMemory = 32u << 20u;  // for them
constexpr int kShown = 1000;                 // states that are given back
constexpr int kPumpedLetters = 20'000, kSuffix = 3, kCycle = 3, kRandomLength = 2'000;

struct Walk {
  const Dfa& dfa;
  Reader& reader;
  int state = 0;
  void start() { reader.start(), state = dfa.start; }
  void read(int letter) { reader.read(letter), state = dfa.step(state, letter); }
  bool differs() const { return reader.accepts() != dfa.accepts(state); }
};

// Network states seen, for looking them up.
class Seen {
 public:
  Seen(int width, int most) : width_(static_cast<std::size_t>(width)) {
    std::size_t size = 64;
    while (size < 2 * static_cast<std::size_t>(most)) size *= 2;
    slots_.assign(size, -1);
  }
  const float* of(int i) const { return values_.data() + static_cast<std::size_t>(i) * width_; }
  int size() const { return static_cast<int>(machine.size()); }
  // False: it is there already.
  bool add(std::span<const float> values, int machine_state) {
    std::uint64_t hash = static_cast<std::uint64_t>(machine_state) + 0x9e3779b97f4a7c15u;
    for (const float v : values) {
      std::uint32_t bits;
      std::memcpy(&bits, &v, sizeof bits);
      hash = (hash ^ bits) * 0xff51afd7ed558ccdu;
      hash ^= hash >> 29u;
    }
    std::size_t slot = hash & (slots_.size() - 1);
    for (; slots_[slot] >= 0; slot = (slot + 1) & (slots_.size() - 1)) {
      const int i = slots_[slot];
      if (machine[static_cast<std::size_t>(i)] == machine_state &&
          std::memcmp(of(i), values.data(), width_ * sizeof(float)) == 0)
        return false;
    }
    slots_[slot] = size();
    machine.push_back(machine_state);
    values_.insert(values_.end(), values.begin(), values.end());
    return true;
  }
  std::vector<int> machine;

 private:
  std::size_t width_;
  std::vector<int> slots_;
  std::vector<float> values_;
};

// Every string of up to `depth` letters from here; true: `word` has become one that differs.
bool try_suffixes(Walk& walk, int depth, Word& word, double& budget, double cost) {
  if (depth == 0 || budget < 0) return false;
  const std::vector<float> here = walk.reader.state();
  const int state = walk.state;
  for (int a = 0; a < walk.dfa.letters(); ++a) {
    walk.reader.set_state(here);
    walk.state = state;
    walk.read(a);
    budget -= cost;
    word.push_back(static_cast<std::uint8_t>(a));
    if (walk.differs() || try_suffixes(walk, depth - 1, word, budget, cost)) return true;
    word.pop_back();
  }
  return false;
}

// Leaves out stretches, long ones first, as long as some string is still read wrongly.
void shorten(Walk& walk, Word& word, double budget, double cost) {
  for (std::size_t chunk = word.size() / 2; chunk > 0 && budget > 0; chunk /= 2)
    for (std::size_t begin = 0; begin + chunk <= word.size() && budget > 0;) {
      Word rest;
      bool wrong = false;
      walk.start();
      for (std::size_t i = 0; i < word.size() && !wrong; ++i) {
        if (i >= begin && i < begin + chunk) continue;
        rest.push_back(word[i]);
        walk.read(word[i]);
        budget -= cost;
        wrong = walk.differs();
      }
      if (wrong)
        word = std::move(rest);
      else
        begin += chunk;
    }
}

}  // namespace

double step_cost(const rnn::ModelSpec& spec) {
  const double units = spec.hidden, gates = static_cast<double>(rnn::gates(spec.cell).size());
  return 150 + gates * units * (units / 4 + 8);
}

void search_all(const Dfa& dfa, Reader& reader, double budget, Found& found) {
  Walk walk{dfa, reader};
  walk.start();
  const std::vector<float> first = reader.state();
  const int width = static_cast<int>(first.size()), letters = dfa.letters();
  const std::size_t units = reader.h().size();
  const int most = static_cast<int>(std::min<std::size_t>(kMostStates, kMemory / (4 * first.size()) + 1));
  const double cost = 1.3 * step_cost(reader.spec());
  found.smallest.assign(units, std::numeric_limits<float>::infinity());
  found.largest.assign(units, 0.0f);
  found.readout = std::numeric_limits<double>::infinity();
  Seen seen(width, most + letters);
  std::vector<int> parent, depth;
  std::vector<std::uint8_t> letter;
  const auto differs = [&] {
    const std::span<const float> z = reader.logits();
    const double lead = static_cast<double>(z[1]) - static_cast<double>(z[0]);
    found.readout = std::min(found.readout, dfa.accepts(walk.state) ? lead : -lead);
    for (std::size_t u = 0; u < units; ++u) {
      found.smallest[u] = std::min(found.smallest[u], std::fabs(reader.h()[u]));
      found.largest[u] = std::max(found.largest[u], std::fabs(reader.h()[u]));
    }
    return walk.differs();
  };
  const auto word_to = [&](int i) {
    Word word;
    for (; i > 0; i = parent[static_cast<std::size_t>(i)])
      word.push_back(letter[static_cast<std::size_t>(i)]);
    std::reverse(word.begin(), word.end());
    return word;
  };
  found.strings = 1;
  if (differs()) found.failing = Word{};
  seen.add(first, walk.state);
  parent.push_back(-1);
  depth.push_back(0);
  letter.push_back(0);
  for (int i = 0; i < seen.size(); ++i) {
    if (seen.size() >= most || budget < 0 || (found.failing && i >= kShown)) return;
    if (!found.failing) found.tried_length = depth[static_cast<std::size_t>(i)];
    found.distinct = seen.size();
    const std::vector<float> from(seen.of(i), seen.of(i) + width);
    if (i < kShown) {
      found.first.push_back(from);
      found.first_machine.push_back(seen.machine[static_cast<std::size_t>(i)]);
    }
    for (int a = 0; a < letters; ++a) {
      reader.set_state(from);
      walk.state = seen.machine[static_cast<std::size_t>(i)];
      walk.read(a);
      budget -= cost;
      ++found.strings;
      if (differs() && !found.failing) {
        found.failing = word_to(i);
        found.failing->push_back(static_cast<std::uint8_t>(a));
      }
      if (!seen.add(reader.state(), walk.state)) continue;
      parent.push_back(i);
      depth.push_back(depth[static_cast<std::size_t>(i)] + 1);
      letter.push_back(static_cast<std::uint8_t>(a));
    }
  }
  found.distinct = seen.size();
  found.closed = !found.failing;
}

namespace {

// True: found.failing is set.
bool look_long(Walk& walk, double budget, double cost, Found& found) {
  const Dfa& dfa = walk.dfa;
  Reader& reader = walk.reader;
  double pumping = 0.85 * budget;
  std::vector<Word> cycles;
  for (std::size_t length = 1, from = 0; length <= kCycle; ++length) {
    const std::size_t end = cycles.size();
    if (length == 1)
      for (int a = 0; a < dfa.letters(); ++a) cycles.push_back({static_cast<std::uint8_t>(a)});
    for (std::size_t i = from; i < end; ++i)
      for (int a = 0; a < dfa.letters(); ++a) {
        cycles.push_back(cycles[i]);  // AA is in there for AAC, and costs little
        cycles.back().push_back(static_cast<std::uint8_t>(a));
      }
    if (length > 1) from = end;
  }
  // Short cycles after every state first.
  const std::vector<Word> access = access_words(dfa);
  for (const Word& cycle : cycles)
    for (const Word& to : access) {
      if (pumping < 0) break;
      walk.start();
      Word word = to;
      for (const std::uint8_t a : to) walk.read(a);
      // Brent: a state to come back to, renewed after 1, 2, 4, ... rounds.
      std::vector<float> kept;
      int kept_state = -1;
      std::size_t renew = 1;
      for (std::size_t round = 0; word.size() < kPumpedLetters && pumping >= 0; ++round) {
        std::vector<float> now = reader.state();
        if (walk.state == kept_state && now == kept) break;
        if (round + 1 >= renew) kept = std::move(now), kept_state = walk.state, renew *= 2;
        for (const std::uint8_t a : cycle) {
          walk.read(a);
          pumping -= cost;
          word.push_back(a);
          if (!walk.differs()) continue;
          found.failing = word;
          return true;
        }
      }
      ++found.pumped;
      found.longest = std::max(found.longest, static_cast<int>(word.size()));
      if (try_suffixes(walk, kSuffix, word, pumping, cost)) {
        found.failing = word;
        return true;
      }
    }
  double left = budget - 0.85 * budget;
  for (std::uint64_t seed = 1; left > 0; ++seed) {
    const Word word = planted_word(dfa, kRandomLength, seed);
    walk.start();
    for (std::size_t t = 0; t < word.size(); ++t) {
      walk.read(word[t]);
      if (!walk.differs()) continue;
      found.failing = Word(word.begin(), word.begin() + static_cast<std::ptrdiff_t>(t) + 1);
      return true;
    }
    left -= cost * kRandomLength;
    ++found.strings;
  }
  return false;
}

}  // namespace

void search_long(const Dfa& dfa, Reader& reader, double budget, Found& found) {
  Walk walk{dfa, reader};
  const double cost = step_cost(reader.spec());
  if (look_long(walk, 0.8 * budget, cost, found)) shorten(walk, *found.failing, 0.2 * budget, cost);
}

}  // namespace ribostep::motif
