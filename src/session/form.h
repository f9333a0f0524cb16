// What can be chosen about the model and its training, as a list of controls: the MODEL and TRAIN panels draw
// it, the text mirror renders it as an HTML form, and a message that changes a setting is read by it. What is
// possible is asked of rnn::problem with the changed spec.
#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "rnn/bounded_memory.h"
#include "session/session.h"

namespace ribostep::session {

enum class FieldKind : std::uint8_t {
  List,     // one of `options`
  Whole,    // a whole number in [low, high]
  Real,     // a number in [low, high]
  Share,    // the same, read as per cent
  Flag,     // true or false
  Numbers,  // a list of whole numbers, one per level
  Names     // any of `options`
};
enum class FieldSection : std::uint8_t { Main, Cell, Wiring, Initial, Input };

struct Option {
  std::string value, label;
  std::string why_not;  // empty: possible
};
// A button beside a control: sets another key.
struct Offer {
  std::string label, key;
  nlohmann::json value;
};
struct Field {
  FieldKind kind = FieldKind::List;
  FieldSection section = FieldSection::Main;
  std::string key, label, hint;
  nlohmann::json value;
  std::vector<Option> options;
  double low = 0, high = 0, speed = 1;  // speed: per dragged pixel; 0: logarithmic
  std::string zero;                     // what 0 is called; empty: just 0
  std::string why_not;                  // the whole control cannot be used
  std::vector<Offer> offers;
};

// Only what matters for this model: no forget bias for a cell without gates.
std::vector<Field> model_form(const Session& session);
// The model with one choice changed, and with it what cannot stay: a second direction goes when the next
// symbol is to be predicted, a dilation comes with a new layer. An unknown key or value changes nothing.
rnn::ModelSpec with_choice(const Session& session, rnn::ModelSpec spec, std::string_view key,
                           const nlohmann::json& value);
// The model with everything a message names changed, in the order of the form.
rnn::ModelSpec model_from(const Session& session, const nlohmann::json& message);

std::vector<Field> train_form(const Session& session);
rnn::TrainConfig with_choice(rnn::TrainConfig config, std::string_view key, const nlohmann::json& value);
rnn::TrainConfig train_from(const Session& session, const nlohmann::json& message);

// The controls above and the choice of a built-in set for the text mirror: verb, key, kind, label, value,
// options.
nlohmann::json form_json(const Session& session);

// ---- in words ----
std::string model_words(const Session& session);       // everything below that applies, for the text mirror
std::string wiring_words(const rnn::ModelSpec& spec);  // what the picture shows
// What is chosen in a section that is folded up: "dilations 1, 2, 4"; empty: nothing unusual.
std::string section_words(const rnn::ModelSpec& spec, FieldSection section);
// "c_t stays in [0, 1]: proven ..."; empty for cells without a sigmoid candidate.
std::string bounded_words(const rnn::ModelSpec& spec, const rnn::BoundedMemory& memory);
// "one update takes about 45 MB"
std::string memory_words(const rnn::TrainingMemory& memory);

}  // namespace ribostep::session
