#include "session/run_words.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <tuple>
#include <utility>

#include "io/project_fields.h"

namespace ribostep::session {
namespace {

using Settings = std::vector<std::pair<std::string, std::string>>;  // key, in words

std::string joined(const std::vector<std::string>& words, const char* between) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : between) + word;
  return text;
}

template <class Owner, class Value>
std::string words(const io::NumberField<Owner, Value>& field, const Owner& owner) {
  return short_number(static_cast<double>(owner.*field.member));
}
template <class Owner, class Value>
std::string words(const io::ChoiceField<Owner, Value>& field, const Owner& owner) {
  return rnn::label(owner.*field.member);
}
template <class Owner>
std::string words(const io::FlagField<Owner>& field, const Owner& owner) {
  return owner.*field.member ? "on" : "off";
}
template <class Owner, class Value>
std::string words(const io::ListField<Owner, Value>& field, const Owner& owner) {
  std::vector<std::string> all;
  for (const Value value : owner.*field.member) all.push_back(short_number(static_cast<double>(value)));
  return all.empty() ? "none" : joined(all, " ");
}
template <class Owner>
std::string words(const io::NameListField<Owner>& field, const Owner& owner) {
  return (owner.*field.member).empty() ? "none" : joined(owner.*field.member, " and ");
}

template <class Owner, class Fields>
void read(const Owner& owner, const Fields& fields, const char* prefix, Settings& out) {
  std::apply(
      [&](const auto&... field) {
        (out.emplace_back(prefix + std::string(field.key), words(field, owner)), ...);
      },
      fields);
}

// What follows from the data, or from another setting, is no setting.
bool follows(const std::string& key) {
  static constexpr const char* kFollow[] = {"symbols",           "classes",          "channels",
                                            "covariate_classes", "covariate_center", "covariate_scale"};
  return std::any_of(std::begin(kFollow), std::end(kFollow), [&](const char* k) { return key == k; });
}

std::string changes_words(std::span<const rnn::SettingChange> changes) {
  if (changes.empty()) return "none";
  std::vector<std::string> all;
  for (const rnn::SettingChange& c : changes) {
    if (all.size() == 2) {
      all.push_back(std::to_string(changes.size() - 2) + " more");
      break;
    }
    all.push_back(setting_name(c.key) + " " + short_number(c.value) + " from " + std::to_string(c.update));
  }
  return joined(all, "; ");
}

Settings settings_of(const RunRecipe& run) {
  Settings all;
  read(*run.model, io::kModelFields, "", all);
  // Both have a "window".
  read(*run.train, io::kTrainFields, "train ", all);
  all.emplace_back("seed", std::to_string(run.seed));
  all.emplace_back("changed on the way", changes_words(run.changes));
  all.emplace_back("start", run.from_start ? "the seed's" : "weights of another run");
  return all;
}

}  // namespace

std::string short_number(double value, int digits) {
  char text[40];
  std::snprintf(text, sizeof text, "%.*g", digits, value);
  return text;
}

std::string setting_name(const std::string& key) {
  static const std::map<std::string, const char*> kNames = {{"hidden", "hidden units"},
                                                            {"init", "initial weights"},
                                                            {"init_range", "range of initial weights"},
                                                            {"max_epochs", "epochs"},
                                                            {"train max_epochs", "epochs"},
                                                            {"train batch_size", "batch"},
                                                            {"train validation_fraction", "validation share"},
                                                            {"train window", "pieces of"},
                                                            {"truncate", "gradients cut every"},
                                                            {"initial", "initial state"},
                                                            {"kmer", "k"},
                                                            {"train beta1", "beta 1"},
                                                            {"train beta2", "beta 2"}};
  if (const auto at = kNames.find(key); at != kNames.end()) return at->second;
  std::string name = key.rfind("train ", 0) == 0 ? key.substr(6) : key;
  std::replace(name.begin(), name.end(), '_', ' ');
  return name;
}

RunRecipe recipe_of(const io::KeptRun& run) {
  return {&run.model, &run.train, run.seed, run.changes, run.from_start};
}
RunRecipe recipe_of(const io::Project& project) {
  return {&project.model, &project.train, project.seed, project.changes, project.start_weights == nullptr};
}

std::vector<SettingDifference> setting_differences(std::span<const RunRecipe> runs) {
  std::vector<Settings> all;
  for (const RunRecipe& run : runs) all.push_back(settings_of(run));
  std::vector<SettingDifference> out;
  if (all.empty()) return out;
  for (std::size_t i = 0; i < all.front().size(); ++i) {
    const std::string& key = all.front()[i].first;
    if (follows(key)) continue;
    SettingDifference one{setting_name(key), {}};
    for (const Settings& settings : all) one.values.push_back(settings[i].second);
    if (std::any_of(one.values.begin(), one.values.end(),
                    [&](const std::string& v) { return v != one.values.front(); }))
      out.push_back(std::move(one));
  }
  return out;
}

std::string difference_words(std::span<const RunRecipe> runs) {
  std::vector<std::string> all;
  for (const SettingDifference& one : setting_differences(runs))
    all.push_back(one.label + " " + joined(one.values, " / "));
  return all.empty() ? "the same settings" : joined(all, ", ");
}

std::string difference_from(const RunRecipe& run, const RunRecipe& from) {
  const RunRecipe both[] = {run, from};
  std::vector<std::string> all;
  for (const SettingDifference& one : setting_differences(both))
    all.push_back(one.label + " " + one.values.front());
  return all.empty() ? "the same settings" : joined(all, ", ");
}

std::vector<io::RunPoint> thinned(std::span<const io::RunPoint> points, std::size_t count) {
  if (points.size() <= count || count < 2) return {points.begin(), points.end()};
  std::vector<io::RunPoint> out;
  for (std::size_t i = 0; i < count; ++i) out.push_back(points[i * (points.size() - 1) / (count - 1)]);
  return out;
}

}  // namespace ribostep::session
