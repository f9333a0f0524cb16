// Data sets of a machine: strings counted backwards from their end (so that each is equally likely), what is
// said of every prefix, and sets that get a machine's labels.
#include "motif/sampling.h"

#include <algorithm>

#include "base/hash.h"
#include "motif/languages.h"

namespace ribostep::motif {
namespace {

constexpr int kTries = 60;          // for a string that is not there yet
constexpr int kLongestAdded = 200;  // letters of a string that is put beside given records

std::uint8_t letter(Random& random, std::size_t letters) {
  return static_cast<std::uint8_t>(random.below(static_cast<std::uint32_t>(letters)));
}

void add_labelled(const Dfa& dfa, const std::string& name, const Word& word, bio::Dataset& out) {
  std::string annotation;
  int state = dfa.start;
  for (const std::uint8_t symbol : word) {
    state = dfa.step(state, symbol);
    annotation += dfa.accepts(state) ? '1' : '0';
  }
  out.add(name, {}, dfa.accepts(state) ? "accepted" : "rejected", word, annotation);
}

// Which strings were drawn already, by their hashes.
class Drawn {
 public:
  explicit Drawn(int records) {
    std::size_t size = 64;
    while (size < 4 * static_cast<std::size_t>(std::max(0, records))) size *= 2;
    slots_.assign(size, 0);
  }
  bool insert(const Word& word) {  // false: was there
    const std::uint64_t key = Hash().bytes(word.data(), word.size()).value() | 1u;
    std::size_t at = static_cast<std::size_t>(key >> 1u) & (slots_.size() - 1);
    while (slots_[at] != 0 && slots_[at] != key) at = (at + 1) & (slots_.size() - 1);
    const bool fresh = slots_[at] == 0;
    slots_[at] = key;
    return fresh;
  }

 private:
  std::vector<std::uint64_t> slots_;
};

}  // namespace

StringSampler::StringSampler(const Dfa& dfa, int longest) : dfa_(dfa) {
  const std::size_t states = dfa.accepting.size();
  for (const bool accepted : {false, true}) {
    std::vector<double>& share = share_[accepted ? 1 : 0];
    share.assign(states * static_cast<std::size_t>(std::max(0, longest) + 1), 0.0);
    for (std::size_t s = 0; s < states; ++s) share[s] = (dfa.accepting[s] != 0) == accepted ? 1 : 0;
    for (std::size_t at = states; at < share.size(); at += states) {
      double most = 0;
      for (std::size_t s = 0; s < states; ++s) {
        double& sum = share[at + s];
        for (int a = 0; a < dfa.letters(); ++a)
          sum += share[at - states + static_cast<std::size_t>(dfa.step(static_cast<int>(s), a))];
        most = std::max(most, sum);
      }
      for (std::size_t s = 0; s < states && most > 0; ++s) share[at + s] /= most;
    }
  }
}

Word StringSampler::draw(bool accepted, int length, Random& random) const {
  Word word;
  int state = dfa_.start;
  for (int left = length - 1; left >= 0; --left) {
    double sum = 0;
    for (int a = 0; a < dfa_.letters(); ++a) sum += weight(accepted, left, dfa_.step(state, a));
    double at = random.uniform() * sum;
    int chosen = -1;
    for (int a = 0; a < dfa_.letters(); ++a) {
      const double share = weight(accepted, left, dfa_.step(state, a));
      if (share <= 0) continue;
      chosen = a;
      if (at < share) break;
      at -= share;
    }
    chosen = std::max(chosen, 0);
    word.push_back(static_cast<std::uint8_t>(chosen));
    state = dfa_.step(state, chosen);
  }
  return word;
}

Word StringSampler::any(int length, Random& random) const {
  Word word(static_cast<std::size_t>(length));
  for (std::uint8_t& symbol : word) symbol = letter(random, dfa_.symbols.size());
  return word;
}

Word StringSampler::near_miss(int length, Random& random) const {
  if (!possible(true, length)) return any(length, random);
  Word word = draw(true, length, random);
  for (std::uint32_t changes = 1 + random.below(2); changes > 0 && !word.empty(); --changes)
    word[random.below(static_cast<std::uint32_t>(word.size()))] = letter(random, dfa_.symbols.size());
  return word;
}

bio::Dataset sample(const Dfa& dfa, bio::AlphabetKind alphabet, const SampleOptions& options) {
  bio::Dataset data;
  data.alphabet_kind = alphabet;
  const int least = std::max(1, options.min_length), most = std::max(least, options.max_length);
  const StringSampler sampler(dfa, most);
  Random random(options.seed, 6);
  std::vector<int> lengths[2];  // at which there are rejected, and accepted strings
  for (int length = least; length <= most; ++length)
    for (const bool accepted : {false, true})
      if (sampler.possible(accepted, length)) lengths[accepted ? 1 : 0].push_back(length);
  Drawn drawn(options.records);
  for (int i = 0; i < options.records; ++i) {
    const std::size_t wanted = i % 2 == 0 ? 1 : 0;
    const std::size_t side = lengths[wanted].empty() ? 1 - wanted : wanted;
    const std::vector<int>& possible = lengths[side];
    Word word;
    for (int attempt = 0; attempt < kTries; ++attempt) {
      const int length = possible[random.below(static_cast<std::uint32_t>(possible.size()))];
      word = sampler.draw(side == 1, length, random);
      if (side == 0 && i % 4 == 1) {
        const Word near = sampler.near_miss(length, random);
        if (!dfa.accepts(dfa.run(near))) word = near;
      }
      if (drawn.insert(word)) break;
    }
    add_labelled(dfa, "s" + std::to_string(i + 1), word, data);
  }
  return data;
}

bio::Dataset labelled_by(const Dfa& dfa, const bio::Dataset& data, std::size_t limit, int& added) {
  bio::Dataset out;
  out.alphabet_kind = data.alphabet_kind;
  std::vector<std::uint32_t> masks;
  for (const bio::Code& code : data.alphabet().codes) masks.push_back(code.symbols);
  std::size_t taken = 0, positions[2] = {0, 0};
  for (int i = 0; i < data.size() && taken < limit; ++i) {
    const auto tokens = data.tokens(i).first(std::min(data.tokens(i).size(), limit - taken));
    taken += tokens.size();
    const Run run = run_codes(dfa, tokens, masks);
    std::string annotation;
    for (std::size_t t = 1; t < run.accepted.size(); ++t) {
      annotation += "01."[run.accepted[t]];
      if (run.accepted[t] < 2) ++positions[run.accepted[t]];
    }
    constexpr const char* kSays[] = {"rejected", "accepted", ""};
    out.add(data.name(i), data.description(i), kSays[run.accepted.back()], tokens, annotation);
  }
  added = 0;
  if (out.empty() || (positions[0] > 0 && positions[1] > 0)) return out;
  // One class alone cannot be learned: strings with the other one, about as long as those given.
  const char missing = positions[0] > 0 ? '1' : '0';
  SampleOptions options;
  options.records = std::clamp(out.size(), 20, 200);
  options.max_length =
      std::clamp(static_cast<int>(taken / static_cast<std::size_t>(out.size())), 16, kLongestAdded);
  const bio::Dataset more = sample(dfa, data.alphabet_kind, options);
  for (int i = 0; i < more.size(); ++i) {
    if (more.annotation(i).find(missing) == std::string_view::npos) continue;
    ++added;
    out.add("sampled_" + std::to_string(added), {}, more.column_label(i), more.tokens(i), more.annotation(i));
  }
  return out;
}

bio::Dataset with_strings(const Dfa& dfa, const bio::Dataset& data, std::span<const Word> strings) {
  bio::Dataset out = data;
  constexpr std::string_view kName = "counterexample_";
  int number = 0;
  for (int i = 0; i < data.size(); ++i) number += data.name(i).substr(0, kName.size()) == kName ? 1 : 0;
  for (const Word& word : strings)
    if (!word.empty()) add_labelled(dfa, std::string(kName) + std::to_string(++number), word, out);
  return out;
}

}  // namespace ribostep::motif
