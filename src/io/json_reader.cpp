// Typed reading of JSON from anyone. Leaves meaning (what a model may be) to its callers.
#include "io/json_reader.h"

#include <algorithm>
#include <cmath>

#include "bio/utf8.h"
#include "io/tables.h"

namespace ribostep::io {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxNotes = 20;

std::string quoted(const std::string& where) { return "\"" + where + "\""; }

bool refuse(Diagnostics& diagnostics, const std::string& where, const std::string& what) {
  add_error(diagnostics, quoted(where) + " " + what + ": correct it or leave it out");
  return false;
}

std::string range(const std::string& value, const std::string& low, const std::string& high) {
  return "is " + value + " but must lie between " + low + " and " + high;
}

// Integers may be written 16, 16.0 or 1.6e1. False: not an integer at all. Beyond 64 bits: saturated, so that
// the range check refuses it.
bool as_whole(const json& value, std::int64_t& out) {
  if (const auto* positive = value.get_ptr<const json::number_unsigned_t*>()) {
    out =
        *positive > static_cast<std::uint64_t>(INT64_MAX) ? INT64_MAX : static_cast<std::int64_t>(*positive);
    return true;
  }
  if (const auto* integer = value.get_ptr<const json::number_integer_t*>()) {
    out = *integer;
    return true;
  }
  const auto* real = value.get_ptr<const json::number_float_t*>();
  if (real == nullptr || !std::isfinite(*real) || *real != std::floor(*real)) return false;
  constexpr double kLimit = 9.2e18;
  out = *real > kLimit ? INT64_MAX : *real < -kLimit ? INT64_MIN : static_cast<std::int64_t>(*real);
  return true;
}

}  // namespace

void add_error(Diagnostics& diagnostics, std::string message) {
  diagnostics.push_back({Severity::Error, 0, 0, std::move(message)});
}

bool has_error(const Diagnostics& diagnostics) {
  return std::any_of(diagnostics.begin(), diagnostics.end(),
                     [](const Diagnostic& d) { return d.severity == Severity::Error; });
}

std::string structure_problem(std::string_view text) {
  int depth = 0;
  std::size_t values = 1;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char letter = text[i];
    if (in_string) {
      if (letter == '\\') ++i;
      if (letter == '"') in_string = false;
      continue;
    }
    if (letter == '"') in_string = true;
    if (letter == '[' || letter == '{') ++depth;
    if (letter == ']' || letter == '}') --depth;
    if (letter == ',' || letter == '[' || letter == '{') ++values;
    if (depth > kMaxJsonDepth)
      return "brackets lie more than " + std::to_string(kMaxJsonDepth) + " deep: this is no Ribostep project";
    if (values > kMaxJsonValues)
      return "there are more than " + std::to_string(kMaxJsonValues) +
             " values: load the sequences as FASTA instead";
  }
  return {};
}

json parse_json(std::string_view text, Diagnostics& diagnostics) {
  const std::string problem = structure_problem(text);
  json document = json::value_t::discarded;
  if (!problem.empty()) {
    add_error(diagnostics, problem);
    return document;
  }
  document = json::parse(text, nullptr, false);
  if (document.is_discarded())
    add_error(diagnostics, "the text is not JSON or was cut off: open the whole .ribostep.json file");
  return document;
}

std::string utf8(std::string_view text) {
  std::string clean;
  clean.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = bio::utf8_length(text);
    if (length == 0)
      clean += "\xef\xbf\xbd";
    else
      clean += text.substr(0, length);
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return clean;
}

std::string utf8(std::string_view text, std::size_t limit) {
  std::string clean = utf8(text);
  if (clean.size() <= limit) return clean;
  std::size_t end = limit;
  while (end > 0 && (static_cast<unsigned char>(clean[end]) & 0xc0u) == 0x80u) --end;
  clean.resize(end);
  return clean;
}

bool read_whole(const json& value, const std::string& where, std::int64_t& out, std::int64_t low,
                std::int64_t high, Diagnostics& diagnostics) {
  std::int64_t number_read = 0;
  if (!as_whole(value, number_read)) return refuse(diagnostics, where, "must be a whole number");
  if (number_read < low || number_read > high)
    return refuse(diagnostics, where, range(value.dump(), std::to_string(low), std::to_string(high)));
  out = number_read;
  return true;
}

bool read_real(const json& value, const std::string& where, double& out, double low, double high,
               Diagnostics& diagnostics) {
  double number_read = 0;
  if (const auto* real = value.get_ptr<const json::number_float_t*>())
    number_read = *real;
  else if (const auto* positive = value.get_ptr<const json::number_unsigned_t*>())
    number_read = static_cast<double>(*positive);
  else if (const auto* integer = value.get_ptr<const json::number_integer_t*>())
    number_read = static_cast<double>(*integer);
  else
    return refuse(diagnostics, where, "must be a number");
  if (!(number_read >= low && number_read <= high))
    return refuse(diagnostics, where, range(value.dump(), number(low), number(high)));
  out = number_read;
  return true;
}

bool read_text(const json& value, const std::string& where, std::string& out, std::size_t limit,
               Diagnostics& diagnostics) {
  const auto* text = value.get_ptr<const json::string_t*>();
  if (text == nullptr) return refuse(diagnostics, where, "must be a text");
  if (text->size() > limit)
    return refuse(
        diagnostics, where,
        "has " + std::to_string(text->size()) + " bytes but must have at most " + std::to_string(limit));
  out = *text;
  return true;
}

const json* ObjectReader::find(const char* key) {
  known_.push_back(key);
  const auto found = object_.find(key);
  return found == object_.end() ? nullptr : &*found;
}

std::string ObjectReader::path_to(const char* key) const { return path_.empty() ? key : path_ + "." + key; }

void ObjectReader::error(const char* key, const std::string& what) {
  refuse(diagnostics_, path_to(key), what);
}

bool ObjectReader::whole(const char* key, std::int64_t& out, std::int64_t low, std::int64_t high) {
  const json* value = find(key);
  return value != nullptr && read_whole(*value, path_to(key), out, low, high, diagnostics_);
}

bool ObjectReader::whole(const char* key, int& out, int low, int high) {
  std::int64_t wide = 0;
  if (!whole(key, wide, std::int64_t{low}, std::int64_t{high})) return false;
  out = static_cast<int>(wide);
  return true;
}

bool ObjectReader::unsigned_whole(const char* key, std::uint64_t& out) {
  const json* value = find(key);
  if (value == nullptr) return false;
  const auto* positive = value->get_ptr<const json::number_unsigned_t*>();
  if (positive == nullptr)
    return refuse(diagnostics_, path_to(key), "must be a whole number from 0 to 2^64 - 1");
  out = *positive;
  return true;
}

bool ObjectReader::real(const char* key, double& out, double low, double high) {
  const json* value = find(key);
  return value != nullptr && read_real(*value, path_to(key), out, low, high, diagnostics_);
}

bool ObjectReader::truth(const char* key, bool& out) {
  const json* value = find(key);
  if (value == nullptr) return false;
  const auto* truth_read = value->get_ptr<const json::boolean_t*>();
  if (truth_read == nullptr) return refuse(diagnostics_, path_to(key), "must be true or false");
  out = *truth_read;
  return true;
}

bool ObjectReader::text(const char* key, std::string& out, std::size_t limit) {
  const json* value = find(key);
  return value != nullptr && read_text(*value, path_to(key), out, limit, diagnostics_);
}

bool ObjectReader::hash(const char* key, std::string& out) {
  std::string digits;
  if (!text(key, digits, 64)) return false;
  const bool good = digits.size() == 16 && digits.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (!good) return refuse(diagnostics_, path_to(key), "must be 16 digits 0-9 a-f");
  out = digits;
  return true;
}

const json* ObjectReader::object(const char* key) {
  const json* value = find(key);
  if (value == nullptr || value->is_object()) return value;
  refuse(diagnostics_, path_to(key), "must be an object { }");
  return nullptr;
}

const json* ObjectReader::array(const char* key, std::size_t limit) {
  const json* value = find(key);
  if (value == nullptr) return nullptr;
  if (!value->is_array())
    refuse(diagnostics_, path_to(key), "must be a list [ ]");
  else if (value->size() > limit)
    refuse(
        diagnostics_, path_to(key),
        "has " + std::to_string(value->size()) + " entries but must have at most " + std::to_string(limit));
  else
    return value;
  return nullptr;
}

void ObjectReader::finish() const {
  std::size_t notes = 0;
  for (auto entry = object_.begin(); entry != object_.end(); ++entry) {
    if (std::find(known_.begin(), known_.end(), std::string_view(entry.key())) != known_.end()) continue;
    if (notes++ == kMaxNotes) break;
    const std::string where = path_to(utf8(std::string_view(entry.key()).substr(0, 80)).c_str());
    diagnostics_.push_back(
        {Severity::Note, 0, 0, quoted(where) + " is not known to this version of Ribostep and was ignored"});
  }
}

}  // namespace ribostep::io
