// Bytes <-> text for links and project files. base64url is ours (forty lines, strict: one text per content);
// deflate is zlib's, in zlib's own wrapper, whose checksum notices a link that was cut or changed.
#include "io/encoding.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace ribostep::io {
namespace {

constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::uint8_t kForeign = 255;

constexpr std::array<std::uint8_t, 256> make_values() {
  std::array<std::uint8_t, 256> values{};
  for (auto& value : values) value = kForeign;
  for (std::size_t i = 0; i < kDigits.size(); ++i)
    values[static_cast<unsigned char>(kDigits[i])] = static_cast<std::uint8_t>(i);
  return values;
}
constexpr std::array<std::uint8_t, 256> kValues = make_values();

void append_little_endian(std::vector<std::uint8_t>& out, std::uint32_t word, int bytes) {
  for (int i = 0; i < bytes; ++i) out.push_back(static_cast<std::uint8_t>(word >> (8 * i)));
}

std::uint32_t little_endian(const std::uint8_t* p, int bytes) {
  std::uint32_t word = 0;
  for (int i = 0; i < bytes; ++i) word |= static_cast<std::uint32_t>(p[i]) << (8 * i);
  return word;
}

// Drops the lowest `shift` bits of `value`, rounding to nearest, ties to even.
std::uint32_t shift_rounding(std::uint32_t value, int shift) {
  const std::uint32_t kept = value >> shift;
  const std::uint32_t rest = value & ((1u << shift) - 1u);
  const std::uint32_t half = 1u << (shift - 1);
  return kept + ((rest > half || (rest == half && (kept & 1u) != 0)) ? 1u : 0u);
}

// IEEE 754 binary32 to binary16. Too large becomes infinity, as the standard's rounding says.
std::uint32_t to_half(std::uint32_t bits) {
  const std::uint32_t sign = (bits >> 16) & 0x8000u;
  const std::uint32_t magnitude = bits & 0x7fffffffu;
  if (magnitude > 0x7f800000u) return sign | 0x7e00u;   // NaN
  if (magnitude >= 0x47800000u) return sign | 0x7c00u;  // 65536 and above, infinity
  if (magnitude >= 0x38800000u)  // normal halves: 2^-14 and above; a carry moves the exponent
    return sign | shift_rounding(magnitude - 0x38000000u, 13);
  const int shift = 126 - static_cast<int>(magnitude >> 23);  // subnormal halves: multiples of 2^-24
  if (shift > 24) return sign;
  return sign | shift_rounding((magnitude & 0x7fffffu) | 0x800000u, shift);
}

std::uint32_t from_half(std::uint32_t half) {
  const std::uint32_t sign = (half & 0x8000u) << 16;
  const std::uint32_t exponent = (half >> 10) & 31u;
  std::uint32_t fraction = half & 0x3ffu;
  if (exponent == 31) return sign | 0x7f800000u | (fraction << 13);
  if (exponent != 0) return sign | ((exponent + 112u) << 23) | (fraction << 13);
  if (fraction == 0) return sign;
  std::uint32_t power = 113;  // a subnormal half is a normal float: bring its leading one to the hidden place
  while ((fraction & 0x400u) == 0) {
    fraction <<= 1;
    --power;
  }
  return sign | (power << 23) | ((fraction & 0x3ffu) << 13);
}

}  // namespace

std::string base64url(std::span<const std::uint8_t> bytes) {
  std::string text;
  text.reserve((bytes.size() * 4 + 2) / 3);
  std::uint32_t pending = 0;
  int bits = 0;
  for (const std::uint8_t byte : bytes) {
    pending = (pending << 8) | byte;
    for (bits += 8; bits >= 6; bits -= 6) text.push_back(kDigits[(pending >> (bits - 6)) & 63u]);
  }
  if (bits > 0) text.push_back(kDigits[(pending << (6 - bits)) & 63u]);
  return text;
}

std::optional<std::vector<std::uint8_t>> from_base64url(std::string_view text) {
  if (text.size() % 4 == 1) return std::nullopt;  // 6 bits are no byte
  std::vector<std::uint8_t> bytes;
  bytes.reserve(text.size() / 4 * 3 + 2);
  std::uint32_t pending = 0;
  int bits = 0;
  for (const char letter : text) {
    const std::uint8_t value = kValues[static_cast<unsigned char>(letter)];
    if (value == kForeign) return std::nullopt;
    pending = (pending << 6) | value;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes.push_back(static_cast<std::uint8_t>(pending >> bits));
    }
  }
  if ((pending & ((1u << bits) - 1u)) != 0) return std::nullopt;  // left-over bits are zero in what we wrote
  return bytes;
}

std::vector<std::uint8_t> deflate(std::span<const std::uint8_t> bytes) {
  // compressBound takes zlib's uLong, 32 bits in WebAssembly; projects are far below that.
  uLongf size = compressBound(static_cast<uLong>(bytes.size()));
  std::vector<std::uint8_t> out(size);
  const Bytef nothing = 0;
  const Bytef* source = bytes.empty() ? &nothing : bytes.data();
  if (compress2(out.data(), &size, source, static_cast<uLong>(bytes.size()), Z_BEST_COMPRESSION) != Z_OK)
    return {};
  out.resize(size);
  return out;
}

std::optional<std::vector<std::uint8_t>> inflate(std::span<const std::uint8_t> bytes, std::size_t limit) {
  z_stream stream{};
  if (inflateInit(&stream) != Z_OK) return std::nullopt;
  stream.next_in = const_cast<Bytef*>(bytes.data());  // zlib reads only
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::vector<std::uint8_t> out;
  int status = Z_OK;
  // Memory grows with what really comes out, so a small bomb costs what it yields up to the limit, no more.
  // One byte above the limit is asked for, to tell "exactly the limit" from "more".
  while (status == Z_OK && out.size() <= limit) {
    const std::size_t before = out.size();
    const std::size_t room = std::min(std::max<std::size_t>(before, 4096), limit + 1 - before);
    out.resize(before + room);
    stream.next_out = out.data() + before;
    stream.avail_out = static_cast<uInt>(room);
    status = ::inflate(&stream, Z_NO_FLUSH);
    out.resize(before + room - stream.avail_out);
  }
  const bool whole = status == Z_STREAM_END && stream.avail_in == 0 && out.size() <= limit;
  inflateEnd(&stream);
  if (!whole) return std::nullopt;
  return out;
}

std::vector<std::uint8_t> float_bytes(std::span<const float> values) {
  std::vector<std::uint8_t> bytes;
  bytes.reserve(values.size() * 4);
  for (const float value : values) {
    std::uint32_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    append_little_endian(bytes, bits, 4);
  }
  return bytes;
}

std::optional<std::vector<float>> floats_from(std::span<const std::uint8_t> bytes) {
  if (bytes.size() % 4 != 0) return std::nullopt;
  std::vector<float> values(bytes.size() / 4);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::uint32_t bits = little_endian(bytes.data() + 4 * i, 4);
    std::memcpy(&values[i], &bits, sizeof bits);
  }
  return values;
}

std::vector<std::uint8_t> half_bytes(std::span<const float> values) {
  std::vector<std::uint8_t> bytes;
  bytes.reserve(values.size() * 2);
  for (const float value : values) {
    std::uint32_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    append_little_endian(bytes, to_half(bits), 2);
  }
  return bytes;
}

std::optional<std::vector<float>> floats_from_halves(std::span<const std::uint8_t> bytes) {
  if (bytes.size() % 2 != 0) return std::nullopt;
  std::vector<float> values(bytes.size() / 2);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::uint32_t bits = from_half(little_endian(bytes.data() + 2 * i, 2));
    std::memcpy(&values[i], &bits, sizeof bits);
  }
  return values;
}

}  // namespace ribostep::io
