// Series and covariates through a session: what is said of them, training, documents, export and queries.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "bio/covariates.h"
#include "bio/reader.h"
#include "io/encoding.h"
#include "io/project.h"
#include "io/tables.h"
#include "session_fixture.h"

using namespace ribostep;
using tests::Fixture;

namespace {

// 12 series of 18 to 24 positions, half of them rising; a strain each and a dose each.
std::string series_table() {
  std::string text = "id\tlabel\tstrain\tdose\ttime\texpr\tmeth\n";
  for (int i = 0; i < 12; ++i)
    for (int t = 0; t < 18 + i % 7; ++t) {
      const double slope = i % 2 ? 0.1 : -0.1;
      char row[120];
      std::snprintf(row, sizeof row, "s%d\t%s\t%s\t%d.5\t%d\t%.3f\t%.3f\n", i, i % 2 ? "up" : "down",
                    i % 3 ? "wild type" : "mutant", i % 5, t, slope * t + 0.01 * i, 0.5 - slope * t / 8);
      text += row;
    }
  return text;
}

std::string fasta_with_covariates() {
  std::string text;
  for (int i = 0; i < 12; ++i)
    text += ">r" + std::to_string(i) + " label=" + (i % 2 ? "a" : "b") +
            " tissue=" + (i % 3 ? "liver" : "skin") + " age=" + std::to_string(10 + i) + "\n" +
            (i % 2 ? "ACACACAC" : "GTGTGTGT") + "\n";
  return text;
}

rnn::ModelSpec small(const session::Session& s, rnn::InitialState initial,
                     std::vector<std::string> covariates) {
  rnn::ModelSpec spec = s.project().model;
  spec.hidden = 4;
  spec.initial = initial;
  spec.covariates = std::move(covariates);
  return spec;
}

}  // namespace

TEST_CASE("a pasted table of numbers is a set of series and trains") {
  Fixture f;
  f.paste(series_table());
  CHECK(f.session.load_summary() ==
        "12 series, 2 values per position (expr, meth), 18 to 24 positions, 2 classes (6 / 6)");
  CHECK(f.session.project().model.input == rnn::Input::Values);
  CHECK(f.session.project().model.task == rnn::Task::SequenceLabel);
  REQUIRE(f.session.covariates().size() == 2);
  CHECK(f.session.covariates()[0].name == "strain");
  CHECK(f.session.covariates()[1].name == "dose");
  CHECK(f.session.covariates()[1].numeric);
  const std::string start = f.hash();
  f.train_to(20);
  CHECK(f.hash() != start);
  CHECK(f.session.training().curve.back().loss < f.session.training().curve.front().loss);
  REQUIRE(f.session.trace() != nullptr);
  CHECK(f.session.trace()->length == 18);

  rnn::ModelSpec next = f.session.project().model;
  next.task = rnn::Task::NextVector;
  f.session.set_model(next);
  f.worker.settle();
  CHECK(f.session.project().model.outputs() == 2);
  CHECK(f.session.output_names() == std::vector<std::string>{"expr", "meth"});
  f.train_to(30);
  CHECK(f.session.training().curve.back().loss < f.session.training().curve.front().loss);
}

TEST_CASE("a wiring that sees its answer is refused with the reason, another task gets one that does not") {
  Fixture f;
  f.paste(">a\nACGTACGT\n>b\nACGTTT\n");
  REQUIRE(f.session.project().model.task == rnn::Task::NextSymbol);
  rnn::ModelSpec spec = f.session.project().model;
  spec.directions = rnn::Directions::Both;
  f.session.set_model(spec);
  CHECK(f.session.status().severity == Severity::Error);
  CHECK(f.session.status().text == rnn::leak(spec));
  CHECK(f.session.project().model.directions == rnn::Directions::Forward);
  f.paste(fasta_with_covariates());
  spec = f.session.project().model;
  spec.circular = rnn::Circular::TwoPass;
  spec.directions = rnn::Directions::Both;
  f.session.set_model(spec);
  REQUIRE(f.session.project().model.circular == rnn::Circular::TwoPass);
  spec.task = rnn::Task::NextSymbol;
  f.session.set_model(spec);
  CHECK(f.session.project().model.task == rnn::Task::NextSymbol);
  CHECK(rnn::problem(f.session.project().model).empty());
}

TEST_CASE("covariates reach the worker: a state per class and an encoder learn") {
  for (const bool encoder : {false, true}) {
    CAPTURE(encoder);
    Fixture f;
    f.paste(fasta_with_covariates());
    f.session.set_model(small(f.session, encoder ? rnn::InitialState::Encoder : rnn::InitialState::ByClass,
                              {encoder ? "age" : "tissue"}));
    f.worker.settle();
    const rnn::Network& net = f.session.network();
    const rnn::ModelSpec& model = f.session.project().model;
    REQUIRE(model.covariates.size() == 1);
    if (encoder) CHECK(model.covariate_center == std::vector<double>{15.5});
    const auto tensor = static_cast<std::size_t>(encoder ? net.encoder_weight : net.layers[0].h_0);
    const std::vector<float> before = *f.session.project().weights;
    f.train_to(5);
    const std::vector<float> after = *f.session.project().weights;
    bool moved = false;
    for (std::size_t i = 0; i < net.tensors[tensor].size(); ++i)
      moved = moved || before[net.tensors[tensor].offset + i] != after[net.tensors[tensor].offset + i];
    CHECK(moved);
  }
}

TEST_CASE("another covariate or other data have centers of their own") {
  Fixture f;
  f.paste(series_table());
  f.session.set_model(small(f.session, rnn::InitialState::Encoder, {"dose"}));
  REQUIRE(f.session.project().model.covariate_center.size() == 1);
  const double dose = f.session.project().model.covariate_center[0];
  CHECK(dose == doctest::Approx((0.5 * 12 + 0 * 3 + 1 * 3 + 2 * 2 + 3 * 2 + 4 * 2) / 12));
  f.paste(fasta_with_covariates());
  CHECK(f.session.project().model.initial == rnn::InitialState::Zero);
  f.session.set_model(small(f.session, rnn::InitialState::Encoder, {"age"}));
  CHECK(f.session.project().model.covariate_center == std::vector<double>{15.5});
  std::string older = fasta_with_covariates();
  for (std::size_t at = 0; (at = older.find("age=1", at)) != std::string::npos; ++at) older[at + 4] = '3';
  for (std::size_t at = 0; (at = older.find("age=2", at)) != std::string::npos; ++at) older[at + 4] = '4';
  f.paste(older);
  CHECK(f.session.project().model.covariate_center == std::vector<double>{35.5});
}

TEST_CASE("sequences to predict bring what is known of them, and never change the model") {
  Fixture f;
  f.paste(fasta_with_covariates());
  f.session.set_model(small(f.session, rnn::InitialState::ByClass, {"tissue"}));
  f.train_to(3);
  const rnn::ModelSpec model = f.session.project().model;
  const std::string weights = f.hash();
  const std::string queries =
      ">q1 tissue=skin age=99 label=a\nACGT\n>q2 tissue=brain\nACGT\n>q3 age=old\nACGT\n";
  f.session.add_unlabelled(session::Bytes(queries.begin(), queries.end()), "queries");
  f.worker.settle();
  REQUIRE(f.session.data().size() == 15);
  CHECK(f.session.data().description(12) == "tissue=skin");  // 99 would be a new level
  CHECK(f.session.data().description(13).empty());           // and so would brain
  CHECK(f.session.data().description(14).empty());
  CHECK(f.session.project().model == model);
  CHECK(f.hash() == weights);
  CHECK(f.session.labels().unlabelled == 3);

  Fixture g;
  g.paste(fasta_with_covariates());
  g.session.set_model(small(g.session, rnn::InitialState::Encoder, {"age"}));
  const rnn::ModelSpec encoder = g.session.project().model;
  g.session.add_unlabelled(session::Bytes(queries.begin(), queries.end()), "queries");
  g.worker.settle();
  CHECK(g.session.data().description(12) == "tissue=skin age=99");
  CHECK(g.session.data().description(14).empty());
  CHECK(g.session.project().model == encoder);

  Fixture h;
  h.paste(series_table());
  const std::string one = "id\ttime\texpr\nq\t0\t1\nq\t1\t2\n";
  h.session.add_unlabelled(session::Bytes(one.begin(), one.end()), "queries");
  CHECK(h.session.status().text.find("no column of numbers called 'meth', which the network reads") !=
        std::string::npos);
  const std::string two = "id\tdose\ttime\texpr\tmeth\nq\t7\t0\t1\t2\nq\t7\t1\t3\t4\n";
  h.session.add_unlabelled(session::Bytes(two.begin(), two.end()), "queries");
  CHECK(h.session.data().size() == 13);
  CHECK(h.session.data().length(12) == 2);
}

TEST_CASE("series are written as the table that gives them back") {
  Fixture f;
  f.paste(series_table());
  const std::string text = f.session.data_text(1u << 20u);
  CHECK(text.substr(0, text.find('\n')) == "id\tlabel\t[strain]\t[dose]\tposition\texpr\tmeth");
  const bio::ReadResult again = bio::read(text);
  CHECK(again.diagnostics.empty());
  CHECK(again.data.content_hash() == f.session.data().content_hash());
  CHECK(f.session.data_text(100).empty());

  // Two neighbours of one name, labels per position, values that need all their digits.
  bio::Dataset odd = bio::Dataset::of_series({"x"});
  odd.add_series("a", "[k=v w]", "", std::vector<float>{0.1f, 1e-30f}, "1.");
  odd.add_series("a", "", "", std::vector<float>{-16777217.0f, 3});
  CHECK(io::to_series_table(odd, {}).find("\t0.1\t") != std::string::npos);
  const bio::Dataset back = bio::read(io::to_series_table(odd, {})).data;
  REQUIRE(back.size() == 2);
  CHECK(back.values(0)[0] == 0.1f);
  CHECK(back.values(0)[1] == 1e-30f);
  CHECK(back.values(1)[0] == -16777217.0f);
  CHECK(back.annotation(0) == "1.");
  CHECK(bio::covariate_text(back, 0, "k") == "v w");
}

TEST_CASE("a table of annotated sequences keeps what their headers say") {
  const bio::Dataset data =
      bio::read(
          "id\tsequence\tannotation\torganism\ttopology\nx\tACGT\t12.1\tE. coli\tcircular\n"
          "y\tGG\t..\tfly\tlinear\n")
          .data;
  const bio::Dataset back = bio::read(io::data_text(data, {})).data;
  CHECK(back.content_hash() == data.content_hash());
  CHECK(back.circular(0));
}

TEST_CASE("the alphabet of a set can be changed to series and back only where there is something to read") {
  Fixture f;
  f.paste("gene,length,weight\na,1,2\nb,3,4\n");
  CHECK(f.session.status().severity == Severity::Error);
  f.paste(series_table());
  f.session.set_alphabet(bio::AlphabetKind::Dna);
  CHECK(f.session.status().severity == Severity::Error);
  CHECK(f.session.data().alphabet_kind == bio::AlphabetKind::Series);  // nothing was lost
  f.paste(fasta_with_covariates());
  f.session.set_alphabet(bio::AlphabetKind::Series);
  CHECK(f.session.status().text.find("no table of numbers") != std::string::npos);
  CHECK(f.session.data().alphabet_kind == bio::AlphabetKind::Dna);
  f.session.make_negatives(bio::ShuffleKind::Mono);
  CHECK(f.session.covariates().size() == 2);
  CHECK(f.session.covariates()[0].missing == 0);
}

TEST_CASE("a document holds series by their bits") {
  Fixture f;
  f.paste(series_table());
  f.train_to(3);
  const nlohmann::json document = io::to_json(f.session.project(), {io::WeightsAs::Float32, true});
  CHECK(document["data"]["alphabet"] == "series");
  CHECK(document["data"]["channels"] == nlohmann::json::array({"expr", "meth"}));
  const io::ReadProject read = io::from_json(document);
  CHECK(read.ok());
  CHECK(read.diagnostics.empty());
  REQUIRE(read.project.data.set != nullptr);
  CHECK(read.project.data.set->content_hash() == f.session.data().content_hash());
  CHECK(io::to_json(read.project, {io::WeightsAs::Float32, true}) == document);

  Fixture other(io::to_fragment(f.session.project(), {io::WeightsAs::Recipe, true}));
  CHECK(other.hash() == f.hash());  // the recipe makes the same bits there
}

TEST_CASE("series in a document that cannot be are refused by name") {
  const std::string two = io::base64url(io::float_bytes(std::vector<float>{1, 2}));
  const auto complaint = [](nlohmann::json data) {
    const io::ReadProject read = io::from_json({{"ribostep", 1}, {"data", std::move(data)}});
    return read.ok() ? std::string() : read.diagnostics.front().text();
  };
  using nlohmann::json;
  const auto record = [&](const json& values) { return json::array({json::array({"a", "", "", values})}); };
  CHECK(complaint({{"alphabet", "series"}, {"channels", {"x"}}, {"records", record(two)}}).empty());
  CHECK(complaint({{"alphabet", "series"}, {"records", record(two)}}).find("data.channels") !=
        std::string::npos);
  CHECK(complaint({{"alphabet", "series"}, {"channels", json::array()}, {"records", record(two)}})
            .find("data.channels") != std::string::npos);
  CHECK(complaint({{"alphabet", "series"}, {"channels", {"x", "y", "z"}}, {"records", record(two)}})
            .find("3 for each position") != std::string::npos);
  CHECK(complaint({{"alphabet", "series"}, {"channels", {"x"}}, {"records", record("???")}})
            .find("records[0][3]") != std::string::npos);
  CHECK(complaint({{"alphabet", "series"}, {"channels", {7}}, {"records", record(two)}})
            .find("data.channels[0]") != std::string::npos);
  CHECK_FALSE(
      complaint({{"alphabet", "series"}, {"channels", json(65, "x")}, {"records", record(two)}}).empty());
  const std::string infinite = io::base64url(io::float_bytes(std::vector<float>{INFINITY}));
  CHECK(complaint({{"alphabet", "series"}, {"channels", {"x"}}, {"records", record(infinite)}})
            .find("not finite") != std::string::npos);
  CHECK(complaint({{"alphabet", "series"},
                   {"channels", {"x"}},
                   {"records", json::array({json::array({"a", "", "", two, "1"})})}})
            .find("2 positions but 1 annotation") != std::string::npos);
}

TEST_CASE("a scan starts each window from what the record says") {
  Fixture f;
  f.paste(series_table());
  f.train_to(2);
  f.session.scan(6, 6, true);
  f.worker.settle();
  const std::string& table = f.session.scan_tsv();
  CHECK(std::count(table.begin(), table.end(), '\n') == 4);  // 18 positions, and no other strand
  CHECK(table.find("s0\t7\t12\t+\t") != std::string::npos);
}

TEST_CASE("an update that no page has room for is refused with the remedy, before any memory is taken") {
  Fixture f;
  f.paste(">one label=a\n" + std::string(60000, 'A') + "\n>two label=b\n" + std::string(60000, 'C') +
          "\n>three label=a\n" + std::string(60000, 'G') + "\n>four label=b\n" + std::string(60000, 'T') +
          "\n");
  rnn::ModelSpec spec = f.session.project().model;
  spec.hidden = 256;
  spec.layers = 2;
  spec.directions = rnn::Directions::Both;
  f.session.set_model(spec);
  REQUIRE(f.session.project().model == spec);
  CHECK(f.session.training_memory().bytes > (1200u << 20u));
  f.session.train();
  CHECK(f.session.training().state == session::TrainingState::Idle);
  CHECK(f.session.status().text.find("more memory than a page has") != std::string::npos);
  spec.hidden = 8;
  f.session.set_model(spec);
  CHECK(f.session.training_memory().bytes < (1200u << 20u));
}
