#include "io/debugging.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "bio/dataset.h"
#include "io/encoding.h"
#include "io/field_read.h"
#include "io/field_write.h"
#include "rnn/network.h"

namespace ribostep::io {
namespace {

using nlohmann::json;

constexpr double kLargestFloat = std::numeric_limits<float>::max();
constexpr double kLargestLoss = 1e30;  // of a curve: what is beyond, or no number, is unknown (-1)
constexpr std::size_t kMaxPinLabel = 400, kMaxUnitText = 100, kMaxLanguageId = 40;  // bytes

template <class T>
json list_of(const std::vector<T>& values, json (*write)(const T&)) {
  json list = json::array();
  for (const T& value : values) list.push_back(write(value));
  return list;
}
// f(entry, "edits[2]") for each entry of a list; false ends it.
template <class F>
void each(const json* list, const std::string& path, F f) {
  if (list == nullptr) return;
  for (std::size_t i = 0; i < list->size(); ++i)
    if (!f((*list)[i], path + "[" + std::to_string(i) + "]")) return;
}
// An entry that must be an object.
template <class F>
bool in_object(const json& entry, const std::string& where, Diagnostics& diagnostics, F f) {
  if (!entry.is_object()) {
    add_error(diagnostics, "\"" + where + "\" must be an object");
    return false;
  }
  const std::size_t before = diagnostics.size();
  ObjectReader reader(entry, where, diagnostics);
  f(reader);
  reader.finish();
  return std::none_of(diagnostics.begin() + static_cast<std::ptrdiff_t>(before), diagnostics.end(),
                      [](const Diagnostic& d) { return d.severity == Severity::Error; });
}
// An entry that must be a list of so many.
bool is_list(const json& entry, const std::string& where, std::size_t size, const char* of,
             Diagnostics& diagnostics) {
  if (entry.is_array() && entry.size() == size) return true;
  add_error(diagnostics, "\"" + where + "\" must be a list of " + of);
  return false;
}
bool read_int(const json& entry, const std::string& where, int& out, int low, Diagnostics& diagnostics) {
  std::int64_t wide = 0;
  if (!read_whole(entry, where, wide, low, INT32_MAX, diagnostics)) return false;
  out = static_cast<int>(wide);
  return true;
}

// ---- edits: {"record", "letters": [[at, removed, "ACG"]], "states": [[layer, unit, "h", first, last,
// value]]}

json write_edits(const RecordEdits& edits) {
  json object;
  put(object, "record", edits.record);
  for (const bio::LetterEdit& e : edits.letters) {
    json one = json::array();
    append(one, e.at);
    append(one, e.removed);
    append(one, utf8(e.inserted));
    append(object["letters"], std::move(one));
  }
  for (const rnn::Intervention& s : edits.states) {
    json one = json::array();
    append(one, s.layer);
    append(one, s.unit);
    append(one, s.cell ? "c" : "h");
    append(one, s.first);
    append(one, s.last);
    append(one, static_cast<double>(s.value));
    append(object["states"], std::move(one));
  }
  return object;
}

bool read_letter_edit(const json& entry, const std::string& where, RecordEdits& out,
                      Diagnostics& diagnostics) {
  bio::LetterEdit edit;
  if (!is_list(entry, where, 3, "index, letters removed and letters inserted", diagnostics) ||
      !read_int(entry[0], where + "[0]", edit.at, 0, diagnostics) ||
      !read_int(entry[1], where + "[1]", edit.removed, 0, diagnostics) ||
      !read_text(entry[2], where + "[2]", edit.inserted, kMaxInserted, diagnostics))
    return false;
  out.letters.push_back(std::move(edit));
  return true;
}

bool read_state(const json& entry, const std::string& where, RecordEdits& out, Diagnostics& diagnostics) {
  rnn::Intervention state;
  std::string what;
  double value = 0;
  if (!is_list(entry, where, 6, "layer, unit, \"h\" or \"c\", first position, last position and value",
               diagnostics) ||
      !read_int(entry[0], where + "[0]", state.layer, 0, diagnostics) ||
      !read_int(entry[1], where + "[1]", state.unit, 0, diagnostics) ||
      !read_text(entry[2], where + "[2]", what, 8, diagnostics) ||
      !read_int(entry[3], where + "[3]", state.first, 0, diagnostics) ||
      !read_int(entry[4], where + "[4]", state.last, 0, diagnostics) ||
      !read_real(entry[5], where + "[5]", value, -kLargestFloat, kLargestFloat, diagnostics))
    return false;
  if ((what != "h" && what != "c") || state.last < state.first) {
    add_error(diagnostics, "\"" + where + "\" must set \"h\" or \"c\" from a position to a later one");
    return false;
  }
  state.cell = what == "c";
  state.value = static_cast<float>(value);
  out.states.push_back(state);
  return true;
}

void read_edit_lists(ObjectReader& reader, RecordEdits& out, Diagnostics& diagnostics) {
  each(reader.array("letters", kMaxLetterEdits), reader.path_to("letters"),
       [&](const json& e, const std::string& at) { return read_letter_edit(e, at, out, diagnostics); });
  each(reader.array("states", kMaxInterventions), reader.path_to("states"),
       [&](const json& e, const std::string& at) { return read_state(e, at, out, diagnostics); });
}

// ---- pin

json write_pin(const Pin& pin, const rnn::ModelSpec& model) {
  json object = write_edits(pin.edits);
  put(object, "record", pin.record);
  put(object, "position", pin.position);
  if (!pin.label.empty()) put(object, "label", utf8(pin.label, kMaxPinLabel));
  if (pin.mode == PinMode::Moment) put(object, "mode", "moment");
  if (pin.updates != 0) put(object, "updates", pin.updates);
  if (pin.model && !(*pin.model == model)) put(object, "model", fields_json(*pin.model, kModelFields));
  if (pin.untrained) put(object, "untrained", true);
  if (pin.seed != 1) put(object, "seed", pin.seed);
  const bool finite = pin.weights != nullptr && std::all_of(pin.weights->begin(), pin.weights->end(),
                                                            [](float w) { return std::isfinite(w); });
  if (finite && !pin.untrained) put(object, "f32", base64url(float_bytes(*pin.weights)));
  return object;
}

void read_pin(const json* object, const rnn::ModelSpec& model, std::optional<Pin>& out,
              Diagnostics& diagnostics) {
  if (object == nullptr) return;
  Pin pin;
  ObjectReader reader(*object, "pin", diagnostics);
  reader.whole("record", pin.record, 0, INT32_MAX);
  reader.whole("position", pin.position, 0, INT32_MAX);
  pin.edits.record = pin.record;
  read_edit_lists(reader, pin.edits, diagnostics);
  reader.text("label", pin.label, kMaxPinLabel);
  std::string mode;
  if (reader.text("mode", mode, 16)) {
    if (mode != "along" && mode != "moment") reader.error("mode", "must be along or moment");
    if (mode == "moment") pin.mode = PinMode::Moment;
  }
  reader.whole("updates", pin.updates, 0, kMaxUpdates);
  reader.truth("untrained", pin.untrained);
  reader.unsigned_whole("seed", pin.seed);
  pin.model = model;
  if (const json* own = reader.object("model"))
    read_fields(own, "pin.model", kModelFields, *pin.model, diagnostics);
  std::string text;
  if (!has_error(diagnostics) && reader.text("f32", text, SIZE_MAX)) {
    const std::size_t count = rnn::make_network(*pin.model).parameter_count;
    const auto bytes = text.size() == (count * 4 * 4 + 2) / 3 ? from_base64url(text) : std::nullopt;
    const auto weights = bytes ? floats_from(*bytes) : std::nullopt;
    if (!weights || weights->size() != count ||
        !std::all_of(weights->begin(), weights->end(), [](float w) { return std::isfinite(w); }))
      reader.error("f32", "does not hold the " + std::to_string(count) + " weights of its model");
    else
      pin.weights = std::make_shared<const std::vector<float>>(std::move(*weights));
  }
  reader.finish();
  if (!has_error(diagnostics)) out = std::move(pin);
}

// ---- conditions, names, runs

json write_condition(const Condition& condition) {
  json object;
  put(object, "text", utf8(condition.text, kMaxConditionText));
  if (!condition.stops) put(object, "stops", false);
  if (!condition.marks) put(object, "marks", false);
  if (condition.watched) put(object, "watched", true);
  if (!condition.on) put(object, "on", false);
  return object;
}

json write_unit(const UnitName& unit) {
  json list = json::array();
  append(list, unit.layer);
  append(list, unit.unit);
  append(list, utf8(unit.name, kMaxUnitText));
  return list;
}

json write_run(const KeptRun& run) {
  json object;
  put(object, "model", fields_json(run.model, kModelFields));
  put(object, "train", fields_json(run.train, kTrainFields));
  put(object, "updates", run.updates);
  if (!run.name.empty()) put(object, "name", utf8(run.name, kMaxRunName));
  if (run.seed != 1) put(object, "seed", run.seed);
  if (!run.from_start) put(object, "from_start", false);
  if (!run.weights_hash.empty()) put(object, "hash", run.weights_hash);
  for (const rnn::SettingChange& change : run.changes) append(object["changes"], change_json(change));
  for (const RunPoint& p : run.curve) {
    json one = json::array();
    append(one, p.update);
    for (const double x : {p.train_loss, p.validation_loss, p.train_accuracy, p.validation_accuracy}) {
      if (x >= -1 && x <= kLargestLoss)
        append(one, x);
      else
        append(one, -1);
    }
    append(object["curve"], std::move(one));
  }
  return object;
}

bool read_run_point(const json& entry, const std::string& where, KeptRun& run, Diagnostics& diagnostics) {
  RunPoint p;
  if (!is_list(entry, where, 5, "update, losses and accuracies", diagnostics) ||
      !read_whole(entry[0], where + "[0]", p.update, 0, kMaxUpdates, diagnostics))
    return false;
  double* const numbers[] = {&p.train_loss, &p.validation_loss, &p.train_accuracy, &p.validation_accuracy};
  for (std::size_t i = 0; i < 4; ++i)
    if (!read_real(entry[i + 1], where + "[" + std::to_string(i + 1) + "]", *numbers[i], -1, kLargestLoss,
                   diagnostics))
      return false;
  run.curve.push_back(p);
  return true;
}

bool read_run(const json& entry, const std::string& where, std::vector<KeptRun>& out,
              Diagnostics& diagnostics) {
  KeptRun run;
  const bool good = in_object(entry, where, diagnostics, [&](ObjectReader& reader) {
    reader.text("name", run.name, kMaxRunName);
    read_fields(reader.object("model"), where + ".model", kModelFields, run.model, diagnostics);
    read_fields(reader.object("train"), where + ".train", kTrainFields, run.train, diagnostics);
    reader.unsigned_whole("seed", run.seed);
    reader.whole("updates", run.updates, 0, kMaxUpdates);
    reader.truth("from_start", run.from_start);
    reader.hash("hash", run.weights_hash);
    const json* changes = reader.array("changes", kMaxChanges);
    if (!has_error(diagnostics))
      read_changes(changes, where + ".changes", run.train, run.changes, diagnostics);
    each(reader.array("curve", kMaxRunPoints), where + ".curve",
         [&](const json& e, const std::string& at) { return read_run_point(e, at, run, diagnostics); });
  });
  if (good) out.push_back(std::move(run));
  return good;
}

// ---- machine: {"pattern" or "language", "alphabet", "mode", "mismatches", "compiled", "gain"}

json write_machine(const MachineSetup& machine) {
  json object = json::object();
  if (!machine.language.empty()) {
    put(object, "language", utf8(machine.language, kMaxLanguageId));
  } else {
    put(object, "pattern", utf8(machine.pattern, motif::kMaxPattern));
    put(object, "alphabet", std::string(bio::alphabet(machine.alphabet).name));
    put(object, "mode", motif::name(machine.mode));
    if (machine.mismatches != 0) put(object, "mismatches", machine.mismatches);
  }
  if (machine.compiled) put(object, "compiled", motif::name(*machine.compiled));
  if (machine.gain != motif::kDefaultGain) put(object, "gain", machine.gain);
  return object;
}

// A pattern that cannot be read as one is for the person who opens it to mend; it is no reason to refuse the
// document.
void read_machine(const json* object, std::optional<MachineSetup>& out, Diagnostics& diagnostics) {
  if (object == nullptr) return;
  MachineSetup machine;
  ObjectReader reader(*object, "machine", diagnostics);
  reader.text("language", machine.language, kMaxLanguageId);
  reader.text("pattern", machine.pattern, motif::kMaxPattern);
  std::string word;
  if (reader.text("alphabet", word, 16)) {
    if (const auto kind = bio::alphabet_kind(word); kind && *kind != bio::AlphabetKind::Series)
      machine.alphabet = *kind;
    else
      reader.error("alphabet", "must be DNA, RNA, protein, bits, brackets or Reber");
  }
  if (reader.text("mode", word, 16)) {
    if (const auto mode = motif::match_mode(word))
      machine.mode = *mode;
    else
      reader.error("mode", "must be contains, ends or whole");
  }
  reader.whole("mismatches", machine.mismatches, 0, motif::kMaxMismatches);
  if (reader.text("compiled", word, 16)) {
    machine.compiled = motif::construction(word);
    if (!machine.compiled) reader.error("compiled", "must be textbook, exact or lstm");
  }
  reader.real("gain", machine.gain, motif::kMinGain, motif::kMaxGain);
  reader.finish();
  if (!machine.empty() && !has_error(diagnostics)) out = std::move(machine);
}

}  // namespace

void write_debugging(const Debugging& debugging, const rnn::ModelSpec& model, json& document) {
  put_unless_empty(document, "edits", list_of(debugging.edits, write_edits));
  if (debugging.pin) put(document, "pin", write_pin(*debugging.pin, model));
  put_unless_empty(document, "conditions", list_of(debugging.conditions, write_condition));
  put_unless_empty(document, "units", list_of(debugging.unit_names, write_unit));
  put_unless_empty(document, "runs", list_of(debugging.runs, write_run));
  if (debugging.machine && !debugging.machine->empty())
    put(document, "machine", write_machine(*debugging.machine));
}

void read_changes(const json* changes, const std::string& path, const rnn::TrainConfig& train,
                  std::vector<rnn::SettingChange>& out, Diagnostics& diagnostics) {
  rnn::TrainConfig config = train;
  each(changes, path, [&](const json& entry, const std::string& where) {
    rnn::SettingChange change;
    if (!is_list(entry, where, 3, "update, setting and value", diagnostics) ||
        !read_whole(entry[0], where + "[0]", change.update, 0, kMaxUpdates, diagnostics) ||
        !read_text(entry[1], where + "[1]", change.key, 64, diagnostics) ||
        !read_real(entry[2], where + "[2]", change.value, -1e9, 1e9, diagnostics))
      return false;
    std::string trouble;
    if (!out.empty() && change.update < out.back().update)
      trouble = "\"" + where + "\" lies before the one above it: sort the changes by update";
    else if (!rnn::apply(config, change))
      trouble = "\"" + where + "\": \"" + utf8(change.key) +
                "\" cannot change during training; learning_rate, clip_norm, weight_decay, momentum and "
                "max_epochs can";
    else if (const std::string why = problem(config); !why.empty())
      trouble = "\"" + where + "\" cannot be used: " + why;
    if (!trouble.empty()) {
      add_error(diagnostics, trouble);
      return false;
    }
    out.push_back(std::move(change));
    return true;
  });
}

void read_debugging(ObjectReader& document, const rnn::ModelSpec& model, Debugging& out,
                    Diagnostics& diagnostics) {
  each(document.array("edits", kMaxEditedRecords), "edits", [&](const json& entry, const std::string& where) {
    RecordEdits edits;
    const bool good = in_object(entry, where, diagnostics, [&](ObjectReader& reader) {
      reader.whole("record", edits.record, 0, INT32_MAX);
      read_edit_lists(reader, edits, diagnostics);
    });
    const bool twice = std::any_of(out.edits.begin(), out.edits.end(),
                                   [&](const RecordEdits& e) { return e.record == edits.record; });
    if (good && twice) add_error(diagnostics, "\"" + where + "\" is about the same record as one above it");
    if (good && !twice && !edits.empty()) out.edits.push_back(std::move(edits));
    return good && !twice;
  });
  read_pin(document.object("pin"), model, out.pin, diagnostics);
  read_machine(document.object("machine"), out.machine, diagnostics);
  each(document.array("conditions", kMaxConditions), "conditions",
       [&](const json& entry, const std::string& where) {
         Condition condition;
         const bool good = in_object(entry, where, diagnostics, [&](ObjectReader& reader) {
           if (!reader.text("text", condition.text, kMaxConditionText) && !reader.has("text"))
             reader.error("text", "is missing");
           reader.truth("stops", condition.stops);
           reader.truth("marks", condition.marks);
           reader.truth("watched", condition.watched);
           reader.truth("on", condition.on);
         });
         if (good) out.conditions.push_back(std::move(condition));
         return good;
       });
  each(document.array("units", kMaxUnitNames), "units", [&](const json& entry, const std::string& where) {
    UnitName unit;
    if (!is_list(entry, where, 3, "layer, unit and name", diagnostics) ||
        !read_int(entry[0], where + "[0]", unit.layer, 0, diagnostics) ||
        !read_int(entry[1], where + "[1]", unit.unit, 0, diagnostics) ||
        !read_text(entry[2], where + "[2]", unit.name, kMaxUnitText, diagnostics))
      return false;
    out.unit_names.push_back(std::move(unit));
    return true;
  });
  each(document.array("runs", kMaxRuns), "runs", [&](const json& entry, const std::string& where) {
    return read_run(entry, where, out.runs, diagnostics);
  });
}

}  // namespace ribostep::io
