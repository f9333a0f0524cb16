// Groups of equal sequences are the unit that is dealt out; within a class they are shuffled by the seed.
#include "bio/split.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>

#include "base/random.h"

namespace ribostep::bio {
namespace {

constexpr std::uint64_t kSplitStream = 0x53504c49;
constexpr std::uint64_t kFoldStream = 0x464f4c44;

struct Group {
  int cls = -1;  // of its first labelled record
  std::size_t size = 0;
};
struct Groups {
  std::vector<Group> list;     // in order of their first record
  std::vector<int> of_record;  // -1: in none
};

int label_of(const Labels& labels, int record) {
  const auto index = static_cast<std::size_t>(record);
  return index < labels.of_record.size() ? labels.of_record[index] : -1;
}

// Equal sequences in one group.
Groups groups_of(const Dataset& data, const Labels& labels, bool labelled_only) {
  const auto records = static_cast<std::size_t>(data.size());
  Groups groups;
  groups.list.reserve(records);
  groups.of_record.assign(records, -1);
  std::unordered_map<std::string_view, int> group_of;
  group_of.reserve(records);
  for (int i = 0; i < data.size(); ++i) {
    const int cls = label_of(labels, i);
    if (labelled_only && cls < 0) continue;
    const auto tokens = data.tokens(i);
    const auto values = data.values(i);  // of a series: its letters say nothing
    const std::string_view key =
        values.empty() ? std::string_view(reinterpret_cast<const char*>(tokens.data()), tokens.size())
                       : std::string_view(reinterpret_cast<const char*>(values.data()), values.size_bytes());
    const auto [found, is_new] = group_of.emplace(key, static_cast<int>(groups.list.size()));
    if (is_new) groups.list.emplace_back();
    Group& group = groups.list[static_cast<std::size_t>(found->second)];
    if (group.cls < 0) group.cls = cls;
    ++group.size;
    groups.of_record[static_cast<std::size_t>(i)] = found->second;
  }
  return groups;
}

// Indices of the groups of each class (unlabelled last), each list shuffled.
std::vector<std::vector<std::size_t>> by_class(const std::vector<Group>& groups, const Labels& labels,
                                               Random& random) {
  std::vector<std::vector<std::size_t>> lists(labels.classes.size() + 1);
  for (std::size_t g = 0; g < groups.size(); ++g)
    lists[groups[g].cls < 0 ? labels.classes.size() : static_cast<std::size_t>(groups[g].cls)].push_back(g);
  for (auto& list : lists) shuffle(list, random);
  return lists;
}

}  // namespace

Split split_train_validation(const Dataset& data, const Labels& labels, bool labelled_only,
                             double validation_fraction, std::uint64_t seed) {
  const Groups all = groups_of(data, labels, labelled_only);
  const std::vector<Group>& groups = all.list;
  Random random(seed, kSplitStream);
  std::vector<bool> held_out(groups.size(), false);
  for (const auto& list : by_class(groups, labels, random)) {
    std::size_t total = 0;
    for (const std::size_t g : list) total += groups[g].size;
    auto target = static_cast<std::size_t>(validation_fraction * static_cast<double>(total) + 0.5);
    if (target == 0 && validation_fraction > 0.0 && list.size() >= 2) target = 1;
    std::vector<bool> chosen(list.size(), false);
    std::size_t taken = 0, left = list.size();
    for (std::size_t i = 0; i < list.size() && left > 1; ++i) {
      // A group goes over when that brings the count nearer to the target; one always stays for training.
      const std::size_t size = groups[list[i]].size;
      if (taken >= target || (taken + size > target && taken + size - target > target - taken)) continue;
      chosen[i] = true;
      taken += size;
      --left;
    }
    if (taken == 0 && target > 0 && list.size() > 1) {  // every group is too large: the smallest one, then
      std::size_t smallest = 0;
      for (std::size_t i = 1; i < list.size(); ++i)
        if (groups[list[i]].size < groups[list[smallest]].size) smallest = i;
      chosen[smallest] = true;
    }
    for (std::size_t i = 0; i < list.size(); ++i)
      if (chosen[i]) held_out[list[i]] = true;
  }
  Split split;
  for (int i = 0; i < data.size(); ++i) {
    const int group = all.of_record[static_cast<std::size_t>(i)];
    if (group < 0) continue;
    (held_out[static_cast<std::size_t>(group)] ? split.validation : split.train).push_back(i);
  }
  return split;
}

std::vector<int> stratified_folds(const Dataset& data, const Labels& labels, int k, std::uint64_t seed) {
  std::vector<int> fold_of(static_cast<std::size_t>(data.size()), -1);
  if (k < 1) return fold_of;
  const Groups all = groups_of(data, labels, true);
  const std::vector<Group>& groups = all.list;
  std::vector<int> fold_of_group(groups.size(), -1);
  Random random(seed, kFoldStream);
  std::vector<std::size_t> in_fold(static_cast<std::size_t>(k), 0);
  for (auto& list : by_class(groups, labels, random)) {
    // Large groups first, each to the fold with the fewest of this class, then the fewest in all.
    std::stable_sort(list.begin(), list.end(),
                     [&](std::size_t a, std::size_t b) { return groups[a].size > groups[b].size; });
    std::vector<std::size_t> of_class(static_cast<std::size_t>(k), 0);
    for (const std::size_t g : list) {
      std::size_t best = 0;
      for (std::size_t f = 1; f < of_class.size(); ++f)
        if (of_class[f] < of_class[best] || (of_class[f] == of_class[best] && in_fold[f] < in_fold[best]))
          best = f;
      of_class[best] += groups[g].size;
      in_fold[best] += groups[g].size;
      fold_of_group[g] = static_cast<int>(best);
    }
  }
  for (std::size_t i = 0; i < fold_of.size(); ++i)
    if (all.of_record[i] >= 0) fold_of[i] = fold_of_group[static_cast<std::size_t>(all.of_record[i])];
  return fold_of;
}

}  // namespace ribostep::bio
