// JSON to project, believing nothing: every key is checked for type, range and length, and a mistake names
// its key. Writing is project_write.cpp's; what to do with a good project is the session's.
#include <algorithm>
#include <cmath>

#include "io/encoding.h"
#include "io/json_reader.h"
#include "io/project.h"
#include "io/project_fields.h"
#include "io/project_records.h"

namespace ribostep::io {
namespace {

using nlohmann::json;

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

bool read_entry(const json& entry, const std::string& where, int low, int high, int& out,
                Diagnostics& diagnostics) {
  std::int64_t wide = 0;
  if (!read_whole(entry, where, wide, low, high, diagnostics)) return false;
  out = static_cast<int>(wide);
  return true;
}
bool read_entry(const json& entry, const std::string& where, double low, double high, double& out,
                Diagnostics& diagnostics) {
  return read_real(entry, where, out, low, high, diagnostics);
}

// f(entry, "model.dilations[2]") for each entry of a list, which is no longer than `most`; false ends it.
template <class F>
void each_entry(ObjectReader& reader, const char* key, std::size_t most, F f) {
  const json* list = reader.array(key, most);
  if (list == nullptr) return;
  for (std::size_t i = 0; i < list->size(); ++i)
    if (!f((*list)[i], reader.path_to(key) + "[" + std::to_string(i) + "]")) return;
}

template <class Owner, class Value>
void read_field(ObjectReader& reader, const ListField<Owner, Value>& field, Owner& owner,
                Diagnostics& diagnostics) {
  (owner.*field.member).clear();
  each_entry(reader, field.key, field.most, [&](const json& entry, const std::string& where) {
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
  each_entry(reader, field.key, field.most, [&](const json& entry, const std::string& where) {
    std::string name;
    if (!read_text(entry, where, name, field.bytes, diagnostics)) return false;
    (owner.*field.member).push_back(std::move(name));
    return true;
  });
}

template <class Owner, class Table>
void read_fields(const json* object, const std::string& path, const Table& table, Owner& owner,
                 Diagnostics& diagnostics) {
  static const json kNothing = json::object();
  ObjectReader reader(object != nullptr ? *object : kNothing, path, diagnostics);
  const std::size_t before = diagnostics.size();
  for_each_field(table, [&](const auto& field) { read_field(reader, field, owner, diagnostics); });
  reader.finish();
  const bool good = std::none_of(diagnostics.begin() + static_cast<std::ptrdiff_t>(before), diagnostics.end(),
                                 [](const Diagnostic& d) { return d.severity == Severity::Error; });
  if (!good) return;
  if (const std::string why = problem(owner); !why.empty())
    add_error(diagnostics, "\"" + path + "\" cannot be used: " + why);
}

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
      reader.error("alphabet", "is \"" + utf8(alphabet) + "\" but must be one of dna, rna, protein, series");
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

void read_changes(const json* changes, const rnn::TrainConfig& train, std::vector<rnn::SettingChange>& out,
                  Diagnostics& diagnostics) {
  if (changes == nullptr) return;
  rnn::TrainConfig config = train;
  for (std::size_t i = 0; i < changes->size(); ++i) {
    const json& entry = (*changes)[i];
    const std::string where = "changes[" + std::to_string(i) + "]";
    rnn::SettingChange change;
    if (!entry.is_array() || entry.size() != 3)
      return add_error(diagnostics, "\"" + where + "\" must be a list of update, setting and value");
    if (!read_whole(entry[0], where + "[0]", change.update, 0, kMaxUpdates, diagnostics)) return;
    if (!read_text(entry[1], where + "[1]", change.key, 64, diagnostics)) return;
    if (!read_real(entry[2], where + "[2]", change.value, -1e9, 1e9, diagnostics)) return;
    if (!out.empty() && change.update < out.back().update)
      return add_error(diagnostics,
                       "\"" + where + "\" lies before the one above it: sort the changes by update");
    if (!rnn::apply(config, change))
      return add_error(diagnostics, "\"" + where + "\": \"" + utf8(change.key) +
                                        "\" cannot change during training; learning_rate, clip_norm, "
                                        "weight_decay, momentum and max_epochs can");
    if (const std::string why = problem(config); !why.empty())
      return add_error(diagnostics, "\"" + where + "\" cannot be used: " + why);
    out.push_back(std::move(change));
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
  reader.finish();
  if (has_error(diagnostics)) return result;  // the parts below lean on the ones above
  read_changes(changes, project.train, project.changes, diagnostics);
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
