// Projects out and in again: JSON, links, weights in three ways, defaults, unknown keys.
#include <fstream>
#include <sstream>

#include "doctest/doctest.h"
#include "io/encoding.h"
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
  CHECK(p.model == rnn::ModelSpec{rnn::CellKind::Lstm, 16, 1, rnn::Directions::Forward,
                                  rnn::Task::SequenceLabel, rnn::Pool::Last, 4, 2});
  CHECK(p.train == rnn::TrainConfig{rnn::OptimiserKind::Adam, 0.01, 0.9, 0.9, 0.999, 0.99, 1e-8, 0, 1, 16, 60,
                                    0, 0.2, 0});
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
// --what project`.
TEST_CASE("the links of the corpus open for ever") {
  const std::string folder = std::string(RIBOSTEP_SOURCE_DIR) + "/tests/links/";
  const auto text_of = [&](const std::string& name) {
    std::ifstream file(folder + name, std::ios::binary);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
  };
  for (const std::string name : {"promoter_recipe", "pasted_f16", "protein_next_f32", "positions_elman"}) {
    CAPTURE(name);
    const io::ReadProject link = io::from_fragment(text_of(name + ".txt"));
    REQUIRE_MESSAGE(link.ok(), samples::all_text(link.diagnostics));
    CHECK(link.diagnostics.empty());
    const io::ReadProject plain = io::parse_project(text_of(name + ".json"));
    REQUIRE_MESSAGE(plain.ok(), samples::all_text(plain.diagnostics));
    CHECK(samples::difference(link.project, plain.project) == "");
  }
}
