// Series of real values: tables of numbers in both shapes, what is said about mistakes, and the data set.
#include <doctest/doctest.h>

#include <algorithm>
#include <limits>

#include "bio/covariates.h"
#include "bio/shuffle.h"
#include "bio/split.h"
#include "bio_samples.h"

using namespace ribostep;
using namespace ribostep::bio;

namespace {

// channels, then name|description|label|values|annotation of every record, one per line.
std::string written(const Dataset& data) {
  std::string text;
  for (const std::string& channel : data.channel_names()) text += (text.empty() ? "" : ",") + channel;
  for (int i = 0; i < data.size(); ++i) {
    text.append("\n").append(data.name(i)).append("|").append(data.description(i)).append("|");
    text.append(data.column_label(i)).append("|");
    for (std::size_t j = 0; j < data.values(i).size(); ++j) {
      const std::string number = std::to_string(data.values(i)[j]);
      const std::size_t end = number.find_last_not_of("0");
      text += (j ? " " : "") + number.substr(0, number[end] == '.' ? end : end + 1);
    }
    text.append("|").append(data.annotation(i));
  }
  return text;
}

ReadResult as_series(std::string_view text) {
  ReadOptions options;
  options.alphabet = AlphabetKind::Series;
  return read(text, options);
}

bool is_series(std::string_view text) { return read(text).format == Format::Series; }

Dataset sample() {
  Dataset data = Dataset::of_series({"expr", "meth"});
  data.add_series("a", "dose=1", "x", std::vector<float>{1, 2, 3, 4}, "1.");
  data.add_series("b", "", "", std::vector<float>{5, 6});
  return data;
}

}  // namespace

TEST_CASE("a position a row: consecutive rows of one name are a series") {
  const ReadResult result = read(
      "gene\tclass\ttime\texpr\tmeth\n"
      "g1\tup\t0\t0.5\t1e-1\n"
      "g1\tup\t1\t-1\t.2\n"
      "\n# a comment\n"
      "g2\tdown\t0\t2\t0.3\n"
      "g2\tdown\t1\t3\t0.4\n"
      "g2\tdown\t2\t4\t0.5\n");
  CHECK(result.format == Format::Series);
  CHECK(result.alphabet_detected);
  CHECK(result.diagnostics.empty());
  CHECK(result.data.alphabet_kind == AlphabetKind::Series);
  CHECK(written(result.data) == "expr,meth\ng1||up|0.5 0.1 -1 0.2|\ng2||down|2 0.3 3 0.4 4 0.5|");
  CHECK(result.data.length(1) == 3);
  CHECK(result.data.letters(0) == "..");
  CHECK(result.data.values(0)[1] == 0.1f);
}

TEST_CASE("a series a row: columns that differ in a number only are its positions") {
  CHECK(written(read("id,label,t1,t2,t3\na,x,1,2,3\nb,y,4,5,6\n").data) == "value\na||x|1 2 3|\nb||y|4 5 6|");
  CHECK(
      written(read("metabolite\t0h\t1h\t4h\tcost\ntyr (3TMS)\t0\t0.1\t0.2\t7\nala\t1\t1.1\t1.2\t8\n").data) ==
      "value\ntyr (3TMS)|cost=7||0 0.1 0.2|\nala|cost=8||1 1.1 1.2|");
  CHECK(written(read("gene;strain;alpha_0;alpha_7;alpha_14\nACTB;wild type;1;2;3\nMYC;mutant;4;5;6\n"
                     "TP53;mutant;7;8;9\nGAPDH;wild type;0;0;0\n")
                    .data)
            .substr(0, 42) == "alpha\nACTB|strain=\"wild type\"||1 2 3|\nMYC|");
  // Rows of a spreadsheet end early where a series is shorter.
  const ReadResult shorter = read("id\tt1\tt2\tt3\na\t1\t2\t3\nb\t4\t5\t\n");
  CHECK(written(shorter.data) == "value\na|||1 2 3|\nb|||4 5|");
  CHECK(mentions(shorter.diagnostics, "rows whose last cells are empty are shorter series"));
  CHECK(mentions(read("id\tt1\tt10\tt2\na\t1\t2\t3\nb\t4\t5\t6\n").diagnostics,
                 "column 't2' stands behind 't10'"));
  CHECK(written(read("id\t0\t5\t10\na\t1\t2\t3\n").data) == "value\na|||1 2 3|");
}

TEST_CASE("tables of sequences and running text stay what they are") {
  for (const std::string_view text :
       {"id\tlabel\tsequence\nx\ta\tACGT\ny\tb\tGG\n", "yes\tACGTACGT\nno\tGGTT\n",
        "ACGTACGTACGT\t1\nGGGGCCCCAAAA\t0\n", "ACGTACGTACGT\t0.1\t0.2\t0.3\nGGGGCCCCAAAA\t0.5\t0.7\t0.9\n",
        "peptide\tcharge\tt1\tt2\tt3\nMKVLAAG\t1\t1\t2\t3\nWYFLIVM\t2\t3\t4\t5\nACDEFGH\t3\t4\t5\t6\n",
        "gene\tread\tt1\tt2\tt3\na\tMKVLAAG\t1\t2\t3\nb\tWYFLIVM\t3\t4\t5\nc\tACDEFGH\t4\t5\t6\n",
        "gene\tvalue\tother\na\t1.5\t2\nb\t2.5\t3\n", "chr1\t100\t200\tx\nchr1\t300\t400\ty\n",
        "1,2,3\n4,5,6\n7,8,9\n", ">a\nACGT\n", "ACGT\nGGCC\n",
        "id\tsequence\tt1\tt2\tt3\na\tACGT\t1\t2\t3\n"}) {
    CAPTURE(text);
    CHECK_FALSE(is_series(text));
  }
  CHECK(
      is_series("gene\tcondition\ttime\texpr\na\tcontrol\t0\t1\na\tcontrol\t1\t2\nb\ttreated\t0\t1\nb\ttreate"
                "d\t1\t2\n"));
  CHECK(is_series("time,expr\n0,1.5\n1,2.5\n2,3\n"));
  ReadOptions dna;
  dna.alphabet = AlphabetKind::Dna;
  CHECK(read("id,t1,t2,t3\na,1,2,3\n", dna).data.empty());
}

TEST_CASE("asked for, any table of numbers is a set of series") {
  CHECK(written(as_series("gene\tvalue\tother\na\t1.5\t2\nb\t2.5\t3\n").data) ==
        "value\na|||1.5 2|\nb|||2.5 3|");
  CHECK(written(as_series("x,y\n1,2\n3,4\n").data).substr(0, 5) == "value");
  CHECK(mentions(as_series(">a\nACGT\n").diagnostics, "this is no table of numbers"));
  CHECK(mentions(as_series("id\tsequence\na\tACGT\n").diagnostics, "this is no table of numbers"));
  CHECK_FALSE(as_series("id,t1,t2,t3\na,1,2,3\n").alphabet_detected);
}

TEST_CASE("what a series is said to be: text, brackets, and numbers that never change within it") {
  const ReadResult result = read(
      "id\tcondition\t[batch]\tdose\texpr\n"
      "a\theat shock\t7\t0.50\t1\na\theat shock\t7\t0.50\t2\n"
      "b\tcold\t8\t1\t3\nb\tcold\t8\t1\t4\n");
  CHECK(written(result.data) ==
        "expr\na|condition=\"heat shock\" batch=7 dose=0.50||1 2|\nb|condition=cold batch=8 dose=1||3 4|");
  CHECK(mentions(result.diagnostics, "'dose' is the same at every position of a series"));
  CHECK(find_covariates(result.data).size() == 3);
  // The same everywhere: nothing that describes one series rather than another.
  CHECK(written(read("id\ttime\tdose\texpr\na\t0\t1\t1\na\t1\t1\t2\nb\t0\t1\t3\nb\t1\t1\t4\n").data) ==
        "dose,expr\na|||1 1 1 2|\nb|||1 3 1 4|");
  const ReadResult changing = read("id\tday\twho\texpr\na\t0\tx\t1\na\t1\ty\t2\nb\t0\tx\t3\nb\t1\tx\t5\n");
  CHECK(written(changing.data) == "expr\na|||1 2|\nb|||3 5|");
  CHECK(mentions(changing.diagnostics, "line 3: column 'who' changes within series 'a'"));
}

TEST_CASE("labels per position") {
  CHECK(written(read("id\ttime\texpr\tannotation\na\t0\t1\to\na\t1\t2\tc\nb\t0\t3\t\nb\t1\t4\t.\n").data) ==
        "expr\na|||1 2|oc\nb|||3 4|..");
  const ReadResult result = read("id\tlabel\ttime\texpr\na\tx\t0\t1\na\ty\t1\t2\nb\tx\t0\t1\nb\tx\t1\t2\n");
  CHECK(written(result.data) == "expr\nb||x|1 2|");
  CHECK(mentions(result.diagnostics,
                 "line 3, column 3: the label changes from 'x' to 'y'; series 'a' was left out. A series has "
                 "one label"));
}

TEST_CASE("cells that are no numbers: with place and remedy, and the other series stay") {
  const auto read_with = [](std::string_view cell) {
    return read("id\tµ\ttime\texpr\nä\tq\t0\t1\nä\tq\t1\t" + std::string(cell) +
                "\nb\tq\t0\t3\nb\tq\t1\t4\n");
  };
  const ReadResult word = read_with("high");
  CHECK(written(word.data) == "expr\nb|µ=q||3 4|");
  REQUIRE(word.diagnostics.size() == 1);
  CHECK(word.diagnostics[0].severity == Severity::Error);
  CHECK(word.diagnostics[0].text() ==
        "line 3, column 7: 'high' ('expr') is not a number; series 'ä' was left out. Write numbers with a "
        "decimal "
        "point, like -0.25 or 1e-3.");
  CHECK(mentions(read_with("NA").diagnostics,
                 "line 3, column 7: 'expr' is missing (NA); series 'ä' was left out. Fill in a value"));
  CHECK(mentions(read_with("").diagnostics, "line 3, column 7: 'expr' is missing; series 'ä' was left out."));
  CHECK(mentions(read_with("inf").diagnostics, "'inf' ('expr') is not a number"));
  CHECK(mentions(read_with("1e300").diagnostics, "larger than a 32-bit number"));
  CHECK(mentions(read_with("5\t6").diagnostics, "line 3: this row has 5 cells, the first line has 4"));
  CHECK(written(read_with("5\t\t").data) == "expr\nä|µ=q||1 5|\nb|µ=q||3 4|");
  CHECK(mentions(read("id,t1,t2,t3\na,1,,3\nb,1,2,3\n").diagnostics,
                 "line 2, column 5: position 2 is missing; series 'a' was left out"));
  CHECK(mentions(read("id,t1,t2,t3\na,1,2\nb,1,2,3\n").diagnostics,
                 "line 2: this row has 3 cells, the first line has 4; series 'a' was left out. Separate the "
                 "cells by one ,"));
  CHECK(mentions(read("id\ttime\texpr\na\t0\tNA\na\t1\t2\n").diagnostics, "no series could be read"));
  CHECK(mentions(read("gene;t1;t2;t3\na;0,5;1,5;2,5\nb;1,0;2,0;3,0\n").diagnostics, "decimal commas"));
}

TEST_CASE("tables that cannot be understood are refused with what to do") {
  std::string wide = "id\ttime", row = "a\t0", next = "a\t1";
  for (int k = 0; k < 65; ++k) {
    wide += "\tgene" + std::string(1, static_cast<char>('a' + k % 26)) +
            std::string(1, static_cast<char>('a' + k / 26));
    row += "\t1";
    next += "\t2";
  }
  const ReadResult many = read(wide + "\n" + row + "\n" + next + "\n");
  CHECK(many.data.empty());
  CHECK(mentions(many.diagnostics, "65 columns of numbers, and a position of a series can have 64"));
  CHECK(mentions(read("orf\ta_0\ta_7\ta_9\tb_0\tb_7\tb_9\nx1\t1\t2\t3\t4\t5\t6\n").diagnostics,
                 "look like several series in a row"));
  CHECK(mentions(read("gene\ttime\texpr\na1\t0\t1\nb1\t0\t2\na1\t1\t3\nb1\t1\t4\n").diagnostics,
                 "sort the table by 'gene', then by 'time'"));
  CHECK(mentions(read("id\ttime\texpr\na\t0\t1\na\t0\t2\n").diagnostics,
                 "line 3: the time does not ascend here"));
  CHECK(mentions(read("id\ttime\texpr\na\t0\t1\na\t1\t2\na\t5\t2\n").diagnostics,
                 "steps of time are not equally long"));
}

TEST_CASE("reading series in slices gives what reading at once gives") {
  const std::string text =
      "id\tlabel\ttime\texpr\r\na\tx\t0\t1\r\na\tx\t1\tNA\r\n\r\nb\ty\t0\t3\rb\ty\t1\t4\n#c\nb\ty\t9\t5";
  const ReadResult whole = read(text);
  for (std::size_t slice = 1; slice <= text.size(); ++slice) {
    Reader reader(
        std::span<const std::uint8_t>(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
    while (!reader.run(slice)) {
    }
    const ReadResult result = reader.take();
    CHECK(written(result.data) == written(whole.data));
    CHECK(result.diagnostics.size() == whole.diagnostics.size());
  }
  CHECK(written(whole.data) == "expr\nb||y|3 4 5|");
}

TEST_CASE("any table at all is read as series without harm") {
  Random random(77);
  const std::string_view soup = "0123456789.-e,\t\n\r;#\"[]iNAtx\xC3\xA9 ";
  for (int round = 0; round < 5000; ++round) {
    const std::string header = round % 2 ? "id\ttime\texpr\tannotation\n" : "id,t1,t2,t3,[x]\n";
    const std::string text = header + random_letters(soup, static_cast<int>(random.below(150)), random);
    const ReadResult result = as_series(text);
    CHECK(result.diagnostics.size() <= static_cast<std::size_t>(kMaxDiagnostics) + 1);
    CHECK((!result.data.empty() || errors(result.diagnostics) > 0));
    if (!result.data.empty()) CHECK(Dataset::unpack(result.data.pack()).has_value());
  }
}

TEST_CASE("a set of series packs, unpacks and is named by every value") {
  const Dataset data = sample();
  CHECK(data.channels() == 2);
  CHECK(data.size() == 2);
  CHECK(data.length(0) == 2);
  CHECK(data.annotation(0) == "1.");
  const auto back = Dataset::unpack(data.pack());
  REQUIRE(back.has_value());
  CHECK(written(*back) == written(data));
  CHECK(back->content_hash() == data.content_hash());
  CHECK(back->pack() == data.pack());

  Dataset other = Dataset::of_series({"expr", "meth"});
  other.add_series("a", "dose=1", "x", std::vector<float>{1, 2, 3, 4.5f}, "1.");
  other.add_series("b", "", "", std::vector<float>{5, 6});
  CHECK(other.content_hash() != data.content_hash());
  Dataset renamed = Dataset::of_series({"expr", "depth"});
  renamed.add_series("a", "dose=1", "x", std::vector<float>{1, 2, 3, 4}, "1.");
  renamed.add_series("b", "", "", std::vector<float>{5, 6});
  CHECK(renamed.content_hash() != data.content_hash());
  // Written down: projects name data sets by this.
  CHECK(data.content_hash() == "cd84a08f060042f1");
}

TEST_CASE("unpack refuses damaged series and never reads beyond its bytes") {
  const std::vector<std::uint8_t> good = sample().pack();
  for (std::size_t size = 0; size < good.size(); ++size)
    CHECK_FALSE(Dataset::unpack(std::span(good).first(size)).has_value());
  std::vector<std::uint8_t> longer = good;
  longer.push_back(0);
  CHECK_FALSE(Dataset::unpack(longer).has_value());
  Random random(5);
  for (int round = 0; round < 3000; ++round) {
    std::vector<std::uint8_t> bytes = good;
    bytes[random.below(static_cast<std::uint32_t>(bytes.size()))] = static_cast<std::uint8_t>(random.next());
    const auto back = Dataset::unpack(bytes);
    if (back) CHECK(back->pack() == bytes);
  }
  Dataset infinite = Dataset::of_series({"x"});
  infinite.add_series("a", "", "", std::vector<float>{std::numeric_limits<float>::infinity()});
  CHECK_FALSE(Dataset::unpack(infinite.pack()).has_value());
}

TEST_CASE("equal series stay together in a split, equal lengths do not") {
  Dataset data = Dataset::of_series({"x"});
  for (int i = 0; i < 20; ++i)
    data.add_series("r" + std::to_string(i), "", i % 2 ? "a" : "b",
                    std::vector<float>{static_cast<float>(i / 4), 1});
  const Split split = split_train_validation(data, derive_labels(data, LabelRule::Column), true, 0.2, 1);
  CHECK(split.validation.size() == 4);
  for (const int i : split.validation) {
    const int first = i / 4 * 4;
    for (int j = first; j < first + 4; ++j)
      CHECK(std::find(split.validation.begin(), split.validation.end(), j) != split.validation.end());
  }
}

TEST_CASE("negatives of series have the same values in another order") {
  Dataset data = Dataset::of_series({"x", "y"});
  std::vector<float> values;
  for (int t = 0; t < 50; ++t) values.insert(values.end(), {static_cast<float>(t), static_cast<float>(-t)});
  data.add_series("a", "dose=2", "", values);
  const Dataset both = with_shuffled_negatives(data, {}, ShuffleKind::Dinucleotide, 3);
  REQUIRE(both.size() == 2);
  CHECK(both.alphabet_kind == AlphabetKind::Series);
  CHECK(both.description(1) == "dose=2");
  std::vector<float> first;
  bool moved = false;
  for (std::size_t t = 0; t < 50; ++t) {
    CHECK(both.values(1)[2 * t] == -both.values(1)[2 * t + 1]);  // the values of a position stay together
    first.push_back(both.values(1)[2 * t]);
    moved = moved || first.back() != static_cast<float>(t);
  }
  CHECK(moved);
  std::sort(first.begin(), first.end());
  for (std::size_t t = 0; t < 50; ++t) CHECK(first[t] == static_cast<float>(t));
}
