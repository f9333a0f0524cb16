// Bytes as text and back: base64url (RFC 4648 section 5, no padding), zlib's deflate with a bound on what
// comes out, and floats as their bits.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ribostep::io {

std::string base64url(std::span<const std::uint8_t> bytes);
std::optional<std::vector<std::uint8_t>> from_base64url(std::string_view text);  // nullopt: a foreign letter

std::vector<std::uint8_t> deflate(std::span<const std::uint8_t> bytes);
// nullopt: damaged, cut short, or more than `limit` bytes.
std::optional<std::vector<std::uint8_t>> inflate(std::span<const std::uint8_t> bytes, std::size_t limit);

std::vector<std::uint8_t> float_bytes(std::span<const float> values);  // little-endian
std::optional<std::vector<float>> floats_from(std::span<const std::uint8_t> bytes);
std::vector<std::uint8_t> half_bytes(std::span<const float> values);  // IEEE binary16, round to nearest even
std::optional<std::vector<float>> floats_from_halves(std::span<const std::uint8_t> bytes);

}  // namespace ribostep::io
