// The form of the text mirror: every control of the MODEL and TRAIN panels as data for web/mirror.js.
#include <utility>

#include "io/json_put.h"
#include "session/form.h"
#include "session/mirror_section.h"
#include "session/state.h"

namespace ribostep::session {
namespace {

using io::append;
using io::put;
using nlohmann::json;

const char* word(FieldKind kind) {
  switch (kind) {
    case FieldKind::List:
      return "list";
    case FieldKind::Whole:
      return "whole";
    case FieldKind::Real:
    case FieldKind::Share:
      return "real";
    case FieldKind::Flag:
      return "flag";
    case FieldKind::Numbers:
      return "numbers";
    case FieldKind::Names:
      return "names";
  }
  return "";
}

// [[value, text, disabled], ...]; the reason is part of the text, because nobody can hover over an option.
json options_json(const std::vector<Option>& options) {
  json list = json::array();
  for (const Option& option : options) {
    json one = json::array();
    append(one, option.value);
    append(one, option.why_not.empty() ? option.label
                                       : text_of({option.label, " (not possible: ", option.why_not, ")"}));
    append(one, !option.why_not.empty());
    append(list, std::move(one));
  }
  return list;
}

json field_json(const char* verb, const char* group, const Field& field) {
  json out;
  put(out, "verb", verb);
  put(out, "group", group);
  put(out, "key", field.key);
  put(out, "kind", word(field.kind));
  put(out, "label", field.label);
  put(out, "hint", field.kind == FieldKind::Share ? field.hint + ", from 0 to 1" : field.hint);
  put(out, "value", field.value);
  put(out, "why", field.why_not);
  if (field.kind == FieldKind::List || field.kind == FieldKind::Names) {
    put(out, "options", options_json(field.options));
  } else if (field.kind != FieldKind::Flag) {
    put(out, "low", field.low);
    put(out, "high", field.high);
  }
  for (const Offer& offer : field.offers) {
    json one;
    put(one, "label", offer.label);
    put(one, "key", offer.key);
    put(one, "value", offer.value);
    append(out["offers"], std::move(one));
  }
  return out;
}

const char* group(FieldSection section) {
  switch (section) {
    case FieldSection::Main:
      return "Model";
    case FieldSection::Cell:
      return "Cell options";
    case FieldSection::Wiring:
      return "Wiring";
    case FieldSection::Initial:
      return "Initial state";
    case FieldSection::Input:
      return "Input";
  }
  return "";
}

}  // namespace

json form_json(const Session& session) {
  Field data;
  data.key = "id";
  data.label = "Built-in data";
  data.value = session.project().data.example;
  data.options.push_back({"", "your own", {}});
  for (const Example& example : session.examples()) data.options.push_back({example.id, example.title, {}});
  json list = json::array();
  append(list, field_json("example", "Data", data));
  for (const Field& field : model_form(session))
    append(list, field_json("set_model", group(field.section), field));
  for (const Field& field : train_form(session)) append(list, field_json("set_train", "Training", field));
  return list;
}

std::string model_words(const Session& session) {
  std::string text = wiring_words(session.project().model);
  const std::string bounded = bounded_words(session.project().model, session.bounded_memory());
  if (!bounded.empty()) text += " " + bounded + ".";
  const std::string memory = memory_words(session.training_memory());
  if (!memory.empty()) text += " " + memory;
  return text;
}

}  // namespace ribostep::session
