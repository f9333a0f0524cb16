// Where a number comes from: for every number of every architecture the terms come to it, and each of them is
// made of numbers that exist and have the values it says.
#include <doctest/doctest.h>

#include <cmath>
#include <set>

#include "rnn/math.h"
#include "rnn/origin.h"
#include "rnn_cover.h"
#include "rnn_samples.h"

using namespace rnn_samples;

namespace {

struct Run {
  ModelSpec spec;
  FullSamples samples;
  Network net;
  std::vector<float> p;
  std::vector<Intervention> interventions;

  explicit Run(const ModelSpec& s, const std::vector<int>& lengths, std::uint64_t seed = 31)
      : spec(s), samples(lengths, seed), net(make_network(s)) {
    const auto wide = dense_weights(net, seed + 1);
    p.assign(wide.begin(), wide.end());
  }
  Trace traced(std::size_t i = 0) const {
    return trace(net, p, strand_table(), samples.examples[i], interventions);
  }
  Origin ask(const Trace& tr, const Quantity& q, std::size_t i = 0) const {
    return origin_of(net, p, strand_table(), samples.examples[i], tr, q, interventions);
  }
};

Quantity number(NumberKind what, int layer, int unit, int step, int gate = -1) {
  Quantity q;
  q.what = what;
  q.layer = layer;
  q.unit = unit;
  q.step = step;
  q.gate = gate;
  return q;
}
Quantity output(NumberKind what, int row, int k) {
  Quantity q;
  q.what = what;
  q.step = row;
  q.output = k;
  return q;
}

std::vector<Quantity> all_numbers(const Network& net, const Trace& tr) {
  std::vector<Quantity> all;
  for (int l = 0; l < static_cast<int>(tr.layers.size()); ++l) {
    const LayerTrace& lt = tr.layers[static_cast<std::size_t>(l)];
    for (int u = 0; u < lt.hidden; ++u)
      for (int t = -1; t < lt.steps; ++t) {
        all.push_back(number(NumberKind::H, l, u, t));
        if (is_lstm(net.spec.cell)) all.push_back(number(NumberKind::C, l, u, t));
        for (int g = 0; t >= 0 && g < lt.gate_count; ++g) all.push_back(number(NumberKind::Gate, l, u, t, g));
      }
  }
  for (int row = 0; row < tr.rows; ++row)
    for (int k = 0; k < tr.outputs; ++k) {
      all.push_back(output(NumberKind::Logit, row, k));
      all.push_back(output(NumberKind::Probability, row, k));
    }
  return all;
}

// Sums of a few dozen floats of size 1 to 10 in another order and precision; each operation of the engine
// rounds by 6e-8 of its result. Normalisation over three units divides by deviations as small as 0.003.
double tolerance(const Origin& o, bool normal) {
  double size = std::abs(static_cast<double>(o.before));
  for (const OriginTerm& term : o.terms) size += std::abs(term.value);
  return (normal ? 2e-5 : 2e-6) * std::max(1.0, size);
}

void check_number(const Run& run, const Trace& tr, const Origin& o, const std::string& what) {
  const bool normal = run.spec.layer_norm;
  const Layer& layer = run.net.layers[static_cast<std::size_t>(o.of.layer)];
  const bool product = o.shape == OriginShape::Product || o.shape == OriginShape::Softmax;
  const double target = static_cast<double>(product ? o.value : o.before);
  CHECK_MESSAGE(std::abs(result_of(o) - target) <= tolerance(o, normal), what);
  if (o.squashed) {
    const int g = o.of.what == NumberKind::Gate ? o.of.gate : 0;
    const float made = gates(layer.cell)[static_cast<std::size_t>(g)].squashed_to_01 ? sigmoid_of(o.before)
                       : layer.cell == CellKind::ElmanRelu ? std::fmax(0.0f, o.before)
                                                           : tanh_of(o.before);
    // The very number it was made from; put together anew where a memory set by hand hides it.
    if (run.interventions.empty())
      CHECK_MESSAGE(made == o.value, what);
    else
      CHECK_MESSAGE(std::abs(made - o.value) < 1e-6f, what);
  } else {
    CHECK(o.before == o.value);
  }
  for (std::size_t i = 0; i < o.terms.size(); ++i) {
    const OriginTerm& term = o.terms[i];
    CHECK(term.value == term.scale * term.weight * term.input);
    if (o.shape == OriginShape::Sum && i > 0) CHECK(std::abs(term.value) <= std::abs(o.terms[i - 1].value));
    if (term.source) {
      REQUIRE_MESSAGE(exists(run.net, tr, *term.source), what);
      double value = static_cast<double>(value_of(run.net, tr, *term.source));
      if (term.kind == TermKind::Squashed) value = static_cast<double>(tanh_of(static_cast<float>(value)));
      CHECK_MESSAGE(value == term.input, what << " " << static_cast<int>(term.kind));
    }
    if (term.via) REQUIRE(exists(run.net, tr, *term.via));
  }
}

}  // namespace

TEST_CASE("rnn origin: the terms of every number of every architecture come to it") {
  std::int64_t numbers = 0, terms = 0;
  std::set<TermKind> kinds;
  std::set<Whence> places;
  std::set<OriginShape> shapes;
  for (const rnn_cover::Choices& choices : rnn_cover::cover().rows) {
    const Run run(rnn_cover::spec_of(choices), rnn_cover::lengths(rnn_cover::spec_of(choices)));
    const std::string what = rnn_cover::describe(choices);
    for (const std::size_t i : {0u, 3u}) {
      const Trace tr = run.traced(i);
      for (const Quantity& q : all_numbers(run.net, tr)) {
        REQUIRE_MESSAGE(exists(run.net, tr, q), what);
        const Origin o = run.ask(tr, q, i);
        check_number(run, tr, o,
                     what + " " + name(q.what) + " layer " + std::to_string(q.layer) + " step " +
                         std::to_string(q.step));
        ++numbers;
        shapes.insert(o.shape);
        for (const OriginTerm& term : o.terms) {
          ++terms;
          kinds.insert(term.kind);
          if (!term.source) continue;
          places.insert(term.source->whence);
          if (term.source->what == NumberKind::Pooled || term.source->whence != Whence::Here)
            check_number(run, tr, run.ask(tr, *term.source, i), what + " further on");
        }
      }
    }
  }
  CHECK(numbers > 50'000);
  CHECK(terms > 4 * numbers);
  CHECK(kinds.size() == 14);  // all but shares of a mean, which are asked of further on
  CHECK(places.size() == 3);
  CHECK(shapes.size() == 4);  // all but by hand
}

TEST_CASE("rnn origin: what is asked of is checked") {
  const Run run(spec(CellKind::Gru, 3, 1, Directions::Forward, kReadouts[0]), {9});
  const Trace tr = run.traced();
  CHECK(exists(run.net, tr, number(NumberKind::H, 0, 2, 8)));
  CHECK_FALSE(exists(run.net, tr, number(NumberKind::H, 0, 3, 8)));
  CHECK_FALSE(exists(run.net, tr, number(NumberKind::H, 0, 2, 9)));
  CHECK_FALSE(exists(run.net, tr, number(NumberKind::H, 0, 2, -2)));
  CHECK_FALSE(exists(run.net, tr, number(NumberKind::H, 1, 2, 0)));
  CHECK_FALSE(exists(run.net, tr, number(NumberKind::C, 0, 2, 0)));  // no memory cell in a GRU
  CHECK_FALSE(exists(run.net, tr, number(NumberKind::Gate, 0, 2, 0, 3)));
  CHECK_FALSE(exists(run.net, tr, number(NumberKind::Gate, 0, 2, -1, 0)));
  CHECK_FALSE(exists(run.net, tr, output(NumberKind::Logit, 0, 3)));
  CHECK_FALSE(exists(run.net, tr, output(NumberKind::Probability, 9, 0)));
  Quantity q = number(NumberKind::H, 0, 2, 0);
  q.whence = Whence::PassBefore;  // read as a line
  CHECK_FALSE(exists(run.net, tr, q));
  q.whence = Whence::OtherCopy;
  CHECK_FALSE(exists(run.net, tr, q));
  for (int i = 0; i < kCount<NumberKind>; ++i)
    CHECK(number_kind(name(static_cast<NumberKind>(i))) == static_cast<NumberKind>(i));
  CHECK_FALSE(number_kind("z").has_value());
}

TEST_CASE("rnn origin: the maximum of a unit comes from the position that has it, the last from the end") {
  for (const Directions d : {Directions::Forward, Directions::Both}) {
    const Run max(spec(CellKind::Lstm, 4, 1, d, kReadouts[2]), {17});
    const Trace tr = max.traced();
    for (const int row : {3, 16}) {
      const Origin o = max.ask(tr, output(NumberKind::Logit, row, 1));
      for (const OriginTerm& term : o.terms) {
        if (term.kind != TermKind::Readout) continue;
        const LayerTrace& lt = tr.layers[static_cast<std::size_t>(term.source->layer)];
        for (int t = 0; t <= (d == Directions::Both ? 16 : row); ++t)
          CHECK(lt.h(t, term.source->unit) <= static_cast<float>(term.input));
      }
    }
    const Run last(spec(CellKind::Lstm, 4, 1, d, kReadouts[0]), {17});
    const Trace end = last.traced();
    for (const OriginTerm& term : last.ask(end, output(NumberKind::Logit, 16, 0)).terms)
      if (term.source) CHECK(term.source->step == (term.source->layer == 0 ? 16 : 0));
  }
}

TEST_CASE("rnn origin: a letter is one term with the weight of that letter") {
  const Run run(spec(CellKind::ElmanTanh, 4, 1, Directions::Forward, kReadouts[0]), {12});
  const Trace tr = run.traced();
  int plain = 0, ambiguous = 0;
  for (int t = 0; t < 12; ++t) {
    const int code = run.samples.tokens[0][static_cast<std::size_t>(t)];
    const Origin o = run.ask(tr, number(NumberKind::Gate, 0, 1, t, 0));
    int inputs = 0;
    for (const OriginTerm& term : o.terms) {
      if (term.kind != TermKind::Input) continue;
      ++inputs;
      CHECK(term.weight == static_cast<double>(view(run.net, std::span<const float>(run.p),
                                                    run.net.layers[0].w_x)(1, term.column)));
      if (code < 4) CHECK(term.column == code);
    }
    CHECK(inputs == (code < 4 ? 1 : code == 6 ? 4 : 2));
    (code < 4 ? plain : ambiguous)++;
  }
  CHECK(plain > 0);
}

TEST_CASE("rnn origin: a number set by hand has no terms, and what follows adds up all the same") {
  for (const CellKind cell : kAllCells)
    for (const bool peep : {false, true}) {
      if (peep && !is_lstm(cell)) continue;
      ModelSpec s = spec(cell, 4, 2, Directions::Both, kReadouts[3]);
      s.peepholes = peep;
      Run run(s, {11});
      run.interventions = {{0, 1, false, 4, 6, 0.75f}, {1, 2, false, 0, 0, -0.5f}, {2, 0, false, 9, 9, 0.0f}};
      if (is_lstm(cell)) run.interventions.push_back({0, 3, true, 5, 5, 1.5f});
      const Trace tr = run.traced();
      int by_hand = 0;
      for (const Quantity& q : all_numbers(run.net, tr)) {
        const Origin o = run.ask(tr, q);
        check_number(run, tr, o, std::string(name(cell)) + " " + name(q.what));
        if (o.shape != OriginShape::ByHand) continue;
        ++by_hand;
        CHECK(o.terms.empty());
        CHECK(o.value == *set_by_hand(run.net, tr, q, run.interventions));
      }
      CHECK(by_hand == (is_lstm(cell) ? 6 : 5));
    }
}

TEST_CASE("rnn origin: very many terms keep the largest and the sum of the rest") {
  const Run run(spec(CellKind::Gru, 2, 1, Directions::Forward, kReadouts[1]), {5000});
  const Trace tr = run.traced();
  Quantity q = number(NumberKind::Pooled, 0, 1, 4999);
  const Origin o = run.ask(tr, q);
  CHECK(static_cast<int>(o.terms.size()) == kMostTerms);
  CHECK(o.left_out == 5000 - kMostTerms);
  CHECK(o.rest != 0);
  // The engine's mean adds 5,000 floats one after the other: each sum rounds by up to 6e-8 of up to 5,000.
  CHECK(std::abs(result_of(o) - static_cast<double>(o.value)) < 3e-4);
  CHECK(o.value == value_of(run.net, tr, q));
}
