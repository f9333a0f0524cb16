// Writes an object of a document by a table of fields, leaving out what equals the fallbacks; see
// project_fields.h. Private to src/io.
#pragma once
#include <cmath>
#include <string>
#include <utility>

#include "io/json_put.h"
#include "io/json_reader.h"
#include "io/project_fields.h"

namespace ribostep::io {

template <class Owner, class Value>
void write_field(nlohmann::json& object, const NumberField<Owner, Value>& field, const Owner& owner) {
  const Value value = owner.*field.member;
  if (value != field.fallback && std::isfinite(static_cast<double>(value))) put(object, field.key, value);
}
template <class Owner>
void write_field(nlohmann::json& object, const FlagField<Owner>& field, const Owner& owner) {
  if (owner.*field.member != field.fallback) put(object, field.key, owner.*field.member);
}
template <class Owner, class Value>
void write_field(nlohmann::json& object, const ChoiceField<Owner, Value>& field, const Owner& owner) {
  if (owner.*field.member != field.fallback) put(object, field.key, field.name(owner.*field.member));
}
template <class Owner, class Value>
void write_field(nlohmann::json& object, const ListField<Owner, Value>& field, const Owner& owner) {
  nlohmann::json list = nlohmann::json::array();
  for (const Value value : owner.*field.member) append(list, value);
  put_unless_empty(object, field.key, std::move(list));
}
template <class Owner>
void write_field(nlohmann::json& object, const NameListField<Owner>& field, const Owner& owner) {
  nlohmann::json list = nlohmann::json::array();
  for (const std::string& name : owner.*field.member) append(list, utf8(name));
  put_unless_empty(object, field.key, std::move(list));
}

template <class Owner, class Table>
nlohmann::json fields_json(const Owner& owner, const Table& table) {
  nlohmann::json object = nlohmann::json::object();
  for_each_field(table, [&](const auto& field) { write_field(object, field, owner); });
  return object;
}

// [update, key, value]
nlohmann::json change_json(const rnn::SettingChange& change);  // project_write.cpp

}  // namespace ribostep::io
