// Machines into weights: what one layer can do (against independent ways of finding out), codes, and the
// numbers that are written.
#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <string>

#include "base/random.h"
#include "motif/agreement.h"
#include "motif/compile.h"
#include "motif/proof.h"
#include "motif/separability.h"
#include "motif_machines.h"
#include "motif_patterns.h"

using namespace motif_machines;

namespace {

// f(s) + g(a) >= 1 on the set, <= -1 off it, by Bellman and Ford over states and letters.
bool possible_by_bellman_ford(int states, int letters, const std::vector<std::uint8_t>& on) {
  std::vector<double> x(static_cast<std::size_t>(states + letters), 0);
  bool changed = true;
  for (int round = 0; round <= states + letters && changed; ++round) {
    changed = false;
    for (int s = 0; s < states; ++s)
      for (int a = 0; a < letters; ++a) {
        // With y = -g: y_a <= f_s - 1 on the set, f_s <= y_a - 1 off it.
        double &f = x[static_cast<std::size_t>(s)], &y = x[static_cast<std::size_t>(states + a)];
        double& less = on[static_cast<std::size_t>(s * letters + a)] ? y : f;
        const double bound = (on[static_cast<std::size_t>(s * letters + a)] ? f : y) - 1;
        if (less > bound) less = bound, changed = true;
      }
  }
  return !changed;
}

Dfa shape(int states, int letters) {  // only its size matters
  Dfa dfa;
  dfa.symbols = std::string("ACGT").substr(0, static_cast<std::size_t>(letters));
  dfa.next.assign(static_cast<std::size_t>(states * letters), 0);
  dfa.accepting.assign(static_cast<std::size_t>(states), 0);
  return dfa;
}

int wrong_signs(const Dfa& dfa, const Separability& found, const std::vector<std::uint8_t>& on) {
  int wrong = 0;
  for (int s = 0; s < dfa.states(); ++s)
    for (int a = 0; a < dfa.letters(); ++a) {
      const double sum = found.f[static_cast<std::size_t>(s)] + found.g[static_cast<std::size_t>(a)];
      wrong += (sum > 0) != (on[static_cast<std::size_t>(s * dfa.letters() + a)] != 0);
      CHECK(std::fabs(sum) >= found.margin);
    }
  return wrong;
}

// Follows the code with thresholds: the machine state told and the units, along a word.
int worst_of_thresholds(const Dfa& dfa, const Code& code, const Word& word) {
  const auto units = code.units.size();
  std::vector<double> h(units, -1);
  bool lit = dfa.start == code.default_state && code.construction != Construction::Textbook;
  for (std::size_t u = 0; u < units && !lit; ++u)
    if (code.units[u].state == dfa.start) h[u] = 1, lit = true;
  int state = dfa.start, wrong = 0;
  for (const std::uint8_t a : word) {
    std::vector<double> next(units);
    for (std::size_t u = 0; u < units; ++u) {
      const Affine f = affine(code, code.units[u].found.f);
      double z = f.b + code.units[u].found.g[a];
      for (std::size_t v = 0; v < units; ++v) z += f.w[v] * h[v];
      const double direct = code.units[u].found.f[static_cast<std::size_t>(state)] + code.units[u].found.g[a];
      wrong += std::fabs(z - direct) > 1e-9;  // the affine form is the function of the state
      next[u] = z > 0 ? 1 : -1;
    }
    h = next;
    state = dfa.step(state, a);
    std::vector<float> told(h.begin(), h.end());
    wrong += code.state_of(told) != state;
  }
  return wrong;
}

}  // namespace

TEST_CASE("motif compile: one unit is possible exactly when Bellman and Ford say so") {
  int possible = 0, impossible = 0;
  for (int states = 1; states <= 3; ++states)
    for (int letters = 1; letters <= 4; ++letters) {
      const Dfa dfa = shape(states, letters);
      for (std::uint32_t bits = 0; bits < 1u << (states * letters); ++bits) {
        std::vector<std::uint8_t> on;
        for (int i = 0; i < states * letters; ++i) on.push_back(bits >> i & 1u);
        const Separability found = separable(dfa, on);
        REQUIRE(found.possible == possible_by_bellman_ford(states, letters, on));
        if (found.possible) {
          ++possible;
          REQUIRE(found.margin == 1);
          REQUIRE(wrong_signs(dfa, found, on) == 0);
          REQUIRE(found.demands.empty());
          continue;
        }
        // A contradiction of two: each demand is one, and the second is the first the other way round.
        ++impossible;
        REQUIRE(found.demands.size() == 2);
        for (const Demand& d : found.demands) {
          REQUIRE(on[static_cast<std::size_t>(d.state * letters + d.higher)] == 1);
          REQUIRE(on[static_cast<std::size_t>(d.state * letters + d.lower)] == 0);
        }
        REQUIRE(found.demands[0].higher == found.demands[1].lower);
        REQUIRE(found.demands[0].lower == found.demands[1].higher);
      }
    }
  CHECK(possible > 500);
  CHECK(impossible > 3000);
}

TEST_CASE("motif compile: the nearest possible set is the nearest there is") {
  const int states = 3, letters = 3;
  const Dfa dfa = shape(states, letters);
  std::vector<std::uint32_t> all;
  const auto set_of = [&](std::uint32_t bits) {
    std::vector<std::uint8_t> on;
    for (int i = 0; i < states * letters; ++i) on.push_back(bits >> i & 1u);
    return on;
  };
  for (std::uint32_t bits = 0; bits < 512; ++bits)
    if (separable(dfa, set_of(bits)).possible) all.push_back(bits);
  for (std::uint32_t bits = 0; bits < 512; ++bits) {
    int least = 9;
    for (const std::uint32_t other : all) least = std::min(least, std::popcount(bits ^ other));
    REQUIRE(wrong_signs(dfa, nearest(letter_sets(dfa, set_of(bits)), letters), set_of(bits)) == least);
  }
  // With many letters it is looked for, not tried out: still a possible set, and right where that is right.
  Dfa protein = shape(5, 4);
  protein.symbols = "ACDEFGHIKLMNPQRSTVWY";
  protein.next.assign(100, 0);
  Random random(5);
  for (int i = 0; i < 50; ++i) {
    std::vector<std::uint8_t> on(100);
    for (auto& bit : on) bit = random.below(2) == 0;
    const int wrong = wrong_signs(protein, nearest(letter_sets(protein, on), 20), on);
    CHECK(wrong <= static_cast<int>(std::count(on.begin(), on.end(), 1)));
    CHECK((wrong == 0) == separable(protein, on).possible);
  }
}

TEST_CASE("motif compile: groups share a set out, each is possible, and two that fit together are together") {
  Random random(7);
  for (int i = 0; i < 1000; ++i) {
    const int states = 1 + static_cast<int>(random.below(i % 2 == 0 ? 8 : 4)),
              letters = 1 + static_cast<int>(random.below(4));
    const Dfa dfa = shape(states, letters);
    std::vector<std::uint8_t> on(static_cast<std::size_t>(states * letters));
    for (auto& bit : on) bit = random.below(i % 3 == 0 ? 2 : 3) == 0;
    const auto groups = separable_groups(letter_sets(dfa, on), letters);
    std::vector<std::uint8_t> sum(on.size(), 0);
    for (const LetterSets& rows : groups) {
      const std::vector<std::uint8_t> group = steps_of(rows, letters);
      REQUIRE(separable(dfa, group).possible);
      for (std::size_t k = 0; k < on.size(); ++k) sum[k] = static_cast<std::uint8_t>(sum[k] + group[k]);
    }
    REQUIRE(sum == on);
    REQUIRE(static_cast<int>(groups.size()) <= letters);
    REQUIRE((groups.size() == 1) == separable(dfa, on).possible);
    // Letters kept whole, no sharing has fewer groups: every partition of up to four letters is tried.
    std::size_t least = groups.size();
    for (std::uint32_t code = 0; code < 1u << (2 * letters); ++code) {
      std::uint32_t used = 0;
      bool all = true;
      for (std::uint32_t g = 0; g < 4; ++g) {
        std::vector<std::uint8_t> part(on.size(), 0);
        for (int s = 0; s < states; ++s)
          for (int a = 0; a < letters; ++a)
            if ((code >> (2 * a) & 3u) == g)
              part[static_cast<std::size_t>(s * letters + a)] = on[static_cast<std::size_t>(s * letters + a)];
        if (std::count(part.begin(), part.end(), 1) == 0) continue;
        ++used;
        all = all && separable(dfa, part).possible;
      }
      if (all && used > 0) least = std::min<std::size_t>(least, used);
    }
    REQUIRE(groups.size() == least);
  }
}

// By hand: s1 wants to be on after A from s0, s1, s2 and never from s3, so f(s3) lies below the others and
// g_A above the other letters: f = 0 0 0 -2, g = 1 -1 -1 -1. All off is s0 (f = 0), so W = -1 from s3 and b =
// 0 + (-1). s2: after C from s1 alone: f = -2 0 -2 -2, g_C = 1: W = +1 from s1, b = -2 + 1. s3: after G from
// s2, and after everything from s3: f = -2 -2 0 2, g_G = 1: W = 1 from s2, 2 from s3, b = -2 + 3.
TEST_CASE("motif compile: ACG, one unit per state, as in the textbook") {
  const Dfa dfa = contains_acg();
  const Code code = encode(dfa, Construction::Textbook);
  REQUIRE(code.units.size() == 4);
  CHECK(code.default_state == 0);
  CHECK_FALSE(code.states[0].possible);
  for (std::size_t s = 1; s < 4; ++s) CHECK(code.states[s].possible);
  CHECK(demand_words(code.states[0], dfa) ==
        "b_G > b_C (from s1, G leads here and C does not) and b_C > b_G (from s2, C leads here and G does "
        "not)");
  // s0's unit is off in one place where it should be on, and nobody reads it.
  CHECK(code.units[0].wrong == std::vector<Step>{{1, 2}});
  CHECK(
      to_text(dfa, code) ==
      "s0 \u03b5: when no unit that is read is on\n"
      "h[s0] = tanh(k (-2 h[s1] - h[s2] - 3 h[s3] + 3 x[T] + x[C] - x[G] - 3 x[A] - 4))   wrong after s1 G: "
      "b_G > b_C (from s1, G leads here and C does not) and b_C > b_G (from s2, C leads here and G does "
      "not)\n"
      "h[s1] = tanh(k (-h[s3] + x[A] - x[CGT] - 1))\n"
      "h[s2] = tanh(k (h[s1] + x[C] - x[AGT] - 1))\n"
      "h[s3] = tanh(k (h[s2] + 2 h[s3] + x[G] - x[ACT] + 1))\n"
      "match = h[s3] > 0\n");
}

TEST_CASE("motif compile: the weights of ACG are those of paper and pencil, times the gain") {
  const Dfa dfa = contains_acg();
  const Code code = encode(dfa, Construction::Exact);
  REQUIRE(code.units.size() == 3);
  const double gain = 2.5;
  const Compiled made = compile(dfa, code, gain);
  REQUIRE(made.problem.empty());
  REQUIRE(rnn::problem(made.spec).empty());
  const rnn::Network net = rnn::make_network(made.spec);
  const std::span<const float> p(made.parameters);
  const float w_h[3][3] = {{0, 0, -1}, {1, 0, 0}, {0, 1, 2}},
              w_x[3][4] = {{1, -1, -1, -1}, {-1, 1, -1, -1}, {-1, -1, 1, -1}}, b[3] = {-1, -1, 1};
  const rnn::Layer& layer = net.layers[0];
  for (int u = 0; u < 3; ++u) {
    for (int v = 0; v < 3; ++v) CHECK(rnn::view(net, p, layer.w_h)(u, v) == 2.5f * w_h[u][v]);
    for (int a = 0; a < 4; ++a) CHECK(rnn::view(net, p, layer.w_x)(u, a) == 2.5f * w_x[u][a]);
    CHECK(rnn::view(net, p, layer.b_x)(u) == 2.5f * b[u]);
    CHECK(rnn::view(net, p, layer.b_h)(u) == 0);
    CHECK(rnn::view(net, p, layer.h_0)(0, u) == -1);  // s0: all off
    CHECK(rnn::view(net, p, net.readout_weight)(1, u) == (u == 2 ? 2.5f : 0.0f));
    CHECK(rnn::view(net, p, net.readout_weight)(0, u) == (u == 2 ? -2.5f : 0.0f));
  }
  CHECK(rnn::view(net, p, net.readout_bias)(1) == 0);  // -1 for s0, +1 for the unit that is off
  // The LSTM has the same units in its g, seen through h = tanh(1) times them.
  const Code gated = encode(dfa, Construction::Lstm);
  const Compiled lstm = compile(dfa, gated, gain);
  const rnn::Network lstm_net = rnn::make_network(lstm.spec);
  const std::span<const float> q(lstm.parameters);
  const rnn::Layer& cell = lstm_net.layers[0];
  for (int u = 0; u < 3; ++u) {
    for (int v = 0; v < 3; ++v)
      CHECK(static_cast<double>(rnn::view(lstm_net, q, cell.w_h)(6 + u, v)) * std::tanh(1.0) ==
            doctest::Approx(gain * static_cast<double>(w_h[u][v])));
    const auto bias = [&](int gate) { return rnn::view(lstm_net, q, cell.b_x)(gate * 3 + u); };
    CHECK(bias(0) == 7.5f);
    CHECK(bias(1) == -7.5f);
    CHECK(bias(3) == 7.5f);
  }
}

TEST_CASE("motif compile: every pattern's codes follow its machine, with thresholds in place of tanh") {
  int unseparable = 0, more_than_a_unit = 0;
  for (const ListedPattern& listed : kListedPatterns) {
    CAPTURE(std::string(listed.text));
    const Dfa dfa = machine(listed);
    for (const Construction how : {Construction::Textbook, Construction::Exact, Construction::Lstm}) {
      const Code code = encode(dfa, how);
      REQUIRE(static_cast<int>(code.units.size()) == code.needed);
      const auto impossible = std::count_if(code.states.begin(), code.states.end(),
                                            [](const Separability& s) { return !s.possible; });
      if (how == Construction::Textbook) {
        CHECK(code.needed == dfa.states());
        unseparable += static_cast<int>(impossible);
        CHECK((code.default_state >= 0) == (impossible > 0));
        for (const CodeUnit& unit : code.units)
          CHECK(unit.wrong.empty() == code.states[static_cast<std::size_t>(unit.state)].possible);
        if (impossible > 0) continue;
      } else {
        CHECK((code.default_state >= 0) == (dfa.states() > 1));
        CHECK(code.needed <= std::max(1, dfa.states() * dfa.letters()));
        more_than_a_unit += code.needed > dfa.states() - 1 && dfa.states() > 1;
        for (const CodeUnit& unit : code.units) CHECK((unit.found.possible && unit.wrong.empty()));
      }
      std::vector<std::string> names;
      for (int u = 0; u < code.needed; ++u) names.push_back(unit_name(dfa, code, u));
      std::sort(names.begin(), names.end());
      CHECK(std::adjacent_find(names.begin(), names.end()) == names.end());
      for (std::uint64_t seed = 1; seed <= 4; ++seed)
        CHECK(worst_of_thresholds(dfa, code, planted_word(dfa, 60, seed)) == 0);
    }
  }
  // Known of this list, so that the cases above are there: states no unit can stand for alone, and machines
  // that take more units than states.
  CHECK(unseparable >= 45);
  CHECK(more_than_a_unit >= 20);
}

TEST_CASE("motif compile: names and limits") {
  for (int i = 0; i < kConstructions; ++i)
    CHECK(construction(name(static_cast<Construction>(i))) == static_cast<Construction>(i));
  CHECK_FALSE(construction("best").has_value());
  // A machine of one state is a unit that is always on.
  Dfa everything;
  everything.symbols = "ACGT";
  everything.next = {0, 0, 0, 0};
  everything.accepting = {1};
  for (const Construction how : {Construction::Textbook, Construction::Exact, Construction::Lstm}) {
    const Code code = encode(everything, how);
    REQUIRE(code.units.size() == 1);
    const Compiled made = compile(everything, code, kDefaultGain);
    REQUIRE(made.problem.empty());
    const Proof proof = prove(everything, rnn::make_network(made.spec), made.parameters);
    CHECK(proof.verdict == Proof::Verdict::Proved);
  }
  // Too many units: a chain of letters.
  Dfa chain;
  chain.symbols = "AC";
  for (int s = 0; s < 700; ++s) {
    chain.next.push_back((s + 1) % 700);
    chain.next.push_back(0);
    chain.accepting.push_back(s == 699);
  }
  const Code code = encode(chain, Construction::Exact);
  CHECK(code.units.empty());
  CHECK(code.needed == 699);
  CHECK(compile(chain, code, kDefaultGain).problem.find("699 units, at most 512") != std::string::npos);
  CHECK(to_text(chain, code).find("699") != std::string::npos);
}

// The network reads an ambiguity code as the mean of its letters: what it then does follows from the means of
// g, not from the states the machine could be in.
TEST_CASE("motif compile: what ambiguity codes do to a compiled network") {
  const bio::Alphabet& dna = bio::alphabet(bio::AlphabetKind::Dna);
  rnn::TokenTable table{4, {}, {}};
  for (const bio::Code& code : dna.codes) table.masks.push_back(code.symbols);
  const auto says = [&](const Dfa& dfa, const std::string& text) {
    const Compiled made = compile(dfa, encode(dfa, Construction::Exact), kDefaultGain);
    std::vector<std::uint8_t> tokens;
    for (const char c : text) tokens.push_back(static_cast<std::uint8_t>(dna.token(c)));
    rnn::Example example;
    example.tokens = tokens;
    const rnn::Trace trace = rnn::trace(rnn::make_network(made.spec), made.parameters, table, example);
    std::string out;
    for (int t = 0; t < trace.rows; ++t) out += trace.p(t, 1) > 0.5f ? '1' : '0';
    const Run run = run_codes(dfa, tokens, table.masks);
    out += ' ';
    for (std::size_t t = 1; t < run.accepted.size(); ++t) out += "01?"[run.accepted[t]];
    return out;
  };
  const Dfa acg = contains_acg(), tata = machine({"TATAWAW", kInDna, Mode::Contains, 0});
  // A match that was found stays found, and around the codes the two agree where the machine is certain.
  CHECK(says(acg, "ACGNNNN") == "0011111 0011111");
  CHECK(says(acg, "NNACG") == "00001 00001");
  CHECK(says(acg, "ANG") == "000 00?");
  CHECK(says(tata, "TATAWAW") == "0000001 0000001");
  CHECK(says(tata, "TATANAN") == "0000000 000000?");
  // Not always: A or C and then G is a match either way (A, or CG), and is forgotten.
  const Dfa either = machine({"A|CG|GTA", kInDna, Mode::Contains, 0});
  CHECK(says(either, "AGC") == "111 111");
  CHECK(says(either, "MGC") == "010 ?11");
}
