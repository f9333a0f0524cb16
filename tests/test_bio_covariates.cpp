// What headers and further columns of a table tell about records: names, levels, numbers, and what is no
// covariate.
#include <doctest/doctest.h>

#include <chrono>
#include <cmath>

#include "bio/covariates.h"
#include "bio/shuffle.h"
#include "bio_samples.h"

using namespace ribostep;
using namespace ribostep::bio;

namespace {

Dataset with_headers(const std::vector<std::string>& headers) {
  std::string text;
  for (const std::string& header : headers) text += ">" + header + "\nACGT\n";
  return read(text).data;
}

std::string written(const std::vector<Covariate>& covariates) {
  std::string text;
  for (const Covariate& c : covariates) {
    text += c.name + (c.numeric ? " number" : "") + " -" + std::to_string(c.missing) + ":";
    for (const std::string& level : c.levels) text += " " + level;
    text += "\n";
  }
  return text;
}

std::string covariates_of(const std::vector<std::string>& headers) {
  return written(find_covariates(with_headers(headers)));
}

}  // namespace

TEST_CASE("fields of a header in all their spellings") {
  CHECK(covariates_of({"a organism=fly age=3", "b organism=worm age=4", "c age=5"}) ==
        "organism -1: fly worm\nage number -0: 3 4 5\n");
  CHECK(covariates_of(
            {"a [organism=Homo sapiens] [tissue=liver]", "b [organism=Mus musculus] [tissue=brain]"}) ==
        "organism -0: Homo sapiens Mus musculus\ntissue -0: brain liver\n");
  CHECK(covariates_of({"a strain=\"K-12 MG1655\" x", "b strain=\"O157, H7\" y"}) ==
        "strain -0: K-12 MG1655 O157, H7\n");
  CHECK(covariates_of({"a|dose=1;time=2h", "b|dose=2,time=4h"}) == "dose -0: 1 2\ntime -0: 2h 4h\n");
  CHECK(covariates_of({"a some words, no=1 fields =2 http://x?y=3", "b no=2"}) == "no -0: 1 2\n");
  CHECK(covariates_of({"a x=\"unclosed", "b x=y"}) == "x -0: unclosed y\n");
  CHECK(covariates_of({"a x=1 x=2", "b x=3"}) == "x -0: 1 3\n");  // the first of equal keys counts
  CHECK(covariates_of({"plain", "words only"}).empty());
}

TEST_CASE("a number is a number in every record that says it, and more than two are different") {
  CHECK(covariates_of({"a x=1", "b x=2", "c x=-0.5e1"}) == "x number -0: -0.5e1 1 2\n");
  CHECK(covariates_of({"a x=1", "b x=2"}) == "x -0: 1 2\n");  // two groups
  CHECK(covariates_of({"a x=1", "b x=2", "c x=3", "d x=many"}) == "x -0: 1 2 3 many\n");
  CHECK(covariates_of({"a x=1", "b x=2", "c x=3", "d x=NA", "e x=nan"}) == "x number -2: 1 2 3\n");
  CHECK(covariates_of({"a x=1", "b x=2", "c x=3", "d x=inf"}) == "x -0: 1 2 3 inf\n");
  double number = 0;
  for (const char* text : {"0x10", "1,5", "1e999", "nan", "", "1 ", "--1", ".", "e5"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_number(text, number));
  }
  CHECK(parse_number("+1.5e-3", number));
  CHECK(number == 1.5e-3);
}

TEST_CASE("the label is no covariate, nor is prose or what never differs") {
  CHECK(covariates_of({"a label=x k=1", "b label=y k=2"}) == "k -0: 1 2\n");
  CHECK(covariates_of({"a Class=x", "b CLASS=y"}).empty());
  CHECK(covariates_of({"a labels=x", "b labels=y"}) == "labels -0: x y\n");  // another key
  CHECK(covariates_of({"a note=one", "b note=two"}).empty());
  CHECK(covariates_of({"a organism=fly", "b organism=fly", "c"}).empty());
  CHECK(covariates_of({"a x=" + std::string(100, 'y'), "b x=z"}).empty());
}

TEST_CASE("labels are found as before where there are covariates") {
  const Dataset data =
      with_headers({"a organism=fly label=x", "b label=y organism=worm", "c label=x organism=fly"});
  const Labels labels = derive_labels(data, LabelRule::Auto);
  CHECK(labels.rule == LabelRule::KeyValue);
  CHECK(labels.classes == std::vector<std::string>{"x", "y"});
  CHECK(written(find_covariates(data)) == "organism -0: fly worm\n");
}

TEST_CASE("columns of a table become covariates; its label column does not") {
  const Dataset data = read(
                           "id\tlabel\tTissue type\tage\tdefinition\tabstract\tsequence\n"
                           "a\tx\tliver; left\t1.5\tsome gene, of a fly\t" +
                           std::string(200, 'w') +
                           "\tACGT\n"
                           "b\ty\tskin\t2\tanother gene\tshort\tACGT\n"
                           "c\tx\tsays \"no\"\tNA\tthird\t\tACGT\n"
                           "d\tx\tskin\t7\tfourth\tbrief\tACGT\n")
                           .data;
  REQUIRE(data.size() == 4);
  CHECK(data.description(0) == "tissue_type=\"liver; left\" age=1.5 definition=some gene, of a fly");
  CHECK(written(find_covariates(data)) ==
        "tissue_type -0: liver; left says 'no' skin\nage number -1: 1.5 2 7\nabstract -2: brief short\n");
  CHECK(covariate_text(data, 0, "tissue_type") == "liver; left");
  CHECK(covariate_text(data, 2, "age").empty());
  const Labels labels = derive_labels(data, LabelRule::Auto);
  CHECK(labels.rule == LabelRule::Column);
  CHECK(labels.classes == std::vector<std::string>{"x", "y"});
}

TEST_CASE("values per record") {
  const Dataset data = with_headers({"a g=m x=3", "b x=1 g=f", "c g=f", "d x=2"});
  const std::vector<Covariate> covariates = find_covariates(data);
  const std::vector<CovariateColumn> columns = read_covariates(data, covariates);
  REQUIRE(columns.size() == 2);
  CHECK(columns[0].level == std::vector<int>{1, 0, 0, -1});
  CHECK(columns[0].number.empty());
  CHECK(columns[1].level == std::vector<int>{2, 0, -1, 1});
  CHECK(columns[1].number[0] == 3);
  CHECK(columns[1].number[1] == 1);
  CHECK(std::isnan(columns[1].number[2]));
  CHECK(columns[1].number[3] == 2);
}

TEST_CASE("many levels, many keys and many records stay bounded and quick") {
  std::string text;
  for (int i = 0; i < 100'000; ++i) {
    text += ">r" + std::to_string(i) + " id=" + std::to_string(i) + " group=" + std::to_string(i % 7);
    for (int k = 0; k < 6; ++k)
      text += " k" + std::to_string(i % 50) + "_" + std::to_string(k) + "=" + std::to_string(i);
    text += "\nACGT\n";
  }
  const Dataset data = read(text).data;
  const auto start = std::chrono::steady_clock::now();
  const std::vector<Covariate> covariates = find_covariates(data);
  const std::vector<CovariateColumn> columns = read_covariates(data, covariates);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  REQUIRE(covariates.size() == kMaxCovariateKeys);
  CHECK(covariates[0].name == "id");
  CHECK(covariates[0].numeric);
  CHECK(covariates[0].levels.empty());  // more than can be told apart
  CHECK(covariates[1].levels.size() == 7);
  CHECK_FALSE(columns[0].number.empty());
  CHECK(columns[0].number[99'999] == 99'999);
  CHECK(seconds < 10);  // 0.4 s here; a quadratic search would take hours
}

TEST_CASE("shuffled negatives keep what is said of their originals, but not the label") {
  const Dataset data = with_headers({"a organism=fly label=x note=why", "b organism=worm label=x"});
  const Dataset both =
      with_shuffled_negatives(data, derive_labels(data, LabelRule::Auto), ShuffleKind::Mono, 1);
  REQUIRE(both.size() == 4);
  CHECK(both.description(2) == "organism=fly");
  CHECK(both.column_label(2) == "negative");
  CHECK(find_covariates(both)[0].missing == 0);
}
