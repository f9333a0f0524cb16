// Project to JSON. Leaves out what equals the format's fallbacks; reading is project_read.cpp's.
#include <cmath>

#include "io/encoding.h"
#include "io/field_write.h"
#include "io/json_put.h"
#include "io/json_reader.h"
#include "io/project.h"
#include "io/project_fields.h"

namespace ribostep::io {
namespace {

using nlohmann::json;

json records_json(const bio::Dataset& set) {
  json records = json::array();
  for (int i = 0; i < set.size(); ++i) {
    json record = json::array();
    append(record, utf8(set.name(i)));
    append(record, utf8(set.description(i)));
    append(record, utf8(set.column_label(i)));
    record.push_back(set.channels() > 0 ? base64url(float_bytes(set.values(i))) : set.letters(i));
    if (!set.annotation(i).empty()) append(record, utf8(set.annotation(i)));
    append(records, std::move(record));
  }
  return records;
}

json data_json(const DataSource& data, bool inline_data) {
  json object = json::object();
  if (!data.content_hash.empty()) put(object, "hash", data.content_hash);
  if (!data.example.empty()) {  // its name stands in the list of built-in sets
    put(object, "example", data.example);
    return object;
  }
  if (!data.name.empty()) put(object, "name", utf8(data.name));
  if (data.set != nullptr && inline_data) {
    put(object, "alphabet", bio::name(data.set->alphabet_kind));
    for (const std::string& channel : data.set->channel_names()) append(object["channels"], utf8(channel));
    put(object, "records", records_json(*data.set));
  } else if (!data.content_hash.empty()) {
    put(object, "stored", true);
  }
  return object;
}

bool all_finite(const std::vector<float>& values) {
  for (const float value : values)
    if (!std::isfinite(value)) return false;
  return true;
}

std::string text_of(const std::vector<std::uint8_t>& bytes) { return base64url(bytes); }

// Weights that a reader would refuse (not finite) are not written; weights too large for 16 bits go in 32.
json weights_json(const Project& project, WeightsAs as) {
  json object = json::object();
  std::string hash = project.weights_hash;
  const std::vector<float>* weights = project.weights.get();
  if (weights != nullptr && all_finite(*weights)) {
    hash =
        rnn::weights_hash(*weights);  // the sender's word matters only while there are no weights to look at
    if (as == WeightsAs::Float16) {
      const std::vector<std::uint8_t> halves = half_bytes(*weights);
      const auto rounded = floats_from_halves(halves);
      if (rounded && all_finite(*rounded)) {
        put(object, "f16", text_of(halves));
        hash = rnn::weights_hash(*rounded);
      } else {
        as = WeightsAs::Float32;
      }
    }
    if (as == WeightsAs::Float32) put(object, "f32", text_of(float_bytes(*weights)));
  }
  if (!hash.empty()) put(object, "hash", hash);
  return object;
}

json view_json(const View& view) {
  json object = json::object();
  if (std::isfinite(view.first) && view.first != 0) put(object, "first", view.first);
  if (std::isfinite(view.span) && view.span != 0) put(object, "span", view.span);
  json hidden = json::array();
  for (const std::string& track : view.hidden_tracks) append(hidden, utf8(track));
  if (!hidden.empty()) put(object, "hidden", std::move(hidden));
  for (const TrackRow& row : view.tracks) {
    json one = json::array();
    append(one, utf8(row.key));
    append(one, static_cast<double>(row.height));
    append(object["tracks"], std::move(one));
  }
  return object;
}

}  // namespace

json change_json(const rnn::SettingChange& change) {
  json list = json::array();
  append(list, change.update);
  append(list, utf8(change.key));
  append(list, change.value);
  return list;
}

json to_json(const Project& project, WriteOptions options) {
  json document = json::object();
  put(document, "ribostep", kProjectVersion);
  if (!project.title.empty()) put(document, "title", utf8(project.title));
  if (!project.notes.empty()) put(document, "notes", utf8(project.notes));
  put_unless_empty(document, "data", data_json(project.data, options.inline_data));
  if (project.label_rule != bio::LabelRule::Auto) put(document, "labels", bio::name(project.label_rule));
  put_unless_empty(document, "model", fields_json(project.model, kModelFields));
  put_unless_empty(document, "train", fields_json(project.train, kTrainFields));
  if (project.seed != 1) put(document, "seed", project.seed);
  if (project.updates != 0) put(document, "updates", project.updates);
  json changes = json::array();
  for (const rnn::SettingChange& change : project.changes) append(changes, change_json(change));
  put_unless_empty(document, "changes", std::move(changes));
  if (project.start_weights != nullptr && all_finite(*project.start_weights))
    put(document["start"], "f32", text_of(float_bytes(*project.start_weights)));
  put_unless_empty(document, "weights", weights_json(project, options.weights));
  put(document, "numerics", project.numerics);
  if (!(project.cursor == Cursor{})) {
    json& cursor = document["cursor"] = json::array();
    append(cursor, project.cursor.sequence);
    append(cursor, project.cursor.position);
  }
  put_unless_empty(document, "view", view_json(project.view));
  write_debugging(project.debugging, project.model, document);
  return document;
}

}  // namespace ribostep::io
