// Networks as state machines through the Session: typed, compiled, stepped beside the machine, checked by the
// worker, taken apart again; and all of it through a link.
#include <doctest/doctest.h>

#include <algorithm>

#include "rnn/trace.h"
#include "session/edits.h"
#include "session/machine.h"
#include "session_fixture.h"

using namespace ribostep;
using motif::Construction;
using session::Machine;
using tests::Fixture;
using tests::planted_fasta;

namespace {

io::MachineSetup pattern(const std::string& text, motif::Mode mode = motif::Mode::Contains) {
  io::MachineSetup setup;
  setup.pattern = text;
  setup.mode = mode;
  return setup;
}
io::MachineSetup language(const std::string& id) {
  io::MachineSetup setup;
  setup.language = id;
  return setup;
}

void compile(Fixture& f, const io::MachineSetup& setup, Construction how = Construction::Exact) {
  f.session.machine().set(setup);
  f.session.machine().compile(how);
  f.worker.settle();
  REQUIRE(f.session.machine().compiled());
}

// Ends of TATAAT in the letters, by hand.
std::vector<int> ends_of(std::string_view letters, std::string_view word) {
  std::vector<int> ends;
  for (std::size_t at = letters.find(word); at != letters.npos; at = letters.find(word, at + 1))
    ends.push_back(static_cast<int>(at + word.size()));
  return ends;
}

}  // namespace

TEST_CASE("a pattern that is typed becomes stages, and a mistake says where it is") {
  Fixture f;
  Machine& machine = f.session.machine();
  CHECK(machine.setup().empty());
  CHECK_FALSE(machine.compile_obstacle(Construction::Exact).empty());
  for (const char* text : {"T", "TA", "TAT", "TATA"}) machine.set(pattern(text));
  CHECK(machine.stages().ok());
  CHECK(machine.stages().minimal->states() == 5);
  CHECK(f.session.undo_label() == "pattern");
  machine.set(pattern("TA[T"));
  REQUIRE_FALSE(machine.stages().diagnostics.empty());
  CHECK(machine.stages().diagnostics[0].column >= 3);
  CHECK_FALSE(machine.stages().ok());
  CHECK_FALSE(machine.compile_obstacle(Construction::Exact).empty());
  machine.compile(Construction::Exact);  // refused, and nothing is lost
  CHECK(f.session.status().severity == Severity::Error);
  f.session.undo();  // typing in a row is one step
  CHECK(machine.setup().empty());
}

TEST_CASE("compiling labels the sequences, names the units, and undo brings back what was there") {
  Fixture f;
  f.paste(planted_fasta());
  const std::string before = f.hash(), set = f.session.project().data.content_hash;
  const rnn::ModelSpec spec = f.session.project().model;
  compile(f, pattern("TATAAT", motif::Mode::EndsHere));
  Machine& machine = f.session.machine();
  CHECK(f.session.project().model.task == rnn::Task::PositionLabel);
  CHECK(machine.pristine());
  REQUIRE(machine.code() != nullptr);
  CHECK(f.session.project().debugging.unit_names.size() == machine.code()->units.size());
  CHECK(f.session.output_names() == std::vector<std::string>{"0", "1"});
  CHECK(f.session.data().size() == 20);
  for (int record = 0; record < f.session.data().size(); ++record) {
    f.session.select_sequence(record);
    f.worker.settle();
    const auto* lock = machine.lock_step();
    REQUIRE(lock != nullptr);
    CHECK(lock->disagreements.empty());
    CHECK(lock->unclear == 0);
    const std::vector<int> ends = ends_of(f.session.letters(), "TATAAT");
    for (int t = 0; t <= f.session.length(); ++t) {
      const bool hit = std::find(ends.begin(), ends.end(), t) != ends.end();
      CHECK(lock->accepted[static_cast<std::size_t>(t)] == hit);
      CHECK(lock->machine.accepted[static_cast<std::size_t>(t)] == hit);
    }
  }
  f.session.undo();
  f.worker.settle();
  CHECK(f.session.project().data.content_hash == set);
  CHECK(f.session.project().model == spec);
  CHECK(f.hash() == before);
  CHECK_FALSE(machine.compiled());
  CHECK(machine.setup().pattern == "TATAAT");  // what was typed stays
}

TEST_CASE("without sequences over the machine's letters, strings are made") {
  Fixture f;  // the opening example is DNA
  compile(f, language("tomita4"));
  CHECK(f.session.data().alphabet().symbols == "01");
  CHECK(f.session.data().size() > 10);
  CHECK(f.session.machine().lock_step() != nullptr);
  CHECK(f.session.machine().lock_step()->disagreements.empty());
}

TEST_CASE("all three constructions run in lock-step; the textbook's unread unit is its own matter") {
  for (const auto how : {Construction::Textbook, Construction::Exact, Construction::Lstm}) {
    Fixture f;
    f.paste(">a\nTTACGGTACGAACG\n>b\nTTTTGGGA\n");
    compile(f, pattern("ACG"), how);
    const auto* lock = f.session.machine().lock_step();
    REQUIRE(lock != nullptr);
    for (std::size_t t = 1; t < lock->accepted.size(); ++t) CHECK(lock->accepted[t] == (t >= 5));
    if (how != Construction::Textbook) CHECK(lock->disagreements.empty());
  }
}

TEST_CASE("gain and noise change the weights, undoably; the first disagreement is found by a jump") {
  Fixture f;
  f.paste(planted_fasta());
  compile(f, pattern("TATAAT"));
  Machine& machine = f.session.machine();
  const std::string start = f.hash();
  machine.set_gain(2, false);
  machine.set_gain(1.5, true);
  CHECK(machine.pristine());
  CHECK(machine.setup().gain == doctest::Approx(1.5));
  CHECK(f.hash() != start);
  f.session.undo();
  CHECK(f.hash() == start);
  CHECK(machine.setup().gain == motif::kDefaultGain);
  f.worker.settle();
  machine.jump_to_disagreement();
  CHECK(f.session.status().text.find("agree") != std::string::npos);

  machine.perturb(6, 3);
  f.worker.settle();
  CHECK_FALSE(machine.pristine());
  CHECK(machine.compiled());
  const auto* lock = machine.lock_step();
  REQUIRE(lock != nullptr);
  REQUIRE_FALSE(lock->disagreements.empty());
  f.session.go_to(f.session.length());
  machine.jump_to_disagreement();
  CHECK(f.session.position() == static_cast<int>(lock->disagreements[0]));
  CHECK(machine.lock_words(f.session.position()).find("disagree") != std::string::npos);
  const std::string perturbed = f.hash();
  f.session.undo();
  CHECK(f.hash() == start);
  f.session.redo();
  CHECK(f.hash() == perturbed);
}

TEST_CASE("the worker proves the compiled network and notices when it no longer is one") {
  Fixture f;
  f.paste(planted_fasta());
  compile(f, pattern("TATAWAW"));
  Machine& machine = f.session.machine();
  machine.check(20'000);
  CHECK(machine.check_busy());
  f.worker.settle();
  CAPTURE(machine.check_failure());
  REQUIRE(machine.checked() != nullptr);
  CHECK(machine.checked()->with_network);
  CHECK(machine.checked()->proof.verdict == motif::Proof::Verdict::Proved);
  CHECK(machine.checked()->agreement.agrees());
  CHECK(machine.checked()->agreement.letters >= 20'000);
  CHECK(machine.checked()->agreement.matches > 0);
  CHECK_FALSE(machine.check_stale());
  machine.perturb(4, 5);
  f.worker.settle();
  CHECK(machine.check_stale());
  machine.check(20'000);
  f.worker.settle();
  REQUIRE(machine.checked() != nullptr);
  CHECK(machine.checked()->proof.verdict == motif::Proof::Verdict::Refuted);
  CHECK_FALSE(machine.checked()->agreement.agrees());
  CHECK(machine.checked()->agreement.who == "network");
  // Another pattern: nothing that was found holds any more.
  machine.set(pattern("ACG"));
  CHECK(machine.checked() == nullptr);
  // The stages alone can be checked beside a network of other make.
  rnn::ModelSpec gru = f.session.project().model;
  gru.cell = rnn::CellKind::Gru;
  f.session.set_model(gru);
  machine.check(5'000);
  f.worker.settle();
  REQUIRE(machine.checked() != nullptr);
  CHECK_FALSE(machine.checked()->with_network);
  CHECK(machine.checked()->agreement.agrees());
}

TEST_CASE("a link brings back the machine, the compiled network and its place") {
  Fixture f;
  f.paste(">a\nTTTATAAATGGCC\n>b\nGGGGCCCCTTTT\n");
  compile(f, pattern("TATAWAW", motif::Mode::EndsHere));
  f.session.machine().set_gain(3, false);
  f.session.go_to(9);
  f.worker.settle();
  const std::string link = f.session.share_fragment(f.session.advised_weights());
  Fixture g(link);
  CHECK(g.session.machine().setup() == f.session.machine().setup());
  CHECK(g.hash() == f.hash());
  CHECK(g.session.machine().compiled());
  CHECK(g.session.machine().pristine());
  CHECK(g.session.position() == 9);
  REQUIRE(g.session.machine().lock_step() != nullptr);
  CHECK(g.session.machine().lock_words(9) == f.session.machine().lock_words(9));
  CHECK(g.session.project().debugging.unit_names == f.session.project().debugging.unit_names);
}

TEST_CASE("training moves the compiled weights; a new start is no compiled network any more") {
  Fixture f;
  f.paste(planted_fasta());
  compile(f, pattern("TATAAT"));
  f.train_to(3);
  CHECK(f.session.machine().compiled());
  CHECK_FALSE(f.session.machine().pristine());
  CHECK(f.session.machine().lock_step() != nullptr);
  f.session.new_start();
  f.worker.settle();
  CHECK_FALSE(f.session.machine().compiled());
  REQUIRE(f.session.machine().lock_step() != nullptr);
  CHECK(f.session.machine().lock_step()->told.empty());
}

TEST_CASE("strings are made, learned from, and a machine is got out and compared") {
  Fixture f;
  Machine& machine = f.session.machine();
  machine.set(language("tomita1"));
  machine.make_data({200, 1, 12, 1});
  f.worker.settle();
  CHECK(f.session.data().alphabet().symbols == "01");
  CHECK(f.session.project().model.task == rnn::Task::PositionLabel);
  machine.use_recipe(rnn::CellKind::Gru);
  CHECK(f.session.project().model.cell == rnn::CellKind::Gru);
  f.train_to(5);
  for (const bool clusters : {false, true}) {
    motif::ExtractionOptions options;
    options.clusters = clusters;
    options.max_states = clusters ? 5 : 30;
    options.all_up_to = 6;
    options.random_strings = 200;
    machine.extract(options, -1);
    CHECK(machine.extract_busy());
    f.worker.settle();
    REQUIRE(machine.extracted() != nullptr);
    REQUIRE(machine.extracted()->machine.has_value());
    CHECK(machine.extracted()->fidelity.strings > 0);
    CHECK(machine.comparison().possible);
    CHECK_FALSE(machine.extract_words().empty());
    if (!machine.comparison().same) {
      // The shortest difference is one: the true machine and the extracted one do not agree on it.
      const motif::Dfa& mine = *machine.stages().minimal;
      const motif::Dfa& found = *machine.extracted()->machine;
      const motif::Word& word = machine.comparison().shortest;
      CHECK(mine.accepts(mine.run(word)) != found.accepts(found.run(word)));
    }
  }
  if (machine.counterexample_obstacle().empty()) {
    const int before = f.session.data().size();
    const std::string weights = f.hash();
    machine.learn_counterexample(false);
    f.worker.settle();
    CHECK(f.session.data().size() > before);
    CHECK(f.hash() == weights);
    f.session.undo();
    CHECK(f.session.data().size() == before);
  }
}

TEST_CASE("verbs by name, the mirror, and nonsense from outside") {
  Fixture f;
  f.paste(planted_fasta());
  const auto verb = [&](nlohmann::json head) {
    head["type"] = "verb";
    f.session.receive({std::move(head), {}});
    f.worker.settle();
  };
  verb({{"verb", "machine"}, {"pattern", "TATAAT"}, {"mode", "ends"}});
  verb({{"verb", "compile"}, {"construction", "lstm"}});
  CHECK(f.session.project().model.cell == rnn::CellKind::Lstm);
  const nlohmann::json mirror = f.session.mirror();
  const auto& sections = mirror.at("sections");
  const auto found = std::find_if(sections.begin(), sections.end(),
                                  [](const nlohmann::json& s) { return s.at("id") == "machine"; });
  REQUIRE(found != sections.end());
  CHECK(found->dump().find("TATAAT") != std::string::npos);
  CHECK(found->at("table").size() == 8);
  const std::string hash = f.hash();
  for (const char* name : {"machine", "compile", "machine_gain", "perturb", "machine_data", "extract",
                           "machine_preset", "machine_check", "machine_recipe", "learn_counterexample"}) {
    verb({{"verb", name},
          {"pattern", 7},
          {"construction", nullptr},
          {"gain", "high"},
          {"deviation", -1},
          {"records", 1e300},
          {"id", {1, 2}},
          {"letters", -5},
          {"max_states", 1e9},
          {"class", 99},
          {"cell", "perceptron"}});
    verb({{"verb", "machine_cancel"}});
  }
  verb({{"verb", "machine"}, {"pattern", std::string(5000, '(')}});
  CHECK(f.session.status().severity == Severity::Error);
  CHECK(f.session.has_data());
}

TEST_CASE("a document's machine is read with care") {
  Fixture f;
  f.paste(planted_fasta());
  f.session.machine().set(pattern("TATAAT"));
  nlohmann::json good = io::to_json(f.session.project(), {io::WeightsAs::Recipe, true});
  REQUIRE(good.contains("machine"));
  const auto refused = [&](const char* key, nlohmann::json value) {
    nlohmann::json bad = good;
    bad["machine"][key] = std::move(value);
    return !io::from_json(bad).ok();
  };
  CHECK(io::from_json(good).ok());
  CHECK(refused("mode", "sometimes"));
  CHECK(refused("mismatches", 9));
  CHECK(refused("gain", 1e9));
  CHECK(refused("alphabet", "runes"));
  CHECK(refused("compiled", "by hand"));
  CHECK(refused("pattern", std::string(2000, 'A')));
  good["machine"]["pattern"] = "TAT(";  // for the person to mend
  CHECK(io::from_json(good).ok());
  good["machine"] = {{"language", "klingon"}};
  const io::ReadProject read = io::from_json(good);
  REQUIRE(read.ok());
  f.session.open_project(good.dump());
  f.worker.settle();
  CHECK_FALSE(f.session.machine().stages().ok());
  CHECK(f.session.machine().compile_obstacle(Construction::Exact).find("klingon") != std::string::npos);
}

TEST_CASE("another pattern on the same run is followed anew") {
  Fixture f;
  f.paste(">a\nTTACGTTTATAATGG\n");
  Machine& machine = f.session.machine();
  machine.set(pattern("TATAAT", motif::Mode::EndsHere));
  f.worker.settle();
  REQUIRE(machine.lock_step() != nullptr);
  CHECK(machine.lock_step()->machine.accepted[13] == 1);
  CHECK(machine.lock_step()->machine.accepted[5] == 0);
  machine.set(pattern("ACG", motif::Mode::EndsHere));
  CHECK(machine.lock_step() == nullptr);  // not that of the pattern before
  f.worker.settle();
  REQUIRE(machine.lock_step() != nullptr);
  CHECK(machine.lock_step()->machine.accepted[13] == 0);
  CHECK(machine.lock_step()->machine.accepted[5] == 1);
}

TEST_CASE("another cell is no compiled network, whatever its start weights") {
  Fixture f;
  f.paste(planted_fasta());
  compile(f, pattern("ACG"));
  rnn::ModelSpec spec = f.session.project().model;
  spec.cell = rnn::CellKind::Lstm;
  f.session.set_model(spec);
  f.worker.settle();
  f.session.edits().set_weight(0, 0, 0, 0.5f);
  f.worker.settle();
  CHECK_FALSE(f.session.machine().compiled());
  const std::string before = f.hash();
  f.session.machine().set_gain(2, false);
  CHECK(f.session.status().severity == Severity::Error);
  CHECK(f.hash() == before);
}

TEST_CASE("what cannot be compiled is refused, and nothing is lost; a long motif brings its own strings") {
  Fixture f;
  f.paste(planted_fasta());
  const std::string set = f.session.project().data.content_hash;
  for (const char* text : {"N", ".", "()"}) {
    f.session.machine().set(pattern(text, text[0] == '(' ? motif::Mode::Whole : motif::Mode::Contains));
    f.session.machine().compile(Construction::Exact);
    CHECK(f.session.status().severity == Severity::Error);
    CHECK(f.session.project().data.content_hash == set);
  }
  compile(f, pattern("A{60}"));  // longer than every sequence
  CHECK(f.session.output_names() == std::vector<std::string>{"0", "1"});
  CHECK(f.session.data().size() > 20);
}

TEST_CASE("typing away and back keeps what was compiled") {
  Fixture f;
  f.paste(planted_fasta());
  compile(f, pattern("TATAAT"));
  f.session.machine().set_gain(3, false);
  f.session.machine().set(pattern("TATAATA"));
  CHECK_FALSE(f.session.machine().compiled());
  f.session.machine().set(pattern("TATAAT"));
  CHECK(f.session.machine().compiled());
  CHECK(f.session.machine().setup().gain == doctest::Approx(3));
  CHECK(f.session.machine().pristine());
}

TEST_CASE("what was found stays of what it was found of") {
  Fixture f;
  f.paste(planted_fasta());
  compile(f, pattern("ACG"));
  Machine& machine = f.session.machine();
  machine.check(2'000);
  f.worker.settle();
  REQUIRE(machine.checked() != nullptr);
  machine.perturb(5, 2);
  machine.check(2'000);
  CHECK(machine.check_stale());
  machine.cancel_check();
  f.worker.settle();
  CHECK(machine.check_stale());  // still of the weights before
  // The untrained twin is another network.
  f.session.show_untrained_twin(true);
  f.worker.settle();
  machine.check(2'000);
  f.worker.settle();
  CHECK_FALSE(machine.check_stale());
  CHECK(machine.check_words().find("untrained twin") != std::string::npos);
  CHECK(machine.broke_at() <= 0);
  f.session.show_untrained_twin(false);
  f.worker.settle();
  CHECK(machine.check_stale());
}

TEST_CASE("where nothing can be compared nobody says that it agrees") {
  Fixture f;
  f.paste(">a\nTTTATAAATGGCC\n>b\nGGGGCCCCTTTT\n");  // no labels: the next symbol
  Machine& machine = f.session.machine();
  machine.set(pattern("TATAWAW"));
  f.worker.settle();
  REQUIRE(machine.lock_step() != nullptr);
  CHECK(machine.lock_step()->compared == 0);
  CHECK_FALSE(machine.lock_note().empty());
  machine.jump_to_disagreement();
  CHECK(f.session.status().text.find("nothing was compared") != std::string::npos);
}

TEST_CASE("the accepting class of one's own data is the positive one, and they are not taught by machines") {
  Fixture f;
  f.paste(
      ">a label=promoter\nACGTTATAAT\n>b label=random\nACGTACGTAC\n>c label=promoter\nTTATAATACG\n>d "
      "label=random\nGGGGGGGGGG\n");
  CHECK(f.session.output_names()[static_cast<std::size_t>(f.session.machine().accept_class())] == "promoter");
  f.paste("sequence\tlabel\nACGTTATAAT\t1\nACGTACGTAC\t0\nTTATAATACG\t1\nGGGGGGGGGG\t0\n");
  Machine& machine = f.session.machine();
  machine.set(pattern("TATAAT"));
  motif::ExtractionOptions options;
  options.all_up_to = 3;
  options.random_strings = 50;
  machine.extract(options, -1);
  f.worker.settle();
  REQUIRE(machine.extracted() != nullptr);
  CHECK_FALSE(machine.counterexample_obstacle().empty());
  const std::string set = f.session.project().data.content_hash;
  machine.learn_counterexample(false);
  CHECK(f.session.project().data.content_hash == set);
}
