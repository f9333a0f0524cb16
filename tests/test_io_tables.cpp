// Traces, cells and FASTA as text: what a spreadsheet or a script gets must come back to the same values.
#include <algorithm>
#include <cstdlib>
#include <sstream>

#include "base/random.h"
#include "bio/reader.h"
#include "doctest/doctest.h"
#include "io/tables.h"

using namespace ribostep;

namespace {

std::vector<std::vector<std::string>> cells_of(const std::string& text) {
  std::vector<std::vector<std::string>> rows;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    rows.emplace_back();
    std::istringstream cells(line + "\t");
    for (std::string cell; std::getline(cells, cell, '\t');) rows.back().push_back(cell);
  }
  return rows;
}

const rnn::TokenTable kLetters{4, {1, 2, 4, 8}, {3, 2, 1, 0}};

std::vector<float> weights_of(const rnn::Network& net) {
  std::vector<float> weights(net.parameter_count);
  rnn::initialise<float>(net, 4, weights);
  return weights;
}
rnn::Trace trace_of(const rnn::Network& net, const std::vector<float>& weights,
                    const std::vector<std::uint8_t>& tokens) {
  rnn::Example example;
  example.tokens = tokens;
  return rnn::trace(net, weights, kLetters, example);
}
std::size_t column(const std::vector<std::string>& header, const std::string& name) {
  const auto at = std::find(header.begin(), header.end(), name);
  REQUIRE_MESSAGE(at != header.end(), name);
  return static_cast<std::size_t>(at - header.begin());
}
float number_at(const std::vector<std::string>& row, std::size_t cell) {
  return std::strtof(row.at(cell).c_str(), nullptr);
}

}  // namespace

TEST_CASE("numbers as text come back to the same float") {
  Random random(1);
  for (int i = 0; i < 20000; ++i) {
    const auto value = static_cast<float>(random.symmetric(1) * (random.below(2) != 0 ? 1.0 : 1e-20));
    CHECK(std::strtof(io::number(static_cast<double>(value)).c_str(), nullptr) == value);
  }
  CHECK(io::number(0.1) == "0.1");
}

TEST_CASE("no cell breaks the table or runs as a formula") {
  CHECK(io::tsv_cell("a\tb\nc\rd") == "a b c d");
  for (const char* formula : {"=1+1", "+1", "-1", "@x"})
    CHECK(io::tsv_cell(formula) == "'" + std::string(formula));
  CHECK(io::tsv_cell("a=b") == "a=b");
  CHECK(io::tsv_cell("") == "");
}

TEST_CASE("a trace as a table: one row per position, every number exact") {
  rnn::ModelSpec spec;
  spec.cell = rnn::CellKind::Lstm;
  spec.hidden = 3;
  spec.directions = rnn::Directions::Both;
  spec.layers = 2;
  const rnn::Network net = rnn::make_network(spec);
  std::vector<float> weights(net.parameter_count);
  rnn::initialise<float>(net, 4, weights);
  const std::vector<std::uint8_t> tokens = {0, 1, 2, 3, 3, 2, 0};
  const rnn::Trace trace = trace_of(net, weights, tokens);
  const auto rows = cells_of(io::trace_tsv(net, trace, "ACGTTGA", {"no", "=yes"}));
  REQUIRE(rows.size() == 8);
  const std::size_t columns = 2 + 4 * (3 + 3 + 4 * 3) + 2;  // layers x (h, c, four gates) x units
  for (const auto& row : rows) CHECK(row.size() == columns);
  CHECK(rows[0][0] == "position");
  CHECK(rows[0][1] == "letter");
  CHECK(rows[0][2] == "l0.h[0]");
  CHECK(rows[0][5] == "l0.c[0]");
  CHECK(rows[0][8] == "l0.i[0]");
  CHECK(rows[0][2 + 18] == "l0_reverse.h[0]");
  CHECK(rows[0][columns - 2] == "p(no)");
  CHECK(rows[0][columns - 1] == "p(=yes)");
  for (int t = 0; t < 7; ++t) {
    const auto& row = rows[static_cast<std::size_t>(t) + 1];
    CHECK(row[0] == std::to_string(t + 1));
    CHECK(row[1] == std::string(1, "ACGTTGA"[t]));
    CHECK(std::strtof(row[3].c_str(), nullptr) == trace.layers[0].h(t, 1));
    CHECK(std::strtof(row[6].c_str(), nullptr) == trace.layers[0].c(t, 1));
    CHECK(std::strtof(row[8 + 2 * 3 + 1].c_str(), nullptr) == trace.layers[0].gate(t, 2, 1));
    CHECK(std::strtof(row[columns - 1].c_str(), nullptr) == trace.p(t, 1));
  }
}

TEST_CASE("an Elman trace has no gate columns: its gate is h") {
  rnn::ModelSpec spec;
  spec.cell = rnn::CellKind::ElmanTanh;
  spec.hidden = 2;
  const rnn::Network net = rnn::make_network(spec);
  std::vector<float> weights(net.parameter_count);
  rnn::initialise<float>(net, 4, weights);
  const std::vector<std::uint8_t> tokens = {0, 1};
  const auto rows = cells_of(io::trace_tsv(net, trace_of(net, weights, tokens), "AC", {"a", "b"}));
  CHECK(rows[0] == std::vector<std::string>{"position", "letter", "l0.h[0]", "l0.h[1]", "p(a)", "p(b)"});
}

TEST_CASE("a layer above windows shows its step beside every letter, a codon model beside its three") {
  rnn::ModelSpec spec;
  spec.cell = rnn::CellKind::LstmCoupled;
  spec.hidden = 2;
  spec.layers = 2;
  spec.window = 2;
  spec.input = rnn::Input::Codons;
  const rnn::Network net = rnn::make_network(spec);
  const std::vector<std::uint8_t> tokens = {0, 1, 2, 3, 3, 2, 0,
                                            1, 1, 0, 3, 2, 1};  // four codons and a letter
  const rnn::Trace trace = trace_of(net, weights_of(net), tokens);
  REQUIRE(trace.layers[0].steps == 4);
  REQUIRE(trace.layers[1].steps == 2);
  const auto rows = cells_of(io::trace_tsv(net, trace, "ACGTTGACCATGC", {"a", "b"}));
  REQUIRE(rows.size() == 14);
  const std::size_t below = column(rows[0], "l0.f[1]"), above = column(rows[0], "l1.h[0]");
  for (int t = 0; t < 13; ++t) {
    const auto& row = rows[static_cast<std::size_t>(t) + 1];
    CHECK(row.size() == rows[0].size());
    CHECK(number_at(row, below) == trace.layers[0].gate(std::min(t / 3, 3), 0, 1));
    CHECK(number_at(row, above) == trace.layers[1].h(std::min(t / 6, 1), 0));
  }
  CHECK(std::count(rows[0].begin(), rows[0].end(), "l0.i[0]") == 0);  // there is no i of its own
}

TEST_CASE("what the first step starts from has a row of its own, unless it is zero") {
  rnn::ModelSpec spec;
  spec.cell = rnn::CellKind::Lstm;
  spec.hidden = 2;
  spec.directions = rnn::Directions::Both;
  spec.initial = rnn::InitialState::Learned;
  const rnn::Network net = rnn::make_network(spec);
  const std::vector<std::uint8_t> tokens = {0, 1, 2};
  std::vector<float> weights = weights_of(net);
  for (const rnn::Layer& layer : net.layers)
    for (int unit = 0; unit < 2; ++unit) {
      const float value = static_cast<float>(unit + 1) * (layer.wiring.reverse ? -0.5f : 0.25f);
      rnn::view<float>(net, weights, layer.h_0)(0, unit) = value;
      rnn::view<float>(net, weights, layer.c_0)(0, unit) = 2 * value;
    }
  const auto rows = cells_of(io::trace_tsv(net, trace_of(net, weights, tokens), "ACG", {"a", "b"}));
  REQUIRE(rows.size() == 5);
  const auto& start = rows[1];
  CHECK(start.size() == rows[0].size());
  CHECK(start[0] == "0");
  CHECK(start[1].empty());
  CHECK(start[column(rows[0], "l0.h[1]")] == "0.5");
  CHECK(start[column(rows[0], "l0.c[0]")] == "0.5");
  CHECK(start[column(rows[0], "l0.f[0]")] == "NA");
  CHECK(start[column(rows[0], "l0_reverse.h[0]")] == "-0.5");
  CHECK(start[column(rows[0], "p(a)")] == "NA");
  CHECK(rows[2][0] == "1");
}

TEST_CASE("FASTA keeps names, letters and labels through the reader") {
  const std::string table =
      "label\tid\tsequence\npromoter\tp1\t" + std::string(150, 'A') + "C\nnot a one\tp2\tACGTN\n";
  const bio::ReadResult first = bio::read(table);
  REQUIRE(first.data.size() == 2);
  const bio::Labels labels = bio::derive_labels(first.data, bio::LabelRule::Auto);
  const std::string fasta = io::to_fasta(first.data, labels);
  for (const auto& row : cells_of(fasta)) CHECK(row[0].size() <= 71);
  const bio::ReadResult second = bio::read(fasta);
  REQUIRE(second.data.size() == 2);
  const bio::Labels again = bio::derive_labels(second.data, bio::LabelRule::KeyValue);
  CHECK(again.classes == labels.classes);
  CHECK(again.of_record == labels.of_record);
  for (int i = 0; i < 2; ++i) {
    CHECK(second.data.letters(i) == first.data.letters(i));
    CHECK(second.data.name(i) == first.data.name(i));
  }
}
