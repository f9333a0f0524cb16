// One pass over the headers per question; every table is bounded, whatever the headers hold.
#include "bio/covariates.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <unordered_map>
#include <unordered_set>

namespace ribostep::bio {
namespace {

constexpr std::size_t kMaxKeyText = 64;
constexpr std::size_t kMaxNumberText = 48;
constexpr std::size_t kMaxProse = 500;

// Columns of running text: kept as they stand for people to read, and never a covariate.
constexpr std::array<std::string_view, 9> kProseKeys = {
    "definition", "description", "title", "comment", "comments", "note", "notes", "remarks", "remark"};
bool is_prose_key(std::string_view key) {
  return std::find(kProseKeys.begin(), kProseKeys.end(), lower(key)) != kProseKeys.end();
}

// Calls f(key, value) for the covariates a record gives; the first of equal keys counts.
template <class F>
void for_covariates(const Dataset& data, int record, F f) {
  const auto field = [&](std::string_view key, std::string_view value) {
    if (value.size() <= kMaxFieldText && !is_missing(value) && !is_label_key(key) && !is_prose_key(key))
      f(key, value);
  };
  for_fields(data.name(record), field);
  for_fields(data.description(record), field);
}

// From name to index, for at most kMaxCovariateKeys names.
using KeyIndex = std::unordered_map<std::string_view, std::size_t>;

}  // namespace

bool is_key(std::string_view text) {
  return !text.empty() && text.size() <= kMaxKeyText && std::any_of(text.begin(), text.end(), [](char c) {
    return is_letter(c) || static_cast<unsigned char>(c) >= 128;
  });
}

bool is_label_key(std::string_view key) {
  const auto is = [&](std::string_view word) {
    return std::equal(key.begin(), key.end(), word.begin(), [](char a, char b) { return lower(a) == b; });
  };
  return key.size() == 5 && (is("label") || is("class"));
}

bool is_missing(std::string_view text) {
  constexpr std::array<std::string_view, 5> kWords = {"na", "n/a", "#n/a", "nan", "?"};
  if (text.empty()) return true;
  return text.size() <= 4 && std::find(kWords.begin(), kWords.end(), lower(text)) != kWords.end();
}

bool parse_number(std::string_view text, double& out) {
  if (text.empty() || text.size() > kMaxNumberText) return false;
  std::array<char, kMaxNumberText + 1> copy{};  // strtod wants an end, and knows words and hexadecimals too
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (!(c >= '0' && c <= '9') && c != '+' && c != '-' && c != '.' && c != 'e' && c != 'E') return false;
    copy[i] = c;
  }
  char* end = nullptr;
  const double value = std::strtod(copy.data(), &end);
  if (end != copy.data() + text.size() || !std::isfinite(value)) return false;
  out = value;
  return true;
}

std::vector<Covariate> find_covariates(const Dataset& data) {
  struct Found {
    Covariate covariate;
    std::unordered_set<std::string_view> values;  // at most one more than are kept
    bool numbers = true;
    int given = 0, last_record = -1;
  };
  std::vector<Found> found;
  KeyIndex index;
  for (int i = 0; i < data.size(); ++i) {
    for_covariates(data, i, [&](std::string_view key, std::string_view value) {
      auto at = index.find(key);
      if (at == index.end()) {
        if (found.size() == kMaxCovariateKeys) return;
        at = index.emplace(key, found.size()).first;
        found.emplace_back();
        found.back().covariate.name = key;
      }
      Found& entry = found[at->second];
      if (entry.last_record == i) return;
      entry.last_record = i;
      ++entry.given;
      if (entry.values.size() <= kMaxLevels) entry.values.insert(value);
      double number = 0;
      entry.numbers = entry.numbers && parse_number(value, number);
    });
  }
  std::vector<Covariate> result;
  for (Found& entry : found) {
    if (entry.values.size() < 2) continue;  // tells no record from another
    Covariate& covariate = entry.covariate;
    covariate.missing = data.size() - entry.given;
    covariate.numeric = entry.numbers && entry.values.size() > 2;
    if (entry.values.size() <= kMaxLevels) covariate.levels.assign(entry.values.begin(), entry.values.end());
    std::sort(covariate.levels.begin(), covariate.levels.end());
    result.push_back(std::move(covariate));
  }
  return result;
}

std::vector<CovariateColumn> read_covariates(const Dataset& data, const std::vector<Covariate>& covariates) {
  std::vector<CovariateColumn> columns(covariates.size());
  KeyIndex index;
  const auto records = static_cast<std::size_t>(data.size());
  for (std::size_t k = 0; k < covariates.size(); ++k) {
    index.emplace(covariates[k].name, k);
    columns[k].level.assign(records, -1);
    if (covariates[k].numeric) columns[k].number.assign(records, std::numeric_limits<double>::quiet_NaN());
  }
  std::vector<int> last_record(covariates.size(), -1);
  for (int i = 0; i < data.size(); ++i) {
    for_covariates(data, i, [&](std::string_view key, std::string_view value) {
      const auto at = index.find(key);
      if (at == index.end() || last_record[at->second] == i) return;
      last_record[at->second] = i;
      const std::vector<std::string>& levels = covariates[at->second].levels;
      CovariateColumn& column = columns[at->second];
      const auto level = std::lower_bound(levels.begin(), levels.end(), value);
      if (level != levels.end() && *level == value)
        column.level[static_cast<std::size_t>(i)] = static_cast<int>(level - levels.begin());
      double number = 0;
      if (!column.number.empty() && parse_number(value, number))
        column.number[static_cast<std::size_t>(i)] = number;
    });
  }
  return columns;
}

std::string_view covariate_text(const Dataset& data, int record, std::string_view name) {
  std::string_view text;
  for_covariates(data, record, [&](std::string_view key, std::string_view value) {
    if (text.empty() && key == name) text = value;
  });
  return text;
}

bool append_field(std::string& description, std::string_view key, std::string_view value) {
  value = trimmed(value);
  const bool prose = is_prose_key(key);
  if (is_missing(value) || value.size() > (prose ? kMaxProse : kMaxFieldText)) return false;
  std::string name(key);
  for (char& c : name)
    if (!is_key_character(c)) c = '_';
  if (!is_key(name)) return false;
  if (!description.empty()) description += ' ';
  description.append(name).append("=");
  const bool quoted =
      !prose && std::any_of(value.begin(), value.end(), [](char c) { return is_separator(c) || c == '"'; });
  if (quoted) description += '"';
  for (const char c : value) description += quoted && c == '"' ? '\'' : c;
  if (quoted) description += '"';
  return true;
}

std::string covariate_fields(const Dataset& data, int record) {
  std::string fields;
  for_fields(data.description(record), [&](std::string_view key, std::string_view value) {
    if (!is_label_key(key) && !is_prose_key(key)) append_field(fields, key, value);
  });
  return fields;
}

}  // namespace ribostep::bio
