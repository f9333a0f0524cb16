// Typed reading of JSON that may come from anyone: every access checks type and range first, says which key
// is wrong, and never throws. Ignorant of what a project is.
#pragma once
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"

namespace ribostep::io {

inline constexpr int kMaxJsonDepth = 32;
inline constexpr std::size_t kMaxJsonValues = 8'000'000;  // a value takes 16 bytes once parsed

// Looks at brackets and commas only, so that a hostile text is refused before the parser takes memory for it.
// Empty when there is nothing to object to; otherwise one sentence.
std::string structure_problem(std::string_view text);

// The text as JSON, or a discarded value and an Error.
nlohmann::json parse_json(std::string_view text, Diagnostics& diagnostics);

// Replaces what is not UTF-8 by U+FFFD: JSON can hold nothing else.
std::string utf8(std::string_view text);
// And of at most so many bytes, without a character that is cut in two.
std::string utf8(std::string_view text, std::size_t limit);

// One object of a document. A key that is asked for counts as known; finish() notes the others. A missing key
// leaves `out` alone and returns false; a wrong type or range is an Error and returns false.
class ObjectReader {
 public:
  // `path` names the object in messages: "" for the document, "model" for its model.
  ObjectReader(const nlohmann::json& object, std::string path, Diagnostics& diagnostics)
      : object_(object), path_(std::move(path)), diagnostics_(diagnostics) {}

  bool whole(const char* key, std::int64_t& out, std::int64_t low, std::int64_t high);
  bool whole(const char* key, int& out, int low, int high);
  bool unsigned_whole(const char* key, std::uint64_t& out);
  bool real(const char* key, double& out, double low, double high);
  bool truth(const char* key, bool& out);
  bool text(const char* key, std::string& out, std::size_t limit);
  bool hash(const char* key, std::string& out);  // 16 hexadecimal digits
  const nlohmann::json* object(const char* key);
  const nlohmann::json* array(const char* key, std::size_t limit);

  bool has(const char* key) const { return object_.contains(key); }
  std::string path_to(const char* key) const;  // "model.hidden"
  void error(const char* key, const std::string& what);
  void finish() const;

 private:
  const nlohmann::json* find(const char* key);
  const nlohmann::json& object_;
  std::string path_;
  Diagnostics& diagnostics_;
  std::vector<std::string_view> known_;
};

// The same checks for the elements of arrays; `where` names the element, as in "changes[3]".
bool read_whole(const nlohmann::json& value, const std::string& where, std::int64_t& out, std::int64_t low,
                std::int64_t high, Diagnostics& diagnostics);
bool read_real(const nlohmann::json& value, const std::string& where, double& out, double low, double high,
               Diagnostics& diagnostics);
bool read_text(const nlohmann::json& value, const std::string& where, std::string& out, std::size_t limit,
               Diagnostics& diagnostics);

void add_error(Diagnostics& diagnostics, std::string message);
bool has_error(const Diagnostics& diagnostics);

}  // namespace ribostep::io
