// Writes an object of a document by a table of fields, leaving out what equals the fallbacks; see
// project_fields.h. Private to src/io.
#pragma once
#include <cmath>
#include <string>
#include <utility>

#include "io/json_reader.h"
#include "io/project_fields.h"

namespace ribostep::io {

template <class Owner, class Value>
void write_field(nlohmann::json& object, const NumberField<Owner, Value>& field, const Owner& owner) {
  const Value value = owner.*field.member;
  if (value != field.fallback && std::isfinite(static_cast<double>(value))) object[field.key] = value;
}
template <class Owner>
void write_field(nlohmann::json& object, const FlagField<Owner>& field, const Owner& owner) {
  if (owner.*field.member != field.fallback) object[field.key] = owner.*field.member;
}
template <class Owner, class Value>
void write_field(nlohmann::json& object, const ChoiceField<Owner, Value>& field, const Owner& owner) {
  if (owner.*field.member != field.fallback) object[field.key] = field.name(owner.*field.member);
}
template <class Owner, class Value>
void write_field(nlohmann::json& object, const ListField<Owner, Value>& field, const Owner& owner) {
  nlohmann::json list = nlohmann::json::array();
  for (const Value value : owner.*field.member) list.push_back(value);
  if (!list.empty()) object[field.key] = std::move(list);
}
template <class Owner>
void write_field(nlohmann::json& object, const NameListField<Owner>& field, const Owner& owner) {
  nlohmann::json list = nlohmann::json::array();
  for (const std::string& name : owner.*field.member) list.push_back(utf8(name));
  if (!list.empty()) object[field.key] = std::move(list);
}

template <class Owner, class Table>
nlohmann::json fields_json(const Owner& owner, const Table& table) {
  nlohmann::json object = nlohmann::json::object();
  for_each_field(table, [&](const auto& field) { write_field(object, field, owner); });
  return object;
}

}  // namespace ribostep::io
