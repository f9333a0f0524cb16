// Where data and model meet: examples with covariates and values, windows, and models that fit what they are
// given.
#include <doctest/doctest.h>

#include <cmath>
#include <numeric>

#include "base/random.h"
#include "bio/reader.h"
#include "experiment/prepare.h"

using namespace ribostep;
using experiment::example;
using experiment::fitted;
using experiment::Prepared;

namespace {

Prepared prepared(std::string_view text) {
  bio::ReadResult result = bio::read(text);
  REQUIRE_FALSE(result.data.empty());
  return experiment::prepare(std::make_shared<const bio::Dataset>(std::move(result.data)),
                             bio::LabelRule::Auto);
}

const char* const kFlies =
    ">a organism=fly age=1 dose=2 label=x\nACGTACGTAC\n>b organism=worm age=2 dose=2 label=y\nACGTACG\n"
    ">c organism=fly age=6 dose=2 label=x\nGGGTTT\n>d dose=3 label=y\nACG\n";
const char* const kSeries =
    "id\tlabel\tstrain\ttime\texpr\tmeth\n"
    "a\tup\tw\t0\t1\t2\na\tup\tw\t1\t3\t4\na\tup\tw\t2\t5\t6\n"
    "b\tdown\tm\t0\t7\t8\nb\tdown\tm\t1\t9\t10\n";
const char* const kUnlabelledSeries = "id\tt1\tt2\tt3\na\t1\t2\t3\nb\t4\t5\t6\n";
const char* const kProteins = ">a label=x\nMKVLEFWY\n>b label=y\nMSTNPKPQ\n";

rnn::ModelSpec with(rnn::InitialState initial, std::vector<std::string> covariates) {
  rnn::ModelSpec spec;
  spec.initial = initial;
  spec.covariates = std::move(covariates);
  return spec;
}

}  // namespace

TEST_CASE("a class of a covariate is its place among the sorted levels") {
  const Prepared data = prepared(kFlies);
  REQUIRE(data.covariates.size() == 3);
  const rnn::ModelSpec spec = fitted(with(rnn::InitialState::ByClass, {"organism"}), data);
  CHECK(spec.initial == rnn::InitialState::ByClass);
  CHECK(spec.covariate_classes == 2);
  CHECK(example(data, spec, 0).covariate_class == 0);
  CHECK(example(data, spec, 1).covariate_class == 1);
  CHECK(example(data, spec, 3).covariate_class == -1);  // d does not say
  CHECK(example(data, rnn::ModelSpec{}, 0).covariate_class == -1);
  CHECK(example(data, spec, 0).covariates.empty());
}

TEST_CASE("an encoder reads numbers with their mean and deviation over the records that say") {
  const Prepared data = prepared(kFlies);
  const rnn::ModelSpec spec = fitted(with(rnn::InitialState::Encoder, {"age"}), data);
  REQUIRE(spec.covariate_center.size() == 1);
  CHECK(spec.covariate_center[0] == 3);
  CHECK(spec.covariate_scale[0] == std::sqrt(14.0 / 3));  // of 1, 2 and 6 around 3
  CHECK(example(data, spec, 2).covariates[0] == 6);
  CHECK(std::isnan(example(data, spec, 3).covariates[0]));
  CHECK(rnn::problem(spec).empty());

  // Spans stay where they are, whoever asks for another list in between.
  const Prepared two = prepared(">a u=1 v=10\nAC\n>b u=2 v=20\nAC\n>c u=3 v=30\nAC\n>d u=3 v=30\nAC\n");
  const rnn::ModelSpec uv = fitted(with(rnn::InitialState::Encoder, {"u", "v"}), two);
  const rnn::ModelSpec v = fitted(with(rnn::InitialState::Encoder, {"v"}), two);
  const auto first = example(two, uv, 1).covariates;
  CHECK(example(two, v, 1).covariates[0] == 20);
  const auto again = example(two, uv, 1).covariates;
  CHECK(first.data() == again.data());
  CHECK(first[0] == 2);
  CHECK(first[1] == 20);
  // A copy of what was prepared shares them too.
  const Prepared copy = two;
  CHECK(example(copy, uv, 1).covariates.data() == first.data());
}

TEST_CASE("records that come later do not move centers and scales") {
  const Prepared data = prepared(kFlies);
  const rnn::ModelSpec spec = fitted(with(rnn::InitialState::Encoder, {"age"}), data);
  const Prepared more = prepared(std::string(kFlies) + ">query age=100\nACGT\n");
  CHECK(fitted(spec, more) == spec);
  // Another list is measured anew: its sizes do not fit.
  rnn::ModelSpec other = spec;
  other.covariate_scale.clear();
  CHECK(fitted(other, more).covariate_center[0] == 109.0 / 4);
}

TEST_CASE("covariates that the data do not have, or not as it takes, are dropped") {
  const Prepared data = prepared(kFlies);
  const auto initial = [&](rnn::InitialState state, std::vector<std::string> names) {
    const rnn::ModelSpec spec = fitted(with(state, std::move(names)), data);
    CHECK(rnn::problem(spec).empty());
    return spec;
  };
  CHECK(initial(rnn::InitialState::ByClass, {"tissue"}).initial == rnn::InitialState::Zero);
  CHECK(initial(rnn::InitialState::Encoder, {"organism"}).initial == rnn::InitialState::Zero);  // words
  CHECK(initial(rnn::InitialState::Encoder, {"dose"}).initial == rnn::InitialState::Zero);      // two groups
  CHECK(initial(rnn::InitialState::Encoder, {"tissue", "age", "age"}).covariates ==
        std::vector<std::string>{"age"});
  CHECK(initial(rnn::InitialState::Zero, {"age"}).covariates.empty());
  // None chosen yet: the first that will do.
  CHECK(initial(rnn::InitialState::ByClass, {}).covariates == std::vector<std::string>{"organism"});
  CHECK(initial(rnn::InitialState::Encoder, {}).covariates == std::vector<std::string>{"age"});
  // Of what is dropped the center goes too.
  rnn::ModelSpec spec = with(rnn::InitialState::Encoder, {"tissue", "age"});
  spec.covariate_center = {7, 8};
  spec.covariate_scale = {9, 10};
  spec = fitted(spec, data);
  CHECK(spec.covariate_center == std::vector<double>{8});
  CHECK(spec.covariate_scale == std::vector<double>{10});
  // Numbers beyond what a network can be given.
  const Prepared huge = prepared(">a x=1e300\nAC\n>b x=-1e305\nAC\n>c x=5\nAC\n");
  CHECK(fitted(with(rnn::InitialState::Encoder, {"x"}), huge).initial == rnn::InitialState::Zero);
}

TEST_CASE("a series is read as values, letters never are") {
  const Prepared series = prepared(kSeries);
  const rnn::ModelSpec spec = fitted(rnn::ModelSpec{}, series);
  CHECK(spec.input == rnn::Input::Values);
  CHECK(spec.channels == 2);
  CHECK(spec.task == rnn::Task::SequenceLabel);
  CHECK(series.table.masks.empty());
  const rnn::Example one = example(series, spec, 1);
  CHECK(std::vector<float>(one.values.begin(), one.values.end()) == std::vector<float>{7, 8, 9, 10});
  CHECK(one.label == 0);
  rnn::ModelSpec dna = fitted(spec, prepared(kFlies));
  CHECK(dna.input == rnn::Input::Letters);
  CHECK(dna.channels == 0);
  CHECK(dna.symbols == 4);
}

TEST_CASE("tasks that the data suggest and refuse, with what to do") {
  const Prepared series = prepared(kSeries), plain = prepared(kUnlabelledSeries), letters = prepared(kFlies);
  CHECK(experiment::suggested_task(series) == rnn::Task::SequenceLabel);
  CHECK(experiment::suggested_task(plain) == rnn::Task::NextVector);
  CHECK(fitted(rnn::ModelSpec{}, plain).task == rnn::Task::NextVector);
  CHECK(plain.obstacle(rnn::Task::NextVector).empty());
  CHECK(plain.obstacle(rnn::Task::NextSymbol) ==
        "a series has numbers and no letters to predict: choose the task \"next vector\"");
  CHECK(plain.obstacle(rnn::Task::SequenceLabel) ==
        "no series has a label: choose another label rule, or the task \"next vector\"");
  CHECK(letters.obstacle(rnn::Task::NextVector).find("load a table of numbers") != std::string::npos);
  CHECK(series.output_names(rnn::Task::NextVector) == std::vector<std::string>{"expr", "meth"});
  bio::Dataset points = bio::Dataset::of_series({"x"});
  points.add_series("a", "", "", std::vector<float>{1});
  const Prepared single =
      experiment::prepare(std::make_shared<const bio::Dataset>(points), bio::LabelRule::Auto);
  CHECK(single.obstacle(rnn::Task::NextVector).find("shorter than two positions") != std::string::npos);
  CHECK(rnn::problem(fitted(rnn::ModelSpec{}, single)).empty());
}

TEST_CASE("codons: names of the 64 outputs, and sequences that hold none") {
  const Prepared data = prepared(kFlies);
  rnn::ModelSpec spec;
  spec.input = rnn::Input::Codons;
  spec.task = rnn::Task::NextSymbol;
  const std::vector<std::string> names = data.output_names(spec);
  REQUIRE(names.size() == 64);
  CHECK(static_cast<int>(names.size()) == spec.outputs());
  CHECK(names[0] == "AAA");
  CHECK(names[1] == "AAC");
  CHECK(names[63] == "TTT");
  CHECK(data.obstacle(spec).empty());
  const Prepared few = prepared(">a\nACGTA\n>b\nAC\n");
  CHECK(few.obstacle(spec).find("shorter than two codons") != std::string::npos);
  const Prepared tiny = prepared(">a label=x\nAC\n>b label=y\nGG\n");
  spec.task = rnn::Task::SequenceLabel;
  CHECK(tiny.obstacle(spec).find("shorter than one codon") != std::string::npos);
}

TEST_CASE("the other strand is known for DNA and RNA alone") {
  const rnn::TokenTable dna = experiment::token_table(bio::alphabet(bio::AlphabetKind::Dna));
  REQUIRE(dna.complement.size() == dna.masks.size());
  CHECK(dna.complement[0] == 3);
  CHECK(dna.complement[1] == 2);
  for (std::size_t code = 0; code < dna.complement.size(); ++code)
    CHECK(dna.complement[dna.complement[code]] == code);
  CHECK(experiment::token_table(bio::alphabet(bio::AlphabetKind::Protein)).complement.empty());
  rnn::ModelSpec spec;
  spec.directions = rnn::Directions::StrandsTied;
  CHECK(fitted(spec, prepared(kFlies)).directions == rnn::Directions::StrandsTied);
  CHECK(fitted(spec, prepared(kProteins)).directions == rnn::Directions::Both);
  CHECK(fitted(spec, prepared(kSeries)).directions == rnn::Directions::Both);
}

TEST_CASE("a model that was possible is possible on any data") {
  const std::string texts[] = {kFlies,
                               kSeries,
                               kUnlabelledSeries,
                               kProteins,
                               ">a\nACGUACGU\n",
                               ">a\nM\n>b\nA\n",
                               "id\tsequence\tannotation\nx\tACGTAC\t12312.\n"};
  std::vector<Prepared> sets;
  for (const std::string& text : texts) sets.push_back(prepared(text));
  Random random(11);
  const auto draw = [&](int count) {
    return static_cast<int>(random.below(static_cast<std::uint32_t>(count)));
  };
  int tried = 0;
  for (int round = 0; round < 20'000; ++round) {
    rnn::ModelSpec spec;
    spec.cell = static_cast<rnn::CellKind>(draw(rnn::kCount<rnn::CellKind>));
    spec.layers = 1 + draw(2);
    spec.directions = static_cast<rnn::Directions>(draw(rnn::kCount<rnn::Directions>));
    spec.task = static_cast<rnn::Task>(draw(rnn::kCount<rnn::Task>));
    spec.input = static_cast<rnn::Input>(draw(rnn::kCount<rnn::Input>));
    spec.symbols = draw(2) ? 4 : 20;
    spec.kmer = 1 + draw(5);
    spec.channels = draw(3);
    spec.embedding = draw(2) * 5;
    spec.window = draw(3);
    spec.circular = static_cast<rnn::Circular>(draw(rnn::kCount<rnn::Circular>));
    spec.initial = static_cast<rnn::InitialState>(draw(rnn::kCount<rnn::InitialState>));
    if (draw(2)) spec.covariates = {draw(2) ? "age" : "organism"};
    spec.covariate_classes = draw(3);
    if (draw(2)) spec.covariate_center = spec.covariate_scale = {2.0};
    if (!rnn::problem(spec).empty()) continue;
    ++tried;
    const Prepared& data = sets[static_cast<std::size_t>(draw(static_cast<int>(sets.size())))];
    const rnn::ModelSpec found = fitted(spec, data);
    CAPTURE(rnn::problem(found));
    REQUIRE(rnn::problem(found).empty());
    CHECK(fitted(found, data) == found);
    if (found.input == rnn::Input::Values) {
      CHECK(data.data->channels() == found.channels);
      CHECK(found.task != rnn::Task::NextSymbol);
    } else {
      CHECK(data.data->channels() == 0);
      CHECK(found.symbols == data.data->alphabet().size());
      CHECK(found.task != rnn::Task::NextVector);
    }
  }
  CHECK(tried > 1000);
}

TEST_CASE("windows cut values with their positions") {
  std::string text = "id\ttime\tx\ty\n";
  for (int i = 0; i < 6; ++i)
    for (int t = 0; t < 7; ++t)
      text += "s" + std::to_string(i) + "\t" + std::to_string(t) + "\t" + std::to_string(10 * i + t) + "\t" +
              std::to_string(-t) + "\n";
  const Prepared data = prepared(text);
  const rnn::ModelSpec spec = fitted(rnn::ModelSpec{}, data);
  rnn::TrainConfig config;
  config.window = 3;
  const experiment::Material material = experiment::training_material(data, spec, config, 1);
  const std::size_t records = material.split.train.size();
  REQUIRE(material.training.train.size() == 2 * records);  // a single last position has no next
  for (std::size_t i = 0; i < records; ++i) {
    const rnn::Example& second = material.training.train[2 * i + 1];
    REQUIRE(second.tokens.size() == 3);
    REQUIRE(second.values.size() == 6);
    CHECK(second.values[0] == static_cast<float>(10 * material.split.train[i] + 3));
    CHECK(second.values[5] == -5);
  }
}

TEST_CASE("windows of codons start at whole codons") {
  std::string letters;
  Random random(3);
  for (int i = 0; i < 100; ++i) letters += "ACGT"[random.below(4)];
  const Prepared data = prepared(">one\n" + letters + "\n");
  rnn::ModelSpec spec;
  spec.task = rnn::Task::NextSymbol;
  spec.input = rnn::Input::Codons;
  spec = fitted(spec, data);
  const auto begin = data.data->tokens(0).data();
  for (const int window : {2, 7, 20, 1000}) {
    rnn::TrainConfig config;
    config.window = window;
    const experiment::Material material = experiment::training_material(data, spec, config, 1);
    CHECK(material.by_window);
    std::size_t covered = 0;
    for (const auto* part : {&material.training.train, &material.training.validation})
      for (const rnn::Example& one : *part) {
        CHECK((one.tokens.data() - begin) % 3 == 0);
        CHECK(one.tokens.size() >= 6);
        covered += one.tokens.size();
      }
    CHECK(covered >= 94);
  }
  // A piece of a circle would be closed where it was cut.
  const std::string states(100, 'a');
  const Prepared circle = prepared("id\tsequence\tannotation\no\t" + letters + "\t" + states.substr(50) +
                                   std::string(50, 'b') + "\n");
  rnn::ModelSpec round;
  round.task = rnn::Task::PositionLabel;
  round.circular = rnn::Circular::TwoPass;
  round = fitted(round, circle);
  REQUIRE(round.task == rnn::Task::PositionLabel);
  rnn::TrainConfig cut;
  cut.window = 20;
  const auto whole = experiment::training_material(circle, round, cut, 1).training;
  REQUIRE(whole.train.size() == 1);
  CHECK(whole.train[0].tokens.size() == 100);
  CHECK(whole.validation.empty());
  round.circular = rnn::Circular::Linear;
  CHECK(experiment::training_material(circle, round, cut, 1).training.train.size() == 4);

  // Records shorter than a codon are nothing to train on.
  rnn::ModelSpec labels;
  labels.input = rnn::Input::Codons;
  const Prepared mixed = prepared(">a label=x\nAC\n>b label=y\nACGT\n>c label=x\nACGTA\n>d label=y\nA\n");
  rnn::TrainConfig all;
  all.validation_fraction = 0;
  CHECK(experiment::training_material(mixed, fitted(labels, mixed), all, 1).training.train.size() == 2);
}
