// Letters against their alphabet, values as their bits; a mistake names its record and what is expected
// there.
#include "io/project_records.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "io/encoding.h"
#include "io/json_reader.h"
#include "io/project_fields.h"

namespace ribostep::io {
namespace {

using nlohmann::json;

// What every kind of record has beside its letters or values.
struct RecordText {
  std::string name, description, label, content, annotation;
};

// [name, description, label, letters or values, annotation?]
bool read_text_of(const json& record, const std::string& where, bool series, RecordText& out,
                  Diagnostics& diagnostics) {
  if (!record.is_array() || record.size() < 4 || record.size() > 5) {
    add_error(diagnostics, "\"" + where + "\" must be a list of name, description, label, " +
                               (series ? "values" : "letters") + " and, if there is one, annotation");
    return false;
  }
  std::string* const fields[5] = {&out.name, &out.description, &out.label, &out.content, &out.annotation};
  for (std::size_t i = 0; i < record.size(); ++i) {
    const std::size_t limit = i < 3 ? kMaxHeader : SIZE_MAX;
    if (!read_text(record[i], where + "[" + std::to_string(i) + "]", *fields[i], limit, diagnostics))
      return false;
  }
  return true;
}

bool good_annotation(const std::string& annotation, std::size_t positions, const std::string& where,
                     bool series, Diagnostics& diagnostics) {
  if (!annotation.empty() && annotation.size() != positions) {
    add_error(diagnostics, "\"" + where + "\" has " + std::to_string(positions) +
                               (series ? " positions but " : " letters but ") +
                               std::to_string(annotation.size()) +
                               " annotation characters: make them equally long");
    return false;
  }
  if (std::any_of(annotation.begin(), annotation.end(), [](char c) { return c < 33 || c > 126; })) {
    add_error(diagnostics,
              "\"" + where + "\": an annotation may hold printable ASCII characters only, '.' for none");
    return false;
  }
  return true;
}

bool read_letters(const RecordText& text, const std::string& where, bio::Dataset& set,
                  Diagnostics& diagnostics) {
  const std::string& letters = text.content;
  std::vector<std::uint8_t> tokens;
  tokens.reserve(letters.size());
  for (std::size_t i = 0; i < letters.size(); ++i) {
    const int token = set.alphabet().token(letters[i]);
    if (token < 0) {
      add_error(diagnostics, "\"" + where + "\", letter " + std::to_string(i + 1) + ": '" +
                                 utf8(std::string_view(letters).substr(i, 1)) + "' is not a " +
                                 std::string(set.alphabet().name) + " symbol; expected " +
                                 set.alphabet().expected());
      return false;
    }
    tokens.push_back(static_cast<std::uint8_t>(token));
  }
  if (!good_annotation(text.annotation, tokens.size(), where, false, diagnostics)) return false;
  set.add(text.name, text.description, text.label, tokens, text.annotation);
  return true;
}

bool read_values(const RecordText& text, const std::string& where, bio::Dataset& set,
                 Diagnostics& diagnostics) {
  const auto bytes = from_base64url(text.content);
  const auto values = bytes ? floats_from(*bytes) : std::nullopt;
  const auto channels = static_cast<std::size_t>(set.channels());
  if (!values || values->size() % channels != 0) {
    add_error(diagnostics, "\"" + where + "[3]\" must be base64url of 32-bit numbers, " +
                               std::to_string(channels) + " for each position");
    return false;
  }
  if (!std::all_of(values->begin(), values->end(), [](float v) { return std::isfinite(v); })) {
    add_error(diagnostics, "\"" + where + "[3]\" holds values that are not finite numbers: leave them out");
    return false;
  }
  if (!good_annotation(text.annotation, values->size() / channels, where, true, diagnostics)) return false;
  set.add_series(text.name, text.description, text.label, *values, text.annotation);
  return true;
}

bool read_channels(const json& names, std::vector<std::string>& channels, Diagnostics& diagnostics) {
  for (std::size_t k = 0; k < names.size(); ++k) {
    std::string name;
    if (!read_text(names[k], "data.channels[" + std::to_string(k) + "]", name, bio::kMaxChannelName,
                   diagnostics))
      return false;
    channels.push_back(std::move(name));
  }
  return true;
}

}  // namespace

bio::DatasetPtr read_records(const json& records, bio::AlphabetKind kind, const json* names,
                             Diagnostics& diagnostics) {
  const bool series = kind == bio::AlphabetKind::Series;
  std::vector<std::string> channels;
  if (series) {
    if (names == nullptr || names->empty()) {
      add_error(diagnostics,
                "\"data.channels\" is missing: name the values that each position of a series has");
      return nullptr;
    }
    if (!read_channels(*names, channels, diagnostics)) return nullptr;
  }
  auto set =
      std::make_shared<bio::Dataset>(series ? bio::Dataset::of_series(std::move(channels)) : bio::Dataset());
  set->alphabet_kind = kind;
  for (std::size_t i = 0; i < records.size(); ++i) {
    const std::string where = "data.records[" + std::to_string(i) + "]";
    RecordText text;
    if (!read_text_of(records[i], where, series, text, diagnostics)) return nullptr;
    if (!(series ? read_values : read_letters)(text, where, *set, diagnostics)) return nullptr;
  }
  return set;
}

}  // namespace ribostep::io
