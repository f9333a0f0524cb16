#include "bio/align.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>
#include <utility>

namespace ribostep::bio {
namespace {

// Half bits, residues in the order of the alphabet's symbols would be less easy to check against print: this
// is the order in which the matrix is published.
constexpr std::string_view kBlosumOrder = "ARNDCQEGHILKMFPSTWYV";
constexpr std::array<std::int8_t, 210> kBlosum62 = {
    4,                                                                          // A
    -1, 5,                                                                      // R
    -2, 0,  6,                                                                  // N
    -2, -2, 1,  6,                                                              // D
    0,  -3, -3, -3, 9,                                                          // C
    -1, 1,  0,  0,  -3, 5,                                                      // Q
    -1, 0,  0,  2,  -4, 2,  5,                                                  // E
    0,  -2, 0,  -1, -3, -2, -2, 6,                                              // G
    -2, 0,  1,  -1, -3, 0,  0,  -2, 8,                                          // H
    -1, -3, -3, -3, -1, -3, -3, -4, -3, 4,                                      // I
    -1, -2, -3, -4, -1, -2, -3, -4, -3, 2,  4,                                  // L
    -1, 2,  0,  -1, -3, 1,  1,  -2, -1, -3, -2, 5,                              // K
    -1, -1, -2, -3, -1, 0,  -2, -3, -2, 1,  2,  -1, 5,                          // M
    -2, -3, -3, -3, -2, -3, -3, -3, -1, 0,  0,  -3, 0,  6,                      // F
    -1, -2, -2, -1, -3, -1, -1, -2, -2, -3, -3, -1, -2, -4, 7,                  // P
    1,  -1, 1,  0,  -1, 0,  0,  0,  -1, -2, -2, 0,  -1, -2, -1, 4,              // S
    0,  -1, 0,  -1, -1, -1, -1, -2, -2, -1, -1, -1, -1, -2, -1, 1,  5,          // T
    -3, -3, -4, -4, -2, -2, -3, -2, -2, -3, -2, -3, -1, 1,  -4, -3, -2, 11,     // W
    -2, -2, -2, -3, -2, -1, -2, -3, 2,  -1, -1, -2, -1, 3,  -3, -2, -2, 2,  7,  // Y
    0,  -3, -3, -3, -1, -2, -2, -3, -3, 3,  1,  -2, 1,  -1, -2, -2, 0,  -3, -1, 4};

int blosum62(char a, char b) {
  std::size_t i = kBlosumOrder.find(a), j = kBlosumOrder.find(b);
  if (i < j) std::swap(i, j);
  return kBlosum62[i * (i + 1) / 2 + j];
}

// Bits of a byte of `came_`: how the best value of a pair of prefixes came about, and for a gap whether it
// goes on. Up: a letter of a against a gap. Left: one of b.
constexpr std::uint8_t kUp = 1, kLeft = 2, kUpGoesOn = 4, kLeftGoesOn = 8;
constexpr int kNever = -(1 << 29);

std::vector<std::uint8_t> tokens_of(std::string_view letters, const Alphabet& alphabet) {
  std::vector<std::uint8_t> tokens;
  tokens.reserve(letters.size());
  for (const char letter : letters)
    tokens.push_back(static_cast<std::uint8_t>(std::max(0, alphabet.token(letter))));
  return tokens;
}

}  // namespace

AlignmentScores alignment_scores(const Alphabet& alphabet) {
  AlignmentScores scores;
  scores.codes = alphabet.code_count();
  const bool residues = alphabet.kind == AlphabetKind::Protein;
  scores.open = residues ? 11 : 5;
  scores.extend = residues ? 1 : 2;
  const auto symbol_pair = [&](int i, int j) {
    if (!residues) return i == j ? 2 : -3;
    return blosum62(alphabet.letter(i), alphabet.letter(j));
  };
  for (const Code& a : alphabet.codes)
    for (const Code& b : alphabet.codes) {
      int sum = 0, count = 0;
      for (int i = 0; i < alphabet.size(); ++i)
        for (int j = 0; j < alphabet.size(); ++j)
          if ((a.symbols >> i & 1u) != 0 && (b.symbols >> j & 1u) != 0) sum += symbol_pair(i, j), ++count;
      scores.pairs.push_back(count > 0 ? static_cast<int>(std::lround(static_cast<double>(sum) / count))
                                       : -scores.open);
    }
  return scores;
}

Alignment alignment_of(std::vector<int> partner, std::string_view a, std::string_view b) {
  Alignment out;
  out.partner = std::move(partner);
  int next = 0;  // of b, not used yet
  bool in_gap = false;
  for (std::size_t i = 0; i < out.partner.size(); ++i) {
    const int j = out.partner[i];
    if (j < 0) {
      ++out.only_a;
      out.gaps += !in_gap;
      in_gap = true;
      continue;
    }
    in_gap = false;
    out.gaps += j > next;
    out.only_b += j - next;
    next = j + 1;
    ++out.pairs;
    out.identical += a[i] == b[static_cast<std::size_t>(j)];
  }
  out.gaps += static_cast<int>(b.size()) > next;
  out.only_b += static_cast<int>(b.size()) - next;
  return out;
}

std::string alignment_obstacle(std::int64_t length_a, std::int64_t length_b) {
  if (length_a * length_b <= kMostAlignedPairs) return {};
  return "sequences of " + std::to_string(length_a) + " and " + std::to_string(length_b) +
         " letters are too long to be aligned here (at most 5,000 by 5,000, or as many pairs): cut out the "
         "parts of interest";
}

Aligner::Aligner(std::string_view a, std::string_view b, const Alphabet& alphabet)
    : a_(a),
      b_(b),
      tokens_a_(tokens_of(a, alphabet)),
      tokens_b_(tokens_of(b, alphabet)),
      scores_(alignment_scores(alphabet)) {
  if (!alignment_obstacle(static_cast<std::int64_t>(a.size()), static_cast<std::int64_t>(b.size())).empty())
    throw std::length_error("too long to be aligned");
  const std::size_t width = b_.size() + 1;
  best_.resize(width);
  from_above_.assign(width, kNever);
  came_.assign((a_.size() + 1) * width, 0);
  for (std::size_t j = 1; j < width; ++j) {
    best_[j] = -scores_.open - static_cast<int>(j) * scores_.extend;
    came_[j] = static_cast<std::uint8_t>(kLeft | (j > 1 ? kLeftGoesOn : 0));
  }
  row_ = 1;
}

void Aligner::fill_row(int i) {
  const int columns = static_cast<int>(b_.size());
  const int open = scores_.open + scores_.extend, extend = scores_.extend;
  std::uint8_t* came = came_.data() + static_cast<std::size_t>(i) * best_.size();
  const int* pair = scores_.pairs.data() + tokens_a_[static_cast<std::size_t>(i - 1)] * scores_.codes;
  int diagonal = best_[0];
  best_[0] = -scores_.open - i * extend;
  came[0] = static_cast<std::uint8_t>(kUp | (i > 1 ? kUpGoesOn : 0));
  int from_left = kNever;
  for (int j = 1; j <= columns; ++j) {
    const auto c = static_cast<std::size_t>(j);
    std::uint8_t how = 0;
    const int up_on = from_above_[c] - extend, up_new = best_[c] - open;
    if (up_on > up_new) how |= kUpGoesOn;
    const int up = from_above_[c] = std::max(up_on, up_new);
    const int left_on = from_left - extend, left_new = best_[c - 1] - open;
    if (left_on > left_new) how |= kLeftGoesOn;
    from_left = std::max(left_on, left_new);
    int best = diagonal + pair[tokens_b_[c - 1]];
    if (up > best) best = up, how |= kUp;
    if (from_left > best) best = from_left, how = static_cast<std::uint8_t>((how & ~kUp) | kLeft);
    diagonal = best_[c];
    best_[c] = best;
    came[c] = how;
  }
}

bool Aligner::run(std::int64_t pairs) {
  const int rows = static_cast<int>(a_.size());
  const auto width = static_cast<std::int64_t>(best_.size());
  while (row_ <= rows && pairs > 0) {
    fill_row(row_++);
    pairs -= width;
  }
  return row_ > rows;
}

double Aligner::progress() const {
  return a_.empty() ? 1 : static_cast<double>(row_ - 1) / static_cast<double>(a_.size());
}

Alignment Aligner::take() {
  std::vector<int> partner(a_.size(), -1);
  std::size_t i = a_.size(), j = b_.size();
  const std::size_t width = best_.size();
  // A gap that goes on is followed to where it was opened, whatever the pairs on the way would have liked.
  enum class In { Pairs, Up, Left } in = In::Pairs;
  while (i > 0 || j > 0) {
    const std::uint8_t how = came_[i * width + j];
    if (in == In::Pairs) {
      if ((how & (kUp | kLeft)) == 0) {
        partner[--i] = static_cast<int>(--j);
        continue;
      }
      in = (how & kUp) != 0 ? In::Up : In::Left;
    }
    if (in == In::Up) {
      if ((how & kUpGoesOn) == 0) in = In::Pairs;
      --i;
    } else {
      if ((how & kLeftGoesOn) == 0) in = In::Pairs;
      --j;
    }
  }
  Alignment out = alignment_of(std::move(partner), a_, b_);
  out.score = best_.back();
  came_ = {};
  return out;
}

Alignment align(std::string_view a, std::string_view b, const Alphabet& alphabet) {
  Aligner aligner(a, b, alphabet);
  while (!aligner.run(1 << 20)) {
  }
  return aligner.take();
}

}  // namespace ribostep::bio
