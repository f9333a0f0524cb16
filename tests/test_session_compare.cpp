// Comparing through the Session: what the pin keeps, which positions belong together, and that every
// difference is the one of two traces made apart.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "rnn/trace.h"
#include "session/compare.h"
#include "session/edits.h"
#include "session/history.h"
#include "session_fixture.h"

using namespace ribostep;
using session::Compare;
using session::Difference;
using session::Quantity;
using tests::Fixture;
using tests::planted_fasta;

namespace {

std::vector<std::uint8_t> tokens_of(std::string_view letters) {
  std::vector<std::uint8_t> tokens;
  for (const char c : letters) tokens.push_back(static_cast<std::uint8_t>(std::string("ACGT").find(c)));
  return tokens;
}

// A run made here, with nothing of the session but its tables.
rnn::Trace trace_of(const session::Session& s, std::string_view letters, std::span<const float> weights,
                    const rnn::Network& network) {
  const std::vector<std::uint8_t> tokens = tokens_of(letters);
  return rnn::trace(network, weights, s.token_table(), {tokens, -1, {}});
}

bool same(const rnn::Trace& a, const rnn::Trace& b) {
  if (a.length != b.length || a.probabilities != b.probabilities || a.layers.size() != b.layers.size())
    return false;
  for (std::size_t l = 0; l < a.layers.size(); ++l)
    if (a.layers[l].states != b.layers[l].states || a.layers[l].gates != b.layers[l].gates ||
        a.layers[l].cells != b.layers[l].cells)
      return false;
  return true;
}

struct Compared {
  Fixture f;
  session::Session& s = f.session;
  explicit Compared(int hidden = 5, rnn::CellKind cell = rnn::CellKind::Lstm) {
    f.paste(planted_fasta());
    rnn::ModelSpec spec = s.project().model;
    spec.cell = cell;
    spec.hidden = hidden;
    s.set_model(spec);
    f.worker.settle();
    f.train_to(3);
  }
  Compare& c() { return s.compare(); }
  void settle() { f.worker.settle(); }
  void verb(nlohmann::json head) {
    head["type"] = "verb";
    s.receive({std::move(head), {}});
    settle();
  }
  const nlohmann::json section() {
    const nlohmann::json mirror = s.mirror();
    for (const auto& section : mirror["sections"])
      if (section["id"] == "compare") return section;
    return nullptr;
  }
  // Every difference that is told, against `then` made apart, position by position.
  void check_against(const rnn::Trace& then, const std::vector<int>& reference_of) {
    REQUIRE(c().ready());
    REQUIRE(c().reference() != nullptr);
    CHECK(same(*c().reference(), then));
    const rnn::Trace& now = *s.trace();
    REQUIRE(c().differences_fresh());
    const session::Differences& found = *c().differences();
    float largest = 0;
    REQUIRE(found.states.size() == static_cast<std::size_t>(now.length));
    for (int position = 1; position <= now.length; ++position) {
      const int there = reference_of[static_cast<std::size_t>(position)];
      CHECK(c().reference_position(position) == there);
      const float told = found.states[static_cast<std::size_t>(position - 1)];
      if (there < 1) {
        CHECK(std::isnan(told));
        continue;
      }
      double squares = 0, outputs = 0;
      for (int u = 0; u < now.layers[0].hidden; ++u) {
        const float by = now.layers[0].h(position - 1, u) - then.layers[0].h(there - 1, u);
        squares += static_cast<double>(by) * static_cast<double>(by);
        largest = std::max(largest, std::fabs(by));
      }
      for (int k = 0; k < now.outputs; ++k)
        outputs += std::fabs(static_cast<double>(now.p(position - 1, k)) -
                             static_cast<double>(then.p(there - 1, k))) /
                   2;
      CHECK(told == doctest::Approx(std::sqrt(squares)).epsilon(1e-6));  // rounded to float once
      CHECK(found.outputs[static_cast<std::size_t>(position - 1)] == doctest::Approx(outputs).epsilon(1e-6));
    }
    CHECK(c().largest(Quantity::State) == largest);
    for (std::size_t i = 0; i < found.by_unit.size(); ++i) {
      const Difference& d = found.by_unit[i];
      if (i > 0) CHECK(d.size() <= found.by_unit[i - 1].size());
      if (d.quantity != Quantity::State) continue;
      CHECK(d.now == now.layers[0].h(d.position - 1, d.unit));
      CHECK(d.then == then.layers[0].h(d.reference - 1, d.unit));
    }
  }
};

std::vector<int> identity(int length) {
  std::vector<int> map;
  for (int i = 0; i <= length; ++i) map.push_back(i);
  return map;
}

}  // namespace

TEST_CASE("compare: without a pin and without edits there is nothing to compare with") {
  Compared t;
  CHECK(t.c().against() == Compare::Against::Nothing);
  CHECK(t.c().reference() == nullptr);
  CHECK_FALSE(t.c().difference());
  CHECK(t.c().words().empty());
  CHECK(t.c().reference_position(3) == -1);
  CHECK(t.section()["lines"][0].get<std::string>().find("Nothing is pinned") == 0);
  t.c().unpin();
  CHECK_FALSE(t.s.undo_label() == "unpin");
}

TEST_CASE(
    "compare: a pinned moment stays while training goes on, and differences are of two traces made apart") {
  Compared t;
  t.s.go_to(17);
  const std::vector<float> then = *t.s.project().weights;
  t.verb({{"verb", "pin"}});
  REQUIRE(t.c().pinned() != nullptr);
  CHECK(t.c().pinned()->position == 17);
  CHECK(t.c().pinned()->label == "position 17 of seq1 after update " + std::to_string(t.s.project().updates));
  CHECK(t.c().difference());
  CHECK(t.c().words().find("no difference anywhere") != std::string::npos);
  CHECK(t.c().alignment_words() == "40 of 40 aligned letters are equal (100.0 %)");
  const std::uint64_t before = t.c().serial();

  t.s.train_once();
  t.settle();
  t.s.train_once();
  t.settle();
  REQUIRE(*t.s.project().weights != then);
  CHECK(t.c().serial() == before);  // the reference is what it was
  const rnn::Trace apart = trace_of(t.s, t.s.letters(), then, t.s.network());
  t.check_against(apart, identity(40));
  CHECK(t.c().words().find("largest difference") != std::string::npos);
  CHECK(t.c().words().find("in h[") != std::string::npos);
}

TEST_CASE("compare: with the pinned position everywhere, also with the state before the first letter") {
  Compared t;
  const auto all = [](int position) { return std::vector<int>(41, position); };
  t.s.go_to(9);
  t.verb({{"verb", "pin"}, {"mode", "moment"}});
  CHECK(t.c().pinned()->mode == io::PinMode::Moment);
  const rnn::Trace apart = trace_of(t.s, t.s.letters(), *t.s.project().weights, t.s.network());
  t.check_against(apart, all(9));
  CHECK(t.c().reference_position(0) == 9);
  CHECK(t.c().differences()->states[8] == 0);
  CHECK(t.c().alignment_words().empty());
  t.verb({{"verb", "pin_mode"}, {"mode", "along"}});
  CHECK(t.c().reference_position(3) == 3);
  CHECK(t.s.undo_label() == "what the pin is compared with");
  t.s.undo();
  t.settle();
  CHECK(t.c().reference_position(3) == 9);

  t.s.go_to(0);
  t.verb({{"verb", "pin"}, {"mode", "moment"}});
  CHECK(t.c().pinned()->label.find("the start of seq1") == 0);
  // h_0 is all zeros: the norm of the difference is that of the state; there is no output yet.
  double squares = 0;
  for (int u = 0; u < 5; ++u) squares += std::pow(static_cast<double>(t.s.trace()->layers[0].h(11, u)), 2);
  CHECK(t.c().differences()->states[11] == doctest::Approx(std::sqrt(squares)).epsilon(1e-6));
  CHECK(std::isnan(t.c().differences()->outputs[11]));
}

TEST_CASE("compare: another sequence is laid beside this one") {
  Fixture f;
  const std::string first = "ACGTTGCATCGGATCATTAGC";
  const std::string second = first.substr(0, 7) + first.substr(10, 5) + "TTT" + first.substr(15);
  f.paste(">a label=x\n" + first + "\n>b label=y\n" + second + "\n");
  session::Session& s = f.session;
  Compare& c = s.compare();
  s.receive({{{"type", "verb"}, {"verb", "pin_sequence"}, {"sequence", 1}, {"position", 4}}, {}});
  f.worker.settle();
  REQUIRE(c.ready());
  CHECK(c.pinned()->label == "position 4 of b, untrained");
  CHECK(c.reference_name() == "b");
  CHECK(c.reference_letters() == second);
  REQUIRE(c.alignment() != nullptr);
  const bio::Alignment found = bio::align(first, second, s.data().alphabet());
  CHECK(c.alignment()->partner == found.partner);
  CHECK(same(*c.reference(), trace_of(s, second, s.weights(), s.network())));
  int gap_letters = 0;
  for (int i = 0; i < 21; ++i) {
    const int partner = found.partner[static_cast<std::size_t>(i)];
    CHECK(c.reference_position(i + 1) == (partner < 0 ? -1 : partner + 1));
  }
  for (const Compare::Gap& gap : c.gaps()) gap_letters += gap.end - gap.begin;
  CHECK(gap_letters == found.only_a);
  CHECK(found.only_a == 3);
  CHECK(c.alignment_words().find("3 letters only here, 3 only in the pin") != std::string::npos);
  CHECK(std::isnan(c.differences()->states[8]));

  // On the other sequence itself the pin is compared letter by letter.
  s.select_sequence(1);
  f.worker.settle();
  CHECK(c.reference_position(13) == 13);
  CHECK(c.words().find("no difference") != std::string::npos);
  s.undo();
  f.worker.settle();
  CHECK(c.pinned() == nullptr);
  CHECK_FALSE(c.difference());
  s.redo();
  f.worker.settle();
  CHECK(c.difference());

  for (const int wrong : {-1, 2, 99}) {
    s.receive({{{"type", "verb"}, {"verb", "pin_sequence"}, {"sequence", wrong}}, {}});
    CHECK(s.status().severity == Severity::Error);
    CHECK(c.pinned()->record == 1);
  }
}

TEST_CASE("compare: versions of the letters belong together by where each letter came from") {
  Compared t;
  const std::string given(t.s.letters());
  t.s.edits().replace(10, 0, "AC");  // before position 11
  t.settle();
  SUBCASE("without a pin: with the run before the edits") {
    CHECK(t.c().against() == Compare::Against::Original);
    CHECK_FALSE(t.c().difference());
    t.verb({{"verb", "difference"}});
    CHECK(t.c().difference());
    std::vector<int> map = {0};
    for (int i = 1; i <= 42; ++i) map.push_back(i <= 10 ? i : i <= 12 ? -1 : i - 2);
    t.check_against(trace_of(t.s, given, *t.s.project().weights, t.s.network()), map);
    CHECK(t.c().words().find("compared with the run before your edits") == 0);
    REQUIRE(t.c().gaps().size() == 1);
    CHECK(t.c().gaps()[0].begin == 10);
    CHECK(t.c().gaps()[0].end == 12);
    CHECK(t.c().reference_letters() == given);
    t.s.edits().restore_letters();
    t.settle();
    CHECK(t.c().against() == Compare::Against::Nothing);
    CHECK_FALSE(t.c().difference());
  }
  SUBCASE("an edited version that was pinned") {
    const std::string pinned(t.s.letters());
    t.verb({{"verb", "pin"}});
    CHECK(t.c().pinned()->label.find("as edited") != std::string::npos);
    t.s.edits().replace(3, 2, "");
    t.s.edits().mutate(20, t.s.letters()[20] == 'A' ? 'C' : 'A');
    t.settle();
    std::vector<int> map = {0};
    for (int i = 1; i <= 40; ++i) map.push_back(i <= 3 ? i : i + 2);  // what both have inserted as well
    t.check_against(trace_of(t.s, pinned, *t.s.project().weights, t.s.network()), map);
    t.s.edits().restore_letters();
    t.settle();
    map = {0};
    for (int i = 1; i <= 40; ++i) map.push_back(i <= 10 ? i : i + 2);
    t.check_against(trace_of(t.s, pinned, *t.s.project().weights, t.s.network()), map);
  }
}

TEST_CASE("compare: the pin keeps its network when the model changes") {
  Compared t;
  const std::vector<float> weights = *t.s.project().weights;
  const rnn::Network network = t.s.network();
  t.s.go_to(5);
  t.verb({{"verb", "pin"}});
  rnn::ModelSpec spec = t.s.project().model;
  SUBCASE("of another size: only outputs are compared") {
    spec.hidden = 8;
    t.s.set_model(spec);
    t.settle();
    REQUIRE(t.c().ready());
    CHECK(t.c().reference_network().spec == network.spec);
    CHECK(same(*t.c().reference(), trace_of(t.s, t.s.letters(), weights, network)));
    CHECK_FALSE(t.c().comparable_states());
    CHECK(t.c().comparable_outputs());
    CHECK(t.c().words().find("only the outputs are compared") != std::string::npos);
    CHECK(t.c().words().find("in p(") != std::string::npos);
    CHECK(std::isnan(t.c().differences()->states[4]));
    CHECK(t.c().differences()->outputs[4] > 0);
    CHECK(t.c().largest(Quantity::State) == 0);
  }
  SUBCASE("that answers another question: only states are") {
    spec.task = rnn::Task::NextSymbol;
    t.s.set_model(spec);
    t.settle();
    REQUIRE(t.c().ready());
    CHECK(t.c().comparable_states());
    CHECK_FALSE(t.c().comparable_outputs());
    CHECK(t.c().words().find("only the states are compared") != std::string::npos);
    CHECK(std::isnan(t.c().differences()->outputs[4]));
  }
  SUBCASE("in both: nothing is left, and that is said") {
    spec.task = rnn::Task::NextSymbol;
    spec.hidden = 3;
    t.s.set_model(spec);
    t.settle();
    CHECK_FALSE(t.c().ready());
    CHECK(t.c().words().find("nothing can be compared") != std::string::npos);
  }
  CHECK(t.c().pinned()->model == network.spec);
  t.s.undo();
  t.settle();
  CHECK(t.c().ready());
  CHECK(t.c().words().find("no difference anywhere") != std::string::npos);
}

TEST_CASE("compare: the untrained network as a pin is the start from its seed") {
  Compared t;
  t.verb({{"verb", "pin_untrained"}});
  CHECK(t.c().pinned()->untrained);
  CHECK(t.c().pinned()->label.find(", untrained") != std::string::npos);
  std::vector<float> start(t.s.network().parameter_count);
  rnn::initialise<float>(t.s.network(), t.s.project().seed, start);
  t.check_against(trace_of(t.s, t.s.letters(), start, t.s.network()), identity(40));
  CHECK(t.c().largest(Quantity::State) > 0);
  // The twin on show, pinned, is the same thing.
  t.s.show_untrained_twin(true);
  t.settle();
  t.verb({{"verb", "pin"}});
  CHECK(t.c().pinned()->untrained);
  CHECK(t.c().words().find("no difference anywhere") != std::string::npos);
}

TEST_CASE("compare: pinning and unpinning are steps of undo") {
  Compared t;
  t.s.go_to(4);
  t.verb({{"verb", "pin"}});
  t.s.go_to(8);
  t.verb({{"verb", "pin"}});
  CHECK(t.c().pinned()->position == 8);
  t.verb({{"verb", "unpin"}});
  CHECK(t.c().pinned() == nullptr);
  CHECK(t.c().reference() == nullptr);
  CHECK_FALSE(t.c().difference());
  t.s.undo();
  t.settle();
  REQUIRE(t.c().pinned() != nullptr);
  CHECK(t.c().pinned()->position == 8);
  CHECK(t.c().ready());
  t.s.undo();
  t.settle();
  CHECK(t.c().pinned()->position == 4);
  t.s.undo();
  t.settle();
  CHECK(t.c().pinned() == nullptr);
  t.s.redo();
  t.settle();
  CHECK(t.c().pinned()->position == 4);
}

TEST_CASE(
    "compare: a document that leaves out the weights means its own, and they stay when training goes on") {
  Compared t;
  const std::vector<float> weights = *t.s.project().weights;
  t.verb({{"verb", "pin"}});
  const std::string fragment = t.s.share_fragment(io::WeightsAs::Float32);
  Fixture other(fragment.substr(1));
  REQUIRE(other.session.compare().pinned() != nullptr);
  CHECK(other.session.compare().difference());
  CHECK(other.session.compare().pinned()->label == t.c().pinned()->label);
  CHECK(*other.session.compare().pinned()->weights == weights);
  other.session.train_once();
  other.worker.settle();
  CHECK(*other.session.compare().pinned()->weights == weights);
  CHECK(same(*other.session.compare().reference(), trace_of(t.s, t.s.letters(), weights, t.s.network())));
  CHECK(other.session.compare().largest(Quantity::State) > 0);
}

TEST_CASE("compare: nothing can be pinned without data, and data that come anew take the pin with them") {
  session::Session empty;
  empty.compare().pin();
  CHECK(empty.status().severity == Severity::Error);
  CHECK(empty.status().text.find("load sequences") != std::string::npos);
  Compared t;
  t.verb({{"verb", "pin"}});
  t.f.paste(">x label=1\nACGTACGT\n>y label=2\nTTGACATT\n");
  CHECK(t.c().pinned() == nullptr);
  CHECK(t.c().words().empty());
  t.s.undo();
  t.settle();
  CHECK(t.c().ready());
}

TEST_CASE("compare: long sequences are laid beside each other in slices") {
  Random random(5);
  std::string a;
  for (int i = 0; i < 1500; ++i) a += "ACGT"[random.below(4)];
  std::string b = a;
  b.erase(700, 11);
  Fixture f;
  f.paste(">a label=x\n" + a + "\n>b label=y\n" + b + "\n");
  Compare& c = f.session.compare();
  c.pin_sequence(1, 1);
  CHECK_FALSE(c.ready());
  CHECK(c.has_work());
  CHECK(c.words().find("preparing") == 0);
  double last = 0;
  for (int i = 0; i < 100000 && c.has_work(); ++i) {
    c.work_slice();
    c.update(1);
    CHECK(c.progress() >= last);
    last = c.progress();
  }
  REQUIRE(c.ready());
  CHECK(c.alignment()->only_a == 11);
  CHECK(c.alignment()->identical == 1489);
  CHECK(c.reference_position(1500) == 1489);
  CHECK(c.differences_fresh());
}

TEST_CASE("compare: sequences too long to be aligned are compared by position, and that is said") {
  const std::string a(5200, 'A'), b(5100, 'C');
  Fixture f;
  f.paste(">a label=x\n" + a + "\n>b label=y\n" + b + "\n");
  rnn::ModelSpec spec = f.session.project().model;
  spec.hidden = 2;
  f.session.set_model(spec);
  f.worker.settle();
  f.session.compare().pin_sequence(1, 1);
  f.worker.settle();
  REQUIRE(f.session.compare().ready());
  CHECK(f.session.compare().reference_position(5100) == 5100);
  CHECK(f.session.compare().reference_position(5101) == -1);
  CHECK(f.session.compare().alignment_words().find("too long to be aligned") != std::string::npos);
}

TEST_CASE(
    "compare: two layers, both directions, windows and codons: numbers at the positions they stand for") {
  Compared t;
  const std::vector<std::function<void(rnn::ModelSpec&)>> changes = {
      [](rnn::ModelSpec& m) { m.layers = 2, m.directions = rnn::Directions::Both; },
      [](rnn::ModelSpec& m) { m.layers = 2, m.window = 7; },
      [](rnn::ModelSpec& m) { m.input = rnn::Input::Codons, m.cell = rnn::CellKind::Gru; },
      [](rnn::ModelSpec& m) { m.cell = rnn::CellKind::ElmanRelu, m.circular = rnn::Circular::TwoPass; }};
  for (const auto& change : changes) {
    rnn::ModelSpec spec = t.s.project().model;
    spec.layers = 1, spec.window = 0, spec.input = rnn::Input::Letters;
    spec.directions = rnn::Directions::Forward;
    change(spec);
    REQUIRE(rnn::problem(spec).empty());
    t.s.set_model(spec);
    t.settle();
    t.c().pin_sequence(1, 1);
    t.settle();
    REQUIRE(t.c().ready());
    const rnn::Trace& now = *t.s.trace();
    const rnn::Trace then = trace_of(t.s, t.s.data().letters(1), t.s.weights(), t.s.network());
    REQUIRE(same(*t.c().reference(), then));
    for (const Difference& d : t.c().differences()->by_unit) {
      if (d.quantity == Quantity::Output) {
        CHECK(d.now == now.p(now.row_of(d.position - 1), d.unit));
        CHECK(d.then == then.p(then.row_of(d.reference - 1), d.unit));
        continue;
      }
      const auto l = static_cast<std::size_t>(d.layer);
      const auto number = [&](const rnn::Trace& trace, int position) {
        const rnn::LayerTrace& layer = trace.layers[l];
        const int step = layer.step_of(position - 1);
        return d.quantity == Quantity::State  ? layer.h(step, d.unit)
               : d.quantity == Quantity::Cell ? layer.c(step, d.unit)
                                              : layer.gate(step, d.gate, d.unit);
      };
      CHECK(d.now == number(now, d.position));
      CHECK(d.then == number(then, d.reference));
      CHECK_FALSE(t.c().number_name(d).empty());
    }
    CHECK(t.c().differences()->by_unit.size() > 3);
  }
}

TEST_CASE("compare: strands are the runs of the turned and of the complemented letters") {
  Compared t;
  CHECK_FALSE(t.c().strands());
  CHECK(t.c().strand(1) == nullptr);
  t.verb({{"verb", "strands"}});
  CHECK(t.c().strands());
  REQUIRE(t.c().strand_count() == 3);
  const std::string letters(t.s.letters());
  std::string reversed(letters.rbegin(), letters.rend()), complement = reversed;
  for (char& c : complement) c = std::string("TGCA")[std::string("ACGT").find(c)];
  const auto made = [&](const std::string& text) {
    return trace_of(t.s, text, *t.s.project().weights, t.s.network());
  };
  REQUIRE(t.c().strand(1) != nullptr);
  CHECK(t.c().strand(0) == t.s.trace());
  CHECK(same(*t.c().strand(1), made(reversed)));
  CHECK(same(*t.c().strand(2), made(complement)));
  for (int position = 1; position <= 40; ++position) {
    const auto i = static_cast<std::size_t>(position - 1);
    CHECK(reversed[static_cast<std::size_t>(t.c().strand_position(1, position) - 1)] ==
          t.c().strand_letters(1)[i]);
    CHECK(complement[static_cast<std::size_t>(t.c().strand_position(2, position) - 1)] ==
          t.c().strand_letters(2)[i]);
  }
  CHECK(t.c().strands_words().find("reverse complement 0.") != std::string::npos);
  // They follow training, edits and the sequence.
  const std::uint64_t serial = t.c().strand_serial(2);
  t.s.train_once();
  t.settle();
  CHECK(t.c().strand_serial(2) != serial);
  CHECK(same(*t.c().strand(1), made(reversed)));
  t.s.edits().mutate(0, letters[0] == 'A' ? 'C' : 'A');
  t.settle();
  CHECK(t.c().strand_letters(1) == t.s.letters());
  CHECK(same(*t.c().strand(1), made(std::string(t.s.letters().rbegin(), t.s.letters().rend()))));
  t.verb({{"verb", "strands"}, {"on", false}});
  CHECK(t.c().strand(1) == nullptr);
  CHECK(t.c().strands_words().empty());
}

TEST_CASE("compare: a protein has no complement, a series turns its values") {
  Fixture f;
  f.paste(">a label=x\nMKTAYIAKQRQISFVKSHF\n>b label=y\nMKTAYIAKQISFVKSHFSR\n");
  REQUIRE(f.session.data().alphabet().kind == bio::AlphabetKind::Protein);
  f.session.compare().show_strands(true);
  f.worker.settle();
  CHECK(f.session.compare().strand_count() == 2);
  CHECK(f.session.compare().strand(1) != nullptr);
  CHECK(f.session.compare().strand(2) == nullptr);
  f.session.compare().pin_sequence(1, 3);
  f.worker.settle();
  CHECK(f.session.compare().alignment()->only_a == 2);

  f.paste("time\tx\ty\n0\t0.1\t1\n1\t0.5\t2\n2\t-0.25\t3\n3\t0.75\t5\n4\t0.5\t8\n");
  if (f.session.data().channels() > 0) {
    const rnn::Trace* turned = f.session.compare().strand(1);
    REQUIRE(turned != nullptr);
    const auto values = f.session.example().values;
    std::vector<float> back;
    const auto n = static_cast<std::size_t>(f.session.data().channels());
    for (std::size_t t = values.size() / n; t-- > 0;)
      for (std::size_t k = 0; k < n; ++k) back.push_back(values[t * n + k]);
    rnn::Example example;
    example.values = back;
    CHECK(same(*turned,
               rnn::trace(f.session.network(), f.session.weights(), f.session.token_table(), example)));
    f.session.compare().pin();
    f.worker.settle();
    CHECK(f.session.compare().ready());
  }
}

TEST_CASE("compare: the mirror tells what is pinned, and its buttons work by name") {
  Compared t;
  t.verb({{"verb", "pin_untrained"}});
  const nlohmann::json section = t.section();
  REQUIRE(section.is_object());
  CHECK(section["lines"][0].get<std::string>() == t.c().words());
  REQUIRE(section["table"].size() > 2);
  CHECK(section["table"][0].size() == 6);
  CHECK(section["table"][1].size() == 6);
  CHECK(section["table"][1][0].get<std::string>() == t.c().number_name(t.c().differences()->by_unit[0]));
  for (const auto& button : section["buttons"]) CHECK_FALSE(button["disabled"].get<bool>());
  CHECK(section["inputs"].size() == 2);
  // A list in the page answers with text.
  t.verb({{"verb", "pin_sequence"}, {"sequence", "3"}});
  CHECK(t.c().pinned()->record == 3);
  t.verb({{"verb", "difference"}, {"on", false}});
  CHECK_FALSE(t.c().difference());
  CHECK(t.c().ready());
  t.verb({{"verb", "unpin"}});
  CHECK(t.section()["buttons"][1]["disabled"].get<bool>());
}
