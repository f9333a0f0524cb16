// Reading of options; knows no command.
#include "cli/options.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdlib>

namespace ribostep::cli {
namespace {

const Option* find(std::span<const std::vector<Option>> groups, std::string_view name) {
  for (const auto& group : groups)
    for (const Option& option : group)
      if (name == option.name) return &option;
  return nullptr;
}

std::optional<std::uint64_t> whole_number(const std::string& text) {
  if (text.empty() || text.find_first_not_of("0123456789") != std::string::npos) return std::nullopt;
  errno = 0;
  const unsigned long long value = std::strtoull(text.c_str(), nullptr, 10);
  if (errno != 0) return std::nullopt;
  return value;
}

}  // namespace

Arguments::Arguments(std::span<const std::string> words, std::span<const std::vector<Option>> groups,
                     std::size_t max_words) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (word.size() < 2 || word[0] != '-') {  // a lone "-" is standard input
      words_.push_back(word);
      continue;
    }
    const std::size_t equals = word.find('=');
    const std::string name = word.substr(0, equals);
    const Option* option = find(groups, name);
    if (option == nullptr) {
      complain("there is no option " + name);
    } else if (option->argument == nullptr) {
      if (equals != std::string::npos) complain(name + " takes no value");
      values_[name] = "";
    } else if (equals != std::string::npos) {
      values_[name] = word.substr(equals + 1);
    } else if (i + 1 < words.size()) {
      values_[name] = words[++i];
    } else {
      complain(name + " needs a value: " + option->argument);
    }
  }
  if (words_.size() > max_words) complain("\"" + words_[max_words] + "\" is one word too many");
}

void Arguments::complain(const std::string& text) {
  if (problem_.empty()) problem_ = text;
}

std::string Arguments::text(const char* name, std::string otherwise) const {
  const auto found = values_.find(name);
  return found == values_.end() ? otherwise : found->second;
}

int Arguments::whole(const char* name, int otherwise, int low, int high) {
  if (!has(name)) return otherwise;
  const auto value = whole_number(text(name));
  if (value && *value >= static_cast<std::uint64_t>(low) && *value <= static_cast<std::uint64_t>(high))
    return static_cast<int>(*value);
  complain(std::string(name) + " must be a whole number from " + std::to_string(low) + " to " +
           std::to_string(high) + ", not \"" + text(name) + "\"");
  return otherwise;
}

std::uint64_t Arguments::unsigned_whole(const char* name, std::uint64_t otherwise) {
  if (!has(name)) return otherwise;
  const auto value = whole_number(text(name));
  if (!value) complain(std::string(name) + " must be a whole number, not \"" + text(name) + "\"");
  return value.value_or(otherwise);
}

double Arguments::real(const char* name, double otherwise) {
  if (!has(name)) return otherwise;
  const std::string given = text(name);
  char* end = nullptr;
  const double value = std::strtod(given.c_str(), &end);
  if (!given.empty() && *end == '\0' && std::isfinite(value)) return value;
  complain(std::string(name) + " must be a number, not \"" + given + "\"");
  return otherwise;
}

std::vector<std::uint64_t> Arguments::list(const char* name, std::vector<std::uint64_t> otherwise) {
  if (!has(name)) return otherwise;
  std::vector<std::uint64_t> values;
  std::string rest = text(name) + ",";
  for (std::size_t comma; (comma = rest.find(',')) != std::string::npos; rest.erase(0, comma + 1)) {
    const auto value = whole_number(rest.substr(0, comma));
    if (!value) {
      complain(std::string(name) + " must be whole numbers with commas between, not \"" + text(name) + "\"");
      return otherwise;
    }
    values.push_back(*value);
  }
  return values;
}

std::string help_text(std::span<const std::vector<Option>> groups) {
  std::size_t width = 0;
  const auto left = [](const Option& option) {
    return std::string("  ") + option.name +
           (option.argument != nullptr ? std::string(" ") + option.argument : "");
  };
  for (const auto& group : groups)
    for (const Option& option : group) width = std::max(width, left(option).size());
  std::string text;
  for (const auto& group : groups)
    for (const Option& option : group) {
      const std::string start = left(option);
      text += start + std::string(width - start.size() + 2, ' ') + option.help + "\n";
    }
  return text;
}

}  // namespace ribostep::cli
