// The tab that asks for an attribution and says whether its parts add up; the pictures are tracks
// (tracks/attribution.cpp).
#include <algorithm>
#include <cmath>
#include <numeric>

#include "session/attributions.h"
#include "ui/debug_panels.h"
#include "ui/format.h"
#include "ui/widgets.h"

namespace ribostep::ui {
namespace {

using experiment::Attribution;
using experiment::AttributionRequest;
using session::Attributions;

constexpr float kSideBySide = 640, kControlsWidth = 270, kActionsWidth = 200;
constexpr std::size_t kRanked = 8;

std::string signed_number(double x) { return (x > 0 ? "+" : "") + significant(x, 3); }

template <class E>
bool choose_one(Panel& p, const char* label_text, const char* hint, const char* id, E& value, int count) {
  row(p, label_text, hint);
  std::vector<Choice> choices;
  for (int i = 0; i < count; ++i) choices.push_back({experiment::label(static_cast<E>(i)), {}});
  const int chosen = choose_from_list(p, id, choices, static_cast<int>(value));
  if (chosen < 0) return false;
  value = static_cast<E>(chosen);
  return true;
}

void draw_choices(Panel& p, Attributions& a) {
  AttributionRequest choice = a.choice();
  bool changed = choose_one(p, "Method", "What is asked of each letter", "##attribution_method",
                            choice.method, experiment::kAttributionMethods);
  changed |=
      choose_one(p, "Baseline",
                 "x0, what the sequence is compared with: letters that say nothing (the mean of all), or "
                 "the same letters in other orders, 10 of them",
                 "##attribution_baseline", choice.baseline, experiment::kAttributionBaselines);
  row(p, "Output", "Whose score or probability is explained");
  const std::vector<std::string>& names = p.session.output_names();
  std::vector<Choice> outputs;
  for (const std::string& name : names) outputs.push_back({name.c_str(), {}});
  const int output = choose_from_list(p, "##attribution_output", outputs, choice.output);
  if (output >= 0) choice.output = output, changed = true;
  changed |=
      choose_one(p, "Of its",
                 "The score is the logit less the mean of the others, of two classes ln p/(1-p): it does "
                 "not level off near 0 and 1 as the probability does",
                 "##attribution_target", choice.target, experiment::kAttributionTargets);
  if (choice.method == experiment::AttributionMethod::Occlusion) {
    row(p, "Window", "Letters hidden at a time; what hiding them changes is divided by their number");
    changed |= whole_number(p, "##attribution_window", choice.window, 1, experiment::kMostOccluded);
  }
  if (changed) a.choose(choice);
}

void draw_actions(Panel& p, Attributions& a) {
  if (a.busy()) {
    if (button("Cancel###cancel_attribution", true, -FLT_MIN)) a.cancel();
    progress(p, a.progress(), a.words());
  } else {
    const std::string why = a.obstacle();
    if (primary_button(p, "Compute###attribute", why.empty(), -FLT_MIN)) a.ask();
    tip(p, why.empty() ? std::string(experiment::question(a.choice().method)) : "Not possible: " + why, "A");
    if (!why.empty()) dim_wrapped(p, "Not possible: " + why + ".");
  }
  bool twin = a.with_twin();
  ImGui::BeginDisabled(p.session.showing_untrained_twin());
  if (toggle(p, "with the untrained twin", twin)) a.set_with_twin(twin);
  ImGui::EndDisabled();
  tip(p, "The same of this network before its first update: what that finds too, training did not find");
  bool prefixes = a.prefixes_wanted();
  if (toggle(p, "prefix view", prefixes)) a.want_prefixes(prefixes);
  tip(p, "A track: the prediction if the sequence had ended here, so that one sees where it is made");
  if (const std::string why = a.prefixes_wanted() ? a.prefixes_obstacle() : std::string(); !why.empty())
    dim_wrapped(p, "No prefixes: " + why + ".");
}

void draw_completeness(const Panel& p, const Attribution& found) {
  const std::string line = experiment::completeness_words(found);
  if (!found.trusted) {
    icon_line(p, icon(Severity::Error), severity_colour(p.theme, Severity::Error), line);
    ImGui::PushStyleColor(ImGuiCol_Text, colour(p.theme.error));
    ImGui::TextWrapped("%s",
                       found.steps >= experiment::kMostPathSteps
                           ? "Untrustworthy: even so many steps miss the difference by more than 1 %. Use "
                             "left-to-right, which adds up exactly, or mutagenesis."
                           : "Untrustworthy: the parts do not add up to the difference they should explain.");
    ImGui::PopStyleColor();
    return;
  }
  ImGui::TextWrapped("%s", line.c_str());
  if (!found.adds_up)
    dim_wrapped(p, "Effects of one letter at a time need not add up: f is no straight line.");
}

void draw_control(const Panel& p, const Attributions& a, const Attribution& found) {
  const session::AttributionControl* twin = a.control();
  if (twin == nullptr) {
    if (const std::string none = a.twin_missing(); !none.empty())
      severity_line(p, Severity::Warning, "No control: " + none + ".");
    return;
  }
  std::string words = "Untrained twin: sum " + signed_number(twin->sum) + " (here " +
                      signed_number(found.sum) + "), correlation of its contributions with these " +
                      significant(twin->correlation, 2);
  if (twin->correlation > 0.5) words += ": much of this pattern is there without training";
  dim_wrapped(p, words);
}

void rank(AttributionState& state, const Attribution& found, std::uint64_t serial) {
  if (state.ranked_serial == serial) return;
  state.ranked_serial = serial;
  std::vector<int>& order = state.ranked;
  order.resize(std::min(found.letters.size(), static_cast<std::size_t>(std::max(0, found.reach))));
  std::iota(order.begin(), order.end(), 1);
  const auto size = [&](int position) {
    return std::fabs(found.letters[static_cast<std::size_t>(position - 1)]);
  };
  const std::size_t shown = std::min(kRanked, order.size());
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(shown), order.end(),
                    [&](int x, int y) { return size(x) != size(y) ? size(x) > size(y) : x < y; });
  order.resize(shown);
}

// The largest contributions in one flowing line of links: "17 T +0.812".
void draw_ranked(Panel& p, AttributionState& state, const Attribution& found, std::uint64_t serial) {
  rank(state, found, serial);
  if (state.ranked.empty()) return;
  dim(p, "Largest:");
  const float right = ImGui::GetWindowPos().x + ImGui::GetWindowContentRegionMax().x;
  const std::string_view letters = p.session.letters();
  for (const int position : state.ranked) {
    const auto at = static_cast<std::size_t>(position - 1);
    std::string words = std::to_string(position);
    if (found.symbols > 0 && at < letters.size()) words += std::string(" ") + letters[at];
    words += " " + signed_number(found.letters[at]);
    const float width = ImGui::CalcTextSize(words.c_str()).x + 10;
    if (ImGui::GetItemRectMax().x + 14 + width < right) ImGui::SameLine(0, 14);
    if (link(p, (words + "###ranked" + std::to_string(position)).c_str())) p.session.go_to(position);
  }
}

void draw_found(Panel& p, UiState& ui, const Attributions& a) {
  const Attribution* found = a.result();
  if (found == nullptr) {
    dim_wrapped(p, experiment::question(a.choice().method));
    dim_wrapped(p, a.busy() ? "Being computed: the tracks fill in as it goes."
                            : "Nothing is computed for this sequence yet.");
    return;
  }
  {
    const FontScope font(p.fonts.bold);
    std::string title = std::string(experiment::label(found->request.method)) + " of the " + a.about();
    if (!a.complete()) title += a.busy() ? ", so far" : ", incomplete";
    ImGui::TextWrapped("%s", title.c_str());
  }
  dim_wrapped(p, experiment::question(found->request.method));
  if (a.stale())
    severity_line(p, Severity::Warning, "Of letters or weights that have changed since: compute it again.");
  if (a.complete()) draw_completeness(p, *found);
  if (!found->note.empty()) dim_wrapped(p, "Of k-mers and codons: " + found->note + ".");
  draw_control(p, a, *found);
  draw_ranked(p, ui.attribution, *found, a.serial());
}

void bring_tab(Panel& p) {
  p.state.bottom_tab = BottomTab::Attribution;
  p.state.show_bottom_tab = true;
  if (!p.touch) return;
  p.state.phone_tab = PhoneTab::Results;
  p.state.show_phone_tab = true;
}

}  // namespace

void draw_attribution_panel(Panel& p, UiState& ui, ImVec2 size) {
  Attributions& a = p.session.attributions();
  if (!p.session.has_data() || p.session.length() == 0)
    return dim_wrapped(p, "How much each letter contributes to an output. Load sequences first.");
  const bool wide = size.x >= kSideBySide;
  const auto part = [&](const char* id, float width, auto draw) {
    if (ImGui::BeginChild(id, ImVec2(wide ? width : size.x, wide ? size.y : 0),
                          wide ? 0 : ImGuiChildFlags_AutoResizeY))
      draw();
    ImGui::EndChild();
    if (wide) ImGui::SameLine(0, 16);
  };
  part("##attribution_choices", kControlsWidth, [&] { draw_choices(p, a); });
  part("##attribution_actions", kActionsWidth, [&] { draw_actions(p, a); });
  part("##attribution_found", std::max(100.0f, size.x - kControlsWidth - kActionsWidth - 32),
       [&] { draw_found(p, ui, a); });
}

void add_attribution_commands(CommandContext context, Commands& commands) {
  Panel* panel = &context.panel;
  Attributions& a = panel->session.attributions();
  const std::string why = a.busy() ? "it is being computed" : a.obstacle();
  const auto add = [&](std::string title, ImGuiKeyChord chord, std::string words, std::string why_not,
                       std::function<void()> act) {
    Command c;
    c.group = "Attribution";
    c.title = std::move(title);
    c.chord = chord;
    c.words = std::move(words);
    c.why_not = std::move(why_not);
    c.act = std::move(act);
    commands.push_back(std::move(c));
  };
  add("Attribution of this sequence", ImGuiKey_A, "explain contribution saliency importance", why, [panel] {
    bring_tab(*panel);
    panel->session.attributions().ask();
  });
  for (int i = 0; i < experiment::kAttributionMethods; ++i) {
    const auto method = static_cast<experiment::AttributionMethod>(i);
    add(std::string("Attribution by ") + experiment::label(method), 0, experiment::question(method),
        a.busy() ? why : std::string(), [panel, method] {
          Attributions& of = panel->session.attributions();
          AttributionRequest choice = of.choice();
          choice.method = method;
          of.choose(choice);
          bring_tab(*panel);
          of.ask();
        });
  }
  add("Cancel the attribution", 0, "stop", a.busy() ? std::string() : "none is being computed",
      [panel] { panel->session.attributions().cancel(); });
  add(a.prefixes_wanted() ? "Hide the prefix view" : "Prefix view: the prediction of what has been read", 0,
      "prefixes as it reads", a.prefixes_wanted() ? std::string() : a.prefixes_obstacle(), [panel] {
        Attributions& of = panel->session.attributions();
        of.want_prefixes(!of.prefixes_wanted());
      });
}

}  // namespace ribostep::ui
