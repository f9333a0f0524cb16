// Level of detail for values along a sequence: a pyramid over positions whose cells are bytes, so that a
// pixel column over 50,000 positions reads a handful of numbers. Knows nothing of colours, ImGui or networks.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace ribostep::ui {

// How many positions become one: their mean, or the one farthest from the middle of the range (keeps spikes).
enum class Reduce : std::uint8_t { Mean, Extreme };

// `rows` values at each of `length` positions.
class LodSource {
 public:
  virtual ~LodSource() = default;
  virtual int rows() const = 0;
  virtual int length() const = 0;
  virtual void read(int t, float* out) const = 0;  // rows() values
};

// Values become bytes by 255 * (v - low) / (high - low), clamped; 128 is the byte nearest the middle. NaN is
// 0.
struct ValueRange {
  float low = -1, high = 1;
  std::uint8_t byte(float v) const;
  float value(std::uint8_t b) const;
};

class LodPyramid {
 public:
  static constexpr int kFirstLevel = 2;  // levels 0 and 1 (1 and 2 positions a cell) are read from the source

  // Starts over; build() does the work.
  void start(int rows, int length, ValueRange range, Reduce reduce);
  // Reads up to about `budget` values; true: finished.
  bool build(const LodSource& source, std::ptrdiff_t& budget);
  bool ready() const { return ready_; }
  const ValueRange& range() const { return range_; }
  Reduce reduce() const { return reduce_; }
  // Level whose cells are at least one pixel wide and under two (or level 0).
  static int level_for(double positions_per_pixel);
  // Cells [begin, begin+count) of a level, row by row: out[row * count + cell]. Each cell covers 2^level
  // positions. Before ready(), levels >= kFirstLevel are sampled (the middle position of a cell), never
  // blank.
  void fill(const LodSource& source, int level, int begin, int count, std::uint8_t* out) const;

 private:
  struct Level {
    int cells = 0;
    std::vector<std::uint8_t> data;  // [cells][rows]
  };
  void reduce_above();

  int rows_ = 0, length_ = 0, next_cell_ = 0;
  ValueRange range_;
  Reduce reduce_ = Reduce::Mean;
  bool ready_ = false;
  std::vector<Level> levels_;  // [0] is kFirstLevel
};

// Smallest and largest finite value of every `stride`-th position; {0, 0} when there is none.
ValueRange extent(const LodSource& source, int stride = 1);

// Bytes [rows][cells] with fewer rows: `groups` bands of neighbouring rows, reduced as given.
std::vector<std::uint8_t> reduce_rows(const std::vector<std::uint8_t>& cells, int rows, int columns,
                                      int groups, Reduce reduce);

}  // namespace ribostep::ui
