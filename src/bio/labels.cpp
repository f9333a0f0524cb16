// How classes are found in headers and columns, under a rule that is shown and can be changed.
#include <algorithm>
#include <array>
#include <functional>
#include <map>

#include "bio/covariates.h"
#include "bio/dataset.h"
#include "bio/reader_text.h"

namespace ribostep::bio {
namespace {

constexpr int kMaxClasses = 50;  // more than that is an identifier, not a class

struct RuleName {
  LabelRule rule;
  const char* name;
};
constexpr std::array<RuleName, 6> kRules = {{{LabelRule::Auto, "auto"},
                                             {LabelRule::Column, "column"},
                                             {LabelRule::KeyValue, "key"},
                                             {LabelRule::LastField, "field"},
                                             {LabelRule::LastWord, "word"},
                                             {LabelRule::None, "none"}}};

bool starts_with_key(std::string_view text, std::string_view key) {
  if (text.size() <= key.size() || text[key.size()] != '=') return false;
  return std::equal(key.begin(), key.end(), text.begin(), [](char a, char b) { return a == lower(b); });
}

// label=x or class=x, the value up to a separator, or in double quotes.
std::string_view key_value(std::string_view header) {
  for (std::size_t i = 0; i < header.size(); ++i) {
    if (i > 0 && !is_separator(header[i - 1])) continue;
    const std::string_view rest = header.substr(i);
    if (!starts_with_key(rest, "label") && !starts_with_key(rest, "class")) continue;
    std::string_view value = rest.substr(6);
    if (!value.empty() && value.front() == '"') {
      value.remove_prefix(1);
      return trimmed(value.substr(0, value.find('"')));
    }
    std::size_t end = 0;
    while (end < value.size() && !is_separator(value[end])) ++end;
    return value.substr(0, end);
  }
  return {};
}

// The first word after the last '|'.
std::string_view last_field(std::string_view header) {
  const std::size_t bar = header.rfind('|');
  if (bar == std::string_view::npos) return {};
  const std::string_view field = trimmed(header.substr(bar + 1));
  std::size_t end = 0;
  while (end < field.size() && !is_blank(field[end])) ++end;
  return field.substr(0, end);
}

// The last word of a description: a header of one word is a name and has no label.
std::string_view last_word(std::string_view description) {
  const std::string_view text = trimmed(description);
  std::size_t begin = text.size();
  while (begin > 0 && !is_blank(text[begin - 1])) --begin;
  return text.substr(begin);
}

// Views into the data, or into `header`, which is kept from record to record for its memory.
std::string_view label_text(const Dataset& data, int i, LabelRule rule, std::string& header) {
  const auto read_header = [&]() -> std::string_view {
    header.assign(data.name(i));
    if (!data.description(i).empty()) header.append(" ").append(data.description(i));
    return header;
  };
  switch (rule) {
    case LabelRule::Column:
      return data.column_label(i);
    case LabelRule::KeyValue:
      return key_value(read_header());
    case LabelRule::LastField:
      return last_field(read_header());
    case LabelRule::LastWord:
      return last_word(data.description(i));
    case LabelRule::Auto:
    case LabelRule::None:
      break;
  }
  return {};
}

Labels apply(const Dataset& data, LabelRule rule) {
  Labels labels;
  labels.rule = rule;
  // Numbered as they come, then in the order of the alphabet: records are many, classes few.
  std::map<std::string, int, std::less<>> numbers;
  std::string header;
  labels.of_record.reserve(static_cast<std::size_t>(data.size()));
  for (int i = 0; i < data.size(); ++i) {
    const std::string_view text = label_text(data, i, rule, header);
    if (text.empty()) {
      labels.of_record.push_back(-1);
      ++labels.unlabelled;
      continue;
    }
    auto at = numbers.find(text);
    if (at == numbers.end()) at = numbers.emplace(std::string(text), static_cast<int>(numbers.size())).first;
    labels.of_record.push_back(at->second);
  }
  std::vector<int> sorted(numbers.size());
  for (const auto& [text, number] : numbers) {
    sorted[static_cast<std::size_t>(number)] = static_cast<int>(labels.classes.size());
    labels.classes.push_back(text);
  }
  for (int& label : labels.of_record)
    if (label >= 0) label = sorted[static_cast<std::size_t>(label)];
  return labels;
}

}  // namespace

int Labels::count(int cls) const {
  return static_cast<int>(std::count(of_record.begin(), of_record.end(), cls));
}

Labels derive_labels(const Dataset& data, LabelRule rule) {
  if (rule != LabelRule::Auto) return apply(data, rule);
  constexpr std::array<LabelRule, 4> kOrder = {LabelRule::Column, LabelRule::KeyValue, LabelRule::LastField,
                                               LabelRule::LastWord};
  std::optional<Labels> one_class;
  for (const LabelRule candidate : kOrder) {
    // Somebody wrote a column or label=x on purpose; a last field or word may as well be an accession number
    // or a piece of prose, so there a class has to occur about twice.
    const bool on_purpose = candidate == LabelRule::Column || candidate == LabelRule::KeyValue;
    Labels labels = apply(data, candidate);
    const int classes = static_cast<int>(labels.classes.size());
    const bool most = 2 * (data.size() - labels.unlabelled) >= data.size();
    if (!most || classes == 0 || classes > kMaxClasses) continue;
    if (classes >= 2 && (on_purpose || (classes < data.size() && 2 * classes <= data.size() + 1)))
      return labels;
    if (classes == 1 && on_purpose && !one_class) one_class = std::move(labels);
  }
  return one_class ? *std::move(one_class) : apply(data, LabelRule::None);
}

PositionClasses position_classes(const Dataset& data) {
  std::array<bool, 256> seen{};
  for (int i = 0; i < data.size(); ++i)
    for (const char character : data.annotation(i)) seen[static_cast<unsigned char>(character)] = true;
  seen[static_cast<unsigned char>('.')] = false;
  PositionClasses classes;
  classes.of_character.assign(256, 255);
  for (std::size_t character = 0; character < 256; ++character) {
    if (!seen[character]) continue;
    classes.of_character[character] = static_cast<std::uint8_t>(classes.names.size());
    classes.names.emplace_back(1, static_cast<char>(character));
  }
  return classes;
}

const char* name(LabelRule rule) {
  for (const RuleName& entry : kRules)
    if (entry.rule == rule) return entry.name;
  return "none";
}

std::optional<LabelRule> label_rule(std::string_view name) {
  for (const RuleName& entry : kRules)
    if (name == entry.name) return entry.rule;
  return std::nullopt;
}

namespace {
constexpr const char* kAlphabetNames[kAlphabets] = {"dna",  "rna",      "protein", "series",
                                                    "bits", "brackets", "reber"};
}

const char* name(AlphabetKind kind) { return kAlphabetNames[static_cast<std::size_t>(kind)]; }

std::optional<AlphabetKind> alphabet_kind(std::string_view name) {
  const std::string wanted = lower(name);
  for (int k = 0; k < kAlphabets; ++k)
    if (wanted == kAlphabetNames[k]) return static_cast<AlphabetKind>(k);
  return std::nullopt;
}

}  // namespace ribostep::bio
