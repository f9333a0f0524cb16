// Command-line words to values: a table of options per command, one reader for all, help made from the table.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ribostep::cli {

struct Option {
  const char* name;      // "--epochs", or "-o"
  const char* argument;  // "N"; null: a switch
  const char* help;
};

// Values given, by option name; positional words in order. Mistakes collect in `problem`, the first one
// counts.
class Arguments {
 public:
  Arguments(std::span<const std::string> words, std::span<const std::vector<Option>> groups,
            std::size_t max_words);

  bool has(const char* name) const { return values_.count(name) != 0; }
  std::string text(const char* name, std::string otherwise = {}) const;
  int whole(const char* name, int otherwise, int low, int high);
  std::uint64_t unsigned_whole(const char* name, std::uint64_t otherwise);
  double real(const char* name, double otherwise);
  std::vector<std::uint64_t> list(const char* name, std::vector<std::uint64_t> otherwise);  // "1,2,3"

  const std::vector<std::string>& words() const { return words_; }
  const std::string& problem() const { return problem_; }
  void complain(const std::string& text);

 private:
  std::map<std::string, std::string, std::less<>> values_;
  std::vector<std::string> words_;
  std::string problem_;
};

// "  --epochs N      epochs to train (60)" for every option.
std::string help_text(std::span<const std::vector<Option>> groups);

}  // namespace ribostep::cli
