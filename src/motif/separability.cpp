#include "motif/separability.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>

namespace ribostep::motif {
namespace {

template <class V>
auto& at(V& values, int i) {
  return values[static_cast<std::size_t>(i)];
}
bool inside(std::uint32_t a, std::uint32_t b) { return (a & ~b) == 0; }
bool comparable(std::uint32_t a, std::uint32_t b) { return inside(a, b) || inside(b, a); }

// Each once, and a set behind all that it contains: as numbers those are smaller.
std::vector<std::uint32_t> distinct(const LetterSets& rows) {
  std::vector<std::uint32_t> sets;
  for (const std::uint32_t row : rows)
    if (row != 0) sets.push_back(row);
  if (sets.size() < rows.size()) sets.push_back(0);  // most states lead nowhere near
  std::sort(sets.begin(), sets.end());
  sets.erase(std::unique(sets.begin(), sets.end()), sets.end());
  return sets;
}

// Potentials of nested sets S_1 < S_2 < ...: with r(s) the number of s's set (0: the empty one) and c(a) that
// of the first with a in it, the unit is on when r(s) >= c(a): f = 2 r, g = 1 - 2 c, moved so that g lies
// evenly about 0. Whole numbers with the margin 1 and no smaller spread, as each step up in r (or c) is
// forced by a letter (or state) between.
void set_potentials(const LetterSets& rows, int letters, Separability& out) {
  const std::vector<std::uint32_t> sets = distinct(rows);
  const int base = sets.front() != 0 ? 1 : 0;  // r of the first one
  std::vector<int> first(static_cast<std::size_t>(letters), base + static_cast<int>(sets.size()));
  for (int a = 0; a < letters; ++a)
    for (int k = static_cast<int>(sets.size()) - 1; k >= 0 && (at(sets, k) >> a & 1u); --k)
      at(first, a) = base + k;
  int low = first.front(), high = low;
  for (const int c : first) low = std::min(low, c), high = std::max(high, c);
  const auto f = [&](std::uint32_t set) {
    const auto k = std::find(sets.begin(), sets.end(), set) - sets.begin();
    return static_cast<double>(2 * (base + k) + 1 - low - high);
  };
  for (const int c : first) out.g.push_back(low + high - 2 * c);
  for (const std::uint32_t row : rows) out.f.push_back(f(row));
  out.margin = std::numeric_limits<double>::infinity();
  for (const std::uint32_t set : sets)
    for (const double g : out.g) out.margin = std::min(out.margin, std::fabs(f(set) + g));
}

// As few chains as there can be of sets ordered by inclusion (Dilworth; by a matching of each set with the
// one above it in its chain). Returns the chain of each.
template <class Below>
std::vector<int> chains(int count, Below below, int& number) {
  std::vector<int> above(static_cast<std::size_t>(count), -1), under = above;
  std::vector<char> seen;
  const auto match = [&](auto self, int i) -> bool {
    for (int j = 0; j < count; ++j) {
      if (!below(i, j) || at(seen, j)) continue;
      at(seen, j) = 1;
      if (at(under, j) >= 0 && !self(self, at(under, j))) continue;
      at(under, j) = i;
      at(above, i) = j;
      return true;
    }
    return false;
  };
  for (int i = 0; i < count; ++i) {
    seen.assign(static_cast<std::size_t>(count), 0);
    match(match, i);
  }
  std::vector<int> chain(static_cast<std::size_t>(count), -1);
  number = 0;
  for (int i = 0; i < count; ++i) {
    if (at(under, i) >= 0) continue;
    for (int j = i; j >= 0; j = at(above, j)) at(chain, j) = number;
    ++number;
  }
  return chain;
}

}  // namespace

LetterSets letter_sets(const Dfa& dfa, std::span<const std::uint8_t> on) {
  LetterSets rows(static_cast<std::size_t>(dfa.states()), 0);
  for (int s = 0; s < dfa.states(); ++s)
    for (int a = 0; a < dfa.letters(); ++a)
      if (at(on, s * dfa.letters() + a)) at(rows, s) |= 1u << a;
  return rows;
}

std::vector<std::uint8_t> steps_of(const LetterSets& rows, int letters) {
  std::vector<std::uint8_t> on;
  for (const std::uint32_t row : rows)
    for (int a = 0; a < letters; ++a) on.push_back(row >> a & 1u);
  return on;
}

std::vector<std::vector<Step>> steps_into(const Dfa& dfa) {
  std::vector<std::vector<Step>> into(static_cast<std::size_t>(dfa.states()));
  for (int s = 0; s < dfa.states(); ++s)
    for (int a = 0; a < dfa.letters(); ++a) at(into, dfa.step(s, a)).emplace_back(s, a);
  return into;
}

LetterSets letter_sets(const Dfa& dfa, const std::vector<Step>& steps) {
  LetterSets rows(static_cast<std::size_t>(dfa.states()), 0);
  for (const auto& [s, a] : steps) at(rows, s) |= 1u << a;
  return rows;
}

Separability separable(const Dfa& dfa, std::span<const std::uint8_t> on) {
  return separable(letter_sets(dfa, on), dfa.letters(), true);
}

Separability separable(const LetterSets& rows, int letters, bool weights) {
  Separability out;
  const std::vector<std::uint32_t> sets = distinct(rows);
  out.possible = true;
  for (std::size_t i = 1; i < sets.size(); ++i) out.possible &= inside(sets[i - 1], sets[i]);
  if (out.possible) {
    if (weights) set_potentials(rows, letters, out);
    return out;
  }
  // The first state that contradicts another one, and the first of those.
  std::vector<std::uint32_t> contradicting;
  for (const std::uint32_t set : sets)
    if (!std::all_of(sets.begin(), sets.end(), [&](std::uint32_t other) { return comparable(set, other); }))
      contradicting.push_back(set);
  int s = 0;
  while (std::find(contradicting.begin(), contradicting.end(), at(rows, s)) == contradicting.end()) ++s;
  int t = s + 1;
  while (comparable(at(rows, s), at(rows, t))) ++t;
  const int a = std::countr_zero(at(rows, s) & ~at(rows, t)),
            b = std::countr_zero(at(rows, t) & ~at(rows, s));
  out.demands = {{s, a, b}, {t, b, a}};
  return out;
}

Separability nearest(const LetterSets& rows, int letters) {
  const std::vector<std::uint32_t> sets = distinct(rows);
  std::vector<int> weight(sets.size(), 0), order(static_cast<std::size_t>(letters));
  for (const std::uint32_t row : rows)
    ++weight[static_cast<std::size_t>(std::find(sets.begin(), sets.end(), row) - sets.begin())];
  // With the letters in an order each state takes as many of the first ones as suits it best. Being on where
  // it should not counts a little more than being off where it should.
  constexpr int kMissing = 64, kExtra = 65;
  const auto best_cut = [&](std::uint32_t set, std::uint32_t& part) {
    std::uint32_t taken = 0;
    int wrong = kMissing * std::popcount(set), least = wrong;
    part = 0;
    for (const int a : order) {
      taken |= 1u << a;
      wrong += set >> a & 1u ? -kMissing : kExtra;
      if (wrong < least) least = wrong, part = taken;
    }
    return least;
  };
  const auto cost = [&] {
    int sum = 0;
    std::uint32_t part;
    for (std::size_t i = 0; i < sets.size(); ++i) sum += weight[i] * best_cut(sets[i], part);
    return sum;
  };
  // Letters that many states have first.
  std::vector<int> having(static_cast<std::size_t>(letters), 0);
  for (const std::uint32_t row : rows)
    for (int a = 0; a < letters; ++a) at(having, a) += static_cast<int>(row >> a & 1u);
  std::iota(order.begin(), order.end(), 0);
  std::vector<int> best;
  int least = std::numeric_limits<int>::max();
  const auto consider = [&] {
    const int now = cost();
    if (now >= least) return false;
    least = now;
    best = order;
    return true;
  };
  if (letters <= 5) {
    do consider();
    while (std::next_permutation(order.begin(), order.end()));
  } else {
    for (int i = 0; i < letters; ++i)
      for (int j = i; j > 0 && at(having, at(order, j - 1)) < at(having, at(order, j)); --j)
        std::swap(at(order, j - 1), at(order, j));
    bool better = consider();
    while (better) {
      better = false;
      for (int i = 0; i < letters; ++i)
        for (int j = i + 1; j < letters; ++j) {
          order = best;
          std::swap(at(order, i), at(order, j));
          better |= consider();
        }
    }
  }
  order = best;
  LetterSets parts;
  for (const std::uint32_t row : rows) best_cut(row, parts.emplace_back());
  Separability out;
  set_potentials(parts, letters, out);
  return out;
}

std::vector<LetterSets> separable_groups(const LetterSets& rows, int letters) {
  const std::vector<std::uint32_t> sets = distinct(rows);
  // Columns: which of the different rows have the letter. A group of letters with nested columns is possible.
  const auto under = [&](int a, int b) {
    bool fewer = false;
    for (const std::uint32_t set : sets) {
      const bool has_a = set >> a & 1u, has_b = set >> b & 1u;
      if (has_a && !has_b) return false;
      fewer |= has_b && !has_a;
    }
    return fewer || a < b;
  };
  int number = 0;
  const std::vector<int> of_letter = chains(letters, under, number);
  // The same with states in the place of letters, where that could be fewer.
  int by_rows = std::numeric_limits<int>::max();
  std::vector<int> of_set;
  if (sets.size() <= 64)
    of_set = chains(
        static_cast<int>(sets.size()),
        [&](int i, int j) { return i < j && inside(at(sets, i), at(sets, j)); }, by_rows);
  const bool rows_win = by_rows < number;
  std::vector<LetterSets> groups(static_cast<std::size_t>(rows_win ? by_rows : number),
                                 LetterSets(rows.size(), 0));
  for (std::size_t s = 0; s < rows.size(); ++s) {
    if (rows[s] == 0) continue;
    const auto set = std::find(sets.begin(), sets.end(), rows[s]) - sets.begin();
    for (int a = 0; a < letters; ++a)
      if (rows[s] >> a & 1u)
        at(groups, rows_win ? of_set[static_cast<std::size_t>(set)] : at(of_letter, a))[s] |= 1u << a;
  }
  return groups;
}

}  // namespace ribostep::motif
