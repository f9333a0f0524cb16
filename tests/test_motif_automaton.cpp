// The stages of the compiler against the matcher and against each other: exactly where machines are compared,
// and on every short string; sizes and their limits; words, texts and goldens.
// To write golden/motif/*.txt anew: ribostep_tests -tc="write golden/motif" --no-skip
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "base/random.h"
#include "fuzz/pattern_fuzz.h"
#include "motif/automaton.h"
#include "motif/automaton_sets.h"
#include "motif/matcher.h"
#include "motif_patterns.h"

using namespace ribostep;
using namespace ribostep::motif;

namespace {

Pattern pattern_of(std::string_view text, Mode mode = Mode::Contains, int mismatches = 0,
                   bio::AlphabetKind alphabet = kInDna) {
  const ParsedPattern parsed = parse_pattern(text, alphabet, mode, mismatches);
  REQUIRE_MESSAGE(parsed.pattern, text);
  return *parsed.pattern;
}
Nfa nfa_of(const Pattern& pattern) {
  Stage<Nfa> stage = make_nfa(pattern);
  REQUIRE_MESSAGE(stage.made, pattern.text, ": ", stage.problem);
  CHECK(stage.states == stage.made->states);
  return *stage.made;
}
Dfa dfa_of(const Pattern& pattern) {
  Stage<Dfa> stage = make_dfa(nfa_of(pattern));
  REQUIRE_MESSAGE(stage.made, pattern.text, ": ", stage.problem);
  CHECK(stage.states == stage.made->states());
  return *stage.made;
}
Dfa smallest(std::string_view text, Mode mode = Mode::Whole, int mismatches = 0,
             bio::AlphabetKind alphabet = kInDna) {
  return minimal(dfa_of(pattern_of(text, mode, mismatches, alphabet)));
}

std::vector<std::uint8_t> run_dfa(const Dfa& dfa, const Word& word) {
  int state = dfa.start;
  std::vector<std::uint8_t> accepted{dfa.accepts(state)};
  for (const std::uint8_t letter : word) accepted.push_back(dfa.accepts(state = dfa.step(state, letter)));
  return accepted;
}

// Words of 7 letters of four kinds; sanitizers are twenty times slower.
#if defined(__SANITIZE_ADDRESS__)
constexpr std::size_t kMostWords = 1024;
#else
constexpr std::size_t kMostWords = 16384;
#endif
std::size_t length_of_words(std::size_t letters, std::size_t longest) {
  std::size_t length = 0;
  for (std::size_t words = letters; words <= kMostWords && length < longest; words *= letters) ++length;
  return length;
}

// Every word of `length` over some letters.
template <class Visit>
void all_words(const std::vector<std::uint8_t>& letters, std::size_t length, Visit visit) {
  std::vector<std::size_t> digits(length);
  Word word(length, letters[0]);
  for (;;) {
    visit(word);
    std::size_t k = length;
    while (k > 0 && ++digits[k - 1] == letters.size()) {
      digits[k - 1] = 0;
      word[k - 1] = letters[0];
      --k;
    }
    if (k == 0) return;
    word[k - 1] = letters[digits[k - 1]];
  }
}
std::vector<std::uint8_t> all_letters(const Pattern& pattern) {
  std::vector<std::uint8_t> letters;
  for (int k = 0; k < bio::alphabet(pattern.alphabet).size(); ++k)
    letters.push_back(static_cast<std::uint8_t>(k));
  return letters;
}
// One of each kind of letters that the motif does not tell apart: the others are read alike.
std::vector<std::uint8_t> kinds(const Pattern& pattern) {
  std::vector<std::uint8_t> letters;
  for (const std::uint8_t k : all_letters(pattern))
    if (std::none_of(letters.begin(), letters.end(), [&](std::uint8_t j) {
          return std::all_of(pattern.nodes.begin(), pattern.nodes.end(), [&](const Node& node) {
            return ((node.letters >> j ^ node.letters >> k) & 1u) == 0;
          });
        }))
      letters.push_back(k);
  return letters;
}

// Where no word tells two states apart, by the table of Moore (1956): nothing of Hopcroft's in it.
int classes(const Dfa& dfa) {
  std::vector<int> of(dfa.accepting.begin(), dfa.accepting.end());
  for (int before = 0;;) {
    std::vector<std::vector<int>> rows;
    std::vector<int> next;
    for (int s = 0; s < dfa.states(); ++s) {
      std::vector<int> row{of[static_cast<std::size_t>(s)]};
      for (int a = 0; a < dfa.letters(); ++a) row.push_back(of[static_cast<std::size_t>(dfa.step(s, a))]);
      const auto found = std::find(rows.begin(), rows.end(), row);
      next.push_back(static_cast<int>(found - rows.begin()));
      if (found == rows.end()) rows.push_back(row);
    }
    of = next;
    if (static_cast<int>(rows.size()) == before) return before;
    before = static_cast<int>(rows.size());
  }
}
// Whether an NFA and a DFA are one language, by sets of states as the book has them: nothing of Subsets in
// it.
using States = std::set<int>;
States closed(const Nfa& nfa, States set, bool at_start, bool at_end) {
  for (std::size_t before = 0; before != set.size();) {
    before = set.size();
    for (const Nfa::Edge& edge : nfa.edges)
      if (edge.letters == 0 && set.count(edge.from) != 0 &&
          (edge.guard == Nfa::Guard::None || (edge.guard == Nfa::Guard::AtStart ? at_start : at_end)))
        set.insert(edge.to);
  }
  return set;
}
bool same_by_the_book(const Nfa& nfa, const Dfa& dfa) {
  std::vector<std::pair<States, int>> queue{{closed(nfa, {nfa.start}, true, false), dfa.start}};
  std::set<std::pair<States, int>> seen;  // the start pair is not among them: '^' is true there alone
  for (std::size_t k = 0; k < queue.size(); ++k) {
    const auto [set, state] = queue[k];
    if ((closed(nfa, set, k == 0, true).count(nfa.accept) != 0) != dfa.accepts(state)) return false;
    for (int letter = 0; letter < dfa.letters(); ++letter) {
      States next;
      for (const Nfa::Edge& edge : nfa.edges)
        if ((edge.letters >> letter & 1u) != 0 && set.count(edge.from) != 0) next.insert(edge.to);
      std::pair<States, int> pair{closed(nfa, next, false, false), dfa.step(state, letter)};
      if (seen.insert(pair).second) queue.push_back(std::move(pair));
    }
  }
  return true;
}
Dfa random_dfa(int states, std::uint64_t seed) {
  Random random(seed);
  Dfa dfa;
  dfa.symbols = "ACGT";
  for (int s = 0; s < states; ++s) {
    dfa.accepting.push_back(random.below(4) == 0);
    for (int a = 0; a < 4; ++a)
      dfa.next.push_back(static_cast<int>(random.below(static_cast<std::uint32_t>(states))));
  }
  return dfa;
}

std::string diff(std::string_view a, std::string_view b, Mode mode = Mode::Whole) {
  const Dfa x = smallest(a, mode), y = smallest(b, mode);
  const std::optional<Word> word = difference(x, y);
  CHECK(difference(y, x) == word);
  CHECK(difference(nfa_of(pattern_of(a, mode)), y) == word);
  return word ? word_text(*word, "ACGT") : "same";
}

}  // namespace

TEST_CASE("matcher, NFA, DFA and the smallest DFA are one language, in every mode and with mismatches") {
  REQUIRE(std::size(kListedPatterns) >= 40);
  int made = 0, words = 0;
  for (const ListedPattern& listed : kListedPatterns)
    for (const Mode mode : {Mode::Contains, Mode::EndsHere, Mode::Whole})
      for (int mismatches = 0; mismatches <= kMaxMismatches; ++mismatches) {
        CAPTURE(std::string(listed.text));
        CAPTURE(name(mode));
        CAPTURE(mismatches);
        const Pattern pattern = pattern_of(listed.text, mode, mismatches, listed.alphabet);
        const Nfa nfa = nfa_of(pattern);
        const Stage<Dfa> stage = make_dfa(nfa);
        if (!stage.made) {
          CHECK(stage.states > kMaxStates);
          continue;
        }
        const Dfa least = minimal(*stage.made);
        CHECK_FALSE(difference(nfa, *stage.made));
        CHECK_FALSE(difference(nfa, least));
        CHECK_FALSE(difference(*stage.made, least));
        if (stage.made->states() < 100) CHECK(same_by_the_book(nfa, *stage.made));
        CHECK(least.states() <= stage.made->states());
        CHECK(classes(least) == least.states());
        ++made;
        const std::vector<std::uint8_t> letters = kinds(pattern);
        all_words(letters, length_of_words(letters.size(), 7), [&](const Word& word) {
          ++words;
          if (match_prefixes(pattern, word) != run_dfa(least, word))
            FAIL_CHECK(listed.text << " " << name(mode) << " " << mismatches << ": "
                                   << word_text(word, least.symbols));
        });
      }
  CHECK(made ==
        9 * std::size(kListedPatterns) - 2);  // AUG(...)*UAR elsewhere than at the start, 2 mismatches
  CHECK(words > 200'000);
}

TEST_CASE("every string of all letters, as listed") {
  for (const ListedPattern& listed : kListedPatterns) {
    CAPTURE(std::string(listed.text));
    const Pattern pattern = pattern_of(listed.text, listed.mode, listed.mismatches, listed.alphabet);
    const Nfa nfa = nfa_of(pattern);
    const Dfa dfa = dfa_of(pattern);
    all_words(all_letters(pattern), length_of_words(all_letters(pattern).size(), 7), [&](const Word& word) {
      const std::vector<std::uint8_t> expected = match_prefixes(pattern, word);
      if (expected != run_dfa(dfa, word) || expected != run_nfa(nfa, word))
        FAIL_CHECK(listed.text << ": " << word_text(word, dfa.symbols));
    });
    // Long strings with the motif's own letters.
    Random random(7);
    for (int k = 0; k < 5; ++k) {
      Word word;
      for (int t = 0; t < 200; ++t)
        word.push_back(static_cast<std::uint8_t>(random.below(static_cast<std::uint32_t>(dfa.letters()))));
      const std::vector<std::uint8_t> expected = match_prefixes(pattern, word);
      CHECK(expected == run_dfa(dfa, word));
      CHECK(expected == run_nfa(nfa, word));
    }
  }
}

TEST_CASE("the textbook's machine for ACG") {
  const Dfa dfa = smallest("ACG", Mode::Contains);
  CHECK(dfa.states() == 4);
  CHECK(dfa.start == 0);
  CHECK(dfa.next == std::vector<int>{1, 0, 0, 0, 1, 2, 0, 0, 1, 0, 3, 0, 3, 3, 3, 3});
  CHECK(dfa.accepting == std::vector<std::uint8_t>{0, 0, 0, 1});
  CHECK(is_sink(dfa, 3));
  CHECK_FALSE(is_sink(dfa, 0));
  const std::vector<Word> access = access_words(dfa);
  CHECK(state_label(dfa, access, 0) == "s0 \u03b5");
  CHECK(state_label(dfa, access, 3) == "s3 ACG");
  const Dfa chain = smallest("ACGTACGTACGTAC", Mode::EndsHere);
  CHECK(state_label(chain, access_words(chain), 14) == "s14 \u2026GTACGTACGTAC");
  CHECK(state_label(chain, access_words(chain), 12) == "s12 ACGTACGTACGT");
  // An NFA without needless empty moves: the states of the word, and the loops of "contains".
  const Nfa nfa = nfa_of(pattern_of("ACG"));
  CHECK(nfa.states == 4);
  CHECK(nfa.edges.size() == 5);
}

TEST_CASE("one language, one machine, however it is written") {
  const std::pair<const char*, const char*> kSame[] = {
      {"A|C|G|T", "."},          {"AA*", "A+"},   {"A?", "()|A"},      {"(A|C)*", "(A*C*)*"},
      {"A{2,}", "AAA*"},         {"(A*)*", "A*"}, {"W", "[AT]"},       {"A{0}C", "C"},
      {"(AC)*A", "A(CA)*"},      {"^A$", "A"},    {"A(C|G)", "AC|AG"}, {"(.*A)?", "()|.*A"},
      {"A-x(1,2)-C", "A.C|A..C"}};
  for (const auto& pair : kSame) {
    CAPTURE(std::string(pair.first));
    CHECK(diff(pair.first, pair.second) == "same");
    CHECK(smallest(pair.first) == smallest(pair.second));
  }
  CHECK(smallest(".*ACG.*") == smallest("ACG", Mode::Contains));
  CHECK(smallest(".*ACG") == smallest("ACG", Mode::EndsHere));
  CHECK(smallest("CG|AG|TG|GG|AC|AT|AA", Mode::Whole) == smallest("AG", Mode::Whole, 1));
}

TEST_CASE("the shortest string that tells two languages apart, first in order") {
  CHECK(diff("A", "A?") == "\u03b5");
  CHECK(diff("A*", "A+") == "\u03b5");
  CHECK(diff("ACG", "ACG|ACT") == "ACT");
  CHECK(diff("ACG", "ACT") == "ACG");
  CHECK(diff("A{5,}", "A{7,}") == "AAAAA");
  CHECK(diff("(AAA)*", "(AAAAA)*") == "AAA");
  CHECK(diff("ACG", "^ACG", Mode::Contains) == "AACG");
  CHECK(diff("A$", "A", Mode::Contains) == "AC");
  CHECK(diff("TATA", "TATAWAW", Mode::EndsHere) == "TATA");
  // Random machines: as short as the first difference among all words, and the first of those.
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const Dfa a = random_dfa(5, seed), b = random_dfa(4, seed + 100);
    std::optional<Word> expected;
    for (std::size_t length = 0; length <= 4 && !expected; ++length)
      all_words({0, 1, 2, 3}, length, [&](const Word& word) {
        if (!expected && a.accepts(a.run(word)) != b.accepts(b.run(word))) expected = word;
      });
    if (expected) CHECK(difference(a, b) == expected);
  }
}

TEST_CASE("the smallest machine of random ones") {
  int shrunk = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    CAPTURE(seed);
    const Dfa dfa = random_dfa(2 + static_cast<int>(seed % 14), seed), least = minimal(dfa);
    CHECK_FALSE(difference(dfa, least));
    CHECK(classes(least) == least.states());
    CHECK(minimal(least) == least);
    shrunk += least.states() < dfa.states();
    // The same machine with its states in another order, and every state twice.
    Dfa twice = dfa;
    twice.accepting.insert(twice.accepting.end(), dfa.accepting.begin(), dfa.accepting.end());
    for (std::size_t k = 0; k < dfa.next.size(); ++k)
      twice.next.push_back(dfa.next[k] + (k % 3 == 0 ? 0 : dfa.states()));
    twice.start = dfa.states() + dfa.start;
    CHECK(minimal(twice) == least);
  }
  CHECK(shrunk > 100);
  Dfa all;
  all.symbols = "01";
  all.next = {1, 1, 0, 0};
  all.accepting = {1, 1};
  CHECK(minimal(all).states() == 1);
}

TEST_CASE("words lead where they say, and no shorter ones do") {
  const Dfa dfa = smallest("(A|CC)*G", Mode::EndsHere);
  const std::vector<Word> access = access_words(dfa);
  for (int s = 0; s < dfa.states(); ++s) {
    CHECK(dfa.run(access[static_cast<std::size_t>(s)]) == s);
    for (std::size_t length = 0; length < access[static_cast<std::size_t>(s)].size(); ++length)
      all_words({0, 1, 2, 3}, length, [&](const Word& word) { CHECK(dfa.run(word) != s); });
  }
}

TEST_CASE("what grows too large is refused with its size and a remedy") {
  const Stage<Nfa> nfa = make_nfa(pattern_of("((A{200}){200}){200}"));
  CHECK_FALSE(nfa.made);
  CHECK(nfa.states == 8'000'001);
  CHECK(nfa.problem.find("8,000,001 states and 4,096 are possible; use shorter repeats") !=
        std::string::npos);
  CHECK(nfa.problem.find("mismatches") == std::string::npos);
  const Stage<Nfa> layered = make_nfa(pattern_of("(A{20}){100}", Mode::Contains, 2));
  CHECK_FALSE(layered.made);
  CHECK(layered.states == 6003);
  CHECK(layered.problem.find("fewer mismatches") != std::string::npos);
  std::string tower = "A";
  for (int k = 0; k < 50; ++k) tower = "(" + tower + "{99})";
  CHECK(make_nfa(pattern_of(tower)).problem.find("more than 1,000,000,000") != std::string::npos);
  // Nothing, a great many times, is nothing.
  std::string nothing = "()";
  for (int k = 0; k < 50; ++k) nothing = "(" + nothing + "{99})";
  CHECK(nfa_of(pattern_of(nothing, Mode::Whole)).states == 1);

  // 3 * 2^12 states: which of the last 13 letters were A, and whether C has just come behind A and 12
  // letters.
  const Stage<Dfa> counted_out = make_dfa(nfa_of(pattern_of("A.{12}C", Mode::EndsHere)));
  CHECK_FALSE(counted_out.made);
  CHECK(counted_out.states == 12288);
  CHECK(counted_out.problem.find("would have 12,288 states and 4,096 are possible; use shorter") !=
        std::string::npos);
  CHECK(dfa_of(pattern_of("A.{10}C", Mode::EndsHere)).states() == 3072);
  const Stage<Dfa> more = make_dfa(nfa_of(pattern_of("A.{40}C", Mode::EndsHere)));
  CHECK_FALSE(more.made);
  CHECK(more.problem.find("more than 65,536 states") != std::string::npos);
  CHECK(more.states > kCountedStates);
}

TEST_CASE("where somebody is typing large patterns are given up early") {
  struct Case {
    const char* text;
    Mode mode;
    int mismatches;
    bool beyond;  // more than kMaxStates when it is given up
  };
  for (const Case& each : {Case{"(A|C){200}", Mode::Contains, 2, true},
                           {"(ACGT){40}", Mode::Contains, 2, true},
                           {"(A{20}){60}", Mode::EndsHere, 2, true},
                           {"(.{200}){20}", Mode::EndsHere, 0, false},
                           {"(A|.?){200}(C|.?){200}.{200}T{200}", Mode::Whole, 0, false}}) {
    CAPTURE(each.text);
    const Nfa nfa = nfa_of(pattern_of(each.text, each.mode, each.mismatches));
    double least = 1e9;
    Stage<Dfa> stage;
    for (int k = 0; k < 3; ++k) {
      const auto begin = std::chrono::steady_clock::now();
      stage = make_dfa(nfa, kPageWork);
      const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
      least = std::min(least, took.count());
    }
    CHECK_FALSE(stage.made);
    CHECK(stage.states > (each.beyond ? kMaxStates : 100));
    CHECK(stage.states < make_dfa(nfa).states);
    const std::string says = std::string(each.beyond ? "" : "(") + counted(stage.states) + " states " +
                             (each.beyond ? "and 4,096 are possible" : "were counted)");
    CHECK(stage.problem.find(says) != std::string::npos);
    CHECK(stage.problem.find("; use shorter repeats") != std::string::npos);
    CHECK((stage.problem.find("while you type") != std::string::npos) == !each.beyond);
#if !defined(__SANITIZE_ADDRESS__)
    CHECK(least < 3000);  // 15 to 22 ms natively; only that it does not hang is checked here
#endif
  }
  CHECK(make_dfa(nfa_of(pattern_of("(.{200}){20}", Mode::EndsHere))).made);
  // What is made comes out the same.
  const Nfa usual = nfa_of(pattern_of("A.{10}C", Mode::EndsHere));
  REQUIRE(make_dfa(usual, kPageWork).made);
  CHECK(*make_dfa(usual, kPageWork).made == *make_dfa(usual).made);
}

TEST_CASE("the largest patterns take a moment, not minutes") {
  const char* const kLarge[] = {
      "(.?){200}(.?){200}(.?){200}(.?){200}A.{200}C",
      "(A|.?){200}(C|.?){200}(A|.?){200}(.?|G){200}.{200}T{200}",
      "(.?){200}(A?){200}(.?){200}(C?){200}(.?){200}A.{200}C(.?){200}",
      "A.{200}.{200}.{200}.{200}.{200}C.{200}.{200}.{200}.{200}.{200}.{200}.{200}.{200}G"};
  for (const char* text : kLarge)
    for (const Mode mode : {Mode::Contains, Mode::EndsHere, Mode::Whole}) {
      CAPTURE(text);
      const auto begin = std::chrono::steady_clock::now();
      const Stage<Nfa> nfa = make_nfa(pattern_of(text, mode));
      if (!nfa.made) continue;
      const Stage<Dfa> dfa = make_dfa(*nfa.made);
      CHECK(dfa.made.has_value() == dfa.problem.empty());
      if (dfa.made) CHECK(minimal(*dfa.made).states() <= kMaxStates);
      const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
      CHECK(seconds < 60);  // under sanitizers on a busy machine; 2 s otherwise
    }
}

TEST_CASE("along ambiguity codes the machine may be in several states") {
  const Dfa dfa = smallest("ACG", Mode::EndsHere);
  const bio::Alphabet& dna = bio::alphabet(kInDna);
  std::vector<std::uint32_t> masks;
  for (const bio::Code& code : dna.codes) masks.push_back(code.symbols);
  const auto along = [&](std::string_view letters) {
    std::vector<std::uint8_t> codes;
    for (const char c : letters) codes.push_back(static_cast<std::uint8_t>(dna.token(c)));
    return run_codes(dfa, codes, masks);
  };
  const Run plain = along("ACGA");
  CHECK(plain.state == std::vector<int>{0, 1, 2, 3, 1});
  CHECK(plain.accepted == std::vector<std::uint8_t>{0, 0, 0, 1, 0});
  CHECK(plain.ambiguous.empty());
  const Run open = along("ARGNC");
  CHECK(open.state == std::vector<int>{0, 1, -1, 0, -1, -1});
  CHECK(open.ambiguous == std::vector<std::uint32_t>{2, 4, 5});
  CHECK(along("ACN").accepted == std::vector<std::uint8_t>{0, 0, 0, 2});
  CHECK(along("ACS").accepted == std::vector<std::uint8_t>{0, 0, 0, 2});
  CHECK(along("RYG").accepted == std::vector<std::uint8_t>{0, 0, 0, 2});
  // Every string the codes can stand for, and no other, is followed.
  Random random(3);
  for (int k = 0; k < 200; ++k) {
    std::string letters;
    for (int t = 0; t < 5; ++t) letters += dna.letter(static_cast<int>(random.below(15)));
    const Run run = along(letters);
    std::vector<std::vector<int>> met(6);
    all_words({0, 1, 2, 3}, 5, [&](const Word& word) {
      for (std::size_t t = 0; t < 5; ++t)
        if ((masks[static_cast<std::size_t>(dna.token(letters[t]))] >> word[t] & 1u) == 0) return;
      int state = dfa.start;
      for (std::size_t t = 0; t <= 5; ++t) {
        met[t].push_back(state);
        if (t < 5) state = dfa.step(state, word[t]);
      }
    });
    for (std::size_t t = 0; t <= 5; ++t) {
      std::sort(met[t].begin(), met[t].end());
      met[t].erase(std::unique(met[t].begin(), met[t].end()), met[t].end());
      CHECK(run.state[t] == (met[t].size() == 1 ? met[t][0] : -1));
      const auto yes = std::count_if(met[t].begin(), met[t].end(), [&](int s) { return dfa.accepts(s); });
      CHECK(run.accepted[t] == (yes == 0 ? 0 : yes == static_cast<std::ptrdiff_t>(met[t].size()) ? 1 : 2));
    }
  }
  const std::vector<std::uint8_t> many(50'000, 1);
  const auto begin = std::chrono::steady_clock::now();
  CHECK(run_codes(dfa, many, masks).state.size() == 50'001);
  const double ms =
      std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
  CHECK(ms < 3000);  // 0.4 ms natively; only that it does not hang is checked here
}

TEST_CASE("long stretches of N cost little in the largest machines") {
  std::vector<std::uint32_t> masks{1, 2, 4, 8, 15};  // A C G T N
  const auto timed = [&](const Dfa& dfa, const std::vector<std::uint8_t>& codes) {
    double least = 1e9;
    Run run;
    for (int k = 0; k < 3; ++k) {
      const auto begin = std::chrono::steady_clock::now();
      run = run_codes(dfa, codes, masks);
      const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
      least = std::min(least, took.count());
    }
#if !defined(__SANITIZE_ADDRESS__)
    CHECK(least < 3000);  // 1 to 4 ms natively; only that it does not hang is checked here
#endif
    REQUIRE(run.state.size() == codes.size() + 1);
    REQUIRE(run.accepted.size() == codes.size() + 1);
    return run;
  };
  const Dfa dfa = smallest("C.{10}G", Mode::EndsHere);
  REQUIRE(dfa.states() == 3072);
  // A stretch that leads the set of states to itself is followed to its end, and what comes after it too.
  std::vector<std::uint8_t> codes(50'000, 4);
  std::fill_n(codes.begin(), 1000, std::uint8_t{0});
  std::fill_n(codes.end() - 20, 20, std::uint8_t{0});
  const Run run = timed(dfa, codes);
  CHECK(run.open_from == 0);
  CHECK(run.state[1000] == 0);
  CHECK(run.state[1001] == -1);
  CHECK(run.accepted[1011] == 0);  // G cannot be 11 letters behind a C yet
  CHECK(run.accepted[1012] == 2);
  CHECK(run.accepted[49'980] == 2);
  CHECK(run.accepted[49'981] == 0);  // A
  CHECK(run.state[49'990] == -1);
  CHECK(run.state[49'991] == 0);  // eleven A: no C is far enough back
  CHECK(run.ambiguous.size() == 48'980 + 10);

  // Where N and letters take turns every set is another one: followed as far as the purse goes, then open.
  for (std::size_t t = 0; t < codes.size(); ++t) codes[t] = t % 13 == 0 ? 0 : 4;
  const Run turns = timed(dfa, codes);
  REQUIRE(turns.open_from > 100);
  CHECK(turns.open_from < 50'000);
  for (std::size_t t = turns.open_from; t < turns.state.size(); ++t)
    if (turns.state[t] != -1 || turns.accepted[t] != 2) FAIL("told after it was given up: ", t);
  CHECK(turns.ambiguous.back() == 50'000);
  // What is told before is what a machine that is followed by hand tells.
  std::set<int> now{dfa.start};
  for (std::size_t t = 0; t + 1 < turns.open_from; ++t) {
    std::set<int> next;
    for (const int state : now)
      for (int letter = 0; letter < 4; ++letter)
        if ((masks[codes[t]] >> letter & 1u) != 0) next.insert(dfa.step(state, letter));
    now.swap(next);
    const auto yes = std::count_if(now.begin(), now.end(), [&](int s) { return dfa.accepts(s); });
    REQUIRE(turns.state[t + 1] == (now.size() == 1 ? *now.begin() : -1));
    REQUIRE(turns.accepted[t + 1] == (yes == 0 ? 0 : yes == static_cast<std::ptrdiff_t>(now.size()) ? 1 : 2));
  }

  // A state that is never left stays certain; so does one state, however long the sequence.
  const Dfa found = smallest("^CG.{10}G|^AC", Mode::Contains);
  std::vector<std::uint8_t> sure(50'000, 4);
  sure[0] = 0;
  sure[1] = 1;
  const Run certain = timed(found, sure);
  CHECK(certain.open_from == 0);
  CHECK(certain.ambiguous.empty());
  CHECK(certain.accepted.back() == 1);
  // The largest machine there is room for, all letters of which lead somewhere else.
  Random random(4);
  Dfa chance;
  chance.symbols = "ACGT";
  for (int s = 0; s < kMaxStates; ++s) {
    chance.accepting.push_back(static_cast<std::uint8_t>(random.below(2)));
    for (int letter = 0; letter < 4; ++letter)
      chance.next.push_back(static_cast<int>(random.below(static_cast<std::uint32_t>(kMaxStates))));
  }
  for (std::size_t t = 0; t < sure.size(); ++t) sure[t] = static_cast<std::uint8_t>(random.below(5));
  CHECK(timed(chance, sure).open_from > 0);
}

// ---- goldens
namespace {

struct Golden {
  const char* file;
  const char* pattern;
  const char* alphabet;
  bio::AlphabetKind kind;
  Mode mode;
  int mismatches;
};
const Golden kGoldens[] = {
    {"acg_contains", "ACG", "dna", kInDna, Mode::Contains, 0},
    {"tatawaw_contains", "TATAWAW", "dna", kInDna, Mode::Contains, 0},
    {"tatawaw_ends", "TATAWAW", "dna", kInDna, Mode::EndsHere, 0},
    {"n_glycosylation_ends", "N-{P}-[ST]-{P}", "protein", kInProtein, Mode::EndsHere, 0},
    {"choice_whole", "AT?G|C{2,3}", "dna", kInDna, Mode::Whole, 0},
    {"orf_ends", "ATG(VNN|TYN|TAY|TGB)*(TAR|TGA)", "dna", kInDna, Mode::EndsHere, 0},
    {"mismatch_ends", "AGGAGG", "dna", kInDna, Mode::EndsHere, 1},
    {"anchors_contains", "^A+(C|G$)", "dna", kInDna, Mode::Contains, 0},
    {"rna_ends", "AAUAAA", "rna", kInRna, Mode::EndsHere, 0},
};
// What the commands print that the file's first lines name.
std::string golden_text(const Golden& golden) {
  const Pattern pattern = pattern_of(golden.pattern, golden.mode, golden.mismatches, golden.kind);
  const bio::Alphabet& alphabet = bio::alphabet(golden.kind);
  const Nfa nfa = nfa_of(pattern);
  const Dfa dfa = dfa_of(pattern), least = minimal(dfa);
  std::string command = std::string("ribostep motif '") + golden.pattern + "' --alphabet " + golden.alphabet +
                        " --mode " + name(golden.mode);
  if (golden.mismatches > 0) command += " --mismatches " + std::to_string(golden.mismatches);
  return "$ " + command + "\n# syntax tree\n" + to_text(pattern) + "\n# nondeterministic automaton\n" +
         to_text(nfa, alphabet) + "\n# deterministic automaton\n" + to_text(dfa, alphabet) +
         "\n# smallest deterministic automaton\n" + to_text(least, alphabet) + "$ " + command + " --dot\n" +
         to_dot(least, alphabet);
}
std::string golden_path(const Golden& golden) {
  return std::string(RIBOSTEP_SOURCE_DIR) + "/tests/golden/motif/" + golden.file + ".txt";
}
std::string content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace

TEST_CASE("each stage by its text") {
  for (const Golden& golden : kGoldens) {
    CAPTURE(golden.file);
    CHECK(content(golden_path(golden)) == golden_text(golden));
  }
}
TEST_CASE("write golden/motif" * doctest::skip()) {
  for (const Golden& golden : kGoldens)
    std::ofstream(golden_path(golden), std::ios::binary) << golden_text(golden);
}

TEST_CASE("DOT of the tree and of the NFA") {
  const Pattern pattern = pattern_of("^A?", Mode::EndsHere, 1);
  CHECK(to_dot(pattern) ==
        "digraph tree {\n  node [shape=box];\n  n0 [label=\"start of the string\"];\n  n1 [label=\"letter "
        "A\"];\n"
        "  n2 [label=\"optional\"];\n  n3 [label=\"sequence\"];\n  n2 -> n1;\n  n3 -> n0;\n  n3 -> n2;\n}\n");
  const std::string dot = to_dot(nfa_of(pattern), bio::alphabet(kInDna));
  CHECK(dot.find("start -> q0;") != std::string::npos);
  CHECK(dot.find("[label=\"B (mismatch)\", style=dashed]") != std::string::npos);
  CHECK(dot.find("[label=\"^\"]") != std::string::npos);
  CHECK(dot.find("[label=\"\u03b5\"]") != std::string::npos);
  CHECK(dot.find("shape=doublecircle") != std::string::npos);
}

TEST_CASE("the seeds of the fuzz target") {
  const std::string list = content(std::string(RIBOSTEP_SOURCE_DIR) + "/tests/fuzz/pattern_seeds/list.txt");
  REQUIRE(std::count(list.begin(), list.end(), '\n') >= 20);
  for (std::size_t begin = 0, end; (end = list.find('\n', begin)) != std::string::npos; begin = end + 1) {
    const std::string seed = content(std::string(RIBOSTEP_SOURCE_DIR) + "/tests/fuzz/pattern_seeds/" +
                                     list.substr(begin, end - begin));
    CAPTURE(seed);
    REQUIRE(seed.size() >= 2);
    CHECK(fuzz_pattern(seed) == "");
  }
}
