#include "session/message.h"

#include <cstring>

namespace ribostep::session {

std::string head_text(const Message& message) {
  return message.head.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

Bytes encode(const Message& message) {
  const std::string head = head_text(message);
  const auto size = static_cast<std::uint32_t>(head.size());
  Bytes frame;
  frame.reserve(4 + head.size() + message.body.size());
  for (unsigned shift = 0; shift < 32; shift += 8) frame.push_back(static_cast<std::uint8_t>(size >> shift));
  frame.insert(frame.end(), head.begin(), head.end());
  frame.insert(frame.end(), message.body.begin(), message.body.end());
  return frame;
}

std::optional<Message> decode(std::span<const std::uint8_t> frame) {
  if (frame.size() < 4) return std::nullopt;
  std::size_t size = 0;
  for (std::size_t i = 0; i < 4; ++i) size |= static_cast<std::size_t>(frame[i]) << (8 * i);
  if (size > frame.size() - 4) return std::nullopt;
  Message message;
  const auto head = frame.subspan(4, size);
  message.head = nlohmann::json::parse(head.begin(), head.end(), nullptr, false);
  if (!message.head.is_object()) return std::nullopt;
  const auto body = frame.subspan(4 + size);
  message.body.assign(body.begin(), body.end());
  return message;
}

}  // namespace ribostep::session
