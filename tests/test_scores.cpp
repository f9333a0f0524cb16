// How good predictions are: baselines per position against values worked out by hand, cross-validation in
// folds and one at a time, and that the figures reach the page.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "bio_samples.h"
#include "experiment/baselines.h"
#include "experiment/cross_validation.h"
#include "experiment/figures.h"
#include "experiment/metrics.h"
#include "experiment/position_baselines.h"
#include "rnn_samples.h"
#include "session_fixture.h"

using namespace ribostep;
using namespace ribostep::experiment;
using tests::Fixture;
using tests::planted_fasta;

namespace {

constexpr double kRounding = 1e-12;  // a few roundings of numbers near 1

rnn::ModelSpec small_spec(rnn::Task task, int classes) {
  rnn::ModelSpec spec;
  spec.cell = rnn::CellKind::ElmanTanh;
  spec.hidden = 3;
  spec.task = task;
  spec.classes = classes;
  return spec;
}

rnn::Example letters(const std::vector<std::uint8_t>& tokens, const std::vector<std::uint8_t>& labels = {}) {
  return {tokens, -1, labels};
}

// `n` records of 12 letters, two classes in turn; the last `twins` repeat the ones before them.
Prepared labelled_set(int n, int twins = 0) {
  auto set = std::make_shared<bio::Dataset>();
  Random random(7, 3);
  std::vector<std::vector<std::uint8_t>> all;
  for (int i = 0; i < n; ++i) {
    std::vector<std::uint8_t> tokens;
    for (int t = 0; t < 12; ++t) tokens.push_back(static_cast<std::uint8_t>(random.below(4)));
    if (i >= n - twins) tokens = all[static_cast<std::size_t>(i - twins)];
    all.push_back(tokens);
    set->add("s" + std::to_string(i), "", i % 2 == 0 ? "a" : "b", tokens);
  }
  return prepare(std::move(set), bio::LabelRule::Column);
}

CrossValidationResult cross_validated(const Prepared& prepared, int folds) {
  rnn::TrainConfig config;
  config.max_epochs = 2;
  CrossValidator validator(prepared, fitted(small_spec(rnn::Task::SequenceLabel, 2), prepared), config, 1,
                           folds, 5);
  CHECK(validator.folds() <= folds);
  int last = 1;
  while (!validator.run()) {
    CHECK(validator.fold() >= last);
    last = validator.fold();
  }
  CHECK(last == validator.folds());
  return validator.result();
}

std::string repeated(const char* text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

}  // namespace

TEST_CASE("position baselines: the majority class, and the letter alone") {
  const rnn::ModelSpec spec = small_spec(rnn::Task::PositionLabel, 3);
  // Class 1 is the most frequent; letter 0 is mostly class 0, letter 2 was never seen.
  const std::vector<std::uint8_t> train_tokens{0, 0, 0, 1, 1, 1, 1}, train_labels{0, 0, 1, 1, 1, 1, 2};
  const std::vector<std::uint8_t> test_tokens{0, 0, 1, 2, 1}, test_labels{0, 1, 1, 1, rnn::kNoClass};
  const std::vector<rnn::Example> train{letters(train_tokens, train_labels)},
      test{letters(test_tokens, test_labels)};
  const auto scores = position_baselines(spec, train, test);
  REQUIRE(scores.size() == 2);
  CHECK(scores[0].name == "majority class");
  CHECK(scores[0].n == 4);
  CHECK(scores[0].correct == 3);
  CHECK(*scores[0].metrics.balanced_accuracy == doctest::Approx(0.5).epsilon(kRounding));
  CHECK_FALSE(scores[0].metrics.matthews.has_value());  // always the same answer
  // Counts plus one are 3 5 2 of 10.
  CHECK(*scores[0].metrics.loss ==
        doctest::Approx(-(std::log(0.3) + 3 * std::log(0.5)) / 4).epsilon(kRounding));
  CHECK(scores[1].name == "letter alone");
  CHECK(scores[1].correct == 3);  // 0 right, 1 wrong, 1 right, the unseen letter gets the majority
  CHECK(*scores[1].metrics.balanced_accuracy == doctest::Approx((1 + 2.0 / 3) / 2).epsilon(kRounding));
  // Letter 0: 3 2 1 of 6; letter 1: 1 4 2 of 7; unseen: as above.
  CHECK(*scores[1].metrics.loss ==
        doctest::Approx(-(std::log(3.0 / 6) + std::log(2.0 / 6) + std::log(4.0 / 7) + std::log(0.5)) / 4)
            .epsilon(kRounding));
}

TEST_CASE("position baselines: letter frequencies and a Markov chain, as losses") {
  const rnn::ModelSpec spec = small_spec(rnn::Task::NextSymbol, 2);
  // Targets 1 0 1 0 1: counts plus one of 0, 1, 2, 3 are 3 4 1 1 of 9.
  const std::vector<std::uint8_t> tokens{0, 1, 0, 1, 0, 1}, probe{0, 1, 0};
  const auto scores = position_baselines(spec, std::vector{letters(tokens)}, std::vector{letters(probe)});
  REQUIRE(scores.size() == 2);
  CHECK(scores[0].name == "letter frequencies");
  CHECK(scores[0].n == 2);
  CHECK(*scores[0].metrics.loss ==
        doctest::Approx(-(std::log(4.0 / 9) + std::log(3.0 / 9)) / 2).epsilon(kRounding));
  // The first letter behind nothing is known as above; behind "1" came 0 twice and nothing else: 3 of 6.
  CHECK(scores[1].name == "Markov chain of order 3");
  CHECK(*scores[1].metrics.loss ==
        doctest::Approx(-(std::log(4.0 / 9) + std::log(3.0 / 6)) / 2).epsilon(kRounding));
  CHECK(scores[1].correct == 2);
}

TEST_CASE("position baselines: of a series the mean, and the last value again") {
  rnn::ModelSpec spec = small_spec(rnn::Task::NextVector, 2);
  spec.input = rnn::Input::Values;
  spec.channels = 2;
  rnn::Example train, test;
  const std::vector<float> train_values{9, 9, 1, 0, 3, 4}, test_values{1, 1, 2, 3, 2, 1};
  train.values = train_values;  // targets (1, 0) and (3, 4): means 2 and 2
  test.values = test_values;    // targets (2, 3) and (2, 1)
  const auto scores = position_baselines(spec, std::vector{train}, std::vector{test});
  REQUIRE(scores.size() == 2);
  CHECK(scores[0].n == 2);
  CHECK(*scores[0].metrics.loss == doctest::Approx((0.5 + 0.5) / 2).epsilon(kRounding));
  // (1, 1) -> (2, 3): (1 + 4) / 2; (2, 3) -> (2, 1): (0 + 4) / 2.
  CHECK(*scores[1].metrics.loss == doctest::Approx((2.5 + 2.0) / 2).epsilon(kRounding));
}

TEST_CASE("baselines give probabilities that belong to their answers") {
  const Prepared set = labelled_set(20);
  std::vector<int> all;
  for (int i = 0; i < 20; ++i) all.push_back(i);
  for (const BaselineResult& b : run_baselines(*set.data, set.labels, all, all)) {
    REQUIRE(b.applicable);
    REQUIRE(b.probabilities.size() == 40);
    for (std::size_t i = 0; i < 20; ++i) {
      CHECK(b.probabilities[2 * i] + b.probabilities[2 * i + 1] == doctest::Approx(1).epsilon(1e-6));
      CHECK((b.probabilities[2 * i + 1] > b.probabilities[2 * i] ? 1 : 0) == b.predicted[i]);
    }
  }
}

TEST_CASE("cross-validation: figures over all test folds, for the network and beside it") {
  const Prepared set = labelled_set(20);
  const CrossValidationResult cv = cross_validated(set, 4);
  CHECK(cv.folds == 4);
  CHECK(cv.n == 20);
  REQUIRE(cv.probabilities.size() == 40);
  for (std::size_t i = 0; i < 20; ++i) {
    CHECK(cv.probabilities[2 * i] + cv.probabilities[2 * i + 1] == doctest::Approx(1).epsilon(1e-6));
    CHECK((cv.probabilities[2 * i + 1] > cv.probabilities[2 * i] ? 1 : 0) == cv.predicted[i]);
  }
  CHECK(cv.metrics.auroc == auroc(set.labels.of_record, cv.probabilities, 2));
  CHECK(cv.metrics.balanced_accuracy == balanced_accuracy(cv.confusion));
  REQUIRE(cv.baselines.size() == 4);
  for (const BaselineScore& b : cv.baselines) {
    CHECK(b.n == 20);
    CHECK(b.metrics.auroc.has_value());
    CHECK(b.metrics.loss.has_value());
  }
}

TEST_CASE("cross-validation: one out at a time, equal sequences together") {
  const Prepared set = labelled_set(9);
  const CrossValidationResult cv = cross_validated(set, 9);
  CHECK(cv.folds == 9);
  std::vector<int> folds = cv.fold_of_record;
  std::sort(folds.begin(), folds.end());
  for (int i = 0; i < 9; ++i) CHECK(folds[static_cast<std::size_t>(i)] == i);
  CHECK(cv.n == 9);
  const Prepared with_twins = labelled_set(10, 2);
  const CrossValidationResult twins = cross_validated(with_twins, 10);
  CHECK(twins.folds == 8);
  CHECK(twins.n == 10);
  CHECK(twins.fold_of_record[8] == twins.fold_of_record[6]);
  CHECK(*std::max_element(twins.fold_of_record.begin(), twins.fold_of_record.end()) == 7);
}

TEST_CASE("figures: which are shown, how they are written") {
  Metrics metrics;
  CHECK(written(value(Figure::Matthews, 10, 5, metrics)) == "\u2013");
  CHECK(written(value(Figure::Perplexity, 10, 5, metrics)) == "\u2013");
  CHECK(written(value(Figure::Accuracy, 0, 0, metrics)) == "\u2013");
  CHECK(written(value(Figure::Accuracy, 10, 0, metrics)) == "0.000");
  metrics.loss = std::log(2.0);
  CHECK(written(value(Figure::Perplexity, 10, 5, metrics)) == "2.000");
  CHECK(written(value(Figure::Bits, 10, 5, metrics)) == "1.000");
  for (const rnn::Task task :
       {rnn::Task::SequenceLabel, rnn::Task::PositionLabel, rnn::Task::NextSymbol, rnn::Task::NextVector})
    for (const Figure figure : figures(task)) {
      CHECK(std::string(name(figure)) != "");
      CHECK(meaning(figure).size() > 10);
    }
}

TEST_CASE("session: predictions of labelled sequences carry every figure, of both groups") {
  Fixture f;
  f.paste(planted_fasta());
  rnn::TrainConfig config = f.session.train_settings();
  config.validation_fraction = 0.4;
  f.session.set_train(config);
  f.train_to(6);
  f.session.predict();
  f.worker.settle();
  const session::Predictions& p = f.session.predictions();
  REQUIRE(p.available);
  REQUIRE(p.validation.n == 8);
  for (const session::Score* score : {&p.train, &p.validation}) {
    CHECK(score->metrics.balanced_accuracy == balanced_accuracy(score->confusion));
    CHECK(score->metrics.auroc.has_value());
    CHECK(score->metrics.auprc.has_value());
    CHECK(*score->metrics.loss == doctest::Approx(score->loss));
    CHECK(score->confusion.at(0, 0) + score->confusion.at(1, 1) == score->correct);
  }
  REQUIRE(p.baselines.size() == 4);
  CHECK(p.baselines[1].metrics.auroc.has_value());
  CHECK(f.session.training().curve.back().learning_rate == static_cast<float>(config.learning_rate));
}

TEST_CASE("session: records in which there is nothing to read are not predicted, and not scored") {
  Fixture f;
  std::string text;
  for (int i = 0; i < 24; ++i)
    text += ">s" + std::to_string(i) + " label=" + (i % 2 ? "b" : "a") + "\n" +
            (i % 4 == 3 ? "AC" : (i % 2 ? "ACACACGTTGCA" : "GTGTGAGATTCC") + repeated("AAG", i)) + "\n";
  f.paste(text);
  rnn::ModelSpec spec = f.session.project().model;
  spec.input = rnn::Input::Codons;
  f.session.set_model(spec);
  f.worker.settle();
  f.session.predict();
  f.worker.settle();
  const session::Predictions& p = f.session.predictions();
  REQUIRE(p.available);
  for (std::size_t i = 0; i < 24; ++i) {
    CHECK((p.rows[i].predicted < 0) == (i % 4 == 3));
    CHECK((p.rows[i].loss < 0) == (i % 4 == 3));
  }
  CHECK(p.train.n + p.validation.n == 18);
  CHECK(p.validation.loss > 0.3);  // untrained: about ln 2; a missing loss does not count as -1
  for (const BaselineScore& b : p.baselines)
    if (b.applicable) CHECK(b.n == p.validation.n);

  f.session.cross_validate(3, 1);
  f.worker.settle();
  const session::CrossValidation& cv = f.session.cross_validation();
  REQUIRE(cv.available);
  CHECK(cv.score.n == 18);
  CHECK(cv.predicted[3] == -1);
}

TEST_CASE("session: tasks per position are scored over what was trained on and what was held out") {
  Fixture f;
  // Letters that mostly follow each other in turn; A and T are class 1.
  std::string table = "id\tsequence\tannotation\n";
  Random random(3, 9);
  for (int i = 0; i < 10; ++i) {
    std::string sequence, annotation;
    std::uint32_t letter = random.below(4);
    for (int t = 0; t < 30; ++t) {
      letter = random.below(5) == 0 ? random.below(4) : (letter + 1) % 4;
      sequence += "ACGT"[letter];
      annotation += letter == 0 || letter == 3 ? '1' : '2';
    }
    table += "s" + std::to_string(i) + "\t" + sequence + "\t" + annotation + "\n";
  }
  f.paste(table);
  rnn::ModelSpec spec = f.session.project().model;
  REQUIRE(spec.task == rnn::Task::PositionLabel);
  f.train_to(40);
  f.session.predict();
  f.worker.settle();
  const session::Predictions& labels = f.session.predictions();
  REQUIRE(labels.available);
  CHECK(labels.train.n == 240);
  CHECK(labels.validation.n == 60);
  CHECK(labels.validation.confusion.classes == 2);
  CHECK(labels.validation.confusion.at(0, 0) + labels.validation.confusion.at(1, 1) ==
        labels.validation.correct);
  CHECK(labels.validation.metrics.matthews.has_value());
  const rnn::EvaluationPoint& seen = f.session.training().evaluations.back();
  CHECK(seen.validation_items == labels.validation.n);
  REQUIRE(labels.baselines.size() == 2);
  CHECK(labels.baselines[1].correct == 60);  // the letter tells it all

  spec.task = rnn::Task::NextSymbol;
  f.session.set_model(spec);
  f.worker.settle();
  f.train_to(10);
  f.session.predict();
  f.worker.settle();
  const session::Predictions& next = f.session.predictions();
  REQUIRE(next.available);
  CHECK(next.validation.n == 58);
  CHECK(*next.validation.metrics.loss > 0);
  CHECK(next.validation.confusion.classes == 0);
  REQUIRE(next.baselines.size() == 2);
  CHECK(*next.baselines[1].metrics.loss < *next.baselines[0].metrics.loss);
}

TEST_CASE("session: leave one out says which fold it is at, and can be stopped") {
  Fixture f;
  f.paste(planted_fasta());
  rnn::TrainConfig config = f.session.train_settings();
  config.max_epochs = 3;
  f.session.set_train(config);
  f.worker.settle();
  f.session.cross_validate(session::kLeaveOneOut, 1);
  CHECK(f.session.job().text == "leave-one-out cross-validation");
  f.worker.settle();
  const session::CrossValidation& cv = f.session.cross_validation();
  REQUIRE(cv.available);
  CHECK(cv.leave_one_out);
  CHECK(cv.folds == 20);
  CHECK(cv.score.n == 20);
  CHECK(cv.probabilities.size() == 40);
  CHECK(cv.score.metrics.auroc == auroc(f.session.labels().of_record, cv.probabilities, 2));
  CHECK(f.session.status().text.rfind("leave-one-out cross-validation: ", 0) == 0);

  config.max_epochs = 3000;
  f.session.set_train(config);
  f.session.cross_validate(session::kLeaveOneOut, 1);
  const std::string wanted = "leave-one-out cross-validation, fold 1 of 20";
  for (int i = 0; i < 2000 && f.session.job().text != wanted; ++i) f.worker.pump(20);
  CHECK(f.session.job().text == wanted);
  f.session.cancel_job();
  f.worker.settle();
  CHECK_FALSE(f.session.cross_validation().available);
  CHECK(f.session.job().kind == session::JobKind::None);
}

TEST_CASE("session: folds are from two to twenty and no more than the smallest class has sequences") {
  Fixture f;
  std::string text;
  for (int i = 0; i < 60; ++i)
    text += ">s" + std::to_string(i) + " label=" + (i % 2 == 0 ? "a" : "b") + "\nACGT" + "ACGT"[i % 4] +
            "ACGT"[i / 4 % 4] + "ACGT"[i / 16] + "A\n";
  f.paste(text);
  for (const int folds : {1, 21, 61}) {
    f.session.cross_validate(folds, 1);
    CHECK(f.session.status().text.find("between 2 and 20 folds") != std::string::npos);
    CHECK(f.session.job().kind == session::JobKind::None);
  }
  f.paste(">a label=x\nACGTTA\n>b label=y\nTTGACA\n>c label=x\nACGTAA\n");
  f.session.cross_validate(session::kLeaveOneOut, 1);
  CHECK(f.session.status().severity == Severity::Error);
  CHECK(f.session.status().text.find("two sequences of every class") != std::string::npos);
}

TEST_CASE("session: the text mirror reads out the figures, and what is not defined in words") {
  Fixture f;
  f.paste(planted_fasta());
  rnn::TrainConfig config = f.session.train_settings();
  config.validation_fraction = 0.4;
  config.max_epochs = 1;
  f.session.set_train(config);
  f.worker.settle();
  f.session.receive({{{"type", "verb"}, {"verb", "leave_one_out"}}, {}});
  f.worker.settle();
  REQUIRE(f.session.cross_validation().leave_one_out);
  const nlohmann::json mirror = f.session.mirror();
  CHECK(mirror["cross_validation"]["folds"] == 20);
  CHECK(mirror["cross_validation"]["auroc"] == *f.session.cross_validation().score.metrics.auroc);
  CHECK(mirror["predictions"]["baselines"][0]["mcc"].is_null());
  const std::string words = mirror["results"];
  CHECK(words.rfind("leave-one-out cross-validation: this network right 0.", 0) == 0);
  CHECK(words.find("Validation: this network right") != std::string::npos);
  CHECK(words.find("majority class right 0.500, balanced 0.500, MCC not defined") != std::string::npos);
}
