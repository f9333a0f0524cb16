// What records tell about themselves besides their label: key=value fields of a header (also [key=value], and
// key="a value with blanks"), and the further columns of a table, which the reader turns into such fields.
// The keys `label` and `class` are the answer, never a covariate.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bio/dataset.h"
#include "bio/reader_text.h"

namespace ribostep::bio {

inline constexpr std::size_t kMaxCovariateKeys = 64;  // of a data set; later ones are passed over
inline constexpr std::size_t kMaxLevels = 256;
inline constexpr std::size_t kMaxFieldText = 80;  // longer texts are prose, not a covariate

struct Covariate {
  std::string name;
  bool numeric = false;             // every given value is a finite number, and more than two are different
  std::vector<std::string> levels;  // the distinct values, sorted; empty when there are more than kMaxLevels
  int missing = 0;                  // records that do not say
};
// In the order in which the data set first names them. What is the same wherever it is said is left out.
std::vector<Covariate> find_covariates(const Dataset& data);

// What every record says, one entry per record.
struct CovariateColumn {
  std::vector<int> level;      // index in levels, or -1
  std::vector<double> number;  // NaN where none is given; empty unless numeric
};
std::vector<CovariateColumn> read_covariates(const Dataset& data, const std::vector<Covariate>& covariates);

// The text of one record's covariate, empty when it does not say.
std::string_view covariate_text(const Dataset& data, int record, std::string_view name);

// Whether `text` is a plain decimal number that is finite ("0.5", "-1e3"; not "nan", "0x1", "1,5").
bool parse_number(std::string_view text, double& out);
// Empty, NA, n/a, nan, ...: nothing was measured.
bool is_missing(std::string_view text);

// Calls f(key, value) for the fields of a name or description; label= and class= among them.
template <class F>
void for_fields(std::string_view text, F f);
bool is_label_key(std::string_view key);

// Adds key=value so that it is read as one field again. What would not be is left out: false.
bool append_field(std::string& description, std::string_view key, std::string_view value);
// The fields of a header alone, without the label.
std::string covariate_fields(const Dataset& data, int record);

// ---- in detail
// -----------------------------------------------------------------------------------------------

inline bool is_separator(char c) {
  return is_blank(c) || c == '|' || c == ';' || c == ',' || c == '[' || c == ']';
}
inline bool is_key_character(char c) {
  return is_letter(c) || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 128 ||
         std::string_view("_-.()%/#").find(c) != std::string_view::npos;
}
bool is_key(std::string_view text);

template <class F>
void for_fields(std::string_view text, F f) {
  std::size_t at = 0;
  const auto skip = [&](auto stop) {
    const std::size_t begin = at;
    while (at < text.size() && !stop(text[at])) ++at;
    return text.substr(begin, at - begin);
  };
  bool bracketed = false;
  while (at < text.size()) {
    if (is_separator(text[at])) {
      bracketed = text[at++] == '[';
      continue;
    }
    const std::string_view key = skip([](char c) { return !is_key_character(c); });
    if (at >= text.size() || text[at] != '=' || !is_key(key)) {
      skip(is_separator);  // a word
      bracketed = false;
      continue;
    }
    ++at;
    std::string_view value;
    if (at < text.size() && text[at] == '"') {
      ++at;
      value = skip([](char c) { return c == '"'; });
      if (at < text.size()) ++at;
    } else if (bracketed) {
      value = skip([](char c) { return c == ']'; });
    } else {
      value = skip(is_separator);
    }
    bracketed = false;
    f(key, trimmed(value));
  }
}

}  // namespace ribostep::bio
