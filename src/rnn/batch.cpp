#include "rnn/batch.h"

#include <algorithm>
#include <numeric>

namespace ribostep::rnn {

void BatchLayout::build(std::span<const Example> batch) {
  const auto length_of = [&](int i) {
    return static_cast<int>(batch[static_cast<std::size_t>(i)].tokens.size());
  };
  rows = static_cast<int>(batch.size());
  source.resize(batch.size());
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
    for (int r = 0; r < n; ++r) {
      const auto i = static_cast<std::size_t>(source[static_cast<std::size_t>(r)]);
      tokens.push_back(batch[i].tokens[static_cast<std::size_t>(t)]);
    }
  }
}

}  // namespace ribostep::rnn
