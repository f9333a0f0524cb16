#include "session/facet.h"

namespace ribostep::session {
namespace {

const nlohmann::json* field(const nlohmann::json& head, const char* key) {
  const auto at = head.find(key);
  return at == head.end() ? nullptr : &*at;
}

}  // namespace

std::string text_in(const nlohmann::json& head, const char* key) {
  const nlohmann::json* value = field(head, key);
  return value && value->is_string() ? value->get<std::string>() : std::string();
}
int whole_in(const nlohmann::json& head, const char* key, int otherwise) {
  const nlohmann::json* value = field(head, key);
  if (!value || !value->is_number()) return otherwise;
  const double number = value->get<double>();
  return number >= -2e9 && number <= 2e9 ? static_cast<int>(number) : otherwise;
}
double real_in(const nlohmann::json& head, const char* key, double otherwise) {
  const nlohmann::json* value = field(head, key);
  return value && value->is_number() ? value->get<double>() : otherwise;
}
bool truth_in(const nlohmann::json& head, const char* key, bool otherwise) {
  const nlohmann::json* value = field(head, key);
  return value && value->is_boolean() ? value->get<bool>() : otherwise;
}

}  // namespace ribostep::session
