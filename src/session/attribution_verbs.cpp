// Attribution and prefixes by name, and in words for the text mirror.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>

#include "session/attributions.h"
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
nlohmann::json list_input(const char* arg, const char* label, E now, int count) {
  nlohmann::json options = nlohmann::json::array();
  for (int i = 0; i < count; ++i)
    options.push_back(
        {{"value", experiment::name(static_cast<E>(i))}, {"label", experiment::label(static_cast<E>(i))}});
  return {{"verb", "choose_attribution"},   {"arg", arg},     {"label", label},
          {"value", experiment::name(now)}, {"kind", "list"}, {"options", std::move(options)}};
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
  nlohmann::json section = {{"title", "Attribution"}, {"id", "attribution"}};
  nlohmann::json lines = nlohmann::json::array();
  const Attribution* found = result();
  const std::string why = obstacle();
  if (busy()) {
    lines.push_back(words_ + ": " + std::to_string(static_cast<int>(100 * progress_)) + " %");
  } else if (!found) {
    lines.push_back(why.empty() ? "Nothing has been computed for this sequence yet."
                                : "Not possible: " + why + ".");
  }
  if (found) {
    std::string what = std::string(experiment::label(found->request.method)) + " of the " + about();
    if (!complete_) what += "; incomplete";
    if (stale()) what += "; of an earlier sequence or earlier weights";
    lines.push_back(std::move(what));
    if (complete_) {
      lines.push_back(experiment::completeness_words(*found));
      if (!found->trusted) lines.push_back("Untrustworthy: the parts do not add up.");
    }
    if (const AttributionControl* twin = control(); twin)
      lines.push_back("Untrained twin: sum " + number(twin->sum) + ", correlation with it " +
                      number(twin->correlation));
    else if (std::string none = twin_missing(); !none.empty())
      lines.push_back("No control: " + none + ".");
    std::vector<int> order(static_cast<std::size_t>(
        std::min<std::size_t>(found->letters.size(), static_cast<std::size_t>(std::max(0, found->reach)))));
    std::iota(order.begin(), order.end(), 0);
    const std::size_t shown = std::min(kListed, order.size());
    const auto size = [&](int i) { return std::fabs(found->letters[static_cast<std::size_t>(i)]); };
    std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(shown), order.end(),
                      [&](int a, int b) { return size(a) != size(b) ? size(a) > size(b) : a < b; });
    section["table"] = {{"position", "letter", "contribution"}};
    for (std::size_t i = 0; i < shown; ++i) {
      const auto at = static_cast<std::size_t>(order[i]);
      section["table"].push_back(
          {std::to_string(order[i] + 1), std::string(1, session_.letters()[at]), number(found->letters[at])});
    }
  }
  if (prefixes_wanted_) {
    const std::string no_prefixes = prefixes_obstacle();
    const int count = prefix_count();
    if (!no_prefixes.empty())
      lines.push_back("No prefixes: " + no_prefixes + ".");
    else if (count > 0)
      lines.push_back("Prefixes: " + plural(count, "prefix") + " read.");
    else
      lines.push_back("Prefixes are being read.");
  }
  section["lines"] = std::move(lines);

  const AttributionRequest now = choice();
  nlohmann::json outputs = nlohmann::json::array();
  const std::vector<std::string>& names = session_.output_names();
  for (std::size_t k = 0; k < names.size(); ++k)
    outputs.push_back({{"value", names[k]}, {"label", names[k]}});
  const auto k = static_cast<std::size_t>(now.output);
  section["inputs"] = {list_input("method", "Method", now.method, experiment::kAttributionMethods),
                       list_input("baseline", "Baseline", now.baseline, experiment::kAttributionBaselines),
                       list_input("target", "Of the", now.target, experiment::kAttributionTargets),
                       {{"verb", "choose_attribution"},
                        {"arg", "output"},
                        {"label", "Output"},
                        {"value", k < names.size() ? names[k] : std::string()},
                        {"kind", "list"},
                        {"options", std::move(outputs)}}};
  section["buttons"] = {
      {{"verb", "attribute"}, {"label", "Compute attribution"}, {"disabled", !why.empty() || busy()}},
      {{"verb", "cancel_attribution"}, {"label", "Cancel attribution"}, {"disabled", !busy()}},
      {{"verb", "prefixes"}, {"label", "Prefix view"}, {"pressed", prefixes_wanted_}}};
  sections.push_back(std::move(section));
}

}  // namespace ribostep::session
