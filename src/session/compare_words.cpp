// Comparing in words, by name, and for people who do not see the screen.
#include <algorithm>
#include <cstdio>

#include "session/compare.h"
#include "session/mirror_section.h"
#include "session/state.h"
#include "session/step_words.h"

namespace ribostep::session {
namespace {

constexpr std::size_t kMirrored = 12;  // rows of the table of differences
constexpr int kListed = 200;           // sequences to choose from

std::string short_number(float v) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3g", static_cast<double>(v));
  return text;
}
std::string signed_number(float v) {
  char text[32];
  std::snprintf(text, sizeof text, "%+.3g", static_cast<double>(v));
  return text;
}

// A list in the page gives its choice as text.
int sequence_in(const nlohmann::json& head) {
  const std::string text = text_in(head, "sequence");
  if (text.empty() || text.size() > 9 || text.find_first_not_of("0123456789") != std::string::npos)
    return whole_in(head, "sequence", -1);
  return std::stoi(text);
}

io::PinMode mode_in(const nlohmann::json& head) {
  return text_in(head, "mode") == "moment" ? io::PinMode::Moment : io::PinMode::Along;
}

}  // namespace

std::string Compare::number_name(const Difference& of) const {
  if (of.quantity == Quantity::Output) {
    const auto k = static_cast<std::size_t>(of.unit);
    const std::string name =
        k < state_.output_names.size() ? state_.output_names[k] : std::to_string(of.unit + 1);
    return state_.network.spec.task == rnn::Task::NextVector ? "next " + name : "p(" + name + ")";
  }
  if (of.layer < 0 || of.layer >= static_cast<int>(state_.network.layers.size())) return {};
  const rnn::Layer& layer = state_.network.layers[static_cast<std::size_t>(of.layer)];
  std::string text = of.quantity == Quantity::State ? "h"
                     : of.quantity == Quantity::Cell
                         ? "c"
                         : rnn::gates(layer.cell)[static_cast<std::size_t>(of.gate)].symbol;
  text += "[" + std::to_string(of.unit) + "]";
  if (const std::string name = state_.conditions->unit_name(of.layer, of.unit); !name.empty())
    text += " (" + name + ")";
  if (state_.network.layers.size() > 1) text += ", " + layer_name(state_.network, of.layer);
  return text;
}

std::string Compare::alignment_words() const {
  if (!ready() || layout_.mode == io::PinMode::Moment) return {};
  if (laid_ == Laid::ByNumber)
    return state_.prepared->data->channels() > 0
               ? "compared position by position: values have no letters to align"
               : "compared position by position: " +
                     bio::alignment_obstacle(static_cast<std::int64_t>(state_.letters.size()),
                                             static_cast<std::int64_t>(pin_letters_.size()));
  if (!alignment_) return {};
  const bio::Alignment& a = *alignment_;
  const double share = a.pairs > 0 ? 100.0 * a.identical / a.pairs : 0;
  char percent[32];
  std::snprintf(percent, sizeof percent, "%.1f %%", share);
  std::string text = std::to_string(a.identical) + " of " + std::to_string(a.pairs) +
                     " aligned letters are equal (" + percent + ")";
  if (a.gaps > 0)
    text += ", " + plural(a.gaps, "gap") + ": " + plural(a.only_a, "letter") + " only here, " +
            std::to_string(a.only_b) + " only in the " + reference_word();
  return text;
}

std::string Compare::words() const {
  const Against with = against();
  if (with == Against::Nothing) return {};
  const io::Pin* pin = pinned();
  const std::string what = pin ? pin->label : "the run before your edits";
  if (const std::string why = obstacle(); !why.empty()) return "cannot be compared with " + what + ": " + why;
  if (!ready()) {
    if (reference() && state_.trace && !states_ && !outputs_)
      return what + " is of a network that answers another question: nothing can be compared";
    return "preparing the comparison with " + what;
  }
  std::string text = "compared with " + what;
  if (pin && pin->mode == io::PinMode::Moment) text += " everywhere";
  if (!states_) text += " (a network of another shape: only the outputs are compared)";
  if (!outputs_) text += " (another question: only the states are compared)";
  // What was counted may be of the sequence before this one.
  if (!differences_fresh() || !differences_) return text + ": being counted";
  if (differences_->by_unit.empty()) return text + ": no difference anywhere";
  // A gate that moves is a means; what is remembered and said is the end.
  const auto& all = differences_->by_unit;
  const auto at = std::find_if(all.begin(), all.end(), [&](const Difference& d) {
    return d.quantity == (states_ ? Quantity::State : Quantity::Output);
  });
  if (at == all.end()) return text + ": no difference " + (states_ ? "of states" : "of outputs");
  return text + ": largest difference " + short_number(at->size()) + " in " + number_name(*at) + " at " +
         std::to_string(at->position);
}

std::span<const VerbEntry> Compare::verbs() const {
  using Json = nlohmann::json;
  static constexpr VerbEntry kVerbs[] = {
      {"pin", [](Session& s, const Json& a) { s.compare().pin(mode_in(a)); }},
      {"unpin", [](Session& s, const Json&) { s.compare().unpin(); }},
      {"pin_mode", [](Session& s, const Json& a) { s.compare().set_mode(mode_in(a)); }},
      {"pin_untrained", [](Session& s, const Json&) { s.compare().pin_untrained(); }},
      {"pin_sequence",
       [](Session& s, const Json& a) {
         s.compare().pin_sequence(sequence_in(a), whole_in(a, "position", s.position()));
       }},
      {"difference",
       [](Session& s, const Json& a) {
         s.compare().show_difference(truth_in(a, "on", !s.compare().difference_wanted()));
       }},
      {"strands", [](Session& s,
                     const Json& a) { s.compare().show_strands(truth_in(a, "on", !s.compare().strands())); }},
  };
  return kVerbs;
}

void Compare::mirror(nlohmann::json& sections) const {
  if (!session_.has_data()) return;
  const io::Pin* pin = pinned();
  const bool nothing = against() == Against::Nothing, none = !pin_obstacle().empty();
  Section section("Compare", "compare");
  if (nothing) section.line("Nothing is pinned. Pin a moment, and everything shows how it differs from it.");
  for (const std::string& line : {words(), alignment_words(), strands_words()})
    if (!line.empty()) section.line(line);
  section.button("pin", "Pin this moment").pressed(false).disabled(none);
  section.button("unpin", "Unpin").pressed(false).disabled(pin == nullptr);
  section.button("pin_untrained", "Pin the untrained network").pressed(false).disabled(none);
  section.button("difference", "Show the difference").pressed(difference_).disabled(nothing);
  section.button("strands", "Show the strands").pressed(strands_).disabled(!strands_obstacle().empty());
  section.part("inputs");
  if (pin)
    section.list_input("pin_mode", "mode", "Compare each position with")
        .value(pin->mode == io::PinMode::Moment ? "moment" : "along")
        .option("along", "its counterpart in the pinned run")
        .option("moment", "the pinned position");
  if (!none && session_.data().size() > 1) {
    section.list_input("pin_sequence", "sequence", "Pin another sequence")
        .value(pin ? pin->record : state_.project.cursor.sequence);
    for (int i = 0; i < std::min(kListed, session_.data().size()); ++i)
      section.option(i, std::string(session_.data().name(i)));
  }
  if (ready() && differences_fresh() && differences_ && !differences_->by_unit.empty()) {
    section.header({"number", "position", "position there", "now", reference_word(), "difference"});
    const auto& all = differences_->by_unit;
    for (std::size_t i = 0; i < std::min(kMirrored, all.size()); ++i) {
      section.row().cell(number_name(all[i])).cell(all[i].position).cell(all[i].reference);
      section.cell(short_number(all[i].now)).cell(short_number(all[i].then));
      section.cell(signed_number(all[i].now - all[i].then));
    }
  }
  section.add_to(sections);
}

}  // namespace ribostep::session
