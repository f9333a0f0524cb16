// What does a unit read? Where in the data set it is most active, what the letters there have in common, and
// what its value goes along with. Each number stands beside the same one of sequences whose letters were
// shuffled, of the network before training, and of chance.
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "experiment/unit_records.h"

namespace ribostep::experiment {

enum class UnitValue : std::uint8_t { State, Cell, Gate };
struct UnitPick {
  int layer = 0, unit = 0;
  UnitValue value = UnitValue::State;
  int gate = 0;  // of rnn::gates(cell)
  bool operator==(const UnitPick&) const = default;
};
// Whether there is such a unit, and such a value of it.
bool exists(const rnn::Network& net, const UnitPick& pick);

// Which places count as the top ones.
enum class Peak : std::uint8_t {
  Largest /* of |value| */,
  Highest,
  Lowest,
  Rise /* from one step to the next */
};
inline constexpr int kPeaks = 4;
const char* name(Peak peak);  // "largest", "highest", "lowest", "rise"
std::optional<Peak> peak_named(std::string_view name);

// A word in IUPAC letters: at each place the symbols it may be.
struct Motif {
  std::string text;
  std::vector<std::uint32_t> masks;
};
std::optional<Motif> read_motif(const bio::Alphabet& alphabet, std::string_view text);
inline constexpr std::size_t kLongestMotif = 64;
// The words that conditions of the form "seq ~ WORD" look for, each once, in the order given.
std::vector<std::string> motifs_of_condition(std::string_view condition);

inline constexpr int kMaxTopWindows = 100, kMaxReadWidth = 60, kChanceRounds = 19;
struct UnitQuestion {
  UnitPick of;
  Peak peak = Peak::Largest;
  int windows = 20;                // top places
  int width = 10;                  // letters that are looked back over
  int per_sequence = 0;            // top places in one sequence at most; 0: as few as give enough
  std::vector<std::string> words;  // IUPAC; those that are none in this alphabet are left out
  std::int64_t budget = 60000;     // letters, see choose_extracts
  std::uint64_t seed = 1;          // of shuffling
};

struct TopWindow {
  int record = 0;
  int position = 0;     // 1-based: the state after this letter
  float value = 0;      // of the unit there
  float rise = 0;       // against the step before
  std::string letters;  // '-' beyond the ends; empty for a series
  int marked = 0;       // which of them is the position
};

// Share of each symbol in each column over the top windows, with a pseudocount of one window of the data's
// own composition, and what it tells against that composition: sum p log2(p / q) bits (Kullback & Leibler).
struct Logo {
  int columns = 0, windows = 0;
  std::string symbols;
  std::vector<double> share;       // [columns][symbols]
  std::vector<double> bits;        // [columns]
  std::vector<double> background;  // [symbols]
};
// `windows` of equal length; letters outside the alphabet do not count, ambiguous ones count in parts.
Logo make_logo(const bio::Alphabet& alphabet, std::span<const std::string> windows,
               std::span<const double> background);

// How much the unit goes along with something. Correlation: Pearson's r (of two values: point-biserial).
// Groups: eta^2, the share of the unit's variance that lies between the groups.
enum class Measure : std::uint8_t { Correlation, Groups };
struct Relation {
  std::string what;  // "GC in the last 10 letters"
  Measure measure = Measure::Correlation;
  bool per_sequence = false;  // of the unit's mean over each sequence
  std::int64_t n = 0;         // steps, or sequences
  // NaN: not defined (one of both never changes). `chance`: the largest magnitude among 19 rounds in which
  // the trained unit's values were moved round within each sequence by random distances (per sequence:
  // dealt out anew), so that one unit in 20 exceeds it by luck.
  double trained = 0, shuffled = 0, untrained = 0, chance = 0;
};
double explained(Measure measure, double value);  // share of variance: r^2 or eta^2; 0 for NaN

struct UnitReading {
  UnitQuestion question;
  Extracts read;
  std::int64_t steps = 0;
  int per_sequence = 0;  // as used
  bool forward = true, centred = false;
  double mean = 0, deviation = 0, low = 0, high = 0;  // of the unit, trained
  std::vector<TopWindow> windows;
  Logo logo;
  std::vector<Relation> relations;
  std::string conclusion;
};
// One honest line: more than the untrained network does, no more than that, or nothing at all.
std::string conclude(const std::vector<Relation>& relations, bool constant, bool same_weights);
inline constexpr double kClearlyMore = 0.05;  // of the variance explained

class UnitReader {
 public:
  // `prepared` must outlive this. `pick` must exist in the network of `spec`.
  UnitReader(const Prepared& prepared, const rnn::ModelSpec& spec, std::vector<float> trained,
             std::vector<float> untrained, UnitQuestion question);
  ~UnitReader();
  bool run(int steps);      // about so many steps of a layer, or one table row; true: finished
  double progress() const;  // 0..1
  UnitReading take();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ribostep::experiment
