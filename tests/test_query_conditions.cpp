// Conditions: what the language says, against the plain reading of a trace; what it refuses and where; and
// that nothing a person types can break it.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "query/condition_eval.h"
#include "rnn_samples.h"

using namespace rnn_samples;
using namespace ribostep::query;

namespace {

struct Case {
  Network net;
  std::string letters;
  Trace run;
  std::vector<std::string> outputs = {"promoter", "other", "a b)"}, labels = {"1", "H"}, channels;
  std::vector<query::UnitName> units;
  std::vector<std::uint8_t> position_labels;
  const bio::Alphabet* alphabet = &bio::alphabet(bio::AlphabetKind::Dna);

  explicit Case(ModelSpec s, std::string text = "ACGTATAATGCNTATAAACTGAGGRCATTATATAGTAA")
      : net(make_network(s)), letters(std::move(text)) {
    std::vector<std::uint8_t> tokens;
    TokenTable table;
    for (const bio::Code& code : alphabet->codes) table.masks.push_back(code.symbols);
    for (int t = 0; t < alphabet->code_count(); ++t)
      table.complement.push_back(static_cast<std::uint8_t>(alphabet->complement(t)));
    for (const char c : letters) tokens.push_back(static_cast<std::uint8_t>(alphabet->token(c)));
    Example example;
    example.tokens = tokens;
    const auto dense = dense_weights(net, 31, 1.2);
    run = trace(net, std::vector<float>(dense.begin(), dense.end()), table, example);
    if (s.task == Task::NextSymbol) outputs = {"A", "C", "G", "T"};
    for (std::size_t i = 0; i < letters.size(); ++i)
      position_labels.push_back(i < 10 ? std::uint8_t{0} : i < 20 ? kNoClass : std::uint8_t{1});
  }
  Vocabulary vocabulary() const { return {&net, alphabet, outputs, labels, channels, units}; }
  Subject subject() const {
    Subject s;
    s.trace = &run;
    s.directions = net.spec.direction_count();
    s.alphabet = alphabet;
    s.letters = letters;
    s.labels = position_labels;
    s.length = static_cast<int>(letters.size());
    return s;
  }
  Parsed read(const std::string& text) const { return parse(text, vocabulary()); }
  std::vector<float> values(const std::string& text) const {
    const Parsed parsed = read(text);
    REQUIRE_MESSAGE(parsed.ok(), text, ": ", parsed.problem.reason);
    return evaluate(parsed.condition, subject(), 0, length() + 1);
  }
  int length() const { return static_cast<int>(letters.size()); }
  // Positions from 1 on where it is true.
  std::vector<int> hits(const std::string& text) const {
    const std::vector<float> v = values(text);
    std::vector<int> out;
    for (std::size_t p = 1; p < v.size(); ++p) {
      CHECK_MESSAGE((v[p] == 0 || v[p] == 1), text);
      if (v[p] == 1) out.push_back(static_cast<int>(p));
    }
    return out;
  }
  std::vector<int> where(const std::function<bool(int)>& true_at) const {
    std::vector<int> out;
    for (int p = 1; p <= length(); ++p)
      if (true_at(p)) out.push_back(p);
    return out;
  }
};

ModelSpec lstm(int hidden = 5, int layers = 1) {
  return spec(CellKind::Lstm, hidden, layers, Directions::Forward, kReadouts[0]);
}
using Positions = std::vector<int>;

void refused(const Case& c, const std::string& text, int begin, int end, const char* reason) {
  const Parsed parsed = c.read(text);
  CHECK_MESSAGE(!parsed.ok(), text);
  CHECK_MESSAGE(parsed.problem.begin == begin, text, ": ", parsed.problem.begin);
  CHECK_MESSAGE(parsed.problem.end == end, text, ": ", parsed.problem.end);
  CHECK_MESSAGE(parsed.problem.reason.find(reason) != std::string::npos, text, ": ", parsed.problem.reason);
}

}  // namespace

TEST_CASE("condition: units, cells and gates are read off the trace, position by position") {
  const Case c(lstm());
  const LayerTrace& l = c.run.layers[0];
  const auto v = c.values("h[3]");
  CHECK(v[0] == l.initial_h[3]);
  for (int p = 1; p <= c.length(); ++p) CHECK(v[static_cast<std::size_t>(p)] == l.h(p - 1, 3));
  CHECK(c.hits("h[3] > 0.1") == c.where([&](int p) { return l.h(p - 1, 3) > 0.1f; }));
  CHECK(c.hits("c[0] <= 0") == c.where([&](int p) { return l.c(p - 1, 0) <= 0; }));
  CHECK(c.hits("f[2] < 0.5") == c.where([&](int p) { return l.gate(p - 1, 1, 2) < 0.5f; }));
  CHECK(c.hits("0.3 < i[4] <= 0.6") ==
        c.where([&](int p) { return l.gate(p - 1, 0, 4) > 0.3f && l.gate(p - 1, 0, 4) <= 0.6f; }));
  CHECK(c.hits("h[0] > h[1] and not (o[1] > .5 | g[0] < -2e-1)") == c.where([&](int p) {
    return l.h(p - 1, 0) > l.h(p - 1, 1) && !(l.gate(p - 1, 3, 1) > 0.5f || l.gate(p - 1, 2, 0) < -0.2f);
  }));
  CHECK(c.hits("2 * h[0] - h[1] / 4 > -(0.1 + 0.1)") ==
        c.where([&](int p) { return 2 * l.h(p - 1, 0) - l.h(p - 1, 1) / 4 > -(0.1f + 0.1f); }));
  CHECK(c.hits("h[3] != h[3]").empty());
}

TEST_CASE("condition: layers by number, the backward one with r, gates of the other cells") {
  const Case c(spec(CellKind::Gru, 4, 2, Directions::Both, kReadouts[3]));
  const auto is = [&](const char* text, int layer, int unit) {
    const auto v = c.values(text);
    for (int p = 1; p <= c.length(); ++p)
      CHECK(v[static_cast<std::size_t>(p)] == c.run.layers[static_cast<std::size_t>(layer)].h(p - 1, unit));
  };
  is("h[1]", 2, 1);
  is("h2[1]", 2, 1);
  is("hr[1]", 3, 1);
  is("h1[3]", 0, 3);
  is("h1r[3]", 1, 3);
  CHECK(std::isnan(c.values("h1r[3]")[0]));
  CHECK(c.values("rr[2]")[5] == c.run.layers[3].gate(4, 0, 2));
  CHECK(c.values("z[0]")[5] == c.run.layers[2].gate(4, 1, 0));
  CHECK(unit_text(c.net, 1, kState, 3) == "h1r[3]");
  CHECK(unit_text(c.net, 2, 1, 0) == "z[0]");
  const Case coupled(spec(CellKind::LstmCoupled, 3, 1, Directions::Forward, kReadouts[0]));
  CHECK(coupled.values("i[1]")[7] == 1 - coupled.values("f[1]")[7]);
}

TEST_CASE("condition: outputs, their largest and their entropy") {
  const Case c(lstm());
  CHECK(c.hits("p(promoter) > 0.4") == c.where([&](int p) { return c.run.p(p - 1, 0) > 0.4f; }));
  CHECK(c.values("p(a b))")[9] == c.run.p(8, 2));
  CHECK(c.values("p(\"other\")")[9] == c.run.p(8, 1));
  const auto best = [&](int p) {
    int k = 0;
    for (int j = 1; j < 3; ++j)
      if (c.run.p(p - 1, j) > c.run.p(p - 1, k)) k = j;
    return k;
  };
  CHECK(c.hits("argmax = OTHER") == c.where([&](int p) { return best(p) == 1; }));
  CHECK(c.hits("argmax != other") == c.where([&](int p) { return best(p) != 1; }));
  CHECK(c.hits("argmax changes") == c.where([&](int p) { return p > 1 && best(p) != best(p - 1); }));
  const auto v = c.values("entropy");
  for (int p = 1; p <= c.length(); ++p) {
    double bits = 0;
    for (int k = 0; k < 3; ++k) bits -= static_cast<double>(c.run.p(p - 1, k)) * std::log2(c.run.p(p - 1, k));
    CHECK(v[static_cast<std::size_t>(p)] == doctest::Approx(bits).epsilon(1e-5));  // sums in 32 bits
  }
}

TEST_CASE("condition: changes are from the position before, at the first from the initial state") {
  const Case c(lstm());
  const LayerTrace& l = c.run.layers[0];
  const auto h = [&](int p, int unit) {
    return p == 0 ? l.initial_h[static_cast<std::size_t>(unit)] : l.h(p - 1, unit);
  };
  CHECK(c.hits("h[2] jumps 0.1") == c.where([&](int p) { return std::fabs(h(p, 2) - h(p - 1, 2)) >= 0.1f; }));
  CHECK(c.hits("|dh[2]| >= 0.1") == c.hits("h[2] jumps 0.1"));
  CHECK(c.hits("h[2] rises 0.1 or h[2] falls 0.1") == c.hits("h[2] jumps 0.1"));
  CHECK(c.hits("h[2] rises above 0.05") ==
        c.where([&](int p) { return h(p, 2) > 0.05f && h(p - 1, 2) <= 0.05f; }));
  CHECK(c.hits("h[2] falls below 0.05") ==
        c.where([&](int p) { return h(p, 2) < 0.05f && h(p - 1, 2) >= 0.05f; }));
  const auto moved = c.values("|dh|"), size = c.values("|h|");
  for (int p = 1; p <= c.length(); ++p) {
    double sum = 0, square = 0;
    for (int j = 0; j < 5; ++j) {
      sum += std::pow(static_cast<double>(h(p, j) - h(p - 1, j)), 2);
      square += std::pow(static_cast<double>(h(p, j)), 2);
    }
    CHECK(moved[static_cast<std::size_t>(p)] == doctest::Approx(std::sqrt(sum)).epsilon(1e-5));
    CHECK(size[static_cast<std::size_t>(p)] == doctest::Approx(std::sqrt(square)).epsilon(1e-5));
  }
  // Nothing was said before the first letter.
  CHECK_FALSE(c.values("p(other) jumps 0")[1] == 1);
  CHECK(c.values("p(other) jumps 0")[2] == 1);
}

TEST_CASE("condition: a motif counts at its last letter; IUPAC, mismatches and the other strand") {
  const Case c(lstm(), "ACGTATAATGCNTATAAACTATTATAGRTATRAT");
  // TATAAT ends at position 9.
  CHECK(c.hits("seq ~ TATAAT") == Positions{9});
  CHECK(c.hits("seq ~ tatawam") == Positions{19});
  CHECK(c.hits("seq ~ ATTATA") == Positions{26});
  CHECK(c.hits("seq ~ TATAAT either strand") == Positions{9, 26});
  const auto within = [&](int most) {
    return c.where([&](int p) {
      if (p < 6) return false;
      int misses = 0;
      for (int j = 0; j < 6; ++j) misses += c.letters[static_cast<std::size_t>(p - 6 + j)] != "TATAAT"[j];
      return misses <= most;
    });
  };
  CHECK(c.hits("seq ~1 TATAAT") == within(1));
  CHECK(c.hits("seq ~ TATAAT within 2 mismatches") == within(2));
  CHECK(within(1).size() > 1);
  // R of the sequence is A or G: it fits what allows both.
  CHECK(c.hits("seq ~ TATRAT") == Positions{9, 34});
  CHECK(c.hits("letter = R") == c.where([&](int p) {
    return std::string("AGR").find(c.letters[static_cast<std::size_t>(p - 1)]) != std::string::npos;
  }));
  CHECK(c.hits("letter != A") ==
        c.where([&](int p) { return c.letters[static_cast<std::size_t>(p - 1)] != 'A'; }));
  CHECK(c.hits("letter changes") == c.where([&](int p) {
    return p > 1 && c.letters[static_cast<std::size_t>(p - 1)] != c.letters[static_cast<std::size_t>(p - 2)];
  }));
}

TEST_CASE("condition: codons, frames, positions and labels") {
  const Case c(lstm(), "ATGTAAATAGCTGACC");
  CHECK(c.hits("codon = stop") == Positions{6, 10, 14});
  CHECK(c.hits("codon = stop & frame = 0") == Positions{6});
  CHECK(c.hits("codon = TAR and frame = 1") == Positions{10});
  CHECK(c.hits("codon = start") == Positions{3});
  CHECK(c.hits("codon != NNN") == Positions{1, 2});
  CHECK(c.hits("pos >= 3 && pos < 5") == Positions{3, 4});
  CHECK(c.hits("label = 1") == Positions{1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
  CHECK(c.hits("label = h").empty());
  CHECK(c.hits("label != 1").empty());  // where there is none, nothing is said
}

TEST_CASE("condition: with a number that is not there every test is false, and its denial true") {
  Case c(lstm());
  LayerTrace& l = c.run.layers[0];
  l.states[static_cast<std::size_t>(4 * l.stride + 1)] = std::numeric_limits<float>::quiet_NaN();
  l.cells[static_cast<std::size_t>(6 * l.stride + 2)] = std::numeric_limits<float>::infinity();
  for (const char* test : {"h[1] > 0", "h[1] <= 0", "h[1] = 0", "h[1] != 0", "h[1] jumps 0", "|dh| > 0"})
    CHECK_MESSAGE(c.values(test)[5] == 0, test);
  CHECK(c.values("not h[1] > 0")[5] == 1);
  CHECK(c.values("h[1] jumps 0")[6] == 0);  // from NaN to a number is no jump either
  CHECK(c.hits("nan") == Positions{5, 7});
  CHECK(not_finite(c.run, 5));
  CHECK_FALSE(not_finite(c.run, 6));
}

TEST_CASE("condition: steps of codons hold for their letters") {
  ModelSpec s = lstm();
  s.input = Input::Codons;
  const Case c(s, "ATGTAAATAGCTGACC");
  const auto v = c.values("h[0]");
  CHECK(v[1] == c.run.layers[0].initial_h[0]);  // no codon is read to its end yet
  CHECK(v[2] == v[1]);
  CHECK(v[3] == c.run.layers[0].h(0, 0));
  CHECK(v[5] == v[3]);
  CHECK(v[6] == c.run.layers[0].h(1, 0));
  CHECK(v[16] == c.run.layers[0].h(4, 0));  // behind the last whole codon
  const Positions jumps = c.hits("h[0] jumps 0.0001");
  CHECK(jumps == Positions{3, 6, 9, 12, 15});
  CHECK(c.hits("|dh| > 0.0001") == jumps);
  CHECK(c.hits("codon = stop & frame = 0 & h[0] changes") == Positions{6});
  CHECK(c.hits("codon = ATG & |dh| > 0.0001") == Positions{3});
}

TEST_CASE("condition: outputs and upper layers of windows change where their step's last letter is read") {
  ModelSpec s = spec(CellKind::Lstm, 5, 2, Directions::Forward, kReadouts[0]);
  s.input = Input::Codons;
  s.task = Task::PositionLabel;
  const Case c(s, "ATGTAAATAGCTGACC");
  const auto p = c.values("p(promoter)");
  CHECK(std::isnan(p[1]));
  CHECK(std::isnan(p[2]));
  CHECK(p[3] == c.run.p(0, 0));
  CHECK(p[5] == p[3]);
  CHECK(p[6] == c.run.p(1, 0));
  CHECK(p[16] == c.run.p(4, 0));
  for (const int at : c.hits("dp(promoter) > 0 or dp(promoter) < 0")) CHECK(at % 3 == 0);
  Trace run = c.run;
  run.layers[0].states[static_cast<std::size_t>(run.layers[0].stride)] = std::nanf("");
  CHECK_FALSE(not_finite(run, 5));
  CHECK(not_finite(run, 6));
}

TEST_CASE("condition: units by name, in brackets and alone") {
  Case c(lstm(4, 2));
  c.units = {{1, 2, "frame counter"}, {0, 1, "box"}, {1, 0, "box two"}};
  CHECK(c.values("frame counter") == c.values("h[2]"));
  CHECK(c.values("h[Frame Counter]") == c.values("h[2]"));
  CHECK(c.values("f[box]")[9] == c.values("f1[1]")[9]);
  CHECK(c.values("h1[box]") == c.values("h1[1]"));
  CHECK(c.values("box two - box") == c.values("h[0] - h1[1]"));
  const Parsed parsed = c.read("f[box] > 0.5 & frame counter > 0");
  REQUIRE(parsed.condition.mentions.size() == 2);
  CHECK(parsed.condition.mentions[0].begin == 2);
  CHECK(parsed.condition.mentions[0].end == 5);
  CHECK(parsed.condition.mentions[0].whole_end == 6);
  CHECK(parsed.condition.mentions[0].plain == "f1[1]");
  CHECK(parsed.condition.mentions[1].begin == 15);
  CHECK(parsed.condition.mentions[1].whole_begin == 15);
  CHECK(parsed.condition.mentions[1].plain == "h[2]");
  refused(c, "h2[box] > 0", 3, 6, "in another layer");
  refused(c, "h[boxes] > 0", 2, 7, "no unit has this name");
  c.units.push_back({1, 40, "gone"});
  refused(c, "gone > 0", 0, 4, "this model does not have");
}

TEST_CASE("condition: what is wrong, where, and what to do") {
  const Case c(lstm());
  refused(c, "", 0, 0, "write a condition");
  refused(c, "h[5] > 0", 2, 3, "there is no unit 5: units go from 0 to 4");
  refused(c, "h[99999999999] > 0", 2, 13, "units go from 0 to 4");
  refused(c, "h > 0", 0, 1, "write h[0] for one, |h|");
  refused(c, "z[0] > 0", 0, 1, "it has h c i f g o");
  refused(c, "h2[0] > 0", 0, 2, "there is no layer 2");
  refused(c, "hr[0] > 0", 0, 2, "leave out the r");
  refused(c, "p(enhancer) > 0", 2, 10, "there are promoter, other");
  refused(c, "p promoter", 2, 10, "as in p(name)");
  refused(c, "h[3] > ", 6, 7, "missing at the end");
  refused(c, "h[3] & h[2] > 0", 0, 4, "this is a number: compare it");
  refused(c, "h[3] > 0 h[2]", 9, 10, "a word is missing");
  refused(c, "(h[3] > 0", 8, 9, "closing bracket )");
  refused(c, "h[3] > 0)", 8, 9, "closes nothing");
  refused(c, "(h[3] > 0) + 1 > 0", 0, 10, "true or false, not a number");
  refused(c, "hello > 0", 0, 5, "\"hello\" is not known");
  refused(c, "seq ~ TATX", 9, 10, "no letter of DNA");
  refused(c, "seq ~ TAT within 3", 17, 18, "anything fits");
  refused(c, "seq = TATA", 4, 5, "with ~");
  refused(c, "codon = TATA", 8, 12, "three letters");
  refused(c, "argmax > other", 7, 8, "use = or !=");
  refused(c, "argmax", 5, 6, "is missing");
  refused(c, "argmax + 1 > 2", 0, 6, "argmax is a name");
  refused(c, "h[3] jumps", 9, 10, "how far it jumps");
  refused(c, "h[3] rises below 2", 11, 16, "comes above");
  refused(c, "h[3] > 1 jumps 2", 0, 14, "not both at once");
  refused(c, "x[a] > 1", 0, 1, "for a series");
  refused(c, "1 > 0 and", 8, 9, "missing at the end");
  refused(c, "and 1 > 0", 0, 3, "nothing before this word");
  refused(c, "|h[3]| > 0 | |dh > 1", 17, 18, "the second bar");
  refused(c, std::string(500, 'h'), 400, 500, "at most 400");
  refused(c, std::string(60, '(') + "1 > 0" + std::string(60, ')'), kMaxDepth, kMaxDepth + 1, "deep");
  refused(c, "not " + std::string(60, '!') + "1 > 0", 4 + kMaxDepth, 5 + kMaxDepth, "deep");

  Case protein(lstm());
  protein.alphabet = &bio::alphabet(bio::AlphabetKind::Protein);
  refused(protein, "codon = stop", 0, 5, "proteins have no codons");
  refused(protein, "frame = 0", 0, 5, "only DNA and RNA");
  refused(protein, "seq ~ WW either strand", 9, 22, "no second strand");
  CHECK(protein.read("seq ~ WWX").ok());
  Case series(lstm());
  series.alphabet = &bio::alphabet(bio::AlphabetKind::Series);
  series.channels = {"dose", "light level"};
  series.labels.clear();
  refused(series, "seq ~ A", 0, 3, "has no letters");
  refused(series, "label = 1", 0, 5, "no labels");
  CHECK(series.read("x[light level] > 1 and dx[dose] < 0").ok());
  CHECK_FALSE(parse("1 > 0", Vocabulary{}).ok());
}

TEST_CASE("condition: a bare quantity can be watched but is none") {
  const Case c(lstm());
  CHECK_FALSE(c.read("h[3] - h[4]").condition.truth);
  CHECK(c.read("h[3] > h[4]").condition.truth);
  CHECK(c.read("seq ~ TATA & frame = 0").condition.needs_trace == false);
  CHECK(c.read("seq ~ TATA & h[0] > 0").condition.needs_trace);
  CHECK_FALSE(c.read("argmax").ok());
}

TEST_CASE("condition: a series is read by channel") {
  Case c(lstm());
  c.alphabet = &bio::alphabet(bio::AlphabetKind::Series);
  c.channels = {"dose", "light"};
  const std::vector<float> values = {1, 2, 3, 4, 5, 6};
  Subject s;
  s.values = values;
  s.channels = 2;
  s.length = 3;
  const Parsed parsed = c.read("x[light] > 2 and dx[dose] = 2");
  REQUIRE(parsed.ok());
  CHECK(evaluate(parsed.condition, s, 0, 4) == std::vector<float>{0, 0, 1, 1});
}

TEST_CASE("condition: any block of positions gives what the whole gives") {
  const Case c(spec(CellKind::Lstm, 5, 2, Directions::Both, kReadouts[3]));
  for (const char* text : {"h[3] > 0 or seq ~ TATAWAW within 2 either strand", "|dh1r| - |c|",
                           "argmax changes", "dh[1] - dp(other)", "p(other) jumps 0.05 and not nan",
                           "codon = stop & frame = 2 | label changes", "entropy falls 0.01"}) {
    const Parsed parsed = c.read(text);
    REQUIRE_MESSAGE(parsed.ok(), text);
    const auto whole = c.values(text);
    for (const int size : {1, 3, 7}) {
      std::vector<float> parts;
      for (int begin = 0; begin <= c.length(); begin += size) {
        const auto part =
            evaluate(parsed.condition, c.subject(), begin, std::min(begin + size, c.length() + 1));
        parts.insert(parts.end(), part.begin(), part.end());
      }
      REQUIRE(parts.size() == whole.size());
      for (std::size_t i = 0; i < parts.size(); ++i)
        CHECK_MESSAGE((parts[i] == whole[i] || (std::isnan(parts[i]) && std::isnan(whole[i]))), text, " ", i);
    }
  }
}

TEST_CASE("condition: names of units that conditions could not tell apart are refused") {
  for (const char* name : {"frame counter", "box", "TATA detector", "Zähler", "unit 3's job", "hidden"})
    CHECK_MESSAGE(name_problem(name).empty(), name);
  CHECK(name_problem("").empty());
  for (const char* name : {"h", "dc2", "f1r", "frame", "AND", "a[b]", "3", " x", "x ", "a|b", "p", "a\nb"})
    CHECK_MESSAGE(!name_problem(name).empty(), name);
  CHECK_FALSE(name_problem(std::string(41, 'a')).empty());
}

TEST_CASE("condition: completion offers what could come at the caret") {
  Case c(lstm());
  c.units = {{0, 2, "frame counter"}};
  const auto offered = [&](const std::string& text) {
    std::vector<std::string> out;
    const Completion all = complete(text, text.size(), c.vocabulary());
    for (const Candidate& one : all.candidates)
      out.push_back(text.substr(0, static_cast<std::size_t>(all.begin)) + one.text);
    return out;
  };
  const auto offers = [&](const std::string& text, const std::string& want) {
    const auto all = offered(text);
    CHECK_MESSAGE(std::find(all.begin(), all.end(), want) != all.end(), text, " -> ", want);
  };
  offers("", "h[");
  offers("", "frame counter");
  offers("fr", "frame");
  offers("fr", "frame counter");
  offers("h[", "h[frame counter]");
  offers("h[", "h[4]");
  offers("h[fra", "h[frame counter]");
  offers("p(pro", "p(promoter)");
  offers("h[3] > 0.9 and p(", "h[3] > 0.9 and p(other)");
  offers("argmax = o", "argmax = other");
  offers("argmax ", "argmax changes");
  offers("h[3] ", "h[3] jumps ");
  offers("h[3] > 0.9 ", "h[3] > 0.9 and ");
  offers("h[3] > 0.9 and s", "h[3] > 0.9 and seq ~ ");
  offers("codon = s", "codon = stop");
  offers("seq ~ TATAAT ", "seq ~ TATAAT within 1");
  CHECK(offered("h[5] zz").empty());
  for (const std::string& one : offered("h[1")) CHECK(one == "h[1]");
  // What is offered fits: everything but beginnings can be read on.
  for (const std::string& one : offered("h[3] > 0 and not p(")) CHECK(c.read(one + " > 0").ok());
}

TEST_CASE("condition: whatever is typed is read or refused, and never more than that") {
  Random random(5, 5);
  const std::vector<std::string> words = {"h",
                                          "[",
                                          "]",
                                          "3",
                                          "0.9",
                                          "and",
                                          "or",
                                          "not",
                                          "(",
                                          ")",
                                          "|",
                                          "&",
                                          "!",
                                          "seq",
                                          "~",
                                          "TATAWAW",
                                          "codon",
                                          "=",
                                          "stop",
                                          "frame",
                                          "p(",
                                          "promoter",
                                          "argmax",
                                          "changes",
                                          "jumps",
                                          "rises",
                                          "above",
                                          "-",
                                          "dh",
                                          "|dh|",
                                          "<",
                                          ">=",
                                          "within",
                                          "either strand",
                                          "nan",
                                          "label",
                                          "letter",
                                          "G",
                                          " ",
                                          "h[3]",
                                          "p(other)",
                                          "\"",
                                          "frame counter",
                                          "\xC3\xA4",
                                          "\xE2\x89\xA4",
                                          "1e9",
                                          ".",
                                          "/",
                                          "h[3] > 0.1",
                                          "entropy",
                                          "pos",
                                          "\t",
                                          "~1",
                                          "99999999999"};
  Case c(lstm(5, 2));
  c.units = {{1, 2, "frame counter"}, {7, 70, "gone"}};
  int understood = 0;
  for (int round = 0; round < 20000; ++round) {
    std::string text;
    const auto count = random.below(12);
    for (std::uint32_t i = 0; i < count; ++i) {
      if (random.below(30) == 0)
        text += static_cast<char>(random.below(256));
      else
        text += words[random.below(static_cast<std::uint32_t>(words.size()))];
      if (random.below(3) == 0) text += ' ';
    }
    const Parsed parsed = c.read(text);
    if (parsed.ok()) {
      ++understood;
      REQUIRE_FALSE(parsed.condition.nodes.empty());
      REQUIRE(evaluate(parsed.condition, c.subject(), 0, c.length() + 1).size() == c.letters.size() + 1);
      Subject nothing;
      nothing.length = 4;
      evaluate(parsed.condition, nothing, 0, 5);
    } else {
      REQUIRE(parsed.problem.begin >= 0);
      REQUIRE(parsed.problem.end >= parsed.problem.begin);
      REQUIRE(parsed.problem.end <= static_cast<int>(text.size()));
    }
    const std::size_t caret = random.below(static_cast<std::uint32_t>(text.size()) + 1);
    const Completion offered = complete(text, caret, c.vocabulary());
    REQUIRE(offered.begin >= 0);
    REQUIRE(offered.end == static_cast<int>(caret));
    REQUIRE(offered.begin <= offered.end);
  }
  CHECK(understood > 300);  // else the words above would test only refusals
}
