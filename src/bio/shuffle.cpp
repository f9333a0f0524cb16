// Shuffles that preserve counts of letters, of neighbours, or of codons. The dinucleotide shuffle draws a
// uniformly random Eulerian path: a random tree of "last exits" (Wilson 1996, by loop-erased walks), every
// other exit in random order (Kandel, Matias, Unger & Winkler 1996).
#include "bio/shuffle.h"

#include <algorithm>
#include <array>

#include "bio/covariates.h"

namespace ribostep::bio {
namespace {

constexpr std::uint64_t kShuffleStream = 0x5348554600000000ULL;  // apart from the streams of training
constexpr std::size_t kMaxTokens = 256;

std::vector<std::uint8_t> dinucleotide_shuffled(std::span<const std::uint8_t> tokens, Random& random) {
  std::vector<std::uint8_t> result(tokens.begin(), tokens.end());
  if (tokens.size() < 4) return result;  // first and last letter are fixed: nothing can move
  // exits[u]: the letters that follow u, once per occurrence.
  std::array<std::vector<std::uint8_t>, kMaxTokens> exits;
  for (std::size_t i = 0; i + 1 < tokens.size(); ++i) exits[tokens[i]].push_back(tokens[i + 1]);

  const std::uint8_t last = tokens.back();
  std::array<bool, kMaxTokens> in_tree{};
  std::array<std::size_t, kMaxTokens> last_exit{};
  in_tree[last] = true;
  for (std::size_t u = 0; u < kMaxTokens; ++u) {
    if (exits[u].empty()) continue;
    // Walk at random until the tree is met; walking over a letter again overwrites its exit, which erases the
    // loop. Then what is left of the walk joins the tree.
    for (std::size_t v = u; !in_tree[v]; v = exits[v][last_exit[v]])
      last_exit[v] = random.below(static_cast<std::uint32_t>(exits[v].size()));
    for (std::size_t v = u; !in_tree[v]; v = exits[v][last_exit[v]]) in_tree[v] = true;
  }
  for (std::size_t u = 0; u < kMaxTokens; ++u) {
    std::vector<std::uint8_t>& list = exits[u];
    if (list.empty()) continue;
    if (u == last) {
      shuffle(list, random);
      continue;
    }
    std::swap(list[last_exit[u]], list.back());
    const std::uint8_t kept = list.back();
    list.pop_back();
    shuffle(list, random);
    list.push_back(kept);
  }
  std::array<std::size_t, kMaxTokens> used{};
  for (std::size_t i = 1; i < result.size(); ++i) {
    const std::uint8_t u = result[i - 1];
    result[i] = exits[u][used[u]++];
  }
  return result;
}

std::vector<std::uint8_t> codon_shuffled(std::span<const std::uint8_t> tokens, Random& random) {
  std::vector<std::size_t> order(tokens.size() / 3);
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  shuffle(order, random);
  std::vector<std::uint8_t> result(tokens.begin(), tokens.end());  // an incomplete last codon stays in place
  for (std::size_t i = 0; i < order.size(); ++i)
    for (std::size_t k = 0; k < 3; ++k) result[3 * i + k] = tokens[3 * order[i] + k];
  return result;
}

// The positions of a series in another order, each keeping its values.
std::vector<float> shuffled_positions(std::span<const float> values, int length, Random& random) {
  std::vector<std::size_t> order(static_cast<std::size_t>(length));
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  shuffle(order, random);
  const std::size_t width = order.empty() ? 0 : values.size() / order.size();
  std::vector<float> result;
  result.reserve(values.size());
  for (const std::size_t position : order)
    for (std::size_t k = 0; k < width; ++k) result.push_back(values[position * width + k]);
  return result;
}

}  // namespace

std::vector<std::uint8_t> shuffled(std::span<const std::uint8_t> tokens, ShuffleKind kind, Random& random) {
  switch (kind) {
    case ShuffleKind::Dinucleotide:
      return dinucleotide_shuffled(tokens, random);
    case ShuffleKind::Codon:
      return codon_shuffled(tokens, random);
    case ShuffleKind::Mono:
      break;
  }
  std::vector<std::uint8_t> result(tokens.begin(), tokens.end());
  shuffle(result, random);
  return result;
}

Dataset with_shuffled_negatives(const Dataset& data, const Labels& labels, ShuffleKind kind,
                                std::uint64_t seed) {
  const bool series = data.channels() > 0;
  Dataset result = series ? Dataset::of_series(data.channel_names()) : Dataset{};
  result.alphabet_kind = data.alphabet_kind;
  for (int i = 0; i < data.size(); ++i) {
    const int cls = static_cast<std::size_t>(i) < labels.of_record.size()
                        ? labels.of_record[static_cast<std::size_t>(i)]
                        : -1;
    const std::string_view label =
        cls >= 0 ? std::string_view(labels.classes[static_cast<std::size_t>(cls)]) : "positive";
    if (series)
      result.add_series(data.name(i), data.description(i), label, data.values(i), data.annotation(i));
    else
      result.add(data.name(i), data.description(i), label, data.tokens(i), data.annotation(i));
  }
  for (int i = 0; i < data.size(); ++i) {
    // A stream per record: adding one sequence leaves the shuffles of the others as they were.
    Random random(seed, kShuffleStream + static_cast<std::uint64_t>(i));
    // Of the description the covariates alone, which would tell the copies by being missing: a label=x in it
    // would claim the copy for the class it is meant to contrast.
    const std::string name = std::string(data.name(i)) + "_shuffled", fields = covariate_fields(data, i);
    if (series)
      result.add_series(name, fields, "negative", shuffled_positions(data.values(i), data.length(i), random));
    else
      result.add(name, fields, "negative", shuffled(data.tokens(i), kind, random));
  }
  return result;
}

std::vector<std::uint8_t> reverse_complement(const Alphabet& alphabet, std::span<const std::uint8_t> tokens) {
  std::vector<std::uint8_t> result(tokens.size());
  for (std::size_t i = 0; i < tokens.size(); ++i)
    result[tokens.size() - 1 - i] = static_cast<std::uint8_t>(alphabet.complement(tokens[i]));
  return result;
}

}  // namespace ribostep::bio
