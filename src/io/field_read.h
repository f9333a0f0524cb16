// Reads an object of a document by a table of fields, see project_fields.h. Private to src/io.
#pragma once
#include <algorithm>
#include <string>

#include "io/json_reader.h"
#include "io/project_fields.h"

namespace ribostep::io {

// Each starts from the format's fallback, not from the program's default.
template <class Owner>
void read_field(ObjectReader& reader, const NumberField<Owner, int>& field, Owner& owner, Diagnostics&) {
  owner.*field.member = field.fallback;
  reader.whole(field.key, owner.*field.member, field.low, field.high);
}
template <class Owner>
void read_field(ObjectReader& reader, const NumberField<Owner, double>& field, Owner& owner, Diagnostics&) {
  owner.*field.member = field.fallback;
  reader.real(field.key, owner.*field.member, field.low, field.high);
}
template <class Owner>
void read_field(ObjectReader& reader, const FlagField<Owner>& field, Owner& owner, Diagnostics&) {
  owner.*field.member = field.fallback;
  reader.truth(field.key, owner.*field.member);
}

template <class Owner, class Value>
void read_field(ObjectReader& reader, const ChoiceField<Owner, Value>& field, Owner& owner, Diagnostics&) {
  owner.*field.member = field.fallback;
  std::string text;
  if (!reader.text(field.key, text, 64)) return;
  if (const auto value = field.parse(text)) {
    owner.*field.member = *value;
    return;
  }
  std::string expected;
  for (int i = 0; i < field.count; ++i)
    expected += (i == 0 ? "" : ", ") + std::string(field.name(static_cast<Value>(i)));
  reader.error(field.key, "is \"" + utf8(text) + "\" but must be one of " + expected);
}

inline bool read_entry(const nlohmann::json& entry, const std::string& where, int low, int high, int& out,
                       Diagnostics& diagnostics) {
  std::int64_t wide = 0;
  if (!read_whole(entry, where, wide, low, high, diagnostics)) return false;
  out = static_cast<int>(wide);
  return true;
}
inline bool read_entry(const nlohmann::json& entry, const std::string& where, double low, double high,
                       double& out, Diagnostics& diagnostics) {
  return read_real(entry, where, out, low, high, diagnostics);
}

// f(entry, "model.dilations[2]") for each entry of a list, which is no longer than `most`; false ends it.
template <class F>
void each_entry(ObjectReader& reader, const char* key, std::size_t most, F f) {
  const nlohmann::json* list = reader.array(key, most);
  if (list == nullptr) return;
  for (std::size_t i = 0; i < list->size(); ++i)
    if (!f((*list)[i], reader.path_to(key) + "[" + std::to_string(i) + "]")) return;
}

template <class Owner, class Value>
void read_field(ObjectReader& reader, const ListField<Owner, Value>& field, Owner& owner,
                Diagnostics& diagnostics) {
  (owner.*field.member).clear();
  each_entry(reader, field.key, field.most, [&](const nlohmann::json& entry, const std::string& where) {
    Value value{};
    if (!read_entry(entry, where, field.low, field.high, value, diagnostics)) return false;
    (owner.*field.member).push_back(value);
    return true;
  });
}
template <class Owner>
void read_field(ObjectReader& reader, const NameListField<Owner>& field, Owner& owner,
                Diagnostics& diagnostics) {
  (owner.*field.member).clear();
  each_entry(reader, field.key, field.most, [&](const nlohmann::json& entry, const std::string& where) {
    std::string name;
    if (!read_text(entry, where, name, field.bytes, diagnostics)) return false;
    (owner.*field.member).push_back(std::move(name));
    return true;
  });
}

template <class Owner, class Table>
void read_fields(const nlohmann::json* object, const std::string& path, const Table& table, Owner& owner,
                 Diagnostics& diagnostics) {
  const nlohmann::json nothing = nlohmann::json::object();
  ObjectReader reader(object != nullptr ? *object : nothing, path, diagnostics);
  const std::size_t before = diagnostics.size();
  for_each_field(table, [&](const auto& field) { read_field(reader, field, owner, diagnostics); });
  reader.finish();
  const bool good = std::none_of(diagnostics.begin() + static_cast<std::ptrdiff_t>(before), diagnostics.end(),
                                 [](const Diagnostic& d) { return d.severity == Severity::Error; });
  if (!good) return;
  if (const std::string why = problem(owner); !why.empty())
    add_error(diagnostics, "\"" + path + "\" cannot be used: " + why);
}

}  // namespace ribostep::io
