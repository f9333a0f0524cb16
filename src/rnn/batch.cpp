#include "rnn/batch.h"

#include <algorithm>
#include <numeric>

namespace ribostep::rnn {

void BatchLayout::build(std::span<const int> lengths) {
  const auto given = [&](int i) { return lengths[static_cast<std::size_t>(i)]; };
  rows = static_cast<int>(lengths.size());
  source.resize(lengths.size());
  std::iota(source.begin(), source.end(), 0);
  std::sort(source.begin(), source.end(),
            [&](int a, int b) { return given(a) != given(b) ? given(a) > given(b) : a < b; });
  length.clear();
  for (const int i : source) length.push_back(given(i));
  count();
}

void BatchLayout::count() {
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

void BatchLayout::build(const ModelSpec& spec, const Tokens& kinds, std::span<const Example> batch,
                        int copies) {
  lengths_.clear();
  for (const Example& example : batch) lengths_.push_back(copies * rnn::steps(spec, example));
  build(std::span<const int>(lengths_));
  if (kinds.none() || spec.input == Input::Values) return;
  for (int t = 0; t < steps; ++t)
    for (int r = 0; r < active_at(t); ++r) {
      const auto letters = batch[static_cast<std::size_t>(source[static_cast<std::size_t>(r)])].tokens;
      tokens.push_back(
          static_cast<std::uint16_t>(kinds.at(letters, copies > 1 ? t % (length_of(r) / copies) : t)));
    }
}

void BatchLayout::build_windows(const BatchLayout& letters, int width) {
  rows = letters.rows;
  source = letters.source;
  length.clear();
  for (const int n : letters.length) length.push_back((n + width - 1) / width);
  count();
}

}  // namespace ribostep::rnn
