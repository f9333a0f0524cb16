// Conditions by name, for the page's own buttons and tests, and in words for the text mirror.
#include <algorithm>

#include "session/mirror_section.h"
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
  const std::vector<io::Condition>& all = list();
  Section section("Conditions", "conditions");
  if (all.empty()) section.line("No condition yet. Try h[3] > 0.9, argmax changes or seq ~ TATAAT.");
  for (const io::UnitName& name : state_.project.debugging.unit_names)
    if (name.layer < static_cast<int>(state_.network.layers.size()))
      section.line(
          {query::unit_text(state_.network, name.layer, query::kState, name.unit), " is called ", name.name});
  const bool none = !any_hits_wanted();
  section.button("previous_hit", "Previous hit").disabled(none);
  section.button("next_hit", "Next hit").disabled(none);
  section.button("run_to_hit", "Run to the next breakpoint");
  for (std::size_t i = 0; i < all.size(); ++i)
    section.button("remove_condition", text_of({"Remove ", all[i].text}))
        .arg("index", static_cast<int>(i))
        .arg("text", all[i].text);
  section.text_input("add_condition", "text", "New condition").value(refused_).error(refused_why_);
  section.part("table");
  if (!all.empty()) section.header({"condition", "hits", "stops", "marks", "watched"});
  const auto yes = [](bool on) { return on ? "yes" : "no"; };
  for (std::size_t i = 0; i < all.size(); ++i) {
    section.row().cell(all[i].text).cell(words(static_cast<int>(i)));
    section.cell(yes(all[i].stops)).cell(yes(all[i].marks)).cell(yes(all[i].watched));
  }
  section.add_to(sections);
}

}  // namespace ribostep::session
