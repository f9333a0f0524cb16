// What a step is called: layers, letters, what was read, and what fed it.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "rnn_samples.h"
#include "session/step_words.h"
#include "session_fixture.h"

using namespace rnn_samples;
using rnn::Example;
using session::describe_step;
using session::fed_words;
using session::initial_words;
using session::layer_name;
using session::letters_of;
using session::read_words;
using session::step_name;

namespace {

ModelSpec two_levels(Directions directions = Directions::Forward) {
  return spec(CellKind::Lstm, 3, 2, directions, kReadouts[0]);
}
std::vector<std::string> names(const ModelSpec& s, bool all = false) {
  const Network net = make_network(s);
  std::vector<std::string> list;
  for (int l = 0; l < static_cast<int>(net.layers.size()); ++l) list.push_back(layer_name(net, l, all));
  return list;
}
using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("step words: a layer's name tells level, direction, strand, windows and dilation") {
  CHECK(names(two_levels()) == Names{"Layer 1", "Layer 2"});
  CHECK(names(two_levels(), true) == Names{"Layer 1, forward", "Layer 2, forward"});
  CHECK(names(two_levels(Directions::Both)) ==
        Names{"Layer 1, forward", "Layer 1, backward", "Layer 2, forward", "Layer 2, backward"});
  CHECK(names(two_levels(Directions::StrandsTied))[1] == "Layer 1, opposite strand");
  CHECK(names(two_levels(Directions::Strands))[0] == "Layer 1, given strand");
  ModelSpec s = two_levels();
  s.window = 10;
  CHECK(names(s) == Names{"Layer 1", "Layer 2, windows of 10"});
  s.window = 0;
  s.dilations = {2, 4};
  CHECK(names(s) == Names{"Layer 1, every 2nd step", "Layer 2, every 4th step"});
}

TEST_CASE("step words: the letters of a step, and what it is called") {
  ModelSpec s = two_levels();
  s.window = 10;
  Network net = make_network(s);
  CHECK(step_name(net, 0, 25, 16) == "position 17");
  CHECK(step_name(net, 1, 25, 1) == "window 2, letters 11–20");
  CHECK(step_name(net, 1, 25, 2) == "window 3, letters 21–25");
  CHECK(step_name(net, 1, 21, 2) == "window 3, letter 21");
  s.input = Input::Codons;
  net = make_network(s);
  CHECK(step_name(net, 0, 25, 5) == "codon 6, letters 16–18");
  // The letter behind the last whole codon is not read.
  CHECK(letters_of(net, 1, 25, 0).end == 24);
}

TEST_CASE("step words: what was read") {
  const bio::Alphabet& dna = bio::alphabet(bio::AlphabetKind::Dna);
  const std::string letters = "ACGTNACGTA";
  const auto read = [&](const ModelSpec& s, int layer, int t, const Example& example = {}) {
    const Network net = make_network(s);
    return read_words(net, layer, example, letters, &dna, static_cast<int>(letters.size()), t);
  };
  ModelSpec s = two_levels(Directions::Strands);
  CHECK(read(s, 0, 2) == "G");
  CHECK(read(s, 1, 2) == "C, the complement of G");
  CHECK(read(s, 1, 4) == "N, the complement of N");
  CHECK(read(s, 3, 2) == "G");
  s = two_levels();
  s.window = 4;
  CHECK(read(s, 1, 2) == "window 3 (letters 9–10)");
  s.window = 0;
  s.input = Input::Kmers;
  s.kmer = 3;
  CHECK(read(s, 0, 3) == "the 3-mer CGT");
  CHECK(read(s, 0, 1) == "AC, too short for a 3-mer");
  s.input = Input::Codons;
  CHECK(read(s, 0, 1) == "codon TNA");
  s.input = Input::Values;
  s.channels = 2;
  const std::vector<float> values{0.5f, -1.25f, 3};
  Example example;
  example.values = values;
  CHECK(read(s, 0, 1, example) == "2 values");
  s.channels = 1;
  CHECK(read(s, 0, 1, example) == "-1.25");
}

TEST_CASE("step words: where the first state comes from, and what feeds a step") {
  ModelSpec s = two_levels();
  Example example;
  CHECK(initial_words(s, example, "") == "all zeros");
  s.initial = InitialState::Learned;
  CHECK(initial_words(s, example, "") == "learned, the same for every sequence");
  s.initial = InitialState::ByClass;
  s.covariates = {"tissue"};
  s.covariate_classes = 2;
  example.covariate_class = 1;
  CHECK(initial_words(s, example, "liver") == "learned for tissue = liver");
  example.covariate_class = -1;
  CHECK(initial_words(s, example, "") ==
        "the mean of what was learned for each tissue: this one's is not known");
  s.initial = InitialState::Encoder;
  s.covariates = {"age", "dose"};
  s.covariate_center = {4, 0.5};
  s.covariate_scale = {1, 1};
  const std::vector<double> given{4.5, std::numeric_limits<double>::quiet_NaN()};
  example.covariates = given;
  CHECK(initial_words(s, example, "") == "made by the encoder from age = 4.5, dose unknown (taken as 0.5)");

  const FullSamples samples({9}, 2);
  const auto fed = [&](const ModelSpec& model, int layer, int t) {
    const Network net = make_network(model);
    const auto p = weights<float>(net, 3);
    const Trace tr = trace(net, p, strand_table(), samples.examples[0]);
    return fed_words(net, tr, step_terms(net, p, strand_table(), samples.examples[0], tr, layer, t), "zeros");
  };
  s = two_levels(Directions::Both);
  CHECK(fed(s, 0, 0) == "the initial state: zeros");
  CHECK(fed(s, 1, 8) == "the initial state: zeros");
  CHECK(fed(s, 0, 1).empty());
  s.window = 3;
  s.window_carry = false;
  CHECK(fed(s, 0, 3) == "the state starts anew in every window: zeros");
  s.window = 0;
  s.circular = Circular::TwoPass;
  CHECK(fed(s, 0, 0) == "fed by the last state of pass 1: the circle is closed");
  CHECK(fed(s, 1, 8) == "fed by the last state of pass 1: the circle is closed");
  s.circular = Circular::Doubled;
  CHECK(fed(s, 0, 0) == "fed by the end of the first copy: the circle is closed");
  CHECK(fed(s, 1, 8) == "fed by the start of the second copy: the circle is closed");
}

TEST_CASE("step words: the sentence of a step says what every kind of cell did") {
  tests::Fixture fixture;
  fixture.paste(tests::planted_fasta());
  const auto sentence = [&](const std::function<void(ModelSpec&)>& change, int position) {
    ModelSpec s = fixture.session.network().spec;
    s.hidden = 4;
    change(s);
    fixture.session.set_model(s);
    fixture.worker.settle();
    fixture.session.go_to(position);
    return fixture.session.step_sentence();
  };
  const auto has = [](const std::string& text, const std::string& part) {
    CHECK_MESSAGE(text.find(part) != std::string::npos, text);
  };
  const char letter = fixture.session.letters()[7];
  for (const CellKind cell : kAllCells) {
    const std::string text = sentence([&](ModelSpec& s) { s.cell = cell; }, 8);
    has(text, std::string("read ") + letter + ": unit ");
    if (is_lstm(cell)) has(text, "the forget gate kept ");
    if (is_lstm(cell)) has(text, coupled(cell) ? " let g in" : ", the input gate let in ");
    if (cell == CellKind::Gru) has(text, "the update gate kept ");
  }
  const auto lstm = [](ModelSpec& s) { s.cell = CellKind::Lstm; };
  has(sentence(lstm, 0), "before the first letter: the state is h_0, all zeros");
  has(sentence([](ModelSpec& s) { s.initial = InitialState::Learned; }, 1),
      "the initial state: learned, the same for every sequence");
  has(sentence(
          [](ModelSpec& s) {
            s.initial = InitialState::Zero;
            s.input = Input::Codons;
          },
          8),
      "read codon " + std::string(fixture.session.letters().substr(6, 3)) + ": ");
  has(sentence(
          [](ModelSpec& s) {
            s.input = Input::Letters;
            s.layers = 2;
            s.window = 10;
          },
          23),
      "read window 3 (letters 21–30): ");
  has(sentence(
          [](ModelSpec& s) {
            s.layers = 1;
            s.window = 0;
            s.circular = Circular::TwoPass;
          },
          1),
      "fed by the last state of pass 1");
}

TEST_CASE("step words: the first state names the class that the record itself gives") {
  tests::Fixture fixture;
  std::string text;
  for (int i = 0; i < 8; ++i)
    text += ">s" + std::to_string(i) + " label=" + (i % 2 ? "x" : "y") +
            (i == 2  ? ""
             : i < 4 ? " tissue=liver"
                     : " tissue=brain") +
            " age=" + std::to_string(i) + ".5\nACGTACGT" + std::string(static_cast<std::size_t>(i + 1), 'A') +
            "\n";
  fixture.paste(text);
  ModelSpec s = fixture.session.network().spec;
  s.initial = InitialState::ByClass;
  s.covariates = {"tissue"};
  s.covariate_classes = 2;
  fixture.session.set_model(s);
  fixture.worker.settle();
  REQUIRE(fixture.session.network().spec.initial == InitialState::ByClass);
  CHECK(fixture.session.initial_state() == "learned for tissue = liver");
  fixture.session.select_sequence(2);
  CHECK(fixture.session.initial_state() ==
        "the mean of what was learned for each tissue: this one's is not known");
  fixture.session.select_sequence(6);
  CHECK(fixture.session.initial_state() == "learned for tissue = brain");
  s = fixture.session.network().spec;
  s.initial = InitialState::Encoder;
  s.covariates = {"age"};
  s.covariate_center.clear();
  s.covariate_scale.clear();
  fixture.session.set_model(s);
  fixture.worker.settle();
  CHECK(fixture.session.initial_state() == "made by the encoder from age = 6.5");
}

TEST_CASE("step words: under layer normalisation the shares of a sentence are of what is left") {
  // One unit pair, by hand: the weights are such that normalisation turns the sign of the larger term.
  ModelSpec s = spec(CellKind::ElmanTanh, 2, 1, Directions::Forward, kReadouts[0]);
  s.layer_norm = true;
  const Network net = make_network(s);
  std::vector<float> p(net.parameter_count, 0.0f);
  const auto set = [&](int tensor, std::vector<float> values) {
    std::copy(values.begin(), values.end(),
              p.begin() + static_cast<std::ptrdiff_t>(net.tensors[static_cast<std::size_t>(tensor)].offset));
  };
  set(net.layers[0].w_x, {1, 1, 1, 1, 3, 3, 3, 3});  // sums 1 and 3: normalised to -1 and 1
  set(net.layers[0].norm_gain, {1, 0.5f});
  const FullSamples samples({3}, 2);
  const Trace tr = trace(net, p, strand_table(), samples.examples[0]);
  const StepTerms terms = step_terms(net, p, strand_table(), samples.examples[0], tr, 0, 0);
  CHECK(terms.normalised[0] == doctest::Approx(-1).epsilon(1e-4));
  CHECK(terms.norm_scale[1] == doctest::Approx(0.5).epsilon(1e-4));
  // Unit 0 fell although its letter pushes up: only the normalisation pushes down.
  const std::string text = describe_step(net, terms, p, tr, "A");
  CHECK_MESSAGE(text.find("unit 0 fell 0.76, mostly the normalisation (100 %)") != std::string::npos, text);
}
