// The one frame that crosses every border: page <-> application and page <-> worker. A JSON head says what it
// is, the body carries bytes (text, weights, files). Wire: u32 little-endian length of the head, head, body.
#pragma once
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ribostep::session {

using Bytes = std::vector<std::uint8_t>;

struct Message {
  nlohmann::json head;
  Bytes body;

  // Empty when there is none: frames come from outside.
  std::string type() const {
    const auto found = head.find("type");
    return found != head.end() && found->is_string() ? found->get<std::string>() : std::string();
  }
};

std::string head_text(const Message& message);  // JSON; bytes that are no UTF-8 become U+FFFD
Bytes encode(const Message& message);
// nullopt when the frame is cut short or its head is not a JSON object.
std::optional<Message> decode(std::span<const std::uint8_t> frame);

}  // namespace ribostep::session
