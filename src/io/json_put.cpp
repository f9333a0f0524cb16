#include "io/json_put.h"

#include <cmath>
#include <utility>

namespace ribostep::io {

using nlohmann::json;

void put(json& object, const char* key, json value) { object[key] = std::move(value); }
void put(json& object, const char* key, bool value) { put(object, key, json(value)); }
void put(json& object, const char* key, int value) { put(object, key, json(value)); }
void put(json& object, const char* key, std::int64_t value) { put(object, key, json(value)); }
void put(json& object, const char* key, std::uint64_t value) { put(object, key, json(value)); }
void put(json& object, const char* key, double value) { put(object, key, json(value)); }
void put(json& object, const char* key, const char* value) { put(object, key, json(value)); }
void put(json& object, const char* key, const std::string& value) { put(object, key, json(value)); }
void put_size(json& object, const char* key, std::size_t value) { put(object, key, json(value)); }
void put_unless_empty(json& object, const char* key, json part) {
  if (!part.empty()) put(object, key, std::move(part));
}
void put_finite(json& object, const char* key, double value) {
  put(object, key, std::isfinite(value) ? json(value) : json());
}

json typed(const char* type) {
  json object;
  put(object, "type", type);
  return object;
}
json typed(const char* type, const char* key, int value) {
  json object = typed(type);
  put(object, key, value);
  return object;
}
json typed(const char* type, const char* key, const char* value) {
  json object = typed(type);
  put(object, key, value);
  return object;
}
json typed(const char* type, const char* key, const std::string& value) {
  json object = typed(type);
  put(object, key, value);
  return object;
}

void append(json& list, json value) { list.push_back(std::move(value)); }
void append(json& list, bool value) { append(list, json(value)); }
void append(json& list, int value) { append(list, json(value)); }
void append(json& list, std::int64_t value) { append(list, json(value)); }
void append(json& list, double value) { append(list, json(value)); }
void append(json& list, const char* value) { append(list, json(value)); }
void append(json& list, const std::string& value) { append(list, json(value)); }
void append_finite(json& list, double value) { append(list, std::isfinite(value) ? json(value) : json()); }

}  // namespace ribostep::io
