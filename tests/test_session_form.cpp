// The controls of the MODEL and TRAIN panels and of the text mirror: everything can be chosen, what is
// impossible says why, and what goes together comes together.
#include <doctest/doctest.h>

#include <algorithm>

#include "session/form.h"
#include "session_fixture.h"

using namespace ribostep;
using namespace ribostep::session;
using nlohmann::json;
using rnn::ModelSpec;
using tests::Fixture;

namespace {

// The control with this key, or null.
const Field* find(const std::vector<Field>& form, const std::string& key) {
  for (const Field& field : form)
    if (field.key == key) return &field;
  return nullptr;
}
const Field& field(const std::vector<Field>& form, const std::string& key) {
  const Field* found = find(form, key);
  REQUIRE_MESSAGE(found, "no control for ", key);
  return *found;
}
const Option& option(const Field& f, const std::string& value) {
  const auto at =
      std::find_if(f.options.begin(), f.options.end(), [&](const Option& o) { return o.value == value; });
  REQUIRE_MESSAGE(at != f.options.end(), "no option ", value);
  return *at;
}

// Records whose headers tell a tissue and an age.
std::string with_covariates() {
  std::string text;
  for (int i = 0; i < 12; ++i)
    text += ">s" + std::to_string(i) + " label=" + (i % 2 ? "x" : "y") +
            " tissue=" + (i % 3 == 0 ? "liver" : "brain") + " age=" + std::to_string(10 + 3 * i) + "\n" +
            (i % 2 ? "ACGTACGTTGCA" : "TTGACCATGACA") + "\n";
  return text;
}

void choose(Session& session, const std::string& key, const json& value) {
  session.set_model(with_choice(session, session.project().model, key, value));
}

}  // namespace

TEST_CASE("form: every choice about a model can be made, alone or on top of what it needs") {
  struct Step {
    const char* key;
    json value;
    bool (*made)(const ModelSpec&);
  };
  const std::vector<Step> steps = {
      {"cell", "lstm_bounded", [](const ModelSpec& m) { return m.cell == rnn::CellKind::LstmBounded; }},
      {"hidden", 7, [](const ModelSpec& m) { return m.hidden == 7; }},
      {"layers", 3, [](const ModelSpec& m) { return m.layers == 3; }},
      {"directions", "both", [](const ModelSpec& m) { return m.directions == rnn::Directions::Both; }},
      {"pool", "mean", [](const ModelSpec& m) { return m.pool == rnn::Pool::Mean; }},
      {"peepholes", true, [](const ModelSpec& m) { return m.peepholes; }},
      {"layer_norm", true, [](const ModelSpec& m) { return m.layer_norm; }},
      {"dropout", 0.25, [](const ModelSpec& m) { return m.dropout == 0.25; }},
      {"init", "uniform", [](const ModelSpec& m) { return m.init == rnn::Initialisation::Uniform; }},
      {"init_range", 0.5, [](const ModelSpec& m) { return m.init_range == 0.5; }},
      {"forget_bias", "constant",
       [](const ModelSpec& m) { return m.forget_bias == rnn::ForgetBias::Constant; }},
      {"forget_bias_value", 3.5, [](const ModelSpec& m) { return m.forget_bias_value == 3.5; }},
      {"forget_bias", "chrono", [](const ModelSpec& m) { return m.forget_bias == rnn::ForgetBias::Chrono; }},
      {"chrono_span", 40, [](const ModelSpec& m) { return m.chrono_span == 40; }},
      {"dilations", json::array({1, 2, 4}),
       [](const ModelSpec& m) {
         return m.dilations == std::vector{1, 2, 4};
       }},
      {"dilations", "2, 1 3",
       [](const ModelSpec& m) {
         return m.dilations == std::vector{2, 1, 3};
       }},
      {"dilations", json::array({1, 1, 1}), [](const ModelSpec& m) { return m.dilations.empty(); }},
      {"window", 12, [](const ModelSpec& m) { return m.window == 12; }},
      {"window_summary", "mean", [](const ModelSpec& m) { return m.window_summary == rnn::Summary::Mean; }},
      {"window_carry", "restarts", [](const ModelSpec& m) { return !m.window_carry; }},
      {"truncate", 20, [](const ModelSpec& m) { return m.truncate == 20; }},
      {"truncate", 0, [](const ModelSpec& m) { return m.truncate == 0; }},
      {"window_carry", "carries", [](const ModelSpec& m) { return m.window_carry; }},
      {"circular", "fixed_point", [](const ModelSpec& m) { return m.circular == rnn::Circular::FixedPoint; }},
      {"max_passes", 9, [](const ModelSpec& m) { return m.max_passes == 9; }},
      {"initial", "learned", [](const ModelSpec& m) { return m.initial == rnn::InitialState::Learned; }},
      {"initial", "by_class",
       [](const ModelSpec& m) {
         return m.initial == rnn::InitialState::ByClass &&
                m.covariates == std::vector<std::string>{"tissue"} && m.covariate_classes == 2;
       }},
      {"covariates", "age", [](const ModelSpec& m) { return m.covariate_classes == 12; }},
      {"initial", "encoder",
       [](const ModelSpec& m) {
         return m.initial == rnn::InitialState::Encoder && m.covariates == std::vector<std::string>{"age"};
       }},
      {"encoder_units", 5, [](const ModelSpec& m) { return m.encoder_units == 5; }},
      {"input", "kmers", [](const ModelSpec& m) { return m.input == rnn::Input::Kmers; }},
      {"kmer", 4, [](const ModelSpec& m) { return m.kmer == 4; }},
      {"embedding", 6, [](const ModelSpec& m) { return m.embedding == 6; }},
      {"input", "codons", [](const ModelSpec& m) { return m.input == rnn::Input::Codons; }},
      {"task", "next", [](const ModelSpec& m) { return m.task == rnn::Task::NextSymbol; }}};
  Fixture f;
  f.paste(with_covariates());
  for (const Step& step : steps) {
    const std::vector<Field> form = model_form(f.session);
    const Field& control = field(form, step.key);
    CHECK_MESSAGE(control.why_not.empty(), step.key, ": ", control.why_not);
    CHECK_FALSE(control.label.empty());
    CHECK_FALSE(control.hint.empty());
    if (control.kind == FieldKind::List) CHECK(option(control, step.value).why_not.empty());
    choose(f.session, step.key, step.value);
    CHECK_MESSAGE(step.made(f.session.project().model), step.key, " ", step.value.dump(), ": ",
                  f.session.status().text);
    CHECK(rnn::problem(f.session.project().model).empty());
    CHECK_FALSE(wiring_words(f.session.project().model).empty());
  }
}

TEST_CASE("form: every cell and every option of every list has its word") {
  Fixture f;
  f.paste(tests::planted_fasta());
  const std::vector<Field> form = model_form(f.session);
  CHECK(field(form, "cell").options.size() == rnn::kCount<rnn::CellKind>);
  CHECK(field(form, "directions").options.size() == rnn::kCount<rnn::Directions>);
  CHECK(field(form, "task").options.size() == rnn::kCount<rnn::Task>);
  CHECK(field(form, "circular").options.size() == rnn::kCount<rnn::Circular>);
  for (const Field& each : form)
    for (const Option& o : each.options) CHECK_FALSE(o.label.empty());
}

TEST_CASE("form: what is impossible says why, in the words of rnn::problem") {
  Fixture f;
  f.paste(tests::planted_fasta());
  ModelSpec cut = f.session.project().model;
  cut.truncate = 10;
  ModelSpec both = cut;
  both.circular = rnn::Circular::TwoPass;
  f.session.set_model(cut);
  std::vector<Field> form = model_form(f.session);
  CHECK(option(field(form, "circular"), "two_pass").why_not == rnn::problem(both));
  CHECK(option(field(form, "circular"), "linear").why_not.empty());
  choose(f.session, "circular", "two_pass");  // as a person would who cannot see that it is greyed
  CHECK(f.session.project().model.circular == rnn::Circular::Linear);
  CHECK(f.session.status().severity == Severity::Error);
  CHECK(f.session.status().text == rnn::problem(both));

  choose(f.session, "truncate", 0);
  choose(f.session, "circular", "doubled");
  form = model_form(f.session);
  CHECK_FALSE(field(form, "truncate").why_not.empty());
  choose(f.session, "cell", "gru");
  CHECK_FALSE(field(model_form(f.session), "peepholes").why_not.empty());
  choose(f.session, "cell", "elman");
  form = model_form(f.session);
  CHECK(find(form, "forget_bias") == nullptr);
  // These data have no covariates and no values.
  CHECK_FALSE(option(field(form, "initial"), "by_class").why_not.empty());
  CHECK_FALSE(option(field(form, "initial"), "encoder").why_not.empty());
  CHECK_FALSE(option(field(form, "input"), "values").why_not.empty());
  CHECK_FALSE(option(field(form, "task"), "position").why_not.empty());
}

TEST_CASE("form: what needs a second layer offers one") {
  Fixture f;
  f.paste(tests::planted_fasta());
  REQUIRE(f.session.project().model.layers == 1);
  std::vector<Field> form = model_form(f.session);
  for (const char* key : {"window", "dropout"}) {
    const Field& control = field(form, key);
    CHECK_FALSE(control.why_not.empty());
    REQUIRE(control.offers.size() == 1);
    CHECK(control.offers[0].key == "layers");
  }
  const Offer offer = field(form, "window").offers[0];
  choose(f.session, offer.key, offer.value);
  CHECK(f.session.project().model.layers == 2);
  form = model_form(f.session);
  CHECK(field(form, "window").why_not.empty());
  CHECK(field(form, "window").offers.empty());
}

TEST_CASE("form: what cannot stay goes, and what is needed comes") {
  Fixture f;
  f.paste(with_covariates());
  choose(f.session, "layers", 2);
  choose(f.session, "dilations", json::array({1, 2}));
  choose(f.session, "layers", 4);
  CHECK(f.session.project().model.dilations == std::vector{1, 2, 4, 8});
  choose(f.session, "layers", 3);
  CHECK(f.session.project().model.dilations == std::vector{1, 2, 4});
  choose(f.session, "window", 5);
  choose(f.session, "dropout", 0.5);
  choose(f.session, "peepholes", true);
  choose(f.session, "layers", 1);
  CHECK(f.session.project().model.layers == 1);
  CHECK(f.session.project().model.window == 0);
  CHECK(f.session.project().model.dropout == 0);
  CHECK(f.session.project().model.dilations.empty());
  choose(f.session, "cell", "gru");
  CHECK_FALSE(f.session.project().model.peepholes);
  choose(f.session, "directions", "both");
  choose(f.session, "circular", "two_pass");
  choose(f.session, "task", "next");
  CHECK(f.session.project().model.task == rnn::Task::NextSymbol);
  CHECK(f.session.project().model.directions == rnn::Directions::Forward);
  CHECK(f.session.project().model.circular == rnn::Circular::Linear);
  choose(f.session, "initial", "encoder");
  REQUIRE(f.session.project().model.covariates.size() == 1);
  choose(f.session, "initial", "zero");
  CHECK(f.session.project().model.covariates.empty());
}

TEST_CASE("form: nonsense changes nothing") {
  Fixture f;
  f.paste(with_covariates());
  const ModelSpec before = f.session.project().model;
  for (const auto& [key, value] : std::vector<std::pair<const char*, json>>{{"cell", "transformer"},
                                                                            {"cell", 3},
                                                                            {"hidden", "many"},
                                                                            {"hidden", nullptr},
                                                                            {"peepholes", 1},
                                                                            {"dilations", "one"},
                                                                            {"dilations", json::array({"1"})},
                                                                            {"dilations", json::object()},
                                                                            {"covariates", 7},
                                                                            {"covariates", json::array({1})},
                                                                            {"colour", "red"},
                                                                            {"window_carry", 2},
                                                                            {"dropout", "x"},
                                                                            {"init_range", json::array()}})
    CHECK(with_choice(f.session, before, key, value) == before);
  // Out of range: the nearest.
  CHECK(with_choice(f.session, before, "hidden", 1e9).hidden == rnn::kMaxHidden);
  CHECK(with_choice(f.session, before, "hidden", -4).hidden == 1);
  choose(f.session, "dilations", "1, 2, 3");  // more than layers
  CHECK(f.session.project().model == before);
  CHECK(f.session.status().severity == Severity::Error);
}

TEST_CASE("form: settings of training, and what may change while it runs") {
  Fixture f;
  f.paste(tests::planted_fasta());
  const auto set = [&](const char* key, const json& value) {
    f.session.set_train(with_choice(f.session.train_settings(), key, value));
    return f.session.train_settings();
  };
  CHECK(set("optimiser", "nesterov").optimiser == rnn::OptimiserKind::Nesterov);
  CHECK(find(train_form(f.session), "momentum") != nullptr);
  CHECK(set("optimiser", "rmsprop").optimiser == rnn::OptimiserKind::RmsProp);
  CHECK(find(train_form(f.session), "momentum") == nullptr);
  CHECK(find(train_form(f.session), "step_epochs") == nullptr);
  CHECK(set("schedule", "step").schedule == rnn::Schedule::Step);
  CHECK(set("step_epochs", 3).step_epochs == 3);
  CHECK(set("step_factor", 0.25).step_factor == 0.25);
  CHECK(set("schedule", "cosine").schedule == rnn::Schedule::Cosine);
  CHECK(set("warmup", 12).warmup == 12);
  CHECK(set("class_weights", true).class_weights);
  CHECK(set("validation_fraction", 0.4).validation_fraction == 0.4);
  CHECK_FALSE(field(train_form(f.session), "random_rotation").why_not.empty());
  choose(f.session, "circular", "two_pass");
  CHECK(field(train_form(f.session), "random_rotation").why_not.empty());
  CHECK(set("random_rotation", true).random_rotation);
  for (const Field& each : train_form(f.session)) CHECK_MESSAGE(each.why_not.empty(), each.key);

  f.session.train();
  REQUIRE(f.session.training().state == TrainingState::Running);
  const std::vector<Field> running = train_form(f.session);
  for (const Field& each : running) {
    const bool live = each.key == "learning_rate" || each.key == "max_epochs" || each.key == "clip_norm" ||
                      each.key == "weight_decay" || each.key == "momentum";
    CHECK_MESSAGE(each.why_not.empty() == live, each.key);
  }
}

TEST_CASE("form: the text mirror offers every control of the panels, and a message makes the choice") {
  Fixture f;
  f.paste(with_covariates());
  const json form = f.session.mirror()["choices"];
  const auto count = [&](const char* verb) {
    return static_cast<std::size_t>(
        std::count_if(form.begin(), form.end(), [&](const json& c) { return c["verb"] == verb; }));
  };
  CHECK(count("set_model") == model_form(f.session).size());
  CHECK(count("set_train") == train_form(f.session).size());
  CHECK(count("example") == 1);
  f.session.receive({{{"type", "verb"},
                      {"verb", "set_model"},
                      {"initial", "encoder"},
                      {"layers", 2},
                      {"window", 4},
                      {"dilations", "1, 3"},
                      {"cell", "lstm_bounded_coupled"}},
                     {}});
  const ModelSpec& model = f.session.project().model;
  CHECK(model.initial == rnn::InitialState::Encoder);
  CHECK(model.window == 4);
  CHECK(model.dilations == std::vector{1, 3});
  f.session.receive(
      {{{"type", "verb"}, {"verb", "set_train"}, {"optimiser", "nesterov"}, {"warmup", 3}}, {}});
  CHECK(f.session.train_settings().optimiser == rnn::OptimiserKind::Nesterov);
  CHECK(f.session.train_settings().warmup == 3);
  const std::string words = f.session.mirror()["model_words"];
  CHECK(words.find("every window of 4 steps") != std::string::npos);
  CHECK(words.find("made from age") != std::string::npos);
  CHECK(words.find("c_t") != std::string::npos);
}

TEST_CASE("form: sections tell what is unusual in them") {
  ModelSpec spec;
  for (const FieldSection section :
       {FieldSection::Cell, FieldSection::Wiring, FieldSection::Initial, FieldSection::Input})
    CHECK(section_words(spec, section).empty());
  spec.layers = 3;
  spec.dilations = {1, 2, 4};
  spec.initial = rnn::InitialState::Learned;
  spec.peepholes = true;
  spec.input = rnn::Input::Kmers;
  CHECK(section_words(spec, FieldSection::Wiring) == "dilations 1, 2, 4");
  CHECK(section_words(spec, FieldSection::Initial) == "learned h_0");
  CHECK(section_words(spec, FieldSection::Cell) == "peepholes");
  CHECK(section_words(spec, FieldSection::Input) == "3-mers");
}

TEST_CASE("form: memory in words") {
  CHECK(memory_words({}).empty());
  CHECK(memory_words({45u << 20u, 45u << 20u, 0}) == "One update takes about 45 MB of memory.");
  CHECK(
      memory_words({13u << 20u, 245u << 20u, 224}) ==
      "One update keeps the states and recomputes the gates for 224 steps at a time: 13 MB instead of 245 MB "
      "(limit 128 MB).");
}

TEST_CASE("form: an update's memory follows the longest examples, the batch and the windows") {
  Fixture f;
  std::string text;
  for (int i = 0; i < 12; ++i)
    text += ">r" + std::to_string(i) + "\n" +
            std::string(static_cast<std::size_t>(100 + 50 * i), "ACGT"[i % 4]) + "\n";
  f.paste(text);
  REQUIRE(f.session.project().model.task == rnn::Task::NextSymbol);
  const auto bytes = [&] { return f.session.training_memory().bytes; };
  rnn::TrainConfig config = f.session.train_settings();
  config.window = 0;
  config.batch_size = 1;
  f.session.set_train(config);
  const std::uint64_t one = bytes();
  CHECK(one > 0);
  config.batch_size = 8;  // two shards of four
  f.session.set_train(config);
  const std::uint64_t four = bytes();
  CHECK(four > 2 * one);
  config.window = 50;
  f.session.set_train(config);
  CHECK(bytes() < four / 4);
  choose(f.session, "hidden", 64);
  CHECK(bytes() > four / 8);
}
