// Attribution and prefixes by name, and in words for the text mirror.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>

#include "session/attributions.h"
#include "session/mirror_section.h"
#include "session/state.h"

namespace ribostep::session {
namespace {

using experiment::Attribution;
using experiment::AttributionRequest;

constexpr std::size_t kListed = 10;  // positions in the mirror's table

std::string number(double x) {
  char text[32];
  std::snprintf(text, sizeof text, "%+.4f", x);
  return text;
}

// What a message says of the choice; what it leaves out stays.
AttributionRequest chosen(const Session& session, const nlohmann::json& head) {
  AttributionRequest choice = session.attributions().choice();
  choice.method = experiment::attribution_method(text_in(head, "method")).value_or(choice.method);
  choice.baseline = experiment::attribution_baseline(text_in(head, "baseline")).value_or(choice.baseline);
  choice.target = experiment::attribution_target(text_in(head, "target")).value_or(choice.target);
  choice.window = std::clamp(whole_in(head, "window", choice.window), 1, experiment::kMostOccluded);
  choice.output = whole_in(head, "output", choice.output);
  const std::vector<std::string>& names = session.output_names();
  const auto named = std::find(names.begin(), names.end(), text_in(head, "output"));
  if (named != names.end()) choice.output = static_cast<int>(named - names.begin());
  return choice;
}

void choose_from(Session& session, const nlohmann::json& head) {
  session.attributions().choose(chosen(session, head));
  if (head.contains("twin")) session.attributions().set_with_twin(truth_in(head, "twin", false));
}

template <class E>
void method_input(Section& section, const char* arg, const char* label, E now, int count) {
  section.list_input("choose_attribution", arg, label).value(experiment::name(now));
  for (int i = 0; i < count; ++i)
    section.option(experiment::name(static_cast<E>(i)), experiment::label(static_cast<E>(i)));
}

// The positions that contribute most.
void largest_table(Section& section, const Attribution& found, std::string_view letters) {
  std::vector<int> order(std::min(found.letters.size(), static_cast<std::size_t>(std::max(0, found.reach))));
  std::iota(order.begin(), order.end(), 0);
  const std::size_t shown = std::min(kListed, order.size());
  const auto size = [&](int i) { return std::fabs(found.letters[static_cast<std::size_t>(i)]); };
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(shown), order.end(),
                    [&](int a, int b) { return size(a) != size(b) ? size(a) > size(b) : a < b; });
  section.header({"position", "letter", "contribution"});
  for (std::size_t i = 0; i < shown; ++i) {
    const auto at = static_cast<std::size_t>(order[i]);
    section.row().cell(order[i] + 1).cell(std::string(1, letters[at])).cell(number(found.letters[at]));
  }
}

}  // namespace

std::string Attributions::about() const {
  const Attribution* found = result();
  if (!found) return {};
  const rnn::ModelSpec& spec = state_.project.model;
  const std::vector<std::string>& names = session_.output_names();
  const auto k = static_cast<std::size_t>(std::max(0, found->request.output));
  std::string text = spec.task == rnn::Task::NextVector                              ? "value of "
                     : found->request.target == experiment::AttributionTarget::Score ? "score of "
                                                                                     : "probability of ";
  text += k < names.size() ? names[k] : "output " + std::to_string(k + 1);
  if (found->request.row >= 0) {
    const int last = (found->request.row + 1) * spec.letters_per_step();
    text += (spec.task == rnn::Task::PositionLabel ? " at position " : " after position ") +
            std::to_string(std::min(last, session_.length()));
  }
  return text;
}

std::string Attributions::contribution_words(int position) const {
  const Attribution* found = result();
  if (!found || position < 1 || position > static_cast<int>(found->letters.size())) return {};
  const auto at = static_cast<std::size_t>(position - 1);
  if (position > found->reach) return "read later: no part in the " + about();
  if (position > found->done) return "not computed yet";
  std::string text = "contributes " + number(found->letters[at]) + " to the " + about();
  if (found->effects.empty()) return text;
  const std::string_view symbols = session_.data().alphabet().symbols;
  const auto count = static_cast<std::size_t>(found->symbols);
  for (std::size_t k = 0; k < count && k < symbols.size(); ++k) {
    if (k % 4 == 0) text += "\nas";
    text += std::string(k % 4 == 0 ? " " : ", ") + symbols[k] + ": " + number(found->effects[at * count + k]);
  }
  return text;
}

std::span<const VerbEntry> Attributions::verbs() const {
  using Json = nlohmann::json;
  static constexpr VerbEntry kVerbs[] = {
      {"attribute",
       [](Session& s, const Json& a) {
         choose_from(s, a);
         s.attributions().ask();
       }},
      {"choose_attribution", [](Session& s, const Json& a) { choose_from(s, a); }},
      {"cancel_attribution", [](Session& s, const Json&) { s.attributions().cancel(); }},
      {"prefixes",
       [](Session& s, const Json& a) {
         s.attributions().want_prefixes(truth_in(a, "on", !s.attributions().prefixes_wanted()));
       }},
  };
  return kVerbs;
}

void Attributions::mirror(nlohmann::json& sections) const {
  if (!session_.has_data() || session_.length() == 0) return;
  Section section("Attribution", "attribution");
  const Attribution* found = result();
  const std::string why = obstacle();
  if (busy())
    section.line({words_, ": ", static_cast<int>(100 * progress_), " %"});
  else if (!found && why.empty())
    section.line("Nothing has been computed for this sequence yet.");
  else if (!found)
    section.line({"Not possible: ", why, "."});
  if (found) {
    section.line({experiment::label(found->request.method), " of the ", about(),
                  complete_ ? "" : "; incomplete",
                  stale() ? "; of an earlier sequence or earlier weights" : ""});
    if (complete_) {
      section.line(experiment::completeness_words(*found));
      if (!found->trusted) section.line("Untrustworthy: the parts do not add up.");
    }
    if (const AttributionControl* twin = control())
      section.line(
          {"Untrained twin: sum ", number(twin->sum), ", correlation with it ", number(twin->correlation)});
    else if (const std::string none = twin_missing(); !none.empty())
      section.line({"No control: ", none, "."});
    largest_table(section, *found, session_.letters());
  }
  if (prefixes_wanted_) {
    const std::string no_prefixes = prefixes_obstacle();
    const int count = prefix_count();
    if (!no_prefixes.empty())
      section.line({"No prefixes: ", no_prefixes, "."});
    else if (count > 0)
      section.line({"Prefixes: ", plural(count, "prefix"), " read."});
    else
      section.line("Prefixes are being read.");
  }

  const AttributionRequest now = choice();
  method_input(section, "method", "Method", now.method, experiment::kAttributionMethods);
  method_input(section, "baseline", "Baseline", now.baseline, experiment::kAttributionBaselines);
  method_input(section, "target", "Of the", now.target, experiment::kAttributionTargets);
  const std::vector<std::string>& names = session_.output_names();
  const auto k = static_cast<std::size_t>(now.output);
  section.list_input("choose_attribution", "output", "Output")
      .value(k < names.size() ? names[k] : std::string());
  for (const std::string& name : names) section.option(name, name);
  section.button("attribute", "Compute attribution").disabled(!why.empty() || busy());
  section.button("cancel_attribution", "Cancel attribution").disabled(!busy());
  section.button("prefixes", "Prefix view").pressed(prefixes_wanted_);
  section.add_to(sections);
}

}  // namespace ribostep::session
