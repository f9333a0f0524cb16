// Fields of a JSON object and elements of a list, one small call each. nlohmann's own initializer lists make
// temporaries for every {key, value}, with the code to take them away again: where there are many, that is
// most of what a visitor downloads.
#pragma once
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace ribostep::io {

void put(nlohmann::json& object, const char* key, bool value);
void put(nlohmann::json& object, const char* key, int value);
void put(nlohmann::json& object, const char* key, std::int64_t value);
void put(nlohmann::json& object, const char* key, std::uint64_t value);
void put(nlohmann::json& object, const char* key, double value);
void put(nlohmann::json& object, const char* key, const char* value);
void put(nlohmann::json& object, const char* key, const std::string& value);
void put(nlohmann::json& object, const char* key, nlohmann::json value);
void put_size(nlohmann::json& object, const char* key, std::size_t value);
void put_unless_empty(nlohmann::json& object, const char* key, nlohmann::json part);
// The head of a message of so many words: {"type": type} and perhaps one field.
nlohmann::json typed(const char* type);
nlohmann::json typed(const char* type, const char* key, int value);
nlohmann::json typed(const char* type, const char* key, const char* value);
nlohmann::json typed(const char* type, const char* key, const std::string& value);
// JSON has no NaN and no infinity: null.
void put_finite(nlohmann::json& object, const char* key, double value);

void append(nlohmann::json& list, bool value);
void append(nlohmann::json& list, int value);
void append(nlohmann::json& list, std::int64_t value);
void append(nlohmann::json& list, double value);
void append(nlohmann::json& list, const char* value);
void append(nlohmann::json& list, const std::string& value);
void append(nlohmann::json& list, nlohmann::json value);
void append_finite(nlohmann::json& list, double value);

}  // namespace ribostep::io
