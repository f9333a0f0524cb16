// Letters of formal languages: alphabets that are never guessed, from text to records and back, in documents,
// and where code asks what kind of letters it has.
#include <doctest/doctest.h>

#include <algorithm>

#include "bio/align.h"
#include "bio/reader.h"
#include "experiment/prepare.h"
#include "io/project.h"
#include "io/tables.h"
#include "motif/languages.h"

using namespace ribostep;
using bio::AlphabetKind;

namespace {

constexpr AlphabetKind kFormal[] = {AlphabetKind::Bits, AlphabetKind::Brackets, AlphabetKind::Reber};

bio::Dataset some_set(AlphabetKind kind) {
  for (const motif::Language& language : motif::languages())
    if (language.alphabet == kind) {
      motif::SampleOptions options;
      options.records = 24;
      return motif::sample(language.machine(), kind, options);
    }
  FAIL("no language with these letters");
  return {};
}

bio::ReadResult read_as(std::string_view text, std::optional<AlphabetKind> kind) {
  bio::ReadOptions options;
  options.alphabet = kind;
  return bio::read(text, options);
}

}  // namespace

TEST_CASE("Alphabets of formal languages have symbols alone") {
  const std::string_view symbols[] = {"01", "()", "BTSXPVE"};
  int index = 0;
  for (const AlphabetKind kind : kFormal) {
    const bio::Alphabet& a = bio::alphabet(kind);
    CHECK(a.kind == kind);
    CHECK(a.symbols == symbols[index++]);
    CHECK(a.code_count() == a.size());
    CHECK(a.is_formal());
    CHECK_FALSE(a.is_nucleic());
    CHECK_FALSE(a.is_series());
    CHECK(a.any() == -1);
    for (int t = 0; t < a.size(); ++t) {
      CHECK(a.token(a.letter(t)) == t);
      CHECK(a.codes[static_cast<std::size_t>(t)].symbols == 1u << t);
    }
    CHECK(a.token('N') == -1);
    CHECK(a.token('?') == -1);
    CHECK(a.expected() == std::string(a.symbols));
    CHECK(bio::alphabet_kind(bio::name(kind)) == kind);
    CHECK(bio::alphabet_kind(a.name) == kind);
  }
  CHECK(bio::alphabet(AlphabetKind::Reber).token('x') == 3);
  CHECK(bio::alphabet(AlphabetKind::Dna).any() == 14);
  CHECK(bio::alphabet(AlphabetKind::Protein).any() == 23);
  for (int k = 0; k < bio::kAlphabets; ++k) {
    const auto kind = static_cast<AlphabetKind>(k);
    CHECK(bio::alphabet(kind).kind == kind);
    CHECK(bio::alphabet_kind(bio::name(kind)) == kind);
  }
}

TEST_CASE("Such sets come back from every text that is written of them") {
  for (const AlphabetKind kind : kFormal) {
    const bio::Dataset data = some_set(kind);
    const std::string kind_name = bio::name(kind);
    CAPTURE(kind_name);
    const bio::Labels labels = bio::derive_labels(data, bio::LabelRule::Auto);
    REQUIRE(labels.classes.size() == 2);
    const bio::ReadResult table = bio::read(io::data_text(data, labels));
    CHECK(table.data.content_hash() == data.content_hash());
    CHECK(table.diagnostics.empty());
    const bio::ReadResult fasta = bio::read(io::to_fasta(data, labels));
    REQUIRE(fasta.data.size() == data.size());
    CHECK(fasta.data.alphabet_kind == kind);
    const bio::Labels again = bio::derive_labels(fasta.data, bio::LabelRule::Auto);
    for (int i = 0; i < data.size(); ++i) {
      CHECK(fasta.data.letters(i) == data.letters(i));
      CHECK(again.of_record[static_cast<std::size_t>(i)] == labels.of_record[static_cast<std::size_t>(i)]);
    }
    const auto unpacked = bio::Dataset::unpack(data.pack());
    REQUIRE(unpacked.has_value());
    CHECK(unpacked->content_hash() == data.content_hash());

    io::Project project;
    project.data.set = std::make_shared<bio::Dataset>(data);
    project.data.content_hash = data.content_hash();
    const nlohmann::json document = io::to_json(project, {io::WeightsAs::Recipe, true});
    CHECK(document["data"]["alphabet"] == bio::name(kind));
    const io::ReadProject read = io::from_json(document);
    CHECK(read.diagnostics.empty());
    REQUIRE(read.project.data.set != nullptr);
    CHECK(read.project.data.set->content_hash() == data.content_hash());
  }
  std::vector<std::uint8_t> bytes = some_set(AlphabetKind::Reber).pack();
  bytes[8] = static_cast<std::uint8_t>(bio::kAlphabets);
  CHECK_FALSE(bio::Dataset::unpack(bytes).has_value());
}

TEST_CASE("Formal letters are read when they are asked for, and not guessed") {
  const std::string_view lines = "0110\n10\n\n111\n";
  const bio::ReadResult bits = read_as(lines, AlphabetKind::Bits);
  REQUIRE(bits.data.size() == 3);
  CHECK(bits.data.letters(1) == "10");
  CHECK(bits.diagnostics.empty());  // no "digits were skipped as numbering"
  CHECK(read_as(lines, std::nullopt).data.alphabet_kind != AlphabetKind::Bits);
  CHECK(read_as("BTXSE\n", std::nullopt).data.alphabet_kind == AlphabetKind::Protein);
  // A table without names of columns: the sequence is what has the letters.
  const bio::ReadResult table =
      read_as("accepted\t10\nrejected\t0\naccepted\t101010101010\n", AlphabetKind::Bits);
  REQUIRE(table.data.size() == 3);
  CHECK(table.data.letters(2) == "101010101010");
  CHECK(table.data.column_label(1) == "rejected");
  CHECK(bio::read("\xEF\xBB\xBF# alphabet=Reber\r\nbtxse\r\n").data.letters(0) == "BTXSE");
  // The line is for these alphabets alone, and only where it is the first.
  CHECK(bio::read("; alphabet=protein\n>a\nACGTACGT\n").data.alphabet_kind == AlphabetKind::Dna);
  CHECK(bio::read(">a\nACGT\n; alphabet=bits\n>b\nACGT\n").data.alphabet_kind == AlphabetKind::Dna);
  CHECK(bio::alphabet_line(AlphabetKind::Dna).empty());
}

TEST_CASE("A letter that is none of a formal alphabet leaves its record out, and is shown") {
  const bio::ReadResult read = bio::read("; alphabet=bits\n>a\n0120\n>b\n01 01\n>c\n(1)\n");
  REQUIRE(read.data.size() == 1);
  CHECK(read.data.name(0) == "b");
  CHECK(read.data.letters(0) == "0101");
  const auto said = [&](std::string_view words, int line, int column) {
    return std::any_of(read.diagnostics.begin(), read.diagnostics.end(), [&](const Diagnostic& d) {
      return d.message.find(words) != std::string::npos && d.line == line && d.column == column;
    });
  };
  CHECK(said("'2' is not a bits symbol; left out with its record. Expected 01.", 3, 3));
  CHECK(said("'(' is not a bits symbol", 7, 1));
}

TEST_CASE("What asks for the kind of letters knows these") {
  const bio::AlignmentScores scores = bio::alignment_scores(bio::alphabet(AlphabetKind::Reber));
  CHECK(scores.open == 5);
  CHECK(scores.pairs[0] == 2);
  CHECK(scores.pairs[1] == -3);

  const auto prepared =
      experiment::prepare(std::make_shared<bio::Dataset>(some_set(AlphabetKind::Bits)), bio::LabelRule::Auto);
  CHECK(prepared.table.symbols == 2);
  CHECK(prepared.table.masks == std::vector<std::uint32_t>{1, 2});
  CHECK(prepared.table.complement.empty());
  rnn::ModelSpec spec;
  spec.directions = rnn::Directions::Strands;
  spec.input = rnn::Input::Codons;
  spec = experiment::fitted(spec, prepared);
  CHECK(spec.directions == rnn::Directions::Both);
  CHECK(spec.input == rnn::Input::Letters);
  CHECK(spec.symbols == 2);
}
