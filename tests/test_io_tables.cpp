// Traces, cells and FASTA as text: what a spreadsheet or a script gets must come back to the same values.
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
  const rnn::TokenTable table{4, {1, 2, 4, 8}};
  const rnn::Trace trace = rnn::trace(net, weights, table, tokens);
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
  const auto rows =
      cells_of(io::trace_tsv(net, rnn::trace(net, weights, {4, {1, 2, 4, 8}}, tokens), "AC", {"a", "b"}));
  CHECK(rows[0] == std::vector<std::string>{"position", "letter", "l0.h[0]", "l0.h[1]", "p(a)", "p(b)"});
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
