// What a unit's value is set against: columns of numbers or groups, one entry per step or per sequence, and
// how strongly two columns go together. Private to unit_reading.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/random.h"
#include "experiment/unit_reading.h"

namespace ribostep::experiment {

// The letters behind a record's steps: as given, or shuffled.
struct ReadRecord {
  int record = 0, letters = 0;
  std::size_t begin = 0;  // of its steps among all
  int steps = 0;
  std::span<const std::uint8_t> tokens;
  std::span<const std::uint8_t> position_labels;
  std::span<const float> values;  // series: [letters][channels]
};

struct Column {
  std::string what;
  Measure measure = Measure::Correlation;
  bool per_sequence = false;
  std::vector<float> given, shuffled;  // NaN: not known; groups are 0, 1, 2, ...
};

// NaN where a side never changes. Pairs with a value that is not finite are left out; their rest is `n`.
double strength(Measure measure, std::span<const float> column, std::span<const float> unit,
                std::int64_t* n = nullptr);

// Columns in the order they are shown, made one at a time.
class Columns {
 public:
  Columns(const Prepared& prepared, const rnn::Network& net, const UnitQuestion& question);
  int count() const { return static_cast<int>(kinds_.size()); }
  Column make(int index, std::span<const ReadRecord> given, std::span<const ReadRecord> shuffled) const;
  // [begin, end) of the letters a step is set against: those read last, or around it.
  void window(const ReadRecord& record, int step, int& begin, int& end) const;
  bool forward() const { return !layer_.wiring.reverse; }
  bool centred() const { return centred_; }

 private:
  enum class Kind : std::uint8_t {
    Letter,
    LetterBefore,
    Content,
    Pairs,
    Phase,
    WordHere,
    Word,
    Channel,
    ChannelMean,
    Place,
    PositionLabel,
    SequenceLabel
  };
  struct What {
    Kind kind;
    int index = 0;  // of the word, channel or class
  };
  void fill(const What& what, const ReadRecord& record, std::vector<float>& out) const;
  void fill_counts(const ReadRecord& record, const std::vector<int>& marks, bool share, bool any, int skip,
                   std::vector<float>& out) const;
  std::vector<int> marks_of(const What& what, const ReadRecord& record) const;
  std::string words(const What& what) const;
  bool matches(const Motif& word, const ReadRecord& record, int at) const;

  const Prepared& prepared_;
  const bio::Alphabet& alphabet_;
  rnn::Layer layer_;
  bool centred_ = false;
  int per_step_ = 1, width_ = 10;
  std::uint32_t content_ = 0;  // symbols counted: G and C, or the hydrophobic residues
  std::vector<Motif> motifs_;
  std::vector<What> kinds_;
};

}  // namespace ribostep::experiment
