// The machines of the languages against definitions that know no machine, strings drawn from them, and sets
// labelled by them.
#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>

#include "base/random.h"
#include "bio/reader.h"
#include "motif/languages.h"
#include "motif/sampling.h"

using namespace ribostep;
using motif::Dfa;
using motif::Word;

namespace {

// Lengths of the runs of equal characters.
std::vector<std::pair<char, int>> runs(const std::string& s) {
  std::vector<std::pair<char, int>> result;
  for (const char c : s) {
    if (result.empty() || result.back().first != c) result.emplace_back(c, 0);
    ++result.back().second;
  }
  return result;
}

long count(const std::string& s, char c) { return std::count(s.begin(), s.end(), c); }

// By the words of the definition alone.
bool belongs(const std::string& id, const std::string& s) {
  if (id == "tomita1") return count(s, '0') == 0;
  if (id == "tomita2") {
    std::string pairs;
    while (pairs.size() < s.size()) pairs += "10";
    return pairs == s;
  }
  if (id == "tomita3") {
    bool odd_ones = false;
    for (const auto& [c, length] : runs(s)) {
      if (c == '1' && length % 2 == 1) odd_ones = true;
      if (c == '0' && length % 2 == 1 && odd_ones) return false;
    }
    return true;
  }
  if (id == "tomita4") return s.find("000") == std::string::npos;
  if (id == "tomita5") return count(s, '0') % 2 == 0 && count(s, '1') % 2 == 0;
  if (id == "tomita6") return (count(s, '0') - count(s, '1')) % 3 == 0;
  if (id == "tomita7") {
    const auto r = runs(s);
    return r.size() <= (r.empty() || r[0].first == '0' ? 4u : 3u);
  }
  if (id == "parity") return count(s, '1') % 2 == 1;
  if (id == "brackets") {
    int depth = 0;
    for (const char c : s) {
      depth += c == '(' ? 1 : -1;
      if (depth < 0 || depth > 4) return false;
    }
    return depth == 0;
  }
  if (id == "frame") return s.size() % 3 == 0;
  if (id == "orf_stop") {
    for (std::size_t i = 0; i + 3 <= s.size(); i += 3)
      if (const std::string codon = s.substr(i, 3); codon == "TAA" || codon == "TAG" || codon == "TGA")
        return true;
    return false;
  }
  FAIL("no definition of ", id);
  return false;
}

bool accepts(const Dfa& dfa, const std::string& s) {
  Word word;
  for (const char c : s) word.push_back(static_cast<std::uint8_t>(dfa.symbols.find(c)));
  return dfa.accepts(dfa.run(word));
}

// A walk through Reber's graph by its edges, written as usual: node, letter, node.
std::string reber_walk(Random& random) {
  struct Edge {
    int from;
    char letter;
    int to;
  };
  static constexpr Edge kEdges[] = {{0, 'B', 1}, {1, 'T', 2}, {1, 'P', 3}, {2, 'S', 2},
                                    {2, 'X', 4}, {3, 'T', 3}, {3, 'V', 5}, {4, 'X', 3},
                                    {4, 'S', 6}, {5, 'P', 4}, {5, 'V', 6}, {6, 'E', 7}};
  std::string s;
  for (int node = 0; node != 7;) {
    std::vector<Edge> out;
    for (const Edge& e : kEdges)
      if (e.from == node) out.push_back(e);
    const Edge& e = out[random.below(static_cast<std::uint32_t>(out.size()))];
    s += e.letter;
    node = e.to;
  }
  return s;
}

motif::SampleOptions options_for(const motif::Language& language, int records, std::uint64_t seed) {
  motif::SampleOptions options;
  options.records = records;
  options.max_length = language.max_length;
  options.seed = seed;
  return options;
}

}  // namespace

TEST_CASE("Every language's machine says what its definition says, on all short strings") {
  int checked = 0;
  for (const motif::Language& language : motif::languages()) {
    const std::string id = language.id;
    CAPTURE(id);
    const Dfa dfa = language.machine();
    CHECK(dfa.symbols == bio::alphabet(language.alphabet).symbols);
    CHECK(motif::minimal(dfa) == dfa);
    CHECK(motif::language(language.id) == &language);
    if (id == "reber") continue;
    const std::size_t longest = dfa.letters() == 2 ? 12 : 7;
    std::vector<std::string> level{""};
    for (std::size_t length = 0; length <= longest; ++length) {
      for (const std::string& s : level) {
        ++checked;
        if (accepts(dfa, s) != belongs(language.id, s)) FAIL("they differ on '", s, "'");
      }
      std::vector<std::string> next;
      for (const std::string& s : level)
        for (const char c : dfa.symbols) next.push_back(s + c);
      level = std::move(next);
    }
  }
  CHECK(checked == 9 * 8191 + 2 * 21845);
  CHECK(motif::language("tomita8") == nullptr);
}

TEST_CASE("The embedded Reber grammar accepts walks through its graph, and nothing else nearby") {
  const Dfa dfa = motif::language("reber")->machine();
  CHECK(dfa.states() == 21);
  Random random(3);
  std::set<std::string> walks;
  for (int i = 0; i < 4000; ++i) {
    const std::string inner = reber_walk(random);
    const char fork = random.below(2) == 0 ? 'T' : 'P';
    const std::string whole = std::string("B") + fork + inner + fork + "E";
    CHECK(accepts(dfa, whole));
    if (inner.size() <= 12) walks.insert(whole);
    CHECK_FALSE(accepts(dfa, std::string("B") + fork + inner + (fork == 'T' ? 'P' : 'T') + "E"));
    CHECK_FALSE(accepts(dfa, whole + "E"));
    CHECK_FALSE(accepts(dfa, inner));
  }
  // Walks of inner length up to 12 are 4,000 draws of a few hundred: every accepted string of length 13 that
  // the machine gives is one that was walked.
  const motif::StringSampler sampler(dfa, 13);
  for (int i = 0; i < 300; ++i) {
    std::string s;
    for (const std::uint8_t k : sampler.draw(true, 13, random)) s += dfa.symbols[k];
    CHECK(walks.count(s) == 1);
  }
  CHECK_FALSE(sampler.possible(true, 8));
}

TEST_CASE("Drawn strings are equally likely") {
  const Dfa dfa = motif::language("tomita4")->machine();
  const motif::StringSampler sampler(dfa, 5);
  Random random(1);
  std::vector<int> drawn(32);
  for (int i = 0; i < 24000; ++i) {
    unsigned code = 0;
    for (const std::uint8_t bit : sampler.draw(true, 5, random)) code = 2 * code + bit;
    ++drawn[code];
  }
  int kinds = 0;
  for (const int n : drawn)
    if (n > 0) {
      ++kinds;
      CHECK(n == doctest::Approx(1000).epsilon(0.15));  // 24 kinds, deviation 31: five of them
    }
  CHECK(kinds == 24);  // of 32 strings of 5 bits, 8 have 000
}

TEST_CASE("A sampled set is balanced, labelled rightly, and the same for a seed") {
  for (const motif::Language& language : motif::languages()) {
    const std::string id = language.id;
    CAPTURE(id);
    const Dfa dfa = language.machine();
    const bio::Dataset data = motif::sample(dfa, language.alphabet, options_for(language, 200, 5));
    REQUIRE(data.size() == 200);
    int yes = 0;
    std::set<std::string> different;
    for (int i = 0; i < data.size(); ++i) {
      const std::string s = data.letters(i);
      CHECK(static_cast<int>(s.size()) <= language.max_length);
      different.insert(s);
      const bool in = accepts(dfa, s);
      yes += in;
      CHECK(data.column_label(i) == (in ? "accepted" : "rejected"));
      REQUIRE(data.annotation(i).size() == s.size());
      for (std::size_t t = 1; t <= s.size(); ++t)
        CHECK((data.annotation(i)[t - 1] == '1') == accepts(dfa, s.substr(0, t)));
    }
    CHECK(yes == 100);
    if (id != "tomita1" && id != "tomita2")
      CHECK(different.size() >= 195);  // those two have 16 and 8 accepted strings
    CHECK(motif::sample(dfa, language.alphabet, options_for(language, 200, 5)).content_hash() ==
          data.content_hash());
    CHECK(motif::sample(dfa, language.alphabet, options_for(language, 200, 6)).content_hash() !=
          data.content_hash());
  }
}

TEST_CASE("Sequences get a machine's labels, dots where an ambiguity code leaves it open") {
  const Dfa dfa = motif::language("orf_stop")->machine();
  bio::Dataset data = bio::read(">a first\nGCATAA\n>b\nGCATAR\n>c\nNNN\n").data;
  int added = -1;
  const bio::Dataset labelled = motif::labelled_by(dfa, data, 1000, added);
  CHECK(added == 0);
  REQUIRE(labelled.size() == 3);
  CHECK(labelled.name(0) == "a");
  CHECK(labelled.description(0) == "first");
  CHECK(labelled.annotation(0) == "000001");
  CHECK(labelled.column_label(0) == "accepted");
  CHECK(labelled.annotation(1) == "000001");  // R is A or G: either way a stop
  CHECK(labelled.annotation(2) == "00.");
  CHECK(labelled.column_label(2).empty());
  const bio::Dataset cut = motif::labelled_by(dfa, data, 8, added);
  REQUIRE(cut.size() == 2);
  CHECK(cut.length(1) == 2);

  // Without a stop anywhere: strings with one are put beside.
  data = bio::read(">a\nGCAGCAGCA\n>b\nGCA\n").data;
  const bio::Dataset both = motif::labelled_by(dfa, data, 1000, added);
  CHECK(added > 0);
  CHECK(both.size() == 2 + added);
  for (int i = 2; i < both.size(); ++i) CHECK(both.annotation(i).find('1') != std::string_view::npos);

  const Word stop{3, 0, 0};
  const bio::Dataset more = motif::with_strings(dfa, both, std::vector<Word>{stop, {}, {0}});
  REQUIRE(more.size() == both.size() + 2);
  CHECK(more.letters(both.size()) == "TAA");
  CHECK(more.column_label(both.size()) == "accepted");
  CHECK(more.name(both.size()) == "counterexample_1");
  CHECK(motif::with_strings(dfa, more, std::vector<Word>{stop}).name(more.size()) == "counterexample_3");
}
