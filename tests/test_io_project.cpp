// Projects out and in again: JSON, links, weights in three ways, defaults, unknown keys.
#include <cmath>
#include <fstream>
#include <limits>
#include <map>
#include <sstream>

#include "doctest/doctest.h"
#include "io/encoding.h"
#include "io/json_reader.h"
#include "io/project_fields.h"
#include "io_samples.h"

using namespace ribostep;
using nlohmann::json;

TEST_CASE("random projects survive JSON and link") {
  Random random(11);
  for (int i = 0; i < 300; ++i) {
    const io::Project project = samples::random_project(random);
    const json document = io::to_json(project, {});
    const io::ReadProject direct = io::from_json(document);
    REQUIRE_MESSAGE(direct.diagnostics.empty(), samples::all_text(direct.diagnostics));
    CHECK(samples::difference(direct.project, project) == "");
    const io::ReadProject parsed = io::parse_project(document.dump());
    REQUIRE(parsed.ok());
    CHECK(samples::difference(parsed.project, project) == "");
    const std::string link = io::to_fragment(project, {});
    CHECK(link == io::to_fragment(project, {}));
    const io::ReadProject opened = io::from_fragment(link);
    REQUIRE(opened.ok());
    CHECK(samples::difference(opened.project, project) == "");
    CHECK(io::to_json(opened.project, {}) == document);
  }
}

namespace {

// What a generated value has to reach so that the round trip says something about a field.
template <class Owner, class Value>
int away_from_fallback(const io::NumberField<Owner, Value>& field, const Owner& owner) {
  return owner.*field.member != field.fallback;
}
template <class Owner>
int away_from_fallback(const io::FlagField<Owner>& field, const Owner& owner) {
  return owner.*field.member != field.fallback;
}
template <class Owner, class Value>
int away_from_fallback(const io::ChoiceField<Owner, Value>& field, const Owner& owner) {
  return 1 << static_cast<int>(owner.*field.member);  // a bit for each value
}
template <class Field, class Owner>
int away_from_fallback(const Field& list, const Owner& owner) {
  return !(owner.*list.member).empty();
}
template <class Owner, class Value>
int all_reached(const io::ChoiceField<Owner, Value>& field) {
  return (1 << field.count) - 1;
}
template <class Field>
int all_reached(const Field&) {
  return 1;
}

// Random values there and back; every field has to leave its fallback, and every choice to take each value.
template <class Owner, class Table, class Member>
void check_round_trips(const Table& table, const char* part, Member member) {
  Random random(31);
  std::map<std::string, int> reached;
  for (int i = 0; i < 1500; ++i) {
    io::Project project;
    if (i % 2 == 0) project.model.symbols = 20;
    samples::vary(random, table, project.*member);
    const io::ReadProject read = io::parse_project(io::to_json(project, {}).dump());
    REQUIRE_MESSAGE(read.diagnostics.empty(), samples::all_text(read.diagnostics));
    REQUIRE(read.project.*member == project.*member);
    const Owner& owner = read.project.*member;
    io::for_each_field(table,
                       [&](const auto& field) { reached[field.key] |= away_from_fallback(field, owner); });
  }
  io::for_each_field(table, [&](const auto& field) {
    CHECK_MESSAGE(reached[field.key] == all_reached(field), part << "." << field.key);
  });
}

}  // namespace

TEST_CASE("every field of a model and of its training goes out and comes back, in every value") {
  check_round_trips<rnn::ModelSpec>(io::kModelFields, "model", &io::Project::model);
  check_round_trips<rnn::TrainConfig>(io::kTrainFields, "train", &io::Project::train);
}

// A field that is added to spec.h does not compile here until it has a row in the tables, or it would be lost
// on the way through a link.
TEST_CASE("the tables have a row for every field there is") {
  const rnn::ModelSpec model;
  const auto& [m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15, m16, m17, m18, m19, m20, m21,
               m22, m23, m24, m25, m26, m27, m28, m29, m30, m31, m32, m33] = model;
  CHECK(std::tuple_size_v<decltype(io::kModelFields)> == 33);
  CHECK(&m1 == &model.cell);
  CHECK(&m33 == &model.channels);
  const rnn::TrainConfig train;
  const auto& [t1, t2, t3, t4, t5, t6, t7, t8, t9, t10, t11, t12, t13, t14, t15, t16, t17, t18, t19, t20] =
      train;
  CHECK(std::tuple_size_v<decltype(io::kTrainFields)> == 20);
  CHECK(&t1 == &train.optimiser);
  CHECK(&t20 == &train.random_rotation);
}

TEST_CASE("what a model does not use is not written") {
  io::Project project;
  project.model.hidden = 5;
  CHECK(io::to_json(project, {})["model"] == json{{"hidden", 5}});
  project.model.window_carry = false;
  project.model.dilations = {3};
  CHECK(io::to_json(project, {})["model"] ==
        json{{"hidden", 5}, {"window_carry", false}, {"dilations", {3}}});
}

TEST_CASE("a promoter model is a link of a few hundred characters") {
  const io::Project project = samples::promoter_project();
  const std::string link = io::to_fragment(project, {io::WeightsAs::Recipe, true});
  MESSAGE("recipe link: " << link.size() << " characters");
  CHECK(link.size() < 600);
  const io::ReadProject opened = io::from_fragment(link);
  REQUIRE(opened.ok());
  CHECK(opened.project.weights == nullptr);
  io::Project expected = project;
  expected.weights = nullptr;  // to be trained again; the hash says whether it came out the same
  CHECK(samples::difference(opened.project, expected) == "");
  const std::string full = io::to_fragment(project, {io::WeightsAs::Float32, true});
  const std::string half = io::to_fragment(project, {io::WeightsAs::Float16, true});
  CHECK(half.size() < full.size() * 6 / 10);
}

TEST_CASE("16-bit weights open as the rounded ones, with their own hash") {
  io::Project project = samples::promoter_project();
  const io::ReadProject opened = io::from_fragment(io::to_fragment(project, {io::WeightsAs::Float16, true}));
  REQUIRE_MESSAGE(opened.ok(), samples::all_text(opened.diagnostics));
  CHECK(opened.diagnostics.empty());
  const auto rounded = io::floats_from_halves(io::half_bytes(*project.weights));
  CHECK(*opened.project.weights == *rounded);
  CHECK(opened.project.weights_hash == rnn::weights_hash(*rounded));

  std::vector<float> large = *project.weights;
  large[5] = 1e6f;  // no half holds it
  project.weights = std::make_shared<const std::vector<float>>(large);
  const json document = io::to_json(project, {io::WeightsAs::Float16, true});
  CHECK(document["weights"].contains("f32"));
  CHECK(*io::from_json(document).project.weights == large);
}

TEST_CASE("weights that are not finite are left out, and the rest is still saved") {
  io::Project project = samples::promoter_project();
  std::vector<float> broken = *project.weights;
  broken[0] = std::nanf("");
  project.weights = std::make_shared<const std::vector<float>>(broken);
  for (const auto as : {io::WeightsAs::Recipe, io::WeightsAs::Float32, io::WeightsAs::Float16}) {
    const io::ReadProject read = io::from_json(io::to_json(project, {as, true}));
    CHECK(read.ok());
    CHECK(read.project.weights == nullptr);
  }
}

TEST_CASE("whatever a curve or a name holds, the project is read again") {
  io::Project project = samples::promoter_project();
  io::KeptRun run;
  run.model = project.model;
  for (int i = 0; i < 50; ++i) run.name += "\xc3\xa9\xff";  // grows where it is no UTF-8
  run.curve = {{0, 1e31, std::numeric_limits<double>::infinity(), std::nan(""), -5}, {3, 1e30, 0.5, 1, 0}};
  io::Debugging& d = project.debugging;
  d.runs.push_back(run);
  d.unit_names.push_back({0, 1, std::string(40, '\xff')});
  d.conditions.push_back({std::string(400, '\xff'), true, true, false, true});
  d.pin = io::Pin();
  d.pin->label = std::string(300, '\xff');
  const io::ReadProject read = io::from_json(io::to_json(project, {}));
  REQUIRE_MESSAGE(read.ok(), samples::all_text(read.diagnostics));
  REQUIRE(read.project.debugging.runs.size() == 1);
  const io::KeptRun& back = read.project.debugging.runs[0];
  CHECK(back.curve[0] == io::RunPoint{0, -1, -1, -1, -1});
  CHECK(back.curve[1] == run.curve[1]);
  CHECK(back.name.size() == 120);
  CHECK(read.project.debugging.unit_names[0].name.size() == 99);
  CHECK(io::utf8("a\xe2\x82\xac", 3) == "a");
  CHECK(io::utf8("a\xe2\x82\xac", 4) == "a\xe2\x82\xac");
}

TEST_CASE("an autosave names its data set instead of holding it") {
  Random random(4);
  io::Project project;
  project.data.name = "pasted sequences";
  project.data.set = samples::random_set(random, bio::AlphabetKind::Dna, 5);
  project.data.content_hash = project.data.set->content_hash();
  const json document = io::to_json(project, {io::WeightsAs::Float32, false});
  CHECK(document["data"] ==
        json{{"hash", project.data.content_hash}, {"name", "pasted sequences"}, {"stored", true}});
  const io::ReadProject read = io::from_json(document);
  CHECK(read.diagnostics.empty());
  CHECK(read.project.data.set == nullptr);
  CHECK(read.project.data.content_hash == project.data.content_hash);
}

TEST_CASE("what is not there takes the format's fallback, for ever") {
  const io::ReadProject read = io::parse_project(R"({"ribostep":1})");
  REQUIRE(read.ok());
  CHECK(read.diagnostics.empty());
  const io::Project& p = read.project;
  // Written out on purpose: links in the world rely on these numbers. Do not make them follow the code.
  rnn::ModelSpec model;
  model.cell = rnn::CellKind::Lstm;
  model.hidden = 16;
  model.layers = 1;
  model.directions = rnn::Directions::Forward;
  model.task = rnn::Task::SequenceLabel;
  model.pool = rnn::Pool::Last;
  model.symbols = 4;
  model.classes = 2;
  model.peepholes = model.layer_norm = false;
  model.dropout = 0;
  model.init = rnn::Initialisation::Default;
  model.init_range = 0.1;
  model.forget_bias = rnn::ForgetBias::Default;
  model.forget_bias_value = 1;
  model.chrono_span = 100;
  model.dilations = {};
  model.window = 0;
  model.window_summary = rnn::Summary::Last;
  model.window_carry = true;
  model.truncate = 0;
  model.circular = rnn::Circular::Linear;
  model.max_passes = 16;
  model.initial = rnn::InitialState::Zero;
  model.covariates = {};
  model.covariate_classes = 0;
  model.encoder_units = 8;
  model.covariate_center = model.covariate_scale = {};
  model.input = rnn::Input::Letters;
  model.kmer = 3;
  model.embedding = 0;
  model.channels = 0;
  CHECK(p.model == model);
  rnn::TrainConfig train;
  train.optimiser = rnn::OptimiserKind::Adam;
  train.learning_rate = 0.01;
  train.momentum = 0.9;
  train.beta1 = 0.9;
  train.beta2 = 0.999;
  train.alpha = 0.99;
  train.epsilon = 1e-8;
  train.weight_decay = 0;
  train.clip_norm = 1;
  train.batch_size = 16;
  train.max_epochs = 60;
  train.patience = 0;
  train.validation_fraction = 0.2;
  train.window = 0;
  train.schedule = rnn::Schedule::Constant;
  train.warmup = 0;
  train.step_epochs = 20;
  train.step_factor = 0.5;
  train.class_weights = train.random_rotation = false;
  CHECK(p.train == train);
  CHECK(p.seed == 1);
  CHECK(p.updates == 0);
  CHECK(p.label_rule == bio::LabelRule::Auto);
  CHECK(p.cursor == io::Cursor{0, 0});
  CHECK(p.view == io::View{});
  CHECK(p.weights == nullptr);
  CHECK(p.data.set == nullptr);
}

TEST_CASE("the letters decide how many symbols a model reads") {
  const std::string head = R"({"ribostep":1,"data":{"alphabet":"protein","records":[["a","","","MKV"]]})";
  CHECK(io::parse_project(head + "}").project.model.symbols == 20);
  const io::ReadProject wrong = io::parse_project(head + R"(,"model":{"symbols":4}})");
  CHECK_FALSE(wrong.ok());
  CHECK(samples::all_text(wrong.diagnostics).find("model.symbols") != std::string::npos);
}

TEST_CASE("unknown keys are named and ignored, at every level") {
  const io::ReadProject read = io::parse_project(
      R"({"ribostep":1,"later":3,"model":{"hidden":5,"zoom":1},"train":{"warp":[]},"view":{"tilt":0},
          "data":{"example":"x","shape":2},"weights":{"hash":"0123456789abcdef","f8":""}})");
  CHECK(read.ok());
  CHECK(read.project.model.hidden == 5);
  const std::string text = samples::all_text(read.diagnostics);
  for (const char* key :
       {"\"later\"", "\"model.zoom\"", "\"train.warp\"", "\"view.tilt\"", "\"data.shape\"", "\"weights.f8\""})
    CHECK_MESSAGE(text.find(key) != std::string::npos, key << " in " << text);
  for (const Diagnostic& d : read.diagnostics) CHECK(d.severity == Severity::Note);
}

TEST_CASE("a project of a newer version opens with a warning") {
  const io::ReadProject read = io::parse_project(R"({"ribostep":2,"seed":9})");
  CHECK(read.ok());
  CHECK(read.project.seed == 9);
  REQUIRE(read.diagnostics.size() == 1);
  CHECK(read.diagnostics[0].severity == Severity::Warning);
}

TEST_CASE("changed sequences and changed weights are noticed") {
  Random random(8);
  io::Project project;
  project.data.set = samples::random_set(random, bio::AlphabetKind::Dna, 3);
  project.data.content_hash = project.data.set->content_hash();
  project.weights = samples::weights_for(project.model, 2);
  project.weights_hash = rnn::weights_hash(*project.weights);
  json document = io::to_json(project, {});
  document["data"]["records"][0][3] = "ACGTACGT";
  document["data"]["records"][0].erase(4);
  document["weights"]["hash"] = "0000000000000000";
  const io::ReadProject read = io::from_json(document);
  CHECK(read.ok());
  CHECK(read.diagnostics.size() == 2);
  for (const Diagnostic& d : read.diagnostics) CHECK(d.severity == Severity::Warning);
  CHECK(read.project.data.content_hash == read.project.data.set->content_hash());
  CHECK(read.project.weights_hash == project.weights_hash);
}

TEST_CASE("text that is not UTF-8 never reaches JSON") {
  io::Project project;
  project.title = "caf\xe9 \xff\xc0\x80 \xed\xa0\x80 ok \xf0\x9f\xa7\xac";
  const io::ReadProject read = io::from_fragment(io::to_fragment(project, {}));
  REQUIRE(read.ok());
  CHECK(read.project.title.find(" ok \xf0\x9f\xa7\xac") != std::string::npos);
  CHECK(read.project.title.find('\xff') == std::string::npos);
}

TEST_CASE("links open with or without address, '#' and the line breaks of a mail program") {
  const io::Project project = samples::promoter_project();
  const std::string link = io::to_fragment(project, {io::WeightsAs::Recipe, true});
  CHECK(link.substr(0, 3) == "#p=");
  std::string broken = "  https://example.org/ribostep/?x=1" + link + "\r\n";
  for (std::size_t i = 120; i < broken.size(); i += 70) broken.insert(i, "\r\n ");
  for (const std::string& text : {link, link.substr(1), broken}) {
    const io::ReadProject read = io::from_fragment(text);
    REQUIRE(read.ok());
    CHECK(read.project.weights_hash == project.weights_hash);
  }
}

// tests/links/NAME.txt holds a link, NAME.json what it means. Both are committed and never change: a link
// that somebody was sent years ago must open. New pairs are added with `ribostep link` and `ribostep export
// --what project`; NAME_1 is NAME as numerics version 1 trains it.
TEST_CASE("the links of the corpus open for ever") {
  const std::string folder = std::string(RIBOSTEP_SOURCE_DIR) + "/tests/links/";
  const auto text_of = [&](const std::string& name) {
    std::ifstream file(folder + name, std::ios::binary);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
  };
  for (const std::string name :
       {"promoter_recipe", "pasted_f16", "protein_next_f32", "positions_elman", "dilated_coupled_lstm",
        "circular_gru", "two_level_windows", "codons_embedded", "initial_by_class", "encoder_strands",
        "series_next_vector", "dilated_coupled_lstm_1", "circular_gru_1", "two_level_windows_1",
        "codons_embedded_1", "initial_by_class_1", "encoder_strands_1", "series_next_vector_1"}) {
    CAPTURE(name);
    const io::ReadProject link = io::from_fragment(text_of(name + ".txt"));
    REQUIRE_MESSAGE(link.ok(), samples::all_text(link.diagnostics));
    CHECK(link.diagnostics.empty());
    const io::ReadProject plain = io::parse_project(text_of(name + ".json"));
    REQUIRE_MESSAGE(plain.ok(), samples::all_text(plain.diagnostics));
    CHECK(samples::difference(link.project, plain.project) == "");
  }
}
