// The data set as a value: content, its hash, its bytes; classes found in headers.
#include <doctest/doctest.h>

#include "bio_samples.h"

using namespace ribostep;
using namespace ribostep::bio;

namespace {

Dataset sample() {
  Dataset data;
  data.add("first", "some words label=a", "", tokens_of("ACGTN"));
  data.add("second", "", "b", tokens_of("GG"), "1.");
  data.add("third", "Topology=Circular", "", tokens_of("TTT"));
  return data;
}

Labels labels_of(const std::vector<std::string>& headers, LabelRule rule) {
  std::string text;
  for (const std::string& header : headers) text += ">" + header + "\nACGT\n";
  return derive_labels(read(text).data, rule);
}

}  // namespace

TEST_CASE("records come back as they were added") {
  const Dataset data = sample();
  REQUIRE(data.size() == 3);
  CHECK(data.name(1) == "second");
  CHECK(data.description(0) == "some words label=a");
  CHECK(data.column_label(1) == "b");
  CHECK(data.letters(0) == "ACGTN");
  CHECK(data.length(2) == 3);
  CHECK(data.total_length() == 10);
  CHECK(data.annotation(0).empty());
  CHECK(data.annotation(1) == "1.");
  CHECK(data.annotation(2).empty());
  CHECK(data.circular(2));
  CHECK_FALSE(data.circular(0));
}

TEST_CASE("the hash names the content: every part of it counts, and it stays the same between versions") {
  const std::string hash = sample().content_hash();
  CHECK(hash == sample().content_hash());
  CHECK(hash.size() == 16);
  const auto varied = [](int what) {
    Dataset data;
    if (what == 0) data.alphabet_kind = AlphabetKind::Rna;
    data.add(what == 1 ? "firsts" : "first", what == 2 ? "" : "ome", what == 3 ? "b" : "a",
             tokens_of(what == 4 ? "ACGA" : "ACGT"),
             what == 5 ? std::string_view("1...") : std::string_view());
    if (what == 6) data.add("first", "ome", "a", tokens_of("ACGT"));
    // Moving a letter across a border is another content.
    if (what == 7) {
      Dataset moved;
      moved.add("firsto", "me", "a", tokens_of("ACGT"));
      return moved.content_hash();
    }
    return data.content_hash();
  };
  for (int a = 0; a < 9; ++a)
    for (int b = a + 1; b < 9; ++b) CHECK(varied(a) != varied(b));
  // Written down: links name data sets by this. A change needs a new version of the link format.
  Dataset data;
  data.add("x", "", "", tokens_of("ACGT"));
  CHECK(data.content_hash() == "0850d6c2c5da9639");
}

TEST_CASE("pack and unpack") {
  for (const Dataset& data : {sample(), Dataset{}}) {
    const auto back = Dataset::unpack(data.pack());
    REQUIRE(back.has_value());
    CHECK(back->content_hash() == data.content_hash());
    CHECK(back->pack() == data.pack());
  }
}

TEST_CASE("unpack refuses damage and never reads beyond its bytes") {
  const std::vector<std::uint8_t> good = sample().pack();
  for (std::size_t size = 0; size < good.size(); ++size)
    CHECK_FALSE(Dataset::unpack(std::span<const std::uint8_t>(good).first(size)).has_value());
  std::vector<std::uint8_t> longer = good;
  longer.push_back(0);
  CHECK_FALSE(Dataset::unpack(longer).has_value());

  // Any byte changed in any way: refused, or a data set all of whose parts can be read.
  int accepted = 0;
  for (std::size_t at = 0; at < good.size(); ++at)
    for (const unsigned change : {1u, 0x80u, 0xFFu}) {
      std::vector<std::uint8_t> bad = good;
      bad[at] = static_cast<std::uint8_t>(bad[at] ^ change);
      const auto data = Dataset::unpack(bad);
      if (!data) continue;
      ++accepted;
      for (int i = 0; i < data->size(); ++i) {
        CHECK(data->letters(i).size() == static_cast<std::size_t>(data->length(i)));
        CHECK((data->annotation(i).empty() || data->annotation(i).size() == data->tokens(i).size()));
      }
      CHECK(data->content_hash() != sample().content_hash());
    }
  CHECK(accepted > 0);

  // Sizes that would need gigabytes.
  std::vector<std::uint8_t> huge = good;
  for (std::size_t i = 12; i < 28; ++i) huge[i] = 0xFF;
  CHECK_FALSE(Dataset::unpack(huge).has_value());
  Random random(5);
  for (int round = 0; round < 2000; ++round) {
    std::vector<std::uint8_t> noise = good;
    for (int k = 0; k < 4; ++k)
      noise[random.below(static_cast<std::uint32_t>(noise.size()))] =
          static_cast<std::uint8_t>(random.next());
    if (const auto data = Dataset::unpack(noise)) CHECK(data->pack() == noise);
  }
}

TEST_CASE("label rules one by one") {
  const std::vector<std::string> headers = {"r1|yes extra label=a", "r2|no more class=\"two words\"",
                                            "r3 xlabel=no LABEL=a;", "r4"};
  const Labels key = labels_of(headers, LabelRule::KeyValue);
  CHECK(key.classes == std::vector<std::string>{"a", "two words"});
  CHECK(key.of_record == std::vector<int>{0, 1, 0, -1});
  CHECK(key.unlabelled == 1);
  CHECK(key.count(0) == 2);
  const Labels field = labels_of(headers, LabelRule::LastField);
  CHECK(field.classes == std::vector<std::string>{"no", "yes"});
  CHECK(field.of_record == std::vector<int>{1, 0, -1, -1});
  const Labels word = labels_of({"a one", "b\ttwo  ", "c", "d not one"}, LabelRule::LastWord);
  CHECK(word.classes == std::vector<std::string>{"one", "two"});
  CHECK(word.of_record == std::vector<int>{0, 1, -1, 0});
  CHECK(labels_of(headers, LabelRule::None).unlabelled == 4);
  CHECK(labels_of(headers, LabelRule::Column).classes.empty());
}

TEST_CASE("the automatic rule") {
  const auto rule_of = [](const std::vector<std::string>& headers) {
    return labels_of(headers, LabelRule::Auto).rule;
  };
  CHECK(rule_of({"a label=x", "b label=y", "c"}) == LabelRule::KeyValue);
  CHECK(rule_of({"a|x", "b|y", "c|x", "d|y"}) == LabelRule::LastField);
  CHECK(rule_of({"a x", "b y", "c x", "d y"}) == LabelRule::LastWord);
  CHECK(rule_of({"a", "b", "c"}) == LabelRule::None);
  CHECK(rule_of({"a one", "b two", "c three", "d four"}) == LabelRule::None);  // every word once: no classes
  CHECK(rule_of({"a same", "b same", "c same"}) == LabelRule::None);
  CHECK(rule_of({"a label=x", "b", "c", "d"}) == LabelRule::None);                 // a minority
  CHECK(rule_of({"a label=x", "b label=x", "c label=x"}) == LabelRule::KeyValue);  // one class, on purpose
  CHECK(rule_of({"sp|P1|AA_HUMAN x", "sp|P2|BB_HUMAN x", "sp|P3|CC_HUMAN x"}) == LabelRule::None);
  std::vector<std::string> many;
  for (int i = 0; i < 102; ++i) many.push_back("r" + std::to_string(i) + " label=c" + std::to_string(i / 2));
  CHECK(rule_of(many) == LabelRule::None);  // 51 classes
  many.resize(100);
  CHECK(rule_of(many) == LabelRule::KeyValue);  // 50
  const Labels column = derive_labels(read("x\tACGT\ny\tAACC\nx\tGG\n").data, LabelRule::Auto);
  CHECK(column.rule == LabelRule::Column);
  CHECK(column.of_record == std::vector<int>{0, 1, 0});
  CHECK(derive_labels(Dataset{}, LabelRule::Auto).rule == LabelRule::None);
}

TEST_CASE("classes of positions") {
  Dataset data;
  data.add("a", "", "", tokens_of("ACGT"), "2.H1");
  data.add("b", "", "", tokens_of("AC"), "..");
  data.add("c", "", "", tokens_of("A"));
  const PositionClasses classes = position_classes(data);
  CHECK(classes.names == std::vector<std::string>{"1", "2", "H"});
  REQUIRE(classes.of_character.size() == 256);
  CHECK(classes.of_character['H'] == 2);
  CHECK(classes.of_character['.'] == 255);
  CHECK(classes.of_character['3'] == 255);
}
