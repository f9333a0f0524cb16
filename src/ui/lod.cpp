// Building and reading the pyramid. Bytes keep 50,000 positions x 64 units x 6 arrays near 10 MB.
#include "ui/lod.h"

#include <algorithm>
#include <cmath>

namespace ribostep::ui {
namespace {

std::size_t at(int a, int b, int stride) {
  return static_cast<std::size_t>(a) * static_cast<std::size_t>(stride) + static_cast<std::size_t>(b);
}

// A division for all values instead of one for each.
float scale_of(const ValueRange& range) { return 255.0f / (range.high - range.low); }
std::uint8_t byte_of(float v, const ValueRange& range, float scale) {
  const float x = (v - range.low) * scale;
  if (!(x > 0)) return 0;  // also NaN
  return x >= 255 ? std::uint8_t{255} : static_cast<std::uint8_t>(x + 0.5f);
}

// The byte farther from the middle, 127.5.
std::uint8_t extreme(std::uint8_t a, std::uint8_t b) {
  return std::abs(2 * a - 255) >= std::abs(2 * b - 255) ? a : b;
}

}  // namespace

std::uint8_t ValueRange::byte(float v) const { return byte_of(v, *this, scale_of(*this)); }

float ValueRange::value(std::uint8_t b) const { return low + (high - low) * static_cast<float>(b) / 255.0f; }

void LodPyramid::start(int rows, int length, ValueRange range, Reduce reduce) {
  rows_ = rows;
  length_ = length;
  next_cell_ = 0;
  range_ = range;
  reduce_ = reduce;
  levels_.clear();
  const int size = 1 << kFirstLevel;
  Level base;
  base.cells = (length + size - 1) / size;
  ready_ = rows <= 0 || base.cells == 0;
  if (!ready_) {
    base.data.resize(at(base.cells, 0, rows));
    levels_.push_back(std::move(base));
  }
}

bool LodPyramid::build(const LodSource& source, std::ptrdiff_t& budget) {
  if (ready_) return true;
  Level& base = levels_.front();
  const int size = 1 << kFirstLevel;
  const float scale = scale_of(range_);
  const auto to_byte = [&](float v) { return byte_of(v, range_, scale); };
  const auto width = static_cast<std::size_t>(rows_);
  std::vector<float> first(width), next(width);
  while (next_cell_ < base.cells && budget > 0) {
    const int begin = next_cell_ * size;
    const int count = std::min(size, length_ - begin);
    std::uint8_t* out = base.data.data() + at(next_cell_, 0, rows_);
    source.read(begin, first.data());
    if (reduce_ == Reduce::Extreme) {
      for (std::size_t r = 0; r < width; ++r) out[r] = to_byte(first[r]);
    }
    for (int k = 1; k < count; ++k) {
      source.read(begin + k, next.data());
      if (reduce_ == Reduce::Mean) {
        for (std::size_t r = 0; r < width; ++r) first[r] += next[r];
      } else {
        for (std::size_t r = 0; r < width; ++r) out[r] = extreme(out[r], to_byte(next[r]));
      }
    }
    if (reduce_ == Reduce::Mean) {
      const float share = 1.0f / static_cast<float>(count);
      for (std::size_t r = 0; r < width; ++r) out[r] = to_byte(first[r] * share);
    }
    ++next_cell_;
    budget -= static_cast<std::ptrdiff_t>(count) * rows_;
  }
  if (next_cell_ < base.cells) return false;
  reduce_above();
  ready_ = true;
  return true;
}

void LodPyramid::reduce_above() {
  while (levels_.back().cells > 1) {
    const Level& below = levels_.back();
    Level next;
    next.cells = (below.cells + 1) / 2;
    next.data.resize(at(next.cells, 0, rows_));
    for (int cell = 0; cell < next.cells; ++cell) {
      const std::uint8_t* a = below.data.data() + at(2 * cell, 0, rows_);
      const std::uint8_t* b = 2 * cell + 1 < below.cells ? a + rows_ : a;
      std::uint8_t* out = next.data.data() + at(cell, 0, rows_);
      for (int r = 0; r < rows_; ++r) {
        // The half is rounded up on even cells and down on odd ones, so that levels do not drift upwards.
        out[r] = reduce_ == Reduce::Mean ? static_cast<std::uint8_t>((a[r] + b[r] + (cell & 1)) >> 1)
                                         : extreme(a[r], b[r]);
      }
    }
    levels_.push_back(std::move(next));
  }
}

int LodPyramid::level_for(double positions_per_pixel) {
  int level = 0;
  for (double size = 1; size < positions_per_pixel && level < 30; size *= 2) ++level;
  return level;
}

void LodPyramid::fill(const LodSource& source, int level, int begin, int count, std::uint8_t* out) const {
  const auto stored = static_cast<std::size_t>(std::max(level - kFirstLevel, 0));
  if (level >= kFirstLevel && ready_ && !levels_.empty()) {
    const Level& from = levels_[std::min(stored, levels_.size() - 1)];
    for (int cell = 0; cell < count; ++cell) {
      const int wanted = std::clamp(begin + cell, 0, from.cells - 1);
      const std::uint8_t* column = from.data.data() + at(wanted, 0, rows_);
      for (int r = 0; r < rows_; ++r) out[at(r, cell, count)] = column[r];
    }
    return;
  }
  const int size = 1 << level;
  const float scale = scale_of(range_);
  const auto to_byte = [&](float v) { return byte_of(v, range_, scale); };
  const int reads = level < kFirstLevel ? size : 1;
  std::vector<float> values(static_cast<std::size_t>(rows_)), sum(values.size());
  for (int cell = 0; cell < count; ++cell) {
    const int from = (begin + cell) * size + (reads == 1 ? size / 2 : 0);
    std::fill(sum.begin(), sum.end(), 0.0f);
    int n = 0;
    for (int k = 0; k < reads; ++k) {
      const int t = std::min(from + k, length_ - 1);
      if (t < 0 || (k > 0 && from + k >= length_)) break;
      source.read(t, values.data());
      ++n;
      for (std::size_t r = 0; r < sum.size(); ++r) {
        if (reduce_ == Reduce::Mean || k == 0) {
          sum[r] += values[r];
        } else if (extreme(to_byte(sum[r]), to_byte(values[r])) != to_byte(sum[r])) {
          sum[r] = values[r];
        }
      }
    }
    const float share = reduce_ == Reduce::Mean && n > 0 ? 1.0f / static_cast<float>(n) : 1.0f;
    for (int r = 0; r < rows_; ++r) {
      out[at(r, cell, count)] = to_byte(sum[static_cast<std::size_t>(r)] * share);
    }
  }
}

ValueRange extent(const LodSource& source, int stride) {
  ValueRange range{0, 0};
  bool any = false;
  std::vector<float> values(static_cast<std::size_t>(source.rows()));
  for (int t = 0; t < source.length(); t += std::max(stride, 1)) {
    source.read(t, values.data());
    for (const float v : values) {
      if (!std::isfinite(v)) continue;
      range.low = any ? std::min(range.low, v) : v;
      range.high = any ? std::max(range.high, v) : v;
      any = true;
    }
  }
  return range;
}

std::vector<std::uint8_t> reduce_rows(const std::vector<std::uint8_t>& cells, int rows, int columns,
                                      int groups, Reduce reduce) {
  std::vector<std::uint8_t> result(at(groups, 0, columns));
  for (int g = 0; g < groups; ++g) {
    const int begin = g * rows / groups, end = std::max(begin + 1, (g + 1) * rows / groups);
    for (int x = 0; x < columns; ++x) {
      int sum = 0;
      std::uint8_t most = cells[at(begin, x, columns)];
      for (int r = begin; r < end; ++r) {
        const std::uint8_t v = cells[at(r, x, columns)];
        sum += v;
        most = extreme(most, v);
      }
      const int n = end - begin;
      result[at(g, x, columns)] =
          reduce == Reduce::Mean ? static_cast<std::uint8_t>((sum + n / 2) / n) : most;
    }
  }
  return result;
}

}  // namespace ribostep::ui
