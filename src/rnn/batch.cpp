#include "rnn/batch.h"

#include <algorithm>
#include <numeric>

namespace ribostep::rnn {

void BatchLayout::build(std::span<const int> lengths) {
  const auto length_of = [&](int i) { return lengths[static_cast<std::size_t>(i)]; };
  rows = static_cast<int>(lengths.size());
  source.resize(lengths.size());
  std::iota(source.begin(), source.end(), 0);
  std::sort(source.begin(), source.end(),
            [&](int a, int b) { return length_of(a) != length_of(b) ? length_of(a) > length_of(b) : a < b; });
  length.clear();
  for (const int i : source) length.push_back(length_of(i));
  steps = rows > 0 ? length[0] : 0;
  active.clear();
  first.clear();
  tokens.clear();
  positions = 0;
  int n = rows;
  for (int t = 0; t <= steps; ++t) {
    while (n > 0 && length[static_cast<std::size_t>(n - 1)] <= t) --n;
    active.push_back(n);
    first.push_back(positions);
    positions += n;
  }
}

void BatchLayout::build(std::span<const Example> batch) {
  lengths_.clear();
  for (const Example& example : batch) lengths_.push_back(static_cast<int>(example.tokens.size()));
  build(std::span<const int>(lengths_));
  for (int t = 0; t < steps; ++t)
    for (int r = 0; r < active_at(t); ++r) {
      const auto i = static_cast<std::size_t>(source[static_cast<std::size_t>(r)]);
      tokens.push_back(batch[i].tokens[static_cast<std::size_t>(t)]);
    }
}

}  // namespace ribostep::rnn
