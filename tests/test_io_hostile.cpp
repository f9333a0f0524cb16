// Projects and links from people who mean harm, or whose mail program does: an Error that says what to do, or
// the same project; never a crash, never memory taken on the word of a stranger.
#include <cmath>
#include <limits>

#include "doctest/doctest.h"
#include "io/encoding.h"
#include "io/project_fields.h"
#include "io_samples.h"

using namespace ribostep;
using nlohmann::json;

namespace {

std::vector<std::uint8_t> bytes_of(const std::string& text) { return {text.begin(), text.end()}; }
std::string link_of(const std::string& text) { return "#p=" + io::base64url(io::deflate(bytes_of(text))); }

bool same_or_error(const std::string& link, const io::Project& project) {
  const io::ReadProject read = io::from_fragment(link);
  if (!read.ok()) return !read.diagnostics.front().message.empty();
  return samples::difference(read.project, project).empty();
}

// Everything a project can hold, so that every key can be spoilt.
json full_document() {
  Random random(21);
  io::Project project = samples::promoter_project();
  project.notes = "notes";
  project.data = {};
  project.data.name = "pasted";
  project.data.set = samples::random_set(random, bio::AlphabetKind::Dna, 3);
  project.data.content_hash = project.data.set->content_hash();
  project.label_rule = bio::LabelRule::Column;
  rnn::ModelSpec& model = project.model;
  model.cell = rnn::CellKind::LstmBoundedCoupled;
  model.hidden = 3;
  model.layers = 2;
  model.directions = rnn::Directions::Both;
  model.task = rnn::Task::PositionLabel;
  model.pool = rnn::Pool::Max;
  model.classes = 3;
  model.peepholes = model.layer_norm = true;
  model.dropout = model.init_range = 0.25;
  model.init = rnn::Initialisation::Uniform;
  model.forget_bias = rnn::ForgetBias::Chrono;
  model.forget_bias_value = 2;
  model.chrono_span = 50;
  model.dilations = {1, 2};
  model.window = 4;
  model.window_summary = rnn::Summary::Mean;
  model.window_carry = false;
  model.truncate = 5;
  model.max_passes = 9;
  model.initial = rnn::InitialState::Encoder;
  model.covariates = {"age", "depth"};
  model.covariate_classes = 3;
  model.encoder_units = 4;
  model.covariate_center = {40, 2.5};
  model.covariate_scale = {10, 0.5};
  model.input = rnn::Input::Kmers;
  model.kmer = 2;
  model.embedding = 3;
  model.channels = 5;
  rnn::TrainConfig& train = project.train;
  train.optimiser = rnn::OptimiserKind::Nesterov;
  train.learning_rate = train.momentum = train.beta1 = train.beta2 = train.alpha = train.epsilon =
      train.weight_decay = train.clip_norm = train.validation_fraction = train.step_factor = 0.125;
  train.batch_size = 2;
  train.max_epochs = 3;
  train.patience = 4;
  train.window = 6;
  train.schedule = rnn::Schedule::Step;
  train.warmup = 7;
  train.step_epochs = 8;
  train.class_weights = train.random_rotation = true;
  project.start_weights = samples::weights_for(project.model, 1);
  project.weights = samples::weights_for(project.model, 2);
  project.weights_hash = rnn::weights_hash(*project.weights);
  project.numerics = 5;
  io::Debugging& d = project.debugging;
  d.edits = {{1, {{2, 1, "AC"}}, {{0, 1, true, 2, 5, 0.5f}}}};
  d.pin.emplace();
  d.pin->label = "here";
  d.pin->record = d.pin->position = 2;
  d.pin->mode = io::PinMode::Moment;
  d.pin->edits = {2, {{0, 0, "G"}}, {{0, 0, false, 0, 0, 1}}};
  d.pin->updates = 7;
  d.pin->seed = 3;
  d.pin->model = model;
  d.pin->model->hidden = 2;
  d.pin->weights = samples::weights_for(*d.pin->model, 4);
  d.conditions = {{"nan", false, false, true, false}};
  d.unit_names = {{1, 2, "codon"}};
  io::KeptRun run;
  run.name = "slow";
  run.model.hidden = 9;
  run.train.momentum = 0.5;
  run.seed = 4;
  run.updates = 12;
  run.changes = {{3, "learning_rate", 0.25}};
  run.from_start = false;
  run.weights_hash = "8f14e45fceea167a";
  run.curve = {{1, 0.5, 0.25, -1, 1}};
  d.runs = {run};
  project.view.tracks = {{"h", 50}};
  json document = io::to_json(project, {});
  document["model"]["symbols"] = 4;
  document["model"]["circular"] = "linear";  // a circle and truncation exclude each other
  return document;
}

// An Error that names the key, whatever else it says.
void check_refused(const json& document, const std::string& key) {
  CAPTURE(key);
  const io::ReadProject read = io::from_json(document);
  CHECK_FALSE(read.ok());
  const std::string text = samples::all_text(read.diagnostics);
  CHECK_MESSAGE(text.find(key) != std::string::npos, text);
}

template <class Table>
void check_bounds(const Table& table, const char* part) {
  io::for_each_field(table, [&](const auto& field) {
    const std::string name = std::string(part) + "." + field.key;
    using Value = std::decay_t<decltype(field.low)>;
    json document = {{"ribostep", 1}};
    if (std::string(part) == "model") document["model"] = {{"directions", "both"}, {"layers", 2}};
    const auto low = static_cast<double>(field.low), high = static_cast<double>(field.high);
    for (const double beyond : {high * 1.5 + 2, 4294967296.0, 1e300, low - 1, low * 1.5 - 2, -1e300}) {
      json wrong = document;
      wrong[part][field.key] = beyond;
      if (std::is_same_v<Value, double> && beyond >= low && beyond <= high) continue;
      check_refused(wrong, name);
    }
    for (const double strange : {std::nan(""), std::numeric_limits<double>::infinity()}) {
      json wrong = document;
      wrong[part][field.key] = strange;
      check_refused(wrong, name);
    }
    json limit = document;
    limit[part][field.key] = field.high;
    CHECK_MESSAGE(io::from_json(limit).ok(), name);
    limit[part][field.key] = field.fallback;
    CHECK_MESSAGE(io::from_json(limit).ok(), name);
  });
}

}  // namespace

TEST_CASE("a link cut anywhere is an Error that says what to do") {
  const io::Project project = samples::promoter_project();
  const std::string link = io::to_fragment(project, {io::WeightsAs::Recipe, true});
  for (std::size_t size = 0; size < link.size(); ++size) {
    const io::ReadProject read = io::from_fragment(link.substr(0, size));
    REQUIRE_FALSE(read.ok());
    REQUIRE(read.diagnostics.size() == 1);
    const std::string& message = read.diagnostics[0].message;
    if (size > 3)
      CHECK(message.find("damaged or was cut off") != std::string::npos);
    else
      CHECK(message.find("no project in this link") != std::string::npos);
  }
}

TEST_CASE("a link with one letter changed is an Error or the same project") {
  io::Project project = samples::promoter_project();
  const std::string link = io::to_fragment(project, {io::WeightsAs::Recipe, true});
  project.weights = nullptr;
  const std::string letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_ =#%\n\xff";
  for (std::size_t i = 0; i < link.size(); ++i)
    for (const char letter : letters) {
      std::string edited = link;
      edited[i] = letter;
      REQUIRE(same_or_error(edited, project));
    }
}

TEST_CASE("letters lost or doubled in the middle of a link") {
  io::Project project = samples::promoter_project();
  const std::string link = io::to_fragment(project, {io::WeightsAs::Recipe, true});
  project.weights = nullptr;
  for (std::size_t i = 3; i < link.size(); ++i) {
    std::string shorter = link, longer = link;
    shorter.erase(i, 1);
    longer.insert(i, 1, link[i]);
    REQUIRE(same_or_error(shorter, project));
    REQUIRE(same_or_error(longer, project));
  }
}

TEST_CASE("random bytes behind a good checksum") {
  const std::string text = full_document().dump();
  Random random(5);
  for (int i = 0; i < 3000; ++i) {
    std::string edited = text;
    for (std::uint32_t k = 1 + random.below(3); k > 0; --k) {
      const std::size_t at = random.below(static_cast<std::uint32_t>(edited.size()));
      const std::size_t kind = random.below(3);
      if (kind == 0) edited[at] = static_cast<char>(random.below(256));
      if (kind == 1) edited.erase(at, 1 + random.below(9));
      if (kind == 2) edited.insert(at, 1, "[]{}\",:-.0159eE\\"[random.below(16)]);
    }
    const io::ReadProject read = io::from_fragment(link_of(edited));
    if (!read.ok()) continue;
    CHECK(rnn::problem(read.project.model).empty());
    CHECK(rnn::problem(read.project.train).empty());
    CHECK(io::from_json(io::to_json(read.project, {})).ok());
  }
}

TEST_CASE("a text cut anywhere is an Error") {
  const std::string text = full_document().dump();
  for (std::size_t size = 0; size < text.size(); size += 1 + size / 40)
    REQUIRE_FALSE(io::parse_project(text.substr(0, size)).ok());
}

TEST_CASE("brackets a million deep, a bomb, too many values, an endless link") {
  for (const char* piece : {"[", "{\"a\":", "{\"ribostep\":["}) {
    std::string deep;
    for (int i = 0; i < 1'000'000; ++i) deep += piece;
    const io::ReadProject read = io::parse_project(deep);
    REQUIRE_FALSE(read.ok());
    CHECK(read.diagnostics[0].message.find("32 deep") != std::string::npos);
  }
  const std::string in_text =
      "{\"ribostep\":1,\"notes\":\"" + std::string(1000, '[') + "\\\"" + std::string(1000, '{') + "\"}";
  CHECK(io::parse_project(in_text).ok());

  const std::string spaces((64u << 20u) + 1, ' ');
  const std::string bomb = link_of(spaces);
  CHECK(bomb.size() < 100'000);
  CHECK_FALSE(io::from_fragment(bomb).ok());

  std::string many = "{\"ribostep\":1,\"changes\":[";
  for (std::size_t i = 0; i <= io::kMaxJsonValues; ++i) many += "1,";
  const io::ReadProject read = io::parse_project(many + "1]}");
  REQUIRE_FALSE(read.ok());
  CHECK(read.diagnostics[0].message.find("values") != std::string::npos);

  CHECK_FALSE(io::from_fragment("#p=" + std::string(io::kMaxFragment, 'A')).ok());
}

TEST_CASE("not a project at all") {
  for (const char* text :
       {"", " ", "null", "3", "\"ribostep\"", "[]", "{}", "{\"ribostep\":0}", "{\"ribostep\":\"1\"}",
        "{\"ribostep\":1.5}", "{\"ribostep\":null}", "{\"ribostep\":1}x", "\xef\xbb\xbf[1]", "\xff\xfe",
        "{\"ribostep\":1e999}", ">seq\nACGT\n"})
    CHECK_MESSAGE(!io::parse_project(text).ok(), text);
}

TEST_CASE("the document that is spoilt below has every key of model and training") {
  const json document = full_document();
  const auto every_key = [&](const auto& table, const char* part) {
    io::for_each_field(table, [&](const auto& field) {
      CHECK_MESSAGE(document[part].contains(field.key), part << "." << field.key);
    });
  };
  every_key(io::kModelFields, "model");
  every_key(io::kTrainFields, "train");
  const io::ReadProject read = io::from_json(document);
  CHECK_MESSAGE(read.ok(), samples::all_text(read.diagnostics));
}

TEST_CASE("the wrong type is refused for every key, by name") {
  const json document = full_document();
  const json wrong[] = {
      nullptr, true, 7, -7, 0.25, "seven", json::array(), json::array({"x", json::object()}), json::object()};
  int refused = 0;
  for (auto part = document.begin(); part != document.end(); ++part) {
    for (const json& value : wrong) {
      json edited = document;
      edited[part.key()] = value;
      const io::ReadProject read = io::from_json(edited);  // some values are right for some keys
      if (!read.ok()) {
        ++refused;
        if (!value.is_object())  // an empty model is a good one, and then the weights do not fit
          CHECK(samples::all_text(read.diagnostics).find("\"" + part.key()) != std::string::npos);
      } else {
        CHECK(value.type() != json::value_t::null);
      }
    }
    if (!part->is_object()) continue;
    for (auto entry = part->begin(); entry != part->end(); ++entry)
      for (const json& value : wrong) {
        json edited = document;
        edited[part.key()][entry.key()] = value;
        const io::ReadProject read = io::from_json(edited);
        const bool same_type = value.type() == entry->type() || (value.is_number() && entry->is_number());
        if (same_type) continue;
        ++refused;
        check_refused(edited, "\"" + part.key() + "." + entry.key() + "\"");
      }
  }
  CHECK(refused > 550);
}

TEST_CASE("numbers out of range are refused with the limit, before anything is allocated") {
  check_bounds(io::kModelNumbers, "model");
  check_bounds(io::kTrainNumbers, "train");
  const io::ReadProject units = io::parse_project(R"({"ribostep":1,"model":{"hidden":2147483648}})");
  REQUIRE_FALSE(units.ok());
  CHECK(units.diagnostics[0].message.find("512") != std::string::npos);
  for (const char* part :
       {R"("seed":-1)", R"("seed":1.5)", R"("seed":18446744073709551616)", R"("updates":-1)",
        R"("updates":2000000000)", R"("updates":0.5)", R"("cursor":[0])", R"("cursor":[-1,0])",
        R"("cursor":[0,2147483648])", R"("cursor":[0,0,0])", R"("numerics":-1)", R"("view":{"span":-1})",
        R"("view":{"first":1e300})"})
    CHECK_MESSAGE(!io::parse_project("{\"ribostep\":1," + std::string(part) + "}").ok(), part);
  CHECK(io::parse_project(R"({"ribostep":1,"seed":18446744073709551615})").project.seed ==
        18446744073709551615ULL);
  CHECK(io::parse_project(R"({"ribostep":1,"model":{"hidden":1.6e1}})").project.model.hidden == 16);
}

TEST_CASE("lists in a model: how many, of what, and how long") {
  const auto with = [](const char* key, json value) {
    return json{{"ribostep", 1}, {"model", {{key, std::move(value)}}}};
  };
  for (const char* key : {"dilations", "covariates", "covariate_center", "covariate_scale"}) {
    const std::string name = std::string("\"model.") + key;
    const bool words = std::string(key) == "covariates";
    json many = json::array();
    for (int i = 0; i < 17; ++i) many.push_back(words ? json("x") : json(1));
    check_refused(with(key, many), name + "\" has 17 entries but must have at most");
    for (int i = 0; i < 1'000'000; ++i) many.push_back(1);
    check_refused(with(key, many), name + "\" has 1000017 entries");
    for (const json& wrong : {json(nullptr), json(true), json(3), json("1,2"), json::object()})
      check_refused(with(key, wrong), name + "\" must be a list");
    for (const json& entry :
         {json(nullptr), json(true), json::array(), json::object(), words ? json(1) : json("1")})
      check_refused(with(key, json::array({words ? json("x") : json(1), entry})), name + "[1]\" must be");
  }
  check_refused(with("dilations", {1, 0}), "model.dilations[1]\" is 0 but must lie between 1 and 4096");
  check_refused(with("dilations", {1.5}), "model.dilations[0]");
  check_refused(with("dilations", {4294967297}), "model.dilations[0]");
  check_refused(with("covariate_center", {std::nan("")}), "model.covariate_center[0]");
  check_refused(with("covariate_center", {1e31}), "model.covariate_center[0]");
  check_refused(with("covariate_scale", {0}), "model.covariate_scale[0]");
  check_refused(with("covariate_scale", {std::numeric_limits<double>::infinity()}),
                "model.covariate_scale[0]");
  check_refused(with("covariates", {"a", std::string(1'000'000, 'x')}),
                "model.covariates[1]\" has 1000000 bytes but must have at most 1000");
}

TEST_CASE("a model that cannot be built is refused") {
  for (const char* model :
       {R"({"initial":"by_class"})", R"({"initial":"encoder","covariates":["a"]})", R"({"dilations":[1,2]})",
        R"({"cell":"gru","peepholes":true})", R"({"window":5})", R"({"dropout":0.5})",
        R"({"circular":"two_pass","truncate":10})", R"({"input":"values"})", R"({"task":"next_vector"})",
        R"({"task":"next","circular":"doubled"})", R"({"input":"kmers","kmer":5,"symbols":20})"}) {
    const json spec = json::parse(model);
    check_refused({{"ribostep", 1}, {"model", spec}}, "\"model\" cannot be used: ");
  }
  check_refused({{"ribostep", 1}, {"model", {{"task", "next"}, {"directions", "both"}}}}, "\"model\"");
  check_refused({{"ribostep", 1}, {"model", {{"cell", "transformer"}}}}, "elman, elman_relu, lstm, gru");
  check_refused({{"ribostep", 1}, {"train", {{"window", 1}}}}, "\"train\"");
}

TEST_CASE("sequences that do not fit") {
  const auto with = [](const std::string& data) {
    return json{{"ribostep", 1}, {"data", json::parse(data)}};
  };
  check_refused(with(R"({"records":[["a","","","ACGJ"]]})"), "letter 4: 'J' is not a DNA symbol");
  check_refused(with("{\"records\":[[\"a\",\"\",\"\",\"AC\xc3\xa9\"]]}"), "letter 3");
  check_refused(with(R"({"records":[["a","","","ACGT","ab"]]})"), "equally long");
  check_refused(with(R"({"records":[["a","","","AC","a\n"]]})"), "printable");
  check_refused(with(R"({"records":[["a","",""]]})"), "data.records[0]");
  check_refused(with(R"({"records":[["a","","","A","x","y"]]})"), "data.records[0]");
  check_refused(with(R"({"records":[["a","","","A"],"b"]})"), "data.records[1]");
  check_refused(with(R"({"records":[["a","","",7]]})"), "data.records[0][3]");
  check_refused(with(R"({"records":[],"example":"x"})"), "built-in");
  check_refused(with(R"({"example":"../../etc"})"), "data.example");
  check_refused(with(R"({"hash":"0123"})"), "data.hash");
  check_refused(with(R"({"name":"x"})"), "no sequences");
  check_refused(with(R"({"alphabet":"klingon","records":[]})"), "dna, rna, protein");
}

TEST_CASE("weights that do not fit the model") {
  json document = full_document();
  const std::string good = document["weights"]["f32"].get<std::string>();
  const auto spoil = [&](const char* part, const std::string& text) {
    json edited = document;
    edited[part]["f32"] = text;
    check_refused(edited, std::string("\"") + part + ".f32\"");
  };
  for (const char* part : {"weights", "start"}) {
    spoil(part, "");
    spoil(part, good.substr(0, good.size() - 1));
    spoil(part, good + "A");
    spoil(part, "!" + good.substr(1));
    spoil(part, std::string(good.size(), '_'));  // all bits set: NaN
  }
  auto values = *io::floats_from(*io::from_base64url(good));
  values[3] = std::numeric_limits<float>::infinity();
  spoil("weights", io::base64url(io::float_bytes(values)));
  json other_model = document;
  other_model["model"]["hidden"] = 4;
  check_refused(other_model, "weights of this model");
  document["weights"]["f16"] = "AAAA";
  check_refused(document, "\"weights.f16\"");
}

TEST_CASE("changes during training are checked as the settings are") {
  const auto with = [](const std::string& changes) {
    return json{{"ribostep", 1}, {"changes", json::parse(changes)}};
  };
  CHECK(io::from_json(with(R"([[1,"learning_rate",0.1],[1,"clip_norm",0],[5,"momentum",0.5]])")).ok());
  check_refused(with(R"([[5,"learning_rate",0.1],[4,"learning_rate",0.2]])"), "changes[1]");
  check_refused(with(R"([[0,"hidden",3]])"), "cannot change during training");
  check_refused(with(R"([[0,"learning_rate",-1]])"), "changes[0]");
  check_refused(with(R"([[0,"learning_rate",1e300]])"), "changes[0][2]");
  check_refused(with(R"([[-1,"learning_rate",0.1]])"), "changes[0][0]");
  check_refused(with(R"([[0,"learning_rate"]])"), "changes[0]");
  check_refused(with(R"([7])"), "changes[0]");
}

TEST_CASE("hundreds of unknown keys give few notes") {
  json document = {{"ribostep", 1}};
  for (int i = 0; i < 500; ++i) document["k" + std::to_string(i)] = i;
  document[std::string(100'000, 'x')] = 1;
  const io::ReadProject read = io::from_json(document);
  CHECK(read.ok());
  CHECK(read.diagnostics.size() <= 20);
}
