// JSON to project, believing nothing: every key is checked for type, range and length, and a mistake names
// its key. Writing is project_write.cpp's; what to do with a good project is the session's.
#include <algorithm>
#include <cmath>

#include "io/encoding.h"
#include "io/field_read.h"
#include "io/json_reader.h"
#include "io/project.h"
#include "io/project_fields.h"
#include "io/project_records.h"

namespace ribostep::io {
namespace {

using nlohmann::json;

bool good_identifier(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

void read_data(const json* object, DataSource& data, Diagnostics& diagnostics) {
  if (object == nullptr) return;
  ObjectReader reader(*object, "data", diagnostics);
  reader.hash("hash", data.content_hash);
  reader.text("name", data.name, kMaxTitle);
  if (reader.text("example", data.example, 64) && !good_identifier(data.example))
    reader.error("example", "must be the id of a built-in set, made of letters, digits, - and _");
  bool stored = false;
  reader.truth("stored", stored);
  bio::AlphabetKind kind = bio::AlphabetKind::Dna;
  std::string alphabet;
  if (reader.text("alphabet", alphabet, 64)) {
    if (const auto known = bio::alphabet_kind(alphabet))
      kind = *known;
    else
      reader.error("alphabet", "is \"" + utf8(alphabet) +
                                   "\" but must be one of dna, rna, protein, series, "
                                   "bits, brackets, reber");
  }
  const json* channels = reader.array("channels", bio::kMaxChannels);
  const json* records = reader.array("records", kMaxRecords);
  reader.finish();
  if (records != nullptr && !data.example.empty()) {
    add_error(diagnostics, "\"data\" names a built-in set and holds records too: leave one of them out");
  } else if (records != nullptr) {
    data.set = read_records(*records, kind, channels, diagnostics);
    if (data.set == nullptr) return;
    const std::string actual = data.set->content_hash();
    if (!data.content_hash.empty() && data.content_hash != actual)
      diagnostics.push_back(
          {Severity::Warning, 0, 0,
           "the sequences in this project were changed after it was saved: its weights were "
           "trained on others"});
    data.content_hash = actual;
  } else if (data.example.empty() && data.content_hash.empty() && !reader.has("records")) {
    add_error(diagnostics, "\"data\" holds no sequences: give \"example\", \"records\" or \"hash\"");
  }
}

// Null with an Error in `diagnostics`, or null without one when the key is not there.
WeightsPtr read_floats(ObjectReader& reader, const char* key, std::size_t count, Diagnostics& diagnostics) {
  std::string text;
  if (!reader.text(key, text, SIZE_MAX)) return nullptr;
  const bool halves = std::string_view(key) == "f16";
  const std::size_t bytes_expected = count * (halves ? 2 : 4);
  const std::size_t letters_expected = (bytes_expected * 4 + 2) / 3;
  if (text.size() != letters_expected) {
    reader.error(key, "has " + std::to_string(text.size()) + " characters, but the " + std::to_string(count) +
                          " weights of this model take " + std::to_string(letters_expected));
    return nullptr;
  }
  const auto bytes = from_base64url(text);
  const auto values = !bytes ? std::nullopt : halves ? floats_from_halves(*bytes) : floats_from(*bytes);
  if (!values || values->size() != count) {
    reader.error(key, "is not base64url");
    return nullptr;
  }
  if (!std::all_of(values->begin(), values->end(), [](float value) { return std::isfinite(value); })) {
    add_error(diagnostics,
              "\"" + reader.path_to(key) +
                  "\" holds weights that are not finite numbers: train again with a smaller learning rate");
    return nullptr;
  }
  return std::make_shared<const std::vector<float>>(*values);
}

void read_weights(const json* object, std::size_t count, Project& project, Diagnostics& diagnostics) {
  if (object == nullptr) return;
  ObjectReader reader(*object, "weights", diagnostics);
  reader.hash("hash", project.weights_hash);
  const WeightsPtr f32 = read_floats(reader, "f32", count, diagnostics);
  const WeightsPtr f16 = read_floats(reader, "f16", count, diagnostics);
  project.weights = f32 != nullptr ? f32 : f16;
  project.weights_rounded = f32 == nullptr && f16 != nullptr;
  reader.finish();
  if (project.weights == nullptr) return;
  const std::string actual = rnn::weights_hash(*project.weights);
  if (!project.weights_hash.empty() && project.weights_hash != actual)
    diagnostics.push_back(
        {Severity::Warning, 0, 0,
         "the weights in this project were changed after it was saved: they are used as they are"});
  project.weights_hash = actual;
}

void read_start(const json* object, std::size_t count, Project& project, Diagnostics& diagnostics) {
  if (object == nullptr) return;
  ObjectReader reader(*object, "start", diagnostics);
  project.start_weights = read_floats(reader, "f32", count, diagnostics);
  if (project.start_weights == nullptr && !reader.has("f32")) reader.error("f32", "is missing");
  reader.finish();
}

void read_cursor(const json* entry, Project& project, Diagnostics& diagnostics) {
  if (entry == nullptr) return;
  std::int64_t sequence = 0, position = 0;
  if (entry->size() != 2) return add_error(diagnostics, "\"cursor\" must be a list of sequence and position");
  if (!read_whole((*entry)[0], "cursor[0]", sequence, 0, INT32_MAX, diagnostics)) return;
  if (!read_whole((*entry)[1], "cursor[1]", position, 0, INT32_MAX, diagnostics)) return;
  project.cursor = {static_cast<int>(sequence), static_cast<int>(position)};
}

void read_view(const json* object, View& view, Diagnostics& diagnostics) {
  if (object == nullptr) return;
  ObjectReader reader(*object, "view", diagnostics);
  reader.real("first", view.first, -1e9, 1e9);
  reader.real("span", view.span, 0, 1e9);
  if (const json* hidden = reader.array("hidden", kMaxTracks)) {
    for (std::size_t i = 0; i < hidden->size(); ++i) {
      std::string track;
      if (!read_text((*hidden)[i], "view.hidden[" + std::to_string(i) + "]", track, 200, diagnostics)) return;
      view.hidden_tracks.push_back(std::move(track));
    }
  }
  if (const json* tracks = reader.array("tracks", kMaxTracks)) {
    for (std::size_t i = 0; i < tracks->size(); ++i) {
      const json& entry = (*tracks)[i];
      const std::string where = "view.tracks[" + std::to_string(i) + "]";
      TrackRow row;
      double height = 0;
      if (!entry.is_array() || entry.size() != 2)
        return add_error(diagnostics, "\"" + where + "\" must be a list of track and height");
      if (!read_text(entry[0], where + "[0]", row.key, 200, diagnostics)) return;
      if (!read_real(entry[1], where + "[1]", height, 0, 2000, diagnostics)) return;
      row.height = static_cast<float>(height);
      view.tracks.push_back(std::move(row));
    }
  }
  reader.finish();
}

// Symbols follow the letters: an inline set decides, and a model that says otherwise is a mistake.
void match_symbols(const json* model, Project& project, Diagnostics& diagnostics) {
  if (project.data.set == nullptr || project.data.set->empty()) return;
  if (project.data.set->alphabet().is_series()) return;
  const int symbols = project.data.set->alphabet().size();
  if (model == nullptr || !model->contains("symbols")) project.model.symbols = symbols;
  if (project.model.symbols != symbols)
    add_error(diagnostics, "\"model.symbols\" is " + std::to_string(project.model.symbols) +
                               " but the sequences are " + std::string(project.data.set->alphabet().name) +
                               " with " + std::to_string(symbols) + " symbols: correct it or leave it out");
}

}  // namespace

bool ReadProject::ok() const { return !has_error(diagnostics); }

ReadProject from_json(const json& document) {
  ReadProject result;
  Project& project = result.project;
  Diagnostics& diagnostics = result.diagnostics;
  if (!document.is_object() || !document.contains("ribostep")) {
    add_error(diagnostics,
              "this is not a Ribostep project: it has no key \"ribostep\"; open a .ribostep.json file");
    return result;
  }
  ObjectReader reader(document, "", diagnostics);
  int version = kProjectVersion;
  if (reader.whole("ribostep", version, 1, 1'000'000) && version > kProjectVersion)
    diagnostics.push_back(
        {Severity::Warning, 0, 0,
         "this project was made by a newer Ribostep: what this version does not know is left out"});
  reader.text("title", project.title, kMaxTitle);
  reader.text("notes", project.notes, kMaxNotes);
  read_data(reader.object("data"), project.data, diagnostics);
  std::string rule;
  if (reader.text("labels", rule, 64)) {
    if (const auto known = bio::label_rule(rule))
      project.label_rule = *known;
    else
      reader.error("labels",
                   "is \"" + utf8(rule) + "\" but must be one of auto, column, key, field, word, none");
  }
  const json* model = reader.object("model");
  read_fields(model, "model", kModelFields, project.model, diagnostics);
  match_symbols(model, project, diagnostics);
  read_fields(reader.object("train"), "train", kTrainFields, project.train, diagnostics);
  reader.unsigned_whole("seed", project.seed);
  reader.whole("updates", project.updates, 0, kMaxUpdates);
  const json* start = reader.object("start");
  const json* weights = reader.object("weights");
  reader.whole("numerics", project.numerics, 0, 1'000'000);
  const json* changes = reader.array("changes", kMaxChanges);
  const json* cursor = reader.array("cursor", 2);
  const json* view = reader.object("view");
  if (!has_error(diagnostics)) read_debugging(reader, project.model, project.debugging, diagnostics);
  reader.finish();
  if (has_error(diagnostics)) return result;  // the parts below lean on the ones above
  read_changes(changes, "changes", project.train, project.changes, diagnostics);
  const std::size_t count = rnn::make_network(project.model).parameter_count;
  read_start(start, count, project, diagnostics);
  read_weights(weights, count, project, diagnostics);
  read_cursor(cursor, project, diagnostics);
  read_view(view, project.view, diagnostics);
  return result;
}

ReadProject parse_project(std::string_view text) {
  ReadProject result;
  if (text.size() > kMaxProjectText) {
    add_error(result.diagnostics, "the project has more than " + std::to_string(kMaxProjectText >> 20u) +
                                      " MB: save it without its sequences and load those as FASTA");
    return result;
  }
  const json document = parse_json(text, result.diagnostics);
  if (document.is_discarded()) return result;
  return from_json(document);
}

}  // namespace ribostep::io
