// PCG32 (O'Neill 2014, "PCG: A Family of Simple Fast Space-Efficient Statistically Good Algorithms", XSH-RR
// 64/32): the project's only source of randomness. Integers and exact scalings only, so a seed gives the same
// numbers on every platform. Never std::*_distribution, whose results differ between standard libraries.
#pragma once
#include <cstddef>
#include <cstdint>
#include <utility>

namespace ribostep {

class Random {
 public:
  // `stream` separates uses of one seed (initial weights, shuffling, splitting) so that a change in one of
  // them does not shift the others.
  explicit Random(std::uint64_t seed, std::uint64_t stream = 0) : increment_((stream << 1u) | 1u) {
    next();
    state_ += seed;
    next();
  }

  std::uint32_t next() {
    const std::uint64_t old = state_;
    state_ = old * 6364136223846793005ULL + increment_;
    const auto xorshifted = static_cast<std::uint32_t>(((old >> 18u) ^ old) >> 27u);
    const auto rotation = static_cast<std::uint32_t>(old >> 59u);
    return (xorshifted >> rotation) | (xorshifted << ((32u - rotation) & 31u));
  }

  // Uniform integer in [0, bound), bound > 0; rejection keeps it unbiased.
  std::uint32_t below(std::uint32_t bound) {
    const std::uint32_t threshold = (0u - bound) % bound;
    for (;;) {
      const std::uint32_t r = next();
      if (r >= threshold) return r % bound;
    }
  }

  // Uniform in [0, 1) on a grid of 2^-24: exact in float and in double, so both precisions start alike.
  double uniform() { return static_cast<double>(next() >> 8u) * (1.0 / 16777216.0); }

  // Uniform in [-limit, limit).
  double symmetric(double limit) { return (2.0 * uniform() - 1.0) * limit; }

 private:
  std::uint64_t state_ = 0;
  std::uint64_t increment_;
};

// Fisher-Yates in place, from the end: the order depends on the generator alone.
template <class Container>
void shuffle(Container& items, Random& random) {
  for (std::size_t i = items.size(); i > 1; --i) {
    const std::size_t j = random.below(static_cast<std::uint32_t>(i));
    std::swap(items[i - 1], items[j]);
  }
}

}  // namespace ribostep
