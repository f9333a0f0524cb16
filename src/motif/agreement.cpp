// Everybody reads the same strings. Machines among themselves are compared exactly, once; strings are for the
// matcher, which is the definition, and for the network.
#include "motif/agreement.h"

#include <algorithm>

#include "base/random.h"
#include "motif/matcher.h"

namespace ribostep::motif {
namespace {

constexpr std::int64_t kMostShort = 10'000;  // strings: of DNA all up to 6 letters, of protein up to 3
constexpr int kShortest = 8;                 // of the seeded ones
constexpr std::uint64_t kPlanting = 40, kLengths = 41, kPlain = 42;  // streams of a seed

std::uint8_t any_letter(const Dfa& dfa, Random& random) {
  return static_cast<std::uint8_t>(random.below(static_cast<std::uint32_t>(dfa.letters())));
}

// Letters to the nearest accepting state; -1: none can be reached.
std::vector<int> distances(const Dfa& dfa) {
  std::vector<int> far(dfa.accepting.size(), -1);
  for (std::size_t s = 0; s < far.size(); ++s)
    if (dfa.accepting[s]) far[s] = 0;
  for (bool more = true; more;) {
    more = false;
    for (int s = 0; s < dfa.states(); ++s)
      for (int a = 0; a < dfa.letters(); ++a) {
        const int next = far[static_cast<std::size_t>(dfa.step(s, a))];
        int& here = far[static_cast<std::size_t>(s)];
        if (next < 0 || (here >= 0 && here <= next + 1)) continue;
        here = next + 1;
        more = true;
      }
  }
  return far;
}

Word planted(const Dfa& dfa, const std::vector<int>& far, int length, std::uint64_t seed) {
  Random random(seed, kPlanting);
  Word word;
  int state = dfa.start;
  const auto add = [&](std::uint8_t letter) {
    if (static_cast<int>(word.size()) >= length) return;
    word.push_back(letter);
    state = dfa.step(state, letter);
  };
  const auto size = static_cast<std::size_t>(std::max(0, length));
  const auto gap_limit = static_cast<std::uint32_t>(size / 2 + 1);
  while (word.size() < size) {
    // Half of the stretches follow at once, as what must begin at the start does; one in four breaks off.
    const std::uint32_t gap = random.below(2) ? random.below(std::min(gap_limit, 40u)) : 0;
    for (std::uint32_t i = 0; i < gap && word.size() < size; ++i) add(any_letter(dfa, random));
    const bool whole = random.below(4) != 0;
    int left = far[static_cast<std::size_t>(state)];
    if (left < 0) {
      add(any_letter(dfa, random));
      continue;
    }
    if (!whole && left > 0) left = static_cast<int>(random.below(static_cast<std::uint32_t>(left)));
    for (; left > 0 && word.size() < size; --left) {
      // One of the letters that lead nearer.
      std::vector<std::uint8_t> nearer;
      for (int a = 0; a < dfa.letters(); ++a)
        if (const int next = far[static_cast<std::size_t>(dfa.step(state, a))];
            next >= 0 && next < far[static_cast<std::size_t>(state)])
          nearer.push_back(static_cast<std::uint8_t>(a));
      add(nearer[random.below(static_cast<std::uint32_t>(nearer.size()))]);
    }
    add(any_letter(dfa, random));
  }
  return word;
}

}  // namespace

Word planted_word(const Dfa& dfa, int length, std::uint64_t seed) {
  return planted(dfa, distances(dfa), length, seed);
}

struct Agreement::State {
  State(const Pattern* p, const Nfa* n, const Dfa* d, const Dfa& m, const rnn::Network* net,
        std::span<const float> parameters, AgreementOptions o)
      : minimal(m), options(o), far(distances(m)) {
    if (p) pattern = *p;
    if (n) nfa = *n;
    if (d) dfa = *d;
    if (net && obstacle_of_reading(net->spec).empty() && net->spec.symbols == m.letters())
      reader.emplace(*net, parameters);
    if (n && d) report.nfa_dfa = difference(*n, *d);
    if (d) report.dfa_minimal = difference(*d, m);
    std::int64_t all = 1, of_length = 1;
    while (report.all_up_to < options.all_up_to && all + of_length * m.letters() <= kMostShort) {
      of_length *= m.letters();
      all += of_length;
      ++report.all_up_to;
    }
    short_strings = all;
    done = !report.agrees();
  }

  // `last_only`: the shorter prefixes have been read as strings of their own.
  void read(const Word& word, bool last_only) {
    const std::size_t from = last_only ? word.size() : 0;
    std::vector<std::uint8_t> by_matcher, by_nfa;
    if (pattern) by_matcher = match_prefixes(*pattern, word);
    if (nfa) by_nfa = run_nfa(*nfa, word);
    int state = minimal.start, other = dfa ? dfa->start : 0;
    if (reader) reader->start();
    for (std::size_t t = 0; t <= word.size(); ++t) {
      if (t > 0) {
        state = minimal.step(state, word[t - 1]);
        if (dfa) other = dfa->step(other, word[t - 1]);
        if (reader) reader->read(word[t - 1]);
      }
      if (t < from) continue;
      const bool yes = minimal.accepts(state);
      report.matches += yes;
      const char* who = pattern && (by_matcher[t] != 0) != yes ? "matcher"
                        : nfa && (by_nfa[t] != 0) != yes       ? "NFA"
                        : dfa && dfa->accepts(other) != yes    ? "DFA"
                        : reader && reader->accepts() != yes   ? "network"
                                                               : nullptr;
      if (!who) continue;
      report.counterexample = Word(word.begin(), word.begin() + static_cast<std::ptrdiff_t>(t));
      report.who = who;
      done = true;
      return;
    }
    ++report.strings;
    report.letters += static_cast<std::int64_t>(word.size());
  }

  // The next string in order: by length, then by letters.
  void read_short() {
    read(counter, true);
    ++short_done;
    std::size_t i = counter.size();
    while (i > 0 && counter[i - 1] + 1 == minimal.letters()) counter[--i] = 0;
    if (i > 0)
      ++counter[i - 1];
    else
      counter.insert(counter.begin(), std::uint8_t{0});
  }

  // Lengths spread evenly on a logarithmic scale up to options.length.
  int read_long() {
    const std::uint64_t seed = options.seed * 0x9e3779b97f4a7c15u + static_cast<std::uint64_t>(long_done);
    Random lengths(seed, kLengths), plain(seed, kPlain);
    // An octave, then a length in it.
    std::uint32_t octaves = 1;
    while (kShortest << octaves < options.length) ++octaves;
    const std::uint32_t low = static_cast<std::uint32_t>(kShortest) << lengths.below(octaves);
    int length = std::min(static_cast<int>(low + lengths.below(low + 1)), std::max(1, options.length));
    length = static_cast<int>(std::min<std::int64_t>(length, options.letters - long_letters));
    Word word;
    if (long_done % 2 == 0)
      word = planted(minimal, far, length, seed);
    else
      for (int t = 0; t < length; ++t) word.push_back(any_letter(minimal, plain));
    read(word, false);
    ++long_done;
    long_letters += length;
    return length;
  }

  std::optional<Pattern> pattern;
  std::optional<Nfa> nfa;
  std::optional<Dfa> dfa;
  Dfa minimal;
  std::optional<Reader> reader;
  AgreementOptions options;
  std::vector<int> far;
  AgreementReport report;
  Word counter;
  std::int64_t short_strings = 0, short_done = 0, long_done = 0, long_letters = 0;
  bool done = false;
};

Agreement::Agreement(const Pattern* pattern, const Nfa* nfa, const Dfa* dfa, const Dfa& minimal,
                     const rnn::Network* net, std::span<const float> parameters, AgreementOptions options)
    : state_(std::make_unique<State>(pattern, nfa, dfa, minimal, net, parameters, options)) {}
Agreement::~Agreement() = default;

bool Agreement::run(int strings) {
  State& s = *state_;
  std::int64_t letters = 6 * static_cast<std::int64_t>(strings);
  while (!s.done && letters > 0) {
    if (s.short_done < s.short_strings) {
      letters -= static_cast<std::int64_t>(s.counter.size()) + 1;
      s.read_short();
    } else if (s.long_letters < s.options.letters) {
      letters -= s.read_long();
    } else {
      s.done = true;
    }
  }
  return s.done;
}

double Agreement::progress() const {
  const State& s = *state_;
  if (s.done) return 1;
  const double all =
      static_cast<double>(s.short_strings) * s.report.all_up_to + static_cast<double>(s.options.letters);
  return std::min(
      1.0, (static_cast<double>(s.short_done) * s.report.all_up_to + static_cast<double>(s.long_letters)) /
               std::max(1.0, all));
}

const AgreementReport& Agreement::report() const { return state_->report; }

}  // namespace ribostep::motif
