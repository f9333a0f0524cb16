// A set of sequences, immutable once made and named by its content. Tokens of all records lie in one block,
// so 20 MB of FASTA is a handful of allocations and crosses from worker to page as bytes. A set of series has
// real values at every position instead of letters: AlphabetKind::Series, and every token is 0.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "bio/alphabet.h"

namespace ribostep::bio {

// How the class of a sequence is found in what came with it.
enum class LabelRule : std::uint8_t {
  Auto,
  Column,
  KeyValue /* label=x */,
  LastField /* ...|x */,
  LastWord,
  None
};

inline constexpr int kMaxChannels = 64;  // values per position of a series
inline constexpr std::size_t kMaxChannelName = 100;

class Dataset {
 public:
  AlphabetKind alphabet_kind = AlphabetKind::Dna;

  const Alphabet& alphabet() const { return bio::alphabet(alphabet_kind); }
  int size() const { return static_cast<int>(records_.size()); }
  bool empty() const { return records_.empty(); }
  std::string_view name(int i) const;          // first word of the header, or "sequence 3"
  std::string_view description(int i) const;   // rest of the header
  std::string_view column_label(int i) const;  // label given in a column of its own (TSV), else empty
  std::span<const std::uint8_t> tokens(int i) const;
  int length(int i) const;
  std::string letters(int i) const;  // upper case
  // One character per position, '.' = not annotated; empty when the record has none.
  std::string_view annotation(int i) const;
  std::size_t total_length() const { return tokens_.size(); }
  bool circular(int i) const;  // header says topology=circular
  // Series: [length(i)][channels()], as given; else empty.
  std::span<const float> values(int i) const;
  int channels() const { return static_cast<int>(channel_names_.size()); }  // 0: letters
  const std::vector<std::string>& channel_names() const { return channel_names_; }

  // `annotation` empty or as long as tokens. Strings are copied.
  void add(std::string_view name, std::string_view description, std::string_view column_label,
           std::span<const std::uint8_t> tokens, std::string_view annotation = {});
  // A set of series with these values per position, 1..kMaxChannels names; before the first record.
  static Dataset of_series(std::vector<std::string> channel_names);
  // `values` are finite, channels() for each position.
  void add_series(std::string_view name, std::string_view description, std::string_view column_label,
                  std::span<const float> values, std::string_view annotation = {});

  std::string content_hash() const;  // 16 hex digits over everything above

  std::vector<std::uint8_t> pack() const;
  static std::optional<Dataset> unpack(std::span<const std::uint8_t> bytes);  // nullopt: damaged

 private:
  struct Field {
    std::uint32_t begin = 0, size = 0;
  };
  struct Record {
    Field name, description, label, tokens;
    std::uint32_t annotated = 0;
  };
  std::string_view text(Field f) const { return std::string_view(text_).substr(f.begin, f.size); }

  std::vector<Record> records_;
  std::string text_;  // names, descriptions, labels
  std::vector<std::uint8_t> tokens_;
  std::string annotation_;  // empty, or as long as tokens_
  std::vector<std::string> channel_names_;
  std::vector<float> values_;  // [tokens_.size()][channels()]
};

using DatasetPtr = std::shared_ptr<const Dataset>;

// Classes of a data set under a rule: names sorted, each record's class or -1.
struct Labels {
  LabelRule rule = LabelRule::None;  // the rule that was used (Auto resolved)
  std::vector<std::string> classes;
  std::vector<int> of_record;
  int unlabelled = 0;
  int count(int cls) const;  // records of that class
};
Labels derive_labels(const Dataset& data, LabelRule rule);

// Classes of positions: the distinct annotation characters other than '.', sorted.
struct PositionClasses {
  std::vector<std::string> names;          // "1", "2", "H", ...
  std::vector<std::uint8_t> of_character;  // 256 entries; 255 = none
};
PositionClasses position_classes(const Dataset& data);

const char* name(LabelRule rule);  // "auto", "column", "key", "field", "word", "none"
std::optional<LabelRule> label_rule(std::string_view name);
const char* name(AlphabetKind kind);  // "dna", "rna", "protein", "series", "bits", "brackets", "reber"
std::optional<AlphabetKind> alphabet_kind(std::string_view name);  // any case

}  // namespace ribostep::bio
