// Conditions by name, for the page's own buttons and tests, and in words for the text mirror.
#include <algorithm>

#include "session/state.h"

namespace ribostep::session {
namespace {

io::Condition changed(io::Condition c, const nlohmann::json& a) {
  if (const std::string text = text_in(a, "text"); !text.empty()) c.text = text;
  c.on = truth_in(a, "on", c.on);
  c.stops = truth_in(a, "stops", c.stops);
  c.marks = truth_in(a, "marks", c.marks);
  c.watched = truth_in(a, "watched", c.watched);
  return c;
}

}  // namespace

std::span<const VerbEntry> Conditions::verbs() const {
  using Json = nlohmann::json;
  static constexpr VerbEntry kVerbs[] = {
      {"add_condition", [](Session& s, const Json& a) { s.conditions().add(changed({}, a)); }},
      {"set_condition",
       [](Session& s, const Json& a) {
         const int index = whole_in(a, "index", -1);
         if (index < 0 || index >= static_cast<int>(s.conditions().list().size())) return;
         s.conditions().change(index, changed(s.conditions().list()[static_cast<std::size_t>(index)], a));
       }},
      {"remove_condition",
       [](Session& s, const Json& a) {
         const auto& list = s.conditions().list();
         const int index = whole_in(a, "index", -1);
         if (index < 0 || index >= static_cast<int>(list.size())) return;
         // Whoever pressed meant this text: the list may have moved up since.
         if (a.contains("text") && text_in(a, "text") != list[static_cast<std::size_t>(index)].text) return;
         s.conditions().remove(index);
       }},
      {"next_hit",
       [](Session& s, const Json& a) { s.conditions().go_to_next_hit(whole_in(a, "index", -1)); }},
      {"previous_hit",
       [](Session& s, const Json& a) { s.conditions().go_to_previous_hit(whole_in(a, "index", -1)); }},
      {"run_to_hit", [](Session& s, const Json&) { s.conditions().run_to_stop(); }},
      {"name_unit",
       [](Session& s, const Json& a) {
         s.conditions().name_unit(whole_in(a, "layer", 0), whole_in(a, "unit", 0), text_in(a, "name"));
       }},
  };
  return kVerbs;
}

void Conditions::mirror(nlohmann::json& sections) const {
  if (!session_.has_data() || session_.length() == 0) return;
  const int size = static_cast<int>(list().size());
  nlohmann::json lines = nlohmann::json::array(), table = nlohmann::json::array(),
                 buttons = nlohmann::json::array();
  if (size == 0) lines.push_back("No condition yet. Try h[3] > 0.9, argmax changes or seq ~ TATAAT.");
  if (size > 0) table.push_back({"condition", "hits", "stops", "marks", "watched"});
  const auto yes = [](bool on) { return on ? "yes" : "no"; };
  for (int i = 0; i < size; ++i) {
    const io::Condition& c = list()[static_cast<std::size_t>(i)];
    table.push_back({c.text, words(i), yes(c.stops), yes(c.marks), yes(c.watched)});
  }
  for (const io::UnitName& name : state_.project.debugging.unit_names)
    if (name.layer < static_cast<int>(state_.network.layers.size()))
      lines.push_back(query::unit_text(state_.network, name.layer, query::kState, name.unit) + " is called " +
                      name.name);
  const bool none = !any_hits_wanted();
  buttons.push_back({{"verb", "previous_hit"}, {"label", "Previous hit"}, {"disabled", none}});
  buttons.push_back({{"verb", "next_hit"}, {"label", "Next hit"}, {"disabled", none}});
  buttons.push_back({{"verb", "run_to_hit"}, {"label", "Run to the next breakpoint"}});
  for (int i = 0; i < size; ++i)
    buttons.push_back({{"verb", "remove_condition"},
                       {"label", "Remove " + list()[static_cast<std::size_t>(i)].text},
                       {"args", {{"index", i}, {"text", list()[static_cast<std::size_t>(i)].text}}}});
  nlohmann::json input = {{"verb", "add_condition"},
                          {"arg", "text"},
                          {"label", "New condition"},
                          {"value", refused_},
                          {"kind", "text"}};
  if (!refused_why_.empty()) input["error"] = refused_why_;
  nlohmann::json section = {{"title", "Conditions"}, {"id", "conditions"}};
  section["lines"] = std::move(lines);
  section["buttons"] = std::move(buttons);
  section["inputs"] = nlohmann::json::array({std::move(input)});
  section["table"] = std::move(table);
  sections.push_back(std::move(section));
}

}  // namespace ribostep::session
