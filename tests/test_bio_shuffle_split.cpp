// Shuffles keep their counts; splits keep equal sequences together and classes even.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>

#include "bio/shuffle.h"
#include "bio/split.h"
#include "bio_samples.h"

using namespace ribostep;
using namespace ribostep::bio;

namespace {

std::map<std::string, int> words(const std::string& letters, std::size_t length, std::size_t step = 1) {
  std::map<std::string, int> counts;
  for (std::size_t i = 0; i + length <= letters.size(); i += step) ++counts[letters.substr(i, length)];
  return counts;
}

// Two classes, `copies` records of each sequence.
Dataset copies_of(int distinct, int copies, std::uint64_t seed) {
  Random random(seed);
  std::vector<std::string> sequences;
  for (int i = 0; i < distinct; ++i) sequences.push_back(random_letters("ACGT", 20, random));
  Dataset data;
  for (int c = 0; c < copies; ++c)
    for (int i = 0; i < distinct; ++i)
      data.add("r", "", i % 3 == 0 ? "one" : "two", tokens_of(sequences[static_cast<std::size_t>(i)]));
  return data;
}

}  // namespace

TEST_CASE("shuffles preserve what they promise and change the rest") {
  Random random(11);
  for (const std::string_view symbols : {std::string_view("ACGT"), std::string_view("AC"),
                                         std::string_view("ACGTN"), std::string_view("AAAAAAAAAG")})
    for (const int length : {0, 1, 2, 3, 4, 5, 7, 30, 301}) {
      const std::string before = random_letters(symbols, length, random);
      const auto after = [&](ShuffleKind kind) {
        return letters_of(shuffled(tokens_of(before), kind, random));
      };
      const std::string mono = after(ShuffleKind::Mono), di = after(ShuffleKind::Dinucleotide),
                        codon = after(ShuffleKind::Codon);
      CHECK(words(mono, 1) == words(before, 1));
      CHECK(words(di, 1) == words(before, 1));
      CHECK(words(di, 2) == words(before, 2));
      CHECK(words(codon, 3, 3) == words(before, 3, 3));
      CHECK(codon.substr(codon.size() / 3 * 3) == before.substr(before.size() / 3 * 3));
      if (length > 100 && symbols.size() == 4) {
        CHECK(mono != before);
        CHECK(di != before);
        CHECK(codon != before);
        CHECK(words(mono, 2) != words(before, 2));
        CHECK(words(di, 3) != words(before, 3));
      }
    }
}

TEST_CASE("the dinucleotide shuffle reaches every arrangement about equally often") {
  // ACAGATA: A-x-A loops in any order, 3! = 6 arrangements with the same pairs.
  std::map<std::string, int> seen;
  Random random(3);
  for (int i = 0; i < 6000; ++i)
    ++seen[letters_of(shuffled(tokens_of("ACAGATA"), ShuffleKind::Dinucleotide, random))];
  CHECK(seen.size() == 6);
  // 1000 expected, standard deviation 29: 150 is five of them.
  for (const auto& [letters, count] : seen) CHECK(std::abs(count - 1000) < 150);
}

TEST_CASE("negatives by shuffling") {
  Dataset data;
  data.add("a", "label=yes", "", tokens_of("ACGTACGTAAACCC"));
  data.add("b", "", "", tokens_of("GGGTTTACAC"), "1111111111");
  const Labels labels = derive_labels(data, LabelRule::KeyValue);
  const Dataset both = with_shuffled_negatives(data, labels, ShuffleKind::Dinucleotide, 7);
  REQUIRE(both.size() == 4);
  CHECK(both.column_label(0) == "yes");
  CHECK(both.column_label(1) == "positive");
  CHECK(both.column_label(2) == "negative");
  CHECK(both.name(3) == "b_shuffled");
  CHECK(both.description(2).empty());
  CHECK(both.annotation(1) == "1111111111");
  CHECK(both.annotation(3).empty());
  CHECK(words(both.letters(2), 2) == words(data.letters(0), 2));
  CHECK(both.content_hash() ==
        with_shuffled_negatives(data, labels, ShuffleKind::Dinucleotide, 7).content_hash());
  CHECK(both.content_hash() !=
        with_shuffled_negatives(data, labels, ShuffleKind::Dinucleotide, 8).content_hash());
  // One more record leaves the other shuffles alone.
  Dataset more = data;
  more.add("c", "", "", tokens_of("ACGT"));
  const Dataset larger = with_shuffled_negatives(more, labels, ShuffleKind::Dinucleotide, 7);
  CHECK(larger.letters(3) == both.letters(2));
  CHECK(larger.letters(4) == both.letters(3));
}

TEST_CASE("reverse complement") {
  const Alphabet& dna = alphabet(AlphabetKind::Dna);
  CHECK(letters_of(reverse_complement(dna, tokens_of("AACGTNRG"))) == "CYNACGTT");
  const auto tokens = tokens_of("ACGTRYSWKMBDHVN");
  CHECK(reverse_complement(dna, reverse_complement(dna, tokens)) == tokens);
}

TEST_CASE("train and validation never share a sequence and both hold every class") {
  for (const int copies : {1, 2, 5})
    for (const double fraction : {0.1, 0.2, 0.5})
      for (std::uint64_t seed = 0; seed < 5; ++seed) {
        const Dataset data = copies_of(40, copies, seed);
        const Labels labels = derive_labels(data, LabelRule::Column);
        const Split split = split_train_validation(data, labels, true, fraction, seed);
        CHECK(split.train.size() + split.validation.size() == static_cast<std::size_t>(data.size()));
        CHECK(std::is_sorted(split.train.begin(), split.train.end()));
        CHECK(std::is_sorted(split.validation.begin(), split.validation.end()));
        std::set<std::string> trained;
        for (const int i : split.train) trained.insert(data.letters(i));
        for (const int i : split.validation) CHECK(trained.count(data.letters(i)) == 0);
        for (int cls = 0; cls < 2; ++cls) {
          const auto in = [&](const std::vector<int>& part) {
            return std::count_if(part.begin(), part.end(),
                                 [&](int i) { return labels.of_record[static_cast<std::size_t>(i)] == cls; });
          };
          const double wanted = fraction * labels.count(cls);
          CHECK(std::abs(static_cast<double>(in(split.validation)) - wanted) <=
                copies);  // to within one group
          CHECK(in(split.validation) > 0);
          CHECK(in(split.train) > 0);
        }
      }
}

TEST_CASE("splits at the edges") {
  const Dataset one = copies_of(1, 1, 1);
  const Labels labels = derive_labels(one, LabelRule::Column);
  CHECK(split_train_validation(one, labels, true, 0.5, 1).train == std::vector<int>{0});
  const Dataset same = copies_of(1, 6, 1);
  CHECK(
      split_train_validation(same, derive_labels(same, LabelRule::Column), true, 0.5, 1).validation.empty());
  const Dataset data = copies_of(10, 1, 1);
  CHECK(
      split_train_validation(data, derive_labels(data, LabelRule::Column), true, 0.0, 1).validation.empty());
  const Labels none = derive_labels(data, LabelRule::None);
  CHECK(split_train_validation(data, none, true, 0.2, 1).train.empty());
  const Split unlabelled = split_train_validation(data, none, false, 0.2, 1);
  CHECK(unlabelled.validation.size() == 2);
  CHECK(unlabelled.train.size() == 8);
  CHECK(split_train_validation(data, Labels{}, false, 0.2, 1).validation == unlabelled.validation);
  const auto by_seed = [&](std::uint64_t seed) {
    return split_train_validation(data, none, false, 0.5, seed).train;
  };
  CHECK(by_seed(1) == by_seed(1));
  CHECK(by_seed(1) != by_seed(2));
}

TEST_CASE("folds are even in size and in classes, and equal sequences share one") {
  for (const int copies : {1, 3})
    for (std::uint64_t seed = 0; seed < 5; ++seed) {
      const Dataset data = copies_of(53, copies, seed);
      const Labels labels = derive_labels(data, LabelRule::Column);
      const int k = 10;
      const std::vector<int> folds = stratified_folds(data, labels, k, seed);
      std::map<std::string, int> fold_of;
      std::vector<std::vector<int>> count(2, std::vector<int>(k, 0));
      for (int i = 0; i < data.size(); ++i) {
        const int fold = folds[static_cast<std::size_t>(i)];
        REQUIRE(fold >= 0);
        REQUIRE(fold < k);
        const auto [at, is_new] = fold_of.emplace(data.letters(i), fold);
        if (!is_new) CHECK(at->second == fold);
        ++count[static_cast<std::size_t>(labels.of_record[static_cast<std::size_t>(i)])]
               [static_cast<std::size_t>(fold)];
      }
      for (const auto& per_fold : count) {
        const auto [low, high] = std::minmax_element(per_fold.begin(), per_fold.end());
        CHECK(*high - *low <= copies);
      }
      CHECK(folds == stratified_folds(data, labels, k, seed));
    }
  const Dataset data = copies_of(9, 1, 1);
  CHECK(stratified_folds(data, derive_labels(data, LabelRule::None), 3, 1) == std::vector<int>(9, -1));
  CHECK(stratified_folds(data, derive_labels(data, LabelRule::Column), 0, 1) == std::vector<int>(9, -1));
}
