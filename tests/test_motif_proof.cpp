// Proofs about networks as machines: the reader against the trace, verdicts against strings, and the numbers
// of a proof against what really happens.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "base/random.h"
#include "motif/agreement.h"
#include "motif/compile.h"
#include "motif/proof.h"
#include "motif_machines.h"
#include "motif_patterns.h"

using namespace motif_machines;

namespace {

struct Made {
  rnn::Network net;
  std::vector<float> weights;
};
Made compiled(const Dfa& dfa, Construction how, double gain) {
  const Compiled made = compile(dfa, encode(dfa, how), gain);
  REQUIRE(made.problem.empty());
  return {rnn::make_network(made.spec), made.parameters};
}
Proof proof_of(const Dfa& dfa, const Made& made) { return prove(dfa, made.net, made.weights); }

// Whether the trace says of the whole word what the machine says.
bool right(const Dfa& dfa, const Made& made, const Word& word) {
  REQUIRE(!word.empty());  // a trace has no row for the empty string
  const rnn::Trace trace = traced(made.net, made.weights, word);
  const float* z = &trace.logits[(word.size() - 1) * 2];
  return (z[1] > z[0]) == dfa.accepts(dfa.run(word));
}

void add_noise(Made& made, double deviation, std::uint64_t seed) {
  Random random(seed);
  for (float& w : made.weights) {
    double sum = -6;
    for (int i = 0; i < 12; ++i) sum += random.uniform();
    w += static_cast<float>(deviation * sum);
  }
}

// Every string of letters 0..D-1 up to a length, shortest first.
template <class F>
void every_string(int letters, int longest, F f) {
  Word word(1, 0);
  while (static_cast<int>(word.size()) <= longest) {
    f(word);
    std::size_t i = word.size();
    while (i > 0 && word[i - 1] + 1 == letters) word[--i] = 0;
    if (i > 0)
      ++word[i - 1];
    else
      word.insert(word.begin(), std::uint8_t{0});
  }
}

// Strings of up to `longest` letters that are read wrongly, or with less to spare than the proof says of all.
int beyond_bounds(const Dfa& dfa, const Made& made, const Proof& proof, int longest) {
  const bool lstm = made.net.spec.cell == rnn::CellKind::Lstm;
  const auto units = static_cast<std::size_t>(made.net.spec.hidden);
  Reader reader(made.net, made.weights);
  std::vector<double> smallest(units, 1e9), largest(units, 0);
  std::vector<bool> is_read(units, false);  // of others nothing is said
  const std::span<const float> p(made.weights);
  const auto w_h = rnn::view(made.net, p, made.net.layers[0].w_h),
             readout = rnn::view(made.net, p, made.net.readout_weight);
  for (int u = 0; u < made.net.spec.hidden; ++u) {
    for (int row = 0; row < w_h.rows; ++row)
      if (w_h(row, u) != 0) is_read[static_cast<std::size_t>(u)] = true;
    if (readout(1, u) != readout(0, u)) is_read[static_cast<std::size_t>(u)] = true;
  }
  int beyond = 0;
  every_string(dfa.letters(), longest, [&](const Word& word) {
    reader.start();
    for (const std::uint8_t a : word) reader.read(a);
    const int before = dfa.run(std::span(word).first(word.size() - 1)), state = dfa.step(before, word.back());
    const double lead = static_cast<double>(reader.logits()[1]) - static_cast<double>(reader.logits()[0]);
    // The readout's sum rounds, too: see kRounding.
    beyond += (dfa.accepts(state) ? lead : -lead) < proof.readout_margin;
    const StepMargin& step = proof.steps[static_cast<std::size_t>(before * dfa.letters() + word.back())];
    for (std::size_t u = 0; u < units; ++u) {
      if (!is_read[u]) continue;
      const double h = std::fabs(static_cast<double>(reader.h()[u]));
      smallest[u] = std::min(smallest[u], h);
      largest[u] = std::max(largest[u], h);
      // tanh is rounded, by a few units in the last place
      if (!lstm) beyond += h < std::tanh(step.margin) - 1e-6;
    }
  });
  for (std::size_t u = 0; u < units; ++u)
    beyond += (lstm ? largest[u] : 1.0) - smallest[u] > proof.leak + 1e-6;
  return beyond;
}

}  // namespace

TEST_CASE("motif proof: a reader has the bits of a trace, whatever the cell") {
  for (const rnn::CellKind cell :
       {rnn::CellKind::ElmanTanh, rnn::CellKind::ElmanRelu, rnn::CellKind::Lstm, rnn::CellKind::Gru,
        rnn::CellKind::LstmCoupled, rnn::CellKind::LstmBounded, rnn::CellKind::LstmBoundedCoupled})
    for (const bool fancy : {false, true}) {
      rnn::ModelSpec spec;
      spec.cell = cell;
      spec.hidden = 7;
      spec.task = rnn::Task::PositionLabel;
      spec.initial = fancy ? rnn::InitialState::Learned : rnn::InitialState::Zero;
      spec.layer_norm = fancy;
      spec.peepholes = fancy && rnn::is_lstm(cell);
      spec.embedding = fancy ? 3 : 0;
      if (!rnn::problem(spec).empty()) spec.peepholes = false;
      REQUIRE(rnn::problem(spec).empty());
      REQUIRE(obstacle_of_reading(spec).empty());
      Made made{rnn::make_network(spec), {}};
      made.weights.resize(made.net.parameter_count);
      Random random(3);
      for (float& w : made.weights) w = static_cast<float>(random.symmetric(1.5));
      Word word;
      for (int t = 0; t < 40; ++t) word.push_back(static_cast<std::uint8_t>(random.below(4)));
      const rnn::Trace trace = traced(made.net, made.weights, word);
      Reader reader(made.net, made.weights);
      int different = 0;
      std::vector<float> half;
      for (std::size_t t = 0; t < word.size(); ++t) {
        reader.read(word[t]);
        for (int u = 0; u < 7; ++u)
          different += reader.h()[static_cast<std::size_t>(u)] != trace.layers[0].h(static_cast<int>(t), u);
        for (std::size_t k = 0; k < 2; ++k) different += reader.logits()[k] != trace.logits[2 * t + k];
        CHECK(reader.accepts() == (trace.logits[2 * t + 1] > trace.logits[2 * t]));
        if (t == 19) half = reader.state();
      }
      CHECK_MESSAGE(different == 0, rnn::name(cell));
      // Going back, and starting over.
      const std::vector<float> end = reader.state();
      reader.set_state(half);
      for (std::size_t t = 20; t < word.size(); ++t) reader.read(word[t]);
      CHECK(reader.state() == end);
      reader.start();
      for (const std::uint8_t a : word) reader.read(a);
      CHECK(reader.state() == end);
    }
}

TEST_CASE("motif proof: obstacles name their remedy") {
  const Dfa dfa = contains_acg();
  const rnn::ModelSpec good = compile(dfa, encode(dfa, Construction::Exact), 4).spec;
  CHECK(obstacle_of_proof(dfa, good).empty());
  rnn::ModelSpec spec = good;
  spec.layers = 2;
  CHECK(obstacle_of_proof(dfa, spec).find("one forward layer") != std::string::npos);
  spec = good;
  spec.cell = rnn::CellKind::Gru;
  CHECK(obstacle_of_proof(dfa, spec).find("Elman") != std::string::npos);
  CHECK(obstacle_of_reading(spec).empty());
  spec = good;
  spec.symbols = 20;
  CHECK(obstacle_of_proof(dfa, spec).find("20 letters") != std::string::npos);
  spec = good;
  spec.classes = 3;
  CHECK(obstacle_of_proof(dfa, spec).find("two classes") != std::string::npos);
}

TEST_CASE("motif proof: a low gain leaks, and the string that shows it is real; the margin grows with it") {
  const Dfa dfa = contains_acg();
  for (const Construction how : {Construction::Textbook, Construction::Exact, Construction::Lstm}) {
    double margin = 0;
    int longest = 0;
    for (const double gain : {0.25, 0.5, 1.0, 1.5, 1.75, 2.0, 2.5, 3.0, 4.0, 6.0, 12.0}) {
      CAPTURE(gain);
      const Made made = compiled(dfa, how, gain);
      const Proof proof = proof_of(dfa, made);
      CHECK(proof.margin > (proof.failing ? 0 : margin));
      CHECK(proof.steps.size() == 16);
      CHECK(proof.nominal_margin == doctest::Approx(gain));  // the code's is 1
      margin = proof.margin;
      if (proof.failing) {
        CHECK(proof.verdict == Proof::Verdict::Refuted);
        CHECK_FALSE(right(dfa, made, *proof.failing));
        CHECK(proof.words.find("Refuted") == 0);
        CHECK(proof.margin < 0.9 * gain);
        longest = std::max(longest, static_cast<int>(proof.failing->size()));
        if (proof.shortest && proof.failing->size() < 8)
          every_string(4, static_cast<int>(proof.failing->size()) - 1,
                       [&](const Word& word) { CHECK(right(dfa, made, word)); });
      }
      if (gain <= 1.5) CHECK(proof.verdict == Proof::Verdict::Refuted);
      if (gain >= 2) CHECK(proof.verdict == Proof::Verdict::Proved);
    }
    CHECK(longest >= 20);  // a slow leak: no short string shows it
  }
  const Proof proof = proof_of(dfa, compiled(dfa, Construction::Exact, 2));
  CHECK(proof.words ==
        "Proved for strings of every length: in each of the 4 states and for each of the 4 letters no "
        "pre-activation comes nearer to 0 than 1.7, and the states stay within 0.059 of -1 and +1.");
  CHECK(
      proof_of(dfa, compiled(dfa, Construction::Exact, 0.5)).words.find("; every shorter string is right.") !=
      std::string::npos);
}

// Where the states have just room enough, so that a box that is too small would show.
TEST_CASE("motif proof: bounds hold at low gains") {
  for (const ListedPattern& listed :
       {ListedPattern{"ACG", kInDna, Mode::Contains, 0}, ListedPattern{"AC*G", kInDna, Mode::Contains, 0},
        ListedPattern{"(AC)+", kInDna, Mode::Whole, 0}, ListedPattern{"ACA", kInDna, Mode::Contains, 1}}) {
    const Dfa dfa = machine(listed);
    int proved = 0;
    for (const Construction how : {Construction::Exact, Construction::Lstm})
      for (const double gain : {1.25, 1.5, 1.75, 1.8, 1.85, 1.9, 2.0, 2.25, 2.5}) {
        CAPTURE(std::string(listed.text));
        CAPTURE(gain);
        const Made made = compiled(dfa, how, gain);
        const Proof proof = proof_of(dfa, made);
        if (proof.verdict != Proof::Verdict::Proved) continue;
        ++proved;
        CHECK(beyond_bounds(dfa, made, proof, kSlow ? 4 : 7) == 0);
      }
    CHECK(proved >= 6);
  }
}

// What a proof says of all strings holds of those that are read: margins, leak, logits.
TEST_CASE("motif proof: the numbers bound what traces show") {
  const Dfa dfa = machine({"TATAWAW", kInDna, Mode::EndsHere, 0});
  for (const Construction how : {Construction::Exact, Construction::Lstm})
    for (const double gain : {1.75, 2.5, 4.0}) {
      CAPTURE(gain);
      const Made made = compiled(dfa, how, gain);
      const Proof proof = proof_of(dfa, made);
      REQUIRE(proof.verdict == Proof::Verdict::Proved);
      double margin = 1e9, lead = 1e9, low = 1e9, high = 0;
      const int units = made.net.spec.hidden;
      for (std::uint64_t seed = 1; seed <= 6; ++seed) {
        const Word word = planted_word(dfa, 60, seed);
        rnn::Example example;
        example.tokens = word;
        const rnn::Trace trace = traced(made.net, made.weights, word);
        int state = dfa.start;
        for (int t = 0; t < trace.rows; ++t) {
          const std::uint8_t a = word[static_cast<std::size_t>(t)];
          const rnn::StepTerms terms =
              rnn::step_terms(made.net, made.weights, plain_table(4), example, trace, 0, t);
          double weakest = 1e9;
          for (int u = 0; u < units; ++u) {
            const int row = how == Construction::Lstm ? 2 * units + u : u;
            weakest = std::min(
                weakest, std::fabs(static_cast<double>(terms.pre_activation[static_cast<std::size_t>(row)])));
            low = std::min(low, std::fabs(static_cast<double>(trace.layers[0].h(t, u))));
            high = std::max(high, std::fabs(static_cast<double>(trace.layers[0].h(t, u))));
          }
          const StepMargin& step = proof.steps[static_cast<std::size_t>(state * 4 + a)];
          CHECK((step.state == state && step.letter == a));
          CHECK(weakest >= step.margin);
          margin = std::min(margin, weakest);
          state = dfa.step(state, a);
          const auto z = [&](std::size_t k) {
            return static_cast<double>(trace.logits[2 * static_cast<std::size_t>(t) + k]);
          };
          lead = std::min(lead, dfa.accepts(state) ? z(1) - z(0) : z(0) - z(1));
        }
      }
      CHECK(margin >= proof.margin);
      CHECK(lead >= proof.readout_margin);
      CHECK((how == Construction::Lstm ? high : 1.0) - low <= proof.leak);
      // And are no empty words: not far below what was seen, where little leaks.
      if (gain == 4.0) {
        CHECK(margin < proof.margin + 0.05);
        CHECK(lead < proof.readout_margin + 0.05);
      }
    }
}

TEST_CASE(
    "motif proof: where two states that matter cannot have a unit each, the textbook's machine is wrong") {
  const Dfa dfa = machine({"TATAWAW", kInDna, Mode::Contains, 1});
  const Code code = encode(dfa, Construction::Textbook);
  int impossible = 0;
  for (const Separability& state : code.states) impossible += !state.possible;
  REQUIRE(impossible == 3);
  const Made textbook = compiled(dfa, Construction::Textbook, kDefaultGain);
  const Proof wrong = proof_of(dfa, textbook);
  CHECK(wrong.verdict == Proof::Verdict::Refuted);
  REQUIRE(wrong.failing.has_value());
  CHECK_FALSE(right(dfa, textbook, *wrong.failing));
  for (const Construction how : {Construction::Exact, Construction::Lstm}) {
    const Proof good = proof_of(dfa, compiled(dfa, how, kDefaultGain));
    CHECK(good.verdict == Proof::Verdict::Proved);
  }
}

// Machines and networks at random, and compiled ones under noise: whatever is called proved is right on every
// string that can be tried, whatever is called refuted is wrong there.
TEST_CASE("motif proof: verdicts and bounds are true") {
  Random random(11);
  int proved = 0, refuted = 0, by_noise = 0;
  for (int i = 0; i < 150; ++i) {
    Dfa dfa;
    dfa.symbols = "AC";
    const std::uint32_t states = 2 + random.below(3);
    for (std::uint32_t s = 0; s < states; ++s) {
      dfa.next.push_back(static_cast<int>(random.below(states)));
      dfa.next.push_back(static_cast<int>(random.below(states)));
      dfa.accepting.push_back(random.below(2) == 0);
    }
    dfa = minimal(dfa);
    Made made = compiled(dfa, i % 2 == 0 ? Construction::Exact : Construction::Lstm, i % 3 == 0 ? 2.5 : 4.0);
    const double noise = i % 5 == 0 ? 0.0 : 0.15 * (i % 5);
    add_noise(made, noise, static_cast<std::uint64_t>(i));
    if (i % 10 == 9)  // not compiled at all
      for (float& w : made.weights) w = static_cast<float>(random.symmetric(3));
    const Proof proof = proof_of(dfa, made);
    CAPTURE(i);
    if (proof.verdict == Proof::Verdict::Refuted) {
      ++refuted;
      Reader reader(made.net, made.weights);
      for (const std::uint8_t a : *proof.failing) reader.read(a);
      CHECK(reader.accepts() != dfa.accepts(dfa.run(*proof.failing)));
      if (!proof.failing->empty()) CHECK_FALSE(right(dfa, made, *proof.failing));
    }
    if (proof.verdict != Proof::Verdict::Proved) continue;
    ++proved;
    by_noise += noise > 0;
    CHECK(beyond_bounds(dfa, made, proof, kSlow ? 8 : 11) == 0);
  }
  CHECK(proved > 60);
  CHECK(by_noise > 40);
  CHECK(refuted > 20);
}

// Two units that are always equal, as both show the letter before, and a readout of their difference: boxes
// know no such thing, but the network has only so many states.
TEST_CASE("motif proof: every state of a network is visited where boxes are too coarse") {
  Dfa everything;
  everything.symbols = "AC";
  everything.next = {0, 0};
  everything.accepting = {1};
  rnn::ModelSpec spec;
  spec.cell = rnn::CellKind::ElmanTanh;
  spec.hidden = 3;
  spec.task = rnn::Task::PositionLabel;
  spec.symbols = 2;
  spec.initial = rnn::InitialState::Learned;
  Made made{rnn::make_network(spec), {}};
  made.weights.assign(made.net.parameter_count, 0.0f);
  const std::span<float> p(made.weights);
  const rnn::Layer& layer = made.net.layers[0];
  rnn::view(made.net, p, layer.w_x)(0, 0) = 0.1f;
  rnn::view(made.net, p, layer.w_x)(0, 1) = 3.0f;
  for (int u = 1; u < 3; ++u) {
    rnn::view(made.net, p, layer.w_h)(u, 0) = 2.0f;
    rnn::view(made.net, p, layer.h_0)(0, u) = 0.5f;
    rnn::view(made.net, p, made.net.readout_weight)(1, u) = u == 1 ? 5.0f : -5.0f;
  }
  rnn::view(made.net, p, made.net.readout_bias)(1) = 0.5f;
  const Proof proof = proof_of(everything, made);
  CHECK(proof.verdict == Proof::Verdict::Proved);
  CHECK(proof.words ==
        "Proved for strings of every length: the network can only ever be in 7 states, and every one of them "
        "is "
        "right.");
  CHECK(proof.readout_margin == doctest::Approx(0.5));  // sums of equal numbers round
  rnn::view(made.net, p, made.net.readout_bias)(1) = -0.5f;
  CHECK(proof_of(everything, made).verdict == Proof::Verdict::Refuted);
}

TEST_CASE("motif proof: weights that are no numbers prove nothing") {
  const Dfa dfa = contains_acg();
  for (const float bad : {std::nanf(""), INFINITY, -INFINITY, 1e38f})
    for (const bool lstm : {false, true})
      for (std::size_t at = 0; at < 40; at += kSlow ? 20 : 7) {
        Made made = compiled(dfa, lstm ? Construction::Lstm : Construction::Exact, kDefaultGain);
        made.weights[at % made.weights.size()] = bad;
        const Proof proof = proof_of(dfa, made);
        if (proof.verdict != Proof::Verdict::Proved) continue;
        // An infinite push the right way may do no harm; the strings decide.
        every_string(4, 5, [&](const Word& word) { REQUIRE(right(dfa, made, word)); });
      }
}
