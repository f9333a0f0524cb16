// Getting machines out of networks: what a network says of strings, L* and clusters on networks whose machine
// is known because it was compiled into them, the limits, and what cannot be asked.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "motif/compile.h"
#include "motif/extract.h"
#include "motif/languages.h"
#include "motif/lstar.h"
#include "rnn/trace.h"

using namespace ribostep;
using motif::Dfa;
using motif::Extraction;
using motif::ExtractionOptions;
using motif::Word;

namespace {

rnn::TokenTable plain_table(int symbols) {
  rnn::TokenTable table;
  table.symbols = symbols;
  for (int k = 0; k < symbols; ++k) table.masks.push_back(1u << k);
  return table;
}

struct Net {
  rnn::Network net;
  std::vector<float> parameters;
  rnn::TokenTable table;
  std::string symbols;

  Net(const rnn::ModelSpec& spec, std::vector<float> weights, std::string letters)
      : net(rnn::make_network(spec)),
        parameters(std::move(weights)),
        table(plain_table(spec.symbols)),
        symbols(std::move(letters)) {
    REQUIRE(parameters.size() == net.parameter_count);
  }
  motif::Extractor extractor(const ExtractionOptions& options, std::span<const Word> strings = {}) const {
    return {net, parameters, table, symbols, 1, strings, options};
  }
  Extraction extract(const ExtractionOptions& options, std::span<const Word> strings = {}) const {
    motif::Extractor extraction = extractor(options, strings);
    while (!extraction.run(1 << 20)) {
    }
    return extraction.take();
  }
};

// Weights drawn wider than for training, so that the answers differ from string to string.
Net random_net(const rnn::ModelSpec& given, std::uint64_t seed, std::string letters) {
  rnn::ModelSpec spec = given;
  spec.init = rnn::Initialisation::Uniform;
  spec.init_range = 1.5;
  REQUIRE(rnn::problem(spec) == "");
  std::vector<float> weights(rnn::make_network(spec).parameter_count);
  rnn::initialise<float>(rnn::make_network(spec), seed, weights);
  return {spec, std::move(weights), std::move(letters)};
}

Net compiled(const Dfa& dfa, motif::Construction how, double gain = 8) {
  const motif::Compiled made = motif::compile(dfa, motif::encode(dfa, how), gain);
  REQUIRE(made.problem == "");
  return {made.spec, made.parameters, dfa.symbols};
}

Word random_word(Random& random, int longest, int letters) {
  Word word(1 + random.below(static_cast<std::uint32_t>(longest)));
  for (std::uint8_t& k : word)
    k = static_cast<std::uint8_t>(random.below(static_cast<std::uint32_t>(letters)));
  return word;
}

std::vector<Word> random_words(int count, int longest, int letters) {
  Random random(9);
  std::vector<Word> words;
  for (int i = 0; i < count; ++i) words.push_back(random_word(random, longest, letters));
  return words;
}

ExtractionOptions by_clusters() {
  ExtractionOptions options;
  options.clusters = true;
  options.max_states = 24;
  return options;
}

}  // namespace

TEST_CASE("What a network says of a string is what its trace says at the end of it") {
  std::vector<rnn::ModelSpec> specs;
  rnn::ModelSpec spec;
  spec.hidden = 6;
  specs.push_back(spec);
  spec.cell = rnn::CellKind::Gru;
  spec.task = rnn::Task::PositionLabel;
  specs.push_back(spec);
  spec.layers = 2;
  spec.initial = rnn::InitialState::Learned;
  specs.push_back(spec);
  spec.directions = rnn::Directions::Both;
  specs.push_back(spec);
  spec.task = rnn::Task::SequenceLabel;
  spec.pool = rnn::Pool::Mean;
  specs.push_back(spec);
  spec.directions = rnn::Directions::Forward;
  spec.pool = rnn::Pool::Max;
  spec.cell = rnn::CellKind::ElmanTanh;
  specs.push_back(spec);
  spec.input = rnn::Input::Kmers;
  spec.kmer = 2;
  specs.push_back(spec);
  int index = 0;
  for (const rnn::ModelSpec& each : specs) {
    ++index;
    CAPTURE(index);
    const std::vector<Word> words = random_words(80, 12, 4);
    const auto says_both = [&](const Net& net) {
      motif::NetworkLanguage language(net.net, net.parameters, net.table, net.symbols, 1);
      const std::vector<std::uint8_t> says = language.accepts(words);
      return std::count(says.begin(), says.end(), 1) % 80 > 0;
    };
    std::uint64_t seed = 1;
    while (seed < 100 && !says_both(random_net(each, seed, "ACGT"))) ++seed;
    const Net n = random_net(each, seed, "ACGT");
    motif::NetworkLanguage language(n.net, n.parameters, n.table, n.symbols, 1);
    const std::vector<std::uint8_t> together = language.accepts(words);
    int yes = 0;
    for (std::size_t i = 0; i < words.size(); ++i) {
      rnn::Example example;
      example.tokens = words[i];
      const rnn::Trace trace = rnn::trace(n.net, n.parameters, n.table, example);
      const bool expected = trace.p(trace.rows - 1, 1) > trace.p(trace.rows - 1, 0);
      CHECK((together[i] != 0) == expected);
      CHECK(language.accepts(words[i]) == expected);
      yes += expected;
    }
    CHECK(yes > 0);
    CHECK(yes < 80);
    std::vector<Word> different = words;
    std::sort(different.begin(), different.end());
    different.erase(std::unique(different.begin(), different.end()), different.end());
    CHECK(language.asked() == static_cast<std::int64_t>(different.size()) + 1);  // and the empty string

    if (each.direction_count() > 1) {
      CHECK_FALSE(language.accepts(Word{}));
      continue;
    }
    const motif::NetworkLanguage::Path path = language.path(words[0]);
    REQUIRE(path.accepted.size() == words[0].size() + 1);
    CHECK(path.states.size() == path.accepted.size() * static_cast<std::size_t>(path.width));
    CHECK((path.accepted.back() != 0) == language.accepts(words[0]));
    CHECK((path.accepted.front() != 0) == language.accepts(Word{}));
    for (const float x : path.states) CHECK(std::abs(x) <= 1);
    const bool told = !language.accepts(Word{});
    language.tell_empty(told);
    CHECK(language.accepts(Word{}) == told);
  }
}

TEST_CASE("L* and clusters get a compiled machine back exactly") {
  for (const motif::Language& known : motif::languages()) {
    const std::string id = known.id;
    CAPTURE(id);
    const Dfa dfa = known.machine();
    for (const motif::Construction how : {motif::Construction::Exact, motif::Construction::Lstm}) {
      if (how == motif::Construction::Lstm && dfa.letters() > 2) continue;
      const Net n = compiled(dfa, how);
      motif::SampleOptions sampled;
      sampled.max_length = 30;
      const bio::Dataset data = motif::sample(dfa, known.alphabet, sampled);
      std::vector<Word> strings;
      for (int i = 0; i < data.size(); ++i)
        strings.emplace_back(data.tokens(i).begin(), data.tokens(i).end());
      ExtractionOptions options;
      options.random_strings = 400;
      const Extraction asked = n.extract(options, strings);
      REQUIRE(asked.machine.has_value());
      CHECK(*asked.machine == dfa);
      CHECK(asked.settled);
      CHECK_FALSE(asked.counterexample.has_value());
      CHECK(asked.fidelity.strings == motif::kHeldOut);
      CHECK(asked.fidelity.share() == 1.0);
      CHECK(asked.questions > 400);
      CHECK(asked.rounds >= 1);

      if (dfa.states() > 8) continue;  // many clusters: slow here
      const Extraction found = n.extract(by_clusters(), strings);
      REQUIRE(found.machine.has_value());
      CHECK(*found.machine == dfa);
      CHECK(found.fidelity.share() == 1.0);
      REQUIRE(found.chosen >= 0);
      const motif::ClusterRow& row = found.rows[static_cast<std::size_t>(found.chosen)];
      CHECK(row.states == dfa.states());
      CHECK(row.ambiguity == 0);
      CHECK(found.centres.size() == static_cast<std::size_t>(row.clusters * found.width));
      REQUIRE(found.state_of_cluster.size() == static_cast<std::size_t>(row.clusters));
      // Where a cluster is met, its state is the machine's.
      motif::NetworkLanguage language(n.net, n.parameters, n.table, n.symbols, 1);
      const motif::NetworkLanguage::Path path = language.path(strings[0]);
      for (std::size_t t = 1; t <= strings[0].size(); ++t) {
        int nearest = 0;
        float least = 1e30f;
        for (int c = 0; c < row.clusters; ++c) {
          float distance = 0;
          for (int j = 0; j < found.width; ++j) {
            const float d =
                path.states[t * static_cast<std::size_t>(found.width) + static_cast<std::size_t>(j)] -
                found.centres[static_cast<std::size_t>(c * found.width + j)];
            distance += d * d;
          }
          if (distance < least) {
            least = distance;
            nearest = c;
          }
        }
        CHECK(found.state_of_cluster[static_cast<std::size_t>(nearest)] ==
              dfa.run(std::span(strings[0]).first(t)));
      }
    }
  }
}

TEST_CASE("The empty string may be told") {
  const Dfa dfa = motif::language("tomita1")->machine();  // accepts it
  const Net n = compiled(dfa, motif::Construction::Exact);
  ExtractionOptions options;
  options.random_strings = 100;
  options.empty_string = 0;
  for (const bool clusters : {false, true}) {
    options.clusters = clusters;
    const Extraction found = n.extract(options);
    REQUIRE(found.machine.has_value());
    CHECK(found.machine->states() == 3);
    CHECK(motif::difference(*found.machine, dfa) == Word{});
    CHECK_FALSE(found.machine->accepts(found.machine->start));
  }
}

TEST_CASE("At a limit L* shows the last machine with the shortest string on which it fails") {
  rnn::ModelSpec spec;
  spec.hidden = 8;
  spec.cell = rnn::CellKind::Gru;
  int unsettled = 0;
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    CAPTURE(seed);
    spec.symbols = 2;
    const Net n = random_net(spec, seed, "01");
    ExtractionOptions options;
    options.max_states = 4;
    const Extraction found = n.extract(options);
    REQUIRE(found.machine.has_value());
    CHECK(found.machine->states() <= 4);
    if (found.settled) continue;
    ++unsettled;
    REQUIRE(found.counterexample.has_value());
    motif::NetworkLanguage language(n.net, n.parameters, n.table, n.symbols, 1);
    const auto differ = [&](const Word& word) {
      return found.machine->accepts(found.machine->run(word)) != language.accepts(word);
    };
    CHECK(differ(*found.counterexample));
    // Every shorter string up to the length that is asked in full.
    Word word;
    while (word.size() < found.counterexample->size() && word.size() <= 8) {
      CHECK_FALSE(differ(word));
      std::size_t k = word.size();
      while (k > 0 && word[k - 1] == 1) word[--k] = 0;
      if (k > 0)
        word[k - 1] = 1;
      else
        word.insert(word.begin(), 0);
    }
    CHECK(found.fidelity.share() < 1);
  }
  CHECK(unsettled >= 3);

  // The first split of "no 000" brings two states at once: that does not count as leave to exceed.
  const Dfa no_000 = motif::language("tomita4")->machine();
  for (int most = 2; most <= 4; ++most) {
    ExtractionOptions few;
    few.max_states = most;
    const Extraction found = compiled(no_000, motif::Construction::Exact).extract(few);
    REQUIRE(found.machine.has_value());
    CHECK(found.machine->states() <= most);
    CHECK(found.settled == (most == 4));
    CHECK(found.counterexample.has_value() == (most < 4));
  }

  spec.symbols = 4;
  const Net n = random_net(spec, 2, "ACGT");
  ExtractionOptions options;
  options.max_questions = 300;
  const Extraction found = n.extract(options);
  REQUIRE(found.machine.has_value());
  CHECK_FALSE(found.settled);
  CHECK(found.questions <= 300 + 64 + motif::kHeldOut);  // the last batch, and the held-out strings
}

TEST_CASE("A machine that accepts nothing is not like a network that accepts little") {
  const motif::Language* reber = motif::language("reber");  // chance draws none of its strings
  const Net n = compiled(reber->machine(), motif::Construction::Exact);
  const bio::Dataset data = motif::sample(reber->machine(), reber->alphabet, {});
  std::vector<Word> strings;
  for (int i = 0; i < data.size(); ++i) strings.emplace_back(data.tokens(i).begin(), data.tokens(i).end());
  ExtractionOptions options = by_clusters();
  options.max_states = 2;
  const Extraction found = n.extract(options, strings);
  REQUIRE(found.machine.has_value());
  CHECK(found.fidelity.share() < 0.95);  // an eighth of what is asked are accepted strings of the data
}

TEST_CASE("Slices change nothing, and progress does not go back") {
  rnn::ModelSpec spec;
  spec.hidden = 5;
  spec.cell = rnn::CellKind::ElmanTanh;
  spec.symbols = 2;
  const Net n = random_net(spec, 11, "01");
  const std::vector<Word> strings = random_words(40, 20, 2);
  for (const bool clusters : {false, true}) {
    ExtractionOptions options = by_clusters();
    options.clusters = clusters;
    options.max_states = 8;
    const Extraction whole = n.extract(options, strings);
    motif::Extractor sliced = n.extractor(options, strings);
    double before = 0;
    int slices = 0;
    while (!sliced.run(10)) {
      CHECK(sliced.progress() >= before);
      CHECK(sliced.progress() <= 1);
      CHECK(sliced.stage() != "");
      before = sliced.progress();
      ++slices;
    }
    CHECK(slices > 10);
    const Extraction parts = sliced.take();
    CHECK(*parts.machine == *whole.machine);
    CHECK(parts.counterexample == whole.counterexample);
    CHECK(parts.fidelity.same == whole.fidelity.same);
    CHECK(parts.centres == whole.centres);
    CHECK(parts.rows.size() == whole.rows.size());
  }
}

TEST_CASE("No slice of asking reads more than it was given, counterexamples are cut in slices too") {
  rnn::ModelSpec spec;
  spec.hidden = 12;
  spec.cell = rnn::CellKind::Lstm;
  spec.symbols = 4;
  std::vector<Word> strings;
  Random random(5);
  for (int k = 0; k < 400; ++k) {
    strings.emplace_back(200);
    for (std::uint8_t& letter : strings.back()) letter = static_cast<std::uint8_t>(random.below(4));
  }
  int shortened = 0;
  std::int64_t most = 0;
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    CAPTURE(seed);
    const Net n = random_net(spec, seed, "ACGT");
    motif::NetworkLanguage language(n.net, n.parameters, n.table, n.symbols, 1);
    ExtractionOptions options;
    options.all_up_to = 2;
    options.random_strings = 200;
    options.max_states = 12;
    motif::LStar lstar(language, options, strings);
    for (bool done = false; !done;) {
      const std::int64_t letters = language.letters_read(), asked = language.asked();
      done = lstar.run(64);
      most = std::max(most, language.letters_read() - letters);
      CHECK(language.letters_read() - letters <=
            64 * motif::LStar::kLettersPerQuestion + 2 * motif::LStar::kLettersTogether);
      CHECK(language.asked() - asked <= 64 + 2 * motif::LStar::kTogether);
      shortened += lstar.stage().find("shortening a counterexample of ") != std::string::npos ? 1 : 0;
    }
    Extraction found;
    lstar.finish(found);
    REQUIRE(found.machine.has_value());
    if (!found.counterexample) continue;
    // None of its letters can be left out.
    const auto differ = [&](const Word& word) {
      return found.machine->accepts(found.machine->run(word)) != language.accepts(word);
    };
    CHECK(differ(*found.counterexample));
    for (std::size_t i = 0; i < found.counterexample->size(); ++i) {
      Word without = *found.counterexample;
      without.erase(without.begin() + static_cast<std::ptrdiff_t>(i));
      CHECK_FALSE(differ(without));
    }
    // The most questions hold while one is being cut.
    motif::NetworkLanguage limited(n.net, n.parameters, n.table, n.symbols, 1);
    options.max_questions = 250;
    motif::LStar few(limited, options, strings);
    while (!few.run(64)) {
    }
    CHECK(limited.asked() <= 250 + motif::LStar::kTogether);
  }
  CHECK(shortened > 0);
  CHECK(most > 64 * motif::LStar::kLettersPerQuestion);  // and so the bound is not idle
}

TEST_CASE("Strings that are held out are neither asked by L* nor clustered") {
  std::vector<Word> strings = random_words(400, 120, 4);
  strings.insert(strings.end(), strings.begin(), strings.begin() + 100);  // some twice
  strings.emplace_back();
  strings.emplace_back(300, std::uint8_t{1});
  strings.emplace_back(250, std::uint8_t{1});  // the same once it is cut
  const motif::GivenStrings given = motif::shared_out(strings, 3);
  CHECK(std::max(given.tried[0].size(), given.tried.back().size()) <= 200);
  std::vector<Word> all = given.tried;
  all.insert(all.end(), given.held_out.begin(), given.held_out.end());
  std::sort(all.begin(), all.end());
  CHECK(std::adjacent_find(all.begin(), all.end()) == all.end());  // so the two have none in common
  std::vector<Word> different = strings;
  for (Word& word : different) word.resize(std::min<std::size_t>(word.size(), 200));
  std::sort(different.begin(), different.end());
  different.erase(std::unique(different.begin(), different.end()), different.end());
  different.erase(different.begin());  // the empty one
  CHECK(all == different);
  CHECK(given.held_out.size() >= all.size() / 4);
  CHECK(given.held_out.size() <= all.size() / 4 + 1);
  CHECK(motif::shared_out(strings, 4).held_out != given.held_out);
  CHECK(motif::shared_out(std::span(strings).first(7), 3).held_out.empty());
  CHECK(motif::shared_out(std::span(strings).first(7), 3).tried.size() == 7);
  CHECK(motif::shared_out(std::span(strings).first(8), 3).held_out.size() == 2);
  // Classes that take turns are both held out.
  std::vector<Word> turns;
  for (std::uint8_t k = 0; k < 80; ++k)
    turns.push_back({static_cast<std::uint8_t>(k % 2), static_cast<std::uint8_t>(k / 2)});
  int ones = 0;
  for (const Word& word : motif::shared_out(turns, 1).held_out) ones += word[0];
  CHECK(ones >= 4);
  CHECK(ones <= 16);

  // What the extractor does with them: random held-out strings are of one or two letters here, which L* has
  // asked, so the questions that come on top are the held-out strings of the data.
  const Net n = compiled(motif::language("parity")->machine(), motif::Construction::Exact);
  const std::vector<Word> long_ones = [] {
    Random random(12);
    std::vector<Word> words;
    for (int k = 0; k < 400; ++k) {
      words.emplace_back(30);
      for (std::uint8_t& letter : words.back()) letter = static_cast<std::uint8_t>(random.below(2));
    }
    return words;
  }();
  ExtractionOptions options;
  options.all_up_to = 2;
  options.longest = 2;
  options.random_strings = 0;
  motif::NetworkLanguage language(n.net, n.parameters, n.table, n.symbols, 1);
  const motif::GivenStrings both = motif::shared_out(long_ones, options.seed);
  REQUIRE(both.held_out.size() == 100);
  motif::LStar lstar(language, options, both.tried);
  while (!lstar.run(1000)) {
  }
  const Extraction found = n.extract(options, long_ones);
  CHECK(found.settled);
  CHECK(found.questions - language.asked() > 80);  // 250 draws of 100 miss eight of them
  CHECK(found.questions - language.asked() <= 100);
}

TEST_CASE("Networks that accept nothing are refused with what to do") {
  rnn::ModelSpec spec;
  spec.hidden = 4;
  CHECK(motif::obstacle_of_extraction(spec, true) == "");
  spec.directions = rnn::Directions::Both;
  CHECK(motif::obstacle_of_extraction(spec, false) == "");
  CHECK(motif::obstacle_of_extraction(spec, true).find("one direction") != std::string::npos);
  const Net n = random_net(spec, 1, "ACGT");
  CHECK(n.extract(by_clusters()).problem != "");
  ExtractionOptions options;
  options.random_strings = 50;
  CHECK(n.extract(options).machine.has_value());
  spec = {};
  spec.task = rnn::Task::NextSymbol;
  CHECK(motif::obstacle_of_extraction(spec, false).find("choose a label") != std::string::npos);
  spec = {};
  spec.input = rnn::Input::Codons;
  CHECK(motif::obstacle_of_extraction(spec, false).find("letters") != std::string::npos);
}
