// The matcher by definition, the automata and compiled networks on the same strings: for every listed pattern
// all short strings and a million letters. A check of the checker: faults are found, shortest first.
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>

#include "motif/agreement.h"
#include "motif/compile.h"
#include "motif/proof.h"
#include "motif_machines.h"
#include "motif_patterns.h"

using namespace motif_machines;

namespace {

constexpr std::int64_t kLetters = kSlow ? 20'000 : 1'000'000;
constexpr int kAllUpTo = kSlow ? 4 : 6;

AgreementReport run(Agreement agreement) {
  double progress = agreement.progress();
  while (!agreement.run(1000)) {
    CHECK(agreement.progress() >= progress);
    progress = agreement.progress();
  }
  CHECK(agreement.progress() == 1);
  return agreement.report();
}

}  // namespace

TEST_CASE("motif agreement: every stage of every pattern, and the networks it is compiled into") {
  int textbook_right = 0, textbook_wrong = 0;
  for (const ListedPattern& listed : kListedPatterns) {
    CAPTURE(std::string(listed.text));
    const Stages s = stages(listed);
    for (const Construction how : {Construction::Exact, Construction::Lstm, Construction::Textbook}) {
      CAPTURE(std::string(name(how)));
      const Code code = encode(s.minimal, how);
      const Compiled made = compile(s.minimal, code, kDefaultGain);
      REQUIRE(made.problem.empty());
      const rnn::Network net = rnn::make_network(made.spec);
      REQUIRE(obstacle_of_proof(s.minimal, made.spec).empty());
      const Proof proof = prove(s.minimal, net, made.parameters);
      const auto impossible = std::count_if(code.states.begin(), code.states.end(),
                                            [](const Separability& state) { return !state.possible; });
      // One state that cannot have a unit is the one nobody reads.
      if (how == Construction::Textbook && impossible > 1) {
        textbook_wrong += proof.verdict == Proof::Verdict::Refuted;
        CHECK(proof.verdict != Proof::Verdict::Unsettled);
        continue;
      }
      textbook_right += how == Construction::Textbook;
      CHECK(proof.verdict == Proof::Verdict::Proved);
      CHECK(
          (proof.margin > 3.5 || s.minimal.states() == 1));  // of the gain 4; one state: nobody reads a unit
      CHECK(proof.leak < 0.002);
      // The matcher and the automata read along once.
      const bool all = how == Construction::Exact;
      const AgreementReport report =
          run(Agreement(all ? &s.pattern : nullptr, all ? &s.nfa : nullptr, all ? &s.dfa : nullptr, s.minimal,
                        &net, made.parameters, {kAllUpTo, all ? kLetters : kLetters / 10, 500, 7}));
      CHECK(report.agrees());
      CHECK_MESSAGE(report.who.empty(), report.who);
      const int letters = s.minimal.letters();
      CHECK(report.all_up_to == (letters == 4 ? kAllUpTo : 3));
      std::int64_t expected = all ? kLetters : kLetters / 10;
      for (std::int64_t length = 1, count = letters; length <= report.all_up_to; ++length, count *= letters)
        expected += length * count;
      CHECK(report.letters == expected);
      const bool ever = std::count(s.minimal.accepting.begin(), s.minimal.accepting.end(), 1) > 0;
      CHECK((report.matches > 0) == ever);
    }
  }
  CHECK(textbook_right > 30);
  CHECK(textbook_wrong > 5);
}

TEST_CASE("motif agreement: faults are found where they first show") {
  const Stages s = stages({"ACG", kInDna, Mode::Contains, 0});
  const Code code = encode(s.minimal, Construction::Exact);
  Compiled made = compile(s.minimal, code, kDefaultGain);
  const rnn::Network net = rnn::make_network(made.spec);
  const AgreementOptions few{6, 2000, 100, 1};
  CHECK(run(Agreement(&s.pattern, &s.nfa, &s.dfa, s.minimal, &net, made.parameters, few)).agrees());
  // A network that forgets what it found: the weight by which s3 keeps itself on.
  const auto weights = made.parameters;
  rnn::view(net, std::span<float>(made.parameters), net.layers[0].w_h)(2, 2) = 0;
  AgreementReport report = run(Agreement(&s.pattern, &s.nfa, &s.dfa, s.minimal, &net, made.parameters, few));
  CHECK(report.who == "network");
  REQUIRE(report.counterexample.has_value());
  // As short as any, and first in order among those.
  const Proof proof = prove(s.minimal, net, made.parameters);
  REQUIRE(proof.failing.has_value());
  CHECK(*report.counterexample == *proof.failing);
  CHECK_FALSE(report.agrees());
  // Machines: exactly, with the shortest string.
  const Stages other = stages({"ACA", kInDna, Mode::Contains, 0});
  report = run(Agreement(nullptr, &s.nfa, &other.dfa, other.minimal, nullptr, {}, few));
  REQUIRE(report.nfa_dfa.has_value());
  CHECK(*report.nfa_dfa == Word{0, 1, 0});
  report = run(Agreement(nullptr, nullptr, &s.dfa, other.minimal, nullptr, {}, few));
  REQUIRE(report.dfa_minimal.has_value());
  CHECK(*report.dfa_minimal == Word{0, 1, 0});
  // The definition against a machine of another pattern.
  report = run(Agreement(&other.pattern, nullptr, nullptr, s.minimal, nullptr, {}, few));
  CHECK(report.who == "matcher");
  CHECK(*report.counterexample == Word{0, 1, 0});
  // A fault no short string shows.
  const Stages longer = stages({"ACGTACGTA", kInDna, Mode::Contains, 0});
  Compiled deep = compile(longer.minimal, encode(longer.minimal, Construction::Exact), kDefaultGain);
  const rnn::Network deep_net = rnn::make_network(deep.spec);
  std::fill_n(rnn::view(deep_net, std::span<float>(deep.parameters), deep_net.readout_weight).data,
              2 * deep.spec.hidden, 0.0f);
  report = run(Agreement(&longer.pattern, &longer.nfa, &longer.dfa, longer.minimal, &deep_net,
                         deep.parameters, {6, 20'000, 100, 1}));
  CHECK(report.who == "network");
  REQUIRE(report.counterexample.has_value());
  CHECK(report.counterexample->size() >= 9);
}

TEST_CASE("motif agreement: planted strings meet their matches, random ones hardly do") {
  for (const ListedPattern& listed : kListedPatterns) {
    const Dfa dfa = machine(listed);
    const bool ever = std::count(dfa.accepting.begin(), dfa.accepting.end(), 1) > 0;
    int with_match = 0;
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
      const Word word = planted_word(dfa, 80, seed);
      REQUIRE(word.size() == 80);
      CHECK(word == planted_word(dfa, 80, seed));
      int state = dfa.start;
      bool match = dfa.accepts(state);  // "$^": the empty string alone
      for (const std::uint8_t a : word) {
        REQUIRE(a < dfa.letters());
        state = dfa.step(state, a);
        match = match || dfa.accepts(state);
      }
      with_match += match;
    }
    CHECK_MESSAGE((with_match >= 5) == ever, std::string(listed.text));
  }
  CHECK(planted_word(contains_acg(), 0, 1).empty());
}
