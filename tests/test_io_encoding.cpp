// base64url, deflate with a bound, halves: against published vectors, against the definition, and against
// damage.
#include <cmath>
#include <cstring>
#include <limits>

#include "base/random.h"
#include "doctest/doctest.h"
#include "io/encoding.h"

using namespace ribostep;

namespace {

std::vector<std::uint8_t> bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

std::vector<std::uint8_t> random_bytes(Random& random, std::size_t size) {
  std::vector<std::uint8_t> bytes(size);
  for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random.below(256));
  return bytes;
}

float half_to_float(std::uint32_t half) {
  const std::uint8_t bytes[2] = {static_cast<std::uint8_t>(half & 255u),
                                 static_cast<std::uint8_t>(half >> 8)};
  return io::floats_from_halves(bytes)->front();
}

std::uint32_t float_to_half(float value) {
  const auto bytes = io::half_bytes(std::span(&value, 1));
  return bytes[0] | (static_cast<std::uint32_t>(bytes[1]) << 8);
}

}  // namespace

TEST_CASE("base64url: the vectors of RFC 4648, without padding") {
  const std::pair<const char*, const char*> vectors[] = {
      {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},         {"foo", "Zm9v"},
      {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, coded] : vectors) {
    CHECK(io::base64url(bytes_of(plain)) == coded);
    REQUIRE(io::from_base64url(coded).has_value());
    CHECK(*io::from_base64url(coded) == bytes_of(plain));
  }
  const std::uint8_t high[] = {0xfb, 0xff};
  CHECK(io::base64url(high) == "-_8");
}

TEST_CASE("base64url: one text per content, everything else is refused") {
  for (const char* bad : {"Z", "Zg==", "Zm9v+A", "Zm9v/A", "Zm 9v", "Zh", "Zm9", "Zm9vY", "\xc3\xa4Zm"})
    CHECK_FALSE(io::from_base64url(bad).has_value());
  Random random(1);
  for (std::size_t size = 0; size < 200; ++size) {
    const auto bytes = random_bytes(random, size);
    CHECK(io::from_base64url(io::base64url(bytes)) == bytes);
  }
}

TEST_CASE("deflate: what goes in comes out, the same text every time") {
  Random random(2);
  for (const std::size_t size : {0u, 1u, 2u, 100u, 4096u, 4097u, 70000u}) {
    auto bytes = random_bytes(random, size);
    for (std::size_t i = 0; i < bytes.size(); ++i)
      if (i % 3 != 0) bytes[i] = static_cast<std::uint8_t>(bytes[i] & 3u);
    const auto packed = io::deflate(bytes);
    CHECK(packed == io::deflate(bytes));
    CHECK(io::inflate(packed, size) == bytes);  // exactly the limit
    if (size > 0) CHECK_FALSE(io::inflate(packed, size - 1).has_value());
  }
}

TEST_CASE("inflate refuses a bomb at the limit, a cut, a change and a tail") {
  const std::vector<std::uint8_t> zeros(30u << 20u, 0);
  const auto bomb = io::deflate(zeros);
  CHECK(bomb.size() < 40000);
  CHECK_FALSE(io::inflate(bomb, 1u << 20u).has_value());

  const auto packed = io::deflate(bytes_of("ACGTACGTTTGACATATAATGCGCGC recurrent networks read letters"));
  for (std::size_t size = 0; size < packed.size(); ++size)
    CHECK_FALSE(io::inflate(std::span(packed).first(size), 1000).has_value());
  auto tailed = packed;
  tailed.push_back(0);
  CHECK_FALSE(io::inflate(tailed, 1000).has_value());
  for (std::size_t i = packed.size() - 4; i < packed.size(); ++i) {  // the checksum
    auto changed = packed;
    changed[i] ^= 1u;
    CHECK_FALSE(io::inflate(changed, 1000).has_value());
  }
}

TEST_CASE("floats travel as their bits, little-endian") {
  const std::vector<float> values = {
      0.0f, -0.0f, 1.0f, -2.5f, std::numeric_limits<float>::denorm_min(), std::numeric_limits<float>::max(),
      0.1f};
  const auto bytes = io::float_bytes(values);
  CHECK(bytes.size() == 28);
  CHECK(bytes[8] == 0x00);
  CHECK(bytes[11] == 0x3f);  // 1.0f is 3f800000
  const auto back = io::floats_from(bytes);
  REQUIRE(back.has_value());
  CHECK(std::memcmp(back->data(), values.data(), 28) == 0);
  CHECK_FALSE(io::floats_from(std::span(bytes).first(27)).has_value());
  CHECK_FALSE(io::floats_from_halves(std::span(bytes).first(27)).has_value());
}

TEST_CASE("every half comes back to its own bits and means what IEEE 754 says") {
  for (std::uint32_t half = 0; half < 65536; ++half) {
    const float value = half_to_float(half);
    const int exponent = static_cast<int>((half >> 10) & 31u);
    const double fraction = half & 1023u;
    if (exponent == 31) {
      CHECK(std::isfinite(value) == false);
      if ((half & 1023u) != 0) continue;  // NaN: one of many
    } else {
      const double magnitude =
          exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(1024 + fraction, exponent - 25);
      CHECK(static_cast<double>(std::fabs(value)) == magnitude);
      CHECK(std::signbit(value) == ((half & 0x8000u) != 0));
    }
    CHECK(float_to_half(value) == half);
  }
}

TEST_CASE("floats round to the nearest half, ties to even") {
  CHECK(float_to_half(1.0f + 0x1p-11f) == 0x3c00);             // tie: down to even
  CHECK(float_to_half(1.0f + 3 * 0x1p-11f) == 0x3c02);         // tie: up to even
  CHECK(float_to_half(1.0f + 0x1p-11f + 0x1p-23f) == 0x3c01);  // just above the tie
  CHECK(float_to_half(65519.0f) == 0x7bff);
  CHECK(float_to_half(65520.0f) == 0x7c00);  // the first that becomes infinity
  CHECK(float_to_half(1e30f) == 0x7c00);
  CHECK(float_to_half(-1e30f) == 0xfc00);
  CHECK(float_to_half(0x1p-25f) == 0);          // tie with zero
  CHECK(float_to_half(0x1p-25f * 1.01f) == 1);  // above it
  CHECK(float_to_half(1e-30f) == 0);
  CHECK(float_to_half(0x1.ffep-15f) == 0x0400);  // the largest subnormal rounds up into the normals
  CHECK((float_to_half(std::numeric_limits<float>::quiet_NaN()) & 0x7c00u) == 0x7c00u);
  Random random(3);
  for (int i = 0; i < 20000; ++i) {  // no other half lies nearer
    const auto value = static_cast<float>(random.symmetric(random.below(2) != 0 ? 2.0 : 1e-4));
    const std::uint32_t half = float_to_half(value);
    const double error = std::fabs(static_cast<double>(half_to_float(half)) - static_cast<double>(value));
    for (const std::uint32_t other : {half - 1, half + 1})
      if ((other & 0x7fffu) < 0x7c00u && (other & 0x8000u) == (half & 0x8000u))
        CHECK(error <= std::fabs(static_cast<double>(half_to_float(other)) - static_cast<double>(value)));
  }
}
