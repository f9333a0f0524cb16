// FNV-1a, 64 bit: names data sets by content and weights by their bits. Not for security: a link that lies
// about a hash only fools its own sender.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>

namespace ribostep {

class Hash {
 public:
  Hash& bytes(const void* data, std::size_t size) {
    const auto* p = static_cast<const unsigned char*>(data);
    for (std::size_t i = 0; i < size; ++i) value_ = (value_ ^ p[i]) * 0x100000001b3ULL;
    return *this;
  }
  std::uint64_t value() const { return value_; }
  // 16 lower-case hexadecimal digits.
  std::string hex() const {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string text(16, '0');
    for (std::size_t i = 0; i < 16; ++i) text[i] = kDigits[(value_ >> (60 - 4 * i)) & 15u];
    return text;
  }

 private:
  std::uint64_t value_ = 0xcbf29ce484222325ULL;
};

}  // namespace ribostep
