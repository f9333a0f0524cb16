// The built-in data sets are what their index says: the page refers to them by content hash.
#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>

#include "bio/covariates.h"
#include "bio_samples.h"

using namespace ribostep;
using namespace ribostep::bio;

namespace {

std::vector<std::uint8_t> file(const std::string& name) {
  std::ifstream stream(std::string(RIBOSTEP_SOURCE_DIR) + "/assets/datasets/" + name, std::ios::binary);
  REQUIRE(stream.good());
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

}  // namespace

TEST_CASE("built-in data sets agree with their index") {
  const std::vector<std::uint8_t> index_bytes = file("index.json");
  const auto index = nlohmann::json::parse(index_bytes.begin(), index_bytes.end());
  std::set<std::string> ids;
  for (const auto& entry : index) {
    const std::string id = entry.at("id");
    CAPTURE(id);
    CHECK(ids.insert(id).second);
    const std::vector<std::uint8_t> bytes = file(entry.at("file"));
    CHECK(bytes.size() == entry.at("bytes").get<std::size_t>());
    const ReadResult result = read(bytes);
    CHECK(result.diagnostics.empty());
    CHECK(result.data.size() == entry.at("records").get<int>());
    CHECK(result.data.content_hash() == entry.at("content_hash").get<std::string>());
    CHECK(result.data.alphabet().name == entry.at("alphabet").get<std::string>());
    for (const char* key : {"title", "description", "citation", "licence", "source"})
      CHECK_FALSE(entry.at(key).get<std::string>().empty());
    CHECK_FALSE(entry.at("traps").empty());
    const std::string task = entry.at("task");
    CHECK((task == "sequence" || task == "position" || task == "next" || task == "next_vector"));
    CHECK((task == "next_vector") <= (result.data.channels() > 0));
    if (task == "sequence") {
      const Labels labels = derive_labels(result.data, LabelRule::Auto);
      CHECK(labels.rule == LabelRule::Column);
      CHECK(labels.classes.size() >= 2);
      CHECK(labels.unlabelled == 0);
    }
    if (task == "position") {
      std::vector<std::string> explained;
      for (const auto& [name, meaning] : entry.at("position_classes").items()) explained.push_back(name);
      std::sort(explained.begin(), explained.end());
      CHECK(position_classes(result.data).names == explained);
    }
  }
  for (const char* id :
       {"promoters", "splice", "phix174", "proteins", "coding", "yeast_cycle", "methylation"})
    CHECK(ids.count(id) == 1);
}

TEST_CASE("what the built-in sets are known to hold") {
  const auto data = [](const std::string& name) { return read(file(name)).data; };
  const Dataset promoters = data("promoters.tsv");
  const Labels labels = derive_labels(promoters, LabelRule::Auto);
  CHECK(labels.classes == std::vector<std::string>{"non_promoter", "promoter"});
  CHECK(labels.count(0) == 53);
  CHECK(labels.count(1) == 53);
  for (int i = 0; i < promoters.size(); ++i) CHECK(promoters.length(i) == 57);

  const Dataset splice = data("splice.tsv");
  std::set<std::string> distinct;
  for (int i = 0; i < splice.size(); ++i) distinct.insert(splice.letters(i));
  CHECK(distinct.size() == 3001);

  const Dataset yeast = data("yeast_cycle.tsv");
  CHECK(yeast.channel_names() == std::vector<std::string>{"log2_ratio"});
  const std::vector<Covariate> covariates = find_covariates(yeast);
  REQUIRE(covariates.size() == 1);
  CHECK(covariates[0].name == "condition");
  CHECK(covariates[0].levels == std::vector<std::string>{"alpha", "cdc15", "elu"});
  CHECK(covariates[0].missing == 0);
  CHECK(yeast.values(0)[0] == -1.51f);  // YDR224C after alpha factor, 0 minutes

  const Dataset methylation = data("methylation.tsv");
  for (int i = 0; i < methylation.size(); ++i) {
    CHECK(methylation.length(i) == 300);
    for (const float share : methylation.values(i)) CHECK((share >= 0 && share <= 1));
  }

  const Dataset phix = data("phix174.tsv");
  CHECK(phix.length(0) == 5386);
  CHECK(phix.circular(0));
  const std::string_view marks = phix.annotation(0);
  CHECK(std::count(marks.begin(), marks.end(), 'n') == 217);
  CHECK(std::count(marks.begin(), marks.end(), '.') == 814);
  CHECK(phix.letters(0).substr(0, 8) == "GAGTTTTA");
  // The labels lie in frame: of all codons read by them only the ends of the 11 genes are stops.
  const std::string letters = phix.letters(0);
  int codons = 0, stops = 0;
  for (std::size_t i = 0; i + 3 <= letters.size(); ++i) {
    if (marks.substr(i, 3) != "123") continue;
    const std::string codon = letters.substr(i, 3);
    ++codons;
    stops += codon == "TAA" || codon == "TAG" || codon == "TGA" ? 1 : 0;
  }
  CHECK(codons > 1400);
  CHECK(stops > 0);
  CHECK(stops <= 11);
}
