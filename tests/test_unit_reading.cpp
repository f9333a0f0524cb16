// What a unit reads: a detector set by hand must come out with its word, its places and its logo; the same
// network before training must not.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "experiment/unit_reading.h"
#include "experiment/unit_relations.h"
#include "unit_networks.h"

using namespace ribostep;
using experiment::Measure;
using experiment::Peak;
using experiment::Relation;
using experiment::UnitQuestion;
using experiment::UnitReading;

namespace {

constexpr const char* kWord = "TATAAT";

UnitReading read(const experiment::Prepared& prepared, const rnn::ModelSpec& spec, std::vector<float> trained,
                 UnitQuestion question, int slice = 1 << 20) {
  experiment::UnitReader reader(prepared, spec, std::move(trained), tests::start_of(spec),
                                std::move(question));
  double before = 0;
  while (!reader.run(slice)) {
    CHECK(reader.progress() >= before);
    before = reader.progress();
  }
  CHECK(reader.progress() == 1);
  return reader.take();
}

UnitQuestion about_last_unit() {
  UnitQuestion question;
  question.of = {0, 5};
  question.words = {"tataat", "no word!"};
  return question;
}

const Relation& named(const UnitReading& reading, const std::string& what) {
  for (const Relation& r : reading.relations)
    if (r.what == what) return r;
  FAIL("no relation with " << what);
  return reading.relations.front();
}

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

}  // namespace

TEST_CASE("a detector comes out with its word, and the untrained network does not") {
  const experiment::Prepared data = tests::planted(kWord, 40, 60);
  const rnn::ModelSpec spec = tests::relu_spec(6);
  const UnitReading found = read(data, spec, tests::word_detector(kWord), about_last_unit());
  CHECK(found.steps == 40 * 60);
  CHECK(found.read.list.size() == 40);
  CHECK(found.high == 1);
  CHECK(found.low == 0);
  REQUIRE(found.windows.size() == 20);
  for (const experiment::TopWindow& w : found.windows) {
    CHECK(w.value == 1);
    CHECK(w.letters.size() == 10);
    CHECK(ends_with(w.letters, kWord));
    CHECK(w.marked == 9);
    // The letters are those of the record that end at the position.
    const std::string all = data.data->letters(w.record);
    CHECK(ends_with(all.substr(0, static_cast<std::size_t>(w.position)), kWord));
  }
  REQUIRE(found.logo.columns == 10);
  for (int column = 0; column < 10; ++column) {
    const auto at = static_cast<std::size_t>(column);
    if (column < 4) {
      CHECK(found.logo.bits[at] < 0.6);  // chance over 20 windows: about 0.1
      continue;
    }
    CHECK(found.logo.bits[at] > 1.5);  // 20 of 21 with the pseudocount: 1.7 of 2 bits
    const std::size_t symbol = std::string("ACGT").find(kWord[at - 4]);
    CHECK(found.logo.share[at * 4 + symbol] > 0.9);
  }
  const Relation& here = named(found, "TATAAT ends here");
  CHECK(here.trained == doctest::Approx(1));
  CHECK(here.n == 2400);
  CHECK(here.chance < 0.2);
  CHECK(std::fabs(here.untrained) < 0.4);
  CHECK(named(found, "TATAAT in the last 10 letters").trained > 0.25);
  CHECK(named(found, "the letter read").trained < 0.2);
  CHECK(named(found, "sequence is odd").per_sequence);
  CHECK(named(found, "sequence is odd").n == 40);
  CHECK(found.conclusion.find("TATAAT ends here\u201d (r 1.00), more than the untrained") !=
        std::string::npos);
  CHECK(found.relations.size() == 9);  // the word that is none was left out

  // The network it started from, read in its place.
  const UnitReading start = read(data, spec, tests::start_of(spec), about_last_unit());
  int hits = 0;
  for (const experiment::TopWindow& w : start.windows) hits += ends_with(w.letters, kWord);
  CHECK(hits < 5);
  CHECK(std::fabs(named(start, "TATAAT ends here").trained) < 0.4);
  CHECK(named(start, "TATAAT ends here").trained == named(start, "TATAAT ends here").untrained);
  CHECK(start.conclusion.find("more than the untrained") == std::string::npos);
}

TEST_CASE("slices change nothing; peaks, places per sequence and the budget are as asked") {
  const experiment::Prepared data = tests::planted(kWord, 12, 50);
  const rnn::ModelSpec spec = tests::relu_spec(6);
  UnitQuestion question = about_last_unit();
  question.peak = Peak::Rise;
  question.windows = 6;
  const UnitReading whole = read(data, spec, tests::word_detector(kWord), question);
  const UnitReading sliced = read(data, spec, tests::word_detector(kWord), question, 7);
  REQUIRE(whole.windows.size() == 6);
  CHECK(whole.per_sequence == 1);
  for (std::size_t i = 0; i < 6; ++i) {
    CHECK(whole.windows[i].record == sliced.windows[i].record);
    CHECK(whole.windows[i].position == sliced.windows[i].position);
    CHECK(whole.windows[i].rise == 1);
    for (std::size_t j = 0; j < i; ++j) CHECK(whole.windows[i].record != whole.windows[j].record);
  }
  for (std::size_t i = 0; i < whole.relations.size(); ++i) {
    const double a = whole.relations[i].shuffled, b = sliced.relations[i].shuffled;
    CHECK((a == b || (std::isnan(a) && std::isnan(b))));
  }

  question.windows = 30;  // more than sequences: several in each, that do not overlap
  const UnitReading many = read(data, spec, tests::word_detector(kWord), question);
  CHECK(many.per_sequence == 3);
  CHECK(many.windows.size() == 30);
  for (const auto& a : many.windows)
    for (const auto& b : many.windows)
      if (&a != &b && a.record == b.record) CHECK(std::abs(a.position - b.position) >= 10);

  question.budget = 100;
  const UnitReading less = read(data, spec, tests::word_detector(kWord), question);
  CHECK(less.read.list.size() == 2);
  CHECK(less.read.list[1].record == 6);
  CHECK(less.steps == 100);
  CHECK(less.read.words() == "2 of 12 sequences, evenly chosen, 100 letters");
  CHECK(whole.read.words() == "all 12 sequences, 600 letters");
}

TEST_CASE("a layer that reads backwards is shown what comes behind the position") {
  const experiment::Prepared data = tests::planted("GATTACA", 20, 40);
  rnn::ModelSpec spec = tests::relu_spec(7);
  spec.directions = rnn::Directions::Both;
  spec.task = rnn::Task::PositionLabel;
  UnitQuestion question;
  question.of = {1, 6};
  question.width = 8;
  question.windows = 10;
  question.words = {"GATTACA"};
  // Read from the end, the word's letters come in the order of its mirror image.
  const UnitReading found =
      read(data, spec, tests::word_detector("ACATTAG", 1, rnn::Directions::Both), question);
  CHECK_FALSE(found.forward);
  REQUIRE(found.windows.size() == 10);
  for (const auto& w : found.windows) {
    CHECK(w.letters.substr(0, 7) == "GATTACA");
    CHECK(w.marked == 0);
  }
  CHECK(named(found, "GATTACA begins here").trained == doctest::Approx(1));
}

TEST_CASE("how strongly two columns go together") {
  using experiment::strength;
  constexpr float kNone = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> x{1, 2, 3, 4}, down{8, 6, 4, 2}, flat{5, 5, 5, 5}, gap{1, kNone, 3, 4};
  CHECK(strength(Measure::Correlation, x, down) == doctest::Approx(-1));
  CHECK(std::isnan(strength(Measure::Correlation, x, flat)));
  std::int64_t n = 0;
  CHECK(strength(Measure::Correlation, gap, x, &n) == doctest::Approx(1));
  CHECK(n == 3);
  // Groups {1, 2} and {5, 6} around 3.5: 16 of 17 lie between.
  const std::vector<float> groups{0, 0, 1, 1}, values{1, 2, 5, 6};
  CHECK(strength(Measure::Groups, groups, values) == doctest::Approx(16.0 / 17));
}

TEST_CASE("the conclusion claims no more than its table") {
  Relation gc;
  gc.what = "GC in the last 10 letters";
  gc.trained = 0.8;
  gc.shuffled = 0.7;
  gc.untrained = 0.79;
  gc.chance = 0.1;
  CHECK(experiment::conclude({gc}, false, false).find("no more than the untrained network does (r 0.79)") !=
        std::string::npos);
  CHECK(experiment::conclude({gc}, false, true).find("not trained yet") != std::string::npos);
  Relation motif = gc;
  motif.what = "TATAAT ends here";
  motif.trained = 0.5;
  motif.untrained = 0.1;
  const std::string learned = experiment::conclude({gc, motif}, false, false);
  CHECK(learned.find("TATAAT ends here\u201d (r 0.50), more than the untrained network does (r 0.10)") !=
        std::string::npos);
  motif.chance = 0.48;
  gc.chance = 0.79;
  CHECK(experiment::conclude({gc, motif}, false, false).find("nothing") != std::string::npos);
  gc.trained = std::numeric_limits<double>::quiet_NaN();
  CHECK(experiment::conclude({gc}, false, false).find("nothing") != std::string::npos);
  CHECK(experiment::conclude({gc}, true, false).find("hardly changes") != std::string::npos);
}

TEST_CASE("a logo's shares and bits") {
  const bio::Alphabet& dna = bio::alphabet(bio::AlphabetKind::Dna);
  const std::vector<std::string> windows{"AR-", "AG-", "AA-"};
  const std::vector<double> even(4, 0.25);
  const experiment::Logo logo = experiment::make_logo(dna, windows, even);
  REQUIRE(logo.columns == 3);
  CHECK(logo.share[0] == doctest::Approx(3.25 / 4));
  const double rest = 0.25 / 4;
  CHECK(logo.bits[0] == doctest::Approx(3.25 / 4 * std::log2(3.25) + 3 * rest * std::log2(rest * 4)));
  CHECK(logo.share[4] == doctest::Approx((0.25 + 1.5) / 4));  // R is A and G in halves
  CHECK(logo.share[6] == doctest::Approx((0.25 + 1.5) / 4));
  CHECK(logo.bits[2] == doctest::Approx(0));
}

TEST_CASE("words of conditions") {
  CHECK(experiment::motifs_of_condition("seq ~ TATAWAW") == std::vector<std::string>{"TATAWAW"});
  CHECK(experiment::motifs_of_condition("h[3] > 0.9 & seq~GG/1 or seq ~ acgt or seq ~ GG") ==
        std::vector<std::string>{"GG", "acgt"});
  CHECK(experiment::motifs_of_condition("subseq ~ GG and seq > 3 and seq ~").empty());
  const bio::Alphabet& dna = bio::alphabet(bio::AlphabetKind::Dna);
  REQUIRE(experiment::read_motif(dna, "tw"));
  CHECK(experiment::read_motif(dna, "tw")->text == "TW");
  CHECK(experiment::read_motif(dna, "tw")->masks[1] == 0b1001u);
  CHECK_FALSE(experiment::read_motif(dna, "T!"));
  CHECK_FALSE(experiment::read_motif(dna, ""));
}
