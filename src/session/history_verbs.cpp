// The time machine by name, and in words for people who do not see the screen.
#include <cmath>

#include "session/form.h"
#include "session/mirror_section.h"
#include "session/state.h"

namespace ribostep::session {

std::span<const VerbEntry> History::verbs() const {
  using Json = nlohmann::json;
  static constexpr auto kRun = [](Session& s, const Json& a) {
    return whole_in(a, "index", static_cast<int>(s.history().runs().size()) - 1);
  };
  static constexpr VerbEntry kVerbs[] = {
      {"visit",
       [](Session& s, const Json& a) {
         s.history().visit(static_cast<std::int64_t>(
             std::clamp(real_in(a, "update", static_cast<double>(s.history().present())), 0.0, 1e15)));
       }},
      {"leave_visit", [](Session& s, const Json&) { s.history().leave(); }},
      {"earlier", [](Session& s, const Json&) { s.history().earlier(); }},
      {"later", [](Session& s, const Json&) { s.history().later(); }},
      {"go_on_from_here", [](Session& s, const Json&) { s.history().go_on_from_here(); }},
      {"bring_back", [](Session& s, const Json&) { s.history().bring_back(); }},
      {"keep_run", [](Session& s, const Json& a) { s.history().keep(text_in(a, "name")); }},
      {"rename_run", [](Session& s, const Json& a) { s.history().rename(kRun(s, a), text_in(a, "name")); }},
      {"remove_run", [](Session& s, const Json& a) { s.history().remove(kRun(s, a)); }},
      {"open_run", [](Session& s, const Json& a) { s.history().open(kRun(s, a)); }},
      {"show_run", [](Session& s, const Json& a) { s.history().show(kRun(s, a), truth_in(a, "on", true)); }},
      {"replay_with",
       [](Session& s, const Json& a) {
         const auto value = a.find("value");
         if (const std::string key = text_in(a, "key"); !key.empty() && value != a.end())
           return s.history().replay_with(key, *value);
         // A form names the setting itself: {"learning_rate": 0.003}.
         for (const Field& field : train_form(s))
           if (const auto given = a.find(field.key); given != a.end())
             return s.history().replay_with(field.key, *given);
       }},
  };
  return kVerbs;
}

void History::mirror(nlohmann::json& sections) const {
  if (!state_.prepared || (present() == 0 && runs().empty())) return;
  Section section("Runs", "runs");
  const auto button = [&](const char* verb, const std::string& label, bool disabled) -> Section& {
    return section.button(verb, label).disabled(disabled).args();
  };
  const std::string words = visit_words(), why = visit_obstacle();
  if (!words.empty()) section.line(words);
  if (present() > 0) section.line(why.empty() ? memory_words() : why);
  if (visiting()) section.line({"Predictions and results stay those of update ", present(), "."});
  button("earlier", "Earlier checkpoint", !why.empty());
  button("later", "Later checkpoint", !visiting());
  button("leave_visit", "Back to the last update", !visiting());
  button("go_on_from_here", "Go on from here", !visiting());
  button("keep_run", "Keep this run", present() == 0);
  section.part("inputs");
  if (why.empty()) section.number_input("visit", "update", "Show update").value(update_shown());
  if (replay_obstacle().empty())
    section.number_input("replay_with", "learning_rate", "The same run with learning rate")
        .value(state_.project.train.learning_rate);
  if (!runs().empty()) {
    section.header({"run", "updates", "training loss", "validation loss", "differs in"});
    const auto number = [](double value) { return value < 0 ? std::string("-") : short_number(value, 3); };
    for (int i = 0; i < static_cast<int>(runs().size()); ++i) {
      const io::KeptRun& run = runs()[static_cast<std::size_t>(i)];
      const io::RunPoint last = run.curve.empty() ? io::RunPoint{0, -1, -1, -1, -1} : run.curve.back();
      section.row().cell(name_of(i)).cell(std::to_string(run.updates));
      section.cell(number(last.train_loss)).cell(number(last.validation_loss)).cell(differences_of(i));
      button("open_run", text_of({"Open ", name_of(i)}), !open_obstacle(i).empty()).arg("index", i);
      button("remove_run", text_of({"Remove ", name_of(i)}), false).arg("index", i);
    }
    section.line({"Settings of the runs that differ: ", differences()});
  }
  section.add_to(sections);
}

}  // namespace ribostep::session
