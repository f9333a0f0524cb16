// A project as the fragment of a web address, which browsers never send to a server. The zlib checksum
// notices what chat programs and mail do to long links.
#include "io/encoding.h"
#include "io/json_reader.h"
#include "io/project.h"

namespace ribostep::io {
namespace {

constexpr std::string_view kKey = "p=";
constexpr const char* kDamaged =
    "the link is damaged or was cut off when it was copied: ask for it again, as one unbroken line or as a "
    ".ribostep.json file";

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// What follows "#p=", without the line breaks that mail programs put in.
std::string payload(std::string_view link) {
  if (const std::size_t mark = link.find('#'); mark != std::string_view::npos) link.remove_prefix(mark + 1);
  std::string text;
  for (const char c : link)
    if (!is_space(c)) text += c;
  return text.compare(0, kKey.size(), kKey) == 0 ? text.substr(kKey.size()) : std::string();
}

}  // namespace

std::string to_fragment(const Project& project, WriteOptions options) {
  const std::string text =
      to_json(project, options).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  return "#" + std::string(kKey) + base64url(deflate({bytes, text.size()}));
}

ReadProject from_fragment(std::string_view fragment) {
  ReadProject result;
  if (fragment.size() > kMaxFragment) {
    add_error(result.diagnostics, "the link has more than " + std::to_string(kMaxFragment) +
                                      " characters: ask for the project as a .ribostep.json file");
    return result;
  }
  const std::string text = payload(fragment);
  if (text.empty()) {
    add_error(result.diagnostics, "there is no project in this link: its address ends in #p= and letters");
    return result;
  }
  const auto packed = from_base64url(text);
  const auto plain = packed ? inflate(*packed, kMaxInflated) : std::nullopt;
  if (!plain) {
    add_error(result.diagnostics, kDamaged);
    return result;
  }
  return parse_project({reinterpret_cast<const char*>(plain->data()), plain->size()});
}

}  // namespace ribostep::io
